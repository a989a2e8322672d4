//! Wrapped keys in `keys.db`, for one process on one machine.
//!
//! What destruction promises here: the key leaves the file (`secure_delete`), its write-ahead log and the memory
//! of this process at once. A backup of `keys.db` made earlier still holds it, wrapped; operators keep those
//! short. A rotation is one transaction, and leaves the old wrappings nowhere in the file either.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};
use skranke_domain::{SubjectId, Tenant};
use uuid::Uuid;

use super::cipher::{self, MasterKey, Masters};
use super::{Found, KeyError, Subject, Vault};
use crate::fault::OpenError;
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

/// Rows that a rotation reads at once.
const BATCH: u32 = 1000;

/// Pages after which the write-ahead log is written back and begun anew. Once it has been this long its length
/// stays, so that a commit syncs the pages and nothing about the file; SQLite's own 1,000 take hours to get there.
const WRITE_BACK: i64 = 100;

pub(super) struct KeyFile {
    masters: Masters,
    connection: Mutex<Connection>,
}

impl KeyFile {
    pub(super) fn open(dir: &Path, masters: Masters) -> Result<Self, KeyError> {
        std::fs::create_dir_all(dir).map_err(|error| OpenError::io(dir, error))?;
        let connection = sqlite::open(&dir.join("keys.db"), &FORMAT)?;
        connection.execute_batch("PRAGMA secure_delete = ON")?;
        connection.pragma_update(None, "wal_autocheckpoint", WRITE_BACK)?;
        // Insert-or-ignore, then read: whoever came second is measured against whoever came first.
        let proof = masters.current.prove()?;
        connection.execute("INSERT INTO ring (id, proof) VALUES (1, ?1) ON CONFLICT DO NOTHING", [proof])?;
        let file = Self { masters, connection: Mutex::new(connection) };
        file.master(&file.connection())?;
        // A process that was killed between a commit and this step left it undone.
        empty_the_write_ahead_log(&file.connection())?;
        Ok(file)
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        // A panic elsewhere cannot leave a half-made key: every change is one SQLite transaction.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The one of the master keys that the file is under now.
    fn master(&self, connection: &Connection) -> Result<&MasterKey, KeyError> {
        let proof: Vec<u8> =
            connection.prepare_cached("SELECT proof FROM ring")?.query_row([], |row| row.get(0))?;
        self.proved_by(&proof)
    }

    fn proved_by(&self, proof: &[u8]) -> Result<&MasterKey, KeyError> {
        self.masters.iter().find(|master| master.is_proved_by(proof)).ok_or(KeyError::WrongMaster)
    }

    fn look_up(&self, connection: &Connection, subject: Subject) -> Result<Found, KeyError> {
        // One statement, so that the key and the master it is under are of one moment.
        let row: Option<(Option<Vec<u8>>, Vec<u8>)> = connection
            .prepare_cached("SELECT wrapped, proof FROM keys, ring WHERE tenant = ?1 AND subject = ?2")?
            .query_row((subject.tenant.code(), subject.id.uuid().as_bytes()), |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        Ok(match row {
            Some((Some(wrapped), proof)) => {
                Found::Key(Arc::new(self.proved_by(&proof)?.unwrap_key(subject, &wrapped)?))
            }
            Some((None, _)) => Found::Destroyed,
            None => Found::Nothing,
        })
    }
}

impl Vault for KeyFile {
    fn find(&self, subject: Subject) -> Result<Found, KeyError> {
        self.look_up(&self.connection(), subject)
    }

    fn find_or_make(&self, subjects: &[Subject]) -> Result<Vec<Found>, KeyError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let master = self.master(&transaction)?;
        let make = |subject: &Subject| {
            let key = cipher::random_secret()?;
            let wrapped = master.wrap(*subject, &key)?;
            let new = transaction
                .prepare_cached(
                    "INSERT INTO keys (tenant, subject, wrapped) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                )?
                .execute((subject.tenant.code(), subject.id.uuid().as_bytes(), wrapped))?;
            match new {
                // Another process was faster, or somebody before in the batch: that key is the one.
                0 => self.look_up(&transaction, *subject),
                _ => Ok(Found::Key(Arc::new(key))),
            }
        };
        let found = subjects.iter().map(make).collect::<Result<_, _>>()?;
        transaction.commit()?;
        Ok(found)
    }

    fn destroy(&self, subject: Subject) -> Result<bool, KeyError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let there: Option<bool> = transaction
            .query_row(
                "SELECT wrapped IS NOT NULL FROM keys WHERE tenant = ?1 AND subject = ?2",
                (subject.tenant.code(), subject.id.uuid().as_bytes()),
                |row| row.get(0),
            )
            .optional()?;
        transaction.execute(
            "INSERT INTO keys (tenant, subject, wrapped) VALUES (?1, ?2, NULL)
             ON CONFLICT (tenant, subject) DO UPDATE SET wrapped = NULL",
            (subject.tenant.code(), subject.id.uuid().as_bytes()),
        )?;
        transaction.commit()?;
        empty_the_write_ahead_log(&connection)?;
        Ok(there == Some(true))
    }

    fn rotate(&self) -> Result<u64, KeyError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (from, to) = (self.master(&transaction)?, &self.masters.current);
        if std::ptr::eq(from, to) {
            return Ok(0);
        }
        let rewrapped = rewrap(&transaction, from, to)?;
        transaction.execute("UPDATE ring SET proof = ?1", [to.prove()?])?;
        transaction.commit()?;
        empty_the_write_ahead_log(&connection)?;
        Ok(rewrapped)
    }
}

fn rewrap(transaction: &Transaction<'_>, from: &MasterKey, to: &MasterKey) -> Result<u64, KeyError> {
    let mut select = transaction.prepare(
        "SELECT tenant, subject, wrapped FROM keys
         WHERE wrapped IS NOT NULL AND (tenant, subject) > (?1, ?2) ORDER BY tenant, subject LIMIT ?3",
    )?;
    let mut update =
        transaction.prepare("UPDATE keys SET wrapped = ?3 WHERE tenant = ?1 AND subject = ?2")?;
    let (mut after, mut rewrapped) = ((String::new(), Vec::new()), 0);
    loop {
        let rows = select.query_map((&after.0, &after.1, BATCH), |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, Vec<u8>>(2)?))
        })?;
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        for (tenant, id, wrapped) in &rows {
            let subject = Subject::stored(tenant, id).ok_or(KeyError::Damaged)?;
            let key = from.unwrap_key(subject, wrapped)?;
            update.execute((tenant, id, to.wrap(subject, &key)?))?;
            rewrapped += 1;
        }
        match rows.into_iter().next_back() {
            Some((tenant, id, _)) => after = (tenant, id),
            None => return Ok(rewrapped),
        }
    }
}

impl Subject {
    /// Reads a row's key.
    fn stored(tenant: &str, id: &[u8]) -> Option<Self> {
        let id = Uuid::from_slice(id).ok()?;
        Some(Self { tenant: Tenant::try_new(tenant).ok()?, id: SubjectId::new(id) })
    }
}

/// The write-ahead log still holds pages as they were; an empty one does not.
fn empty_the_write_ahead_log(connection: &Connection) -> Result<(), KeyError> {
    let busy: bool = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if busy {
        tracing::warn!("keys.db is being read by another program: old keys leave its log later");
    }
    Ok(())
}
