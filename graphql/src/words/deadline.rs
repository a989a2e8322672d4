//! Deadlines in words: the rule, and each step from it to the date.

use jiff::civil::Date;
use skranke_domain::Lang;
use skranke_domain::calendar::DayOff;
use skranke_domain::case::{Deadline, DeadlineEnd};
use skranke_domain::deadline::{DeadlineKind, Step, WaitingFor, Why};
use skranke_domain::rules::Counting;

use super::date;

/// Which deadline.
pub(crate) const fn kind(kind: DeadlineKind, lang: Lang) -> &'static str {
    match kind {
        DeadlineKind::FirstAnswer => lang.pick("første svar", "first answer"),
        DeadlineKind::CaseHandling => lang.pick("afgørelse", "decision"),
        DeadlineKind::HearingReply => lang.pick("svar i partshøring", "hearing reply"),
        DeadlineKind::Access => lang.pick("aktindsigt", "access to files"),
        DeadlineKind::Complaint => lang.pick("klage", "complaint"),
        DeadlineKind::Reassessment => lang.pick("genvurdering", "reassessment"),
    }
}

/// How it ended.
pub(crate) const fn end(end: DeadlineEnd, lang: Lang) -> &'static str {
    match end {
        DeadlineEnd::Met => lang.pick("overholdt", "met"),
        DeadlineEnd::Missed => lang.pick("overskredet", "missed"),
    }
}

/// Who is waited for.
pub(crate) const fn waiting_for(whom: WaitingFor, lang: Lang) -> &'static str {
    match whom {
        WaitingFor::Party => lang.pick("borgeren", "the citizen"),
        WaitingFor::OtherAuthority => lang.pick("en anden myndighed", "another authority"),
        WaitingFor::Expert => lang.pick("læge eller anden fagperson", "a doctor or other expert"),
        WaitingFor::ThirdParty => {
            lang.pick("arbejdsgiver eller anden tredjepart", "an employer or other third party")
        }
    }
}

/// The rule that a deadline begins with.
pub(crate) fn rule(deadline: &Deadline, lang: Lang) -> String {
    let set = &deadline.set;
    let (days, rule_set, on) = (set.days, &set.rule_set, date(deadline.from, lang));
    let from = match set.from {
        Some(_) => lang.pick("genoptagelsen", "the reopening"),
        None => lang.pick("modtagelsen", "receipt"),
    };
    match (lang, set.counting) {
        (Lang::Da, Counting::CalendarDays) => format!(
            "{days} dage fra {from} {on}; en frist, der ender på en weekend eller helligdag, rykker til næste hverdag \
             (regelsæt {rule_set})."
        ),
        (Lang::Da, Counting::WorkingDays) => format!(
            "{days} hverdage fra {from} {on}; weekender og helligdage tæller ikke (regelsæt {rule_set})."
        ),
        (Lang::En, Counting::CalendarDays) => format!(
            "{days} days from {from} on {on}; an end on a weekend or public holiday moves to the next working day \
             (rule set {rule_set})."
        ),
        (Lang::En, Counting::WorkingDays) => format!(
            "{days} working days from {from} on {on}; weekends and public holidays do not count (rule set {rule_set})."
        ),
    }
}

/// One extension.
pub(crate) fn extension(days: u32, lang: Lang) -> String {
    match lang {
        Lang::Da => format!("Forlænget med {days} dage."),
        Lang::En => format!("Extended by {days} days."),
    }
}

/// One run of days that moved it.
pub(crate) fn step(step: &Step, lang: Lang) -> String {
    let span = span(step.from, step.to, lang);
    match (step.why, lang) {
        (Why::Paused(pause), Lang::Da) => {
            let whom = waiting_for(pause.waiting_for, lang);
            format!(
                "{span} ({} dage) tæller ikke: fristen var i bero, mens vi ventede på {whom}.",
                step.days()
            )
        }
        (Why::Paused(pause), Lang::En) => {
            let whom = waiting_for(pause.waiting_for, lang);
            format!("{span} ({} days) does not count: suspended while we waited for {whom}.", step.days())
        }
        (Why::Off(DayOff::Weekend), _) => format!("{span}: weekend."),
        (Why::Off(DayOff::Holiday(holiday)), _) => {
            format!("{span}: {}.", lang.pick(holiday.name_da(), holiday.name_en()))
        }
        (Why::Off(DayOff::Closing), _) => {
            format!("{span}: {}.", lang.pick("kontoret er lukket", "the office is closed"))
        }
    }
}

fn span(from: Date, to: Date, lang: Lang) -> String {
    if from == to { date(from, lang) } else { format!("{}–{}", date(from, lang), date(to, lang)) }
}
