//! The key ring: one random 256-bit key per municipality and subject, each wrapped under a master key that is
//! not in the data directory. On one machine the wrapped keys stand in a file of their own ([`file`]), on a
//! shared log in a stream per subject ([`streams`]).
//!
//! Invariants:
//! - A key is durable before the first field is sealed with it, and two hands at once get the same one.
//! - A destroyed key never comes back: its place stays taken, so a later field for the same subject is
//!   refused instead of sealed anew (which would make the old ones look altered instead of erased).
//! - A sealed field is bound to its stream and its name; moved elsewhere, it does not open.
//! - The ring itself says which master key it is under. A rotation that was killed leaves a ring that opens
//!   with the keys the rotation was given, and the next one finishes it.
//! - No text of this room, `Debug` included, shows a key or a value.
//!
//! What destruction can promise is said in each back end, and for operators in `docs/OPERATIONS.md`.

mod blind;
mod cache;
mod cipher;
mod event;
mod file;
mod files;
mod rounds;
mod streams;

use std::cell::RefCell;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use skranke_domain::sealed::{Opener, SealError, Sealer};
use skranke_domain::time::{Clock, Ids};
use skranke_domain::{StreamId, SubjectId, Tenant};

pub use self::blind::Blinder;
use self::cache::Cache;
use self::cipher::Secret;
pub use self::cipher::{MasterKey, Masters};
pub use self::event::{KeyEvent, MasterKeyId, WrappedKey};
use self::file::KeyFile;
pub(crate) use self::files::FileKeys;
use self::rounds::Rounds;
use self::streams::KeyStreams;
use crate::fault::OpenError;
use crate::port::{EventLog, LogError};

/// Why the key ring did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The text given as master key is none.
    #[error("this is no master key: it is 32 bytes in base64, as `skranke key new` prints it")]
    NotAMasterKey,
    /// The ring is under another master key.
    #[error(
        "the key ring was made with another master key, or has been moved to one: give it the one it is under"
    )]
    WrongMaster,
    /// Some keys are under a master key that was not given.
    #[error(
        "a rotation of the master key was begun and not finished: give both keys to `skranke key rotate` again"
    )]
    RotationUnfinished,
    /// A wrapped key was changed where it is stored.
    #[error("a key in the key ring was altered where it is stored: restore it from a backup")]
    Damaged,
    /// The subject's key was destroyed.
    #[error("the key of this subject was destroyed, so nothing more can be sealed for it")]
    Destroyed,
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes: {0}")]
    NoRandomness(getrandom::Error),
    /// A ring on streams has to wait for the log while other tasks go on.
    #[error("a key ring on streams needs tokio's multi-thread runtime")]
    SingleThread,
    /// The file did not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The file did not answer.
    #[error("the key ring's file did not answer")]
    Store(#[from] rusqlite::Error),
    /// The log that holds the ring did not do what it was asked.
    #[error("the log that holds the key ring did not answer")]
    Log(#[from] LogError),
}

/// Every sealing must tell its caller in one line; the chain is joined because [`SealError`] holds a text.
impl From<KeyError> for SealError {
    fn from(error: KeyError) -> Self {
        match std::error::Error::source(&error) {
            None if matches!(error, KeyError::Destroyed) => Self::Destroyed,
            Some(source) => Self::KeyRing(format!("{error}: {source}")),
            None => Self::KeyRing(error.to_string()),
        }
    }
}

/// Whose a key is.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Subject {
    tenant: Tenant,
    id: SubjectId,
}

impl Subject {
    /// What its wrapped key is bound to.
    fn place(self) -> Vec<u8> {
        format!("{}/{}", self.tenant, self.id).into_bytes()
    }
}

/// What there is of a subject's key.
#[derive(Clone)]
enum Found {
    Key(Arc<Secret>),
    Destroyed,
    Nothing,
}

/// Where wrapped keys are stored. Every call may block for as long as a disk or a server takes.
trait Vault: Send + Sync {
    fn find(&self, subject: Subject) -> Result<Found, KeyError>;

    /// The subjects' keys in their order, made durable before they are answered. Never [`Found::Nothing`].
    fn find_or_make(&self, subjects: &[Subject]) -> Result<Vec<Found>, KeyError>;

    /// Destroys for good, whether there was a key or not, and answers whether there was.
    fn destroy(&self, subject: Subject) -> Result<bool, KeyError>;

    /// Moves every key under the current master, and answers how many were moved.
    fn rotate(&self) -> Result<u64, KeyError>;
}

/// The keys of all subjects. Cheap to clone.
#[derive(Clone)]
pub struct KeyRing(Arc<Inner>);

struct Inner {
    cache: Arc<Cache>,
    vault: Box<dyn Vault>,
    rounds: Rounds,
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyRing(…)")
    }
}

impl KeyRing {
    /// Opens `keys.db` in `dir`, or makes it. The master key it is made with is the one it keeps until
    /// [`Self::rotate`].
    pub fn open(dir: &Path, masters: impl Into<Masters>) -> Result<Self, KeyError> {
        let vault = Box::new(KeyFile::open(dir, masters.into())?);
        Ok(Self(Arc::new(Inner { cache: Arc::new(Cache::new()), vault, rounds: Rounds::default() })))
    }

    /// Opens the ring that stands in a log, or makes it. `software` is the program's name and version for the
    /// metadata of its events. Needs tokio's multi-thread runtime.
    pub async fn on_streams(
        log: Arc<dyn EventLog>,
        masters: impl Into<Masters>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
        software: &'static str,
    ) -> Result<Self, KeyError> {
        let cache = Arc::new(Cache::new());
        let vault = KeyStreams::open(log, masters.into(), clock, ids, software, &cache).await?;
        Ok(Self(Arc::new(Inner { cache, vault: Box::new(vault), rounds: Rounds::default() })))
    }

    /// The seals of one stream.
    pub fn for_stream(&self, stream: &StreamId) -> StreamSeals {
        StreamSeals { ring: self.clone(), stream: stream.clone() }
    }

    /// Makes sure that each of the subjects has a key, and returns when new ones are durable. Many who ask at the
    /// same time share a sync. Fails when one of the keys was destroyed.
    pub async fn ensure(
        &self,
        tenant: Tenant,
        subjects: impl IntoIterator<Item = SubjectId>,
    ) -> Result<(), SealError> {
        rounds::ensure(self, subjects.into_iter().map(|id| Subject { tenant, id }).collect()).await
    }

    /// Destroys a subject's key for good. Answers whether there was one. Blocks until it is gone.
    pub fn destroy(&self, tenant: Tenant, subject: SubjectId) -> Result<bool, KeyError> {
        let subject = Subject { tenant, id: subject };
        let destroyed = self.0.vault.destroy(subject);
        // Also when it failed: it may have come half the way.
        self.0.cache.forget(subject);
        destroyed
    }

    /// Moves the ring from the old master key to the current one and answers how many keys were moved; 0 when
    /// there was nothing to do. Afterwards the old one opens nothing. May be killed at any moment and called
    /// again. Blocks for as long as it takes.
    pub fn rotate(&self) -> Result<u64, KeyError> {
        self.0.vault.rotate()
    }

    fn cached(&self, subject: Subject) -> Option<Arc<Secret>> {
        match self.0.cache.get(subject)? {
            Found::Key(key) => Some(key),
            Found::Destroyed | Found::Nothing => None,
        }
    }

    fn find(&self, subject: Subject) -> Result<Found, KeyError> {
        if let Some(found) = self.0.cache.get(subject) {
            return Ok(found);
        }
        let ticket = self.0.cache.ticket();
        let found = self.0.vault.find(subject)?;
        self.0.cache.hold(ticket, subject, &found);
        Ok(found)
    }

    fn key_or_new(&self, subject: Subject) -> Result<Arc<Secret>, KeyError> {
        if let Some(key) = self.cached(subject) {
            return Ok(key);
        }
        self.find_or_make(&[subject])?.pop().ok_or(KeyError::Damaged)
    }

    /// The subjects' keys, new ones made durable. Blocks for as long as that takes.
    fn find_or_make(&self, subjects: &[Subject]) -> Result<Vec<Arc<Secret>>, KeyError> {
        let ticket = self.0.cache.ticket();
        let found = self.0.vault.find_or_make(subjects)?;
        let keys = subjects.iter().zip(found).map(|(subject, found)| {
            self.0.cache.hold(ticket, *subject, &found);
            match found {
                Found::Key(key) => Ok(key),
                Found::Destroyed | Found::Nothing => Err(KeyError::Destroyed),
            }
        });
        keys.collect()
    }
}

/// Locks and opens the sealed fields of one stream.
#[derive(Clone, Debug)]
pub struct StreamSeals {
    ring: KeyRing,
    stream: StreamId,
}

impl StreamSeals {
    /// A sealer that never waits for the disk: a field whose key is not in memory stays open, and its subject
    /// is remembered, so that the caller can [`KeyRing::ensure`] it off the async threads and seal again.
    pub(crate) fn ready(&self) -> Ready<'_> {
        Ready { seals: self, missing: RefCell::default() }
    }

    fn subject(&self, id: SubjectId) -> Subject {
        Subject { tenant: self.stream.tenant(), id }
    }

    /// The field's place: the stream's length keeps `a` + `bc` apart from `ab` + `c`.
    fn place(&self, field: &str) -> Vec<u8> {
        let stream = self.stream.as_str();
        [&(stream.len() as u64).to_be_bytes(), stream.as_bytes(), field.as_bytes()].concat()
    }
}

impl Sealer for StreamSeals {
    fn seal(&self, subject: SubjectId, field: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let key = self.ring.key_or_new(self.subject(subject))?;
        Ok(cipher::seal(&key, &self.place(field), plain)?)
    }
}

impl Opener for StreamSeals {
    fn open(&self, subject: SubjectId, field: &str, sealed: &[u8]) -> Result<Option<Vec<u8>>, SealError> {
        let Found::Key(key) = self.ring.find(self.subject(subject))? else { return Ok(None) };
        let mut plain = cipher::open(&key, &self.place(field), sealed).ok_or(SealError::Altered)?;
        Ok(Some(std::mem::take(&mut *plain)))
    }
}

/// See [`StreamSeals::ready`].
pub(crate) struct Ready<'a> {
    seals: &'a StreamSeals,
    missing: RefCell<Vec<SubjectId>>,
}

impl Ready<'_> {
    pub(crate) fn missing(self) -> Vec<SubjectId> {
        self.missing.into_inner()
    }
}

impl Sealer for Ready<'_> {
    fn seal(&self, subject: SubjectId, field: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let Some(key) = self.seals.ring.cached(self.seals.subject(subject)) else {
            self.missing.borrow_mut().push(subject);
            return Err(SealError::KeyRing("not in memory yet".into()));
        };
        Ok(cipher::seal(&key, &self.seals.place(field), plain)?)
    }
}
