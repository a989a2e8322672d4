//! Words that can be looked up and not be read: each is replaced by a code that only somebody with the ring's key can
//! make (HMAC-SHA-256, RFC 2104, cut to 64 bits). A search index of codes tells a thief of the file how often some word
//! occurs, and not which.

use hmac::{Hmac, KeyInit, Mac};
use secrecy::ExposeSecret;
use sha2::Sha256;
use skranke_domain::{SubjectId, Tenant};
use uuid::Uuid;

use super::{KeyError, KeyRing, Subject};

/// The place in the ring where a municipality's key for its index stands. No person has it: ids of people are random.
const INDEX: SubjectId = SubjectId::new(Uuid::from_u128(0x736b_7261_6e6b_8e00_8000_0000_696e_6478));

/// Makes the codes of one municipality: the same word has another code in another one.
#[derive(Clone)]
pub struct Blinder(Hmac<Sha256>);

impl std::fmt::Debug for Blinder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Blinder(…)")
    }
}

impl Blinder {
    /// The code of a word.
    pub fn code(&self, word: &str) -> u64 {
        let mut mac = self.0.clone();
        mac.update(word.as_bytes());
        let code = mac.finalize().into_bytes();
        code.iter().take(8).fold(0, |code, byte| code << 8 | u64::from(*byte))
    }
}

impl KeyRing {
    /// What makes the codes of a municipality's search index. Its key is made when it is first asked for. Blocks for as
    /// long as that takes.
    pub fn blinder(&self, tenant: Tenant) -> Result<Blinder, KeyError> {
        let key = self.key_or_new(Subject { tenant, id: INDEX })?;
        // HMAC takes a key of any length.
        Hmac::new_from_slice(key.expose_secret()).map(Blinder).map_err(|_| KeyError::Damaged)
    }

    /// Whether a subject's key was destroyed. Blocks for as long as a disk or a server takes.
    pub fn is_destroyed(&self, tenant: Tenant, subject: SubjectId) -> Result<bool, KeyError> {
        self.find(Subject { tenant, id: subject }).map(|found| matches!(found, super::Found::Destroyed))
    }
}
