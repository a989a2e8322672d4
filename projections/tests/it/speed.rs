//! How fast views are built and how soon an event is seen. Run by hand, in release mode:
//! `cargo nextest run --release -p skranke-projections --run-ignored only --no-capture`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use skranke_domain::case::{Case, CaseAct};
use skranke_domain::{Act, CaseId};
use skranke_projections::{Order, Views, WorklistQuery};
use skranke_store::{Expected, Metadata, NewEvent, StreamWrite};

use crate::house::{House, Office, SECRET, TODAY, furesoe, now, person};

/// Copies the events of one real case into streams of its own, `cases` times.
async fn fill(office: &Office, cases: usize) -> usize {
    let (model, _) = office.long_case(furesoe(), 1).await;
    let stream = Case::stream(furesoe(), model);
    let model = office.log.read_stream(&stream, 0, skranke_store::Direction::Forwards, 1000).await.unwrap();
    let metadata =
        Metadata::from_act(&Act::system(furesoe(), now(), office.next()), "test").to_json().unwrap();
    let mut open = Vec::new();
    for number in 0..cases {
        let id = CaseId::new(office.next());
        let opened = String::from_utf8(model[0].data.to_vec()).unwrap();
        let opened = opened.replace("S2026-00001", &format!("S2026-{number:07}"));
        let events = model.iter().enumerate().map(|(place, event)| NewEvent {
            id: office.next(),
            event_type: event.event_type.to_string().into(),
            data: if place == 0 { opened.clone().into_bytes() } else { event.data.to_vec() },
            metadata: metadata.clone(),
            recorded_at: now(),
        });
        let write = StreamWrite {
            stream: Case::stream(furesoe(), id),
            expected: Expected::NoStream,
            events: events.collect(),
        };
        let log = Arc::clone(&office.log);
        open.push(tokio::spawn(async move { log.append(write, None).await.unwrap() }));
        if open.len() >= 256 {
            for append in open.drain(..) {
                append.await.unwrap();
            }
        }
    }
    for append in open {
        append.await.unwrap();
    }
    cases * model.len()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn rebuild_lists_and_lag() {
    let office = Office::new();
    let events = fill(&office, 10_000).await;
    let started = Instant::now();
    let views = Views::open(&office.views_dir("views"), office.keys()).unwrap();
    let running = views.start(Arc::clone(&office.log)).unwrap();
    assert!(views.wait_for(office.log.head().await.unwrap(), Duration::from_mins(10)).await);
    let took = started.elapsed();
    println!("rebuild: {events} events in {took:?}: {:.0}/s", rate(events, took));
    running.stop().await;
    drop(views);

    let house = House::of(office);
    for order in Order::ALL {
        let started = Instant::now();
        for _ in 0..200 {
            let query = WorklistQuery { order, first: 50, ..WorklistQuery::default() };
            assert_eq!(house.views.worklist(furesoe(), query).await.unwrap().items.len(), 50);
        }
        println!("page of 50 by {order:?}: {:?}", started.elapsed() / 200);
    }
    let started = Instant::now();
    for _ in 0..50 {
        house.views.counters(furesoe(), person(1), None, TODAY).await.unwrap();
    }
    println!("counters: {:?}", started.elapsed() / 50);
    let id = house.open_case(furesoe(), 1).await;
    house.act(furesoe(), id, person(1), crate::house::assign(person(1))).await;
    let mut lags = Vec::new();
    for _ in 0..500 {
        let note = CaseAct::NoteStep { text: SECRET.to_owned() };
        let position = house.act(furesoe(), id, person(1), note).await.position;
        let started = Instant::now();
        assert!(house.views.wait_for(position, Duration::from_secs(5)).await);
        lags.push(started.elapsed());
    }
    lags.sort_unstable();
    println!("lag: p50 {:?}, p99 {:?}", lags[lags.len() / 2], lags[lags.len() * 99 / 100]);
}

fn rate(events: usize, took: Duration) -> f64 {
    f64::from(u32::try_from(events).unwrap()) / took.as_secs_f64()
}
