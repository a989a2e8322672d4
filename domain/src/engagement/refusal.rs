//! Why a wish about an engagement is not granted.

use jiff::civil::Date;

use super::sample::SAMPLE_LIMIT;
use crate::case::CaseRefusal;
use crate::{Lang, Refusal};

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngagementRefusal {
    /// None was opened under this id.
    #[error("there is no such engagement")]
    NotFound,
    /// The id is taken.
    #[error("the engagement has been opened already")]
    AlreadyOpened,
    /// The role is missing.
    #[error("your roles do not allow this")]
    NotAllowed,
    /// The person does not audit.
    #[error("an engagement is for somebody who holds the role of auditor")]
    NotAnAuditor,
    /// A team of the scope is unknown.
    #[error("there is no such team")]
    NoSuchTeam,
    /// Nobody opens what they read themselves.
    #[error("another person must open an engagement of your own")]
    AboutYourself,
    /// The days are the wrong way round, or over.
    #[error("an engagement must end on its first day or later, and not before today")]
    Dates,
    /// It is another auditor's.
    #[error("only the auditor of the engagement draws samples and records findings in it")]
    NotTheAuditor,
    /// Its first day is still to come.
    #[error("the engagement begins on {from}")]
    NotBegun {
        /// The first day.
        from: Date,
    },
    /// It was ended, or its last day has passed.
    #[error("the engagement is over: an administrator must open a new one")]
    Over,
    /// The seed is no number.
    #[error("a seed is a whole number from 0 to 18446744073709551615")]
    BadSeed,
    /// The subject is not written as one.
    #[error("a KLE number is written as 32, 32.03 or 32.03.08")]
    BadKle,
    /// The days of the frame are the wrong way round.
    #[error("the frame must end on its first day or later")]
    FrameDays,
    /// There is nothing to draw from.
    #[error("no case of the engagement lies in this frame: widen it")]
    EmptyFrame,
    /// None, or too many.
    #[error("a sample has 1 to {SAMPLE_LIMIT} cases")]
    SampleSize,
    /// None was drawn under this number.
    #[error("there is no such sample in the engagement")]
    NoSuchSample,
    /// The case was never opened.
    #[error("there is no such case")]
    NoSuchCase,
    /// The case is not part of the engagement.
    #[error("the case is not part of your engagement")]
    OutsideScope,
    /// None was recorded under this number.
    #[error("there is no such finding in the engagement")]
    NoSuchFinding,
    /// Whoever found it does not answer it.
    #[error("the municipality answers the finding, not the auditor")]
    AnsweredByAuditor,
    /// It is for others to answer.
    #[error(
        "a finding about a case is answered by a team lead who has access to the case, one about the whole engagement by \
         an administrator"
    )]
    NotYoursToAnswer,
    /// A text is missing or too long.
    #[error(transparent)]
    Text(#[from] CaseRefusal),
}

impl Refusal for EngagementRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "ENGAGEMENT_NOT_FOUND",
            Self::AlreadyOpened => "ENGAGEMENT_ALREADY_OPENED",
            Self::NotAllowed => "NOT_ALLOWED",
            Self::NotAnAuditor => "NOT_AN_AUDITOR",
            Self::NoSuchTeam => "TEAM_NOT_FOUND",
            Self::AboutYourself => "ABOUT_YOURSELF",
            Self::Dates => "ENGAGEMENT_DATES",
            Self::NotTheAuditor => "NOT_THE_AUDITOR",
            Self::NotBegun { .. } => "ENGAGEMENT_NOT_BEGUN",
            Self::Over => "ENGAGEMENT_OVER",
            Self::BadSeed => "BAD_SEED",
            Self::BadKle => "BAD_KLE",
            Self::FrameDays => "FRAME_DAYS",
            Self::EmptyFrame => "FRAME_EMPTY",
            Self::SampleSize => "SAMPLE_SIZE",
            Self::NoSuchSample => "SAMPLE_NOT_FOUND",
            Self::NoSuchCase => "CASE_NOT_FOUND",
            Self::OutsideScope => "OUTSIDE_ENGAGEMENT",
            Self::NoSuchFinding => "FINDING_NOT_FOUND",
            Self::AnsweredByAuditor => "ANSWERED_BY_AUDITOR",
            Self::NotYoursToAnswer => "NOT_YOURS_TO_ANSWER",
            Self::Text(refusal) => refusal.code(),
        }
    }

    fn message(&self, lang: Lang) -> String {
        if lang == Lang::En {
            return match self {
                Self::Text(refusal) => refusal.message(lang),
                other => other.to_string(),
            };
        }
        let text = match self {
            Self::NotFound => "Revisionsopgaven findes ikke.",
            Self::AlreadyOpened => "Revisionsopgaven er allerede oprettet.",
            Self::NotAllowed => "Dine roller giver ikke adgang til dette.",
            Self::NotAnAuditor => "En revisionsopgave er for en, der har rollen revisor.",
            Self::NoSuchTeam => "Holdet findes ikke.",
            Self::AboutYourself => "En anden skal oprette en revisionsopgave for dig.",
            Self::Dates => "Opgaven skal slutte på sin første dag eller senere, og ikke før i dag.",
            Self::NotTheAuditor => "Kun opgavens egen revisor udtrækker stikprøver og noterer fund i den.",
            Self::NotBegun { from } => return format!("Revisionsopgaven begynder den {from}."),
            Self::Over => "Revisionsopgaven er slut. En administrator skal oprette en ny.",
            Self::BadSeed => "Et startstal er et helt tal fra 0 til 18446744073709551615.",
            Self::BadKle => "Et KLE-nummer skrives som 32, 32.03 eller 32.03.08.",
            Self::FrameDays => "Udvalget skal slutte på sin første dag eller senere.",
            Self::EmptyFrame => "Ingen af opgavens sager ligger i det udvalg. Gør det bredere.",
            Self::SampleSize => return format!("En stikprøve har 1 til {SAMPLE_LIMIT} sager."),
            Self::NoSuchSample => "Stikprøven findes ikke i opgaven.",
            Self::NoSuchCase => "Sagen findes ikke.",
            Self::OutsideScope => "Sagen er ikke omfattet af din revisionsopgave.",
            Self::NoSuchFinding => "Fundet findes ikke i opgaven.",
            Self::AnsweredByAuditor => "Kommunen svarer på fundet, ikke revisor.",
            Self::NotYoursToAnswer => {
                "Et fund om en sag besvares af en teamleder, der har adgang til sagen; et om hele opgaven af en \
                 administrator."
            }
            Self::Text(refusal) => return refusal.message(lang),
        };
        text.to_owned()
    }

    /// The independence of the audit: kommunestyrelsesloven § 42.
    fn statute(&self) -> Option<String> {
        match self {
            Self::NotTheAuditor | Self::NotBegun { .. } | Self::Over | Self::AnsweredByAuditor => {
                Some("KSL § 42".to_owned())
            }
            Self::Text(refusal) => refusal.statute(),
            _ => None,
        }
    }

    fn path(&self) -> &'static str {
        match self {
            Self::NotAnAuditor | Self::AboutYourself => "auditorId",
            Self::NoSuchTeam => "teamIds",
            Self::Dates | Self::FrameDays => "until",
            Self::BadSeed => "seed",
            Self::BadKle => "kle",
            Self::EmptyFrame => "from",
            Self::SampleSize => "size",
            Self::NoSuchSample => "sample",
            Self::NoSuchCase | Self::OutsideScope => "caseId",
            Self::NoSuchFinding => "finding",
            Self::Text(refusal) => refusal.path(),
            Self::NotFound
            | Self::AlreadyOpened
            | Self::NotAllowed
            | Self::NotTheAuditor
            | Self::NotBegun { .. }
            | Self::Over
            | Self::AnsweredByAuditor
            | Self::NotYoursToAnswer => "",
        }
    }
}
