//! The process that links an inquiry to the case opened from it.
//!
//! Opening a case writes the case's stream first and the inquiry's after it. When the program dies in between, this
//! process hears `CaseOpened` at the next start and sends the missing command. Linking twice is linking once, so it
//! may hear an event again.

use skranke_domain::case::{Case, CaseEvent};
use skranke_domain::inquiry::{Inquiry, InquiryCommand};
use skranke_domain::time::Clock;
use skranke_domain::{Act, CaseId};
use skranke_store::{Desk, Filter, Left, LoadError, LogError, Recorded, read};

use crate::following::Process;

/// Linking.
pub struct Links;

impl Process for Links {
    const NAME: &'static str = "links";

    fn filter() -> Filter {
        Filter {
            event_types: vec!["CaseOpened".to_owned()],
            stream_prefixes: vec![format!("{}-", <Case as cqrs_es::Aggregate>::TYPE)],
        }
    }

    async fn hear(&self, desk: &Desk, clock: &dyn Clock, recorded: &Recorded) -> Result<bool, LogError> {
        link(desk, clock, recorded).await
    }
}

/// Links the inquiry that the case came from; `false`: only a newer program can.
async fn link(desk: &Desk, clock: &dyn Clock, recorded: &Recorded) -> Result<bool, LogError> {
    let Ok(told) = read::<CaseEvent>(recorded) else { return Ok(true) };
    let inquiry = told.events().iter().find_map(|event| match event {
        CaseEvent::CaseOpened(opened) => opened.inquiry,
        _ => None,
    });
    let (Some(inquiry), Ok(case)) = (inquiry, recorded.stream.key().parse::<CaseId>()) else {
        return Ok(true);
    };
    let tenant = recorded.stream.tenant();
    let stream = Inquiry::stream(tenant, inquiry);
    let state = match desk.load::<Inquiry>(&stream).await {
        Ok((state, _)) => state,
        Err(LoadError::Log(error)) => return Err(error),
        Err(LoadError::Newer(newer)) => {
            tracing::warn!(error = %newer, "an inquiry is left to the newer program");
            return Ok(false);
        }
    };
    if !matches!(state, Inquiry::Open { .. }) {
        return Ok(true);
    }
    let act = Act { causation: Some(recorded.id), ..Act::system(tenant, clock.now(), desk.ids().next()) };
    match desk.execute::<Inquiry>(&stream, InquiryCommand::LinkToCase { case }, &act).await {
        Ok(_) => tracing::debug!(case.id = %case, "the inquiry of case {case} was linked"),
        // Somebody was faster, or closed it: nothing is left to do.
        Err(failure) => match failure.left()? {
            Left::Nothing | Left::Retry { .. } => {}
            Left::Newer(_) => return Ok(false),
        },
    }
    Ok(true)
}
