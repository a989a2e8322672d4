//! People's data: what there is of somebody, requests to erase it and who decided, legal holds, what is due for disposal,
//! and the report that a person can ask for.

mod matters;
mod mutation;
mod query;
mod report;

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use skranke_domain::access_log::{AccessEvent, DataSubjectViewed};
use skranke_domain::privacy::{self, DataSubject as DataSubjectAggregate, PrivacyActKind};
use skranke_domain::retention::RetentionClass;
use skranke_domain::{By, CaseId, Role, StreamId, SubjectId, Tenant};
use skranke_projections::{CaseSheet, HoldSheet, PrivacySheet};

use crate::access;
use crate::caller::{Caller, coded, fault};
use crate::office::Office;
use crate::papers;
use crate::personal::Personal;
use crate::reach;
use crate::refusal::Refused;
use crate::scalars::{Date, DateTime, mirrored};
use crate::staff::{self, Actor, Staff};
use crate::term::Reasoned;

use self::matters::Found;
pub use self::mutation::PrivacyMutation;
pub use self::query::PrivacyQuery;

/// Those who note and decide about people's data.
const STEWARDS: &[Role] = &[Role::Caseworker, Role::TeamLead, Role::Administrator];
/// Those who decide.
const DECIDERS: &[Role] = &[Role::TeamLead, Role::Administrator];

mirrored! {
    /// On which basis data are erased.
    ErasureBasis = privacy::Basis { ErasureRight, RetentionOver }
}

mirrored! {
    /// Something of a person that is not finished.
    UnfinishedMatter = privacy::Unfinished { Inquiry, Complaint, Appeal, AccessRequest, Exemption, Finding }
}

/// How far a wish to erase has come.
#[derive(async_graphql::Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErasureStage {
    /// Anmodet.
    Requested,
    /// Foreslået.
    Proposed,
    /// Besluttet.
    Decided,
    /// Slettet.
    Erased,
}

impl From<privacy::Stage> for ErasureStage {
    fn from(stage: privacy::Stage) -> Self {
        match stage {
            privacy::Stage::Requested => Self::Requested,
            privacy::Stage::Proposed(_) => Self::Proposed,
            privacy::Stage::Decided => Self::Decided,
            privacy::Stage::Erased => Self::Erased,
        }
    }
}

/// What can be done about a person's data.
#[derive(async_graphql::Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrivacyAction {
    ErasureRequest,
    ErasurePropose,
    ErasureApprove,
    ErasureDecline,
    LegalHoldPlace,
    LegalHoldRelease,
    ArchiveDeliver,
    SubjectReportMake,
}

impl PrivacyAction {
    const ALL: [(Self, PrivacyActKind); 8] = [
        (Self::ErasureRequest, PrivacyActKind::Request),
        (Self::ErasurePropose, PrivacyActKind::Propose),
        (Self::ErasureApprove, PrivacyActKind::Approve),
        (Self::ErasureDecline, PrivacyActKind::Decline),
        (Self::LegalHoldPlace, PrivacyActKind::PlaceHold),
        (Self::LegalHoldRelease, PrivacyActKind::ReleaseHold),
        (Self::ArchiveDeliver, PrivacyActKind::Deliver),
        (Self::SubjectReportMake, PrivacyActKind::Report),
    ];
}

/// What becomes of a closed case, by both parts of its classification (bevaring og kassation).
#[derive(SimpleObject, Clone, Debug)]
pub struct Retention {
    /// The class as the list writes it: `B` (kept) or `K5` (discarded after five years).
    pub class: String,
    /// Whether it is kept for good.
    pub kept: bool,
    /// After how many years it is discarded.
    pub years: Option<i32>,
    /// The first day on which it may be; absent while it is open, and where it is kept.
    pub due: Option<Date>,
}

impl Retention {
    fn of(class: RetentionClass, closed: Option<jiff::civil::Date>) -> Self {
        let years = match class {
            RetentionClass::Keep => None,
            RetentionClass::Discard { years } => Some(i32::from(years)),
        };
        let due = closed.and_then(|closed| class.due(closed)).map(Date);
        Self { class: class.to_string(), kept: years.is_none(), years, due }
    }
}

/// What becomes of a case's data.
#[derive(SimpleObject, Clone, Debug)]
pub struct CasePrivacy {
    /// The data subject whose key seals it.
    pub subject_id: ID,
    /// What becomes of it once it is closed; absent while the list says nothing of its classification.
    pub retention: Option<Retention>,
    /// Whether a legal hold stands.
    pub held: bool,
    /// Whether it was delivered to a public archive.
    pub delivered: bool,
    /// When its content was erased.
    pub erased_at: Option<DateTime>,
    /// Whether it was discarded because its time was over (kasseret).
    pub disposed: bool,
}

impl CasePrivacy {
    /// How it stands with a case's data.
    pub(crate) async fn of(office: &Office, tenant: Tenant, case: &CaseSheet) -> Result<Self> {
        let subject = case.file.subject;
        let sheet = office.views.privacy(tenant, subject).await.map_err(|error| fault(&error))?;
        let rules = office.rules_today(tenant);
        let class = case.file.kle.as_ref().and_then(|(kle, facet)| rules.kle.retention(kle, facet));
        let closed = case.closed_at.filter(|_| case.phase() == skranke_domain::case::Phase::Closed);
        let closed = closed.map(skranke_domain::time::local_date);
        let erased_at = sheet.as_ref().and_then(|sheet| sheet.erased_at);
        let basis = sheet.as_ref().and_then(|sheet| sheet.state.wish.as_ref()).map(|wish| wish.basis);
        Ok(Self {
            subject_id: ID(subject.to_string()),
            retention: class.map(|class| Retention::of(class, closed)),
            held: sheet.as_ref().is_some_and(|sheet| !sheet.state.holds.is_empty()),
            delivered: sheet.as_ref().is_some_and(|sheet| sheet.state.delivered.contains(&case.id)),
            erased_at: erased_at.map(DateTime),
            disposed: erased_at.is_some() && basis == Some(privacy::Basis::RetentionOver),
        })
    }
}

/// Somebody about whom something is stored (den registrerede).
#[derive(Clone, Debug)]
pub struct DataSubject {
    tenant: Tenant,
    id: SubjectId,
    found: Found,
    sheet: Option<PrivacySheet>,
}

/// A request to erase.
#[derive(Clone, Debug)]
pub struct ErasureRequest {
    stream: StreamId,
    sheet: skranke_projections::ErasureRequestSheet,
}

/// A request to erase.
#[Object]
impl ErasureRequest {
    /// On which basis.
    async fn basis(&self) -> ErasureBasis {
        self.sheet.basis.into()
    }

    /// The day it was asked for.
    async fn received(&self) -> Date {
        Date(self.sheet.received)
    }

    /// Who asks, if somebody outside does.
    async fn requester(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        ctx.data::<Office>()?.personal_if_any(&self.stream, self.sheet.requester.as_ref())
    }

    /// Why, noted by whom and when.
    async fn reasoned(&self) -> Reasoned {
        Reasoned { stream: self.stream.clone(), reasoned: self.sheet.reasoned.clone() }
    }
}

/// Two people decided to erase.
#[derive(Clone, Copy, Debug)]
pub struct ErasureDecision(skranke_projections::DecidedSheet);

/// Two people decided to erase.
#[Object]
impl ErasureDecision {
    /// Who proposed it.
    async fn proposed_by(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        staff::find(ctx, self.0.proposed_by).await
    }

    /// Who approved it.
    async fn approved_by(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        staff::find(ctx, self.0.approved_by).await
    }

    /// When.
    async fn at(&self) -> DateTime {
        DateTime(self.0.at)
    }
}

/// A legal hold: nothing is erased while it stands.
#[derive(SimpleObject, Clone, Debug)]
pub struct LegalHold {
    /// Its number, from 1.
    pub number: u32,
    /// Why it was placed, by whom and when.
    pub placed: Reasoned,
    /// Why it was released.
    pub released: Option<Reasoned>,
}

/// A case was delivered to a public archive (afleveret).
#[derive(SimpleObject, Clone, Debug)]
pub struct ArchiveDelivery {
    /// Which case.
    pub case_id: ID,
    /// To which archive.
    pub archive: String,
    /// On which day.
    pub on: Date,
    /// Who noted it.
    pub by: Actor,
}

/// A case in which something is stored about a person.
#[derive(SimpleObject, Clone, Debug)]
pub struct SubjectCase {
    /// The id.
    pub id: ID,
    /// The number that people use.
    pub number: Option<String>,
    /// Whether its content goes when this person's data are erased; else they are named in somebody else's case.
    pub own: bool,
    /// The day it was closed.
    pub closed: Option<Date>,
    /// What becomes of it; absent while the list says nothing of its classification.
    pub retention: Option<Retention>,
}

/// What can be done about a person's data now, and what stands in the way.
#[derive(SimpleObject, Clone, Debug)]
pub struct AvailablePrivacyAction {
    /// Which act.
    pub name: PrivacyAction,
    /// Whether it may be tried.
    pub allowed: bool,
    /// Why not, the weightiest first; empty when allowed.
    pub refusals: Vec<Refused>,
}

impl DataSubject {
    fn stream(&self) -> StreamId {
        DataSubjectAggregate::stream(self.tenant, self.id)
    }

    fn reasoned(&self, reasoned: &skranke_projections::Reasoned) -> Reasoned {
        Reasoned { stream: self.stream(), reasoned: reasoned.clone() }
    }

    fn hold(&self, hold: &HoldSheet) -> LegalHold {
        LegalHold {
            number: hold.number,
            placed: self.reasoned(&hold.placed),
            released: hold.released.as_ref().map(|released| self.reasoned(released)),
        }
    }
}

/// Somebody about whom something is stored (den registrerede).
#[Object]
impl DataSubject {
    /// The id: the one that seals everything about them.
    async fn id(&self) -> ID {
        ID(self.id.to_string())
    }

    /// The revision of the newest event about their data: hand it in as `expectedVersion`.
    async fn revision(&self) -> Option<i64> {
        self.sheet.as_ref().map(|sheet| i64::try_from(sheet.revision).unwrap_or(i64::MAX))
    }

    /// How far a wish to erase has come; absent where there is none, or it was declined.
    async fn stage(&self) -> Option<ErasureStage> {
        self.sheet.as_ref()?.state.wish.as_ref().map(|wish| wish.stage.into())
    }

    /// The newest request to erase.
    async fn request(&self) -> Option<ErasureRequest> {
        let sheet = self.sheet.as_ref()?.request.clone()?;
        Some(ErasureRequest { stream: self.stream(), sheet })
    }

    /// Who proposed it, and may not approve it.
    async fn proposed_by(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        let wish = self.sheet.as_ref().and_then(|sheet| sheet.state.wish.as_ref());
        match wish.map(|wish| wish.stage) {
            Some(privacy::Stage::Proposed(by)) => staff::find(ctx, by).await,
            _ => Ok(None),
        }
    }

    /// Who decided, once it is decided.
    async fn decision(&self) -> Option<ErasureDecision> {
        self.sheet.as_ref()?.decided.map(ErasureDecision)
    }

    /// Why the newest request was declined.
    async fn declined(&self) -> Option<Reasoned> {
        self.sheet.as_ref()?.declined.as_ref().map(|declined| self.reasoned(declined))
    }

    /// When their data were erased.
    async fn erased_at(&self) -> Option<DateTime> {
        self.sheet.as_ref()?.erased_at.map(DateTime)
    }

    /// The legal holds, by number.
    async fn holds(&self) -> Vec<LegalHold> {
        let holds = self.sheet.iter().flat_map(|sheet| &sheet.holds);
        holds.map(|hold| self.hold(hold)).collect()
    }

    /// What was delivered to a public archive.
    async fn deliveries(&self) -> Vec<ArchiveDelivery> {
        let deliveries = self.sheet.iter().flat_map(|sheet| &sheet.deliveries);
        let delivery = |delivery: &skranke_projections::DeliverySheet| ArchiveDelivery {
            case_id: ID(delivery.case.to_string()),
            archive: delivery.archive.clone(),
            on: Date(delivery.on),
            by: Actor(delivery.by),
        };
        deliveries.map(delivery).collect()
    }

    /// When they were told what is stored about them.
    async fn reports(&self) -> Vec<DateTime> {
        self.sheet.iter().flat_map(|sheet| &sheet.reports).map(|at| DateTime(*at)).collect()
    }

    /// The cases in which something is stored about them.
    async fn cases(&self, ctx: &Context<'_>) -> Result<Vec<SubjectCase>> {
        let cases = &self.found.matters.cases;
        let ids = cases.iter().map(|case| case.id);
        let numbers = papers::case_numbers(ctx.data::<Office>()?, self.tenant, ids).await?;
        let shown = cases.iter().map(|case| SubjectCase {
            id: ID(case.id.to_string()),
            number: numbers.get(&case.id).cloned(),
            own: case.own,
            closed: case.closed.map(Date),
            retention: case.class.map(|class| Retention::of(class, case.closed)),
        });
        Ok(shown.collect())
    }

    /// What else of them is not finished.
    async fn unfinished(&self) -> Vec<UnfinishedMatter> {
        self.found.matters.unfinished.iter().map(|matter| (*matter).into()).collect()
    }

    /// What the caller can do about their data, and what stands in the way.
    async fn available_actions(&self, ctx: &Context<'_>) -> Result<Vec<AvailablePrivacyAction>> {
        let (office, caller) = (ctx.data::<Office>()?, Caller::of(ctx)?);
        let under = By::of(&caller.act(office, None));
        let state = self.sheet.as_ref().map(|sheet| sheet.state.clone()).unwrap_or_default();
        let actions = PrivacyAction::ALL.into_iter().map(|(name, kind)| {
            let refusals = state.blocked(kind, &self.found.matters, &under);
            let refusals: Vec<_> =
                refusals.iter().map(|refusal| Refused::new(refusal, caller.lang)).collect();
            AvailablePrivacyAction { name, allowed: refusals.is_empty(), refusals }
        });
        Ok(actions.collect())
    }
}

/// Lets the caller see what there is of a person, if they reach each of their cases. A refused look is noted.
async fn reached(ctx: &Context<'_>, office: &Office, caller: &Caller, found: &Found) -> Result<()> {
    let attempt = ctx.field().name();
    for stream in found.streams.iter().filter(|stream| stream.category() == "case") {
        let Ok(case) = stream.key().parse::<CaseId>() else { continue };
        let sheet = office.views.case_sheet(caller.tenant, case).await.map_err(|error| fault(&error))?;
        let sheet = sheet.ok_or_else(|| coded("the views lag: try again in a moment", "VIEWS_LAG"))?;
        reach::open_case(office, caller, (case, &*sheet.file), attempt).await?;
    }
    Ok(())
}

/// Notes that it was looked up what there is of a person.
async fn noted(
    office: &Office,
    caller: &Caller,
    subject: SubjectId,
    purpose: skranke_domain::Purpose,
) -> Result<()> {
    let event = AccessEvent::DataSubjectViewed(DataSubjectViewed { subject });
    access::viewed(office, caller, purpose, event).await
}
