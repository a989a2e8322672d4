//! The process that links an inquiry to the case opened from it.
//!
//! Opening a case writes the case's stream first and the inquiry's after it. When the program dies in between, this
//! process hears `CaseOpened` at the next start and sends the missing command. Linking twice is linking once.

use skranke_domain::case::{Case, CaseEvent};
use skranke_domain::inquiry::{Inquiry, InquiryCommand};
use skranke_domain::time::Clock;
use skranke_domain::{Act, CaseId};
use skranke_store::{Desk, Failure, Filter, LoadError, LogError, Recorded, read};

use crate::process::{Heard, Listener, Process};

/// Follows the opening of cases for ever.
pub async fn follow(process: Process) {
    let filter = Filter {
        event_types: vec!["CaseOpened".to_owned()],
        stream_prefixes: vec![format!("{}-", <Case as cqrs_es::Aggregate>::TYPE)],
    };
    process.follow(filter, Links).await;
}

struct Links;

impl Listener for Links {
    async fn hear(&self, desk: &Desk, clock: &dyn Clock, recorded: &Recorded) -> Result<Heard, LogError> {
        link(desk, clock, recorded).await
    }
}

/// Links the inquiry that the case came from.
async fn link(desk: &Desk, clock: &dyn Clock, recorded: &Recorded) -> Result<Heard, LogError> {
    let Ok(told) = read::<CaseEvent>(recorded) else { return Ok(Heard::Done) };
    let inquiry = told.events().iter().find_map(|event| match event {
        CaseEvent::CaseOpened(opened) => opened.inquiry,
        _ => None,
    });
    let (Some(inquiry), Ok(case)) = (inquiry, recorded.stream.key().parse::<CaseId>()) else {
        return Ok(Heard::Done);
    };
    let tenant = recorded.stream.tenant();
    let stream = Inquiry::stream(tenant, inquiry);
    let state = match desk.load::<Inquiry>(&stream).await {
        Ok((state, _)) => state,
        Err(LoadError::Log(error)) => return Err(error),
        Err(LoadError::Newer(newer)) => {
            tracing::warn!(error = %newer, "an inquiry is left to the newer program");
            return Ok(Heard::LeftToNewer);
        }
    };
    if !matches!(state, Inquiry::Open { .. }) {
        return Ok(Heard::Done);
    }
    let act = Act { causation: Some(recorded.id), ..Act::system(tenant, clock.now(), desk.ids().next()) };
    match desk.execute::<Inquiry>(&stream, InquiryCommand::LinkToCase { case }, &act).await {
        Ok(_) => tracing::debug!(case.id = %case, "the inquiry of case {case} was linked"),
        // Somebody was faster, or closed it: nothing is left to do.
        Err(Failure::Refused(_) | Failure::Conflict { .. }) => {}
        Err(Failure::Newer(_)) => return Ok(Heard::LeftToNewer),
        Err(Failure::Unavailable(error)) => return Err(error),
        Err(Failure::Seal(error)) => return Err(LogError::Unavailable(error.to_string().into())),
    }
    Ok(Heard::Done)
}
