//! Wrapped keys in the log itself, for nodes that share one: a stream per subject, `key-<tenant>-<subject>`, and
//! one, `key-0000-ring`, that says which master key the ring is under.
//!
//! How the ring's promises are kept here:
//! - **One key per subject**: `KeyWrapped` is the stream's first event and expects no stream, so one of two
//!   hands wins and the other reads the winner's key.
//! - **Destroyed for good**: `KeyDestroyed` ends the stream (every node follows the key streams and drops what
//!   it holds in memory), then the stream is deleted. A deleted stream can never be written again. Whoever
//!   meets an end without a deletion, because a node was killed between the two, deletes it.
//! - **Rotation**: `MasterKeyAdopted` comes first; from then on new keys are wrapped under the new master, by
//!   every node. Then each key is wrapped anew (`KeyRewrapped`), and `MasterKeyRetired` comes last. Until then
//!   the ring opens only for who holds both. A node that wrapped a new key while the adoption passed it by
//!   looks again afterwards and wraps it anew.
//!
//! What destruction does not promise here: another node may use a key that it holds in memory for as long as its
//! subscription lags (a node whose subscription broke holds none), and the bytes of a deleted stream, wrapped
//! keys among them, stay in the database's files until the server has scavenged, and in its backups.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use cqrs_es::DomainEvent;
use futures::{StreamExt, TryStreamExt};
use skranke_domain::time::{Clock, Ids};
use skranke_domain::{Act, StreamId, Tenant, codec};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::JoinHandle;

use super::cache::Cache;
use super::cipher::{self, MasterKey, Masters};
use super::event::{KeyEvent, MasterKeyId, WrappedKey};
use super::{Found, KeyError, Subject, Vault};
use crate::metadata::Metadata;
use crate::port::{
    Direction, EventLog, Expected, Filter, LogError, NewEvent, Position, Revision, StreamWrite,
};

/// The category of the ring's streams.
const CATEGORY: &str = "key";
/// Keys that a rotation wraps at the same time.
const HANDS: usize = 16;
/// Events that are read at once.
const BATCH: usize = 256;
/// How long a broken subscription waits before the next try.
const PAUSE: Duration = Duration::from_secs(1);

pub(super) struct KeyStreams {
    ring: Ring,
    runtime: Handle,
    follower: JoinHandle<()>,
}

impl Drop for KeyStreams {
    fn drop(&mut self) {
        self.follower.abort();
    }
}

impl KeyStreams {
    pub(super) async fn open(
        log: Arc<dyn EventLog>,
        masters: Masters,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
        software: &'static str,
        cache: &Arc<Cache>,
    ) -> Result<Self, KeyError> {
        let runtime = Handle::current();
        if runtime.runtime_flavor() == RuntimeFlavor::CurrentThread {
            return Err(KeyError::SingleThread);
        }
        let ring = Ring { log, masters, clock, ids, software };
        ring.make_or_check().await?;
        let at = ring.log.head().await?;
        let follower = runtime.spawn(follow(Arc::clone(&ring.log), at, Arc::clone(cache)));
        Ok(Self { ring, runtime, follower })
    }

    /// Waits for the log where nobody can `await`: seals and openers are called from within serde and from
    /// folds. The worker's other tasks are handed to another thread first, because the log's own tasks, on
    /// whom this waits, may be among them.
    fn wait<T>(&self, work: impl Future<Output = Result<T, KeyError>>) -> Result<T, KeyError> {
        match Handle::try_current() {
            Ok(here) if here.runtime_flavor() == RuntimeFlavor::CurrentThread => Err(KeyError::SingleThread),
            Ok(_) | Err(_) => tokio::task::block_in_place(|| self.runtime.block_on(work)),
        }
    }
}

impl Vault for KeyStreams {
    fn find(&self, subject: Subject) -> Result<Found, KeyError> {
        self.wait(self.ring.find(subject))
    }

    fn find_or_make(&self, subjects: &[Subject]) -> Result<Vec<Found>, KeyError> {
        let found = futures::stream::iter(subjects).map(|subject| self.ring.find_or_make(*subject));
        self.wait(found.buffered(HANDS).try_collect())
    }

    fn destroy(&self, subject: Subject) -> Result<bool, KeyError> {
        self.wait(self.ring.destroy(subject))
    }

    fn rotate(&self) -> Result<u64, KeyError> {
        self.wait(self.ring.rotate())
    }
}

/// The streams and what is needed to write to them.
struct Ring {
    log: Arc<dyn EventLog>,
    masters: Masters,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    software: &'static str,
}

/// Which master keys the ring is under.
#[derive(Default)]
struct Standing {
    /// In the order in which they were adopted, without those that were retired. New keys are wrapped under
    /// the last one.
    masters: Vec<String>,
    revision: Option<Revision>,
}

impl Standing {
    fn current(&self) -> &str {
        self.masters.last().map_or("", String::as_str)
    }
}

/// A subject's stream, by its last event.
enum Last {
    Nothing,
    Wrapped(Revision, WrappedKey),
    /// Not deleted yet.
    Ended,
    Deleted,
}

impl Ring {
    async fn make_or_check(&self) -> Result<(), KeyError> {
        let mut standing = self.standing().await?;
        if standing.revision.is_none() {
            match self.adopt(&standing, &self.masters.current.id()).await {
                // Another node was faster.
                Ok(()) | Err(KeyError::Log(LogError::WrongExpected { .. })) => {}
                Err(error) => return Err(error),
            }
            standing = self.standing().await?;
        }
        let given = |id: &String| self.masters.iter().any(|master| master.id() == *id);
        if standing.masters.iter().all(given) {
            Ok(())
        } else if standing.masters.iter().any(given) {
            Err(KeyError::RotationUnfinished)
        } else {
            Err(KeyError::WrongMaster)
        }
    }

    async fn standing(&self) -> Result<Standing, KeyError> {
        let mut standing = Standing::default();
        loop {
            let from = standing.revision.map_or(0, |last| last + 1);
            let events = self.log.read_stream(&ring_stream(), from, Direction::Forwards, BATCH).await?;
            let Some(last) = events.last() else { return Ok(standing) };
            standing.revision = Some(last.revision);
            for event in &events {
                match codec::decode(&event.event_type, &event.data) {
                    Ok(KeyEvent::MasterKeyAdopted(MasterKeyId { master })) => {
                        standing.masters.retain(|known| *known != master);
                        standing.masters.push(master);
                    }
                    Ok(KeyEvent::MasterKeyRetired(MasterKeyId { master })) => {
                        standing.masters.retain(|known| *known != master);
                    }
                    Ok(_) | Err(_) => return Err(KeyError::Damaged),
                }
            }
        }
    }

    async fn adopt(&self, standing: &Standing, master: &str) -> Result<(), KeyError> {
        let adopted = KeyEvent::MasterKeyAdopted(MasterKeyId { master: master.to_owned() });
        self.append(ring_stream(), Expected::after(standing.revision), adopted).await
    }

    fn given(&self, id: &str) -> Result<&MasterKey, KeyError> {
        self.masters.iter().find(|master| master.id() == id).ok_or(KeyError::RotationUnfinished)
    }

    async fn last(&self, subject: Subject) -> Result<Last, KeyError> {
        let read = self.log.read_stream(&stream_of(subject), Revision::MAX, Direction::Backwards, 1).await;
        let event = match read {
            Err(LogError::Deleted) => return Ok(Last::Deleted),
            read => match read?.into_iter().next() {
                Some(event) => event,
                None => return Ok(Last::Nothing),
            },
        };
        match codec::decode(&event.event_type, &event.data) {
            Ok(KeyEvent::KeyWrapped(wrapped) | KeyEvent::KeyRewrapped(wrapped)) => {
                Ok(Last::Wrapped(event.revision, wrapped))
            }
            Ok(KeyEvent::KeyDestroyed) => Ok(Last::Ended),
            Ok(KeyEvent::MasterKeyAdopted(_) | KeyEvent::MasterKeyRetired(_)) | Err(_) => {
                Err(KeyError::Damaged)
            }
        }
    }

    async fn find(&self, subject: Subject) -> Result<Found, KeyError> {
        match self.last(subject).await? {
            Last::Nothing => Ok(Found::Nothing),
            Last::Wrapped(_, wrapped) => Ok(Found::Key(Arc::new(self.open(subject, &wrapped)?))),
            Last::Deleted => Ok(Found::Destroyed),
            Last::Ended => {
                if let Err(error) = self.delete(subject).await {
                    tracing::warn!(error = %error, "a destroyed key's stream will be deleted later");
                }
                Ok(Found::Destroyed)
            }
        }
    }

    async fn find_or_make(&self, subject: Subject) -> Result<Found, KeyError> {
        match self.find(subject).await? {
            Found::Nothing => {}
            found => return Ok(found),
        }
        let standing = self.standing().await?;
        let key = cipher::random_secret()?;
        let wrapped = self.wrap(subject, &key, standing.current())?;
        match self.append(stream_of(subject), Expected::NoStream, KeyEvent::KeyWrapped(wrapped)).await {
            Ok(()) => {}
            Err(KeyError::Log(LogError::WrongExpected { .. } | LogError::Deleted)) => {
                return self.find(subject).await;
            }
            Err(error) => return Err(error),
        }
        // A rotation may have adopted its master and passed this key by in between.
        let now = self.standing().await?;
        if now.revision != standing.revision {
            self.rewrap(subject, now.current()).await?;
        }
        Ok(Found::Key(Arc::new(key)))
    }

    async fn destroy(&self, subject: Subject) -> Result<bool, KeyError> {
        loop {
            let (there, revision) = match self.last(subject).await? {
                Last::Deleted => return Ok(false),
                Last::Ended => {
                    self.delete(subject).await?;
                    return Ok(false);
                }
                Last::Nothing => (false, None),
                Last::Wrapped(revision, _) => (true, Some(revision)),
            };
            match self.append(stream_of(subject), Expected::after(revision), KeyEvent::KeyDestroyed).await {
                Ok(()) => {
                    self.delete(subject).await?;
                    return Ok(there);
                }
                // Somebody wraps it anew, makes it or destroys it: look again.
                Err(KeyError::Log(LogError::WrongExpected { .. } | LogError::Deleted)) => {}
                Err(error) => return Err(error),
            }
        }
    }

    async fn delete(&self, subject: Subject) -> Result<(), KeyError> {
        match self.log.delete_stream(&stream_of(subject), Expected::Any).await {
            Ok(_) | Err(LogError::Deleted) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn rotate(&self) -> Result<u64, KeyError> {
        let to = self.masters.current.id();
        let standing = self.standing().await?;
        if standing.masters == [to.as_str()] {
            return Ok(0);
        }
        if standing.current() != to {
            self.adopt(&standing, &to).await?;
        }
        // Every key has exactly one such event, so each is met once.
        let made = Filter {
            event_types: vec!["KeyWrapped".to_owned()],
            stream_prefixes: vec![format!("{CATEGORY}-")],
        };
        let (mut from, mut rewrapped) = (Position(0), 0);
        loop {
            let page = self.log.read_all(from, Direction::Forwards, BATCH, &made).await?;
            rewrapped +=
                futures::stream::iter(page.events.iter().filter_map(|event| subject_of(&event.stream)))
                    .map(|subject| self.rewrap(subject, &to))
                    .buffer_unordered(HANDS)
                    .try_fold(0, async |sum, moved| Ok(sum + u64::from(moved)))
                    .await?;
            from = page.next;
            if page.end {
                break;
            }
        }
        for master in standing.masters.into_iter().filter(|master| *master != to) {
            let retired = KeyEvent::MasterKeyRetired(MasterKeyId { master });
            self.append(ring_stream(), Expected::Exists, retired).await?;
        }
        Ok(rewrapped)
    }

    /// Wraps a key anew, unless it is under that master already or gone. Answers whether it was.
    async fn rewrap(&self, subject: Subject, to: &str) -> Result<bool, KeyError> {
        loop {
            let (revision, old) = match self.last(subject).await? {
                Last::Wrapped(revision, wrapped) if wrapped.master != to => (revision, wrapped),
                Last::Wrapped(..) | Last::Nothing | Last::Ended | Last::Deleted => return Ok(false),
            };
            let new = self.wrap(subject, &self.open(subject, &old)?, to)?;
            let rewrapped = KeyEvent::KeyRewrapped(new);
            match self.append(stream_of(subject), Expected::Exact(revision), rewrapped).await {
                Ok(()) => return Ok(true),
                // Somebody destroyed it, or wrapped it anew too: look again.
                Err(KeyError::Log(LogError::WrongExpected { .. } | LogError::Deleted)) => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn open(&self, subject: Subject, wrapped: &WrappedKey) -> Result<cipher::Secret, KeyError> {
        let bytes = BASE64.decode(&wrapped.wrapped).map_err(|_| KeyError::Damaged)?;
        self.given(&wrapped.master)?.unwrap_key(subject, &bytes)
    }

    fn wrap(&self, subject: Subject, key: &cipher::Secret, master: &str) -> Result<WrappedKey, KeyError> {
        let wrapped = BASE64.encode(self.given(master)?.wrap(subject, key)?);
        Ok(WrappedKey { wrapped, master: master.to_owned() })
    }

    async fn append(&self, stream: StreamId, expected: Expected, event: KeyEvent) -> Result<(), KeyError> {
        let act = Act::system(stream.tenant(), self.clock.now(), self.ids.next());
        let unwritable = |_| KeyError::Log(LogError::Invalid("an event that is no JSON".into()));
        let encoded = codec::encode(&event).map_err(unwritable)?;
        let mut metadata = Metadata::from_act(&act, self.software);
        metadata.schema = event.event_version();
        let event = NewEvent {
            id: self.ids.next(),
            event_type: encoded.event_type.into(),
            data: encoded.data,
            metadata: metadata.to_json().map_err(unwritable)?,
            recorded_at: act.at,
        };
        self.log.append(StreamWrite { stream, expected, events: vec![event] }, None).await?;
        Ok(())
    }
}

/// Forgets the keys that are destroyed by other nodes, for as long as the ring lives. While it cannot hear of
/// them, nothing is held.
async fn follow(log: Arc<dyn EventLog>, mut at: Position, cache: Arc<Cache>) {
    loop {
        if let Err(error) = listen(log.as_ref(), &mut at, &cache).await {
            cache.set_hearing(false);
            tracing::warn!(error = %error, "the key streams are not followed at the moment: no key is held in memory");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn listen(log: &dyn EventLog, at: &mut Position, cache: &Cache) -> Result<(), LogError> {
    let filter = Filter { event_types: Vec::new(), stream_prefixes: vec![format!("{CATEGORY}-")] };
    let mut feed = log.subscribe(*at, filter).await?;
    // Whoever has missed nothing is told nothing, so it has to ask.
    if log.head().await? <= *at {
        cache.set_hearing(true);
    }
    loop {
        let page = feed.next(BATCH).await?;
        for event in &page.events {
            let still_there = event.event_type == "KeyWrapped" || event.event_type == "KeyRewrapped";
            if let (Some(subject), false) = (subject_of(&event.stream), still_there) {
                cache.forget(subject);
            }
        }
        *at = page.next;
        if page.end {
            cache.set_hearing(true);
        }
    }
}

fn stream_of(subject: Subject) -> StreamId {
    StreamId::new(CATEGORY, subject.tenant, subject.id)
}

fn ring_stream() -> StreamId {
    StreamId::new(CATEGORY, Tenant::COUNTER, "ring")
}

/// Whose key a stream holds; `None` for the ring's own.
fn subject_of(stream: &StreamId) -> Option<Subject> {
    (stream.category() == CATEGORY)
        .then(|| stream.key().parse().ok())
        .flatten()
        .map(|id| Subject { tenant: stream.tenant(), id })
}
