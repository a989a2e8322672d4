//! A history in another log is the same history: copied whole, in pieces, twice, and with somebody in the way.
//!
//! Everything here takes any pair of logs; which pairs there are is said at the bottom.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod support;

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use proptest::prelude::*;
use skranke_domain::StreamId;
use skranke_store::copy::{Copied, CopyError, Progress, copy};
use skranke_store::record::Record;
use skranke_store::{
    Appended, Direction, EventLog, Expected, Filter, LogError, NewEvent, Page, Position, Recorded, Revision,
    StreamWrite, Subscription,
};
use support::model::Model;
use support::{embedded, event, stream};
use uuid::Uuid;

type Log = Arc<dyn EventLog>;

/// What happens in a history.
#[derive(Clone, Debug)]
enum Step {
    /// So many events in the stream of that number, with these bytes.
    Append(usize, Vec<(Vec<u8>, Vec<u8>)>),
    Delete(usize),
}

/// Streams of ours, and names that only other tools would give.
const STREAMS: [&str; 6] = ["case-0190-1", "case-0190-2", "accesslog-0190-2026-11-22", "Ordre 7", "æøå", "x"];

fn history(deletes: bool) -> impl Strategy<Value = Vec<Step>> {
    let bytes =
        || prop_oneof![Just(Vec::new()), Just(b"{}".to_vec()), prop::collection::vec(any::<u8>(), 1..40)];
    let metadata = bytes().prop_map(|note| {
        // The time stands in the metadata too, where engines look that keep none of their own.
        format!(r#"{{"recordedAt":"2026-11-22T10:15:30.123456789Z","note":{note:?}}}"#).into_bytes()
    });
    let append = (0..STREAMS.len(), prop::collection::vec((bytes(), metadata), 1..6))
        .prop_map(|(stream, events)| Step::Append(stream, events));
    let delete = (0..STREAMS.len()).prop_map(Step::Delete);
    let step = if deletes { prop_oneof![12 => append, 1 => delete].boxed() } else { append.boxed() };
    prop::collection::vec(step, 0..60)
}

async fn happens(log: &dyn EventLog, steps: &[Step]) {
    let at: jiff::Timestamp = "2026-11-22T10:15:30.123456789Z".parse().unwrap();
    for step in steps {
        let done = match step {
            Step::Append(stream, events) => {
                let event = |(data, metadata): &(Vec<u8>, Vec<u8>)| NewEvent {
                    id: Uuid::from_u128(u128::from(support::random())),
                    event_type: format!("Type{}", data.len() % 3).into(),
                    data: data.clone(),
                    metadata: metadata.clone(),
                    recorded_at: at,
                };
                let events = events.iter().map(event).collect();
                let stream = StreamId::parse(STREAMS[*stream]).unwrap();
                log.append(StreamWrite { stream, expected: Expected::Any, events }, None).await.map(|_| ())
            }
            Step::Delete(stream) => {
                let stream = StreamId::parse(STREAMS[*stream]).unwrap();
                log.delete_stream(&stream, Expected::Any).await.map(|_| ())
            }
        };
        assert!(matches!(done, Ok(()) | Err(LogError::Deleted)), "{done:?}");
    }
}

async fn all(log: &dyn EventLog) -> Vec<Recorded> {
    let (mut events, mut at) = (Vec::new(), Position(0));
    loop {
        let page = log.read_all(at, Direction::Forwards, 100, &Filter::default()).await.unwrap();
        at = page.next;
        if page.events.is_empty() {
            return events;
        }
        events.extend(page.events);
    }
}

/// The bytes of every event, in order; of a deletion only its stream.
async fn bytes(log: &dyn EventLog) -> Vec<Vec<u8>> {
    let bytes = |event: &Recorded| {
        let mut bytes = Vec::new();
        if event.event_type == "$streamDeleted" {
            bytes.extend(event.stream.as_str().bytes());
        } else {
            Record::of(event).unwrap().write(&mut bytes);
        }
        bytes
    };
    all(log).await.iter().map(bytes).collect()
}

async fn copied(from: &dyn EventLog, to: &dyn EventLog) -> Result<Copied, CopyError> {
    copy(from, to, &mut |_| ()).await
}

async fn numbered(log: &dyn EventLog, name: &str, numbers: Range<u64>) {
    log.append(support::write(&stream(name), Expected::Any, numbers), None).await.unwrap();
}

/// Twelve events in three streams, interleaved.
async fn short_history(log: &dyn EventLog) {
    for n in 0..4 {
        for name in ["a", "b", "c"] {
            numbered(log, name, n..n + 1).await;
        }
    }
}

/// A log in which something goes wrong.
struct Crooked {
    log: Log,
    fault: Fault,
    asked: AtomicU64,
    done: AtomicU64,
}

enum Fault {
    /// The appends after so many fail.
    FailsAfter(u64),
    /// Before the append of that number, somebody else writes to this stream.
    Joined(u64, StreamId),
    /// Several streams at once are too much for it.
    OneByOne,
    /// Events at that position read differently.
    Altered(u64),
}

impl Crooked {
    fn new(log: &Log, fault: Fault) -> Self {
        Self { log: Arc::clone(log), fault, asked: AtomicU64::new(0), done: AtomicU64::new(0) }
    }
}

#[async_trait]
impl EventLog for Crooked {
    async fn append_all(
        &self,
        writes: Vec<StreamWrite>,
        key: Option<String>,
    ) -> Result<Vec<Appended>, LogError> {
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        match &self.fault {
            Fault::FailsAfter(appends) if self.done.load(Ordering::Relaxed) >= *appends => {
                return Err(LogError::Unavailable("the plug was pulled".into()));
            }
            Fault::OneByOne if writes.len() > 1 => return Err(LogError::Invalid("one stream".into())),
            Fault::Joined(when, stream) if asked == *when => {
                let events = vec![event("Foreign", 1)];
                let write = StreamWrite { stream: stream.clone(), expected: Expected::Any, events };
                self.log.append(write, None).await?;
            }
            _ => {}
        }
        let answer = self.log.append_all(writes, key).await;
        self.done.fetch_add(u64::from(answer.is_ok()), Ordering::Relaxed);
        answer
    }

    async fn read_all(
        &self,
        from: Position,
        direction: Direction,
        max: usize,
        filter: &Filter,
    ) -> Result<Page, LogError> {
        let mut page = self.log.read_all(from, direction, max, filter).await?;
        if let Fault::Altered(position) = self.fault {
            let altered = page.events.iter_mut().filter(|event| event.position.0 == position);
            altered.for_each(|event| event.data = b"{}".to_vec().into());
        }
        Ok(page)
    }

    async fn find_key(&self, stream: &StreamId, key: &str) -> Result<Option<Appended>, LogError> {
        self.log.find_key(stream, key).await
    }
    async fn delete_stream(&self, stream: &StreamId, expected: Expected) -> Result<Appended, LogError> {
        self.log.delete_stream(stream, expected).await
    }
    async fn read_stream(
        &self,
        stream: &StreamId,
        from: Revision,
        direction: Direction,
        max: usize,
    ) -> Result<Vec<Recorded>, LogError> {
        self.log.read_stream(stream, from, direction, max).await
    }
    async fn subscribe(&self, from: Position, filter: Filter) -> Result<Box<dyn Subscription>, LogError> {
        self.log.subscribe(from, filter).await
    }
    async fn subscribe_stream(
        &self,
        stream: &StreamId,
        from: Option<Revision>,
    ) -> Result<Box<dyn Subscription>, LogError> {
        self.log.subscribe_stream(stream, from).await
    }
    async fn head(&self) -> Result<Position, LogError> {
        self.log.head().await
    }
    async fn close(&self) {
        self.log.close().await;
    }
}

/// A copy holds the same bytes in the same order, and copying again finds it all there.
async fn a_copy_is_the_same(from: Log, to: Log, steps: &[Step]) {
    happens(from.as_ref(), steps).await;
    let first = copied(from.as_ref(), to.as_ref()).await.unwrap();
    let source = bytes(from.as_ref()).await;
    assert_eq!(source, bytes(to.as_ref()).await);
    assert_eq!((first.events, first.found, first.left_out), (source.len() as u64, 0, 0));
    let again = copied(from.as_ref(), to.as_ref()).await.unwrap();
    assert_eq!(again, Copied { found: first.events, ..first });
    // And what happens later is brought after.
    happens(from.as_ref(), steps).await;
    let later = copied(from.as_ref(), to.as_ref()).await.unwrap();
    assert_eq!(bytes(from.as_ref()).await, bytes(to.as_ref()).await);
    assert_eq!(later.found, first.events);
}

/// However often a copy is cut short, the next one goes on where it ended.
async fn an_interrupted_copy_is_taken_up(from: Log, to: Log, steps: &[Step], patience: u64) {
    happens(from.as_ref(), steps).await;
    let (source, mut found) = (bytes(from.as_ref()).await, 0);
    loop {
        let failing = Crooked::new(&to, Fault::FailsAfter(patience));
        let outcome = copied(from.as_ref(), &failing).await;
        let there = bytes(to.as_ref()).await;
        assert_eq!(source[..there.len()], there, "what is there is a beginning");
        match outcome {
            Ok(copied) => {
                assert_eq!((there.len(), copied.found), (source.len(), found));
                return;
            }
            Err(CopyError::Destination(LogError::Unavailable(_))) => {
                assert!(there.len() as u64 > found, "it got on");
                found = there.len() as u64;
            }
            Err(other) => panic!("{other}"),
        }
    }
}

/// The same bytes give the same digest, whatever lies between.
async fn the_digest_is_of_the_bytes(from: Log, to: Log) {
    short_history(from.as_ref()).await;
    let one = copied(from.as_ref(), to.as_ref()).await.unwrap();
    let other: Log = Arc::new(Model::new());
    let crooked = Crooked::new(&other, Fault::OneByOne);
    let two = copied(to.as_ref(), &crooked).await.unwrap();
    assert_eq!(one, two);
    assert_eq!((one.events, one.streams, one.deleted), (12, 3, 0));
    numbered(from.as_ref(), "a", 9..10).await;
    assert_ne!(copied(from.as_ref(), to.as_ref()).await.unwrap().digest, one.digest);
}

/// What is no copy of this source is left as it is.
async fn another_history_is_left_alone(from: Log, to: Log) {
    short_history(from.as_ref()).await;
    numbered(to.as_ref(), "mine", 0..3).await;
    let before = bytes(to.as_ref()).await;
    let Err(CopyError::NotOurs(difference)) = copied(from.as_ref(), to.as_ref()).await else {
        panic!("it was mixed")
    };
    assert_eq!(
        difference.to_string(),
        "after 0 equal events, the source has test-0190-a revision 0 at position 1, the destination \
         test-0190-mine revision 0 at position 1"
    );
    assert_eq!(bytes(to.as_ref()).await, before);
}

/// Neither is a copy that somebody has used since.
async fn a_copy_that_went_on_by_itself_is_left_alone(from: Log, to: Log) {
    short_history(from.as_ref()).await;
    copied(from.as_ref(), to.as_ref()).await.unwrap();
    numbered(to.as_ref(), "a", 7..8).await;
    let Err(CopyError::NotOurs(difference)) = copied(from.as_ref(), to.as_ref()).await else {
        panic!("it was mixed")
    };
    assert_eq!((difference.after, difference.source), (12, None));
    numbered(from.as_ref(), "a", 8..9).await;
    let Err(CopyError::NotOurs(difference)) = copied(from.as_ref(), to.as_ref()).await else {
        panic!("it was mixed")
    };
    assert!(difference.to_string().ends_with("with other contents"), "{difference}");
}

/// Somebody who writes to the destination meanwhile is noticed.
async fn a_second_writer_is_noticed(from: Log, to: Log) {
    short_history(from.as_ref()).await;
    let joined = Crooked::new(&to, Fault::Joined(2, stream("b")));
    let error = copied(from.as_ref(), &joined).await.unwrap_err();
    let CopyError::Moved { stream: moved, revision, actual } = &error else { panic!("{error}") };
    assert_eq!(*moved, stream("b"));
    assert_eq!(Some(*revision), *actual, "the place was taken");
    assert!(error.to_string().contains("second copy"), "{error}");
}

/// Also in a stream that the source does not have.
async fn a_second_writer_elsewhere_is_noticed_at_the_end(from: Log, to: Log) {
    short_history(from.as_ref()).await;
    let joined = Crooked::new(&to, Fault::Joined(0, stream("z")));
    let Err(CopyError::Differs(difference)) = copied(from.as_ref(), &joined).await else {
        panic!("not noticed")
    };
    assert_eq!(difference.destination.unwrap().stream, stream("z"));
}

/// What does not read back as it was written is told with its place.
async fn an_altered_event_is_told(from: Log, to: Log) {
    short_history(from.as_ref()).await;
    let altered = Crooked::new(&to, Fault::Altered(6));
    let Err(CopyError::Differs(difference)) = copied(from.as_ref(), &altered).await else {
        panic!("not noticed")
    };
    assert_eq!(
        difference.to_string(),
        "after 5 equal events, the source has test-0190-c revision 1 at position 6, the destination test-0190-c \
         revision 1 at position 6 with other contents"
    );
}

#[tokio::test]
async fn what_is_kurrentdbs_own_is_left_out_and_counted() {
    let (from, to): (Log, Log) = (Arc::new(Model::new()), Arc::new(Model::new()));
    for (name, event_type) in [
        ("$ce-case", "$>"),
        ("case-0190-1", "CaseOpened"),
        ("$$case-0190-1", "$metadata"),
        ("$projections-all", "ProjectionsInitialized"),
        ("case-0190-2", "CaseOpened"),
    ] {
        let stream = StreamId::parse(name).unwrap();
        let write = StreamWrite { stream, expected: Expected::Any, events: vec![event(event_type, 1)] };
        from.append(write, None).await.unwrap();
    }
    let done = copied(from.as_ref(), to.as_ref()).await.unwrap();
    assert_eq!((done.events, done.streams, done.left_out), (2, 2, 3));
    let there: Vec<_> = all(to.as_ref()).await.iter().map(|event| event.stream.to_string()).collect();
    assert_eq!(there, ["case-0190-1", "case-0190-2"]);
    assert_eq!(copied(from.as_ref(), to.as_ref()).await.unwrap(), Copied { found: 2, ..done });
}

#[tokio::test]
async fn a_deleted_stream_is_deleted_there_too() {
    let (from, to): (Log, Log) = (Arc::new(Model::new()), Arc::new(Model::new()));
    short_history(from.as_ref()).await;
    from.delete_stream(&stream("b"), Expected::Exact(3)).await.unwrap();
    numbered(from.as_ref(), "c", 9..10).await;
    let done = copied(from.as_ref(), to.as_ref()).await.unwrap();
    assert_eq!((done.events, done.streams, done.deleted), (14, 3, 1));
    let read = to.read_stream(&stream("b"), 0, Direction::Forwards, 1).await;
    assert!(matches!(read, Err(LogError::Deleted)), "{read:?}");
}

#[tokio::test]
async fn an_empty_log_is_copied_too() {
    let (from, to) = (Model::new(), Model::new());
    let done = copied(&from, &to).await.unwrap();
    assert_eq!((done.events, done.streams), (0, 0));
}

#[tokio::test]
async fn progress_tells_the_stage_and_never_goes_back() {
    let (from, to): (Log, Log) = (Arc::new(Model::new()), Arc::new(Model::new()));
    for n in 0..30 {
        numbered(from.as_ref(), &format!("s{n}"), 0..100).await;
    }
    let failing = Crooked::new(&to, Fault::FailsAfter(2));
    copied(from.as_ref(), &failing).await.unwrap_err();
    let mut told: Vec<Progress> = Vec::new();
    copy(from.as_ref(), to.as_ref(), &mut |progress| told.push(progress)).await.unwrap();
    let stages: Vec<_> = told.iter().map(|progress| progress.stage.to_string()).collect();
    for stage in ["comparing what is there", "copying", "verifying"] {
        assert!(stages.iter().any(|told| told == stage), "{stages:?}");
    }
    for pair in told.windows(2).filter(|pair| pair[0].stage == pair[1].stage) {
        assert!(pair[0].events <= pair[1].events && pair[0].position <= pair[1].position);
    }
    assert!(told.iter().all(|progress| progress.head == Position(3000)));
}

fn on_a_runtime(future: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(future);
}

/// Runs everything on a pair of logs. `deletes`: whether both can delete a stream.
macro_rules! pair {
    ($name:ident, deletes: $deletes:literal, $logs:expr) => {
        mod $name {
            use super::*;

            proptest! {
                #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

                #[test]
                fn a_copy_is_the_same(steps in history($deletes)) {
                    on_a_runtime(async {
                        let (from, to, _kept) = $logs;
                        super::a_copy_is_the_same(from, to, &steps).await;
                    });
                }

                #[test]
                fn an_interrupted_copy_is_taken_up(steps in history($deletes), patience in 1_u64..5) {
                    on_a_runtime(async {
                        let (from, to, _kept) = $logs;
                        super::an_interrupted_copy_is_taken_up(from, to, &steps, patience).await;
                    });
                }
            }
            pair!(@each $logs,
                the_digest_is_of_the_bytes,
                another_history_is_left_alone,
                a_copy_that_went_on_by_itself_is_left_alone,
                a_second_writer_is_noticed,
                a_second_writer_elsewhere_is_noticed_at_the_end,
                an_altered_event_is_told,
            );
        }
    };
    (@each $logs:expr, $($test:ident),* $(,)?) => {
        $(#[test]
        fn $test() {
            on_a_runtime(async {
                let (from, to, _kept) = $logs;
                super::$test(from, to).await;
            });
        })*
    };
}

fn model() -> Log {
    Arc::new(Model::new())
}

/// An embedded log, and the directory that goes when the test does.
fn on_disk() -> (Log, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    (embedded(dir.path()), dir)
}

pair!(model_to_model, deletes: true, (model(), model(), ()));
pair!(model_to_embedded, deletes: true, {
    let (to, dir) = on_disk();
    (model(), to, dir)
});
pair!(embedded_to_model, deletes: true, {
    let (from, dir) = on_disk();
    (from, model(), dir)
});

/// A log on the KurrentDB engine, over our own endpoint, and what must live as long as it.
#[cfg(all(feature = "kurrent", feature = "endpoint"))]
async fn on_kurrent() -> (Log, impl Sized) {
    let dir = tempfile::tempdir().unwrap();
    let served = support::endpoint::serve(embedded(dir.path())).await;
    let log = skranke_store::open(&served.quick_url()).await.unwrap();
    (log, (served, dir))
}

#[cfg(all(feature = "kurrent", feature = "endpoint"))]
mod embedded_to_kurrent {
    use super::*;
    pair!(@each {
        let ((from, dir), (to, served)) = (on_disk(), on_kurrent().await);
        (from, to, (dir, served))
    }, the_digest_is_of_the_bytes, another_history_is_left_alone, a_copy_that_went_on_by_itself_is_left_alone);
}

#[cfg(all(feature = "kurrent", feature = "endpoint"))]
mod kurrent_to_embedded {
    use super::*;
    pair!(@each {
        let ((from, served), (to, dir)) = (on_kurrent().await, on_disk());
        (from, to, (dir, served))
    }, the_digest_is_of_the_bytes, another_history_is_left_alone, a_copy_that_went_on_by_itself_is_left_alone);
}
