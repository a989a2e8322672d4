//! Danger: every cry for help in `data/danger.txt` is heard, and what only sounds like one is not taken for it.

mod support;

use std::fs;
use std::path::Path;

use skranke_chat::corpus::corpus;
use skranke_chat::redact::redact;
use skranke_chat::understanding::{Hint, Understanding};
use skranke_domain::Lang;
use skranke_domain::conversation::{Foreign, Intent};
use support::library;

fn understanding() -> Understanding {
    Understanding::new(corpus(&library()))
}

#[test]
fn cries_for_help_are_heard_and_nothing_else_is() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/danger.txt");
    let table = fs::read_to_string(path).unwrap();
    let understanding = understanding();
    let (mut missed, mut alarms, mut strangers) = (Vec::new(), Vec::new(), Vec::new());
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let (tag, rest) = line.split_once(' ').unwrap();
        let (sign, text) = rest.split_once(' ').unwrap();
        let page = if tag == "en" { Lang::En } else { Lang::Da };
        let heard = understanding.hear(text, &Hint { page, ..Hint::default() });
        match (sign, heard.intent == Intent::Danger) {
            ("+", false) => missed.push(line),
            ("-", true) => alarms.push(line),
            _ => {}
        }
        // In the language it was cried in.
        if sign == "+" && !matches!(tag, "da" | "en") && heard.foreign.map(Foreign::tag) != Some(tag) {
            strangers.push(line);
        }
    }
    println!("missed {missed:#?}\nfalse alarms {alarms:#?}");
    assert!(
        missed.is_empty() && alarms.len() <= 12,
        "missed {}, false alarms {}",
        missed.len(),
        alarms.len()
    );
    assert!(strangers.len() <= 4, "answered in another language: {strangers:#?}");
}

#[test]
fn a_cry_at_the_end_of_a_long_story_is_heard() {
    let understanding = understanding();
    let story = "Jeg har ventet på svar om min boligstøtte siden maj, og ingen ringer tilbage. ".repeat(90);
    let hears = |text: &str| understanding.hears_danger(&redact(text, Lang::Da, understanding.public()).0);
    assert!(!hears(&story));
    assert!(hears(&format!("{story} Jeg vil ikke leve mere, jeg tager alle mine piller.")));
}
