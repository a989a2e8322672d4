//! The one door through which events of the log become events of the domain.
//!
//! An event of today's version is read straight from its bytes. Its version stands at the end of its metadata
//! when this program wrote it, so finding it there parses nothing; only metadata that somebody else wrote is
//! looked through.

use std::borrow::Cow;

use serde::Deserialize;
use skranke_domain::StreamId;
use skranke_domain::upcast::{self, Evolving, Reading, UpcastError};

use crate::port::{EventType, Recorded, Revision};

/// Why an event cannot be read. Names its place and type, and nothing of what it says.
#[derive(Debug, thiserror::Error)]
#[error("{stream} revision {revision} is no readable {event_type}")]
pub struct ReadError {
    /// Its stream.
    pub stream: StreamId,
    /// Its number there.
    pub revision: Revision,
    /// Its stored type.
    pub event_type: EventType,
    /// What is wrong with it.
    #[source]
    pub fault: ReadFault,
}

/// What is wrong with an event.
#[derive(Debug, thiserror::Error)]
pub enum ReadFault {
    /// Its fields.
    #[error(transparent)]
    Fields(#[from] UpcastError),
    /// Its metadata names a version that is none.
    #[error("its metadata names a version that is none")]
    Version,
}

/// An event in a stream that this program does not know, so that it must not decide on what the stream says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{stream} revision {revision} has the type {event_type}, which this version does not know (or not in that \
     form): start the newer program that wrote it"
)]
pub struct NewerEvent {
    /// Its stream.
    pub stream: StreamId,
    /// Its number there.
    pub revision: Revision,
    /// Its stored type.
    pub event_type: EventType,
}

impl NewerEvent {
    /// The event at this place.
    pub fn at(recorded: &Recorded) -> Self {
        let Recorded { stream, revision, event_type, .. } = recorded;
        Self { stream: stream.clone(), revision: *revision, event_type: event_type.clone() }
    }
}

/// What an event of the log tells.
pub fn read<E: Evolving>(recorded: &Recorded) -> Result<Reading<E>, ReadError> {
    version(&recorded.metadata)
        .ok_or(ReadFault::Version)
        .and_then(|version| Ok(upcast::read(&recorded.event_type, version, &recorded.data)?))
        .map_err(|fault| ReadError {
            stream: recorded.stream.clone(),
            revision: recorded.revision,
            event_type: recorded.event_type.clone(),
            fault,
        })
}

/// The version of an event's fields, which its metadata tells. One that says nothing is of the first; `None`:
/// what it says is no version.
pub fn version(metadata: &[u8]) -> Option<u32> {
    #[derive(Deserialize)]
    struct Schema<'a> {
        #[serde(borrow, default)]
        schema: Option<Cow<'a, str>>,
    }
    if let Some(text) = last_field(metadata).filter(|text| !text.is_empty()) {
        return whole(text);
    }
    match serde_json::from_slice(metadata) {
        Ok(Schema { schema: Some(text) }) if !text.is_empty() => whole(&text),
        // Metadata that is no JSON is somebody else's: it has no word for this.
        Ok(Schema { .. }) | Err(_) => Some(upcast::FIRST),
    }
}

/// The value of a `schema` that stands last, as [`crate::Metadata`] writes it. A quotation mark within a text
/// has a backslash before it, so this end of a JSON object can be nothing else.
fn last_field(metadata: &[u8]) -> Option<&str> {
    let rest = metadata.strip_suffix(b"\"}")?;
    let digits = rest.iter().rev().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
    let (rest, text) = rest.split_at_checked(rest.len() - digits)?;
    let _ = rest.strip_suffix(b"\"schema\":\"")?;
    std::str::from_utf8(text).ok()
}

/// The whole part of `1` or `1.3`: a minor part only adds what may be passed over.
fn whole(text: &str) -> Option<u32> {
    text.split_once('.').map_or(text, |(whole, _)| whole).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_found_wherever_it_stands() {
        for (metadata, found) in [
            (r#"{"software":"skranke/0.1.0","schema":"1"}"#, Some(1)),
            (r#"{"schema":"12.3"}"#, Some(12)),
            (r#"{"schema":"2","software":"x"}"#, Some(2)),
            (r#"{ "software": "x", "schema": "3" }"#, Some(3)),
            (r#"{"software":"x"}"#, Some(1)),
            (r#"{"schema":""}"#, Some(1)),
            (r#"{"schema":null}"#, Some(1)),
            ("{}", Some(1)),
            ("", Some(1)),
            ("no json", Some(1)),
            (r#"{"note":"\"schema\":\"9"}"#, Some(1)),
            (r#"{"inner":{"schema":"9"}}"#, Some(1)),
            (r#"{"schema":"new"}"#, None),
            (r#"{"schema":"."}"#, None),
            (r#"{"schema":"99999999999"}"#, None),
        ] {
            assert_eq!(version(metadata.as_bytes()), found, "{metadata}");
        }
    }

    #[test]
    fn what_this_program_writes_ends_in_its_version() {
        let act = skranke_domain::Act::system(
            skranke_domain::Tenant::NOBODY,
            jiff::Timestamp::UNIX_EPOCH,
            uuid::Uuid::nil(),
        );
        let mut metadata = crate::Metadata::from_act(&act, "skranke/0.1.0");
        metadata.schema = "7".to_owned();
        assert_eq!(last_field(&metadata.to_json().unwrap()), Some("7"));
    }
}
