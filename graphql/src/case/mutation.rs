//! One mutation per act. Each is: translate in, one call, translate out.

use async_graphql::{Context, ID, InputObject, Object, Result};
use skranke_domain::case::document::ContentHash;
use skranke_domain::case::{CaseAct, CaseActKind, Draft, DraftState, HearingAnswer, OpenCase};
use skranke_domain::conversation::TopicSlug;
use skranke_domain::letter::LetterKind;
use skranke_domain::team::Team;
use skranke_domain::user::User;
use skranke_domain::{CaseId, DocumentId, InquiryId, Lang, SubjectId, TeamId, UserId, case};
use skranke_store::documents::Whose;

use crate::caller::{Caller, coded, fault, not_loaded};
use crate::office::Office;
use crate::payload::{inputs, payloads};
use crate::scalars::{CallDirection, Channel, Date, Outcome};

use super::act::{CaseChanged, Sent, Wish, open, perform};
use super::document::{LetterWish, document_id, print};
use super::party::PartyOutcomeInput;

/// Translates an input into its act, calls, and translates the answer.
macro_rules! act {
    ($ctx:expr, $input:expr, $act:expr) => {{
        let sent = Sent { key: $input.idempotency_key, expected: $input.expected_version };
        perform($ctx, &$input.case_id, $act, sent).await.map(Into::into)
    }};
}

pub(crate) use act;

payloads! { CaseChanged:
    /// What came of opening a case.
    CaseOpenPayload,
    /// What came of classifying.
    CaseClassifyPayload,
    /// What came of assigning.
    CaseAssignPayload,
    /// What came of releasing.
    CaseReleasePayload,
    /// What came of giving a case to a team.
    CaseAssignTeamPayload,
    /// What came of noting a call.
    CallNotePayload,
    /// What came of noting a step.
    StepNotePayload,
    /// What came of opening a hearing.
    HearingOpenPayload,
    /// What came of closing a hearing.
    HearingClosePayload,
    /// What came of waiving a hearing.
    HearingWaivePayload,
    /// What came of declaring the facts complete.
    CaseInformPayload,
    /// What came of drafting.
    DecisionDraftPayload,
    /// What came of submitting.
    DecisionSubmitPayload,
    /// What came of approving.
    DecisionApprovePayload,
    /// What came of returning.
    DecisionReturnPayload,
    /// What came of deciding.
    DecisionMakePayload,
    /// What came of sending.
    DecisionSendPayload,
    /// What came of closing.
    CaseClosePayload,
    /// What came of reopening.
    CaseReopenPayload,
}

inputs! { case_id "The case.":
    /// Classify a case.
    CaseClassifyInput {
        /// The KLE subject number.
        kle: String,
        /// The facet.
        facet: String,
    }
    /// Give a case to somebody.
    CaseAssignInput {
        /// To whom.
        staff_id: ID,
    }
    /// Put a case back for others to take.
    CaseReleaseInput {}
    /// Give a case to a team.
    CaseAssignTeamInput {
        /// To which.
        team_id: ID,
    }
    /// Note a phone call.
    CallNoteInput {
        /// Who called whom.
        direction: CallDirection,
        /// What was said.
        text: String,
    }
    /// Note a step.
    StepNoteInput {
        /// What was done.
        text: String,
    }
    /// Hear the party.
    HearingOpenInput {
        /// The reply deadline.
        reply_by: Date,
        /// The facts put before the parties.
        facts: String,
        /// Who is heard, by number; every party where nobody is named.
        parties: Option<Vec<u32>>,
    }
    /// End a hearing.
    HearingCloseInput {
        /// Whether the last party that was waited for has answered. Whoever says so names the answer, by `documentId`
        /// or `reply`, unless it was noted before.
        answered: bool,
        /// The answer: an incoming document that was journalised since the hearing began.
        document_id: Option<ID>,
        /// What the party answered by word of mouth: it is noted as their answer.
        reply: Option<String>,
    }
    /// Do without a hearing.
    HearingWaiveInput {
        /// On which basis.
        statute: String,
        /// Why.
        reason: String,
    }
    /// Declare the facts complete.
    CaseInformInput {}
    /// Write a draft, or a new version of it.
    DecisionDraftInput {
        /// The outcome for whom the case was opened for.
        outcome: Option<Outcome>,
        /// The outcomes for the other parties.
        outcomes: Option<Vec<PartyOutcomeInput>>,
        /// The letter.
        text: String,
        /// The legal basis.
        legal_basis: String = "",
        /// Grounds: the rules applied.
        grounds_rules: String = "",
        /// Grounds: the main considerations in a discretion.
        grounds_discretion: String = "",
        /// Grounds: the decisive facts.
        grounds_facts: String = "",
        /// The complaint guidance.
        complaint: Option<ComplaintGuidanceInput>,
    }
    /// Ask a colleague to approve.
    DecisionSubmitInput {
        /// The version that was read.
        version: u32,
    }
    /// Approve a colleague's draft.
    DecisionApproveInput {
        /// The version that was read.
        version: u32,
    }
    /// Send a colleague's draft back.
    DecisionReturnInput {
        /// What must change.
        reason: String,
    }
    /// Make the decision.
    DecisionMakeInput {}
    /// Send the decision.
    DecisionSendInput {}
    /// Close a case.
    CaseCloseInput {}
    /// Take a closed case up again.
    CaseReopenInput {
        /// Why.
        reason: String,
    }
}

/// Where, how and by when to complain.
#[derive(InputObject)]
pub struct ComplaintGuidanceInput {
    /// The body that decides the complaint.
    pub body: String,
    /// How to complain.
    pub how: String,
    /// By when.
    pub limit: String,
}

/// Open a case, from an inquiry or from nothing.
#[derive(InputObject)]
pub struct CaseOpenInput {
    /// The inquiry it comes from: date, channel, topic and party's name are taken from there where they are not given.
    pub inquiry_id: Option<ID>,
    /// The day it was received.
    pub received: Option<Date>,
    /// How it came in.
    pub channel: Option<Channel>,
    /// The KLE subject number, if it is classified as it is opened: one in force on the day of receipt.
    pub kle: Option<String>,
    /// The facet that goes with it.
    pub facet: Option<String>,
    /// The topic.
    pub topic: Option<String>,
    /// What it is about, in a few words.
    pub title: String,
    /// The party's name.
    pub party: Option<String>,
    /// The sender's own name for this act: sent again, it is answered again and not done again.
    pub idempotency_key: String,
}

/// Acts on cases.
#[derive(Default)]
pub struct CaseMutation;

#[Object]
impl CaseMutation {
    /// Open a case (opret sag).
    async fn case_open(&self, ctx: &Context<'_>, input: CaseOpenInput) -> Result<CaseOpenPayload> {
        let inquiry = input.inquiry_id.as_ref().map(|id| id.parse::<InquiryId>());
        let inquiry = inquiry.transpose().map_err(|_| coded("inquiryId is not an id", "BAD_ID"))?;
        let open_case = wish(ctx, &input, inquiry).await?;
        let sent = Sent { key: input.idempotency_key, expected: None };
        open(ctx, Wish { inquiry, open: open_case }, sent).await.map(Into::into)
    }

    /// Classify a case by KLE, or classify it anew (journalisér).
    async fn case_classify(
        &self,
        ctx: &Context<'_>,
        input: CaseClassifyInput,
    ) -> Result<CaseClassifyPayload> {
        act!(ctx, input, CaseAct::Classify { kle: input.kle, facet: input.facet })
    }

    /// Give a case to somebody (tildel).
    async fn case_assign(&self, ctx: &Context<'_>, input: CaseAssignInput) -> Result<CaseAssignPayload> {
        let (office, Caller { tenant, lang, .. }) = (ctx.data::<Office>()?, *Caller::of(ctx)?);
        let to = input.staff_id.parse::<UserId>().map_err(|_| coded("staffId is not an id", "BAD_ID"))?;
        // From the person's own stream, not from a view: a rule decides on it.
        let user = office.desk.load::<User>(&User::stream(tenant, to)).await;
        let (user, _) = user.map_err(|error| not_loaded(&error, lang))?;
        let roles = user.roles();
        act!(ctx, input, CaseAct::Assign { to, roles })
    }

    /// Give a case to a team: its members open it, and others do not (tildel hold).
    async fn case_assign_team(
        &self,
        ctx: &Context<'_>,
        input: CaseAssignTeamInput,
    ) -> Result<CaseAssignTeamPayload> {
        let (office, Caller { tenant, lang, .. }) = (ctx.data::<Office>()?, *Caller::of(ctx)?);
        let id = input.team_id.parse::<TeamId>().map_err(|_| coded("teamId is not an id", "BAD_ID"))?;
        let team = office.desk.load::<Team>(&Team::stream(tenant, id)).await;
        let (team, _) = team.map_err(|error| not_loaded(&error, lang))?;
        act!(ctx, input, CaseAct::AssignTeam { team: id, takes_cases: team.takes_cases() })
    }

    /// Put a case back for others to take (frigiv).
    async fn case_release(&self, ctx: &Context<'_>, input: CaseReleaseInput) -> Result<CaseReleasePayload> {
        act!(ctx, input, CaseAct::Release)
    }

    /// Note a phone call (telefonnotat).
    async fn call_note(&self, ctx: &Context<'_>, input: CallNoteInput) -> Result<CallNotePayload> {
        act!(ctx, input, CaseAct::NoteCall { direction: input.direction.into(), text: input.text })
    }

    /// Note a step in the case (notat).
    async fn step_note(&self, ctx: &Context<'_>, input: StepNoteInput) -> Result<StepNotePayload> {
        act!(ctx, input, CaseAct::NoteStep { text: input.text })
    }

    /// Hear the party (partshøring).
    async fn hearing_open(&self, ctx: &Context<'_>, input: HearingOpenInput) -> Result<HearingOpenPayload> {
        let parties = input.parties.unwrap_or_default();
        act!(ctx, input, CaseAct::OpenHearing { reply_by: input.reply_by.0, facts: input.facts, parties })
    }

    /// End a hearing.
    async fn hearing_close(
        &self,
        ctx: &Context<'_>,
        input: HearingCloseInput,
    ) -> Result<HearingClosePayload> {
        let answer = match (input.document_id, input.reply.filter(|reply| !reply.trim().is_empty())) {
            (Some(document), _) => HearingAnswer::Document(document_id(&document, "documentId")?),
            (None, Some(reply)) => HearingAnswer::Said(reply),
            (None, None) if input.answered => HearingAnswer::Unnamed,
            (None, None) => HearingAnswer::None,
        };
        act!(ctx, input, CaseAct::CloseHearing { answer })
    }

    /// Do without a hearing, with a basis and a reason.
    async fn hearing_waive(
        &self,
        ctx: &Context<'_>,
        input: HearingWaiveInput,
    ) -> Result<HearingWaivePayload> {
        act!(ctx, input, CaseAct::WaiveHearing { statute: input.statute, reason: input.reason })
    }

    /// Declare the facts complete (oplyst).
    async fn case_inform(&self, ctx: &Context<'_>, input: CaseInformInput) -> Result<CaseInformPayload> {
        act!(ctx, input, CaseAct::Inform)
    }

    /// Write a draft of the decision, or a new version of it.
    async fn decision_draft(
        &self,
        ctx: &Context<'_>,
        input: DecisionDraftInput,
    ) -> Result<DecisionDraftPayload> {
        let draft = Draft {
            outcome: input.outcome.map(Into::into),
            others: input.outcomes.into_iter().flatten().map(Into::into).collect(),
            text: input.text,
            legal_basis: input.legal_basis,
            grounds_rules: input.grounds_rules,
            grounds_discretion: input.grounds_discretion,
            grounds_facts: input.grounds_facts,
            complaint: input.complaint.and_then(guidance),
        };
        act!(ctx, input, CaseAct::DraftDecision(Box::new(draft)))
    }

    /// Ask a colleague to approve the draft.
    async fn decision_submit(
        &self,
        ctx: &Context<'_>,
        input: DecisionSubmitInput,
    ) -> Result<DecisionSubmitPayload> {
        act!(ctx, input, CaseAct::SubmitDecision { version: input.version })
    }

    /// Approve a colleague's draft.
    async fn decision_approve(
        &self,
        ctx: &Context<'_>,
        input: DecisionApproveInput,
    ) -> Result<DecisionApprovePayload> {
        let version = input.version;
        let approve = |letters| CaseAct::ApproveDecision { version, letters };
        let sent = Sent { key: input.idempotency_key, expected: input.expected_version };
        let then = CaseActKind::ApproveDecision;
        let wish = LetterWish { kind: LetterKind::Decision, lang: Lang::Da, then };
        print(ctx, &input.case_id, wish, sent, approve).await.map(Into::into)
    }

    /// Send a colleague's draft back.
    async fn decision_return(
        &self,
        ctx: &Context<'_>,
        input: DecisionReturnInput,
    ) -> Result<DecisionReturnPayload> {
        act!(ctx, input, CaseAct::ReturnDecision { reason: input.reason })
    }

    /// Make the decision (træf afgørelse).
    async fn decision_make(
        &self,
        ctx: &Context<'_>,
        input: DecisionMakeInput,
    ) -> Result<DecisionMakePayload> {
        act!(ctx, input, CaseAct::MakeDecision)
    }

    /// Send the decision: to each party, or to whoever speaks for them, a letter of their own.
    async fn decision_send(
        &self,
        ctx: &Context<'_>,
        input: DecisionSendInput,
    ) -> Result<DecisionSendPayload> {
        let letters = letters_to_send(ctx, &input.case_id).await?;
        act!(ctx, input, CaseAct::SendDecision { letters })
    }

    /// Close a case (afslut).
    async fn case_close(&self, ctx: &Context<'_>, input: CaseCloseInput) -> Result<CaseClosePayload> {
        act!(ctx, input, CaseAct::Close)
    }

    /// Take a closed case up again (genoptag).
    async fn case_reopen(&self, ctx: &Context<'_>, input: CaseReopenInput) -> Result<CaseReopenPayload> {
        act!(ctx, input, CaseAct::Reopen { reason: input.reason })
    }
}

/// The approved letters, read back whole from the store: each is sent under the hash of the bytes that are really there.
/// What cannot be read is not sent, and the rules say so.
async fn letters_to_send(ctx: &Context<'_>, case_id: &ID) -> Result<Vec<(DocumentId, ContentHash)>> {
    let (office, caller) = (ctx.data::<Office>()?, Caller::of(ctx)?);
    let Ok(case) = case_id.parse::<CaseId>() else { return Ok(Vec::new()) };
    let state = office.desk.load::<case::Case>(&case::Case::stream(caller.tenant, case)).await;
    let (state, _) = state.map_err(|error| not_loaded(&error, caller.lang))?;
    let case::Case::File(file) = state else { return Ok(Vec::new()) };
    let mut letters = Vec::new();
    for (_, letter) in file.draft.iter().flat_map(DraftState::letters) {
        let whose = Whose::new(caller.tenant, case, letter.subject());
        match office.documents.read_whole(whose, letter.hash).await {
            Ok(bytes) => {
                let hash = office.documents.address(caller.tenant, whose.subject, &bytes).await;
                letters.push((letter.id, hash.map_err(|error| fault(&error))?));
            }
            Err(error) => {
                tracing::error!(error = %error, case.id = %case, "an approved letter of case {case} cannot be read");
            }
        }
    }
    Ok(letters)
}

/// Guidance of which nothing was filled in is none; a half-filled one is kept for its author to complete, and the rules
/// count it as missing.
fn guidance(input: ComplaintGuidanceInput) -> Option<case::ComplaintGuidance> {
    let ComplaintGuidanceInput { body, how, limit } = input;
    let [body, how, limit] = [body, how, limit].map(|part| part.trim().to_owned());
    let given = !(body.is_empty() && how.is_empty() && limit.is_empty());
    given.then_some(case::ComplaintGuidance { body, how, limit })
}

/// The wish to open a case, completed from the inquiry it comes from. These are facts of the inquiry that never
/// change; whether it may become a case is asked of the inquiry itself, later.
async fn wish(ctx: &Context<'_>, input: &CaseOpenInput, inquiry: Option<InquiryId>) -> Result<OpenCase> {
    let (office, caller) = (ctx.data::<Office>()?, Caller::of(ctx)?);
    let sheet = match inquiry {
        Some(id) => office.views.inquiry(caller.tenant, id).await.map_err(|error| fault(&error))?,
        None => None,
    };
    let topic = input.topic.as_deref().map(TopicSlug::try_new);
    if topic == Some(None) {
        return Err(coded("topic is not the slug of a topic", "BAD_TOPIC"));
    }
    let mut party = input.party.clone().unwrap_or_default();
    if let (true, Some(sheet)) = (party.trim().is_empty(), &sheet) {
        let stream = skranke_domain::inquiry::Inquiry::stream(caller.tenant, sheet.id);
        party = office.open(&stream, &sheet.contact)?.map_or_else(|_| String::new(), |contact| contact.name);
    }
    let received = input.received.map(|date| date.0);
    let channel = input.channel.map(Into::into);
    Ok(OpenCase {
        number: String::new(),
        received: received
            .or_else(|| sheet.as_ref().map(|sheet| skranke_domain::time::local_date(sheet.received))),
        channel: channel.or_else(|| sheet.as_ref().map(|sheet| sheet.channel)),
        kle: match (&input.kle, &input.facet) {
            (None, None) => None,
            (kle, facet) => Some((kle.clone().unwrap_or_default(), facet.clone().unwrap_or_default())),
        },
        inquiry,
        topic: topic.flatten().or_else(|| sheet.as_ref().and_then(|sheet| sheet.topic.clone())),
        // Set when the case is opened: the inquiry's, or a new one.
        subject: SubjectId::new(CaseId::new(office.desk.ids().next()).uuid()),
        title: input.title.clone(),
        party,
    })
}
