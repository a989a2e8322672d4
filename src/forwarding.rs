//! The process that hands a forwarded inquiry to the municipality it was forwarded to (FVL § 7, stk. 2).
//!
//! The sender's act writes one stream: `InquiryForwarded`, with the id that the inquiry will have over there. This
//! process hears it and writes the receiver's stream: `InquiryReceived`, under the same correlation id. Receiving twice
//! is receiving once, so a crash in between is made good at the next start.
//!
//! What is personal is opened under the sender's key and sealed anew under the receiver's own, so that each of the two
//! can erase its own copy. What is handed over is what the citizen wrote and how to reach them. The conversation with
//! the counter's bot stays where it was held.

use sha2::{Digest, Sha256};
use skranke_domain::id::from_digest;
use skranke_domain::inquiry::{
    Inquiry, InquiryCommand, InquiryEvent, InquiryForwarded, InquiryReceived, Origin, Receive,
};
use skranke_domain::time::Clock;
use skranke_domain::{Act, InquiryId, Sealable, StreamId, SubjectId, Tenant};
use skranke_store::{Desk, Direction, Failure, Filter, LogError, Metadata, Recorded, read};

use crate::following::Process;

/// Forwarding.
pub struct Forwarding;

impl Process for Forwarding {
    const NAME: &'static str = "forwarding";

    fn filter() -> Filter {
        Filter {
            event_types: vec!["InquiryForwarded".to_owned()],
            stream_prefixes: vec![format!("{}-", <Inquiry as cqrs_es::Aggregate>::TYPE)],
        }
    }

    async fn hear(&self, desk: &Desk, clock: &dyn Clock, recorded: &Recorded) -> Result<bool, LogError> {
        let Ok(told) = read::<InquiryEvent>(recorded) else { return Ok(true) };
        let forwarded = told.events().iter().find_map(|event| match event {
            InquiryEvent::InquiryForwarded(InquiryForwarded {
                municipality: Some(to),
                received_as: Some(id),
                ..
            }) => Some((*to, *id)),
            _ => None,
        });
        match forwarded {
            Some((to, id)) => hand_over(desk, clock, recorded, to, id).await,
            // To an authority that is not served from this log: it was sent as letters are.
            None => Ok(true),
        }
    }
}

/// Hands one over; `false`: only a newer program can.
async fn hand_over(
    desk: &Desk,
    clock: &dyn Clock,
    recorded: &Recorded,
    to: Tenant,
    id: InquiryId,
) -> Result<bool, LogError> {
    let Ok(metadata) = Metadata::parse(&recorded.metadata) else { return Ok(true) };
    let Ok(inquiry) = recorded.stream.key().parse::<InquiryId>() else { return Ok(true) };
    let origin = Origin { municipality: recorded.stream.tenant(), inquiry };
    let received = match first_event(desk, &recorded.stream).await? {
        First::Received(received) => received,
        First::Newer => return Ok(false),
        First::None => return Ok(true),
    };
    let (Some(contact), Some(message)) = (received.contact.value(), received.message.value()) else {
        tracing::warn!(inquiry.id = %inquiry, "inquiry {inquiry} was erased before it was handed over");
        return Ok(true);
    };
    let now = clock.now();
    let wish = Receive {
        reference: received.reference.clone(),
        kind: received.kind,
        channel: received.channel,
        topic: received.topic.clone(),
        // It came in over there when it was passed on; a clock may have been put back since.
        received: recorded.recorded_at,
        now: now.max(recorded.recorded_at),
        subject: SubjectId::new(from_digest(&Sha256::digest(format!("forwarded subject/{id}")).into())),
        contact: contact.clone(),
        message: message.clone(),
        when: None,
        conversation: None,
        transcript: Vec::new(),
        forwarded_from: Some(origin),
        forwarded_case: None,
    };
    let act = Act { causation: Some(recorded.id), ..Act::system(to, now, metadata.correlation) };
    let stream = Inquiry::stream(to, id);
    match desk.execute::<Inquiry>(&stream, InquiryCommand::Receive(Box::new(wish)), &act).await {
        Ok(_) => tracing::debug!(inquiry.id = %id, "inquiry {id} was handed over"),
        // What one municipality could take in, another can: this is a fault of ours, and trying again mends nothing.
        Err(Failure::Refused(refusal)) => {
            tracing::error!(inquiry.id = %inquiry, error = %refusal, "a forwarded inquiry was not handed over");
        }
        // Another node was faster.
        Err(Failure::Conflict { .. }) => {}
        Err(Failure::Newer(_)) => return Ok(false),
        Err(Failure::Unavailable(error)) => return Err(error),
        Err(Failure::Seal(error)) => return Err(LogError::Unavailable(error.to_string().into())),
    }
    Ok(true)
}

/// What the sender's stream begins with.
enum First {
    /// The receipt, with its personal fields open where their key still exists.
    Received(Box<InquiryReceived>),
    /// Something that only a newer program can read.
    Newer,
    /// Nothing of use.
    None,
}

async fn first_event(desk: &Desk, stream: &StreamId) -> Result<First, LogError> {
    let events = desk.log().read_stream(stream, 0, Direction::Forwards, 1).await?;
    let Some(recorded) = events.first() else { return Ok(First::None) };
    let Ok(mut told) = read::<InquiryEvent>(recorded) else { return Ok(First::None) };
    let Some(event) = told.events_mut().first_mut() else { return Ok(First::Newer) };
    let opened = event.unlock_all(&desk.keys().for_stream(stream));
    opened.map_err(|error| LogError::Unavailable(error.to_string().into()))?;
    Ok(match event {
        InquiryEvent::InquiryReceived(received) => First::Received(Box::new(received.clone())),
        _ => First::None,
    })
}
