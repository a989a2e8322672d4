//! What the counter says, as snapshots: read them like a citizen. `INSTA_UPDATE=always` writes them anew.

use skranke_domain::conversation::{Aside, Kin, Redacted, Routing, Situation};

use super::*;

/// A Monday morning in November: everything that has hours is open.
const MONDAY: &str = "2026-11-23T09:00:00Z";

fn library() -> Arc<Library> {
    static LIBRARY: std::sync::OnceLock<Arc<Library>> = std::sync::OnceLock::new();
    Arc::clone(LIBRARY.get_or_init(|| Arc::new(Library::builtin().unwrap())))
}

fn furesoe() -> Tenant {
    Tenant::try_new("0190").unwrap()
}

fn heard(lang: Lang, text: &str) -> Heard {
    Heard {
        text: Redacted::vouch(text.to_owned()),
        removed: Removed::default(),
        lang,
        foreign: None,
        intent: Intent::Question,
        band: Band::Abstain,
        topics: Vec::new(),
        place: Place::None,
        aside: Aside::default(),
        choice: None,
    }
}

fn slug(topic: &str) -> TopicSlug {
    TopicSlug::new(topic)
}

/// A reply as a reader would want it in a snapshot.
fn shown(words: &Words) -> String {
    let reply = &words.reply;
    let mut lines: Vec<String> = Vec::new();
    lines.extend(reply.notice.iter().map(|notice| format!("! {notice}")));
    if reply.tone != Tone::Plain {
        lines.push(format!("({:?})", reply.tone));
    }
    lines.extend(reply.paragraphs.iter().cloned());
    if let Some(card) = &reply.card {
        lines.push(format!("== {} [{:?}]", card.title, card.open));
        lines.extend(card.open_text.clone());
        lines.extend(card.lines.iter().map(|line| format!("{}: {}", line.label, line.text)));
        lines.push(format!("-> {} ({:?})", card.link, card.dial));
    }
    lines.extend(reply.next_step.iter().map(|next| format!("> {next}")));
    lines.extend(
        reply
            .sources
            .iter()
            .map(|source| format!("* {} {}", source.name, source.url.as_deref().unwrap_or("-"))),
    );
    lines.extend(reply.reviewed.iter().map(|date| format!("* {date}")));
    lines.extend(reply.buttons.iter().map(|button| format!("[{}] {}", button.label, button.choice)));
    lines.extend(reply.links.iter().map(|link| format!("[{link:?}]")));
    lines.join("\n")
}

fn say_at(at: &str, step: &Move, heard: &Heard, dialogue: &Dialogue) -> String {
    shown(&CounterVoice::new(library(), at.parse().unwrap()).say(step, heard, dialogue))
}

fn say(step: &Move, lang: Lang) -> String {
    let intent = if *step == Move::Person { Intent::Human } else { Intent::Question };
    say_at(MONDAY, step, &Heard { intent, ..heard(lang, "") }, &Dialogue::default())
}

fn answer(topic: &str) -> Move {
    Move::Answer { topic: slug(topic), score: 900, runner_up: None }
}

fn route(topic: &str, code: &str) -> Move {
    Move::Route { topic: slug(topic), municipality: Some(Tenant::try_new(code).unwrap()) }
}

#[test]
fn fixed_sentences() {
    for lang in [Lang::Da, Lang::En] {
        let steps = [
            ("greet", Move::Greet),
            ("welcome", Move::Welcome),
            ("safety", Move::Safety),
            ("person", Move::Person),
            ("only-removed", Move::OnlyRemoved),
            ("ask-matter", Move::Ask { slot: Slot::Matter, about: None, among: Vec::new() }),
            ("ask-municipality", Move::Ask { slot: Slot::Municipality, about: None, among: Vec::new() }),
            ("offer", Move::Offer { topics: vec![slug("flytning"), slug("udrejse")] }),
            ("abstain", Move::Abstain { nearest: vec![slug("pas")] }),
            ("abstain-alone", Move::Abstain { nearest: Vec::new() }),
            ("concrete-case", Move::ConcreteCase { topic: None }),
        ];
        let said: Vec<String> =
            steps.iter().map(|(name, step)| format!("# {name}\n{}\n", say(step, lang))).collect();
        insta::assert_snapshot!(format!("fixed_sentences_{}", lang.tag()), said.join("\n"));
    }
}

#[test]
fn foreign_languages() {
    let topics = [slug("flytning"), slug("mitid")];
    let about = |language, topics: &[TopicSlug]| Move::Foreign { language, topics: topics.to_vec() };
    let mut said: Vec<String> =
        Foreign::ALL.into_iter().map(|language| say(&about(language, &topics), Lang::En)).collect();
    said.push(say(&about(Foreign::De, &[]), Lang::Da));
    said.push(say(&about(Foreign::Other, &[]), Lang::En));
    insta::assert_snapshot!(said.join("\n\n"));
}

#[test]
fn an_answer_has_source_review_date_next_step_and_the_way_without_mitid() {
    insta::assert_snapshot!(say(&answer("laegeskift"), Lang::Da));
}

#[test]
fn every_article_is_said_with_source_review_date_and_next_step() {
    for article in library().articles() {
        let words = CounterVoice::new(library(), MONDAY.parse().unwrap()).say(
            &answer(article.topic.as_str()),
            &heard(article.lang, ""),
            &Dialogue::default(),
        );
        let Reply { sources, reviewed, next_step, lang, .. } = &words.reply;
        assert!(!sources.is_empty() && reviewed.is_some() && next_step.is_some(), "{:?}", article.topic);
        assert_eq!((*lang, words.version), (article.lang, article.version));
    }
}

#[test]
fn the_hotline_is_open_or_not_and_serves_a_municipality_or_not() {
    let (step, question) = (answer("hotline"), heard(Lang::Da, "er der åbent nu?"));
    let in_place = |code: &str| Dialogue { municipality: Tenant::try_new(code).ok(), ..Dialogue::default() };
    let said = |at: &str, dialogue: &Dialogue| {
        let text = say_at(at, &step, &question, dialogue);
        let known = text.lines().filter(|line| line.contains(" Kommune ")).map(|line| format!("\n{line}"));
        format!("{}{}", text.lines().next().unwrap(), known.collect::<String>())
    };
    let said = [
        said(MONDAY, &Dialogue::default()),
        said("2026-11-21T11:00:00Z", &in_place("0190")),
        said("2026-12-25T11:00:00Z", &in_place("0101")),
        said("2027-03-25T10:00:00Z", &in_place("0575")),
    ];
    insta::assert_snapshot!(said.join("\n\n"));
}

#[test]
fn cards() {
    for (name, topic, code, lang) in [
        ("flytning-furesoe", "flytning", "0190", Lang::Da),
        ("boligstoette-aarhus", "boligstoette", "0751", Lang::Da),
        ("folkepension-koebenhavn", "folkepension", "0101", Lang::En),
        ("parkeringskort-bornholm", "parkeringskort", "0400", Lang::Da),
        ("kontanthjaelp-furesoe", "kontanthjaelp", "0190", Lang::Da),
    ] {
        insta::assert_snapshot!(format!("card_{name}"), say(&route(topic, code), lang));
    }
}

#[test]
fn who_speaks_of_nemid_hears_what_became_of_it() {
    let nemid = heard(Lang::Da, "jeg har ikke NemID og skal melde flytning i Furesø");
    let text = say_at(MONDAY, &route("flytning", "0190"), &nemid, &Dialogue::default());
    assert!(text.starts_with("NemID lukkede den 31. oktober 2023"), "{text}");
    assert!(!say(&route("flytning", "0190"), Lang::Da).contains("NemID"));
}

#[test]
fn moving_changing_doctor_and_the_robinson_list_start_at_borgerservice() {
    for topic in ["flytning", "laegeskift", "robinsonlisten"] {
        let words = CounterVoice::new(library(), MONDAY.parse().unwrap()).say(
            &route(topic, "0190"),
            &heard(Lang::Da, ""),
            &Dialogue::default(),
        );
        assert_eq!(words.front_desk, "borgerservice");
        let card = words.reply.card.unwrap();
        assert!(
            card.lines[1].text.contains("Borgerservice i Furesø Kommune, Stiager 2, 3500 Værløse"),
            "{card:?}"
        );
        assert_eq!(card.dial.as_deref(), Some("72354000"));
        assert!(card.link.ends_with("kommunekode=190"), "{}", card.link);
    }
}

#[test]
fn a_concrete_case_names_the_authority_the_published_time_and_nothing_of_the_case() {
    let dialogue = Dialogue { municipality: Some(furesoe()), ..Dialogue::default() };
    let step = Move::ConcreteCase { topic: Some(slug("kontanthjaelp")) };
    insta::assert_snapshot!(say_at(MONDAY, &step, &heard(Lang::Da, "hvor langt er min sag"), &dialogue));
}

#[test]
fn the_question_for_the_municipality_names_the_matter_or_the_choices() {
    let wish = heard(Lang::Da, "");
    let ask = |among: Vec<Tenant>| Move::Ask { slot: Slot::Municipality, about: Some(slug("pas")), among };
    let text = say_at(MONDAY, &ask(Vec::new()), &wish, &Dialogue::default());
    assert!(
        text.contains("Det drejer sig om: Ansøg om eller forny pas. Hvilken kommune bor du i?"),
        "{text}"
    );
    let among = ["0376", "0306", "0773"].into_iter().map(|code| Tenant::try_new(code).unwrap()).collect();
    let text = say_at(MONDAY, &ask(among), &wish, &Dialogue::default());
    assert!(
        text.contains("[Guldborgsund Kommune] place:0376") && text.contains("[Morsø Kommune] place:0773"),
        "{text}"
    );
}

#[test]
fn nothing_is_said_twice_in_a_row_in_the_same_words() {
    let ask = Move::Ask { slot: Slot::Municipality, about: Some(slug("pas")), among: Vec::new() };
    let among = vec![furesoe()];
    let ask_among = Move::Ask { slot: Slot::Municipality, about: Some(slug("pas")), among };
    let steps = [
        (ask, "ask/municipality"),
        (ask_among, "ask/among"),
        (Move::Ask { slot: Slot::Matter, about: None, among: Vec::new() }, "ask/matter"),
        (Move::Greet, "small-talk"),
        (Move::Welcome, "small-talk"),
        (Move::Person, "person"),
        (Move::OnlyRemoved, "only-removed"),
        (Move::Offer { topics: vec![slug("pas")] }, "offer"),
        (Move::Abstain { nearest: Vec::new() }, "abstain"),
        (Move::ConcreteCase { topic: None }, "concrete-case"),
        (answer("pas"), "answer/pas"),
        (route("pas", "0190"), "card/pas/0190"),
    ];
    for lang in [Lang::Da, Lang::En] {
        for (step, thing) in &steps {
            let said = |times: u8| {
                let said = [((*thing).to_owned(), times)].into_iter().collect();
                say_at(MONDAY, step, &heard(lang, ""), &Dialogue { said, ..Dialogue::default() })
            };
            for times in 0..6 {
                assert_ne!(said(times), said(times + 1), "{thing}, {times} times before");
            }
        }
    }
}

#[test]
fn the_question_and_the_card_speak_of_whom_it_is_for() {
    let situation = Situation { for_other: Some(Kin::Mother), no_address: true, ..Situation::default() };
    let dialogue = Dialogue { situation, ..Dialogue::default() };
    let ask = Move::Ask { slot: Slot::Municipality, about: Some(slug("pas")), among: Vec::new() };
    let say = |step: &Move| say_at(MONDAY, step, &heard(Lang::Da, ""), &dialogue);
    assert!(say(&ask).contains("Hvilken kommune bor din mor i?"));
    let card = say(&Move::Route { topic: slug("pas"), municipality: None });
    assert!(card.contains("legitimation for jer begge") && card.contains("ingen adresse"), "{card}");
}

#[test]
fn a_guess_is_called_one_and_the_others_stay_at_hand() {
    let offered = vec![slug("pas"), slug("koerekort")];
    let dialogue = Dialogue { offered, municipality: Some(furesoe()), ..Dialogue::default() };
    let card = say_at(MONDAY, &route("pas", "0190"), &heard(Lang::Da, "Furesø"), &dialogue);
    assert!(card.starts_with("Jeg går ud fra, at det drejer sig om: Ansøg om eller forny pas."), "{card}");
    assert!(card.contains("topic:koerekort") && !card.contains("topic:pas"), "{card}");
}

#[test]
fn what_waits_and_what_is_still_asked_come_after_the_answer() {
    let (topic, asked) = (Some(slug("flytning")), Some(Slot::Municipality));
    let routing = Some(Routing { topic, asked, among: Vec::new() });
    let dialogue = Dialogue { routing, waiting: vec![slug("hund")], ..Dialogue::default() };
    let text = say_at(MONDAY, &answer("hotline"), &heard(Lang::Da, ""), &dialogue);
    assert!(text.contains("topic:hund") && text.contains("Jeg mangler stadig kommunen."), "{text}");
    assert!(text.contains("] skip"), "{text}");
}

#[test]
fn what_was_removed_is_said_first_in_every_kind_of_reply() {
    let mut question = heard(Lang::Da, "mit nummer er [CPR-nummer fjernet]");
    question.removed = Removed { cpr: 1, phone: 1, ..Removed::default() };
    for step in [Move::OnlyRemoved, Move::Safety, answer("pas"), route("pas", "0190"), Move::Greet] {
        let text = say_at(MONDAY, &step, &question, &Dialogue::default());
        assert!(text.starts_with("! Jeg har fjernet noget, der ligner et CPR-nummer"), "{text}");
        assert!(text.lines().next().unwrap().contains("telefonnummer"), "{text}");
    }
}

#[test]
fn an_expired_article_never_answers() {
    let text = say_at("2031-01-01T09:00:00Z", &answer("pas"), &heard(Lang::Da, ""), &Dialogue::default());
    assert!(text.contains("ved at blive gennemgået") && !text.contains("* 20"), "{text}");
    assert!(text.contains("[Tal med et menneske] person"), "{text}");
}

#[test]
fn a_message_that_is_too_long_gets_advice_and_danger_still_comes_first() {
    let voice = CounterVoice::new(library(), MONDAY.parse().unwrap()).unfit(Unfit::TooLong);
    let say = |step: &Move| shown(&voice.say(step, &heard(Lang::Da, ""), &Dialogue::default()));
    assert!(say(&Move::Abstain { nearest: Vec::new() }).contains("højst 4000 tegn"));
    assert!(say(&Move::Safety).contains("Ring 112"));
}

#[test]
fn a_general_topic_in_a_route_is_answered_with_its_article() {
    assert!(say(&route("hotline", "0190"), Lang::Da).contains("70 20 00 00"));
}
