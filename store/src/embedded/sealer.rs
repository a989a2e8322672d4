//! The second hand of the writer: makes the file of the next segment before it is needed, and writes the index
//! of a full one. Neither holds up a commit.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use super::disk::Disk;
use super::index::{Fault, Live, Sealed, Summary};
use super::segment::{Index, Segment, fill, index_name};
use super::writer::{SPARE, Spare};

/// What is to be done.
pub(super) enum Job {
    /// At leisure, so that commits find the disk free, until somebody waits for it.
    Spare {
        capacity: u64,
        awaited: Arc<AtomicBool>,
        done: SyncSender<Spare>,
    },
    Seal {
        segment: Arc<Segment>,
        next: u64,
        last: u32,
    },
}

/// Between two pieces of half a megabyte: the largest segment is made within two seconds.
const REST: Duration = Duration::from_millis(4);

/// Works until the writer is gone.
pub(super) fn run(disk: &dyn Disk, log: [u8; 16], jobs: &Receiver<Job>) {
    while let Ok(job) = jobs.recv() {
        match job {
            Job::Spare { capacity, awaited, done } => {
                let rest = || {
                    if !awaited.load(Ordering::Relaxed) {
                        std::thread::sleep(REST);
                    }
                };
                let made = fill(disk, SPARE, capacity, rest).map(|file| (file, capacity));
                if made.is_err() {
                    // What there is of it only takes room. The writer tries again when it needs it.
                    let _ = disk.remove(SPARE);
                }
                let _ = done.send(made);
            }
            Job::Seal { segment, next, last } => {
                if let Err(error) = seal(disk, log, &segment, next, last) {
                    tracing::warn!(
                        "the index of a full segment stays in memory until the next start: {error}"
                    );
                }
            }
        }
    }
}

/// Writes the index of a full segment, takes it into use, and cuts off the zeros behind the last frame.
pub(super) fn seal(
    disk: &dyn Disk,
    log: [u8; 16],
    segment: &Segment,
    next: u64,
    last: u32,
) -> io::Result<()> {
    let summary = Summary { log, first: segment.first, next, end: segment.end(), last };
    let name = index_name(segment.first);
    {
        let index = segment.index();
        let Index::Live(live) = &*index else { return Ok(()) };
        Live::seal(live, disk, &name, summary)?;
    }
    let sealed = Sealed::open(disk, &name).map_err(|fault| match fault {
        Fault::Disk(error) => error,
        Fault::Damaged => io::Error::other("it does not read back as it was written"),
    })?;
    *segment.index.write().unwrap_or_else(PoisonError::into_inner) = Index::Sealed(sealed);
    segment.trim()
}
