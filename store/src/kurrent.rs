//! The KurrentDB engine: the same port over the official client, for those who outgrow one machine.
//!
//! How the port's promises are kept here:
//! - **Expected versions** are the server's own, so conflicts are decided there.
//! - **Idempotency keys** become event ids: the events of an append with a key get ids made from stream, key
//!   and index (the caller's ids give way). A repeated append is found by reading its stream and looking for
//!   those ids, before the append and again after a conflict. The cost is one read of the stream per keyed
//!   append. The same key on *another* stream is not noticed: [`LogError::KeyReused`] does not occur here.
//!   Two repeats of one key at the same instant with [`Expected::Any`](crate::Expected::Any) rely on the
//!   server's own idempotency, which it gives in nearly all cases but does not promise; the desk always sends
//!   an exact one.
//! - **Positions** are commit positions: one total order with gaps, 0 before everything. Only a position that
//!   was read from this database may be handed back to it.
//! - **System events** (`$…`) and streams that are not ours are passed over; their places count as looked at.
//! - **`end`** of a subscription's page is the server's word: it said that the reader had caught up, and
//!   nothing more had arrived when the page was made.
//!
//! Left for the issue that brings the distributed log: batched appends (the client's plain append pays
//! Nagle's 40 ms per round trip; its batch session drops its other writes when one of them conflicts), claims
//! of work by expected version, copying between engines, and this suite against a real server in CI.

mod mapping;

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use kurrentdb::{
    AppendToStreamOptions, Client, ClientSettings, Error, ReadAllOptions, ReadStreamOptions, ResolvedEvent,
    StreamPosition, SubscribeToAllOptions, SubscriptionEvent, SubscriptionFilter,
};
use skranke_domain::StreamId;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::port::{
    Appended, Direction, EventLog, Expected, Filter, LogError, Page, Position, Recorded, Revision,
    StreamWrite, Subscription,
};

/// How long one request may take. The client itself would wait for ever for a server that never answers.
const DEADLINE: Duration = Duration::from_secs(15);
/// Events that a subscription holds ready.
const AHEAD: usize = 512;

/// A log on a KurrentDB server or cluster.
pub struct KurrentLog(Arc<Inner>);

struct Inner {
    settings: ClientSettings,
    client: RwLock<Client>,
    closed: AtomicBool,
}

impl KurrentLog {
    /// Connects to the server that the URL names, and asks it for its features to see that it is there.
    pub async fn connect(url: &str) -> Result<Self, LogError> {
        // What the parser says may repeat the URL, and the URL may hold a password.
        let settings: ClientSettings = url.parse().map_err(|_| {
            LogError::Unavailable("its URL is not valid: write kurrentdb://HOST:2113?tls=true".into())
        })?;
        let client = new_client(&settings)?;
        let log =
            Self(Arc::new(Inner { settings, client: RwLock::new(client), closed: AtomicBool::new(false) }));
        log.0
            .ask(|client| async move { client.server_info().await })
            .await?
            .map_err(|error| mapping::error(&error))?;
        Ok(log)
    }
}

fn new_client(settings: &ClientSettings) -> Result<Client, LogError> {
    Client::new(settings.clone()).map_err(|error| LogError::Unavailable(error.to_string().into()))
}

impl Inner {
    /// Asks the server, within the deadline. A client whose connection died is replaced for the next request.
    async fn ask<T, F>(&self, request: impl FnOnce(Client) -> F) -> Result<Result<T, Error>, LogError>
    where
        F: Future<Output = Result<T, Error>>,
    {
        if self.closed.load(Ordering::Acquire) {
            return Err(LogError::Unavailable("it is closed".into()));
        }
        let client = self.client.read().unwrap_or_else(PoisonError::into_inner).clone();
        let answer = tokio::time::timeout(DEADLINE, request(client)).await.map_err(|_| {
            LogError::Unavailable(format!("the server did not answer within {} s", DEADLINE.as_secs()).into())
        })?;
        if answer.as_ref().is_err_and(mapping::is_dead) {
            *self.client.write().unwrap_or_else(PoisonError::into_inner) = new_client(&self.settings)?;
        }
        Ok(answer)
    }

    async fn stream(
        &self,
        stream: &StreamId,
        options: ReadStreamOptions,
    ) -> Result<Vec<ResolvedEvent>, LogError> {
        let answer = self.ask(|client| async move {
            let mut reading = client.read_stream(stream.as_str(), &options).await?;
            let mut events = Vec::new();
            while let Some(event) = reading.next().await? {
                events.push(event);
            }
            Ok(events)
        });
        match answer.await? {
            Err(Error::ResourceNotFound) => Ok(Vec::new()),
            answer => answer.map_err(|error| mapping::error(&error)),
        }
    }

    async fn all(&self, options: ReadAllOptions) -> Result<Vec<ResolvedEvent>, Error> {
        let answer = self.ask(|client| async move {
            let mut reading = client.read_all(&options).await?;
            let mut events = Vec::new();
            while let Some(event) = reading.next().await? {
                events.push(event);
            }
            Ok(events)
        });
        answer.await.unwrap_or_else(|error| Err(Error::ServerError(error.to_string())))
    }

    async fn append(&self, write: StreamWrite, key: Option<String>) -> Result<Appended, LogError> {
        let StreamWrite { stream, expected, events } = write;
        let count = events.len();
        if count == 0 {
            return Err(LogError::Invalid("an append needs at least one event".into()));
        }
        if let Some(key) = &key
            && let Some(first) = self.find_key(&stream, key).await?
        {
            return Ok(first);
        }
        let id = |index, event: &crate::NewEvent| {
            key.as_ref().map_or(event.id, |key| mapping::keyed_id(&stream, key, index))
        };
        let data: Vec<_> = events
            .into_iter()
            .enumerate()
            .map(|(index, event)| {
                let id = id(index, &event);
                mapping::new_event(event, id)
            })
            .collect();
        let options = AppendToStreamOptions::default().stream_state(mapping::expected(expected));
        let name = stream.as_str();
        let answer =
            self.ask(|client| async move { client.append_to_stream(name, &options, data).await }).await?;
        let written = match answer.map_err(|error| mapping::error(&error)) {
            Ok(written) => written,
            Err(conflict @ LogError::WrongExpected { .. }) => {
                // A twin of this very append may be what is in the way.
                let first = match &key {
                    Some(key) => self.find_key(&stream, key).await?,
                    None => None,
                };
                return first.ok_or(conflict);
            }
            Err(error) => return Err(error),
        };
        let revision = written.next_expected_version;
        if count == 1 {
            return Ok(Appended { position: Position(written.position.commit), revision, repeated: false });
        }
        // For several events the answer does not say which of them its position belongs to.
        let last = self.read_stream(&stream, revision, Direction::Forwards, 1).await?;
        let last =
            last.first().ok_or_else(|| LogError::Damaged(format!("{stream} lost revision {revision}")))?;
        Ok(Appended { position: last.position, revision, repeated: false })
    }

    async fn find_key(&self, stream: &StreamId, key: &str) -> Result<Option<Appended>, LogError> {
        let (mut events, mut from) = (Vec::new(), 0);
        loop {
            let page = self.read_stream(stream, from, Direction::Forwards, AHEAD).await?;
            let Some(last) = page.last() else { break };
            from = last.revision + 1;
            events.extend(page.iter().map(|event| {
                (event.id, Appended { position: event.position, revision: event.revision, repeated: true })
            }));
        }
        Ok(mapping::find_append(stream, key, events))
    }

    async fn read_stream(
        &self,
        stream: &StreamId,
        from: Revision,
        direction: Direction,
        max: usize,
    ) -> Result<Vec<Recorded>, LogError> {
        let options = ReadStreamOptions::default().max_count(max).position(mapping::stream_from(from));
        let options = match direction {
            // Nothing can stand beyond what the server counts.
            Direction::Forwards if mapping::stream_from(from) == StreamPosition::End => return Ok(Vec::new()),
            Direction::Forwards => options.forwards(),
            Direction::Backwards => options.backwards(),
        };
        let read = self.stream(stream, options).await?;
        Ok(read.iter().filter_map(|event| mapping::recorded(event.event.as_ref()?)).collect())
    }

    /// The position of the newest event that is not the system's, whoever wrote it.
    async fn head(&self) -> Result<Position, LogError> {
        let options = ReadAllOptions::default()
            .position(StreamPosition::End)
            .max_count(1)
            .filter(SubscriptionFilter::on_event_type().exclude_system_events());
        let newest = self.all(options).await.map_err(|error| mapping::error(&error))?;
        Ok(newest.last().map_or(Position(0), position))
    }

    async fn forwards(&self, mut from: Position, max: usize, filter: &Filter) -> Result<Page, LogError> {
        // Asked first: what is committed after this is not promised to be on the page.
        let head = self.head().await?;
        let mut events = Vec::new();
        loop {
            // One more than wanted, because the server begins with the event at `from` itself.
            let wanted = max - events.len() + 1;
            let options = ReadAllOptions::default()
                .position(mapping::all_from(from))
                .forwards()
                .max_count(wanted)
                .filter(mapping::filter(filter));
            let read = self.all(options).await.map_err(|error| mapping::error(&error))?;
            let exhausted = read.len() < wanted;
            let at = from;
            for event in read.iter().filter(|event| position(event) > at) {
                if events.len() == max {
                    break;
                }
                from = position(event);
                events.extend(ours(event, filter));
            }
            if exhausted && events.len() < max {
                let next = from.max(head);
                return Ok(Page { events, next, end: true });
            }
            if !events.is_empty() {
                return Ok(Page { events, next: from, end: from >= head });
            }
        }
    }

    /// The server reads backwards from before a position, the port from a position on. So an event that
    /// stands at `from` is read first; where none does, `from` is one before the last event of the page
    /// before.
    async fn backwards(&self, from: Position, max: usize, filter: &Filter) -> Result<Page, LogError> {
        let mut events = Vec::new();
        let mut start = if from >= self.head().await? {
            StreamPosition::End
        } else {
            let one = ReadAllOptions::default().position(mapping::all_from(from)).forwards().max_count(1);
            // An error means that no record begins there.
            match self.all(one).await.ok().and_then(|mut read| read.pop()) {
                Some(event) if position(&event) == from => {
                    events.extend(ours(&event, filter));
                    StreamPosition::Position(mapping::server_position(from.0))
                }
                _ => StreamPosition::Position(mapping::server_position(from.0 + 1)),
            }
        };
        let mut next = Position(from.0.saturating_sub(u64::from(!events.is_empty())));
        while events.len() < max {
            let wanted = max - events.len();
            let options = ReadAllOptions::default()
                .position(start)
                .backwards()
                .max_count(wanted)
                .filter(mapping::filter(filter));
            let read = self.all(options).await.map_err(|error| mapping::error(&error))?;
            events.extend(read.iter().filter_map(|event| ours(event, filter)));
            match read.last() {
                Some(last) if read.len() == wanted => {
                    let last = position(last).0;
                    start = StreamPosition::Position(mapping::server_position(last));
                    next = Position(last.saturating_sub(1));
                }
                _ => {
                    next = Position(0);
                    break;
                }
            }
        }
        Ok(Page { events, next, end: next.0 == 0 })
    }
}

fn position(event: &ResolvedEvent) -> Position {
    let commit = event.event.as_ref().map(|event| event.position.commit).or(event.commit_position);
    Position(commit.unwrap_or(0))
}

/// The event, if it is one of ours and passes.
fn ours(event: &ResolvedEvent, filter: &Filter) -> Option<Recorded> {
    let event = event.event.as_ref().filter(|event| !event.event_type.starts_with('$'))?;
    mapping::recorded(event).filter(|event| filter.passes(&event.stream, &event.event_type))
}

#[async_trait]
impl EventLog for KurrentLog {
    async fn append_all(
        &self,
        mut writes: Vec<StreamWrite>,
        key: Option<String>,
    ) -> Result<Vec<Appended>, LogError> {
        let (Some(write), true) = (writes.pop(), writes.is_empty()) else {
            return Err(LogError::Invalid("this engine appends to one stream at a time".into()));
        };
        Ok(vec![self.0.append(write, key).await?])
    }

    async fn find_key(&self, stream: &StreamId, key: &str) -> Result<Option<Appended>, LogError> {
        self.0.find_key(stream, key).await
    }

    async fn read_stream(
        &self,
        stream: &StreamId,
        from: Revision,
        direction: Direction,
        max: usize,
    ) -> Result<Vec<Recorded>, LogError> {
        self.0.read_stream(stream, from, direction, max).await
    }

    async fn delete_stream(&self, _: &StreamId, _: Expected) -> Result<Appended, LogError> {
        Err(LogError::Invalid("streams are not deleted here".into()))
    }

    async fn subscribe_stream(
        &self,
        _: &StreamId,
        _: Option<Revision>,
    ) -> Result<Box<dyn Subscription>, LogError> {
        Err(LogError::Invalid("streams are not followed here".into()))
    }

    async fn read_all(
        &self,
        from: Position,
        direction: Direction,
        max: usize,
        filter: &Filter,
    ) -> Result<Page, LogError> {
        match direction {
            Direction::Forwards => self.0.forwards(from, max.max(1), filter).await,
            Direction::Backwards => self.0.backwards(from, max.max(1), filter).await,
        }
    }

    async fn subscribe(&self, from: Position, filter: Filter) -> Result<Box<dyn Subscription>, LogError> {
        Ok(Box::new(Feed { log: Arc::clone(&self.0), at: from, filter, live: false, source: None }))
    }

    async fn head(&self) -> Result<Position, LogError> {
        self.0.head().await
    }

    async fn close(&self) {
        self.0.closed.store(true, Ordering::Release);
    }
}

/// A catch-up subscription. The client's own must not be dropped in the middle of waiting (it loses its
/// stream), so a task of ours waits, and the feed may be dropped at any time.
struct Feed {
    log: Arc<Inner>,
    at: Position,
    filter: Filter,
    live: bool,
    source: Option<Source>,
}

struct Source {
    heard: mpsc::Receiver<Heard>,
    task: JoinHandle<()>,
}

impl Drop for Source {
    fn drop(&mut self) {
        self.task.abort();
    }
}

enum Heard {
    Event(Position, Option<Box<Recorded>>),
    LookedUpTo(Position),
    CaughtUp(Option<Position>),
    FellBehind,
    Fault(LogError),
}

impl Feed {
    /// Subscribes from where the reader stands.
    fn listen(&self) -> Source {
        let client = self.log.client.read().unwrap_or_else(PoisonError::into_inner).clone();
        let options = SubscribeToAllOptions::default()
            .position(mapping::all_from(self.at))
            .filter(mapping::filter(&self.filter));
        let filter = self.filter.clone();
        let (tell, heard) = mpsc::channel(AHEAD);
        let task = tokio::spawn(async move {
            let mut subscription = client.subscribe_to_all(&options).await;
            loop {
                let said = match subscription.next_subscription_event().await {
                    Ok(SubscriptionEvent::EventAppeared(event)) => {
                        Heard::Event(position(&event), ours(&event, &filter).map(Box::new))
                    }
                    Ok(SubscriptionEvent::Checkpoint(at)) => Heard::LookedUpTo(Position(at.commit)),
                    Ok(SubscriptionEvent::CaughtUp(at)) => {
                        Heard::CaughtUp(at.and_then(|at| at.position).map(|at| Position(at.commit)))
                    }
                    Ok(SubscriptionEvent::FellBehind(_)) => Heard::FellBehind,
                    Ok(_) => continue,
                    Err(error) => Heard::Fault(mapping::error(&error)),
                };
                let over = matches!(said, Heard::Fault(_));
                if tell.send(said).await.is_err() || over {
                    return;
                }
            }
        });
        Source { heard, task }
    }
}

#[async_trait]
impl Subscription for Feed {
    async fn next(&mut self, max: usize) -> Result<Page, LogError> {
        let began = self.at;
        let mut events = Vec::new();
        if self.source.is_none() {
            // A request first: it replaces a client whose connection died.
            self.log.head().await?;
            self.source = Some(self.listen());
        }
        while events.len() < max.max(1) {
            let Some(source) = &mut self.source else { break };
            // Waits only while there is nothing to tell.
            let said =
                if self.at > began {
                    match source.heard.try_recv() {
                        Ok(said) => said,
                        Err(_) => break,
                    }
                } else {
                    source.heard.recv().await.unwrap_or_else(|| {
                        Heard::Fault(LogError::Unavailable("the subscription ended".into()))
                    })
                };
            match said {
                Heard::Event(at, event) => {
                    self.at = self.at.max(at);
                    events.extend(event.map(|event| *event));
                }
                Heard::LookedUpTo(at) => self.at = self.at.max(at),
                Heard::CaughtUp(at) => {
                    self.live = true;
                    self.at = self.at.max(at.unwrap_or(self.at));
                }
                Heard::FellBehind => self.live = false,
                Heard::Fault(error) => {
                    // What came before the fault is handed out first; the next call subscribes anew from
                    // there.
                    (self.source, self.live) = (None, false);
                    if events.is_empty() {
                        return Err(error);
                    }
                }
            }
        }
        let end = self.live && self.source.as_ref().is_none_or(|source| source.heard.is_empty());
        Ok(Page { events, next: self.at, end })
    }
}
