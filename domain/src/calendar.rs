//! Danish public holidays and working days.
//!
//! Source: lov om Folkekirkens helligdage and lov nr. 214 of 6 March 2023, which abolished store bededag from 2024.
//! 5 June, 24 and 31 December and 1 May are not public holidays; offices that close then say so in their hours.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

/// A public holiday (helligdag).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Holiday {
    /// Nytårsdag.
    NewYear,
    /// Skærtorsdag.
    MaundyThursday,
    /// Langfredag.
    GoodFriday,
    /// Påskedag.
    EasterSunday,
    /// 2. påskedag.
    EasterMonday,
    /// Store bededag, until 2023.
    PrayerDay,
    /// Kristi himmelfartsdag.
    Ascension,
    /// Pinsedag.
    WhitSunday,
    /// 2. pinsedag.
    WhitMonday,
    /// Juledag.
    ChristmasDay,
    /// 2. juledag.
    SecondChristmasDay,
}

impl Holiday {
    /// The Danish name.
    pub const fn name_da(self) -> &'static str {
        match self {
            Self::NewYear => "nytårsdag",
            Self::MaundyThursday => "skærtorsdag",
            Self::GoodFriday => "langfredag",
            Self::EasterSunday => "påskedag",
            Self::EasterMonday => "2. påskedag",
            Self::PrayerDay => "store bededag",
            Self::Ascension => "Kristi himmelfartsdag",
            Self::WhitSunday => "pinsedag",
            Self::WhitMonday => "2. pinsedag",
            Self::ChristmasDay => "juledag",
            Self::SecondChristmasDay => "2. juledag",
        }
    }

    /// The English name.
    pub const fn name_en(self) -> &'static str {
        match self {
            Self::NewYear => "New Year's Day",
            Self::MaundyThursday => "Maundy Thursday",
            Self::GoodFriday => "Good Friday",
            Self::EasterSunday => "Easter Sunday",
            Self::EasterMonday => "Easter Monday",
            Self::PrayerDay => "Great Prayer Day",
            Self::Ascension => "Ascension Day",
            Self::WhitSunday => "Whit Sunday",
            Self::WhitMonday => "Whit Monday",
            Self::ChristmasDay => "Christmas Day",
            Self::SecondChristmasDay => "Boxing Day",
        }
    }
}

/// Easter Sunday of a year, by the anonymous Gregorian algorithm (Meeus, Astronomical Algorithms, chapter 8).
#[expect(clippy::many_single_char_names, reason = "the names of the algorithm as it was published")]
pub fn easter(year: i16) -> Date {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 19 * l) / 433;
    let n = (h + l - 7 * m + 90) / 25;
    let p = (h + l - 7 * m + 33 * n + 19) % 32;
    // Invariant of the algorithm: n is 3 or 4 and p is a day of that month.
    Date::new(year, i8::try_from(n).unwrap_or(3), i8::try_from(p).unwrap_or(31)).unwrap_or(Date::ZERO)
}

/// The public holiday on a date, if it is one.
pub fn holiday(date: Date) -> Option<Holiday> {
    match (date.month(), date.day()) {
        (1, 1) => return Some(Holiday::NewYear),
        (12, 25) => return Some(Holiday::ChristmasDay),
        (12, 26) => return Some(Holiday::SecondChristmasDay),
        _ => {}
    }
    let after_easter = (date - easter(date.year())).get_days();
    match after_easter {
        -3 => Some(Holiday::MaundyThursday),
        -2 => Some(Holiday::GoodFriday),
        0 => Some(Holiday::EasterSunday),
        1 => Some(Holiday::EasterMonday),
        26 if date.year() < 2024 => Some(Holiday::PrayerDay),
        39 => Some(Holiday::Ascension),
        49 => Some(Holiday::WhitSunday),
        50 => Some(Holiday::WhitMonday),
        _ => None,
    }
}

/// Whether offices work on a date: Monday to Friday and no public holiday.
pub fn is_working_day(date: Date) -> bool {
    !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) && holiday(date).is_none()
}

/// The date itself if it is a working day, else the next one.
pub fn working_day_from(date: Date) -> Date {
    let mut day = date;
    while !is_working_day(day) {
        day = day.saturating_add(1.day());
    }
    day
}

/// The date that is `count` working days after `date` (the day itself does not count).
pub fn add_working_days(date: Date, count: u32) -> Date {
    (0..count).fold(date, |day, _| working_day_from(day.saturating_add(1.day())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_movable_feasts_of_2026_to_2030_fall_where_the_almanac_has_them() {
        let table = [
            (date(2026, 4, 2), date(2026, 4, 5), date(2026, 5, 14), date(2026, 5, 25)),
            (date(2027, 3, 25), date(2027, 3, 28), date(2027, 5, 6), date(2027, 5, 17)),
            (date(2028, 4, 13), date(2028, 4, 16), date(2028, 5, 25), date(2028, 6, 5)),
            (date(2029, 3, 29), date(2029, 4, 1), date(2029, 5, 10), date(2029, 5, 21)),
            (date(2030, 4, 18), date(2030, 4, 21), date(2030, 5, 30), date(2030, 6, 10)),
        ];
        for (maundy, easter_sunday, ascension, whit_monday) in table {
            assert_eq!(holiday(maundy), Some(Holiday::MaundyThursday));
            assert_eq!(holiday(easter_sunday), Some(Holiday::EasterSunday));
            assert_eq!(holiday(ascension), Some(Holiday::Ascension));
            assert_eq!(holiday(whit_monday), Some(Holiday::WhitMonday));
        }
    }

    #[test]
    fn store_bededag_ends_with_2023() {
        assert_eq!(holiday(date(2023, 5, 5)), Some(Holiday::PrayerDay));
        assert_eq!(holiday(date(2024, 4, 26)), None);
    }

    #[test]
    fn working_days_step_over_easter() {
        assert_eq!(add_working_days(date(2026, 4, 1), 1), date(2026, 4, 7));
        assert_eq!(add_working_days(date(2026, 4, 1), 7), date(2026, 4, 15));
        assert_eq!(working_day_from(date(2026, 12, 25)), date(2026, 12, 28));
    }

    #[test]
    fn every_year_from_1950_to_2150_has_its_holidays_and_no_two_definitions_clash() {
        for year in 1950..2150 {
            let days = Date::new(year, 1, 1).unwrap().series(1.day()).take_while(|day| day.year() == year);
            let count = days.filter(|day| holiday(*day).is_some()).count();
            // Two feasts can share a date (Ascension on 1 May does not, 26 December never meets Easter).
            assert_eq!(count, if year < 2024 { 11 } else { 10 }, "{year}");
        }
    }
}
