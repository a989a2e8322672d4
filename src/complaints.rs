//! The process that lets a case follow the complaints over its decisions.
//!
//! An act on a complaint writes the complaint's stream first and the case's after it. When the program dies in between,
//! this process hears the complaint's event at the next start and lets the case take the steps that it has not taken.

use skranke_domain::complaint::Complaint;
use skranke_domain::time::Clock;
use skranke_domain::{Act, ComplaintId};
use skranke_graphql::{NotFollowed, follow_complaint};
use skranke_store::{Desk, Filter, Left, LoadError, LogError, Recorded};

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
    let left = match follow_complaint(desk, complaint, &act).await {
        Ok(followed) => {
            if followed.is_some() {
                tracing::debug!(complaint.id = %complaint, "the case of complaint {complaint} has followed");
            }
            return Ok(true);
        }
        Err(NotFollowed::Unread(LoadError::Log(error))) => return Err(error),
        Err(NotFollowed::Unread(LoadError::Newer(newer))) => Left::Newer(newer),
        Err(NotFollowed::Case(failure)) => failure.left()?,
    };
    match left {
        Left::Nothing => Ok(true),
        // Others were faster three times over; the step may still be missing, so it is heard again.
        Left::Retry { actual } => Err(LogError::WrongExpected { actual }),
        Left::Newer(newer) => {
            tracing::warn!(error = %newer, "a complaint is left to the newer program");
            Ok(false)
        }
    }
}
