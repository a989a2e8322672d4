//! The process that lets a case follow the complaints over its decisions.
//!
//! An act on a complaint writes the complaint's stream first and the case's after it. When the program dies in between,
//! this process hears the complaint's event at the next start and lets the case take the steps that it has not taken.

use skranke_domain::complaint::Complaint;
use skranke_domain::time::Clock;
use skranke_domain::{Act, ComplaintId};
use skranke_graphql::{NotFollowed, follow_complaint};
use skranke_store::{Desk, Failure, Filter, LoadError, LogError, Recorded};

use crate::following::Process;

/// Following complaints.
pub struct Complaints;

impl Process for Complaints {
    const NAME: &'static str = "complaints";

    fn filter() -> Filter {
        Filter {
            event_types: Vec::new(),
            stream_prefixes: vec![format!("{}-", <Complaint as cqrs_es::Aggregate>::TYPE)],
        }
    }

    async fn hear(&self, desk: &Desk, clock: &dyn Clock, recorded: &Recorded) -> Result<bool, LogError> {
        follow_up(desk, clock, recorded).await
    }
}

/// Lets the case follow the complaint; `false`: only a newer program can.
async fn follow_up(desk: &Desk, clock: &dyn Clock, recorded: &Recorded) -> Result<bool, LogError> {
    let Ok(complaint) = recorded.stream.key().parse::<ComplaintId>() else { return Ok(true) };
    let act = Act::system(recorded.stream.tenant(), clock.now(), desk.ids().next());
    let act = Act { causation: Some(recorded.id), ..act };
    match follow_complaint(desk, complaint, &act).await {
        Ok(Some(_)) => {
            tracing::debug!(complaint.id = %complaint, "the case of complaint {complaint} has followed");
            Ok(true)
        }
        Ok(None) | Err(NotFollowed::Case(Failure::Refused(_) | Failure::Erased(_))) => Ok(true),
        Err(NotFollowed::Unread(LoadError::Newer(newer)) | NotFollowed::Case(Failure::Newer(newer))) => {
            tracing::warn!(error = %newer, "a complaint is left to the newer program");
            Ok(false)
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
