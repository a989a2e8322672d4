//! Rule sets: which guards hold from which date, the statute each rests on, and how deadlines are counted.
//!
//! A rule that the sources do not fully verify is data here and never a constant in code: an administrator publishes
//! a new version, and every event names the version it was decided under.

mod remedies;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::Tenant;
use crate::calendar::Calendar;
use crate::deadline::{Count, DeadlineKind};
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

/// What may be done with a deadline while it runs. The default allows nothing: a rule set that says nothing of pauses
/// has none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Terms {
    /// Whether it may be suspended while somebody is waited for.
    pub suspension: bool,
    /// How often it may be extended.
    pub extensions: u32,
    /// The longest extension, in days counted as the rule counts.
    pub extension_days: u32,
    /// Whether the citizen must have had a delay notice before it is extended.
    pub notice_first: bool,
    /// How many calendar days before the last one somebody is warned; 0 for never.
    pub warn_days: u32,
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
    /// Where the number comes from, as lawyers cite it.
    #[serde(default)]
    pub source: String,
    /// What may be done with it.
    #[serde(default)]
    pub terms: Terms,
}

impl DeadlineRule {
    /// The last day, counted from the day of receipt (which does not count itself).
    pub fn due(&self, receipt: Date, calendar: &Calendar) -> Date {
        let Self { days, counting, .. } = *self;
        Count { from: receipt, days, counting, pauses: &[], calendar }.reckon().due
    }
}

/// What a deadline rule is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope {
    /// Which deadline.
    pub kind: DeadlineKind,
    /// The beginning of the KLE numbers: nothing (every subject), a main group, a group or a subject.
    pub kle: String,
    /// The municipality that published it; `None` for every one.
    pub municipality: Option<Tenant>,
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
    /// The deadlines.
    pub deadlines: BTreeMap<Scope, DeadlineRule>,
    /// The days on which each municipality works; `None` for those that say nothing of it.
    pub calendars: BTreeMap<Option<Tenant>, Calendar>,
    /// For how many hours somebody may open a case of another team by break-glass; not at all where there is no number.
    pub break_glass_hours: Option<u32>,
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

    /// The rule for a deadline: the one for the longest beginning of the subject's number, and of those the
    /// municipality's own before the one for all.
    pub fn deadline(
        &self,
        kind: DeadlineKind,
        municipality: Tenant,
        kle: Option<&KleNumber>,
    ) -> Option<&DeadlineRule> {
        let number = kle.map_or("", KleNumber::as_str);
        let prefixes = [Some(number), number.get(..5), number.get(..2), Some("")];
        prefixes.into_iter().flatten().find_map(|prefix| {
            [Some(municipality), None].into_iter().find_map(|municipality| {
                self.deadlines.get(&Scope { kind, kle: prefix.to_owned(), municipality })
            })
        })
    }

    /// The days on which a municipality works.
    pub fn calendar(&self, municipality: Tenant) -> Calendar {
        let own = self.calendars.get(&Some(municipality));
        own.or_else(|| self.calendars.get(&None)).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::ClosingDay;
    use jiff::civil::date;

    fn municipality(code: &str) -> Tenant {
        Tenant::try_new(code).unwrap()
    }

    fn rules() -> RuleSet {
        let line = |kle: &str, municipality, days| {
            let scope = Scope { kind: DeadlineKind::CaseHandling, kle: kle.into(), municipality };
            let (name, source) = (format!("{days}"), String::new());
            let counting = Counting::CalendarDays;
            (scope, DeadlineRule { name, days, counting, source, terms: Terms::default() })
        };
        let furesoe = Some(municipality("0190"));
        RuleSet {
            deadlines: [
                line("", None, 28),
                line("32", None, 20),
                line("32.03", None, 15),
                line("32.03.08", None, 10),
                line("", furesoe, 21),
                line("32.03", furesoe, 14),
            ]
            .into(),
            ..RuleSet::default()
        }
    }

    #[test]
    fn the_longest_beginning_of_the_subject_decides_and_then_the_municipality() {
        let rules = rules();
        let days = |code: &str, kle: Option<&str>| {
            let kle = kle.map(|kle| KleNumber::try_new(kle).unwrap());
            rules.deadline(DeadlineKind::CaseHandling, municipality(code), kle.as_ref()).unwrap().days
        };
        for (code, kle, expected) in [
            ("0751", None, 28),
            ("0751", Some("27"), 28),
            ("0751", Some("32"), 20),
            ("0751", Some("32.24"), 20),
            ("0751", Some("32.03"), 15),
            ("0751", Some("32.03.01"), 15),
            ("0751", Some("32.03.08"), 10),
            ("0190", None, 21),
            ("0190", Some("32.24.04"), 20),
            ("0190", Some("32.03.01"), 14),
            ("0190", Some("32.03.08"), 10),
        ] {
            assert_eq!(days(code, kle), expected, "{code} {kle:?}");
        }
        assert_eq!(rules.deadline(DeadlineKind::Access, municipality("0190"), None), None);
    }

    #[test]
    fn a_municipality_without_closing_days_of_its_own_has_those_of_all() {
        let closed = |month, day| Calendar::new(vec![ClosingDay::Yearly { month, day }]);
        let furesoe = municipality("0190");
        let calendars = [(None, closed(12, 24)), (Some(furesoe), closed(6, 5))].into();
        let rules = RuleSet { calendars, ..RuleSet::default() };
        assert!(!rules.calendar(furesoe).is_working_day(date(2026, 6, 5)));
        assert!(rules.calendar(furesoe).is_working_day(date(2026, 12, 24)));
        assert!(!rules.calendar(municipality("0751")).is_working_day(date(2026, 12, 24)));
        assert_eq!(RuleSet::default().calendar(furesoe), Calendar::default());
    }
}
