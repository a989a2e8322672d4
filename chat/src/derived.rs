//! Keys that follow from a secret: what one of them signs or names tells nothing of the secret, nor of the others.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// A key for one purpose. Its signatures are 43 characters of an address (`A–Z a–z 0–9 - _`).
#[derive(Clone)]
pub(crate) struct Derived(Hmac<Sha256>);

impl fmt::Debug for Derived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Derived(..)")
    }
}

impl Derived {
    /// The key of a secret for a purpose.
    pub(crate) fn new(secret: &SecretString, purpose: &str) -> Self {
        let digest = Sha256::new_with_prefix(b"skranke derived\0")
            .chain_update((purpose.len() as u64).to_be_bytes())
            .chain_update(purpose)
            .chain_update(secret.expose_secret())
            .finalize();
        let mut key = hmac::digest::Key::<Hmac<Sha256>>::default();
        key.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        Self(Hmac::new(&key))
    }

    /// The signature of a text.
    pub(crate) fn sign(&self, text: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.0.clone().chain_update(text).finalize().into_bytes())
    }

    /// Whether this is the signature of a text. Takes as long for one that is nearly right as for any other.
    pub(crate) fn signed(&self, text: &str, signature: &[u8]) -> bool {
        let Ok(signature) = URL_SAFE_NO_PAD.decode(signature) else { return false };
        self.0.clone().chain_update(text).verify_slice(&signature).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_fits_its_text_its_purpose_and_its_secret_only() {
        let key = Derived::new(&"a secret".into(), "one");
        let signature = key.sign("text");
        assert_eq!(signature.len(), 43);
        assert!(key.signed("text", signature.as_bytes()));
        assert!(
            !key.signed("texts", signature.as_bytes())
                && !key.signed("text", b"")
                && !key.signed("text", b"?")
        );
        assert!(!Derived::new(&"a secret".into(), "two").signed("text", signature.as_bytes()));
        assert!(!Derived::new(&"another".into(), "one").signed("text", signature.as_bytes()));
        assert!(!format!("{key:?}").contains("secret"));
    }
}
