//! The documents of a case: what the case page shows, and one mutation per act.

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use skranke_domain::case::document::{
    AddressedFile, DocumentAct, DocumentRefusal, DocumentState, Standing, StoredFile,
};
use skranke_domain::case::{Case as CaseAggregate, CaseAct, CaseActKind, CaseRefusal};
use skranke_domain::letter::LetterKind as Kind;
use skranke_domain::{CaseId, DocumentId, Lang, Refusal, StreamId, UserId};
use skranke_projections::DocumentSheet;
use skranke_store::documents::Received;

use crate::access;
use crate::caller::{Caller, coded, fault, not_loaded};
use crate::office::Office;
use crate::payload::{inputs, payloads};
use crate::personal::Personal;
use crate::reach;
use crate::refusal::Refused;
use crate::scalars::{Date, DateTime, DocumentDirection, LetterKind};
use crate::staff::{self, Staff};

use super::act::{Answer, CaseChanged, Sent, perform};
use super::letter::NoPrint;
use super::mutation::act;

/// How a document stands.
#[derive(async_graphql::Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentStanding {
    /// Waits to be journalised.
    Uploaded,
    /// Journalised.
    Journalised,
    /// Journalised and sent as a decision.
    Sent,
    /// Moved to another case.
    Moved,
    /// Taken back.
    Withdrawn,
}

/// A document of a case (akt).
#[derive(Clone, Debug)]
pub struct Document {
    pub(crate) stream: StreamId,
    pub(crate) case: CaseId,
    pub(crate) sheet: DocumentSheet,
    pub(crate) state: DocumentState,
}

/// A version of a document.
#[derive(Clone, Debug)]
pub struct DocumentVersion {
    stream: StreamId,
    case: CaseId,
    document: DocumentId,
    version: u32,
    file: StoredFile,
}

/// A document of a case (akt).
#[Object]
impl Document {
    /// The id.
    async fn id(&self) -> ID {
        ID(self.sheet.id.to_string())
    }

    /// How it stands.
    async fn standing(&self) -> DocumentStanding {
        match self.state.standing {
            Standing::Uploaded | Standing::Used => DocumentStanding::Uploaded,
            Standing::Journalised => DocumentStanding::Journalised,
            Standing::Sent => DocumentStanding::Sent,
            Standing::Moved { .. } => DocumentStanding::Moved,
            Standing::Withdrawn => DocumentStanding::Withdrawn,
        }
    }

    /// What it is about (tema), once journalised.
    async fn theme(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        let theme = self.state.journal.as_ref().map(|journal| &journal.theme);
        ctx.data::<Office>()?.personal_if_any(&self.stream, theme)
    }

    /// The day it was received, sent or finished.
    async fn dated(&self) -> Option<Date> {
        self.state.journal.as_ref().map(|journal| Date(journal.dated))
    }

    /// Which way it went.
    async fn direction(&self) -> Option<DocumentDirection> {
        self.state.journal.as_ref().map(|journal| journal.direction.into())
    }

    /// The case it was moved to.
    async fn moved_to(&self) -> Option<ID> {
        match self.state.standing {
            Standing::Moved { to } => Some(ID(to.to_string())),
            _ => None,
        }
    }

    /// Who brought it to the case.
    async fn added_by(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        staff_of(ctx, self.sheet.added_by.staff()).await
    }

    /// When.
    async fn added_at(&self) -> DateTime {
        DateTime(self.sheet.added_at)
    }

    /// Who journalised it.
    async fn journalised_by(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        staff_of(ctx, self.sheet.journalised.and_then(|(by, _)| by.staff())).await
    }

    /// When.
    async fn journalised_at(&self) -> Option<DateTime> {
        self.sheet.journalised.map(|(_, at)| DateTime(at))
    }

    /// Its versions, the first one first.
    async fn versions(&self) -> Vec<DocumentVersion> {
        let versions = self.state.versions.iter().cloned().zip(1..);
        versions
            .map(|(file, version)| DocumentVersion {
                stream: self.stream.clone(),
                case: self.case,
                document: self.sheet.id,
                version,
                file,
            })
            .collect()
    }
}

async fn staff_of(ctx: &Context<'_>, user: Option<UserId>) -> Result<Option<Staff>> {
    match user {
        Some(user) => staff::find(ctx, user).await,
        None => Ok(None),
    }
}

/// A version of a document.
#[Object]
impl DocumentVersion {
    /// From 1.
    async fn version(&self) -> u32 {
        self.version
    }

    /// The name the file came with.
    async fn file_name(&self, ctx: &Context<'_>) -> Result<Personal> {
        ctx.data::<Office>()?.personal(&self.stream, &self.file.name)
    }

    /// What it is.
    async fn media_type(&self) -> &str {
        &self.file.media_type
    }

    /// How many bytes it has.
    async fn size(&self) -> i64 {
        i64::try_from(self.file.size).unwrap_or(i64::MAX)
    }

    /// The keyed hash of its bytes.
    async fn hash(&self) -> String {
        self.file.hash.to_string()
    }

    /// Where it is opened.
    async fn href(&self) -> String {
        format!("/api/cases/{}/documents/{}?version={}", self.case, self.document, self.version)
    }
}

/// A correction of a decision that was sent (berigtigelse).
#[derive(Clone, Debug)]
pub struct Correction {
    pub(crate) stream: StreamId,
    pub(crate) correction: skranke_projections::Correction,
}

/// A correction of a decision that was sent (berigtigelse).
#[Object]
impl Correction {
    /// What is right.
    async fn text(&self, ctx: &Context<'_>) -> Result<Personal> {
        ctx.data::<Office>()?.personal(&self.stream, &self.correction.text)
    }

    /// Why.
    async fn reason(&self, ctx: &Context<'_>) -> Result<Personal> {
        ctx.data::<Office>()?.personal(&self.stream, &self.correction.reason)
    }

    /// Who corrected it.
    async fn by(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        staff_of(ctx, self.correction.by.staff()).await
    }

    /// When.
    async fn at(&self) -> DateTime {
        DateTime(self.correction.at)
    }
}

/// A letter that was approved, and sent.
#[derive(SimpleObject, Clone, Debug)]
pub struct DecisionLetter {
    /// To which party, by number.
    pub party: u32,
    /// The document; in the case's list once it was sent.
    pub document_id: ID,
    /// The keyed hash of its bytes: what was approved is what was sent.
    pub hash: String,
}

impl DecisionLetter {
    pub(crate) fn of(party: u32, file: &StoredFile) -> Self {
        Self { party, document_id: ID(file.id.to_string()), hash: file.hash.to_string() }
    }
}

payloads! { CaseChanged:
    /// What came of journalising.
    DocumentJournalisePayload,
    /// What came of adding a version.
    DocumentSupersedePayload,
    /// What came of moving.
    DocumentMovePayload,
    /// What came of withdrawing.
    DocumentWithdrawPayload,
    /// What came of printing.
    LetterPrintPayload,
    /// What came of correcting.
    DecisionCorrectPayload,
    /// What came of revoking.
    DecisionRevokePayload,
}

inputs! { case_id "The case.":
    /// Journalise a document.
    DocumentJournaliseInput {
        /// Which.
        document_id: ID,
        /// The day it was received, sent or finished.
        dated: Date,
        /// Which way it went.
        direction: DocumentDirection,
        /// What it is about (tema).
        theme: String,
    }
    /// Follow a document with a new version.
    DocumentSupersedeInput {
        /// Which.
        document_id: ID,
        /// The uploaded file that takes its place.
        file_id: ID,
        /// Why.
        reason: String,
    }
    /// Move a document to another case.
    DocumentMoveInput {
        /// Which.
        document_id: ID,
        /// Where to.
        to_case_id: ID,
        /// Why.
        reason: String,
    }
    /// Take back a document that should not be here.
    DocumentWithdrawInput {
        /// Which.
        document_id: ID,
        /// Why.
        reason: String,
    }
    /// Print a letter and put it into the case, to be journalised.
    LetterPrintInput {
        /// Which.
        kind: LetterKind,
        /// In English instead of Danish.
        english: bool = false,
    }
    /// Correct a decision that was sent.
    DecisionCorrectInput {
        /// What is right.
        text: String,
        /// Why.
        reason: String,
    }
    /// Revoke a decision.
    DecisionRevokeInput {
        /// Why.
        reason: String,
    }
}

pub(super) fn document_id(id: &ID, field: &str) -> Result<DocumentId> {
    id.parse().map_err(|_| coded(&format!("{field} is not an id"), "BAD_ID"))
}

fn about(act: DocumentAct) -> CaseAct {
    CaseAct::Document(Box::new(act))
}

/// Acts on documents and on the letters of decisions.
#[derive(Default)]
pub struct DocumentMutation;

#[Object]
impl DocumentMutation {
    /// Journalise a document: date, direction and theme (journalisér, OFL § 15).
    async fn document_journalise(
        &self,
        ctx: &Context<'_>,
        input: DocumentJournaliseInput,
    ) -> Result<DocumentJournalisePayload> {
        let document = document_id(&input.document_id, "documentId")?;
        let (dated, direction) = (input.dated.0, input.direction.into());
        act!(ctx, input, about(DocumentAct::Journalise { document, dated, direction, theme: input.theme }))
    }

    /// Follow a document with a new version; the earlier ones stay.
    async fn document_supersede(
        &self,
        ctx: &Context<'_>,
        input: DocumentSupersedeInput,
    ) -> Result<DocumentSupersedePayload> {
        let document = document_id(&input.document_id, "documentId")?;
        let with = document_id(&input.file_id, "fileId")?;
        act!(ctx, input, about(DocumentAct::Supersede { document, with, reason: input.reason }))
    }

    /// Move a document to another case; it arrives there a moment later.
    async fn document_move(
        &self,
        ctx: &Context<'_>,
        input: DocumentMoveInput,
    ) -> Result<DocumentMovePayload> {
        let (office, caller) = (ctx.data::<Office>()?, *Caller::of(ctx)?);
        let document = document_id(&input.document_id, "documentId")?;
        let to = input.to_case_id.parse::<CaseId>();
        let to = to.map_err(|_| coded("toCaseId is not an id", "BAD_ID"))?;
        // From the other case's own stream: a rule decides on it.
        let other = office.desk.load::<CaseAggregate>(&CaseAggregate::stream(caller.tenant, to)).await;
        let (other, _) = other.map_err(|error| not_loaded(&error, caller.lang))?;
        if input.case_id.parse::<CaseId>() == Ok(to) {
            let under = reach::to_write(office, &mut caller.act(office, None), &other).await;
            let under = under.map_err(|error| not_loaded(&error, caller.lang))?;
            let blocked = other.blocked(CaseActKind::MoveDocument, &under).into_iter().next();
            let refusal = blocked.unwrap_or_else(|| DocumentRefusal::SameCase.into());
            return refused(ctx, &refusal, Some(to)).await.map(Into::into);
        }
        let open = |file: &skranke_domain::case::CaseFile| file.phase != skranke_domain::case::Phase::Closed;
        let other_is_open = matches!(&other, CaseAggregate::File(file) if open(file));
        let reason = input.reason;
        act!(ctx, input, about(DocumentAct::Move { document, to, reason, other_is_open }))
    }

    /// Take back a document that should not be here; it stays readable.
    async fn document_withdraw(
        &self,
        ctx: &Context<'_>,
        input: DocumentWithdrawInput,
    ) -> Result<DocumentWithdrawPayload> {
        let document = document_id(&input.document_id, "documentId")?;
        act!(ctx, input, about(DocumentAct::Withdraw { document, reason: input.reason }))
    }

    /// Print a hearing letter, a receipt or a notice of delay from its template, and put it into the case: one for each
    /// party that it is for, or for whoever speaks for them.
    async fn letter_print(&self, ctx: &Context<'_>, input: LetterPrintInput) -> Result<LetterPrintPayload> {
        let lang = if input.english { Lang::En } else { Lang::Da };
        let kind: Kind = input.kind.into();
        let sent = Sent { key: input.idempotency_key, expected: input.expected_version };
        let wish = LetterWish { kind, lang, then: CaseActKind::UploadDocument };
        let add = |letters| about(DocumentAct::AddLetters(letters));
        print(ctx, &input.case_id, wish, sent, add).await.map(Into::into)
    }

    /// Correct a decision that was sent (berigtig); the letter stays as it was.
    async fn decision_correct(
        &self,
        ctx: &Context<'_>,
        input: DecisionCorrectInput,
    ) -> Result<DecisionCorrectPayload> {
        act!(ctx, input, about(DocumentAct::CorrectDecision { text: input.text, reason: input.reason }))
    }

    /// Revoke a decision (tilbagekald); the case is open for another.
    async fn decision_revoke(
        &self,
        ctx: &Context<'_>,
        input: DecisionRevokeInput,
    ) -> Result<DecisionRevokePayload> {
        act!(ctx, input, about(DocumentAct::RevokeDecision { reason: input.reason }))
    }
}

/// Which letter, and for which act.
pub(crate) struct LetterWish {
    pub(crate) kind: Kind,
    pub(crate) lang: Lang,
    pub(crate) then: CaseActKind,
}

async fn refused(
    ctx: &Context<'_>,
    refusal: &dyn Refusal,
    case: Option<CaseId>,
) -> Result<Answer<CaseChanged>> {
    let (office, caller) = (ctx.data::<Office>()?, Caller::of(ctx)?);
    access::refused(office, caller, ctx.field().name(), refusal.code(), case).await;
    Ok(Answer::Refused(Refused {
        code: refusal.code().to_owned(),
        message: refusal.message(caller.lang),
        statute: refusal.statute(),
        path: refusal.path().to_owned(),
    }))
}

/// Prints a letter for each party that is addressed, stores them, and carries out the act that names them.
pub(crate) async fn print(
    ctx: &Context<'_>,
    case_id: &ID,
    wish: LetterWish,
    sent: Sent,
    act: impl FnOnce(Vec<AddressedFile>) -> CaseAct,
) -> Result<Answer<CaseChanged>> {
    let (office, caller) = (ctx.data::<Office>()?, *Caller::of(ctx)?);
    let Ok(case) = case_id.parse::<CaseId>() else {
        return refused(ctx, &CaseRefusal::NotOpened, None).await;
    };
    let state = office.desk.load::<CaseAggregate>(&CaseAggregate::stream(caller.tenant, case)).await;
    let (state, _) = state.map_err(|error| not_loaded(&error, caller.lang))?;
    if state == CaseAggregate::Unopened {
        return refused(ctx, &CaseRefusal::NotOpened, Some(case)).await;
    }
    let under = reach::to_write(office, &mut caller.act(office, None), &state).await;
    let blocked = state.blocked(wish.then, &under.map_err(|error| not_loaded(&error, caller.lang))?);
    let printed = office.print_letters(caller.tenant, case, wish.kind, wish.lang, caller.user).await;
    let printed = match printed {
        Ok(printed) => printed,
        Err(NoPrint::NoLetter(_)) => {
            let nothing = match wish.kind {
                Kind::Hearing => CaseRefusal::NoHearing,
                Kind::Decision | Kind::Receipt | Kind::DelayNotice => CaseRefusal::NoDraft,
            };
            return refused(ctx, blocked.first().unwrap_or(&nothing), Some(case)).await;
        }
        Err(NoPrint::NotPrinted(why)) => return refused(ctx, &why, Some(case)).await,
        Err(NoPrint::Load(error)) => return Err(not_loaded(&error, caller.lang)),
        Err(NoPrint::Store(error)) => return Err(fault(&error)),
    };
    let (mut letters, mut stored) = (Vec::new(), Vec::new());
    for letter in &printed {
        letters.push(office.address_of(caller.tenant, letter).await.map_err(|error| fault(&error))?);
        // What the rules refuse anyway is not stored; asked again under the same key, the first answer is given.
        if blocked.is_empty() {
            let kept = office.store_letter(caller.tenant, case, letter).await;
            stored.push(kept.map_err(|error| fault(&error))?);
        }
    }
    let answer = perform(ctx, case_id, act(letters), sent).await;
    for stored in &stored {
        settle(office, &caller, case, stored, &answer).await?;
    }
    answer
}

/// Keeps what an event names, and discards what none does.
async fn settle(
    office: &Office,
    caller: &Caller,
    case: CaseId,
    stored: &Received,
    answer: &Result<Answer<CaseChanged>>,
) -> Result<()> {
    let settled = match answer {
        Ok(Answer::Done(_)) => {
            let state = office.desk.load::<CaseAggregate>(&CaseAggregate::stream(caller.tenant, case)).await;
            match state.map_err(|error| not_loaded(&error, caller.lang))?.0 {
                CaseAggregate::File(file) if file.holds(stored.hash) => office.documents.keep(stored).await,
                _ => office.documents.discard(stored).await,
            }
        }
        Ok(Answer::Refused(_) | Answer::Conflict(_)) => office.documents.discard(stored).await,
        // Whether the event was appended is not known: the next start asks the log.
        Err(_) => Ok(()),
    };
    settled.map_err(|error| fault(&error))
}
