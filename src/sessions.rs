//! Staff sessions: an opaque token in a cookie, its hash in a file. They survive a restart, and losing the file only
//! means logging in again.

mod provided;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};
use skranke_domain::time::Clock;
use skranke_domain::{Tenant, UserId};
use tokio::sync::broadcast;

use crate::config;

/// The name of the cookie.
pub const COOKIE: &str = "skranke_session";

/// How often an open line looks whether its session still goes on.
const LOOK_AGAIN: std::time::Duration = std::time::Duration::from_secs(30);

/// Who a session is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// The municipality.
    pub tenant: Tenant,
    /// The member of staff.
    pub user: UserId,
    /// When it ends, whatever happens.
    pub expires: Timestamp,
}

/// What a token stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// A session that goes on.
    Session(Session),
    /// A session that has ended: too old, or too long without a request.
    Expired,
    /// No session at all.
    No,
}

/// Whether somebody may try to log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Try {
    /// Yes.
    Allowed,
    /// Yes, and when it is wrong, not again for a while.
    Last,
    /// Not now.
    TooMany,
}

/// All sessions.
#[derive(Clone)]
pub struct Sessions {
    file: Arc<Mutex<Connection>>,
    length: SignedDuration,
    idle: SignedDuration,
    tries: u16,
    lock: SignedDuration,
    /// The hashes of tokens whose sessions were ended, for whoever holds a line open for one.
    ended: broadcast::Sender<Vec<u8>>,
}

impl Sessions {
    /// Opens the file in `dir`, or makes it.
    pub fn open(dir: &Path, rules: &config::Session) -> anyhow::Result<Self> {
        let path = dir.join("sessions.db");
        let file = Connection::open(&path).with_context(|| format!("cannot open {}", path.display()))?;
        file.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
             CREATE TABLE IF NOT EXISTS session (
                 token BLOB PRIMARY KEY, tenant TEXT NOT NULL, user TEXT NOT NULL,
                 expires INTEGER NOT NULL, seen INTEGER NOT NULL) STRICT;
             CREATE TABLE IF NOT EXISTS attempt (
                 name BLOB PRIMARY KEY, tries INTEGER NOT NULL, last INTEGER NOT NULL) STRICT;",
        )
        .and_then(|()| file.execute_batch(provided::SCHEMA))
        .with_context(|| format!("cannot use {}", path.display()))?;
        Ok(Self {
            file: Arc::new(Mutex::new(file)),
            length: SignedDuration::from_hours(i64::from(rules.hours)),
            idle: SignedDuration::from_mins(i64::from(rules.idle_minutes)),
            tries: rules.lock_after.max(1),
            lock: SignedDuration::from_mins(i64::from(rules.lock_minutes)),
            ended: broadcast::Sender::new(64),
        })
    }

    fn file(&self) -> MutexGuard<'_, Connection> {
        // A panic between two statements leaves the database itself whole.
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a session and answers its token, which is stored nowhere. Sessions that ended long ago are swept out.
    pub fn begin(&self, tenant: Tenant, user: UserId, now: Timestamp) -> anyhow::Result<String> {
        let mut token = [0_u8; 32];
        getrandom::fill(&mut token).map_err(|fault| anyhow::anyhow!("no randomness: {fault}"))?;
        let token = URL_SAFE_NO_PAD.encode(token);
        let expires = (now + self.length).as_second();
        let file = self.file();
        file.execute("DELETE FROM session WHERE expires < ?1", [now.as_second() - 7 * 24 * 3600])?;
        file.execute(
            "INSERT INTO session (token, tenant, user, expires, seen) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![hash(&token), tenant.code(), user.to_string(), expires, now.as_second()],
        )?;
        Ok(token)
    }

    /// What a token stands for now; a session that goes on is marked as seen.
    pub fn find(&self, token: &str, now: Timestamp) -> anyhow::Result<Known> {
        let hash = hash(token);
        let file = self.file();
        let row = file
            .query_row("SELECT tenant, user, expires, seen FROM session WHERE token = ?1", [&hash], |row| {
                Ok((
                    row.get::<_, String>(0)?,
                    row.get::<_, String>(1)?,
                    row.get::<_, i64>(2)?,
                    row.get::<_, i64>(3)?,
                ))
            })
            .optional()?;
        let Some((tenant, user, expires, seen)) = row else { return Ok(Known::No) };
        let session = Session {
            tenant: tenant.parse()?,
            user: user.parse()?,
            expires: Timestamp::from_second(expires)?,
        };
        if now >= session.expires || now.as_second() - seen > self.idle.as_secs() {
            return Ok(Known::Expired);
        }
        // Once a minute is enough to know that somebody is there. On a full disk people go on reading: a session that
        // cannot be marked as seen ends a little early, and that is all.
        if now.as_second() - seen >= 60
            && let Err(fault) =
                file.execute("UPDATE session SET seen = ?2 WHERE token = ?1", params![hash, now.as_second()])
        {
            tracing::warn!(error = %fault, "a session could not be marked as seen");
        }
        Ok(Known::Session(session))
    }

    /// Ends a session.
    pub fn end(&self, token: &str) -> anyhow::Result<()> {
        let hash = hash(token);
        self.file().execute("DELETE FROM session WHERE token = ?1", [&hash])?;
        // Nobody may be listening.
        let _ = self.ended.send(hash);
        Ok(())
    }

    /// Ends every session of somebody: log out everywhere.
    pub fn end_all(&self, tenant: Tenant, user: UserId) -> anyhow::Result<()> {
        let key = (tenant.code().to_owned(), user.to_string());
        let tokens: Vec<Vec<u8>> = {
            let file = self.file();
            let mut gone =
                file.prepare("DELETE FROM session WHERE tenant = ?1 AND user = ?2 RETURNING token")?;
            gone.query_map([&key.0, &key.1], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?
        };
        for token in tokens {
            // Nobody may be listening.
            let _ = self.ended.send(token);
        }
        Ok(())
    }

    /// Counts a try to log in before it is made, so that tries side by side count too. Whether the name belongs to
    /// anybody makes no difference. `unlocked` is when an administrator last let that person in again.
    pub fn try_now(&self, name: &str, unlocked: Option<Timestamp>, now: Timestamp) -> anyhow::Result<Try> {
        let (name, now) = (hash(name), now.as_second());
        let file = self.file();
        file.execute("DELETE FROM attempt WHERE last <= ?1", [now - self.lock.as_secs()])?;
        let known = file
            .query_row("SELECT tries, last FROM attempt WHERE name = ?1", [&name], |row| {
                Ok((row.get::<_, u16>(0)?, row.get::<_, i64>(1)?))
            })
            .optional()?;
        let pardoned = |last: i64| unlocked.is_some_and(|unlocked| last <= unlocked.as_second());
        let tries = known.filter(|(_, last)| !pardoned(*last)).map_or(0, |(tries, _)| tries);
        if tries >= self.tries {
            return Ok(Try::TooMany);
        }
        file.execute(
            "INSERT INTO attempt (name, tries, last) VALUES (?1, ?2, ?3)
             ON CONFLICT (name) DO UPDATE SET tries = excluded.tries, last = excluded.last",
            params![name, tries + 1, now],
        )?;
        Ok(if tries + 1 == self.tries { Try::Last } else { Try::Allowed })
    }

    /// The right password was given: nothing is held against that name any more.
    pub fn forget_tries(&self, name: &str) -> anyhow::Result<()> {
        self.file().execute("DELETE FROM attempt WHERE name = ?1", [hash(name)])?;
        Ok(())
    }

    /// Waits until a session is over: ended, or too old. An open line does not keep it from growing idle.
    pub async fn over(&self, token: &str, clock: &dyn Clock) {
        let (mut ended, hash) = (self.ended.subscribe(), hash(token));
        loop {
            match tokio::time::timeout(LOOK_AGAIN, ended.recv()).await {
                Ok(Ok(over)) if over != hash => {}
                Ok(Ok(_)) => return,
                // Time passed, or news were missed: look.
                Ok(Err(_)) | Err(_) if self.is_over(&hash, clock.now()).unwrap_or(false) => return,
                Ok(Err(_)) | Err(_) => {}
            }
        }
    }

    fn is_over(&self, hash: &[u8], now: Timestamp) -> anyhow::Result<bool> {
        let row =
            self.file().query_row("SELECT expires, seen FROM session WHERE token = ?1", [hash], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
            });
        let row = row.optional()?;
        let now = now.as_second();
        Ok(row.is_none_or(|(expires, seen)| now >= expires || now - seen > self.idle.as_secs()))
    }
}

/// What is stored of a token: whoever reads the file cannot use it.
fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_session_ends_by_age_by_idleness_and_by_logging_out() {
        let dir = tempfile::tempdir().unwrap();
        let sessions = Sessions::open(dir.path(), &config::Session::default()).unwrap();
        let now: Timestamp = "2026-11-23T08:00:00Z".parse().unwrap();
        let minutes = |count| now + SignedDuration::from_mins(count);
        let (tenant, user) = (Tenant::try_new("0190").unwrap(), UserId::new(Uuid::from_u128(1)));
        let token = sessions.begin(tenant, user, now).unwrap();
        assert!(matches!(sessions.find(&token, minutes(59)).unwrap(), Known::Session(s) if s.user == user));
        assert!(matches!(sessions.find(&token, minutes(118)).unwrap(), Known::Session(_)), "seen at 59");
        assert_eq!(sessions.find(&token, minutes(118 + 61)).unwrap(), Known::Expired);
        assert_eq!(sessions.find(&token, minutes(9 * 60)).unwrap(), Known::Expired);
        assert_eq!(sessions.find("x", now).unwrap(), Known::No);
        let again = Sessions::open(dir.path(), &config::Session::default()).unwrap();
        assert!(matches!(again.find(&token, minutes(119)).unwrap(), Known::Session(_)), "survives a restart");
        again.end(&token).unwrap();
        assert_eq!(again.find(&token, minutes(119)).unwrap(), Known::No);
    }

    #[test]
    fn logging_out_everywhere_ends_the_sessions_of_one_person_and_of_nobody_else() {
        let dir = tempfile::tempdir().unwrap();
        let sessions = Sessions::open(dir.path(), &config::Session::default()).unwrap();
        let now: Timestamp = "2026-11-23T08:00:00Z".parse().unwrap();
        let (tenant, other) = (Tenant::try_new("0190").unwrap(), Tenant::try_new("0751").unwrap());
        let [kari, bent] = [1, 2].map(|number| UserId::new(Uuid::from_u128(number)));
        let [one, two, bents, namesakes] = [(tenant, kari), (tenant, kari), (tenant, bent), (other, kari)]
            .map(|(tenant, user)| sessions.begin(tenant, user, now).unwrap());
        sessions.end_all(tenant, kari).unwrap();
        for token in [one, two] {
            assert_eq!(sessions.find(&token, now).unwrap(), Known::No);
        }
        for token in [bents, namesakes] {
            assert!(matches!(sessions.find(&token, now).unwrap(), Known::Session(_)));
        }
    }

    #[test]
    fn too_many_tries_are_held_against_a_name_for_a_while() {
        let dir = tempfile::tempdir().unwrap();
        let rules = config::Session { lock_after: 3, lock_minutes: 15, ..config::Session::default() };
        let sessions = Sessions::open(dir.path(), &rules).unwrap();
        let now: Timestamp = "2026-11-23T08:00:00Z".parse().unwrap();
        let minutes = |count| now + SignedDuration::from_mins(count);
        let try_at = |name: &str, at| sessions.try_now(name, None, at).unwrap();
        let tries = [(); 4].map(|()| try_at("0190/kari", now));
        assert_eq!(tries, [Try::Allowed, Try::Allowed, Try::Last, Try::TooMany]);
        assert_eq!(try_at("0190/bent", now), Try::Allowed, "another name");
        assert_eq!(try_at("0190/kari", minutes(14)), Try::TooMany);
        let unlocked = sessions.try_now("0190/kari", Some(minutes(1)), minutes(14)).unwrap();
        assert_eq!(unlocked, Try::Allowed, "an administrator let her in");
        let again = [(); 2].map(|()| try_at("0190/kari", minutes(14)));
        assert_eq!(again, [Try::Allowed, Try::Last]);
        assert_eq!(try_at("0190/kari", minutes(29)), Try::Allowed, "it ends by itself");
        sessions.forget_tries("0190/kari").unwrap();
        assert_eq!([(); 2].map(|()| try_at("0190/kari", minutes(29))), [Try::Allowed; 2]);
    }
}
