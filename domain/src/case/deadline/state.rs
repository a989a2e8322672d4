//! One deadline of a case: its rule, what has happened to it, and its last day.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::DeadlineSet;
use crate::deadline::{Count, Pause, Reckoning, WaitingFor};

/// How a deadline ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeadlineEnd {
    /// In time.
    Met,
    /// Its last day passed.
    Missed,
}

/// One deadline of a case, and what has happened to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// The rule, as it was when it was set.
    pub set: DeadlineSet,
    /// The day it counts from.
    pub from: Date,
    /// The times in which it did not run; the last one may last.
    pub pauses: Vec<Pause>,
    /// Its extensions, in days.
    pub extensions: Vec<u32>,
    /// Whether the citizen was told of a delay since the last extension.
    pub noticed: bool,
    /// The last day that was warned of.
    pub warned: Option<Date>,
    /// How it ended.
    pub end: Option<DeadlineEnd>,
    /// The last day; `None` while it is suspended.
    pub due: Option<Date>,
}

impl Deadline {
    /// A deadline as it is when it is set; one before it that counted from the same day hands on what happened to it.
    pub(super) fn begin(set: DeadlineSet, received: Date, before: Option<&Self>) -> Self {
        let from = set.from.unwrap_or(received);
        let blank = Self {
            set,
            from,
            pauses: Vec::new(),
            extensions: Vec::new(),
            noticed: false,
            warned: None,
            end: None,
            due: None,
        };
        let mut deadline = match before.filter(|before| before.from == from) {
            Some(before) => Self {
                pauses: before.pauses.clone(),
                extensions: before.extensions.clone(),
                noticed: before.noticed,
                ..blank
            },
            None => blank,
        };
        deadline.recount();
        deadline
    }

    /// The pause that lasts.
    pub fn pause(&self) -> Option<&Pause> {
        self.pauses.last().filter(|pause| pause.until.is_none())
    }

    /// The last day and how it came about; of a suspended one, as if it ran again on `today`.
    pub fn reckon(&self, today: Date) -> Reckoning {
        let ended =
            |pause: &Pause| Pause { until: Some(pause.until.unwrap_or(today.max(pause.from))), ..*pause };
        let pauses: Vec<Pause> = self.pauses.iter().map(ended).collect();
        let DeadlineSet { days, counting, ref calendar, .. } = self.set;
        let days = self.extensions.iter().fold(days, |sum, days| sum.saturating_add(*days));
        Count { from: self.from, days, counting, pauses: &pauses, calendar }.reckon()
    }

    pub(super) fn recount(&mut self) {
        self.due = self.pause().is_none().then(|| self.reckon(self.from).due);
    }

    /// Whether its last day lies before that day. A suspended one has none.
    pub(super) fn passed(&self, today: Date) -> Option<Date> {
        self.due.filter(|due| *due < today)
    }

    /// The first day on which somebody is to be warned.
    pub(super) fn warns_on(&self) -> Option<Date> {
        let (due, days) = (self.due?, self.set.terms.warn_days);
        (days > 0 && self.warned != Some(due)).then(|| due.saturating_sub(i64::from(days).days()))
    }
}

/// A question to somebody outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InformationRequest {
    /// Its number in this case, from 1.
    pub number: u32,
    /// Who was asked.
    pub of: WaitingFor,
    /// When.
    pub asked: Date,
    /// Whether it was answered.
    pub received: bool,
}
