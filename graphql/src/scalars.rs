//! Enums and scalars of the schema. Each enum mirrors one of the domain; a new variant there breaks the build here.

use async_graphql::{Enum, InputValueError, InputValueResult, Scalar, ScalarType, Value};
use skranke_domain::{access_request, case, complaint, deadline, inquiry, rules};

macro_rules! mirrored {
    ($(#[$doc:meta])* $name:ident = $remote:ty { $($variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(async_graphql::Enum, Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($variant),+ }

        impl From<$remote> for $name {
            fn from(value: $remote) -> Self {
                match value { $(<$remote>::$variant => Self::$variant),+ }
            }
        }

        impl From<$name> for $remote {
            fn from(value: $name) -> Self {
                match value { $($name::$variant => Self::$variant),+ }
            }
        }
    };
    ($(#[$doc:meta])* $name:ident = $remote:ty { $($variant:ident),+ $(,)? } without { $($left_out:ident),+ }) => {
        $(#[$doc])*
        #[derive(async_graphql::Enum, Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($variant),+ }

        impl $name {
            /// The same here, unless it is left out.
            pub fn from_kind(kind: $remote) -> Option<Self> {
                match kind {
                    $(<$remote>::$variant => Some(Self::$variant),)+
                    $(<$remote>::$left_out)|+ => None,
                }
            }
        }
    };
}

pub(crate) use mirrored;

mirrored! {
    /// How far a case has come.
    Phase = case::Phase {
        Registered, UnderInvestigation, InHearing, Informed, DecisionProposed, Decided, Ordered, Effectuated,
        Withdrawn, ForwardedAway, Closed,
    }
}

/// How a case stands, with the states that lie beside its way.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseStatus {
    Registered,
    UnderInvestigation,
    InHearing,
    Informed,
    DecisionProposed,
    Decided,
    Ordered,
    Effectuated,
    Closed,
    Suspended,
    Withdrawn,
    ForwardedAway,
    Complained,
    Reassessed,
    SentToAppeal,
    Reopened,
}

impl From<case::CaseState> for CaseStatus {
    fn from(state: case::CaseState) -> Self {
        use case::{Beside, CaseState, Phase};
        match state {
            CaseState::At(Phase::Registered) => Self::Registered,
            CaseState::At(Phase::UnderInvestigation) => Self::UnderInvestigation,
            CaseState::At(Phase::InHearing) => Self::InHearing,
            CaseState::At(Phase::Informed) => Self::Informed,
            CaseState::At(Phase::DecisionProposed) => Self::DecisionProposed,
            CaseState::At(Phase::Decided) => Self::Decided,
            CaseState::At(Phase::Ordered) => Self::Ordered,
            CaseState::At(Phase::Effectuated) => Self::Effectuated,
            CaseState::At(Phase::Withdrawn) => Self::Withdrawn,
            CaseState::At(Phase::ForwardedAway) => Self::ForwardedAway,
            CaseState::At(Phase::Closed) => Self::Closed,
            CaseState::Beside(Beside::Suspended) => Self::Suspended,
            CaseState::Beside(Beside::Complained) => Self::Complained,
            CaseState::Beside(Beside::Reassessed) => Self::Reassessed,
            CaseState::Beside(Beside::SentToAppeal) => Self::SentToAppeal,
            CaseState::Beside(Beside::Reopened) => Self::Reopened,
        }
    }
}

mirrored! {
    /// What somebody is to a case. Only a party and an opponent are parties in the sense of the act on public
    /// administration: they are heard, and they get a decision.
    PartyRole = case::PartyRole { Party, Opponent, Relative, Reporter, Witness }
}
mirrored! {
    /// How far hearing a party has come.
    PartyHearing = case::PartyHearing { None, Asked, Answered, Heard, Waived }
}
mirrored! {
    /// How carefully a case is treated.
    Confidentiality = case::Confidentiality { Ordinary, Confidential, Sensitive }
}
mirrored! {
    /// How another case belongs to one.
    CaseLink = case::CaseLink { Related, SubCase, MainCase, DuplicateOf, DuplicatedBy }
}
mirrored! {
    /// How something came in.
    Channel = inquiry::Channel { Web, Telegram, Counter, Phone, Letter, Digital }
}
mirrored! {
    /// What the citizen wants.
    InquiryKind = inquiry::InquiryKind { CallBack, Written, Spoken }
}
mirrored! {
    /// Who called whom.
    CallDirection = case::Direction { Incoming, Outgoing }
}
mirrored! {
    /// Which way a document went.
    DocumentDirection = case::document::DocumentDirection { Incoming, Outgoing, Internal }
}
mirrored! {
    /// The kinds of letter that are printed.
    LetterKind = skranke_domain::letter::LetterKind { Decision, Hearing, Receipt, DelayNotice }
}
mirrored! {
    /// How a decision falls out for the party.
    Outcome = case::Outcome { Granted, PartlyGranted, Refused }
}
mirrored! {
    /// What a member of staff may be. Roles add, they never imply one another.
    Role = skranke_domain::Role { Caseworker, TeamLead, Auditor, Administrator }
}
mirrored! {
    /// What a look-up is for.
    Purpose = skranke_domain::Purpose { CaseHandling, Supervision, Audit, CitizenRequest }
}
mirrored! {
    /// Who said a line of a conversation.
    Speaker = inquiry::Speaker { Citizen, Counter }
}
mirrored! {
    /// How a deadline is counted.
    Counting = rules::Counting { CalendarDays, WorkingDays }
}
mirrored! {
    /// Which deadline.
    DeadlineKind = deadline::DeadlineKind {
        FirstAnswer, CaseHandling, HearingReply, Access, Complaint, Reassessment,
    }
}
mirrored! {
    /// Who is waited for.
    WaitingFor = deadline::WaitingFor { Party, OtherAuthority, Expert, ThirdParty }
}

mirrored! {
    /// How far the complaint over a case's decision has come, beside the case's phase.
    ComplaintStanding = case::ComplaintStanding { Complained, Reassessed, SentToAppeal }
}
mirrored! {
    /// How far a complaint has come.
    ComplaintStage = complaint::Stage {
        Received, UnderReassessment, Upheld, PartlyChanged, Forwarded, Settled,
    }
}
mirrored! {
    /// Whether a complaint came in time.
    Timeliness = complaint::Timeliness { InTime, Late, Excused, Dismissed }
}
mirrored! {
    /// How a complaint body decides.
    AppealOutcome = complaint::AppealOutcome { Upheld, Changed, Returned, Dismissed }
}
mirrored! {
    /// What can be done with a complaint.
    ComplaintAction = complaint::ComplaintActKind {
        Receive, ExcuseLateness, Dismiss, StartReassessment, Uphold, Change, Forward, ReceiveOutcome, Withdraw,
    }
}
mirrored! {
    /// On which basis access to a file is asked for.
    AccessBasis = rules::AccessBasis { Party, Openness, DataSubject }
}
mirrored! {
    /// How far a request for access has come.
    AccessRequestStage = access_request::RequestStage { Open, Released, Withdrawn, Closed }
}
mirrored! {
    /// How much of a paper is given.
    Disclosure = access_request::Disclosure { Full, Partial, Withheld }
}
mirrored! {
    /// What can be done with a request for access.
    AccessRequestAction = access_request::AccessRequestActKind {
        Ask, Decide, NotifyDelay, Release, Withdraw, Close,
    }
}

// Opening is no action on a case, for it makes the case; nor is what the system does by itself, or what the acts on a
// complaint lead to.
mirrored! {
    /// What can be done with a case that is open.
    CaseAction = case::CaseActKind {
        Classify, Assign, Release, AssignTeam, NoteCall, NoteStep, NoteFact, AddParty, ChangePartyRole,
        RecordRepresentative, EndRepresentative, ProtectAddress, UnprotectAddress, MarkConfidentiality,
        RequestInformation, ReceiveInformation, SuspendDeadline, ResumeDeadline, SendDelayNotice,
        ExtendDeadline, OpenHearing, ReceiveHearingReply, CloseHearing, WaiveHearing, Inform, DraftDecision,
        SubmitDecision, ApproveDecision, ReturnDecision, MakeDecision, SendDecision, CorrectDecision,
        RevokeDecision, UploadDocument, JournaliseDocument, SupersedeDocument, MoveDocument,
        WithdrawDocument, OrderEffectuation, Effectuate, Withdraw, Forward, Link, Close, Reopen,
    } without { Open, WatchDeadlines, FollowComplaint, FollowLink, TakeOverDocument }
}

/// A date in Copenhagen, `2026-11-23` (ISO 8601).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date(pub jiff::civil::Date);

#[Scalar]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => {
                text.parse().map(Self).map_err(|_| InputValueError::custom("write a date as 2026-11-23"))
            }
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// An instant, `2026-11-23T09:00:00Z` (RFC 3339, UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateTime(pub jiff::Timestamp);

#[Scalar]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => text
                .parse()
                .map(Self)
                .map_err(|_| InputValueError::custom("write an instant as 2026-11-23T09:00:00Z")),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A place in the log, as a decimal string: it outgrows what JSON numbers hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position(pub skranke_store::Position);

#[Scalar]
impl ScalarType for Position {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => text
                .parse()
                .map(|number| Self(skranke_store::Position(number)))
                .map_err(|_| InputValueError::custom("a position is a decimal number in quotes")),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.0.to_string())
    }
}
