//! How far a process has come, in a file of its own.

use std::path::{Path, PathBuf};

use skranke_store::Position;

/// A position that is written after the work up to it was done. Losing it means that events are heard again, so
/// whoever uses it must do nothing twice.
#[derive(Debug)]
pub struct Checkpoint(PathBuf);

impl Checkpoint {
    /// The file, which need not be there yet.
    pub const fn new(file: PathBuf) -> Self {
        Self(file)
    }

    /// The position after the last event that was dealt with; the beginning when it is not known.
    pub fn read(&self) -> Position {
        let text = std::fs::read_to_string(&self.0).unwrap_or_default();
        Position(text.trim().parse().unwrap_or(0))
    }

    /// Replaces the position as a whole. Best effort.
    pub fn write(&self, position: Position) {
        replace(&self.0, &position.0.to_string());
    }
}

/// Replaces a file as a whole, so that it is the old one or the new one after a crash. Best effort: what a process
/// keeps in a file it can find again in the log.
pub(crate) fn replace(file: &Path, text: &str) {
    let fresh = file.with_extension("new");
    if std::fs::write(&fresh, text).and_then(|()| std::fs::rename(&fresh, file)).is_err() {
        tracing::warn!(file = %file.display(), "a checkpoint could not be written");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_read_back_and_a_broken_file_means_the_beginning() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("x.position");
        let checkpoint = Checkpoint::new(file.clone());
        assert_eq!(checkpoint.read(), Position(0));
        checkpoint.write(Position(42));
        assert_eq!(Checkpoint::new(file.clone()).read(), Position(42));
        std::fs::write(&file, "4x").unwrap();
        assert_eq!(checkpoint.read(), Position(0));
    }
}
