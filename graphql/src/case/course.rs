//! The way of a case beside its decision: what was ordered and done, withdrawing, forwarding, linked cases, facts, and
//! how carefully it is treated.

use std::collections::HashMap;

use async_graphql::{Context, ID, Object, Result};
use skranke_domain::case::{
    Case as CaseAggregate, CaseAct, CaseLink as DomainLink, CasesLinked, CourseAct, SenderNotice,
};
use skranke_domain::inquiry::Notice;
use skranke_domain::{CaseId, StreamId, Tenant};
use skranke_projections::{CaseSheet, EffectuationSheet, ForwardedSheet, Said, WorkRow};

use crate::caller::{Caller, coded, fault, not_loaded};
use crate::inquiry::{addressee, municipality};
use crate::office::Office;
use crate::payload::{inputs, payloads};
use crate::personal::Personal;
use crate::scalars::{CaseLink, CaseStatus, Confidentiality, Date, DateTime};
use crate::staff::{Actor, Municipality};

use super::act::{CaseChanged, Sent, perform};
use super::mutation::act;

/// Carrying out what was decided (bestilling og udførelse).
#[derive(Clone, Debug)]
pub struct Effectuation {
    pub(super) stream: StreamId,
    pub(super) sheet: EffectuationSheet,
}

/// Carrying out what was decided (bestilling og udførelse).
#[Object]
impl Effectuation {
    /// What is to be done.
    async fn what(&self, ctx: &Context<'_>) -> Result<Personal> {
        ctx.data::<Office>()?.personal(&self.stream, &self.sheet.ordered.text)
    }

    /// By when.
    async fn due(&self) -> Option<Date> {
        self.sheet.due.map(Date)
    }

    /// Who ordered it.
    async fn ordered_by(&self) -> Actor {
        Actor(self.sheet.ordered.by)
    }

    /// When.
    async fn ordered_at(&self) -> DateTime {
        DateTime(self.sheet.ordered.at)
    }

    /// The day on which it was done.
    async fn done_on(&self) -> Option<Date> {
        self.sheet.done.map(Date)
    }

    /// What was done, where there is more to say.
    async fn note(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        ctx.data::<Office>()?.personal_if_any(&self.stream, self.sheet.note.as_ref())
    }
}

/// Something that somebody wrote about the way of a case.
#[derive(Clone, Debug)]
pub struct Remark {
    pub(super) stream: StreamId,
    pub(super) said: Said,
}

/// Something that somebody wrote about the way of a case.
#[Object]
impl Remark {
    /// What.
    async fn text(&self, ctx: &Context<'_>) -> Result<Personal> {
        ctx.data::<Office>()?.personal(&self.stream, &self.said.text)
    }

    /// Who.
    async fn by(&self) -> Actor {
        Actor(self.said.by)
    }

    /// When.
    async fn at(&self) -> DateTime {
        DateTime(self.said.at)
    }
}

/// Where a case was forwarded to (videresendt, FVL § 7, stk. 2).
#[derive(Clone, Debug)]
pub struct CaseForwarding {
    pub(super) stream: StreamId,
    pub(super) sheet: ForwardedSheet,
}

/// Where a case was forwarded to (videresendt, FVL § 7, stk. 2).
#[Object]
impl CaseForwarding {
    /// The authority's short name in the register.
    async fn authority(&self) -> &str {
        self.sheet.authority.as_str()
    }

    /// What the register called it on that day.
    async fn name(&self) -> &str {
        &self.sheet.name
    }

    /// The municipality, where every municipality has such an authority.
    async fn municipality(&self, ctx: &Context<'_>) -> Result<Option<Municipality>> {
        let office = ctx.data::<Office>()?;
        Ok(self.sheet.municipality.map(|tenant| municipality(office, tenant)))
    }

    /// How the sender was told.
    async fn sender_informed(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        let office = ctx.data::<Office>()?;
        match &self.sheet.notice {
            SenderNotice::Informed(how) => office.personal(&self.stream, how).map(Some),
            SenderNotice::Waived(_) => Ok(None),
        }
    }

    /// Why the sender was not told.
    async fn not_informed_because(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        let office = ctx.data::<Office>()?;
        match &self.sheet.notice {
            SenderNotice::Waived(reason) => office.personal(&self.stream, reason).map(Some),
            SenderNotice::Informed(_) => Ok(None),
        }
    }

    /// Who forwarded it.
    async fn by(&self) -> Actor {
        Actor(self.sheet.by)
    }

    /// When.
    async fn at(&self) -> DateTime {
        DateTime(self.sheet.at)
    }
}

/// Another case that belongs to this one: its number and how it stands, and nothing else of it.
#[derive(Clone, Debug)]
pub struct LinkedCase {
    linked: CasesLinked,
    row: WorkRow,
}

/// Another case that belongs to this one: its number and how it stands, and nothing else of it.
#[Object]
impl LinkedCase {
    /// The other case.
    async fn case_id(&self) -> ID {
        ID(self.linked.other.to_string())
    }

    /// Its number.
    async fn number(&self) -> &str {
        &self.row.number
    }

    /// How it belongs to this one.
    async fn link(&self) -> CaseLink {
        self.linked.link.into()
    }

    /// How it stands.
    async fn state(&self) -> CaseStatus {
        self.row.state.into()
    }
}

impl LinkedCase {
    /// The cases that belong to one, in the order in which they were linked.
    pub(super) async fn of_case(office: &Office, tenant: Tenant, sheet: &CaseSheet) -> Result<Vec<Self>> {
        let links = &sheet.file.links;
        let rows = office.views.work_rows(tenant, links.iter().map(|linked| linked.other).collect()).await;
        let rows = rows.map_err(|error| fault(&error))?;
        let mut rows: HashMap<CaseId, WorkRow> = rows.into_iter().map(|row| (row.id, row)).collect();
        let found = links.iter().filter_map(|linked| Some((*linked, rows.remove(&linked.other)?)));
        Ok(found.map(|(linked, row)| Self { linked, row }).collect())
    }
}

payloads! { CaseChanged:
    /// What came of noting a fact.
    FactNotePayload,
    /// What came of marking confidentiality.
    ConfidentialityMarkPayload,
    /// What came of ordering.
    EffectuationOrderPayload,
    /// What came of noting that it is done.
    EffectuatePayload,
    /// What came of noting that the citizen withdrew.
    CaseWithdrawPayload,
    /// What came of forwarding.
    CaseForwardPayload,
    /// What came of linking.
    CaseLinkPayload,
}

inputs! { case_id "The case.":
    /// Note facts that matter to the decision.
    FactNoteInput {
        /// What is known now.
        text: String,
        /// Where it is from.
        source: String = "",
    }
    /// Say how carefully a case is treated.
    ConfidentialityMarkInput {
        /// How.
        level: Confidentiality,
        /// Why.
        reason: String,
    }
    /// Have what was decided carried out.
    EffectuationOrderInput {
        /// What is to be done.
        what: String,
        /// By when.
        due: Option<Date>,
    }
    /// Note that what was decided is carried out.
    EffectuateInput {
        /// The day on which it was done; today if it is not said.
        on: Option<Date>,
        /// What was done.
        note: String = "",
    }
    /// Note that the citizen does not want a decision any more.
    CaseWithdrawInput {
        /// How the citizen said so, and why if they did.
        reason: String,
    }
    /// Pass a case on to the authority whose business it is.
    CaseForwardInput {
        /// The authority's short name in the register.
        authority: String,
        /// The municipality's code, for an authority that every municipality has.
        municipality: Option<String>,
        /// How the sender was told, and what was said.
        sender_informed: Option<String>,
        /// Why the sender was not told.
        not_informed_because: Option<String>,
    }
    /// Link another case of the municipality.
    CaseLinkInput {
        /// The other case.
        other_case_id: ID,
        /// How it belongs to this one.
        link: CaseLink,
    }
}

fn about(act: CourseAct) -> CaseAct {
    CaseAct::Course(Box::new(act))
}

/// Acts on the way of a case.
#[derive(Default)]
pub struct CourseMutation;

#[Object]
impl CourseMutation {
    /// Note facts that came by word of mouth or were seen and matter to the decision (notatpligt, OFL § 13).
    async fn fact_note(&self, ctx: &Context<'_>, input: FactNoteInput) -> Result<FactNotePayload> {
        act!(ctx, input, about(CourseAct::NoteFact { text: input.text, source: input.source }))
    }

    /// Say how carefully a case is treated (fortrolighed). Lists do not show what a confidential one is about.
    async fn confidentiality_mark(
        &self,
        ctx: &Context<'_>,
        input: ConfidentialityMarkInput,
    ) -> Result<ConfidentialityMarkPayload> {
        let (level, reason) = (input.level.into(), input.reason);
        act!(ctx, input, about(CourseAct::MarkConfidentiality { level, reason }))
    }

    /// Have what was decided carried out (bestil).
    async fn effectuation_order(
        &self,
        ctx: &Context<'_>,
        input: EffectuationOrderInput,
    ) -> Result<EffectuationOrderPayload> {
        let (what, due) = (input.what, input.due.map(|date| date.0));
        act!(ctx, input, about(CourseAct::OrderEffectuation { what, due }))
    }

    /// Note that what was decided is carried out (udført).
    async fn effectuate(&self, ctx: &Context<'_>, input: EffectuateInput) -> Result<EffectuatePayload> {
        let (on, note) = (input.on.map(|date| date.0), input.note);
        act!(ctx, input, about(CourseAct::Effectuate { on, note }))
    }

    /// Note that the citizen does not want a decision any more (frafald).
    async fn case_withdraw(
        &self,
        ctx: &Context<'_>,
        input: CaseWithdrawInput,
    ) -> Result<CaseWithdrawPayload> {
        act!(ctx, input, about(CourseAct::Withdraw { reason: input.reason }))
    }

    /// Pass a case on to the authority whose business it is (videresend, FVL § 7, stk. 2). In another municipality of
    /// this house it arrives as an inquiry a moment later.
    async fn case_forward(&self, ctx: &Context<'_>, input: CaseForwardInput) -> Result<CaseForwardPayload> {
        let caller = *Caller::of(ctx)?;
        let (authority, place) = (input.authority.as_str(), input.municipality.as_deref());
        let to = addressee(ctx, &caller, authority, place, &input.case_id).await?;
        let notice = match (input.sender_informed, input.not_informed_because) {
            (Some(how), _) => Some(Notice::Given { how }),
            (None, Some(reason)) => Some(Notice::Waived { reason }),
            (None, None) => None,
        };
        act!(ctx, input, about(CourseAct::Forward { to, notice }))
    }

    /// Link another case of the municipality (knyt sager sammen); that one shows it a moment later.
    async fn case_link(&self, ctx: &Context<'_>, input: CaseLinkInput) -> Result<CaseLinkPayload> {
        let (office, caller) = (ctx.data::<Office>()?, *Caller::of(ctx)?);
        let other = input.other_case_id.parse::<CaseId>();
        let other = other.map_err(|_| coded("otherCaseId is not an id", "BAD_ID"))?;
        // From the other case's own stream: a rule decides on it.
        let state = office.desk.load::<CaseAggregate>(&CaseAggregate::stream(caller.tenant, other)).await;
        let (state, _) = state.map_err(|error| not_loaded(&error, caller.lang))?;
        let another = input.case_id.parse::<CaseId>() != Ok(other);
        let other_is_there = another && state != CaseAggregate::Unopened;
        let link = DomainLink::from(input.link);
        act!(ctx, input, about(CourseAct::Link { other, link, other_is_there }))
    }
}
