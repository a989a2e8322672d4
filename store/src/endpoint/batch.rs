//! Appends in batches: one long call with many appends, each with an answer of its own.
//!
//! The messages of one append share a correlation id; the one that says `is_final` completes it. Appends are
//! carried out in the order in which they are completed, one after the other: a client that wants more at a time
//! opens more calls, and what one call can hold in memory stays bounded.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use prost::Message;
use skranke_domain::StreamId;
use tokio::sync::watch;
use tonic::{Code, Status, Streaming};
use uuid::Uuid;

use super::answer;
use super::auth::Caller;
use super::convert::{self, IdForm, Proposed};
use super::idempotency::{self, Written};
use super::proto::event_store::client as wire;
use super::proto::event_store::client::streams::batch_append_req::options::{
    DeadlineOption, ExpectedStreamPosition as Wanted,
};
use super::proto::event_store::client::streams::batch_append_req::{Options, ProposedMessage};
use super::proto::event_store::client::streams::batch_append_resp::success::{
    CurrentRevisionOption, PositionOption,
};
use super::proto::event_store::client::streams::batch_append_resp::{
    ExpectedStreamPosition, Result as Outcome, Success,
};
use super::proto::event_store::client::streams::{BatchAppendReq, BatchAppendResp};
use super::proto::google::rpc;
use super::service::Endpoint;
use crate::port::{Expected, LogError, NewEvent, Revision};

/// How many appends of one call may be under way.
const MOST_PENDING: usize = 1024;
/// How long one append may take. What clients send as a deadline is a time of day, or thousands of years.
const DEADLINE: Duration = Duration::from_secs(10);

/// One call.
pub(super) struct Batch {
    endpoint: Arc<Endpoint>,
    caller: Caller,
    messages: Streaming<BatchAppendReq>,
    stopping: watch::Receiver<bool>,
    pending: HashMap<Uuid, Pending>,
    /// The bytes of all events that are pending.
    size: usize,
}

/// An append that is not complete yet.
struct Pending {
    stream: StreamId,
    expected: Expected,
    deadline: Duration,
    events: Vec<NewEvent>,
    size: usize,
}

impl Batch {
    pub(super) fn new(
        endpoint: Arc<Endpoint>,
        caller: Caller,
        messages: Streaming<BatchAppendReq>,
        stopping: watch::Receiver<bool>,
    ) -> Self {
        Self { endpoint, caller, messages, stopping, pending: HashMap::new(), size: 0 }
    }

    /// The answer to the next append that is completed; `None` when the client has ended the call.
    pub(super) async fn next(mut self) -> Result<Option<(BatchAppendResp, Self)>, Status> {
        loop {
            let message = tokio::select! {
                biased;
                _ = self.stopping.wait_for(|stopping| *stopping) => return Err(answer::stopping()),
                message = self.messages.message() => message?,
            };
            let Some(message) = message else { return Ok(None) };
            if let Some(answer) = self.take(message).await? {
                return Ok(Some((answer, self)));
            }
        }
    }

    /// Takes a message in, and carries its append out if it is the last one.
    async fn take(&mut self, message: BatchAppendReq) -> Result<Option<BatchAppendResp>, Status> {
        let correlation = convert::id(message.correlation_id)?;
        if let Some(options) = message.options {
            self.begin(correlation, options)?;
        }
        let pending = self.pending.get_mut(&correlation).ok_or_else(|| {
            Status::invalid_argument("the first message of an append in a batch has its options")
        })?;
        let now = self.endpoint.now();
        for event in message.proposed_messages {
            let event = Proposed::from(event);
            pending.size += event.size();
            convert::add_size(&mut self.size, &event)?;
            pending.events.push(event.at(now)?);
        }
        if !message.is_final {
            return Ok(None);
        }
        let Some(complete) = self.pending.remove(&correlation) else { return Ok(None) };
        self.size -= complete.size;
        self.caller.check_again().await?;
        self.caller.must_write()?;
        self.caller.must_see(&complete.stream)?;
        Ok(Some(carry_out(&self.endpoint, correlation, complete).await))
    }

    fn begin(&mut self, correlation: Uuid, options: Options) -> Result<(), Status> {
        if self.pending.len() >= MOST_PENDING {
            return Err(Status::resource_exhausted(format!(
                "at most {MOST_PENDING} appends of one call may be under way: complete some first"
            )));
        }
        let expected = match options.expected_stream_position {
            Some(Wanted::StreamPosition(revision)) => Expected::Exact(revision),
            Some(Wanted::NoStream(())) => Expected::NoStream,
            Some(Wanted::StreamExists(())) => Expected::Exists,
            Some(Wanted::Any(())) => Expected::Any,
            None => return Err(Status::invalid_argument("an append says what it expects of the stream")),
        };
        let pending = Pending {
            stream: convert::stream(options.stream_identifier)?,
            expected,
            deadline: deadline(options.deadline_option),
            events: Vec::new(),
            size: 0,
        };
        if let Some(given_up) = self.pending.insert(correlation, pending) {
            self.size -= given_up.size;
        }
        Ok(())
    }
}

/// What a client asks for, where it can be meant; else our own limit.
fn deadline(option: Option<DeadlineOption>) -> Duration {
    match option {
        Some(DeadlineOption::Deadline(duration)) => Duration::try_from(duration)
            .ok()
            .filter(|asked| !asked.is_zero())
            .map_or(DEADLINE, |asked| asked.min(DEADLINE)),
        // A time of the client's clock.
        Some(DeadlineOption::Deadline21100(_)) | None => DEADLINE,
    }
}

async fn carry_out(endpoint: &Endpoint, correlation: Uuid, append: Pending) -> BatchAppendResp {
    let Pending { stream, expected, deadline, events, .. } = append;
    let appending = idempotency::append(endpoint.log(), stream.clone(), expected, events);
    let result = match tokio::time::timeout(deadline, appending).await {
        Ok(Ok(written)) => Outcome::Success(success(written)),
        Ok(Err(error)) => Outcome::Error(failure(&stream, expected, &error)),
        Err(_) => Outcome::Error(status(
            Code::DeadlineExceeded,
            "the log did not answer in time; the events may have been written",
            "Timeout",
            &wire::Timeout {},
        )),
    };
    BatchAppendResp {
        correlation_id: Some(convert::id_as(correlation, IdForm::Text)),
        stream_identifier: Some(convert::stream_name(&stream)),
        expected_stream_position: Some(match expected {
            Expected::Exact(revision) => ExpectedStreamPosition::StreamPosition(revision),
            Expected::NoStream => ExpectedStreamPosition::NoStream(()),
            Expected::Exists => ExpectedStreamPosition::StreamExists(()),
            Expected::Any => ExpectedStreamPosition::Any(()),
        }),
        result: Some(result),
    }
}

fn success(written: Written) -> Success {
    Success {
        current_revision_option: Some(
            written
                .revision
                .map_or(CurrentRevisionOption::NoStream(()), CurrentRevisionOption::CurrentRevision),
        ),
        position_option: Some(written.position.map_or(PositionOption::NoPosition(()), |position| {
            PositionOption::Position(convert::all_position(position))
        })),
    }
}

fn failure(stream: &StreamId, expected: Expected, error: &LogError) -> rpc::Status {
    match error {
        LogError::WrongExpected { actual } => {
            let detail = wrong_version(expected, *actual);
            status(Code::AlreadyExists, "WrongExpectedVersion", "WrongExpectedVersion", &detail)
        }
        LogError::Deleted => {
            let detail = wire::StreamDeleted { stream_identifier: Some(convert::stream_name(stream)) };
            status(Code::FailedPrecondition, "StreamDeleted", "StreamDeleted", &detail)
        }
        LogError::Invalid(why) => {
            let detail = wire::BadRequest { message: why.clone().into_owned() };
            status(Code::InvalidArgument, why, "BadRequest", &detail)
        }
        other => {
            let fault = answer::fault(other);
            status(fault.code(), fault.message(), "Unknown", &wire::Unknown {})
        }
    }
}

fn wrong_version(expected: Expected, actual: Option<Revision>) -> wire::WrongExpectedVersion {
    use wire::wrong_expected_version::{
        CurrentStreamRevisionOption as Current, ExpectedStreamPositionOption,
    };
    wire::WrongExpectedVersion {
        current_stream_revision_option: Some(
            actual.map_or(Current::CurrentNoStream(()), Current::CurrentStreamRevision),
        ),
        expected_stream_position_option: Some(match expected {
            Expected::Exact(revision) => ExpectedStreamPositionOption::ExpectedStreamPosition(revision),
            Expected::NoStream => ExpectedStreamPositionOption::ExpectedNoStream(()),
            Expected::Exists => ExpectedStreamPositionOption::ExpectedStreamExists(()),
            Expected::Any => ExpectedStreamPositionOption::ExpectedAny(()),
        }),
    }
}

/// A status whose detail is a message of the protocol's own.
fn status(code: Code, message: &str, name: &str, detail: &impl Message) -> rpc::Status {
    let type_url = format!("type.googleapis.com/event_store.client.{name}");
    let details = Some(prost_types::Any { type_url, value: detail.encode_to_vec() });
    rpc::Status { code: code.into(), message: message.to_owned(), details }
}

impl From<ProposedMessage> for Proposed {
    fn from(event: ProposedMessage) -> Self {
        Self { id: event.id, properties: event.metadata, metadata: event.custom_metadata, data: event.data }
    }
}
