//! A log that can be held up, and one that fails for a while.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use jiff::civil::Date;
use rusqlite::Connection;
use skranke_domain::StreamId;
use skranke_projections::{Feed, Running, Views};
use skranke_store::{
    Appended, Direction, EventLog, Expected, Filter, LogError, Page, Position, Recorded, Revision,
    StreamWrite, Subscription,
};
use tokio::sync::watch;

use crate::house::{House, LIMIT, Office, assign, furesoe, person};

/// A log whose subscriptions from the very beginning wait at a gate, and which can be out of order.
struct Faulty {
    log: Arc<dyn EventLog>,
    gate: watch::Sender<bool>,
    down: Arc<AtomicBool>,
    readers: Arc<AtomicUsize>,
}

impl Faulty {
    fn new(log: &Arc<dyn EventLog>) -> Arc<Self> {
        let (gate, _) = watch::channel(false);
        Arc::new(Self { log: Arc::clone(log), gate, down: Arc::default(), readers: Arc::default() })
    }
}

struct Held {
    inner: Box<dyn Subscription>,
    gate: Option<watch::Receiver<bool>>,
    down: Arc<AtomicBool>,
    readers: Arc<AtomicUsize>,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.readers.fetch_sub(1, Ordering::SeqCst);
    }
}

fn down() -> LogError {
    LogError::Unavailable("pulled the plug".into())
}

#[async_trait]
impl Subscription for Held {
    async fn next(&mut self, max: usize) -> Result<Page, LogError> {
        if let Some(gate) = &mut self.gate {
            gate.wait_for(|open| *open).await.unwrap();
        }
        let page = self.inner.next(max).await?;
        if self.down.load(Ordering::SeqCst) { Err(down()) } else { Ok(page) }
    }
}

#[async_trait]
impl EventLog for Faulty {
    async fn append_all(
        &self,
        writes: Vec<StreamWrite>,
        key: Option<String>,
    ) -> Result<Vec<Appended>, LogError> {
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
        if self.down.load(Ordering::SeqCst) {
            return Err(down());
        }
        self.readers.fetch_add(1, Ordering::SeqCst);
        let gate = (from == Position(0)).then(|| self.gate.subscribe());
        let (down, readers) = (Arc::clone(&self.down), Arc::clone(&self.readers));
        Ok(Box::new(Held { inner: self.log.subscribe(from, filter).await?, gate, down, readers }))
    }
    async fn head(&self) -> Result<Position, LogError> {
        if self.down.load(Ordering::SeqCst) { Err(down()) } else { self.log.head().await }
    }
    async fn close(&self) {}
}

fn start(views: &Views, log: &Arc<Faulty>) -> Running {
    let log: Arc<dyn EventLog> = Arc::clone(log) as Arc<dyn EventLog>;
    views.start(log).unwrap()
}

async fn until(mut holds: impl FnMut() -> bool) {
    let patience = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(LIMIT, patience).await.unwrap();
}

/// Views whose statistics have to be built anew.
async fn outdated() -> (Office, Views) {
    let house = House::new();
    house.everything(furesoe(), 1).await;
    house.caught_up().await;
    let office = house.close().await;
    let file = office.views_dir("views").join("views.db");
    let connection = Connection::open(file).unwrap();
    connection.execute("UPDATE projections SET version = 0 WHERE name = 'case-weeks'", []).unwrap();
    drop(connection);
    let views = Views::open(&office.views_dir("views"), office.keys()).unwrap();
    (office, views)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_projection_that_is_built_anew_does_not_hold_the_others_up() {
    let (office, views) = outdated().await;
    let log = Faulty::new(&office.log);
    let running = start(&views, &log);
    let mut changes = views.changes();
    let id = office.open_case(furesoe(), 700).await;
    // The others are live while the statistics wait at the gate.
    let change = tokio::time::timeout(LIMIT, changes.recv()).await.unwrap().unwrap();
    assert_eq!(change.event_type, "CaseOpened");
    assert!(views.case_sheet(furesoe(), id).await.unwrap().is_some());
    let weeks = |from, to| views.case_weeks(furesoe(), from, to);
    assert!(weeks(Date::MIN, Date::MAX).await.unwrap().is_empty());
    assert_eq!(views.feed(), Feed::CatchingUp);
    assert_eq!(views.position(), Position(0));

    log.gate.send_replace(true);
    assert!(views.wait_for(office.log.head().await.unwrap(), LIMIT).await);
    // In step again, they share one reader.
    until(|| views.feed() == Feed::Live && log.readers.load(Ordering::SeqCst) == 1).await;
    let last = office.act(furesoe(), id, person(1), assign(person(1))).await.position;
    assert!(views.wait_for(last, LIMIT).await);
    running.stop().await;
    assert_eq!(log.readers.load(Ordering::SeqCst), 0);
    assert_eq!(views.digest().await.unwrap(), office.fresh_digest("again").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_fails_is_asked_again_and_nothing_is_lost() {
    let office = Office::new();
    let log = Faulty::new(&office.log);
    log.gate.send_replace(true);
    log.down.store(true, Ordering::SeqCst);
    let views = Views::open(&office.views_dir("views"), office.keys()).unwrap();
    assert_eq!(views.feed(), Feed::Idle);
    let running = start(&views, &log);
    until(|| matches!(views.feed(), Feed::Broken(_))).await;
    office.open_case(furesoe(), 1).await;
    log.down.store(false, Ordering::SeqCst);
    assert!(views.wait_for(office.log.head().await.unwrap(), LIMIT).await);
    until(|| views.feed() == Feed::Live).await;

    log.down.store(true, Ordering::SeqCst);
    office.open_case(furesoe(), 2).await;
    until(|| matches!(views.feed(), Feed::Broken(_))).await;
    log.down.store(false, Ordering::SeqCst);
    assert!(views.wait_for(office.log.head().await.unwrap(), LIMIT).await);
    until(|| views.feed() == Feed::Live).await;
    running.stop().await;
    assert_eq!(views.digest().await.unwrap(), office.fresh_digest("again").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn views_can_be_stopped_while_the_log_is_down() {
    let office = Office::new();
    let log = Faulty::new(&office.log);
    log.down.store(true, Ordering::SeqCst);
    let views = Views::open(&office.views_dir("views"), office.keys()).unwrap();
    let running = start(&views, &log);
    until(|| matches!(views.feed(), Feed::Broken(_))).await;
    tokio::time::timeout(LIMIT, running.stop()).await.unwrap();
    assert_eq!(views.feed(), Feed::Idle);
    // The writer is at home again.
    log.down.store(false, Ordering::SeqCst);
    start(&views, &log).stop().await;
}
