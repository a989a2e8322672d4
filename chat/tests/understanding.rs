//! Understanding, measured on the real articles with questions that were held back.
//!
//! `tests/data/understanding_held_back.*.txt` was written before the articles' example questions were read, and nothing
//! was tuned on it; `understanding_dev.*.txt` is the list that was tuned on. The figures are printed (run with
//! `--nocapture`); the assertions stand a little below them and guard against getting worse.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Instant;

use skranke_chat::understanding::{Corpus, CorpusArticle, CorpusPlace, Hint, Understanding};
use skranke_domain::conversation::{Band, Dialogue, Foreign, Heard, Intent, Place, Routing, Slot, TopicSlug};
use skranke_domain::{Lang, Tenant};

fn content() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../content")
}

/// Reads the articles, the other names of the services and the municipalities as they lie in `content/`.
fn corpus() -> Corpus {
    let mut files: Vec<PathBuf> = fs::read_dir(content().join("articles"))
        .expect("articles")
        .map(|entry| entry.expect("entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    files.sort();
    let services: toml::Table =
        fs::read_to_string(content().join("services.toml")).expect("services").parse().expect("services");
    let mut articles: Vec<CorpusArticle> = files.iter().filter_map(|path| article(path)).collect();
    for service in services.get("service").and_then(toml::Value::as_array).into_iter().flatten() {
        let slug = service.get("slug").and_then(toml::Value::as_str).unwrap_or_default();
        for article in articles.iter_mut().filter(|article| article.slug.as_str() == slug) {
            let synonyms = service.get(article.lang.pick("synonyms_da", "synonyms_en"));
            let synonyms = synonyms.and_then(toml::Value::as_array).into_iter().flatten();
            article.keywords.extend(synonyms.filter_map(|synonym| synonym.as_str().map(ToOwned::to_owned)));
        }
    }
    let table = fs::read_to_string(content().join("municipalities.csv")).expect("municipalities");
    let places = table.lines().skip(1).filter_map(place).collect();
    Corpus { articles, places }
}

fn article(path: &Path) -> Option<CorpusArticle> {
    let name = path.file_name()?.to_str()?.strip_suffix(".md")?;
    let (slug, lang) = name.rsplit_once('.')?;
    let text = fs::read_to_string(path).ok()?;
    let mut parts = text.splitn(3, "+++").skip(1);
    let front: toml::Table = parts.next()?.parse().ok()?;
    let list = |key: &str| -> Vec<String> {
        let values = front.get(key).and_then(toml::Value::as_array).into_iter().flatten();
        values.filter_map(|value| value.as_str().map(ToOwned::to_owned)).collect()
    };
    Some(CorpusArticle {
        slug: TopicSlug::new(slug),
        lang: if lang == "en" { Lang::En } else { Lang::Da },
        title: front.get("title")?.as_str()?.to_owned(),
        keywords: list("keywords"),
        questions: list("questions"),
        body: parts.next().unwrap_or_default().to_owned(),
    })
}

/// One row: the code first, then slug, name, official name, and the aliases last. Only addresses are quoted.
fn place(row: &str) -> Option<CorpusPlace> {
    let mut fields: Vec<String> = vec![String::new()];
    let mut quoted = false;
    for c in row.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            c => fields.last_mut()?.push(c),
        }
    }
    let mut names = vec![fields.get(3)?.clone(), fields.get(4)?.clone()];
    names.extend(
        fields
            .last()?
            .split('|')
            .filter(|alias| !alias.is_empty() && !alias.starts_with('?'))
            .map(ToOwned::to_owned),
    );
    Some(CorpusPlace { code: Tenant::try_new(fields.first()?).ok()?, names, villages: Vec::new() })
}

fn understanding() -> &'static Understanding {
    static ONE: OnceLock<Understanding> = OnceLock::new();
    ONE.get_or_init(|| Understanding::new(corpus()))
}

fn hear(text: &str, page: Lang) -> Heard {
    understanding().hear(text, &Hint { page, dialogue: Dialogue::default() })
}

struct Row {
    kind: String,
    topics: Vec<String>,
    place: String,
    text: String,
}

fn rows(name: &str) -> Vec<Row> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
    let text = fs::read_to_string(path).expect("list");
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    lines
        .map(|line| {
            let mut parts = line.splitn(4, '|').map(str::trim);
            let mut next = || parts.next().unwrap_or_default().to_owned();
            let (kind, topics, place, text) = (next(), next(), next(), next());
            let topics = topics.split(',').filter(|topic| !topic.is_empty()).map(ToOwned::to_owned).collect();
            Row { kind, topics, place, text }
        })
        .collect()
}

/// What the counter would do, in the words of the lists.
fn kind(heard: &Heard) -> &'static str {
    match heard.intent {
        Intent::Question if heard.band == Band::Abstain => "out-of-scope",
        Intent::Question => "answer",
        Intent::OutOfScope => "out-of-scope",
        Intent::NoEid => "route",
        Intent::ConcreteCase => "concrete-case",
        Intent::Human => "human",
        Intent::Greeting => "greeting",
        Intent::Thanks => "thanks",
        Intent::Danger => "danger",
    }
}

#[derive(Default)]
struct Figures {
    all: u32,
    kinds: u32,
    langs: u32,
    topical: u32,
    first: u32,
    direct: u32,
    helped: u32,
    wrong: u32,
    outside: u32,
    outside_answered: u32,
    places: u32,
    places_right: u32,
    by_kind: BTreeMap<String, (u32, u32)>,
}

fn share(part: u32, of: u32) -> f64 {
    f64::from(part) / f64::from(of.max(1))
}

fn measure(list: &str, lang: Lang) -> Figures {
    let mut figures = Figures::default();
    for row in rows(list) {
        let heard = hear(&row.text, lang);
        let right = |topic: &TopicSlug| row.topics.iter().any(|right| right == topic.as_str());
        let told = kind(&heard);
        figures.all += 1;
        figures.langs += u32::from(heard.lang == lang && heard.foreign.is_none());
        figures.kinds += u32::from(told == row.kind);
        let by_kind = figures.by_kind.entry(row.kind.clone()).or_default();
        by_kind.0 += u32::from(told == row.kind);
        by_kind.1 += 1;
        if matches!(row.kind.as_str(), "answer" | "route") && !row.topics.is_empty() {
            let first = heard.topics.first().is_some_and(|scored| right(&scored.topic));
            let answered = heard.band == Band::Answer;
            let offered =
                heard.band == Band::Choices && heard.topics.iter().take(3).any(|scored| right(&scored.topic));
            figures.topical += 1;
            figures.first += u32::from(first);
            figures.direct += u32::from(answered && first);
            figures.helped += u32::from((answered && first) || offered);
            figures.wrong += u32::from(answered && !first);
            if !first || !(answered || offered) {
                let topics: Vec<&str> =
                    heard.topics.iter().take(3).map(|scored| scored.topic.as_str()).collect();
                println!("  {:?} {} -> {:?} {topics:?}", row.text, row.topics.join(","), heard.band);
            }
        }
        if row.kind == "out-of-scope" {
            figures.outside += 1;
            let answered =
                heard.band == Band::Answer && matches!(heard.intent, Intent::Question | Intent::NoEid);
            figures.outside_answered += u32::from(answered);
        }
        if told != row.kind {
            println!("  {:?} is {}, told as {told}", row.text, row.kind);
        }
        if let Ok(code) = Tenant::try_new(&row.place) {
            figures.places += 1;
            figures.places_right += u32::from(heard.place == Place::One(code));
        }
    }
    println!(
        "{list}: {} messages; kind {:.3}; language {:.3}; topic@1 {:.3}; direct {:.3}; helped {:.3}; direct-wrong {:.3}; \
         out of scope answered {} of {}; places {} of {}",
        figures.all,
        share(figures.kinds, figures.all),
        share(figures.langs, figures.all),
        share(figures.first, figures.topical),
        share(figures.direct, figures.topical),
        share(figures.helped, figures.topical),
        share(figures.wrong, figures.topical),
        figures.outside_answered,
        figures.outside,
        figures.places_right,
        figures.places,
    );
    println!("  {:?}", figures.by_kind);
    figures
}

/// What must be reached at least: kind of message, topic first, helped; and at most: answered wrongly.
fn reaches(figures: &Figures, kind: f64, first: f64, helped: f64, wrong: f64) {
    assert!(share(figures.kinds, figures.all) >= kind, "kinds {}", share(figures.kinds, figures.all));
    assert!(share(figures.langs, figures.all) >= 0.98, "languages {}", share(figures.langs, figures.all));
    assert!(
        share(figures.first, figures.topical) >= first,
        "first {}",
        share(figures.first, figures.topical)
    );
    assert!(
        share(figures.helped, figures.topical) >= helped,
        "helped {}",
        share(figures.helped, figures.topical)
    );
    assert!(
        share(figures.wrong, figures.topical) <= wrong,
        "wrong {}",
        share(figures.wrong, figures.topical)
    );
    assert!(figures.outside_answered <= 2, "{} answered out of scope", figures.outside_answered);
    assert_eq!(figures.places_right, figures.places, "places");
}

#[test]
fn the_lists_that_were_held_back_are_understood() {
    reaches(&measure("understanding_held_back.da.txt", Lang::Da), 0.94, 0.92, 0.93, 0.05);
    reaches(&measure("understanding_held_back.en.txt", Lang::En), 0.93, 0.92, 0.92, 0.06);
}

#[test]
fn the_lists_that_were_tuned_on_are_understood() {
    reaches(&measure("understanding_dev.da.txt", Lang::Da), 0.95, 0.94, 0.96, 0.03);
    reaches(&measure("understanding_dev.en.txt", Lang::En), 0.90, 0.95, 0.95, 0.05);
}

#[test]
fn danger_is_never_missed_in_the_lists() {
    for (list, lang) in [
        ("understanding_held_back.da.txt", Lang::Da),
        ("understanding_held_back.en.txt", Lang::En),
        ("understanding_dev.da.txt", Lang::Da),
        ("understanding_dev.en.txt", Lang::En),
    ] {
        for row in rows(list) {
            let danger = hear(&row.text, lang).intent == Intent::Danger;
            assert_eq!(danger, row.kind == "danger", "{:?}", row.text);
        }
    }
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
    for (name, lang) in [("da", Lang::Da), ("en", Lang::En)] {
        for row in rows(&format!("understanding_dev.{name}.txt")) {
            assert_eq!(hear(&row.text, lang).foreign, None, "{:?}", row.text);
        }
    }
}

#[test]
fn it_is_quick_enough() {
    let start = Instant::now();
    let understanding = Understanding::new(corpus());
    let opened = start.elapsed();
    let rows = rows("understanding_dev.da.txt");
    for row in &rows {
        understanding.hear(&row.text, &Hint::default());
    }
    let start = Instant::now();
    for row in &rows {
        understanding.hear(&row.text, &Hint::default());
    }
    let turn = start.elapsed() / u32::try_from(rows.len()).unwrap_or(1);
    println!("opened in {opened:?}, {turn:?} per turn");
    // Far above what was measured (one second and 0.4 ms on two busy cores), because tests share their machine.
    if cfg!(not(debug_assertions)) {
        assert!(opened.as_secs() < 10 && turn.as_millis() < 10, "{opened:?}, {turn:?}");
    }
}
