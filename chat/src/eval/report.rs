//! The figures, for people to read and for programs.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use skranke_content::Library;
use skranke_domain::conversation::TopicSlug;

use super::question::{Item, Kind};
use super::run::Run;
use super::score::{Figures, Share, place_named, score};

/// What an evaluation came to. Shown, it is a table with one column per language; serialised, one object.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// All lines together.
    pub all: Figures,
    /// Each language by its tag.
    pub languages: BTreeMap<String, Figures>,
    /// Answers that can never be met: a topic or municipality that this content does not have. They count as not met.
    pub unmeetable: Vec<String>,
}

impl Report {
    /// The report of a run; `logged` is what the program logged meanwhile.
    pub fn of(run: &Run, library: &Library, logged: &str) -> Self {
        let (all, languages) = score(run, library, logged);
        let unmeetable = run.outcomes.iter().flat_map(|(item, _)| unmeetable(item, library)).collect();
        Self { all, languages, unmeetable }
    }
}

fn unmeetable(item: &Item, library: &Library) -> Vec<String> {
    let (topic, municipality) = match item {
        Item::Message(message) => (message.topic.as_ref(), message.municipality.as_ref()),
        Item::Talk(talk) => (Some(&talk.expect.topic), talk.expect.municipality.as_ref()),
    };
    let no_topic = topic.filter(|topic| !library.has_topic(topic)).map(TopicSlug::as_str);
    let no_place = municipality.filter(|name| place_named(library, name).is_none());
    let topic = no_topic.map(|topic| format!("{}: there is no topic {topic}", item.id()));
    let place = no_place.map(|name| format!("{}: no municipality is called {name}", item.id()));
    topic.into_iter().chain(place).collect()
}

/// A row's name, and its share of the figures.
type Row = (&'static str, fn(&Figures) -> Share);

const ROWS: [Row; 14] = [
    ("kind right", |of| of.kind),
    ("language right", |of| of.language),
    ("topic@1 (forced choice)", |of| of.topic_first),
    ("topic among three", |of| of.topic_third),
    ("direct right", |of| of.direct),
    ("helped", |of| of.helped),
    ("answered wrongly", |of| of.wrong),
    ("out of scope, answered", |of| of.outside_answered),
    ("emergencies seen", |of| of.kinds.get(&Kind::Emergency).copied().unwrap_or_default()),
    ("municipality right", |of| of.municipality),
    ("dialogues right", |of| of.dialogues),
    ("- matter", |of| of.dialogue_topic),
    ("- municipality", |of| of.dialogue_municipality),
    ("- where to go first", |of| of.dialogue_authority),
];

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns: Vec<(&str, &Figures)> = std::iter::once(("all", &self.all))
            .chain(self.languages.iter().map(|(tag, figures)| (tag.as_str(), figures)))
            .collect();
        let line = |f: &mut fmt::Formatter<'_>, name: &str, cells: Vec<String>| {
            write!(f, "{name:24}")?;
            cells.iter().try_for_each(|cell| write!(f, " {cell:>16}"))?;
            writeln!(f)
        };
        line(f, "", columns.iter().map(|(tag, _)| (*tag).to_owned()).collect())?;
        for (name, of) in ROWS {
            line(f, name, columns.iter().map(|(_, figures)| cell(of(figures))).collect())?;
        }
        for kind in self.all.kinds.keys() {
            let cells = columns.iter().map(|(_, of)| cell(of.kinds.get(kind).copied().unwrap_or_default()));
            line(f, &format!("kind {}", name(*kind)), cells.collect())?;
        }
        line(f, "CPR leaks, stored", columns.iter().map(|(_, of)| of.cpr_leaks.to_string()).collect())?;
        line(f, "CPR leaks, logged", vec![self.all.cpr_leaks_logged.to_string()])?;
        let times = |time: super::Latency| format!("{:.2} / {:.2}", time.p50_ms, time.p99_ms);
        line(f, "turn ms, p50 / p99", columns.iter().map(|(_, of)| times(of.turn)).collect())?;
        line(f, "understanding ms", columns.iter().map(|(_, of)| times(of.understanding)).collect())
    }
}

fn cell(share: Share) -> String {
    if share.of == 0 {
        return "-".to_owned();
    }
    format!("{:.1} % ({}/{})", share.share() * 100.0, share.part, share.of)
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Answer => "answer",
        Kind::Route => "route",
        Kind::ConcreteCase => "concrete_case",
        Kind::Human => "human",
        Kind::Greeting => "greeting",
        Kind::OutOfScope => "out_of_scope",
        Kind::Emergency => "emergency",
        Kind::Cpr => "cpr",
    }
}
