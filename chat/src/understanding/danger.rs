//! Danger to life or health, and what only sounds like it.
//!
//! The rules stand in `danger.txt`: rows of words in both languages and in those that are recognised, and rows that are
//! harmless although they hold such words ("slå mig op i registeret", "jeg kan ikke leve af min pension"). A rule of
//! danger counts where no harmless one shares a word with it. Rules come before anything that is learned: a cry for
//! help must never be taken for a question.

use std::collections::HashMap;
use std::ops::Range;

use skranke_domain::conversation::Foreign;

use super::lists::sections;

/// How many words ".." stands for at most.
const WIDEST_GAP: usize = 3;

/// What a message sounds like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alarm {
    /// Somebody is in danger.
    Danger {
        /// The rule that says so.
        cue: &'static str,
        /// The language the rule belongs to, if it is neither Danish nor English.
        foreign: Option<Foreign>,
    },
    /// It only sounds so.
    Harmless,
    /// A harmless turn of speech was found, and nothing that sounds like danger.
    Doubtful,
    /// Nothing was found.
    Silent,
}

/// The rules.
#[derive(Debug)]
pub(crate) struct Danger {
    rules: Vec<Rule>,
    /// The rules that begin with a whole word, by that word.
    by_word: HashMap<&'static str, Vec<usize>>,
    /// The rules that begin with the beginning of a word, by its first byte.
    by_start: HashMap<u8, Vec<usize>>,
    /// The rules that begin with another part of a word.
    by_part: Vec<usize>,
}

#[derive(Debug)]
struct Rule {
    text: &'static str,
    parts: Vec<Part>,
    means: Meaning,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    Danger(Option<Foreign>),
    Harmless,
}

#[derive(Debug)]
enum Part {
    /// One of these words.
    Words(Vec<Pattern>),
    /// A few words that do not matter.
    Gap,
}

#[derive(Clone, Copy, Debug)]
enum Pattern {
    Whole(&'static str),
    Start(&'static str),
    End(&'static str),
    Within(&'static str),
    Any,
}

impl Pattern {
    fn of(text: &'static str) -> Self {
        match (text.strip_prefix('*'), text.strip_suffix('*')) {
            (Some(""), _) => Self::Any,
            (Some(rest), None) => Self::End(rest),
            (Some(rest), Some(_)) => Self::Within(rest.strip_suffix('*').unwrap_or(rest)),
            (None, Some(start)) => Self::Start(start),
            (None, None) => Self::Whole(text),
        }
    }

    fn fits(self, word: &str) -> bool {
        match self {
            Self::Whole(whole) => word == whole,
            Self::Start(start) => word.starts_with(start),
            Self::End(end) => word.ends_with(end),
            Self::Within(part) => word.contains(part),
            Self::Any => true,
        }
    }
}

impl Danger {
    /// Reads the rules.
    pub(crate) fn new() -> Self {
        let sections: Vec<(&str, Vec<&str>)> = sections(include_str!("danger.txt"))
            .into_iter()
            .map(|(name, lines)| {
                let separator = if name.starts_with('=') { ' ' } else { ';' };
                let texts = lines.into_iter().flat_map(|line| line.split(separator).map(str::trim));
                (name, texts.filter(|text| !text.is_empty()).collect())
            })
            .collect();
        let list = |name: &str| -> &[&'static str] {
            let named = sections.iter().find(|(section, _)| section.strip_prefix('=') == Some(name));
            named.map_or(&[], |(_, words)| words.as_slice())
        };
        let mut danger = Self {
            rules: Vec::new(),
            by_word: HashMap::new(),
            by_start: HashMap::new(),
            by_part: Vec::new(),
        };
        for (name, texts) in sections.iter().filter(|(name, _)| !name.starts_with('=')) {
            let means = match *name {
                "harmless" => Meaning::Harmless,
                name => Meaning::Danger(Foreign::ALL.into_iter().find(|foreign| foreign.tag() == name)),
            };
            for text in texts {
                let parts = text.split_whitespace().map(|part| match part {
                    ".." => Part::Gap,
                    part => Part::Words(
                        part.split('/')
                            .flat_map(|word| match word.strip_prefix('@') {
                                Some(name) => list(name).to_vec(),
                                None => vec![word],
                            })
                            .map(Pattern::of)
                            .collect(),
                    ),
                });
                danger.add(Rule { text, parts: parts.collect(), means });
            }
        }
        danger
    }

    fn add(&mut self, rule: Rule) {
        let at = self.rules.len();
        if let Some(Part::Words(firsts)) = rule.parts.first() {
            for first in firsts {
                match first {
                    Pattern::Whole(word) => self.by_word.entry(word).or_default().push(at),
                    Pattern::Start(start) if !start.is_empty() => {
                        self.by_start.entry(start.as_bytes()[0]).or_default().push(at);
                    }
                    Pattern::Start(_) | Pattern::End(_) | Pattern::Within(_) | Pattern::Any => {
                        self.by_part.push(at);
                    }
                }
            }
        }
        self.rules.push(rule);
    }

    /// Tells what plain words sound like.
    pub(crate) fn sounds(&self, words: &[&str]) -> Alarm {
        let mut harmless = vec![false; words.len()];
        let mut alarms: Vec<(Range<usize>, &Rule, Option<Foreign>)> = Vec::new();
        for (at, word) in words.iter().enumerate() {
            let known = self.by_word.get(word).into_iter().flatten();
            let alike = word.bytes().next().and_then(|first| self.by_start.get(&first)).into_iter().flatten();
            for rule in known.chain(alike).chain(&self.by_part).filter_map(|rule| self.rules.get(*rule)) {
                let Some(end) = ends(&rule.parts, words, at) else { continue };
                match rule.means {
                    Meaning::Harmless => harmless[at..end].fill(true),
                    Meaning::Danger(foreign) => alarms.push((at..end, rule, foreign)),
                }
            }
        }
        let meant = alarms.iter().find(|(span, ..)| !harmless[span.clone()].contains(&true));
        match meant {
            Some((_, rule, foreign)) => Alarm::Danger { cue: rule.text, foreign: *foreign },
            None if !alarms.is_empty() => Alarm::Harmless,
            None if harmless.contains(&true) => Alarm::Doubtful,
            None => Alarm::Silent,
        }
    }
}

/// Where the parts end if they begin at `at`; the shortest gaps are tried first.
fn ends(parts: &[Part], words: &[&str], at: usize) -> Option<usize> {
    match parts.split_first() {
        None => Some(at),
        Some((Part::Words(patterns), rest)) => {
            let word = words.get(at)?;
            patterns.iter().any(|pattern| pattern.fits(word)).then(|| ends(rest, words, at + 1))?
        }
        Some((Part::Gap, rest)) => (at..=at + WIDEST_GAP).find_map(|from| ends(rest, words, from)),
    }
}
