//! The law of the port: whatever is asked of a log, in whatever order, it answers as the simplest log there can
//! be. Random histories of appends, deletions, reads, subscriptions and restarts, on tiny segments, so that
//! every history crosses many of them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod support;

use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use skranke_domain::StreamId;
use skranke_store::{
    Direction, EmbeddedLog, EventLog, Expected, Filter, LogError, Options, Page, Position, Recorded,
    StreamWrite, Subscription,
};
use support::model::Model;
use support::{event, stream};

#[derive(Clone, Debug)]
enum Step {
    /// Sent at once, so they tend to share a frame.
    Appends(Vec<(Vec<StreamWrite>, Option<String>)>),
    Delete(StreamId, Expected),
    Reopen,
    FindKey(StreamId, String),
    ReadStream(StreamId, u64, Direction, usize),
    ReadAll(u64, Direction, usize, Filter),
    Follow(StreamId, Option<u64>),
}

fn a_stream() -> impl Strategy<Value = StreamId> {
    (0..5_usize).prop_map(|n| match ["a-1", "a-2", "b-1", "b-2", "$$ foreign, and æ"][n] {
        ours if n < 4 => stream(ours),
        foreign => StreamId::parse(foreign).unwrap(),
    })
}

fn a_direction() -> impl Strategy<Value = Direction> {
    prop_oneof![Just(Direction::Forwards), Just(Direction::Backwards)]
}

fn an_expectation() -> impl Strategy<Value = Expected> {
    prop_oneof![
        3 => Just(Expected::Any),
        1 => Just(Expected::NoStream),
        1 => Just(Expected::Exists),
        2 => (0..6_u64).prop_map(Expected::Exact),
    ]
}

fn a_write() -> impl Strategy<Value = StreamWrite> {
    let kinds = proptest::collection::vec((0..3_usize, any::<u32>(), 0..600_usize), 1..4);
    (a_stream(), an_expectation(), kinds).prop_map(|(stream, expected, kinds)| {
        let events = kinds.into_iter().map(|(kind, n, length)| {
            let mut event = event(["A", "B", "C"][kind], n.into());
            // What is no JSON, and nothing but zeros, must be kept as well.
            if length > 300 {
                event.data = vec![0; length];
            }
            event
        });
        StreamWrite { stream, expected, events: events.collect() }
    })
}

fn an_append() -> impl Strategy<Value = (Vec<StreamWrite>, Option<String>)> {
    let writes = prop_oneof![4 => proptest::collection::vec(a_write(), 1), 1 => proptest::collection::vec(a_write(), 2..4)];
    (writes, proptest::option::of(a_key()))
}

fn a_key() -> impl Strategy<Value = String> {
    (0..8_u8).prop_map(|n| format!("k{n}"))
}

fn a_step() -> impl Strategy<Value = Step> {
    let types = proptest::sample::subsequence(vec!["A", "B", "Z"], 0..3);
    let prefixes = proptest::sample::subsequence(vec!["test-0190-a", "test-0190-b-1", "$"], 0..3);
    let filter = (types, prefixes).prop_map(|(types, prefixes)| Filter {
        event_types: types.into_iter().map(ToOwned::to_owned).collect(),
        stream_prefixes: prefixes.into_iter().map(ToOwned::to_owned).collect(),
    });
    let appends = proptest::collection::vec(an_append(), 1..6).prop_map(Step::Appends);
    let read_stream = (a_stream(), prop_oneof![0..20_u64, Just(u64::MAX)], a_direction(), 0..9_usize)
        .prop_map(|(stream, from, way, max)| Step::ReadStream(stream, from, way, max));
    let read_all = (prop_oneof![0..80_u64, Just(u64::MAX)], a_direction(), 1..9_usize, filter)
        .prop_map(|(from, way, max, filter)| Step::ReadAll(from, way, max, filter));
    prop_oneof![
        8 => appends,
        1 => (a_stream(), an_expectation()).prop_map(|(stream, expected)| Step::Delete(stream, expected)),
        1 => Just(Step::Reopen),
        1 => (a_stream(), a_key()).prop_map(|(stream, key)| Step::FindKey(stream, key)),
        2 => read_stream,
        2 => read_all,
        1 => (a_stream(), proptest::option::of(0..9_u64)).prop_map(|(stream, from)| Step::Follow(stream, from)),
    ]
}

fn open(dir: &Path) -> Arc<dyn EventLog> {
    let options = Options { first_segment_bytes: 700, segment_bytes: 4 << 10, ..Options::default() };
    Arc::new(EmbeddedLog::open_with(dir, options).unwrap())
}

/// What an answer says, with the engine's own words of a fault left out.
fn said<T: std::fmt::Debug>(answer: Result<T, LogError>) -> String {
    match answer {
        Err(LogError::Invalid(_)) => "invalid".to_owned(),
        answer => format!("{answer:?}"),
    }
}

/// A deletion has an id of its own; everything else of it is the same.
fn same(one: &[Recorded], two: &[Recorded]) -> bool {
    let bare = |events: &[Recorded]| -> Vec<Recorded> {
        let id = |event: &Recorded| {
            if event.event_type == "$streamDeleted" { uuid::Uuid::nil() } else { event.id }
        };
        events.iter().map(|event| Recorded { id: id(event), ..event.clone() }).collect()
    };
    bare(one) == bare(two)
}

async fn all(log: &dyn EventLog, from: u64, way: Direction, max: usize, filter: &Filter) -> Vec<Recorded> {
    let (mut read, mut at) = (Vec::new(), Position(from));
    loop {
        let page = log.read_all(at, way, max, filter).await.unwrap();
        assert!(page.events.len() <= max && (page.end || !page.events.is_empty()));
        read.extend(page.events);
        at = page.next;
        if page.end {
            return read;
        }
    }
}

/// What the KurrentDB engine does not do, or not as the others do; see its own page.
#[cfg(all(feature = "kurrent", feature = "endpoint"))]
mod over_the_endpoint {
    use super::*;
    use support::endpoint::{Served, serve};

    struct Place {
        log: Arc<dyn EventLog>,
        served: Served,
    }

    async fn connect(dir: &Path) -> Place {
        let served = serve(open(dir)).await;
        let log = skranke_store::open(&served.quick_url()).await.unwrap();
        Place { log, served }
    }

    async fn compare(dir: &Path, steps: Vec<Step>) {
        let model = Model::new();
        let mut place = connect(dir).await;
        for step in steps {
            let log = place.log.as_ref();
            match step {
                Step::Appends(appends) => {
                    for (writes, key) in appends {
                        if writes.len() > 1 {
                            let refused = log.append_all(writes, key).await;
                            assert!(matches!(refused, Err(LogError::Invalid(_))), "{refused:?}");
                            continue;
                        }
                        let (stream, keyed) = (writes[0].stream.clone(), key.is_some());
                        let answer = log.append_all(writes.clone(), key.clone()).await;
                        let should = model.append_all(writes, key).await;
                        // The keys of a deleted stream are gone with it.
                        if keyed && is_deleted(&model, &stream).await {
                            assert!(matches!(answer, Err(LogError::Deleted)), "{answer:?}");
                            continue;
                        }
                        assert_eq!(said(answer), said(should));
                    }
                }
                Step::Delete(stream, expected) => {
                    let should = model.delete_stream(&stream, expected).await;
                    assert_eq!(said(log.delete_stream(&stream, expected).await), said(should));
                }
                Step::Reopen => {
                    place.served.stop().await;
                    drop(place.log);
                    place = connect(dir).await;
                    assert_eq!(place.log.head().await.unwrap(), model.head().await.unwrap());
                }
                Step::FindKey(stream, key) => {
                    let answer = log.find_key(&stream, &key).await;
                    if is_deleted(&model, &stream).await {
                        assert!(matches!(answer, Err(LogError::Deleted)), "{answer:?}");
                    } else {
                        assert_eq!(answer.unwrap(), model.find_key(&stream, &key).await.unwrap());
                    }
                }
                Step::ReadStream(stream, from, way, max) => {
                    let should = model.read_stream(&stream, from, way, max).await;
                    let read = log.read_stream(&stream, from, way, max).await;
                    match (read, should) {
                        (Ok(read), Ok(should)) => assert!(alike(&read, &should), "{read:?} {should:?}"),
                        (read, should) => assert_eq!(said(read), said(should)),
                    }
                }
                Step::ReadAll(from, way, max, filter) => {
                    let should = all(&model, from, way, max, &filter).await;
                    assert!(alike(&all(log, from, way, max, &filter).await, &should));
                }
                Step::Follow(stream, from) => {
                    if !is_deleted(&model, &stream).await {
                        follow_alike(log, &model, &stream, from).await;
                    }
                }
            }
        }
        let everything = all(&model, 0, Direction::Forwards, 999, &Filter::default()).await;
        let mut feed = place.log.subscribe(Position(0), Filter::default()).await.unwrap();
        let mut told = Vec::new();
        while told.len() < everything.len() {
            told.extend(feed.next(3).await.unwrap().events);
        }
        assert!(alike(&told, &everything));
    }

    async fn is_deleted(model: &Model, stream: &StreamId) -> bool {
        matches!(model.read_stream(stream, 0, Direction::Forwards, 1).await, Err(LogError::Deleted))
    }

    /// The ids of a keyed append are the engine's.
    fn alike(one: &[Recorded], two: &[Recorded]) -> bool {
        let bare = |events: &[Recorded]| -> Vec<Recorded> {
            events
                .iter()
                .map(|event| {
                    let end = event.event_type == "$streamDeleted";
                    let recorded_at = if end { jiff::Timestamp::UNIX_EPOCH } else { event.recorded_at };
                    Recorded { id: uuid::Uuid::nil(), recorded_at, ..event.clone() }
                })
                .collect()
        };
        bare(one) == bare(two)
    }

    async fn follow_alike(log: &dyn EventLog, model: &Model, stream: &StreamId, from: Option<u64>) {
        let should =
            model.read_stream(stream, from.unwrap_or(u64::MAX), Direction::Forwards, 99).await.unwrap();
        let mut feed = log.subscribe_stream(stream, from).await.unwrap();
        let mut heard = Vec::new();
        while heard.len() < should.len() {
            heard.extend(feed.next(2).await.unwrap().events);
        }
        assert!(alike(&heard, &should));
        let more = tokio::time::timeout(std::time::Duration::from_millis(1), feed.next(2)).await;
        assert!(more.is_err(), "{more:?}");
    }

    proptest! {
        // A request takes 45 ms (see the engine's page), so these are few; each crosses all kinds of steps.
        #![proptest_config(ProptestConfig { cases: support::cases(5), max_shrink_iters: 40, ..ProptestConfig::default() })]
        #[test]
        fn it_answers_as_the_model_does(steps in proptest::collection::vec(a_step(), 1..25)) {
            let dir = tempfile::tempdir().unwrap();
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            runtime.block_on(compare(dir.path(), steps));
        }
    }
}

async fn compare(dir: &Path, steps: Vec<Step>) {
    let model = Model::new();
    let mut log = open(dir);
    let mut feed: Option<Box<dyn Subscription>> =
        Some(log.subscribe(Position(0), Filter::default()).await.unwrap());
    let mut told = Vec::new();
    for step in steps {
        match step {
            Step::Appends(appends) => {
                let sent = appends.iter().cloned().map(|(writes, key)| log.append_all(writes, key));
                let answers = futures::future::join_all(sent).await;
                for ((writes, key), answer) in appends.into_iter().zip(answers) {
                    let should = model.append_all(writes, key).await;
                    assert_eq!(said(answer), said(should));
                }
            }
            Step::Delete(stream, expected) => {
                let should = model.delete_stream(&stream, expected).await;
                assert_eq!(said(log.delete_stream(&stream, expected).await), said(should));
            }
            Step::Reopen => {
                feed = None;
                drop(log);
                log = open(dir);
                assert_eq!(log.head().await.unwrap(), model.head().await.unwrap());
            }
            Step::FindKey(stream, key) => {
                assert_eq!(
                    log.find_key(&stream, &key).await.unwrap(),
                    model.find_key(&stream, &key).await.unwrap()
                );
            }
            Step::ReadStream(stream, from, way, max) => {
                let should = model.read_stream(&stream, from, way, max).await;
                assert_eq!(said(log.read_stream(&stream, from, way, max).await), said(should));
            }
            Step::ReadAll(from, way, max, filter) => {
                let should = all(&model, from, way, max, &filter).await;
                assert!(same(&all(log.as_ref(), from, way, max, &filter).await, &should));
            }
            Step::Follow(stream, from) => follow(log.as_ref(), &model, &stream, from).await,
        }
        let head = model.head().await.unwrap().0;
        while let Some(feed) = feed.as_mut().filter(|_| (told.len() as u64) < head) {
            let Page { events, next, end } = feed.next(3).await.unwrap();
            told.extend(events);
            assert_eq!((next.0, end), (told.len() as u64, told.len() as u64 == head));
        }
    }
    if feed.is_some() {
        assert!(same(&told, &all(&model, 0, Direction::Forwards, 999, &Filter::default()).await));
    }
}

/// What a subscription to a stream tells at once is what reading it tells.
async fn follow(log: &dyn EventLog, model: &Model, stream: &StreamId, from: Option<u64>) {
    let Ok(should) = model.read_stream(stream, from.unwrap_or(u64::MAX), Direction::Forwards, 99).await
    else {
        let answer = match log.subscribe_stream(stream, from).await {
            Ok(mut feed) => feed.next(5).await.map(drop),
            Err(error) => Err(error),
        };
        assert!(matches!(answer, Err(LogError::Deleted)), "{answer:?}");
        return;
    };
    let mut feed = log.subscribe_stream(stream, from).await.unwrap();
    let mut heard = Vec::new();
    while heard.len() < should.len() {
        heard.extend(feed.next(2).await.unwrap().events);
    }
    assert_eq!(heard, should);
    let more = tokio::time::timeout(std::time::Duration::from_micros(200), feed.next(2)).await;
    assert!(more.is_err(), "{more:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: support::cases(64), ..ProptestConfig::default() })]
    #[test]
    fn it_answers_as_the_model_does(steps in proptest::collection::vec(a_step(), 1..40)) {
        let dir = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(compare(dir.path(), steps));
    }
}
