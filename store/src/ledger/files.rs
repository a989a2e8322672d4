//! Writing files so that a crash at any instant leaves the old one or the new one.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::fault::LedgerError;

/// Replaces a file as a whole, durably.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), LedgerError> {
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(".new");
    let fresh = PathBuf::from(fresh);
    write(&fresh, bytes)?;
    fs::rename(&fresh, path).map_err(LedgerError::io(path))?;
    path.parent().map_or(Ok(()), sync_dir)
}

/// Writes a file that nothing counts on yet. Its bytes are durable, its name is not: see [`sync_names`].
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), LedgerError> {
    let mut file = File::create(path).map_err(LedgerError::io(path))?;
    file.write_all(bytes).and_then(|()| file.sync_data()).map_err(LedgerError::io(path))
}

/// Makes the names of new files survive a power cut, and those of the folders up to `top` that hold them.
pub(crate) fn sync_names(files: impl Iterator<Item = PathBuf>, top: &Path) -> Result<(), LedgerError> {
    let mut dirs = BTreeSet::new();
    for file in files {
        dirs.extend(file.ancestors().skip(1).take_while(|dir| dir.starts_with(top)).map(Path::to_owned));
    }
    // From below: a folder's name is worth nothing before what it holds.
    dirs.iter().rev().try_for_each(|dir| sync_dir(dir))
}

pub(crate) fn sync_dir(dir: &Path) -> Result<(), LedgerError> {
    let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
    // Where folders cannot be opened there is nothing to sync.
    match File::open(dir) {
        Ok(file) => file.sync_all().map_err(LedgerError::io(dir)),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(()),
        Err(error) => Err(LedgerError::io(dir)(error)),
    }
}

/// The file's bytes, `None` when there is no such file.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, LedgerError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(LedgerError::io(path)(error)),
    }
}

pub(crate) fn read_text(path: &Path) -> Result<Option<String>, LedgerError> {
    let not_text = |_| LedgerError::damaged(path, "it is no text");
    read(path)?.map(String::from_utf8).transpose().map_err(not_text)
}

pub(crate) fn make_dir(dir: &Path) -> Result<(), LedgerError> {
    fs::create_dir_all(dir).map_err(LedgerError::io(dir))
}
