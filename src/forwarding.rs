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
use skranke_domain::conversation::TopicSlug;
use skranke_domain::id::from_digest;
use skranke_domain::inquiry::{
    CaseOrigin, Channel, Contact, Inquiry, InquiryCommand, InquiryEvent, InquiryForwarded, InquiryKind,
    InquiryRefusal, Origin, Receive,
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
    let Ok(inquiry) = recorded.stream.key().parse::<InquiryId>() else { return Ok(true) };
    let origin = Origin { municipality: recorded.stream.tenant(), inquiry };
    let received = match first_event(desk, &recorded.stream).await? {
        First::Is(InquiryEvent::InquiryReceived(received)) => received,
        First::Newer => return Ok(false),
        First::Is(_) | First::None => return Ok(true),
    };
    let (Some(contact), Some(message)) = (received.contact.value(), received.message.value()) else {
        tracing::warn!(inquiry.id = %inquiry, "inquiry {inquiry} was erased before it was handed over");
        return Ok(true);
    };
    let handed = Handed {
        reference: received.reference.clone(),
        kind: received.kind,
        channel: received.channel,
        topic: received.topic.clone(),
        contact: contact.clone(),
        message: message.clone(),
        forwarded_from: Some(origin),
        forwarded_case: None,
    };
    match receive(desk, clock, recorded, (to, id), handed).await? {
        Received::Now => tracing::debug!(inquiry.id = %id, "inquiry {id} was handed over"),
        // What one municipality could take in, another can: this is a fault of ours, and trying again mends nothing.
        Received::Refused(refusal) => {
            tracing::error!(inquiry.id = %inquiry, error = %refusal, "a forwarded inquiry was not handed over");
        }
        Received::Nothing => {}
        Received::Newer => return Ok(false),
    }
    Ok(true)
}

/// What is handed over to another municipality.
pub(crate) struct Handed {
    pub(crate) reference: String,
    pub(crate) kind: InquiryKind,
    pub(crate) channel: Channel,
    pub(crate) topic: Option<TopicSlug>,
    pub(crate) contact: Contact,
    pub(crate) message: String,
    pub(crate) forwarded_from: Option<Origin>,
    pub(crate) forwarded_case: Option<CaseOrigin>,
}

/// What came of handing something over.
pub(crate) enum Received {
    /// It was received.
    Now,
    /// There was nothing to do: another node was faster, or the event does not say in which connection it stands.
    Nothing,
    /// The receiver's rules would not have it.
    Refused(InquiryRefusal),
    /// Only a newer program can.
    Newer,
}

/// Writes the receiver's stream: the inquiry `id` of the municipality `to`, under the correlation id of the event that
/// forwarded it.
pub(crate) async fn receive(
    desk: &Desk,
    clock: &dyn Clock,
    recorded: &Recorded,
    (to, id): (Tenant, InquiryId),
    handed: Handed,
) -> Result<Received, LogError> {
    let Ok(metadata) = Metadata::parse(&recorded.metadata) else { return Ok(Received::Nothing) };
    let now = clock.now();
    let wish = Receive {
        reference: handed.reference,
        kind: handed.kind,
        channel: handed.channel,
        topic: handed.topic,
        // It came in over there when it was passed on; a clock may have been put back since.
        received: recorded.recorded_at,
        now: now.max(recorded.recorded_at),
        subject: SubjectId::new(from_digest(&Sha256::digest(format!("forwarded subject/{id}")).into())),
        contact: handed.contact,
        message: handed.message,
        when: None,
        conversation: None,
        transcript: Vec::new(),
        forwarded_from: handed.forwarded_from,
        forwarded_case: handed.forwarded_case,
    };
    let act = Act { causation: Some(recorded.id), ..Act::system(to, now, metadata.correlation) };
    let stream = Inquiry::stream(to, id);
    match desk.execute::<Inquiry>(&stream, InquiryCommand::Receive(Box::new(wish)), &act).await {
        Ok(_) => Ok(Received::Now),
        Err(Failure::Refused(refusal)) => Ok(Received::Refused(refusal)),
        // Whoever receives it has erased the sender meanwhile: there is nobody to write about.
        Err(Failure::Conflict { .. } | Failure::Erased(_)) => Ok(Received::Nothing),
        Err(Failure::Newer(_)) => Ok(Received::Newer),
        Err(Failure::Unavailable(error)) => Err(error),
        Err(Failure::Seal(error)) => Err(LogError::Unavailable(error.to_string().into())),
    }
}

/// What a sender's stream begins with.
pub(crate) enum First<E> {
    /// An event, with its personal fields open where their key still exists.
    Is(E),
    /// Something that only a newer program can read.
    Newer,
    /// Nothing of use.
    None,
}

pub(crate) async fn first_event<E>(desk: &Desk, stream: &StreamId) -> Result<First<E>, LogError>
where
    E: skranke_domain::upcast::Evolving + Sealable + Clone,
{
    let events = desk.log().read_stream(stream, 0, Direction::Forwards, 1).await?;
    let Some(recorded) = events.first() else { return Ok(First::None) };
    let Ok(mut told) = read::<E>(recorded) else { return Ok(First::None) };
    let Some(event) = told.events_mut().first_mut() else { return Ok(First::Newer) };
    let opened = event.unlock_all(&desk.keys().for_stream(stream));
    opened.map_err(|error| LogError::Unavailable(error.to_string().into()))?;
    Ok(First::Is(event.clone()))
}
