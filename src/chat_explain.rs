//! `skranke chat explain`: why a message gets the answer it gets, as a table or as JSON.

use std::fmt::Write as _;

use anyhow::Context;
use clap::{Args, ValueEnum};
use serde_json::json;
use skranke_chat::corpus::corpus;
use skranke_chat::understanding::{Explanation, Hint, Understanding};
use skranke_content::Library;
use skranke_domain::conversation::{Dialogue, Move, Routing, Slot, TopicSlug};
use skranke_domain::{Lang, Tenant};

use crate::cli::say;

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The message
    message: String,
    /// The language of the page (da or en)
    #[arg(long, default_value = "da")]
    lang: String,
    /// What the counter has just asked for, in the middle of sending somebody on
    #[arg(long)]
    asked: Option<Asked>,
    /// What the conversation is about, for example flytning
    #[arg(long)]
    topic: Option<String>,
    /// The municipality that was named before, for example 0190
    #[arg(long)]
    municipality: Option<Tenant>,
    /// How many times in a row the counter could not answer
    #[arg(long, default_value_t = 0)]
    unsure: u8,
    /// Print JSON instead of the table
    #[arg(long)]
    json: bool,
}

/// A detail that the counter can ask for.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Asked {
    Matter,
    Municipality,
}

/// Explains one message.
pub(crate) fn execute(command: &Explain, library: &Library) -> anyhow::Result<()> {
    let understanding = Understanding::new(corpus(library));
    let dialogue = dialogue(command, library)?;
    let hint = Hint { page: Lang::from_tag(&command.lang), dialogue: dialogue.clone() };
    let (heard, explained) = understanding.think(&command.message, &hint);
    let step = told(&dialogue.next(&heard));
    if command.json {
        return say(&serde_json::to_string_pretty(&json!({ "heard": explained, "then": step }))?);
    }
    say(&table(&explained, &step)?)
}

/// Where the dialogue stands.
fn dialogue(command: &Explain, library: &Library) -> anyhow::Result<Dialogue> {
    let topic = command.topic.as_deref().map(|slug| {
        let known = TopicSlug::try_new(slug).filter(|topic| library.has_topic(topic));
        known.with_context(|| format!("there is no topic {slug}: services.toml and topics.toml name them"))
    });
    let topic = topic.transpose()?;
    let slot = command.asked.map(|asked| match asked {
        Asked::Matter => Slot::Matter,
        Asked::Municipality => Slot::Municipality,
    });
    let mut dialogue = Dialogue { lang: Lang::from_tag(&command.lang), ..Dialogue::default() };
    dialogue.municipality = command.municipality;
    dialogue.decided = topic.clone().filter(TopicSlug::can_be_routed);
    // As it is kept: what is not said here is as it is at the beginning.
    let routing =
        slot.map(|slot| serde_json::from_value::<Routing>(json!({ "topic": topic, "asked": slot })));
    dialogue.routing = routing.transpose()?;
    dialogue.topic = topic;
    dialogue.unsure = command.unsure;
    let begun = dialogue.topic.is_some() || dialogue.routing.is_some() || dialogue.municipality.is_some();
    dialogue.messages = u32::from(begun || command.unsure > 0);
    Ok(dialogue)
}

fn table(explained: &Explanation, step: &str) -> anyhow::Result<String> {
    let mut text = String::new();
    let whose = if explained.lang_is_sure { "by its words" } else { "by the page" };
    writeln!(text, "language   {} ({whose})", explained.lang.tag())?;
    if let Some(foreign) = explained.foreign {
        writeln!(text, "           recognised: {}", foreign.tag())?;
    }
    writeln!(text, "kind       {:?}, because of: {}", explained.intent, explained.because)?;
    let mut kinds = explained.kinds.clone();
    kinds.sort_by(|a, b| b.1.total_cmp(&a.1));
    let odds: Vec<String> = kinds.iter().map(|(kind, odd)| format!("{kind:?} {odd:.2}")).collect();
    writeln!(text, "learned    {}", odds.join(", "))?;
    for place in &explained.places {
        let codes: Vec<String> = place.codes.iter().map(ToString::to_string).collect();
        let slip = if place.slip { ", a slip forgiven" } else { "" };
        writeln!(text, "place      {} is {}{slip}", place.written, codes.join(" or "))?;
    }
    writeln!(text, "searched   {}", explained.searched.join(" "))?;
    writeln!(
        text,
        "           {:.2} of it known to the articles; {:.2} that none answers it; doubt {:.2}",
        explained.covered, explained.outside, explained.doubt
    )?;
    let thresholds = explained.thresholds;
    writeln!(
        text,
        "band       {:?} (answer from {}, choices from {}, lead {}, doubt below {})",
        explained.band, thresholds.answer, thresholds.choices, thresholds.lead, thresholds.doubt
    )?;
    writeln!(
        text,
        "\n{:28} {:>5} {:>6} {:>8} {:>7} {:>8}  matched",
        "topic", "score", "words", "nearest", "centre", "learned"
    )?;
    for topic in &explained.topics {
        writeln!(
            text,
            "{:28} {:>5} {:>6.2} {:>8.2} {:>7.2} {:>8.2}  {}",
            topic.topic.as_str(),
            topic.score,
            topic.words,
            topic.nearest,
            topic.centre,
            topic.learned,
            topic.matched.join(" ")
        )?;
    }
    write!(text, "\nthen       {step}")?;
    Ok(text)
}

/// What the counter does, in words.
fn told(step: &Move) -> String {
    let names = |topics: &[TopicSlug]| topics.iter().map(TopicSlug::as_str).collect::<Vec<_>>().join(", ");
    match step {
        Move::Answer { topic, score, runner_up, .. } => {
            let next = runner_up.as_ref().map_or("nothing", TopicSlug::as_str);
            format!("answers from {} ({score}); next best: {next}", topic.as_str())
        }
        Move::Offer { topics, .. } => format!("asks whether it is one of: {}", names(topics)),
        Move::Abstain { nearest, .. } if nearest.is_empty() => "says that it does not know".to_owned(),
        Move::Abstain { nearest, .. } => format!("says that it does not know; near: {}", names(nearest)),
        Move::Ask { slot: Slot::Matter, .. } => "asks for the matter".to_owned(),
        Move::Ask { slot: Slot::Municipality, among, .. } if among.is_empty() => {
            "asks for the municipality".to_owned()
        }
        Move::Ask { slot: Slot::Municipality, among, .. } => {
            let codes: Vec<String> = among.iter().map(ToString::to_string).collect();
            format!("asks for the municipality, among {}", codes.join(", "))
        }
        Move::Route { topic, municipality, .. } => {
            let place = municipality.map_or_else(|| "no municipality".to_owned(), |code| code.to_string());
            format!("shows the card: {} in {place}", topic.as_str())
        }
        Move::ConcreteCase { topic, .. } => {
            let topic = topic.as_ref().map_or("no matter named", TopicSlug::as_str);
            format!("says that it sees no cases, and whom to ask: {topic}")
        }
        Move::Safety => "gives 112 and the life-line".to_owned(),
        Move::Person => "offers a person".to_owned(),
        other => format!("{other:?}"),
    }
}
