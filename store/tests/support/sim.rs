//! A disk in memory that remembers everything that was done to it: it can show what would be left after a
//! power cut at any moment, and fail whenever it is told to.
//!
//! The model of a power cut: what was written before a file's last successful sync is there. Of what was
//! written after it, each sector of 512 bytes is there or not, whatever its neighbours do. Names that were not
//! synced are there up to some moment since. A file that was cut may still be long.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};

use skranke_store::disk::{Disk, DiskFile};

const SECTOR: u64 = 512;

/// What was done.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Create(String, usize),
    Write(usize, u64, Vec<u8>),
    Sync(usize),
    Cut(usize, u64),
    Rename(String, String),
    Remove(String),
    SyncNames,
    /// Not the disk's: an append was answered, and the newest position was this.
    Answered(u64),
}

impl Op {
    /// A name for the moment before it.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Create(..) => "before create",
            Self::Write(..) => "before write",
            Self::Sync(_) => "before sync",
            Self::Cut(..) => "before cut",
            Self::Rename(..) => "before rename",
            Self::Remove(_) => "before remove",
            Self::SyncNames => "before sync of names",
            Self::Answered(_) => "after sync, before answer",
        }
    }
}

/// How an operation fails.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Failure {
    Io,
    NoSpace,
    /// Half of it is written, then the device fails.
    Short,
    /// Half of it is written, then there is no room.
    ShortNoSpace,
}

#[derive(Clone, Default)]
pub(crate) struct Sim(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    names: BTreeMap<String, usize>,
    files: Vec<Vec<u8>>,
    ops: Vec<Op>,
    /// Operations that can fail, so far.
    tried: usize,
    fail: Option<(usize, Failure)>,
    failed: bool,
}

/// Files as they lie there.
pub(crate) type Image = BTreeMap<String, Vec<u8>>;

impl Sim {
    pub(crate) fn of(image: &Image) -> Self {
        let names = image.keys().cloned().zip(0..).collect();
        let files = image.values().cloned().collect();
        Self(Arc::new(Mutex::new(State { names, files, ..State::default() })))
    }

    /// The operation with this number (of those that change something or read) fails.
    pub(crate) fn fail_at(&self, number: usize, how: Failure) {
        self.0.lock().unwrap().fail = Some((number, how));
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.0.lock().unwrap().failed
    }

    /// How many operations could have failed.
    pub(crate) fn tried(&self) -> usize {
        self.0.lock().unwrap().tried
    }

    pub(crate) fn answered(&self, position: u64) {
        self.0.lock().unwrap().ops.push(Op::Answered(position));
    }

    pub(crate) fn ops(&self) -> Vec<Op> {
        self.0.lock().unwrap().ops.clone()
    }

    /// What a process that starts now finds: everything, for the system kept it.
    pub(crate) fn now(&self) -> Image {
        let state = self.0.lock().unwrap();
        state.names.iter().map(|(name, file)| (name.clone(), state.files[*file].clone())).collect()
    }
}

impl State {
    /// `Err` when it is time to fail.
    fn attempt(&mut self) -> Result<(), Failure> {
        let number = self.tried;
        self.tried += 1;
        match self.fail {
            Some((at, how)) if at == number => {
                self.failed = true;
                Err(how)
            }
            _ => Ok(()),
        }
    }
}

fn error(how: Failure) -> io::Error {
    match how {
        Failure::Io | Failure::Short => io::Error::other("the device failed"),
        Failure::NoSpace | Failure::ShortNoSpace => io::ErrorKind::StorageFull.into(),
    }
}

impl Disk for Sim {
    fn names(&self) -> io::Result<Vec<String>> {
        Ok(self.0.lock().unwrap().names.keys().cloned().collect())
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        let mut state = self.0.lock().unwrap();
        let file = *state.names.get(name).ok_or(io::ErrorKind::NotFound)?;
        state.attempt().map_err(error)?;
        Ok(Arc::new(SimFile { disk: self.clone(), file }))
    }

    fn create(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        let mut state = self.0.lock().unwrap();
        state.attempt().map_err(error)?;
        // A new file each time: whoever has the old one open goes on with that.
        let file = state.files.len();
        state.files.push(Vec::new());
        state.names.insert(name.to_owned(), file);
        state.ops.push(Op::Create(name.to_owned(), file));
        Ok(Arc::new(SimFile { disk: self.clone(), file }))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        state.attempt().map_err(error)?;
        let file = state.names.remove(from).ok_or(io::ErrorKind::NotFound)?;
        state.names.insert(to.to_owned(), file);
        state.ops.push(Op::Rename(from.to_owned(), to.to_owned()));
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        state.attempt().map_err(error)?;
        state.names.remove(name).ok_or(io::ErrorKind::NotFound)?;
        state.ops.push(Op::Remove(name.to_owned()));
        Ok(())
    }

    fn sync_names(&self) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        state.attempt().map_err(error)?;
        state.ops.push(Op::SyncNames);
        Ok(())
    }
}

struct SimFile {
    disk: Sim,
    file: usize,
}

fn put(content: &mut Vec<u8>, at: u64, bytes: &[u8]) {
    let at = usize::try_from(at).unwrap();
    if content.len() < at + bytes.len() {
        content.resize(at + bytes.len(), 0);
    }
    content[at..at + bytes.len()].copy_from_slice(bytes);
}

impl DiskFile for SimFile {
    fn length(&self) -> io::Result<u64> {
        Ok(self.disk.0.lock().unwrap().files[self.file].len() as u64)
    }

    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        let mut state = self.disk.0.lock().unwrap();
        state.attempt().map_err(error)?;
        let content = &state.files[self.file];
        let at = usize::try_from(at).unwrap().min(content.len());
        let read = buffer.len().min(content.len() - at);
        buffer[..read].copy_from_slice(&content[at..at + read]);
        Ok(read)
    }

    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<()> {
        let mut state = self.disk.0.lock().unwrap();
        let outcome = state.attempt();
        let written = match outcome {
            Ok(()) => bytes.len(),
            Err(Failure::Io | Failure::NoSpace) => 0,
            Err(Failure::Short | Failure::ShortNoSpace) => bytes.len() / 2,
        };
        put(&mut state.files[self.file], at, &bytes[..written]);
        state.ops.push(Op::Write(self.file, at, bytes[..written].to_vec()));
        outcome.map_err(error)
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.disk.0.lock().unwrap();
        state.attempt().map_err(error)?;
        state.ops.push(Op::Sync(self.file));
        Ok(())
    }

    fn cut(&self, length: u64) -> io::Result<()> {
        let mut state = self.disk.0.lock().unwrap();
        state.attempt().map_err(error)?;
        state.files[self.file].resize(usize::try_from(length).unwrap(), 0);
        state.ops.push(Op::Cut(self.file, length));
        Ok(())
    }
}

/// What becomes of writes that were not synced.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Loss {
    /// None of them is there.
    Everything,
    /// All are there, as after a killed process.
    Nothing,
    /// Of the last one only the beginning is there, and all before it.
    Torn,
    /// Each sector is there or not.
    Sectors,
}

/// Rolls dice that fall the same way each time.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        // SplitMix64; see Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }
}

/// What lies on the disk after the power went before operation number `moment`. `before` is what lay there
/// before the first one.
pub(crate) fn after_power_cut(
    before: &Image,
    ops: &[Op],
    moment: usize,
    loss: Loss,
    dice: &mut Dice,
) -> Image {
    let mut files: Vec<Vec<u8>> = before.values().cloned().collect();
    let mut names: BTreeMap<String, usize> = before.keys().cloned().zip(0..).collect();
    let done = &ops[..moment];
    // Names: all that was synced, and of the rest some beginning.
    let synced = done.iter().rposition(|op| matches!(op, Op::SyncNames)).map_or(0, |last| last + 1);
    let since = done[synced..].iter().filter(|op| is_name(op)).count() as u64;
    let mut kept = match loss {
        Loss::Nothing => since,
        Loss::Everything => 0,
        Loss::Torn | Loss::Sectors => dice.roll(since + 1),
    };
    for (number, op) in done.iter().enumerate() {
        if is_name(op) && number >= synced {
            if kept == 0 {
                // The file exists all the same; nobody finds it.
                if let Op::Create(_, file) = op {
                    files.resize(files.len().max(file + 1), Vec::new());
                }
                continue;
            }
            kept -= 1;
        }
        match op {
            Op::Create(name, file) => {
                files.resize(files.len().max(file + 1), Vec::new());
                names.insert(name.clone(), *file);
            }
            Op::Rename(from, to) => {
                if let Some(file) = names.remove(from) {
                    names.insert(to.clone(), file);
                }
            }
            Op::Remove(name) => {
                names.remove(name);
            }
            Op::Write(..) | Op::Sync(_) | Op::Cut(..) | Op::SyncNames | Op::Answered(_) => {}
        }
    }
    for (number, content) in files.iter_mut().enumerate() {
        let synced = done.iter().rposition(|op| matches!(op, Op::Sync(file) if *file == number)).unwrap_or(0);
        let last = done.iter().rposition(|op| matches!(op, Op::Write(file, ..) if *file == number));
        for (moment, op) in done.iter().enumerate() {
            let safe = moment < synced;
            match op {
                Op::Write(file, at, bytes) if *file == number => {
                    keep(
                        content,
                        *at,
                        bytes,
                        if safe { Loss::Nothing } else { loss },
                        Some(moment) == last,
                        dice,
                    );
                }
                Op::Cut(file, length)
                    if *file == number && (safe || matches!(loss, Loss::Nothing) || dice.roll(2) == 0) =>
                {
                    content.resize(usize::try_from(*length).unwrap(), 0);
                }
                _ => {}
            }
        }
    }
    names.into_iter().map(|(name, file)| (name, files[file].clone())).collect()
}

const fn is_name(op: &Op) -> bool {
    matches!(op, Op::Create(..) | Op::Rename(..) | Op::Remove(_))
}

fn keep(content: &mut Vec<u8>, at: u64, bytes: &[u8], loss: Loss, last: bool, dice: &mut Dice) {
    match loss {
        Loss::Everything => {}
        Loss::Nothing => put(content, at, bytes),
        Loss::Torn => {
            let length = if last { dice.roll(bytes.len() as u64 + 1) } else { bytes.len() as u64 };
            put(content, at, &bytes[..usize::try_from(length).unwrap()]);
        }
        Loss::Sectors => {
            let mut from = 0;
            while from < bytes.len() {
                let place = at + from as u64;
                let to_edge = usize::try_from(SECTOR - place % SECTOR).unwrap();
                let part = to_edge.min(bytes.len() - from);
                if dice.roll(2) == 0 {
                    put(content, place, &bytes[from..from + part]);
                }
                from += part;
            }
        }
    }
}
