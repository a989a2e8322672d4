//! Names, ids and events between the wire and the port.

use std::collections::HashMap;

use bytes::Bytes;
use jiff::Timestamp;
use serde::de::IgnoredAny;
use skranke_domain::StreamId;
use tonic::Status;
use uuid::Uuid;

use super::LARGEST_APPEND;
use super::answer;
use super::proto::event_store::client as wire;
use super::proto::event_store::client::streams::ReadResp;
use super::proto::event_store::client::streams::read_resp::read_event::{Position as Place, RecordedEvent};
use super::proto::event_store::client::streams::read_resp::{Content, ReadEvent};
use crate::port::{NewEvent, Position, Recorded};

/// How the client wants to see ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IdForm {
    Text,
    Halves,
}

pub(super) fn stream(name: Option<wire::StreamIdentifier>) -> Result<StreamId, Status> {
    let name = name.ok_or_else(|| Status::invalid_argument("a stream's name is missing"))?;
    std::str::from_utf8(&name.stream_name).ok().and_then(|name| StreamId::parse(name).ok()).ok_or_else(|| {
        Status::invalid_argument("a stream's name has 1 to 1024 bytes of UTF-8 and no control characters")
    })
}

pub(super) fn stream_name(stream: &StreamId) -> wire::StreamIdentifier {
    wire::StreamIdentifier { stream_name: Bytes::copy_from_slice(stream.as_str().as_bytes()) }
}

pub(super) fn id(id: Option<wire::Uuid>) -> Result<Uuid, Status> {
    match id.and_then(|id| id.value) {
        Some(wire::uuid::Value::String(text)) => Uuid::try_parse(&text).ok(),
        Some(wire::uuid::Value::Structured(halves)) => Some(Uuid::from_u64_pair(
            halves.most_significant_bits.cast_unsigned(),
            halves.least_significant_bits.cast_unsigned(),
        )),
        None => None,
    }
    .ok_or_else(|| Status::invalid_argument("an id is no UUID"))
}

pub(super) fn id_as(id: Uuid, form: IdForm) -> wire::Uuid {
    let value = match form {
        IdForm::Text => wire::uuid::Value::String(id.to_string()),
        IdForm::Halves => {
            let (most, least) = id.as_u64_pair();
            wire::uuid::Value::Structured(wire::uuid::Structured {
                most_significant_bits: most.cast_signed(),
                least_significant_bits: least.cast_signed(),
            })
        }
    };
    wire::Uuid { value: Some(value) }
}

pub(super) fn all_position(position: Position) -> wire::AllStreamPosition {
    wire::AllStreamPosition { commit_position: position.0, prepare_position: position.0 }
}

pub(super) fn timestamp(at: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: at.as_second(),
        // Before 1970 jiff counts both parts down; protobuf's nanoseconds always count up.
        nanos: at.subsec_nanosecond().max(0),
    }
}

/// An event as a read tells it.
pub(super) fn told(event: Recorded, form: IdForm) -> ReadResp {
    let ticks = event.recorded_at.as_nanosecond().div_euclid(100);
    let metadata = HashMap::from([
        ("type".to_owned(), event.event_type.as_str().to_owned()),
        ("content-type".to_owned(), content_type(&event.data).to_owned()),
        ("created".to_owned(), ticks.to_string()),
    ]);
    let recorded = RecordedEvent {
        id: Some(id_as(event.id, form)),
        stream_identifier: Some(stream_name(&event.stream)),
        stream_revision: event.revision,
        prepare_position: event.position.0,
        commit_position: event.position.0,
        metadata,
        custom_metadata: event.metadata,
        data: event.data,
    };
    let position = Some(Place::CommitPosition(event.position.0));
    message(Content::Event(ReadEvent { event: Some(recorded), link: None, position }))
}

pub(super) fn message(content: Content) -> ReadResp {
    ReadResp { content: Some(content) }
}

fn content_type(data: &[u8]) -> &'static str {
    match serde_json::from_slice::<IgnoredAny>(data) {
        Ok(_) => "application/json",
        Err(_) => "application/octet-stream",
    }
}

/// An event that a client proposes, from either kind of append.
pub(super) struct Proposed {
    pub(super) id: Option<wire::Uuid>,
    pub(super) properties: HashMap<String, String>,
    pub(super) metadata: Bytes,
    pub(super) data: Bytes,
}

impl Proposed {
    /// How much room it takes.
    pub(super) fn size(&self) -> usize {
        // Without a share for the event itself, millions of empty ones would count as nothing.
        64 + self.data.len() + self.metadata.len()
    }

    pub(super) fn at(mut self, recorded_at: Timestamp) -> Result<NewEvent, Status> {
        let event_type = self.properties.remove("type").ok_or_else(|| answer::lacks_property("type"))?;
        if !self.properties.contains_key("content-type") {
            return Err(answer::lacks_property("content-type"));
        }
        Ok(NewEvent {
            id: id(self.id)?,
            event_type: event_type.into(),
            data: self.data.into(),
            metadata: self.metadata.into(),
            recorded_at,
        })
    }
}

/// Adds an event's size to what there is already, and refuses what has become too much.
pub(super) fn add_size(so_far: &mut usize, event: &Proposed) -> Result<(), Status> {
    *so_far += event.size();
    if *so_far > LARGEST_APPEND { Err(answer::too_large(LARGEST_APPEND)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_id_survives_both_forms(number: u128) {
            let uuid = Uuid::from_u128(number);
            for form in [IdForm::Text, IdForm::Halves] {
                prop_assert_eq!(id(Some(id_as(uuid, form))).unwrap(), uuid);
            }
        }
    }

    #[test]
    fn json_is_told_from_bytes() {
        assert_eq!(content_type(br#"{"a":1}"#), "application/json");
        for bytes in [&b""[..], b"{", b"\xff", b"{} {}"] {
            assert_eq!(content_type(bytes), "application/octet-stream", "{bytes:?}");
        }
    }

    #[test]
    fn the_time_is_told_in_ticks_of_a_tenth_of_a_microsecond() {
        let event = Recorded {
            position: Position(7),
            stream: StreamId::parse("a").unwrap(),
            revision: 0,
            id: Uuid::nil(),
            event_type: "T".into(),
            data: Bytes::from_static(b"{}"),
            metadata: Bytes::new(),
            recorded_at: Timestamp::from_nanosecond(1_790_000_000_123_456_789).unwrap(),
        };
        let Some(Content::Event(ReadEvent { event: Some(told), .. })) = told(event, IdForm::Text).content
        else {
            panic!("no event")
        };
        assert_eq!(told.metadata["created"], "17900000001234567");
    }
}
