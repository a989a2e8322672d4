//! The key ring: one random 256-bit key per municipality and subject, in a file of its own (`keys.db`), each
//! wrapped under a master key that is not in the data directory.
//!
//! Invariants:
//! - A key is durable before the first field is sealed with it, and two hands at once get the same one.
//! - A destroyed key never comes back: its place stays taken, so a later field for the same subject is
//!   refused instead of sealed anew (which would make the old ones look altered instead of erased).
//! - A sealed field is bound to its stream and its name; moved elsewhere, it does not open.
//! - No text of this room, `Debug` included, shows a key or a value.
//!
//! What destruction can promise: the key leaves the file (`secure_delete`), its write-ahead log and the
//! memory of this process at once. A backup of `keys.db` made earlier still holds it, wrapped; operators keep
//! those short.

use std::cell::RefCell;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use skranke_domain::sealed::{Opener, SealError, Sealer};
use skranke_domain::{StreamId, SubjectId, Tenant};

use crate::fault::OpenError;
use crate::recent::Recent;
use crate::sqlite::{self, Format};

const FORMAT: Format = Format {
    application_id: 0x534B_524B, // "SKRK"
    migrations: &["
        CREATE TABLE ring (id INTEGER PRIMARY KEY CHECK (id = 1), proof BLOB NOT NULL) STRICT;
        -- A row without a key is one whose key was destroyed.
        CREATE TABLE keys (
            tenant TEXT NOT NULL, subject BLOB NOT NULL, wrapped BLOB,
            PRIMARY KEY (tenant, subject)
        ) STRICT, WITHOUT ROWID;
    "],
};

/// The first byte of everything sealed here. Another cipher will be another number.
const XCHACHA20: u8 = 1;
const NONCE: usize = 24;
/// Unwrapped keys held in memory.
const CACHED: usize = 4096;
/// What the ring's proof holds: only the right master key opens it.
const PROOF: &[u8] = b"skranke key ring";

type Secret = SecretBox<[u8; 32]>;

/// Why the key ring did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The text given as master key is none.
    #[error("this is no master key: it is 32 bytes in base64, as `skranke key new` prints it")]
    NotAMasterKey,
    /// The ring was made with another master key.
    #[error("the key ring was made with another master key: give it the one it was made with")]
    WrongMaster,
    /// A wrapped key was changed on disk.
    #[error("a key in the key ring was altered on disk: restore keys.db from a backup")]
    Damaged,
    /// The subject's key was destroyed.
    #[error("the key of this subject was destroyed, so nothing more can be sealed for it")]
    Destroyed,
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes: {0}")]
    NoRandomness(getrandom::Error),
    /// The file did not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The file did not answer.
    #[error("the key ring's file did not answer")]
    Store(#[from] rusqlite::Error),
}

/// Every sealing must tell its caller in one line; the chain is joined because [`SealError`] holds a text.
impl From<KeyError> for SealError {
    fn from(error: KeyError) -> Self {
        match std::error::Error::source(&error) {
            Some(source) => Self::KeyRing(format!("{error}: {source}")),
            None => Self::KeyRing(error.to_string()),
        }
    }
}

/// The key that wraps all others. Zeroed when dropped, never printed.
pub struct MasterKey(Secret);

impl MasterKey {
    /// A new random one.
    pub fn generate() -> Result<Self, KeyError> {
        random_secret().map(Self)
    }

    /// Reads what [`Self::to_base64`] wrote; space around it is ignored.
    pub fn from_base64(text: &SecretString) -> Result<Self, KeyError> {
        let bytes = Zeroizing::new(
            STANDARD.decode(text.expose_secret().trim()).map_err(|_| KeyError::NotAMasterKey)?,
        );
        let bytes: Zeroizing<[u8; 32]> =
            Zeroizing::new(bytes.as_slice().try_into().map_err(|_| KeyError::NotAMasterKey)?);
        Ok(Self(SecretBox::init_with_mut(|secret: &mut [u8; 32]| secret.copy_from_slice(&*bytes))))
    }

    /// The form in which an operator keeps it.
    pub fn to_base64(&self) -> SecretString {
        STANDARD.encode(self.0.expose_secret()).into()
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

/// The keys of all subjects. Cheap to clone.
#[derive(Clone)]
pub struct KeyRing(Arc<Inner>);

struct Inner {
    master: MasterKey,
    file: Mutex<File>,
}

/// The connection and the cache share one lock: a key that is being destroyed cannot slip back into the
/// cache.
struct File {
    connection: Connection,
    cache: Recent<(Tenant, SubjectId), Arc<Secret>>,
}

enum Found {
    Key(Arc<Secret>),
    Destroyed,
    Nothing,
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyRing(…)")
    }
}

impl KeyRing {
    /// Opens `keys.db` in `dir`, or makes it. The first master key it is opened with is the one it keeps.
    pub fn open(dir: &Path, master: MasterKey) -> Result<Self, KeyError> {
        std::fs::create_dir_all(dir).map_err(|error| OpenError::io(dir, error))?;
        let connection = sqlite::open(&dir.join("keys.db"), &FORMAT)?;
        connection.execute_batch("PRAGMA secure_delete = ON")?;
        // Insert-or-ignore, then read: whoever came second is measured against whoever came first.
        let proof = seal(&master.0, PROOF, PROOF)?;
        connection.execute("INSERT INTO ring (id, proof) VALUES (1, ?1) ON CONFLICT DO NOTHING", [proof])?;
        let proof: Vec<u8> = connection.query_row("SELECT proof FROM ring", [], |row| row.get(0))?;
        if open(&master.0, PROOF, &proof).is_none() {
            return Err(KeyError::WrongMaster);
        }
        let file = Mutex::new(File { connection, cache: Recent::new(CACHED) });
        Ok(Self(Arc::new(Inner { master, file })))
    }

    /// The seals of one stream.
    pub fn for_stream(&self, stream: &StreamId) -> StreamSeals {
        StreamSeals { ring: self.clone(), stream: stream.clone() }
    }

    /// Makes sure the subject has a key. Blocks for one fsync when it is new.
    pub fn ensure(&self, tenant: Tenant, subject: SubjectId) -> Result<(), KeyError> {
        self.key_or_new(tenant, subject).map(|_| ())
    }

    /// Destroys a subject's key for good. Answers whether there was one. Blocks for one fsync.
    pub fn destroy(&self, tenant: Tenant, subject: SubjectId) -> Result<bool, KeyError> {
        let mut file = self.file();
        let transaction = file.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let there: Option<bool> = transaction
            .query_row(
                "SELECT wrapped IS NOT NULL FROM keys WHERE tenant = ?1 AND subject = ?2",
                (tenant.code(), subject.uuid().as_bytes()),
                |row| row.get(0),
            )
            .optional()?;
        transaction.execute(
            "INSERT INTO keys (tenant, subject, wrapped) VALUES (?1, ?2, NULL)
             ON CONFLICT (tenant, subject) DO UPDATE SET wrapped = NULL",
            (tenant.code(), subject.uuid().as_bytes()),
        )?;
        transaction.commit()?;
        file.cache.remove(&(tenant, subject));
        // The write-ahead log still holds the page as it was; an empty one does not.
        let busy: bool =
            file.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if busy {
            tracing::warn!(
                "keys.db is being read by another program: the destroyed key leaves its log later"
            );
        }
        Ok(there == Some(true))
    }

    fn file(&self) -> MutexGuard<'_, File> {
        // A panic elsewhere cannot leave a half-made key: every change is one SQLite transaction.
        self.0.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cached(&self, tenant: Tenant, subject: SubjectId) -> Option<Arc<Secret>> {
        self.file().cache.get(&(tenant, subject)).cloned()
    }

    fn key(&self, tenant: Tenant, subject: SubjectId) -> Result<Option<Arc<Secret>>, KeyError> {
        match self.0.look_up(&mut self.file(), tenant, subject)? {
            Found::Key(key) => Ok(Some(key)),
            Found::Destroyed | Found::Nothing => Ok(None),
        }
    }

    fn key_or_new(&self, tenant: Tenant, subject: SubjectId) -> Result<Arc<Secret>, KeyError> {
        let file = &mut *self.file();
        match self.0.look_up(file, tenant, subject)? {
            Found::Key(key) => return Ok(key),
            Found::Destroyed => return Err(KeyError::Destroyed),
            Found::Nothing => {}
        }
        let new = random_secret()?;
        let wrapped = seal(&self.0.master.0, &wrap_place(tenant, subject), new.expose_secret())?;
        // Another process may have been faster; then its key is the one, and the look-up below finds it.
        file.connection
            .prepare_cached(
                "INSERT INTO keys (tenant, subject, wrapped) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            )?
            .execute((tenant.code(), subject.uuid().as_bytes(), wrapped))?;
        match self.0.look_up(file, tenant, subject)? {
            Found::Key(key) => Ok(key),
            Found::Destroyed | Found::Nothing => Err(KeyError::Destroyed),
        }
    }
}

impl Inner {
    fn look_up(&self, file: &mut File, tenant: Tenant, subject: SubjectId) -> Result<Found, KeyError> {
        if let Some(key) = file.cache.get(&(tenant, subject)) {
            return Ok(Found::Key(Arc::clone(key)));
        }
        let row: Option<Option<Vec<u8>>> = file
            .connection
            .prepare_cached("SELECT wrapped FROM keys WHERE tenant = ?1 AND subject = ?2")?
            .query_row((tenant.code(), subject.uuid().as_bytes()), |row| row.get(0))
            .optional()?;
        let wrapped = match row {
            Some(Some(wrapped)) => wrapped,
            Some(None) => return Ok(Found::Destroyed),
            None => return Ok(Found::Nothing),
        };
        let plain = open(&self.master.0, &wrap_place(tenant, subject), &wrapped).ok_or(KeyError::Damaged)?;
        let plain: &[u8; 32] = plain.as_slice().try_into().map_err(|_| KeyError::Damaged)?;
        let key = Arc::new(SecretBox::init_with_mut(|secret: &mut [u8; 32]| secret.copy_from_slice(plain)));
        file.cache.insert((tenant, subject), Arc::clone(&key));
        Ok(Found::Key(key))
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

    /// The field's place: the stream's length keeps `a` + `bc` apart from `ab` + `c`.
    fn place(&self, field: &str) -> Vec<u8> {
        let stream = self.stream.as_str();
        [&(stream.len() as u64).to_be_bytes(), stream.as_bytes(), field.as_bytes()].concat()
    }
}

impl Sealer for StreamSeals {
    fn seal(&self, subject: SubjectId, field: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let key = self.ring.key_or_new(self.stream.tenant(), subject)?;
        Ok(seal(&key, &self.place(field), plain)?)
    }
}

impl Opener for StreamSeals {
    fn open(&self, subject: SubjectId, field: &str, sealed: &[u8]) -> Result<Option<Vec<u8>>, SealError> {
        let Some(key) = self.ring.key(self.stream.tenant(), subject)? else { return Ok(None) };
        let mut plain = open(&key, &self.place(field), sealed).ok_or(SealError::Altered)?;
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
        let Some(key) = self.seals.ring.cached(self.seals.stream.tenant(), subject) else {
            self.missing.borrow_mut().push(subject);
            return Err(SealError::KeyRing("not in memory yet".into()));
        };
        Ok(seal(&key, &self.seals.place(field), plain)?)
    }
}

fn wrap_place(tenant: Tenant, subject: SubjectId) -> Vec<u8> {
    format!("{tenant}/{subject}").into_bytes()
}

fn random_secret() -> Result<Secret, KeyError> {
    let mut random = Ok(());
    let secret = SecretBox::init_with_mut(|secret: &mut [u8; 32]| random = getrandom::fill(secret));
    random.map(|()| secret).map_err(KeyError::NoRandomness)
}

/// Version byte, nonce, ciphertext with tag.
fn seal(key: &Secret, place: &[u8], plain: &[u8]) -> Result<Vec<u8>, KeyError> {
    let mut nonce = [0; NONCE];
    getrandom::fill(&mut nonce).map_err(KeyError::NoRandomness)?;
    let sealed = XChaCha20Poly1305::new(key.expose_secret().into())
        .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: place })
        // Only a value beyond the cipher's 256 GiB ends here.
        .map_err(|_| KeyError::Damaged)?;
    Ok([&[XCHACHA20], nonce.as_slice(), &sealed].concat())
}

/// `None` when the bytes were changed, or sealed elsewhere or with another key.
fn open(key: &Secret, place: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (&XCHACHA20, rest) = sealed.split_first()? else { return None };
    let (nonce, text) = rest.split_first_chunk::<NONCE>()?;
    let plain = XChaCha20Poly1305::new(key.expose_secret().into())
        .decrypt(&XNonce::from(*nonce), Payload { msg: text, aad: place })
        .ok()?;
    Some(Zeroizing::new(plain))
}
