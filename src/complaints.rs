//! The process that lets a case follow the complaints over its decisions.
//!
//! An act on a complaint writes the complaint's stream first and the case's after it. When the program dies in between,
//! this process hears the complaint's event at the next start and lets the case take the steps that it has not taken.

use skranke_domain::complaint::Complaint;
use skranke_domain::time::Clock;
use skranke_domain::{Act, ComplaintId};
use skranke_graphql::{NotFollowed, follow_complaint};
use skranke_store::{Desk, Failure, Filter, LoadError, LogError, Recorded};

use crate::process::{Heard, Listener, Process};

/// Follows every complaint for ever.
pub async fn follow(process: Process) {
    let filter = Filter {
        event_types: Vec::new(),
        stream_prefixes: vec![format!("{}-", <Complaint as cqrs_es::Aggregate>::TYPE)],
    };
    process.follow(filter, Complaints).await;
}

struct Complaints;

impl Listener for Complaints {
    async fn hear(&self, desk: &Desk, clock: &dyn Clock, recorded: &Recorded) -> Result<Heard, LogError> {
        follow_up(desk, clock, recorded).await
    }
}

async fn follow_up(desk: &Desk, clock: &dyn Clock, recorded: &Recorded) -> Result<Heard, LogError> {
    let Ok(complaint) = recorded.stream.key().parse::<ComplaintId>() else { return Ok(Heard::Done) };
    let act = Act::system(recorded.stream.tenant(), clock.now(), desk.ids().next());
    let act = Act { causation: Some(recorded.id), ..act };
    match follow_complaint(desk, complaint, &act).await {
        Ok(Some(_)) => {
            tracing::debug!(complaint.id = %complaint, "the case of complaint {complaint} has followed");
            Ok(Heard::Done)
        }
        Ok(None) | Err(NotFollowed::Case(Failure::Refused(_))) => Ok(Heard::Done),
        Err(NotFollowed::Unread(LoadError::Newer(newer)) | NotFollowed::Case(Failure::Newer(newer))) => {
            tracing::warn!(error = %newer, "a complaint is left to the newer program");
            Ok(Heard::LeftToNewer)
        }
        Err(NotFollowed::Unread(LoadError::Log(error)) | NotFollowed::Case(Failure::Unavailable(error))) => {
            Err(error)
        }
        Err(NotFollowed::Case(Failure::Seal(error))) => Err(LogError::Unavailable(error.to_string().into())),
        // Others were faster three times over; the step may still be missing, so it is heard again.
        Err(NotFollowed::Case(Failure::Conflict { .. })) => {
            Err(LogError::Unavailable("others write to the case at this moment".into()))
        }
    }
}
