//! The one hand that writes `views.db`: tables, checkpoints, and batches of events folded by every
//! projection.
//!
//! Invariants:
//! - The rows of a batch and the checkpoints they lead to are one transaction.
//! - A projection folds each event once: those at or before its checkpoint are not for it, and after an event
//!   that it cannot fold nothing is.
//! - A projection whose version differs from the stored one has its tables dropped and made anew, at position
//!   0; the others keep theirs.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use skranke_store::{KeyRing, Position, Recorded};
use uuid::Uuid;

use crate::event::Event;
use crate::projection::{FoldFault, Projection};
use crate::rows;
use crate::views::{ProjectionHealth, Stall, ViewsError};

/// `PRAGMA application_id`: `SkVw`.
const APPLICATION: i64 = 0x536b_5677;
/// `PRAGMA user_version`: how this file itself keeps its books. Another number, and all views are built anew.
const BOOKS: i64 = 1;

const BOOKS_TABLE: &str = "CREATE TABLE projections (
    name TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    position INTEGER NOT NULL,
    event_id BLOB,
    tables TEXT NOT NULL
 ) STRICT, WITHOUT ROWID;";

/// The writing connection and the projections.
pub(crate) struct Writer {
    connection: Connection,
    slots: Vec<Slot>,
}

/// A projection and how far it has come.
struct Slot {
    projection: Box<dyn Projection>,
    position: Position,
    /// The event at `position`: tells this log from another one.
    event_id: Option<Uuid>,
    stalled: Option<Stall>,
    /// Flush after every event of this batch: a flush failed, and it is not known which event is to blame.
    careful: bool,
}

impl Slot {
    fn new(projection: Box<dyn Projection>) -> Self {
        Self { projection, position: Position(0), event_id: None, stalled: None, careful: false }
    }

    fn take(&mut self, rows: &Connection, event: &Event) -> Result<(), FoldFault> {
        self.projection.fold(rows, event)?;
        if self.careful { self.projection.flush(rows) } else { Ok(()) }
    }

    /// Whether the event is for this projection.
    fn wants(&self, position: Position) -> bool {
        position > self.position && self.stalled.as_ref().is_none_or(|stall| position < stall.position)
    }

    /// The last event of a batch that is for this projection.
    fn last<'a>(&self, events: &'a [Event]) -> Option<&'a Recorded> {
        events.iter().rev().map(Event::recorded).find(|recorded| self.wants(recorded.position))
    }
}

/// Why a batch was not folded.
enum Fault {
    /// The fault of one event for one projection: the others can go on.
    Event { slot: usize, stall: Stall },
    /// The fault of some event of the batch for one projection.
    Flush { slot: usize },
    /// A file or a server did not answer.
    Elsewhere(FoldFault),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Elsewhere(FoldFault::Sqlite(Arc::new(error)))
    }
}

impl Writer {
    /// Opens the file and brings its tables in line with the projections of this program.
    pub(crate) fn open(path: &Path, keys: &KeyRing) -> Result<Self, ViewsError> {
        Self::open_with(path, crate::all(keys))
    }

    fn open_with(path: &Path, projections: Vec<Box<dyn Projection>>) -> Result<Self, ViewsError> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.set_prepared_statement_cache_capacity(128);
        // Counts for a new file only: an older one keeps its pages until it is built anew. Rows hold the JSON of a case,
        // two to six kilobytes, of which pages of the usual size hold one, or one and a half.
        connection.execute_batch("PRAGMA page_size = 16384")?;
        let books = books(&connection, path)?;
        // What is not yet synced after a power cut is folded again: the checkpoint is in the same
        // transaction.
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -32768;
             PRAGMA wal_autocheckpoint = 2000; PRAGMA trusted_schema = OFF;",
        )?;
        let mut writer = Self { connection, slots: projections.into_iter().map(Slot::new).collect() };
        if books == BOOKS {
            writer.take_over()?;
        } else {
            writer.reset()?;
        }
        Ok(writer)
    }

    /// Keeps what fits this program, drops what does not.
    fn take_over(&mut self) -> Result<(), ViewsError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut stored = stored(&transaction)?;
        for slot in &mut self.slots {
            match stored.remove(slot.projection.name()) {
                Some(known) if known.version == slot.projection.version() => {
                    (slot.position, slot.event_id) = (known.position, known.event_id);
                }
                known => {
                    let known = known.map(|known| known.tables).unwrap_or_default();
                    make(&transaction, slot.projection.as_ref(), &known)?;
                }
            }
        }
        for (name, gone) in stored {
            drop_tables(&transaction, &gone.tables)?;
            transaction.execute("DELETE FROM projections WHERE name = ?1", [name])?;
        }
        Ok(transaction.commit()?)
    }

    /// Throws everything away, in one transaction: readers see the old rows or none.
    pub(crate) fn reset(&mut self) -> Result<(), ViewsError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let tables: Vec<String> = transaction
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")?
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        drop_tables(&transaction, &tables.join(" "))?;
        transaction.execute_batch(BOOKS_TABLE)?;
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", BOOKS)?;
        for slot in &mut self.slots {
            make(&transaction, slot.projection.as_ref(), "")?;
            (slot.position, slot.event_id, slot.stalled) = (Position(0), None, None);
        }
        Ok(transaction.commit()?)
    }

    /// How each projection is doing.
    pub(crate) fn health(&self) -> Vec<ProjectionHealth> {
        self.slots
            .iter()
            .map(|slot| ProjectionHealth {
                name: slot.projection.name(),
                version: slot.projection.version(),
                position: slot.position,
                stalled: slot.stalled.clone(),
            })
            .collect()
    }

    /// Where each projection stands, and the event it has there.
    pub(crate) fn checkpoints(&self) -> Vec<(Position, Option<Uuid>)> {
        self.slots.iter().map(|slot| (slot.position, slot.event_id)).collect()
    }

    /// What stopped projections could not fold may be readable now.
    pub(crate) fn retry_stalled(&mut self) {
        self.slots.iter_mut().for_each(|slot| slot.stalled = None);
    }

    /// Whether a projection has stopped.
    pub(crate) fn is_stalled(&self, slot: usize) -> bool {
        self.slots.get(slot).is_none_or(|slot| slot.stalled.is_some())
    }

    /// Folds a batch into some of the projections. An error leaves everything as it was before the batch.
    pub(crate) fn fold(&mut self, members: &[usize], events: &[Event]) -> Result<(), FoldFault> {
        loop {
            let folded = self.attempt(members, events);
            if folded.is_err() {
                self.slots.iter_mut().for_each(|slot| slot.projection.forget());
            }
            // After a fault everything was rolled back. Again, and this time the one at fault ends before the
            // event.
            match folded {
                Ok(()) => break,
                Err(Fault::Elsewhere(fault)) => return Err(fault),
                Err(Fault::Event { slot, stall }) => self.stall(slot, stall),
                Err(Fault::Flush { slot }) => {
                    if let Some(slot) = self.slots.get_mut(slot) {
                        slot.careful = true;
                    }
                }
            }
        }
        self.slots.iter_mut().for_each(|slot| slot.careful = false);
        Ok(())
    }

    fn attempt(&mut self, members: &[usize], events: &[Event]) -> Result<(), Fault> {
        let Self { connection, slots } = self;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for event in events {
            for member in members {
                let Some(slot) = slots.get_mut(*member) else { continue };
                if slot.wants(event.recorded().position) {
                    slot.take(&transaction, event).map_err(|fault| blame(*member, event, fault))?;
                }
            }
        }
        for member in members {
            let Some(slot) = slots.get_mut(*member) else { continue };
            let Some(last) = slot.last(events) else { continue };
            slot.projection.flush(&transaction).map_err(|fault| match fault {
                fault if fault.is_elsewhere() => Fault::Elsewhere(fault),
                _ => Fault::Flush { slot: *member },
            })?;
            keep(&transaction, slot.projection.name(), last)?;
        }
        transaction.commit()?;
        for member in members {
            let Some(slot) = slots.get_mut(*member) else { continue };
            if let Some(last) = slot.last(events) {
                (slot.position, slot.event_id) = (last.position, Some(last.id));
            }
        }
        Ok(())
    }

    fn stall(&mut self, slot: usize, stall: Stall) {
        let Some(slot) = self.slots.get_mut(slot) else { return };
        let (name, Stall { position, event_type, reason, .. }) = (slot.projection.name(), &stall);
        tracing::error!(
            projection = name,
            position = position.0,
            event_type,
            "the view {name} stops before the event at {}: {reason}",
            position.0
        );
        slot.stalled = Some(stall);
    }
}

fn blame(slot: usize, event: &Event, fault: FoldFault) -> Fault {
    if fault.is_elsewhere() {
        return Fault::Elsewhere(fault);
    }
    let Recorded { position, stream, event_type, .. } = event.recorded();
    let (position, stream, event_type) = (*position, stream.clone(), event_type.clone());
    Fault::Event {
        slot,
        stall: Stall { position, stream, event_type: event_type.to_string(), reason: fault.to_string() },
    }
}

/// How this file keeps its books; 0 for a new file.
fn books(connection: &Connection, path: &Path) -> Result<i64, ViewsError> {
    let pragma = |name: &str| connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0));
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables > 0 && pragma("application_id")? != APPLICATION {
        return Err(ViewsError::Foreign { path: path.to_owned() });
    }
    Ok(pragma("user_version")?)
}

/// A line of the books.
struct Stored {
    version: u32,
    position: Position,
    event_id: Option<Uuid>,
    tables: String,
}

fn stored(rows: &Connection) -> rusqlite::Result<HashMap<String, Stored>> {
    let mut all = rows.prepare("SELECT name, version, position, event_id, tables FROM projections")?;
    let all = all.query_map([], |row| {
        let stored = Stored {
            version: row.get(1)?,
            position: rows::position(row, 2)?,
            event_id: rows::uuid_if_any(row, 3)?,
            tables: row.get(4)?,
        };
        Ok((row.get(0)?, stored))
    })?;
    all.collect()
}

/// Drops the tables that stand in the books and makes those of today.
fn make(rows: &Transaction<'_>, projection: &dyn Projection, old: &str) -> rusqlite::Result<()> {
    let tables = projection.tables().join(" ");
    drop_tables(rows, old)?;
    drop_tables(rows, &tables)?;
    rows.execute_batch(projection.schema())?;
    rows.execute(
        "INSERT INTO projections (name, version, position, event_id, tables) VALUES (?1, ?2, 0, NULL, ?3)
         ON CONFLICT (name) DO UPDATE SET version = excluded.version, position = 0, event_id = NULL,
            tables = excluded.tables",
        (projection.name(), projection.version(), tables),
    )?;
    Ok(())
}

fn drop_tables(rows: &Transaction<'_>, tables: &str) -> rusqlite::Result<()> {
    for table in tables.split_whitespace() {
        rows.execute_batch(&format!("DROP TABLE IF EXISTS \"{table}\""))?;
    }
    Ok(())
}

fn keep(rows: &Transaction<'_>, name: &str, last: &Recorded) -> Result<(), Fault> {
    let position = i64::try_from(last.position.0).unwrap_or(i64::MAX);
    rows.prepare_cached("UPDATE projections SET position = ?2, event_id = ?3 WHERE name = ?1")?.execute((
        name,
        position,
        last.id.as_bytes(),
    ))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use skranke_domain::StreamId;

    /// Keeps positions until the flush, which fails while a bad one is among them.
    #[derive(Default)]
    struct Brittle {
        name: &'static str,
        bad: u64,
        pending: Vec<i64>,
    }

    impl Projection for Brittle {
        fn name(&self) -> &'static str {
            self.name
        }
        fn version(&self) -> u32 {
            1
        }
        fn tables(&self) -> &'static [&'static str] {
            if self.name == "a" { &["a"] } else { &["b"] }
        }
        fn schema(&self) -> &'static str {
            if self.name == "a" {
                "CREATE TABLE a (position INTEGER PRIMARY KEY)"
            } else {
                "CREATE TABLE b (position INTEGER PRIMARY KEY)"
            }
        }
        fn fold(&mut self, _: &Connection, event: &Event) -> Result<(), FoldFault> {
            self.pending.push(rows::number(event.recorded().position.0)?);
            Ok(())
        }
        fn flush(&mut self, rows: &Connection) -> Result<(), FoldFault> {
            for position in std::mem::take(&mut self.pending) {
                if position.unsigned_abs() == self.bad {
                    return Err(FoldFault::Row);
                }
                rows.execute(&format!("INSERT INTO {} VALUES (?1)", self.name), [position])?;
            }
            Ok(())
        }
        fn forget(&mut self) {
            self.pending.clear();
        }
    }

    fn events(positions: std::ops::RangeInclusive<u64>) -> Vec<Event> {
        let event = |position| Recorded {
            position: Position(position),
            stream: StreamId::try_from("thing-0190-x".to_owned()).unwrap(),
            revision: position,
            id: Uuid::from_u128(position.into()),
            event_type: "Happened".into(),
            data: Vec::new().into(),
            metadata: Vec::new().into(),
            recorded_at: jiff::Timestamp::UNIX_EPOCH,
        };
        positions.map(|position| Event::read(event(position))).collect()
    }

    fn open(path: &Path, bad: u64) -> Writer {
        let projection =
            |name, bad| -> Box<dyn Projection> { Box::new(Brittle { name, bad, ..Brittle::default() }) };
        Writer::open_with(path, vec![projection("a", bad), projection("b", 0)]).unwrap()
    }

    fn count(writer: &Writer, table: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        writer.connection.query_row(&sql, [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_flush_that_fails_is_blamed_on_the_very_event() {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = open(&dir.path().join("views.db"), 5);
        writer.fold(&[0, 1], &events(1..=3)).unwrap();
        writer.fold(&[0, 1], &events(4..=8)).unwrap();
        writer.fold(&[0, 1], &events(9..=9)).unwrap();
        let health = writer.health();
        assert_eq!((health[0].position, health[1].position), (Position(4), Position(9)));
        assert_eq!(health[0].stalled.as_ref().map(|stall| stall.position), Some(Position(5)));
        assert_eq!((count(&writer, "a"), count(&writer, "b")), (4, 9));
        assert!(writer.is_stalled(0) && !writer.is_stalled(1));

        // Once the cause is gone, it goes on where it stopped; the other takes nothing twice.
        drop(writer);
        let mut writer = open(&dir.path().join("views.db"), 0);
        writer.fold(&[0, 1], &events(1..=9)).unwrap();
        assert_eq!((count(&writer, "a"), count(&writer, "b")), (9, 9));
    }

    #[test]
    fn events_before_the_checkpoint_are_not_folded_again() {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = open(&dir.path().join("views.db"), 0);
        writer.fold(&[1], &events(1..=4)).unwrap();
        writer.fold(&[0, 1], &events(1..=6)).unwrap();
        writer.fold(&[0, 1], &events(2..=3)).unwrap();
        assert_eq!((count(&writer, "a"), count(&writer, "b")), (6, 6));
        assert_eq!(writer.checkpoints(), vec![(Position(6), Some(Uuid::from_u128(6))); 2]);
        writer.reset().unwrap();
        assert_eq!((count(&writer, "a"), writer.checkpoints()[0]), (0, (Position(0), None)));
    }
}
