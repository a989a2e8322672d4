//! What happens to keys, as it stands in the log. Beside wrapped keys nothing in here is secret.

use cqrs_es::DomainEvent;
use serde::{Deserialize, Serialize};
use skranke_domain::sealed::{SealError, SealVisitor};
use skranke_domain::{Sealable, codec};

/// An event of a subject's key, or of the ring as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyEvent {
    /// A subject's key was made.
    KeyWrapped(WrappedKey),
    /// It was wrapped anew, under another master key.
    KeyRewrapped(WrappedKey),
    /// It was destroyed. The last event before the stream is deleted.
    KeyDestroyed,
    /// The ring is under this master key from now on.
    MasterKeyAdopted(MasterKeyId),
    /// Nothing is under this master key any more.
    MasterKeyRetired(MasterKeyId),
}

/// A wrapped key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrappedKey {
    /// The wrapped key, base64url without padding.
    pub wrapped: String,
    /// The id of the master key that wraps it.
    pub master: String,
}

/// A master key, by its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MasterKeyId {
    /// 32 hexadecimal digits, from a digest of the key.
    pub master: String,
}

impl Sealable for KeyEvent {
    fn seals(&mut self, _: &mut SealVisitor<'_>) -> Result<(), SealError> {
        Ok(())
    }
}

impl DomainEvent for KeyEvent {
    fn event_type(&self) -> String {
        codec::type_of(self).to_owned()
    }
    fn event_version(&self) -> String {
        "1".to_owned()
    }
}
