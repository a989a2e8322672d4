//! Why a wish about a person's data is not granted.

use jiff::civil::Date;

use super::matter::Unfinished;
use crate::case::CaseRefusal;
use crate::{Lang, Refusal};

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrivacyRefusal {
    /// A field is empty or too long, or a day lies in the future.
    #[error(transparent)]
    Text(#[from] CaseRefusal),
    /// Nothing is stored under this id.
    #[error("nothing is stored about such a person here")]
    NotFound,
    /// The role is missing.
    #[error("your roles do not allow this")]
    NotAllowed,
    /// The data are gone, or as good as gone.
    #[error("it was decided to erase this person's data")]
    AlreadyErased,
    /// Another request is under way.
    #[error("a request on another basis is under way: decide on that first")]
    AlreadyRequested,
    /// Nobody asked.
    #[error("nobody has asked to erase this person's data")]
    NotRequested,
    /// Nobody proposed it.
    #[error("nobody has proposed to erase this person's data")]
    NotProposed,
    /// The proposer approves.
    #[error("another person must approve: you proposed it yourself")]
    SecondApprover,
    /// A hold stands.
    #[error("a legal hold stands: nothing is erased until it is released")]
    LegalHold,
    /// There is no such hold.
    #[error("no legal hold of that number stands")]
    NoSuchHold,
    /// A case is open.
    #[error("a case of this person is open: close it first")]
    CaseOpen,
    /// Something else is open.
    #[error("{} of this person is not finished", unfinished_en(*.0))]
    Unfinished(Unfinished),
    /// The list says nothing of subject or facet.
    #[error(
        "a case of this person has no retention class: classify it with a KLE subject and facet that have one"
    )]
    NoRetentionClass,
    /// Subject or facet is marked keep, and the case is in no archive.
    #[error("a case of this person must be kept, and was not delivered to an archive")]
    MustBeKept,
    /// The time is not over.
    #[error("the retention period runs until {until}")]
    PeriodNotOver {
        /// The first day on which it is over.
        until: Date,
    },
    /// There is no case whose time could be over.
    #[error("there is no case of this person whose retention period could be over")]
    NothingToDispose,
    /// The case is somebody else's.
    #[error("this person has no such case")]
    NoSuchCase,
    /// Only the system destroys keys, after a decision.
    #[error("a key is destroyed after a decision only")]
    NotDecided,
}

const fn unfinished_en(what: Unfinished) -> &'static str {
    match what {
        Unfinished::Inquiry => "an inquiry",
        Unfinished::Complaint => "a complaint",
        Unfinished::Appeal => "an appeal",
        Unfinished::AccessRequest => "a request for access",
        Unfinished::Exemption => "an exemption",
        Unfinished::Finding => "an auditor's finding about a case",
    }
}

const fn unfinished_da(what: Unfinished) -> &'static str {
    match what {
        Unfinished::Inquiry => "Personen har en henvendelse, der ikke er besvaret.",
        Unfinished::Complaint => "Personen har en klage, der ikke er færdigbehandlet.",
        Unfinished::Appeal => "Personen har en klage, der ligger hos klageinstansen.",
        Unfinished::AccessRequest => "Personen har en anmodning om aktindsigt, der ikke er besvaret.",
        Unfinished::Exemption => "Personen har en fritagelse, der er søgt om eller gælder.",
        Unfinished::Finding => "Revisionen venter på svar på et fund i en af personens sager.",
    }
}

impl Refusal for PrivacyRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::Text(refusal) => refusal.code(),
            Self::NotFound => "SUBJECT_NOT_FOUND",
            Self::NotAllowed => "NOT_ALLOWED",
            Self::AlreadyErased => "ALREADY_ERASED",
            Self::AlreadyRequested => "ERASURE_ALREADY_REQUESTED",
            Self::NotRequested => "ERASURE_NOT_REQUESTED",
            Self::NotProposed => "ERASURE_NOT_PROPOSED",
            Self::SecondApprover => "PROPOSER_APPROVES",
            Self::LegalHold => "LEGAL_HOLD",
            Self::NoSuchHold => "NO_SUCH_HOLD",
            Self::CaseOpen => "CASE_OPEN",
            Self::Unfinished(Unfinished::Inquiry) => "INQUIRY_OPEN",
            Self::Unfinished(Unfinished::Complaint) => "COMPLAINT_OPEN",
            Self::Unfinished(Unfinished::Appeal) => "APPEAL_OPEN",
            Self::Unfinished(Unfinished::AccessRequest) => "ACCESS_REQUEST_OPEN",
            Self::Unfinished(Unfinished::Exemption) => "EXEMPTION_OPEN",
            Self::Unfinished(Unfinished::Finding) => "FINDING_OPEN",
            Self::NoRetentionClass => "NO_RETENTION_CLASS",
            Self::MustBeKept => "MUST_BE_KEPT",
            Self::PeriodNotOver { .. } => "RETENTION_NOT_OVER",
            Self::NothingToDispose => "NOTHING_TO_DISPOSE",
            Self::NoSuchCase => "CASE_NOT_FOUND",
            Self::NotDecided => "ERASURE_NOT_DECIDED",
        }
    }

    fn message(&self, lang: Lang) -> String {
        if lang == Lang::En {
            return self.to_string();
        }
        match self {
            Self::Text(refusal) => return refusal.message(lang),
            Self::NotFound => "Her er ikke gemt noget om en sådan person.",
            Self::NotAllowed => "Dine roller giver ikke adgang til dette.",
            Self::AlreadyErased => "Det er besluttet at slette personens oplysninger.",
            Self::AlreadyRequested => {
                "Der er allerede en anmodning i gang på et andet grundlag. Tag stilling til den først."
            }
            Self::NotRequested => "Ingen har bedt om at få personens oplysninger slettet.",
            Self::NotProposed => "Ingen har foreslået at slette personens oplysninger.",
            Self::SecondApprover => "En anden skal godkende. Du har selv foreslået det.",
            Self::LegalHold => "Oplysningerne er låst. Intet slettes, før låsen er ophævet.",
            Self::NoSuchHold => "Der er ingen lås med det nummer.",
            Self::CaseOpen => "Personen har en åben sag. Afslut den først.",
            Self::Unfinished(what) => unfinished_da(*what),
            Self::NoRetentionClass => {
                "En af personens sager har ingen kassationsbestemmelse. Giv den et KLE-emne og en facet, der har."
            }
            Self::MustBeKept => "En af personens sager skal bevares og er ikke afleveret til et arkiv.",
            Self::PeriodNotOver { until } => {
                return format!("Opbevaringsfristen løber til {}.", until.strftime("%-d.%-m.%Y"));
            }
            Self::NothingToDispose => "Personen har ingen sag, hvis opbevaringsfrist kan være udløbet.",
            Self::NoSuchCase => "Personen har ingen sådan sag.",
            Self::NotDecided => "En nøgle destrueres først efter en beslutning.",
        }
        .to_owned()
    }

    fn statute(&self) -> Option<String> {
        match self {
            // An authority keeps what it must keep by law or for the exercise of its task.
            Self::CaseOpen | Self::Unfinished(_) | Self::LegalHold => Some("GDPR art. 17, stk. 3".to_owned()),
            Self::Text(refusal) => refusal.statute(),
            _ => None,
        }
    }

    fn path(&self) -> &'static str {
        match self {
            Self::Text(refusal) => refusal.path(),
            Self::NotFound => "subjectId",
            Self::NoSuchHold => "number",
            Self::NoSuchCase => "caseId",
            _ => "",
        }
    }
}
