//! The documents of a case (akter): uploaded, journalised, followed by new versions, moved, withdrawn.
//!
//! Invariants:
//! - What was journalised or sent is never changed. A new version stands beside the old one; a mistake is corrected
//!   by an event that says why.
//! - A file's bytes lie in the document store, sealed under the key of the case's subject, before any event names it.
//! - What is sent is what was approved: the letter's hash stands in the approval and is compared when it goes out.

mod event;
mod refusal;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use event::{
    ContentHash, DocumentDirection, DocumentJournalised, DocumentMoved, DocumentSuperseded,
    DocumentTakenOver, DocumentUploaded, DocumentWithdrawn, LetterSent, NotAHash, PartyLetter, StoredFile,
};
pub use refusal::DocumentRefusal;

use super::command::Circumstances;
use super::decision::{DecisionApproved, DecisionCorrected, DecisionRevoked, DecisionSent};
use super::guard::CaseActKind;
use super::{CaseEvent, CaseFile, CaseRefusal, DraftState, FIRST_PARTY, Hearing, Phase, text};
use crate::Sealed;
use crate::id::{CaseId, DocumentId, SubjectId};

/// The theme under which a sent decision is journalised: the journal is Danish.
const DECISION_THEME: &str = "Afgørelse";

/// A wish about a document, or about the letter of a decision.
#[derive(Clone)]
pub enum DocumentAct {
    /// Put a stored file into the case.
    Upload(NewFile),
    /// Put the letters of one act into the case, one for each party that it addresses.
    AddLetters(Vec<AddressedFile>),
    /// Journalise it (journalisér).
    Journalise {
        /// Which.
        document: DocumentId,
        /// The day it was received, sent or finished.
        dated: Date,
        /// Which way it went.
        direction: DocumentDirection,
        /// What it is about.
        theme: String,
    },
    /// Follow it with a new version.
    Supersede {
        /// Which.
        document: DocumentId,
        /// The uploaded file.
        with: DocumentId,
        /// Why.
        reason: String,
    },
    /// Move it to another case.
    Move {
        /// Which.
        document: DocumentId,
        /// Where to.
        to: CaseId,
        /// Why.
        reason: String,
        /// Whether the other case is there and open: from its own stream.
        other_is_open: bool,
    },
    /// Take over what another case let go.
    TakeOver(Box<TakeOver>),
    /// Take back what should not be here.
    Withdraw {
        /// Which.
        document: DocumentId,
        /// Why.
        reason: String,
    },
    /// Correct a decision that was sent (berigtig).
    CorrectDecision {
        /// What is right.
        text: String,
        /// Why.
        reason: String,
    },
    /// Revoke a decision (tilbagekald).
    RevokeDecision {
        /// Why.
        reason: String,
    },
}

impl DocumentAct {
    /// The kind of this act.
    pub const fn kind(&self) -> CaseActKind {
        match self {
            Self::Upload(_) | Self::AddLetters(_) => CaseActKind::UploadDocument,
            Self::Journalise { .. } => CaseActKind::JournaliseDocument,
            Self::Supersede { .. } => CaseActKind::SupersedeDocument,
            Self::Move { .. } => CaseActKind::MoveDocument,
            Self::TakeOver(_) => CaseActKind::TakeOverDocument,
            Self::Withdraw { .. } => CaseActKind::WithdrawDocument,
            Self::CorrectDecision { .. } => CaseActKind::CorrectDecision,
            Self::RevokeDecision { .. } => CaseActKind::RevokeDecision,
        }
    }
}

/// A file that is in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    /// The id it was stored under.
    pub id: DocumentId,
    /// Its address.
    pub hash: ContentHash,
    /// How many bytes it has.
    pub size: u64,
    /// What it is, by its first bytes.
    pub media_type: String,
    /// The name it came with.
    pub name: String,
}

impl NewFile {
    fn seal(self, subject: SubjectId) -> StoredFile {
        let Self { id, hash, size, media_type, name } = self;
        StoredFile { id, hash, size, media_type, name: Sealed::new(subject, name) }
    }
}

/// A letter that is in the store, and whom it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressedFile {
    /// The party, by number.
    pub party: u32,
    /// The file, stored for that party's subject.
    pub file: NewFile,
}

/// A document that comes from another case.
#[derive(Clone)]
pub struct TakeOver {
    /// Which.
    pub document: DocumentId,
    /// Where from.
    pub from: CaseId,
    /// The day it was received, sent or finished.
    pub dated: Date,
    /// Which way it went.
    pub direction: DocumentDirection,
    /// What it is about.
    pub theme: String,
    /// Every version, from the first, stored under this case's subject.
    pub versions: Vec<NewFile>,
}

/// How a document stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// Uploaded, and waiting to be journalised.
    Uploaded,
    /// Journalised.
    Journalised,
    /// Journalised and sent as a decision.
    Sent,
    /// The file became a version of another document.
    Used,
    /// Moved to another case.
    Moved {
        /// Which.
        to: CaseId,
    },
    /// Taken back.
    Withdrawn,
}

/// A document of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentState {
    /// How it stands.
    pub standing: Standing,
    /// Its files, version 1 first. Never empty.
    pub versions: Vec<StoredFile>,
    /// The journal's entry, once there is one.
    pub journal: Option<JournalEntry>,
}

/// What the journal says of a document (OFL § 15: at least a date and a short theme).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalEntry {
    /// The day it was received, sent or finished.
    pub dated: Date,
    /// Which way it went.
    pub direction: DocumentDirection,
    /// What it is about.
    pub theme: Sealed<String>,
}

impl DocumentState {
    /// The newest version, counted from 1, and its file.
    pub fn newest(&self) -> Option<(u32, &StoredFile)> {
        let file = self.versions.last()?;
        Some((u32::try_from(self.versions.len()).unwrap_or(u32::MAX), file))
    }

    /// The file of a version, counted from 1.
    pub fn version(&self, version: u32) -> Option<&StoredFile> {
        let place = usize::try_from(version).ok()?.checked_sub(1)?;
        self.versions.get(place)
    }

    /// Whether its bytes are this case's to show.
    pub const fn is_here(&self) -> bool {
        !matches!(self.standing, Standing::Moved { .. } | Standing::Used)
    }

    /// Every sealed field.
    pub fn seals(&mut self) -> impl Iterator<Item = &mut Sealed<String>> {
        let names = self.versions.iter_mut().map(|file| &mut file.name);
        names.chain(self.journal.as_mut().map(|journal| &mut journal.theme))
    }
}

impl DraftState {
    /// The approved letters, in the order of the parties.
    pub fn letters(&self) -> impl Iterator<Item = (u32, &StoredFile)> {
        let first = self.letter.iter().map(|letter| (FIRST_PARTY, letter));
        first.chain(self.letters.iter().map(|other| (other.party, &other.letter)))
    }
}

impl CaseFile {
    /// Whether a document or an approved letter of this case lies at an address of the store.
    pub fn holds(&self, hash: ContentHash) -> bool {
        let documents = self.documents.values().filter(|document| document.is_here());
        let letters = self.draft.iter().flat_map(DraftState::letters).map(|(_, letter)| letter);
        documents.flat_map(|document| &document.versions).chain(letters).any(|file| file.hash == hash)
    }

    /// What stands in the way of an act on documents as such, whichever document it is about.
    pub(super) fn documents_not_now(&self, kind: CaseActKind) -> Vec<CaseRefusal> {
        use DocumentRefusal::{NotFound, NothingToJournalise};
        let any = |wanted: fn(&Standing) -> bool| {
            self.documents.values().any(|document| wanted(&document.standing))
        };
        let uploaded = any(|standing| matches!(standing, Standing::Uploaded));
        let journalised = any(|standing| matches!(standing, Standing::Journalised));
        let reason = match kind {
            CaseActKind::JournaliseDocument if !uploaded => Some(NothingToJournalise.into()),
            CaseActKind::SupersedeDocument | CaseActKind::MoveDocument if !journalised => {
                Some(NotFound.into())
            }
            CaseActKind::WithdrawDocument if !uploaded && !journalised => Some(NotFound.into()),
            CaseActKind::Close if uploaded => Some(DocumentRefusal::NotJournalised.into()),
            CaseActKind::CorrectDecision if !self.sent => Some(CaseRefusal::DecisionNotSent),
            CaseActKind::RevokeDecision if self.decided.is_none() => Some(CaseRefusal::NotDecided),
            _ => None,
        };
        Vec::from_iter(reason)
    }

    pub(super) fn decide_document(
        &self,
        act: DocumentAct,
        under: &Circumstances,
    ) -> Result<Vec<CaseEvent>, CaseRefusal> {
        let seal = |value: String| Sealed::new(self.subject, value);
        match act {
            DocumentAct::Upload(file) if self.documents.contains_key(&file.id) => Ok(Vec::new()),
            DocumentAct::Upload(file) => {
                text(&file.name, "name")?;
                Ok(vec![CaseEvent::DocumentUploaded(DocumentUploaded { file: file.seal(self.subject) })])
            }
            DocumentAct::AddLetters(letters) => self.add_letters(letters),
            DocumentAct::Journalise { document, dated, direction, theme } => {
                let state = self.document(document)?;
                match state.standing {
                    Standing::Uploaded => {}
                    Standing::Journalised | Standing::Sent => {
                        return Err(DocumentRefusal::AlreadyJournalised.into());
                    }
                    Standing::Used | Standing::Moved { .. } | Standing::Withdrawn => {
                        return Err(DocumentRefusal::Gone.into());
                    }
                }
                if dated > under.today() {
                    return Err(DocumentRefusal::InTheFuture.into());
                }
                let theme = seal(text(&theme, "theme")?);
                let (version, file) = state.newest().ok_or(DocumentRefusal::NotFound)?;
                let file = file.clone();
                Ok(vec![CaseEvent::DocumentJournalised(DocumentJournalised {
                    document,
                    version,
                    dated,
                    direction,
                    theme,
                    file,
                })])
            }
            DocumentAct::Supersede { document, with, reason } => {
                let (version, _) = self.journalised(document)?.newest().ok_or(DocumentRefusal::NotFound)?;
                let new = self.documents.get(&with).filter(|new| new.standing == Standing::Uploaded);
                let (_, file) = new.and_then(DocumentState::newest).ok_or(DocumentRefusal::NoNewVersion)?;
                Ok(vec![CaseEvent::DocumentSuperseded(DocumentSuperseded {
                    document,
                    version: version + 1,
                    reason: seal(text(&reason, "reason")?),
                    file: file.clone(),
                })])
            }
            DocumentAct::Move { document, to, reason, other_is_open } => {
                self.journalised(document)?;
                if !other_is_open {
                    return Err(CaseRefusal::NotOpened);
                }
                let reason = seal(text(&reason, "reason")?);
                Ok(vec![CaseEvent::DocumentMoved(DocumentMoved { document, to, reason })])
            }
            DocumentAct::TakeOver(from) => Ok(self.take_over(*from)),
            DocumentAct::Withdraw { document, reason } => {
                if self.document(document)?.standing != Standing::Uploaded {
                    self.journalised(document)?;
                }
                let reason = seal(text(&reason, "reason")?);
                Ok(vec![CaseEvent::DocumentWithdrawn(DocumentWithdrawn { document, reason })])
            }
            DocumentAct::CorrectDecision { text: right, reason } => {
                Ok(vec![CaseEvent::DecisionCorrected(DecisionCorrected {
                    text: seal(text(&right, "text")?),
                    reason: seal(text(&reason, "reason")?),
                })])
            }
            DocumentAct::RevokeDecision { reason } => {
                let reason = seal(text(&reason, "reason")?);
                Ok(vec![CaseEvent::DecisionRevoked(DecisionRevoked { reason })])
            }
        }
    }

    fn take_over(&self, from: TakeOver) -> Vec<CaseEvent> {
        let TakeOver { document, from, dated, direction, theme, versions } = from;
        if self.documents.get(&document).is_some_and(DocumentState::is_here) {
            return Vec::new();
        }
        vec![CaseEvent::DocumentTakenOver(DocumentTakenOver {
            document,
            from,
            dated,
            direction,
            theme: Sealed::new(self.subject, theme),
            versions: versions.into_iter().map(|file| file.seal(self.subject)).collect(),
        })]
    }

    /// Letters that are in the case already are not added again.
    fn add_letters(&self, letters: Vec<AddressedFile>) -> Result<Vec<CaseEvent>, CaseRefusal> {
        let new = letters.into_iter().filter(|letter| !self.documents.contains_key(&letter.file.id));
        let add = |letter| {
            let PartyLetter { letter, .. } = self.addressed(letter)?;
            Ok(CaseEvent::DocumentUploaded(DocumentUploaded { file: letter }))
        };
        new.map(add).collect()
    }

    /// A letter, sealed for whom it is for.
    fn addressed(&self, letter: AddressedFile) -> Result<PartyLetter, CaseRefusal> {
        let AddressedFile { party, file } = letter;
        let subject = self.party(party).ok_or(DocumentRefusal::OtherParties)?.subject;
        Ok(PartyLetter { party, letter: file.seal(subject) })
    }

    /// The approval of a draft, with the letters as they were rendered: one for each party.
    pub(super) fn approve(
        &self,
        version: u32,
        letters: Vec<AddressedFile>,
    ) -> Result<CaseEvent, CaseRefusal> {
        let addressees = letters.iter().map(|letter| letter.party);
        if !addressees.eq(self.real_parties().map(|party| party.number)) {
            return Err(DocumentRefusal::OtherParties.into());
        }
        let letters = letters.into_iter().map(|letter| self.addressed(letter));
        let mut others = letters.collect::<Result<Vec<_>, _>>()?;
        let first = others.iter().position(|letter| letter.party == FIRST_PARTY);
        let letter = first.map(|place| others.remove(place).letter);
        Ok(CaseEvent::DecisionApproved(DecisionApproved { version, letter, others }))
    }

    /// Sending: exactly the approved bytes go out, and are journalised as they go.
    ///
    /// A decision that was approved by a program without letters has none; it goes out as it was decided.
    pub(super) fn send(
        &self,
        letters: &[(DocumentId, ContentHash)],
        under: &Circumstances,
    ) -> Result<Vec<CaseEvent>, CaseRefusal> {
        let approved: Vec<_> = self.draft.iter().flat_map(DraftState::letters).collect();
        if !approved.iter().map(|(_, file)| (file.id, file.hash)).eq(letters.iter().copied()) {
            return Err(DocumentRefusal::NotTheApprovedBytes.into());
        }
        let journalised = approved.iter().map(|(_, file)| {
            CaseEvent::DocumentJournalised(DocumentJournalised {
                document: file.id,
                version: 1,
                dated: under.today(),
                direction: DocumentDirection::Outgoing,
                theme: Sealed::new(file.subject(), DECISION_THEME.to_owned()),
                file: (*file).clone(),
            })
        });
        let sent =
            approved.iter().map(|&(party, file)| LetterSent { party, document: file.id, hash: file.hash });
        let (first, others): (Vec<_>, Vec<_>) = sent.partition(|sent| sent.party == FIRST_PARTY);
        let first = first.first();
        let sent = DecisionSent {
            document: first.map(|sent| sent.document),
            hash: first.map(|sent| sent.hash),
            others,
        };
        Ok(journalised.chain([CaseEvent::DecisionSent(sent)]).collect())
    }

    fn document(&self, id: DocumentId) -> Result<&DocumentState, CaseRefusal> {
        self.documents.get(&id).ok_or_else(|| DocumentRefusal::NotFound.into())
    }

    /// The document, if it is one that a correction may be about.
    fn journalised(&self, id: DocumentId) -> Result<&DocumentState, CaseRefusal> {
        let state = self.document(id)?;
        match state.standing {
            Standing::Journalised => Ok(state),
            Standing::Uploaded => Err(DocumentRefusal::NotJournalised.into()),
            Standing::Sent => Err(DocumentRefusal::Sent.into()),
            Standing::Used | Standing::Moved { .. } | Standing::Withdrawn => {
                Err(DocumentRefusal::Gone.into())
            }
        }
    }

    pub(super) fn uploaded(&mut self, file: StoredFile) {
        let id = file.id;
        let state = DocumentState { standing: Standing::Uploaded, versions: vec![file], journal: None };
        self.documents.insert(id, state);
    }

    pub(super) fn journalise(&mut self, journalised: DocumentJournalised) {
        let DocumentJournalised { document, dated, direction, theme, file, .. } = journalised;
        if direction == DocumentDirection::Incoming && matches!(self.hearing, Hearing::Open { .. }) {
            self.came_in.push(document);
        }
        let journal = Some(JournalEntry { dated, direction, theme });
        let state = DocumentState { standing: Standing::Journalised, versions: vec![file], journal };
        self.documents.insert(document, state);
    }

    pub(super) fn supersede(&mut self, superseded: DocumentSuperseded) {
        self.stand(superseded.file.id, Standing::Used);
        if let Some(state) = self.documents.get_mut(&superseded.document) {
            state.versions.push(superseded.file);
        }
    }

    pub(super) fn taken_over(&mut self, taken: DocumentTakenOver) {
        let DocumentTakenOver { document, dated, direction, theme, versions, .. } = taken;
        let journal = Some(JournalEntry { dated, direction, theme });
        let state = DocumentState { standing: Standing::Journalised, versions, journal };
        self.documents.insert(document, state);
    }

    /// What was decided no longer holds; the facts are looked at again, and the old decision stays in the log.
    pub(super) fn start_over(&mut self) {
        self.phase = Phase::UnderInvestigation;
        self.draft = None;
        self.decided = None;
        self.sent = false;
        self.forget_hearings();
    }

    pub(super) fn stand(&mut self, document: DocumentId, standing: Standing) {
        if matches!(standing, Standing::Moved { .. } | Standing::Withdrawn) {
            self.came_in.retain(|known| *known != document);
        }
        if let Some(state) = self.documents.get_mut(&document) {
            state.standing = standing;
        }
    }
}
