//! Which municipality a message names.
//!
//! People write the municipality, the town, the old name, with or without "kommune", with the genitive s, and with
//! slips. A name that several municipalities go by ("Nykøbing") is a question back, not a guess. And many names are
//! also ordinary words: *greve*, *vejen*, *lejre*, *give*, *faxe*. Such a word is a place only where the sentence says
//! so: "Greve Kommune", "bor i Vejen", a capital letter in mid-sentence, or as the answer to "which municipality?".

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;
use skranke_domain::Tenant;
use skranke_domain::conversation::Place;

use super::CorpusPlace;
use super::normalise::{Word, loose, plain};
use super::vocabulary::{Vocabulary, within_one};

/// Names of places that are also words, in Danish or English.
const ORDINARY: &str = "vejen greve lejre faxe faxer struer give skive tune tarm brande stege varde balle bov gram hou hune \
    husum holte kolt hammel hampen gatten aars koge koege lokken hojer bakke hong snode arre horve lyng lynge elling \
    funder ejby home odder ry thy fur als mors them ans hals rold ringe vester sejs sig skals stilling ho holm midt \
    center centrum lem ryde moen mon ore oro omo aero borris brejning lind lund hald selde nors sal oure tved vind \
    malling bording galten mosede egen haven skov sol sorte orte langa tonder barse";

/// Words that announce a place, before it.
const BEFORE: [&str; 16] = [
    "i", "in", "til", "to", "fra", "from", "near", "naer", "kommune", "kommunen", "ved", "omkring", "bor",
    "byen", "paa", "of",
];

/// What stands before "for" or "of" where a place only tells where another lies.
const SIDES: [&str; 10] =
    ["nord", "syd", "oest", "vest", "uden", "north", "south", "east", "west", "outside"];

/// Between two places: the second one is meant.
const TURNS_BACK: [&str; 18] = [
    "nej",
    "undskyld",
    "sorry",
    "vent",
    "wait",
    "mente",
    "mener",
    "meant",
    "mean",
    "hov",
    "ups",
    "oops",
    "rettelse",
    "correction",
    "actually",
    "rettere",
    "faktisk",
    "beklager",
];

/// English and Danish words at one slip from a municipality's name.
const NOT_A_SLIP: &str = "rebuild horses drager dragere assess holland hearing herring thirsted learning building middel \
    rosen hosten kostede koster svende soroe roser rodover nyhed aabner varede vardet lemmer frederik frederiks hilse \
    hilsen forening struet kerte furet samsung samson samso morse greves assist herlig herligt ballet billed billede";

/// Parts of the country by the words people use for them, and the first digits of the codes of their municipalities.
const PARTS: [(&str, &[&str]); 3] = [
    (
        "sjaelland nordsjaelland sydsjaelland koebenhavn kbh hovedstaden zealand copenhagen",
        &["01", "02", "03"],
    ),
    ("fyn sydfyn nordfyn funen odense", &["04"]),
    (
        "jylland nordjylland midtjylland soenderjylland vestjylland jutland aarhus aalborg djursland thy",
        &["05", "06", "07", "08"],
    ),
];

/// A place that was found, for the explanation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlaceMatch {
    /// What was written.
    pub written: String,
    /// The municipalities that go by it.
    pub codes: Vec<Tenant>,
    /// Whether a slip was forgiven.
    pub slip: bool,
}

/// What a message says about places.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    /// The municipality.
    pub(crate) place: Place,
    /// What was found.
    pub(crate) matches: Vec<PlaceMatch>,
    /// The words that named it, by number, so that the rest can be searched without them.
    pub(crate) used: HashSet<usize>,
    /// Others that have a village of the same name.
    pub(crate) namesakes: Vec<Tenant>,
}

impl Places {
    /// Between several places of one name, where it lies tells which: "Lyngby nord for København", "den i Jylland".
    /// `among` are those that were just asked about.
    pub(crate) fn narrow(&mut self, read: &[&str], among: &[Tenant]) {
        let candidates = match &self.place {
            Place::Several(codes) => codes.as_slice(),
            Place::One(code) if !among.contains(code) => among,
            Place::None => among,
            Place::One(_) | Place::Withheld => return,
        };
        let said = |words: &str| read.iter().position(|word| words.split(' ').any(|known| known == *word));
        let Some((at, digits)) = PARTS.iter().find_map(|(words, digits)| Some((said(words)?, digits))) else {
            return;
        };
        let lies_there = |code: &&Tenant| digits.iter().any(|digits| code.code().starts_with(digits));
        let near: Vec<Tenant> = candidates.iter().filter(lies_there).copied().collect();
        if let [one] = near.as_slice() {
            self.place = Place::One(*one);
            self.used.insert(at);
        }
    }
}

/// The names of all municipalities.
#[derive(Debug)]
pub(crate) struct Gazetteer {
    /// Plain name to the municipalities that go by it.
    names: HashMap<String, Vec<Tenant>>,
    /// The same by the looser key.
    loose: HashMap<String, Vec<Tenant>>,
    /// Names of one long word, for forgiving slips: the first name of each municipality and its variants.
    long: Vec<(String, Tenant)>,
    /// Villages that share their name with a better known place, to the municipalities that have one.
    villages: HashMap<String, Vec<Tenant>>,
    /// The municipalities' own names, without the towns and nicknames.
    first_names: HashSet<String>,
    ordinary: HashSet<&'static str>,
    not_a_slip: HashSet<&'static str>,
    most_words: usize,
}

impl Gazetteer {
    /// Learns the names.
    pub(crate) fn new(places: &[CorpusPlace]) -> Self {
        let mut names: HashMap<String, Vec<Tenant>> = HashMap::new();
        let mut loosely: HashMap<String, Vec<Tenant>> = HashMap::new();
        let mut long: Vec<(String, Tenant)> = Vec::new();
        let mut most_words = 1;
        let first_names =
            places.iter().filter_map(|place| place.names.first()).map(|name| plain(name)).collect();
        for place in places {
            for (n, name) in place.names.iter().enumerate() {
                let name = plain(name);
                let name = name.strip_suffix(" kommune").unwrap_or(&name).to_owned();
                if name.len() < 2 {
                    continue;
                }
                most_words = most_words.max(name.split(' ').count());
                add(&mut loosely, loose(&name), place.code);
                if !name.contains(' ') && name.len() >= 6 && (n < 2 || name.len() >= 7) {
                    long.push((name.clone(), place.code));
                }
                add(&mut names, name, place.code);
            }
        }
        long.sort_unstable();
        long.dedup();
        let mut villages: HashMap<String, Vec<Tenant>> = HashMap::new();
        for place in places {
            for village in &place.villages {
                add(&mut villages, plain(village), place.code);
            }
        }
        let ordinary = ORDINARY.split_whitespace().collect();
        let not_a_slip = NOT_A_SLIP.split_whitespace().collect();
        Self { names, loose: loosely, long, villages, first_names, ordinary, not_a_slip, most_words }
    }

    /// Finds the places in a message. `asked` says that the counter has just asked for the municipality.
    pub(crate) fn find(&self, words: &[Word], asked: bool, bases: [&Vocabulary; 2]) -> Places {
        let shouted = words.iter().filter(|word| word.capital).count() * 2 > words.len() && words.len() > 2;
        let mut matches: Vec<(usize, usize, PlaceMatch)> = Vec::new();
        let mut at = 0;
        while at < words.len() {
            let longest = self.most_words.min(words.len() - at);
            let hit = (1..=longest).rev().find_map(|length| {
                let codes = self.exact(words, at, length, asked, shouted, bases)?;
                Some((length, codes, false))
            });
            let hit = hit.or_else(|| Some((1, self.slip(words, at, asked, bases)?, true)));
            if let Some((length, codes, slip)) = hit {
                let written: Vec<&str> =
                    words[at..at + length].iter().map(|word| word.text.as_str()).collect();
                matches.push((at, length, PlaceMatch { written: written.join(" "), codes, slip }));
                at += length;
            } else {
                at += 1;
            }
        }
        let namesakes = match matches.as_slice() {
            [(_, _, only)] => self.villages.get(&only.written).cloned().unwrap_or_default(),
            _ => Vec::new(),
        };
        Places { namesakes, ..Self::settle(words, matches) }
    }

    fn codes(&self, name: &str) -> Option<Vec<Tenant>> {
        let exact = self.names.get(name).or_else(|| {
            // The genitive: "Furesøs Borgerservice".
            name.strip_suffix('s').filter(|name| name.len() >= 4).and_then(|name| self.names.get(name))
        });
        let loosely = || self.loose.get(&loose(name)).filter(|_| name.len() >= 5);
        exact.or_else(loosely).cloned()
    }

    fn exact(
        &self,
        words: &[Word],
        at: usize,
        length: usize,
        asked: bool,
        shouted: bool,
        bases: [&Vocabulary; 2],
    ) -> Option<Vec<Tenant>> {
        let part = words.get(at..at + length)?;
        let name = part.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
        let codes = self.codes(&name)?;
        if length > 1 {
            return Some(codes);
        }
        let word = part.first()?;
        // Two letters ("Ry") or a word of the articles is an ordinary word until the sentence says otherwise.
        let exact = self.names.contains_key(&name);
        let ordinary = self.ordinary.contains(name.as_str())
            || (name.len() <= 3 && name.contains(['a', 'e', 'i', 'o', 'u', 'y']))
            || (!exact && bases.iter().any(|base| base.knows(&name) || base.words().is_stop(&name)))
            || bases.iter().any(|base| base.words().is_stop(&name));
        if !ordinary {
            return Some(codes);
        }
        let next = words.get(at + 1).map(|word| word.text.as_str());
        let before = at.checked_sub(1).and_then(|n| words.get(n)).map(|word| word.text.as_str());
        let two_before = at.checked_sub(2).and_then(|n| words.get(n)).map(|word| word.text.as_str());
        let named_kommune = matches!(next, Some("kommune" | "kommunes" | "kommunen" | "municipality" | "by"))
            || matches!(before, Some("kommune" | "municipality"));
        let lives = matches!(before, Some("i" | "in" | "til" | "to" | "fra" | "from"))
            && matches!(
                two_before,
                Some("bor" | "bo" | "boende" | "live" | "living" | "lives" | "flytter" | "flytte" | "moving")
            );
        // "noget i vejen" is no place, "bor i Vejen" is.
        let lives = lives
            && (word.capital || !matches!(name.as_str(), "vejen" | "haven" | "centrum" | "home" | "skov"));
        let capital = word.capital && !word.opens && !shouted;
        // The whole message is the name of a municipality, or the answer to "which one?".
        let alone =
            (asked && words.len() <= 4) || (words.len() == 1 && self.first_names.contains(name.as_str()));
        (named_kommune || lives || capital || alone).then_some(codes)
    }

    fn slip(&self, words: &[Word], at: usize, asked: bool, bases: [&Vocabulary; 2]) -> Option<Vec<Tenant>> {
        let word = words.get(at)?;
        let name = word.text.as_str();
        let known = bases.iter().any(|base| base.knows(name) || base.words().is_stop(name));
        if name.len() < 6 || known || word.joined || self.not_a_slip.contains(name) {
            return None;
        }
        let next = words.get(at + 1).map(|word| word.text.as_str());
        let before = at.checked_sub(1).and_then(|n| words.get(n)).map(|word| word.text.as_str());
        let announced = before.is_some_and(|before| BEFORE.contains(&before))
            || matches!(next, Some("kommune" | "kommunes" | "municipality"))
            || (word.capital && !word.opens)
            || words.len() <= 3
            || (asked && words.len() <= 4);
        if !announced {
            return None;
        }
        let near = |name: &str| -> Vec<Tenant> {
            let same_start = |known: &str| known.as_bytes().first() == name.as_bytes().first();
            let hits = self.long.iter().filter(|(known, _)| same_start(known) && within_one(name, known));
            let mut codes: Vec<Tenant> = hits.map(|(_, code)| *code).collect();
            codes.sort_unstable();
            codes.dedup();
            codes
        };
        let mut codes = near(name);
        if codes.is_empty()
            && let Some(name) = name.strip_suffix('s').filter(|name| name.len() >= 6)
        {
            codes = near(name);
        }
        (codes.len() == 1).then_some(codes)
    }

    /// One message, one place: the one moved to, the one lived in, or a question back.
    fn settle(words: &[Word], matches: Vec<(usize, usize, PlaceMatch)>) -> Places {
        let mut used = HashSet::new();
        for (at, length, _) in &matches {
            used.extend(*at..at + length);
            if words
                .get(at + length)
                .is_some_and(|word| matches!(word.text.as_str(), "kommune" | "kommunes" | "municipality"))
            {
                used.insert(at + length);
            }
        }
        let word = |n: Option<usize>| n.and_then(|n| words.get(n)).map(|word| word.text.as_str());
        // "Vejle, nej undskyld, Kolding": what was said before is taken back.
        let taken_back = matches.windows(2).rposition(|pair| {
            let [(first, length, _), (second, ..)] = pair else { return false };
            let between = words.get(first + length..*second).unwrap_or_default();
            between.iter().any(|word| TURNS_BACK.contains(&word.text.as_str()))
        });
        let meant = taken_back.map_or(0, |at| at + 1);
        let mut by_role: BTreeMap<u8, Vec<&PlaceMatch>> = BTreeMap::new();
        for (at, length, found) in matches.iter().skip(meant) {
            let role = match (word(at.checked_sub(1)), word(at.checked_sub(2))) {
                (Some("fra" | "from"), _) => 3,
                // "nord for Odense" says where the other place lies.
                (Some("for" | "of"), Some(side)) if SIDES.contains(&side) => 4,
                (Some("outside"), _) => 4,
                (Some("til" | "to"), _) => 0,
                (Some("i" | "in"), Some("bor" | "bo" | "live" | "lives" | "living")) => 1,
                _ if matches!(word(Some(at + length)), Some("kommune" | "municipality")) => 1,
                _ => 2,
            };
            if role == 1 && matches!(word(at.checked_sub(1)), Some("i" | "in")) {
                // "bor i" says nothing of the matter.
                used.extend(at.saturating_sub(2)..*at);
            }
            by_role.entry(role).or_default().push(found);
        }
        let place = by_role.into_values().next().map_or(Place::None, |found| {
            let mut common: Vec<Tenant> = found.first().map(|found| found.codes.clone()).unwrap_or_default();
            let mut all = common.clone();
            for other in found.iter().skip(1) {
                let both: Vec<Tenant> =
                    common.iter().filter(|code| other.codes.contains(code)).copied().collect();
                all.extend(other.codes.iter().copied());
                common = both;
            }
            all.sort_unstable();
            all.dedup();
            common.sort_unstable();
            let among = if common.is_empty() { all } else { common };
            match among.as_slice() {
                [] => Place::None,
                [one] => Place::One(*one),
                several => Place::Several(several.iter().take(6).copied().collect()),
            }
        });
        let matches = matches.into_iter().map(|(_, _, found)| found).collect();
        Places { place, matches, used, namesakes: Vec::new() }
    }
}

fn add(names: &mut HashMap<String, Vec<Tenant>>, name: String, code: Tenant) {
    let codes = names.entry(name).or_default();
    if !codes.contains(&code) {
        codes.push(code);
        codes.sort_unstable();
    }
}
