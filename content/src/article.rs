//! Knowledge articles: one answer per topic and language, with the date it was reviewed and its sources.

use std::fmt::Write as _;

use jiff::civil::Date;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use skranke_domain::Lang;
use skranke_domain::conversation::TopicSlug;

use crate::error::{ContentError, Problems, toml_fault};

/// One answer in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Article {
    /// Its topic.
    pub topic: TopicSlug,
    /// Its language.
    pub lang: Lang,
    /// Its heading.
    pub title: String,
    /// How people ask for it.
    pub questions: Vec<String>,
    /// Words that stand for it.
    pub keywords: Vec<String>,
    /// What to do now, one sentence.
    pub next_step: String,
    /// Keys in `sources.toml`.
    pub sources: Vec<String>,
    /// Who answers for it.
    pub owner: String,
    /// When it was last reviewed.
    pub reviewed: Date,
    /// From this date on it no longer answers.
    pub review_before: Date,
    /// Its version; an editor raises it with every change.
    pub version: u32,
    /// Its paragraphs; one that starts with `- ` is a list item.
    pub paragraphs: Vec<String>,
    /// The SHA-256 of the file, in hexadecimal: what was published, to the byte.
    pub hash: String,
}

/// An article whose review has not expired: the only thing the counter may answer with.
///
/// Invariant: made by [`crate::Library::reviewed`] and nowhere else.
#[derive(Clone, Copy, Debug)]
pub struct ReviewedAnswer<'a> {
    article: &'a Article,
}

impl<'a> ReviewedAnswer<'a> {
    /// The article, unless it has expired. (A date before the review is a clock that is wrong, and no reason to
    /// leave every citizen without an answer.)
    pub(crate) fn on(article: &'a Article, on: Date) -> Option<Self> {
        (on < article.review_before).then_some(Self { article })
    }

    /// The article.
    pub const fn article(&self) -> &'a Article {
        self.article
    }

    /// Its version.
    pub const fn version(&self) -> u32 {
        self.article.version
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrontMatter {
    title: String,
    questions: Vec<String>,
    #[serde(default)]
    keywords: Vec<String>,
    next_step: String,
    sources: Vec<String>,
    owner: String,
    reviewed: Date,
    review_before: Date,
    version: u32,
}

impl Article {
    /// The name of its file in the content folder.
    pub fn file(&self) -> String {
        format!("articles/{}.{}.md", self.topic.as_str(), self.lang.tag())
    }

    /// Reads one file as an editor hands it in, and tells everything that is wrong with it.
    pub fn parse(file: &str, bytes: &[u8]) -> Result<Self, ContentError> {
        let mut problems = Problems::default();
        let article = Self::read(file, bytes, &mut problems);
        // Where nothing is wrong there is an article.
        problems.finish()?;
        article.ok_or(ContentError { problems: Vec::new() })
    }

    /// Reads one file. Notes what is wrong with it; `None` when nothing usable is left.
    pub(crate) fn read(file: &str, bytes: &[u8], problems: &mut Problems) -> Option<Self> {
        let Some((topic, lang)) = name_of(file) else {
            problems.add(file, "is not called <topic>.da.md or <topic>.en.md: rename it");
            return None;
        };
        let Ok(text) = std::str::from_utf8(bytes) else {
            problems.add(file, "is not UTF-8 text: save it as UTF-8");
            return None;
        };
        let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        let parts = text.strip_prefix("+++\n").and_then(|rest| rest.split_once("\n+++\n"));
        let Some((front, body)) = parts else {
            problems
                .add(file, "must start with a front matter between two lines of +++: see content/README.md");
            return None;
        };
        let front: FrontMatter = match toml::from_str(front) {
            Ok(front) => front,
            Err(fault) => {
                problems.add(file, format!("front matter, {}", toml_fault(front, &fault)));
                return None;
            }
        };
        let paragraphs = paragraphs(body);
        let mut check = |holds: bool, what: &str| problems.unless(holds, file, || what.to_owned());
        check(!front.title.trim().is_empty(), "has no title: write one");
        check(!front.next_step.trim().is_empty(), "has no next_step: say what the citizen does now");
        check(!front.owner.trim().is_empty(), "has no owner: say who answers for it");
        check(
            front.questions.iter().any(|question| !question.trim().is_empty()),
            "has no questions: write how people ask",
        );
        check(!front.sources.is_empty(), "names no source: add keys of sources.toml");
        check(front.version >= 1, "has version 0: count from 1");
        check(front.reviewed < front.review_before, "review_before must lie after reviewed");
        check(!paragraphs.is_empty(), "has no text below the front matter");
        let marked_up = ["**", "](", "</", "```"].iter().any(|mark| body.contains(mark));
        check(!marked_up, "uses markup: only paragraphs and lines that start with \"- \" are shown");
        Some(Self {
            topic,
            lang,
            title: front.title,
            questions: front.questions,
            keywords: front.keywords,
            next_step: front.next_step,
            sources: front.sources,
            owner: front.owner,
            reviewed: front.reviewed,
            review_before: front.review_before,
            version: front.version,
            paragraphs,
            hash: hex(&Sha256::digest(bytes)),
        })
    }
}

/// The topic and language that an article's file is named after: `articles/flytning.da.md` or `flytning.da.md`.
pub fn name_of(file: &str) -> Option<(TopicSlug, Lang)> {
    let stem = file.rsplit('/').next()?.strip_suffix(".md")?;
    let (topic, lang) = stem.rsplit_once('.')?;
    let lang = match lang {
        "da" => Lang::Da,
        "en" => Lang::En,
        _ => return None,
    };
    Some((TopicSlug::try_new(topic)?, lang))
}

/// Blank lines part paragraphs; a line that starts with `- ` is one of its own; other lines are joined.
fn paragraphs(body: &str) -> Vec<String> {
    let mut paragraphs: Vec<String> = Vec::new();
    let mut open = false;
    for line in body.lines().map(str::trim) {
        if line.is_empty() {
            open = false;
        } else if line.starts_with("- ") {
            paragraphs.push(line.to_owned());
            open = false;
        } else if open && let Some(paragraph) = paragraphs.last_mut() {
            paragraph.push(' ');
            paragraph.push_str(line);
        } else {
            paragraphs.push(line.to_owned());
            open = true;
        }
    }
    paragraphs
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "+++\ntitle = \"Meld flytning\"\nquestions = [\"Hvordan?\"]\nnext_step = \"Gå til Borgerservice.\"\n\
        sources = [\"a\"]\nowner = \"Borgerservice\"\nreviewed = \"2026-11-22\"\nreview_before = \"2027-11-22\"\nversion = 1\n+++\n\
        En linje\ngår videre.\n\nDet skal du have:\n- pas\n- lejekontrakt\nOg så går du.\n";

    fn read(text: &str) -> (Option<Article>, Vec<String>) {
        let mut problems = Problems::default();
        let article = Article::read("articles/flytning.da.md", text.as_bytes(), &mut problems);
        (article, problems.into_vec().into_iter().map(|problem| problem.what).collect())
    }

    #[test]
    fn paragraphs_and_list_items_come_out_as_the_counter_shows_them() {
        let (article, problems) = read(GOOD);
        assert_eq!(problems, Vec::<String>::new());
        let expected =
            ["En linje går videre.", "Det skal du have:", "- pas", "- lejekontrakt", "Og så går du."];
        assert_eq!(article.unwrap().paragraphs, expected);
    }

    #[test]
    fn windows_line_ends_and_a_byte_order_mark_do_no_harm() {
        let (article, problems) = read(&format!("\u{feff}{}", GOOD.replace('\n', "\r\n")));
        assert!(problems.is_empty() && article.unwrap().paragraphs.len() == 5);
    }

    #[test]
    fn each_slip_is_named_with_what_to_do() {
        for (from, to, told) in [
            ("title =", "titel =", "line 1: unknown field"),
            ("2026-11-22", "22/11-2026", "line 6"),
            ("2027-11-22", "2025-11-22", "review_before must lie after"),
            ("[\"Hvordan?\"]", "[]", "no questions"),
            ("version = 1", "version = 0", "count from 1"),
            ("- pas", "**pas**", "markup"),
        ] {
            let (_, problems) = read(&GOOD.replace(from, to));
            assert!(problems.iter().any(|what| what.contains(told)), "{from} -> {to}: {problems:?}");
        }
        assert!(read("no front matter").0.is_none());
    }

    #[test]
    fn an_article_answers_until_the_day_before_it_expires() {
        let article = read(GOOD).0.unwrap();
        let on = |date: &str| ReviewedAnswer::on(&article, date.parse().unwrap()).is_some();
        assert!(on("2026-11-22") && on("2027-11-21") && !on("2027-11-22"));
    }
}
