//! Checking a log against the ledger beside it and checkpoints from outside.

use std::iter::Peekable;
use std::ops::ControlFlow;
use std::path::Path;

use super::super::checkpoint::{Checkpoints, SignedCheckpoint};
use super::super::export::each_event;
use super::super::fault::LedgerError;
use super::super::hash::Hash;
use super::super::keeper::leaf_of;
use super::super::peaks::Peaks;
use super::super::tiles::Tiles;
use super::super::tree::size_on_disk;
use super::diff::Diff;
use super::{Judge, Outside, Report, Stretch, Trust, count};
use crate::port::{EventLog, Recorded};

/// Reads the whole log and compares it with the ledger in `dir` and with what `trust` brings from outside.
pub async fn verify_log(log: &dyn EventLog, dir: &Path, trust: &Trust) -> Result<Report, LedgerError> {
    let mut report = Report::default();
    let checkpoints = Checkpoints::new(dir);
    let newest = checkpoints.newest()?;
    let recorded = size_on_disk(dir)?;
    let mut judge = Judge::new(trust);
    let mut outside = Vec::new();
    match newest.as_ref().or(trust.outside.first()) {
        Some(known) => outside = Outside::all(trust, &known.checkpoint().origin, &mut report),
        None => report
            .wrong("there is no signed checkpoint, in the ledger or from outside: nothing can be proved."),
    }
    if let Some(newest) = &newest {
        judge.signatures(newest, "The ledger's newest checkpoint", &mut report);
    }
    if let Some(cosigned) = checkpoints.newest_cosigned()? {
        let fits = cosigned.checkpoint().size <= recorded
            && Tiles::new(dir, recorded)
                .root_at(cosigned.checkpoint().size)
                .is_ok_and(|root| root == cosigned.checkpoint().root);
        if fits {
            judge.signatures(&cosigned, "The newest co-signed checkpoint", &mut report);
        } else {
            report.wrong("the co-signed checkpoint in the ledger is not one of its tree.");
        }
    }
    let mut walk = Walk {
        report: &mut report,
        log: Peaks::new(),
        ledger: Peaks::new(),
        tiles: Some(Tiles::new(dir, recorded)),
        recorded,
        signed: checkpoints.all()?.peekable(),
        by_log: Stretch::default(),
        by_ledger: Stretch::default(),
        compared: 0,
        outside: &mut outside,
        diff: Diff::default(),
        buffer: Vec::new(),
    };
    each_event(log, &mut |number, event| walk.event(number, event).map(ControlFlow::Continue)).await?;
    walk.rest()?;
    walk.finish(newest.as_ref());
    for one in &outside {
        judge.signatures(one.signed, "The checkpoint kept outside", &mut report);
    }
    judge.finish(&mut report);
    Ok(report)
}

/// Both trees as far as they have been read.
struct Walk<'a, 'b, S: Iterator<Item = Result<SignedCheckpoint, LedgerError>>> {
    report: &'a mut Report,
    log: Peaks,
    ledger: Peaks,
    /// `None` once they cannot be read.
    tiles: Option<Tiles>,
    recorded: u64,
    signed: Peekable<S>,
    by_log: Stretch,
    by_ledger: Stretch,
    compared: u64,
    outside: &'a mut [Outside<'b>],
    diff: Diff,
    buffer: Vec<u8>,
}

impl<S: Iterator<Item = Result<SignedCheckpoint, LedgerError>>> Walk<'_, '_, S> {
    fn event(&mut self, number: u64, event: &Recorded) -> Result<(), LedgerError> {
        let leaf = leaf_of(event, &mut self.buffer)?;
        self.log.push(leaf);
        let recorded = self.recorded_leaf(number);
        if self.tiles.is_some() {
            self.diff.next((leaf, event), recorded, self.report);
        }
        self.checkpoints(number + 1)?;
        if self.outside.iter().any(|one| one.signed.checkpoint().size == number + 1) {
            Outside::compare(self.outside, number + 1, self.log.root(), self.report);
        }
        Ok(())
    }

    /// What the ledger has beyond the log's end.
    fn rest(&mut self) -> Result<(), LedgerError> {
        let mut wanted = true;
        for number in self.log.size()..self.recorded {
            let Some(leaf) = self.recorded_leaf(number) else { break };
            wanted = wanted && self.diff.rest(leaf);
            self.checkpoints(number + 1)?;
        }
        Ok(())
    }

    fn recorded_leaf(&mut self, number: u64) -> Option<Hash> {
        let tiles = self.tiles.as_mut().filter(|_| number < self.recorded)?;
        match tiles.leaf(number) {
            Ok(leaf) => {
                self.ledger.push(leaf);
                Some(leaf)
            }
            Err(error) => {
                self.report.wrong(format!("{error}."));
                self.tiles = None;
                None
            }
        }
    }

    /// Compares with the ledger's own checkpoints of this size.
    fn checkpoints(&mut self, size: u64) -> Result<(), LedgerError> {
        let due = |one: &Result<SignedCheckpoint, _>| match one {
            Ok(signed) => signed.checkpoint().size <= size,
            Err(_) => true,
        };
        while let Some(signed) = self.signed.next_if(due) {
            let signed = signed?;
            let checkpoint = signed.checkpoint();
            if self.log.size() == checkpoint.size {
                self.by_log.met(checkpoint, self.log.root());
                self.compared += 1;
            }
            if self.ledger.size() == checkpoint.size {
                self.by_ledger.met(checkpoint, self.ledger.root());
            }
        }
        Ok(())
    }

    fn finish(mut self, newest: Option<&SignedCheckpoint>) {
        let (here, recorded) = (self.log.size(), self.recorded);
        if self.tiles.is_some() {
            self.diff.finish(recorded, self.report);
        }
        self.by_log.tell(self.report);
        if let Some(bad) = self.by_ledger.bad {
            self.report.wrong(format!(
                "the ledger's own tree does not fit its checkpoint of {bad} events: the tree was changed as well, \
                 so single events above may be named wrongly."
            ));
        }
        for one in self.outside.iter().filter(|one| !one.compared) {
            let kept = one.signed.checkpoint();
            self.report.wrong(format!(
                "the log was cut short: it has {here} events, and the checkpoint kept outside covers {}. The newest \
                 {} are missing.",
                kept.size,
                kept.size.saturating_sub(here)
            ));
        }
        if let Some(signed) = newest.map(SignedCheckpoint::checkpoint) {
            if signed.size > here {
                self.report.wrong(format!(
                    "the log was cut short: it has {here} events, and its newest checkpoint covers {}.",
                    signed.size
                ));
            }
            let upper = self.tiles.as_mut().map(|tiles| tiles.root_at(signed.size));
            if upper.is_some_and(|root| root.map_or(true, |root| root != signed.root)) {
                self.report.wrong("the upper levels of the ledger's tree do not give the signed root.");
            }
        }
        if self.report.holds() {
            let (events, compared) = (count(here, "event"), count(self.compared, "checkpoint"));
            self.report
                .say(format!("The log has {events}; {compared} of the ledger fit them, and none does not."));
            if let Some(signed) =
                newest.map(|newest| newest.checkpoint().size).filter(|signed| *signed < here)
            {
                self.report.say(format!("The newest {} events are under no checkpoint yet.", here - signed));
            }
        }
    }
}
