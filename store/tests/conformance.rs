//! One suite for every engine. The KurrentDB engine runs against our own endpoint over a fresh embedded log, and
//! besides against a real server when `SKRANKE_TEST_KURRENTDB` holds its URL, for example
//! `kurrentdb://admin:changeit@127.0.0.1:2113?tls=false`.
//!
//! Each promise is a function over the port, with streams of its own, so that it may run beside others in one
//! log.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops; KurrentDB is a name")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use skranke_domain::StreamId;
use skranke_store::{
    Appended, Direction, EventLog, Expected, Filter, LogError, Position, Recorded, StreamWrite, Subscription,
};
use support::{event, write};

type Log = Arc<dyn EventLog>;

/// A log and a name that no other test uses in it.
struct Place {
    log: Log,
    tag: String,
    /// Whether `end` means the newest commit and not only what the server has pushed.
    exact_end: bool,
    /// Whether positions count 1, 2, 3, …
    dense: bool,
    /// What must live as long as the log.
    _behind: Option<Box<dyn std::any::Any + Send + Sync>>,
}

impl Place {
    fn local(log: Log) -> Self {
        Self { log, tag: "a".into(), exact_end: true, dense: true, _behind: None }
    }

    fn stream(&self, name: &str) -> StreamId {
        support::stream(&format!("{}-{name}", self.tag))
    }

    fn prefix(&self) -> String {
        format!("test-0190-{}-", self.tag)
    }

    fn filter(&self, types: &[&str]) -> Filter {
        Filter {
            event_types: types.iter().map(|name| (*name).to_owned()).collect(),
            stream_prefixes: vec![self.prefix()],
        }
    }

    async fn append(
        &self,
        name: &str,
        expected: Expected,
        numbers: std::ops::Range<u64>,
    ) -> Result<Appended, LogError> {
        self.log.append(write(&self.stream(name), expected, numbers), None).await
    }

    async fn all(&self, filter: &Filter, direction: Direction, max: usize) -> Vec<Recorded> {
        let mut from = match direction {
            Direction::Forwards => Position(0),
            Direction::Backwards => self.log.head().await.unwrap(),
        };
        let mut events = Vec::new();
        loop {
            let page = self.log.read_all(from, direction, max, filter).await.unwrap();
            assert!(page.events.len() <= max && (page.end || !page.events.is_empty()));
            events.extend(page.events);
            from = page.next;
            if page.end {
                return events;
            }
        }
    }
}

/// Runs a promise on every engine there is.
macro_rules! promises {
    ($($name:ident),* $(,)?) => {
        mod embedded {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let dir = tempfile::tempdir().unwrap();
                let log = super::support::embedded(dir.path());
                super::$name(&super::Place::local(log)).await;
            })*
        }
        mod model {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let log = std::sync::Arc::new(super::support::model::Model::new());
                super::$name(&super::Place::local(log)).await;
            })*
        }
        #[cfg(all(feature = "kurrent", feature = "endpoint"))]
        mod kurrent {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(&super::over_the_endpoint().await).await;
            })*
        }
        #[cfg(feature = "kurrent")]
        mod kurrent_server {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if let Some(place) = super::on_a_server().await {
                    super::$name(&place).await;
                }
            })*
        }
    };
}

promises! {
    what_was_written_is_read_back,
    expected_versions_are_kept,
    a_key_used_again_is_answered_again,
    the_whole_log_is_read_in_both_directions_and_filtered,
    pages_meet_without_gap_or_overlap,
    a_subscription_tells_what_was_and_then_what_comes,
    a_subscription_moves_past_what_it_filters_out,
    a_tail_sees_every_commit_once_and_in_order,
    what_was_answered_is_found_while_others_write,
    a_keyed_append_to_anything_is_written_once,
    a_stream_is_followed,
    a_deleted_stream_is_gone_for_good,
    a_closed_log_says_so,
}

#[cfg(all(feature = "kurrent", feature = "endpoint"))]
async fn over_the_endpoint() -> Place {
    let dir = tempfile::tempdir().unwrap();
    let served = support::endpoint::serve(support::embedded(dir.path())).await;
    let log = skranke_store::open(&served.quick_url()).await.unwrap();
    Place { log, tag: "a".into(), exact_end: false, dense: true, _behind: Some(Box::new((served, dir))) }
}

#[cfg(feature = "kurrent")]
async fn on_a_server() -> Option<Place> {
    #[expect(clippy::disallowed_methods, reason = "a test has no configuration file")]
    let Ok(url) = std::env::var("SKRANKE_TEST_KURRENTDB") else {
        println!("skipped: SKRANKE_TEST_KURRENTDB names no server");
        return None;
    };
    let log = skranke_store::open(&url).await.unwrap();
    let tag = format!("{:016x}", support::random());
    Some(Place { log, tag, exact_end: false, dense: false, _behind: None })
}

async fn what_was_written_is_read_back(place: &Place) {
    let stream = place.stream("one");
    let events: Vec<_> =
        (0..5).map(|number| event(if number == 3 { "Other" } else { "Counted" }, number)).collect();
    let first =
        StreamWrite { stream: stream.clone(), expected: Expected::NoStream, events: events[..2].to_vec() };
    let second =
        StreamWrite { stream: stream.clone(), expected: Expected::Exact(1), events: events[2..].to_vec() };
    assert_eq!(place.log.append(first, None).await.unwrap().revision, 1);
    let appended = place.log.append(second, None).await.unwrap();
    assert_eq!(appended.revision, 4);

    let read = place.log.read_stream(&stream, 0, Direction::Forwards, 100).await.unwrap();
    assert_eq!(read.len(), 5);
    for (revision, (read, written)) in (0..).zip(read.iter().zip(&events)) {
        assert_eq!((&read.stream, read.revision), (&stream, revision));
        assert_eq!((read.id, read.event_type.as_str()), (written.id, written.event_type.as_ref()));
        assert_eq!((&read.data[..], &read.metadata[..]), (&written.data[..], &written.metadata[..]));
        assert_eq!(read.recorded_at, written.recorded_at);
    }
    assert!(read.is_sorted_by_key(|event| event.position));
    assert_eq!(read[4].position, appended.position);
    assert!(place.log.head().await.unwrap() >= appended.position);

    let revisions = async |from, direction, max| -> Vec<u64> {
        let read = place.log.read_stream(&stream, from, direction, max).await.unwrap();
        read.iter().map(|event| event.revision).collect()
    };
    assert_eq!(revisions(2, Direction::Forwards, 2).await, [2, 3]);
    assert_eq!(revisions(u64::MAX, Direction::Backwards, 2).await, [4, 3]);
    assert_eq!(revisions(1, Direction::Backwards, 9).await, [1, 0]);
    assert_eq!(revisions(5, Direction::Forwards, 9).await, [0; 0]);
    let unknown = place.log.read_stream(&place.stream("unknown"), 0, Direction::Forwards, 9).await.unwrap();
    assert!(unknown.is_empty());
}

async fn expected_versions_are_kept(place: &Place) {
    let wrong = |outcome: Result<Appended, LogError>| match outcome {
        Err(LogError::WrongExpected { actual }) => actual,
        other => panic!("not refused: {other:?}"),
    };
    assert_eq!(wrong(place.append("s", Expected::Exists, 0..1).await), None);
    assert_eq!(wrong(place.append("s", Expected::Exact(0), 0..1).await), None);
    assert_eq!(place.append("s", Expected::NoStream, 0..2).await.unwrap().revision, 1);
    assert_eq!(wrong(place.append("s", Expected::NoStream, 2..3).await), Some(1));
    assert_eq!(wrong(place.append("s", Expected::Exact(0), 2..3).await), Some(1));
    assert_eq!(wrong(place.append("s", Expected::Exact(2), 2..3).await), Some(1));
    assert_eq!(place.append("s", Expected::Exact(1), 2..3).await.unwrap().revision, 2);
    assert_eq!(place.append("s", Expected::Exists, 3..4).await.unwrap().revision, 3);
    assert_eq!(place.append("s", Expected::Any, 4..5).await.unwrap().revision, 4);
    assert_eq!(place.append("t", Expected::Any, 0..1).await.unwrap().revision, 0);
    // Of many who saw the same state, one gets through.
    let rivals = (0..8).map(|n| place.append("s", Expected::Exact(4), n..n + 1));
    let outcomes = futures::future::join_all(rivals).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
}

async fn a_key_used_again_is_answered_again(place: &Place) {
    let stream = place.stream("s");
    let key = || Some(format!("{}/k", place.tag));
    let send = |expected| place.log.append(write(&stream, expected, 0..3), key());
    assert_eq!(place.log.find_key(&stream, &key().unwrap()).await.unwrap(), None);
    let first = send(Expected::NoStream).await.unwrap();
    assert_eq!(first.revision, 2);
    place.append("s", Expected::Exact(2), 9..10).await.unwrap();
    // Neither the old expectation nor another one matters any more.
    let again = send(Expected::NoStream).await.unwrap();
    assert!(again.is_same(&first) && again.repeated && !first.repeated);
    assert!(send(Expected::Exact(77)).await.unwrap().is_same(&first));
    assert!(
        place
            .log
            .find_key(&stream, &key().unwrap())
            .await
            .unwrap()
            .is_some_and(|found| found.is_same(&first))
    );
    // The same key on another stream is another key.
    let elsewhere =
        place.log.append(write(&place.stream("t"), Expected::NoStream, 0..1), key()).await.unwrap();
    assert!(!elsewhere.repeated && elsewhere.revision == 0);
    assert_eq!(place.log.read_stream(&stream, 0, Direction::Forwards, 99).await.unwrap().len(), 4);
    // Twins at the same instant write once.
    let twin =
        || place.log.append(write(&stream, Expected::Exact(3), 0..1), Some(format!("{}/twin", place.tag)));
    let (one, two) = futures::join!(twin(), twin());
    assert!(one.unwrap().is_same(&two.unwrap()));
    assert_eq!(place.log.read_stream(&stream, 0, Direction::Forwards, 99).await.unwrap().len(), 5);
}

async fn the_whole_log_is_read_in_both_directions_and_filtered(place: &Place) {
    for number in 0..30 {
        let stream = place.stream(if number % 3 == 0 { "a-x" } else { "b-x" });
        let events = vec![event(if number % 2 == 0 { "Even" } else { "Odd" }, number)];
        place.log.append(StreamWrite { stream, expected: Expected::Any, events }, None).await.unwrap();
    }
    let all = place.filter(&[]);
    let forwards = place.all(&all, Direction::Forwards, 7).await;
    assert_eq!(forwards.len(), 30);
    assert!(forwards.is_sorted_by_key(|event| event.position));
    let mut backwards = place.all(&all, Direction::Backwards, 4).await;
    backwards.reverse();
    assert_eq!(backwards, forwards);

    let even = place.filter(&["Even"]);
    assert_eq!(place.all(&even, Direction::Forwards, 4).await.len(), 15);
    let both = Filter {
        event_types: vec!["Odd".into(), "None".into()],
        stream_prefixes: vec![format!("{}a-", place.prefix())],
    };
    let odd_thirds = place.all(&both, Direction::Forwards, 100).await;
    assert_eq!(odd_thirds.len(), 5);
    assert!(odd_thirds.iter().all(|event| both.passes(&event.stream, &event.event_type)));
    let none = Filter { event_types: vec!["None".into()], ..Filter::default() };
    assert!(place.all(&none, Direction::Forwards, 4).await.is_empty());

    // From the middle: forwards it is left out, backwards it is in.
    let middle = forwards[15].position;
    let after = place.log.read_all(middle, Direction::Forwards, 1, &all).await.unwrap();
    assert_eq!(after.events, forwards[16..17]);
    let before = place.log.read_all(middle, Direction::Backwards, 1, &all).await.unwrap();
    assert_eq!(before.events, forwards[15..16]);
}

async fn pages_meet_without_gap_or_overlap(place: &Place) {
    place.append("s", Expected::NoStream, 0..23).await.unwrap();
    for max in [1, 2, 5, 22, 23, 24] {
        for direction in [Direction::Forwards, Direction::Backwards] {
            let read = place.all(&place.filter(&[]), direction, max).await;
            let mut revisions: Vec<_> = read.iter().map(|event| event.revision).collect();
            if direction == Direction::Backwards {
                revisions.reverse();
            }
            assert!(revisions.iter().copied().eq(0..23), "{direction:?} by {max}: {revisions:?}");
        }
    }
}

/// Reads until `wanted` events have come.
async fn hear(feed: &mut Box<dyn Subscription>, wanted: usize, max: usize) -> Vec<Recorded> {
    let mut heard = Vec::new();
    while heard.len() < wanted {
        let page = tokio::time::timeout(Duration::from_secs(20), feed.next(max)).await.unwrap().unwrap();
        assert!(page.events.len() <= max);
        heard.extend(page.events);
    }
    heard
}

async fn a_subscription_tells_what_was_and_then_what_comes(place: &Place) {
    let last = place.append("s", Expected::NoStream, 0..10).await.unwrap();
    let mut feed = place.log.subscribe(Position(0), place.filter(&[])).await.unwrap();
    let past = hear(&mut feed, 10, 3).await;
    assert!(past.iter().map(|event| event.revision).eq(0..10));

    // Nothing more: it waits, and giving up waiting loses nothing.
    let mut late = place.log.subscribe(last.position, place.filter(&[])).await.unwrap();
    assert!(tokio::time::timeout(Duration::from_millis(150), hear(&mut late, 1, 9)).await.is_err());
    let (heard, appended) =
        futures::join!(hear(&mut late, 2, 9), place.append("s", Expected::Exact(9), 10..12));
    assert!(heard.iter().map(|event| event.revision).eq(10..12));
    assert_eq!(heard[1].position, appended.unwrap().position);
    assert_eq!(hear(&mut feed, 2, 9).await, heard);
}

async fn a_subscription_moves_past_what_it_filters_out(place: &Place) {
    let mut feed =
        place.log.subscribe(place.log.head().await.unwrap(), place.filter(&["Wanted"])).await.unwrap();
    for number in 0..20 {
        let events = vec![event(if number == 19 { "Wanted" } else { "Counted" }, number)];
        place
            .log
            .append(StreamWrite { stream: place.stream("s"), expected: Expected::Any, events }, None)
            .await
            .unwrap();
    }
    assert_eq!(hear(&mut feed, 1, 5).await[0].revision, 19);
}

/// The law of the house: concurrent writers, one tail. Whenever it says that it has everything, it has.
async fn a_tail_sees_every_commit_once_and_in_order(place: &Place) {
    const WRITERS: u64 = 8;
    const WRITES: u64 = 40;
    let acknowledged = Arc::new(AtomicU64::new(0));
    let mut feed = place.log.subscribe(place.log.head().await.unwrap(), place.filter(&[])).await.unwrap();
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let (log, stream, acknowledged) =
            (Arc::clone(&place.log), place.stream(&writer.to_string()), Arc::clone(&acknowledged));
        writers.spawn(async move {
            for n in 0..WRITES {
                let expected = if n == 0 { Expected::NoStream } else { Expected::Exact(n * 2 - 1) };
                let appended = log.append(write(&stream, expected, [n, n]), None).await.unwrap();
                acknowledged.fetch_max(appended.position.0, Ordering::SeqCst);
            }
        });
    }
    let mut seen = Vec::new();
    let (mut ends, mut at) = (0, Position(0));
    while seen.len() < usize::try_from(WRITERS * WRITES * 2).unwrap() {
        let before = acknowledged.load(Ordering::SeqCst);
        let page = tokio::time::timeout(Duration::from_secs(30), feed.next(16)).await.unwrap().unwrap();
        assert!(page.next >= at);
        at = page.next;
        seen.extend(page.events);
        if page.end && place.exact_end {
            ends += 1;
            assert!(at.0 >= before, "it said end at {at:?}, but {before} had been acknowledged");
        }
    }
    while let Some(done) = writers.join_next().await {
        done.unwrap();
    }
    assert!(ends > 0 || !place.exact_end);
    assert!(seen.is_sorted_by(|one, two| one.position < two.position), "out of order, or twice");
    if place.dense {
        assert!(seen.iter().map(|event| event.position.0).eq(1..=WRITERS * WRITES * 2), "a gap");
    }
    for writer in 0..WRITERS {
        let stream = place.stream(&writer.to_string());
        assert!(
            seen.iter().filter(|event| event.stream == stream).map(|event| event.revision).eq(0..WRITES * 2)
        );
    }
}

/// Whoever reads the end of a stream finds what was answered before, however fast others add to it.
async fn what_was_answered_is_found_while_others_write(place: &Place) {
    let stream = place.stream("s");
    let answered =
        Arc::new(AtomicU64::new(place.append("s", Expected::NoStream, 0..1).await.unwrap().revision));
    let (log, name, told) = (Arc::clone(&place.log), stream.clone(), Arc::clone(&answered));
    let writer = tokio::spawn(async move {
        for n in 0..150 {
            let appended = log.append(write(&name, Expected::Any, [n, n]), None).await.unwrap();
            told.fetch_max(appended.revision, Ordering::SeqCst);
        }
    });
    while !writer.is_finished() {
        let before = answered.load(Ordering::SeqCst);
        let newest = place.log.read_stream(&stream, u64::MAX, Direction::Backwards, 1).await.unwrap();
        assert!(newest.first().is_some_and(|newest| newest.revision >= before), "{before}: {newest:?}");
        let there = place.log.read_stream(&stream, before, Direction::Forwards, 1).await.unwrap();
        assert!(there.first().is_some_and(|there| there.revision == before), "{before}: {there:?}");
    }
    writer.await.unwrap();
}

/// Whoever expects nothing and sends its append many times at once finds it once.
async fn a_keyed_append_to_anything_is_written_once(place: &Place) {
    let stream = place.stream("s");
    for round in 0..5 {
        let key = format!("{}/{round}", place.tag);
        let twins =
            (0..6).map(|_| place.log.append(write(&stream, Expected::Any, [round; 2]), Some(key.clone())));
        let others = (0..3).map(|n| place.log.append(write(&stream, Expected::Any, [n]), None));
        let (twins, others) =
            futures::join!(futures::future::join_all(twins), futures::future::join_all(others));
        let first = *twins[0].as_ref().unwrap();
        assert!(twins.iter().all(|twin| twin.as_ref().unwrap().is_same(&first)), "{twins:?}");
        assert!(others.iter().all(Result::is_ok), "{others:?}");
        let found = place.log.find_key(&stream, &key).await.unwrap().unwrap();
        assert!(found.repeated && found.is_same(&first));
    }
    let read = place.log.read_stream(&stream, 0, Direction::Forwards, 999).await.unwrap();
    assert_eq!(read.len(), 5 * (2 + 3));
    assert_eq!(place.log.find_key(&stream, "never").await.unwrap(), None);
}

async fn a_stream_is_followed(place: &Place) {
    let stream = place.stream("s");
    // A stream that is not there yet is waited for.
    let mut early = place.log.subscribe_stream(&stream, Some(0)).await.unwrap();
    let (heard, _) = futures::join!(hear(&mut early, 2, 9), place.append("s", Expected::NoStream, 0..2));
    assert!(heard.iter().map(|event| event.revision).eq(0..2));
    place.append("t", Expected::NoStream, 0..3).await.unwrap();
    place.append("s", Expected::Exact(1), 2..40).await.unwrap();
    let mut middle = place.log.subscribe_stream(&stream, Some(7)).await.unwrap();
    assert!(hear(&mut middle, 33, 4).await.iter().map(|event| event.revision).eq(7..40));
    // From now on: what comes before the first page is asked for is told as well.
    let mut late = place.log.subscribe_stream(&stream, None).await.unwrap();
    let last = place.append("s", Expected::Exact(39), 40..41).await.unwrap();
    let page = tokio::time::timeout(Duration::from_secs(20), late.next(9)).await.unwrap().unwrap();
    assert_eq!((page.events.len(), page.events[0].revision, page.next), (1, 40, last.position));
    assert_eq!(hear(&mut middle, 1, 9).await, page.events);
}

async fn a_deleted_stream_is_gone_for_good(place: &Place) {
    let stream = place.stream("s");
    place.append("s", Expected::NoStream, 0..3).await.unwrap();
    place.append("t", Expected::NoStream, 0..1).await.unwrap();
    let mut feed = place.log.subscribe_stream(&stream, None).await.unwrap();
    let wrong = place.log.delete_stream(&stream, Expected::Exact(1)).await;
    assert!(matches!(wrong, Err(LogError::WrongExpected { actual: Some(2) })), "{wrong:?}");
    let deleted = place.log.delete_stream(&stream, Expected::Exact(2)).await.unwrap();
    assert_eq!(deleted.revision, 3);
    let read = place.log.read_stream(&stream, 0, Direction::Forwards, 9).await;
    assert!(matches!(read, Err(LogError::Deleted)), "{read:?}");
    let beyond = place.log.read_stream(&stream, u64::MAX, Direction::Forwards, 9).await;
    assert!(matches!(beyond, Err(LogError::Deleted)), "{beyond:?}");
    let append = place.append("s", Expected::Any, 0..1).await;
    assert!(matches!(append, Err(LogError::Deleted)), "{append:?}");
    let again = place.log.delete_stream(&stream, Expected::Any).await;
    assert!(matches!(again, Err(LogError::Deleted)), "{again:?}");
    let heard = tokio::time::timeout(Duration::from_secs(20), feed.next(9)).await.unwrap();
    assert!(matches!(heard, Err(LogError::Deleted)), "{heard:?}");
    // The others are untouched, and who reads everything still meets the end of this one.
    assert_eq!(place.log.read_stream(&place.stream("t"), 0, Direction::Forwards, 9).await.unwrap().len(), 1);
    let filter = Filter { event_types: vec!["$streamDeleted".into()], ..place.filter(&[]) };
    let ends = place.all(&filter, Direction::Forwards, 9).await;
    assert_eq!(ends.len(), 1);
    assert_eq!((&ends[0].stream, ends[0].position), (&stream, deleted.position));
}

async fn a_closed_log_says_so(place: &Place) {
    place.append("s", Expected::NoStream, 0..1).await.unwrap();
    place.log.close().await;
    assert!(matches!(place.append("s", Expected::Any, 0..1).await, Err(LogError::Unavailable(_))));
    let read = place.log.read_stream(&place.stream("s"), 0, Direction::Forwards, 1).await;
    assert!(matches!(read, Err(LogError::Unavailable(_))));
    assert!(place.log.head().await.is_err());
}
