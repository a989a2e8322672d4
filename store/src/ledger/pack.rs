//! A pack: one file with events, checkpoints and proofs, for someone who has nothing else.
//!
//! Layout: the line `skranke-pack 1`, then sections until the end. A section is a letter, the length of its
//! content (8 bytes) and the content. Numbers are little-endian, hashes have 32 bytes.
//!
//! | letter | content |
//! |---|---|
//! | `H` | first: what is in the pack, as JSON ([`Header`]) |
//! | `C` | a signed checkpoint. The first is the one that everything is measured against; later ones stand after the last event they cover |
//! | `R` | when the pack does not begin with event 0: the roots of the full subtrees before it |
//! | `E` | an event: number (8), position (8), leaf hash, then its bytes as [`crate::record`] lays them out |
//! | `I` | the inclusion proof of the event before it |
//! | `K` | a consistency proof: old size (8), new size (8), hashes |
//! | `Z` | last: how many events there were (8) |

use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize};

use super::checkpoint::SignedCheckpoint;
use super::hash::Hash;

const MAGIC: &[u8] = b"skranke-pack 1\n";

/// What a pack holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    /// The log's name.
    pub origin: String,
    /// How the events are proved.
    pub shape: Shape,
    /// The only stream that events are from, if it is a stream's pack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<String>,
    /// The streams that events are from, if it is the pack of several: each is there from its beginning.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub streams: Vec<String>,
}

impl Header {
    /// The streams that the pack is of; none when its events may be of any.
    pub(crate) fn all_streams(&self) -> impl Iterator<Item = &str> {
        self.stream.iter().chain(&self.streams).map(String::as_str)
    }
}

/// How the events of a pack are proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Shape {
    /// Every event from one number to another: the root is computed from them.
    Span {
        /// The number of the first.
        from: u64,
        /// The number after the last.
        to: u64,
    },
    /// Chosen events, each with an inclusion proof.
    Chosen,
}

/// A part of a pack. Events borrow the reader's buffer.
#[derive(Debug)]
pub(crate) enum Section<'a> {
    Header(Header),
    Checkpoint(SignedCheckpoint),
    Peaks(Vec<Hash>),
    Event { number: u64, position: u64, leaf: Hash, record: &'a [u8] },
    Inclusion(Vec<Hash>),
    Consistency { old: u64, new: u64, proof: Vec<Hash> },
    End(u64),
}

/// Why a pack could not be read on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("the file could not be read: {0}")]
    Io(#[from] io::Error),
    #[error("the file is no pack, or one of a newer program")]
    NotAPack,
    #[error("the file ends too early, at byte {0}")]
    Cut(u64),
    #[error("the file cannot be read from byte {0} on: bytes were changed, removed or inserted there")]
    Garbled(u64),
}

pub(crate) struct PackWriter<W> {
    out: W,
}

impl<W: Write> PackWriter<W> {
    pub(crate) fn new(mut out: W, header: &Header) -> io::Result<Self> {
        out.write_all(MAGIC)?;
        let mut pack = Self { out };
        let header = serde_json::to_vec(header)?;
        pack.section(b'H', &[&header])?;
        Ok(pack)
    }

    pub(crate) fn checkpoint(&mut self, signed: &SignedCheckpoint) -> io::Result<()> {
        self.section(b'C', &[signed.to_string().as_bytes()])
    }

    pub(crate) fn peaks(&mut self, peaks: &[Hash]) -> io::Result<()> {
        self.section(b'R', &[&bytes(peaks)])
    }

    pub(crate) fn event(&mut self, number: u64, position: u64, leaf: Hash, record: &[u8]) -> io::Result<()> {
        self.section(b'E', &[&number.to_le_bytes(), &position.to_le_bytes(), leaf.as_bytes(), record])
    }

    pub(crate) fn inclusion(&mut self, proof: &[Hash]) -> io::Result<()> {
        self.section(b'I', &[&bytes(proof)])
    }

    pub(crate) fn consistency(&mut self, old: u64, new: u64, proof: &[Hash]) -> io::Result<()> {
        self.section(b'K', &[&old.to_le_bytes(), &new.to_le_bytes(), &bytes(proof)])
    }

    pub(crate) fn end(mut self, events: u64) -> io::Result<W> {
        self.section(b'Z', &[&events.to_le_bytes()])?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn section(&mut self, kind: u8, parts: &[&[u8]]) -> io::Result<()> {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        self.out.write_all(&[kind])?;
        self.out.write_all(&(length as u64).to_le_bytes())?;
        parts.iter().try_for_each(|part| self.out.write_all(part))
    }
}

fn bytes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()
}

/// Reads a pack section by section, in the memory of the largest one.
pub(crate) struct PackReader<R> {
    input: R,
    at: u64,
    buffer: Vec<u8>,
}

impl<R: Read> PackReader<R> {
    pub(crate) fn open(mut input: R) -> Result<Self, Unreadable> {
        let mut magic = Vec::new();
        input.by_ref().take(MAGIC.len() as u64).read_to_end(&mut magic)?;
        if magic != MAGIC {
            return Err(Unreadable::NotAPack);
        }
        Ok(Self { input, at: MAGIC.len() as u64, buffer: Vec::new() })
    }

    /// The next section; `None` at the end of the file.
    pub(crate) fn next(&mut self) -> Result<Option<Section<'_>>, Unreadable> {
        let at = self.at;
        if self.fill(9)? == 0 {
            return Ok(None);
        }
        let Some((kind, length)) = self.buffer.split_first_chunk::<1>() else {
            return Err(Unreadable::Cut(at));
        };
        let (kind, length) = (kind[0], length.try_into().map(u64::from_le_bytes));
        let length = length.map_err(|_| Unreadable::Cut(at))?;
        if !b"HCREIKZ".contains(&kind) {
            return Err(Unreadable::Garbled(at));
        }
        // The buffer grows with what is there, not with what a changed length claims.
        if self.fill(length)? < length {
            return Err(Unreadable::Cut(at));
        }
        section(kind, &self.buffer).map(Some).ok_or(Unreadable::Garbled(at))
    }

    fn fill(&mut self, length: u64) -> io::Result<u64> {
        self.buffer.clear();
        let read = self.input.by_ref().take(length).read_to_end(&mut self.buffer)? as u64;
        self.at += read;
        Ok(read)
    }
}

fn section(kind: u8, content: &[u8]) -> Option<Section<'_>> {
    Some(match kind {
        b'H' => Section::Header(serde_json::from_slice(content).ok()?),
        b'C' => Section::Checkpoint(std::str::from_utf8(content).ok()?.parse().ok()?),
        b'R' => Section::Peaks(Hash::many(content)?),
        b'E' => {
            let (number, rest) = content.split_first_chunk()?;
            let (position, rest) = rest.split_first_chunk()?;
            let (leaf, record) = rest.split_at_checked(Hash::LEN)?;
            let (number, position) = (u64::from_le_bytes(*number), u64::from_le_bytes(*position));
            Section::Event { number, position, leaf: Hash::from_slice(leaf)?, record }
        }
        b'I' => Section::Inclusion(Hash::many(content)?),
        b'K' => {
            let (old, rest) = content.split_first_chunk()?;
            let (new, rest) = rest.split_first_chunk()?;
            let (old, new) = (u64::from_le_bytes(*old), u64::from_le_bytes(*new));
            Section::Consistency { old, new, proof: Hash::many(rest)? }
        }
        b'Z' => Section::End(u64::from_le_bytes(content.try_into().ok()?)),
        _ => return None,
    })
}
