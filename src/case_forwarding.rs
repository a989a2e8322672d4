//! The process that hands a forwarded case to the municipality it was forwarded to (FVL § 7, stk. 2).
//!
//! The sender's act writes one stream: `CaseForwarded`, with the id of the inquiry that it will be over there. This
//! process hears it and writes the receiver's stream: `InquiryReceived`, under the same correlation id, for the receiver
//! decides itself whether there is a case in it. Receiving twice is receiving once, so a crash in between is made good
//! at the next start.
//!
//! What is personal is opened under the sender's keys and sealed anew under the receiver's own. What is handed over is
//! what the case is about, who it is about, and how to reach them; the file stays where it was kept.

use sha2::{Digest, Sha256};
use skranke_domain::case::{Case, CaseEvent, CaseForwarded, CaseOpened};
use skranke_domain::inquiry::{
    CaseOrigin, Contact, Inquiry, InquiryEvent, InquiryKind, MESSAGE_LIMIT, reference_from_digest,
};
use skranke_domain::time::Clock;
use skranke_domain::{CaseId, InquiryId, Tenant};
use skranke_store::{Desk, Filter, LogError, Recorded, read};

use crate::following::Process;
use crate::forwarding::{First, Handed, Received, first_event, receive};

/// Forwarding of cases.
pub struct CaseForwarding;

impl Process for CaseForwarding {
    const NAME: &'static str = "case-forwarding";

    fn filter() -> Filter {
        Filter {
            event_types: vec!["CaseForwarded".to_owned()],
            stream_prefixes: vec![format!("{}-", <Case as cqrs_es::Aggregate>::TYPE)],
        }
    }

    async fn hear(&self, desk: &Desk, clock: &dyn Clock, recorded: &Recorded) -> Result<bool, LogError> {
        let Ok(told) = read::<CaseEvent>(recorded) else { return Ok(true) };
        let forwarded = told.events().iter().find_map(|event| match event {
            CaseEvent::CaseForwarded(CaseForwarded {
                municipality: Some(to), received_as: Some(id), ..
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
    let Ok(case) = recorded.stream.key().parse::<CaseId>() else { return Ok(true) };
    let from = recorded.stream.tenant();
    let opened = match first_event::<CaseEvent>(desk, &recorded.stream).await? {
        First::Is(CaseEvent::CaseOpened(opened)) => opened,
        First::Newer => return Ok(false),
        First::Is(_) | First::None => return Ok(true),
    };
    let Some(title) = opened.title.value() else {
        tracing::warn!(case.id = %case, "case {case} was erased before it was handed over");
        return Ok(true);
    };
    let Some((contact, wrote)) = contact_of(desk, from, &opened).await? else { return Ok(false) };
    let message = format!("Sag {} er videresendt: {title}\n\n{wrote}", opened.number);
    let handed = Handed {
        reference: reference_from_digest(&Sha256::digest(id.uuid().as_bytes()).into()),
        kind: InquiryKind::Written,
        channel: opened.channel,
        topic: opened.topic.clone(),
        contact,
        message: message.chars().take(MESSAGE_LIMIT).collect(),
        forwarded_from: None,
        forwarded_case: Some(CaseOrigin { municipality: from, case }),
    };
    match receive(desk, clock, recorded, (to, id), handed).await? {
        Received::Now => tracing::debug!(inquiry.id = %id, "case {case} was handed over as inquiry {id}"),
        // What one municipality had a case of, another can take in: this is a fault of ours, and trying again mends
        // nothing.
        Received::Refused(refusal) => {
            tracing::error!(case.id = %case, error = %refusal, "a forwarded case was not handed over");
        }
        Received::Nothing => {}
        Received::Newer => return Ok(false),
    }
    Ok(true)
}

/// Who it is about, how to reach them, and what they wrote when they came; none where only a newer program can read it.
async fn contact_of(
    desk: &Desk,
    from: Tenant,
    opened: &CaseOpened,
) -> Result<Option<(Contact, String)>, LogError> {
    let party = opened.party.as_ref().and_then(|party| party.value()).cloned();
    let name = party.unwrap_or_else(|| "Ikke oplyst".to_owned());
    let unknown = Contact { name, phone: None, email: None, address: None };
    let Some(inquiry) = opened.inquiry else { return Ok(Some((unknown, String::new()))) };
    Ok(match first_event::<InquiryEvent>(desk, &Inquiry::stream(from, inquiry)).await? {
        First::Is(InquiryEvent::InquiryReceived(received)) => {
            let wrote = received.message.value().cloned().unwrap_or_default();
            let known = received.contact.value().cloned();
            Some((known.map_or(unknown.clone(), |known| Contact { name: unknown.name, ..known }), wrote))
        }
        First::Newer => None,
        First::Is(_) | First::None => Some((unknown, String::new())),
    })
}
