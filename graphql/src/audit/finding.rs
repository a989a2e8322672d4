//! Findings: recorded by the auditor, answered by the municipality, listed for whoever has to do with them.
//!
//! An auditor sees those of an engagement within their own; a team lead those about cases that they reach; an
//! administrator those about engagements as a whole. A list tells nothing of what was found until a finding is opened.

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use skranke_domain::access_log::{AccessEvent, AuditRead, CaseListed, CaseViewed};
use skranke_domain::engagement::{
    self, About, Answer as FindingReply, Engagement, EngagementAct, EngagementEvent, EngagementRefusal,
    Record,
};
use skranke_domain::{CaseId, EngagementId, Purpose, Refusal, Role, StreamId, Tenant};
use skranke_projections::{FindingAnswer, FindingRow as FindingSheet, FindingsQuery, FindingsSeen};
use skranke_store::Receipt;
use uuid::Uuid;

use crate::access;
use crate::caller::{Caller, coded, fault, not_loaded};
use crate::case::{Case, Sent};
use crate::connection::{PageInfo, connection, cursor, page_size};
use crate::office::Office;
use crate::payload::{inputs, payloads};
use crate::personal::Personal;
use crate::reach;
use crate::scalars::{DateTime, Position, mirrored};
use crate::staff::Actor;

use super::engagement::{Within, engagement_id, numbered, refused};

/// Those who have to do with findings.
const CONCERNED: &[Role] = &[Role::TeamLead, Role::Auditor, Role::Administrator];

mirrored! {
    /// How much a finding weighs: an observation asks for nothing, a recommendation for something better, a remark
    /// (revisionsbemærkning) says that a rule was not kept or the accounts are not right.
    FindingSeverity = engagement::Severity { Observation, Recommendation, Remark }
}

connection! {
    /// A page of findings.
    FindingConnection, FindingEdge, FindingRow
}

/// A finding as the list shows it: nothing of what was found until it is opened.
#[derive(SimpleObject, Clone, Debug)]
pub struct FindingRow {
    /// The finding's id.
    pub id: ID,
    /// The engagement.
    pub engagement_id: ID,
    /// Which of its findings, counted from 1.
    pub number: u32,
    /// The case it is about; absent when it is about the engagement as a whole.
    pub case_id: Option<ID>,
    /// Its number.
    pub case_number: Option<String>,
    /// How much it weighs.
    pub severity: FindingSeverity,
    /// The rule it is measured by.
    pub rule: Option<String>,
    /// When it was recorded.
    pub recorded_at: DateTime,
    /// Whether the municipality has answered.
    pub answered: bool,
}

/// A finding (revisionsfund), with what was answered to it.
#[derive(Clone, Debug)]
pub struct Finding {
    tenant: Tenant,
    sheet: FindingSheet,
}

/// What the municipality says to a finding.
#[derive(Clone, Debug)]
pub struct FindingAnswered {
    stream: StreamId,
    answer: FindingAnswer,
}

/// What the municipality says to a finding.
#[Object]
impl FindingAnswered {
    /// What.
    async fn text(&self, ctx: &Context<'_>) -> Result<Personal> {
        ctx.data::<Office>()?.personal(&self.stream, &self.answer.text)
    }

    /// Who.
    async fn by(&self) -> Actor {
        Actor(self.answer.by)
    }

    /// When.
    async fn at(&self) -> DateTime {
        DateTime(self.answer.at)
    }
}

impl Finding {
    fn stream(&self) -> StreamId {
        Engagement::stream(self.tenant, self.sheet.engagement)
    }

    /// The finding that has this id, for whoever may open it. The look is logged.
    pub(crate) async fn by_id(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        let (office, caller) = (ctx.data::<Office>()?, Caller::with(ctx, CONCERNED).await?);
        let found = office.views.finding_by_id(caller.tenant, id).await.map_err(|error| fault(&error))?;
        let Some(sheet) = found else { return Ok(None) };
        opened(ctx, sheet.engagement, Some(Self { tenant: caller.tenant, sheet })).await
    }

    async fn find(
        office: &Office,
        tenant: Tenant,
        engagement: EngagementId,
        number: u32,
    ) -> Result<Option<Self>> {
        let found = office.views.finding(tenant, engagement, number).await.map_err(|error| fault(&error))?;
        Ok(found.map(|sheet| Self { tenant, sheet }))
    }
}

/// A finding (revisionsfund), with what was answered to it.
#[Object]
impl Finding {
    /// The id.
    pub(crate) async fn id(&self) -> ID {
        ID(self.sheet.id.to_string())
    }

    /// The engagement.
    async fn engagement_id(&self) -> ID {
        ID(self.sheet.engagement.to_string())
    }

    /// Which of its findings, counted from 1.
    async fn number(&self) -> u32 {
        self.sheet.recorded.finding
    }

    /// The case it is about; absent when it is about the engagement as a whole.
    async fn case_id(&self) -> Option<ID> {
        self.sheet.recorded.case.map(|case| ID(case.to_string()))
    }

    /// How much it weighs.
    async fn severity(&self) -> FindingSeverity {
        self.sheet.recorded.severity.into()
    }

    /// The rule it is measured by.
    async fn rule(&self) -> Option<&str> {
        self.sheet.recorded.rule.as_deref()
    }

    /// What was found.
    async fn text(&self, ctx: &Context<'_>) -> Result<Personal> {
        ctx.data::<Office>()?.personal(&self.stream(), &self.sheet.recorded.text)
    }

    /// Who found it.
    async fn recorded_by(&self) -> Actor {
        Actor(self.sheet.by)
    }

    /// When.
    async fn recorded_at(&self) -> DateTime {
        DateTime(self.sheet.at)
    }

    /// What the municipality answered, oldest first; the newest counts.
    async fn answers(&self) -> Vec<FindingAnswered> {
        let answers = self.sheet.answers.iter().cloned();
        answers.map(|answer| FindingAnswered { stream: self.stream(), answer }).collect()
    }
}

/// Questions about findings. Each is logged.
#[derive(Default)]
pub struct FindingQuery;

#[Object]
impl FindingQuery {
    /// Findings, the oldest first: of an engagement (an auditor must name one), or all that the caller may see; on request
    /// only those that wait for an answer.
    #[graphql(complexity = "usize::try_from(first).unwrap_or(100) * child_complexity + 1")]
    async fn findings(
        &self,
        ctx: &Context<'_>,
        engagement_id: Option<ID>,
        #[graphql(default = false)] unanswered: bool,
        first: i32,
        after: Option<String>,
    ) -> Result<FindingConnection> {
        let (office, caller) = (ctx.data::<Office>()?, Caller::with(ctx, CONCERNED).await?);
        let engagement = engagement_id.as_ref().map(self::engagement_id);
        let seen = seen(office, caller, engagement, ctx.field().name()).await?;
        let audits = seen == FindingsSeen::All;
        let (after, first) = (cursor(after)?, page_size(first)?);
        let query = FindingsQuery { engagement, unanswered, seen, after, first };
        let page = office.views.findings(caller.tenant, query).await.map_err(|error| fault(&error))?;
        let (purpose, event) = if audits {
            (Purpose::Audit, AccessEvent::AuditRead(AuditRead { case: None }))
        } else {
            let rows = u32::try_from(page.items.len()).unwrap_or(u32::MAX);
            (Purpose::Supervision, AccessEvent::CaseListed(CaseListed { rows }))
        };
        access::viewed(office, caller, purpose, event).await?;
        let mut cases: Vec<_> = page.items.iter().filter_map(|item| item.row.recorded.case).collect();
        cases.sort_unstable();
        cases.dedup();
        let rows = office.views.work_rows(caller.tenant, cases).await.map_err(|error| fault(&error))?;
        let number = |case: CaseId| rows.iter().find(|row| row.id == case).map(|row| row.number.clone());
        let page_info = PageInfo::of(&page);
        let edges = page.items.into_iter().map(|item| FindingEdge {
            cursor: item.cursor.to_string(),
            node: FindingRow {
                id: ID(item.row.id.to_string()),
                engagement_id: ID(item.row.engagement.to_string()),
                number: item.row.recorded.finding,
                case_id: item.row.recorded.case.map(|case| ID(case.to_string())),
                case_number: item.row.recorded.case.and_then(number),
                severity: item.row.recorded.severity.into(),
                rule: item.row.recorded.rule,
                recorded_at: DateTime(item.row.at),
                answered: !item.row.answers.is_empty(),
            },
        });
        Ok(FindingConnection { edges: edges.collect(), page_info })
    }

    /// Opens a finding with its answers. The look is logged.
    async fn finding(&self, ctx: &Context<'_>, engagement_id: ID, finding: i32) -> Result<Option<Finding>> {
        let (office, caller) = (ctx.data::<Office>()?, Caller::with(ctx, CONCERNED).await?);
        let id = self::engagement_id(&engagement_id);
        let found = Finding::find(office, caller.tenant, id, numbered(finding)).await?;
        opened(ctx, id, found).await
    }
}

/// Lets the caller open a finding of this engagement, if they may, and logs the look. Whether there is no such finding is
/// told to whoever could have opened it.
async fn opened(ctx: &Context<'_>, id: EngagementId, found: Option<Finding>) -> Result<Option<Finding>> {
    let (office, caller) = (ctx.data::<Office>()?, Caller::of(ctx)?);
    let attempt = ctx.field().name();
    let case = found.as_ref().and_then(|found| found.sheet.recorded.case);
    if caller.roles.has(Role::Auditor) {
        reach::audited_engagement(office, caller, id, attempt).await?;
        let event = AccessEvent::AuditRead(AuditRead { case });
        access::viewed(office, caller, Purpose::Audit, event).await?;
        return Ok(found);
    }
    match case {
        Some(case) if caller.roles.has(Role::TeamLead) => {
            let Some(shown) = Case::find(office, caller.tenant, case).await? else { return Ok(None) };
            reach::open_case(office, caller, (case, &shown.sheet.file), attempt).await?;
            let event = AccessEvent::CaseViewed(CaseViewed { case });
            access::viewed(office, caller, Purpose::Supervision, event).await?;
        }
        None if found.is_none() || caller.roles.has(Role::Administrator) => {}
        Some(_) | None => {
            let refusal = EngagementRefusal::NotYoursToAnswer;
            access::refused(office, caller, attempt, refusal.code(), case).await;
            return Err(coded(&refusal.message(caller.lang), refusal.code()));
        }
    }
    Ok(found)
}

/// Which findings the caller may come upon.
async fn seen(
    office: &Office,
    caller: &Caller,
    engagement: Option<EngagementId>,
    attempt: &str,
) -> Result<FindingsSeen> {
    if let Some(id) = engagement.filter(|_| caller.roles.has(Role::Auditor)) {
        reach::audited_engagement(office, caller, id, attempt).await?;
        return Ok(FindingsSeen::All);
    }
    let (lead, administrator) = (caller.roles.has(Role::TeamLead), caller.roles.has(Role::Administrator));
    if !lead && !administrator {
        let text =
            caller.lang.pick("Sig, hvilken revisionsopgave det gælder.", "Say which engagement it is about.");
        return Err(coded(text, "ENGAGEMENT_MISSING"));
    }
    let about_cases = if lead { Some(reach::of_lists(office, caller).await?) } else { None };
    Ok(FindingsSeen::ToAnswer { about_cases, about_engagements: administrator })
}

/// The act was carried out.
#[derive(SimpleObject, Clone, Debug)]
pub struct FindingChanged {
    /// The finding.
    pub finding: Finding,
    /// The revision of the engagement's newest event.
    pub revision: i64,
    /// The place of that event in the log.
    pub position: Position,
    /// Whether the read model has come this far.
    pub caught_up: bool,
}

payloads! { FindingChanged:
    /// What came of recording a finding.
    FindingRecordPayload,
    /// What came of answering a finding.
    FindingAnswerPayload,
}

inputs! { engagement_id "The engagement.":
    /// Record a finding.
    FindingRecordInput {
        /// The case it is about; none when it is about the engagement as a whole.
        case_id: Option<ID>,
        /// How much it weighs.
        severity: FindingSeverity,
        /// The rule it is measured by, as lawyers cite it.
        rule: Option<String>,
        /// What was found.
        text: String,
    }
    /// Answer a finding.
    FindingAnswerInput {
        /// Which of the engagement's findings.
        finding: i32,
        /// What the municipality says to it.
        text: String,
    }
}

/// Acts on findings.
#[derive(Default)]
pub struct FindingMutation;

#[Object]
impl FindingMutation {
    /// Record a finding about a case of an engagement, or about the engagement as a whole (notér revisionsfund), as its
    /// auditor.
    async fn finding_record(
        &self,
        ctx: &Context<'_>,
        input: FindingRecordInput,
    ) -> Result<FindingRecordPayload> {
        let sent = Sent { key: input.idempotency_key, expected: input.expected_version };
        let within = Within::load(ctx, &input.engagement_id, sent, Purpose::Audit).await?;
        let Ok(case) = input.case_id.map(|id| id.parse::<CaseId>()).transpose() else {
            return refused(ctx, EngagementRefusal::NoSuchCase).await.map(Into::into);
        };
        let about = match case {
            Some(case) => About::Case(within.case(case).await?),
            None => About::Engagement(Engagement::subject(within.id)),
        };
        let severity = input.severity.into();
        let wish = Record { about, severity, rule: input.rule, text: input.text };
        let done = async |event, receipt| changed(&within, event, receipt).await;
        within.perform(ctx, EngagementAct::Record(wish), case, done).await.map(Into::into)
    }

    /// Answer a finding for the municipality (svar på revisionsfund): one about a case as a team lead with access to it,
    /// one about the engagement as a whole as an administrator. It may be answered again; the newest answer counts.
    async fn finding_answer(
        &self,
        ctx: &Context<'_>,
        input: FindingAnswerInput,
    ) -> Result<FindingAnswerPayload> {
        let sent = Sent { key: input.idempotency_key, expected: input.expected_version };
        let mut within = Within::load(ctx, &input.engagement_id, sent, Purpose::Supervision).await?;
        let finding = numbered(input.finding);
        let case = within.state.file().and_then(|file| file.findings.get(&finding)?.case);
        let mut reaches_case = false;
        if let Some(case) = case {
            let of = within.case(case).await?;
            let under = reach::to_write(within.office, &mut within.act, &of.case).await;
            let under = under.map_err(|error| not_loaded(&error, within.caller.lang))?;
            reaches_case = of.file().is_some_and(|file| file.is_reached(&under));
        }
        let wish = FindingReply { finding, text: input.text, reaches_case };
        let done = async |event, receipt| changed(&within, event, receipt).await;
        within.perform(ctx, EngagementAct::Answer(wish), case, done).await.map(Into::into)
    }
}

/// What a screen shows after an act on a finding.
async fn changed(
    within: &Within<'_>,
    event: Option<EngagementEvent>,
    receipt: Receipt,
) -> Result<FindingChanged> {
    let office = within.office;
    let caught_up = office.views.wait_for(receipt.position, office.patience).await;
    let lag = || coded("the act was stored, but the views lag: read again", "VIEWS_LAG");
    let number = match event {
        Some(EngagementEvent::FindingRecorded(recorded)) => recorded.finding,
        Some(EngagementEvent::FindingAnswered(answered)) => answered.finding,
        Some(_) | None => return Err(lag()),
    };
    let finding = Finding::find(office, within.caller.tenant, within.id, number).await?.ok_or_else(lag)?;
    let revision = receipt.revision.and_then(|number| i64::try_from(number).ok()).unwrap_or(i64::MAX);
    Ok(FindingChanged { finding, revision, position: Position(receipt.position), caught_up })
}
