//! Why a wish about the way of a case is not granted.

use crate::inquiry::InquiryRefusal;
use crate::{Lang, Refusal};

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CourseRefusal {
    /// The citizen withdrew it.
    #[error("the citizen has withdrawn the case: it can only be closed")]
    Withdrawn,
    /// Another authority has it.
    #[error("the case was forwarded to another authority: it can only be closed")]
    ForwardedAway,
    /// It is to be carried out already.
    #[error("it has been ordered already")]
    AlreadyOrdered,
    /// It is carried out already.
    #[error("it has been carried out already")]
    AlreadyEffectuated,
    /// Nothing is to be carried out.
    #[error("nothing has been ordered: order it first")]
    NothingOrdered,
    /// Something was ordered and is not carried out.
    #[error("what was ordered has not been carried out: note it first")]
    EffectuationPending,
    /// Nothing is done tomorrow already.
    #[error("the day on which it was done cannot be in the future")]
    DoneInTheFuture,
    /// A part of it is not closed.
    #[error("a sub-case is open: close it first")]
    SubCaseOpen,
    /// The other case is not there.
    #[error("there is no other case of that id in this municipality")]
    NoOtherCase,
    /// The two belong together in another way already.
    #[error("the two cases are linked already, in another way")]
    LinkedOtherwise,
    /// Something about the addressee or the sender.
    #[error(transparent)]
    Forwarding(#[from] InquiryRefusal),
}

impl Refusal for CourseRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::Withdrawn => "CASE_WITHDRAWN",
            Self::ForwardedAway => "CASE_FORWARDED",
            Self::AlreadyOrdered => "ALREADY_ORDERED",
            Self::AlreadyEffectuated => "ALREADY_EFFECTUATED",
            Self::NothingOrdered => "NOTHING_ORDERED",
            Self::EffectuationPending => "EFFECTUATION_PENDING",
            Self::DoneInTheFuture => "DONE_IN_THE_FUTURE",
            Self::SubCaseOpen => "SUB_CASE_OPEN",
            Self::NoOtherCase => "OTHER_CASE_NOT_FOUND",
            Self::LinkedOtherwise => "LINKED_OTHERWISE",
            Self::Forwarding(refusal) => refusal.code(),
        }
    }

    fn message(&self, lang: Lang) -> String {
        if lang == Lang::En {
            return self.to_string();
        }
        match self {
            Self::Withdrawn => "Borgeren har frafaldet sagen. Den kan kun afsluttes.",
            Self::ForwardedAway => "Sagen er videresendt til en anden myndighed. Den kan kun afsluttes.",
            Self::AlreadyOrdered => "Udførelsen er allerede bestilt.",
            Self::AlreadyEffectuated => "Afgørelsen er allerede udført.",
            Self::NothingOrdered => "Udførelsen er ikke bestilt. Bestil den først.",
            Self::EffectuationPending => "Det bestilte er ikke udført. Notér først, at det er gjort.",
            Self::DoneInTheFuture => "Det kan ikke være udført efter i dag.",
            Self::SubCaseOpen => "En delsag er åben. Afslut den først.",
            Self::NoOtherCase => "Der er ingen anden sag med det id i kommunen.",
            Self::LinkedOtherwise => "De to sager er allerede knyttet sammen på en anden måde.",
            Self::Forwarding(refusal) => return refusal.message(lang),
        }
        .to_owned()
    }

    fn statute(&self) -> Option<String> {
        match self {
            Self::Forwarding(refusal) => refusal.statute(),
            _ => None,
        }
    }

    fn path(&self) -> &'static str {
        match self {
            Self::DoneInTheFuture => "on",
            Self::NoOtherCase => "otherCaseId",
            Self::LinkedOtherwise => "link",
            Self::Forwarding(refusal) => refusal.path(),
            _ => "",
        }
    }
}
