//! Keys, and the cipher they are used with: XChaCha20-Poly1305 with a random nonce.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rand::Rng;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use sha2::{Digest, Sha256};

use super::{KeyError, Subject};

/// The first byte of everything sealed here. Another cipher will be another number.
const XCHACHA20: u8 = 1;
const NONCE: usize = 24;

pub(super) type Secret = SecretBox<[u8; 32]>;

/// The key that wraps all others. Zeroed when dropped, never printed.
pub struct MasterKey(Secret);

impl MasterKey {
    /// A new random one.
    pub fn generate() -> Result<Self, KeyError> {
        random_secret().map(Self)
    }

    /// Reads what [`Self::to_base64`] wrote; space around it is ignored.
    pub fn from_base64(text: &SecretString) -> Result<Self, KeyError> {
        let bytes = Zeroizing::new(
            STANDARD.decode(text.expose_secret().trim()).map_err(|_| KeyError::NotAMasterKey)?,
        );
        secret(&bytes).map(Self).ok_or(KeyError::NotAMasterKey)
    }

    /// The form in which an operator keeps it.
    pub fn to_base64(&self) -> SecretString {
        STANDARD.encode(self.0.expose_secret()).into()
    }

    /// The name it has beside what it wrapped: 128 bits of a digest, which tell nothing of a random key.
    pub(super) fn id(&self) -> String {
        let digest = Sha256::new()
            .chain_update(b"skranke master key id\0")
            .chain_update(self.0.expose_secret())
            .finalize();
        digest[..16].iter().fold(String::with_capacity(32), |text, byte| format!("{text}{byte:02x}"))
    }

    /// Locks a subject's key, bound to the subject.
    pub(super) fn wrap(&self, subject: Subject, key: &Secret) -> Result<Vec<u8>, KeyError> {
        seal(&self.0, &subject.place(), key.expose_secret())
    }

    /// Opens what [`Self::wrap`] made.
    pub(super) fn unwrap_key(&self, subject: Subject, wrapped: &[u8]) -> Result<Secret, KeyError> {
        open(&self.0, &subject.place(), wrapped)
            .as_deref()
            .and_then(|key| secret(key))
            .ok_or(KeyError::Damaged)
    }

    /// Bytes that only this key opens.
    pub(super) fn prove(&self) -> Result<Vec<u8>, KeyError> {
        seal(&self.0, PROOF, PROOF)
    }

    /// Whether the proof is this key's.
    pub(super) fn is_proved_by(&self, proof: &[u8]) -> bool {
        open(&self.0, PROOF, proof).is_some()
    }
}

/// What a proof holds.
const PROOF: &[u8] = b"skranke key ring";

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

/// The master keys that a ring may be under: one, or during a rotation two. The ring itself says which of them
/// it is under at the moment, so the order in which nodes learn of a new one does not matter.
#[derive(Debug)]
pub struct Masters {
    /// The one to be under: what a new ring is made with and [`super::KeyRing::rotate`] leads to.
    pub current: MasterKey,
    /// The one before.
    pub old: Option<MasterKey>,
}

impl From<MasterKey> for Masters {
    fn from(current: MasterKey) -> Self {
        Self { current, old: None }
    }
}

impl Masters {
    pub(super) fn iter(&self) -> impl Iterator<Item = &MasterKey> {
        std::iter::once(&self.current).chain(&self.old)
    }
}

fn secret(bytes: &[u8]) -> Option<Secret> {
    (bytes.len() == 32)
        .then(|| SecretBox::init_with_mut(|secret: &mut [u8; 32]| secret.copy_from_slice(bytes)))
}

pub(super) fn random_secret() -> Result<Secret, KeyError> {
    let mut random = Ok(());
    let secret = SecretBox::init_with_mut(|secret: &mut [u8; 32]| random = getrandom::fill(secret));
    random.map(|()| secret).map_err(KeyError::NoRandomness)
}

/// Version byte, nonce, ciphertext with tag.
pub(super) fn seal(key: &Secret, place: &[u8], plain: &[u8]) -> Result<Vec<u8>, KeyError> {
    // Never twice is all that is asked of it: 192 bits of this thread's own generator, which the kernel seeds.
    let mut nonce = [0; NONCE];
    rand::rng().fill_bytes(&mut nonce);
    let sealed = XChaCha20Poly1305::new(key.expose_secret().into())
        .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: place })
        // Only a value beyond the cipher's 256 GiB ends here.
        .map_err(|_| KeyError::Damaged)?;
    Ok([&[XCHACHA20], nonce.as_slice(), &sealed].concat())
}

/// `None` when the bytes were changed, or sealed elsewhere or with another key.
pub(super) fn open(key: &Secret, place: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (&XCHACHA20, rest) = sealed.split_first()? else { return None };
    let (nonce, text) = rest.split_first_chunk::<NONCE>()?;
    let plain = XChaCha20Poly1305::new(key.expose_secret().into())
        .decrypt(&XNonce::from(*nonce), Payload { msg: text, aad: place })
        .ok()?;
    Some(Zeroizing::new(plain))
}
