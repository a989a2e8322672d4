//! Why a wish about a case is not granted: what the person at the screen reads, with the statute.

use jiff::civil::Date;

use super::course::CourseRefusal;
use super::deadline::DeadlineRefusal;
use super::document::DocumentRefusal;
use super::party::PartyRefusal;
use crate::{Lang, Refusal};

/// A part of the grounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GroundsPart {
    /// The rules applied.
    Rules,
    /// The considerations in a discretion.
    Discretion,
    /// The decisive facts.
    Facts,
}

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaseRefusal {
    /// Nothing was opened under this id.
    #[error("no such case has been opened")]
    NotOpened,
    /// The id is taken.
    #[error("the case has been opened already")]
    AlreadyOpened,
    /// The case is closed.
    #[error("the case is closed: reopen it first")]
    Closed,
    /// The case is not closed.
    #[error("the case is not closed, so there is nothing to reopen")]
    NotClosed,
    /// Only a member of staff can do this.
    #[error("only a member of staff can do this")]
    StaffOnly,
    /// The role is missing.
    #[error("your roles do not allow this")]
    NotAllowed,
    /// Somebody else handles the case.
    #[error("the case is handled by somebody else: have it assigned to you first")]
    NotYours,
    /// Nobody handles the case.
    #[error("nobody handles the case: assign it first")]
    NotAssigned,
    /// The person is unknown, or handles no cases.
    #[error("a case can only be given to a caseworker or team lead of the municipality")]
    NotACaseworker,
    /// The case belongs to a team they are not in.
    #[error("the case belongs to another team")]
    OtherTeam,
    /// No team of that id is at work.
    #[error("there is no such team at work: pick one from the list")]
    NoSuchTeam,
    /// The case has no classification.
    #[error("the case must be classified (KLE) first")]
    NotClassified,
    /// The receipt date is missing.
    #[error("a case needs the date on which it was received")]
    NoReceiptDate,
    /// Nobody said how it came in.
    #[error("say how the case came in: by letter, by phone, at the counter")]
    NoChannel,
    /// The receipt date is after today.
    #[error("the date of receipt cannot be in the future")]
    ReceiptInTheFuture,
    /// No such KLE subject today.
    #[error("no such KLE subject is in force today: pick one from the list")]
    UnknownKle,
    /// No such facet today.
    #[error("no such KLE facet is in force today: pick one from the list")]
    UnknownFacet,
    /// A field that is needed is empty.
    #[error("{path} must be filled in")]
    EmptyField {
        /// Which.
        path: &'static str,
    },
    /// A field is longer than [`super::TEXT_LIMIT`].
    #[error("{path} is too long: at most {} characters", super::TEXT_LIMIT)]
    TooLong {
        /// Which.
        path: &'static str,
    },
    /// The reply deadline is not ahead.
    #[error("the reply deadline must be after today")]
    ReplyDateNotAhead,
    /// A hearing is under way.
    #[error("a hearing is under way: close it first")]
    HearingOpen,
    /// No hearing is under way.
    #[error("no hearing is under way")]
    NoHearing,
    /// Not everybody has answered, and the deadline has not passed.
    #[error("the reply deadline ({reply_by}) has not passed and not everybody has answered")]
    ReplyStillAwaited {
        /// The reply deadline.
        reply_by: Date,
    },
    /// D1.
    #[error("the facts are not complete: set the case to informed first")]
    FactsIncomplete {
        /// From the rule set.
        statute: String,
    },
    /// D2.
    #[error("the party has not been heard: hold a hearing, or waive it with a statute and a reason")]
    NotHeard {
        /// From the rule set.
        statute: String,
    },
    /// D2, for one of the other parties.
    #[error("party {party} has not been heard: hold a hearing, or waive it with a statute and a reason")]
    PartyNotHeard {
        /// Who.
        party: u32,
        /// From the rule set.
        statute: String,
    },
    /// D3.
    #[error("no rule set is in force today")]
    NoRules,
    /// D4.
    #[error("the grounds lack {}", part_en(*.part))]
    GroundsMissing {
        /// Which part.
        part: GroundsPart,
        /// From the rule set.
        statute: String,
    },
    /// D5.
    #[error("the complaint guidance is missing: which body, how, and by when")]
    NoComplaintGuidance {
        /// From the rule set.
        statute: String,
    },
    /// D6.
    #[error("another person must approve: you wrote the draft yourself")]
    ApproverIsAuthor {
        /// From the rule set.
        statute: String,
    },
    /// D6: who stands in for the author is no second pair of eyes.
    #[error("another person must approve: you stand in for whoever wrote the draft")]
    ApproverStandsIn {
        /// From the rule set.
        statute: String,
    },
    /// D6: the version that was read is not the newest.
    #[error("the draft has changed since you read it: read version {current}")]
    DraftChanged {
        /// The newest version.
        current: u32,
    },
    /// D7.
    #[error("the draft has no outcome")]
    NoOutcome,
    /// D7, for one of the other parties.
    #[error("the draft has no outcome for party {party}")]
    NoOutcomeFor {
        /// Who.
        party: u32,
    },
    /// There is no draft.
    #[error("there is no draft of a decision")]
    NoDraft,
    /// The draft was not submitted for approval.
    #[error("the draft has not been submitted for approval")]
    NotSubmitted,
    /// The draft is submitted already.
    #[error("the draft has been submitted for approval already")]
    AlreadySubmitted,
    /// The draft is not approved.
    #[error("the draft has not been approved")]
    NotApproved,
    /// The draft is approved already.
    #[error("the draft has been approved already")]
    AlreadyApproved,
    /// The decision is made.
    #[error("the decision has been made: it can no longer be changed")]
    AlreadyDecided,
    /// The decision is not made.
    #[error("no decision has been made yet")]
    NotDecided,
    /// The decision is sent.
    #[error("the decision has been sent already")]
    AlreadySent,
    /// The decision is not sent.
    #[error("the decision has not been sent")]
    DecisionNotSent,
    /// The facts are complete already.
    #[error("the facts are complete already")]
    AlreadyInformed,
    /// A complaint is not settled.
    #[error("a complaint over the decision is running: the case is closed when it is settled")]
    ComplaintRunning,
    /// Something about a deadline.
    #[error(transparent)]
    Deadline(#[from] DeadlineRefusal),
    /// Something about a document.
    #[error(transparent)]
    Document(#[from] DocumentRefusal),
    /// Something about somebody in the case.
    #[error(transparent)]
    Party(#[from] PartyRefusal),
    /// Something about the way of the case.
    #[error(transparent)]
    Course(#[from] CourseRefusal),
}

const fn part_en(part: GroundsPart) -> &'static str {
    match part {
        GroundsPart::Rules => "the rules applied",
        GroundsPart::Discretion => "the main considerations",
        GroundsPart::Facts => "the decisive facts",
    }
}

impl Refusal for CaseRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotOpened => "CASE_NOT_FOUND",
            Self::AlreadyOpened => "ALREADY_OPENED",
            Self::Closed => "CASE_CLOSED",
            Self::NotClosed => "CASE_NOT_CLOSED",
            Self::StaffOnly => "STAFF_ONLY",
            Self::NotAllowed => "NOT_ALLOWED",
            Self::NotYours => "NOT_YOURS",
            Self::NotAssigned => "NOT_ASSIGNED",
            Self::NotACaseworker => "NOT_A_CASEWORKER",
            Self::OtherTeam => "OTHER_TEAM",
            Self::NoSuchTeam => "TEAM_NOT_FOUND",
            Self::NotClassified => "NOT_CLASSIFIED",
            Self::NoReceiptDate => "NO_RECEIPT_DATE",
            Self::NoChannel => "NO_CHANNEL",
            Self::ReceiptInTheFuture => "RECEIPT_IN_THE_FUTURE",
            Self::UnknownKle => "UNKNOWN_KLE",
            Self::UnknownFacet => "UNKNOWN_FACET",
            Self::EmptyField { .. } => "FIELD_EMPTY",
            Self::TooLong { .. } => "FIELD_TOO_LONG",
            Self::ReplyDateNotAhead => "REPLY_DATE_NOT_AHEAD",
            Self::HearingOpen => "HEARING_OPEN",
            Self::NoHearing => "NO_HEARING",
            Self::ReplyStillAwaited { .. } => "REPLY_STILL_AWAITED",
            Self::FactsIncomplete { .. } => "FACTS_INCOMPLETE",
            Self::NotHeard { .. } | Self::PartyNotHeard { .. } => "NOT_HEARD",
            Self::NoRules => "NO_RULES",
            Self::GroundsMissing { .. } => "GROUNDS_MISSING",
            Self::NoComplaintGuidance { .. } => "NO_COMPLAINT_GUIDANCE",
            Self::ApproverIsAuthor { .. } => "APPROVER_IS_AUTHOR",
            Self::ApproverStandsIn { .. } => "APPROVER_STANDS_IN",
            Self::DraftChanged { .. } => "DRAFT_CHANGED",
            Self::NoOutcome | Self::NoOutcomeFor { .. } => "NO_OUTCOME",
            Self::NoDraft => "NO_DRAFT",
            Self::NotSubmitted => "NOT_SUBMITTED",
            Self::AlreadySubmitted => "ALREADY_SUBMITTED",
            Self::NotApproved => "NOT_APPROVED",
            Self::AlreadyApproved => "ALREADY_APPROVED",
            Self::AlreadyDecided => "ALREADY_DECIDED",
            Self::NotDecided => "NOT_DECIDED",
            Self::AlreadySent => "ALREADY_SENT",
            Self::DecisionNotSent => "DECISION_NOT_SENT",
            Self::AlreadyInformed => "ALREADY_INFORMED",
            Self::ComplaintRunning => "COMPLAINT_RUNNING",
            Self::Deadline(refusal) => refusal.code(),
            Self::Document(refusal) => refusal.code(),
            Self::Party(refusal) => refusal.code(),
            Self::Course(refusal) => refusal.code(),
        }
    }

    fn message(&self, lang: Lang) -> String {
        if lang == Lang::En {
            return self.to_string();
        }
        match self {
            Self::NotOpened => "Sagen findes ikke.",
            Self::AlreadyOpened => "Sagen er allerede oprettet.",
            Self::Closed => "Sagen er afsluttet. Genoptag den først.",
            Self::NotClosed => "Sagen er ikke afsluttet, så der er intet at genoptage.",
            Self::StaffOnly => "Kun en medarbejder kan gøre dette.",
            Self::NotAllowed => "Dine roller giver ikke adgang til dette.",
            Self::NotYours => "Sagen behandles af en anden. Få den tildelt først.",
            Self::NotAssigned => "Ingen behandler sagen. Tildel den først.",
            Self::NotACaseworker => "En sag kan kun gives til en sagsbehandler eller teamleder i kommunen.",
            Self::OtherTeam => "Sagen hører til et andet hold.",
            Self::NoSuchTeam => "Holdet findes ikke eller er nedlagt. Vælg et fra listen.",
            Self::NotClassified => "Sagen skal have et KLE-emne først.",
            Self::NoReceiptDate => "Skriv den dato, sagen blev modtaget.",
            Self::NoChannel => "Skriv, hvordan sagen kom ind: med brev, telefon eller ved skranken.",
            Self::ReceiptInTheFuture => "Modtagelsesdatoen kan ikke ligge i fremtiden.",
            Self::UnknownKle => "KLE-emnet findes ikke eller gælder ikke i dag. Vælg et fra listen.",
            Self::UnknownFacet => "KLE-facetten findes ikke eller gælder ikke i dag. Vælg en fra listen.",
            Self::EmptyField { .. } => "Feltet skal udfyldes.",
            Self::TooLong { .. } => {
                return format!("Teksten er for lang. Den må højst være på {} tegn.", super::TEXT_LIMIT);
            }
            Self::ReplyDateNotAhead => "Svarfristen skal ligge efter i dag.",
            Self::HearingOpen => "Partshøringen er i gang. Afslut den først.",
            Self::NoHearing => "Der er ingen partshøring i gang.",
            Self::ReplyStillAwaited { reply_by } => {
                return format!(
                    "Svarfristen ({}) er ikke udløbet, og ikke alle har svaret.",
                    reply_by.strftime("%-d.%-m.%Y")
                );
            }
            Self::FactsIncomplete { .. } => "Sagen er ikke oplyst endnu. Sæt den til oplyst først.",
            Self::NotHeard { .. } => {
                "Parten er ikke hørt. Hold partshøring, eller undlad den med hjemmel og begrundelse."
            }
            Self::PartyNotHeard { party, .. } => {
                return format!(
                    "Part nr. {party} er ikke hørt. Hold partshøring, eller undlad den med hjemmel og begrundelse."
                );
            }
            Self::NoRules => "Der er intet regelsæt, der gælder i dag.",
            Self::GroundsMissing { part, .. } => match part {
                GroundsPart::Rules => "Begrundelsen mangler de regler, afgørelsen bygger på.",
                GroundsPart::Discretion => "Begrundelsen mangler de hovedhensyn, der er lagt vægt på.",
                GroundsPart::Facts => "Begrundelsen mangler de faktiske oplysninger, der er lagt vægt på.",
            },
            Self::NoComplaintGuidance { .. } => {
                "Klagevejledningen mangler: hvortil, hvordan og inden hvornår."
            }
            Self::ApproverIsAuthor { .. } => "En anden skal godkende. Du har selv skrevet udkastet.",
            Self::ApproverStandsIn { .. } => {
                "En anden skal godkende. Du er stedfortræder for den, der har skrevet udkastet."
            }
            Self::DraftChanged { current } => {
                return format!("Udkastet er ændret, siden du læste det. Læs version {current}.");
            }
            Self::NoOutcome => "Udkastet mangler et resultat.",
            Self::NoOutcomeFor { party } => {
                return format!("Udkastet mangler et resultat for part nr. {party}.");
            }
            Self::NoDraft => "Der er intet udkast til en afgørelse.",
            Self::NotSubmitted => "Udkastet er ikke sendt til godkendelse.",
            Self::AlreadySubmitted => "Udkastet er allerede sendt til godkendelse.",
            Self::NotApproved => "Udkastet er ikke godkendt.",
            Self::AlreadyApproved => "Udkastet er allerede godkendt.",
            Self::AlreadyDecided => "Afgørelsen er truffet og kan ikke ændres.",
            Self::NotDecided => "Der er ikke truffet afgørelse.",
            Self::AlreadySent => "Afgørelsen er allerede sendt.",
            Self::DecisionNotSent => "Afgørelsen er ikke sendt.",
            Self::AlreadyInformed => "Sagen er allerede oplyst.",
            Self::ComplaintRunning => {
                "Der er en klage over afgørelsen i gang. Sagen kan afsluttes, når klagen er færdig."
            }
            Self::Deadline(refusal) => return refusal.message(lang),
            Self::Document(refusal) => return refusal.message(lang),
            Self::Party(refusal) => return refusal.message(lang),
            Self::Course(refusal) => return refusal.message(lang),
        }
        .to_owned()
    }

    fn statute(&self) -> Option<String> {
        match self {
            Self::FactsIncomplete { statute }
            | Self::NotHeard { statute }
            | Self::PartyNotHeard { statute, .. }
            | Self::GroundsMissing { statute, .. }
            | Self::NoComplaintGuidance { statute }
            | Self::ApproverIsAuthor { statute }
            | Self::ApproverStandsIn { statute } => {
                Some(statute.clone()).filter(|statute| !statute.is_empty())
            }
            Self::ReplyStillAwaited { .. } | Self::HearingOpen => Some("FVL § 19".to_owned()),
            Self::Deadline(refusal) => refusal.statute(),
            Self::Document(refusal) => refusal.statute(),
            Self::Party(refusal) => refusal.statute(),
            Self::Course(refusal) => refusal.statute(),
            _ => None,
        }
    }

    fn path(&self) -> &'static str {
        match self {
            Self::EmptyField { path } | Self::TooLong { path } => path,
            Self::Document(refusal) => refusal.path(),
            Self::Party(refusal) => refusal.path(),
            Self::Course(refusal) => refusal.path(),
            Self::NoChannel => "channel",
            Self::NoOutcomeFor { .. } => "outcomes",
            Self::NotACaseworker => "staffId",
            Self::Deadline(refusal) => refusal.path(),
            Self::NoSuchTeam => "teamId",
            Self::NoReceiptDate | Self::ReceiptInTheFuture => "received",
            Self::UnknownKle => "kle",
            Self::UnknownFacet => "facet",
            Self::ReplyDateNotAhead => "replyBy",
            Self::DraftChanged { .. } => "version",
            Self::NoOutcome => "outcome",
            Self::NoComplaintGuidance { .. } => "complaint",
            Self::GroundsMissing { part, .. } => match part {
                GroundsPart::Rules => "groundsRules",
                GroundsPart::Discretion => "groundsDiscretion",
                GroundsPart::Facts => "groundsFacts",
            },
            _ => "",
        }
    }
}
