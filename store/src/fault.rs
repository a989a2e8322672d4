//! Why a log or a key ring does not open. Each text says which place it is about and what to do there.

use std::path::{Path, PathBuf};

use crate::port::LogError;

/// Why a log (or the key ring's file) did not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it.
    #[error("{} is in use by another skranke process: stop it, or choose another directory", dir.display())]
    InUse {
        /// The directory.
        dir: PathBuf,
    },
    /// The place cannot be made, read or written.
    #[error("{} cannot be written: check that it exists and that this user owns it", path.display())]
    NotWritable {
        /// The directory or file.
        path: PathBuf,
        #[source]
        /// What the system said.
        source: std::io::Error,
    },
    /// A newer program wrote it.
    #[error(
        "{} has format {found}, and this program knows formats up to {known}: start the newer program",
        path.display()
    )]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// The format it has.
        found: i64,
        /// The newest format this program knows.
        known: i64,
    },
    /// What stands there is not what was written.
    #[error("{} is damaged ({what}): do not start on it, restore a backup or ask for help", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        what: String,
    },
    /// There is no room to open it.
    #[error("the disk that holds {} is full: free some space and start again", path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// The linked SQLite has a known fault.
    #[error("SQLite {found} can corrupt its write-ahead log: build with the bundled one (3.51.3 or newer)")]
    OldSqlite {
        /// The version that is linked.
        found: &'static str,
    },
    /// The URL names no engine.
    #[error("{0}")]
    Url(String),
    /// The engine did not answer.
    #[error(transparent)]
    Unavailable(#[from] LogError),
    /// Anything else that SQLite said.
    #[error("{} could not be opened", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        #[source]
        source: rusqlite::Error,
    },
}

impl OpenError {
    /// Sorts what SQLite says by what a person can do about it.
    pub(crate) fn sqlite(path: &Path, error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        let path = path.to_owned();
        match error.sqlite_error_code() {
            Some(Code::DiskFull) => Self::Full { path },
            Some(Code::CannotOpen | Code::ReadOnly | Code::PermissionDenied) => {
                Self::NotWritable { path, source: std::io::Error::other(error) }
            }
            Some(Code::DatabaseCorrupt | Code::NotADatabase) => {
                Self::Damaged { path, what: error.to_string() }
            }
            _ => Self::Sqlite { path, source: error },
        }
    }

    /// Sorts what the file system says.
    pub(crate) fn io(path: &Path, source: std::io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            std::io::ErrorKind::StorageFull => Self::Full { path },
            _ => Self::NotWritable { path, source },
        }
    }
}
