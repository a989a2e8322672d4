//! What has happened to the documents of a case. The names and fields written here are in the log for good.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::Sealed;
use crate::id::{CaseId, DocumentId, SubjectId};
use crate::sealed::{SealError, SealVisitor};

/// The keyed hash of a file's bytes: its address in the document store.
///
/// The key follows from the subject's own, so equal hashes tell that two files of one person are equal, and nothing
/// about anybody else's; without the key nobody can try whether a file they hold is the one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ContentHash([u8; 32]);

/// Why a text is no hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a hash is 64 hexadecimal digits in lower case")]
pub struct NotAHash;

impl ContentHash {
    /// The hash with these bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContentHash({self})")
    }
}

impl From<ContentHash> for String {
    fn from(hash: ContentHash) -> Self {
        hash.to_string()
    }
}

impl FromStr for ContentHash {
    type Err = NotAHash;
    fn from_str(text: &str) -> Result<Self, NotAHash> {
        let digits = text.as_bytes();
        if digits.len() != 64 || !digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(NotAHash);
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let value = |digit: u8| if digit.is_ascii_digit() { digit - b'0' } else { digit - b'a' + 10 };
            *byte = value(pair[0]) << 4 | value(pair[1]);
        }
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for ContentHash {
    type Error = NotAHash;
    fn try_from(text: String) -> Result<Self, NotAHash> {
        text.parse()
    }
}

/// A file in the document store, as the log knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFile {
    /// The id it was stored under.
    pub id: DocumentId,
    /// Its address in the store.
    pub hash: ContentHash,
    /// How many bytes it has.
    pub size: u64,
    /// What it is, by its first bytes: `application/pdf`.
    pub media_type: String,
    /// The name it came with.
    pub name: Sealed<String>,
}

impl StoredFile {
    /// Whom the file is sealed for: whoever its name is sealed for.
    pub const fn subject(&self) -> SubjectId {
        self.name.subject()
    }

    /// The name is sealed under one label wherever the file stands, so that a later event may repeat it locked.
    const NAME: &'static str = "StoredFile.name";

    pub(in crate::case) fn seals(&mut self, visit: &mut SealVisitor<'_>) -> Result<(), SealError> {
        visit(Self::NAME, &mut self.name)
    }
}

/// The letter to one of the parties after the first, as it was rendered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartyLetter {
    /// To whom, by number.
    pub party: u32,
    /// The file; it is sealed for that party.
    pub letter: StoredFile,
}

/// The letter that went out to one of the parties after the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterSent {
    /// To whom, by number.
    pub party: u32,
    /// The letter, as a document of the case.
    pub document: DocumentId,
    /// The hash of the bytes that went out.
    pub hash: ContentHash,
}

/// Which way a document went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DocumentDirection {
    /// Received (indgående).
    Incoming,
    /// Sent (udgående).
    Outgoing,
    /// Made and kept in the house, in its final form (internt).
    Internal,
}

/// A file came in: uploaded, or rendered from a template. Nobody has journalised it yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentUploaded {
    /// The file; its id is the document's.
    pub file: StoredFile,
}

/// Journalised (journaliseret, OFL § 15): with a date and a short theme.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentJournalised {
    /// Which document.
    pub document: DocumentId,
    /// The version, from 1.
    pub version: u32,
    /// The day it was received, sent or finished.
    pub dated: Date,
    /// Which way it went.
    pub direction: DocumentDirection,
    /// What it is about, in a few words (tema).
    pub theme: Sealed<String>,
    /// The file.
    pub file: StoredFile,
}

/// A new version took the place of the newest; the earlier ones stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentSuperseded {
    /// Which document.
    pub document: DocumentId,
    /// The new version.
    pub version: u32,
    /// Why.
    pub reason: Sealed<String>,
    /// The new version's file, uploaded before; it is no document of its own any more.
    pub file: StoredFile,
}

/// It belongs to another case (fejljournaliseret) and goes there with all its versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentMoved {
    /// Which document.
    pub document: DocumentId,
    /// Where to.
    pub to: CaseId,
    /// Why.
    pub reason: Sealed<String>,
}

/// It came from another case; its files are sealed for this case's subject now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentTakenOver {
    /// Which document.
    pub document: DocumentId,
    /// Where from.
    pub from: CaseId,
    /// The day it was received, sent or finished.
    pub dated: Date,
    /// Which way it went.
    pub direction: DocumentDirection,
    /// What it is about.
    pub theme: Sealed<String>,
    /// Every version, from the first.
    pub versions: Vec<StoredFile>,
}

/// It should not have been here: an upload by mistake, or a document journalised by mistake. It stays readable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentWithdrawn {
    /// Which document.
    pub document: DocumentId,
    /// Why.
    pub reason: Sealed<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_read_back_and_nothing_else_is_one() {
        let mut bytes = [0x0f; 32];
        bytes[31] = 0xa9;
        let hash = ContentHash::new(bytes);
        assert_eq!(hash.to_string().parse(), Ok(hash));
        for bad in ["", "0f", &"g".repeat(64), &"0F".repeat(32), &"å".repeat(32)] {
            assert_eq!(bad.parse::<ContentHash>(), Err(NotAHash), "{bad}");
        }
    }
}
