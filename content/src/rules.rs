//! The rule book: rule sets (`rules/*.toml`) and the KLE edition (`kle.csv`) they classify with.
//!
//! The shipped KLE edition holds the main groups that the counter's topics belong to and the few subjects whose
//! numbers are documented; an authority puts its full licensed edition in the same file. The shape is the same. Its
//! retention classes are demo values until an authority publishes the national list.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use jiff::civil::Date;
use serde::Deserialize;
use skranke_domain::Tenant;
use skranke_domain::calendar::{Calendar, ClosingDay};
use skranke_domain::deadline::DeadlineKind;
use skranke_domain::kle::{Catalogue, KleNumber};
use skranke_domain::rules::{Counting, DeadlineRule, Guard, GuardId, Remedies, RuleSet, Scope, Terms};

use crate::error::{ContentError, Problem, toml_fault};
use crate::files::Files;
use crate::publication::{Fault, FaultKind, read_kle};

const KLE: &str = "kle.csv";

/// Every rule set and every KLE list, each with the day from which it is in force.
#[derive(Clone, Debug)]
pub struct RuleBook {
    /// The rule sets, oldest first, without a list.
    sets: Vec<RuleSet>,
    /// The lists, oldest first; the shipped one has always been in force.
    lists: Vec<(Date, Arc<Catalogue>)>,
    /// Each set with each list.
    joined: Vec<Vec<Arc<RuleSet>>>,
}

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
    closing_days: Vec<ClosingLine>,
    #[serde(default)]
    access: AccessRules,
    #[serde(default)]
    remedies: Remedies,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccessRules {
    break_glass_hours: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeadlineLine {
    #[serde(default)]
    kind: DeadlineKind,
    kle: String,
    #[serde(default)]
    municipality: Option<Tenant>,
    name: String,
    days: u32,
    counting: Counting,
    #[serde(default)]
    source: String,
    #[serde(default)]
    terms: Terms,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClosingLine {
    #[serde(default)]
    municipality: Option<Tenant>,
    days: Vec<ClosingDay>,
}

/// The longest deadline that is no slip of the hand, in days.
const LONGEST: u32 = 3660;

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
        let (mut sets, mut versions) = (Vec::new(), HashSet::new());
        for (file, bytes) in files.under("rules") {
            let text = std::str::from_utf8(bytes).map_err(|_| problem(file, "is not UTF-8 text"))?;
            let set = rule_set(file, text)?;
            if !versions.insert(set.version.clone()) {
                return Err(problem(file, "has the version of another file: every rule set has its own"));
            }
            sets.push(set);
        }
        sets.sort_by(|one, other| (one.valid_from, &one.version).cmp(&(other.valid_from, &other.version)));
        if sets.is_empty() {
            return Err(problem("rules", "holds no rule set: no decision could be made"));
        }
        Ok(Self::of(sets, vec![(Date::MIN, kle)]))
    }

    fn of(sets: Vec<RuleSet>, lists: Vec<(Date, Arc<Catalogue>)>) -> Self {
        let with = |set: &RuleSet, kle| Arc::new(RuleSet { kle: Arc::clone(kle), ..set.clone() });
        let join = |set| lists.iter().map(|(_, kle)| with(set, kle)).collect();
        let joined = sets.iter().map(join).collect();
        Self { sets, lists, joined }
    }

    /// The book with one more rule set. Of two that begin on the same day the later one holds.
    #[must_use]
    pub fn with_rules(&self, set: RuleSet) -> Self {
        let mut sets = self.sets.clone();
        sets.insert(sets.partition_point(|known| known.valid_from <= set.valid_from), set);
        Self::of(sets, self.lists.clone())
    }

    /// The book with one more KLE list, in force from that day. Of two that begin on the same day the later one holds.
    #[must_use]
    pub fn with_kle(&self, from: Date, kle: Catalogue) -> Self {
        let mut lists = self.lists.clone();
        lists.insert(lists.partition_point(|(known, _)| *known <= from), (from, Arc::new(kle)));
        Self::of(self.sets.clone(), lists)
    }

    /// Whether a rule set has that version.
    pub fn has_version(&self, version: &str) -> bool {
        self.sets.iter().any(|set| set.version == version)
    }

    /// The newest rule set that holds on a date, with the newest KLE list in force on it. A decision on a date without a
    /// rule set is refused (guard D3), so the newest of all stands in where none holds.
    pub fn on(&self, date: Date) -> Arc<RuleSet> {
        let held = self.sets.iter().rposition(|set| set.valid_on(date));
        let lists = held.map_or(self.joined.last(), |place| self.joined.get(place));
        let list = self.lists.partition_point(|(from, _)| *from <= date).saturating_sub(1);
        lists.and_then(|lists| lists.get(list)).cloned().unwrap_or_default()
    }
}

/// Reads a rule set that an administrator hands in. Everything that is wrong is told, with its line where one is to
/// blame.
pub fn read_rules(text: &str) -> Result<RuleSet, Vec<Fault>> {
    if let Err(fault) = toml::from_str::<RuleFile>(text) {
        let before = fault.span().and_then(|span| text.get(..span.start));
        let line = before.map(|before| before.matches('\n').count() + 1);
        return Err(vec![Fault { line, kind: FaultKind::Rule(fault.message().to_owned()) }]);
    }
    rule_set("rules", text).map_err(|error| {
        let fault = |problem: Problem| Fault { line: None, kind: FaultKind::Rule(problem.what) };
        error.problems.into_iter().map(fault).collect()
    })
}

fn rule_set(file: &str, text: &str) -> Result<RuleSet, ContentError> {
    let read: RuleFile = toml::from_str(text).map_err(|fault| problem(file, &toml_fault(text, &fault)))?;
    if read.valid_until.is_some_and(|until| until < read.valid_from) {
        return Err(problem(file, "ends before it begins: correct valid_from or valid_until"));
    }
    Ok(RuleSet {
        version: read.version,
        valid_from: read.valid_from,
        valid_until: read.valid_until,
        guards: read.guards,
        deadlines: deadlines(file, read.deadlines)?,
        calendars: calendars(file, read.closing_days)?,
        break_glass_hours: read.access.break_glass_hours,
        remedies: read.remedies,
        kle: Arc::default(),
    })
}

fn deadlines(file: &str, lines: Vec<DeadlineLine>) -> Result<BTreeMap<Scope, DeadlineRule>, ContentError> {
    let mut rules = BTreeMap::new();
    for line in lines {
        let DeadlineLine { kind, kle, municipality, name, days, counting, source, terms } = line;
        let at = |what: &str| problem(file, &format!("the deadline {name}: {what}"));
        if !kle.is_empty() && KleNumber::try_new(&kle).is_none() {
            return Err(at(
                "kle is the beginning of a subject number (32, 32.03 or 32.03.08), or empty for all",
            ));
        }
        if days > LONGEST || terms.extension_days > LONGEST || terms.warn_days > LONGEST {
            return Err(at("is longer than ten years: correct the number of days"));
        }
        if (terms.extensions > 0) != (terms.extension_days > 0) {
            return Err(at("extensions and extension_days belong together: how often, and how long"));
        }
        let rule = DeadlineRule { name: name.clone(), days, counting, source, terms };
        if rules.insert(Scope { kind, kle, municipality }, rule).is_some() {
            return Err(at("stands there twice: for one kind, subject and municipality there is one rule"));
        }
    }
    Ok(rules)
}

fn calendars(
    file: &str,
    lines: Vec<ClosingLine>,
) -> Result<BTreeMap<Option<Tenant>, Calendar>, ContentError> {
    let mut calendars = BTreeMap::new();
    for ClosingLine { municipality, days } in lines {
        if calendars.insert(municipality, Calendar::new(days)).is_some() {
            return Err(problem(file, "has the closing days of one municipality twice: join them"));
        }
    }
    Ok(calendars)
}

fn catalogue(files: &Files) -> Result<Catalogue, ContentError> {
    let bytes = files.get(KLE).ok_or_else(|| problem(KLE, "is missing"))?;
    read_kle(bytes).map_err(|faults| {
        let problems = faults.iter().map(|fault| Problem { file: KLE.to_owned(), what: fault.to_string() });
        ContentError { problems: problems.collect() }
    })
}

fn problem(file: &str, what: &str) -> ContentError {
    ContentError { problems: vec![Problem { file: file.to_owned(), what: what.to_owned() }] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn furesoe() -> Tenant {
        Tenant::try_new("0190").unwrap()
    }

    fn kle(number: &str) -> KleNumber {
        KleNumber::try_new(number).unwrap()
    }

    #[test]
    fn the_built_in_rule_book_has_a_set_in_force_with_every_guard_and_a_default_deadline() {
        let today = date(2026, 11, 23);
        let rules = RuleBook::builtin().unwrap().on(today);
        assert!(rules.valid_on(today));
        for id in [GuardId::D1, GuardId::D2, GuardId::D3, GuardId::D4, GuardId::D5, GuardId::D6, GuardId::D7]
        {
            assert!(rules.guard(id).is_some(), "{id:?}");
        }
        assert!(rules.deadline(DeadlineKind::CaseHandling, furesoe(), None).is_some());
        assert!(rules.break_glass_hours.is_some_and(|hours| hours <= 24));
        let gone = KleNumber::try_new("32.24.32").unwrap();
        assert!(
            rules.kle.subject(&gone, date(2021, 12, 1)).is_some()
                && rules.kle.subject(&gone, today).is_none()
        );
    }
    #[test]
    fn every_deadline_of_a_case_has_a_rule_and_the_subject_and_the_municipality_choose_it() {
        let rules = RuleBook::builtin().unwrap().on(date(2026, 11, 23));
        let due = |kind, code: &str, number: Option<&str>, receipt| {
            let municipality = Tenant::try_new(code).unwrap();
            let number = number.map(kle);
            let rule = rules.deadline(kind, municipality, number.as_ref())?;
            Some((rule.name.clone(), rule.due(receipt, &rules.calendar(municipality))))
        };
        let monday = date(2026, 11, 23);
        let named = |name: &str, due| Some((name.to_owned(), due));
        let decision = DeadlineKind::CaseHandling;
        assert_eq!(due(decision, "0751", None, monday), named("sagsbehandlingsfrist", date(2026, 12, 21)));
        let benefit = named("sagsbehandlingsfrist-kontanthjaelp", date(2026, 12, 7));
        assert_eq!(due(decision, "0190", Some("32.24.04"), monday), benefit);
        let elsewhere = named("sagsbehandlingsfrist", date(2026, 12, 21));
        assert_eq!(due(decision, "0751", Some("32.24.04"), monday), elsewhere);
        let moving = named("sagsbehandlingsfrist-borgerforhold", date(2026, 12, 7));
        assert_eq!(due(decision, "0190", Some("23.05"), monday), moving);
        // What is no deadline of a case has its limit among the remedies, and nowhere a second time.
        for kind in [DeadlineKind::Access, DeadlineKind::Complaint, DeadlineKind::Reassessment] {
            assert_eq!(due(kind, "0190", None, monday), None, "{kind:?}");
        }
        assert!(due(DeadlineKind::HearingReply, "0190", None, monday).is_some());
        assert_eq!(due(DeadlineKind::FirstAnswer, "0190", None, monday), None);
        assert!(due(DeadlineKind::FirstAnswer, "0751", None, monday).is_some());
        // Closed on Christmas Eve: 26 November and four weeks is that day.
        assert_eq!(due(decision, "0751", None, date(2026, 11, 26)).unwrap().1, date(2026, 12, 28));
    }

    #[test]
    fn an_older_rule_set_holds_on_its_own_days_and_allows_what_it_said() {
        let book = RuleBook::builtin().unwrap();
        let (then, now) = (book.on(date(2026, 10, 31)), book.on(date(2026, 11, 1)));
        assert_eq!((then.version.as_str(), now.version.as_str()), ("2026-1", "2026-2"));
        let terms = |rules: &RuleSet| {
            rules.deadline(DeadlineKind::CaseHandling, furesoe(), None).unwrap().terms.clone()
        };
        assert_eq!(terms(&then), Terms::default());
        assert!(terms(&now).suspension && terms(&now).notice_first);
    }

    #[test]
    fn a_slip_in_a_rule_set_is_told_with_its_file() {
        let builtin = include_str!("../rules/2026-2.toml");
        let read = |text: String| {
            let dir = tempfile::tempdir().unwrap();
            std::fs::create_dir(dir.path().join("rules")).unwrap();
            std::fs::write(dir.path().join("kle.csv"), include_str!("../kle.csv")).unwrap();
            std::fs::write(dir.path().join("rules/a.toml"), text).unwrap();
            std::fs::write(dir.path().join("rules/b.toml"), include_str!("../rules/2026-1.toml")).unwrap();
            RuleBook::from_dir(dir.path()).map(|_| ()).map_err(|error| error.to_string())
        };
        assert_eq!(read(builtin.to_owned()), Ok(()));
        let line = |line: &str| {
            let base = "kind = \"hearing-reply\"\nname = \"x\"\ncounting = \"working-days\"\n";
            format!("{builtin}\n[[deadlines]]\n{base}{line}\n")
        };
        for (text, word) in [
            (line("kle = \"3\"\ndays = 7"), "subject number"),
            (line("kle = \"\"\ndays = 7"), "twice"),
            (line("kle = \"32\"\ndays = 99999"), "ten years"),
            (line("kle = \"32\"\ndays = 7\nterms = { extensions = 1 }"), "belong together"),
            (line("kle = \"32\"\ndays = 7\nmunicipality = \"19\""), "line"),
            (line("kle = \"32\"\ndays = 7\nsuspend = true"), "suspend"),
            (format!("{builtin}\n[[closing_days]]\ndays = [\"12-24\"]\n"), "closing days"),
            (
                format!("{builtin}\n[[closing_days]]\nmunicipality = \"0190\"\ndays = [\"juleaften\"]\n"),
                "12-24",
            ),
            (builtin.replace("\"2026-2\"", "\"2026-1\""), "version of another file"),
            (builtin.replace("2026-11-01", "2026-11-01\"\nvalid_until = \"2026-10-01"), "before it begins"),
        ] {
            let told = read(text).unwrap_err();
            assert!(told.contains("rules/") && told.contains(word), "{word}: {told}");
        }
    }

    #[test]
    fn a_published_version_holds_from_its_day_and_not_before() {
        let (builtin, monday) = (RuleBook::builtin().unwrap(), date(2026, 11, 30));
        let sunday = monday.yesterday().unwrap();
        let text = include_str!("../rules/2026-2.toml");
        let newer = text.replace("\"2026-2\"", "\"2026-3\"").replace("\"2026-11-01\"", "\"2026-11-30\"");
        let book = builtin.with_rules(read_rules(&newer).unwrap());
        assert_eq!(
            (book.on(sunday).version.as_str(), book.on(monday).version.as_str()),
            ("2026-2", "2026-3")
        );
        let list = "kind,number,title,from,until,retention\nsubject,99,Nyt,,,B\nfacet,G01,Borgere,,,K5\n";
        let book = book.with_kle(monday, read_kle(list.as_bytes()).unwrap());
        let known = |day| book.on(day).kle.subject(&kle("99"), day).is_some();
        assert!(!known(sunday) && known(monday));
        assert_eq!(book.on(monday).version, "2026-3");
        assert!(
            book.on(monday).kle.subject(&kle("32"), monday).is_none(),
            "a list stands instead of the one before"
        );
        // One that comes later for the same day holds instead.
        let again = newer.replace("\"2026-3\"", "\"2026-4\"");
        assert_eq!(book.with_rules(read_rules(&again).unwrap()).on(monday).version, "2026-4");
        assert!(book.has_version("2026-3") && !builtin.has_version("2026-3"));
    }

    #[test]
    fn a_slip_in_a_rule_set_that_is_handed_in_is_told_with_its_line() {
        let text = include_str!("../rules/2026-2.toml");
        let line = text.lines().position(|line| line.starts_with("[guards.d3]")).unwrap() + 1;
        let faults = read_rules(&text.replace("[guards.d3]", "[guards.d33]")).unwrap_err();
        assert_eq!((faults.len(), faults[0].kind.code()), (1, "RULE"));
        assert!(faults[0].line.is_some_and(|told| told.abs_diff(line) <= 1), "{faults:?}");
        let faults = read_rules(&text.replace("kle = \"32.24.04\"", "kle = \"3\"")).unwrap_err();
        assert!(faults[0].to_string().contains("subject number"), "{faults:?}");
    }
}
