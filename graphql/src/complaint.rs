//! Complaints: the list by stage and deadline, a complaint with all that came of it, and one mutation per act.

mod follow;
mod mutation;

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use skranke_domain::access_log::{AccessEvent, CaseListed, CaseViewed};
use skranke_domain::case::Circumstances;
use skranke_domain::complaint::{Complaint as ComplaintAggregate, ComplaintActKind};
use skranke_domain::{CaseId, ComplaintId, Purpose, StreamId, Tenant};
use skranke_projections::{ComplaintSheet, DatedQuery, ForwardingSheet, OutcomeSheet, ReassessmentSheet};

use crate::access;
use crate::caller::{Caller, WORKERS, coded, fault};
use crate::connection::{ComplaintConnection, ComplaintEdge, PageInfo, cursor, page_size};
use crate::office::Office;
use crate::papers;
use crate::personal::Personal;
use crate::reach;
use crate::refusal::Refused;
use crate::scalars::{AppealOutcome, Channel, ComplaintAction, ComplaintStage, Date, DateTime, Timeliness};
use crate::staff::Actor;
use crate::term::{Reasoned, Term};
use crate::words;

pub use follow::{NotFollowed, follow_complaint};
pub use mutation::ComplaintMutation;

/// An authority of the register.
#[derive(SimpleObject, Clone, Debug)]
pub struct NamedAuthority {
    /// Its slug.
    pub slug: String,
    /// Its name in the language of the request; the slug where the register no longer holds it.
    pub name: String,
}

fn authority(ctx: &Context<'_>, slug: &str) -> Result<NamedAuthority> {
    let (office, lang) = (ctx.data::<Office>()?, Caller::of(ctx)?.lang);
    let name = office.authority(slug, lang).unwrap_or(slug).to_owned();
    Ok(NamedAuthority { slug: slug.to_owned(), name })
}

/// A complaint as the list shows it: nothing personal until it is opened.
#[derive(Clone, Debug)]
pub struct ComplaintRow {
    sheet: ComplaintSheet,
    case_number: Option<String>,
}

/// A complaint as the list shows it: nothing personal until it is opened.
#[Object]
impl ComplaintRow {
    /// The id.
    async fn id(&self) -> ID {
        ID(self.sheet.id.to_string())
    }

    /// The case.
    async fn case_id(&self) -> ID {
        ID(self.sheet.file.case.to_string())
    }

    /// Its number.
    async fn case_number(&self) -> Option<&str> {
        self.case_number.as_deref()
    }

    /// How far it has come.
    async fn stage(&self) -> ComplaintStage {
        self.sheet.file.stage.into()
    }

    /// Whether it came in time.
    async fn timeliness(&self) -> Timeliness {
        self.sheet.file.timeliness.into()
    }

    /// The day it came in.
    async fn received(&self) -> Date {
        Date(self.sheet.received)
    }

    /// How it came in.
    async fn channel(&self) -> Channel {
        self.sheet.channel.into()
    }

    /// Until when the authority looks again.
    async fn reassessment(&self) -> Option<Term> {
        self.sheet.reassessment.clone().map(Term)
    }

    /// What the newest event is called in the language of the request.
    async fn last_event(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(words::event_title(&self.sheet.last_event_type, Caller::of(ctx)?.lang))
    }

    /// When the newest event happened.
    async fn last_event_at(&self) -> DateTime {
        DateTime(self.sheet.last_event_at)
    }
}

/// A complaint (klage).
#[derive(Clone, Debug)]
pub struct Complaint {
    tenant: Tenant,
    sheet: ComplaintSheet,
}

/// What can be done with a complaint now, and what stands in the way.
#[derive(SimpleObject, Clone, Debug)]
pub struct AvailableComplaintAction {
    /// Which act.
    pub name: ComplaintAction,
    /// Whether it may be tried.
    pub allowed: bool,
    /// Why not, the weightiest first; empty when allowed.
    pub refusals: Vec<Refused>,
}

impl Complaint {
    fn stream(&self) -> StreamId {
        ComplaintAggregate::stream(self.tenant, self.sheet.id)
    }

    fn reasoned(&self, reasoned: Option<&skranke_projections::Reasoned>) -> Option<Reasoned> {
        Some(Reasoned { stream: self.stream(), reasoned: reasoned?.clone() })
    }

    async fn find(office: &Office, tenant: Tenant, id: ComplaintId) -> Result<Option<Self>> {
        let sheet = office.views.complaint(tenant, id).await.map_err(|error| fault(&error))?;
        Ok(sheet.map(|sheet| Self { tenant, sheet }))
    }

    /// The complaints over decisions of a case.
    pub(crate) async fn of_case(office: &Office, tenant: Tenant, case: CaseId) -> Result<Vec<Self>> {
        let sheets = office.views.complaints_of(tenant, case).await.map_err(|error| fault(&error))?;
        Ok(sheets.into_iter().map(|sheet| Self { tenant, sheet }).collect())
    }
}

/// A complaint (klage).
#[Object]
impl Complaint {
    /// The id.
    pub(crate) async fn id(&self) -> ID {
        ID(self.sheet.id.to_string())
    }

    /// The case.
    async fn case_id(&self) -> ID {
        ID(self.sheet.file.case.to_string())
    }

    /// The revision of its newest event: hand it in as `expectedVersion`.
    async fn revision(&self) -> i64 {
        i64::try_from(self.sheet.revision).unwrap_or(i64::MAX)
    }

    /// How far it has come.
    async fn stage(&self) -> ComplaintStage {
        self.sheet.file.stage.into()
    }

    /// Whether it came in time.
    async fn timeliness(&self) -> Timeliness {
        self.sheet.file.timeliness.into()
    }

    /// Which of the case's decisions it is over, counted from 1.
    async fn decision(&self) -> u32 {
        self.sheet.decision
    }

    /// The day it came in.
    async fn received(&self) -> Date {
        Date(self.sheet.received)
    }

    /// How it came in. Spoken complaints count.
    async fn channel(&self) -> Channel {
        self.sheet.channel.into()
    }

    /// Who complains.
    async fn complainant(&self, ctx: &Context<'_>) -> Result<Personal> {
        ctx.data::<Office>()?.personal(&self.stream(), &self.sheet.complainant)
    }

    /// What they say, where they said more than that they complain.
    async fn text(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        ctx.data::<Office>()?.personal_if_any(&self.stream(), self.sheet.text.as_ref())
    }

    /// The day the decision reached the party.
    async fn decision_received(&self) -> Option<Date> {
        self.sheet.decision_received.map(Date)
    }

    /// Until when one could complain, where a rule sets a limit.
    async fn limit(&self) -> Option<Term> {
        self.sheet.limit.clone().map(Term)
    }

    /// Until when the authority looks again, where a rule says so.
    async fn reassessment(&self) -> Option<Term> {
        self.sheet.reassessment.clone().map(Term)
    }

    /// The complaint body that the rules name.
    async fn body(&self, ctx: &Context<'_>) -> Result<Option<NamedAuthority>> {
        self.sheet.file.body.as_deref().map(|slug| authority(ctx, slug)).transpose()
    }

    /// Whether it goes straight to the complaint body, without reassessment.
    async fn straight_to_appeal(&self) -> bool {
        self.sheet.file.straight_to_appeal.is_some()
    }

    /// Why its delay was excused, or why it was dismissed for it.
    async fn lateness(&self) -> Option<Reasoned> {
        self.reasoned(self.sheet.lateness.as_ref())
    }

    /// What came of looking again.
    async fn reassessed(&self) -> Option<Reassessment> {
        let ReassessmentSheet { changed, in_full, reasoned } = self.sheet.reassessed.clone()?;
        Some(Reassessment { changed, in_full, reasoned: Reasoned { stream: self.stream(), reasoned } })
    }

    /// Where it was sent, with what.
    async fn forwarded(&self) -> Option<ComplaintForwarding> {
        Some(ComplaintForwarding { stream: self.stream(), sheet: self.sheet.forwarded.clone()? })
    }

    /// What the complaint body decided.
    async fn outcome(&self) -> Option<AppealResult> {
        Some(AppealResult { stream: self.stream(), sheet: self.sheet.outcome.clone()? })
    }

    /// Why it was withdrawn.
    async fn withdrawn(&self) -> Option<Reasoned> {
        self.reasoned(self.sheet.withdrawn.as_ref())
    }

    /// What the newest event is called in the language of the request.
    async fn last_event(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(words::event_title(&self.sheet.last_event_type, Caller::of(ctx)?.lang))
    }

    /// Every act, and what stands in its way: asked of the guards that decide.
    async fn available_actions(&self, ctx: &Context<'_>) -> Result<Vec<AvailableComplaintAction>> {
        let (office, caller) = (ctx.data::<Office>()?, Caller::of(ctx)?);
        let of = papers::of_case(&office.desk, self.tenant, Some(self.sheet.file.case), caller.lang).await?;
        let under = match of.file() {
            Some(file) => reach::circumstances(office, caller, file).await?,
            None => Circumstances::of(&caller.act(office, None), office.rules_today(caller.tenant)),
        };
        let complaint = self.sheet.complaint();
        let kinds = ComplaintActKind::ALL.into_iter().filter(|kind| *kind != ComplaintActKind::Receive);
        let actions = kinds.map(|kind| {
            let refusals = complaint.blocked(kind, &of, &under);
            let refusals: Vec<_> =
                refusals.iter().map(|refusal| Refused::new(refusal, caller.lang)).collect();
            AvailableComplaintAction { name: kind.into(), allowed: refusals.is_empty(), refusals }
        });
        Ok(actions.collect())
    }
}

/// What came of looking again (genvurdering).
#[derive(SimpleObject, Clone, Debug)]
pub struct Reassessment {
    /// Whether the decision was changed.
    pub changed: bool,
    /// Whether the party gets all they asked for.
    pub in_full: bool,
    /// Why, by whom and when.
    pub reasoned: Reasoned,
}

/// A complaint was sent on.
#[derive(Clone, Debug)]
pub struct ComplaintForwarding {
    stream: StreamId,
    sheet: ForwardingSheet,
}

/// A complaint was sent on.
#[Object]
impl ComplaintForwarding {
    /// Where to.
    async fn to(&self, ctx: &Context<'_>) -> Result<NamedAuthority> {
        authority(ctx, &self.sheet.to)
    }

    /// The papers that went along.
    async fn files(&self) -> Vec<ListedFile> {
        let files = self.sheet.files.iter().cloned();
        files.map(|file| ListedFile { stream: self.stream.clone(), file }).collect()
    }

    /// By whom.
    async fn by(&self) -> Actor {
        Actor(self.sheet.by)
    }

    /// When.
    async fn at(&self) -> DateTime {
        DateTime(self.sheet.at)
    }
}

/// A paper that went along.
#[derive(Clone, Debug)]
pub struct ListedFile {
    stream: StreamId,
    file: skranke_domain::complaint::FileListed,
}

/// A paper that went along.
#[Object]
impl ListedFile {
    /// Its name within the case.
    async fn reference(&self) -> &str {
        &self.file.reference
    }

    /// Its title in the journal.
    async fn title(&self, ctx: &Context<'_>) -> Result<Personal> {
        ctx.data::<Office>()?.personal(&self.stream, &self.file.title)
    }
}

/// What the complaint body decided.
#[derive(Clone, Debug)]
pub struct AppealResult {
    stream: StreamId,
    sheet: OutcomeSheet,
}

/// What the complaint body decided.
#[Object]
impl AppealResult {
    /// How.
    async fn outcome(&self) -> AppealOutcome {
        self.sheet.outcome.into()
    }

    /// When its decision came in.
    async fn received(&self) -> Date {
        Date(self.sheet.received)
    }

    /// In a few words.
    async fn summary(&self, ctx: &Context<'_>) -> Result<Personal> {
        ctx.data::<Office>()?.personal(&self.stream, &self.sheet.summary)
    }
}

/// Questions about complaints.
#[derive(Default)]
pub struct ComplaintQuery;

#[Object]
impl ComplaintQuery {
    /// Complaints, the nearest deadline first: of cases of the caller's teams and of no team, and
    /// of their own. The look is logged.
    #[graphql(complexity = "usize::try_from(first).unwrap_or(100) * child_complexity + 1")]
    async fn complaints(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that have come exactly this far.")] stage: Option<ComplaintStage>,
        #[graphql(desc = "Only those that are not settled, or only those that are.")] open: Option<bool>,
        #[graphql(desc = "Only those due before this day.")] due_before: Option<Date>,
        first: i32,
        after: Option<String>,
    ) -> Result<ComplaintConnection> {
        let caller = Caller::with(ctx, WORKERS).await?;
        let office = ctx.data::<Office>()?;
        let query = DatedQuery {
            stage: stage.map(Into::into),
            open,
            due_before: due_before.map(|date| date.0),
            reached: Some(reach::of_lists(office, caller).await?),
            after: cursor(after)?,
            first: page_size(first)?,
        };
        let total_count = office.views.complaint_count(caller.tenant, query.clone()).await;
        let total_count = total_count.map_err(|error| fault(&error))?;
        let page = office.views.complaints(caller.tenant, query).await.map_err(|error| fault(&error))?;
        listed(office, caller, page.items.len()).await?;
        let cases = page.items.iter().map(|item| item.row.file.case);
        let numbers = papers::case_numbers(office, caller.tenant, cases).await?;
        let page_info = PageInfo::of(&page);
        let edges = page.items.into_iter().map(|item| ComplaintEdge {
            cursor: item.cursor.to_string(),
            node: ComplaintRow { case_number: numbers.get(&item.row.file.case).cloned(), sheet: item.row },
        });
        Ok(ComplaintConnection { edges: edges.collect(), page_info, total_count })
    }

    /// Opens a complaint. It is a look at its case, and is logged as one.
    pub(crate) async fn complaint(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Complaint>> {
        let caller = Caller::with(ctx, WORKERS).await?;
        let Ok(id) = id.parse::<ComplaintId>() else { return Ok(None) };
        let office = ctx.data::<Office>()?;
        let Some(complaint) = Complaint::find(office, caller.tenant, id).await? else { return Ok(None) };
        looked(ctx, complaint.sheet.file.case).await?;
        Ok(Some(complaint))
    }
}

/// Notes that a list was shown.
pub(crate) async fn listed(office: &Office, caller: &Caller, rows: usize) -> Result<()> {
    let rows = u32::try_from(rows).map_err(|_| coded("too many rows", "TOO_MANY"))?;
    let event = AccessEvent::CaseListed(CaseListed { rows });
    access::viewed(office, caller, Purpose::CaseHandling, event).await
}

/// Lets the caller see something that belongs to a case, if they reach that, and notes the look.
pub(crate) async fn looked(ctx: &Context<'_>, case: CaseId) -> Result<()> {
    let (office, caller) = (ctx.data::<Office>()?, Caller::of(ctx)?);
    let sheet = office.views.case_sheet(caller.tenant, case).await.map_err(|error| fault(&error))?;
    if let Some(sheet) = sheet {
        reach::open_case(office, caller, (case, &*sheet.file), ctx.field().name()).await?;
    }
    let event = AccessEvent::CaseViewed(CaseViewed { case });
    access::viewed(office, caller, Purpose::CaseHandling, event).await
}
