//! `skranke knowledge check`: everything that is wrong with a folder of articles, told to an editor.

use std::fmt;

use jiff::civil::Date;
use skranke_chat::corpus::corpus;
use skranke_chat::understanding::{Rehearsed, Thresholds, measure, rehearse};
use skranke_content::{Article, Files, Library, Problem};

use super::facts::{self, Fact};
use super::readable;
use super::shadow::{Shadowed, shadowed};
use super::varied::repeats;

/// Where the thresholds stand.
const THRESHOLDS: &str = "thresholds.toml";

/// How many example questions an article needs in each language.
const QUESTIONS: usize = 15;

/// For how many days before a review is due it is called for.
const NOTICE: i32 = 30;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// The folder is not published.
    Error,
    /// Somebody is to look at it.
    Warning,
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    pub(crate) file: String,
    pub(crate) severity: Severity,
    /// What is wrong, and what to do.
    pub(crate) what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, "{severity}: {}: {}", self.file, self.what)
    }
}

impl Finding {
    fn error(file: impl Into<String>, what: impl Into<String>) -> Self {
        Self { file: file.into(), severity: Severity::Error, what: what.into() }
    }

    fn warning(file: impl Into<String>, what: impl Into<String>) -> Self {
        Self { file: file.into(), severity: Severity::Warning, what: what.into() }
    }
}

/// Everything that is wrong with the files on a day, by file.
pub(crate) fn check(files: &Files, today: Date) -> Vec<Finding> {
    let (library, problems) = Library::inspect(files);
    let mut findings: Vec<Finding> =
        problems.into_iter().map(|Problem { file, what }| Finding::error(file, what)).collect();
    let facts = match Fact::read(files) {
        Ok(Some(facts)) => facts,
        Ok(None) => {
            findings.push(Finding::warning(
                facts::FILE,
                "is not there, so nobody looked for missing facts: copy the one that is shipped",
            ));
            Vec::new()
        }
        Err(what) => {
            findings.push(Finding::error(facts::FILE, what));
            Vec::new()
        }
    };
    for topic in facts.iter().filter_map(|fact| fact.topic.as_ref()) {
        if !library.has_topic(topic) {
            let what = format!("{}: there is no such topic: correct it or take it out", topic.as_str());
            findings.push(Finding::error(facts::FILE, what));
        }
    }
    for article in library.articles() {
        findings.extend(review(&Reading::article(article), today));
        findings.extend(text(article));
        let missing = facts.iter().filter_map(|fact| fact.missing(article));
        findings.extend(missing.map(|what| {
            Finding::error(article.file(), format!("does not say {what}: add it, or correct required.toml"))
        }));
    }
    let services = library.services().iter().map(|service| {
        Reading::line("services.toml", service.slug(), service.reviewed, service.review_before)
    });
    let authorities = library.authorities().iter().map(|authority| {
        Reading::line("authorities.toml", authority.slug(), authority.reviewed, authority.review_before)
    });
    findings.extend(services.chain(authorities).filter_map(|line| review(&line, today)));
    findings.extend(library.articles().filter_map(repeated));
    let corpus = corpus(&library);
    let rehearsed = rehearse(&corpus);
    findings.extend(shadowed(&rehearsed).iter().map(shadow));
    let most = library.thresholds().map(|thresholds| thresholds.most_wrong);
    findings.extend(most.and_then(|most| wrong(&rehearsed, corpus.thresholds, most)));
    findings.sort();
    findings.dedup();
    findings
}

/// What somebody reads again now and then: an article, or a line of a register that cards are made of.
struct Reading {
    file: String,
    /// What a finding begins with: which line it is about.
    of: String,
    on: Date,
    before: Date,
    /// What follows from a review that has expired.
    expired: &'static str,
}

impl Reading {
    fn article(article: &Article) -> Self {
        Self {
            file: article.file(),
            of: String::new(),
            on: article.reviewed,
            before: article.review_before,
            expired: " and it answers nobody",
        }
    }

    fn line(file: &str, slug: &str, reviewed: Date, before: Date) -> Self {
        Self { file: file.to_owned(), of: format!("{slug}: "), on: reviewed, before, expired: "" }
    }
}

/// Whether the review holds, and for how long.
fn review(it: &Reading, today: Date) -> Option<Finding> {
    let Reading { file, of, on: reviewed, before, expired } = it;
    if *reviewed > today {
        return Some(Finding::error(
            file,
            format!("{of}is reviewed on {reviewed}, which has not come: write the day on which you read it"),
        ));
    }
    // Between two dates there are whole days and nothing else.
    let days = today.until(*before).ok()?.get_days();
    if days <= 0 {
        let what = format!(
            "{of}its review expired on {before}{expired}: read it, and raise reviewed and review_before"
        );
        return Some(Finding::error(file, what));
    }
    (days <= NOTICE).then(|| {
        let what = format!("{of}its review expires on {before}, in {days} days: read it before then");
        Finding::warning(file, what)
    })
}

/// Whether people can read it and find it.
fn text(article: &Article) -> Vec<Finding> {
    let mut findings = Vec::new();
    let asked = article.questions.iter().filter(|question| !question.trim().is_empty()).count();
    if asked < QUESTIONS {
        let what = format!(
            "has {asked} questions and needs {QUESTIONS}: write {} more, short and long, polite and hurried",
            QUESTIONS - asked
        );
        findings.push(Finding::error(article.file(), what));
    }
    if let Some(lix) = readable::lix(&article.paragraphs).filter(|lix| *lix > readable::LIMIT) {
        let what = format!(
            "has LIX {lix} and may have {}: write shorter sentences and shorter words",
            readable::LIMIT
        );
        findings.push(Finding::error(article.file(), what));
    }
    findings
}

/// Whether some of its questions are the same one again.
fn repeated(article: &Article) -> Option<Finding> {
    let pairs = repeats(&article.questions);
    let (one, other) = pairs.first()?;
    let what = format!(
        "asks the same twice, {} times: \"{one}\" and \"{other}\": a question that is put in another way teaches more",
        pairs.len()
    );
    Some(Finding::warning(article.file(), what))
}

/// Whether more questions are answered wrongly at the thresholds than may be.
fn wrong(rehearsed: &[Rehearsed], thresholds: Thresholds, most: f64) -> Option<Finding> {
    let measured = measure(rehearsed, thresholds);
    (measured.wrong_share() > most).then(|| {
        let what = format!(
            "{:.2} % of the rehearsed questions are answered wrongly and {:.2} % may be: tell the articles apart, or find new \
             thresholds with skranke chat calibrate",
            measured.wrong_share() * 100.0,
            most * 100.0
        );
        Finding::error(THRESHOLDS, what)
    })
}

fn shadow(found: &Shadowed) -> Finding {
    let Shadowed { topic, lang, by, theirs, own } = found;
    let by = by.as_str();
    let what = format!(
        "is in the shadow of {by}: {theirs} of its own questions find {by} and {own} find it: write questions and \
         keywords that tell the two apart"
    );
    Finding::error(format!("articles/{}.{}.md", topic.as_str(), lang.tag()), what)
}

#[cfg(test)]
mod tests;
