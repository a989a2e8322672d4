//! Opening hours and dates in words: "Åbent nu. Lukker kl. 20." The rules are in the domain; these are the words.

use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::{Date, Time, Weekday};
use skranke_content::{HoursTexts, fill};
use skranke_domain::Lang;
use skranke_domain::conversation::Open;
use skranke_domain::hours::{Doubt, Hours, Opening};
use skranke_domain::time::local;

/// Whether it is open at `now`, and the sentence that says so.
pub(crate) fn opening(texts: &HoursTexts, lang: Lang, hours: &Hours, now: Timestamp) -> (Open, String) {
    let today = local(now).date();
    let sentence = |plain: &str, with_next: &str, name: &str, next: Option<(Date, Time)>| match next {
        Some((date, at)) => {
            let (day, at) = (day(texts, today, date), clock(lang, at));
            fill(with_next, &[("holiday", name), ("day", &day), ("time", &at)])
        }
        None => fill(plain, &[("holiday", name)]),
    };
    match hours.at(now) {
        Opening::Open { until } => (Open::Yes, fill(&texts.open, &[("time", &clock(lang, until))])),
        Opening::Closed { holiday: None, next } => {
            (Open::No, sentence(&texts.closed, &texts.closed_next, "", next))
        }
        Opening::Closed { holiday: Some(holiday), next } => {
            let name = lang.pick(holiday.name_da(), holiday.name_en());
            // On a holiday that falls on a day that is closed anyway, the holiday is not why; the holiday is
            // still what people wonder about, so it is named.
            (Open::No, sentence(&texts.closed_holiday, &texts.closed_holiday_next, name, next))
        }
        Opening::Unsure { why: Doubt::Holiday(holiday), next } => {
            let name = lang.pick(holiday.name_da(), holiday.name_en());
            (Open::Unsure, sentence(&texts.unsure, &texts.unsure_next, name, next))
        }
        Opening::Unsure { why: Doubt::Day(day), next } => {
            let name = match lang {
                Lang::Da => day.name_da(),
                Lang::En => day.name_en(),
            };
            (Open::Unsure, sentence(&texts.doubtful, &texts.doubtful_next, &name, next))
        }
    }
}

/// The week in one line: "mandag til torsdag kl. 8-20, fredag: kl. 8-16, lørdag: lukket".
pub(crate) fn week(texts: &HoursTexts, lang: Lang, hours: &Hours) -> String {
    let runs = hours.runs().into_iter().map(|(first, last, open)| {
        let times = match open {
            Some((from, to)) => {
                fill(&texts.run_open, &[("from", &clock(lang, from)), ("to", &clock(lang, to))])
            }
            None => texts.run_closed.clone(),
        };
        let (from, to) = (weekday(texts, first), weekday(texts, last));
        let pattern = if first == last { &texts.run_day } else { &texts.run_days };
        fill(pattern, &[("first", from), ("last", to), ("times", &times)])
    });
    runs.collect::<Vec<_>>().join(", ")
}

/// A day as people say it from today: "i dag", "i morgen", "mandag den 23. november".
pub(crate) fn day(texts: &HoursTexts, today: Date, date: Date) -> String {
    if date == today {
        return texts.today.clone();
    }
    if date == today.saturating_add(1.day()) {
        return texts.tomorrow.clone();
    }
    let month = usize::from(date.month().unsigned_abs()).saturating_sub(1);
    let month = texts.months.get(month).map_or("", String::as_str);
    let number = date.day().to_string();
    fill(&texts.on_date, &[("weekday", weekday(texts, date.weekday())), ("day", &number), ("month", month)])
}

/// A day that is never "today": for texts that are read later, on paper or after a reload.
pub(crate) const fn never() -> Date {
    Date::ZERO
}

/// A date in full, without the weekday: "22. november 2026".
pub(crate) fn date(texts: &HoursTexts, lang: Lang, date: Date) -> String {
    let month = usize::from(date.month().unsigned_abs()).saturating_sub(1);
    let month = texts.months.get(month).map_or("", String::as_str);
    match lang {
        Lang::Da => format!("{}. {month} {}", date.day(), date.year()),
        Lang::En => format!("{} {month} {}", date.day(), date.year()),
    }
}

/// A time as it is written: "8" and "8.30" in Danish, "8:00" and "8:30" in English.
pub(crate) fn clock(lang: Lang, time: Time) -> String {
    match (lang, time.minute()) {
        (Lang::Da, 0) => time.hour().to_string(),
        (Lang::Da, minute) => format!("{}.{minute:02}", time.hour()),
        (Lang::En, minute) => format!("{}:{minute:02}", time.hour()),
    }
}

fn weekday(texts: &HoursTexts, day: Weekday) -> &str {
    texts.weekdays.get(usize::from(day.to_monday_zero_offset().unsigned_abs())).map_or("", String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use skranke_content::Library;

    fn said(lang: Lang, at: &str) -> String {
        let library = Library::builtin().unwrap();
        let hours =
            library.authority("den-digitale-hotline").and_then(|hotline| hotline.hours.clone()).unwrap();
        opening(&library.messages(lang).hours, lang, &hours, at.parse().unwrap()).1
    }

    #[test]
    fn open_closed_and_next_are_said_as_people_say_them() {
        assert_eq!(said(Lang::Da, "2026-11-23T09:00:00Z"), "Åbent nu. Lukker kl. 20.");
        assert_eq!(said(Lang::Da, "2026-11-23T21:00:00Z"), "Lukket nu. Åbner igen i morgen kl. 8.");
        assert_eq!(said(Lang::Da, "2026-11-23T05:00:00Z"), "Lukket nu. Åbner igen i dag kl. 8.");
        // Friday after closing: Saturday is closed, Sunday opens in the afternoon.
        assert_eq!(
            said(Lang::Da, "2026-11-20T18:00:00Z"),
            "Lukket nu. Åbner igen søndag den 22. november kl. 16."
        );
        assert_eq!(
            said(Lang::En, "2026-11-20T18:00:00Z"),
            "Closed now. Opens again on Sunday 22 November at 16:00."
        );
    }

    #[test]
    fn on_a_public_holiday_the_counter_says_that_it_does_not_know() {
        let text = said(Lang::Da, "2026-04-02T10:00:00Z");
        assert!(text.starts_with("Usikkert i dag: Det er skærtorsdag"), "{text}");
        assert!(text.ends_with("tirsdag den 7. april kl. 8."), "{text}");
        assert!(said(Lang::En, "2026-12-25T10:00:00Z").contains("Christmas Day"));
    }

    #[test]
    fn on_christmas_eve_people_are_told_to_ring_first() {
        assert_eq!(
            said(Lang::Da, "2026-12-24T10:00:00Z"),
            "Måske lukket i dag: Det er juleaftensdag, og mange steder har lukket eller lukker tidligt. Ring først. \
             Næste almindelige åbning er søndag den 27. december kl. 16."
        );
        let text = said(Lang::En, "2026-05-13T08:00:00Z");
        assert!(text.starts_with("Perhaps closed today: it is the day before Ascension Day"), "{text}");
    }

    #[test]
    fn the_week_is_one_line() {
        let library = Library::builtin().unwrap();
        let hours =
            library.authority("den-digitale-hotline").and_then(|hotline| hotline.hours.clone()).unwrap();
        assert_eq!(
            week(&library.messages(Lang::Da).hours, Lang::Da, &hours),
            "mandag til torsdag kl. 8-20, fredag kl. 8-16, lørdag lukket, søndag kl. 16-20"
        );
    }
}
