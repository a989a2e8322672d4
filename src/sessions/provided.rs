//! What sessions remember of an identity provider: log-ins that were begun, and what logging out there needs.

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::Aead;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};
use sha2::{Digest, Sha256};

use super::{Sessions, hash};
use crate::oidc::Pending;

/// For how long a browser may be away at the provider, in seconds.
const AWAY: i64 = 10 * 60;

/// The tables.
pub(super) const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS entry (
        browser BLOB PRIMARY KEY, state TEXT NOT NULL, nonce TEXT NOT NULL, verifier TEXT NOT NULL,
        next TEXT NOT NULL, begun INTEGER NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS id_token (token BLOB PRIMARY KEY, sealed BLOB NOT NULL) STRICT;";

impl Sessions {
    /// Keeps a log-in that was begun, and answers what its browser shall hold.
    pub fn keep_entry(&self, pending: &Pending, now: Timestamp) -> anyhow::Result<String> {
        let mut browser = [0_u8; 32];
        getrandom::fill(&mut browser).map_err(|fault| anyhow::anyhow!("no randomness: {fault}"))?;
        let browser = URL_SAFE_NO_PAD.encode(browser);
        let file = self.file();
        file.execute("DELETE FROM entry WHERE begun < ?1", [now.as_second() - AWAY])?;
        file.execute(
            "INSERT INTO entry (browser, state, nonce, verifier, next, begun) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                hash(&browser),
                pending.state,
                pending.nonce,
                pending.verifier,
                pending.next,
                now.as_second()
            ],
        )?;
        Ok(browser)
    }

    /// The log-in that this browser began, once.
    pub fn take_entry(&self, browser: &str, now: Timestamp) -> anyhow::Result<Option<Pending>> {
        let taken = self.file().query_row(
            "DELETE FROM entry WHERE browser = ?1 RETURNING state, nonce, verifier, next, begun",
            [hash(browser)],
            |row| {
                let pending = Pending {
                    state: row.get(0)?,
                    nonce: row.get(1)?,
                    verifier: row.get(2)?,
                    next: row.get(3)?,
                };
                Ok((pending, row.get::<_, i64>(4)?))
            },
        );
        let taken = taken.optional()?.filter(|(_, begun)| now.as_second() - begun <= AWAY);
        Ok(taken.map(|(pending, _)| pending))
    }

    /// Keeps the ID token of a session, which the provider wants back when its person logs out. It names the person:
    /// only the session's own token opens it, and that is stored nowhere.
    pub fn keep_id_token(&self, token: &str, id_token: &str) -> anyhow::Result<()> {
        // The key is used once, so the nonce need not be random.
        let sealed = cipher(token).encrypt(&XNonce::default(), id_token.as_bytes());
        let sealed = sealed.ok().context("the ID token could not be sealed")?;
        let file = self.file();
        file.execute("DELETE FROM id_token WHERE token NOT IN (SELECT token FROM session)", [])?;
        file.execute("INSERT INTO id_token (token, sealed) VALUES (?1, ?2)", params![hash(token), sealed])?;
        Ok(())
    }

    /// The ID token that a session began with, if a provider vouched for its person; once.
    pub fn take_id_token(&self, token: &str) -> anyhow::Result<Option<String>> {
        let sealed = self
            .file()
            .query_row("DELETE FROM id_token WHERE token = ?1 RETURNING sealed", [hash(token)], |row| {
                row.get::<_, Vec<u8>>(0)
            })
            .optional()?;
        let opened = sealed.and_then(|sealed| cipher(token).decrypt(&XNonce::default(), &*sealed).ok());
        Ok(opened.and_then(|plain| String::from_utf8(plain).ok()))
    }
}

fn cipher(token: &str) -> XChaCha20Poly1305 {
    let key: [u8; 32] = Sha256::digest(format!("skranke id token/{token}")).into();
    XChaCha20Poly1305::new(&key.into())
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::config;

    fn sessions() -> (tempfile::TempDir, Sessions) {
        let dir = tempfile::tempdir().unwrap();
        let sessions = Sessions::open(dir.path(), &config::Session::default()).unwrap();
        (dir, sessions)
    }

    #[test]
    fn a_log_in_is_finished_once_soon_and_by_the_browser_that_began_it() {
        let (_dir, sessions) = sessions();
        let now: Timestamp = "2026-11-23T08:00:00Z".parse().unwrap();
        let pending =
            Pending { state: "s".into(), nonce: "n".into(), verifier: "v".into(), next: "/sager".into() };
        let [first, late] = [(); 2].map(|()| sessions.keep_entry(&pending, now).unwrap());
        assert!(sessions.take_entry("another", now).unwrap().is_none());
        assert!(sessions.take_entry(&first, now).unwrap() == Some(pending));
        assert!(sessions.take_entry(&first, now).unwrap().is_none(), "once");
        assert!(sessions.take_entry(&late, now + SignedDuration::from_mins(11)).unwrap().is_none());
    }

    #[test]
    fn an_id_token_is_opened_by_its_session_alone_and_not_readable_in_the_file() {
        let (dir, sessions) = sessions();
        sessions.keep_id_token("mine", "eyJ.anna").unwrap();
        assert_eq!(sessions.take_id_token("yours").unwrap(), None);
        let stored = std::fs::read(dir.path().join("sessions.db-wal")).unwrap();
        assert!(!stored.windows(8).any(|window| window == b"eyJ.anna"));
        assert_eq!(sessions.take_id_token("mine").unwrap().as_deref(), Some("eyJ.anna"));
    }
}
