//! Wrapped keys in `keys.db`, for one process on one machine.
//!
//! What destruction promises here: the key leaves the file (`secure_delete`), its write-ahead log and the memory
//! of this process at once. A backup of `keys.db` made earlier still holds it, wrapped; operators keep those
//! short. A rotation is one transaction, and leaves the old wrappings nowhere in the file either.

use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

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

/// How long a round waits for more to come, when the one before was for several: each sync holds up the log's own,
/// which shares the disk.
const GATHER: Duration = Duration::from_millis(2);
/// Rows that a rotation reads at once.
const BATCH: u32 = 1000;

pub(super) struct KeyFile {
    masters: Masters,
    connection: Mutex<Connection>,
    rounds: Mutex<Rounds>,
    /// Told at the end of every round.
    finished: Condvar,
}

/// Who needs a key and has not got it yet.
#[derive(Default)]
struct Rounds {
    waiting: Vec<Waiting>,
    /// Somebody makes keys for all who were waiting when it began.
    at_work: bool,
    /// The last round was for more than one.
    crowded: bool,
}

/// A subject, and where its key is put.
type Waiting = (Subject, Arc<OnceLock<Found>>);

impl KeyFile {
    pub(super) fn open(dir: &Path, masters: Masters) -> Result<Self, KeyError> {
        std::fs::create_dir_all(dir).map_err(|error| OpenError::io(dir, error))?;
        let connection = sqlite::open(&dir.join("keys.db"), &FORMAT)?;
        connection.execute_batch("PRAGMA secure_delete = ON")?;
        // Insert-or-ignore, then read: whoever came second is measured against whoever came first.
        let proof = masters.current.prove()?;
        connection.execute("INSERT INTO ring (id, proof) VALUES (1, ?1) ON CONFLICT DO NOTHING", [proof])?;
        let file = Self {
            masters,
            connection: Mutex::new(connection),
            rounds: Mutex::default(),
            finished: Condvar::new(),
        };
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
        self.masters.iter().find(|master| master.is_proved_by(&proof)).ok_or(KeyError::WrongMaster)
    }

    fn look_up(&self, connection: &Connection, subject: Subject) -> Result<Found, KeyError> {
        let row: Option<Option<Vec<u8>>> = connection
            .prepare_cached("SELECT wrapped FROM keys WHERE tenant = ?1 AND subject = ?2")?
            .query_row((subject.tenant.code(), subject.id.uuid().as_bytes()), |row| row.get(0))
            .optional()?;
        Ok(match row {
            Some(Some(wrapped)) => {
                Found::Key(Arc::new(self.master(connection)?.unwrap_key(subject, &wrapped)?))
            }
            Some(None) => Found::Destroyed,
            None => Found::Nothing,
        })
    }
}

impl KeyFile {
    fn rounds(&self) -> MutexGuard<'_, Rounds> {
        self.rounds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Finds or makes a key for each of the subjects, in one transaction.
    fn make(&self, batch: &[Waiting]) -> Result<Vec<Found>, KeyError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (mut all, mut new) = (Vec::with_capacity(batch.len()), false);
        for (subject, _) in batch {
            // Another process may have been faster, or one before in the batch; then its key is the one.
            let mut found = self.look_up(&transaction, *subject)?;
            if matches!(found, Found::Nothing) {
                let key = cipher::random_secret()?;
                let wrapped = self.master(&transaction)?.wrap(*subject, &key)?;
                transaction
                    .prepare_cached("INSERT INTO keys (tenant, subject, wrapped) VALUES (?1, ?2, ?3)")?
                    .execute((subject.tenant.code(), subject.id.uuid().as_bytes(), wrapped))?;
                found = Found::Key(Arc::new(key));
                new = true;
            }
            all.push(found);
        }
        if new {
            transaction.commit()?;
        }
        Ok(all)
    }
}

impl Vault for KeyFile {
    fn find(&self, subject: Subject) -> Result<Found, KeyError> {
        let mut connection = self.connection();
        // One snapshot for the key and the master it is under.
        let snapshot = connection.transaction()?;
        self.look_up(&snapshot, subject)
    }

    /// Many who need new keys at the same moment share one transaction, and one sync: one works for all who have
    /// come until it begins, while those who come later wait for the next round.
    fn find_or_make(&self, subject: Subject) -> Result<Found, KeyError> {
        let answer = Arc::new(OnceLock::new());
        let mut rounds = self.rounds();
        rounds.waiting.push((subject, Arc::clone(&answer)));
        while rounds.at_work && answer.get().is_none() {
            rounds = self.finished.wait(rounds).unwrap_or_else(PoisonError::into_inner);
        }
        if let Some(found) = answer.get() {
            return Ok(Found::clone(found));
        }
        rounds.at_work = true;
        if rounds.crowded {
            drop(rounds);
            std::thread::sleep(GATHER);
            rounds = self.rounds();
        }
        let batch = std::mem::take(&mut rounds.waiting);
        rounds.crowded = batch.len() > 1;
        drop(rounds);
        let made = self.make(&batch);
        let mut rounds = self.rounds();
        rounds.at_work = false;
        let outcome = match made {
            Ok(made) => {
                for ((_, answer), found) in batch.iter().zip(made) {
                    let _ = answer.set(found);
                }
                // Invariant: nobody else took it out of the row, so it is in the batch.
                answer.get().cloned().ok_or(KeyError::Damaged)
            }
            Err(error) => {
                // It is this caller's to tell; each of the others tries for itself.
                rounds.waiting.extend(batch.into_iter().filter(|(_, other)| !Arc::ptr_eq(other, &answer)));
                Err(error)
            }
        };
        drop(rounds);
        self.finished.notify_all();
        outcome
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
