//! What is wrong with the content files. Every problem names its file and says what to do, so that an editor
//! can put it right without a programmer. All problems are reported at once.

use std::fmt;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file, as a path inside the content folder.
    pub file: String,
    /// What is wrong, and what to do.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.what)
    }
}

/// Why the content was not loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentError {
    /// At least one, in the order of the files.
    pub problems: Vec<Problem>,
}

impl fmt::Display for ContentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the content has {} problem(s)", self.problems.len())?;
        self.problems.iter().try_for_each(|problem| write!(f, "\n- {problem}"))
    }
}

impl std::error::Error for ContentError {}

/// Collects problems while loading goes on.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<Problem>);

impl Problems {
    pub(crate) fn add(&mut self, file: &str, what: impl Into<String>) {
        self.0.push(Problem { file: file.to_owned(), what: what.into() });
    }

    /// Notes `what` unless `holds`.
    pub(crate) fn unless(&mut self, holds: bool, file: &str, what: impl FnOnce() -> String) {
        if !holds {
            self.add(file, what());
        }
    }

    /// `Err` when anything was noted.
    pub(crate) fn finish(mut self) -> Result<(), ContentError> {
        self.0.sort();
        if self.0.is_empty() { Ok(()) } else { Err(ContentError { problems: self.0 }) }
    }

    pub(crate) fn into_vec(mut self) -> Vec<Problem> {
        self.0.sort();
        self.0
    }
}

/// What a TOML parser said, with the line it stumbled over.
pub(crate) fn toml_fault(text: &str, fault: &toml::de::Error) -> String {
    match fault.span() {
        Some(span) => {
            let line = text.get(..span.start).map_or(1, |before| before.matches('\n').count() + 1);
            format!("line {line}: {}", fault.message())
        }
        None => fault.message().to_owned(),
    }
}
