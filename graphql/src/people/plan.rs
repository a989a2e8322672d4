//! Absence and substitutes: who is away, and who acts for them meanwhile.

use async_graphql::{Context, ID, Object, Result};
use skranke_domain::user::UserAct;
use skranke_domain::{Roles, UserId};

use crate::caller::{Caller, coded, not_loaded};
use crate::case::Sent;
use crate::office::Office;
use crate::payload::{inputs, payloads};
use crate::reach;
use crate::scalars::Date;

use super::act::{StaffChanged, perform};

payloads! {
    StaffChanged:
    /// What came of registering an absence.
    AbsenceRegisterPayload,
    /// What came of ending an absence.
    AbsenceEndPayload,
    /// What came of naming a substitute.
    SubstituteNamePayload,
    /// What came of withdrawing a substitute.
    SubstituteWithdrawPayload,
}

inputs! {
    staff_id "The member of staff.":
    /// Note that somebody is away.
    AbsenceRegisterInput {
        /// The first day.
        from: Date,
        /// The last day, if it is known.
        until: Option<Date>,
    }
    /// Note that somebody is back.
    AbsenceEndInput {
        /// The first day back.
        on: Date,
    }
    /// Name who acts for somebody while they are away.
    SubstituteNameInput {
        /// Who.
        substitute_id: ID,
    }
    /// Let nobody act for somebody.
    SubstituteWithdrawInput {}
}

/// Acts on absence and substitutes.
#[derive(Default)]
pub struct PlanMutation;

/// Translates an input into its act, calls, and translates the answer.
macro_rules! act {
    ($ctx:expr, $input:expr, $act:expr) => {{
        let sent = Sent { key: $input.idempotency_key, expected: $input.expected_version };
        perform($ctx, &$input.staff_id, $act, sent).await.map(Into::into)
    }};
}

#[Object]
impl PlanMutation {
    /// Note that somebody is away (registrér fravær): oneself, or by a team lead or administrator.
    async fn absence_register(
        &self,
        ctx: &Context<'_>,
        input: AbsenceRegisterInput,
    ) -> Result<AbsenceRegisterPayload> {
        let (from, until) = (input.from.0, input.until.map(|until| until.0));
        act!(ctx, input, UserAct::RegisterAbsence { from, until })
    }

    /// Note that somebody is back (afslut fravær).
    async fn absence_end(&self, ctx: &Context<'_>, input: AbsenceEndInput) -> Result<AbsenceEndPayload> {
        act!(ctx, input, UserAct::EndAbsence { on: input.on.0 })
    }

    /// Name who acts for somebody while they are away (udpeg stedfortræder).
    async fn substitute_name(
        &self,
        ctx: &Context<'_>,
        input: SubstituteNameInput,
    ) -> Result<SubstituteNamePayload> {
        let (office, Caller { tenant, lang, .. }) = (ctx.data::<Office>()?, *Caller::of(ctx)?);
        let bad = |_| coded("substituteId is not an id", "BAD_ID");
        let substitute = input.substitute_id.parse::<UserId>().map_err(bad)?;
        // From the streams of those people, not from a view: a rule decides on it.
        let newer = |error| not_loaded(&error, lang);
        let user = reach::user(office, tenant, substitute).await.map_err(newer)?;
        let chain = reach::substitutes_of(office, tenant, &user).await.map_err(newer)?;
        // A system outside stands in for nobody, whatever role it has.
        let roles = if user.is_service() { Roles::default() } else { user.roles() };
        act!(ctx, input, UserAct::NameSubstitute { substitute, roles, chain })
    }

    /// Let nobody act for somebody (fjern stedfortræder).
    async fn substitute_withdraw(
        &self,
        ctx: &Context<'_>,
        input: SubstituteWithdrawInput,
    ) -> Result<SubstituteWithdrawPayload> {
        act!(ctx, input, UserAct::WithdrawSubstitute)
    }
}
