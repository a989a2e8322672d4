//! Understanding, measured on the real articles with the project's own questions.
//!
//! `tests/data/understanding_held_back.*.jsonl` was written before the articles' example questions were read, and nothing
//! was tuned on it; `understanding_dev.*.jsonl` is the list that was tuned on. They go through the whole counter and are
//! scored as everybody's are (`skranke chat eval`); the limits stand a little below what was measured.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use skranke_chat::corpus::corpus;
use skranke_chat::eval::{Figures, Item, Kind, Report, read, run};
use skranke_chat::understanding::{Hint, Understanding};
use skranke_domain::conversation::{
    Band, Dialogue, Foreign, Heard, Intent, Move, Place, Routing, Scored, Slot, TopicSlug,
};
use skranke_domain::{Lang, Tenant};
use support::{House, library};

fn understanding() -> &'static Understanding {
    static ONE: OnceLock<Understanding> = OnceLock::new();
    ONE.get_or_init(|| Understanding::new(corpus(&library())))
}

fn hear(text: &str, page: Lang) -> Heard {
    understanding().hear(text, &Hint { page, dialogue: Dialogue::default() })
}

fn list(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/understanding_{name}.jsonl"))
}

async fn measure(name: &str) -> Figures {
    let house = House::new();
    let run = run(&house.counter, read(&[list(name)]).unwrap()).await.unwrap();
    let report = Report::of(&run, &library(), "");
    println!("{name}\n{report}");
    assert_eq!(report.unmeetable, Vec::<String>::new());
    report.all
}

/// What must be reached at least: kind of message, topic first, helped; and at most: answered wrongly.
fn reaches(figures: &Figures, kind: f64, first: f64, helped: f64, wrong: f64) {
    let at_least = [
        ("kind", figures.kind, kind),
        ("language", figures.language, 0.98),
        ("topic@1", figures.topic_first, first),
        ("helped", figures.helped, helped),
        ("places", figures.municipality, 1.0),
        ("danger", figures.kinds.get(&Kind::Emergency).copied().unwrap_or_default(), 1.0),
    ];
    for (name, share, least) in at_least.into_iter().filter(|(_, share, _)| share.of > 0) {
        assert!(share.share() >= least, "{name}: {:.3}, at least {least}", share.share());
    }
    assert!(figures.wrong.share() <= wrong, "answered wrongly: {:.3}", figures.wrong.share());
    assert!(figures.outside_answered.part <= 1, "{} answered out of scope", figures.outside_answered.part);
}

#[tokio::test]
async fn the_lists_that_were_held_back_are_understood() {
    reaches(&measure("held_back.da").await, 0.90, 0.92, 0.93, 0.03);
    reaches(&measure("held_back.en").await, 0.90, 0.92, 0.92, 0.03);
}

#[tokio::test]
async fn the_lists_that_were_tuned_on_are_understood() {
    reaches(&measure("dev.da").await, 0.90, 0.94, 0.95, 0.03);
    reaches(&measure("dev.en").await, 0.90, 0.94, 0.94, 0.03);
}

#[test]
fn the_traps_hold_on_the_real_articles() {
    let best = |heard: &Heard| heard.topics.first().map(|scored| scored.topic.as_str().to_owned());
    for (text, intent, topic) in [
        ("jeg har ikke nemid, skal melde flytning i furesø", Intent::NoEid, "flytning"),
        ("jeg har ikke MitID og skal skifte læge", Intent::NoEid, "laegeskift"),
        ("hvordan får jeg MitID", Intent::Question, "mitid"),
        ("hvordan får jeg mit id", Intent::Question, "mitid"),
        ("hvad er der sket med NemID", Intent::Question, "nemid"),
        ("er der åbent nu?", Intent::Question, "hotline"),
        ("pas", Intent::Question, "pas"),
        ("hvem kan passe mit barn", Intent::Question, "boernepasning"),
        ("pension", Intent::Question, "folkepension"),
        ("førtidspension", Intent::Question, "foertidspension"),
        ("Hej, hvordan melder jeg flytning? Mange tak", Intent::Question, "flytning"),
    ] {
        let heard = hear(text, Lang::Da);
        assert_eq!((heard.intent, best(&heard).as_deref()), (intent, Some(topic)), "{text}");
    }
    let bare = hear("Jeg har ikke NemID", Lang::Da);
    assert_eq!((bare.intent, bare.band), (Intent::NoEid, Band::Abstain));
    assert_ne!(hear("slå græs", Lang::Da).intent, Intent::Danger);
    assert_eq!(hear("han slår mig", Lang::Da).intent, Intent::Danger);
    assert_eq!(hear("hvor langt er min sag?", Lang::Da).intent, Intent::ConcreteCase);
    assert!(matches!(hear("Nykøbing", Lang::Da).place, Place::Several(_)));
    assert_eq!(hear("lyngby", Lang::Da).place, Place::One(Tenant::try_new("0173").expect("code")));
}

#[test]
fn a_bare_answer_continues_the_route() {
    let routing = |asked| Hint {
        page: Lang::Da,
        dialogue: Dialogue {
            routing: Some(Routing { topic: None, asked: Some(asked), among: Vec::new() }),
            ..Dialogue::default()
        },
    };
    let furesoe = Place::One(Tenant::try_new("0190").expect("code"));
    for text in ["furesø", "Furesø", "i furesø kommune", "furseø", "det er Farum"] {
        assert_eq!(understanding().hear(text, &routing(Slot::Municipality)).place, furesoe, "{text}");
    }
    for (text, topic) in
        [("flytning", "flytning"), ("sundhedskort", "sundhedskort"), ("pension", "folkepension")]
    {
        let heard = understanding().hear(text, &routing(Slot::Matter));
        assert_eq!((heard.band, heard.topics[0].topic.as_str()), (Band::Answer, topic), "{text}");
    }
}

#[test]
fn other_languages_are_recognised_but_never_ours() {
    for (text, language) in [
        ("Wie bekomme ich eine neue Gesundheitskarte?", Foreign::De),
        ("nie mam mitid", Foreign::Pl),
        ("Мені потрібна допомога", Foreign::Uk),
        ("كيف أغير الطبيب؟", Foreign::Ar),
        ("merhaba yardım istiyorum", Foreign::Tr),
        ("Jag har inte MitID", Foreign::Sv),
        ("Jeg vil gjerne søke om alderspensjon", Foreign::No),
    ] {
        assert_eq!(hear(text, Lang::Da).foreign, Some(language), "{text}");
    }
    for item in read(&[list("dev.da"), list("dev.en")]).unwrap() {
        let Item::Message(message) = item else { continue };
        assert_eq!(hear(&message.text, Lang::from_tag(&message.lang)).foreign, None, "{:?}", message.text);
    }
}

#[test]
fn somebody_without_a_screen_gets_the_article_about_ways_without_one() {
    let heard = hear("jeg er ikke på nettet, hvem kan hjælpe mig med computeren", Lang::Da);
    assert_eq!(heard.intent, Intent::NoEid);
    let step = Dialogue::default().next(&heard);
    assert!(!matches!(step, Move::Safety | Move::ConcreteCase { .. }), "{step:?}");
    let general = TopicSlug::new("digital-hjaelp");
    let topics = vec![Scored { topic: general.clone(), score: 900 }];
    let sure = Heard { topics, band: Band::Answer, ..heard };
    let expected = Move::Answer { topic: general, score: 900, runner_up: None };
    assert_eq!(Dialogue::default().next(&sure), expected);
}

#[test]
fn the_scores_behind_an_answer_are_told() {
    let heard = hear("hvordan skifter jeg læge", Lang::Da);
    assert_eq!(heard.topics[0].topic.as_str(), "laegeskift");
    assert!(heard.topics.len() >= 3 && heard.topics[0].score > heard.topics[1].score);
}
