//! Enums and scalars of the schema. Each enum mirrors one of the domain; a new variant there breaks the build here.

use async_graphql::{Enum, InputValueError, InputValueResult, Scalar, ScalarType, Value};
use skranke_domain::{case, inquiry, rules};

macro_rules! mirrored {
    ($(#[$doc:meta])* $name:ident = $remote:ty { $($variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
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

mirrored! {
    /// How far a case has come.
    Phase = case::Phase {
        Registered, UnderInvestigation, InHearing, Informed, DecisionProposed, Decided, Closed,
    }
}
mirrored! {
    /// How something came in.
    Channel = inquiry::Channel { Web, Telegram, Counter, Phone, Letter }
}
mirrored! {
    /// What the citizen wants.
    InquiryKind = inquiry::InquiryKind { CallBack, Written }
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

/// What can be done with a case that is open.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseAction {
    Classify,
    Assign,
    Release,
    NoteCall,
    NoteStep,
    OpenHearing,
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
    Close,
    Reopen,
}

impl CaseAction {
    /// The action for a kind of act; opening is none, for it makes the case, nor is what only the system does.
    pub fn from_kind(kind: case::CaseActKind) -> Option<Self> {
        use case::CaseActKind as Kind;
        Some(match kind {
            Kind::Open | Kind::TakeOverDocument => return None,
            Kind::Classify => Self::Classify,
            Kind::Assign => Self::Assign,
            Kind::Release => Self::Release,
            Kind::NoteCall => Self::NoteCall,
            Kind::NoteStep => Self::NoteStep,
            Kind::OpenHearing => Self::OpenHearing,
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
