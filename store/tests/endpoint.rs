//! The Kurrent endpoint over the model log, seen with KurrentDB's official Rust client.
#![cfg(all(feature = "endpoint", feature = "kurrent"))]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use kurrentdb::{
    AppendToStreamOptions, BatchAppendOptions, Client, CurrentRevision, DeleteStreamOptions, Error,
    EventData, ReadAllOptions, ReadStreamOptions, RecordedEvent, StreamMetadataBuilder, StreamPosition,
    StreamState, SubscribeToAllOptions, SubscribeToStreamOptions, Subscription, SubscriptionEvent,
    SubscriptionFilter, TombstoneStreamOptions, VersionedMetadata,
};
use skranke_domain::StreamId;
use skranke_store::{
    Appended, Direction, EventLog, Expected, Filter, LogError, Page, Position, Recorded, StreamWrite,
};
use support::endpoint::{NOW, Served, serve, serve_read_only};
use support::model::Model;
use uuid::Uuid;

/// A client in front of an endpoint in front of a log.
struct Place {
    log: Arc<dyn EventLog>,
    served: Served,
    client: Client,
}

async fn place() -> Place {
    let log: Arc<dyn EventLog> = Arc::new(Model::new());
    let served = serve(Arc::clone(&log)).await;
    let client = client(&served.url());
    Place { log, served, client }
}

fn client(url: &str) -> Client {
    Client::new(url.parse().unwrap()).unwrap()
}

fn numbered(event_type: &str, number: u64) -> EventData {
    EventData::json(event_type, &serde_json::json!({ "number": number, "text": "blåbærgrød" })).unwrap()
}

fn events(numbers: std::ops::Range<u64>) -> Vec<EventData> {
    numbers.map(|number| numbered("Counted", number)).collect()
}

fn expecting(state: StreamState) -> AppendToStreamOptions {
    AppendToStreamOptions::default().stream_state(state)
}

impl Place {
    /// Writes past the endpoint: the log's other users do so too, and it is faster.
    async fn fill(&self, stream: &str, numbers: std::ops::Range<u64>) {
        self.log.append(support::write(&name(stream), Expected::Any, numbers), None).await.unwrap();
    }
}

fn name(stream: &str) -> StreamId {
    StreamId::parse(stream).unwrap()
}

fn from_start() -> SubscribeToStreamOptions {
    SubscribeToStreamOptions::default().start_from(StreamPosition::Start)
}

async fn stream(
    client: &Client,
    name: &str,
    options: &ReadStreamOptions,
) -> Result<Vec<RecordedEvent>, Error> {
    let mut reading = client.read_stream(name, options).await?;
    let mut events = Vec::new();
    while let Some(event) = reading.next().await? {
        events.extend(event.event);
    }
    Ok(events)
}

async fn all(client: &Client, options: &ReadAllOptions) -> Result<Vec<RecordedEvent>, Error> {
    let mut reading = client.read_all(options).await?;
    let mut events = Vec::new();
    while let Some(event) = reading.next().await? {
        events.extend(event.event);
    }
    Ok(events)
}

fn revisions(events: &[RecordedEvent]) -> Vec<u64> {
    events.iter().map(|event| event.revision).collect()
}

fn positions(events: &[RecordedEvent]) -> Vec<u64> {
    events.iter().map(|event| event.position.commit).collect()
}

/// What a subscription says next, within a time.
async fn next(subscription: &mut Subscription) -> Result<SubscriptionEvent, Error> {
    tokio::time::timeout(Duration::from_secs(10), subscription.next_subscription_event())
        .await
        .expect("the subscription is silent")
}

/// Revisions until the subscription says that it has caught up, and whether it ever fell behind before.
async fn until_caught_up(subscription: &mut Subscription) -> Vec<(String, u64)> {
    let mut seen = Vec::new();
    loop {
        match next(subscription).await.unwrap() {
            SubscriptionEvent::EventAppeared(event) => {
                let event = event.get_original_event();
                seen.push((event.stream_id().to_owned(), event.revision));
            }
            SubscriptionEvent::CaughtUp(_) => return seen,
            _ => {}
        }
    }
}

#[tokio::test]
async fn an_append_is_read_back_with_its_bytes_and_its_time() {
    let place = place().await;
    let id = Uuid::from_u128(7);
    let proposed = vec![
        numbered("Counted", 0)
            .id(id)
            .metadata_as_json(&serde_json::json!({ "$correlationId": "c" }))
            .unwrap(),
        EventData::binary("Scanned", bytes::Bytes::from_static(b"\x00\xff")),
    ];
    let written =
        place.client.append_to_stream("a", &expecting(StreamState::NoStream), proposed).await.unwrap();
    assert_eq!((written.next_expected_version, written.position.commit), (1, 2));

    let read = stream(&place.client, "a", &ReadStreamOptions::default()).await.unwrap();
    assert_eq!((read[0].id, read[0].event_type.as_str(), read[0].stream_id()), (id, "Counted", "a"));
    assert_eq!(&read[0].data[..], r#"{"number":0,"text":"blåbærgrød"}"#.as_bytes());
    assert_eq!(&read[0].custom_metadata[..], br#"{"$correlationId":"c"}"#);
    assert!(read[0].is_json && !read[1].is_json);
    assert_eq!(&read[1].data[..], b"\x00\xff");
    let now: jiff::Timestamp = NOW.parse().unwrap();
    // This client keeps whole seconds.
    assert_eq!(read[0].created.timestamp(), now.as_second());
}

#[tokio::test]
async fn each_expectation_is_met_or_answered_with_what_is_there() {
    let place = place().await;
    let append = async |state: StreamState| {
        place
            .client
            .append_to_stream("a", &expecting(state), events(0..1))
            .await
            .map(|done| done.next_expected_version)
    };
    let conflict = |answer: Result<u64, Error>| match answer {
        Err(Error::WrongExpectedVersion { expected, current }) => (expected, current),
        other => panic!("{other:?}"),
    };
    let none = CurrentRevision::NoStream;
    assert_eq!(conflict(append(StreamState::StreamExists).await), (StreamState::StreamExists, none));
    assert_eq!(
        conflict(append(StreamState::StreamRevision(3)).await),
        (StreamState::StreamRevision(3), none)
    );
    assert_eq!(append(StreamState::NoStream).await.unwrap(), 0);
    let zero = CurrentRevision::Current(0);
    assert_eq!(conflict(append(StreamState::NoStream).await), (StreamState::NoStream, zero));
    assert_eq!(append(StreamState::StreamExists).await.unwrap(), 1);
    assert_eq!(append(StreamState::StreamRevision(1)).await.unwrap(), 2);
    let two = CurrentRevision::Current(2);
    assert_eq!(conflict(append(StreamState::StreamRevision(1)).await), (StreamState::StreamRevision(1), two));
    assert_eq!(append(StreamState::Any).await.unwrap(), 3);
}

#[tokio::test]
async fn an_append_that_is_sent_again_is_answered_again() {
    let place = place().await;
    let events: Vec<_> =
        (0..3).map(|n| numbered("Counted", n).id(Uuid::from_u128(u128::from(n) + 1))).collect();
    let send = async |state: StreamState, events: Vec<EventData>| {
        place
            .client
            .append_to_stream("a", &expecting(state), events)
            .await
            .map(|done| done.next_expected_version)
    };
    place.fill("a", 100..101).await;
    for state in [StreamState::StreamRevision(0), StreamState::StreamRevision(0), StreamState::Any] {
        assert_eq!(send(state, events.clone()).await.unwrap(), 3, "{state:?}");
    }
    // In other company, but still where it says.
    assert_eq!(send(StreamState::StreamRevision(1), events[1..].to_vec()).await.unwrap(), 3);
    // At another place it is another append: a conflict, or the same ids once more.
    assert!(matches!(
        send(StreamState::StreamRevision(1), events.clone()).await,
        Err(Error::WrongExpectedVersion { .. })
    ));
    assert_eq!(send(StreamState::StreamRevision(3), events.clone()).await.unwrap(), 6);
    assert_eq!(place.log.head().await.unwrap(), Position(7));
}

#[tokio::test]
async fn a_batch_appends_to_several_streams_and_says_which_was_in_conflict() {
    let place = place().await;
    let batch = place.client.batch_append(&BatchAppendOptions::default()).await.unwrap();
    for (name, state, count, last) in [
        ("a", StreamState::NoStream, 0..3, 2),
        ("b", StreamState::Any, 0..1, 0),
        ("a", StreamState::StreamRevision(2), 3..1500, 1499),
    ] {
        let written = batch.append_to_stream(name, state, events(count)).await.unwrap();
        assert_eq!((written.stream_name(), written.current_revision()), (name, Some(last)));
    }
    let answer = batch.append_to_stream("a", StreamState::NoStream, events(0..1)).await;
    // The client's batches lose the details, not the code: gRPC's ALREADY_EXISTS.
    let Err(Error::Grpc { code, message }) = answer else { panic!("{answer:?}") };
    assert_eq!((code as i32, message.as_str()), (6, "WrongExpectedVersion"));
    assert_eq!(place.log.head().await.unwrap(), Position(1501));
}

#[tokio::test]
async fn a_stream_is_read_both_ways_from_anywhere() {
    let place = place().await;
    place.fill("a", 0..600).await;
    let read =
        async |options: ReadStreamOptions| revisions(&stream(&place.client, "a", &options).await.unwrap());
    let options = ReadStreamOptions::default;
    assert_eq!(read(options()).await, (0..600).collect::<Vec<_>>());
    assert_eq!(
        read(options().backwards().position(StreamPosition::End)).await,
        (0..600).rev().collect::<Vec<_>>()
    );
    assert_eq!(read(options().position(StreamPosition::Position(598))).await, [598, 599]);
    assert_eq!(read(options().position(StreamPosition::Position(10)).max_count(2)).await, [10, 11]);
    assert_eq!(read(options().backwards().position(StreamPosition::Position(1))).await, [1, 0]);
    assert_eq!(read(options().backwards().position(StreamPosition::End).max_count(1)).await, [599]);
    assert_eq!(read(options().position(StreamPosition::Position(600))).await, [0; 0]);
    assert_eq!(read(options().position(StreamPosition::End).forwards()).await, [0; 0]);
    assert!(matches!(stream(&place.client, "b", &options()).await, Err(Error::ResourceNotFound)));
}

#[tokio::test]
async fn everything_is_read_forwards_from_a_position_and_backwards_from_before_it() {
    let place = place().await;
    for n in 0..300 {
        place.fill(if n % 3 == 0 { "a" } else { "b" }, n..n + 1).await;
    }
    let read = async |options: ReadAllOptions| positions(&all(&place.client, &options).await.unwrap());
    let at = |position| StreamPosition::Position(kurrentdb::Position { commit: position, prepare: position });
    let options = || ReadAllOptions::default().max_count(usize::MAX);
    assert_eq!(read(options().position(StreamPosition::Start)).await, (1..=300).collect::<Vec<_>>());
    assert_eq!(
        read(options().backwards().position(StreamPosition::End)).await,
        (1..=300).rev().collect::<Vec<_>>()
    );
    assert_eq!(read(options().position(at(299))).await, [299, 300]);
    assert_eq!(read(options().backwards().position(at(3))).await, [2, 1]);
    assert_eq!(read(options().position(at(7)).max_count(2)).await, [7, 8]);
    assert_eq!(read(options().position(StreamPosition::End).forwards()).await, [0; 0]);
    assert_eq!(read(options().position(StreamPosition::Start).backwards()).await, [0; 0]);
}

#[tokio::test]
async fn everything_is_filtered_by_stream_and_type_with_prefixes_and_expressions() {
    let place = place().await;
    for n in 0..300 {
        let name = ["case-1", "case-2", "user-1"][usize::try_from(n % 3).unwrap()];
        let events = vec![support::event(if n % 2 == 0 { "Opened" } else { "Closed" }, n)];
        let write = StreamWrite { stream: self::name(name), expected: Expected::Any, events };
        place.log.append(write, None).await.unwrap();
    }
    let count = async |filter: SubscriptionFilter, backwards: bool, max: usize| {
        let options = ReadAllOptions::default().max_count(max).filter(filter);
        let options = if backwards {
            options.backwards().position(StreamPosition::End)
        } else {
            options.position(StreamPosition::Start)
        };
        all(&place.client, &options).await.unwrap().len()
    };
    let (by_stream, by_type) = (SubscriptionFilter::on_stream_name, SubscriptionFilter::on_event_type);
    for backwards in [false, true] {
        assert_eq!(count(by_stream().add_prefix("case-"), backwards, 1000).await, 200);
        assert_eq!(count(by_stream().add_prefix("case-1").add_prefix("user"), backwards, 1000).await, 200);
        assert_eq!(count(by_stream().regex("^(?!case-)"), backwards, 1000).await, 100);
        assert_eq!(count(by_type().add_prefix("Op"), backwards, 1000).await, 150);
        assert_eq!(count(by_type().regex("^Closed$"), backwards, 1000).await, 150);
        assert_eq!(count(by_type().regex("^Closed$"), backwards, 7).await, 7);
        assert_eq!(count(by_type().add_prefix("Nothing"), backwards, 7).await, 0);
    }
}

#[tokio::test]
async fn a_subscription_to_a_stream_goes_from_history_to_the_present_without_gap_or_duplicate() {
    let place = place().await;
    place.fill("a", 0..700).await;
    let (log, writer) = (Arc::clone(&place.log), place.client.clone());
    let writing = tokio::spawn(async move {
        for n in 700..760 {
            writer.append_to_stream("a", &AppendToStreamOptions::default(), events(n..n + 1)).await.unwrap();
            if n % 20 == 0 {
                writer
                    .append_to_stream("b", &AppendToStreamOptions::default(), events(n..n + 1))
                    .await
                    .unwrap();
            }
        }
        log.head().await.unwrap()
    });
    let options = from_start().start_from(StreamPosition::Position(9));
    let mut subscription = place.client.subscribe_to_stream("a", &options).await;
    assert!(matches!(next(&mut subscription).await.unwrap(), SubscriptionEvent::Confirmed(_)));
    let mut expected = 10;
    let mut caught_up = 0;
    while expected < 760 {
        match next(&mut subscription).await.unwrap() {
            SubscriptionEvent::EventAppeared(event) => {
                let event = event.get_original_event();
                assert_eq!((event.stream_id(), event.revision), ("a", expected));
                expected += 1;
            }
            SubscriptionEvent::CaughtUp(at) => {
                assert_eq!(at.unwrap().stream_revision, Some(expected - 1));
                caught_up += 1;
            }
            SubscriptionEvent::FellBehind(_) => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(caught_up >= 1);
    assert_eq!(writing.await.unwrap(), Position(763));
}

#[tokio::test]
async fn a_subscription_to_nothing_yet_says_at_once_that_it_is_up_to_date() {
    let place = place().await;
    let mut to_stream = place.client.subscribe_to_stream("a", &from_start()).await;
    let mut to_all = place.client.subscribe_to_all(&SubscribeToAllOptions::default()).await;
    assert!(until_caught_up(&mut to_stream).await.is_empty());
    assert!(until_caught_up(&mut to_all).await.is_empty());
    place.fill("a", 0..2).await;
    for subscription in [&mut to_stream, &mut to_all] {
        for revision in 0..2 {
            let SubscriptionEvent::EventAppeared(event) = next(subscription).await.unwrap() else {
                panic!("no event")
            };
            assert_eq!(event.get_original_event().revision, revision);
        }
    }
    let options = SubscribeToStreamOptions::default();
    let mut from_end = place.client.subscribe_to_stream("a", &options).await;
    assert!(until_caught_up(&mut from_end).await.is_empty(), "the end is after what is there");
}

#[tokio::test]
async fn a_subscription_to_everything_resumes_where_a_checkpoint_says() {
    let place = place().await;
    for n in 0..500 {
        place.fill(if n % 100 == 99 { "wanted" } else { "other" }, n..n + 1).await;
    }
    let filter = SubscriptionFilter::on_stream_name().regex("^wanted$").max(32);
    let options = SubscribeToAllOptions::default().position(StreamPosition::Start).filter(filter);
    let mut subscription = place.client.subscribe_to_all(&options).await;
    let (mut seen, mut checkpoints) = (Vec::new(), Vec::new());
    loop {
        match next(&mut subscription).await.unwrap() {
            SubscriptionEvent::EventAppeared(event) => seen.push(event.get_original_event().position.commit),
            SubscriptionEvent::Checkpoint(at) => checkpoints.push((at.commit, seen.len())),
            SubscriptionEvent::CaughtUp(at) => {
                assert_eq!(at.unwrap().position.unwrap().commit, 500);
                break;
            }
            _ => {}
        }
    }
    assert_eq!(seen, [100, 200, 300, 400, 500]);
    assert!(checkpoints.len() >= 12, "{checkpoints:?}");

    // Whoever stopped at a checkpoint sees the rest, and only the rest.
    let (at, before) = checkpoints[checkpoints.len() / 2];
    let from = StreamPosition::Position(kurrentdb::Position { commit: at, prepare: at });
    let mut resumed = place.client.subscribe_to_all(&options.position(from)).await;
    let rest = until_caught_up(&mut resumed).await;
    assert_eq!(rest.len(), 5 - before, "from {at}");
    place.fill("other", 0..40).await;
    place.fill("wanted", 0..1).await;
    loop {
        match next(&mut resumed).await.unwrap() {
            SubscriptionEvent::EventAppeared(event) => {
                assert_eq!(event.get_original_event().position.commit, 541);
                break;
            }
            SubscriptionEvent::Checkpoint(at) => assert!(at.commit > 500),
            SubscriptionEvent::CaughtUp(_) | SubscriptionEvent::FellBehind(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_reader_who_does_not_read_costs_a_bounded_part_of_the_log_and_misses_nothing() {
    const EVENTS: u64 = 8_000;
    let (watched, told) = Watched::new();
    let served = serve(Arc::new(watched.clone())).await;
    let text = "x".repeat(10_000);
    for n in 0..EVENTS / 50 {
        let mut write = support::write(&name(&format!("s{n}")), Expected::Any, 0..50);
        write.events.iter_mut().for_each(|event| event.data = format!("\"{text}\"").into_bytes());
        watched.append(write, None).await.unwrap();
    }
    let client = client(&served.url());
    let mut slow = client.subscribe_to_all(&SubscribeToAllOptions::default()).await;
    assert!(matches!(next(&mut slow).await.unwrap(), SubscriptionEvent::Confirmed(_)));
    // What was taken from the log without anybody reading: what fits the connection's windows, and a batch.
    let mut before = u64::MAX;
    while told.load(Ordering::SeqCst) != before {
        before = told.load(Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    assert!(before < EVENTS / 2, "{before} of {EVENTS} events were taken from the log for nobody");
    let mut expected = 1;
    while expected <= EVENTS {
        if let SubscriptionEvent::EventAppeared(event) = next(&mut slow).await.unwrap() {
            assert_eq!(event.get_original_event().position.commit, expected);
            expected += 1;
        }
    }
}

/// The model, and a count of the events that its subscriptions have told.
#[derive(Clone)]
struct Watched(Model, Arc<AtomicU64>);

impl Watched {
    fn new() -> (Self, Arc<AtomicU64>) {
        let told = Arc::<AtomicU64>::default();
        (Self(Model::new(), Arc::clone(&told)), told)
    }
}

struct WatchedFeed(Box<dyn skranke_store::Subscription>, Arc<AtomicU64>);

#[async_trait]
impl skranke_store::Subscription for WatchedFeed {
    async fn next(&mut self, max: usize) -> Result<Page, LogError> {
        let page = self.0.next(max).await?;
        self.1.fetch_add(page.events.len() as u64, Ordering::SeqCst);
        Ok(page)
    }
}

#[async_trait]
impl EventLog for Watched {
    async fn append_all(
        &self,
        writes: Vec<StreamWrite>,
        key: Option<String>,
    ) -> Result<Vec<Appended>, LogError> {
        self.0.append_all(writes, key).await
    }
    async fn find_key(&self, stream: &StreamId, key: &str) -> Result<Option<Appended>, LogError> {
        self.0.find_key(stream, key).await
    }
    async fn delete_stream(&self, stream: &StreamId, expected: Expected) -> Result<Appended, LogError> {
        self.0.delete_stream(stream, expected).await
    }
    async fn read_stream(
        &self,
        stream: &StreamId,
        from: u64,
        direction: Direction,
        max: usize,
    ) -> Result<Vec<Recorded>, LogError> {
        self.0.read_stream(stream, from, direction, max).await
    }
    async fn read_all(
        &self,
        from: Position,
        direction: Direction,
        max: usize,
        filter: &Filter,
    ) -> Result<Page, LogError> {
        self.0.read_all(from, direction, max, filter).await
    }
    async fn subscribe(
        &self,
        from: Position,
        filter: Filter,
    ) -> Result<Box<dyn skranke_store::Subscription>, LogError> {
        Ok(Box::new(WatchedFeed(self.0.subscribe(from, filter).await?, Arc::clone(&self.1))))
    }
    async fn subscribe_stream(
        &self,
        stream: &StreamId,
        from: Option<u64>,
    ) -> Result<Box<dyn skranke_store::Subscription>, LogError> {
        self.0.subscribe_stream(stream, from).await
    }
    async fn head(&self) -> Result<Position, LogError> {
        self.0.head().await
    }
    async fn close(&self) {
        self.0.close().await;
    }
}

#[tokio::test]
async fn a_deleted_stream_is_empty_and_goes_on_with_its_next_revision() {
    let place = place().await;
    place.fill("a", 0..3).await;
    let wrong = DeleteStreamOptions::default().stream_state(StreamState::StreamRevision(1));
    assert!(place.client.delete_stream("a", &wrong).await.is_err());
    let right = DeleteStreamOptions::default().stream_state(StreamState::StreamRevision(2));
    place.client.delete_stream("a", &right).await.unwrap();

    let read = async |options: ReadStreamOptions| stream(&place.client, "a", &options).await;
    assert!(matches!(read(ReadStreamOptions::default()).await, Err(Error::ResourceNotFound)));
    assert!(matches!(
        place.client.append_to_stream("a", &expecting(StreamState::StreamExists), events(9..10)).await,
        Err(Error::WrongExpectedVersion { current: CurrentRevision::NoStream, .. })
    ));
    let written =
        place.client.append_to_stream("a", &expecting(StreamState::NoStream), events(3..5)).await.unwrap();
    assert_eq!(written.next_expected_version, 4);
    assert_eq!(revisions(&read(ReadStreamOptions::default()).await.unwrap()), [3, 4]);
    let backwards = ReadStreamOptions::default().backwards().position(StreamPosition::End);
    assert_eq!(revisions(&read(backwards).await.unwrap()), [4, 3]);
    let mut subscription = place.client.subscribe_to_stream("a", &from_start()).await;
    let seen = until_caught_up(&mut subscription).await;
    assert_eq!(seen, [("a".to_owned(), 3), ("a".to_owned(), 4)]);
    // The log itself has lost nothing.
    assert_eq!(place.log.read_stream(&name("a"), 0, Direction::Forwards, 9).await.unwrap().len(), 5);
}

#[tokio::test]
async fn metadata_is_written_read_and_kept_by_a_delete() {
    let place = place().await;
    place.fill("a", 0..3).await;
    let metadata =
        StreamMetadataBuilder::new().truncate_before(1).insert_custom_property("owner", "0190").build();
    place.client.set_stream_metadata("a", &AppendToStreamOptions::default(), &metadata).await.unwrap();
    assert_eq!(revisions(&stream(&place.client, "a", &ReadStreamOptions::default()).await.unwrap()), [1, 2]);
    place.client.delete_stream("a", &DeleteStreamOptions::default()).await.unwrap();
    let read = place
        .client
        .get_stream_metadata("a", &ReadStreamOptions::default().position(StreamPosition::End))
        .await
        .unwrap();
    assert_eq!(versioned(&read).metadata().truncate_before, Some(3));
    assert_eq!(versioned(&read).metadata().custom_properties["owner"], "0190");
}

fn versioned(result: &kurrentdb::StreamMetadataResult) -> &VersionedMetadata {
    match result {
        kurrentdb::StreamMetadataResult::Success(metadata) => metadata,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_tombstoned_stream_is_gone_for_good() {
    let place = place().await;
    place.fill("a", 0..3).await;
    let mut subscription = place.client.subscribe_to_stream("a", &from_start()).await;
    assert_eq!(until_caught_up(&mut subscription).await.len(), 3);
    place.client.tombstone_stream("a", &TombstoneStreamOptions::default()).await.unwrap();
    assert!(matches!(next(&mut subscription).await, Err(Error::ResourceDeleted)));
    let read = stream(&place.client, "a", &ReadStreamOptions::default()).await;
    assert!(matches!(read, Err(Error::ResourceDeleted)), "{read:?}");
    let append = place.client.append_to_stream("a", &AppendToStreamOptions::default(), events(0..1)).await;
    assert!(matches!(append, Err(Error::ResourceDeleted)), "{append:?}");
    let again = place.client.tombstone_stream("a", &TombstoneStreamOptions::default()).await;
    assert!(matches!(again, Err(Error::ResourceDeleted)), "{again:?}");
}

#[tokio::test]
async fn nobody_comes_in_without_the_right_password() {
    let place = place().await;
    place.fill("a", 0..1).await;
    let port = place.served.port();
    for url in [
        place.served.url_of("admin:wrong"),
        place.served.url_of("nobody:secret"),
        format!("kurrentdb://127.0.0.1:{port}?tls=false"),
    ] {
        let client = client(&url);
        let options = ReadAllOptions::default();
        assert!(matches!(all(&client, &options).await, Err(Error::AccessDenied)), "{url}");
        let append = client.append_to_stream("a", &AppendToStreamOptions::default(), events(0..1)).await;
        assert!(matches!(append, Err(Error::AccessDenied)), "{url}");
        let mut subscription = client.subscribe_to_all(&SubscribeToAllOptions::default()).await;
        assert!(matches!(next(&mut subscription).await, Err(Error::AccessDenied)), "{url}");
    }
    // A door that is out of order lets nobody in either, and says that it is not the password.
    let broken = all(&client(&place.served.url_of("broken:secret")), &ReadAllOptions::default()).await;
    assert!(matches!(broken, Err(Error::ServerError(_))), "{broken:?}");
    assert_eq!(place.log.head().await.unwrap(), Position(1));
}

#[tokio::test]
async fn a_reader_cannot_write_and_nobody_can_where_writing_is_off() {
    let place = place().await;
    place.fill("a", 0..1).await;
    let read_only = serve_read_only(Arc::clone(&place.log)).await;
    for url in [place.served.url_of("reader:secret"), read_only.url()] {
        let client = client(&url);
        let append = client.append_to_stream("a", &AppendToStreamOptions::default(), events(0..1)).await;
        assert!(matches!(append, Err(Error::AccessDenied)), "{append:?}");
        let delete = client.delete_stream("a", &DeleteStreamOptions::default()).await;
        assert!(matches!(delete, Err(Error::AccessDenied)), "{delete:?}");
        let tombstone = client.tombstone_stream("a", &TombstoneStreamOptions::default()).await;
        assert!(matches!(tombstone, Err(Error::AccessDenied)), "{tombstone:?}");
        assert_eq!(stream(&client, "a", &ReadStreamOptions::default()).await.unwrap().len(), 1);
    }
    assert_eq!(place.log.head().await.unwrap(), Position(1));
}

#[tokio::test]
async fn an_auditor_sees_the_streams_of_one_municipality_only() {
    let place = place().await;
    for name in ["case-0190-a", "case-0751-b", "orders", "case-0190-c"] {
        place.fill(name, 0..2).await;
    }
    place.client.delete_stream("case-0751-b", &DeleteStreamOptions::default()).await.unwrap();
    let auditor = client(&place.served.url_of("auditor:secret"));
    let mine = ["case-0190-a", "case-0190-a", "case-0190-c", "case-0190-c"];
    let names = |events: Vec<RecordedEvent>| {
        events.into_iter().map(|event| event.stream_id().to_owned()).collect::<Vec<_>>()
    };
    let read = all(&auditor, &ReadAllOptions::default().max_count(100)).await.unwrap();
    assert_eq!(names(read), mine);
    let last = ReadAllOptions::default().backwards().position(StreamPosition::End).max_count(1);
    assert_eq!(names(all(&auditor, &last).await.unwrap()), ["case-0190-c"]);
    let filter = SubscriptionFilter::on_stream_name().add_prefix("case-");
    let mut subscription = auditor.subscribe_to_all(&SubscribeToAllOptions::default().filter(filter)).await;
    let seen: Vec<_> = until_caught_up(&mut subscription).await.into_iter().map(|(name, _)| name).collect();
    assert_eq!(seen, mine);

    assert_eq!(stream(&auditor, "case-0190-a", &ReadStreamOptions::default()).await.unwrap().len(), 2);
    for foreign in ["case-0751-b", "$$case-0751-b", "orders", "case-0751-unknown"] {
        let read = stream(&auditor, foreign, &ReadStreamOptions::default()).await;
        assert!(matches!(read, Err(Error::AccessDenied)), "{foreign}: {read:?}");
        let mut subscription = auditor.subscribe_to_stream(foreign, &from_start()).await;
        assert!(matches!(next(&mut subscription).await, Err(Error::AccessDenied)), "{foreign}");
    }
}

#[tokio::test]
async fn a_subscription_ends_as_unavailable_when_the_server_stops() {
    let Place { log: _log, served, client } = place().await;
    let mut subscription = client.subscribe_to_all(&SubscribeToAllOptions::default()).await;
    assert!(until_caught_up(&mut subscription).await.is_empty());
    let began = std::time::Instant::now();
    served.stop().await;
    assert!(began.elapsed() < Duration::from_secs(5), "the server waited for its subscribers");
    let end = next(&mut subscription).await;
    assert!(matches!(&end, Err(Error::ServerError(text)) if text.contains("stopping")), "{end:?}");
}

#[tokio::test]
async fn a_client_that_looks_for_the_cluster_finds_the_one_node() {
    let place = place().await;
    place.fill("a", 0..1).await;
    let url = place.served.url().replace("kurrentdb://", "kurrentdb+discover://");
    assert_eq!(stream(&client(&url), "a", &ReadStreamOptions::default()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_others_wrote_to_the_log_is_served_as_it_stands() {
    let place = place().await;
    let id = support::stream("x");
    let written = support::write(&id, Expected::NoStream, 0..5);
    place.log.append(written.clone(), None).await.unwrap();
    let read = stream(&place.client, id.as_str(), &ReadStreamOptions::default()).await.unwrap();
    for (read, written) in read.iter().zip(&written.events) {
        assert_eq!((&read.data[..], &read.custom_metadata[..]), (&written.data[..], &written.metadata[..]));
        assert_eq!(read.id, written.id);
    }
    assert_eq!(read.len(), 5);
}
