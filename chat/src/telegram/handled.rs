//! Which updates were dealt with, in a small file.
//!
//! Telegram sends again what it has not seen confirmed. The key of a message makes it one message within its
//! conversation; but after `/slut` there is another conversation, in which a message that was erased would be new.
//!
//! Ids are remembered one by one rather than as "everything up to here": chats are answered beside each other, and
//! Telegram begins anywhere again after a quiet week.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many ids are kept: more than Telegram sends at a time (100 to a poll, 100 connections to a webhook).
const KEPT: usize = 512;

/// The updates that were dealt with last, oldest first.
pub(super) struct Handled {
    file: Option<PathBuf>,
    ids: Mutex<VecDeque<u32>>,
}

impl Handled {
    /// What the file holds; a file that is missing or broken holds nothing.
    pub(super) fn open(file: Option<PathBuf>) -> Self {
        let text = file.as_ref().and_then(|file| std::fs::read_to_string(file).ok()).unwrap_or_default();
        let ids = text.split_ascii_whitespace().map_while(|id| id.parse().ok()).collect();
        Self { file, ids: Mutex::new(ids) }
    }

    /// Whether an update was dealt with.
    pub(super) fn has(&self, id: u32) -> bool {
        self.ids().contains(&id)
    }

    /// Notes that an update was dealt with, and replaces the file as a whole. Best effort.
    pub(super) fn add(&self, id: u32) {
        let mut ids = self.ids();
        ids.push_back(id);
        while ids.len() > KEPT {
            ids.pop_front();
        }
        let Some(file) = &self.file else { return };
        let text = ids.iter().map(u32::to_string).collect::<Vec<_>>().join(" ");
        let fresh = file.with_extension("new");
        // Under the lock, so that an older list never replaces a newer one.
        if std::fs::write(&fresh, text).and_then(|()| std::fs::rename(&fresh, file)).is_err() {
            tracing::warn!(file = %file.display(), "the list of handled Telegram updates could not be written");
        }
    }

    fn ids(&self) -> MutexGuard<'_, VecDeque<u32>> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_dealt_with_is_known_after_a_restart_and_the_list_stays_short() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("telegram.updates");
        let handled = Handled::open(Some(file.clone()));
        assert!(!handled.has(7));
        handled.add(9);
        handled.add(7);
        let again = Handled::open(Some(file.clone()));
        assert!(again.has(7) && again.has(9) && !again.has(8));
        (1_000..2_000).for_each(|id| again.add(id));
        let long_after = Handled::open(Some(file.clone()));
        assert!(long_after.has(1_999) && !long_after.has(7) && long_after.ids().len() == KEPT);
        std::fs::write(&file, "1 2 x 3").unwrap();
        assert!(Handled::open(Some(file)).has(2));
    }
}
