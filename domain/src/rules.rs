//! Rule sets: which guards hold from which date, the statute each rests on, and how deadlines are counted.
//!
//! A rule that the sources do not fully verify is data here and never a constant in code: an administrator publishes
//! a new version, and every event names the version it was decided under.

mod remedies;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::calendar;
use crate::kle::{Catalogue, KleNumber};

pub use remedies::{AccessBasis, AccessRule, ComplaintRule, Remedies, StraightToAppeal, Term};

/// The guards before a decision, by the numbers the rulebook gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GuardId {
    /// The facts are complete (officialprincippet).
    D1,
    /// A party adversely affected was heard (partshøring).
    D2,
    /// A rule set is in force on the date of decision.
    D3,
    /// Grounds in three parts unless fully in favour (begrundelse).
    D4,
    /// Complaint guidance unless fully in favour (klagevejledning).
    D5,
    /// Another person approves (fire øjne).
    D6,
    /// There is an outcome.
    D7,
}

/// One guard in one rule set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guard {
    /// Whether it holds.
    pub active: bool,
    /// The legal basis as lawyers cite it; empty for a house rule.
    #[serde(default)]
    pub statute: String,
}

/// How a deadline is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Counting {
    /// Calendar days; an end on a weekend or holiday moves to the next working day.
    CalendarDays,
    /// Working days.
    WorkingDays,
}

/// A deadline rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadlineRule {
    /// Its name within the rule set, for example `first-answer`.
    pub name: String,
    /// How many days.
    pub days: u32,
    /// How they are counted.
    pub counting: Counting,
    /// Where the number comes from.
    #[serde(default)]
    pub source: String,
}

impl DeadlineRule {
    /// The last day, counted from the day of receipt (which does not count itself).
    pub fn due(&self, receipt: Date) -> Date {
        match self.counting {
            Counting::WorkingDays => calendar::add_working_days(receipt, self.days),
            Counting::CalendarDays => {
                calendar::working_day_from(receipt.saturating_add(i64::from(self.days).days()))
            }
        }
    }
}

/// A published rule set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleSet {
    /// Its version, for example `2026-1`.
    pub version: String,
    /// The first date it holds on.
    pub valid_from: Date,
    /// The last date it holds on.
    pub valid_until: Option<Date>,
    /// The guards.
    pub guards: BTreeMap<GuardId, Guard>,
    /// The deadline for a decision, by KLE main group; the empty key is the default.
    pub case_deadlines: BTreeMap<String, DeadlineRule>,
    /// Complaints and access to files.
    pub remedies: Remedies,
    /// The KLE edition.
    pub kle: Arc<Catalogue>,
}

impl RuleSet {
    /// Whether it holds on a date.
    pub fn valid_on(&self, date: Date) -> bool {
        self.valid_from <= date && self.valid_until.is_none_or(|until| date <= until)
    }

    /// The guard, if it is active.
    pub fn guard(&self, id: GuardId) -> Option<&Guard> {
        self.guards.get(&id).filter(|guard| guard.active)
    }

    /// The deadline rule for a case of this subject.
    pub fn case_deadline(&self, kle: Option<&KleNumber>) -> Option<&DeadlineRule> {
        kle.and_then(|kle| self.case_deadlines.get(kle.main_group())).or_else(|| self.case_deadlines.get(""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn rule(days: u32, counting: Counting) -> DeadlineRule {
        DeadlineRule { name: "test".into(), days, counting, source: String::new() }
    }

    #[test]
    fn calendar_days_end_on_a_working_day() {
        assert_eq!(rule(28, Counting::CalendarDays).due(date(2026, 11, 2)), date(2026, 11, 30));
        // 26 December 2026 is a Saturday and a holiday; Monday the 28th is next.
        assert_eq!(rule(28, Counting::CalendarDays).due(date(2026, 11, 28)), date(2026, 12, 28));
    }

    #[test]
    fn working_days_skip_weekends_and_holidays() {
        assert_eq!(rule(7, Counting::WorkingDays).due(date(2026, 3, 30)), date(2026, 4, 13));
    }
}
