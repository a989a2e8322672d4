//! An event of the log, read once for all projections: its metadata and its body, or why they cannot be read.
//!
//! An event that is malformed is not an error here: it becomes one for those projections that want to know
//! what it says, and for nobody else.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use skranke_domain::access_log::AccessEvent;
use skranke_domain::case::CaseEvent;
use skranke_domain::codec;
use skranke_domain::conversation::ConversationEvent;
use skranke_domain::inquiry::InquiryEvent;
use skranke_domain::user::UserEvent;
use skranke_domain::{Actor, CaseId, ConversationId, InquiryId, Purpose, Roles, Tenant, UserId};
use skranke_store::{Metadata, Position, Recorded, Revision};

use crate::projection::FoldFault;

/// What a fold may know of an event beside its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventInfo {
    /// Its number in its stream.
    pub revision: Revision,
    /// Its place in the log.
    pub position: Position,
    /// When it happened.
    pub at: Timestamp,
    /// Who acted.
    pub actor: Actor,
    /// The roles the actor held.
    pub roles: Roles,
    /// What for.
    pub purpose: Option<Purpose>,
}

/// An event, decoded.
#[derive(Debug)]
pub struct Event {
    recorded: Recorded,
    tenant: Tenant,
    metadata: Result<Metadata, FoldFault>,
    body: Result<Body, FoldFault>,
}

/// What an event tells about one thing. `event` is `None` for a type that this version does not know.
#[derive(Debug)]
pub struct Told<'a, I, E> {
    /// Whose stream it is in.
    pub id: I,
    /// What happened.
    pub event: Option<&'a E>,
    /// Who, when, where in the log.
    pub info: EventInfo,
}

#[derive(Debug)]
enum Body {
    Case(CaseId, Option<Box<CaseEvent>>),
    Inquiry(InquiryId, Option<Box<InquiryEvent>>),
    User(UserId, Option<Box<UserEvent>>),
    Access(Option<AccessEvent>),
    Conversation(ConversationId, Option<Box<ConversationEvent>>),
    /// A stream of a category that no read model here is about.
    Other,
}

impl Event {
    /// Reads an event.
    pub fn read(recorded: Recorded) -> Self {
        let body = body(&recorded);
        let metadata = match body {
            // Nobody will ask, and a foreign stream may have any metadata it likes.
            Ok(Body::Other) => Err(FoldFault::Metadata),
            _ => Metadata::parse(&recorded.metadata).map_err(|_| FoldFault::Metadata),
        };
        Self { tenant: recorded.stream.tenant(), metadata, body, recorded }
    }

    /// The event as it stands in the log.
    pub const fn recorded(&self) -> &Recorded {
        &self.recorded
    }

    /// Whose stream it is in.
    pub const fn tenant(&self) -> Tenant {
        self.tenant
    }

    /// Its metadata.
    pub fn metadata(&self) -> Result<&Metadata, FoldFault> {
        self.metadata.as_ref().map_err(Clone::clone)
    }

    /// Whether its data was read, all of it, as an event that this version knows.
    pub(crate) const fn is_read(&self) -> bool {
        match &self.body {
            Ok(Body::Case(_, event)) => event.is_some(),
            Ok(Body::Inquiry(_, event)) => event.is_some(),
            Ok(Body::User(_, event)) => event.is_some(),
            Ok(Body::Access(event)) => event.is_some(),
            Ok(Body::Conversation(_, event)) => event.is_some(),
            Ok(Body::Other) | Err(_) => false,
        }
    }

    /// Who, when, where in the log.
    pub fn info(&self) -> Result<EventInfo, FoldFault> {
        let Metadata { actor, roles, purpose, .. } = *self.metadata()?;
        let Recorded { revision, position, recorded_at: at, .. } = self.recorded;
        Ok(EventInfo { revision, position, at, actor, roles, purpose })
    }

    /// What it tells about a case; `None` when it is about something else.
    pub fn case(&self) -> Result<Option<Told<'_, CaseId, CaseEvent>>, FoldFault> {
        match &self.body {
            Ok(Body::Case(id, event)) => self.told(*id, event.as_deref()).map(Some),
            _ => self.not("case"),
        }
    }

    /// What it tells about an inquiry.
    pub fn inquiry(&self) -> Result<Option<Told<'_, InquiryId, InquiryEvent>>, FoldFault> {
        match &self.body {
            Ok(Body::Inquiry(id, event)) => self.told(*id, event.as_deref()).map(Some),
            _ => self.not("inquiry"),
        }
    }

    /// What it tells about a member of staff.
    pub fn user(&self) -> Result<Option<Told<'_, UserId, UserEvent>>, FoldFault> {
        match &self.body {
            Ok(Body::User(id, event)) => self.told(*id, event.as_deref()).map(Some),
            _ => self.not("user"),
        }
    }

    /// What it tells about who looked at what.
    pub fn access(&self) -> Result<Option<Told<'_, (), AccessEvent>>, FoldFault> {
        match &self.body {
            Ok(Body::Access(event)) => self.told((), event.as_ref()).map(Some),
            _ => self.not("accesslog"),
        }
    }

    /// What it tells about a conversation.
    pub fn conversation(&self) -> Result<Option<Told<'_, ConversationId, ConversationEvent>>, FoldFault> {
        match &self.body {
            Ok(Body::Conversation(id, event)) => self.told(*id, event.as_deref()).map(Some),
            _ => self.not("conversation"),
        }
    }

    fn told<'a, I, E>(&self, id: I, event: Option<&'a E>) -> Result<Told<'a, I, E>, FoldFault> {
        Ok(Told { id, event, info: self.info()? })
    }

    /// Nothing, unless the event is of that category after all and cannot be read.
    fn not<T>(&self, category: &str) -> Result<Option<T>, FoldFault> {
        match &self.body {
            Err(fault) if self.recorded.stream.category() == category => Err(fault.clone()),
            _ => Ok(None),
        }
    }
}

fn body(recorded: &Recorded) -> Result<Body, FoldFault> {
    let key = recorded.stream.key();
    let id = || key.parse::<uuid::Uuid>().map_err(|_| FoldFault::Stream);
    Ok(match recorded.stream.category() {
        "case" => Body::Case(CaseId::new(id()?), event(recorded)?.map(Box::new)),
        "inquiry" => Body::Inquiry(InquiryId::new(id()?), event(recorded)?.map(Box::new)),
        "user" => Body::User(UserId::new(id()?), event(recorded)?.map(Box::new)),
        "accesslog" => Body::Access(event(recorded)?),
        "conversation" => Body::Conversation(ConversationId::new(id()?), event(recorded)?.map(Box::new)),
        _ => Body::Other,
    })
}

fn event<E: DeserializeOwned>(recorded: &Recorded) -> Result<Option<E>, FoldFault> {
    match codec::decode(&recorded.event_type, &recorded.data) {
        Ok(event) => Ok(Some(event)),
        Err(_) if codec::knows::<E>(&recorded.event_type) => Err(FoldFault::Data),
        Err(_) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happens_to_keys_and_in_foreign_streams_is_no_read_models_business() {
        for (stream, event_type) in [
            ("key-0190-01980000-0000-7000-8000-000000000001", "KeyWrapped"),
            ("key-0190-01980000-0000-7000-8000-000000000001", "$streamDeleted"),
            ("key-0000-ring", "MasterKeyAdopted"),
            ("$projections", "CaseOpened"),
        ] {
            let event = Event::read(Recorded {
                position: Position(1),
                stream: stream.parse().unwrap(),
                revision: 0,
                id: uuid::Uuid::nil(),
                event_type: event_type.into(),
                data: b"no JSON"[..].into(),
                metadata: b""[..].into(),
                recorded_at: Timestamp::UNIX_EPOCH,
            });
            assert!(matches!(event.body, Ok(Body::Other)), "{stream}");
            assert!(matches!((event.case(), event.user(), event.access()), (Ok(None), Ok(None), Ok(None))));
        }
    }
}
