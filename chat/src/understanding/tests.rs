//! The traps that must never come back, on a small invented knowledge base.

use std::sync::OnceLock;

use skranke_domain::conversation::{Band, Dialogue, Foreign, Heard, Intent, Place, Routing, Slot, TopicSlug};
use skranke_domain::{Lang, Tenant};

use super::{Corpus, CorpusArticle, CorpusPlace, Hint, Thresholds, Understanding};

fn article(
    slug: &str,
    lang: Lang,
    title: &str,
    keywords: &[&str],
    questions: &[&str],
    body: &str,
) -> CorpusArticle {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    CorpusArticle {
        slug: TopicSlug::new(slug),
        lang,
        title: title.to_owned(),
        keywords: owned(keywords),
        questions: owned(questions),
        body: body.to_owned(),
    }
}

#[expect(clippy::too_many_lines, reason = "a knowledge base is long")]
fn corpus() -> Corpus {
    let da = |slug, title, keywords: &[&str], questions: &[&str], body| {
        article(slug, Lang::Da, title, keywords, questions, body)
    };
    let en = |slug, title, keywords: &[&str], questions: &[&str], body| {
        article(slug, Lang::En, title, keywords, questions, body)
    };
    let articles = vec![
        da(
            "flytning",
            "Meld flytning",
            &["flytning", "adresse", "ny adresse"],
            &[
                "Hvordan melder jeg flytning?",
                "jeg er flyttet",
                "jeg skal flytte til en ny adresse",
                "skifte bopæl",
            ],
            "Meld din flytning til den kommune, du flytter til.",
        ),
        da(
            "laegeskift",
            "Skift læge",
            &["læge", "lægeskift", "lægehus"],
            &["Hvordan skifter jeg læge?", "jeg vil have en ny læge", "skifte lægehus", "vælge anden læge"],
            "Du kan vælge en anden læge i din kommune.",
        ),
        da(
            "mitid",
            "Få eller genaktivér MitID",
            &["mitid", "få mitid", "kodeviser"],
            &["Hvordan får jeg MitID?", "mit mitid er spærret", "bestille mitid", "mitid virker ikke"],
            "Bestil tid hos Borgerservice, og tag pas eller kørekort med.",
        ),
        da(
            "nemid",
            "NemID er lukket",
            &["nemid", "nøglekort"],
            &["Hvad er der sket med NemID?", "kan jeg stadig bruge nemid", "nøglekort virker ikke"],
            "Det hedder MitID i dag.",
        ),
        da(
            "pas",
            "Forny pas",
            &["pas", "nyt pas", "forny pas"],
            &["Hvordan får jeg nyt pas?", "mit pas udløber", "pas til mit barn", "hvad koster et pas"],
            "Bestil tid i Borgerservice.",
        ),
        da(
            "boernepasning",
            "Børnepasning",
            &["børnepasning", "vuggestue", "børnehave", "dagpleje"],
            &[
                "Hvordan skriver jeg mit barn op til vuggestue?",
                "plads i børnehave",
                "hvem kan passe mit barn",
            ],
            "Pladsanvisningen finder en plads.",
        ),
        da(
            "folkepension",
            "Søg folkepension",
            &["folkepension", "pension", "pensionsalder"],
            &["Hvordan søger jeg folkepension?", "hvornår kan jeg gå på pension", "pensionsalderen"],
            "Søg hos Udbetaling Danmark.",
        ),
        da(
            "foertidspension",
            "Førtidspension",
            &["førtidspension"],
            &["Hvordan søger jeg førtidspension?", "hvem afgør førtidspension", "for syg til at arbejde"],
            "Kommunen afgør det.",
        ),
        da(
            "hotline",
            "Hotlinens nummer og åbningstider",
            &["hotline", "åbningstider", "telefon", "åbent"],
            &[
                "Hvornår er hotlinen åben?",
                "hvornår har I åbent",
                "har I åbent nu",
                "telefonnummer til hotlinen",
            ],
            "Ring til hotlinen.",
        ),
        da(
            "boligstoette",
            "Søg boligstøtte",
            &["boligstøtte", "huslejehjælp"],
            &["Hvordan søger jeg boligstøtte?", "hjælp til huslejen", "kan jeg få boligstøtte"],
            "Det afhænger af husleje og indkomst.",
        ),
        en(
            "flytning",
            "Report a change of address",
            &["moving", "change of address"],
            &["How do I report a move?", "I have moved", "new address", "register my address"],
            "Report the move to the municipality you move to.",
        ),
        en(
            "laegeskift",
            "Change doctor",
            &["doctor", "gp"],
            &["How do I change my doctor?", "new doctor", "choose another GP"],
            "You can choose another doctor.",
        ),
        en(
            "mitid",
            "Get MitID",
            &["mitid", "get mitid"],
            &["How do I get MitID?", "my MitID is blocked"],
            "Book a time at Citizen Service.",
        ),
    ];
    let place = |code: &str, names: &[&str]| CorpusPlace {
        code: Tenant::try_new(code).expect("code"),
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        villages: Vec::new(),
    };
    let places = vec![
        place("0190", &["Furesø", "Furesø Kommune", "furesoe", "fureso", "Farum", "Værløse"]),
        place("0173", &["Lyngby-Taarbæk", "Lyngby-Taarbæk Kommune", "lyngby", "kongens lyngby", "virum"]),
        place("0306", &["Odsherred", "Odsherred Kommune", "nykøbing", "nykøbing sjælland"]),
        place("0376", &["Guldborgsund", "Guldborgsund Kommune", "nykøbing", "nykøbing falster"]),
        place("0773", &["Morsø", "Morsø Kommune", "nykøbing", "nykøbing mors"]),
        place("0575", &["Vejen", "Vejen Kommune", "brørup"]),
        place("0253", &["Greve", "Greve Kommune", "karlslunde"]),
        place("0151", &["Ballerup", "Ballerup Kommune"]),
        place("0101", &["København", "Københavns Kommune", "kbh", "københavns", "koebenhavn"]),
        place("0820", &["Vesthimmerlands", "Vesthimmerlands Kommune", "aars"]),
        place("0740", &["Silkeborg", "Silkeborg Kommune"]),
    ];
    Corpus { articles, places, ..Corpus::default() }
}

fn understanding() -> &'static Understanding {
    static ONE: OnceLock<Understanding> = OnceLock::new();
    ONE.get_or_init(|| Understanding::new(corpus()))
}

fn hear(text: &str) -> Heard {
    understanding().hear(text, &Hint::default())
}

fn asked(slot: Slot, topic: Option<&str>) -> Hint {
    let routing = Routing { topic: topic.map(TopicSlug::new), asked: Some(slot), among: Vec::new() };
    Hint { page: Lang::Da, dialogue: Dialogue { routing: Some(routing), ..Dialogue::default() } }
}

fn best(heard: &Heard) -> &str {
    heard.topics.first().map_or("", |scored| scored.topic.as_str())
}

fn one(code: &str) -> Place {
    Place::One(Tenant::try_new(code).expect("code"))
}

#[test]
fn blows_are_danger_and_lawns_are_not() {
    for text in
        ["min mand slår mig", "han slog mig i går", "jeg vil ikke leve mere", "hun trækker ikke vejret"]
    {
        assert_eq!(hear(text).intent, Intent::Danger, "{text}");
    }
    for text in
        ["slå græs", "hvornår må jeg slå græsset", "slå mig op i registeret", "jeg vil slå mig ned i Greve"]
    {
        assert_ne!(hear(text).intent, Intent::Danger, "{text}");
    }
}

#[test]
fn one_message_may_hold_matter_place_and_no_mitid() {
    let heard = hear("jeg har ikke nemid, skal melde flytning i furesø");
    assert_eq!((heard.intent, best(&heard), heard.band), (Intent::NoEid, "flytning", Band::Answer));
    assert_eq!(heard.place, one("0190"));
}

#[test]
fn no_mitid_is_taken_out_before_the_matter_is_looked_for() {
    let heard = hear("jeg har ikke MitID og skal skifte læge");
    assert_eq!((heard.intent, best(&heard)), (Intent::NoEid, "laegeskift"));
    for text in
        ["Jeg har ikke NemID", "jeg har hverken mitid eller nemid, hvad gør jeg", "MitID har jeg ikke"]
    {
        let heard = hear(text);
        assert_eq!(
            (heard.intent, heard.band, heard.topics.len()),
            (Intent::NoEid, Band::Abstain, 0),
            "{text}"
        );
    }
}

#[test]
fn questions_about_mitid_itself_are_questions() {
    for text in
        ["hvordan får jeg MitID?", "hvordan får jeg mit id", "jeg har ikke MitID, hvordan får jeg det?"]
    {
        let heard = hear(text);
        assert_eq!((heard.intent, best(&heard)), (Intent::Question, "mitid"), "{text}");
    }
    let heard = hear("hvad er der sket med NemID");
    assert_eq!((heard.intent, best(&heard)), (Intent::Question, "nemid"));
}

#[test]
fn words_that_look_alike_keep_apart() {
    assert_eq!(best(&hear("pas")), "pas");
    assert_eq!(best(&hear("hvem kan passe mit barn")), "boernepasning");
    assert_eq!(best(&hear("pension")), "folkepension");
    assert_eq!(best(&hear("førtidspension")), "foertidspension");
}

#[test]
fn slips_spellings_and_words_written_apart_are_forgiven() {
    for (text, topic) in [
        ("fltyning", "flytning"),
        ("lage", "laegeskift"),
        ("laege", "laegeskift"),
        ("bolig støte", "boligstoette"),
        ("folke pension", "folkepension"),
        ("BOERNEHAVE", "boernepasning"),
    ] {
        assert_eq!(best(&hear(text)), topic, "{text}");
    }
}

#[test]
fn hours_and_ones_own_case() {
    let heard = hear("er der åbent nu?");
    assert_eq!((heard.intent, best(&heard)), (Intent::Question, "hotline"));
    assert_eq!(hear("hvor langt er min sag?").intent, Intent::ConcreteCase);
}

#[test]
fn places_are_found_as_people_write_them() {
    for (text, code) in [
        ("lyngby", "0173"),
        ("Lyngby-Taarbæk Kommune", "0173"),
        ("furesøs borgerservice", "0190"),
        ("fureso", "0190"),
        ("jeg bor i Vejen", "0575"),
        ("vejen kommune", "0575"),
        ("jeg bor i greve", "0253"),
        ("kbh", "0101"),
        ("Jeg bor i Silkebrog", "0740"),
        ("nykøbing falster", "0376"),
        ("vi flytter fra Ballerup til Furesø", "0190"),
    ] {
        assert_eq!(hear(text).place, one(code), "{text}");
    }
    assert!(matches!(hear("Nykøbing").place, Place::Several(among) if among.len() == 3));
}

#[test]
fn ordinary_words_are_no_places() {
    for text in [
        "der er hul i vejen",
        "en greve og en grevinde",
        "en dreng på 3 års fødselsdag",
        "hvad er der i vejen",
    ] {
        assert_eq!(hear(text).place, Place::None, "{text}");
    }
}

#[test]
fn a_bare_answer_is_understood_when_the_counter_has_asked() {
    let heard = understanding().hear("vejen", &asked(Slot::Municipality, Some("flytning")));
    assert_eq!((heard.place, heard.intent), (one("0575"), Intent::Question));
    let heard = understanding().hear("furseø", &asked(Slot::Municipality, Some("flytning")));
    assert_eq!(heard.place, one("0190"));
    let heard = understanding().hear("flytning", &asked(Slot::Matter, None));
    assert_eq!((best(&heard), heard.band), ("flytning", Band::Answer));
}

#[test]
fn pleasantries_are_only_that() {
    assert_eq!(hear("Hej!").intent, Intent::Greeting);
    assert_eq!(hear("tak skal du have").intent, Intent::Thanks);
    let heard = hear("Hej, hvordan melder jeg flytning? Tak");
    assert_eq!((heard.intent, best(&heard)), (Intent::Question, "flytning"));
}

#[test]
fn a_person_is_one_wish_away() {
    for text in ["jeg vil tale med et menneske", "kan I ringe til mig", "I want to talk to a real person"] {
        assert_eq!(hear(text).intent, Intent::Human, "{text}");
    }
}

#[test]
fn each_message_is_answered_in_its_own_language() {
    let english = hear("how do I change my doctor");
    assert_eq!((english.lang, best(&english)), (Lang::En, "laegeskift"));
    let hint = Hint { page: Lang::En, ..Hint::default() };
    let danish = understanding().hear("hvordan skifter jeg læge", &hint);
    assert_eq!((danish.lang, best(&danish)), (Lang::Da, "laegeskift"));
    let removed = understanding().hear("my number is 010190-1234", &hint);
    assert!(removed.text.as_str().contains("[CPR number removed]"));
}

#[test]
fn other_languages_are_recognised_and_slips_are_not_foreign() {
    for (text, language) in [
        ("Ich möchte meine Adresse ändern", Foreign::De),
        ("Jak mogę zmienić lekarza?", Foreign::Pl),
        ("Як змінити адресу?", Foreign::Uk),
        ("كيف أغير الطبيب؟", Foreign::Ar),
        ("Adresimi nasıl değiştirebilirim?", Foreign::Tr),
        ("Jag vill byta läkare", Foreign::Sv),
        ("Jeg trenger en ny fastlege", Foreign::No),
    ] {
        assert_eq!(hear(text).foreign, Some(language), "{text}");
    }
    for text in [
        "hva gør jeg nåar jeg flytte",
        "jag skal have ny læge",
        "hvordan melder jeg flyttning",
        "i nead a doctor",
    ] {
        assert_eq!(hear(text).foreign, None, "{text}");
    }
}

#[test]
fn numbers_are_gone_before_anything_else() {
    let heard = hear("jeg hedder Bo, 010190-1234, og skal melde flytning");
    assert_eq!((heard.removed.cpr, best(&heard)), (1, "flytning"));
    assert!(!heard.text.as_str().contains("1234"));
    let heard = hear("010190-1234");
    assert!(heard.is_empty() && heard.removed.any());
}

#[test]
fn nonsense_noise_and_length_are_survived() {
    let long = "flytning ".repeat(100_000);
    let noise: String = (0..50_000_u32).filter_map(|n| char::from_u32(n % 0x3000)).collect();
    for text in [
        "",
        " ",
        "?!?",
        "\u{0}\u{202E}\u{FEFF}",
        "🙂🙂",
        "[[[[",
        "]]]]",
        "a",
        "-",
        long.as_str(),
        noise.as_str(),
    ] {
        let heard = hear(text);
        assert!(heard.topics.len() <= 5);
    }
    let heard = hear("zxqw vbnmp");
    assert_eq!(heard.band, Band::Abstain);
}

#[test]
fn an_empty_base_understands_nothing_and_breaks_nothing() {
    let nothing = Understanding::new(Corpus::default());
    let heard = nothing.hear("hvordan melder jeg flytning i Furesø", &Hint::default());
    assert_eq!((heard.band, heard.topics.len(), heard.place), (Band::Abstain, 0, Place::None));
}

#[test]
fn the_same_message_is_always_understood_the_same() {
    let other = Understanding::new(corpus());
    for text in ["hvordan melder jeg flytning", "jeg har ikke nemid", "slå græs", "how do I get mitid", "pas"]
    {
        assert_eq!(
            understanding().hear(text, &Hint::default()),
            other.hear(text, &Hint::default()),
            "{text}"
        );
    }
}

#[test]
fn every_number_behind_a_decision_can_be_seen() {
    let explained = understanding().explain("hvordan skifter jeg læge i furesø", &Hint::default());
    let told = serde_json::to_value(&explained).expect("json");
    assert_eq!(told["topics"][0]["topic"], "laegeskift");
    assert_eq!(told["places"][0]["codes"][0], "0190");
    assert!(told["topics"][0]["matched"].as_array().is_some_and(|words| !words.is_empty()));
    assert_eq!(told["because"], "otherwise");
}

#[test]
fn where_it_may_be_no_question_nothing_is_answered_at_once() {
    let thresholds = Thresholds { doubt: 0, ..Thresholds::default() };
    let careful = Understanding::new(Corpus { thresholds, ..corpus() });
    let text = "hvordan skifter jeg læge";
    assert_eq!(hear(text).band, Band::Answer);
    assert_eq!(careful.hear(text, &Hint::default()).band, Band::Choices);
    let reply = careful.hear("lægeskift", &asked(Slot::Matter, None));
    assert_eq!(reply.band, Band::Answer, "who was asked for the matter names it");
}
