//! Keeps the ledger while the log is in use: follows the log, grows the tree, signs checkpoints.
//!
//! It subscribes like any other reader, so the writer does not know of it. It signs when there are new events,
//! at most once in an interval, and when it is finished.
//!
//! Invariants:
//! - It signs no tree that is shorter than, or contradicts, one that it has signed before.
//! - Before it continues a tree, the log's event at the tree's last position has the tree's last hash.
//! - When it finds the log changed or cut short it stops for good, says so once, and signs nothing more. When its
//!   own disk fails it says so and tries again after the interval, from what is on disk.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use skranke_domain::time::Clock;
use tokio::sync::watch;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{Instant, sleep, sleep_until};
use uuid::Uuid;

use super::checkpoint::{Checkpoint, Checkpoints, SignedCheckpoint};
use super::fault::LedgerError;
use super::files;
use super::hash::Hash;
use super::note::{BadNote, KeyKind, SigningKey};
use super::tiles::Tiles;
use super::tree::Tree;
use crate::port::{Direction, EventLog, Filter, LogError, Position, Recorded, Subscription};
use crate::record::Record;

/// Events asked for at a time.
const PAGE: usize = 1024;
/// Leaves held in memory while catching up: 2 MiB of hashes.
const UNFLUSHED: u64 = 1 << 16;
/// How long to wait before a log that did not answer is asked again.
const AGAIN: Duration = Duration::from_secs(1);

/// How a ledger is kept.
#[derive(Debug)]
pub struct Keeping {
    /// The ledger's folder.
    pub dir: PathBuf,
    /// The log's name, the first line of its checkpoints; see [`origin`].
    pub origin: String,
    /// What signs. Without a key the tree is kept and nothing is signed.
    pub key: Option<SigningKey>,
    /// The shortest time between two checkpoints.
    pub every: Duration,
}

/// How the ledger stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Events that were there before are being taken in.
    CatchingUp,
    /// Every event up to the log's head (as of a moment ago) is in the tree.
    Kept {
        /// How many.
        size: u64,
        /// How many of them are under a signed checkpoint.
        signed: u64,
    },
    /// It is not kept, for this reason.
    Stopped(Arc<str>),
}

/// A ledger that is being kept.
pub struct Keeper {
    stop: watch::Sender<bool>,
    task: JoinHandle<Result<(), LedgerError>>,
    standing: watch::Receiver<Standing>,
}

impl Keeper {
    /// Starts to keep the ledger of `log`. What is wrong with it shows in [`Self::standing`].
    ///
    /// A keeper that is dropped stops without signing.
    pub fn start(log: Arc<dyn EventLog>, keeping: Keeping, clock: Arc<dyn Clock>) -> Self {
        let (stop, mut stopped) = watch::channel(false);
        let (tell, standing) = watch::channel(Standing::CatchingUp);
        let keeping = Arc::new(keeping);
        let task = tokio::spawn(async move {
            loop {
                let run = run(&*log, Arc::clone(&keeping), &*clock, &mut stopped, &tell);
                let Err(error) = run.await else { return Ok(()) };
                let text = with_source(&error);
                tracing::error!("the ledger is not kept: {text}");
                tell.send_replace(Standing::Stopped(text.into()));
                if !matches!(error, LedgerError::Io { .. }) {
                    return Err(error);
                }
                tokio::select! {
                    () = sleep(keeping.every) => {}
                    _ = stopped.wait_for(|stop| *stop) => return Err(error),
                }
            }
        });
        Self { stop, task, standing }
    }

    /// How it stands, now and later.
    pub fn standing(&self) -> watch::Receiver<Standing> {
        self.standing.clone()
    }

    /// Takes in everything up to the log's head, signs it, and stops. Call it before the log is closed.
    pub async fn finish(self) -> Result<(), LedgerError> {
        // The task may have stopped by itself; then its outcome is here.
        let _ = self.stop.send(true);
        self.task.await.map_err(|_| LedgerError::Aborted)?
    }
}

/// The name of the log whose ledger is in `dir`: the one it has signed with, else the wanted one, else one
/// made of a random id and kept.
pub fn origin(dir: &Path, wanted: Option<&str>, new: impl FnOnce() -> Uuid) -> Result<String, LedgerError> {
    let signed = Checkpoints::new(dir).newest()?.map(|signed| signed.checkpoint().origin.clone());
    match (signed, wanted) {
        (Some(kept), Some(wanted)) if kept != wanted => {
            Err(LedgerError::OtherOrigin { kept, wanted: wanted.to_owned() })
        }
        (Some(name), _) => Ok(name),
        (None, Some(name)) => Ok(name.to_owned()),
        (None, None) => {
            let path = dir.join("origin");
            if let Some(name) = files::read_text(&path)? {
                return Ok(name.trim().to_owned());
            }
            let name = format!("skranke.dk/log/{}", new().simple());
            files::make_dir(dir)?;
            files::replace(&path, format!("{name}\n").as_bytes())?;
            Ok(name)
        }
    }
}

/// Whether an event is a leaf: all are, but those of key streams. Where the key ring stands in the log itself, a
/// stream of it is deleted with the key, and a proof must not depend on what erasure takes away.
pub(crate) fn is_leaf(event: &Recorded) -> bool {
    event.stream.category() != "key"
}

/// The hash of an event's leaf. `buffer` is scratch space.
pub(crate) fn leaf_of(event: &Recorded, buffer: &mut Vec<u8>) -> Result<Hash, LogError> {
    buffer.clear();
    Record::of(event)?.write(buffer);
    Ok(Hash::leaf(buffer))
}

async fn run(
    log: &dyn EventLog,
    keeping: Arc<Keeping>,
    clock: &dyn Clock,
    stopped: &mut watch::Receiver<bool>,
    tell: &watch::Sender<Standing>,
) -> Result<(), LedgerError> {
    let mut book = blocking(move || Book::open(keeping)).await?;
    check_last(log, &book.tree).await?;
    let mut seen = book.tree.position();
    let mut feed = log.subscribe(seen, Filter::default()).await?;
    let mut due = Instant::now() + book.keeping.every;
    loop {
        let page = tokio::select! {
            page = feed.next(PAGE) => page,
            () = sleep_until(due) => {
                book = book.seal(clock).await?;
                due = Instant::now() + book.keeping.every;
                tell.send_if_modified(|standing| match standing {
                    Standing::Kept { signed, .. } => { *signed = book.signed(); true }
                    _ => false,
                });
                continue;
            }
            asked = async { stopped.wait_for(|stop| *stop).await.is_ok() } => {
                if asked {
                    break;
                }
                return Ok(());
            }
        };
        match page {
            Ok(page) => {
                seen = page.next;
                book = book.take_in(page.events).await?;
                if page.end {
                    book.check_length()?;
                    tell.send_replace(Standing::Kept { size: book.tree.size(), signed: book.signed() });
                }
            }
            Err(LogError::Unavailable(_)) => {
                sleep(AGAIN).await;
                if let Ok(again) = log.subscribe(seen, Filter::default()).await {
                    feed = again;
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    book = catch_up(log, feed, seen, book).await?;
    book.check_length()?;
    let book = book.seal(clock).await?;
    tell.send_replace(Standing::Kept { size: book.tree.size(), signed: book.signed() });
    Ok(())
}

/// Takes in what was committed before now.
async fn catch_up(
    log: &dyn EventLog,
    mut feed: Box<dyn Subscription>,
    mut seen: Position,
    mut book: Book,
) -> Result<Book, LedgerError> {
    let head = log.head().await?;
    while seen < head {
        let page = feed.next(PAGE).await?;
        seen = page.next;
        book = book.take_in(page.events).await?;
    }
    Ok(book)
}

/// Whether the log still has the tree's last event where it was.
async fn check_last(log: &dyn EventLog, tree: &Tree) -> Result<(), LedgerError> {
    let (Some(last), position) = (tree.last(), tree.position()) else { return Ok(()) };
    if log.head().await? < position {
        return Err(LedgerError::Truncated { recorded: tree.size(), position });
    }
    let page = log.read_all(position, Direction::Backwards, 1, &Filter::default()).await?;
    match page.events.first() {
        Some(event) if event.position == position && leaf_of(event, &mut Vec::new())? == last => Ok(()),
        Some(_) | None => Err(LedgerError::Changed { event: tree.size() - 1, position }),
    }
}

/// The tree, the checkpoints, and what was signed last.
struct Book {
    keeping: Arc<Keeping>,
    tree: Tree,
    checkpoints: Checkpoints,
    newest: Option<Checkpoint>,
    buffer: Vec<u8>,
}

impl Book {
    fn open(keeping: Arc<Keeping>) -> Result<Self, LedgerError> {
        if let Some(key) = &keeping.key {
            let key = key.verifier();
            if key.kind() != KeyKind::Log {
                return Err(BadNote::WrongKind(key.name().to_owned()).into());
            }
            if key.name() != keeping.origin {
                let (key, origin) = (key.name().to_owned(), keeping.origin.clone());
                return Err(LedgerError::OtherKey { key, origin });
            }
        }
        let tree = Tree::open(&keeping.dir)?;
        let checkpoints = Checkpoints::new(&keeping.dir);
        let newest = checkpoints.newest()?.map(|signed| signed.checkpoint().clone());
        if let Some(signed) = &newest {
            if signed.origin != keeping.origin {
                let (kept, wanted) = (signed.origin.clone(), keeping.origin.clone());
                return Err(LedgerError::OtherOrigin { kept, wanted });
            }
            let there = signed.size <= tree.size();
            if there && Tiles::new(&keeping.dir, tree.size()).root_at(signed.size)? != signed.root {
                return Err(LedgerError::Contradicted { size: signed.size });
            }
        }
        Ok(Self { keeping, tree, checkpoints, newest, buffer: Vec::new() })
    }

    /// How many events are under a signed checkpoint.
    fn signed(&self) -> u64 {
        self.newest.as_ref().map_or(0, |signed| signed.size)
    }

    /// Adds events to the tree, off the async threads: hashing a page takes a millisecond, a flush an fsync.
    async fn take_in(mut self, events: Vec<Recorded>) -> Result<Self, LedgerError> {
        blocking(move || {
            for event in events.iter().filter(|event| is_leaf(event)) {
                self.tree.push(leaf_of(event, &mut self.buffer)?, event.position);
                let signed = self.newest.as_ref().filter(|signed| signed.size == self.tree.size());
                if signed.is_some_and(|signed| signed.root != self.tree.root()) {
                    return Err(LedgerError::Contradicted { size: self.tree.size() });
                }
            }
            if self.tree.unflushed() >= UNFLUSHED {
                self.tree.flush()?;
            }
            Ok(self)
        })
        .await
    }

    /// Once the log's head is reached: what was signed is all there.
    fn check_length(&self) -> Result<(), LedgerError> {
        if self.tree.size() < self.signed() {
            let position = self.tree.position();
            return Err(LedgerError::Truncated { recorded: self.signed(), position });
        }
        Ok(())
    }

    /// Makes the tree durable and, if there is anything new, signs it.
    async fn seal(mut self, clock: &dyn Clock) -> Result<Self, LedgerError> {
        let day = clock.now().to_zoned(TimeZone::UTC).date();
        blocking(move || {
            self.tree.flush()?;
            let Some(key) = &self.keeping.key else { return Ok(self) };
            if self.tree.size() > self.signed() {
                let (origin, size, root) = (self.keeping.origin.clone(), self.tree.size(), self.tree.root());
                let checkpoint = Checkpoint { origin, size, root };
                let signed = SignedCheckpoint::sign(checkpoint.clone(), key)?;
                self.checkpoints.add(&signed, day)?;
                self.newest = Some(checkpoint);
            }
            Ok(self)
        })
        .await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, LedgerError> + Send + 'static,
) -> Result<T, LedgerError> {
    spawn_blocking(work).await.map_err(|_| LedgerError::Aborted)?
}

/// The error and what caused it, on one line.
fn with_source(error: &LedgerError) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
