//! A case as the API shows it: read models, never aggregates.

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use skranke_domain::case::document::Standing;
use skranke_domain::case::{CaseActKind, Circumstances, FIRST_PARTY};
use skranke_domain::conversation::TopicSlug;
use skranke_domain::deadline::DeadlineKind as DomainDeadline;
use skranke_domain::kle::{Facet, KleNumber};
use skranke_domain::{Lang, StreamId, Tenant};
use skranke_projections::{CaseSheet, DecisionSheet, DocumentSheet, HearingSheet, WorkRow, case_history};

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
    CallDirection, CaseAction, CaseStatus, Channel, ComplaintStanding, Confidentiality, Date, DateTime,
    DeadlineKind, Outcome, Phase, Position, WaitingFor,
};
use crate::staff::{self, Actor, Staff};
use crate::words;

use super::course::{CaseForwarding, Effectuation, LinkedCase, Remark};
use super::deadline::{Deadline, InformationRequest};
use super::document::{Correction, DecisionLetter, Document};
use super::party::{Party, PartyOutcome, outcomes};

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
}

/// A case as the list shows it. The party is masked until the case is opened.
#[derive(Clone, Debug)]
pub struct CaseRow {
    pub(crate) tenant: Tenant,
    pub(crate) row: WorkRow,
}

impl CaseRow {
    fn stream(&self) -> StreamId {
        skranke_domain::case::Case::stream(self.tenant, self.row.id)
    }
}

/// A case as the list shows it. The party is masked until the case is opened.
#[Object]
impl CaseRow {
    /// The id.
    async fn id(&self) -> ID {
        ID(self.row.id.to_string())
    }

    /// The number that people use.
    async fn number(&self) -> &str {
        &self.row.number
    }

    /// What it is about, in a few words; masked where the case is confidential.
    async fn title(&self, ctx: &Context<'_>) -> Result<Personal> {
        if self.row.confidentiality != skranke_domain::case::Confidentiality::Ordinary {
            return Ok(Personal::open(words::MASKED));
        }
        ctx.data::<Office>()?.personal(&self.stream(), &self.row.title)
    }

    /// How carefully it is treated.
    async fn confidentiality(&self) -> Confidentiality {
        self.row.confidentiality.into()
    }

    /// How it stands, with the states that lie beside its way.
    async fn state(&self) -> CaseStatus {
        self.row.state.into()
    }

    /// The classification.
    async fn kle(&self, ctx: &Context<'_>) -> Result<Option<Kle>> {
        let office = ctx.data::<Office>()?;
        Ok(self.row.kle.as_ref().map(|kle| Kle::of(office, self.tenant, kle)))
    }

    /// How far it has come.
    async fn phase(&self) -> Phase {
        self.row.phase.into()
    }

    /// The OIO progress value (fremdrift).
    async fn progress(&self) -> &'static str {
        self.row.phase.oio_progress()
    }

    /// The last day of the running deadline; absent while it is suspended.
    async fn due(&self) -> Option<Date> {
        self.row.due.map(Date)
    }

    /// Who is waited for, until the decision.
    async fn waiting_on(&self) -> Option<WaitingFor> {
        self.row.waiting_on.map(|(whom, _)| whom.into())
    }

    /// Since when.
    async fn waiting_since(&self) -> Option<Date> {
        self.row.waiting_on.map(|(_, since)| Date(since))
    }

    /// Days until the deadline; negative when it has passed.
    async fn days_left(&self, ctx: &Context<'_>) -> Result<Option<i32>> {
        let today = ctx.data::<Office>()?.today();
        Ok(self.row.due.map(|due| (due - today).get_days()))
    }

    /// The team it belongs to; without one, it is everybody's in the municipality.
    async fn team(&self, ctx: &Context<'_>) -> Result<Option<Team>> {
        Team::of(ctx, self.row.team).await
    }

    /// Who handles it.
    async fn caseworker(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        match self.row.caseworker {
            Some(user) => staff::find(ctx, user).await,
            None => Ok(None),
        }
    }

    /// How it came in.
    async fn channel(&self) -> Channel {
        self.row.channel.into()
    }

    /// The topic.
    async fn topic(&self, ctx: &Context<'_>) -> Result<Option<Topic>> {
        topic(ctx, self.row.topic.as_ref())
    }

    /// The day it was received.
    async fn received(&self) -> Date {
        Date(self.row.received)
    }

    /// The type of the newest event.
    async fn last_event_type(&self) -> &str {
        &self.row.last_event_type
    }

    /// What the newest event is called in the language of the request.
    async fn last_event(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(words::event_title(&self.row.last_event_type, Caller::of(ctx)?.lang))
    }

    /// When the newest event happened.
    async fn last_event_at(&self) -> DateTime {
        DateTime(self.row.last_event_at)
    }

    /// What usually comes next.
    async fn next_step(&self) -> Option<CaseAction> {
        self.row.usual_next.and_then(CaseAction::from_kind)
    }

    /// The party, masked.
    async fn party_masked(&self) -> &'static str {
        if self.row.party.is_some() { words::MASKED } else { "" }
    }
}

fn topic(ctx: &Context<'_>, slug: Option<&TopicSlug>) -> Result<Option<Topic>> {
    let (office, lang) = (ctx.data::<Office>()?, Caller::of(ctx)?.lang);
    Ok(slug.map(|slug| Topic::of(office, slug, lang)))
}

/// A case.
#[derive(Clone, Debug)]
pub struct Case {
    pub(crate) tenant: Tenant,
    pub(crate) sheet: CaseSheet,
}

impl Case {
    fn stream(&self) -> StreamId {
        skranke_domain::case::Case::stream(self.tenant, self.sheet.id)
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
        let office = ctx.data::<Office>()?;
        self.sheet.party.as_ref().map(|party| office.personal(&self.stream(), party)).transpose()
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
        topic(ctx, self.sheet.topic.as_ref())
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

/// How far the hearing of the party is.
#[derive(async_graphql::Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "skranke_projections::HearingState")]
pub enum HearingState {
    Open,
    Held,
    Waived,
}

/// The hearing of the party (partshøring).
#[derive(Clone, Debug)]
pub struct Hearing {
    stream: StreamId,
    hearing: HearingSheet,
}

impl Hearing {
    fn text(
        &self,
        ctx: &Context<'_>,
        sealed: Option<&skranke_domain::Sealed<String>>,
    ) -> Result<Option<Personal>> {
        let office = ctx.data::<Office>()?;
        sealed.map(|sealed| office.personal(&self.stream, sealed)).transpose()
    }
}

/// The hearing of the party (partshøring).
#[Object]
impl Hearing {
    /// How far it is.
    async fn state(&self) -> HearingState {
        self.hearing.state.into()
    }

    /// The reply deadline.
    async fn reply_by(&self) -> Option<Date> {
        self.hearing.reply_by.map(Date)
    }

    /// The facts put before the party.
    async fn facts(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        self.text(ctx, self.hearing.facts.as_ref())
    }

    /// The basis for doing without.
    async fn statute(&self) -> Option<&str> {
        self.hearing.statute.as_deref()
    }

    /// The reason for doing without.
    async fn reason(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        self.text(ctx, self.hearing.reason.as_ref())
    }
}

/// What kind of note it is.
#[derive(async_graphql::Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "skranke_projections::NoteKind")]
pub enum NoteKind {
    Call,
    Step,
    Fact,
}

/// A note: a call, a step, or guidance that was given.
#[derive(Clone, Debug)]
pub struct Note {
    pub(crate) stream: StreamId,
    pub(crate) kind: NoteKind,
    pub(crate) direction: Option<CallDirection>,
    pub(crate) text: skranke_domain::Sealed<String>,
    pub(crate) source: Option<skranke_domain::Sealed<String>>,
    pub(crate) by: skranke_domain::Actor,
    pub(crate) at: jiff::Timestamp,
}

impl Note {
    fn of(stream: StreamId, note: skranke_projections::Note) -> Self {
        let direction = note.direction.map(CallDirection::from);
        let skranke_projections::Note { kind, text, source, by, at, .. } = note;
        Self { stream, kind: kind.into(), direction, text, source, by, at }
    }
}

/// A note: a call, a step, or guidance that was given.
#[Object]
impl Note {
    /// What kind.
    async fn kind(&self) -> NoteKind {
        self.kind
    }

    /// Who called whom.
    async fn direction(&self) -> Option<CallDirection> {
        self.direction
    }

    /// What was said or done.
    async fn text(&self, ctx: &Context<'_>) -> Result<Personal> {
        ctx.data::<Office>()?.personal(&self.stream, &self.text)
    }

    /// Where a fact is from.
    async fn source(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        let office = ctx.data::<Office>()?;
        self.source.as_ref().map(|source| office.personal(&self.stream, source)).transpose()
    }

    /// Who noted it.
    async fn by(&self) -> Actor {
        Actor(self.by)
    }

    /// When.
    async fn at(&self) -> DateTime {
        DateTime(self.at)
    }
}

/// Where, how and by when to complain (klagevejledning).
#[derive(SimpleObject, Clone, Debug)]
pub struct ComplaintGuidance {
    /// The body that decides the complaint.
    pub body: String,
    /// How to complain.
    pub how: String,
    /// By when.
    pub limit: String,
}

/// A decision, or the draft of one.
#[derive(Clone, Debug)]
pub struct Decision {
    stream: StreamId,
    sheet: DecisionSheet,
}

impl Decision {
    fn part(
        &self,
        ctx: &Context<'_>,
        part: Option<&skranke_domain::Sealed<String>>,
    ) -> Result<Option<Personal>> {
        let office = ctx.data::<Office>()?;
        part.map(|part| office.personal(&self.stream, part)).transpose()
    }
}

/// A decision, or the draft of one.
#[Object]
impl Decision {
    /// The version, from 1.
    async fn version(&self) -> u32 {
        self.sheet.version
    }

    /// Who wrote it.
    async fn author(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        staff::find(ctx, self.sheet.author).await
    }

    /// The outcome for whom the case was opened for.
    async fn outcome(&self) -> Option<Outcome> {
        self.sheet.outcome.map(Outcome::from)
    }

    /// The outcome for each party, as far as they are settled.
    async fn outcomes(&self) -> Vec<PartyOutcome> {
        outcomes(self.sheet.outcome, &self.sheet.others)
    }

    /// The letter.
    async fn text(&self, ctx: &Context<'_>) -> Result<Personal> {
        ctx.data::<Office>()?.personal(&self.stream, &self.sheet.text)
    }

    /// The legal basis.
    async fn legal_basis(&self) -> &str {
        &self.sheet.legal_basis
    }

    /// Grounds: the rules applied.
    async fn grounds_rules(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        self.part(ctx, self.sheet.grounds.rules.as_ref())
    }

    /// Grounds: the main considerations in a discretion.
    async fn grounds_discretion(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        self.part(ctx, self.sheet.grounds.discretion.as_ref())
    }

    /// Grounds: the decisive facts.
    async fn grounds_facts(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        self.part(ctx, self.sheet.grounds.facts.as_ref())
    }

    /// The complaint guidance.
    async fn complaint(&self) -> Option<ComplaintGuidance> {
        let guidance = self.sheet.complaint.clone()?;
        Some(ComplaintGuidance { body: guidance.body, how: guidance.how, limit: guidance.limit })
    }

    /// Whether it waits for approval, or has it.
    async fn submitted(&self) -> bool {
        self.sheet.submitted
    }

    /// Whether a colleague approved it.
    async fn approved(&self) -> bool {
        self.sheet.approved
    }

    /// Who approved it.
    async fn approved_by(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        match self.sheet.approved_by.and_then(|actor| actor.staff()) {
            Some(user) => staff::find(ctx, user).await,
            None => Ok(None),
        }
    }

    /// What must change, if a colleague sent it back.
    async fn returned_reason(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        self.part(ctx, self.sheet.returned_reason.as_ref())
    }

    /// When it was made.
    async fn made_at(&self) -> Option<DateTime> {
        self.sheet.made_at.map(DateTime)
    }

    /// When it was sent.
    async fn sent_at(&self) -> Option<DateTime> {
        self.sheet.sent_at.map(DateTime)
    }

    /// The first party's letter that was approved: these bytes are sent, and no others.
    async fn letter(&self) -> Option<DecisionLetter> {
        self.sheet.letter.as_ref().map(|letter| DecisionLetter::of(FIRST_PARTY, letter))
    }

    /// The letter to each party that was approved, in the order of the parties.
    async fn letters(&self) -> Vec<DecisionLetter> {
        let first = self.sheet.letter.iter().map(|letter| DecisionLetter::of(FIRST_PARTY, letter));
        let others = self.sheet.letters.iter().map(|other| DecisionLetter::of(other.party, &other.letter));
        first.chain(others).collect()
    }

    /// What was corrected after it was sent, oldest first.
    async fn corrections(&self) -> Vec<Correction> {
        let corrections = self.sheet.corrections.iter().cloned();
        corrections.map(|correction| Correction { stream: self.stream.clone(), correction }).collect()
    }

    /// Why it was revoked, if it was.
    async fn revoked_reason(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        let office = ctx.data::<Office>()?;
        let reason = self.sheet.revoked_reason.as_ref();
        reason.map(|reason| office.personal(&self.stream, reason)).transpose()
    }
}
