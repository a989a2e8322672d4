//! The door to the read models: opening the file, asking questions, and how far the views have come.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Row, types::ValueRef};
use sha2::{Digest, Sha256};
use skranke_domain::{StreamId, Tenant};
use skranke_store::{KeyRing, Position};
use tokio::sync::{Semaphore, broadcast, watch};

use crate::projection::FoldFault;
use crate::search::Indexer;
use crate::writer::Writer;

/// Connections that read at the same time.
const READERS: usize = 4;
/// Changes that a slow listener may lag behind before it is told to fetch everything again.
const CHANGES: usize = 1024;

/// Why the views did not open, or a question had no answer. Cheap to clone, for loaders.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ViewsError {
    /// Another process, or another [`Views`], has the directory.
    #[error("the views in {} are in use by another skranke process: stop that one first", dir.display())]
    InUse {
        /// The directory.
        dir: PathBuf,
    },
    /// The place cannot be made, read or written.
    #[error("{} cannot be written: check that it exists and that this user owns it", path.display())]
    NotWritable {
        /// The directory or file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: Arc<std::io::Error>,
    },
    /// A database stands in the place of the views that is none of ours.
    #[error("{} is a database, but not one of skranke's: move it elsewhere", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The runner was started already.
    #[error("the views follow a log already")]
    Running,
    /// The cursor is of another list or order, or was made up.
    #[error("this cursor does not belong to this list: start from its beginning")]
    Cursor,
    /// A stored row cannot be read.
    #[error("a row of the views cannot be read: rebuild them with `skranke views rebuild`")]
    Row,
    /// Everything is being built anew.
    #[error("the lists are being built anew from the log: try again in a few minutes")]
    Building,
    /// The process that built the file ended before it was finished. [`Views::open`] begins again.
    #[error("the views were not finished: they are built anew")]
    Unfinished,
    /// The program is stopping.
    #[error("the views are closed")]
    Closed,
    /// The key ring, which the search index is looked up with, said nothing.
    #[error("the key ring did not answer: {0}")]
    Keys(String),
    /// The database said something else.
    #[error("views.db did not answer")]
    Sqlite(#[source] Arc<rusqlite::Error>),
}

impl From<rusqlite::Error> for ViewsError {
    fn from(error: rusqlite::Error) -> Self {
        FoldFault::from(error).into()
    }
}

impl From<FoldFault> for ViewsError {
    fn from(fault: FoldFault) -> Self {
        match fault {
            FoldFault::Sqlite(error) => Self::Sqlite(error),
            FoldFault::Keys(reason) => Self::Keys(reason),
            _ => Self::Row,
        }
    }
}

impl ViewsError {
    fn io(path: &Path, source: std::io::Error) -> Self {
        Self::NotWritable { path: path.to_owned(), source: Arc::new(source) }
    }
}

/// Something happened and can be seen in the views.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The event's place in the log.
    pub position: Position,
    /// Whose it is.
    pub tenant: Tenant,
    /// Its stream.
    pub stream: StreamId,
    /// Its type.
    pub event_type: String,
}

/// How one projection is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectionHealth {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: u32,
    /// Every event up to here is folded.
    pub position: Position,
    /// Why it does not go on, if it does not.
    pub stalled: Option<Stall>,
}

/// An event that a projection could not fold. Ids and type names only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stall {
    /// The event's place in the log.
    pub position: Position,
    /// Its stream.
    pub stream: StreamId,
    /// Its type.
    pub event_type: String,
    /// What is wrong with it, in general words.
    pub reason: String,
}

/// Whether the views follow the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Feed {
    /// Not started, or stopped.
    Idle,
    /// Reading what was there before.
    CatchingUp,
    /// Everything there was is folded; new events follow within milliseconds.
    Live,
    /// The log or the file does not answer; it is tried again.
    Broken(String),
}

/// The read models. Cheap to clone.
#[derive(Clone)]
pub struct Views(pub(crate) Arc<Shared>, Option<Arc<AtomicU64>>);

pub(crate) struct Shared {
    path: PathBuf,
    keys: KeyRing,
    pub(crate) indexer: Arc<Indexer>,
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
    pub(crate) health: watch::Sender<Vec<ProjectionHealth>>,
    pub(crate) changes: broadcast::Sender<Change>,
    pub(crate) status: Mutex<Status>,
    /// Questions are not answered: there are no indexes, and nobody but the writer may touch the file.
    pub(crate) building: AtomicBool,
    /// At home while nobody follows a log.
    pub(crate) writer: Mutex<Option<Writer>>,
    _lock: File,
}

/// What [`Views::feed`] is made of.
#[derive(Default)]
pub(crate) struct Status {
    pub(crate) running: bool,
    pub(crate) live: bool,
    pub(crate) log: Option<String>,
    pub(crate) file: Option<String>,
}

pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What these locks guard is replaced as a whole, so a panic leaves nothing half-made.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Views {
    /// Opens `views.db` in `dir`, or makes it. Blocks shortly. A damaged file is replaced: the log has
    /// everything. `keys` is the ring that the log's fields are sealed with: the search index is made with it.
    pub fn open(dir: &Path, keys: KeyRing) -> Result<Self, ViewsError> {
        std::fs::create_dir_all(dir).map_err(|error| ViewsError::io(dir, error))?;
        let lock = lock(dir)?;
        let path = dir.join("views.db");
        let indexer = Arc::new(Indexer::new(keys.clone()));
        let writer = match Writer::open(&path, &indexer) {
            Err(ViewsError::Sqlite(error)) if is_damaged(&error) => {
                tracing::warn!("views.db is damaged ({error}); it is built anew from the log");
                remove(dir)?;
                Writer::open(&path, &indexer)?
            }
            Err(ViewsError::Unfinished) => {
                tracing::info!(
                    "views.db was not finished when the program ended; it is built anew from the log"
                );
                remove(dir)?;
                Writer::open(&path, &indexer)?
            }
            opened => opened?,
        };
        let (health, _) = watch::channel(writer.health());
        let (changes, _) = broadcast::channel(CHANGES);
        let shared = Shared {
            path,
            keys,
            indexer,
            idle: Mutex::default(),
            permits: Arc::new(Semaphore::new(READERS)),
            health,
            changes,
            status: Mutex::default(),
            building: AtomicBool::new(false),
            writer: Mutex::new(Some(writer)),
            _lock: lock,
        };
        Ok(Self(Arc::new(shared), None))
    }

    /// The same views, and how many questions are asked of them by this hand and its clones: what a request costs.
    pub fn counting(&self) -> (Self, Arc<AtomicU64>) {
        let questions = Arc::new(AtomicU64::new(0));
        (Self(Arc::clone(&self.0), Some(Arc::clone(&questions))), questions)
    }

    /// Deletes the views in `dir`; the next start builds them anew. Refused while a process uses them.
    pub fn delete(dir: &Path) -> Result<(), ViewsError> {
        if !dir.exists() {
            return Ok(());
        }
        let _lock = lock(dir)?;
        remove(dir)
    }

    /// Waits until every projection has folded the event at `position`. `false` when that took too long, or
    /// when a projection has stopped before it: then the healthy ones have at least been waited for.
    pub async fn wait_for(&self, position: Position, timeout: Duration) -> bool {
        let mut health = self.0.health.subscribe();
        let healthy = health.wait_for(|all| {
            all.iter().filter(|one| one.stalled.is_none()).all(|one| one.position >= position)
        });
        match tokio::time::timeout(timeout, healthy).await {
            Ok(Ok(all)) => all.iter().all(|one| one.position >= position),
            Ok(Err(_)) | Err(_) => false,
        }
    }

    /// Every projection has folded every event up to here.
    pub fn position(&self) -> Position {
        self.0.health.borrow().iter().map(|one| one.position).min().unwrap_or_default()
    }

    /// How each projection is doing.
    pub fn health(&self) -> Vec<ProjectionHealth> {
        self.0.health.borrow().clone()
    }

    /// Whether the views follow the log.
    pub fn feed(&self) -> Feed {
        let status = locked(&self.0.status);
        match status.file.as_ref().or(status.log.as_ref()) {
            _ if !status.running => Feed::Idle,
            Some(fault) => Feed::Broken(fault.clone()),
            None if status.live => Feed::Live,
            None => Feed::CatchingUp,
        }
    }

    /// What happens from now on, each after the commit that made it visible. History that is caught up with
    /// may be left out. Who lags too far behind is told so (`Lagged`) and had better fetch everything again.
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.0.changes.subscribe()
    }

    /// A hash over every table of every projection, in key order: equal for equal content, however it was
    /// built.
    pub async fn digest(&self) -> Result<String, ViewsError> {
        let mut hash = Sha256::new();
        for (name, digest) in self.digests().await? {
            hash.update(format!("{name} {digest}\n"));
        }
        Ok(hex(&hash.finalize()))
    }

    /// The hash of each projection by itself.
    pub async fn digests(&self) -> Result<BTreeMap<&'static str, String>, ViewsError> {
        let indexer = Arc::clone(&self.0.indexer);
        self.ask(move |rows| {
            let _snapshot = rows.unchecked_transaction()?;
            crate::all(&indexer)
                .iter()
                .map(|projection| {
                    let mut hash = Sha256::new();
                    for table in projection.tables() {
                        hash_table(rows, table, &mut hash)?;
                    }
                    Ok((projection.name(), hex(&hash.finalize())))
                })
                .collect()
        })
        .await
    }

    pub(crate) fn keys(&self) -> &KeyRing {
        &self.0.keys
    }

    /// Answers a question on a connection of its own, off the async threads.
    pub(crate) async fn ask<T, F>(&self, question: F) -> Result<T, ViewsError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, ViewsError> + Send + 'static,
    {
        if let Some(questions) = &self.1 {
            questions.fetch_add(1, Ordering::Relaxed);
        }
        let permit = Arc::clone(&self.0.permits).acquire_owned().await.map_err(|_| ViewsError::Closed)?;
        let views = Arc::clone(&self.0);
        let work = move || {
            // Given back when the work is done, also when nobody waits for it any more.
            let _permit = permit;
            views.answer(question)
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| ViewsError::Closed)?
    }
}

impl Shared {
    /// Keeps questions out, and closes the connections of earlier ones. One that is being answered goes on.
    pub(crate) fn close_for_building(&self) {
        self.building.store(true, Ordering::Release);
        locked(&self.idle).clear();
    }

    /// Lets questions in again.
    pub(crate) fn open_after_building(&self) {
        self.building.store(false, Ordering::Release);
    }

    fn answer<T>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T, ViewsError>,
    ) -> Result<T, ViewsError> {
        if self.building.load(Ordering::Acquire) {
            return Err(ViewsError::Building);
        }
        let idle = locked(&self.idle).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => reader(&self.path)?,
        };
        // A connection that failed is dropped; the next question opens a fresh one.
        let answer = question(&connection)?;
        if !self.building.load(Ordering::Acquire) {
            locked(&self.idle).push(connection);
        }
        Ok(answer)
    }
}

fn reader(path: &Path) -> Result<Connection, ViewsError> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.set_prepared_statement_cache_capacity(128);
    connection.execute_batch(
        "PRAGMA query_only = ON; PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY;
         PRAGMA trusted_schema = OFF;",
    )?;
    Ok(connection)
}

/// Keeps a second process out for as long as the file is open.
fn lock(dir: &Path) -> Result<File, ViewsError> {
    let path = dir.join("views.lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|error| ViewsError::io(&path, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(ViewsError::InUse { dir: dir.to_owned() }),
        Err(TryLockError::Error(error)) => Err(ViewsError::io(&path, error)),
    }
}

pub(crate) fn remove(dir: &Path) -> Result<(), ViewsError> {
    for name in ["views.db", "views.db-wal", "views.db-shm"] {
        let path = dir.join(name);
        match std::fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(ViewsError::io(&path, error)),
        }
    }
    Ok(())
}

fn is_damaged(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
}

fn hash_table(rows: &Connection, table: &str, hash: &mut Sha256) -> Result<(), ViewsError> {
    let mut keys = rows.prepare("SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk")?;
    let keys = keys.query_map([table], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
    if keys.is_empty() {
        // A virtual table: an index over another one of the same projection.
        return Ok(());
    }
    let mut all = rows.prepare(&format!("SELECT * FROM {table} ORDER BY {}", keys.join(", ")))?;
    let columns = all.column_count();
    hash.update(table);
    let mut found = all.query([])?;
    while let Some(row) = found.next()? {
        for column in 0..columns {
            hash_value(row, column, hash)?;
        }
    }
    Ok(())
}

/// Kind, length, bytes: no two different rows look alike.
fn hash_value(row: &Row<'_>, column: usize, hash: &mut Sha256) -> Result<(), ViewsError> {
    let (kind, number);
    let bytes: &[u8] = match row.get_ref(column)? {
        ValueRef::Null => {
            kind = 0_u8;
            &[]
        }
        ValueRef::Integer(integer) => {
            kind = 1;
            number = integer.to_be_bytes();
            &number
        }
        ValueRef::Real(real) => {
            kind = 2;
            number = real.to_be_bytes();
            &number
        }
        ValueRef::Text(text) => {
            kind = 3;
            text
        }
        ValueRef::Blob(blob) => {
            kind = 4;
            blob
        }
    };
    hash.update([kind]);
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
