//! The little that the log asks of a disk, so that a test can put another one in its place: one that fails,
//! forgets what was not synced, or tears a write in two.
//!
//! Invariants that the log relies on: what was written before a `sync` that succeeded is there after a power
//! cut; a `rename` is done as a whole or not at all, and is there after a power cut once `sync_names`
//! succeeded; a write may be torn at any byte until it is synced.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A folder of files.
pub trait Disk: Send + Sync {
    /// The names of the files that are there.
    fn names(&self) -> io::Result<Vec<String>>;
    /// Opens a file that is there, for reading and (unless the disk is read-only) writing.
    fn open(&self, name: &str) -> io::Result<Arc<dyn DiskFile>>;
    /// Makes an empty file, in the place of one of that name if there is one.
    fn create(&self, name: &str) -> io::Result<Arc<dyn DiskFile>>;
    /// Gives a file another name, in the place of one of that name if there is one.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, name: &str) -> io::Result<()>;
    /// Makes the names survive a power cut.
    fn sync_names(&self) -> io::Result<()>;
}

/// A file.
pub trait DiskFile: Send + Sync {
    /// Its length in bytes.
    fn length(&self) -> io::Result<u64>;
    /// Fills `buffer` from a place on; less only where the file ends. Answers how much.
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize>;
    /// Writes all of `bytes` at a place.
    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<()>;
    /// Makes what was written survive a power cut.
    fn sync(&self) -> io::Result<()>;
    /// Cuts the file off.
    fn cut(&self, length: u64) -> io::Result<()>;
}

/// A real folder.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    writable: bool,
}

impl Folder {
    /// A folder that is there, for reading and writing.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), writable: true }
    }

    /// A folder of which nothing is to be changed.
    pub fn read_only(path: &Path) -> Self {
        Self { path: path.to_owned(), writable: false }
    }
}

impl Disk for Folder {
    fn names(&self) -> io::Result<Vec<String>> {
        let names = std::fs::read_dir(&self.path)?.map(|entry| Ok(entry?.file_name().into_string().ok()));
        names.filter_map(Result::transpose).collect()
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        let file = OpenOptions::new().read(true).write(self.writable).open(self.path.join(name))?;
        Ok(Arc::new(RealFile(file)))
    }

    fn create(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(true).open(self.path.join(name))?;
        Ok(Arc::new(RealFile(file)))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        std::fs::rename(self.path.join(from), self.path.join(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        std::fs::remove_file(self.path.join(name))
    }

    fn sync_names(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }
}

struct RealFile(File);

impl DiskFile for RealFile {
    fn length(&self) -> io::Result<u64> {
        self.0.metadata().map(|metadata| metadata.len())
    }

    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.0.read_at(&mut buffer[filled..], at + filled as u64) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }

    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<()> {
        self.0.write_all_at(bytes, at)
    }

    fn sync(&self) -> io::Result<()> {
        // The length counts as data: a read needs it.
        self.0.sync_data()
    }

    fn cut(&self, length: u64) -> io::Result<()> {
        self.0.set_len(length)
    }
}

/// Reads exactly so many bytes.
pub(super) fn read_exact(file: &dyn DiskFile, length: usize, at: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    if file.read_at(&mut bytes, at)? < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(bytes)
}
