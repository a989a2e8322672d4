//! The service of streams: lets the caller in, takes the request apart, and hands it to the module that can.

use std::sync::Arc;

use futures::stream::{self, BoxStream, StreamExt};
use jiff::Timestamp;
use tokio::sync::watch;
use tonic::metadata::MetadataMap;
use tonic::{Request, Response, Status, Streaming, async_trait};

use super::auth::Caller;
use super::batch::Batch;
use super::filter::{Sieve, checkpoint_interval};
use super::idempotency;
use super::proto::event_store::client::streams as wire;
use super::read::{self, Answers, Desk};
use super::request::{Amount, Ask, What};
use super::subscribe::{self, Subscriber};
use super::{EndpointOptions, answer, append, convert, delete};
use crate::port::{Direction, EventLog, LogError};

/// The log behind its service.
pub(super) struct Endpoint {
    log: Arc<dyn EventLog>,
    options: EndpointOptions,
    /// Becomes true when the server stops.
    stopping: watch::Receiver<bool>,
}

impl Endpoint {
    pub(super) fn new(
        log: Arc<dyn EventLog>,
        options: EndpointOptions,
        stopping: watch::Receiver<bool>,
    ) -> Self {
        Self { log, options, stopping }
    }

    pub(super) fn log(&self) -> &dyn EventLog {
        &*self.log
    }

    pub(super) fn now(&self) -> Timestamp {
        self.options.clock.now()
    }

    async fn admit(&self, call: &MetadataMap) -> Result<Caller, Status> {
        Caller::admit(Arc::clone(&self.options.authenticate), call).await
    }

    /// Somebody who may write, on a server that takes writes.
    async fn admit_writer(&self, call: &MetadataMap) -> Result<Caller, Status> {
        let caller = self.admit(call).await?;
        if !self.options.writable {
            return Err(answer::read_only());
        }
        caller.must_write()?;
        Ok(caller)
    }
}

#[async_trait]
impl wire::streams_server::Streams for Endpoint {
    type ReadStream = Answers;
    type BatchAppendStream = BoxStream<'static, Result<wire::BatchAppendResp, Status>>;

    async fn read(
        self: Arc<Self>,
        request: Request<wire::ReadReq>,
    ) -> Result<Response<Self::ReadStream>, Status> {
        let caller = self.admit(request.metadata()).await?;
        let ask = Ask::parse(request.into_inner())?;
        if let What::Stream(stream, _) = &ask.what {
            caller.must_see(stream)?;
        }
        let sieve = Sieve::new(caller.scope(), ask.filter.as_ref())?;
        let desk = Desk { log: Arc::clone(&self.log), ids: ask.ids, stopping: self.stopping.clone() };
        let answers = match ask.amount {
            Amount::AtMost(count) => match ask.what {
                What::Stream(stream, place) => {
                    let tell_last = ask.knows_bounds && ask.direction == Direction::Forwards;
                    read::stream(desk, stream, place, ask.direction, count, tell_last).await?
                }
                What::All(place) => read::all(desk, place, ask.direction, count, sieve).await?,
            },
            Amount::Subscription => {
                let clock = Arc::clone(&self.options.clock);
                let id = self.options.ids.next().to_string();
                let subscriber = Subscriber { desk, caller, clock, id };
                match ask.what {
                    What::Stream(stream, place) => subscribe::stream(subscriber, stream, place).await?,
                    What::All(place) => {
                        let interval = ask.filter.as_ref().map(checkpoint_interval);
                        subscribe::all(subscriber, place, sieve, interval).await?
                    }
                }
            }
        };
        Ok(Response::new(answers))
    }

    async fn append(
        self: Arc<Self>,
        request: Request<Streaming<wire::AppendReq>>,
    ) -> Result<Response<wire::AppendResp>, Status> {
        let caller = self.admit_writer(request.metadata()).await?;
        let mut messages = request.into_inner();
        let (stream, expected) = append::header(&mut messages).await?;
        caller.must_see(&stream)?;
        let events = append::events(&mut messages, self.now()).await?;
        match idempotency::append(self.log(), stream.clone(), expected, events).await {
            Ok(written) => Ok(Response::new(append::success(written))),
            Err(LogError::WrongExpected { actual }) => {
                Ok(Response::new(append::wrong_version(expected, actual)))
            }
            Err(error) => Err(answer::stream_fault(&stream, &error)),
        }
    }

    async fn batch_append(
        self: Arc<Self>,
        request: Request<Streaming<wire::BatchAppendReq>>,
    ) -> Result<Response<Self::BatchAppendStream>, Status> {
        let caller = self.admit_writer(request.metadata()).await?;
        let stopping = self.stopping.clone();
        let batch = Batch::new(self, caller, request.into_inner(), stopping);
        Ok(Response::new(stream::try_unfold(batch, Batch::next).boxed()))
    }

    async fn delete(
        self: Arc<Self>,
        request: Request<wire::DeleteReq>,
    ) -> Result<Response<wire::DeleteResp>, Status> {
        use wire::delete_resp::{Position, PositionOption};
        let caller = self.admit_writer(request.metadata()).await?;
        let options = request.into_inner().options;
        let options = options.ok_or_else(|| Status::invalid_argument("a delete says which stream"))?;
        let stream = convert::stream(options.stream_identifier)?;
        caller.must_see(&stream)?;
        let expected = delete::expected_by_delete(options.expected_stream_revision)?;
        let (clock, ids) = (&*self.options.clock, &*self.options.ids);
        let at = delete::delete(self.log(), &stream, expected, clock, ids).await?.position.0;
        let position = Position { commit_position: at, prepare_position: at };
        Ok(Response::new(wire::DeleteResp { position_option: Some(PositionOption::Position(position)) }))
    }

    async fn tombstone(
        self: Arc<Self>,
        request: Request<wire::TombstoneReq>,
    ) -> Result<Response<wire::TombstoneResp>, Status> {
        use wire::tombstone_resp::{Position, PositionOption};
        let caller = self.admit_writer(request.metadata()).await?;
        let options = request.into_inner().options;
        let options = options.ok_or_else(|| Status::invalid_argument("a tombstone says which stream"))?;
        let stream = convert::stream(options.stream_identifier)?;
        caller.must_see(&stream)?;
        let expected = delete::expected_by_tombstone(options.expected_stream_revision)?;
        let at = delete::tombstone(self.log(), &stream, expected).await?.position.0;
        let position = Position { commit_position: at, prepare_position: at };
        Ok(Response::new(wire::TombstoneResp { position_option: Some(PositionOption::Position(position)) }))
    }
}
