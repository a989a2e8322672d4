//! The hashes of RFC 6962, section 2.1: a leaf and an inner node can never be taken for one another.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// A SHA-256 hash of a leaf, of a subtree or of a whole tree.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hash([u8; Self::LEN]);

impl Hash {
    /// How many bytes it has.
    pub const LEN: usize = 32;

    /// The hash of a leaf: SHA-256 over the byte 0 and the data.
    pub fn leaf(data: &[u8]) -> Self {
        Self(Sha256::new().chain_update([0]).chain_update(data).finalize().into())
    }

    /// The hash of a node: SHA-256 over the byte 1 and both children.
    pub fn node(left: Self, right: Self) -> Self {
        Self(Sha256::new().chain_update([1]).chain_update(left.0).chain_update(right.0).finalize().into())
    }

    /// The root of a tree without leaves: SHA-256 over nothing.
    pub fn empty() -> Self {
        Self(Sha256::digest([]).into())
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// Reads base64, as checkpoints have it.
    pub(crate) fn from_base64(text: &str) -> Option<Self> {
        Self::from_slice(&STANDARD.decode(text).ok()?)
    }

    /// `None` for any other length.
    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Reads hashes that stand side by side; `None` when a part of one is left over.
    pub(crate) fn many(bytes: &[u8]) -> Option<Vec<Self>> {
        let (hashes, rest) = bytes.as_chunks::<{ Self::LEN }>();
        rest.is_empty().then(|| hashes.iter().copied().map(Self).collect())
    }
}

impl From<[u8; Self::LEN]> for Hash {
    fn from(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}
