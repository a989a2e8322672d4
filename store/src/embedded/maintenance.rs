//! What an operator does with a log: look, check, back up, restore. All of it reads files beside a running
//! server, up to what was answered when it began; none of it takes the lock.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::disk::{Disk, DiskFile, Folder};
use super::frame::{appends, event};
use super::index::{Entry, NameHash, Stretch, name_hash};
use super::reader::{ReadFault, Shared, damaged};
use super::recovery::{Found, Opening, UNFINISHED};
use super::segment::{FRONT_BYTES, Front, Halt, Index, Segment, Walk, index_name, name};
use super::witness::Witness;
use super::{FOLDER, LOCK};
use crate::fault::OpenError;
use crate::port::{Direction, LogError, Position, Revision};
use crate::record::Record;

/// Copied at once.
const PART: usize = 1 << 20;

/// What a log consists of.
#[derive(Clone, Debug, Default)]
pub struct Stat {
    /// Events.
    pub events: u64,
    /// Streams.
    pub streams: u64,
    /// Appends with an idempotency key.
    pub keys: u64,
    /// Segments.
    pub segments: u64,
    /// Bytes that events take, with all that belongs to them.
    pub bytes: u64,
    /// Bytes that the files take, with room for what comes.
    pub on_disk: u64,
    /// When the first event happened, by its writer's clock.
    pub first: Option<Timestamp>,
    /// When the last one happened.
    pub last: Option<Timestamp>,
    /// Number of events and their bytes, by type.
    pub types: BTreeMap<String, (u64, u64)>,
}

/// Walks over all of a log, and answers what it consists of. Everything is looked at: checksums, the chain of
/// frames, the order of positions, each stream's revisions, and whether the indexes say what the segments say.
/// Memory grows with the number of streams (about 50 bytes each).
pub fn check(dir: &Path) -> Result<Stat, OpenError> {
    let folder = dir.join(FOLDER);
    let disk = Folder::read_only(&folder);
    let found = Opening { disk: &disk, path: &folder, read_only: true }.open()?;
    let mut stat = Stat::default();
    let mut streams: HashMap<NameHash, Revision> = HashMap::new();
    let mut next = 1;
    let mut before = 0;
    for segment in found.shared.segments().iter() {
        stat.segments += 1;
        stat.bytes += segment.end();
        stat.on_disk += segment.length();
        let fault = |fault: ReadFault| OpenError::Damaged {
            path: folder.join(name(segment.first)),
            what: match fault.into_log() {
                LogError::Damaged(what) => what,
                other => other.to_string(),
            },
        };
        let mut walk = Walk::whole(segment.file.as_ref(), segment.end());
        while let Some(frame) = walk.next().map_err(|halt| fault(damaged(segment, halt)))? {
            let broken = || fault(damaged(segment, Halt::Broken { at: frame.at }));
            if frame.head.first != next || frame.head.before != before {
                return Err(broken());
            }
            before = frame.head.checksum;
            for append in appends(&frame.body) {
                let append = append.ok_or_else(broken)?;
                stat.keys += u64::from(append.key.is_some());
                for told in append.events() {
                    let (position, place, record) = told.ok_or_else(broken)?;
                    let alone = frame.body.get(place..).and_then(|bytes| event(bytes, true));
                    let hash = name_hash(record.stream);
                    let last = streams.insert(hash, record.revision);
                    let follows = last.map_or(0, |last| last + 1) == record.revision;
                    if position != next
                        || alone.is_none()
                        || !follows
                        || !is_indexed(segment, &hash, position, &record)
                    {
                        return Err(fault(ReadFault::Damaged(format!(
                            "the event at position {position} is not where the log says that it is"
                        ))));
                    }
                    next += 1;
                    count(&mut stat, &record);
                }
            }
        }
        if let Index::Sealed(sealed) = &*segment.index() {
            sealed.check().map_err(|_| {
                fault(ReadFault::Damaged(format!(
                    "the index {} is damaged: delete it, it is made anew at the next start",
                    index_name(segment.first)
                )))
            })?;
        }
    }
    stat.streams = streams.len() as u64;
    Ok(stat)
}

/// Whether the index leads to the event.
fn is_indexed(segment: &Segment, hash: &NameHash, position: u64, record: &Record<'_>) -> bool {
    let stretch = Stretch { from: record.revision, way: Direction::Forwards, max: 1, until: position };
    let entries = segment.index().entries(hash, &stretch).unwrap_or_default();
    entries
        .first()
        .is_some_and(|entry: &Entry| (entry.revision, entry.position) == (record.revision, position))
}

fn count(stat: &mut Stat, record: &Record<'_>) {
    stat.events += 1;
    let at = Timestamp::from_nanosecond(record.nanoseconds.into()).ok();
    stat.first = stat.first.or(at);
    stat.last = at.or(stat.last);
    let length = record.len() as u64;
    if let Some((events, bytes)) = stat.types.get_mut(record.event_type) {
        *events += 1;
        *bytes += length;
    } else {
        stat.types.insert(record.event_type.to_owned(), (1, length));
    }
}

/// What a backup has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackedUp {
    /// The newest event in it.
    pub head: Position,
    /// Bytes that were copied now.
    pub copied: u64,
    /// Segments that an earlier backup in the same place had already.
    pub kept: u64,
}

/// Copies a log, while a server may be writing to it, into `to`: a folder that is opened like any other. What
/// was answered before it began is in it. A folder that holds an earlier backup of the same log is brought up
/// to date: full segments in it are not copied again.
pub fn backup(dir: &Path, to: &Path) -> Result<BackedUp, OpenError> {
    let (from_folder, to_folder) = (dir.join(FOLDER), to.join(FOLDER));
    let from = Folder::read_only(&from_folder);
    let Found { shared, start, answered } =
        Opening { disk: &from, path: &from_folder, read_only: true }.open()?;
    std::fs::create_dir_all(&to_folder).map_err(|error| OpenError::io(to, error))?;
    let io = |error| OpenError::io(&to_folder, error);
    let target = Folder::new(&to_folder);
    let there = target.names().map_err(io)?;
    refuse_another(&target, &to_folder, &there, start.front.log)?;
    // From here until it is finished the folder is no log.
    target.create(UNFINISHED).and_then(|_| target.sync_names()).map_err(io)?;
    let mut done = BackedUp { head: Position(answered.position), copied: 0, kept: 0 };
    let segments = shared.segments();
    for (number, segment) in segments.iter().enumerate() {
        let newest = number + 1 == segments.len();
        let name = name(segment.first);
        let same = !newest && there.contains(&name) && length_of(&target, &name) == Some(segment.end());
        if same {
            done.kept += 1;
            continue;
        }
        // The newest one is as long as it was made, for the log goes on in it.
        let length = if newest { start.front.capacity.max(segment.end()) } else { segment.end() };
        copy(segment, &target, &name, length).map_err(io)?;
        done.copied += segment.end();
    }
    for name in there.iter().filter(|name| is_stale(name, &shared)) {
        target.remove(name).map_err(io)?;
    }
    let witness = Witness::begin(&target, answered).and_then(|witness| witness.sync());
    witness
        .and_then(|()| target.sync_names())
        .and_then(|()| target.remove(UNFINISHED))
        .and_then(|()| target.sync_names())
        .map_err(io)?;
    // What was written is read again before it is called a backup.
    let copy = Opening { disk: &Folder::read_only(&to_folder), path: &to_folder, read_only: true }.open()?;
    if copy.answered.position != answered.position {
        let what = "the copy does not hold what the log holds: make another one".to_owned();
        return Err(OpenError::Damaged { path: to.to_owned(), what });
    }
    Ok(done)
}

/// A folder that holds another log is left alone.
fn refuse_another(target: &Folder, folder: &Path, there: &[String], log: [u8; 16]) -> Result<(), OpenError> {
    for name in there.iter().filter(|name| super::segment::first_of(name).is_some()) {
        let mut bytes = [0; FRONT_BYTES];
        let read = target.open(name).and_then(|file| file.read_at(&mut bytes, 0));
        let front = read.ok().and_then(|read| Front::read(&bytes[..read]));
        if front.is_some_and(|front| front.log != log) {
            let what = "it holds another log: choose an empty folder".to_owned();
            return Err(OpenError::Damaged { path: folder.to_owned(), what });
        }
    }
    Ok(())
}

fn length_of(disk: &dyn Disk, name: &str) -> Option<u64> {
    disk.open(name).and_then(|file| file.length()).ok()
}

/// Indexes are made anew where they are missing; one of a segment that was not full then would be wrong.
fn is_stale(name: &str, shared: &Shared) -> bool {
    let newest = shared.newest().map(|segment| index_name(segment.first));
    newest.as_deref() == Some(name) || name.strip_suffix(".new").is_some()
}

fn copy(segment: &Segment, to: &dyn Disk, name: &str, length: u64) -> io::Result<()> {
    let draft = format!("{name}.new");
    let file: Arc<dyn DiskFile> = to.create(&draft)?;
    let mut part = vec![0; PART];
    let mut at = 0;
    while at < length {
        let wanted = PART.min(usize::try_from(length - at).unwrap_or(PART));
        let there = usize::try_from(segment.end().saturating_sub(at)).unwrap_or(usize::MAX).min(wanted);
        if segment.file.read_at(&mut part[..there], at)? < there {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        part[there..wanted].fill(0);
        file.write_at(&part[..wanted], at)?;
        at += wanted as u64;
    }
    file.sync()?;
    to.rename(&draft, name)
}

/// Puts a backup where there is no log. The backup is checked as a whole before anything is written.
pub fn restore(from: &Path, dir: &Path) -> Result<Stat, OpenError> {
    let folder = dir.join(FOLDER);
    if folder.exists() {
        let what = "there is a log already: move it away first, nothing is overwritten".to_owned();
        return Err(OpenError::Damaged { path: folder, what });
    }
    let stat = check(from)?;
    std::fs::create_dir_all(dir).map_err(|error| OpenError::io(dir, error))?;
    let _lock = super::lock(dir)?;
    // In a folder of its own until everything is there: a stop in the middle leaves no half of a log.
    let draft: PathBuf = dir.join("log.restoring");
    if draft.exists() {
        std::fs::remove_dir_all(&draft).map_err(|error| OpenError::io(&draft, error))?;
    }
    backup(from, &draft)?;
    std::fs::rename(draft.join(FOLDER), &folder).map_err(|error| OpenError::io(&folder, error))?;
    let _ = std::fs::remove_dir(&draft);
    super::sync_names(&folder);
    Ok(stat)
}

/// Whether a server (or another program of ours) has the log open.
pub fn is_in_use(dir: &Path) -> bool {
    dir.join(LOCK).exists() && matches!(super::lock(dir), Err(OpenError::InUse { .. }))
}
