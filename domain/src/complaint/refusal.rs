//! Why a wish about a complaint is not granted.

use crate::case::CaseRefusal;
use crate::{Lang, Refusal};

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ComplaintRefusal {
    /// The case, or who acts on it, stands in the way; or a field is empty or too long.
    #[error(transparent)]
    Case(#[from] CaseRefusal),
    /// Nothing came in under this id.
    #[error("there is no such complaint")]
    NotFound,
    /// The id is taken.
    #[error("the complaint has been received already")]
    AlreadyReceived,
    /// The case has no decision.
    #[error("the case has no decision yet that could be complained of")]
    NoDecision,
    /// Not one of those whose decisions go straight on.
    #[error("no body of that name is known whose decisions go straight to appeal")]
    UnknownDecidingBody,
    /// There is no delay to examine.
    #[error("the complaint came in time: there is no delay to examine")]
    InTime,
    /// The delay was examined.
    #[error("the delay has been excused already")]
    LatenessExamined,
    /// The delay was not examined.
    #[error("the complaint is late: examine first whether the delay is excused")]
    LatenessNotExamined {
        /// From the rule set.
        statute: String,
    },
    /// Decisions of this body are not reassessed.
    #[error("a complaint over this body's decisions goes straight on, without reassessment")]
    StraightToAppeal {
        /// From the rule set.
        statute: String,
    },
    /// It was begun.
    #[error("the reassessment has begun already")]
    AlreadyReassessing,
    /// It was not begun, or is done.
    #[error("no reassessment is under way")]
    NotUnderReassessment,
    /// The authority has not looked again.
    #[error("the decision must be reassessed before the complaint is sent on")]
    NotReassessed {
        /// From the rule set.
        statute: String,
    },
    /// It is with the complaint body.
    #[error("the complaint has been sent on already")]
    AlreadyForwarded,
    /// It is not with the complaint body.
    #[error("the complaint has not been sent on")]
    NotForwarded,
    /// No such authority.
    #[error("no such authority is in the register: pick one from the list")]
    UnknownAuthority,
    /// The rules name another body.
    #[error("complaints over this decision go to {body}")]
    NotTheBody {
        /// The body's slug.
        body: String,
    },
    /// Nothing goes along.
    #[error("list the papers of the case that go along")]
    NoFiles,
    /// A paper that the case does not have.
    #[error("the case has no paper {reference}")]
    UnknownPaper {
        /// Its reference, as it was sent.
        reference: String,
    },
    /// It is over.
    #[error("the complaint is settled")]
    Settled,
}

impl Refusal for ComplaintRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::Case(refusal) => refusal.code(),
            Self::NotFound => "COMPLAINT_NOT_FOUND",
            Self::AlreadyReceived => "ALREADY_RECEIVED",
            Self::NoDecision => "NO_DECISION",
            Self::UnknownDecidingBody => "UNKNOWN_DECIDING_BODY",
            Self::InTime => "COMPLAINT_IN_TIME",
            Self::LatenessExamined => "LATENESS_EXAMINED",
            Self::LatenessNotExamined { .. } => "LATENESS_NOT_EXAMINED",
            Self::StraightToAppeal { .. } => "STRAIGHT_TO_APPEAL",
            Self::AlreadyReassessing => "ALREADY_REASSESSING",
            Self::NotUnderReassessment => "NOT_UNDER_REASSESSMENT",
            Self::NotReassessed { .. } => "NOT_REASSESSED",
            Self::AlreadyForwarded => "ALREADY_FORWARDED",
            Self::NotForwarded => "NOT_FORWARDED",
            Self::UnknownAuthority => "UNKNOWN_AUTHORITY",
            Self::NotTheBody { .. } => "NOT_THE_BODY",
            Self::NoFiles => "NO_FILES",
            Self::UnknownPaper { .. } => "UNKNOWN_PAPER",
            Self::Settled => "COMPLAINT_SETTLED",
        }
    }

    fn message(&self, lang: Lang) -> String {
        if lang == Lang::En {
            return match self {
                Self::Case(refusal) => refusal.message(lang),
                _ => self.to_string(),
            };
        }
        match self {
            Self::Case(refusal) => return refusal.message(lang),
            Self::NotFound => "Klagen findes ikke.",
            Self::AlreadyReceived => "Klagen er allerede modtaget.",
            Self::NoDecision => "Der er ikke truffet en afgørelse i sagen, som der kan klages over.",
            Self::UnknownDecidingBody => {
                "Der er ingen med det navn, hvis afgørelser går direkte til klageinstansen."
            }
            Self::InTime => "Klagen kom til tiden. Der er ingen forsinkelse at vurdere.",
            Self::LatenessExamined => "Det er allerede vurderet, at forsinkelsen er undskyldelig.",
            Self::LatenessNotExamined { .. } => {
                "Klagen kom for sent. Vurder først, om forsinkelsen er undskyldelig."
            }
            Self::StraightToAppeal { .. } => {
                "En klage over denne afgørelse sendes direkte videre uden genvurdering."
            }
            Self::AlreadyReassessing => "Genvurderingen er allerede begyndt.",
            Self::NotUnderReassessment => "Der er ingen genvurdering i gang.",
            Self::NotReassessed { .. } => "Afgørelsen skal genvurderes, før klagen sendes videre.",
            Self::AlreadyForwarded => "Klagen er allerede sendt videre.",
            Self::NotForwarded => "Klagen er ikke sendt videre.",
            Self::UnknownAuthority => "Myndigheden findes ikke i registret. Vælg en fra listen.",
            Self::NotTheBody { body } => return format!("Klager over denne afgørelse sendes til {body}."),
            Self::NoFiles => "Vælg de akter i sagen, der skal følge med.",
            Self::UnknownPaper { .. } => "Sagen har ikke denne akt. Vælg fra listen.",
            Self::Settled => "Klagen er færdigbehandlet.",
        }
        .to_owned()
    }

    fn statute(&self) -> Option<String> {
        match self {
            Self::Case(refusal) => refusal.statute(),
            Self::LatenessNotExamined { statute }
            | Self::StraightToAppeal { statute }
            | Self::NotReassessed { statute } => Some(statute.clone()).filter(|statute| !statute.is_empty()),
            _ => None,
        }
    }

    fn path(&self) -> &'static str {
        match self {
            Self::Case(refusal) => refusal.path(),
            Self::NoDecision => "caseId",
            Self::UnknownDecidingBody => "decidedBy",
            Self::UnknownAuthority | Self::NotTheBody { .. } => "authority",
            Self::NoFiles | Self::UnknownPaper { .. } => "files",
            _ => "",
        }
    }
}
