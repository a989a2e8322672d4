//! An event of the log, read once for all projections: its metadata and its body, or why they cannot be read.
//!
//! An event that is malformed is not an error here: it becomes one for those projections that want to know
//! what it says, and for nobody else.

use std::sync::OnceLock;

use jiff::Timestamp;
use skranke_domain::access_log::AccessEvent;
use skranke_domain::access_request::AccessRequestEvent;
use skranke_domain::authority::{AuthorityEvent, AuthoritySlug};
use skranke_domain::case::CaseEvent;
use skranke_domain::complaint::ComplaintEvent;
use skranke_domain::conversation::ConversationEvent;
use skranke_domain::engagement::EngagementEvent;
use skranke_domain::exemption::ExemptionEvent;
use skranke_domain::inquiry::InquiryEvent;
use skranke_domain::knowledge::KnowledgeEvent;
use skranke_domain::privacy::PrivacyEvent;
use skranke_domain::ruleset::RuleSetEvent;
use skranke_domain::saved_view::SavedViewEvent;
use skranke_domain::service::ServiceEvent;
use skranke_domain::team::TeamEvent;
use skranke_domain::upcast::Evolving;
use skranke_domain::user::UserEvent;
use skranke_domain::webhook::WebhookEvent;
use skranke_domain::{
    AccessRequestId, Actor, CaseId, ComplaintId, ConversationId, EngagementId, ExemptionId, InquiryId,
    Purpose, Roles, SavedViewId, ServiceId, SubjectId, TeamId, Tenant, UserId, WebhookId,
};
use skranke_store::{Metadata, Position, Reading, Recorded, Revision, read};

use crate::projection::FoldFault;
use crate::search::{Indexer, Place};

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
    /// What the search index will hold of it, once somebody has looked.
    places: OnceLock<Result<Vec<Place>, FoldFault>>,
}

/// What an event tells about one thing.
#[derive(Debug)]
pub struct Told<'a, I, E> {
    /// Whose stream it is in.
    pub id: I,
    /// What happened: nearly always one event; several where an older program wrote one; none for a type (or
    /// a form of it) that this version does not know.
    pub events: &'a [E],
    /// Who, when, where in the log.
    pub info: EventInfo,
}

#[derive(Debug)]
enum Body {
    Case(CaseId, Box<Reading<CaseEvent>>),
    Complaint(ComplaintId, Box<Reading<ComplaintEvent>>),
    AccessRequest(AccessRequestId, Box<Reading<AccessRequestEvent>>),
    Inquiry(InquiryId, Box<Reading<InquiryEvent>>),
    Exemption(ExemptionId, Box<Reading<ExemptionEvent>>),
    Privacy(SubjectId, Box<Reading<PrivacyEvent>>),
    Service(ServiceId, Box<Reading<ServiceEvent>>),
    Authority(AuthoritySlug, Box<Reading<AuthorityEvent>>),
    User(UserId, Box<Reading<UserEvent>>),
    Team(TeamId, Box<Reading<TeamEvent>>),
    Engagement(EngagementId, Box<Reading<EngagementEvent>>),
    SavedView(SavedViewId, Box<Reading<SavedViewEvent>>),
    Rules(Box<Reading<RuleSetEvent>>),
    Knowledge(Box<Reading<KnowledgeEvent>>),
    Webhook(WebhookId, Box<Reading<WebhookEvent>>),
    Access(Reading<AccessEvent>),
    Conversation(ConversationId, Box<Reading<ConversationEvent>>),
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
        Self { tenant: recorded.stream.tenant(), metadata, body, recorded, places: OnceLock::new() }
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

    /// What the search index holds of it. Costly the first time.
    pub(crate) fn places(&self, indexer: &Indexer) -> Result<&[Place], FoldFault> {
        self.places.get_or_init(|| indexer.places(self)).as_deref().map_err(Clone::clone)
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
            Ok(Body::Case(id, reading)) => self.told(*id, reading.events()).map(Some),
            _ => self.not("case"),
        }
    }

    /// What it tells about a complaint.
    pub fn complaint(&self) -> Result<Option<Told<'_, ComplaintId, ComplaintEvent>>, FoldFault> {
        match &self.body {
            Ok(Body::Complaint(id, reading)) => self.told(*id, reading.events()).map(Some),
            _ => self.not("complaint"),
        }
    }

    /// What it tells about a request for access.
    pub fn access_request(&self) -> Result<Option<Told<'_, AccessRequestId, AccessRequestEvent>>, FoldFault> {
        match &self.body {
            Ok(Body::AccessRequest(id, reading)) => self.told(*id, reading.events()).map(Some),
            _ => self.not("accessrequest"),
        }
    }

    /// What it tells about an inquiry.
    pub fn inquiry(&self) -> Result<Option<Told<'_, InquiryId, InquiryEvent>>, FoldFault> {
        match &self.body {
            Ok(Body::Inquiry(id, reading)) => self.told(*id, reading.events()).map(Some),
            _ => self.not("inquiry"),
        }
    }

    /// What it tells about an exemption from self-service.
    pub fn exemption(&self) -> Result<Option<Told<'_, ExemptionId, ExemptionEvent>>, FoldFault> {
        match &self.body {
            Ok(Body::Exemption(id, reading)) => self.told(*id, reading.events()).map(Some),
            _ => self.not("exemption"),
        }
    }

    /// What it tells about a data subject.
    pub fn privacy(&self) -> Result<Option<Told<'_, SubjectId, PrivacyEvent>>, FoldFault> {
        match &self.body {
            Ok(Body::Privacy(id, reading)) => self.told(*id, reading.events()).map(Some),
            _ => self.not("privacy"),
        }
    }

    /// What it tells about a self-service solution.
    pub fn service(&self) -> Result<Option<Told<'_, ServiceId, ServiceEvent>>, FoldFault> {
        match &self.body {
            Ok(Body::Service(id, reading)) => self.told(*id, reading.events()).map(Some),
            _ => self.not("service"),
        }
    }

    /// What it tells about an authority of the register.
    pub fn authority(&self) -> Result<Option<Told<'_, &AuthoritySlug, AuthorityEvent>>, FoldFault> {
        match &self.body {
            Ok(Body::Authority(slug, reading)) => self.told(slug, reading.events()).map(Some),
            _ => self.not("authority"),
        }
    }

    /// What it tells about a member of staff.
    pub fn user(&self) -> Result<Option<Told<'_, UserId, UserEvent>>, FoldFault> {
        match &self.body {
            Ok(Body::User(id, reading)) => self.told(*id, reading.events()).map(Some),
            _ => self.not("user"),
        }
    }

    /// What it tells about a team.
    pub fn team(&self) -> Result<Option<Told<'_, TeamId, TeamEvent>>, FoldFault> {
        match &self.body {
            Ok(Body::Team(id, reading)) => self.told(*id, reading.events()).map(Some),
            _ => self.not("team"),
        }
    }

    /// What it tells about a webhook.
    pub fn webhook(&self) -> Result<Option<Told<'_, WebhookId, WebhookEvent>>, FoldFault> {
        match &self.body {
            Ok(Body::Webhook(id, reading)) => self.told(*id, reading.events()).map(Some),
            _ => self.not("webhook"),
        }
    }

    /// What it tells about an engagement of an auditor.
    pub fn engagement(&self) -> Result<Option<Told<'_, EngagementId, EngagementEvent>>, FoldFault> {
        match &self.body {
            Ok(Body::Engagement(id, reading)) => self.told(*id, reading.events()).map(Some),
            _ => self.not("audit"),
        }
    }

    /// What it tells about a saved view.
    pub fn saved_view(&self) -> Result<Option<Told<'_, SavedViewId, SavedViewEvent>>, FoldFault> {
        match &self.body {
            Ok(Body::SavedView(id, reading)) => self.told(*id, reading.events()).map(Some),
            _ => self.not("savedview"),
        }
    }

    /// What it tells about a municipality's rules.
    pub fn rules(&self) -> Result<Option<Told<'_, (), RuleSetEvent>>, FoldFault> {
        match &self.body {
            Ok(Body::Rules(reading)) => self.told((), reading.events()).map(Some),
            _ => self.not("ruleset"),
        }
    }

    /// What it tells about an article, by the key of its stream.
    pub fn knowledge(&self) -> Result<Option<Told<'_, &str, KnowledgeEvent>>, FoldFault> {
        match &self.body {
            Ok(Body::Knowledge(reading)) => self.told(self.recorded.stream.key(), reading.events()).map(Some),
            _ => self.not("knowledge"),
        }
    }

    /// What it tells about who looked at what.
    pub fn access(&self) -> Result<Option<Told<'_, (), AccessEvent>>, FoldFault> {
        match &self.body {
            Ok(Body::Access(reading)) => self.told((), reading.events()).map(Some),
            _ => self.not("accesslog"),
        }
    }

    /// What it tells about a conversation.
    pub fn conversation(&self) -> Result<Option<Told<'_, ConversationId, ConversationEvent>>, FoldFault> {
        match &self.body {
            Ok(Body::Conversation(id, reading)) => self.told(*id, reading.events()).map(Some),
            _ => self.not("conversation"),
        }
    }

    fn told<'a, I, E>(&self, id: I, events: &'a [E]) -> Result<Told<'a, I, E>, FoldFault> {
        Ok(Told { id, events, info: self.info()? })
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
        "case" => Body::Case(CaseId::new(id()?), Box::new(reading(recorded)?)),
        "complaint" => Body::Complaint(ComplaintId::new(id()?), Box::new(reading(recorded)?)),
        "accessrequest" => Body::AccessRequest(AccessRequestId::new(id()?), Box::new(reading(recorded)?)),
        "inquiry" => Body::Inquiry(InquiryId::new(id()?), Box::new(reading(recorded)?)),
        "exemption" => Body::Exemption(ExemptionId::new(id()?), Box::new(reading(recorded)?)),
        "privacy" => Body::Privacy(SubjectId::new(id()?), Box::new(reading(recorded)?)),
        "service" => Body::Service(ServiceId::new(id()?), Box::new(reading(recorded)?)),
        "authority" => {
            let slug = AuthoritySlug::try_new(key).ok_or(FoldFault::Stream)?;
            Body::Authority(slug, Box::new(reading(recorded)?))
        }
        "user" => Body::User(UserId::new(id()?), Box::new(reading(recorded)?)),
        "team" => Body::Team(TeamId::new(id()?), Box::new(reading(recorded)?)),
        "savedview" => Body::SavedView(SavedViewId::new(id()?), Box::new(reading(recorded)?)),
        "webhook" => Body::Webhook(WebhookId::new(id()?), Box::new(reading(recorded)?)),
        "audit" => Body::Engagement(EngagementId::new(id()?), Box::new(reading(recorded)?)),
        "ruleset" => Body::Rules(Box::new(reading(recorded)?)),
        "knowledge" => Body::Knowledge(Box::new(reading(recorded)?)),
        "accesslog" => Body::Access(reading(recorded)?),
        "conversation" => Body::Conversation(ConversationId::new(id()?), Box::new(reading(recorded)?)),
        _ => Body::Other,
    })
}

fn reading<E: Evolving>(recorded: &Recorded) -> Result<Reading<E>, FoldFault> {
    read(recorded).map_err(|_| FoldFault::Data)
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
