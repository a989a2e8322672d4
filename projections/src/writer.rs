//! The one hand that writes `views.db`: tables, checkpoints, and batches of events folded by every
//! projection.
//!
//! Invariants:
//! - Rows and the checkpoints they lead to are one transaction. It spans many batches while there is much to catch up
//!   with, so that a row which they all change is written once; it ends with every batch of a live view.
//! - A fault rolls back to the last commit, and what came after it has to be folded again. Where everything is built
//!   anew there is no journal to roll back with: the file is thrown away and begun again.
//! - A projection folds each event once: those at or before its checkpoint are not for it, and after an event
//!   that it cannot fold nothing is.
//! - A projection whose version differs from the stored one has its tables dropped and made anew, at position
//!   0; the others keep theirs.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use skranke_store::{Position, Recorded};
use uuid::Uuid;

use crate::event::Event;
use crate::projection::{FoldFault, Projection};
use crate::rows;
use crate::search::Indexer;
use crate::views::{ProjectionHealth, Stall, ViewsError};

/// How the file is written when it is not being built anew.
const DURABLE: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16384;";

/// `PRAGMA application_id`: `SkVw`.
const APPLICATION: i64 = 0x536b_5677;
/// Events that are folded between two commits, at most.
const MOST_EVENTS: usize = 65_536;
/// The same while everything is built anew: the database then writes a page when its cache is full, and not before.
const MOST_EVENTS_BUILDING: usize = 1 << 20;
/// Rows of one projection that wait for their flush, at most: a bound on memory.
const MOST_ROWS: usize = 8192;

/// `PRAGMA user_version`: how this file itself keeps its books. Another number, and all views are built anew.
const BOOKS: i64 = 1;
/// The same while everything is built anew, without a care for power cuts: a file that says so is thrown away.
const BUILDING: i64 = 2;

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
    /// Events folded since the last commit; `None`: no transaction is open.
    open: Option<usize>,
    /// The statements of the indexes that are still to be made, while everything is built anew.
    building: Option<Vec<String>>,
    /// A fault while everything was built anew: nothing is known of the file.
    ruined: bool,
    path: PathBuf,
}

/// A projection and how far it has come.
struct Slot {
    projection: Box<dyn Projection>,
    /// What is committed.
    position: Position,
    /// The event at `position`: tells this log from another one.
    event_id: Option<Uuid>,
    /// The last event that is folded and not yet committed.
    ahead: Option<(Position, Uuid)>,
    stalled: Option<Stall>,
    /// Flush after every event until the next commit: a flush failed, and it is not known which event is to blame.
    careful: bool,
}

impl Slot {
    fn new(projection: Box<dyn Projection>) -> Self {
        Self { projection, position: Position(0), event_id: None, ahead: None, stalled: None, careful: false }
    }

    fn take(&mut self, rows: &Connection, event: &Event) -> Result<(), FoldFault> {
        self.projection.fold(rows, event)?;
        if self.careful {
            self.projection.flush(rows)?;
        }
        self.ahead = Some((event.recorded().position, event.recorded().id));
        Ok(())
    }

    /// Whether its rows have to leave the memory.
    fn is_full(&self) -> bool {
        self.projection.changed() >= MOST_ROWS
    }

    /// Whether the event is for this projection.
    fn wants(&self, position: Position) -> bool {
        position > self.ahead.map_or(self.position, |(ahead, _)| ahead)
            && self.stalled.as_ref().is_none_or(|stall| position < stall.position)
    }
}

/// What was folded since the last commit was rolled back, and is to be folded again.
#[derive(Debug)]
pub(crate) enum RolledBack {
    /// At once: the event at fault is known now, or is looked for.
    Again,
    /// Later: a file or a server did not answer.
    Later(FoldFault),
}

/// Why something was not folded or not committed.
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
    pub(crate) fn open(path: &Path, indexer: &Arc<Indexer>) -> Result<Self, ViewsError> {
        Self::open_with(path, crate::all(indexer))
    }

    fn open_with(path: &Path, projections: Vec<Box<dyn Projection>>) -> Result<Self, ViewsError> {
        let (connection, books) = connect(path)?;
        let slots = projections.into_iter().map(Slot::new).collect();
        let path = path.to_owned();
        let mut writer = Self { connection, slots, open: None, building: None, ruined: false, path };
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
            slot.projection.forget();
            (slot.position, slot.event_id, slot.ahead, slot.stalled) = (Position(0), None, None, None);
        }
        Ok(transaction.commit()?)
    }

    /// Throws the file away after a fault while everything was built anew, and begins another. Nobody else may have it
    /// open.
    pub(crate) fn start_over(&mut self) -> Result<(), ViewsError> {
        // Closes it, before its name is given to another one.
        self.connection = Connection::open_in_memory()?;
        crate::views::remove(self.path.parent().unwrap_or(Path::new(".")))?;
        (self.connection, _) = connect(&self.path)?;
        (self.open, self.building) = (None, None);
        self.reset()?;
        self.ruined = false;
        Ok(())
    }

    /// Whether [`Self::start_over`] has to come before anything else.
    pub(crate) const fn is_ruined(&self) -> bool {
        self.ruined
    }

    /// Builds everything anew in a hurry: without the indexes that only questions use, without a journal, and without a
    /// sync until [`Self::end_building`]. Nothing may be folded yet, and nobody else may have the file open.
    pub(crate) fn begin_building(&mut self) -> Result<(), ViewsError> {
        let names = self.slots.iter().flat_map(|slot| slot.projection.built_last());
        // From here on the file is worth nothing until it is finished.
        self.connection.pragma_update(None, "user_version", BUILDING)?;
        let indexes = self.building.insert(Vec::new());
        for name in names {
            let sql = "SELECT sql FROM sqlite_schema WHERE type = 'index' AND name = ?1";
            indexes.push(self.connection.query_row(sql, [name], |row| row.get::<_, String>(0))?);
            self.connection.execute_batch(&format!("DROP INDEX {name}"))?;
        }
        self.connection.execute_batch(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -98304;",
        )?;
        Ok(())
    }

    /// Whether everything is being built anew.
    pub(crate) const fn is_building(&self) -> bool {
        self.building.is_some()
    }

    /// Makes the indexes, and the file durable. Everything must be committed.
    pub(crate) fn end_building(&mut self) -> Result<(), ViewsError> {
        let Some(indexes) = &mut self.building else { return Ok(()) };
        while let Some(sql) = indexes.last() {
            self.connection.execute_batch(sql)?;
            indexes.pop();
        }
        let synced = std::fs::File::open(&self.path).and_then(|file| file.sync_all());
        synced.map_err(|source| ViewsError::NotWritable {
            path: self.path.clone(),
            source: Arc::new(source),
        })?;
        self.connection.execute_batch(DURABLE)?;
        self.connection.pragma_update(None, "user_version", BOOKS)?;
        self.building = None;
        Ok(())
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

    /// Whether a projection has stopped and wants nothing of what comes after this place.
    pub(crate) fn is_stalled(&self, slot: usize, after: Position) -> bool {
        let stall = |slot: &Slot| slot.stalled.as_ref().map(|stall| stall.position);
        self.slots.get(slot).is_none_or(|slot| stall(slot).is_some_and(|stall| stall <= after))
    }

    /// Folds a batch into some of the projections, and commits when `now` or when enough has been folded. Answers
    /// whether it committed.
    pub(crate) fn fold(
        &mut self,
        members: &[usize],
        events: &[Event],
        now: bool,
    ) -> Result<bool, RolledBack> {
        let folded = self.attempt(members, events).and_then(|()| {
            let most = if self.is_building() { MOST_EVENTS_BUILDING } else { MOST_EVENTS };
            if now || self.open.is_some_and(|folded| folded >= most) {
                return self.end().map(|()| true);
            }
            if !self.is_building() {
                let full = self.slots.iter().any(Slot::is_full);
                return if full { self.end().map(|()| true) } else { Ok(false) };
            }
            // A commit writes every page that was changed, and nobody waits for one.
            for number in 0..self.slots.len() {
                if self.slots[number].is_full() {
                    self.flush(number)?;
                }
            }
            Ok(false)
        });
        folded.map_err(|fault| self.roll_back(fault))
    }

    /// Commits what is folded.
    pub(crate) fn commit(&mut self) -> Result<(), RolledBack> {
        self.end().map_err(|fault| self.roll_back(fault))
    }

    fn attempt(&mut self, members: &[usize], events: &[Event]) -> Result<(), Fault> {
        let Self { connection, slots, open, .. } = self;
        if open.is_none() {
            connection.execute_batch("BEGIN IMMEDIATE")?;
            *open = Some(0);
        }
        for event in events {
            for member in members {
                let Some(slot) = slots.get_mut(*member) else { continue };
                if slot.wants(event.recorded().position) {
                    slot.take(connection, event).map_err(|fault| blame(*member, event, fault))?;
                }
            }
        }
        *open = open.map(|folded| folded + events.len());
        Ok(())
    }

    fn end(&mut self) -> Result<(), Fault> {
        if self.open.is_none() {
            return Ok(());
        }
        for number in 0..self.slots.len() {
            let Some(ahead) = self.slots[number].ahead else { continue };
            self.flush(number)?;
            keep(&self.connection, self.slots[number].projection.name(), ahead)?;
        }
        self.connection.execute_batch("COMMIT")?;
        self.open = None;
        for slot in &mut self.slots {
            if let Some((position, id)) = slot.ahead.take() {
                (slot.position, slot.event_id) = (position, Some(id));
            }
            slot.careful = false;
        }
        Ok(())
    }

    fn flush(&mut self, slot: usize) -> Result<(), Fault> {
        self.slots[slot].projection.flush(&self.connection).map_err(|fault| match fault {
            fault if fault.is_elsewhere() => Fault::Elsewhere(fault),
            _ => Fault::Flush { slot },
        })
    }

    fn roll_back(&mut self, fault: Fault) -> RolledBack {
        // An error means that the database has rolled back by itself.
        let _ = self.connection.execute_batch("ROLLBACK");
        self.open = None;
        self.ruined = self.is_building();
        for slot in &mut self.slots {
            slot.projection.forget();
            slot.ahead = None;
        }
        match fault {
            Fault::Elsewhere(fault) => return RolledBack::Later(fault),
            Fault::Event { slot, stall } => self.stall(slot, stall),
            Fault::Flush { slot } => {
                if let Some(slot) = self.slots.get_mut(slot) {
                    slot.careful = true;
                }
            }
        }
        RolledBack::Again
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

/// Opens the file for writing, and tells how it keeps its books: 0 for a new one.
fn connect(path: &Path) -> Result<(Connection, i64), ViewsError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.set_prepared_statement_cache_capacity(128);
    // Counts for a new file only: an older one keeps its pages until it is built anew. Sheets take a kilobyte or several.
    connection.execute_batch("PRAGMA page_size = 16384")?;
    let books = books(&connection, path)?;
    if books == BUILDING {
        return Err(ViewsError::Unfinished);
    }
    // What is not yet synced after a power cut is folded again: the checkpoint is in the same
    // transaction.
    connection.execute_batch(DURABLE)?;
    connection.execute_batch("PRAGMA wal_autocheckpoint = 2000; PRAGMA trusted_schema = OFF;")?;
    Ok((connection, books))
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

fn keep(rows: &Connection, name: &str, (position, id): (Position, Uuid)) -> Result<(), Fault> {
    let position = i64::try_from(position.0).unwrap_or(i64::MAX);
    rows.prepare_cached("UPDATE projections SET position = ?2, event_id = ?3 WHERE name = ?1")?.execute((
        name,
        position,
        id.as_bytes(),
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
                "CREATE TABLE a (position INTEGER PRIMARY KEY); CREATE INDEX a_last ON a (-position);"
            } else {
                "CREATE TABLE b (position INTEGER PRIMARY KEY)"
            }
        }
        fn fold(&mut self, _: &Connection, event: &Event) -> Result<(), FoldFault> {
            self.pending.push(rows::number(event.recorded().position.0)?);
            Ok(())
        }
        fn built_last(&self) -> &'static [&'static str] {
            if self.name == "a" { &["a_last"] } else { &[] }
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

    /// Folds what there is for as long as it takes, as the runner does.
    fn fold(writer: &mut Writer, members: &[usize], all: std::ops::RangeInclusive<u64>) {
        for _ in 0..4 {
            match writer.fold(members, &events(all.clone()), true) {
                Ok(committed) => return assert!(committed),
                Err(RolledBack::Again) => {}
                Err(RolledBack::Later(fault)) => panic!("{fault}"),
            }
        }
        panic!("it goes on for ever");
    }

    #[test]
    fn a_flush_that_fails_is_blamed_on_the_very_event() {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = open(&dir.path().join("views.db"), 5);
        fold(&mut writer, &[0, 1], 1..=3);
        fold(&mut writer, &[0, 1], 4..=8);
        fold(&mut writer, &[0, 1], 9..=9);
        let health = writer.health();
        assert_eq!((health[0].position, health[1].position), (Position(4), Position(9)));
        assert_eq!(health[0].stalled.as_ref().map(|stall| stall.position), Some(Position(5)));
        assert_eq!((count(&writer, "a"), count(&writer, "b")), (4, 9));
        assert!(writer.is_stalled(0, Position(9)) && !writer.is_stalled(0, Position(4)));
        assert!(!writer.is_stalled(1, Position(9)));

        // Once the cause is gone, it goes on where it stopped; the other takes nothing twice.
        drop(writer);
        let mut writer = open(&dir.path().join("views.db"), 0);
        fold(&mut writer, &[0, 1], 1..=9);
        assert_eq!((count(&writer, "a"), count(&writer, "b")), (9, 9));
    }

    #[test]
    fn events_before_the_checkpoint_are_not_folded_again() {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = open(&dir.path().join("views.db"), 0);
        fold(&mut writer, &[1], 1..=4);
        fold(&mut writer, &[0, 1], 1..=6);
        fold(&mut writer, &[0, 1], 2..=3);
        assert_eq!((count(&writer, "a"), count(&writer, "b")), (6, 6));
        assert_eq!(writer.checkpoints(), vec![(Position(6), Some(Uuid::from_u128(6))); 2]);
        writer.reset().unwrap();
        assert_eq!((count(&writer, "a"), writer.checkpoints()[0]), (0, (Position(0), None)));
    }

    #[test]
    fn what_was_not_committed_is_not_there_and_is_folded_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("views.db");
        let mut writer = open(&path, 8);
        fold(&mut writer, &[0, 1], 1..=3);
        for batch in [4..=5, 6..=7] {
            assert!(!writer.fold(&[0, 1], &events(batch), false).unwrap());
        }
        assert_eq!(writer.health()[1].position, Position(3), "health tells what can be read");
        // The fault of one projection takes back what both folded since.
        assert!(matches!(writer.fold(&[0, 1], &events(8..=9), true), Err(RolledBack::Again)));
        assert_eq!((count(&writer, "a"), count(&writer, "b")), (3, 3));
        assert_eq!(writer.checkpoints()[0].0, Position(3));
        fold(&mut writer, &[0, 1], 4..=9);
        assert_eq!((count(&writer, "a"), count(&writer, "b")), (7, 9));
        // A process that ends without a commit.
        assert!(!writer.fold(&[1], &events(10..=12), false).unwrap());
        drop(writer);
        let mut writer = open(&path, 0);
        assert_eq!((count(&writer, "a"), count(&writer, "b")), (7, 9));
        fold(&mut writer, &[0, 1], 8..=12);
        writer.commit().unwrap();
        assert_eq!((count(&writer, "a"), count(&writer, "b")), (12, 12));
    }

    fn indexes(writer: &Writer) -> i64 {
        let sql = "SELECT count(*) FROM sqlite_schema WHERE name = 'a_last'";
        writer.connection.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn what_is_built_anew_has_its_indexes_at_the_end_and_is_thrown_away_before() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("views.db");
        let mut writer = open(&path, 6);
        assert_eq!(indexes(&writer), 1);
        writer.begin_building().unwrap();
        assert_eq!(indexes(&writer), 0);
        fold(&mut writer, &[0, 1], 1..=4);
        // The process ends here: nobody knows what of it is on the disk.
        drop(writer);
        let projections: Vec<Box<dyn Projection>> = vec![Box::new(Brittle::default())];
        assert!(matches!(Writer::open_with(&path, projections), Err(ViewsError::Unfinished)));

        std::fs::remove_file(&path).unwrap();
        let mut writer = open(&path, 6);
        writer.begin_building().unwrap();
        fold(&mut writer, &[0, 1], 1..=5);
        // After a fault nothing is known of the file: it is begun again, the long way.
        assert!(matches!(writer.fold(&[0, 1], &events(6..=8), true), Err(RolledBack::Again)));
        assert!(writer.is_ruined());
        writer.start_over().unwrap();
        assert!(!writer.is_ruined() && !writer.is_building());
        assert_eq!(writer.checkpoints()[1], (Position(0), None));
        fold(&mut writer, &[0, 1], 1..=8);
        assert_eq!((count(&writer, "a"), count(&writer, "b"), indexes(&writer)), (5, 8, 1));

        drop(writer);
        std::fs::remove_file(&path).unwrap();
        let mut writer = open(&path, 0);
        writer.begin_building().unwrap();
        fold(&mut writer, &[0, 1], 1..=8);
        writer.end_building().unwrap();
        assert!(!writer.is_building());
        assert_eq!((count(&writer, "a"), count(&writer, "b"), indexes(&writer)), (8, 8, 1));
        let mode: String = writer.connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
        assert_eq!(mode, "wal");
        drop(writer);
        let writer = open(&path, 0);
        assert_eq!((count(&writer, "a"), count(&writer, "b"), indexes(&writer)), (8, 8, 1));
    }
}
