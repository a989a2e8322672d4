//! Signed notes (C2SP signed-note, the form of Go's checksum database) and the keys that sign them.
//!
//! Two kinds of key: a log's (type 1, Ed25519 over the text) and a witness's (type 4, C2SP tlog-cosignature:
//! Ed25519 over a time and the text). A key's name and id stand in the signature line, so that a verifier
//! knows which of its keys to try, and ignores lines of keys that it does not know.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// The first characters of a signature line: an em dash and a space.
pub(crate) const DASH: &str = "— ";
/// More than anybody needs; a longer text is not read.
const LONGEST: usize = 1 << 20;

/// Why a note, a key or a signature was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadNote {
    /// The text is no signed note.
    #[error("this is no signed note (C2SP signed-note): {0}")]
    NotANote(&'static str),
    /// The note's text is no checkpoint.
    #[error(
        "this is no checkpoint (C2SP tlog-checkpoint): it is an origin, a size and a root hash on lines of their own"
    )]
    NotACheckpoint,
    /// The text given as verifier key is none.
    #[error(
        "this is no verifier key: it looks like name+12345678+base64, as `skranke audit key new` prints it"
    )]
    NotAVerifierKey,
    /// The text given as private key is none. The text is not repeated.
    #[error("this is no signing key: it starts with PRIVATE+KEY+, as `skranke audit key new` prints it")]
    NotASigningKey,
    /// The name cannot be a key's name.
    #[error("a key's name has at least one character, no space and no plus sign: for example example.dk/log")]
    BadName,
    /// A log's key was used as a witness's, or the other way round.
    #[error("the key {0} is of the wrong kind: logs sign with type 1, witnesses with type 4 (`--witness`)")]
    WrongKind(String),
    /// No signature of this key is on the note.
    #[error("it is not signed by {0}")]
    NotSigned(String),
    /// There is a signature with the key's name and id, and it is false.
    #[error("the signature of {0} does not fit the text: the text or the signature was changed")]
    FalseSignature(String),
    /// The crypto library could not make a key.
    #[error("no key could be made")]
    NoKey,
}

/// What a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// A log's checkpoints (signed-note type 1).
    Log,
    /// A witness's co-signatures, each with its time (signed-note type 4, cosignature/v1).
    Witness,
}

impl KeyKind {
    const fn byte(self) -> u8 {
        match self {
            Self::Log => 1,
            Self::Witness => 4,
        }
    }

    const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::Log),
            4 => Some(Self::Witness),
            _ => None,
        }
    }
}

/// What checks signatures: public, to be handed around. Written `name+id+base64`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    kind: KeyKind,
    id: u32,
    public: [u8; 32],
}

impl VerifierKey {
    fn new(name: &str, kind: KeyKind, public: [u8; 32]) -> Result<Self, BadNote> {
        if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+') {
            return Err(BadNote::BadName);
        }
        let digest = Sha256::new()
            .chain_update(name)
            .chain_update([b'\n', kind.byte()])
            .chain_update(public)
            .finalize();
        let id = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
        Ok(Self { name: name.to_owned(), kind, id, public })
    }

    /// Its name: for a log the origin line of its checkpoints.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it signs.
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    fn fits(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.public).verify(message, signature).is_ok()
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = STANDARD.encode([&[self.kind.byte()], self.public.as_slice()].concat());
        write!(f, "{}+{:08x}+{key}", self.name, self.id)
    }
}

impl FromStr for VerifierKey {
    type Err = BadNote;

    fn from_str(text: &str) -> Result<Self, BadNote> {
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(BadNote::NotAVerifierKey);
        };
        let key = STANDARD.decode(key).map_err(|_| BadNote::NotAVerifierKey)?;
        let (kind, public) = key_parts(&key).ok_or(BadNote::NotAVerifierKey)?;
        let read = Self::new(name, kind, *public)?;
        if format!("{:08x}", read.id) == id { Ok(read) } else { Err(BadNote::NotAVerifierKey) }
    }
}

fn key_parts(key: &[u8]) -> Option<(KeyKind, &[u8; 32])> {
    let (&kind, key) = key.split_first()?;
    Some((KeyKind::from_byte(kind)?, key.try_into().ok()?))
}

/// What signs. Never printed; written `PRIVATE+KEY+name+id+base64`, as Go's note tools do.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    verifier: VerifierKey,
}

impl SigningKey {
    /// A new random one, and the text in which its owner keeps it.
    pub fn generate(name: &str, kind: KeyKind) -> Result<(Self, SecretString), BadNote> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *seed).map_err(|_| BadNote::NoKey)?;
        let key = Self::new(name, kind, &seed)?;
        let secret = Zeroizing::new([&[kind.byte()], seed.as_slice()].concat());
        let text = Zeroizing::new(STANDARD.encode(&*secret));
        let text = format!("PRIVATE+KEY+{name}+{:08x}+{}", key.verifier.id, *text);
        Ok((key, text.into()))
    }

    /// Reads what [`Self::generate`] wrote; space around it is ignored.
    pub fn from_text(text: &SecretString) -> Result<Self, BadNote> {
        let rest = text.expose_secret().trim().strip_prefix("PRIVATE+KEY+").ok_or(BadNote::NotASigningKey)?;
        let mut parts = rest.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(BadNote::NotASigningKey);
        };
        let key = Zeroizing::new(STANDARD.decode(key).map_err(|_| BadNote::NotASigningKey)?);
        let (kind, seed) = key_parts(&key).ok_or(BadNote::NotASigningKey)?;
        let read = Self::new(name, kind, seed)?;
        if format!("{:08x}", read.verifier.id) == id { Ok(read) } else { Err(BadNote::NotASigningKey) }
    }

    fn new(name: &str, kind: KeyKind, seed: &[u8; 32]) -> Result<Self, BadNote> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| BadNote::NoKey)?;
        let public = pair.public_key().as_ref().try_into().map_err(|_| BadNote::NoKey)?;
        Ok(Self { pair, verifier: VerifierKey::new(name, kind, public)? })
    }

    /// Its public half.
    pub const fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.verifier.name)
    }
}

/// A text and the signatures on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Signature {
    name: String,
    id: u32,
    bytes: Vec<u8>,
}

impl Note {
    /// A note that nobody has signed yet. The text must end with a newline.
    pub(crate) const fn new(text: String) -> Self {
        Self { text, signatures: Vec::new() }
    }

    /// The signed text, with its last newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Signs as a log.
    pub fn sign(&mut self, key: &SigningKey) -> Result<(), BadNote> {
        if key.verifier.kind != KeyKind::Log {
            return Err(BadNote::WrongKind(key.verifier.name.clone()));
        }
        self.add(&key.verifier, key.pair.sign(self.text.as_bytes()).as_ref().to_vec());
        Ok(())
    }

    /// Signs as a witness. `seconds` since 1970 is the time of the co-signature.
    pub fn cosign(&mut self, key: &SigningKey, seconds: u64) -> Result<(), BadNote> {
        if key.verifier.kind != KeyKind::Witness {
            return Err(BadNote::WrongKind(key.verifier.name.clone()));
        }
        let signature = key.pair.sign(&self.cosigned(seconds));
        self.add(&key.verifier, [seconds.to_be_bytes().as_slice(), signature.as_ref()].concat());
        Ok(())
    }

    /// A key's newer signature replaces its older one.
    fn add(&mut self, key: &VerifierKey, bytes: Vec<u8>) {
        self.signatures.retain(|one| (one.id, &one.name) != (key.id, &key.name));
        self.signatures.push(Signature { name: key.name.clone(), id: key.id, bytes });
    }

    /// What a witness signs (tlog-cosignature, "Ed25519 signed message").
    fn cosigned(&self, seconds: u64) -> Vec<u8> {
        format!("cosignature/v1\ntime {seconds}\n{}", self.text).into_bytes()
    }

    /// Checks that `key` has signed. For a witness, answers when (seconds since 1970).
    pub fn verify(&self, key: &VerifierKey) -> Result<Option<u64>, BadNote> {
        let mut seen = Err(BadNote::NotSigned(key.name.clone()));
        for signature in self.signatures.iter().filter(|one| one.id == key.id && one.name == key.name) {
            let found = match key.kind {
                KeyKind::Log => key.fits(self.text.as_bytes(), &signature.bytes).then_some(None),
                KeyKind::Witness => signature.bytes.split_first_chunk().and_then(|(seconds, bytes)| {
                    let seconds = u64::from_be_bytes(*seconds);
                    key.fits(&self.cosigned(seconds), bytes).then_some(Some(seconds))
                }),
            };
            // One false signature of a known key spoils the note, whatever else is on it.
            seen = Ok(found.ok_or_else(|| BadNote::FalseSignature(key.name.clone()))?);
        }
        seen
    }

    /// Takes over what others have signed on the same text.
    pub(crate) fn merge(&mut self, other: &Self) {
        for signature in &other.signatures {
            if !self.signatures.contains(signature) {
                self.signatures.push(signature.clone());
            }
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        for Signature { name, id, bytes } in &self.signatures {
            let signature = STANDARD.encode([id.to_be_bytes().as_slice(), bytes].concat());
            writeln!(f, "{DASH}{name} {signature}")?;
        }
        Ok(())
    }
}

impl FromStr for Note {
    type Err = BadNote;

    fn from_str(note: &str) -> Result<Self, BadNote> {
        if note.len() > LONGEST {
            return Err(BadNote::NotANote("it is longer than 1 MiB"));
        }
        if note.contains(|c: char| c < ' ' && c != '\n') {
            return Err(BadNote::NotANote("it has control characters"));
        }
        let at = note.rfind("\n\n").ok_or(BadNote::NotANote("no blank line before the signatures"))?;
        let (text, lines) = (&note[..=at], &note[at + 2..]);
        let lines = lines.strip_suffix('\n').ok_or(BadNote::NotANote("its last line does not end"))?;
        let signatures: Option<Vec<_>> = lines.split('\n').map(signature).collect();
        let signatures = signatures.ok_or(BadNote::NotANote("a signature line cannot be read"))?;
        Ok(Self { text: text.to_owned(), signatures })
    }
}

fn signature(line: &str) -> Option<Signature> {
    let (name, signature) = line.strip_prefix(DASH)?.split_once(' ')?;
    let signature = STANDARD.decode(signature).ok()?;
    let (id, bytes) = signature.split_first_chunk()?;
    let well_formed = !name.is_empty() && !name.contains('+') && !bytes.is_empty();
    well_formed.then(|| Signature {
        name: name.to_owned(),
        id: u32::from_be_bytes(*id),
        bytes: bytes.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Go's `sumdb/note`, whose key and signature are published.
    const PRIVATE: &str = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    const PUBLIC: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const SIGNED: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\n\
        — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    #[test]
    fn the_published_example_is_read_verified_and_signed_to_the_byte() {
        let key = SigningKey::from_text(&PRIVATE.to_owned().into()).unwrap();
        assert_eq!(key.verifier().to_string(), PUBLIC);
        let public: VerifierKey = PUBLIC.parse().unwrap();
        let note: Note = SIGNED.parse().unwrap();
        assert_eq!(note.verify(&public), Ok(None));
        assert_eq!(note.to_string(), SIGNED);
        let mut again = Note::new(note.text().to_owned());
        again.sign(&key).unwrap();
        assert_eq!(again.to_string(), SIGNED);
    }

    #[test]
    fn any_changed_character_of_the_text_makes_the_signature_false() {
        let key: VerifierKey = PUBLIC.parse().unwrap();
        let end = SIGNED.rfind("\n\n").unwrap();
        for at in 0..end {
            let mut changed = SIGNED.to_owned().into_bytes();
            changed[at] = if changed[at] == b'x' { b'y' } else { b'x' };
            let note: Note = String::from_utf8(changed).unwrap().parse().unwrap();
            assert_eq!(note.verify(&key), Err(BadNote::FalseSignature("PeterNeumann".into())), "{at}");
        }
    }

    #[test]
    fn a_cosignature_binds_its_time_and_counts_for_its_witness_only() {
        let (witness, secret) = SigningKey::generate("witness.example/w1", KeyKind::Witness).unwrap();
        let again = SigningKey::from_text(&secret).unwrap();
        assert_eq!(again.verifier(), witness.verifier());
        let mut note: Note = SIGNED.parse().unwrap();
        note.cosign(&witness, 1_790_000_000).unwrap();
        let mut read: Note = note.to_string().parse().unwrap();
        assert_eq!(read.verify(witness.verifier()), Ok(Some(1_790_000_000)));
        assert_eq!(read.verify(&PUBLIC.parse().unwrap()), Ok(None), "the log's own signature still holds");
        let (other, _) = SigningKey::generate("witness.example/w1", KeyKind::Witness).unwrap();
        assert_eq!(
            read.verify(other.verifier()),
            Err(BadNote::NotSigned("witness.example/w1".into())),
            "the name alone does not make a key known"
        );
        read.signatures[1].bytes[7] ^= 1;
        assert_eq!(
            read.verify(witness.verifier()),
            Err(BadNote::FalseSignature("witness.example/w1".into()))
        );
        assert_eq!(note.sign(&witness), Err(BadNote::WrongKind("witness.example/w1".into())));
    }

    #[test]
    fn what_is_no_key_or_note_is_refused_and_a_secret_is_not_repeated() {
        for bad in ["", "a+b", "a+00000000+AAAA", &PUBLIC.replace("c74f20a3", "c74f20a4"), "+c74f20a3+ARpc"] {
            assert!(bad.parse::<VerifierKey>().is_err(), "{bad}");
        }
        let secret = PRIVATE.replace("c74f20a3", "c74f20a4");
        let text = SigningKey::from_text(&secret.into()).unwrap_err().to_string();
        assert!(!text.contains("AYEK"), "{text}");
        for bad in [
            "",
            "text\n",
            "text\n\n",
            "text\n\n— a\n",
            "text\n\n— a AAAA\n",
            "text\n\n— a AAAAAAE=",
            "a\tb\n\n— a AAAAAAE=\n",
        ] {
            assert!(bad.parse::<Note>().is_err(), "{bad:?}");
        }
        for name in ["", "a b", "a+b", "a\u{a0}b"] {
            assert_eq!(
                SigningKey::generate(name, KeyKind::Log).map(|_| ()),
                Err(BadNote::BadName),
                "{name:?}"
            );
        }
    }
}
