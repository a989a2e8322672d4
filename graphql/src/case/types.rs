//! A case as the API shows it: read models, never aggregates.

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use skranke_domain::case::document::Standing;
use skranke_domain::case::{Case as CaseAggregate, CaseActKind, Circumstances};
use skranke_domain::conversation::TopicSlug;
use skranke_domain::deadline::DeadlineKind as DomainDeadline;
use skranke_domain::kle::{Facet, KleNumber};
use skranke_domain::{Lang, StreamId, Tenant};
use skranke_projections::{CaseSheet, DocumentSheet, case_history};

use crate::access_request::AccessRequest;
use crate::audit::CaseEvent;
use crate::caller::{Caller, fault};
use crate::complaint::Complaint;
use crate::inquiry::Inquiry;
use crate::office::Office;
use crate::papers::Paper;
use crate::people::Team;
use crate::personal::Personal;
use crate::privacy::CasePrivacy;
use crate::reach;
use crate::refusal::Refused;
use crate::scalars::{
    CaseAction, CaseStatus, Channel, ComplaintStanding, Confidentiality, Date, DeadlineKind, Phase, Position,
    WaitingFor,
};
use crate::staff::{self, Staff};

use super::course::{CaseForwarding, Effectuation, LinkedCase, Remark};
use super::deadline::{Deadline, InformationRequest};
use super::decision::Decision;
use super::document::Document;
use super::hearing::Hearing;
use super::note::Note;
use super::party::Party;

/// A KLE classification, or an entry to choose.
#[derive(SimpleObject, Clone, Debug)]
pub struct Kle {
    /// The subject number (or the facet, in the list of facets).
    pub number: String,
    /// The facet of a classified case.
    pub facet: Option<String>,
    /// The name.
    pub title: String,
}

impl Kle {
    pub(crate) fn of(office: &Office, tenant: Tenant, (number, facet): &(KleNumber, Facet)) -> Self {
        let rules = office.rules_today(tenant);
        // A case keeps its number when the number expires; the name may then be gone from the edition in force.
        let title = rules.kle.subject(number, office.today()).map(|entry| entry.title.clone());
        Self { number: number.to_string(), facet: Some(facet.to_string()), title: title.unwrap_or_default() }
    }
}

/// A topic of the counter.
#[derive(SimpleObject, Clone, Debug)]
pub struct Topic {
    /// Its slug.
    pub slug: String,
    /// Its title in the language of the request.
    pub title: String,
}

impl Topic {
    pub(crate) fn of(office: &Office, slug: &TopicSlug, lang: Lang) -> Self {
        Self { slug: slug.as_str().to_owned(), title: office.topic_title(slug, lang) }
    }

    pub(super) fn if_any(ctx: &Context<'_>, slug: Option<&TopicSlug>) -> Result<Option<Self>> {
        let (office, lang) = (ctx.data::<Office>()?, Caller::of(ctx)?.lang);
        Ok(slug.map(|slug| Self::of(office, slug, lang)))
    }
}

/// A case.
#[derive(Clone, Debug)]
pub struct Case {
    pub(crate) tenant: Tenant,
    pub(crate) sheet: CaseSheet,
}

impl Case {
    fn stream(&self) -> StreamId {
        CaseAggregate::stream(self.tenant, self.sheet.id)
    }

    async fn circumstances(&self, ctx: &Context<'_>) -> Result<Circumstances> {
        reach::circumstances(ctx.data::<Office>()?, Caller::of(ctx)?, &self.sheet.file).await
    }
}

/// What can be done with a case now, and what stands in the way.
#[derive(SimpleObject, Clone, Debug)]
pub struct AvailableAction {
    /// Which act.
    pub name: CaseAction,
    /// Whether it may be tried.
    pub allowed: bool,
    /// Why not, the weightiest first; empty when allowed.
    pub refusals: Vec<Refused>,
}

/// A case.
#[Object]
impl Case {
    /// The id.
    pub(crate) async fn id(&self) -> ID {
        ID(self.sheet.id.to_string())
    }

    /// The number that people use.
    async fn number(&self) -> &str {
        &self.sheet.number
    }

    /// The revision of its newest event: hand it in as `expectedVersion`.
    async fn revision(&self) -> i64 {
        i64::try_from(self.sheet.revision).unwrap_or(i64::MAX)
    }

    /// The place of its newest event in the log.
    async fn position(&self) -> Position {
        Position(self.sheet.position)
    }

    /// What it is about, in a few words.
    async fn title(&self, ctx: &Context<'_>) -> Result<Personal> {
        ctx.data::<Office>()?.personal(&self.stream(), &self.sheet.title)
    }

    /// The party's name.
    async fn party(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        ctx.data::<Office>()?.personal_if_any(&self.stream(), self.sheet.party.as_ref())
    }

    /// The classification.
    async fn kle(&self, ctx: &Context<'_>) -> Result<Option<Kle>> {
        let office = ctx.data::<Office>()?;
        Ok(self.sheet.file.kle.as_ref().map(|kle| Kle::of(office, self.tenant, kle)))
    }

    /// What becomes of its data: how long they are kept, whether they are held or erased.
    async fn privacy(&self, ctx: &Context<'_>) -> Result<CasePrivacy> {
        CasePrivacy::of(ctx.data::<Office>()?, self.tenant, &self.sheet).await
    }

    /// How far it has come.
    async fn phase(&self) -> Phase {
        self.sheet.phase().into()
    }

    /// How it stands, with the states that lie beside its way.
    async fn state(&self) -> CaseStatus {
        self.sheet.file.state().into()
    }

    /// The OIO progress value (fremdrift) of how far it has come, whatever lies beside its way.
    async fn progress(&self) -> &'static str {
        self.sheet.phase().oio_progress()
    }

    /// How carefully it is treated.
    async fn confidentiality(&self) -> Confidentiality {
        self.sheet.file.confidentiality.into()
    }

    /// Why, once it was marked.
    async fn confidential_because(&self) -> Option<Remark> {
        let said = self.sheet.course.confidential.clone()?;
        Some(Remark { stream: self.stream(), said })
    }

    /// Everybody in it, by number; the first is whom it was opened for.
    async fn parties(&self) -> Vec<Party> {
        Party::all(self.tenant, &self.sheet)
    }

    /// Carrying out what was decided, once it was ordered.
    async fn effectuation(&self) -> Option<Effectuation> {
        let sheet = self.sheet.course.effectuation.clone()?;
        Some(Effectuation { stream: self.stream(), sheet })
    }

    /// How the citizen withdrew it.
    async fn withdrawn(&self) -> Option<Remark> {
        let said = self.sheet.course.withdrawn.clone()?;
        Some(Remark { stream: self.stream(), said })
    }

    /// Where it was forwarded to.
    async fn forwarded(&self) -> Option<CaseForwarding> {
        let sheet = self.sheet.course.forwarded.clone()?;
        Some(CaseForwarding { stream: self.stream(), sheet })
    }

    /// The cases that belong to it.
    async fn linked_cases(&self, ctx: &Context<'_>) -> Result<Vec<LinkedCase>> {
        LinkedCase::of_case(ctx.data::<Office>()?, self.tenant, &self.sheet).await
    }

    /// The day it was received.
    async fn received(&self) -> Date {
        Date(self.sheet.file.received)
    }

    /// How it came in.
    async fn channel(&self) -> Channel {
        self.sheet.channel.into()
    }

    /// The topic.
    async fn topic(&self, ctx: &Context<'_>) -> Result<Option<Topic>> {
        Topic::if_any(ctx, self.sheet.topic.as_ref())
    }

    /// The deadline for a decision.
    async fn deadline(&self, ctx: &Context<'_>) -> Result<Option<Deadline>> {
        let all = Deadline::all(ctx, &self.sheet, &self.stream())?;
        Ok(all.into_iter().find(|one| one.kind == DeadlineKind::CaseHandling))
    }

    /// Every deadline of the case.
    async fn deadlines(&self, ctx: &Context<'_>) -> Result<Vec<Deadline>> {
        Deadline::all(ctx, &self.sheet, &self.stream())
    }

    /// Who is waited for, until the decision.
    async fn waiting_on(&self) -> Option<WaitingFor> {
        self.sheet.file.waiting_on().map(|(whom, _)| whom.into())
    }

    /// Since when.
    async fn waiting_since(&self) -> Option<Date> {
        self.sheet.file.waiting_on().map(|(_, since)| Date(since))
    }

    /// What was asked of others, oldest first.
    async fn information_requests(&self) -> Vec<InformationRequest> {
        let requests = self.sheet.deadline.requests.iter().cloned();
        requests.map(|sheet| InformationRequest { stream: self.stream(), sheet }).collect()
    }

    /// The reply deadline that a hearing usually gets when it is opened today.
    async fn usual_reply_by(&self, ctx: &Context<'_>) -> Result<Option<Date>> {
        let office = ctx.data::<Office>()?;
        let (rules, kle) =
            (office.rules_today(self.tenant), self.sheet.file.kle.as_ref().map(|(number, _)| number));
        let rule = rules.deadline(DomainDeadline::HearingReply, self.tenant, kle);
        Ok(rule.map(|rule| Date(rule.due(office.today(), &rules.calendar(self.tenant)))))
    }

    /// The team it belongs to; without one, it is everybody's in the municipality.
    async fn team(&self, ctx: &Context<'_>) -> Result<Option<Team>> {
        Team::of(ctx, self.sheet.file.team).await
    }

    /// Who last acted for the caseworker while they were away.
    async fn substitute(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        match self.sheet.file.substitute {
            Some(user) => staff::find(ctx, user).await,
            None => Ok(None),
        }
    }

    /// Who handles it.
    async fn caseworker(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        match self.sheet.file.caseworker {
            Some(user) => staff::find(ctx, user).await,
            None => Ok(None),
        }
    }

    /// The hearing of the party.
    async fn hearing(&self) -> Option<Hearing> {
        let hearing = self.sheet.hearing.clone()?;
        Some(Hearing { stream: self.stream(), hearing })
    }

    /// Calls and steps, oldest first.
    async fn notes(&self) -> Vec<Note> {
        let notes = self.sheet.notes.iter().cloned();
        notes.map(|note| Note::of(self.stream(), note)).collect()
    }

    /// The draft of a decision, until it is made.
    async fn draft(&self) -> Option<Decision> {
        let sheet = self.sheet.draft.clone()?;
        Some(Decision { stream: self.stream(), sheet })
    }

    /// The decision, once made.
    async fn decision(&self) -> Option<Decision> {
        let sheet = self.sheet.decision.clone()?;
        Some(Decision { stream: self.stream(), sheet })
    }

    /// How far the complaint over its decision has come, while one runs.
    async fn complaint_standing(&self) -> Option<ComplaintStanding> {
        self.sheet.file.complained_of().map(Into::into)
    }

    /// The complaints over its decisions, oldest first.
    async fn complaints(&self, ctx: &Context<'_>) -> Result<Vec<Complaint>> {
        Complaint::of_case(ctx.data::<Office>()?, self.tenant, self.sheet.id).await
    }

    /// The requests for access to it, oldest first.
    async fn access_requests(&self, ctx: &Context<'_>) -> Result<Vec<AccessRequest>> {
        AccessRequest::of_case(ctx.data::<Office>()?, self.tenant, self.sheet.id).await
    }

    /// Its papers (akter), oldest first: what can be sent along with a complaint or handed out.
    async fn papers(&self, ctx: &Context<'_>) -> Result<Vec<Paper>> {
        Paper::of_case(ctx.data::<Office>()?, self.tenant, self.sheet.id).await
    }

    /// The documents (akter), in the order in which they came. A file that became a version of another is no document
    /// of its own.
    async fn documents(&self) -> Vec<Document> {
        let state = |sheet: &DocumentSheet| self.sheet.file.documents.get(&sheet.id).cloned();
        let documents = self.sheet.documents.iter().filter_map(|sheet| {
            let state = state(sheet).filter(|state| state.standing != Standing::Used)?;
            Some(Document { stream: self.stream(), case: self.sheet.id, sheet: sheet.clone(), state })
        });
        documents.collect()
    }

    /// The inquiry it came from.
    async fn inquiry(&self, ctx: &Context<'_>) -> Result<Option<Inquiry>> {
        let Some(id) = self.sheet.file.inquiry else { return Ok(None) };
        let found =
            ctx.data::<Office>()?.views.inquiry(self.tenant, id).await.map_err(|error| fault(&error))?;
        Ok(found.map(|sheet| Inquiry { tenant: self.tenant, sheet }))
    }

    /// Every act, and what stands in its way: asked of the guards that decide.
    async fn available_actions(&self, ctx: &Context<'_>) -> Result<Vec<AvailableAction>> {
        let (under, lang) = (self.circumstances(ctx).await?, Caller::of(ctx)?.lang);
        let case = self.sheet.case();
        let actions = CaseActKind::ALL.into_iter().filter_map(|kind| {
            let name = CaseAction::from_kind(kind)?;
            let refusals = case.blocked(kind, &under);
            let refusals: Vec<_> = refusals.iter().map(|refusal| Refused::new(refusal, lang)).collect();
            Some(AvailableAction { name, allowed: refusals.is_empty(), refusals })
        });
        Ok(actions.collect())
    }

    /// What is missing before a decision can be made, statute by statute.
    async fn missing_before_decision(&self, ctx: &Context<'_>) -> Result<Vec<Refused>> {
        let (under, lang) = (self.circumstances(ctx).await?, Caller::of(ctx)?.lang);
        let missing = self.sheet.case().missing_before_decision(&under);
        Ok(missing.iter().map(|refusal| Refused::new(refusal, lang)).collect())
    }

    /// Every event, oldest first.
    async fn events(&self, ctx: &Context<'_>) -> Result<Vec<CaseEvent>> {
        let log = ctx.data::<Office>()?.desk.log().as_ref();
        let entries = case_history(log, self.tenant, self.sheet.id).await.map_err(|error| fault(&error))?;
        Ok(entries.into_iter().map(|entry| CaseEvent { stream: self.stream(), entry }).collect())
    }
}
