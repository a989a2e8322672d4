//! `skranke chat calibrate`: from which score on the articles of a folder may answer.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use skranke_chat::corpus::corpus;
use skranke_chat::understanding::{Calibration, Measured, calibrate, measure, rehearse};
use skranke_content::{Library, Thresholds};
use skranke_domain::Lang;
use skranke_domain::conversation::{Intent, TopicSlug};

use crate::cli::say;

/// The file in the content folder.
const FILE: &str = "thresholds.toml";

/// What stands above the figures.
const HEAD: &str = "\
# From which score, 0 to 1000, the chat answers (answer) or offers topics (choices), by how much the first topic must lead
# the second (lead), from which likelihood, in thousandths, that it is no general question nothing is answered (doubt), and
# how many of the rehearsed messages may be answered wrongly (most_wrong, a share).
# `skranke chat calibrate --write` finds the scores for the articles beside this file; docs/CHAT_CALIBRATION.md says how.
";

#[derive(Debug, Args)]
pub(crate) struct Calibrate {
    /// The content folder: articles/ with services.toml, topics.toml and thresholds.toml beside it
    dir: PathBuf,
    /// How many of a hundred rehearsed questions may be answered wrongly [default: what the folder says]
    #[arg(long)]
    most_wrong: Option<f64>,
    /// Write the thresholds into the folder
    #[arg(long)]
    write: bool,
    /// Name the questions that are answered wrongly all the same
    #[arg(long)]
    show: bool,
}

/// Finds the thresholds and prints what they come to.
pub(crate) fn execute(command: &Calibrate) -> anyhow::Result<()> {
    let library = Library::from_dir(&command.dir)?;
    let corpus = corpus(&library);
    let told = library.thresholds().map(|told| told.most_wrong);
    let most_wrong = command.most_wrong.map(|percent| percent / 100.0).or(told).unwrap_or(0.01);
    anyhow::ensure!((0.0..=1.0).contains(&most_wrong), "--most-wrong is a number from 0 to 100");

    let rehearsed = rehearse(&corpus);
    let before =
        Calibration { thresholds: corpus.thresholds, measured: measure(&rehearsed, corpus.thresholds) };
    let choices = corpus.thresholds.choices;
    let found = calibrate(&rehearsed, choices, most_wrong).with_context(|| {
        format!("no thresholds keep wrong answers at {:.2} %: tell the articles apart", most_wrong * 100.0)
    })?;

    let columns = ["answer", "choices", "lead", "doubt"].map(|name| format!("{name:>7}")).join(" ");
    say(&format!("{:22} {columns}", ""))?;
    say(&line("in force", &before))?;
    for percent in [0.5, 1.0, 1.5, 2.0, 3.0] {
        if let Some(tried) = calibrate(&rehearsed, choices, percent / 100.0) {
            say(&line(&format!("at most {percent:.1} % wrong"), &tried))?;
        }
    }
    say(&line("chosen", &found))?;
    for lang in [Lang::Da, Lang::En] {
        let own: Vec<_> = rehearsed.iter().filter(|one| one.lang == lang).cloned().collect();
        let measured = measure(&own, found.thresholds);
        say(&line(&format!("chosen, {}", lang.tag()), &Calibration { measured, ..found }))?;
    }
    for kind in [Intent::Question, Intent::ConcreteCase, Intent::Human, Intent::OutOfScope, Intent::Danger] {
        let own = || rehearsed.iter().filter(|one| one.kind == kind);
        say(&format!(
            "told as {kind:?}: {} of {}",
            own().filter(|one| one.is_told()).count(),
            own().count()
        ))?;
    }
    for one in rehearsed.iter().filter(|_| command.show) {
        if let Some(topic) = one.wrongly(found.thresholds) {
            let wanted = one.wanted.as_ref().map_or("none", TopicSlug::as_str);
            say(&format!("{}: {} -> {}, not {wanted}", one.lang.tag(), one.text, topic.as_str()))?;
        }
    }
    if command.write {
        let file = command.dir.join(FILE);
        let Calibration { thresholds, .. } = found;
        let written = Thresholds {
            answer: thresholds.answer,
            choices: thresholds.choices,
            lead: thresholds.lead,
            doubt: thresholds.doubt,
            most_wrong,
        };
        let text = format!("{HEAD}{}", toml::to_string(&written)?);
        std::fs::write(&file, text).with_context(|| format!("{} cannot be written", file.display()))?;
        say(&format!("written to {}", file.display()))?;
    }
    Ok(())
}

fn line(name: &str, of: &Calibration) -> String {
    let Calibration { thresholds, measured } = of;
    let Measured { asked, outside, outside_answered, .. } = measured;
    format!(
        "{name:22} {:>7} {:>7} {:>7} {:>7}  right {:.1} %, helped {:.1} %, wrong {:.2} % of {asked}; answered although no article \
         does {outside_answered} of {outside}",
        thresholds.answer,
        thresholds.choices,
        thresholds.lead,
        thresholds.doubt,
        measured.right_share() * 100.0,
        measured.helped_share() * 100.0,
        measured.wrong_share() * 100.0,
    )
}
