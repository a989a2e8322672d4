//! What an answer must say: for each topic the facts that its articles have to name, as patterns in both languages. The
//! list is data (`required.toml`), written by those who know the law and the municipality.

use regex::{Regex, RegexBuilder};
use serde::Deserialize;
use skranke_content::{Article, Files};
use skranke_domain::Lang;
use skranke_domain::conversation::TopicSlug;

/// The file.
pub(super) const FILE: &str = "required.toml";

/// A fact that an article must name.
pub(super) struct Fact {
    /// Whose; `None` for every topic's.
    pub(super) topic: Option<TopicSlug>,
    what: String,
    /// Where neither pattern is found, nothing is demanded.
    when: Option<[Regex; 2]>,
    patterns: [Regex; 2],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    fact: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    topic: String,
    what: String,
    da: String,
    en: String,
    when_da: Option<String>,
    when_en: Option<String>,
}

impl Fact {
    /// The facts that a folder demands; `None` where it has no such list. The error says what is wrong with the list.
    pub(super) fn read(files: &Files) -> Result<Option<Vec<Self>>, String> {
        let Some(bytes) = files.get(FILE) else { return Ok(None) };
        let text =
            std::str::from_utf8(bytes).map_err(|_| "is not UTF-8 text: save it as UTF-8".to_owned())?;
        let list: List = toml::from_str(text).map_err(|fault| fault.to_string().trim_end().to_owned())?;
        list.fact.into_iter().map(Self::of).collect::<Result<_, _>>().map(Some)
    }

    fn of(line: Line) -> Result<Self, String> {
        let Line { topic, what, da, en, when_da, when_en } = line;
        let both = |da: &str, en: &str| Ok::<_, String>([pattern(&topic, da)?, pattern(&topic, en)?]);
        let when = match (when_da, when_en) {
            (Some(da), Some(en)) => Some(both(&da, &en)?),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => {
                return Err(format!("{topic}: when_da and when_en go together: write both or none"));
            }
        };
        let patterns = both(&da, &en)?;
        let slug = TopicSlug::try_new(&topic);
        if slug.is_none() && topic != "*" {
            return Err(format!("{topic}: is no topic's short name; * stands for every topic"));
        }
        Ok(Self { topic: slug, what, when, patterns })
    }

    /// What an article lacks, if it must name the fact and does not.
    pub(super) fn missing(&self, article: &Article) -> Option<&str> {
        if self.topic.as_ref().is_some_and(|topic| *topic != article.topic) {
            return None;
        }
        let text = format!("{}\n{}\n{}", article.title, article.paragraphs.join("\n"), article.next_step);
        let of = |pair: &[Regex; 2]| match article.lang {
            Lang::Da => pair[0].is_match(&text),
            Lang::En => pair[1].is_match(&text),
        };
        let demanded = self.when.as_ref().is_none_or(of);
        (demanded && !of(&self.patterns)).then_some(&self.what)
    }
}

/// Capitals do not matter, and a line break is a space like any other.
fn pattern(topic: &str, text: &str) -> Result<Regex, String> {
    let built = RegexBuilder::new(text).case_insensitive(true).dot_matches_new_line(true).build();
    built.map_err(|_| format!("{topic}: the pattern {text} is none: see docs/KNOWLEDGE.md"))
}
