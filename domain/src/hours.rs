//! Opening hours: read from one line of text, asked for any instant.
//!
//! The line: `mon-thu 08:00-20:00; fri 08:00-16:00; sat closed; sun 16:00-20:00`. A day that is not named is closed.
//! What happens on public holidays is a fact of its own, because most sources do not say.

use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::{Date, Time, Weekday};
use serde::{Deserialize, Serialize};

use crate::calendar::{self, DoubtfulDay, Holiday};
use crate::time::local;

/// What is known of public holidays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnHolidays {
    /// Closed.
    #[default]
    Closed,
    /// The source does not say: the answer must say so too.
    Unknown,
}

/// Weekly opening hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    /// Opening and closing time per weekday, Monday first.
    week: [Option<Span>; 7],
    on_holidays: OnHolidays,
}

/// Why a line of opening hours was not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("opening hours not understood at \"{0}\": write for example \"mon-thu 08:00-16:00; fri closed\"")]
pub struct HoursError(String);

/// Whether it is open at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// Open, until this time today.
    Open {
        /// Closing time.
        until: Time,
    },
    /// Closed; opens next on this date and at this time.
    Closed {
        /// The holiday that keeps it closed today, if that is why.
        holiday: Option<Holiday>,
        /// The date it opens next (`None`: not within the coming month).
        next: Option<(Date, Time)>,
    },
    /// It usually opens today, and has not closed yet, but today is no day like others, and nobody has said what holds.
    Unsure {
        /// What is different today.
        why: Doubt,
        /// The next opening that is certain.
        next: Option<(Date, Time)>,
    },
}

/// Why the usual hours may not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// It is a public holiday, and no source says whether it opens on one.
    Holiday(Holiday),
    /// Many close on such a day, or close early.
    Day(DoubtfulDay),
}

/// Opening and closing time of a day.
pub type Span = (Time, Time);

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Hours {
    /// Reads the line described at the top of this file.
    pub fn parse(line: &str, on_holidays: OnHolidays) -> Result<Self, HoursError> {
        let mut week = [None; 7];
        for part in line.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let wrong = || HoursError(part.to_owned());
            let (days, times) = part.split_once(' ').ok_or_else(wrong)?;
            let (first, last) = days.split_once('-').unwrap_or((days, days));
            let day = |name: &str| DAYS.iter().position(|known| *known == name).ok_or_else(wrong);
            let (first, last) = (day(first)?, day(last)?);
            let open = match times.trim() {
                "closed" => None,
                span => {
                    let (from, to) = span.split_once('-').ok_or_else(wrong)?;
                    let clock = |text: &str| text.trim().parse::<Time>().map_err(|_| wrong());
                    let (from, to) = (clock(from)?, clock(to)?);
                    if from >= to {
                        return Err(wrong());
                    }
                    Some((from, to))
                }
            };
            week.get_mut(first..=last).ok_or_else(wrong)?.fill(open);
        }
        Ok(Self { week, on_holidays })
    }

    fn on(&self, weekday: Weekday) -> Option<Span> {
        self.week[usize::from(weekday.to_monday_zero_offset().unsigned_abs())]
    }

    /// Whether it is open at `instant`, in Copenhagen.
    pub fn at(&self, instant: Timestamp) -> Opening {
        let now = local(instant).datetime();
        let holiday = calendar::holiday(now.date());
        let next = self.next_after(now.date(), now.time());
        let unknown = self.on_holidays == OnHolidays::Unknown;
        let Some((from, to)) = self.on(now.date().weekday()) else {
            return Opening::Closed { holiday, next };
        };
        match (holiday, calendar::doubtful(now.date())) {
            (Some(_), _) if !unknown => Opening::Closed { holiday, next },
            // What is over is over, whether or not it opened today.
            _ if now.time() >= to => Opening::Closed { holiday: None, next },
            (Some(holiday), _) => Opening::Unsure { why: Doubt::Holiday(holiday), next },
            (None, Some(day)) => Opening::Unsure { why: Doubt::Day(day), next },
            (None, None) if now.time() >= from => Opening::Open { until: to },
            (None, None) => Opening::Closed { holiday: None, next },
        }
    }

    /// The next opening on a day of which nothing is in doubt but when it closes.
    fn next_after(&self, date: Date, time: Time) -> Option<(Date, Time)> {
        (0..31).map(|days| date.saturating_add(days.days())).find_map(|day| {
            let (from, _) = self.on(day.weekday())?;
            let off = calendar::holiday(day).is_some()
                || calendar::doubtful(day).is_some_and(DoubtfulDay::may_be_off);
            let usable = !off && (day > date || from > time);
            usable.then_some((day, from))
        })
    }

    /// The week as runs of days with the same hours, Monday first: `(first day, last day, hours)`.
    pub fn runs(&self) -> Vec<(Weekday, Weekday, Option<Span>)> {
        let mut runs: Vec<(Weekday, Weekday, Option<Span>)> = Vec::new();
        let mut day = Weekday::Monday;
        for open in self.week {
            match runs.last_mut() {
                Some((_, last, hours)) if *hours == open => *last = day,
                _ => runs.push((day, day, open)),
            }
            day = day.next();
        }
        runs
    }

    /// What is known of public holidays.
    pub const fn on_holidays(&self) -> OnHolidays {
        self.on_holidays
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, time};

    fn hotline() -> Hours {
        Hours::parse("mon-thu 08:00-20:00; fri 08:00-16:00; sat closed; sun 16:00-20:00", OnHolidays::Unknown)
            .unwrap()
    }

    fn at(text: &str) -> Opening {
        hotline().at(text.parse().unwrap())
    }

    #[test]
    fn open_and_closed_follow_the_clock_in_copenhagen() {
        // Monday in November: UTC+1.
        assert_eq!(at("2026-11-23T07:00:00Z"), Opening::Open { until: time(20, 0, 0, 0) });
        assert_eq!(
            at("2026-11-23T06:59:59Z"),
            Opening::Closed { holiday: None, next: Some((date(2026, 11, 23), time(8, 0, 0, 0))) }
        );
        assert_eq!(
            at("2026-11-23T19:00:00Z"),
            Opening::Closed { holiday: None, next: Some((date(2026, 11, 24), time(8, 0, 0, 0))) }
        );
        // Monday in July: UTC+2.
        assert_eq!(at("2026-07-06T06:00:00Z"), Opening::Open { until: time(20, 0, 0, 0) });
        // The Sunday on which summer time ends (25 October 2026).
        assert_eq!(at("2026-10-25T15:00:00Z"), Opening::Open { until: time(20, 0, 0, 0) });
        assert_eq!(
            at("2026-10-25T14:59:00Z"),
            Opening::Closed { holiday: None, next: Some((date(2026, 10, 25), time(16, 0, 0, 0))) }
        );
    }

    #[test]
    fn saturday_is_closed_until_sunday_afternoon() {
        assert_eq!(
            at("2026-11-21T11:00:00Z"),
            Opening::Closed { holiday: None, next: Some((date(2026, 11, 22), time(16, 0, 0, 0))) }
        );
    }

    #[test]
    fn a_holiday_is_unsure_where_the_source_is_silent_and_closed_where_it_is_not() {
        // Maundy Thursday 2026, within the usual hours; next certain opening is Tuesday after Easter.
        let next = Some((date(2026, 4, 7), time(8, 0, 0, 0)));
        assert_eq!(
            at("2026-04-02T10:00:00Z"),
            Opening::Unsure { why: Doubt::Holiday(Holiday::MaundyThursday), next }
        );
        let closed = Hours::parse("mon-fri 10:00-12:00", OnHolidays::Closed).unwrap();
        let next = Some((date(2026, 4, 7), time(10, 0, 0, 0)));
        assert_eq!(
            closed.at("2026-04-02T09:00:00Z".parse().unwrap()),
            Opening::Closed { holiday: Some(Holiday::MaundyThursday), next }
        );
    }

    #[test]
    fn on_a_day_that_many_take_off_nobody_is_told_that_it_is_open() {
        let on = |text: &str| match at(text) {
            Opening::Unsure { why: Doubt::Day(day), .. } => Some(day),
            _ => None,
        };
        assert_eq!(on("2026-12-24T11:00:00Z"), Some(DoubtfulDay::ChristmasEve));
        assert_eq!(on("2026-12-31T05:00:00Z"), Some(DoubtfulDay::NewYearsEve), "before the usual hours too");
        assert_eq!(on("2026-05-01T08:00:00Z"), Some(DoubtfulDay::FirstOfMay));
        assert_eq!(on("2026-06-05T08:00:00Z"), Some(DoubtfulDay::Constitution));
        assert_eq!(on("2026-05-13T08:00:00Z"), Some(DoubtfulDay::Before(Holiday::Ascension)));
        assert_eq!(on("2026-12-23T11:00:00Z"), None);
        // The evening before 24 December nobody is sent there the next morning; nor before a holiday over Christmas.
        let next = Some((date(2026, 12, 27), time(16, 0, 0, 0)));
        assert_eq!(at("2026-12-23T20:00:00Z"), Opening::Closed { holiday: None, next });
        // A Wednesday before a Thursday off is a day to come all the same.
        let next = Some((date(2026, 5, 13), time(8, 0, 0, 0)));
        assert_eq!(at("2026-05-12T20:00:00Z"), Opening::Closed { holiday: None, next });
    }

    #[test]
    fn on_a_holiday_that_nobody_speaks_of_it_is_not_said_to_be_closed_for_that() {
        // Christmas Day 2026 is a Friday: before opening it is unsure, after closing it is closed like any Friday.
        assert!(matches!(at("2026-12-25T06:00:00Z"), Opening::Unsure { why: Doubt::Holiday(_), .. }));
        assert!(matches!(at("2026-12-25T16:00:00Z"), Opening::Closed { holiday: None, .. }));
        // Boxing Day 2026 is a Saturday, on which it never opens.
        assert!(matches!(at("2026-12-26T11:00:00Z"), Opening::Closed { holiday: Some(_), .. }));
    }

    #[test]
    fn an_independent_clock_and_calendar_say_the_same() {
        // The state, the closing time or the day that makes it doubtful, and the next opening.
        let fixture = include_str!("../tests/fixtures/open-now.csv");
        let mut looked_at = 0;
        for line in fixture.lines().filter(|line| !line.starts_with('#')).skip(1) {
            let (instant, expected) = line.split_once(',').unwrap();
            let next =
                |next: Option<(Date, Time)>| next.map_or(String::new(), |(day, at)| format!("{day}T{at}"));
            let told = match at(instant) {
                Opening::Open { until } => format!("open,{until},"),
                Opening::Closed { next: later, .. } => format!("closed,,{}", next(later)),
                Opening::Unsure { why: Doubt::Holiday(_), next: later } => {
                    format!("holiday,,{}", next(later))
                }
                Opening::Unsure { why: Doubt::Day(_), next: later } => format!("doubtful,,{}", next(later)),
            };
            assert_eq!(told, expected, "{instant}");
            looked_at += 1;
        }
        assert!(looked_at >= 3_000, "{looked_at}");
    }

    #[test]
    fn a_line_that_makes_no_sense_is_refused() {
        for bad in ["mon", "mon 8-20", "xyz 08:00-09:00", "fri-mon 08:00-09:00", "mon 20:00-08:00"] {
            assert!(Hours::parse(bad, OnHolidays::Closed).is_err(), "{bad}");
        }
        assert_eq!(hotline().runs().len(), 4);
    }
}
