//! Why a wish about a deadline is not granted.

use jiff::civil::Date;

use crate::{Lang, Refusal};

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeadlineRefusal {
    /// No rule gives this case a deadline.
    #[error("no rule gives this case a deadline")]
    NoDeadline,
    /// The decision has been made.
    #[error("the deadline has been met: there is nothing left to change about it")]
    Met,
    /// Its last day has passed.
    #[error("the deadline ended on {due}: it can no longer be changed")]
    Passed {
        /// Its last day.
        due: Date,
    },
    /// It does not run anyway.
    #[error("the deadline is suspended already, since {from}")]
    AlreadySuspended {
        /// Since when.
        from: Date,
    },
    /// It runs.
    #[error("the deadline is not suspended")]
    NotSuspended,
    /// The rule has no pauses.
    #[error("the rule for this deadline does not allow it to be suspended")]
    SuspensionNotAllowed {
        /// Where the rule comes from.
        statute: String,
    },
    /// A pause without somebody to wait for.
    #[error("say who is waited for")]
    NobodyWaitedFor,
    /// The date lies before the deadline began to run.
    #[error("the date lies before the deadline began to run on {from}")]
    BeforeTheStart {
        /// The day it counts from.
        from: Date,
    },
    /// The date is after today.
    #[error("the date cannot be in the future")]
    InTheFuture {
        /// Which field.
        path: &'static str,
    },
    /// The date lies in an earlier pause, or before it.
    #[error("the date lies within or before an earlier pause, which ended on {until}")]
    InsideEarlierPause {
        /// Until when that one lasted.
        until: Date,
    },
    /// It would run again before it stopped.
    #[error("the deadline was suspended on {from}: it cannot run again before that")]
    BeforeThePause {
        /// Since when it is suspended.
        from: Date,
    },
    /// It has been extended as often as the rule allows.
    #[error("the rule allows {most} extensions of this deadline, and they are used up")]
    ExtensionsUsedUp {
        /// How often it may be extended.
        most: u32,
        /// Where the rule comes from.
        statute: String,
    },
    /// No extension, or a longer one than the rule allows.
    #[error("an extension is from 1 to {most} days")]
    ExtensionLength {
        /// The longest one.
        most: u32,
        /// Where the rule comes from.
        statute: String,
    },
    /// The citizen knows nothing of it.
    #[error("the citizen must have a delay notice before the deadline is extended")]
    NoticeFirst {
        /// Where the rule comes from.
        statute: String,
    },
    /// The date that the citizen is given is not ahead.
    #[error("the date on which a decision can be expected must be after today")]
    ExpectedNotAhead,
    /// The date by which an answer is asked for is not ahead.
    #[error("the date by which an answer is asked for must be after today")]
    ReplyNotAhead,
    /// Nobody is waited for an answer.
    #[error("no information is being waited for")]
    NothingRequested,
    /// There is no such request, or it has been answered.
    #[error("no request with the number {number} is waiting for an answer")]
    NoSuchRequest {
        /// The number.
        number: u32,
    },
    /// Only the clock notes this.
    #[error("only the system itself does this")]
    SystemOnly,
}

fn da(date: Date) -> String {
    date.strftime("%-d.%-m.%Y").to_string()
}

impl Refusal for DeadlineRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NoDeadline => "NO_DEADLINE",
            Self::Met => "DEADLINE_MET",
            Self::Passed { .. } => "DEADLINE_PASSED",
            Self::AlreadySuspended { .. } => "ALREADY_SUSPENDED",
            Self::NotSuspended => "NOT_SUSPENDED",
            Self::SuspensionNotAllowed { .. } => "SUSPENSION_NOT_ALLOWED",
            Self::NobodyWaitedFor => "NOBODY_WAITED_FOR",
            Self::BeforeTheStart { .. } => "DATE_BEFORE_RECEIPT",
            Self::InTheFuture { .. } => "DATE_IN_THE_FUTURE",
            Self::InsideEarlierPause { .. } => "DATE_INSIDE_PAUSE",
            Self::BeforeThePause { .. } => "DATE_BEFORE_PAUSE",
            Self::ExtensionsUsedUp { .. } => "EXTENSIONS_USED_UP",
            Self::ExtensionLength { .. } => "EXTENSION_LENGTH",
            Self::NoticeFirst { .. } => "DELAY_NOTICE_FIRST",
            Self::ExpectedNotAhead => "EXPECTED_DATE_NOT_AHEAD",
            Self::ReplyNotAhead => "REPLY_DATE_NOT_AHEAD",
            Self::NothingRequested => "NOTHING_REQUESTED",
            Self::NoSuchRequest { .. } => "NO_SUCH_REQUEST",
            Self::SystemOnly => "SYSTEM_ONLY",
        }
    }

    fn message(&self, lang: Lang) -> String {
        if lang == Lang::En {
            return self.to_string();
        }
        match self {
            Self::NoDeadline => "Ingen regel giver sagen en frist.".to_owned(),
            Self::Met => "Fristen er overholdt, så der er intet at ændre.".to_owned(),
            Self::Passed { due } => format!("Fristen udløb {} og kan ikke længere ændres.", da(*due)),
            Self::AlreadySuspended { from } => format!("Fristen er allerede sat i bero fra {}.", da(*from)),
            Self::NotSuspended => "Fristen er ikke sat i bero.".to_owned(),
            Self::SuspensionNotAllowed { .. } => {
                "Reglen for denne frist tillader ikke, at den sættes i bero.".to_owned()
            }
            Self::NobodyWaitedFor => "Vælg, hvem der ventes på.".to_owned(),
            Self::BeforeTheStart { from } => {
                format!("Datoen ligger før fristen begyndte at løbe den {}.", da(*from))
            }
            Self::InTheFuture { .. } => "Datoen kan ikke ligge i fremtiden.".to_owned(),
            Self::InsideEarlierPause { until } => {
                format!("Datoen ligger i eller før en tidligere pause, som sluttede {}.", da(*until))
            }
            Self::BeforeThePause { from } => {
                format!("Fristen blev sat i bero {} og kan ikke løbe igen før den dag.", da(*from))
            }
            Self::ExtensionsUsedUp { most, .. } => {
                format!("Fristen kan forlænges {most} gange efter reglen, og det er brugt.")
            }
            Self::ExtensionLength { most, .. } => format!("En forlængelse er på 1 til {most} dage."),
            Self::NoticeFirst { .. } => {
                "Borgeren skal have besked om forsinkelsen, før fristen forlænges.".to_owned()
            }
            Self::ExpectedNotAhead => "Datoen for den ventede afgørelse skal ligge efter i dag.".to_owned(),
            Self::ReplyNotAhead => "Svarfristen skal ligge efter i dag.".to_owned(),
            Self::NothingRequested => "Der ventes ikke på oplysninger.".to_owned(),
            Self::NoSuchRequest { number } => format!("Anmodning {number} venter ikke på svar."),
            Self::SystemOnly => "Kun systemet selv gør dette.".to_owned(),
        }
    }

    fn statute(&self) -> Option<String> {
        match self {
            Self::SuspensionNotAllowed { statute }
            | Self::ExtensionsUsedUp { statute, .. }
            | Self::ExtensionLength { statute, .. }
            | Self::NoticeFirst { statute } => Some(statute.clone()).filter(|statute| !statute.is_empty()),
            _ => None,
        }
    }

    fn path(&self) -> &'static str {
        match self {
            Self::NobodyWaitedFor => "waitingFor",
            Self::BeforeTheStart { .. } | Self::InsideEarlierPause { .. } => "from",
            Self::InTheFuture { path } => path,
            Self::BeforeThePause { .. } => "on",
            Self::ExtensionLength { .. } => "days",
            Self::ExpectedNotAhead => "expected",
            Self::ReplyNotAhead => "replyBy",
            Self::NoSuchRequest { .. } => "number",
            _ => "",
        }
    }
}
