//! Checkpoints (C2SP tlog-checkpoint): what a log says about its tree, signed; and the files they are kept in.

use std::fmt;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use jiff::civil::Date;

use super::fault::LedgerError;
use super::files;
use super::hash::Hash;
use super::note::{BadNote, DASH, Note, SigningKey};

/// The state of a log: how many events it has, and the root of the tree over them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name.
    pub origin: String,
    /// How many events.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Hash,
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, self.root)
    }
}

impl FromStr for Checkpoint {
    type Err = BadNote;

    fn from_str(text: &str) -> Result<Self, BadNote> {
        let lines: Option<Vec<_>> = text.strip_suffix('\n').map(|text| text.split('\n').collect());
        // Lines after the third are extensions, which say nothing to us.
        let Some([origin, size, root, extensions @ ..]) = lines.as_deref() else {
            return Err(BadNote::NotACheckpoint);
        };
        let number = size.parse::<u64>().ok().filter(|number| number.to_string() == *size);
        match (number, Hash::from_base64(root)) {
            (Some(size), Some(root))
                if !origin.is_empty() && extensions.iter().all(|line| !line.is_empty()) =>
            {
                Ok(Self { origin: (*origin).to_owned(), size, root })
            }
            _ => Err(BadNote::NotACheckpoint),
        }
    }
}

/// A checkpoint with the signatures on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    /// The note it was read from, for its signatures.
    pub note: Note,
}

impl SignedCheckpoint {
    /// Signs as the log.
    pub fn sign(checkpoint: Checkpoint, key: &SigningKey) -> Result<Self, BadNote> {
        let mut note = Note::new(checkpoint.to_string());
        note.sign(key)?;
        Ok(Self { checkpoint, note })
    }

    /// What is signed.
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Reads checkpoints that stand one after another in a file; `Err` when one of them is none.
    pub fn many(text: &str) -> Result<Vec<Self>, BadNote> {
        let mut found = Vec::new();
        let (mut start, mut signed, mut at) = (0, false, 0);
        for line in text.split_inclusive('\n') {
            let signature = line.starts_with(DASH);
            if signed && !signature {
                found.push(text[start..at].trim_start_matches('\n').parse()?);
                start = at;
            }
            signed = signature;
            at += line.len();
        }
        let rest = text[start..].trim_start_matches('\n');
        if !rest.is_empty() {
            found.push(rest.parse()?);
        }
        Ok(found)
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note.fmt(f)
    }
}

impl FromStr for SignedCheckpoint {
    type Err = BadNote;

    fn from_str(text: &str) -> Result<Self, BadNote> {
        let note: Note = text.parse()?;
        Ok(Self { checkpoint: note.text().parse()?, note })
    }
}

/// The checkpoints that a log has signed: `checkpoint` is the newest, `checkpoints/DATE` has all of a day (UTC)
/// one after another, `cosigned/SIZE` those that came back from witnesses.
#[derive(Clone, Debug)]
pub struct Checkpoints {
    dir: PathBuf,
}

impl Checkpoints {
    /// Those in the ledger folder `dir`.
    pub fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    /// Keeps a newly signed checkpoint.
    pub(crate) fn add(&self, signed: &SignedCheckpoint, day: Date) -> Result<(), LedgerError> {
        let path = self.dir.join("checkpoints").join(day.to_string());
        files::make_dir(&self.dir.join("checkpoints"))?;
        // A crash may have left half a checkpoint at the end of the day's file.
        let whole = files::read(&path)?.map_or(0, |bytes| whole(&bytes));
        let mut file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(LedgerError::io(&path))?;
        file.set_len(whole as u64)
            .and_then(|()| std::io::Seek::seek(&mut file, std::io::SeekFrom::End(0)))
            .and_then(|_| file.write_all(format!("{signed}\n").as_bytes()))
            .and_then(|()| file.sync_all())
            .map_err(LedgerError::io(&path))?;
        files::sync_names(std::iter::once(path), &self.dir)?;
        files::replace(&self.newest_file(), signed.to_string().as_bytes())
    }

    /// The newest one that was signed, also when a crash came between its two files.
    pub fn newest(&self) -> Result<Option<SignedCheckpoint>, LedgerError> {
        let path = self.newest_file();
        let named = match files::read_text(&path)? {
            Some(text) => Some(text.parse().map_err(|_| LedgerError::damaged(&path, "it is no checkpoint"))?),
            None => None,
        };
        let last = match self.days()?.last() {
            Some(day) => self.of_day(day)?.pop(),
            None => None,
        };
        Ok(named.into_iter().chain(last).max_by_key(|signed: &SignedCheckpoint| signed.checkpoint.size))
    }

    /// Every one, oldest first, a day at a time.
    pub fn all(
        &self,
    ) -> Result<impl Iterator<Item = Result<SignedCheckpoint, LedgerError>> + use<>, LedgerError> {
        let (days, this) = (self.days()?, self.clone());
        Ok(days.into_iter().flat_map(move |day| match this.of_day(&day) {
            Ok(found) => found.into_iter().map(Ok).collect(),
            Err(error) => vec![Err(error)],
        }))
    }

    /// Takes in a checkpoint that others have signed too. It must be one of ours: the caller checks.
    pub(crate) fn add_cosigned(&self, signed: &SignedCheckpoint) -> Result<(), LedgerError> {
        let path = self.dir.join("cosigned").join(signed.checkpoint.size.to_string());
        files::make_dir(&self.dir.join("cosigned"))?;
        let mut note = signed.note.clone();
        if let Some(text) = files::read_text(&path)? {
            let kept: SignedCheckpoint =
                text.parse().map_err(|_| LedgerError::damaged(&path, "it is no checkpoint"))?;
            if kept.note.text() != note.text() {
                return Err(LedgerError::Contradicted { size: signed.checkpoint.size });
            }
            note.merge(&kept.note);
        }
        files::replace(&path, note.to_string().as_bytes())
    }

    /// The newest one that came back from witnesses.
    pub fn newest_cosigned(&self) -> Result<Option<SignedCheckpoint>, LedgerError> {
        let dir = self.dir.join("cosigned");
        let Some(size) = names(&dir)?.into_iter().filter_map(|name| name.parse::<u64>().ok()).max() else {
            return Ok(None);
        };
        let path = dir.join(size.to_string());
        let text = files::read_text(&path)?.unwrap_or_default();
        text.parse().map(Some).map_err(|_| LedgerError::damaged(&path, "it is no checkpoint"))
    }

    fn newest_file(&self) -> PathBuf {
        self.dir.join("checkpoint")
    }

    fn days(&self) -> Result<Vec<String>, LedgerError> {
        let mut days = names(&self.dir.join("checkpoints"))?;
        days.retain(|name| name.parse::<Date>().is_ok());
        days.sort_unstable();
        Ok(days)
    }

    fn of_day(&self, day: &str) -> Result<Vec<SignedCheckpoint>, LedgerError> {
        let path = self.dir.join("checkpoints").join(day);
        let mut bytes = files::read(&path)?.unwrap_or_default();
        bytes.truncate(whole(&bytes));
        let text = String::from_utf8(bytes).map_err(|_| LedgerError::damaged(&path, "it is no text"))?;
        SignedCheckpoint::many(&text)
            .map_err(|_| LedgerError::damaged(&path, "it holds what is no checkpoint"))
    }
}

/// How many bytes of a day's file are whole checkpoints: each ends with a signature line and an empty one.
fn whole(bytes: &[u8]) -> usize {
    let ends = bytes.windows(2).enumerate().rev().filter(|(_, two)| *two == b"\n\n");
    let signed = |end: usize| {
        let line = bytes[..end].rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
        line.starts_with(DASH.as_bytes())
    };
    ends.map(|(end, _)| end).find(|end| signed(*end)).map_or(0, |end| end + 2)
}

fn names(dir: &Path) -> Result<Vec<String>, LedgerError> {
    match fs::read_dir(dir) {
        Ok(entries) => entries
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect::<std::io::Result<_>>()
            .map_err(LedgerError::io(dir)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(LedgerError::io(dir)(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::note::KeyKind;
    use super::*;

    fn signed(size: u64) -> SignedCheckpoint {
        let (key, _) = SigningKey::generate("example.dk/log", KeyKind::Log).unwrap();
        let root = Hash::leaf(&size.to_be_bytes());
        SignedCheckpoint::sign(Checkpoint { origin: "example.dk/log".into(), size, root }, &key).unwrap()
    }

    #[test]
    fn the_example_of_the_specification_is_read_and_written_back() {
        let note = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
            — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
            — witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";
        let read: SignedCheckpoint = note.parse().unwrap();
        assert_eq!(
            (read.checkpoint().origin.as_str(), read.checkpoint().size),
            ("example.com/behind-the-sofa", 20_852_163)
        );
        assert_eq!(read.to_string(), note);
        for bad in [
            "a\n1\n",
            "a\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
            "a\n1\nAAAA\n",
            "\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        ] {
            assert_eq!(bad.parse::<Checkpoint>(), Err(BadNote::NotACheckpoint), "{bad:?}");
        }
    }

    #[test]
    fn a_torn_checkpoint_at_the_end_of_a_day_is_cut_off_and_the_next_one_follows_the_last_whole_one() {
        let dir = tempfile::tempdir().unwrap();
        let checkpoints = Checkpoints::new(dir.path());
        let day = jiff::civil::date(2026, 11, 22);
        let (one, two, three) = (signed(1), signed(2), signed(3));
        checkpoints.add(&one, day).unwrap();
        let file = dir.path().join("checkpoints/2026-11-22");
        let before = fs::read(&file).unwrap();
        checkpoints.add(&two, day).unwrap();
        let after = fs::read(&file).unwrap();
        for cut in before.len()..after.len() {
            fs::write(&file, &after[..cut]).unwrap();
            fs::write(dir.path().join("checkpoint"), one.to_string()).unwrap();
            assert_eq!(checkpoints.newest().unwrap(), Some(one.clone()), "{cut}");
            checkpoints.add(&three, day).unwrap();
            let all: Vec<_> = checkpoints.all().unwrap().map(Result::unwrap).collect();
            assert_eq!(all, [one.clone(), three.clone()], "{cut}");
        }
        fs::write(&file, &after).unwrap();
        fs::write(dir.path().join("checkpoint"), one.to_string()).unwrap();
        assert_eq!(
            checkpoints.newest().unwrap(),
            Some(two),
            "signed and kept, though not named the newest yet"
        );
    }

    #[test]
    fn cosignatures_of_one_checkpoint_are_gathered() {
        let dir = tempfile::tempdir().unwrap();
        let checkpoints = Checkpoints::new(dir.path());
        let mut first = signed(7);
        let mut second = first.clone();
        let witnesses = [1, 2].map(|n| SigningKey::generate(&format!("w{n}"), KeyKind::Witness).unwrap().0);
        first.note.cosign(&witnesses[0], 10).unwrap();
        second.note.cosign(&witnesses[1], 20).unwrap();
        checkpoints.add_cosigned(&first).unwrap();
        checkpoints.add_cosigned(&second).unwrap();
        let kept = checkpoints.newest_cosigned().unwrap().unwrap();
        let times = witnesses.map(|witness| kept.note.verify(witness.verifier()).unwrap());
        assert_eq!(times, [Some(10), Some(20)]);
        let other = Checkpoint { root: Hash::empty(), ..first.checkpoint().clone() };
        let (key, _) = SigningKey::generate("example.dk/log", KeyKind::Log).unwrap();
        let refused = checkpoints.add_cosigned(&SignedCheckpoint::sign(other, &key).unwrap());
        assert!(matches!(refused, Err(LedgerError::Contradicted { size: 7 })));
    }
}
