//! Personal fields. A [`Sealed`] value is open in memory, locked in the log, and gone once its key is.
//!
//! Invariant: an open value cannot be serialised. Whoever forgets to seal an event gets an error from the
//! append, never a name in the log. `Debug` shows nothing of the value either.

use std::borrow::Cow;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_bytes::{ByteBuf, Bytes};

use crate::id::SubjectId;

/// A personal field about one subject.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed<T> {
    subject: SubjectId,
    state: State<T>,
}

#[derive(Clone, PartialEq, Eq)]
enum State<T> {
    Open(T),
    Locked { field: Cow<'static, str>, bytes: Vec<u8> },
    Erased,
}

/// What a reader finds in a sealed field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen<'a, T> {
    /// The value.
    Open(&'a T),
    /// Still locked: nobody opened it for this reader.
    Locked,
    /// The key was destroyed; the value exists nowhere any more.
    Erased,
}

impl<T> Sealed<T> {
    /// A value as it comes in, before it is locked.
    pub const fn new(subject: SubjectId, value: T) -> Self {
        Self { subject, state: State::Open(value) }
    }

    /// Whom it is about.
    pub const fn subject(&self) -> SubjectId {
        self.subject
    }

    /// What there is to see.
    pub const fn see(&self) -> Seen<'_, T> {
        match &self.state {
            State::Open(value) => Seen::Open(value),
            State::Locked { .. } => Seen::Locked,
            State::Erased => Seen::Erased,
        }
    }

    /// The value, if it is open.
    pub const fn value(&self) -> Option<&T> {
        match &self.state {
            State::Open(value) => Some(value),
            State::Locked { .. } | State::Erased => None,
        }
    }
}

impl<T> fmt::Debug for Sealed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            State::Open(_) => "open",
            State::Locked { .. } => "locked",
            State::Erased => "erased",
        };
        write!(f, "Sealed({state})")
    }
}

/// Why a field could not be locked or opened. Says nothing of the value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The value cannot be written as JSON, or what was opened is not the JSON of such a value.
    #[error("a sealed field does not hold what its type says")]
    Shape,
    /// Authentication failed: the bytes were changed, or moved from another field, stream or tenant.
    #[error("a sealed field was altered or moved from its place in the log")]
    Altered,
    /// The subject's key was destroyed: nothing more can be sealed about them, ever.
    #[error("the key of this subject was destroyed, so nothing more can be sealed about them")]
    Destroyed,
    /// The key store did not answer.
    #[error("the key ring did not answer: {0}")]
    KeyRing(String),
}

/// Locks plain bytes for one subject. Implemented by the key ring for one stream.
pub trait Sealer {
    /// The sealed bytes, bound to `subject` and `field` (and to the stream the sealer was made for).
    fn seal(&self, subject: SubjectId, field: &str, plain: &[u8]) -> Result<Vec<u8>, SealError>;
}

/// Opens sealed bytes. Implemented by the key ring for one stream.
pub trait Opener {
    /// The plain bytes, or `None` when the subject's key was destroyed.
    fn open(&self, subject: SubjectId, field: &str, sealed: &[u8]) -> Result<Option<Vec<u8>>, SealError>;
}

/// A sealed field whose value type is forgotten: what [`Sealable::seals`] hands to its visitor.
pub trait SealedField {
    /// Locks an open value in place; a locked or erased one stays as it is.
    fn lock(&mut self, field: &'static str, sealer: &dyn Sealer) -> Result<(), SealError>;
    /// Opens a locked value in place, checking that it was locked as `field`.
    fn unlock(&mut self, field: &'static str, opener: &dyn Opener) -> Result<(), SealError>;
}

impl<T: Serialize + DeserializeOwned> SealedField for Sealed<T> {
    fn lock(&mut self, field: &'static str, sealer: &dyn Sealer) -> Result<(), SealError> {
        if let State::Open(value) = &self.state {
            let plain = serde_json::to_vec(value).map_err(|_| SealError::Shape)?;
            let bytes = sealer.seal(self.subject, field, &plain)?;
            self.state = State::Locked { field: Cow::Borrowed(field), bytes };
        }
        Ok(())
    }

    fn unlock(&mut self, field: &'static str, opener: &dyn Opener) -> Result<(), SealError> {
        match &self.state {
            State::Locked { field: written, .. } if written != field => Err(SealError::Altered),
            _ => self.open_with(opener),
        }
    }
}

impl<T: DeserializeOwned> Sealed<T> {
    /// Opens a locked value in place, wherever it stands (read models keep fields of many events).
    pub fn open_with(&mut self, opener: &dyn Opener) -> Result<(), SealError> {
        if let State::Locked { field, bytes } = &self.state {
            self.state = match opener.open(self.subject, field, bytes)? {
                Some(plain) => State::Open(serde_json::from_slice(&plain).map_err(|_| SealError::Shape)?),
                None => State::Erased,
            };
        }
        Ok(())
    }
}

/// Visits one sealed field: its name within the event (`CallNoted.text`) and the field.
pub type SealVisitor<'a> = dyn FnMut(&'static str, &mut dyn SealedField) -> Result<(), SealError> + 'a;

/// An event that can show its sealed fields, each by a name that never changes.
pub trait Sealable {
    /// Calls `visit` once for every sealed field.
    fn seals(&mut self, visit: &mut SealVisitor<'_>) -> Result<(), SealError>;

    /// Locks every field.
    fn lock_all(&mut self, sealer: &dyn Sealer) -> Result<(), SealError> {
        self.seals(&mut |name, field| field.lock(name, sealer))
    }

    /// Opens every field whose key still exists.
    fn unlock_all(&mut self, opener: &dyn Opener) -> Result<(), SealError> {
        self.seals(&mut |name, field| field.unlock(name, opener))
    }
}

/// The stored form: `{"subject":"<uuid>","field":"CallNoted.text","sealed":"<base64url>"}`. A format that is not read
/// by people takes the bytes as they are.
#[derive(Serialize, Deserialize)]
struct Stored<'a, B> {
    subject: SubjectId,
    field: Cow<'a, str>,
    sealed: B,
}

impl<T> Serialize for Sealed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (field, bytes) = match &self.state {
            State::Locked { field, bytes } => (field.as_ref(), bytes.as_slice()),
            State::Erased => ("", [].as_slice()),
            State::Open(_) => {
                return Err(serde::ser::Error::custom(
                    "a personal field must be sealed before it is written",
                ));
            }
        };
        let (subject, field) = (self.subject, Cow::Borrowed(field));
        if serializer.is_human_readable() {
            Stored { subject, field, sealed: URL_SAFE_NO_PAD.encode(bytes) }.serialize(serializer)
        } else {
            Stored { subject, field, sealed: Bytes::new(bytes) }.serialize(serializer)
        }
    }
}

impl<'de, T> Deserialize<'de> for Sealed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Stored { subject, field, sealed: bytes } = if deserializer.is_human_readable() {
            let Stored { subject, field, sealed } = Stored::<Cow<'_, str>>::deserialize(deserializer)?;
            let sealed = URL_SAFE_NO_PAD
                .decode(sealed.as_bytes())
                .map_err(|_| serde::de::Error::custom("a sealed field is not base64url"))?;
            Stored { subject, field, sealed }
        } else {
            let Stored { subject, field, sealed } = Stored::<ByteBuf>::deserialize(deserializer)?;
            Stored { subject, field, sealed: sealed.into_vec() }
        };
        let state = if bytes.is_empty() {
            State::Erased
        } else {
            State::Locked { field: Cow::Owned(field.into_owned()), bytes }
        };
        Ok(Self { subject, state })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    /// Reverses the bytes and remembers the field: enough to see who called what.
    struct Mirror;
    impl Sealer for Mirror {
        fn seal(&self, _: SubjectId, _: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
            Ok(plain.iter().rev().copied().collect())
        }
    }
    impl Opener for Mirror {
        fn open(&self, subject: SubjectId, _: &str, sealed: &[u8]) -> Result<Option<Vec<u8>>, SealError> {
            Ok((subject.uuid() != Uuid::nil()).then(|| sealed.iter().rev().copied().collect()))
        }
    }

    fn subject() -> SubjectId {
        SubjectId::new(Uuid::from_u128(1))
    }

    #[test]
    fn an_open_field_can_be_neither_written_nor_printed() {
        let field = Sealed::new(subject(), "hemmeligt".to_owned());
        assert!(serde_json::to_string(&field).is_err());
        assert!(!format!("{field:?}").contains("hemmeligt"));
    }

    #[test]
    fn a_field_survives_lock_write_read_and_unlock() {
        let mut field = Sealed::new(subject(), "Værløse".to_owned());
        field.lock("Test.text", &Mirror).unwrap();
        let json = serde_json::to_string(&field).unwrap();
        let mut read: Sealed<String> = serde_json::from_str(&json).unwrap();
        assert_eq!(read.see(), Seen::Locked);
        read.unlock("Test.text", &Mirror).unwrap();
        assert_eq!(read.value().map(String::as_str), Some("Værløse"));
    }

    #[test]
    fn a_field_moved_to_another_name_is_refused() {
        let mut field = Sealed::new(subject(), 1_u8);
        field.lock("Test.one", &Mirror).unwrap();
        assert_eq!(field.unlock("Test.two", &Mirror), Err(SealError::Altered));
    }

    #[test]
    fn a_field_whose_key_is_gone_is_erased_and_stays_so_when_written() {
        let mut field = Sealed::new(SubjectId::new(Uuid::nil()), 1_u8);
        field.lock("Test.one", &Mirror).unwrap();
        field.unlock("Test.one", &Mirror).unwrap();
        assert_eq!(field.see(), Seen::Erased);
        let read: Sealed<u8> = serde_json::from_str(&serde_json::to_string(&field).unwrap()).unwrap();
        assert_eq!(read.see(), Seen::Erased);
    }
}
