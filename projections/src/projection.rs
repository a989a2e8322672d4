//! What a read model is to the runner: a name, a version, tables and a fold.

use rusqlite::{Connection, ErrorCode};
use skranke_domain::sealed::SealError;

use crate::event::Event;

/// A read model.
///
/// `fold` is called once per event, in the order of the log, inside one transaction per batch; `flush` before
/// that transaction is committed. What a projection keeps in memory between them it must drop in `forget`,
/// because the transaction was rolled back and the batch comes again.
///
/// It writes to the connection it is given and nowhere else, by fixed table names: that is what lets a later
/// runner build a changed projection in a file of its own, beside the live one, and switch over.
pub trait Projection: Send {
    /// Its name. Part of its checkpoint: never renamed.
    fn name(&self) -> &'static str;

    /// Its version. Raise it when tables, folded values or their JSON change: it is then built anew.
    fn version(&self) -> u32;

    /// Its tables.
    fn tables(&self) -> &'static [&'static str];

    /// The statements that create them, with their indexes.
    fn schema(&self) -> &'static str;

    /// Those of its indexes that only questions use and no fold: while everything is built anew they are left out, and
    /// made once all rows are there. Kept up to date row by row, indexes over a million cases cost more than the rows.
    fn built_last(&self) -> &'static [&'static str] {
        &[]
    }

    /// Takes one event in. An event it does not care about, or of a type it does not know, changes nothing.
    fn fold(&mut self, rows: &Connection, event: &Event) -> Result<(), FoldFault>;

    /// How many rows the next flush writes: many of them are reason enough for one.
    fn changed(&self) -> usize {
        0
    }

    /// Writes what is still only in memory.
    fn flush(&mut self, rows: &Connection) -> Result<(), FoldFault> {
        let _ = rows;
        Ok(())
    }

    /// Drops what is only in memory.
    fn forget(&mut self) {}
}

/// Why an event was not folded. Its text never repeats what the event says.
#[derive(Clone, Debug, thiserror::Error)]
pub enum FoldFault {
    /// The data is no JSON, or lacks a field, or has one of another type.
    #[error("its data is not what its type says")]
    Data,
    /// The metadata lacks tenant, actor or time.
    #[error("its metadata lacks tenant, actor or time")]
    Metadata,
    /// The stream's name does not end in an id.
    #[error("its stream has a name that is none")]
    Stream,
    /// It tells of something that never began.
    #[error("it tells of something that never began")]
    NeverBegan,
    /// Its time or number is outside what a table can hold.
    #[error("its time or number is out of range")]
    Range,
    /// A row that is there already cannot be read, or the new one breaks a constraint.
    #[error("the row it changes is not as it should be")]
    Row,
    /// The file did not answer: not the event's fault.
    #[error("views.db did not answer")]
    Sqlite(#[source] std::sync::Arc<rusqlite::Error>),
    /// The key ring did not answer: not the event's fault either.
    #[error("the key ring did not answer: {0}")]
    Keys(String),
}

impl FoldFault {
    /// Whether it lies with a file or a server and not with the event: the same batch may well be folded later.
    pub(crate) const fn is_elsewhere(&self) -> bool {
        matches!(self, Self::Sqlite(_) | Self::Keys(_))
    }
}

impl From<SealError> for FoldFault {
    fn from(error: SealError) -> Self {
        match error {
            SealError::KeyRing(reason) => Self::Keys(reason),
            SealError::Shape | SealError::Altered | SealError::Destroyed => Self::Data,
        }
    }
}

impl From<rusqlite::Error> for FoldFault {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::Error::{FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType};
        match (&error, error.sqlite_error_code()) {
            (FromSqlConversionFailure(..) | IntegralValueOutOfRange(..) | InvalidColumnType(..), _)
            | (_, Some(ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch | ErrorCode::TooBig)) => {
                Self::Row
            }
            _ => Self::Sqlite(std::sync::Arc::new(error)),
        }
    }
}

impl From<serde_json::Error> for FoldFault {
    fn from(_: serde_json::Error) -> Self {
        // Only rows of our own making are read or written with serde here.
        Self::Row
    }
}
