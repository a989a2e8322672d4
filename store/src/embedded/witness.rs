//! The witness: a small file that says how far answers have gone out.
//!
//! It is written after a commit is on the disk and before anybody is told, and synced only when the log
//! closes: so it never says too much, costs no sync, and after a killed process (whose writes the system
//! keeps) it says exactly what was answered. With it a start can tell a write that was torn in the middle
//! from an answered one that is gone. After a power cut it may lag by what the system had not yet written.
//!
//! Two slots of 64 bytes are written in turn, so a torn one leaves the other: position of the newest event
//! (8), position of its segment's first event (8), end of its frame in the segment (8), checksum of that
//! frame (4), checksum of these 28 bytes (4), zeros.

use std::io;
use std::sync::Arc;

use super::disk::{Disk, DiskFile};
use super::frame::{checksum, u32_at, u64_at};

pub(super) const NAME: &str = "log.head";
const SLOT: u64 = 64;

/// What was answered last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Answered {
    pub(super) position: u64,
    pub(super) segment: u64,
    pub(super) end: u64,
    pub(super) frame: u32,
}

impl Answered {
    fn to_bytes(self) -> [u8; 32] {
        let mut out = [0; 32];
        out[..8].copy_from_slice(&self.position.to_le_bytes());
        out[8..16].copy_from_slice(&self.segment.to_le_bytes());
        out[16..24].copy_from_slice(&self.end.to_le_bytes());
        out[24..28].copy_from_slice(&self.frame.to_le_bytes());
        let own = checksum(&out[..28]);
        out[28..].copy_from_slice(&own.to_le_bytes());
        out
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        if u32_at(bytes, 28)? != checksum(bytes.get(..28)?) {
            return None;
        }
        let (position, segment, end) = (u64_at(bytes, 0)?, u64_at(bytes, 8)?, u64_at(bytes, 16)?);
        Some(Self { position, segment, end, frame: u32_at(bytes, 24)? })
    }
}

pub(super) struct Witness {
    file: Arc<dyn DiskFile>,
    turn: u64,
}

impl Witness {
    /// What the file says; `None` when there is none that can be read.
    pub(super) fn ask(disk: &dyn Disk) -> io::Result<Option<Answered>> {
        let file = match disk.open(NAME) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let slots = [0, SLOT].map(|at| {
            let mut bytes = [0; 32];
            match file.read_at(&mut bytes, at) {
                // A slot of zeros was never written; its checksum is not zero.
                Ok(read) => Ok(Answered::read(&bytes[..read])),
                Err(error) => Err(error),
            }
        });
        let [one, two] = slots;
        Ok(one?.into_iter().chain(two?).max_by_key(|said| said.position))
    }

    /// Begins anew with what a start has found, durable once this answers.
    pub(super) fn begin(disk: &dyn Disk, found: Answered) -> io::Result<Self> {
        let draft = format!("{NAME}.new");
        let file = disk.create(&draft)?;
        file.write_at(&found.to_bytes(), 0)?;
        file.sync()?;
        disk.rename(&draft, NAME)?;
        Ok(Self { file, turn: 1 })
    }

    pub(super) fn note(&mut self, answered: Answered) -> io::Result<()> {
        self.file.write_at(&answered.to_bytes(), self.turn * SLOT)?;
        self.turn = 1 - self.turn;
        Ok(())
    }

    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync()
    }
}
