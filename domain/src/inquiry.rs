//! An inquiry (henvendelse): what a citizen leaves at the counter for a person to answer.
//!
//! It belongs to one municipality, carries the conversation it came from, and ends by being answered, by becoming
//! a case, or by being passed on to the authority whose business it is (FVL § 7, stk. 2). Everything personal in it is sealed under the inquiry's own subject.

mod command;
mod event;
mod refusal;
#[cfg(test)]
mod tests;

use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use serde::{Deserialize, Serialize};

pub use command::{Addressee, Forward, InquiryCommand, Notice, Receive};
pub use event::{
    CallBackRequested, CaseOrigin, Channel, Contact, GuidanceGiven, InquiryClosed, InquiryEvent,
    InquiryForwarded, InquiryKind, InquiryLinkedToCase, InquiryReceived, Line, Origin, SenderInformed,
    SenderNoticeWaived, Speaker,
};
pub use refusal::InquiryRefusal;

use crate::authority::AuthoritySlug;
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
        /// Whether it came in writing, and wants an answer in writing: only that is passed on.
        written: bool,
    },
    /// Was passed on to another authority.
    Forwarded {
        /// To which authority of the register.
        authority: AuthoritySlug,
        /// Of which municipality, where every municipality has one.
        municipality: Option<Tenant>,
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
        use InquiryCommand::{Close, Forward, GiveGuidance, LinkToCase, Receive};
        match (self, command) {
            (Self::Unknown, Receive(wish)) => received(*wish),
            // The form was sent twice, or nobody waits for the inquiry any more: the wish is true.
            (
                Self::Open { .. } | Self::Forwarded { .. } | Self::Linked { .. } | Self::Closed { .. },
                Receive(_),
            )
            | (Self::Forwarded { .. } | Self::Closed { .. }, Close {}) => Ok(Vec::new()),
            (Self::Unknown, GiveGuidance { .. } | Forward(_) | LinkToCase { .. } | Close { .. }) => {
                Err(InquiryRefusal::NotFound)
            }
            (Self::Open { subject, .. } | Self::Linked { subject, .. }, GiveGuidance { text }) => {
                let text = text.trim();
                if text.is_empty() {
                    return Err(InquiryRefusal::NoText { path: "text" });
                }
                let note = Sealed::new(*subject, text.to_owned());
                Ok(vec![InquiryEvent::GuidanceGiven(GuidanceGiven { note })])
            }
            (Self::Open { subject, written }, Forward(wish)) => forwarded(*subject, *written, *wish),
            (Self::Forwarded { authority, municipality }, Forward(wish)) => match wish.to {
                Some(to) if (&to.authority, &to.municipality) == (authority, municipality) => Ok(Vec::new()),
                _ => Err(InquiryRefusal::Forwarded),
            },
            (Self::Forwarded { .. }, GiveGuidance { .. } | LinkToCase { .. }) => {
                Err(InquiryRefusal::Forwarded)
            }
            (Self::Open { .. }, LinkToCase { case }) => {
                Ok(vec![InquiryEvent::InquiryLinkedToCase(InquiryLinkedToCase { case })])
            }
            (Self::Linked { case: linked, .. }, LinkToCase { case }) if *linked == case => Ok(Vec::new()),
            (Self::Linked { .. }, LinkToCase { .. } | Forward(_)) => Err(InquiryRefusal::AlreadyACase),
            (Self::Open { .. } | Self::Linked { .. }, Close {}) => {
                Ok(vec![InquiryEvent::InquiryClosed(InquiryClosed {})])
            }
            (Self::Closed { .. }, GiveGuidance { .. } | Forward(_) | LinkToCase { .. }) => {
                Err(InquiryRefusal::Closed)
            }
        }
    }

    /// Whom it is about, as long as somebody works with it.
    pub const fn subject(&self) -> Result<SubjectId, InquiryRefusal> {
        match self {
            Self::Unknown => Err(InquiryRefusal::NotFound),
            Self::Open { subject, .. } | Self::Linked { subject, .. } => Ok(*subject),
            Self::Forwarded { .. } => Err(InquiryRefusal::Forwarded),
            Self::Closed { .. } => Err(InquiryRefusal::Closed),
        }
    }

    /// What a case opened from this inquiry needs: that it is open, and whom it is about.
    pub const fn ready_for_case(&self) -> Result<SubjectId, InquiryRefusal> {
        match self {
            Self::Unknown => Err(InquiryRefusal::NotFound),
            Self::Open { subject, .. } => Ok(*subject),
            Self::Forwarded { .. } => Err(InquiryRefusal::Forwarded),
            Self::Linked { .. } => Err(InquiryRefusal::AlreadyACase),
            Self::Closed { .. } => Err(InquiryRefusal::Closed),
        }
    }
}

fn received(wish: Receive) -> Result<Vec<InquiryEvent>, InquiryRefusal> {
    let message = wish.message.trim();
    let name = wish.contact.name.trim();
    // Who asks at the counter and is guided there and then need not say who they are.
    if name.is_empty() && wish.kind != InquiryKind::Spoken {
        return Err(InquiryRefusal::NoText { path: "name" });
    }
    if wish.kind != InquiryKind::CallBack && message.is_empty() {
        return Err(InquiryRefusal::NoText { path: "message" });
    }
    if wish.received > wish.now {
        return Err(InquiryRefusal::InTheFuture);
    }
    if message.chars().count() > MESSAGE_LIMIT {
        return Err(InquiryRefusal::TooLong);
    }
    let [phone, email, address] = [&wish.contact.phone, &wish.contact.email, &wish.contact.address]
        .map(|field| field.as_deref().map(str::trim).filter(|text| !text.is_empty()));
    if wish.kind == InquiryKind::CallBack && phone.is_none() {
        return Err(InquiryRefusal::NoText { path: "phone" });
    }
    if phone.is_some_and(|phone| phone.chars().filter(char::is_ascii_digit).count() < 8) {
        return Err(InquiryRefusal::NotAPhoneNumber);
    }
    if email.is_some_and(|email| !looks_like_email(email)) {
        return Err(InquiryRefusal::NotAnEmail);
    }
    let reachable = phone.is_some() || email.is_some() || address.is_some();
    // What an authority passes on comes with what that authority knows, and is taken in as it is.
    if !reachable && wish.kind == InquiryKind::Written && wish.forwarded_case.is_none() {
        return Err(InquiryRefusal::NoWayBack);
    }
    let subject = wish.subject;
    let contact = Contact {
        name: name.to_owned(),
        phone: phone.map(str::to_owned),
        email: email.map(str::to_owned),
        address: address.map(str::to_owned),
    };
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
        forwarded_from: wish.forwarded_from,
        forwarded_case: wish.forwarded_case,
    })];
    if wish.kind == InquiryKind::CallBack {
        events.push(InquiryEvent::CallBackRequested(CallBackRequested { when: wish.when }));
    }
    Ok(events)
}

/// Passing on: what came in writing, to somebody else of the register, and with word to the sender.
fn forwarded(subject: SubjectId, written: bool, wish: Forward) -> Result<Vec<InquiryEvent>, InquiryRefusal> {
    if !written {
        return Err(InquiryRefusal::NotWritten);
    }
    let (to, notice) = passed_on(wish.from, wish.to, wish.notice)?;
    let said = |text: String| Sealed::new(subject, text);
    let notice = match notice {
        Notice::Given { how } => InquiryEvent::SenderInformed(SenderInformed { how: said(how) }),
        Notice::Waived { reason } => {
            InquiryEvent::SenderNoticeWaived(SenderNoticeWaived { reason: said(reason) })
        }
    };
    let Addressee { authority, name, municipality, received_as } = to;
    let forwarded =
        InquiryEvent::InquiryForwarded(InquiryForwarded { authority, name, municipality, received_as });
    Ok(vec![forwarded, notice])
}

/// Whom something is passed on to, and what its sender is told (FVL § 7, stk. 2): somebody else of the register, and not
/// without a word.
pub(crate) fn passed_on(
    from: Tenant,
    to: Option<Addressee>,
    notice: Option<Notice>,
) -> Result<(Addressee, Notice), InquiryRefusal> {
    let to = to.ok_or(InquiryRefusal::UnknownAddressee)?;
    if to.municipality == Some(from) {
        return Err(InquiryRefusal::Oneself);
    }
    let said = |text: String| match text.trim() {
        "" => Err(InquiryRefusal::SenderNotInformed),
        text => Ok(text.to_owned()),
    };
    let notice = match notice.ok_or(InquiryRefusal::SenderNotInformed)? {
        Notice::Given { how } => Notice::Given { how: said(how)? },
        Notice::Waived { reason } => Notice::Waived { reason: said(reason)? },
    };
    Ok((to, notice))
}

/// The reference that the citizen is given: eight letters and digits that cannot be misread, from the digest of
/// the inquiry's id.
pub fn reference_from_digest(digest: &[u8; 32]) -> String {
    // No 0 O, 1 I L, 5 S, 8 B, U V: they are mixed up on the phone and on paper.
    const LETTERS: &[u8; 24] = b"234679ACDEFGHJKMNPQRTWXY";
    let mut reference = String::with_capacity(9);
    for (place, byte) in digest.iter().take(8).enumerate() {
        if place == 4 {
            reference.push('-');
        }
        reference.push(char::from(LETTERS[usize::from(*byte) % LETTERS.len()]));
    }
    reference
}

/// Enough to catch a slip; whether mail arrives, only sending tells.
pub fn looks_like_email(text: &str) -> bool {
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
            (_, InquiryEvent::InquiryReceived(received)) => Self::Open {
                subject: received.subject,
                written: received.kind == InquiryKind::Written && received.channel.is_written(),
            },
            (_, InquiryEvent::InquiryForwarded(forwarded)) => {
                Self::Forwarded { authority: forwarded.authority, municipality: forwarded.municipality }
            }
            (Self::Open { subject, .. }, InquiryEvent::InquiryLinkedToCase(linked)) => {
                Self::Linked { subject: *subject, case: linked.case }
            }
            (Self::Linked { case, .. }, InquiryEvent::InquiryClosed(_)) => Self::Closed { case: Some(*case) },
            (_, InquiryEvent::InquiryClosed(_)) => Self::Closed { case: None },
            (
                state,
                InquiryEvent::CallBackRequested(_)
                | InquiryEvent::GuidanceGiven(_)
                | InquiryEvent::SenderInformed(_)
                | InquiryEvent::SenderNoticeWaived(_)
                | InquiryEvent::InquiryLinkedToCase(_),
            ) => state.clone(),
        };
    }
}
