//! Requests for access (aktindsigt): the list by stage and deadline, and what the page of one request shows.

use cqrs_es::Aggregate;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use skranke_domain::access_request::{
    AccessRequest, AccessRequestEvent, AccessRequestFile, Disclosure, RequestStage,
};
use skranke_domain::inquiry::Channel;
use skranke_domain::rules::Term;
use skranke_domain::{AccessRequestId, Actor, CaseId, Sealed, Tenant};
use skranke_store::{Position, Revision};
use uuid::Uuid;

use crate::dated::{Dated, DatedQuery, Place, Reasoned, dated_schema};
use crate::event::{Event, EventInfo, Told};
use crate::page::Page;
use crate::projection::FoldFault;
use crate::views::{Views, ViewsError};

/// Everything the page of a request for access shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessRequestSheet {
    /// Which request.
    pub id: AccessRequestId,
    /// The number of its last event.
    pub revision: Revision,
    /// The place of its first event in the log.
    pub came_in: Position,
    /// The place of its last event in the log.
    pub position: Position,
    /// The domain's own state: case, stage, basis, papers and what was decided about each.
    pub file: Box<AccessRequestFile>,
    /// Who asks.
    pub requester: Sealed<String>,
    /// What for, in their words.
    pub asked_for: Sealed<String>,
    /// How it came in.
    pub channel: Channel,
    /// Until when an answer or a notice of delay is due.
    pub answer: Term,
    /// After which day the delay can be complained of.
    pub complaint_from: Option<Term>,
    /// Who decided about each paper last, and when; in the order of the papers.
    pub documents: Vec<RequestedPaper>,
    /// The notices of delay, oldest first.
    pub notices: Vec<DelayNotice>,
    /// The package, once it is released.
    pub package: Option<ReleasedPackage>,
    /// Why it ended without a package.
    pub ended: Option<Reasoned>,
    /// The type of its last event.
    pub last_event_type: String,
    /// When that was.
    pub last_event_at: Timestamp,
}

/// One paper of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestedPaper {
    /// Its reference within the case.
    pub reference: String,
    /// Its title in the journal.
    pub title: Sealed<String>,
    /// What is given of it, once that is decided.
    pub disclosure: Option<Disclosure>,
    /// On which basis the rest is withheld.
    pub statute: String,
    /// What is given of it, where that is not all.
    pub extract: Option<Sealed<String>>,
    /// Who decided last.
    pub by: Option<Actor>,
    /// When.
    pub at: Option<Timestamp>,
}

/// A notice that it takes longer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelayNotice {
    /// When an answer can be expected.
    pub expected: Date,
    /// Why, by whom and when.
    pub reasoned: Reasoned,
}

/// The package that was released.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleasedPackage {
    /// The SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// How many bytes.
    pub bytes: u64,
    /// Who released it.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

impl AccessRequestSheet {
    /// The state of the aggregate at this revision, for the guards.
    pub fn request(&self) -> AccessRequest {
        AccessRequest::File(self.file.clone())
    }
}

impl Dated for AccessRequestSheet {
    type Event = AccessRequestEvent;
    type Stage = RequestStage;
    const NAME: &'static str = "access_requests";
    const VERSION: u32 = 1;
    const TABLES: &'static [&'static str] = &["access_requests"];
    const SCHEMA: &'static str = dated_schema!("access_requests");

    fn told(event: &Event) -> Result<Option<Told<'_, Uuid, AccessRequestEvent>>, FoldFault> {
        let told = event.access_request()?;
        Ok(told.map(|Told { id, events, info }| Told { id: id.uuid(), events, info }))
    }

    fn begin(id: Uuid, events: &[AccessRequestEvent], info: &EventInfo) -> Option<Self> {
        let (first @ AccessRequestEvent::AccessRequested(asked), rest) = events.split_first()? else {
            return None;
        };
        let mut request = AccessRequest::default();
        request.apply(first.clone());
        let AccessRequest::File(file) = request else { return None };
        let documents = asked.documents.iter().map(|document| RequestedPaper {
            reference: document.reference.clone(),
            title: document.title.clone(),
            disclosure: None,
            statute: String::new(),
            extract: None,
            by: None,
            at: None,
        });
        let mut sheet = Self {
            id: AccessRequestId::new(id),
            revision: info.revision,
            came_in: info.position,
            position: info.position,
            file,
            requester: asked.requester.clone(),
            asked_for: asked.asked_for.clone(),
            channel: asked.channel,
            answer: asked.answer.clone(),
            complaint_from: asked.complaint_from.clone(),
            documents: documents.collect(),
            notices: Vec::new(),
            package: None,
            ended: None,
            last_event_type: String::new(),
            last_event_at: info.at,
        };
        for event in rest {
            sheet.apply(event, info);
        }
        Some(sheet)
    }

    fn apply(&mut self, event: &AccessRequestEvent, info: &EventInfo) {
        let mut request = self.request();
        request.apply(event.clone());
        if let AccessRequest::File(file) = request {
            self.file = file;
        }
        match event {
            // A stream holds one request, and `begin` took it.
            AccessRequestEvent::AccessRequested(_) => {}
            AccessRequestEvent::DocumentDisclosureDecided(decided) => {
                let mut documents = self.documents.iter_mut();
                if let Some(document) = documents.find(|known| known.reference == decided.reference) {
                    document.disclosure = Some(decided.disclosure);
                    document.statute.clone_from(&decided.statute);
                    document.extract.clone_from(&decided.extract);
                    (document.by, document.at) = (Some(info.actor), Some(info.at));
                }
            }
            AccessRequestEvent::DelayNoticeSent(sent) => {
                let reasoned = Reasoned::new(&sent.reason, info);
                self.notices.push(DelayNotice { expected: sent.expected, reasoned });
            }
            AccessRequestEvent::PackageReleased(released) => {
                let (sha256, bytes) = (released.sha256.clone(), released.bytes);
                self.package = Some(ReleasedPackage { sha256, bytes, by: info.actor, at: info.at });
            }
            AccessRequestEvent::AccessRequestWithdrawn(withdrawn) => {
                self.ended = Some(Reasoned::new(&withdrawn.reason, info));
            }
            AccessRequestEvent::AccessRequestClosed(closed) => {
                self.ended = Some(Reasoned::new(&closed.reason, info));
            }
        }
    }

    fn pass_over(&mut self, event_type: &str, info: &EventInfo) {
        (self.revision, self.position) = (info.revision, info.position);
        event_type.clone_into(&mut self.last_event_type);
        self.last_event_at = info.at;
    }

    fn stage(&self) -> RequestStage {
        self.file.stage
    }

    fn place(&self) -> Place {
        let open = self.file.stage == RequestStage::Open;
        Place {
            id: self.id.uuid(),
            case: self.file.case,
            came_in: self.came_in,
            open,
            due: open.then(|| self.due()),
        }
    }
}

impl AccessRequestSheet {
    /// The last day as it now stands: what the last notice promised, else what the rule gives.
    pub fn due(&self) -> Date {
        self.file.expected.unwrap_or(self.answer.due)
    }
}

impl Views {
    /// A page of requests for access, the nearest deadline first.
    pub async fn access_requests(
        &self,
        tenant: Tenant,
        query: DatedQuery<RequestStage>,
    ) -> Result<Page<AccessRequestSheet>, ViewsError> {
        self.dated_page(tenant, query).await
    }

    /// How the database would answer a page, line by line.
    pub async fn explain_access_requests(
        &self,
        tenant: Tenant,
        query: DatedQuery<RequestStage>,
    ) -> Result<Vec<String>, ViewsError> {
        self.dated_plan::<AccessRequestSheet>(tenant, query).await
    }

    /// How many there are, whatever the page.
    pub async fn access_request_count(
        &self,
        tenant: Tenant,
        query: DatedQuery<RequestStage>,
    ) -> Result<u64, ViewsError> {
        self.dated_count::<AccessRequestSheet>(tenant, query).await
    }

    /// One request for access.
    pub async fn access_request(
        &self,
        tenant: Tenant,
        id: AccessRequestId,
    ) -> Result<Option<AccessRequestSheet>, ViewsError> {
        self.dated_one(tenant, id.uuid()).await
    }

    /// The requests for access to a case, oldest first.
    pub async fn access_requests_of(
        &self,
        tenant: Tenant,
        case: CaseId,
    ) -> Result<Vec<AccessRequestSheet>, ViewsError> {
        self.dated_of_case(tenant, case).await
    }
}
