//! The runner: live and rebuilt views are the same, nothing is folded twice, another log is noticed.

use std::sync::Arc;

use rusqlite::Connection;
use skranke_domain::case::{Case, CaseAct};
use skranke_domain::{Act, StreamId};
use skranke_projections::{Feed, Views, ViewsError};
use skranke_store::{Expected, Metadata, NewEvent, Position, StreamWrite};

use crate::house::{House, LIMIT, Office, SECRET, aarhus, assign, furesoe, now, person};

fn note() -> CaseAct {
    CaseAct::NoteStep { text: SECRET.to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn live_views_equal_rebuilt_ones() {
    let house = House::new();
    house.everything(furesoe(), 1).await;
    house.everything(aarhus(), 100).await;
    house.caught_up().await;
    let live = house.views.digest().await.unwrap();
    assert_eq!(live, house.fresh_digest("again").await);
    assert_ne!(live, Office::new().fresh_digest("empty").await);
    assert_eq!(house.views.feed(), Feed::Live);
    let head = house.log.head().await.unwrap();
    assert_eq!(house.views.position(), head);
    assert!(house.views.health().iter().all(|one| one.position == head && one.stalled.is_none()));
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_views_come_back_the_same() {
    let house = House::new();
    house.everything(furesoe(), 1).await;
    house.caught_up().await;
    let live = house.views.digest().await.unwrap();
    let office = house.close().await;
    Views::delete(&office.views_dir("views")).unwrap();
    assert!(!office.views_dir("views").join("views.db").exists());
    assert_eq!(office.fresh_digest("views").await, live);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_in_the_middle_folds_nothing_twice() {
    let mut house = House::new();
    house.everything(furesoe(), 1).await;
    house.caught_up().await;
    // Stopped and started with the views kept open, while the log goes on.
    house.rest().await;
    assert_eq!(house.views.feed(), Feed::Idle);
    house.everything(aarhus(), 1).await;
    house.resume();
    house.caught_up().await;
    // Stopped in the middle of catching up, closed, opened again.
    for number in 50..80 {
        house.open_case(furesoe(), number).await;
    }
    let office = house.close().await;
    office.everything("0101".parse().unwrap(), 100).await;
    let house = House::of(office);
    house.caught_up().await;
    assert_eq!(house.views.digest().await.unwrap(), house.fresh_digest("again").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_projection_is_built_anew_and_the_others_keep_their_place() {
    let house = House::new();
    house.everything(furesoe(), 1).await;
    house.caught_up().await;
    let before = house.views.digest().await.unwrap();
    let office = house.close().await;
    let file = office.views_dir("views").join("views.db");
    let connection = Connection::open(&file).unwrap();
    let changed = "UPDATE projections SET version = 0, tables = 'cases case_totals case_ages cases_of_old'
                   WHERE name = 'cases'";
    connection
        .execute_batch(&format!(
            "{changed};
             CREATE TABLE cases_of_old (x);
             INSERT INTO projections (name, version, position, tables) VALUES ('gone', 1, 1, 'gone');
             CREATE TABLE gone (x);
             UPDATE case_weeks SET count = count + 1000;"
        ))
        .unwrap();
    drop(connection);
    let views = Views::open(&office.views_dir("views"), office.keys()).unwrap();
    let head = office.log.head().await.unwrap();
    let health = views.health();
    let positions: Vec<_> =
        health.iter().filter(|one| one.position == Position(0)).map(|one| one.name).collect();
    assert_eq!(positions, ["cases"]);
    let running = views.start(Arc::clone(&office.log)).unwrap();
    assert!(views.wait_for(head, LIMIT).await);
    // Behind the others at first, it is in step with them now.
    let id = office.open_case(furesoe(), 900).await;
    office.act(furesoe(), id, person(1), assign(person(1))).await;
    let last = office.act(furesoe(), id, person(1), note()).await.position;
    assert!(views.wait_for(last, LIMIT).await);
    running.stop().await;
    drop(views);
    let tables: Vec<String> = Connection::open(&file)
        .unwrap()
        .prepare("SELECT name FROM sqlite_schema WHERE name IN ('gone', 'cases_of_old')")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert!(tables.is_empty(), "{tables:?}");
    let views = Views::open(&office.views_dir("views"), office.keys()).unwrap();
    let fresh = Views::open(&office.views_dir("fresh"), office.keys()).unwrap();
    let running = fresh.start(Arc::clone(&office.log)).unwrap();
    assert!(fresh.wait_for(last, LIMIT).await);
    running.stop().await;
    let (kept, fresh) = (views.digests().await.unwrap(), fresh.digests().await.unwrap());
    for (name, digest) in fresh {
        assert_eq!(kept[name] == digest, name != "case-weeks", "{name}");
    }
    assert_ne!(views.digest().await.unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn views_of_another_log_are_thrown_away() {
    let house = House::new();
    house.everything(furesoe(), 1).await;
    house.caught_up().await;
    let office = house.close().await;
    // A shorter log, and a longer one whose events are others.
    let shorter = Office::with_ids_from(1_000_000);
    shorter.open_case(furesoe(), 1).await;
    let longer = Office::with_ids_from(2_000_000);
    longer.everything(aarhus(), 1).await;
    longer.everything(furesoe(), 1).await;
    for other in [&shorter, &longer, &office] {
        let head = other.log.head().await.unwrap();
        let views = Views::open(&office.views_dir("views"), other.keys()).unwrap();
        let running = views.start(Arc::clone(&other.log)).unwrap();
        // The old position may be ahead of this log's head, so it is not enough to wait for the head.
        while views.position() != head || views.feed() != Feed::Live {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        running.stop().await;
        assert_eq!(views.digest().await.unwrap(), other.fresh_digest(&format!("of-{head:?}")).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_told_after_it_can_be_seen() {
    let house = House::new();
    house.caught_up().await;
    let mut changes = house.views.changes();
    let id = house.open_case(furesoe(), 1).await;
    for expected in ["CaseOpened", "DeadlineSet"] {
        let change = tokio::time::timeout(LIMIT, changes.recv()).await.unwrap().unwrap();
        assert_eq!((change.event_type.as_str(), change.tenant), (expected, furesoe()));
        assert_eq!(change.stream, Case::stream(furesoe(), id));
        let sheet = house.views.case_sheet(furesoe(), id).await.unwrap().unwrap();
        assert!(sheet.position >= change.position);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_ends_with_the_event_or_with_patience() {
    let mut house = House::new();
    let id = house.open_case(furesoe(), 1).await;
    let last = house.act(furesoe(), id, person(1), assign(person(1))).await.position;
    assert!(house.views.wait_for(last, LIMIT).await);
    assert!(!house.views.wait_for(Position(last.0 + 1), std::time::Duration::from_millis(20)).await);
    house.rest().await;
    let later = house.act(furesoe(), id, person(1), note()).await.position;
    assert!(!house.views.wait_for(later, std::time::Duration::from_millis(20)).await);
    house.resume();
    assert!(house.views.wait_for(later, LIMIT).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_has_one_hand() {
    let house = House::new();
    let dir = house.views_dir("views");
    assert!(matches!(Views::open(&dir, house.keys()), Err(ViewsError::InUse { .. })));
    assert!(matches!(Views::delete(&dir), Err(ViewsError::InUse { .. })));
    assert!(matches!(house.views.start(Arc::clone(&house.log)), Err(ViewsError::Running)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_is_built_anew_and_a_foreign_one_left_alone() {
    let house = House::new();
    house.everything(furesoe(), 1).await;
    house.caught_up().await;
    let live = house.views.digest().await.unwrap();
    let office = house.close().await;
    let file = office.views_dir("views").join("views.db");
    std::fs::write(&file, "not a database at all, but long enough to look at".repeat(100)).unwrap();
    assert_eq!(office.fresh_digest("views").await, live);

    let foreign = office.views_dir("foreign");
    std::fs::create_dir(&foreign).unwrap();
    Connection::open(foreign.join("views.db")).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
    assert!(matches!(Views::open(&foreign, Office::new().keys()), Err(ViewsError::Foreign { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_personal_word_stands_in_the_views() {
    let house = House::new();
    house.everything(furesoe(), 1).await;
    house.caught_up().await;
    let dir = house.views_dir("views");
    let office = house.close().await;
    let mut seen = 0;
    for name in ["views.db", "views.db-wal"] {
        let Ok(bytes) = std::fs::read(dir.join(name)) else { continue };
        seen += bytes.len();
        assert!(!bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes()), "{name}");
    }
    assert!(seen > 100_000, "the views were looked at");
    drop(office);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_log_is_built_anew_without_its_indexes_and_comes_to_the_same() {
    let house = House::new();
    house.everything(furesoe(), 1).await;
    // Enough that it is worth a hurry; and a fault on the way, which has to be rolled back there too.
    let (case, stream) = (house.open_case(furesoe(), 800).await, StreamId::new("licence", furesoe(), "x"));
    for _ in 0..9 {
        let event = |_| NewEvent {
            id: house.next(),
            event_type: "LicenceGiven".into(),
            data: b"{}".to_vec(),
            metadata: Metadata::from_act(&Act::system(furesoe(), now(), house.next()), "test")
                .to_json()
                .unwrap(),
            recorded_at: now(),
        };
        let events = (0..250).map(event).collect();
        let write = StreamWrite { stream: stream.clone(), expected: Expected::Any, events };
        house.log.append(write, None).await.unwrap();
    }
    let poison = house.smuggle(Case::stream(furesoe(), case), "CallNoted", r#"{"text":1}"#).await;
    house.open_case(furesoe(), 801).await;
    let head = house.log.head().await.unwrap();
    assert!(!house.views.wait_for(head, LIMIT).await);
    let (live, health) = (house.views.digest().await.unwrap(), house.views.health());

    let office = house.close().await;
    let views = Views::open(&office.views_dir("again"), office.keys()).unwrap();
    let running = views.start(Arc::clone(&office.log)).unwrap();
    let mut turned_away = 0;
    while views.feed() != Feed::Live {
        match views.case_sheet(furesoe(), case).await {
            Err(ViewsError::Building) => turned_away += 1,
            answer => drop(answer.unwrap()),
        }
    }
    assert!(!views.wait_for(head, LIMIT).await, "the poison stops some here as well");
    assert_eq!(views.health(), health);
    assert!(health.iter().any(|one| one.stalled.as_ref().is_some_and(|stall| stall.position == poison)));
    assert_eq!(views.digest().await.unwrap(), live);
    println!("{turned_away} questions were turned away");
    running.stop().await;
    drop(views);
    // It is an ordinary file again.
    let views = Views::open(&office.views_dir("again"), office.keys()).unwrap();
    assert_eq!(views.digest().await.unwrap(), live);
}
