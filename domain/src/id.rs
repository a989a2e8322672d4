//! One type per kind of id, so that a case id can never stand where a user id is wanted.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Why a text is no id. Never repeats the text: it came from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Not a UUID in its hyphenated form.
    #[error("not a valid id: write the UUID as it was given")]
    NotAUuid,
    /// Not a municipality code.
    #[error("not a municipality code: write its four digits, for example 0190")]
    NotATenant,
    /// Not a stream name.
    #[error("not a stream name: it has 1 to 1024 bytes and no control characters")]
    NotAStream,
}

/// The id that follows from a digest: UUID version 8 (RFC 9562) over its first 128 bits, of which six give way
/// to version and variant. Whoever knows what was digested knows the id, on any machine and at any time, so
/// a thing that is made twice is one thing. What is digested is never only something that a person could
/// guess about another person.
pub fn from_digest(digest: &[u8; 32]) -> Uuid {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Takes a UUID that [`crate::time::Ids`] made, or that was read back from the log.
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID inside.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0.hyphenated(), f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0.hyphenated())
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Uuid::try_parse(text).map(Self).map_err(|_| IdError::NotAUuid)
            }
        }
    };
}

id! {
    /// One case (sag).
    CaseId
}
id! {
    /// One inquiry (henvendelse).
    InquiryId
}
id! {
    /// One exemption (fritagelse) from mandatory self-service.
    ExemptionId
}
id! {
    /// One self-service solution (selvbetjeningsløsning) of the register.
    ServiceId
}
id! {
    /// One complaint (klage).
    ComplaintId
}
id! {
    /// One request for access to a file (aktindsigt).
    AccessRequestId
}
id! {
    /// One document of a case (akt), or the file of one version.
    DocumentId
}
id! {
    /// One conversation at the counter.
    ConversationId
}
id! {
    /// One member of staff.
    UserId
}
id! {
    /// One webhook.
    WebhookId
}
id! {
    /// One token of a service account: its name, not the token.
    TokenId
}
id! {
    /// One team (hold) of a municipality.
    TeamId
}
id! {
    /// One saved view (gemt visning) of the case list.
    SavedViewId
}
id! {
    /// One engagement of an auditor (revisionsopgave).
    EngagementId
}
id! {
    /// Whom sealed fields are about: the unit of erasure. One key per subject and tenant.
    SubjectId
}

/// The municipality (kommunekode) that owns a stream: four digits, leading zero kept.
///
/// Whether a municipality with this code exists is the register's business, not this type's.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tenant([u8; 4]);

impl Tenant {
    /// The shared counter: conversations live here until they are handed to a municipality.
    pub const COUNTER: Self = Self(*b"0000");

    /// Whose a stream is that is not one of ours. No one is of this tenant, and no text is read as it.
    pub const NOBODY: Self = Self(*b"----");

    /// Reads four digits, or three (the form seen in borger.dk addresses).
    pub fn try_new(code: &str) -> Result<Self, IdError> {
        let digits = code.as_bytes();
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(IdError::NotATenant);
        }
        match *digits {
            [a, b, c, d] => Ok(Self([a, b, c, d])),
            [b, c, d] => Ok(Self([b'0', b, c, d])),
            _ => Err(IdError::NotATenant),
        }
    }

    /// The four digits.
    pub fn code(&self) -> &str {
        // Invariant: only ASCII is ever put in.
        std::str::from_utf8(&self.0).unwrap_or("0000")
    }

    /// The three digits that borger.dk addresses carry (`kommunekode=190`).
    pub fn code3(&self) -> &str {
        &self.code()[1..]
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tenant({})", self.code())
    }
}

impl FromStr for Tenant {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::try_new(text)
    }
}

impl Serialize for Tenant {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Tenant {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::try_new(&text).map_err(serde::de::Error::custom)
    }
}

/// The name of a stream. Ours are `category-tenant-key`, for example `case-0190-0198f0c2-…`.
///
/// The category before the first hyphen is KurrentDB's own convention (`$by_category`); the tenant in the
/// key means that none of our streams can be named without saying whose it is. A log may also hold streams
/// that others wrote: those have any name, no category, and belong to [`Tenant::NOBODY`]. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StreamId(Arc<str>);

impl StreamId {
    /// The longest name, in bytes.
    pub const LONGEST: usize = 1024;

    /// The stream of one aggregate.
    pub fn new(category: &'static str, tenant: Tenant, key: impl fmt::Display) -> Self {
        debug_assert!(category.bytes().all(|b| b.is_ascii_lowercase()), "categories are lower-case words");
        Self(format!("{category}-{tenant}-{key}").into())
    }

    /// Reads a name: 1 to [`Self::LONGEST`] bytes without control characters.
    pub fn parse(name: &str) -> Result<Self, IdError> {
        let well_formed = (1..=Self::LONGEST).contains(&name.len()) && !name.contains(char::is_control);
        if well_formed { Ok(Self(name.into())) } else { Err(IdError::NotAStream) }
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Category, tenant and key, if it is one of ours.
    fn parts(&self) -> Option<(&str, Tenant, &str)> {
        let (category, rest) = self.0.split_once('-')?;
        let (tenant, key) = rest.split_once('-')?;
        let ours = !category.is_empty()
            && category.bytes().all(|b| b.is_ascii_lowercase())
            && tenant.len() == 4
            && !key.is_empty();
        if ours { Some((category, Tenant::try_new(tenant).ok()?, key)) } else { None }
    }

    /// What kind of stream it is, for example `case`; empty when it is not one of ours.
    pub fn category(&self) -> &str {
        self.parts().map_or("", |(category, ..)| category)
    }

    /// Whose stream it is.
    pub fn tenant(&self) -> Tenant {
        self.parts().map_or(Tenant::NOBODY, |(_, tenant, _)| tenant)
    }

    /// The part after the tenant: the aggregate's id. Empty when it is not one of ours.
    pub fn key(&self) -> &str {
        self.parts().map_or("", |(.., key)| key)
    }
}

impl FromStr for StreamId {
    type Err = IdError;
    fn from_str(name: &str) -> Result<Self, IdError> {
        Self::parse(name)
    }
}

impl TryFrom<String> for StreamId {
    type Error = IdError;
    fn try_from(name: String) -> Result<Self, IdError> {
        Self::parse(&name)
    }
}

impl From<StreamId> for String {
    fn from(id: StreamId) -> Self {
        id.0.as_ref().to_owned()
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StreamId({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_from_a_digest_is_what_it_always_was() {
        let mut digest = [0; 32];
        // The first half of SHA-256("abc"), FIPS 180-4.
        digest[..16].copy_from_slice(&0xba78_16bf_8f01_cfea_4141_40de_5dae_2223_u128.to_be_bytes());
        assert_eq!(from_digest(&digest).to_string(), "ba7816bf-8f01-8fea-8141-40de5dae2223");
    }

    #[test]
    fn a_tenant_is_read_with_three_or_four_digits() {
        assert_eq!(Tenant::try_new("190").unwrap(), Tenant::try_new("0190").unwrap());
        assert_eq!(Tenant::try_new("0190").unwrap().code3(), "190");
        for bad in ["", "19", "01900", "019a", "０１９０"] {
            assert_eq!(Tenant::try_new(bad), Err(IdError::NotATenant), "{bad:?}");
        }
    }

    #[test]
    fn a_stream_name_gives_back_its_parts() {
        let id = CaseId::new(Uuid::from_u128(7));
        let stream = StreamId::new("case", Tenant::try_new("0190").unwrap(), id);
        assert_eq!(stream.category(), "case");
        assert_eq!(stream.tenant().code(), "0190");
        assert_eq!(stream.key().parse(), Ok(id));
        assert_eq!(StreamId::try_from(stream.to_string()), Ok(stream));
        for foreign in ["case", "case-0190", "case-0190-", "Case-0190-x", "case-19-x", "$all", "my stream"] {
            let stream = StreamId::parse(foreign).unwrap();
            assert_eq!((stream.category(), stream.tenant(), stream.key()), ("", Tenant::NOBODY, ""));
        }
        for bad in ["", "a\nb", &"x".repeat(StreamId::LONGEST + 1)] {
            assert_eq!(StreamId::parse(bad), Err(IdError::NotAStream), "{bad:?}");
        }
        assert_eq!(Tenant::try_new("----"), Err(IdError::NotATenant));
    }
}
