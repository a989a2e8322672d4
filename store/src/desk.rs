//! The desk: where a command becomes events, or a refusal.
//!
//! `execute` takes four steps: load the aggregate (as it was left by the last command, or by folding its
//! stream), let the rules decide, seal personal fields, append with the expected version. The steps run here and not in cqrs-es' own framework because
//! callers need the revision and the position: with them they can wait for a read model.
//!
//! Invariants:
//! - A decision is made on the newest state and appended to exactly that state, or made again. A refusal counts
//!   only on a state that was just read: another node may have changed what this one remembers.
//! - The same idempotency key twice on a stream is the first answer twice, also across a restart. A command
//!   that led to no event left no trace and is decided afresh.
//! - No decision is made on a stream with an event that this program does not know: a newer one wrote it, and
//!   only that one can tell what follows.
//! - Open personal fields never reach the log: `codec::encode` refuses them.

use std::collections::HashMap;
use std::error::Error;
use std::ops::ControlFlow;
use std::sync::{Arc, OnceLock};

use cqrs_es::event_sink::EventSink;
use cqrs_es::{Aggregate, AggregateContext, AggregateError, DomainEvent, EventEnvelope, EventStore};
use skranke_domain::refusal::Erased;
use skranke_domain::sealed::SealError;
use skranke_domain::time::Ids;
use skranke_domain::upcast::{Evolving, Reading};
use skranke_domain::{Act, Refusal, Sealable, StreamId, codec};

use crate::hot::Hot;
use crate::keys::KeyRing;
use crate::metadata::Metadata;
use crate::port::{
    Appended, EventLog, Expected, LogError, NewEvent, Position, Recorded, Revision, StreamWrite,
};
use crate::read::{self, NewerEvent, ReadError};

/// How often a command is decided on fresh state before its sender is told of the conflict.
const ATTEMPTS: u32 = 3;

/// What a command led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The stream's last event after the command; `None` when it still has none.
    pub revision: Option<Revision>,
    /// Wait until a read model has come this far to see what the command did.
    pub position: Position,
    /// This is the answer to an earlier command with the same idempotency key; see [`Appended::repeated`].
    pub repeated: bool,
}

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum Failure<R: Error + 'static> {
    /// A rule said no. Show the text; log at info.
    #[error(transparent)]
    Refused(R),
    /// Another hand was faster, or the sender had not seen the newest state.
    #[error("someone else changed it first")]
    Conflict {
        /// The stream's last revision.
        actual: Option<Revision>,
    },
    /// The house is broken. Log the chain once; show people a reference.
    #[error("the event store did not answer")]
    Unavailable(#[source] LogError),
    /// A newer program wrote to this stream; this one must not decide on it. Show the text.
    #[error(transparent)]
    Newer(NewerEvent),
    /// It is about somebody whose data was erased. Show the text.
    #[error(transparent)]
    Erased(Erased),
    /// A personal field could not be sealed.
    #[error("a personal field could not be sealed")]
    Seal(#[source] SealError),
}

impl<R: Error + 'static> From<LoadError> for Failure<R> {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Log(error) => Self::Unavailable(error),
            LoadError::Newer(event) => Self::Newer(event),
        }
    }
}

/// What a failure leaves to do for a process, whose command follows from an event and would be the same again.
#[derive(Clone, Debug)]
pub enum Left {
    /// Nothing: a rule said no, or it is about somebody whose data was erased.
    Nothing,
    /// It may be tried again: others were faster.
    Retry {
        /// The stream's last revision.
        actual: Option<Revision>,
    },
    /// Only a newer program can do it.
    Newer(NewerEvent),
}

impl<R: Error + 'static> Failure<R> {
    /// What is left to do for a process; the error is that the house is broken.
    pub fn left(self) -> Result<Left, LogError> {
        match self {
            Self::Refused(_) | Self::Erased(_) => Ok(Left::Nothing),
            Self::Conflict { actual } => Ok(Left::Retry { actual }),
            Self::Newer(event) => Ok(Left::Newer(event)),
            Self::Unavailable(error) => Err(error),
            Self::Seal(error) => Err(LogError::Unavailable(error.to_string().into())),
        }
    }
}

/// Why an aggregate was not loaded.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LoadError {
    /// The log did not give its stream, or the stream is damaged.
    #[error(transparent)]
    Log(#[from] LogError),
    /// Its stream holds an event that this program does not know.
    #[error(transparent)]
    Newer(#[from] NewerEvent),
}

/// Why something was not noted.
#[derive(Debug, thiserror::Error)]
pub enum NoteError {
    /// The log did not take it.
    #[error("the event store did not answer")]
    Log(#[from] LogError),
    /// A personal field could not be sealed.
    #[error("a personal field could not be sealed")]
    Seal(#[from] SealError),
}

/// Where commands are carried out. Cheap to clone.
#[derive(Clone)]
pub struct Desk(Arc<Inner>);

struct Inner {
    log: Arc<dyn EventLog>,
    keys: Arc<KeyRing>,
    ids: Arc<dyn Ids>,
    software: &'static str,
    hot: Hot,
}

impl Desk {
    /// A desk over a log and its keys. `software` is the program's name and version for the metadata.
    pub fn new(
        log: Arc<dyn EventLog>,
        keys: Arc<KeyRing>,
        ids: Arc<dyn Ids>,
        software: &'static str,
    ) -> Self {
        Self(Arc::new(Inner { log, keys, ids, software, hot: Hot::new() }))
    }

    /// The log behind it.
    pub fn log(&self) -> &Arc<dyn EventLog> {
        &self.0.log
    }

    /// The key ring behind it.
    pub fn keys(&self) -> &Arc<KeyRing> {
        &self.0.keys
    }

    /// Where new ids come from.
    pub fn ids(&self) -> &Arc<dyn Ids> {
        &self.0.ids
    }

    /// The aggregate as its stream tells it, and its last revision. Sealed fields stay locked.
    pub async fn load<A>(&self, stream: &StreamId) -> Result<(A, Option<Revision>), LoadError>
    where
        A: Aggregate,
        A::Event: Evolving,
    {
        let state = fold::<A>(self.log().as_ref(), stream).await?;
        Ok((state.aggregate, state.last.map(|last| last.revision)))
    }

    /// As [`Self::load`], of a stream that is used again and again: only what came since it was last used here is read.
    pub async fn look<A>(&self, stream: &StreamId) -> Result<(A, Option<Revision>), LoadError>
    where
        A: Aggregate + Clone + 'static,
        A::Event: Evolving,
    {
        let state = match self.0.hot.take::<A>(stream) {
            Some((aggregate, last)) => Loaded { stream: stream.clone(), aggregate, last: Some(last) },
            None => Loaded { stream: stream.clone(), aggregate: A::default(), last: None },
        };
        let state = fold_on(self.log().as_ref(), state).await?;
        if let Some(last) = state.last {
            self.0.hot.put(stream, state.aggregate.clone(), last);
        }
        Ok((state.aggregate, state.last.map(|last| last.revision)))
    }

    /// Tells a stream's events, oldest first, each with its place; sealed fields stay locked. For what is told from a
    /// stream and not decided on.
    pub async fn history<E: Evolving>(
        &self,
        stream: &StreamId,
        mut tell: impl FnMut(E, &Recorded) + Send,
    ) -> Result<(), LoadError> {
        each_event(self.log().as_ref(), stream, 0, |recorded, events| {
            match events {
                Reading::One(event) => tell(event, recorded),
                Reading::Several(events) => events.into_iter().for_each(|event| tell(event, recorded)),
                Reading::Unknown => return Err(NewerEvent::at(recorded).into()),
            }
            Ok(())
        })
        .await
    }

    /// Carries out a command.
    pub async fn execute<A>(
        &self,
        stream: &StreamId,
        command: A::Command,
        act: &Act,
    ) -> Result<Receipt, Failure<A::Error>>
    where
        A: Aggregate<Services = ()> + Clone + 'static,
        A::Command: Clone + Send + Sync,
        A::Event: Evolving + Sealable,
        A::Error: Refusal,
    {
        let key = idempotency(act);
        let key = key.as_deref();
        let mut remembered = self.0.hot.take::<A>(stream);
        let mut conflicts = 0;
        loop {
            let attempt = Shelf { desk: &self.0, act, key, outcome: OnceLock::new() };
            let hot = remembered.take();
            let fresh = hot.is_none();
            let context: Loaded<A> = match hot {
                Some((aggregate, last)) => Loaded { stream: stream.clone(), aggregate, last: Some(last) },
                None => attempt.load_aggregate(stream.as_str()).await.map_err(|e| attempt.failure(e))?,
            };
            let Loaded { aggregate: before, last, .. } = context.clone();
            match attempt.carry_out(context, command.clone()).await {
                Ok(Done::Written { receipt, events }) => {
                    if !receipt.repeated {
                        self.remember(stream, before, events, &receipt);
                    }
                    return Ok(receipt);
                }
                // What was remembered may be old: nothing but an append is a last word on it.
                Ok(Done::Nothing)
                | Err(
                    Failure::Refused(_) | Failure::Conflict { .. } | Failure::Erased(_) | Failure::Seal(_),
                ) if !fresh => {}
                Ok(Done::Nothing) => {
                    if let Some(first) = self.first_answer(stream, key).await.map_err(Failure::Unavailable)? {
                        return Ok(first);
                    }
                    if let Some(last) = last {
                        self.0.hot.put(stream, before, last);
                    }
                    return self.nothing_happened(last).await.map_err(Failure::Unavailable);
                }
                Err(Failure::Unavailable(error)) => return Err(Failure::Unavailable(error)),
                Err(failure) => {
                    // Who asks again is told what the first time led to, whatever would be said now.
                    if let Some(first) = self.first_answer(stream, key).await.map_err(Failure::Unavailable)? {
                        return Ok(first);
                    }
                    let lost_race =
                        matches!(failure, Failure::Conflict { .. }) && attempt.outcome.get().is_some();
                    conflicts += u32::from(lost_race);
                    if !lost_race || conflicts == ATTEMPTS {
                        return Err(failure);
                    }
                }
            }
        }
    }

    /// What the first command with this key led to, if there was one.
    async fn first_answer(&self, stream: &StreamId, key: Option<&str>) -> Result<Option<Receipt>, LogError> {
        let Some(key) = key else { return Ok(None) };
        let first = self.log().find_key(stream, key).await?;
        Ok(first.map(|first| Receipt {
            revision: Some(first.revision),
            position: first.position,
            repeated: true,
        }))
    }

    /// Keeps an aggregate as it is after these events, which are as the log has them.
    fn remember<A: Aggregate + 'static>(
        &self,
        stream: &StreamId,
        mut aggregate: A,
        events: Vec<A::Event>,
        receipt: &Receipt,
    ) {
        let Some(revision) = receipt.revision else { return };
        for event in events {
            aggregate.apply(event);
        }
        let last = Appended { position: receipt.position, revision, repeated: false };
        self.0.hot.put(stream, aggregate, last);
    }

    /// Notes an event that no rule could refuse (the access log, a number series): appended to whatever is
    /// there, without loading the stream first. The idempotency key of the act counts as in
    /// [`Self::execute`].
    pub async fn note<E: DomainEvent + Sealable>(
        &self,
        stream: &StreamId,
        event: E,
        act: &Act,
    ) -> Result<Receipt, NoteError> {
        let key = idempotency(act);
        let entry = Shelf { desk: &self.0, act, key: key.as_deref(), outcome: OnceLock::new() };
        let mut events = [event];
        entry.lock(stream, &mut events).await?;
        let events = entry.encode(&events)?;
        let write = StreamWrite { stream: stream.clone(), expected: Expected::Any, events };
        let Appended { position, revision, repeated } = self.log().append(write, key).await?;
        Ok(Receipt { revision: Some(revision), position, repeated })
    }

    /// The receipt of a command whose wish was already true.
    async fn nothing_happened(&self, last: Option<Appended>) -> Result<Receipt, LogError> {
        Ok(match last {
            Some(last) => Receipt { revision: Some(last.revision), position: last.position, repeated: false },
            None => Receipt { revision: None, position: self.log().head().await?, repeated: false },
        })
    }
}

/// The key of an act as the log knows it: nobody meets the key of somebody else.
fn idempotency(act: &Act) -> Option<String> {
    act.idempotency.as_ref().map(|key| format!("{}/{}/{key}", act.tenant, act.actor))
}

/// An aggregate and the place in the log that it stands for.
#[derive(Clone)]
struct Loaded<A> {
    stream: StreamId,
    aggregate: A,
    last: Option<Appended>,
}

impl<A: Aggregate> AggregateContext<A> for Loaded<A> {
    fn aggregate(&mut self) -> &mut A {
        &mut self.aggregate
    }
}

async fn fold<A>(log: &dyn EventLog, stream: &StreamId) -> Result<Loaded<A>, LoadError>
where
    A: Aggregate,
    A::Event: Evolving,
{
    fold_on(log, Loaded { stream: stream.clone(), aggregate: A::default(), last: None }).await
}

/// Folds what came after the last event of a state.
async fn fold_on<A>(log: &dyn EventLog, mut state: Loaded<A>) -> Result<Loaded<A>, LoadError>
where
    A: Aggregate,
    A::Event: Evolving,
{
    let stream = state.stream.clone();
    let from = state.last.map_or(0, |last| last.revision + 1);
    each_event(log, &stream, from, |recorded, events| {
        match events {
            Reading::One(event) => state.aggregate.apply(event),
            Reading::Several(events) => events.into_iter().for_each(|event| state.aggregate.apply(event)),
            Reading::Unknown => return Err(NewerEvent::at(recorded).into()),
        }
        let Recorded { position, revision, .. } = *recorded;
        state.last = Some(Appended { position, revision, repeated: false });
        Ok(())
    })
    .await?;
    Ok(state)
}

/// Reads a stream from a revision to its end, or to the first event that cannot be taken.
async fn each_event<E: Evolving>(
    log: &dyn EventLog,
    stream: &StreamId,
    from: Revision,
    mut take: impl FnMut(&Recorded, Reading<E>) -> Result<(), LoadError> + Send,
) -> Result<(), LoadError> {
    let mut fault = None;
    log.fold_stream(stream, from, &mut |recorded| {
        let read = read::read(&recorded).map_err(|error| LogError::Damaged(told(&error)).into());
        match read.and_then(|events| take(&recorded, events)) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                fault = Some(error);
                ControlFlow::Break(())
            }
        }
    })
    .await?;
    fault.map_or(Ok(()), Err)
}

/// Place and cause in one text: the log's own errors have no source.
fn told(error: &ReadError) -> String {
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

/// cqrs-es' view of the log, for one attempt at one command.
struct Shelf<'a> {
    desk: &'a Inner,
    act: &'a Act,
    key: Option<&'a str>,
    /// What the log answered to `commit`. cqrs-es has no room for it.
    outcome: OnceLock<Outcome>,
}

/// What an attempt led to.
enum Done<E> {
    /// Events, as the log has them.
    Written { receipt: Receipt, events: Vec<E> },
    /// The wish was already true.
    Nothing,
}

enum Outcome {
    Written(Appended),
    Conflict { actual: Option<Revision> },
}

impl Shelf<'_> {
    /// Lets the rules decide and appends what follows.
    async fn carry_out<A>(
        &self,
        mut context: Loaded<A>,
        command: A::Command,
    ) -> Result<Done<A::Event>, Failure<A::Error>>
    where
        A: Aggregate<Services = ()>,
        A::Event: Evolving + Sealable,
        A::Error: Refusal,
    {
        let last = context.last;
        let seen_other = self.act.expected.is_some() && self.act.expected != last.map(|last| last.revision);
        let conflict = || Failure::Conflict { actual: last.map(|last| last.revision) };
        if seen_other && last.is_some() {
            return Err(conflict());
        }
        let sink = EventSink::default();
        context.aggregate().handle(command, &(), &sink).await.map_err(Failure::Refused)?;
        // What was never begun: the rules come first, for they say that there is nothing.
        if seen_other {
            return Err(conflict());
        }
        let events = sink.collect().await;
        if events.is_empty() {
            return Ok(Done::Nothing);
        }
        let written =
            self.commit(events, context, HashMap::new()).await.map_err(|error| self.failure(error))?;
        let receipt = self.receipt().map_err(Failure::Unavailable)?;
        Ok(Done::Written { receipt, events: written.into_iter().map(|written| written.payload).collect() })
    }

    fn receipt(&self) -> Result<Receipt, LogError> {
        match self.outcome.get() {
            Some(Outcome::Written(appended)) => Ok(Receipt {
                revision: Some(appended.revision),
                position: appended.position,
                repeated: appended.repeated,
            }),
            Some(Outcome::Conflict { .. }) | None => {
                Err(LogError::Unavailable("the log gave no answer".into()))
            }
        }
    }

    fn actual(&self) -> Option<Revision> {
        match self.outcome.get() {
            Some(Outcome::Conflict { actual }) => *actual,
            Some(Outcome::Written(_)) | None => None,
        }
    }

    fn failure<R: Error + 'static>(&self, error: AggregateError<R>) -> Failure<R> {
        let source = match error {
            AggregateError::UserError(refusal) => return Failure::Refused(refusal),
            AggregateError::AggregateConflict => return Failure::Conflict { actual: self.actual() },
            AggregateError::DatabaseConnectionError(source)
            | AggregateError::DeserializationError(source)
            | AggregateError::UnexpectedError(source) => source,
        };
        match source.downcast::<LoadError>().map(|error| *error) {
            Ok(error) => error.into(),
            Err(source) => match source.downcast::<SealError>() {
                Ok(error) => match *error {
                    SealError::Destroyed => Failure::Erased(Erased),
                    error => Failure::Seal(error),
                },
                Err(source) => Failure::Unavailable(LogError::Unavailable(source.to_string().into())),
            },
        }
    }

    /// Locks every personal field. A key that is not in memory is fetched or made off the async threads.
    async fn lock<E: Sealable>(&self, stream: &StreamId, events: &mut [E]) -> Result<(), SealError> {
        let seals = self.desk.keys.for_stream(stream);
        let missing = {
            let ready = seals.ready();
            for event in &mut *events {
                // A field that stays open is locked below, where its error counts.
                event.seals(&mut |name, field| field.lock(name, &ready).or(Ok(())))?;
            }
            ready.missing()
        };
        if missing.is_empty() {
            // Whatever is still open for another reason (a shape that is no JSON) says so now.
            return events.iter_mut().try_for_each(|event| event.lock_all(&seals));
        }
        self.desk.keys.ensure(stream.tenant(), missing).await?;
        events.iter_mut().try_for_each(|event| event.lock_all(&seals))
    }

    /// The events as they go into the log.
    fn encode<E: DomainEvent>(&self, events: &[E]) -> Result<Vec<NewEvent>, SealError> {
        let mut metadata = Metadata::from_act(self.act, self.desk.software);
        let new = events.iter().map(|event| {
            // Encoding refuses one thing only: a personal field that `seals` forgot to name.
            let encoded = codec::encode(event).map_err(|_| SealError::Shape)?;
            metadata.schema = event.event_version();
            Ok(NewEvent {
                id: self.desk.ids.next(),
                event_type: encoded.event_type.into(),
                data: encoded.data,
                metadata: metadata.to_json().map_err(|_| SealError::Shape)?,
                recorded_at: self.act.at,
            })
        });
        new.collect()
    }
}

fn load_error<T: Error>(error: impl Into<LoadError>) -> AggregateError<T> {
    AggregateError::DatabaseConnectionError(Box::new(error.into()))
}

fn seal_error<T: Error>(error: SealError) -> AggregateError<T> {
    AggregateError::UnexpectedError(Box::new(error))
}

impl<A> EventStore<A> for Shelf<'_>
where
    A: Aggregate,
    A::Event: Evolving + Sealable,
    A::Error: Send,
{
    type AC = Loaded<A>;

    async fn load_events(&self, id: &str) -> Result<Vec<EventEnvelope<A>>, AggregateError<A::Error>> {
        let stream = stream_id(id)?;
        let mut envelopes = Vec::new();
        each_event(self.desk.log.as_ref(), &stream, 0, |recorded, events| {
            let mut push = |payload| envelopes.push(envelope(id, recorded.revision, payload));
            match events {
                Reading::One(event) => push(event),
                Reading::Several(events) => events.into_iter().for_each(push),
                Reading::Unknown => return Err(NewerEvent::at(recorded).into()),
            }
            Ok(())
        })
        .await
        .map_err(load_error)?;
        Ok(envelopes)
    }

    async fn load_aggregate(&self, id: &str) -> Result<Loaded<A>, AggregateError<A::Error>> {
        fold(self.desk.log.as_ref(), &stream_id(id)?).await.map_err(load_error)
    }

    async fn commit(
        &self,
        mut events: Vec<A::Event>,
        context: Loaded<A>,
        _: HashMap<String, String>,
    ) -> Result<Vec<EventEnvelope<A>>, AggregateError<A::Error>> {
        let Loaded { stream, last, .. } = context;
        self.lock(&stream, &mut events).await.map_err(seal_error)?;
        let new = self.encode(&events).map_err(seal_error)?;
        let expected = Expected::after(last.map(|last| last.revision));
        let first = last.map_or(0, |last| last.revision + 1);
        let write = StreamWrite { stream: stream.clone(), expected, events: new };
        match self.desk.log.append(write, self.key.map(ToOwned::to_owned)).await {
            Ok(appended) => {
                let _ = self.outcome.set(Outcome::Written(appended));
                Ok((first..)
                    .zip(events)
                    .map(|(revision, payload)| envelope(stream.as_str(), revision, payload))
                    .collect())
            }
            Err(LogError::WrongExpected { actual }) => {
                let _ = self.outcome.set(Outcome::Conflict { actual });
                Err(AggregateError::AggregateConflict)
            }
            Err(error) => Err(load_error(error)),
        }
    }
}

/// cqrs-es counts from 1.
fn envelope<A: Aggregate>(id: &str, revision: Revision, payload: A::Event) -> EventEnvelope<A> {
    let sequence = usize::try_from(revision + 1).unwrap_or(usize::MAX);
    EventEnvelope { aggregate_id: id.to_owned(), sequence, payload, metadata: HashMap::new() }
}

fn stream_id<T: Error>(id: &str) -> Result<StreamId, AggregateError<T>> {
    StreamId::try_from(id.to_owned()).map_err(|error| AggregateError::UnexpectedError(Box::new(error)))
}
