//! What everything stands on: the disk, and the bare database.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};

use bench_measure::{Load, METADATA, Measured, Note, PER_STREAM, stream};

/// The smallest piece that a disk writes.
const BLOCK: [u8; 4096] = [0x5A; 4096];
/// How much is filled beforehand; more than a measurement writes on a fast disk.
const FILLED: usize = 256 << 20;

/// Writes of one block, each followed by fdatasync. A growing file pays for its new length every time.
pub(crate) fn fdatasync(load: &Load, filled: bool) -> anyhow::Result<Measured> {
    let folder = load.folder()?;
    let mut file = File::create(folder.path().join("blocks"))?;
    if filled {
        for _ in 0..FILLED / BLOCK.len() {
            file.write_all(&[0; BLOCK.len()])?;
        }
        file.sync_all()?;
        file.rewind()?;
    }
    let taken = load.repeat(|number| {
        if filled && number % (FILLED / BLOCK.len()) as u64 == 0 {
            file.seek(SeekFrom::Start(0))?;
        }
        file.write_all(&BLOCK)?;
        Ok(file.sync_data()?)
    })?;
    let name = if filled { "fdatasync into a filled file" } else { "fdatasync into a growing file" };
    Ok(taken.rate(name, 1, "writes/s", 1))
}

/// Rows into one table without an index, [`Load::writers`] of them per commit, each commit durable: what a log
/// in SQLite could reach if it did nothing else.
pub(crate) fn sqlite(load: &Load) -> anyhow::Result<Measured> {
    let folder = load.folder()?;
    let mut database = rusqlite::Connection::open(folder.path().join("raw.db"))?;
    database.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE events (position INTEGER PRIMARY KEY, stream TEXT, revision INTEGER, type TEXT,
             data BLOB, metadata BLOB);",
    )?;
    let taken = load.repeat(|number| {
        let transaction = database.transaction()?;
        {
            let mut insert = transaction.prepare_cached(
                "INSERT INTO events (stream, revision, type, data, metadata) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?;
            for row in 0..load.writers {
                insert.execute((
                    stream(row, number),
                    i64::try_from(number % PER_STREAM)?,
                    Note::TYPE,
                    Note::of(row, number).to_json()?,
                    METADATA.as_bytes(),
                ))?;
            }
        }
        Ok(transaction.commit()?)
    })?;
    Ok(taken.rate("raw SQLite", load.writers, "rows/s", load.writers))
}
