//! The simplest log there can be: vectors in memory. What the conformance suite compares the engines with,
//! and what runs the suite itself, so that the suite and the model keep each other honest.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use skranke_domain::StreamId;
use skranke_store::{
    Appended, Direction, EventLog, Expected, Filter, LogError, NewEvent, Page, Position, Recorded, Revision,
    StreamWrite, Subscription,
};
use tokio::sync::watch;
use uuid::Uuid;

/// The type of the event that ends a deleted stream.
const DELETED: &str = "$streamDeleted";

#[derive(Clone)]
pub(crate) struct Model {
    state: Arc<Mutex<State>>,
    head: watch::Sender<Option<Position>>,
}

#[derive(Default)]
struct State {
    log: Vec<Recorded>,
    streams: HashMap<StreamId, Vec<usize>>,
    deleted: Vec<StreamId>,
    keys: HashMap<(StreamId, String), Vec<Appended>>,
    closed: bool,
}

impl State {
    fn last(&self, stream: &StreamId) -> Option<Revision> {
        self.streams.get(stream).and_then(|places| places.len().checked_sub(1)).map(|last| last as u64)
    }

    fn check(&self, stream: &StreamId, expected: Expected) -> Result<(), LogError> {
        if self.deleted.contains(stream) {
            return Err(LogError::Deleted);
        }
        let actual = self.last(stream);
        let fits = match expected {
            Expected::Any => true,
            Expected::NoStream => actual.is_none(),
            Expected::Exists => actual.is_some(),
            Expected::Exact(revision) => actual == Some(revision),
        };
        if fits { Ok(()) } else { Err(LogError::WrongExpected { actual }) }
    }

    fn push(&mut self, stream: &StreamId, event: NewEvent) -> Appended {
        let position = Position(self.log.len() as u64 + 1);
        let places = self.streams.entry(stream.clone()).or_default();
        let revision = places.len() as u64;
        places.push(self.log.len());
        self.log.push(Recorded {
            position,
            stream: stream.clone(),
            revision,
            id: event.id,
            event_type: event.event_type.as_ref().into(),
            data: event.data.into(),
            metadata: event.metadata.into(),
            recorded_at: event.recorded_at,
        });
        Appended { position, revision, repeated: false }
    }

    fn page(
        &self,
        from: Position,
        direction: Direction,
        max: usize,
        passes: impl Fn(&Recorded) -> bool,
    ) -> Page {
        let max = max.max(1);
        let at = usize::try_from(from.0).unwrap_or(usize::MAX).min(self.log.len());
        let (events, next): (Vec<_>, _) = match direction {
            Direction::Forwards => {
                let events: Vec<_> =
                    self.log[at..].iter().filter(|event| passes(event)).take(max).cloned().collect();
                let head = Position(self.log.len() as u64).max(from);
                let next = events.last().filter(|_| events.len() == max).map_or(head, |last| last.position);
                (events, next)
            }
            Direction::Backwards => {
                let events: Vec<_> =
                    self.log[..at].iter().rev().filter(|event| passes(event)).take(max).cloned().collect();
                let next =
                    events.last().filter(|_| events.len() == max).map_or(0, |last| last.position.0 - 1);
                (events, Position(next))
            }
        };
        let end = match direction {
            Direction::Forwards => next.0 >= self.log.len() as u64,
            Direction::Backwards => next.0 == 0,
        };
        Page { events, next, end }
    }
}

impl Model {
    pub(crate) fn new() -> Self {
        Self { state: Arc::default(), head: watch::Sender::new(Some(Position(0))) }
    }

    fn state(&self) -> Result<MutexGuard<'_, State>, LogError> {
        let state = self.state.lock().unwrap();
        if state.closed { Err(LogError::Unavailable("it is closed".into())) } else { Ok(state) }
    }

    fn tell(&self, state: &State) {
        self.head.send_replace(Some(Position(state.log.len() as u64)));
    }
}

#[async_trait]
impl EventLog for Model {
    async fn append_all(
        &self,
        writes: Vec<StreamWrite>,
        key: Option<String>,
    ) -> Result<Vec<Appended>, LogError> {
        let mut state = self.state()?;
        let Some(first) = writes.first() else { return Err(LogError::Invalid("nothing to write".into())) };
        if writes.iter().any(|write| write.events.is_empty()) {
            return Err(LogError::Invalid("a write without events".into()));
        }
        if writes.iter().enumerate().any(|(n, one)| writes[..n].iter().any(|two| one.stream == two.stream)) {
            return Err(LogError::Invalid("a stream named twice".into()));
        }
        let key = key.map(|key| (first.stream.clone(), key));
        if let Some(done) = key.as_ref().and_then(|key| state.keys.get(key)) {
            return Ok(done.iter().map(|done| Appended { repeated: true, ..*done }).collect());
        }
        for write in &writes {
            state.check(&write.stream, write.expected)?;
        }
        let done: Vec<_> = writes
            .into_iter()
            .map(|StreamWrite { stream, events, .. }| {
                let mut last = None;
                for event in events {
                    last = Some(state.push(&stream, event));
                }
                last.unwrap()
            })
            .collect();
        if let Some(key) = key {
            state.keys.insert(key, done.clone());
        }
        self.tell(&state);
        Ok(done)
    }

    async fn find_key(&self, stream: &StreamId, key: &str) -> Result<Option<Appended>, LogError> {
        let state = self.state()?;
        let found = state.keys.get(&(stream.clone(), key.to_owned()));
        Ok(found.map(|done| Appended { repeated: true, ..done[0] }))
    }

    async fn delete_stream(&self, stream: &StreamId, expected: Expected) -> Result<Appended, LogError> {
        let mut state = self.state()?;
        state.check(stream, expected)?;
        let event = NewEvent {
            id: Uuid::from_u128(u128::from(super::random())),
            event_type: DELETED.into(),
            data: b"{}".to_vec(),
            metadata: b"{}".to_vec(),
            recorded_at: jiff::Timestamp::UNIX_EPOCH,
        };
        let done = state.push(stream, event);
        state.deleted.push(stream.clone());
        self.tell(&state);
        Ok(done)
    }

    async fn read_stream(
        &self,
        stream: &StreamId,
        from: Revision,
        direction: Direction,
        max: usize,
    ) -> Result<Vec<Recorded>, LogError> {
        let state = self.state()?;
        if state.deleted.contains(stream) {
            return Err(LogError::Deleted);
        }
        let all = state.streams.get(stream).into_iter().flatten().map(|place| &state.log[*place]);
        Ok(match direction {
            Direction::Forwards => all.filter(|event| event.revision >= from).take(max).cloned().collect(),
            Direction::Backwards => {
                let mut events: Vec<_> = all.filter(|event| event.revision <= from).cloned().collect();
                events.reverse();
                events.truncate(max);
                events
            }
        })
    }

    async fn read_all(
        &self,
        from: Position,
        direction: Direction,
        max: usize,
        filter: &Filter,
    ) -> Result<Page, LogError> {
        Ok(self.state()?.page(from, direction, max, |event| filter.passes(&event.stream, &event.event_type)))
    }

    async fn subscribe(&self, from: Position, filter: Filter) -> Result<Box<dyn Subscription>, LogError> {
        Ok(Box::new(Feed {
            model: self.clone(),
            head: self.head.subscribe(),
            at: from,
            what: What::All(filter),
        }))
    }

    async fn subscribe_stream(
        &self,
        stream: &StreamId,
        from: Option<Revision>,
    ) -> Result<Box<dyn Subscription>, LogError> {
        let state = self.state()?;
        let next = from.unwrap_or_else(|| state.last(stream).map_or(0, |last| last + 1));
        let what = What::Stream(stream.clone(), next);
        Ok(Box::new(Feed { model: self.clone(), head: self.head.subscribe(), at: Position(0), what }))
    }

    async fn head(&self) -> Result<Position, LogError> {
        Ok(Position(self.state()?.log.len() as u64))
    }

    async fn close(&self) {
        self.state.lock().unwrap().closed = true;
        self.head.send_replace(None);
    }
}

enum What {
    All(Filter),
    /// And the revision that comes next.
    Stream(StreamId, Revision),
}

struct Feed {
    model: Model,
    head: watch::Receiver<Option<Position>>,
    at: Position,
    what: What,
}

#[async_trait]
impl Subscription for Feed {
    async fn next(&mut self, max: usize) -> Result<Page, LogError> {
        loop {
            let seen = *self.head.borrow_and_update();
            let Some(head) = seen else { return Err(LogError::Unavailable("it is closed".into())) };
            match &mut self.what {
                What::All(filter) if head > self.at => {
                    let page = self.model.read_all(self.at, Direction::Forwards, max, filter).await?;
                    self.at = page.next;
                    return Ok(page);
                }
                What::All(_) => {}
                What::Stream(stream, next) => {
                    let events =
                        self.model.read_stream(stream, *next, Direction::Forwards, max.max(1)).await?;
                    if let Some(last) = events.last() {
                        *next = last.revision + 1;
                        let end = self.model.state()?.last(stream).is_some_and(|last| last < *next);
                        return Ok(Page { next: last.position, end, events });
                    }
                }
            }
            self.head.changed().await.map_err(|_| LogError::Unavailable("it is closed".into()))?;
        }
    }
}
