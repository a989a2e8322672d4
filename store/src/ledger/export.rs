//! Making packs from a log and its ledger. What is exported is compared with the ledger on the way, so that a
//! pack that was made is one that verifies.

use std::collections::BTreeSet;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;

use skranke_domain::StreamId;

use super::checkpoint::{Checkpoint, Checkpoints, SignedCheckpoint};
use super::fault::LedgerError;
use super::hash::Hash;
use super::keeper::{is_leaf, leaf_of};
use super::pack::{Header, PackWriter, Shape};
use super::peaks::Peaks;
use super::proof;
use super::tiles::Tiles;
use super::tree::size_on_disk;
use crate::port::{Direction, EventLog, Filter, Position, Recorded};

/// Events read at a time.
const PAGE: usize = 512;

/// Which events go into a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// All from one number to another (exclusive); `None`: to the checkpoint's end.
    Span {
        /// The number of the first.
        from: u64,
        /// The number after the last.
        to: Option<u64>,
    },
    /// Those of one stream.
    Stream(StreamId),
    /// Those of several streams.
    Streams(BTreeSet<StreamId>),
    /// One, by its number.
    Event(u64),
    /// None: only the checkpoint, and proofs that it continues others.
    Nothing,
}

/// What was exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exported {
    /// How many events.
    pub events: u64,
    /// The size of the tree they are proved against.
    pub size: u64,
}

/// Writes a pack, measured against `anchor` (`None`: the newest signed checkpoint), with proofs that the
/// anchor continues each of `since`.
pub async fn export(
    log: &dyn EventLog,
    dir: &Path,
    choice: &Choice,
    anchor: Option<SignedCheckpoint>,
    since: &[Checkpoint],
    out: impl Write + Send,
) -> Result<Exported, LedgerError> {
    let anchor = match anchor {
        Some(anchor) => anchor,
        None => Checkpoints::new(dir).newest()?.ok_or_else(|| {
            let text =
                "no checkpoint was signed yet: start the server with SKRANKE_LEDGER_KEY set, and stop it";
            LedgerError::NotThere(text.to_owned())
        })?,
    };
    let Checkpoint { origin, size, root } = anchor.checkpoint().clone();
    let mut tiles = Tiles::new(dir, size_on_disk(dir)?);
    if tiles.root_at(size)? != root {
        return Err(LedgerError::Contradicted { size });
    }
    let (mut stream, mut streams) = (None, Vec::new());
    let shape = match choice {
        Choice::Span { from, to } => {
            let to = to.unwrap_or(size);
            if *from > to || to > size {
                let text = format!("there are no events {from} to {to}: the checkpoint covers {size} events");
                return Err(LedgerError::NotThere(text));
            }
            Shape::Span { from: *from, to }
        }
        Choice::Stream(one) => {
            stream = Some(one.as_str().to_owned());
            Shape::Chosen
        }
        Choice::Streams(several) => {
            streams = several.iter().map(|one| one.as_str().to_owned()).collect();
            Shape::Chosen
        }
        Choice::Event(number) if *number >= size => {
            let text = format!("there is no event {number} under the checkpoint of {size} events");
            return Err(LedgerError::NotThere(text));
        }
        Choice::Event(_) | Choice::Nothing => Shape::Chosen,
    };
    let mut pack =
        PackWriter::new(out, &Header { origin, shape, stream, streams }).map_err(LedgerError::Pack)?;
    pack.checkpoint(&anchor).map_err(LedgerError::Pack)?;
    let mut source = Source { log, tiles, size, pack };
    let events = match (shape, choice) {
        (Shape::Span { from, to }, _) => source.span(from, to, Checkpoints::new(dir)).await?,
        (Shape::Chosen, Choice::Nothing) => 0,
        (Shape::Chosen, choice) => source.chosen(choice).await?,
    };
    for old in since {
        source.consistency(old)?;
    }
    source.pack.end(events).map_err(LedgerError::Pack)?;
    Ok(Exported { events, size })
}

/// What is done with an event and its number.
pub(crate) type Each<'a> = &'a mut (dyn FnMut(u64, &Recorded) -> Result<ControlFlow<()>, LedgerError> + Send);

/// Calls `each` with every event of the log and its number, in order, until it breaks.
pub(crate) async fn each_event(log: &dyn EventLog, each: Each<'_>) -> Result<u64, LedgerError> {
    let (mut number, mut at, filter) = (0, Position(0), Filter::default());
    loop {
        let page = log.read_all(at, Direction::Forwards, PAGE, &filter).await?;
        for event in page.events.iter().filter(|event| is_leaf(event)) {
            if each(number, event)?.is_break() {
                return Ok(number);
            }
            number += 1;
        }
        if page.end {
            return Ok(number);
        }
        at = page.next;
    }
}

struct Source<'a, W> {
    log: &'a dyn EventLog,
    tiles: Tiles,
    /// Of the anchor.
    size: u64,
    pack: PackWriter<W>,
}

impl<W: Write + Send> Source<'_, W> {
    async fn span(&mut self, from: u64, to: u64, checkpoints: Checkpoints) -> Result<u64, LedgerError> {
        let (tiles, pack, size) = (&mut self.tiles, &mut self.pack, self.size);
        if from > 0 {
            let peaks: Result<Vec<_>, _> =
                Peaks::places(from).map(|(level, index)| tiles.node(level, index)).collect();
            pack.peaks(&peaks?).map_err(LedgerError::Pack)?;
        }
        let mut signed = checkpoints.all()?.peekable();
        let mut buffer = Vec::new();
        let mut last = Position(0);
        let seen = each_event(self.log, &mut |number, event| {
            if number >= to {
                return Ok(ControlFlow::Break(()));
            }
            last = event.position;
            if number < from {
                return Ok(ControlFlow::Continue(()));
            }
            let leaf = recorded_leaf(tiles, number, event, &mut buffer)?;
            pack.event(number, event.position.0, leaf, &buffer).map_err(LedgerError::Pack)?;
            // Checkpoints older than the first event are passed by, the anchor stands in front already.
            while let Some(here) =
                signed.next_if(|one| one.as_ref().map_or(true, |one| one.checkpoint().size <= number + 1))
            {
                let here = here?;
                if here.checkpoint().size == number + 1 && number + 1 != size {
                    pack.checkpoint(&here).map_err(LedgerError::Pack)?;
                }
            }
            Ok(ControlFlow::Continue(()))
        })
        .await?;
        if seen < to {
            return Err(LedgerError::Truncated { recorded: size, position: last });
        }
        if to < size {
            let made = proof::consistency(to, size, &mut |level, index| tiles.node(level, index))?;
            pack.consistency(to, size, &made).map_err(LedgerError::Pack)?;
        }
        Ok(to - from)
    }

    async fn chosen(&mut self, choice: &Choice) -> Result<u64, LedgerError> {
        let (tiles, pack, size) = (&mut self.tiles, &mut self.pack, self.size);
        let (mut events, mut buffer, mut last) = (0, Vec::new(), Position(0));
        let mut missing: BTreeSet<_> = match choice {
            Choice::Stream(stream) => [stream].into(),
            Choice::Streams(streams) => streams.iter().collect(),
            Choice::Span { .. } | Choice::Event(_) | Choice::Nothing => BTreeSet::new(),
        };
        let seen = each_event(self.log, &mut |number, event| {
            if number >= size {
                return Ok(ControlFlow::Break(()));
            }
            last = event.position;
            let wanted = match choice {
                Choice::Stream(stream) => event.stream == *stream,
                Choice::Streams(streams) => streams.contains(&event.stream),
                Choice::Event(wanted) => number == *wanted,
                Choice::Span { .. } | Choice::Nothing => false,
            };
            if wanted {
                let leaf = recorded_leaf(tiles, number, event, &mut buffer)?;
                let made = proof::inclusion(number, size, &mut |level, index| tiles.node(level, index))?;
                pack.event(number, event.position.0, leaf, &buffer).map_err(LedgerError::Pack)?;
                pack.inclusion(&made).map_err(LedgerError::Pack)?;
                events += 1;
                missing.remove(&event.stream);
            }
            Ok(ControlFlow::Continue(()))
        })
        .await?;
        if seen < size {
            return Err(LedgerError::Truncated { recorded: size, position: last });
        }
        match missing.first() {
            Some(stream) => {
                let text = format!("no event of {stream} is under the checkpoint of {size} events");
                Err(LedgerError::NotThere(text))
            }
            None => Ok(events),
        }
    }

    fn consistency(&mut self, old: &Checkpoint) -> Result<(), LedgerError> {
        let (tiles, size) = (&mut self.tiles, self.size);
        if old.size > size {
            let text = format!(
                "a checkpoint of {} events is newer than the pack's of {size}: nothing can be proved from it",
                old.size
            );
            return Err(LedgerError::NotThere(text));
        }
        if tiles.root_at(old.size)? != old.root {
            return Err(LedgerError::Contradicted { size: old.size });
        }
        let made = proof::consistency(old.size, size, &mut |level, index| tiles.node(level, index))?;
        self.pack.consistency(old.size, size, &made).map_err(LedgerError::Pack)
    }
}

/// The event's leaf, which must be the one that the ledger has; its bytes are in `buffer` afterwards.
fn recorded_leaf(
    tiles: &mut Tiles,
    number: u64,
    event: &Recorded,
    buffer: &mut Vec<u8>,
) -> Result<Hash, LedgerError> {
    let leaf = leaf_of(event, buffer)?;
    if tiles.leaf(number)? == leaf {
        Ok(leaf)
    } else {
        Err(LedgerError::Changed { event: number, position: event.position })
    }
}
