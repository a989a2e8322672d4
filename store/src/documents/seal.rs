//! The form in which a file lies on the disk: the STREAM construction over XChaCha20-Poly1305.
//!
//! A mark, a random nonce, then pieces of 64 KiB, each with its tag. The place of a piece and whether it is the last
//! are part of its nonce, so pieces that are moved, doubled, left out or cut off do not open. Every piece is bound to
//! the municipality and the subject.

use aead_stream::{DecryptorBE32, EncryptorBE32, Nonce, StreamBE32};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use skranke_domain::{SubjectId, Tenant};

use crate::keys::FileKeys;

use super::DocumentError;

/// The first bytes of a sealed file. Another form will have another mark.
pub(super) const MARK: [u8; 4] = *b"SKD1";
const NONCE: usize = 19;
/// Mark and nonce.
pub(super) const HEADER: usize = MARK.len() + NONCE;
/// How much of a file is sealed at a time.
pub(super) const PIECE: usize = 64 * 1024;
const TAG: usize = 16;
/// A piece as it lies on the disk.
pub(super) const SEALED_PIECE: usize = PIECE + TAG;

type StreamNonce = Nonce<XChaCha20Poly1305, StreamBE32<XChaCha20Poly1305>>;

fn bound_to(tenant: Tenant, subject: SubjectId) -> Vec<u8> {
    format!("skranke document {tenant}/{subject}").into_bytes()
}

/// Seals one file, piece by piece.
pub(super) struct Sealing {
    cipher: EncryptorBE32<XChaCha20Poly1305>,
    bound_to: Vec<u8>,
}

impl Sealing {
    /// A new file, and the header it begins with.
    pub(super) fn begin(
        keys: &FileKeys,
        tenant: Tenant,
        subject: SubjectId,
    ) -> Result<(Self, [u8; HEADER]), DocumentError> {
        let mut header = [0; HEADER];
        let (mark, nonce) = header.split_at_mut(MARK.len());
        mark.copy_from_slice(&MARK);
        getrandom::fill(nonce).map_err(DocumentError::NoRandomness)?;
        let aead = XChaCha20Poly1305::new((&*keys.seal).into());
        let nonce = StreamNonce::try_from(&*nonce).map_err(|_| DocumentError::Altered)?;
        let cipher = EncryptorBE32::from_aead(aead, &nonce);
        Ok((Self { cipher, bound_to: bound_to(tenant, subject) }, header))
    }

    /// Seals a whole piece in place; there will be another.
    pub(super) fn next(&mut self, piece: &mut Vec<u8>) -> Result<(), DocumentError> {
        // Only a file beyond 256 TiB ends here.
        self.cipher.encrypt_next_in_place(&self.bound_to, piece).map_err(|_| DocumentError::TooLarge)
    }

    /// Seals the last piece, which may be short or empty.
    pub(super) fn last(self, piece: &mut Vec<u8>) -> Result<(), DocumentError> {
        self.cipher.encrypt_last_in_place(&self.bound_to, piece).map_err(|_| DocumentError::TooLarge)
    }
}

/// Opens one file, piece by piece.
pub(super) struct Opening {
    cipher: DecryptorBE32<XChaCha20Poly1305>,
    bound_to: Vec<u8>,
}

impl Opening {
    /// Reads the header.
    pub(super) fn begin(
        keys: &FileKeys,
        tenant: Tenant,
        subject: SubjectId,
        header: &[u8; HEADER],
    ) -> Result<Self, DocumentError> {
        let nonce = header.strip_prefix(&MARK).ok_or(DocumentError::Altered)?;
        let nonce = StreamNonce::try_from(nonce).map_err(|_| DocumentError::Altered)?;
        let cipher = DecryptorBE32::from_aead(XChaCha20Poly1305::new((&*keys.seal).into()), &nonce);
        Ok(Self { cipher, bound_to: bound_to(tenant, subject) })
    }

    /// Opens a piece in place that is not the last.
    pub(super) fn next(&mut self, piece: &mut Vec<u8>) -> Result<(), DocumentError> {
        self.cipher.decrypt_next_in_place(&self.bound_to, piece).map_err(|_| DocumentError::Altered)
    }

    /// Opens the last piece in place.
    pub(super) fn last(self, piece: &mut Vec<u8>) -> Result<(), DocumentError> {
        self.cipher.decrypt_last_in_place(&self.bound_to, piece).map_err(|_| DocumentError::Altered)
    }
}
