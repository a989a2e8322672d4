//! Deadlines (frister): from a rule, pauses and a calendar to a date, and every step on the way there.
//!
//! A deadline is never typed and never stored alone: whoever wants to know it counts it again from what happened.
//! The count explains itself: each run of days that did not count, and why, is a [`Step`].

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::calendar::{Calendar, DayOff};
use crate::rules::Counting;

/// Which deadline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeadlineKind {
    /// The citizen hears from the authority for the first time (første svar).
    FirstAnswer,
    /// The decision (sagsbehandlingsfrist, Retssikkerhedsloven § 3).
    #[default]
    CaseHandling,
    /// A party's reply in a hearing (partshøring).
    HearingReply,
    /// Access to files (aktindsigt).
    Access,
    /// Complaining about a decision (klagefrist).
    Complaint,
    /// Looking again at a decision that was complained about (genvurdering).
    Reassessment,
}

/// Who is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WaitingFor {
    /// The party, or who represents them.
    Party,
    /// Another authority.
    OtherAuthority,
    /// A doctor, hospital or other expert.
    Expert,
    /// An employer, school, bank or other third party.
    ThirdParty,
}

/// A time in which the deadline does not run (suspension).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// The first day that does not count.
    pub from: Date,
    /// The first day that counts again; `None` while it lasts.
    pub until: Option<Date>,
    /// Who is waited for.
    pub waiting_for: WaitingFor,
}

impl Pause {
    /// Whether the deadline does not run on that day. One that lasts covers every day from its first.
    fn covers(&self, date: Date) -> bool {
        self.from <= date && self.until.is_none_or(|until| date < until)
    }
}

/// What a deadline is counted from.
#[derive(Clone, Copy, Debug)]
pub struct Count<'a> {
    /// The day from which it counts; the day itself does not count.
    pub from: Date,
    /// How many days, extensions included.
    pub days: u32,
    /// How they are counted.
    pub counting: Counting,
    /// The times in which it did not run, in order; none of them lasts.
    pub pauses: &'a [Pause],
    /// The days on which the authority works.
    pub calendar: &'a Calendar,
}

/// A deadline, and how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reckoning {
    /// The last day.
    pub due: Date,
    /// What moved it, in the order of the days.
    pub steps: Vec<Step>,
}

/// A run of days that moved a deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// Why they did not count.
    pub why: Why,
}

/// Why days did not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The deadline was suspended.
    Paused(Pause),
    /// Offices did not work: the days were skipped, or the end moved over them.
    Off(DayOff),
}

impl Step {
    /// How many days.
    pub fn days(&self) -> i32 {
        (self.to - self.from).get_days() + 1
    }
}

impl Count<'_> {
    /// Counts day by day. A paused day never counts, a day off counts in calendar days only, and the last day is one
    /// on which offices work.
    pub fn reckon(&self) -> Reckoning {
        let (mut due, mut left, mut steps) = (self.from, self.days, Vec::new());
        while left > 0 {
            // The calendar ends with the year 9999; so does every deadline.
            let Ok(day) = due.tomorrow() else { break };
            due = day;
            match self.lost(day, self.counting == Counting::WorkingDays) {
                Some(why) => note(&mut steps, day, why),
                None => left -= 1,
            }
        }
        while let Some(why) = self.lost(due, true) {
            note(&mut steps, due, why);
            let Ok(day) = due.tomorrow() else { break };
            due = day;
        }
        Reckoning { due, steps }
    }

    /// Why a day is lost, where days off are.
    fn lost(&self, day: Date, without_days_off: bool) -> Option<Why> {
        let paused = self.pauses.iter().find(|pause| pause.covers(day));
        let off = || self.calendar.day_off(day).filter(|_| without_days_off);
        paused.map(|pause| Why::Paused(*pause)).or_else(|| off().map(Why::Off))
    }
}

/// Adds a lost day: to the run before it, or as a new one.
fn note(steps: &mut Vec<Step>, day: Date, why: Why) {
    match steps.last_mut() {
        Some(last) if last.why == why && last.to.tomorrow().is_ok_and(|next| next == day) => last.to = day,
        _ => steps.push(Step { from: day, to: day, why }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{ClosingDay, Holiday};
    use jiff::ToSpan;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn count(from: Date, days: u32, counting: Counting) -> Reckoning {
        Count { from, days, counting, pauses: &[], calendar: &Calendar::default() }.reckon()
    }

    fn off(from: Date, to: Date, why: DayOff) -> Step {
        Step { from, to, why: Why::Off(why) }
    }

    fn pause(from: Date, until: Date) -> Pause {
        Pause { from, until: Some(until), waiting_for: WaitingFor::Party }
    }

    #[test]
    fn calendar_days_end_on_a_working_day_and_say_what_they_jumped() {
        assert_eq!(count(date(2026, 11, 2), 28, Counting::CalendarDays).due, date(2026, 11, 30));
        let over_christmas = count(date(2026, 11, 27), 28, Counting::CalendarDays);
        assert_eq!(over_christmas.due, date(2026, 12, 28));
        assert_eq!(
            over_christmas.steps,
            [
                off(date(2026, 12, 25), date(2026, 12, 25), DayOff::Holiday(Holiday::ChristmasDay)),
                off(date(2026, 12, 26), date(2026, 12, 26), DayOff::Holiday(Holiday::SecondChristmasDay)),
                off(date(2026, 12, 27), date(2026, 12, 27), DayOff::Weekend),
            ]
        );
    }

    #[test]
    fn working_days_skip_weekends_and_holidays() {
        let easter = count(date(2026, 3, 30), 7, Counting::WorkingDays);
        assert_eq!(easter.due, date(2026, 4, 13));
        assert_eq!(easter.steps.iter().map(Step::days).sum::<i32>(), 7);
        assert_eq!(count(date(2026, 4, 1), 1, Counting::WorkingDays).due, date(2026, 4, 7));
    }

    #[test]
    fn a_pause_does_not_count_and_the_deadline_runs_on_after_it() {
        let pauses = [pause(date(2026, 11, 10), date(2026, 11, 17))];
        let calendar = Calendar::default();
        let base = Count {
            from: date(2026, 11, 2),
            days: 28,
            counting: Counting::CalendarDays,
            pauses: &pauses,
            calendar: &calendar,
        };
        let told = base.reckon();
        assert_eq!(told.due, date(2026, 12, 7));
        let [step] = told.steps.as_slice() else { panic!("{told:?}") };
        assert_eq!((step.from, step.to, step.days()), (date(2026, 11, 10), date(2026, 11, 16), 7));
    }

    #[test]
    fn an_authority_that_is_closed_gives_one_day_more() {
        let calendar = Calendar::new(vec![ClosingDay::Yearly { month: 6, day: 5 }]);
        let count = Count {
            from: date(2026, 6, 1),
            days: 4,
            counting: Counting::CalendarDays,
            pauses: &[],
            calendar: &calendar,
        };
        let told = count.reckon();
        assert_eq!(told.due, date(2026, 6, 8));
        assert_eq!(told.steps[0], off(date(2026, 6, 5), date(2026, 6, 5), DayOff::Closing));
    }

    #[test]
    fn a_count_that_leaves_the_calendar_ends_with_it() {
        assert_eq!(count(date(9999, 12, 30), u32::MAX, Counting::CalendarDays).due, Date::MAX);
    }

    prop_compose! {
        /// Up to three pauses in order, in the weeks after a day of this century.
        fn a_count()(
            offset in 0..36_500_i64,
            days in 0..120_u32,
            working in any::<bool>(),
            gaps in prop::collection::vec((0..40_i64, 0..30_i64), 0..4),
            closing in any::<bool>(),
        ) -> (Date, u32, Counting, Vec<Pause>, Calendar) {
            let from = date(2000, 1, 1).saturating_add(offset.days());
            let mut pauses: Vec<Pause> = Vec::new();
            for (gap, length) in gaps {
                let after = pauses.last().and_then(|last| last.until).unwrap_or(from);
                let begin = after.saturating_add(gap.days());
                pauses.push(pause(begin, begin.saturating_add(length.days())));
            }
            let counting = if working { Counting::WorkingDays } else { Counting::CalendarDays };
            let closed = [(6, 5), (12, 24), (12, 31)];
            let closed = closed.map(|(month, day)| ClosingDay::Yearly { month, day });
            (from, days, counting, pauses, Calendar::new(if closing { closed.to_vec() } else { Vec::new() }))
        }
    }

    proptest! {
        #[test]
        fn the_count_is_what_looking_at_every_single_day_gives((from, days, counting, pauses, calendar) in a_count()) {
            let told = Count { from, days, counting, pauses: &pauses, calendar: &calendar }.reckon();
            let free = |day: &Date| pauses.iter().all(|pause| {
                *day < pause.from || pause.until.is_some_and(|until| *day >= until)
            });
            let working = |day: &Date| calendar.is_working_day(*day);
            let counts = |day: &Date| free(day) && (counting == Counting::CalendarDays || working(day));
            let ahead = || from.series(1.day());
            let last = match days {
                0 => from,
                days => ahead().skip(1).filter(counts).nth(days as usize - 1).unwrap(),
            };
            let due = ahead().find(|day| *day >= last && free(day) && working(day)).unwrap();
            prop_assert_eq!(told.due, due);
            // The explanation adds up: counted days and lost days together are the way from the first to the last.
            let lost: i32 = told.steps.iter().map(Step::days).sum();
            prop_assert_eq!((told.due - from).get_days(), i32::try_from(days).unwrap() + lost);
            prop_assert!(told.steps.is_sorted_by_key(|step| step.from));
        }

        #[test]
        fn nothing_that_gives_time_takes_time((from, days, counting, pauses, calendar) in a_count()) {
            let due = |days, pauses: &[Pause]| Count { from, days, counting, pauses, calendar: &calendar }.reckon().due;
            let base = due(days, &pauses);
            prop_assert!(due(days + 1, &pauses) >= base);
            if let Some((last, before)) = pauses.split_last() {
                prop_assert!(due(days, before) <= base);
                let mut longer = before.to_vec();
                longer.push(Pause { until: last.until.map(|until| until.saturating_add(1.day())), ..*last });
                prop_assert!(due(days, &longer) >= base);
            }
        }
    }
}
