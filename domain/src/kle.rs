//! KLE: the municipalities' common subject index (KL Emnesystematik), with which every case is classified.
//!
//! A classification has a subject number (`32.03.08`: main group, group, subject) and a facet (`G01`). The list
//! itself is data with a date; this file knows its shape and how to ask it.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::retention::RetentionClass;

/// A subject number (emnenummer), `dd`, `dd.dd` or `dd.dd.dd`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KleNumber(String);

/// A facet (handlingsfacet), a letter and two digits.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Facet(String);

impl KleNumber {
    /// Reads a number of one to three two-digit groups.
    pub fn try_new(text: &str) -> Option<Self> {
        let groups: Vec<&str> = text.split('.').collect();
        let digits = |group: &&str| group.len() == 2 && group.bytes().all(|b| b.is_ascii_digit());
        ((1..=3).contains(&groups.len()) && groups.iter().all(digits)).then(|| Self(text.to_owned()))
    }

    /// The number as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is `other`, or a part of it.
    pub fn is_under(&self, other: &Self) -> bool {
        self.0.strip_prefix(&other.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }

    /// The main group, two digits.
    pub fn main_group(&self) -> &str {
        self.0.get(..2).unwrap_or("")
    }
}

impl Facet {
    /// Reads a letter and two digits.
    pub fn try_new(text: &str) -> Option<Self> {
        let well_formed = matches!(text.as_bytes(), [letter, a, b]
            if letter.is_ascii_uppercase() && a.is_ascii_digit() && b.is_ascii_digit());
        well_formed.then(|| Self(text.to_owned()))
    }

    /// The facet as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KleNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl fmt::Debug for KleNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KLE {}", self.0)
    }
}
impl fmt::Display for Facet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl fmt::Debug for Facet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "facet {}", self.0)
    }
}

/// One line of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The name in Danish.
    pub title: String,
    /// The first date it may be used on; `None` for always.
    #[serde(default)]
    pub from: Option<Date>,
    /// The last date it may be used on; `None` while in force.
    #[serde(default)]
    pub until: Option<Date>,
    /// What becomes of closed cases under it; `None` where the list says nothing.
    #[serde(default)]
    pub retention: Option<RetentionClass>,
}

impl Entry {
    fn in_force(&self, date: Date) -> bool {
        self.from.is_none_or(|from| from <= date) && self.until.is_none_or(|until| date <= until)
    }
}

/// The list in one dated edition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    subjects: BTreeMap<KleNumber, Entry>,
    facets: BTreeMap<Facet, Entry>,
}

impl Catalogue {
    /// Puts an edition together.
    pub const fn new(subjects: BTreeMap<KleNumber, Entry>, facets: BTreeMap<Facet, Entry>) -> Self {
        Self { subjects, facets }
    }

    /// The subject, if it may be used on that date.
    pub fn subject(&self, number: &KleNumber, on: Date) -> Option<&Entry> {
        self.subjects.get(number).filter(|entry| entry.in_force(on))
    }

    /// The facet, if it may be used on that date.
    pub fn facet(&self, facet: &Facet, on: Date) -> Option<&Entry> {
        self.facets.get(facet).filter(|entry| entry.in_force(on))
    }

    /// What becomes of a closed case with this classification, by both of its parts; `None` when the list says nothing of
    /// one of them. A subject without a class of its own has its group's, a facet that of its letter's general one
    /// (`G00`). Lines that are no longer in force count: old cases keep what they were classified with.
    pub fn retention(&self, number: &KleNumber, facet: &Facet) -> Option<RetentionClass> {
        let prefixes = [Some(number.as_str()), number.0.get(..5), number.0.get(..2)];
        let class = |prefix: &str| self.subjects.get(&KleNumber(prefix.to_owned()))?.retention;
        let subject = prefixes.into_iter().flatten().find_map(class)?;
        let class = |facet: &Facet| self.facets.get(facet)?.retention;
        let general = || facet.0.get(..1).and_then(|letter| class(&Facet(format!("{letter}00"))));
        Some(subject.with(class(facet).or_else(general)?))
    }

    /// Subjects whose number starts with, or whose title contains, what was typed; in numerical order.
    pub fn search<'a>(&'a self, typed: &str, on: Date) -> impl Iterator<Item = (&'a KleNumber, &'a Entry)> {
        let typed = typed.trim().to_lowercase();
        self.subjects.iter().filter(move |(number, entry)| {
            entry.in_force(on)
                && (number.0.starts_with(&typed) || entry.title.to_lowercase().contains(&typed))
        })
    }

    /// Every facet in force on a date.
    pub fn facets(&self, on: Date) -> impl Iterator<Item = (&Facet, &Entry)> {
        self.facets.iter().filter(move |(_, entry)| entry.in_force(on))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn numbers_and_facets_have_one_shape() {
        assert!(KleNumber::try_new("32.03.08").is_some() && KleNumber::try_new("32").is_some());
        for bad in ["", "3", "32.3", "32.03.08.01", "a2.03", "32."] {
            assert!(KleNumber::try_new(bad).is_none(), "{bad}");
        }
        assert!(Facet::try_new("G01").is_some());
        assert!(Facet::try_new("g01").is_none() && Facet::try_new("G1").is_none());
    }

    #[test]
    fn an_expired_subject_is_not_found() {
        let number = KleNumber::try_new("32.03.08").unwrap();
        let entry =
            Entry { title: "Ydelse".into(), from: None, until: Some(date(2025, 6, 30)), retention: None };
        let list = Catalogue::new([(number.clone(), entry)].into(), BTreeMap::new());
        assert!(list.subject(&number, date(2025, 6, 30)).is_some());
        assert!(list.subject(&number, date(2025, 7, 1)).is_none());
        assert_eq!(list.search("ydel", date(2025, 1, 1)).count(), 1);
    }

    #[test]
    fn both_parts_of_a_classification_decide_what_becomes_of_a_case() {
        let entry = |class: &str| Entry {
            title: String::new(),
            from: None,
            until: None,
            retention: class.parse().ok(),
        };
        let number = |text| KleNumber::try_new(text).unwrap();
        let facet = |text| Facet::try_new(text).unwrap();
        let list = Catalogue::new(
            [("32", "K5"), ("32.24.04", "K10"), ("00", "B"), ("84", "")]
                .map(|(text, class)| (number(text), entry(class)))
                .into(),
            [("G00", "K5"), ("G01", ""), ("P00", "B"), ("A00", "")]
                .map(|(text, class)| (facet(text), entry(class)))
                .into(),
        );
        for (kle, part, expected) in [
            ("32", "G00", Some("K5")),
            ("32.03.08", "G01", Some("K5")),
            ("32.24.04", "G01", Some("K10")),
            ("32.24.04", "P00", Some("B")),
            ("00.01", "G01", Some("B")),
            ("84", "G01", None),
            ("32", "A00", None),
            ("99", "G01", None),
        ] {
            let found = list.retention(&number(kle), &facet(part)).map(|class| class.to_string());
            assert_eq!(found.as_deref(), expected, "{kle} {part}");
        }
    }
}
