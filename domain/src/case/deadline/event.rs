//! What happens to a case's deadlines, and what is asked for meanwhile. In the log for good.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::Sealed;
use crate::calendar::Calendar;
use crate::deadline::{DeadlineKind, WaitingFor};
use crate::rules::{Counting, Terms};
use crate::upcast::{Fields, Raised, Step};

/// A deadline was computed (frist). It says everything that it is counted from, so that an old one stays explained
/// when the rules have changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadlineSet {
    /// Which.
    pub kind: DeadlineKind,
    /// The last day, as things stood then.
    pub due: Date,
    /// The rule it comes from.
    pub rule: String,
    /// The version of the rule set.
    pub rule_set: String,
    /// Where the rule comes from, as lawyers cite it.
    pub source: String,
    /// The day it counts from, if that is not the day of receipt.
    pub from: Option<Date>,
    /// How many days the rule gives.
    pub days: u32,
    /// How they are counted.
    pub counting: Counting,
    /// What may be done with it.
    pub terms: Terms,
    /// The days on which the authority works.
    pub calendar: Calendar,
}

/// From the first version, which knew one deadline and nothing that could be done with it.
pub(in crate::case) const DEADLINE_SET_1: Step = Step {
    event_type: "DeadlineSet",
    from: 1,
    change: |mut fields: Fields| {
        for (name, value) in [
            ("kind", json!(DeadlineKind::CaseHandling)),
            ("source", json!("")),
            ("from", Value::Null),
            ("terms", json!(Terms::default())),
            ("calendar", json!(Calendar::default())),
        ] {
            fields.insert(name.to_owned(), value);
        }
        Some(Raised::to("DeadlineSet", 2, fields))
    },
};

/// The deadline for a decision does not run while somebody is waited for (fristen sat i bero).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadlineSuspended {
    /// The first day that does not count.
    pub from: Date,
    /// Who is waited for.
    pub waiting_for: WaitingFor,
    /// Why.
    pub reason: Sealed<String>,
}

/// It runs again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadlineResumed {
    /// The first day that counts again.
    pub on: Date,
}

/// The deadline for a decision was extended (forlænget).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadlineExtended {
    /// By how many days, counted as the rule counts.
    pub days: u32,
    /// Why.
    pub reason: Sealed<String>,
}

/// The citizen was told in writing that the decision takes longer, and until when (Retssikkerhedsloven § 3, stk. 2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelayNoticeSent {
    /// When a decision can be expected.
    pub expected: Date,
    /// Why it takes longer, as the citizen was told.
    pub reason: Sealed<String>,
}

/// Somebody was warned that a deadline is near.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadlineWarned {
    /// Which.
    pub kind: DeadlineKind,
    /// Its last day.
    pub due: Date,
}

/// What the deadline was for was done in time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadlineMet {
    /// Which.
    pub kind: DeadlineKind,
}

/// Its last day passed without.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadlineMissed {
    /// Which.
    pub kind: DeadlineKind,
    /// Its last day.
    pub due: Date,
}

/// Somebody was asked for information (oplysninger indhentet).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InformationRequested {
    /// Its number in this case, from 1.
    pub number: u32,
    /// Who was asked.
    pub of: WaitingFor,
    /// When.
    pub asked: Date,
    /// What for.
    pub what: Sealed<String>,
    /// By when an answer is asked for.
    pub reply_by: Option<Date>,
}

/// What was asked for is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InformationReceived {
    /// Which request it answers.
    pub number: u32,
    /// What it is, in a few words.
    pub what: Option<Sealed<String>>,
}
