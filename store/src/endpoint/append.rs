//! Append: one stream, one answer. A conflict is an answer too, not an error.

use jiff::Timestamp;
use skranke_domain::StreamId;
use tonic::{Status, Streaming};

use super::convert::{self, Proposed};
use super::idempotency::Written;
use super::proto::event_store::client::Empty;
use super::proto::event_store::client::streams::append_req::options::ExpectedStreamRevision;
use super::proto::event_store::client::streams::append_req::{Content, ProposedMessage};
use super::proto::event_store::client::streams::append_resp::WrongExpectedVersion;
use super::proto::event_store::client::streams::append_resp::success::{
    CurrentRevisionOption, PositionOption,
};
use super::proto::event_store::client::streams::append_resp::wrong_expected_version as wrong;
use super::proto::event_store::client::streams::append_resp::{Position, Result as Outcome, Success};
use super::proto::event_store::client::streams::{AppendReq, AppendResp};
use crate::port::{Expected, NewEvent, Revision};

/// What an append begins with: which stream, and how it must look.
pub(super) async fn header(messages: &mut Streaming<AppendReq>) -> Result<(StreamId, Expected), Status> {
    let Some(AppendReq { content: Some(Content::Options(options)) }) = messages.message().await? else {
        return Err(Status::invalid_argument("an append begins with its options"));
    };
    let expected = match options.expected_stream_revision {
        Some(ExpectedStreamRevision::Revision(revision)) => Expected::Exact(revision),
        Some(ExpectedStreamRevision::NoStream(_)) => Expected::NoStream,
        Some(ExpectedStreamRevision::StreamExists(_)) => Expected::Exists,
        Some(ExpectedStreamRevision::Any(_)) => Expected::Any,
        None => return Err(Status::invalid_argument("an append says what it expects of the stream")),
    };
    Ok((convert::stream(options.stream_identifier)?, expected))
}

/// The events that follow.
pub(super) async fn events(
    messages: &mut Streaming<AppendReq>,
    now: Timestamp,
) -> Result<Vec<NewEvent>, Status> {
    let (mut events, mut size) = (Vec::new(), 0);
    while let Some(message) = messages.message().await? {
        let Some(Content::ProposedMessage(event)) = message.content else {
            return Err(Status::invalid_argument("after an append's options come its events"));
        };
        let event = Proposed::from(event);
        convert::add_size(&mut size, &event)?;
        events.push(event.at(now)?);
    }
    Ok(events)
}

impl From<ProposedMessage> for Proposed {
    fn from(event: ProposedMessage) -> Self {
        Self { id: event.id, properties: event.metadata, metadata: event.custom_metadata, data: event.data }
    }
}

pub(super) fn success(written: Written) -> AppendResp {
    let current_revision_option = Some(match written.revision {
        Some(revision) => CurrentRevisionOption::CurrentRevision(revision),
        None => CurrentRevisionOption::NoStream(Empty {}),
    });
    let position_option = Some(match written.position {
        Some(at) => PositionOption::Position(Position { commit_position: at.0, prepare_position: at.0 }),
        None => PositionOption::NoPosition(Empty {}),
    });
    let success = Success { current_revision_option, position_option };
    AppendResp { result: Some(Outcome::Success(success)) }
}

/// Both generations of fields are filled: there are clients that read the one and clients that read the other.
pub(super) fn wrong_version(expected: Expected, actual: Option<Revision>) -> AppendResp {
    let empty = Empty {};
    let (current, current_old) = match actual {
        Some(revision) => (
            wrong::CurrentRevisionOption::CurrentRevision(revision),
            wrong::CurrentRevisionOption2060::CurrentRevision2060(revision),
        ),
        None => (
            wrong::CurrentRevisionOption::CurrentNoStream(empty),
            wrong::CurrentRevisionOption2060::NoStream2060(empty),
        ),
    };
    let (wanted, wanted_old) = match expected {
        Expected::Exact(revision) => (
            wrong::ExpectedRevisionOption::ExpectedRevision(revision),
            wrong::ExpectedRevisionOption2060::ExpectedRevision2060(revision),
        ),
        Expected::Any => (
            wrong::ExpectedRevisionOption::ExpectedAny(empty),
            wrong::ExpectedRevisionOption2060::Any2060(empty),
        ),
        Expected::Exists => (
            wrong::ExpectedRevisionOption::ExpectedStreamExists(empty),
            wrong::ExpectedRevisionOption2060::StreamExists2060(empty),
        ),
        // The old fields have none for this: -1 as an unsigned number stands for it.
        Expected::NoStream => (
            wrong::ExpectedRevisionOption::ExpectedNoStream(empty),
            wrong::ExpectedRevisionOption2060::ExpectedRevision2060(u64::MAX),
        ),
    };
    let conflict = WrongExpectedVersion {
        current_revision_option: Some(current),
        current_revision_option_20_6_0: Some(current_old),
        expected_revision_option: Some(wanted),
        expected_revision_option_20_6_0: Some(wanted_old),
    };
    AppendResp { result: Some(Outcome::WrongExpectedVersion(conflict)) }
}
