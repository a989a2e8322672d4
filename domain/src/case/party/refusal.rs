//! Why a wish about the parties of a case is not granted.

use crate::{Lang, Refusal};

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum PartyRefusal {
    /// Nobody has that number.
    #[error("the case has nobody with that number")]
    NotFound,
    /// Relatives, reporters and witnesses are neither heard nor decided about.
    #[error("only a party is heard and gets a decision: change the role first")]
    NotAParty,
    /// Whom the case was opened for stays its party.
    #[error("the case was opened for this person, who stays a party: open a case for somebody else instead")]
    FirstParty,
    /// They were not asked in the hearing that runs.
    #[error("this party is not being heard")]
    NotHeardNow,
    /// An answer cannot have come tomorrow.
    #[error("the day of an answer cannot be in the future")]
    InTheFuture,
    /// Nobody speaks for the party.
    #[error("nobody represents this party")]
    NotRepresented,
    /// That a party has answered is not taken on somebody's word.
    #[error("name the answer: the journalised document, or what the party said, which is then noted")]
    AnswerNotNamed,
    /// An answer was named, and more than one party's is missing.
    #[error("more than one party has not answered: note each one's answer by itself")]
    SeveralAwaited,
    /// The document did not come in during the hearing.
    #[error("the answer must be an incoming document that was journalised since the hearing began")]
    NoSuchAnswer,
}

impl Refusal for PartyRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "PARTY_NOT_FOUND",
            Self::NotAParty => "NOT_A_PARTY",
            Self::FirstParty => "FIRST_PARTY",
            Self::NotHeardNow => "PARTY_NOT_ASKED",
            Self::InTheFuture => "REPLY_IN_THE_FUTURE",
            Self::NotRepresented => "NOT_REPRESENTED",
            Self::AnswerNotNamed => "ANSWER_NOT_NAMED",
            Self::SeveralAwaited => "SEVERAL_AWAITED",
            Self::NoSuchAnswer => "NO_SUCH_ANSWER",
        }
    }

    fn message(&self, lang: Lang) -> String {
        if lang == Lang::En {
            return self.to_string();
        }
        match self {
            Self::NotFound => "Sagen har ingen part med det nummer.",
            Self::NotAParty => "Kun en part høres og får en afgørelse. Ret rollen først.",
            Self::FirstParty => {
                "Sagen er oprettet for denne person, som bliver ved med at være part. Opret i stedet en ny sag."
            }
            Self::NotHeardNow => "Parten er ikke i høring.",
            Self::InTheFuture => "Et svar kan ikke være kommet efter i dag.",
            Self::NotRepresented => "Ingen repræsenterer parten.",
            Self::AnswerNotNamed => {
                "Angiv svaret: det journaliserede dokument, eller skriv, hvad parten sagde. Så bliver det noteret."
            }
            Self::SeveralAwaited => "Flere parter mangler at svare. Notér hver parts svar for sig.",
            Self::NoSuchAnswer => {
                "Svaret skal være et indgående dokument, der er journaliseret, efter at høringen begyndte."
            }
        }
        .to_owned()
    }

    fn statute(&self) -> Option<String> {
        match self {
            Self::NotAParty
            | Self::NotHeardNow
            | Self::AnswerNotNamed
            | Self::SeveralAwaited
            | Self::NoSuchAnswer => Some("FVL § 19".to_owned()),
            Self::NotRepresented => Some("FVL § 8".to_owned()),
            Self::NotFound | Self::FirstParty | Self::InTheFuture => None,
        }
    }

    fn path(&self) -> &'static str {
        match self {
            Self::InTheFuture => "received",
            Self::FirstParty => "role",
            Self::AnswerNotNamed | Self::SeveralAwaited => "answered",
            Self::NoSuchAnswer => "documentId",
            Self::NotFound | Self::NotAParty | Self::NotHeardNow | Self::NotRepresented => "party",
        }
    }
}
