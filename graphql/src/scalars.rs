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
}

pub(crate) use mirrored;

mirrored! {
    /// How far a case has come.
    Phase = case::Phase {
        Registered, UnderInvestigation, InHearing, Informed, DecisionProposed, Decided, Ordered, Effectuated,
        Withdrawn, ForwardedAway, Closed,
    }
}
mirrored! {
    /// How a case stands, with the states that lie beside its way.
    CaseStatus = case::CaseState {
        Registered, UnderInvestigation, InHearing, Informed, DecisionProposed, Decided, Ordered, Effectuated,
        Closed, Suspended, Withdrawn, ForwardedAway, Complained, Reassessed, SentToAppeal, Reopened,
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

/// What can be done with a case that is open.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseAction {
    Classify,
    Assign,
    Release,
    AssignTeam,
    NoteCall,
    NoteStep,
    NoteFact,
    AddParty,
    ChangePartyRole,
    RecordRepresentative,
    EndRepresentative,
    ProtectAddress,
    UnprotectAddress,
    MarkConfidentiality,
    RequestInformation,
    ReceiveInformation,
    SuspendDeadline,
    ResumeDeadline,
    SendDelayNotice,
    ExtendDeadline,
    OpenHearing,
    ReceiveHearingReply,
    CloseHearing,
    WaiveHearing,
    Inform,
    DraftDecision,
    SubmitDecision,
    ApproveDecision,
    ReturnDecision,
    MakeDecision,
    SendDecision,
    CorrectDecision,
    RevokeDecision,
    UploadDocument,
    JournaliseDocument,
    SupersedeDocument,
    MoveDocument,
    WithdrawDocument,
    OrderEffectuation,
    Effectuate,
    Withdraw,
    Forward,
    Link,
    Close,
    Reopen,
}

impl CaseAction {
    /// The action for a kind of act. Opening is none, for it makes the case; nor is what the system does by itself, or
    /// what the acts on a complaint lead to.
    pub fn from_kind(kind: case::CaseActKind) -> Option<Self> {
        use case::CaseActKind as Kind;
        Some(match kind {
            Kind::Open
            | Kind::WatchDeadlines
            | Kind::FollowComplaint
            | Kind::FollowLink
            | Kind::TakeOverDocument => return None,
            Kind::Classify => Self::Classify,
            Kind::Assign => Self::Assign,
            Kind::Release => Self::Release,
            Kind::AssignTeam => Self::AssignTeam,
            Kind::NoteCall => Self::NoteCall,
            Kind::NoteStep => Self::NoteStep,
            Kind::NoteFact => Self::NoteFact,
            Kind::AddParty => Self::AddParty,
            Kind::ChangePartyRole => Self::ChangePartyRole,
            Kind::RecordRepresentative => Self::RecordRepresentative,
            Kind::EndRepresentative => Self::EndRepresentative,
            Kind::ProtectAddress => Self::ProtectAddress,
            Kind::UnprotectAddress => Self::UnprotectAddress,
            Kind::MarkConfidentiality => Self::MarkConfidentiality,
            Kind::RequestInformation => Self::RequestInformation,
            Kind::ReceiveInformation => Self::ReceiveInformation,
            Kind::SuspendDeadline => Self::SuspendDeadline,
            Kind::ResumeDeadline => Self::ResumeDeadline,
            Kind::SendDelayNotice => Self::SendDelayNotice,
            Kind::ExtendDeadline => Self::ExtendDeadline,
            Kind::OpenHearing => Self::OpenHearing,
            Kind::ReceiveHearingReply => Self::ReceiveHearingReply,
            Kind::CloseHearing => Self::CloseHearing,
            Kind::WaiveHearing => Self::WaiveHearing,
            Kind::Inform => Self::Inform,
            Kind::DraftDecision => Self::DraftDecision,
            Kind::SubmitDecision => Self::SubmitDecision,
            Kind::ApproveDecision => Self::ApproveDecision,
            Kind::ReturnDecision => Self::ReturnDecision,
            Kind::MakeDecision => Self::MakeDecision,
            Kind::SendDecision => Self::SendDecision,
            Kind::CorrectDecision => Self::CorrectDecision,
            Kind::RevokeDecision => Self::RevokeDecision,
            Kind::UploadDocument => Self::UploadDocument,
            Kind::JournaliseDocument => Self::JournaliseDocument,
            Kind::SupersedeDocument => Self::SupersedeDocument,
            Kind::MoveDocument => Self::MoveDocument,
            Kind::WithdrawDocument => Self::WithdrawDocument,
            Kind::OrderEffectuation => Self::OrderEffectuation,
            Kind::Effectuate => Self::Effectuate,
            Kind::Withdraw => Self::Withdraw,
            Kind::Forward => Self::Forward,
            Kind::Link => Self::Link,
            Kind::Close => Self::Close,
            Kind::Reopen => Self::Reopen,
        })
    }
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
