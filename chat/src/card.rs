//! The card: who decides, where to go first, phone, hours and whether it is open, what to bring, other ways, and
//! the direct link with the municipality chosen. All of it comes from the content files.
//!
//! Who decides and where to go first differ: Udbetaling Danmark decides but has no counter, so people start at
//! their municipality's Borgerservice.

use jiff::Timestamp;
use skranke_content::{Authority, CardTexts, Hotline, Kind, Library, Municipality, Service, Way, fill};
use skranke_domain::Lang;
use skranke_domain::conversation::{Card, CardLine, Open};
use skranke_domain::link::{Spelling, with_municipality};

use crate::hours;

/// The slug of the municipality's front desk.
const BORGERSERVICE: &str = "borgerservice";
/// The slug of the shared hotline.
pub(crate) const HOTLINE: &str = "den-digitale-hotline";

/// What a card is made of.
pub(crate) struct Route<'a> {
    pub(crate) library: &'a Library,
    pub(crate) lang: Lang,
    pub(crate) now: Timestamp,
    pub(crate) service: &'a Service,
    /// Without one the card tells what holds in all of them.
    pub(crate) municipality: Option<&'a Municipality>,
}

/// A number to call and the line that tells it.
struct Phone {
    line: String,
    dial: Option<String>,
}

/// The hours line, and whether it is open.
struct Hours {
    line: String,
    open: Option<(Open, String)>,
}

impl Route<'_> {
    /// The card; `None` when the service names an authority that is not there (the loader sees to it that it is).
    pub(crate) fn card(&self) -> Option<Card> {
        let decider = self.library.authority(&self.service.authority)?;
        let desk = self.library.authority(&self.service.front_desk)?;
        let texts = self.texts();
        let line = |label: &str, text: String| CardLine { label: label.to_owned(), text };
        let phone = self.phone(desk);
        let hours = self.hours(desk);
        let label = if decider.decides { &texts.label_decides } else { &texts.label_handles };
        let mut lines = vec![
            line(label, self.name_of(decider)),
            line(&texts.label_first, self.where_it_is(desk)),
            line(&texts.label_phone, phone.line),
        ];
        // Somebody who cannot come to the counter wants the number of those who decide.
        if decider.slug() != desk.slug() && !decider.phone.is_empty() {
            let label = fill(&texts.label_phone_of, &[("name", decider.name(self.lang))]);
            lines.push(line(&label, checked(texts, &decider.phone, &decider.phone_checked)));
        }
        lines.push(line(&texts.label_hours, hours.line));
        let bring = match self.service.bring(self.lang) {
            [] => texts.bring_id.clone(),
            things => things.join("; "),
        };
        lines.push(line(&texts.label_bring, bring));
        let ways: Vec<&str> = self.service.alternatives.iter().map(|way| way_text(texts, *way)).collect();
        lines.push(line(&texts.label_ways, ways.join("; ")));
        if let Some(time) = self.service.processing(self.lang) {
            lines.push(line(&texts.label_time, time.to_owned()));
        }
        let (open, open_text) = hours.open.unzip();
        Some(Card {
            title: fill(
                &texts.title,
                &[("matter", self.service.title(self.lang)), ("municipality", self.place_name())],
            ),
            topic: self.service.topic(),
            municipality: self.municipality.map(|place| place.code),
            authority: self.service.authority.clone(),
            front_desk: self.service.front_desk.clone(),
            lines,
            open,
            open_text,
            dial: phone.dial,
            link: self.municipality.map_or_else(
                || self.service.link.clone(),
                |place| with_municipality(&self.service.link, place.code, Spelling::Lower),
            ),
            as_of: self.now,
        })
    }

    fn texts(&self) -> &CardTexts {
        &self.library.messages(self.lang).card
    }

    /// The first place to go, by name.
    pub(crate) fn desk_name(&self) -> Option<String> {
        self.library.authority(&self.service.front_desk).map(|desk| self.name_of(desk))
    }

    fn name_of(&self, authority: &Authority) -> String {
        name_in(self.library, self.lang, authority, self.municipality)
    }

    fn place_name(&self) -> &str {
        self.municipality.map_or(self.texts().your_municipality.as_str(), |place| &place.official_name)
    }

    /// What is known of this municipality's own desk ("furesoe-borgerservice").
    fn own(&self, desk: &Authority) -> Option<&Authority> {
        let place = self.municipality.filter(|_| desk.kind == Kind::Municipal)?;
        self.library.authority(&format!("{}-{}", place.slug, desk.slug()))
    }

    fn where_it_is(&self, desk: &Authority) -> String {
        let texts = self.texts();
        let name = self.name_of(desk);
        let address = match (self.own(desk), desk.kind, self.municipality) {
            (Some(own), _, _) if !own.address.is_empty() => &own.address,
            (_, Kind::Municipal, Some(place)) if desk.slug() == BORGERSERVICE => &place.address,
            _ => &desk.address,
        };
        if !address.is_empty() {
            return fill(&texts.address, &[("desk", &name), ("address", address)]);
        }
        if desk.kind == Kind::Municipal {
            return match self.municipality {
                Some(place) => fill(&texts.find_on, &[("desk", &name), ("domain", &place.domain)]),
                None => name,
            };
        }
        match desk.counter(self.lang) {
            "" => name,
            counter => fill(&texts.no_counter, &[("desk", &name), ("counter", counter)]),
        }
    }

    fn phone(&self, desk: &Authority) -> Phone {
        let texts = self.texts();
        let own = self.own(desk).filter(|own| !own.phone.is_empty());
        let known = own.or(Some(desk).filter(|desk| !desk.phone.is_empty()));
        if let Some(known) = known {
            return Phone {
                line: checked(texts, &known.phone, &known.phone_checked),
                dial: Some(digits(&known.phone)),
            };
        }
        let Some(place) = self.municipality.filter(|_| desk.kind == Kind::Municipal) else {
            let line = fill(&texts.phone_find_elsewhere, &[("municipality", self.place_name())]);
            return Phone { line, dial: None };
        };
        if !place.phone.is_empty() {
            return Phone { line: checked(texts, &place.phone, ""), dial: Some(digits(&place.phone)) };
        }
        match self.hotline() {
            Some(hotline) if desk.slug() == BORGERSERVICE => {
                let values = [("phone", hotline.phone.as_str()), ("domain", place.domain.as_str())];
                Phone { line: fill(&texts.phone_hotline, &values), dial: Some(digits(&hotline.phone)) }
            }
            _ => Phone { line: fill(&texts.phone_find, &[("domain", &place.domain)]), dial: None },
        }
    }

    fn hours(&self, desk: &Authority) -> Hours {
        let texts = self.texts();
        let known = self.own(desk).filter(|own| own.hours.is_some()).unwrap_or(desk);
        if let Some(hours) = &known.hours {
            return Hours { line: self.week(hours), open: Some(self.open_of(known, hours)) };
        }
        let Some(place) = self.municipality.filter(|_| desk.kind == Kind::Municipal) else {
            return Hours { line: texts.hours_find_elsewhere.clone(), open: None };
        };
        // The desk's own hours are not known; the phone line that serves its citizens has known ones.
        match self.hotline().and_then(|hotline| Some((hotline, hotline.hours.as_ref()?))) {
            Some((hotline, hours)) => {
                let values = [
                    ("hours", self.week(hours)),
                    ("desk", self.name_of(desk)),
                    ("domain", place.domain.clone()),
                ];
                let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
                Hours { line: fill(&texts.hours_hotline, &values), open: Some(self.open_of(hotline, hours)) }
            }
            None => Hours { line: fill(&texts.hours_find, &[("domain", &place.domain)]), open: None },
        }
    }

    fn hotline(&self) -> Option<&Authority> {
        let member = self.municipality.is_some_and(|place| place.hotline == Some(Hotline::Digital));
        member.then(|| self.library.authority(HOTLINE)).flatten()
    }

    fn week(&self, hours: &skranke_domain::hours::Hours) -> String {
        hours::week(&self.library.messages(self.lang).hours, self.lang, hours)
    }

    fn open_of(&self, desk: &Authority, hours: &skranke_domain::hours::Hours) -> (Open, String) {
        let (open, text) =
            hours::opening(&self.library.messages(self.lang).hours, self.lang, hours, self.now);
        (open, fill(&self.texts().open_of, &[("name", desk.name(self.lang)), ("open", &text)]))
    }
}

/// An authority's name as a citizen of a municipality knows it: "Borgerservice i Furesø Kommune".
pub(crate) fn name_in(
    library: &Library,
    lang: Lang,
    authority: &Authority,
    place: Option<&Municipality>,
) -> String {
    let texts = &library.messages(lang).card;
    let name = authority.name(lang);
    if authority.kind != Kind::Municipal {
        return name.to_owned();
    }
    let municipality = place.map_or(texts.your_municipality.as_str(), |place| &place.official_name);
    if authority.slug() == BORGERSERVICE {
        return fill(&texts.borgerservice, &[("municipality", municipality)]);
    }
    match name.strip_prefix(lang.pick("Kommunens ", "Municipal ")) {
        Some(own) => fill(&texts.municipal_own, &[("municipality", municipality), ("name", own)]),
        None => fill(&texts.municipal, &[("municipality", municipality), ("name", name)]),
    }
}

fn checked(texts: &CardTexts, phone: &str, checked: &str) -> String {
    // "–2021" means "2021 or earlier": the year alone says it well enough.
    match checked.trim_matches('–') {
        "" => fill(&texts.phone_undated, &[("phone", phone)]),
        checked => fill(&texts.phone_checked, &[("phone", phone), ("checked", checked)]),
    }
}

fn digits(phone: &str) -> String {
    phone.chars().filter(char::is_ascii_digit).collect()
}

fn way_text(texts: &CardTexts, way: Way) -> &str {
    match way {
        Way::Counter => &texts.way_counter,
        Way::Phone => &texts.way_phone,
        Way::PaperForm => &texts.way_paper_form,
        Way::DigitalFuldmagt => &texts.way_digital_fuldmagt,
        Way::LibraryHelp => &texts.way_library_help,
        Way::Exemption => &texts.way_exemption,
        Way::Automatic => &texts.way_automatic,
        Way::InPersonOnly => &texts.way_in_person_only,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_service_has_a_card_in_every_municipality_and_language() {
        let library = Library::builtin().unwrap();
        let now = "2026-11-23T09:00:00Z".parse().unwrap();
        for municipality in library.municipalities() {
            for service in library.services() {
                for lang in [Lang::Da, Lang::En] {
                    let municipality = Some(municipality);
                    let route = Route { library: &library, lang, now, service, municipality };
                    let card = route.card().unwrap();
                    assert!(card.lines.len() >= 6 && card.lines.iter().all(|line| !line.text.is_empty()));
                    assert!(!card.lines.iter().any(|line| line.text.contains('{')), "{card:?}");
                    let code = municipality.map(|place| place.code.code3()).unwrap();
                    assert!(card.link.contains(&format!("kommunekode={code}")));
                }
            }
        }
    }

    #[test]
    fn municipal_offices_bear_their_municipality_in_their_name() {
        let library = Library::builtin().unwrap();
        let furesoe = library.municipality("0190".parse().unwrap());
        let name = |slug: &str, lang, place| name_in(&library, lang, library.authority(slug).unwrap(), place);
        assert_eq!(name("borgerservice", Lang::Da, furesoe), "Borgerservice i Furesø Kommune");
        assert_eq!(name("folkeregister", Lang::Da, furesoe), "Folkeregisteret i Furesø Kommune");
        assert_eq!(name("skoleforvaltningen", Lang::Da, furesoe), "Furesø Kommunes skoleforvaltning");
        assert_eq!(name("skoleforvaltningen", Lang::Da, None), "din kommunes skoleforvaltning");
        assert_eq!(name("udbetaling-danmark", Lang::Da, furesoe), "Udbetaling Danmark");
        assert_eq!(name("kommunen-teknik", Lang::En, furesoe), "Furesø Kommune, technical department");
    }
}
