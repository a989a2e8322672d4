//! Retention (bevaring og kassation): whether a closed case is kept for good or discarded, and after how many years.
//!
//! Which subjects and facets are kept follows a national list, so it is data: each line of the KLE list may carry a
//! class. A case has both a subject and a facet, and both must be known before anything of it is discarded.

use std::fmt;
use std::str::FromStr;

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The longest period that is no slip of the hand, in years.
const LONGEST: u16 = 150;

/// What becomes of a closed case. Written `B` (bevares) or `K5` (kasseres efter 5 år), as the list writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum RetentionClass {
    /// Kept for good, in a public archive (bevares).
    Keep,
    /// Discarded so many whole years after it was closed (kasseres).
    Discard {
        /// How many.
        years: u16,
    },
}

/// Why a text is no class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a retention class is B (kept) or K and a number of years from 0 to {LONGEST}, for example K5")]
pub struct NoClass;

impl RetentionClass {
    /// The class of a case from those of its subject and its facet: what either keeps is kept, else the longer period
    /// holds.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        match (self, other) {
            (Self::Discard { years: one }, Self::Discard { years: other }) => {
                Self::Discard { years: one.max(other) }
            }
            (Self::Keep, _) | (_, Self::Keep) => Self::Keep,
        }
    }

    /// The first day on which a case that was closed on `closed` may be discarded; `None` for one that is kept.
    pub fn due(self, closed: Date) -> Option<Date> {
        match self {
            Self::Keep => None,
            Self::Discard { years } => Some(closed.saturating_add(i64::from(years).years())),
        }
    }

    /// Cases that were closed on this day or before may be discarded today; `None` for those that are kept.
    pub fn closed_by(self, today: Date) -> Option<Date> {
        match self {
            Self::Keep => None,
            Self::Discard { years } => Some(today.saturating_sub(i64::from(years).years())),
        }
    }
}

impl fmt::Display for RetentionClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keep => f.write_str("B"),
            Self::Discard { years } => write!(f, "K{years}"),
        }
    }
}

impl FromStr for RetentionClass {
    type Err = NoClass;
    fn from_str(text: &str) -> Result<Self, NoClass> {
        if text == "B" {
            return Ok(Self::Keep);
        }
        let digits = text.strip_prefix('K').filter(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
        let years = digits.and_then(|digits| digits.parse().ok()).filter(|years| *years <= LONGEST);
        years.map(|years| Self::Discard { years }).ok_or(NoClass)
    }
}

impl TryFrom<String> for RetentionClass {
    type Error = NoClass;
    fn try_from(text: String) -> Result<Self, NoClass> {
        text.parse()
    }
}

impl From<RetentionClass> for String {
    fn from(class: RetentionClass) -> Self {
        class.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn years(years: u16) -> RetentionClass {
        RetentionClass::Discard { years }
    }

    #[test]
    fn a_class_is_read_as_it_is_written() {
        for class in [RetentionClass::Keep, years(0), years(5), years(60)] {
            assert_eq!(class.to_string().parse(), Ok(class));
        }
        for bad in ["", "b", "K", "K-1", "K5 ", "5", "K151", "K99999", "BK5"] {
            assert_eq!(bad.parse::<RetentionClass>(), Err(NoClass), "{bad:?}");
        }
    }

    #[test]
    fn what_either_part_keeps_is_kept_and_else_the_longer_period_holds() {
        assert_eq!(years(5).with(years(10)), years(10));
        assert_eq!(years(5).with(RetentionClass::Keep), RetentionClass::Keep);
        assert_eq!(RetentionClass::Keep.with(years(5)), RetentionClass::Keep);
    }

    #[test]
    fn the_first_day_is_the_same_day_so_many_years_later() {
        assert_eq!(years(5).due(date(2021, 11, 23)), Some(date(2026, 11, 23)));
        assert_eq!(years(1).due(date(2024, 2, 29)), Some(date(2025, 2, 28)));
        assert_eq!(RetentionClass::Keep.due(date(2021, 11, 23)), None);
        assert_eq!(years(5).closed_by(date(2026, 11, 23)), Some(date(2021, 11, 23)));
    }
}
