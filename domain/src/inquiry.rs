//! An inquiry (henvendelse): what a citizen leaves at the counter for a person to answer.
//!
//! It belongs to one municipality, carries the conversation it came from, and ends by being answered, or by
//! becoming a case. Everything personal in it is sealed under the inquiry's own subject.

mod command;
mod event;
mod refusal;
#[cfg(test)]
mod tests;

use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use serde::{Deserialize, Serialize};

pub use command::{InquiryCommand, Receive};
pub use event::{
    CallBackRequested, Channel, Contact, GuidanceGiven, InquiryClosed, InquiryEvent, InquiryKind,
    InquiryLinkedToCase, InquiryReceived, Line, Speaker,
};
pub use refusal::InquiryRefusal;

use crate::id::{CaseId, InquiryId, StreamId, SubjectId, Tenant};
use crate::sealed::Sealed;

/// The longest message that an inquiry takes, in characters. A longer one belongs in a letter.
pub const MESSAGE_LIMIT: usize = 8_000;

/// An inquiry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Inquiry {
    /// Nothing was received under this id.
    #[default]
    Unknown,
    /// Waits for a person.
    Open {
        /// Whom its sealed fields are about.
        subject: SubjectId,
    },
    /// Became a case, and may still be closed.
    Linked {
        /// Whom its sealed fields are about.
        subject: SubjectId,
        /// Which case.
        case: CaseId,
    },
    /// Done.
    Closed {
        /// The case it became, if it did.
        case: Option<CaseId>,
    },
}

impl Inquiry {
    /// The stream of an inquiry.
    pub fn stream(tenant: Tenant, id: InquiryId) -> StreamId {
        StreamId::new(Self::TYPE, tenant, id)
    }

    /// Tells what follows from `command`, or why nothing does.
    pub fn decide(&self, command: InquiryCommand) -> Result<Vec<InquiryEvent>, InquiryRefusal> {
        use InquiryCommand::{Close, GiveGuidance, LinkToCase, Receive};
        match (self, command) {
            (Self::Unknown, Receive(wish)) => received(*wish),
            // The form was sent twice, or the inquiry is closed already: the wish is true.
            (Self::Open { .. } | Self::Linked { .. } | Self::Closed { .. }, Receive(_))
            | (Self::Closed { .. }, Close {}) => Ok(Vec::new()),
            (Self::Unknown, GiveGuidance { .. } | LinkToCase { .. } | Close { .. }) => {
                Err(InquiryRefusal::NotFound)
            }
            (Self::Open { subject } | Self::Linked { subject, .. }, GiveGuidance { text }) => {
                let text = text.trim();
                if text.is_empty() {
                    return Err(InquiryRefusal::NoText { path: "text" });
                }
                let note = Sealed::new(*subject, text.to_owned());
                Ok(vec![InquiryEvent::GuidanceGiven(GuidanceGiven { note })])
            }
            (Self::Open { .. }, LinkToCase { case }) => {
                Ok(vec![InquiryEvent::InquiryLinkedToCase(InquiryLinkedToCase { case })])
            }
            (Self::Linked { case: linked, .. }, LinkToCase { case }) if *linked == case => Ok(Vec::new()),
            (Self::Linked { .. }, LinkToCase { .. }) => Err(InquiryRefusal::AlreadyACase),
            (Self::Open { .. } | Self::Linked { .. }, Close {}) => {
                Ok(vec![InquiryEvent::InquiryClosed(InquiryClosed {})])
            }
            (Self::Closed { .. }, GiveGuidance { .. } | LinkToCase { .. }) => Err(InquiryRefusal::Closed),
        }
    }

    /// What a case opened from this inquiry needs: that it is open, and whom it is about.
    pub const fn ready_for_case(&self) -> Result<SubjectId, InquiryRefusal> {
        match self {
            Self::Unknown => Err(InquiryRefusal::NotFound),
            Self::Open { subject } => Ok(*subject),
            Self::Linked { .. } => Err(InquiryRefusal::AlreadyACase),
            Self::Closed { .. } => Err(InquiryRefusal::Closed),
        }
    }
}

fn received(wish: Receive) -> Result<Vec<InquiryEvent>, InquiryRefusal> {
    let message = wish.message.trim();
    let name = wish.contact.name.trim();
    if name.is_empty() {
        return Err(InquiryRefusal::NoText { path: "name" });
    }
    if wish.kind == InquiryKind::Written && message.is_empty() {
        return Err(InquiryRefusal::NoText { path: "message" });
    }
    if message.chars().count() > MESSAGE_LIMIT {
        return Err(InquiryRefusal::TooLong);
    }
    let phone = wish.contact.phone.as_deref().map(str::trim).filter(|phone| !phone.is_empty());
    let email = wish.contact.email.as_deref().map(str::trim).filter(|email| !email.is_empty());
    if wish.kind == InquiryKind::CallBack && phone.is_none() {
        return Err(InquiryRefusal::NoText { path: "phone" });
    }
    if phone.is_some_and(|phone| phone.chars().filter(char::is_ascii_digit).count() < 8) {
        return Err(InquiryRefusal::NotAPhoneNumber);
    }
    if email.is_some_and(|email| !looks_like_email(email)) {
        return Err(InquiryRefusal::NotAnEmail);
    }
    if phone.is_none() && email.is_none() && wish.kind == InquiryKind::Written {
        return Err(InquiryRefusal::NoWayBack);
    }
    let subject = wish.subject;
    let contact =
        Contact { name: name.to_owned(), phone: phone.map(str::to_owned), email: email.map(str::to_owned) };
    let mut events = vec![InquiryEvent::InquiryReceived(InquiryReceived {
        reference: wish.reference,
        kind: wish.kind,
        channel: wish.channel,
        topic: wish.topic,
        received: wish.received,
        subject,
        contact: Sealed::new(subject, contact),
        message: Sealed::new(subject, message.to_owned()),
        conversation: wish.conversation,
        transcript: (!wish.transcript.is_empty()).then(|| Sealed::new(subject, wish.transcript)),
    })];
    if wish.kind == InquiryKind::CallBack {
        events.push(InquiryEvent::CallBackRequested(CallBackRequested { when: wish.when }));
    }
    Ok(events)
}

/// Enough to catch a slip; whether mail arrives, only sending tells.
fn looks_like_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(user, host)| {
        !user.is_empty()
            && host.contains('.')
            && !host.starts_with('.')
            && !host.ends_with('.')
            && !text.contains(char::is_whitespace)
    })
}

impl Aggregate for Inquiry {
    const TYPE: &'static str = "inquiry";
    type Command = InquiryCommand;
    type Event = InquiryEvent;
    type Error = InquiryRefusal;
    type Services = ();

    async fn handle(
        &mut self,
        command: InquiryCommand,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), InquiryRefusal> {
        for event in self.decide(command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: InquiryEvent) {
        *self = match (&*self, event) {
            (_, InquiryEvent::InquiryReceived(received)) => Self::Open { subject: received.subject },
            (Self::Open { subject }, InquiryEvent::InquiryLinkedToCase(linked)) => {
                Self::Linked { subject: *subject, case: linked.case }
            }
            (Self::Linked { case, .. }, InquiryEvent::InquiryClosed(_)) => Self::Closed { case: Some(*case) },
            (_, InquiryEvent::InquiryClosed(_)) => Self::Closed { case: None },
            (
                state,
                InquiryEvent::CallBackRequested(_)
                | InquiryEvent::GuidanceGiven(_)
                | InquiryEvent::InquiryLinkedToCase(_),
            ) => state.clone(),
        };
    }
}
