//! What can be wrong with the ledger, each with what to do about it.

use std::path::{Path, PathBuf};

use crate::port::{LogError, Position};

use super::note::BadNote;

/// Why the ledger was not kept, or a pack not made.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// A file could not be read or written.
    #[error("{} cannot be read or written: check the disk and its rights", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A file of the ledger does not hold what was written there.
    #[error(
        "{} is damaged ({what}): keep a copy, restore the ledger folder from a backup, or move its files \
         `head` and `tile` away so that the tree is built anew from the log",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        what: &'static str,
    },
    /// The log ends before the ledger does.
    #[error(
        "the log is shorter than its ledger: {recorded} events were recorded, and the log has no event at \
         position {position} any more. The newest events were removed, or an older copy of the log was put \
         back. Nothing is signed until the missing events are restored (`skranke audit verify` tells more)",
        position = position.0
    )]
    Truncated {
        /// How many events the ledger has.
        recorded: u64,
        /// Where the newest of them stood; the newest known position when the tree is being built anew.
        position: Position,
    },
    /// The log's event is another one than the ledger recorded.
    #[error(
        "the log contradicts its ledger: event {event}, at position {position}, is not the one that was \
         recorded. Nothing is signed; `skranke audit verify` says what was changed",
        position = position.0
    )]
    Changed {
        /// The number of the event, from 0.
        event: u64,
        /// Its position.
        position: Position,
    },
    /// The log's events give another root than the one that was signed.
    #[error(
        "the log contradicts its signed checkpoint of {size} events: an event among them was changed, removed, \
         inserted or moved. Nothing is signed; `skranke audit verify` says more"
    )]
    Contradicted {
        /// The size of the signed tree.
        size: u64,
    },
    /// The ledger was kept under another name.
    #[error(
        "this ledger is called {kept}, not {wanted}: a log keeps its name; set `origin` under [ledger] to {kept}"
    )]
    OtherOrigin {
        /// The name in its checkpoints.
        kept: String,
        /// The name asked for.
        wanted: String,
    },
    /// The signing key has another name than the log.
    #[error(
        "SKRANKE_LEDGER_KEY is a key for {key}, and this log is called {origin}: make one with \
         `skranke audit key new`, or set `origin` under [ledger] to the key's name"
    )]
    OtherKey {
        /// The key's name.
        key: String,
        /// The log's.
        origin: String,
    },
    /// The pack could not be written.
    #[error("the pack could not be written: check the disk and its rights")]
    Pack(#[source] std::io::Error),
    /// What was asked for is not in the ledger.
    #[error("{0}")]
    NotThere(String),
    /// A checkpoint or key was not accepted.
    #[error(transparent)]
    Note(#[from] BadNote),
    /// The log did not answer.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The program is stopping.
    #[error("the work on the ledger was aborted")]
    Aborted,
}

impl LedgerError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }

    pub(crate) fn damaged(path: &Path, what: &'static str) -> Self {
        Self::Damaged { path: path.to_owned(), what }
    }
}
