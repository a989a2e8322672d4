//! What a read asks for, taken apart from the one message that has four meanings.

use skranke_domain::StreamId;
use tonic::Status;

use super::convert::{self, IdForm};
use super::proto::event_store::client::streams::ReadReq;
use super::proto::event_store::client::streams::read_req::options as wire;
use super::proto::event_store::client::streams::read_req::options::all_options::AllOption;
use super::proto::event_store::client::streams::read_req::options::stream_options::RevisionOption;
use crate::port::Direction;

/// A read or a subscription.
#[derive(Debug)]
pub(super) struct Ask {
    pub(super) what: What,
    pub(super) amount: Amount,
    pub(super) direction: Direction,
    pub(super) filter: Option<wire::FilterOptions>,
    pub(super) ids: IdForm,
    /// Whether the client understands messages about a stream's bounds.
    pub(super) knows_bounds: bool,
}

/// Of what.
#[derive(Debug)]
pub(super) enum What {
    /// One stream, from a revision.
    Stream(StreamId, Place),
    /// Everything, from a position.
    All(Place),
}

/// From where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Start,
    /// A revision or a position.
    At(u64),
    End,
}

/// How much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Amount {
    /// At most so many events of what is there.
    AtMost(u64),
    /// What is there and what comes.
    Subscription,
}

impl Ask {
    pub(super) fn parse(request: ReadReq) -> Result<Self, Status> {
        let missing = |what: &str| Status::invalid_argument(format!("a read says {what}"));
        let options = request.options.ok_or_else(|| missing("what it reads"))?;
        let direction = match options.read_direction() {
            wire::ReadDirection::Forwards => Direction::Forwards,
            wire::ReadDirection::Backwards => Direction::Backwards,
        };
        let ids = match options.uuid_option.and_then(|option| option.content) {
            Some(wire::uuid_option::Content::Structured(_)) => IdForm::Halves,
            Some(wire::uuid_option::Content::String(_)) => IdForm::Text,
            None => return Err(missing("in which form it wants ids (uuid_option)")),
        };
        let what = match options.stream_option {
            Some(wire::StreamOption::Stream(stream)) => {
                let place = match stream.revision_option {
                    Some(RevisionOption::Revision(revision)) => Place::At(revision),
                    Some(RevisionOption::End(_)) => Place::End,
                    Some(RevisionOption::Start(_)) | None => Place::Start,
                };
                What::Stream(convert::stream(stream.stream_identifier)?, place)
            }
            Some(wire::StreamOption::All(all)) => What::All(match all.all_option {
                Some(AllOption::Position(position)) => Place::At(position.commit_position),
                Some(AllOption::End(_)) => Place::End,
                Some(AllOption::Start(_)) | None => Place::Start,
            }),
            None => return Err(missing("whether it reads a stream or everything")),
        };
        let amount = match options.count_option {
            Some(wire::CountOption::Count(count)) => Amount::AtMost(count),
            Some(wire::CountOption::Subscription(_)) => Amount::Subscription,
            None => return Err(missing("how many events it wants")),
        };
        let filter = match options.filter_option {
            Some(wire::FilterOption::Filter(filter)) => Some(filter),
            Some(wire::FilterOption::NoFilter(_)) | None => None,
        };
        if filter.is_some() && matches!(what, What::Stream(..)) {
            return Err(Status::invalid_argument("only a read of everything can be filtered"));
        }
        let knows_bounds = options.control_option.is_some_and(|control| control.compatibility >= 1);
        Ok(Self { what, amount, direction, filter, ids, knows_bounds })
    }
}
