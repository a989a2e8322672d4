//! The process that links an inquiry to the case opened from it.
//!
//! Opening a case writes the case's stream first and the inquiry's after it. When the program dies in between, this
//! process hears `CaseOpened` at the next start and sends the missing command. Linking twice is linking once, so it
//! may hear an event again: its checkpoint is written after the command was carried out. Where several nodes share the
//! log, the one that holds the claim does it, so that they do not all send the same commands.

use std::sync::Arc;

use skranke_domain::case::{Case, CaseEvent};
use skranke_domain::inquiry::{Inquiry, InquiryCommand};
use skranke_domain::time::Clock;
use skranke_domain::{Act, CaseId};
use skranke_store::{Claims, Desk, Failure, Filter, LoadError, LogError, Position, Recorded, read};

use crate::checkpoint::Checkpoint;
use crate::turn;

/// Follows the log for ever; with `claims` only while no other node does.
pub async fn follow(desk: Desk, checkpoint: Checkpoint, clock: Arc<dyn Clock>, claims: Option<Claims>) {
    let (mut position, mut all_done) = (checkpoint.read(), true);
    loop {
        let following = follow_from(&desk, &checkpoint, clock.as_ref(), &mut position, &mut all_done);
        turn::take("links", claims.as_ref(), following).await;
    }
}

async fn follow_from(
    desk: &Desk,
    checkpoint: &Checkpoint,
    clock: &dyn Clock,
    position: &mut Position,
    all_done: &mut bool,
) -> Result<(), LogError> {
    let filter = Filter {
        event_types: vec!["CaseOpened".to_owned()],
        stream_prefixes: vec![format!("{}-", <Case as cqrs_es::Aggregate>::TYPE)],
    };
    let mut subscription = desk.log().subscribe(*position, filter).await?;
    loop {
        let page = subscription.next(256).await?;
        for recorded in &page.events {
            *all_done &= link(desk, clock, recorded).await?;
        }
        *position = page.next;
        // The newer program begins where the first one was left to it, and hears the others again.
        if *all_done {
            checkpoint.write(page.next);
        }
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
        Err(Failure::Refused(_) | Failure::Conflict { .. }) => {}
        Err(Failure::Newer(_)) => return Ok(false),
        Err(Failure::Unavailable(error)) => return Err(error),
        Err(Failure::Seal(error)) => return Err(LogError::Unavailable(error.to_string().into())),
    }
    Ok(true)
}
