//! The built-in content as a whole, and what the loader says about content that is broken.

use std::collections::HashSet;

use skranke_domain::link::{Spelling, municipality_of, with_municipality};

use super::*;

fn builtin() -> Library {
    Library::builtin().unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn the_built_in_content_is_complete() {
    let library = builtin();
    assert_eq!(library.services().len(), 68);
    assert_eq!(library.topics().len(), 13);
    assert_eq!(library.municipalities().len(), 98);
    assert_eq!(library.articles().count(), 2 * (68 + 13));
    let mut hashes = HashSet::new();
    assert!(library.articles().all(|article| article.hash.len() == 64 && hashes.insert(&article.hash)));
}

#[test]
fn every_article_can_answer_on_the_day_it_was_reviewed() {
    let library = builtin();
    for article in library.articles() {
        let answer = library.reviewed(&article.topic, article.lang, article.reviewed);
        assert!(answer.is_some_and(|answer| answer.version() >= 1), "{:?}", article.topic);
        assert!(library.reviewed(&article.topic, article.lang, article.review_before).is_none());
    }
}

#[test]
fn municipalities_are_found_by_code_and_furesoe_is_furesoe() {
    let library = builtin();
    let furesoe = library.municipality(Tenant::try_new("190").unwrap()).unwrap();
    assert_eq!((furesoe.name.as_str(), furesoe.hotline), ("Furesø", Some(Hotline::Digital)));
    assert_eq!(library.municipality(Tenant::COUNTER), None);
    assert!(library.municipalities().is_sorted_by_key(|municipality| municipality.code));
    // Christiansø has a code but no Borgerservice of its own.
    assert_eq!(library.municipality(Tenant::try_new("0411").unwrap()), None);
}

#[test]
fn the_hotline_has_hours_and_nobody_says_what_holds_on_holidays() {
    let library = builtin();
    let hours = library.authority("den-digitale-hotline").unwrap().hours.clone().unwrap();
    assert_eq!(hours.on_holidays(), skranke_domain::hours::OnHolidays::Unknown);
}

#[test]
fn titles_exist_for_services_and_general_topics_alike() {
    let library = builtin();
    assert_eq!(library.title(&TopicSlug::new("flytning"), Lang::Da), Some("Meld flytning"));
    assert!(library.title(&TopicSlug::new("hotline"), Lang::En).is_some());
    assert_eq!(library.title(&TopicSlug::new("findes-ikke"), Lang::Da), None);
}

#[test]
fn direct_links_choose_every_municipality_in_both_spellings() {
    const PAGE: &str = "https://www.borger.dk/Handlingsside?selfserviceId=2b0e";
    let library = builtin();
    assert_eq!(library.municipalities().len(), 98);
    for municipality in library.municipalities() {
        let code = municipality.code;
        for (spelling, key) in Spelling::ALL.into_iter().zip(["kommunekode", "KommuneKode"]) {
            let link = with_municipality(PAGE, code, spelling);
            // No municipality's code has more than three digits that count.
            assert_eq!(link, format!("{PAGE}&{key}={}", code.code().trim_start_matches('0')));
            assert_eq!(municipality_of(&link), Some(code));
            let four = format!("https://www.borger.dk/x?{}={code}", key.to_uppercase());
            assert_eq!(municipality_of(&four), Some(code), "with four digits and in any case of letters");
        }
    }
}

#[test]
fn grounds_and_requirements_are_lists_that_people_pick_from() {
    let library = builtin();
    assert_eq!(library.grounds().len(), 5);
    assert!(library.requirements().iter().any(|one| one.slug == "nemlog-in"));
    let error = changed("grounds.toml", "slug = \"language\"", "slug = \"no-eid\"").map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("no-eid: stands there twice"), "{error}");
}

/// Copies the built-in content to a folder, changes one file, and loads it.
fn changed(file: &str, from: &str, to: &str) -> Result<Library, ContentError> {
    let dir = tempfile::tempdir().unwrap();
    for folder in ["articles", "foreign", "letters"] {
        std::fs::create_dir(dir.path().join(folder)).unwrap();
    }
    let files = Files::builtin();
    let mut hit = false;
    for (path, bytes) in files.all() {
        if path.starts_with("rules/") {
            continue;
        }
        let mut text = String::from_utf8(bytes.to_vec()).unwrap();
        if path == file {
            hit = text.contains(from);
            text = text.replacen(from, to, 1);
        }
        std::fs::write(dir.path().join(path), text).unwrap();
    }
    assert!(hit, "{file} does not hold {from:?}");
    Library::from_dir(dir.path())
}

#[test]
fn a_folder_is_read_like_the_built_in_content() {
    let library = changed("services.toml", "Meld flytning", "Meld din flytning").unwrap();
    assert_eq!(library.title(&TopicSlug::new("flytning"), Lang::Da), Some("Meld din flytning"));
}

#[test]
fn broken_content_is_refused_with_file_and_advice() {
    for (file, from, to, told) in [
        ("articles/flytning.da.md", "keywords", "keyword", "unknown field"),
        ("articles/flytning.da.md", "reviewed = \"2026-", "reviewed = \"26-", "line"),
        (
            "articles/flytning.en.md",
            "sources = [",
            "sources = [\"nowhere\", ",
            "the source nowhere is not in sources.toml",
        ),
        (
            "services.toml",
            "authority = \"folkeregister\"",
            "authority = \"folkeregistret\"",
            "not in authorities.toml",
        ),
        ("services.toml", "login = \"mitid\"", "login = \"nemid\"", "unknown variant"),
        ("authorities.toml", "mon-thu 08:00-20:00", "man-tor 8-20", "opening hours not understood"),
        ("municipalities.csv", "0190,190", "0190,191", "code4 has four digits"),
        ("messages.en.toml", "ask_municipality =", "ask_muncipality =", "unknown field"),
        ("foreign/tr.toml", "[topic.pas]", "[topic.pass]", "pas: is missing"),
        ("foreign/tr.toml", "[topic.pas]", "[topic.pass]", "pass: there is no such topic"),
        ("messages.en.toml", "{phone}, the Digital", "the Digital", "the places in braces"),
    ] {
        let error = changed(file, from, to).map(|_| ()).unwrap_err();
        let hit = error.problems.iter().any(|problem| problem.file == file && problem.what.contains(told));
        assert!(hit, "{file}: {to:?}: {error}");
    }
}

#[test]
fn a_missing_folder_and_a_missing_file_are_named() {
    let error = Library::from_dir(Path::new("/nowhere/at/all")).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("/nowhere/at/all"), "{error}");
    let dir = tempfile::tempdir().unwrap();
    let error = Library::from_dir(dir.path()).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("municipalities.csv: is missing"), "{error}");
}

#[test]
fn a_published_article_takes_the_place_of_the_shipped_one_and_a_withdrawn_one_never_answers() {
    let mut library = builtin();
    let (topic, today) = (TopicSlug::new("flytning"), "2026-11-23".parse().unwrap());
    let version =
        |library: &Library, lang| library.reviewed(&topic, lang, today).map(|answer| answer.version());
    let newer = Article { version: 7, ..library.article(&topic, Lang::Da).unwrap().clone() };
    assert!(library.misfits(&newer).is_empty());
    let stray = Article { sources: vec!["findes_ikke".into()], ..newer.clone() };
    assert!(library.misfits(&stray)[0].what.contains("findes_ikke"));
    let shipped = version(&library, Lang::En);
    assert!(library.publish(newer.clone()));
    assert_eq!((version(&library, Lang::Da), version(&library, Lang::En)), (Some(7), shipped));
    library.withdraw(&topic, Lang::Da);
    assert_eq!((version(&library, Lang::Da), version(&library, Lang::En)), (None, shipped));
    assert!(library.article(&topic, Lang::Da).is_some(), "what people ask for it by is still known");
    assert!(library.publish(newer.clone()));
    assert_eq!(version(&library, Lang::Da), Some(7));
    assert!(!library.publish(Article { topic: TopicSlug::new("maanen"), ..newer }), "nobody can ask for it");
}
