//! The rule book: rule sets (`rules/*.toml`) and the KLE edition (`kle.csv`) they classify with.
//!
//! The shipped KLE edition holds the main groups that the counter's topics belong to and the few subjects whose
//! numbers are documented; an authority puts its full licensed edition in the same file. The shape is the same.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jiff::civil::Date;
use serde::Deserialize;
use skranke_domain::kle::{Catalogue, Entry, Facet, KleNumber};
use skranke_domain::rules::{DeadlineRule, Guard, GuardId, Remedies, RuleSet};

use crate::error::{ContentError, Problem};
use crate::files::Files;

const KLE: &str = "kle.csv";

/// Every published rule set, oldest first.
#[derive(Clone, Debug)]
pub struct RuleBook(Vec<Arc<RuleSet>>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    version: String,
    valid_from: Date,
    #[serde(default)]
    valid_until: Option<Date>,
    guards: BTreeMap<GuardId, Guard>,
    deadlines: Vec<DeadlineLine>,
    #[serde(default)]
    remedies: Remedies,
}

#[derive(Deserialize)]
struct DeadlineLine {
    kle: String,
    #[serde(flatten)]
    rule: DeadlineRule,
}

#[derive(Deserialize)]
struct KleLine {
    kind: String,
    number: String,
    title: String,
    from: Option<Date>,
    until: Option<Date>,
}

impl RuleBook {
    /// The rule book that is built in.
    pub fn builtin() -> Result<Self, ContentError> {
        Self::load(&Files::builtin())
    }

    /// The rule book of a folder.
    pub fn from_dir(dir: &Path) -> Result<Self, ContentError> {
        Self::load(&Files::from_dir(dir)?)
    }

    /// Reads and checks the rule sets of `files`.
    pub fn load(files: &Files) -> Result<Self, ContentError> {
        let kle = Arc::new(catalogue(files)?);
        let mut sets = Vec::new();
        for (file, bytes) in files.under("rules") {
            let text = std::str::from_utf8(bytes).map_err(|_| problem(file, "is not UTF-8 text"))?;
            let read: RuleFile = toml::from_str(text).map_err(|fault| problem(file, fault.message()))?;
            let lines = read.deadlines.into_iter().map(|line| (line.kle, line.rule));
            sets.push(Arc::new(RuleSet {
                version: read.version,
                valid_from: read.valid_from,
                valid_until: read.valid_until,
                guards: read.guards,
                case_deadlines: lines.collect(),
                remedies: read.remedies,
                kle: Arc::clone(&kle),
            }));
        }
        sets.sort_by_key(|set| set.valid_from);
        if sets.is_empty() {
            return Err(problem("rules", "holds no rule set: no decision could be made"));
        }
        Ok(Self(sets))
    }

    /// The newest rule set that holds on a date. A decision on a date without one is refused (guard D3), so the
    /// newest of all stands in where none holds.
    pub fn on(&self, date: Date) -> Arc<RuleSet> {
        let newest = || self.0.last().cloned().unwrap_or_default();
        self.0.iter().rev().find(|set| set.valid_on(date)).cloned().unwrap_or_else(newest)
    }
}

fn catalogue(files: &Files) -> Result<Catalogue, ContentError> {
    let bytes = files.get(KLE).ok_or_else(|| problem(KLE, "is missing"))?;
    let (mut subjects, mut facets) = (BTreeMap::new(), BTreeMap::new());
    for (row, line) in csv::Reader::from_reader(bytes).deserialize::<KleLine>().enumerate() {
        let at = |what: &str| problem(KLE, &format!("line {}: {what}", row + 2));
        let line = line.map_err(|_| at("does not have the columns kind,number,title,from,until"))?;
        let entry = Entry { title: line.title, from: line.from, until: line.until };
        match line.kind.as_str() {
            "subject" => {
                let number = KleNumber::try_new(&line.number).ok_or_else(|| at("is no subject number"))?;
                subjects.insert(number, entry);
            }
            "facet" => {
                let facet = Facet::try_new(&line.number).ok_or_else(|| at("is no facet"))?;
                facets.insert(facet, entry);
            }
            _ => return Err(at("kind must be subject or facet")),
        }
    }
    Ok(Catalogue::new(subjects, facets))
}

fn problem(file: &str, what: &str) -> ContentError {
    ContentError { problems: vec![Problem { file: file.to_owned(), what: what.to_owned() }] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_built_in_rule_book_has_a_set_in_force_with_every_guard_and_a_default_deadline() {
        let today = date(2026, 11, 23);
        let rules = RuleBook::builtin().unwrap().on(today);
        assert!(rules.valid_on(today));
        for id in [GuardId::D1, GuardId::D2, GuardId::D3, GuardId::D4, GuardId::D5, GuardId::D6, GuardId::D7]
        {
            assert!(rules.guard(id).is_some(), "{id:?}");
        }
        assert!(rules.case_deadline(None).is_some());
        let gone = KleNumber::try_new("32.24.32").unwrap();
        assert!(
            rules.kle.subject(&gone, date(2021, 12, 1)).is_some()
                && rules.kle.subject(&gone, today).is_none()
        );
    }
}
