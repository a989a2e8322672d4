//! Messages in languages that are not spoken here: told from ours and from each other, with the topics they may be
//! about, and from there to an article in a language that can be read.

mod support;

use std::fs;
use std::path::Path;

use skranke_chat::corpus::corpus;
use skranke_chat::counter::{Incoming, conversation_of};
use skranke_chat::understanding::{Hint, Understanding};
use skranke_domain::Lang;
use skranke_domain::conversation::{ChatChannel, Dialogue, Foreign, Intent};
use support::{Citizen, House, library};

#[test]
fn languages_and_topics_are_told_from_messages_of_every_spelling() {
    let understanding = Understanding::new(corpus(&library()));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/abroad.txt");
    let table = fs::read_to_string(path).unwrap();
    let (mut strangers, mut missed) = (Vec::new(), Vec::new());
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let (tag, rest) = line.split_once(' ').unwrap();
        let (topic, text) = rest.split_once(' ').unwrap();
        let heard = understanding.hear(text, &Hint::default());
        if heard.foreign.map(Foreign::tag) != Some(tag) {
            strangers.push((line, heard.foreign));
        }
        assert!(heard.topics.len() <= 3, "{line}");
        if topic != "-" && !heard.topics.iter().any(|found| found.topic.as_str() == topic) {
            missed.push((line, heard.topics));
        }
    }
    assert!(
        strangers.is_empty() && missed.is_empty(),
        "taken for another: {strangers:#?}\nmissed: {missed:#?}"
    );
}

#[test]
fn slips_names_and_single_foreign_words_are_not_another_language() {
    let understanding = Understanding::new(corpus(&library()));
    for text in [
        "jag skal have ny læge",
        "hvorden meller jeg flytning",
        "har du noe nyt om min sag",
        "min kone Agnieszka Kowalczyk skal have sundhedskort",
        "jeg hedder Jürgen Müller og er flyttet",
        "Hvordan oversætter man Aufenthaltserlaubnis",
        "skal mit barn i Kindergarten betale",
        "asdf qwerty",
        "Mojn",
        "hej hej",
        "SFO",
        "ok tak",
        "merci for hjælpen",
        "Do I need an Anmeldung to get a CPR number?",
        "my husband José has lost his card",
        "can i vote",
    ] {
        let heard = understanding.hear(text, &Hint::default());
        assert_eq!(heard.foreign, None, "{text}");
    }
}

#[test]
fn another_language_is_answered_in_english_and_a_neighbours_in_that_of_the_page() {
    let understanding = Understanding::new(corpus(&library()));
    let lang = |text: &str, page, dialogue| understanding.hear(text, &Hint { page, dialogue }).lang;
    let (german, swedish) = ("Wie melde ich meinen Umzug an?", "Hur anmäler jag att jag har flyttat?");
    let new = Dialogue::default;
    assert_eq!(lang(german, Lang::Da, new()), Lang::En);
    assert_eq!((lang(swedish, Lang::Da, new()), lang(swedish, Lang::En, new())), (Lang::Da, Lang::En));
    // Who has chosen Danish keeps it.
    let going = || Dialogue { messages: 2, ..Dialogue::default() };
    assert_eq!(lang(german, Lang::Da, going()), Lang::Da);
}

#[test]
fn danger_comes_before_topics_in_any_language() {
    let understanding = Understanding::new(corpus(&library()));
    for text in
        ["Mein Mann schlägt mich, ich habe Angst und kein MitID", "Mój mąż mnie bije, gdzie zmienić adres"]
    {
        assert_eq!(understanding.hear(text, &Hint::default()).intent, Intent::Danger, "{text}");
    }
}

#[tokio::test]
async fn a_topic_in_ones_own_language_leads_to_its_article_in_english() {
    let house = House::new();
    let citizen = Citizen::new(&house);
    let turn = citizen.writes("Ich habe kein MitID und muss meinen Umzug melden").await;
    let buttons: Vec<(&str, &str)> =
        turn.reply.buttons.iter().map(|button| (button.choice.as_str(), button.label.as_str())).collect();
    assert_eq!(buttons[0], ("topic:flytning", "Umzug melden"), "{buttons:?}");
    assert!(buttons.contains(&("topic:mitid", "MitID bekommen oder wieder aktivieren")), "{buttons:?}");
    assert!(buttons.ends_with(&[("lang:da", "Dansk"), ("lang:en", "English")]), "{buttons:?}");
    assert!(turn.reply.plain().contains("Geht es um eines dieser Themen?"), "{}", turn.reply.plain());
    // As the page does: a button goes on in the language of the answer it stands under.
    let pressed = Incoming::Choice("topic:flytning".to_owned());
    let conversation = conversation_of(b"a citizen");
    let turn = house.counter.hear(conversation, ChatChannel::Web, pressed, None, "pressed").await.unwrap();
    let article = library();
    let article =
        article.article(&skranke_domain::conversation::TopicSlug::new("flytning"), Lang::En).unwrap();
    assert_eq!((turn.reply.lang, &turn.reply.paragraphs), (Lang::En, &article.paragraphs));
}

#[tokio::test]
async fn an_unknown_language_gets_the_hotline_in_english() {
    let house = House::new();
    let citizen = Citizen::new(&house);
    let turn = citizen.writes("¿Cómo puedo cambiar mi dirección si no tengo MitID?").await;
    assert_eq!(turn.reply.lang, Lang::En);
    let said = turn.reply.plain();
    assert!(said.contains("I answer in Danish and English only") && said.contains("70 20 00 00"), "{said}");
}
