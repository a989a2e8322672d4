//! Why a wish about a document is not granted.

use crate::{Lang, Refusal};

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum DocumentRefusal {
    /// The case has no such document.
    #[error("the case has no such document")]
    NotFound,
    /// A document of the case waits to be journalised.
    #[error("a document has not been journalised: journalise or withdraw it first")]
    NotJournalised,
    /// It is journalised: it can be followed by a new version, and not be changed.
    #[error("the document has been journalised: it is never changed, add a new version instead")]
    AlreadyJournalised,
    /// Nothing waits to be journalised.
    #[error("no document waits to be journalised")]
    NothingToJournalise,
    /// It was sent: only a correction of the decision can follow.
    #[error("the document was sent and stays as it is: correct or revoke the decision instead")]
    Sent,
    /// It was withdrawn, or moved to another case.
    #[error("the document was withdrawn or moved to another case")]
    Gone,
    /// The new version is no file that waits.
    #[error("the new version must be a file that was uploaded to this case and not journalised")]
    NoNewVersion,
    /// It is in that case already.
    #[error("the document is in this case already")]
    SameCase,
    /// The day is after today.
    #[error("the date of a document cannot be in the future")]
    InTheFuture,
    /// The bytes to send are not the approved ones.
    #[error("what is to be sent is not what was approved: have the decision approved again")]
    NotTheApprovedBytes,
    /// The letters are for others than the case's parties.
    #[error("the parties of the case changed while the letters were printed: try again")]
    OtherParties,
}

impl Refusal for DocumentRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "DOCUMENT_NOT_FOUND",
            Self::NotJournalised => "DOCUMENT_NOT_JOURNALISED",
            Self::AlreadyJournalised => "DOCUMENT_JOURNALISED",
            Self::NothingToJournalise => "NOTHING_TO_JOURNALISE",
            Self::Sent => "DOCUMENT_SENT",
            Self::Gone => "DOCUMENT_GONE",
            Self::NoNewVersion => "NO_NEW_VERSION",
            Self::SameCase => "SAME_CASE",
            Self::InTheFuture => "DOCUMENT_DATE_IN_THE_FUTURE",
            Self::NotTheApprovedBytes => "NOT_THE_APPROVED_BYTES",
            Self::OtherParties => "OTHER_PARTIES",
        }
    }

    fn message(&self, lang: Lang) -> String {
        if lang == Lang::En {
            return self.to_string();
        }
        match self {
            Self::NotFound => "Sagen har ikke det dokument.",
            Self::NotJournalised => {
                "Et dokument er ikke journaliseret. Journalisér det, eller træk det tilbage først."
            }
            Self::AlreadyJournalised => {
                "Dokumentet er journaliseret og ændres ikke. Tilføj en ny version i stedet."
            }
            Self::NothingToJournalise => "Ingen dokumenter venter på at blive journaliseret.",
            Self::Sent => {
                "Dokumentet er sendt og ændres ikke. Berigtig eller tilbagekald afgørelsen i stedet."
            }
            Self::Gone => "Dokumentet er trukket tilbage eller flyttet til en anden sag.",
            Self::NoNewVersion => {
                "Den nye version skal være en fil, der er lagt på sagen og ikke er journaliseret."
            }
            Self::SameCase => "Dokumentet ligger allerede på sagen.",
            Self::InTheFuture => "Dokumentets dato kan ikke ligge i fremtiden.",
            Self::NotTheApprovedBytes => {
                "Det, der skal sendes, er ikke det, der blev godkendt. Få afgørelsen godkendt igen."
            }
            Self::OtherParties => "Sagens parter ændrede sig, mens brevene blev trykt. Prøv igen.",
        }
        .to_owned()
    }

    fn statute(&self) -> Option<String> {
        matches!(self, Self::NotJournalised).then(|| "OFL § 15".to_owned())
    }

    fn path(&self) -> &'static str {
        match self {
            Self::NotFound | Self::AlreadyJournalised | Self::Sent | Self::Gone => "documentId",
            Self::NoNewVersion => "fileId",
            Self::SameCase => "toCaseId",
            Self::InTheFuture => "dated",
            Self::NotJournalised
            | Self::NothingToJournalise
            | Self::NotTheApprovedBytes
            | Self::OtherParties => "",
        }
    }
}
