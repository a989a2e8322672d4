//! Danish public holidays and working days.
//!
//! Source: lov om Folkekirkens helligdage and lov nr. 214 of 6 March 2023, which abolished store bededag from 2024.
//! 5 June, 24 and 31 December and 1 May are not public holidays; an authority that is closed then says so in its
//! rule set ([`ClosingDay`]).

use std::fmt;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

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

/// A working day on which many offices are closed or close early, without any law that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DoubtfulDay {
    /// 1 May.
    FirstOfMay,
    /// 5 June (grundlovsdag).
    Constitution,
    /// 24 December (juleaftensdag).
    ChristmasEve,
    /// 31 December (nytårsaftensdag).
    NewYearsEve,
    /// The day before a public holiday.
    Before(Holiday),
}

impl DoubtfulDay {
    /// The Danish name.
    pub fn name_da(self) -> String {
        match self {
            Self::FirstOfMay => "1. maj".to_owned(),
            Self::Constitution => "grundlovsdag".to_owned(),
            Self::ChristmasEve => "juleaftensdag".to_owned(),
            Self::NewYearsEve => "nytårsaftensdag".to_owned(),
            Self::Before(holiday) => format!("dagen før {}", holiday.name_da()),
        }
    }

    /// The English name.
    pub fn name_en(self) -> String {
        match self {
            Self::FirstOfMay => "1 May".to_owned(),
            Self::Constitution => "Constitution Day".to_owned(),
            Self::ChristmasEve => "Christmas Eve".to_owned(),
            Self::NewYearsEve => "New Year's Eve".to_owned(),
            Self::Before(holiday) => format!("the day before {}", holiday.name_en()),
        }
    }

    /// Whether the whole day may be off. On the day before a holiday most offices open, and some close early.
    pub const fn may_be_off(self) -> bool {
        !matches!(self, Self::Before(_))
    }
}

/// What makes a date doubtful, if anything does. A public holiday is not doubtful: it is one.
pub fn doubtful(date: Date) -> Option<DoubtfulDay> {
    if holiday(date).is_some() {
        return None;
    }
    match (date.month(), date.day()) {
        (5, 1) => Some(DoubtfulDay::FirstOfMay),
        (6, 5) => Some(DoubtfulDay::Constitution),
        (12, 24) => Some(DoubtfulDay::ChristmasEve),
        (12, 31) => Some(DoubtfulDay::NewYearsEve),
        _ => holiday(date.saturating_add(1.day())).map(DoubtfulDay::Before),
    }
}

/// A day on which an authority is closed beside the public holidays (lukkedag). Written `12-24` for every year, or
/// `2026-05-15` for that one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum ClosingDay {
    /// Every year.
    Yearly {
        /// The month, from 1.
        month: i8,
        /// The day of the month, from 1.
        day: i8,
    },
    /// Once.
    Once(Date),
}

/// A text that names no closing day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a closing day is written 12-24 for every year, or 2026-05-15 for one day")]
pub struct NoClosingDay;

impl ClosingDay {
    /// Whether it falls on this date.
    pub fn is_on(self, date: Date) -> bool {
        match self {
            Self::Yearly { month, day } => (date.month(), date.day()) == (month, day),
            Self::Once(once) => once == date,
        }
    }
}

impl fmt::Display for ClosingDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Yearly { month, day } => write!(f, "{month:02}-{day:02}"),
            Self::Once(date) => fmt::Display::fmt(date, f),
        }
    }
}

impl From<ClosingDay> for String {
    fn from(day: ClosingDay) -> Self {
        day.to_string()
    }
}

impl TryFrom<String> for ClosingDay {
    type Error = NoClosingDay;
    fn try_from(text: String) -> Result<Self, NoClosingDay> {
        if let Ok(date) = text.parse() {
            return Ok(Self::Once(date));
        }
        // 2000 was a leap year, so that 29 February is a day too.
        let date: Date = format!("2000-{text}").parse().map_err(|_| NoClosingDay)?;
        Ok(Self::Yearly { month: date.month(), day: date.day() })
    }
}

/// Why offices do not work on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DayOff {
    /// Saturday, or a Sunday that is no holiday.
    Weekend,
    /// A public holiday.
    Holiday(Holiday),
    /// The authority is closed.
    Closing,
}

/// The days on which one authority works. The default one has no closing days of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Calendar {
    closing: Vec<ClosingDay>,
}

impl Calendar {
    /// The public holidays and weekends, and these closing days.
    pub const fn new(closing: Vec<ClosingDay>) -> Self {
        Self { closing }
    }

    /// Whether there are no closing days beside the public holidays.
    pub const fn is_plain(&self) -> bool {
        self.closing.is_empty()
    }

    /// Why offices do not work on a date; `None` on a working day.
    pub fn day_off(&self, date: Date) -> Option<DayOff> {
        if let Some(holiday) = holiday(date) {
            return Some(DayOff::Holiday(holiday));
        }
        if matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) {
            return Some(DayOff::Weekend);
        }
        self.closing.iter().any(|closing| closing.is_on(date)).then_some(DayOff::Closing)
    }

    /// Whether offices work on a date.
    pub fn is_working_day(&self, date: Date) -> bool {
        self.day_off(date).is_none()
    }
}

/// Whether offices work on a date: Monday to Friday and no public holiday.
pub fn is_working_day(date: Date) -> bool {
    Calendar::default().is_working_day(date)
}

/// The date itself if it is a working day, else the next one.
pub fn working_day_from(date: Date) -> Date {
    let mut day = date;
    while !is_working_day(day) {
        day = day.saturating_add(1.day());
    }
    day
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
    fn a_working_day_is_looked_for_over_holidays_and_weekends() {
        assert_eq!(working_day_from(date(2026, 12, 25)), date(2026, 12, 28));
        assert_eq!(working_day_from(date(2026, 4, 2)), date(2026, 4, 7));
        assert_eq!(working_day_from(date(2026, 4, 1)), date(2026, 4, 1));
    }

    #[test]
    fn closing_days_are_data_yearly_or_once() {
        let read = |text: &str| ClosingDay::try_from(text.to_owned());
        let calendar = Calendar::new(vec![read("06-05").unwrap(), read("2026-05-15").unwrap()]);
        assert_eq!(calendar.day_off(date(2026, 6, 5)), Some(DayOff::Closing));
        assert_eq!(calendar.day_off(date(2031, 6, 5)), Some(DayOff::Closing));
        assert_eq!(calendar.day_off(date(2026, 5, 15)), Some(DayOff::Closing));
        assert_eq!(calendar.day_off(date(2028, 6, 5)), Some(DayOff::Holiday(Holiday::WhitMonday)));
        assert!(calendar.is_working_day(date(2028, 5, 15)));
        for bad in ["", "13-01", "02-30", "12/24", "5-6", "juleaften"] {
            assert_eq!(read(bad), Err(NoClosingDay), "{bad}");
        }
        for good in ["02-29", "12-24", "2026-05-15"] {
            assert_eq!(read(good).unwrap().to_string(), good);
        }
    }

    /// The fixture says of itself which version of which source it was made from, and how.
    #[test]
    fn every_day_of_the_century_is_what_an_independent_source_says() {
        let fixture = include_str!("../tests/fixtures/holidays-dk.csv");
        let mut theirs = std::collections::BTreeMap::new();
        for line in fixture.lines().skip(2) {
            let (day, name) = line.split_once(',').unwrap();
            theirs.insert(day.parse::<Date>().unwrap(), name.to_lowercase().replace("anden", "2."));
        }
        assert_eq!(theirs.len(), 24 * 11 + 77 * 10);
        let century = date(2000, 1, 1).series(1.day()).take_while(|day| day.year() <= 2100);
        let mut days = 0;
        for day in century {
            let ours = holiday(day).map(|holiday| holiday.name_da().to_lowercase());
            assert_eq!(ours.as_ref(), theirs.get(&day), "{day}");
            days += 1;
        }
        assert_eq!(days, 101 * 365 + 25);
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
