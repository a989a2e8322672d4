//! Letters: what one says, before it is set as a page.

use jiff::civil::Date;

use crate::case::{ComplaintGuidance, FIRST_PARTY, Outcome};
use crate::{Lang, Refusal};

/// The kinds of letter that the house prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LetterKind {
    /// A decision (afgørelse).
    Decision,
    /// A hearing of the party (partshøring).
    Hearing,
    /// A receipt (kvittering).
    Receipt,
    /// A notice that it takes longer (orientering om forsinkelse).
    DelayNotice,
}

impl LetterKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Decision, Self::Hearing, Self::Receipt, Self::DelayNotice];

    /// The name of its template's file, without language and ending.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Decision => "decision",
            Self::Hearing => "hearing",
            Self::Receipt => "receipt",
            Self::DelayNotice => "delay-notice",
        }
    }

    /// The name of the printed file for the party of that number.
    pub fn file_name(self, lang: Lang, party: u32) -> String {
        let name = self.title(lang);
        if party == FIRST_PARTY {
            return format!("{name}.pdf");
        }
        format!("{name} ({} {party}).pdf", lang.pick("part", "party"))
    }

    const fn title(self, lang: Lang) -> &'static str {
        match self {
            Self::Decision => lang.pick("Afgørelse", "Decision"),
            Self::Hearing => lang.pick("Partshøring", "Hearing"),
            Self::Receipt => lang.pick("Kvittering", "Receipt"),
            Self::DelayNotice => lang.pick("Orientering om sagsbehandlingstid", "Notice of delay"),
        }
    }
}

/// A letter, open: it exists for as long as it takes to print it. The same letter is printed as the same bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// What kind.
    pub kind: LetterKind,
    /// In which language.
    pub lang: Lang,
    /// The authority's name.
    pub municipality: String,
    /// The case number.
    pub number: String,
    /// The date on the letter.
    pub date: Date,
    /// The name of whom it goes to, a party or who speaks for them; may be empty.
    pub recipient: String,
    /// Where it goes; may be empty, and never a protected address.
    pub address: String,
    /// The name of the party that the recipient speaks for (partsrepræsentant); empty where it goes to the party.
    pub represented: String,
    /// The name of the person who wrote it; may be empty.
    pub sender: String,
    /// What the case is about.
    pub title: String,
    /// The day the matter was received.
    pub received: Date,
    /// The day by which it is decided.
    pub due: Option<Date>,
    /// How a decision falls out for this party, where each has an outcome of their own.
    pub outcome: Option<Outcome>,
    /// The letter's own text.
    pub text: String,
    /// The legal basis of a decision.
    pub legal_basis: String,
    /// Grounds: rules, considerations, facts; each may be empty.
    pub grounds: [String; 3],
    /// Where, how and by when to complain.
    pub complaint: Option<ComplaintGuidance>,
    /// The day by which the party replies.
    pub reply_by: Option<Date>,
}

/// The places that a template may have, in braces.
pub const PLACES: [&str; 20] = [
    "municipality",
    "number",
    "date",
    "recipient",
    "address",
    "represented",
    "sender",
    "title",
    "received",
    "due",
    "outcome",
    "text",
    "legalBasis",
    "groundsRules",
    "groundsDiscretion",
    "groundsFacts",
    "complaintBody",
    "complaintHow",
    "complaintLimit",
    "replyBy",
];

impl Letter {
    /// What stands in a place; empty when this letter has nothing for it.
    pub fn place(&self, name: &str) -> String {
        let date = |date: Option<Date>| date.map_or_else(String::new, |date| long_date(date, self.lang));
        let [rules, discretion, facts] = &self.grounds;
        let complaint = |part: fn(&ComplaintGuidance) -> &String| self.complaint.as_ref().map(part).cloned();
        match name {
            "municipality" => self.municipality.clone(),
            "number" => self.number.clone(),
            "date" => date(Some(self.date)),
            "recipient" => self.recipient.clone(),
            "address" => self.address.clone(),
            "represented" => self.represented.clone(),
            "sender" => self.sender.clone(),
            "title" => self.title.clone(),
            "received" => date(Some(self.received)),
            "due" => date(self.due),
            "outcome" => {
                self.outcome.map_or_else(String::new, |outcome| outcome_in(outcome, self.lang).into())
            }
            "text" => self.text.clone(),
            "legalBasis" => self.legal_basis.clone(),
            "groundsRules" => rules.clone(),
            "groundsDiscretion" => discretion.clone(),
            "groundsFacts" => facts.clone(),
            "complaintBody" => complaint(|guidance| &guidance.body).unwrap_or_default(),
            "complaintHow" => complaint(|guidance| &guidance.how).unwrap_or_default(),
            "complaintLimit" => complaint(|guidance| &guidance.limit).unwrap_or_default(),
            "replyBy" => date(self.reply_by),
            _ => String::new(),
        }
    }
}

/// The longest letter, in pages.
pub const LONGEST: usize = 100;

/// Why a letter was not printed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotPrinted {
    /// The font has no such character.
    #[error("the letter holds the character {0:?}, which cannot be printed: write it in another way")]
    NoSuchCharacter(char),
    /// Longer than any letter is.
    #[error("the letter is longer than {LONGEST} pages: shorten it, or put the rest into an enclosure")]
    TooLong,
    /// The PDF would not be what it must be: a fault of the program, or of a template.
    #[error("the letter could not be set as PDF/A and PDF/UA: {0}")]
    NotConforming(String),
}

impl Refusal for NotPrinted {
    fn code(&self) -> &'static str {
        match self {
            Self::NoSuchCharacter(_) => "LETTER_CHARACTER",
            Self::TooLong => "LETTER_TOO_LONG",
            Self::NotConforming(_) => "LETTER_NOT_CONFORMING",
        }
    }

    fn message(&self, lang: Lang) -> String {
        if lang == Lang::En {
            return self.to_string();
        }
        match self {
            Self::NoSuchCharacter(character) => {
                format!(
                    "Brevet indeholder tegnet {character}, som ikke kan trykkes. Skriv det på en anden måde."
                )
            }
            Self::TooLong => {
                format!(
                    "Brevet er længere end {LONGEST} sider. Gør det kortere, eller læg resten i et bilag."
                )
            }
            Self::NotConforming(_) => {
                "Brevet kunne ikke sættes som tilgængelig PDF. Kontakt en administrator.".to_owned()
            }
        }
    }
}

const fn outcome_in(outcome: Outcome, lang: Lang) -> &'static str {
    match outcome {
        Outcome::Granted => lang.pick("fuldt medhold", "granted in full"),
        Outcome::PartlyGranted => lang.pick("delvist medhold", "granted in part"),
        Outcome::Refused => lang.pick("afslag", "refused"),
    }
}

/// A date as it stands in a letter: `22. november 2026`.
pub fn long_date(date: Date, lang: Lang) -> String {
    const MONTHS: [&str; 12] = [
        "januar",
        "februar",
        "marts",
        "april",
        "maj",
        "juni",
        "juli",
        "august",
        "september",
        "oktober",
        "november",
        "december",
    ];
    match lang {
        Lang::Da => {
            let month = usize::try_from(date.month() - 1).ok().and_then(|month| MONTHS.get(month));
            format!("{}. {} {}", date.day(), month.copied().unwrap_or_default(), date.year())
        }
        Lang::En => date.strftime("%-d %B %Y").to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_date_is_written_out_in_both_languages() {
        assert_eq!(long_date(date(2026, 11, 2), Lang::Da), "2. november 2026");
        assert_eq!(long_date(date(2026, 3, 31), Lang::En), "31 March 2026");
    }
}
