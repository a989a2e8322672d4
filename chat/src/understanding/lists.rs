//! Lists of words and phrases, as the text files beside these rooms hold them: sections that begin with `[name]`, in them
//! phrases with semicolons between, and remarks that begin with `#`.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// A few plain words in a row; a star at the end of a word stands for any ending.
pub(super) type Phrase = Vec<&'static str>;

/// The sections of a file in their order, each with its lines.
pub(super) fn sections(text: &'static str) -> Vec<(&'static str, Vec<&'static str>)> {
    let mut sections: Vec<(&str, Vec<&str>)> = Vec::new();
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    for line in lines {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            sections.push((name, Vec::new()));
        } else if let Some((_, lines)) = sections.last_mut() {
            lines.push(line);
        }
    }
    sections
}

/// The lists of a file, by name.
#[derive(Debug)]
pub(super) struct Lists(HashMap<&'static str, Vec<&'static str>>);

impl Lists {
    pub(super) fn of(text: &'static str) -> Self {
        Self(sections(text).into_iter().collect())
    }

    /// What stands in a list, line by line.
    pub(super) fn rows(&self, name: &str) -> impl Iterator<Item = Vec<&'static str>> {
        let lines = self.0.get(name).into_iter().flatten();
        lines.map(|line| line.split(';').map(str::trim).filter(|entry| !entry.is_empty()).collect())
    }

    /// A list of single words.
    pub(super) fn words(&self, name: &str) -> HashSet<&'static str> {
        self.rows(name).flatten().collect()
    }

    /// A list of phrases.
    pub(super) fn phrases(&self, name: &str) -> Vec<Phrase> {
        self.rows(name).flatten().map(|phrase| phrase.split(' ').collect()).collect()
    }
}

/// Where the first of `phrases` that stands in `words` does so.
pub(super) fn find(words: &[&str], phrases: &[Phrase]) -> Option<Range<usize>> {
    let fits =
        |word: &str, part: &str| part.strip_suffix('*').map_or(word == part, |start| word.starts_with(start));
    phrases.iter().find_map(|phrase| {
        let at = words
            .windows(phrase.len().max(1))
            .position(|window| window.iter().zip(phrase).all(|(word, part)| fits(word, part)))?;
        Some(at..at + phrase.len())
    })
}

/// Whether `words` has one of `phrases`.
pub(super) fn has(words: &[&str], phrases: &[Phrase]) -> bool {
    find(words, phrases).is_some()
}
