//! Checking a pack.

use std::collections::BTreeMap;
use std::io::Read;

use super::super::checkpoint::SignedCheckpoint;
use super::super::hash::Hash;
use super::super::pack::{Header, PackReader, Section, Shape, Unreadable};
use super::super::peaks::Peaks;
use super::super::proof::{proves_consistency, proves_inclusion};
use super::audits::Audits;
use super::{Judge, Outside, Report, Stretch, Trust, count};
use crate::record::Record;

/// Checks a pack. Whatever is wrong with the file itself is in the report too.
pub fn verify_pack(input: impl Read, trust: &Trust) -> Report {
    let mut report = Report::default();
    if let Err(unreadable) = read(input, trust, &mut report) {
        report.wrong(format!("{unreadable}."));
    }
    report
}

fn read(input: impl Read, trust: &Trust, report: &mut Report) -> Result<(), Unreadable> {
    let mut pack = PackReader::open(input)?;
    let Some(Section::Header(header)) = pack.next()? else { return Err(Unreadable::NotAPack) };
    let Some(Section::Checkpoint(anchor)) = pack.next()? else { return Err(Unreadable::NotAPack) };
    report.anchor = Some(anchor.checkpoint().clone());
    let mut check = Check::new(&header, &anchor, trust, report);
    let mut ended = None;
    while let Some(section) = pack.next()? {
        if ended.is_some() {
            check.report.wrong("something follows the end of the pack.");
            break;
        }
        match section {
            Section::Header(_) => check.report.wrong("the pack has two headers."),
            Section::Checkpoint(signed) => check.checkpoint(&signed),
            Section::Peaks(peaks) => check.peaks(peaks),
            Section::Event { number, position, leaf, record } => check.event(number, position, leaf, record),
            Section::Inclusion(proof) => check.inclusion(&proof),
            Section::Consistency { old, new, proof } => check.consistency(old, new, &proof),
            Section::End(events) => ended = Some(events),
        }
    }
    check.finish(ended);
    Ok(())
}

struct Check<'a> {
    header: &'a Header,
    anchor: &'a SignedCheckpoint,
    judge: Judge<'a>,
    outside: Vec<Outside<'a>>,
    report: &'a mut Report,
    /// The tree over the events so far; for chosen events it stays empty.
    tree: Peaks,
    stretch: Stretch,
    events: u64,
    /// The number that comes next in a span; the lowest that may come among chosen events.
    next: u64,
    /// The revision that comes next of each stream that the pack is of.
    next_revisions: BTreeMap<&'a str, u64>,
    /// An event that waits for its proof: number, what it is, its hash.
    waiting: Option<(u64, String, Hash)>,
    /// What an auditor did, in a pack of chosen events.
    audits: Audits,
    /// The end of the span was shown to be part of the anchor's tree.
    joined: bool,
    edited: bool,
}

impl<'a> Check<'a> {
    fn new(
        header: &'a Header,
        anchor: &'a SignedCheckpoint,
        trust: &'a Trust,
        report: &'a mut Report,
    ) -> Self {
        let mut judge = Judge::new(trust);
        if anchor.checkpoint().origin != header.origin {
            report.wrong("the pack's checkpoint is of another log than the pack says.");
        }
        judge.signatures(anchor, "The pack's checkpoint", report);
        let mut outside = Outside::all(trust, &anchor.checkpoint().origin, report);
        Outside::compare(&mut outside, anchor.checkpoint().size, anchor.checkpoint().root, report);
        let (next, joined) = match header.shape {
            Shape::Span { from, .. } => (from, false),
            Shape::Chosen => (0, true),
        };
        Self {
            header,
            anchor,
            judge,
            outside,
            report,
            tree: Peaks::new(),
            stretch: Stretch::default(),
            events: 0,
            next,
            next_revisions: header.all_streams().map(|stream| (stream, 0)).collect(),
            waiting: None,
            audits: Audits::default(),
            joined,
            edited: false,
        }
    }

    fn peaks(&mut self, peaks: Vec<Hash>) {
        let Shape::Span { from, .. } = self.header.shape else { return };
        match Peaks::try_new(from, peaks).filter(|_| self.events == 0) {
            // Whether they are the right ones shows in the root.
            Some(peaks) => {
                self.tree = peaks;
                self.stretch.good = from;
            }
            None => self.report.wrong("the part of the tree before the first event cannot be used."),
        }
    }

    fn event(&mut self, number: u64, position: u64, listed: Hash, record: &[u8]) {
        self.unproved();
        self.events += 1;
        let leaf = Hash::leaf(record);
        let read = Record::read(record);
        // Words cost more than hashes: they are made only when something is to be said.
        let what = || match &read {
            Some(read) => format!(
                "event {number} ({} of stream {}, revision {}, position {position})",
                read.event_type, read.stream, read.revision
            ),
            None => format!("event {number} (position {position})"),
        };
        if let Some(expected) = self.misplaced(number) {
            self.report.wrong(format!("{} stands where event {expected} belongs.", what()));
        }
        if read.is_none() {
            self.report.wrong(format!("{} is not laid out as an event.", what()));
        }
        if leaf != listed {
            self.edited = true;
            self.report.wrong(format!(
                "{} was changed: its bytes do not have the hash that stands with them.",
                what()
            ));
        }
        match self.header.shape {
            Shape::Span { .. } => {
                self.tree.push(listed);
                let (size, root) = (self.tree.size(), self.tree.root_if(&self.outside));
                if let Some(root) = root {
                    Outside::compare(&mut self.outside, size, root, self.report);
                }
            }
            Shape::Chosen => {
                if let Some(read) = read.as_ref().filter(|_| !self.next_revisions.is_empty()) {
                    match self.next_revisions.get_mut(read.stream) {
                        None => self.report.wrong(format!("{} is not of the pack's stream.", what())),
                        Some(next) => {
                            let missing = *next;
                            *next = read.revision.saturating_add(1);
                            if read.revision != missing {
                                self.report.wrong(format!(
                                    "{}: revision {missing} of its stream should stand there.",
                                    what()
                                ));
                            }
                        }
                    }
                }
                if let Some(read) = &read {
                    self.audits.take(read);
                }
                self.waiting = Some((number, what(), leaf));
            }
        }
        self.next = number.saturating_add(1);
    }

    /// The number that should have come instead.
    fn misplaced(&self, number: u64) -> Option<u64> {
        let wrong = match self.header.shape {
            Shape::Span { .. } => number != self.next,
            Shape::Chosen => number < self.next,
        };
        wrong.then_some(self.next)
    }

    fn inclusion(&mut self, proof: &[Hash]) {
        let Some((number, what, leaf)) = self.waiting.take() else {
            return self.report.wrong("a proof stands in the pack without its event.");
        };
        let anchor = self.anchor.checkpoint();
        if !proves_inclusion(leaf, number, anchor.size, anchor.root, proof) {
            self.report.wrong(format!("{what} is not event {number} of the signed log."));
        }
    }

    fn unproved(&mut self) {
        if let Some((_, what, _)) = self.waiting.take() {
            self.report.wrong(format!("{what} has no proof."));
        }
    }

    fn checkpoint(&mut self, signed: &SignedCheckpoint) {
        let checkpoint = signed.checkpoint();
        if checkpoint.size != self.tree.size() || checkpoint.origin != self.anchor.checkpoint().origin {
            return self
                .report
                .wrong(format!("a checkpoint of {} events stands in the wrong place.", checkpoint.size));
        }
        if let Err(fault) = self.judge.signed_by_the_log(signed) {
            self.report.wrong(format!("the checkpoint of {} events {fault}.", checkpoint.size));
        }
        self.stretch.met(checkpoint, self.tree.root());
    }

    fn consistency(&mut self, old: u64, new: u64, proof: &[Hash]) {
        let anchor = self.anchor.checkpoint();
        if new != anchor.size {
            return self.report.wrong("a consistency proof leads to another checkpoint than the pack's.");
        }
        let continues = |root| proves_consistency((old, root), (new, anchor.root), proof);
        if let Shape::Span { to, .. } = self.header.shape
            && to == old
            && self.tree.size() == to
        {
            self.joined = continues(self.tree.root());
        }
        for one in self.outside.iter_mut().filter(|one| !one.compared && one.signed.checkpoint().size == old)
        {
            one.compared = true;
            if continues(one.signed.checkpoint().root) {
                self.report
                    .say(format!("The pack's checkpoint continues the one kept outside ({old} events)."));
            } else {
                self.report.wrong(format!(
                    "the pack's checkpoint does not continue the one kept outside ({old} events)."
                ));
            }
        }
    }

    fn finish(mut self, ended: Option<u64>) {
        self.unproved();
        let anchor = self.anchor.checkpoint();
        match ended {
            None => self.report.wrong("the end of the pack is missing: it was cut off."),
            Some(events) if events != self.events => {
                let here = self.events;
                self.report
                    .wrong(format!("the pack was made with {} and has {here}.", count(events, "event")));
            }
            Some(_) => {}
        }
        for (stream, _) in self.next_revisions.iter().filter(|(_, next)| **next == 0) {
            self.report.wrong(format!("no event of stream {stream} is in the pack, which is of it."));
        }
        match self.header.shape {
            Shape::Span { from, to } => {
                if to == anchor.size {
                    self.joined = self.tree.size() == to && self.tree.root() == anchor.root;
                }
                if self.joined {
                    let held = if self.edited {
                        "The listed hashes are those of the signed log"
                    } else {
                        "Every event is as it was signed"
                    };
                    self.report.say(format!(
                        "{held}: {}, from number {from} to before {to}.",
                        count(self.events, "event")
                    ));
                } else {
                    self.report.wrong(format!(
                        "the events from {from} to before {to} do not give the root that was signed: events among \
                         them were changed, removed, inserted or moved."
                    ));
                    self.stretch.failed(anchor.size);
                    self.stretch.tell(self.report);
                }
            }
            Shape::Chosen if self.report.holds() && self.events > 0 => {
                let events = count(self.events, "event");
                self.report
                    .say(format!("{events} of the signed log are here, each with proof of its place."));
                let of = match (self.header.all_streams().next(), self.next_revisions.len()) {
                    (None, _) => return,
                    (Some(stream), 1) => format!("stream {stream}"),
                    (Some(_), streams) => format!("each of {streams} streams"),
                };
                self.report.say(format!(
                    "They are the first ones of {of}, without a gap. Whether it went on before the checkpoint, only a \
                     pack of the whole log can show."
                ));
                for said in std::mem::take(&mut self.audits).told() {
                    self.report.say(said);
                }
            }
            Shape::Chosen => {}
        }
        for one in self.outside.iter().filter(|one| !one.compared) {
            let (kept, here) = (one.signed.checkpoint().size, anchor.size);
            self.report.wrong(if kept > here {
                format!(
                    "the checkpoint kept outside covers {kept} events, the pack's {here}: the newest {} were removed, \
                     or the pack is older than that checkpoint.",
                    kept - here
                )
            } else {
                format!(
                    "nothing in the pack shows that it continues the checkpoint kept outside ({kept} events): ask \
                     for a pack that was made with `--since` and that checkpoint."
                )
            });
        }
        for one in &self.outside {
            self.judge.signatures(one.signed, "The checkpoint kept outside", self.report);
        }
        self.judge.finish(self.report);
    }
}

impl Peaks {
    /// The root, if it is needed for a comparison at this size.
    fn root_if(&self, outside: &[Outside<'_>]) -> Option<Hash> {
        outside.iter().any(|one| one.signed.checkpoint().size == self.size()).then(|| self.root())
    }
}
