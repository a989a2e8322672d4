//! The ledger: proof that the history is the one that was written.
//!
//! A Merkle tree (RFC 6962) over the stored bytes ([`crate::record`]) of every event, in the log's order over
//! all streams; checkpoints of it signed in C2SP form, which others may keep and co-sign; and proofs that an
//! event is in it ([`proof::inclusion`]) and that it only ever grew ([`proof::consistency`]).
//!
//! The same history has the same root on every engine: a leaf is an event's bytes without its position, and
//! leaves are counted from 0 without gaps. On disk the tree lies in tiles (C2SP tlog-tiles) that outside tools
//! can read: see [`Tiles`] and, for what survives a crash, [`Tree`].
//!
//! Own code over `sha2` and `aws-lc-rs`: the crate nearest to it, `ct-merkle`, keeps its tree in memory and
//! knows neither tiles nor growing in little memory. The tests measure every proof against it.

mod checkpoint;
mod export;
mod fault;
mod files;
mod hash;
mod keeper;
mod note;
mod pack;
mod peaks;
pub mod proof;
mod prove;
mod tiles;
mod tree;
mod verify;
mod witness;

pub use checkpoint::{Checkpoint, Checkpoints, SignedCheckpoint};
pub use export::{Choice, Exported, export};
pub use fault::LedgerError;
pub use hash::Hash;
pub use keeper::{Keeper, Keeping, Standing, origin};
pub use note::{BadNote, KeyKind, Note, SigningKey, VerifierKey};
pub use peaks::Peaks;
pub use prove::{Proved, prove};
pub use tiles::Tiles;
pub use tree::{Tree, size_on_disk};
pub use verify::{Report, Trust, verify_log, verify_pack};
pub use witness::{NotCosigned, Witness, accept_cosigned};
