//! The search index: what is found by which words, by whom, and that the file tells nobody what it holds.

use skranke_domain::case::{CaseAct, Direction};
use skranke_domain::{Tenant, sealed::Seen};
use skranke_projections::{Reached, SearchQuery, Views};

use crate::house::{House, Office, SECRET, aarhus, assign, furesoe, person, team};

/// The numbers of the cases that are found, newest hit first, and the kinds of entry they are found in.
async fn found(views: &Views, tenant: Tenant, query: SearchQuery) -> Vec<(String, String)> {
    let page = views.search(tenant, SearchQuery { first: 100, ..query }).await.unwrap();
    assert!(!page.more);
    page.items.into_iter().map(|item| (item.row.row.number, item.row.event_type)).collect()
}

fn words(text: &str) -> SearchQuery {
    SearchQuery { text: text.to_owned(), ..SearchQuery::default() }
}

fn opened(number: u32) -> (String, String) {
    (format!("S2026-{number:05}"), "CaseOpened".to_owned())
}

async fn called(office: &Office, tenant: Tenant, number: u64, text: &str) {
    let id = office.open_case(tenant, number).await;
    office.act(tenant, id, person(1), assign(person(1))).await;
    let note = CaseAct::NoteCall { direction: Direction::Incoming, text: text.to_owned() };
    office.act(tenant, id, person(1), note).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cases_are_found_by_words_however_they_are_spelt() {
    let house = House::new();
    called(&house, furesoe(), 1, "Ringede om Sørens flytning fra Ærø").await;
    called(&house, furesoe(), 2, "Ringede om noget andet").await;
    house.caught_up().await;
    let note = |number: u32| (format!("S2026-{number:05}"), "CallNoted".to_owned());
    for text in ["sørens", "SOERENS", "sorens ærø", "aeroe ringede"] {
        assert_eq!(found(&house.views, furesoe(), words(text)).await, [note(1)], "{text}");
    }
    assert_eq!(found(&house.views, furesoe(), words("ringede")).await, [note(2), note(1)]);
    // In a title or a name the beginning of a word is enough; in a note it is not.
    assert_eq!(found(&house.views, furesoe(), words("hans")).await, [opened(2), opened(1)]);
    assert_eq!(found(&house.views, furesoe(), words("flyt")).await, []);
    // The beginning of nothing is no word.
    assert_eq!(found(&house.views, furesoe(), words("hans*sen")).await, []);
    for none in ["ringede hansen", "", "–", "\" OR 1"] {
        assert_eq!(found(&house.views, furesoe(), words(none)).await, [], "{none}");
    }
    assert_eq!(found(&house.views, furesoe(), words("S2026-00002")).await, [opened(2)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_finds_what_they_do_not_reach() {
    let house = House::new();
    house.everything(furesoe(), 1).await;
    let mine = house.open_case(furesoe(), 70).await;
    let theirs = house.open_case(furesoe(), 71).await;
    house.act(furesoe(), mine, person(1), assign(person(2))).await;
    for id in [mine, theirs] {
        house.act(furesoe(), id, person(1), CaseAct::AssignTeam { team: team(7), takes_cases: true }).await;
    }
    house.caught_up().await;
    assert_eq!(found(&house.views, aarhus(), words(SECRET)).await, []);
    let reached = |teams: &[u128], people: &[u128]| SearchQuery {
        reached: Some(Reached {
            teams: teams.iter().map(|number| team(*number)).collect(),
            caseworkers: people.iter().map(|number| person(*number)).collect(),
        }),
        ..words("S2026-0007")
    };
    assert_eq!(found(&house.views, furesoe(), reached(&[7], &[])).await, [opened(71), opened(70)]);
    assert_eq!(found(&house.views, furesoe(), reached(&[], &[3])).await, []);
    let numbered = |query: SearchQuery| SearchQuery { text: "S2026 00071".to_owned(), ..query };
    assert_eq!(found(&house.views, furesoe(), numbered(reached(&[7], &[]))).await, [opened(71)]);
    assert_eq!(found(&house.views, furesoe(), numbered(reached(&[], &[2]))).await, []);
    let numbered = |query: SearchQuery| SearchQuery { text: "S2026 00070".to_owned(), ..query };
    assert_eq!(found(&house.views, furesoe(), numbered(reached(&[], &[2]))).await, [opened(70)]);
    assert_eq!(found(&house.views, furesoe(), numbered(reached(&[1], &[3]))).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_one_another_and_each_is_one_look_into_the_index() {
    let house = House::new();
    for number in 1..=7 {
        house.open_case(furesoe(), number).await;
    }
    house.caught_up().await;
    let (mut after, mut numbers) = (None, Vec::new());
    loop {
        let query = SearchQuery { after, first: 3, ..words("hansen") };
        let page = house.views.search(furesoe(), query).await.unwrap();
        after = page.end().cloned();
        numbers.extend(page.items.into_iter().map(|item| item.row.row.number));
        if !page.more {
            break;
        }
    }
    assert_eq!(numbers, (1..=7).rev().map(|number| format!("S2026-{number:05}")).collect::<Vec<_>>());
    let reached = Some(Reached { teams: vec![team(1)], caseworkers: vec![person(1)] });
    let query = SearchQuery { reached, ..words("hansen") };
    let plan = house.views.explain_search(furesoe(), query).await.unwrap();
    let looks_up = |line: &String| {
        line.contains("VIRTUAL TABLE INDEX") || (line.starts_with("SEARCH") && !line.contains("AUTOMATIC"))
    };
    assert!(plan.iter().all(looks_up), "{plan:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rebuilt_views_find_the_same_and_nothing_of_somebody_whose_key_is_gone() {
    let house = House::new();
    let kept = house.open_case(furesoe(), 1).await;
    let gone = house.open_case(furesoe(), 2).await;
    let subject = house.sheet(furesoe(), gone).await.file.subject;
    assert_eq!(found(&house.views, furesoe(), words("hansen")).await, [opened(2), opened(1)]);
    let keys = house.keys();
    assert!(tokio::task::spawn_blocking(move || keys.destroy(furesoe(), subject).unwrap()).await.unwrap());
    let office = house.close().await;
    Views::delete(&office.views_dir("views")).unwrap();
    let house = House::of(office);
    house.caught_up().await;
    assert_eq!(found(&house.views, furesoe(), words("hansen")).await, [opened(1)]);
    let mut sheet = house.sheet(furesoe(), kept).await;
    assert!(matches!(sheet.title.see(), Seen::Locked));
    sheet
        .title
        .open_with(&house.keys().for_stream(&skranke_domain::case::Case::stream(furesoe(), kept)))
        .unwrap();
    assert!(matches!(sheet.title.see(), Seen::Open(_)));
}
