//! The desk, with the smallest aggregate that can refuse, conflict and hold a personal field.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod support;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use cqrs_es::event_sink::EventSink;
use cqrs_es::{Aggregate, DomainEvent};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use skranke_domain::sealed::{SealError, SealVisitor, Seen};
use skranke_domain::upcast::{Evolving, Fields, Raised, Step};
use skranke_domain::{Act, Lang, Refusal, Sealable, Sealed, StreamId, SubjectId, Tenant, codec};
use skranke_store::{
    Appended, Desk, Direction, EventLog, Expected, Failure, Filter, KeyRing, LoadError, LogError, MasterKey,
    Metadata, NewEvent, Page, Position, Receipt, Recorded, Revision, StreamWrite, Subscription,
};
use support::{Counting, embedded, event, stream};
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum CounterEvent {
    Counted(Counted),
    Noted(Noted),
    Careless(Careless),
}
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Counted {
    by: u64,
}
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Noted {
    text: Sealed<String>,
}
/// Forgets to name its personal field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Careless {
    text: Sealed<String>,
}

impl DomainEvent for CounterEvent {
    fn event_type(&self) -> String {
        codec::type_of(self).to_owned()
    }
    fn event_version(&self) -> String {
        "1.3".to_owned()
    }
}

impl Evolving for CounterEvent {
    const STEPS: &'static [Step] = &[Step {
        event_type: "Tallied",
        from: 1,
        change: |mut fields| {
            let by = fields.remove("total")?.as_u64()?;
            let half = |by: u64| Fields::from_iter([("by".to_owned(), by.into())]);
            Some(Raised::to("Counted", 1, half(by / 2)).and("Counted", 1, half(by - by / 2)))
        },
    }];
}

impl Sealable for CounterEvent {
    fn seals(&mut self, visit: &mut SealVisitor<'_>) -> Result<(), SealError> {
        match self {
            Self::Noted(noted) => visit("Noted.text", &mut noted.text),
            Self::Counted(_) | Self::Careless(_) => Ok(()),
        }
    }
}

#[derive(Clone, Debug)]
enum CounterCommand {
    Count(Vec<u64>),
    Note(SubjectId, String),
    BeCareless,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("it would become more than a hundred")]
struct TooMuch;

impl Refusal for TooMuch {
    fn code(&self) -> &'static str {
        "TOO_MUCH"
    }
    fn message(&self, _: Lang) -> String {
        self.to_string()
    }
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Counter {
    total: u64,
    notes: Vec<Sealed<String>>,
}

impl Aggregate for Counter {
    const TYPE: &'static str = "counter";
    type Command = CounterCommand;
    type Event = CounterEvent;
    type Error = TooMuch;
    type Services = ();

    async fn handle(
        &mut self,
        command: CounterCommand,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), TooMuch> {
        match command {
            CounterCommand::Count(steps) => {
                for by in steps {
                    if self.total + by > 100 {
                        return Err(TooMuch);
                    }
                    sink.write(CounterEvent::Counted(Counted { by }), self).await;
                }
            }
            CounterCommand::Note(subject, text) => {
                sink.write(CounterEvent::Noted(Noted { text: Sealed::new(subject, text) }), self).await;
            }
            CounterCommand::BeCareless => {
                let text = Sealed::new(somebody(), "Ole Lukøje".to_owned());
                sink.write(CounterEvent::Careless(Careless { text }), self).await;
            }
        }
        Ok(())
    }

    fn apply(&mut self, event: CounterEvent) {
        match event {
            CounterEvent::Counted(Counted { by }) => self.total += by,
            CounterEvent::Noted(Noted { text }) | CounterEvent::Careless(Careless { text }) => {
                self.notes.push(text);
            }
        }
    }
}

fn somebody() -> SubjectId {
    SubjectId::new(Uuid::from_u128(77))
}

fn act() -> Act {
    Act::system(Tenant::try_new("0190").unwrap(), "2026-11-22T10:15:30Z".parse().unwrap(), Uuid::from_u128(5))
}

fn keyed(key: &str) -> Act {
    Act { idempotency: Some(key.to_owned()), ..act() }
}

fn desk_over(log: Arc<dyn EventLog>, dir: &Path) -> Desk {
    // One master key for all: the directory is new each time, the ring in it is not.
    let master = MasterKey::from_base64(&"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=".into()).unwrap();
    Desk::new(
        log,
        Arc::new(KeyRing::open(dir, master).unwrap()),
        Arc::new(Counting::default()),
        "skranke/test",
    )
}

fn desk(dir: &Path) -> Desk {
    desk_over(embedded(dir), dir)
}

async fn count(desk: &Desk, steps: &[u64], act: &Act) -> Result<Receipt, Failure<TooMuch>> {
    desk.execute::<Counter>(&stream("c"), CounterCommand::Count(steps.to_vec()), act).await
}

async fn total(desk: &Desk) -> (u64, Option<Revision>) {
    let (counter, revision) = desk.load::<Counter>(&stream("c")).await.unwrap();
    (counter.total, revision)
}

#[tokio::test]
async fn a_command_becomes_events_and_a_receipt() {
    let dir = tempfile::tempdir().unwrap();
    let desk = desk(dir.path());
    assert_eq!(total(&desk).await, (0, None));
    let receipt = count(&desk, &[1, 2, 3], &act()).await.unwrap();
    assert_eq!(receipt, Receipt { revision: Some(2), position: Position(3), repeated: false });
    let receipt = count(&desk, &[4], &act()).await.unwrap();
    assert_eq!(receipt, Receipt { revision: Some(3), position: Position(4), repeated: false });
    assert_eq!(total(&desk).await, (10, Some(3)));

    let events = desk.log().read_stream(&stream("c"), 3, Direction::Forwards, 1).await.unwrap();
    assert_eq!((events[0].event_type.as_str(), &*events[0].data), ("Counted", br#"{"by":4}"#.as_slice()));
    assert_eq!(events[0].recorded_at, act().at);
    let metadata = Metadata::parse(&events[0].metadata).unwrap();
    assert_eq!((metadata.schema.as_str(), metadata.software.as_str()), ("1.3", "skranke/test"));
    assert_eq!((metadata.correlation, metadata.recorded_at), (act().correlation, act().at));
}

#[tokio::test]
async fn a_refused_command_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let desk = desk(dir.path());
    let refused = count(&desk, &[60, 60], &act()).await;
    assert!(matches!(refused, Err(Failure::Refused(TooMuch))), "{refused:?}");
    assert_eq!(total(&desk).await, (0, None));
}

#[tokio::test]
async fn a_wish_that_is_already_true_is_answered_with_what_there_is() {
    let dir = tempfile::tempdir().unwrap();
    let desk = desk(dir.path());
    let nothing = count(&desk, &[], &act()).await.unwrap();
    assert_eq!(nothing, Receipt { revision: None, position: Position(0), repeated: false });
    let first = count(&desk, &[1], &act()).await.unwrap();
    desk.execute::<Counter>(&stream("other"), CounterCommand::Count(vec![1]), &act()).await.unwrap();
    assert_eq!(count(&desk, &[], &act()).await.unwrap(), first);
    assert_eq!(count(&desk, &[], &keyed("k")).await.unwrap(), first);
}

#[tokio::test]
async fn the_same_key_is_the_same_answer_also_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let first = {
        let desk = desk(dir.path());
        let first = count(&desk, &[5, 6], &keyed("k")).await.unwrap();
        count(&desk, &[80], &act()).await.unwrap();
        // Decided again it would be refused; it is not decided again.
        assert_eq!(count(&desk, &[5, 6], &keyed("k")).await.unwrap(), Receipt { repeated: true, ..first });
        assert_eq!(total(&desk).await, (91, Some(2)));
        first
    };
    let desk = desk(dir.path());
    assert_eq!(count(&desk, &[5, 6], &keyed("k")).await.unwrap(), Receipt { repeated: true, ..first });
    // Another tenant's or actor's key of the same name is another key.
    let bot = Act { actor: skranke_domain::Actor::Bot, ..keyed("k") };
    assert!(!count(&desk, &[1], &bot).await.unwrap().repeated);
    let elsewhere =
        desk.execute::<Counter>(&stream("other"), CounterCommand::Count(vec![1]), &keyed("k")).await;
    assert!(!elsewhere.unwrap().repeated, "a key belongs to a stream");
}

#[tokio::test]
async fn who_has_not_seen_the_newest_state_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let desk = desk(dir.path());
    let seen = |revision| Act { expected: Some(revision), ..act() };
    assert!(matches!(count(&desk, &[1], &seen(0)).await, Err(Failure::Conflict { actual: None })));
    count(&desk, &[1, 1], &act()).await.unwrap();
    assert!(matches!(count(&desk, &[1], &seen(0)).await, Err(Failure::Conflict { actual: Some(1) })));
    assert_eq!(count(&desk, &[1], &seen(1)).await.unwrap().revision, Some(2));
}

/// A log in which somebody else is faster, a given number of times.
struct Rivalry {
    log: Arc<dyn EventLog>,
    rivals: AtomicU32,
    /// How often a stream was read.
    reads: AtomicU32,
}

#[async_trait]
impl EventLog for Rivalry {
    async fn append_all(
        &self,
        writes: Vec<StreamWrite>,
        key: Option<String>,
    ) -> Result<Vec<Appended>, LogError> {
        if self.rivals.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
            let events = vec![NewEvent { data: br#"{"by":10}"#.to_vec(), ..event("Counted", 0) }];
            let rival = StreamWrite { stream: writes[0].stream.clone(), expected: Expected::Any, events };
            self.log.append(rival, None).await?;
        }
        self.log.append_all(writes, key).await
    }
    async fn delete_stream(&self, stream: &StreamId, expected: Expected) -> Result<Appended, LogError> {
        self.log.delete_stream(stream, expected).await
    }
    async fn subscribe_stream(
        &self,
        stream: &StreamId,
        from: Option<Revision>,
    ) -> Result<Box<dyn Subscription>, LogError> {
        self.log.subscribe_stream(stream, from).await
    }
    async fn find_key(&self, stream: &StreamId, key: &str) -> Result<Option<Appended>, LogError> {
        self.log.find_key(stream, key).await
    }
    async fn read_stream(
        &self,
        stream: &StreamId,
        from: Revision,
        direction: Direction,
        max: usize,
    ) -> Result<Vec<Recorded>, LogError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        self.log.read_stream(stream, from, direction, max).await
    }
    async fn read_all(
        &self,
        from: Position,
        way: Direction,
        max: usize,
        filter: &Filter,
    ) -> Result<Page, LogError> {
        self.log.read_all(from, way, max, filter).await
    }
    async fn subscribe(&self, from: Position, filter: Filter) -> Result<Box<dyn Subscription>, LogError> {
        self.log.subscribe(from, filter).await
    }
    async fn head(&self) -> Result<Position, LogError> {
        self.log.head().await
    }
    async fn close(&self) {
        self.log.close().await;
    }
}

#[tokio::test]
async fn it_decides_again_on_fresh_state_but_not_for_ever() {
    let dir = tempfile::tempdir().unwrap();
    let rivalry = |rivals| {
        Arc::new(Rivalry {
            log: embedded(dir.path()),
            rivals: AtomicU32::new(rivals),
            reads: AtomicU32::new(0),
        })
    };
    let desk = desk_over(rivalry(2), dir.path());
    assert_eq!(count(&desk, &[1], &keyed("k")).await.unwrap().revision, Some(2));
    assert_eq!(total(&desk).await, (21, Some(2)));
    drop(desk);

    let desk = desk_over(rivalry(3), dir.path());
    assert!(matches!(count(&desk, &[1], &act()).await, Err(Failure::Conflict { actual: Some(5) })));
    assert_eq!(total(&desk).await, (51, Some(5)));
    drop(desk);

    // On fresh state the rules may say something else.
    let desk = desk_over(rivalry(1), dir.path());
    assert!(matches!(count(&desk, &[45], &act()).await, Err(Failure::Refused(TooMuch))));
    drop(desk);

    // Who named a revision is asked again instead.
    let desk = desk_over(rivalry(1), dir.path());
    let seen = Act { expected: Some(6), ..act() };
    assert!(matches!(count(&desk, &[1], &seen).await, Err(Failure::Conflict { actual: Some(7) })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hands_in_each_others_way_lose_nothing_and_do_nothing_twice() {
    let dir = tempfile::tempdir().unwrap();
    let desk = desk(dir.path());
    // Each of twenty wishes is sent three times, all at once.
    let wishes = (0..60).map(|n| {
        let desk = desk.clone();
        tokio::spawn(async move {
            loop {
                match count(&desk, &[1, 1], &keyed(&format!("wish {}", n % 20))).await {
                    Ok(receipt) => return receipt.position,
                    Err(Failure::Conflict { .. }) => {}
                    Err(failure) => panic!("{failure:?}"),
                }
            }
        })
    });
    let wishes: Vec<_> = wishes.collect();
    let mut positions = Vec::new();
    for wish in wishes {
        positions.push(wish.await.unwrap());
    }
    for n in 0..20 {
        assert!(positions[n] == positions[n + 20] && positions[n] == positions[n + 40]);
    }
    assert_eq!(total(&desk).await, (40, Some(39)));
}

#[tokio::test]
async fn a_personal_field_is_sealed_in_the_log_and_erased_with_its_key() {
    let dir = tempfile::tempdir().unwrap();
    let desk = desk(dir.path());
    let note = CounterCommand::Note(somebody(), "Ole Lukøje".to_owned());
    desk.execute::<Counter>(&stream("c"), note, &act()).await.unwrap();
    let stored = desk.log().read_stream(&stream("c"), 0, Direction::Forwards, 1).await.unwrap();
    let text = String::from_utf8_lossy(&stored[0].data).into_owned();
    assert!(text.contains("sealed") && !text.contains("Lukøje"), "{text}");

    let (mut counter, _) = desk.load::<Counter>(&stream("c")).await.unwrap();
    assert_eq!(counter.notes[0].see(), Seen::Locked);
    let seals = desk.keys().for_stream(&stream("c"));
    counter.notes[0].open_with(&seals).unwrap();
    assert_eq!(counter.notes[0].value().map(String::as_str), Some("Ole Lukøje"));

    desk.keys().destroy(stream("c").tenant(), somebody()).unwrap();
    let (mut counter, _) = desk.load::<Counter>(&stream("c")).await.unwrap();
    counter.notes[0].open_with(&seals).unwrap();
    assert_eq!(counter.notes[0].see(), Seen::Erased);
    let note = CounterCommand::Note(somebody(), "again".to_owned());
    assert!(matches!(desk.execute::<Counter>(&stream("c"), note, &act()).await, Err(Failure::Erased(_))));
}

#[tokio::test]
async fn a_note_is_appended_to_whatever_is_there_and_once_per_key() {
    let dir = tempfile::tempdir().unwrap();
    let desk = desk(dir.path());
    let note = async |act: &Act| {
        desk.note(&stream("c"), CounterEvent::Counted(Counted { by: 2 }), act).await.unwrap()
    };
    let first = note(&keyed("k")).await;
    assert_eq!(first, Receipt { revision: Some(0), position: Position(1), repeated: false });
    assert_eq!(note(&keyed("k")).await, Receipt { repeated: true, ..first });
    assert_eq!(note(&act()).await.revision, Some(1));
    assert_eq!(total(&desk).await, (4, Some(1)));
}

#[tokio::test]
async fn an_event_that_hides_an_open_field_is_not_written() {
    let dir = tempfile::tempdir().unwrap();
    let desk = desk(dir.path());
    let outcome = desk.execute::<Counter>(&stream("c"), CounterCommand::BeCareless, &act()).await;
    assert!(matches!(outcome, Err(Failure::Seal(SealError::Shape))), "{outcome:?}");
    assert_eq!(desk.log().head().await.unwrap(), Position(0));
}

/// Puts an event into a stream as another program would.
async fn put(desk: &Desk, name: &str, event: NewEvent) {
    let write = StreamWrite { stream: stream(name), expected: Expected::Any, events: vec![event] };
    desk.log().append(write, None).await.unwrap();
}

#[tokio::test]
async fn no_decision_is_made_on_an_event_of_a_newer_program() {
    let dir = tempfile::tempdir().unwrap();
    let desk = desk(dir.path());
    let later = NewEvent {
        data: br#"{"by":1,"times":3}"#.to_vec(),
        metadata: br#"{"schema":"2"}"#.to_vec(),
        ..event("Counted", 1)
    };
    for (name, event_type, event) in [("c", "Vanished", event("Vanished", 1)), ("d", "Counted", later)] {
        let of_the_stream = CounterCommand::Count(vec![1]);
        desk.execute::<Counter>(&stream(name), of_the_stream.clone(), &act()).await.unwrap();
        put(&desk, name, event).await;
        let head = desk.log().head().await.unwrap();
        let outcome = desk.execute::<Counter>(&stream(name), of_the_stream, &act()).await;
        let Err(Failure::Newer(newer)) = outcome else { panic!("decided: {outcome:?}") };
        assert_eq!(
            newer.to_string(),
            format!(
                "test-0190-{name} revision 1 has the type {event_type}, which this version does not know (or not \
                 in that form): start the newer program that wrote it"
            )
        );
        assert!(matches!(desk.load::<Counter>(&stream(name)).await, Err(LoadError::Newer(_))));
        assert_eq!(desk.log().head().await.unwrap(), head);
    }
}

#[tokio::test]
async fn a_known_name_with_other_fields_is_damage_and_its_place_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let desk = desk(dir.path());
    put(&desk, "d", event("Counted", 1)).await;
    let Err(LoadError::Log(LogError::Damaged(text))) = desk.load::<Counter>(&stream("d")).await else {
        panic!("skipped")
    };
    assert!(text.starts_with("test-0190-d revision 0 is no readable Counted: "), "{text}");
    assert!(text.ends_with("missing field `by`"), "{text}");
}

#[tokio::test]
async fn an_event_of_an_older_program_is_decided_on_as_what_it_is_today() {
    let dir = tempfile::tempdir().unwrap();
    let desk = desk(dir.path());
    count(&desk, &[1], &act()).await.unwrap();
    let tallied = NewEvent { data: br#"{"total":95}"#.to_vec(), ..event("Tallied", 1) };
    put(&desk, "c", tallied).await;
    let receipt = count(&desk, &[4], &act()).await.unwrap();
    assert_eq!(receipt.revision, Some(2), "what is told as two stands there as one");
    let outcome = count(&desk, &[1], &act()).await;
    assert!(matches!(outcome, Err(Failure::Refused(TooMuch))), "{outcome:?}");
}

/// What a command led to, without ids.
async fn told(desk: &Desk) -> Vec<(String, u64, String)> {
    let page = desk.log().read_all(Position(0), Direction::Forwards, 999, &Filter::default()).await.unwrap();
    page.events
        .iter()
        // Sealed bytes differ each time: a nonce is random.
        .map(|event| (event.stream.to_string(), event.revision, event.event_type.to_string()))
        .collect()
}

fn a_command() -> impl Strategy<Value = (u8, CounterCommand, Option<u8>, Option<u64>)> {
    let command = prop_oneof![
        6 => proptest::collection::vec(0..30_u64, 0..3).prop_map(CounterCommand::Count),
        2 => Just(CounterCommand::Note(somebody(), "Ole Lukøje".to_owned())),
        1 => Just(CounterCommand::BeCareless),
    ];
    (0..3_u8, command, proptest::option::of(0..6_u8), proptest::option::weighted(0.2, 0..5_u64))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: support::cases(40), ..ProptestConfig::default() })]
    /// The law of what a desk remembers: it answers as one that has just come in and reads everything.
    #[test]
    fn what_it_remembers_is_what_the_log_says(commands in proptest::collection::vec(a_command(), 1..30)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            let (remembering, log) = (desk(one.path()), Arc::new(support::model::Model::new()));
            for (name, command, key, expected) in commands {
                let stream = stream(&name.to_string());
                let act = Act { idempotency: key.map(|key| key.to_string()), expected, ..act() };
                let new = desk_over(log.clone(), two.path());
                let should = new.execute::<Counter>(&stream, command.clone(), &act).await;
                let is = remembering.execute::<Counter>(&stream, command, &act).await;
                assert_eq!(format!("{is:?}"), format!("{should:?}"));
                assert_eq!(told(&remembering).await, told(&new).await);
            }
        });
    }
}

#[tokio::test]
async fn a_second_command_reads_nothing_and_a_refusal_is_made_sure_of() {
    let dir = tempfile::tempdir().unwrap();
    let log =
        Arc::new(Rivalry { log: embedded(dir.path()), rivals: AtomicU32::new(0), reads: AtomicU32::new(0) });
    let desk = desk_over(log.clone(), dir.path());
    count(&desk, &[60], &act()).await.unwrap();
    let reads = log.reads.load(Ordering::SeqCst);
    count(&desk, &[30], &act()).await.unwrap();
    assert_eq!(log.reads.load(Ordering::SeqCst), reads, "it was remembered");
    // Somebody else takes from the counter what this desk does not know of.
    let events = vec![NewEvent { data: br#"{"by":20}"#.to_vec(), ..event("Counted", 0) }];
    let write = StreamWrite { stream: stream("c"), expected: Expected::Any, events };
    log.append(write, None).await.unwrap();
    let refused = count(&desk, &[20], &act()).await;
    assert!(matches!(refused, Err(Failure::Refused(TooMuch))), "{refused:?}");
    assert_eq!(total(&desk).await, (110, Some(2)));
}
