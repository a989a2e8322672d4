//! What the files of one subject are sealed and addressed with: two keys that follow from the subject's own, so
//! that destroying the one destroys both.

use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use aws_lc_rs::hmac::{self, HMAC_SHA256};
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;
use skranke_domain::{SubjectId, Tenant};

use super::cipher::Secret;
use super::{Found, KeyError, KeyRing, Subject};

/// The keys of one subject's files.
pub(crate) struct FileKeys {
    /// Seals the bytes.
    pub(crate) seal: Zeroizing<[u8; 32]>,
    /// Makes their address.
    pub(crate) address: hmac::Key,
}

struct Bytes32;

impl KeyType for Bytes32 {
    fn len(&self) -> usize {
        32
    }
}

impl FileKeys {
    fn of(secret: &Secret) -> Result<Self, KeyError> {
        let root = Salt::new(HKDF_SHA256, b"skranke documents").extract(secret.expose_secret());
        let derive = |what: &[u8]| {
            let mut key = Zeroizing::new([0; 32]);
            let filled = root.expand(&[what], Bytes32).and_then(|derived| derived.fill(&mut *key));
            filled.map(|()| key).map_err(|_| KeyError::Damaged)
        };
        let address = hmac::Key::new(HMAC_SHA256, &*derive(b"address")?);
        Ok(Self { seal: derive(b"seal")?, address })
    }
}

impl KeyRing {
    /// The keys for new files of a subject. Blocks until the subject's own key is durable.
    pub(crate) fn keys_for_new_files(&self, tenant: Tenant, id: SubjectId) -> Result<FileKeys, KeyError> {
        FileKeys::of(self.key_or_new(Subject { tenant, id })?.as_ref())
    }

    /// The keys of a subject's files; `None` when they were destroyed. Blocks.
    pub(crate) fn keys_of_files(&self, tenant: Tenant, id: SubjectId) -> Result<Option<FileKeys>, KeyError> {
        match self.find(Subject { tenant, id })? {
            Found::Key(secret) => FileKeys::of(&secret).map(Some),
            Found::Destroyed | Found::Nothing => Ok(None),
        }
    }
}
