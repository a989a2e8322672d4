//! One mutation per act on a deadline, and on what is asked for meanwhile.

use async_graphql::{Context, Object, Result};
use skranke_domain::case::{CaseAct, DeadlineAct};

use crate::case::act::{CaseChanged, Sent, perform};
use crate::case::mutation::act;
use crate::office::Office;
use crate::payload::{inputs, payloads};
use crate::scalars::{Date, WaitingFor};

payloads! { CaseChanged:
    /// What came of suspending.
    DeadlineSuspendPayload,
    /// What came of resuming.
    DeadlineResumePayload,
    /// What came of extending.
    DeadlineExtendPayload,
    /// What came of telling the citizen of a delay.
    DelayNoticeSendPayload,
    /// What came of asking for information.
    InformationRequestPayload,
    /// What came of noting that information is there.
    InformationReceivePayload,
}

inputs! { case_id "The case.":
    /// Stop the deadline while somebody is waited for.
    DeadlineSuspendInput {
        /// The first day that does not count; today when left out.
        from: Option<Date>,
        /// Who is waited for.
        waiting_for: Option<WaitingFor>,
        /// Why.
        reason: String,
    }
    /// Let the deadline run again.
    DeadlineResumeInput {
        /// The first day that counts again; today when left out.
        on: Option<Date>,
    }
    /// Extend the deadline.
    DeadlineExtendInput {
        /// By how many days, counted as the rule counts.
        days: u32,
        /// Why.
        reason: String,
    }
    /// Note that the citizen was told of a delay.
    DelayNoticeSendInput {
        /// When a decision can be expected.
        expected: Date,
        /// Why it takes longer.
        reason: String,
    }
    /// Ask somebody for information.
    InformationRequestInput {
        /// Who is asked.
        waiting_for: Option<WaitingFor>,
        /// What for.
        what: String,
        /// By when an answer is asked for.
        reply_by: Option<Date>,
        /// Whether the deadline stops until it is there.
        suspend: bool = false,
    }
    /// Note that information is there. A pause that waited for it ends.
    InformationReceiveInput {
        /// The number of the request it answers.
        number: u32,
        /// What it is, in a few words.
        what: String = "",
    }
}

/// Acts on deadlines.
#[derive(Default)]
pub struct DeadlineMutation;

#[Object]
impl DeadlineMutation {
    /// Stop the deadline while somebody is waited for (sæt i bero).
    async fn deadline_suspend(
        &self,
        ctx: &Context<'_>,
        input: DeadlineSuspendInput,
    ) -> Result<DeadlineSuspendPayload> {
        let from = day(ctx, input.from)?;
        let waiting_for = input.waiting_for.map(Into::into);
        act!(ctx, input, CaseAct::Deadline(DeadlineAct::Suspend { from, waiting_for, reason: input.reason }))
    }

    /// Let the deadline run again.
    async fn deadline_resume(
        &self,
        ctx: &Context<'_>,
        input: DeadlineResumeInput,
    ) -> Result<DeadlineResumePayload> {
        let on = day(ctx, input.on)?;
        act!(ctx, input, CaseAct::Deadline(DeadlineAct::Resume { on }))
    }

    /// Extend the deadline (forlæng).
    async fn deadline_extend(
        &self,
        ctx: &Context<'_>,
        input: DeadlineExtendInput,
    ) -> Result<DeadlineExtendPayload> {
        act!(ctx, input, CaseAct::Deadline(DeadlineAct::Extend { days: input.days, reason: input.reason }))
    }

    /// Note that the citizen was told in writing of a delay (Retssikkerhedsloven § 3, stk. 2).
    async fn delay_notice_send(
        &self,
        ctx: &Context<'_>,
        input: DelayNoticeSendInput,
    ) -> Result<DelayNoticeSendPayload> {
        let notice = DeadlineAct::SendDelayNotice { expected: input.expected.0, reason: input.reason };
        act!(ctx, input, CaseAct::Deadline(notice))
    }

    /// Ask somebody for information (indhent oplysninger).
    async fn information_request(
        &self,
        ctx: &Context<'_>,
        input: InformationRequestInput,
    ) -> Result<InformationRequestPayload> {
        let request = DeadlineAct::RequestInformation {
            of: input.waiting_for.map(Into::into),
            what: input.what,
            reply_by: input.reply_by.map(|date| date.0),
            suspend: input.suspend,
        };
        act!(ctx, input, CaseAct::Deadline(request))
    }

    /// Note that information is there.
    async fn information_receive(
        &self,
        ctx: &Context<'_>,
        input: InformationReceiveInput,
    ) -> Result<InformationReceivePayload> {
        let receive = DeadlineAct::ReceiveInformation { number: input.number, what: input.what };
        act!(ctx, input, CaseAct::Deadline(receive))
    }
}

/// The day that was given, or today.
fn day(ctx: &Context<'_>, given: Option<Date>) -> Result<jiff::civil::Date> {
    let office = ctx.data::<Office>()?;
    Ok(given.map_or_else(|| office.today(), |date| date.0))
}
