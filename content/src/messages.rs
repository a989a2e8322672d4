//! The counter's fixed sentences, one file per language. Each field below is the key of that name in
//! `messages.da.toml` and `messages.en.toml`; a missing or misspelt key stops the load and is named.
//!
//! A sentence may hold places like `{phone}` that the program fills in. Both languages must have the same places.

mod dialogue;

use skranke_domain::conversation::Foreign;
use std::collections::BTreeMap;

use serde::Deserialize;

use crate::error::Problems;
use crate::files::Files;
use crate::register;

pub use dialogue::{AgainTexts, BesidesTexts, KinTexts};

/// All sentences in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each field is the table of its name in messages.*.toml")]
pub struct Messages {
    pub counter: CounterTexts,
    pub again: AgainTexts,
    pub besides: BesidesTexts,
    pub kin: KinTexts,
    pub hours: HoursTexts,
    pub card: CardTexts,
    pub foreign: ForeignTexts,
    pub foreign_safety: ForeignSafetyTexts,
    pub page: PageTexts,
    pub form: FormTexts,
    pub telegram: TelegramTexts,
}

/// What the counter says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each field is the sentence of its name in messages.*.toml")]
pub struct CounterTexts {
    pub greeting: String,
    pub greeting_next: String,
    pub welcome: String,
    pub welcome_next: String,
    pub ask_matter: String,
    pub ask_matter_in: String,
    pub ask_matter_next: String,
    pub ask_municipality: String,
    pub ask_municipality_for: String,
    pub ask_municipality_other: String,
    pub ask_municipality_among: String,
    pub ask_municipality_next: String,
    pub concrete_case: String,
    pub concrete_case_at: String,
    pub concrete_case_anywhere: String,
    pub concrete_case_phone: String,
    pub concrete_case_time: String,
    pub concrete_case_next: String,
    pub offer: String,
    pub offer_next: String,
    pub abstain: String,
    pub abstain_nearest: String,
    pub abstain_next: String,
    pub none_of_these: String,
    pub expired: String,
    pub person: String,
    pub person_forms: String,
    pub person_next: String,
    pub safety: String,
    pub safety_lifeline: String,
    pub safety_unwatched: String,
    pub safety_unanswered: String,
    pub safety_next: String,
    pub nemid_closed: String,
    pub removed_cpr: String,
    pub removed_card: String,
    pub removed_email: String,
    pub removed_phone: String,
    pub only_removed: String,
    pub only_removed_next: String,
    pub too_long: String,
    pub too_long_next: String,
    pub unreadable: String,
    pub unreadable_next: String,
    pub unreadable_stored: String,
    pub cut_mark: String,
    pub receipt_call_back: String,
    pub receipt_written: String,
    pub receipt_next: String,
    pub button_without_eid: String,
    pub button_person: String,
    pub button_none: String,
    pub button_skip: String,
    pub button_danish: String,
    pub button_english: String,
    pub link_call_back: String,
    pub link_written: String,
    pub slow_down: String,
    pub unknown_choice: String,
    pub reviewed: String,
}

/// Opening hours in words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each field is the sentence of its name in messages.*.toml")]
pub struct HoursTexts {
    pub open: String,
    pub closed: String,
    pub closed_next: String,
    pub closed_holiday: String,
    pub closed_holiday_next: String,
    pub unsure: String,
    pub unsure_next: String,
    pub doubtful: String,
    pub doubtful_next: String,
    pub today: String,
    pub tomorrow: String,
    pub on_date: String,
    pub weekdays: [String; 7],
    pub months: [String; 12],
    pub run_day: String,
    pub run_days: String,
    pub run_open: String,
    pub run_closed: String,
    pub hotline_now: String,
    pub member_digital: String,
    pub member_south: String,
    pub member_none: String,
}

/// The card.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each field is the sentence of its name in messages.*.toml")]
pub struct CardTexts {
    pub title: String,
    pub label_decides: String,
    pub label_handles: String,
    pub label_first: String,
    pub label_phone: String,
    pub label_phone_of: String,
    pub label_hours: String,
    pub label_bring: String,
    pub label_ways: String,
    pub label_time: String,
    pub borgerservice: String,
    pub municipal: String,
    pub municipal_own: String,
    pub your_municipality: String,
    pub address: String,
    pub find_on: String,
    pub no_counter: String,
    pub phone_checked: String,
    pub phone_undated: String,
    pub phone_hotline: String,
    pub phone_find: String,
    pub phone_find_elsewhere: String,
    pub hours_find: String,
    pub hours_find_elsewhere: String,
    pub hours_hotline: String,
    pub open_of: String,
    pub bring_id: String,
    pub way_counter: String,
    pub way_phone: String,
    pub way_paper_form: String,
    pub way_digital_fuldmagt: String,
    pub way_library_help: String,
    pub way_exemption: String,
    pub way_automatic: String,
    pub way_in_person_only: String,
    pub next: String,
    pub link: String,
    pub as_of: String,
    pub take_away: String,
    pub page_title: String,
    pub calendar_heading: String,
    pub calendar_lead: String,
    pub calendar_day: String,
    pub calendar_time: String,
    pub calendar_save: String,
    pub calendar_book: String,
}

/// One text per language that is recognised but not spoken, each in that language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each field is the text of its name in messages.*.toml")]
pub struct ForeignTexts {
    pub de: String,
    pub pl: String,
    pub uk: String,
    pub ar: String,
    pub tr: String,
    pub sv: String,
    pub no: String,
    pub other: String,
    pub next: String,
}

impl ForeignTexts {
    /// The text in a language.
    pub const fn of(&self, foreign: Foreign) -> &String {
        match foreign {
            Foreign::De => &self.de,
            Foreign::Pl => &self.pl,
            Foreign::Uk => &self.uk,
            Foreign::Ar => &self.ar,
            Foreign::Tr => &self.tr,
            Foreign::Sv => &self.sv,
            Foreign::No => &self.no,
            Foreign::Other => &self.other,
        }
    }
}

/// What somebody in danger is told first, each in that language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each field is the text of its name in messages.*.toml")]
pub struct ForeignSafetyTexts {
    pub de: String,
    pub pl: String,
    pub uk: String,
    pub ar: String,
    pub tr: String,
    pub sv: String,
    pub no: String,
    pub other: String,
}

impl ForeignSafetyTexts {
    /// The text in a language.
    pub const fn of(&self, foreign: Foreign) -> &String {
        match foreign {
            Foreign::De => &self.de,
            Foreign::Pl => &self.pl,
            Foreign::Uk => &self.uk,
            Foreign::Ar => &self.ar,
            Foreign::Tr => &self.tr,
            Foreign::Sv => &self.sv,
            Foreign::No => &self.no,
            Foreign::Other => &self.other,
        }
    }
}

/// The pages around the conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each field is the sentence of its name in messages.*.toml")]
pub struct PageTexts {
    pub service: String,
    pub tagline: String,
    pub title: String,
    pub skip: String,
    pub other_language: String,
    pub other_language_tag: String,
    pub heading: String,
    pub lead: String,
    pub no_cpr: String,
    pub conversation: String,
    pub you_wrote: String,
    pub counter_answered: String,
    pub examples: String,
    pub example_questions: Vec<String>,
    pub label: String,
    pub hint: String,
    pub send: String,
    pub sending: String,
    pub empty: String,
    pub failed: String,
    pub retry: String,
    pub consent: String,
    pub consent_more: String,
    pub consent_details: String,
    pub helpful: String,
    pub helpful_yes: String,
    pub helpful_no: String,
    pub helpful_thanks: String,
    pub end: String,
    pub end_explained: String,
    pub ended: String,
    pub notice: String,
    pub next_step: String,
    pub sources: String,
    pub choices: String,
    pub choices_count: String,
    pub choose_municipality: String,
    pub choose_send: String,
    pub ways_on: String,
    pub footer_heading: String,
    pub footer_hotline: String,
    pub footer_about: String,
    pub erased: String,
    pub error_title: String,
    pub error_no_card: String,
    pub print: String,
    pub transcript_link: String,
    pub transcript_title: String,
    pub transcript_file: String,
    pub transcript_empty: String,
    pub transcript_when: String,
    pub error_foreign_site: String,
    pub error_too_large: String,
    pub error_form: String,
    pub error_house: String,
    pub back: String,
}

/// The call-back and inquiry forms.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each field is the sentence of its name in messages.*.toml")]
pub struct FormTexts {
    pub call_back_title: String,
    pub call_back_lead: String,
    pub call_back_send: String,
    pub written_title: String,
    pub written_lead: String,
    pub written_send: String,
    pub errors_title: String,
    pub required: String,
    pub optional: String,
    pub attached: String,
    pub attached_telegram: String,
    pub attached_too_old: String,
    pub stored: String,
    pub name: FieldTexts,
    pub phone: FieldTexts,
    pub email: FieldTexts,
    pub municipality: FieldTexts,
    pub topic: FieldTexts,
    pub when: FieldTexts,
    pub message: FieldTexts,
    pub choose: String,
    pub topic_other: String,
    pub when_morning: String,
    pub when_afternoon: String,
    pub when_any: String,
    pub error_municipality: String,
    pub error_cpr: String,
    pub error_too_long: String,
    pub removed: String,
    pub receipt_title: String,
    pub receipt_reference: String,
    pub receipt_call_back: String,
    pub receipt_written: String,
    pub receipt_keep: String,
}

/// One field of a form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each field is the sentence of its name in messages.*.toml")]
pub struct FieldTexts {
    pub label: String,
    #[serde(default)]
    pub hint: String,
}

/// What only Telegram needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each field is the sentence of its name in messages.*.toml")]
pub struct TelegramTexts {
    pub start: String,
    pub help: String,
    pub groups: String,
    pub edited: String,
    pub no_forms: String,
    pub only_text: String,
    pub ended: String,
    pub failed: String,
    pub command_help: String,
    pub command_english: String,
    pub command_danish: String,
    pub command_end: String,
}

/// Fills the places of a sentence: `fill("Ring {phone}", &[("phone", "70 20 00 00")])`.
///
/// What is filled in is never searched for places itself, so no data can pull in other data.
pub fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((place, tail)) = after.split_once('}') else {
            filled.push('{');
            rest = after;
            continue;
        };
        if let Some((_, value)) = values.iter().find(|(name, _)| *name == place) {
            filled.push_str(value);
        } else {
            filled.push('{');
            filled.push_str(place);
            filled.push('}');
        }
        rest = tail;
    }
    filled.push_str(rest);
    filled
}

const FILES: [&str; 2] = ["messages.da.toml", "messages.en.toml"];

/// Reads both languages and compares their places.
pub(crate) fn both(files: &Files, problems: &mut Problems) -> Option<[Messages; 2]> {
    let [da, en] = FILES.map(|file| register::parse::<Messages>(file, files.get(file), problems));
    let [da_places, en_places] = FILES.map(|file| places(files.get(file).unwrap_or_default()));
    for (key, wanted) in &da_places {
        let found = en_places.get(key).map_or(&[][..], Vec::as_slice);
        problems.unless(!en_places.contains_key(key) || found == wanted, FILES[1], || {
            format!(
                "{key}: the places in braces are {found:?}, in the Danish file {wanted:?}: make them the same"
            )
        });
    }
    Some([da?, en?])
}

/// The places in braces of every sentence, by key.
fn places(bytes: &[u8]) -> BTreeMap<String, Vec<String>> {
    fn visit(key: &str, value: &toml::Value, found: &mut BTreeMap<String, Vec<String>>) {
        match value {
            toml::Value::String(text) => {
                let mut names: Vec<String> = text
                    .split('{')
                    .skip(1)
                    .filter_map(|part| part.split_once('}').map(|(name, _)| name.to_owned()))
                    .collect();
                names.sort();
                names.dedup();
                found.insert(key.to_owned(), names);
            }
            toml::Value::Table(table) => {
                table.iter().for_each(|(name, value)| visit(&format!("{key}.{name}"), value, found));
            }
            // Lists hold plain words: weekdays, months, example questions.
            _ => {}
        }
    }
    let mut found = BTreeMap::new();
    let table = std::str::from_utf8(bytes).ok().and_then(|text| text.parse::<toml::Table>().ok());
    for (name, value) in table.unwrap_or_default() {
        visit(&name, &value, &mut found);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_once_and_unknown_ones_stay() {
        assert_eq!(
            fill("Ring {phone} i {place}.", &[("phone", "{place}"), ("place", "Furesø")]),
            "Ring {place} i Furesø."
        );
        assert_eq!(fill("{unknown} og { alene", &[]), "{unknown} og { alene");
    }

    #[test]
    fn the_places_of_a_file_are_found_by_key() {
        let found = places(b"[a]\nb = \"{y} {x} {y}\"\n");
        assert_eq!(found["a.b"], ["x", "y"]);
    }
}
