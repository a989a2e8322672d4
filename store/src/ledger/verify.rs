//! Checking a history against what somebody outside trusts: keys, witnesses, and checkpoints kept elsewhere.
//!
//! [`verify_pack`] checks a pack with nothing but the file; [`verify_log`] checks a log and the ledger beside
//! it. Both stream: memory does not grow with the number of events.

mod audits;
mod diff;
mod log;
mod pack;

pub use log::verify_log;
pub use pack::verify_pack;

use jiff::Timestamp;

use super::checkpoint::{Checkpoint, SignedCheckpoint};
use super::hash::Hash;
use super::note::{BadNote, VerifierKey};

/// The most faults that are told one by one.
const TOLD: usize = 20;

/// What the one who verifies brings along.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// Keys of the log. One of them must have signed.
    pub keys: Vec<VerifierKey>,
    /// Keys of witnesses.
    pub witnesses: Vec<VerifierKey>,
    /// How many of the witnesses must have co-signed.
    pub require: usize,
    /// Checkpoints that were kept outside.
    pub outside: Vec<SignedCheckpoint>,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What was checked and holds, or cannot be told, in sentences.
    pub checked: Vec<String>,
    /// What is wrong, in sentences; the first ones of them.
    pub faults: Vec<String>,
    /// How many more faults there are.
    pub more: u64,
    /// The checkpoint that a pack was measured against.
    pub anchor: Option<Checkpoint>,
}

impl Report {
    /// Whether everything that was looked at holds.
    pub fn holds(&self) -> bool {
        self.faults.is_empty()
    }

    fn say(&mut self, text: impl Into<String>) {
        self.checked.push(plain(text.into()));
    }

    fn wrong(&mut self, text: impl Into<String>) {
        if self.faults.len() < TOLD { self.faults.push(plain(text.into())) } else { self.more += 1 }
    }
}

/// A name from a forged file must not steer the terminal it is shown on.
fn plain(text: String) -> String {
    if text.contains(char::is_control) { text.replace(char::is_control, "\u{fffd}") } else { text }
}

/// So many of a thing, in words.
fn count(number: u64, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

/// Checks signatures and counts witnesses as checkpoints are met.
struct Judge<'a> {
    trust: &'a Trust,
    /// The most co-signatures met on one checkpoint that belongs to the history, and its size.
    witnessed: (usize, u64),
}

impl<'a> Judge<'a> {
    const fn new(trust: &'a Trust) -> Self {
        Self { trust, witnessed: (0, 0) }
    }

    /// Which of the given keys signed it; `None` when none was given.
    fn signed_by_the_log(&self, signed: &SignedCheckpoint) -> Result<Option<&'a VerifierKey>, String> {
        let mut found = None;
        for key in &self.trust.keys {
            match signed.note.verify(key) {
                Ok(_) => found = found.or(Some(key)),
                Err(BadNote::NotSigned(_)) => {}
                Err(error) => return Err(format!("is forged: {error}")),
            }
        }
        match found {
            None if !self.trust.keys.is_empty() => Err("is not signed by any of the given keys".to_owned()),
            key => Ok(key),
        }
    }

    /// Looks at the signatures on a checkpoint that is called `what` in the report.
    fn signatures(&mut self, signed: &SignedCheckpoint, what: &str, report: &mut Report) {
        let size = signed.checkpoint().size;
        match self.signed_by_the_log(signed) {
            Ok(Some(key)) => report.say(format!("{what} ({size} events) is signed by {key}.")),
            Ok(None) => {
                report.say(format!(
                    "{what} ({size} events): no key was given, so its signature was not checked."
                ));
            }
            Err(fault) => return report.wrong(format!("{what} ({size} events) {fault}.")),
        }
        let mut count = 0;
        for witness in &self.trust.witnesses {
            match signed.note.verify(witness) {
                Ok(at) => {
                    let at = at.and_then(|at| Timestamp::from_second(i64::try_from(at).ok()?).ok());
                    let at = at.map_or_else(|| "an unknown time".to_owned(), |at| at.to_string());
                    report
                        .say(format!("{what} ({size} events) was co-signed by {} at {at}.", witness.name()));
                    count += 1;
                }
                Err(BadNote::NotSigned(_)) => {}
                Err(error) => report.wrong(format!("{what} ({size} events): {error}.")),
            }
        }
        self.witnessed = self.witnessed.max((count, size));
    }

    fn finish(&self, report: &mut Report) {
        let (count, size) = self.witnessed;
        if count < self.trust.require {
            report.wrong(format!(
                "{} co-signatures are required, and no checkpoint here has more than {count}.",
                self.trust.require
            ));
        } else if self.trust.require > 0 {
            report.say(format!(
                "The history up to {size} events was co-signed by {count} of the {} given witnesses.",
                self.trust.witnesses.len()
            ));
        }
    }
}

/// A checkpoint from outside, and whether it was compared yet.
struct Outside<'a> {
    signed: &'a SignedCheckpoint,
    compared: bool,
}

impl<'a> Outside<'a> {
    fn all(trust: &'a Trust, origin: &str, report: &mut Report) -> Vec<Self> {
        let mut all = Vec::new();
        for signed in &trust.outside {
            if signed.checkpoint().origin == origin {
                all.push(Self { signed, compared: false });
            } else {
                let other = &signed.checkpoint().origin;
                report.wrong(format!("a checkpoint kept outside is of another log: {other}, not {origin}."));
            }
        }
        // Every log continues the empty one.
        Self::compare(&mut all, 0, Hash::empty(), report);
        all
    }

    /// Compares those of this size with the root that was computed.
    fn compare(all: &mut [Self], size: u64, root: Hash, report: &mut Report) {
        for one in all.iter_mut().filter(|one| !one.compared && one.signed.checkpoint().size == size) {
            one.compared = true;
            if one.signed.checkpoint().root == root {
                report.say(format!("The first {size} events are those of the checkpoint kept outside."));
            } else {
                report.wrong(format!(
                    "the first {size} events are not those of the checkpoint kept outside ({size} events): among \
                     them events were changed, removed, inserted or moved."
                ));
            }
        }
    }
}

/// The stretch of events in which the first wrong one must be, as far as checkpoints tell.
#[derive(Default)]
struct Stretch {
    good: u64,
    bad: Option<u64>,
}

impl Stretch {
    fn met(&mut self, checkpoint: &Checkpoint, root: Hash) {
        if checkpoint.root == root {
            self.good = self.good.max(checkpoint.size);
        } else {
            self.failed(checkpoint.size);
        }
    }

    /// The first so many events are not the signed ones.
    fn failed(&mut self, size: u64) {
        self.bad = self.bad.or(Some(size));
    }

    fn tell(&self, report: &mut Report) {
        if let Some(bad) = self.bad {
            let (first, last) = (self.good, bad.saturating_sub(1));
            report.wrong(format!(
                "the first difference is among the events {first} to {last}: the checkpoint of {bad} events does \
                 not fit, and up to event {first} (exclusive) all do."
            ));
        }
    }
}
