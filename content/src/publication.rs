//! Versions of rules that administrators publish: read and checked line by line before anybody puts them in force.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use serde::Deserialize;
use skranke_domain::Lang;
use skranke_domain::kle::{Catalogue, Entry, Facet, KleNumber};
use skranke_domain::retention::RetentionClass;

/// One thing that is wrong with a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line, from 1, where one is to blame.
    pub line: Option<usize>,
    /// What is wrong.
    pub kind: FaultKind,
}

/// What can be wrong with a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// It is not UTF-8.
    Encoding,
    /// The columns are others, or a value is none of its kind.
    Columns,
    /// There is no title.
    Title,
    /// The last day is before the first.
    Dates,
    /// Neither a subject nor a facet.
    Kind,
    /// The number is none.
    Number,
    /// An earlier line has the number.
    Repeated,
    /// There is no subject, or no facet.
    Incomplete,
    /// A rule file says something that is no rule.
    Rule(String),
}

impl FaultKind {
    /// A stable code in capitals.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Encoding => "NOT_UTF_8",
            Self::Columns => "COLUMNS",
            Self::Title => "NO_TITLE",
            Self::Dates => "DATES",
            Self::Kind => "KIND",
            Self::Number => "NUMBER",
            Self::Repeated => "REPEATED",
            Self::Incomplete => "INCOMPLETE",
            Self::Rule(_) => "RULE",
        }
    }

    /// What is wrong, and what to do.
    pub fn message(&self, lang: Lang) -> &str {
        let (da, en) = match self {
            Self::Encoding => ("er ikke UTF-8: gem filen som UTF-8", "is not UTF-8: save the file as UTF-8"),
            Self::Columns => (
                "har ikke kolonnerne kind,number,title,from,until,retention (B eller K5), eller en værdi er forkert",
                "does not have the columns kind,number,title,from,until,retention (B or K5), or a value is none",
            ),
            Self::Title => ("har ingen titel", "has no title"),
            Self::Dates => ("slutter, før den begynder", "ends before it begins"),
            Self::Kind => ("kind skal være subject eller facet", "kind must be subject or facet"),
            Self::Number => (
                "number skal være et emnes (32.24.04) eller en facets (G01)",
                "number must be that of a subject (32.24.04) or a facet (G01)",
            ),
            Self::Repeated => {
                ("har samme nummer som en tidligere linje", "has the number of an earlier line")
            }
            Self::Incomplete => {
                ("skal have mindst ét emne og én facet", "must have at least one subject and one facet")
            }
            Self::Rule(what) => (what.as_str(), what.as_str()),
        };
        lang.pick(da, en)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.kind.message(Lang::En)),
            None => f.write_str(self.kind.message(Lang::En)),
        }
    }
}

#[derive(Deserialize)]
struct KleLine {
    kind: String,
    number: String,
    title: String,
    from: Option<Date>,
    until: Option<Date>,
    /// `B` or `K5`; a list without the column says nothing of retention.
    #[serde(default)]
    retention: Option<RetentionClass>,
}

/// Reads a KLE list (CSV). Every line that is wrong is told.
///
/// The columns are `kind` (`subject` or `facet`), `number`, `title`, `from` and `until` (dates, or empty), and
/// `retention` (`B` or `K5`, or empty), which an older list may lack.
pub fn read_kle(bytes: &[u8]) -> Result<Catalogue, Vec<Fault>> {
    let (mut subjects, mut facets, mut faults) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
    let mut lines = csv::Reader::from_reader(bytes);
    let Ok(columns) = lines.headers().cloned() else {
        return Err(vec![Fault { line: Some(1), kind: FaultKind::Encoding }]);
    };
    for line in lines.records() {
        let number = |position: Option<&csv::Position>| {
            position.and_then(|position| usize::try_from(position.line()).ok())
        };
        let line = match line {
            Ok(line) => line,
            Err(error) => {
                let kind = match error.kind() {
                    csv::ErrorKind::Utf8 { .. } => FaultKind::Encoding,
                    _ => FaultKind::Columns,
                };
                faults.push(Fault { line: number(error.position()), kind });
                continue;
            }
        };
        let at = number(line.position());
        let mut wrong = |kind| faults.push(Fault { line: at, kind });
        let Ok(KleLine { kind, number, title, from, until, retention }) = line.deserialize(Some(&columns))
        else {
            wrong(FaultKind::Columns);
            continue;
        };
        if title.trim().is_empty() {
            wrong(FaultKind::Title);
        }
        if from.zip(until).is_some_and(|(from, until)| until < from) {
            wrong(FaultKind::Dates);
        }
        let entry = Entry { title, from, until, retention };
        let again = match kind.as_str() {
            "subject" => KleNumber::try_new(&number).map(|number| subjects.insert(number, entry).is_some()),
            "facet" => Facet::try_new(&number).map(|facet| facets.insert(facet, entry).is_some()),
            _ => {
                wrong(FaultKind::Kind);
                continue;
            }
        };
        match again {
            Some(false) => {}
            Some(true) => wrong(FaultKind::Repeated),
            None => wrong(FaultKind::Number),
        }
    }
    if faults.is_empty() && (subjects.is_empty() || facets.is_empty()) {
        faults.push(Fault { line: None, kind: FaultKind::Incomplete });
    }
    if faults.is_empty() { Ok(Catalogue::new(subjects, facets)) } else { Err(faults) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "kind,number,title,from,until,retention\n";

    #[test]
    fn every_line_that_is_wrong_is_told_with_its_number() {
        let list = format!(
            "{HEAD}subject,32,Ydelser,,,K5\nsubject,32,Igen,,,\nsubject,3,Kort,,,\nemne,33,Andet,,,\n\
             subject,34,,2026-01-01,2025-01-01,\nsubject,35,Klasse,,,Q\nfacet,G01,Borgere,,,B\n"
        );
        let faults = read_kle(list.as_bytes()).unwrap_err();
        let told: Vec<_> = faults.iter().map(|fault| (fault.line.unwrap(), fault.kind.code())).collect();
        let expected =
            [(3, "REPEATED"), (4, "NUMBER"), (5, "KIND"), (6, "NO_TITLE"), (6, "DATES"), (7, "COLUMNS")];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_list_may_lack_the_retention_and_must_have_both_parts() {
        let old = "kind,number,title,from,until\nsubject,32,Ydelser,,\nfacet,G01,Borgere,,\n";
        let list = read_kle(old.as_bytes()).unwrap();
        let (kle, facet) = (KleNumber::try_new("32").unwrap(), Facet::try_new("G01").unwrap());
        assert_eq!(list.retention(&kle, &facet), None);
        for (half, kind) in [
            (format!("{HEAD}subject,32,Ydelser,,,K5\n"), FaultKind::Incomplete),
            (HEAD.to_owned(), FaultKind::Incomplete),
            (String::new(), FaultKind::Incomplete),
        ] {
            assert_eq!(read_kle(half.as_bytes()), Err(vec![Fault { line: None, kind }]));
        }
        assert_eq!(read_kle(b"kind,number\nsubject,\xff\n").unwrap_err()[0].kind, FaultKind::Encoding);
    }
}
