//! The proof of one event, made while the log is in use: for a screen that shows a history and says of each line that it
//! is the one that was written.

use std::path::{Path, PathBuf};

use tokio::task::spawn_blocking;

use super::checkpoint::{Checkpoints, SignedCheckpoint};
use super::fault::LedgerError;
use super::hash::Hash;
use super::keeper::leaf_of;
use super::proof;
use super::tiles::{Tiles, WIDTH};
use super::tree::size_on_disk;
use crate::port::{Direction, EventLog, Filter, Position};

/// What proves that an event stands in the history that was signed: whoever holds the checkpoint and its key needs
/// nothing else (RFC 6962, section 2.1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proved {
    /// The signed checkpoint.
    pub checkpoint: SignedCheckpoint,
    /// The event's number in the tree, from 0.
    pub number: u64,
    /// The bytes that the leaf is the hash of.
    pub record: Vec<u8>,
    /// The leaf.
    pub leaf: Hash,
    /// The hashes beside the way from the leaf up to the root.
    pub path: Vec<Hash>,
}

/// Proves the event at a position under the newest signed checkpoint of the ledger in `dir`. `None` when it is not signed
/// yet. An event that the ledger holds otherwise is an error that says so.
pub async fn prove(log: &dyn EventLog, dir: &Path, at: Position) -> Result<Option<Proved>, LedgerError> {
    let page = log.read_all(at, Direction::Backwards, 1, &Filter::default()).await?;
    let Some(event) = page.events.first().filter(|event| event.position == at) else {
        return Err(LedgerError::NotThere(format!("the log has no event at position {}", at.0)));
    };
    let mut record = Vec::new();
    let leaf = leaf_of(event, &mut record)?;
    let dir: PathBuf = dir.to_owned();
    let proved = spawn_blocking(move || in_tree(&dir, at, leaf, record)).await;
    proved.map_err(|_| LedgerError::Aborted)?
}

fn in_tree(dir: &Path, at: Position, leaf: Hash, record: Vec<u8>) -> Result<Option<Proved>, LedgerError> {
    let Some(checkpoint) = Checkpoints::new(dir).newest()? else { return Ok(None) };
    let size = checkpoint.checkpoint().size;
    let mut tiles = Tiles::new(dir, size_on_disk(dir)?);
    if tiles.root_at(size)? != checkpoint.checkpoint().root {
        return Err(LedgerError::Contradicted { size });
    }
    let Some(number) = number_of(&mut tiles, size, at, leaf)? else {
        // Positions are never smaller than numbers, so an early one is under the checkpoint, or was.
        return if at.0 <= size {
            Err(LedgerError::Changed { event: at.0 - 1, position: at })
        } else {
            Ok(None)
        };
    };
    let path = proof::inclusion(number, size, &mut |level, index| tiles.node(level, index))?;
    Ok(Some(Proved { checkpoint, number, record, leaf, path }))
}

/// Which leaf of the first `size` it is. The embedded log counts positions as the tree counts leaves; a shared one leaves
/// gaps, and then every leaf is looked at.
fn number_of(tiles: &mut Tiles, size: u64, at: Position, leaf: Hash) -> Result<Option<u64>, LedgerError> {
    let guess = at.0.saturating_sub(1);
    if guess < size && tiles.leaf(guess)? == leaf {
        return Ok(Some(guess));
    }
    for tile in 0..size.div_ceil(WIDTH) {
        if let Some(place) = tiles.tile(0, tile)?.iter().position(|hash| *hash == leaf) {
            let number = tile * WIDTH + place as u64;
            return Ok((number < size).then_some(number));
        }
    }
    Ok(None)
}
