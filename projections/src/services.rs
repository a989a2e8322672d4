//! The register of self-service solutions, with action pages, requirements and links.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};
use skranke_domain::service::{ActionPage, Compliance, Kind, LinkState, ServiceEvent, Stage, Supplier};
use skranke_domain::{Actor, Sealed, ServiceId, SubjectId, Tenant};
use skranke_store::{Position, Revision};

use crate::arrivals::Arrivals;
use crate::event::{Event, EventInfo};
use crate::page::{Cursor, Page};
use crate::projection::{FoldFault, Projection};
use crate::rows::{self, Pending};
use crate::views::{Views, ViewsError};

/// Everything the page of a self-service solution shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceSheet {
    /// Which solution.
    pub id: ServiceId,
    /// The number of its last event.
    pub revision: Revision,
    /// The place of its first event in the log: the order of the list.
    pub came_in: Position,
    /// The place of its last event in the log.
    pub position: Position,
    /// How far it has come.
    pub stage: Stage,
    /// Whom its sealed fields are about.
    pub subject: SubjectId,
    /// Whether the portal had it when it was last submitted.
    pub kind: Kind,
    /// What it is called.
    pub title: String,
    /// Where it is.
    pub url: String,
    /// What it does, in short.
    pub description: String,
    /// Who made it.
    pub supplier: Sealed<Supplier>,
    /// When it was last submitted.
    pub submitted_at: Timestamp,
    /// By whom.
    pub submitted_by: Actor,
    /// Why it was returned or withdrawn.
    pub reason: Option<Sealed<String>>,
    /// The versions of its action page, oldest first.
    pub pages: Vec<PageVersion>,
    /// Where the action page is on the portal.
    pub page_url: Option<String>,
    /// What was said of the requirements, the newest word on each, in the order of the first.
    pub requirements: Vec<Answered>,
    /// How its addresses answered when that last changed.
    pub links: Vec<CheckedLink>,
}

/// A version of an action page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageVersion {
    /// Which, from 1.
    pub version: u32,
    /// The text.
    pub page: ActionPage,
    /// Who wrote it.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// When the portal began to show it.
    pub published_at: Option<Timestamp>,
}

/// What was said of a requirement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// The requirement's short name.
    pub requirement: String,
    /// Whether it is met.
    pub compliance: Compliance,
    /// How, or why not.
    pub note: Option<Sealed<String>>,
    /// By whom.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// What came of asking for an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckedLink {
    /// Which.
    pub address: String,
    /// How it answers.
    pub state: LinkState,
    /// The day of the check that found it so.
    pub on: Date,
}

impl ServiceSheet {
    fn begin(id: ServiceId, events: &[ServiceEvent], info: &EventInfo) -> Option<Self> {
        let (ServiceEvent::ServiceSubmitted(submitted), rest) = events.split_first()? else { return None };
        let mut sheet = Self {
            id,
            revision: info.revision,
            came_in: info.position,
            position: info.position,
            stage: Stage::Submitted,
            subject: submitted.subject,
            kind: submitted.kind,
            title: submitted.title.clone(),
            url: submitted.url.clone(),
            description: submitted.description.clone(),
            supplier: submitted.supplier.clone(),
            submitted_at: info.at,
            submitted_by: info.actor,
            reason: None,
            pages: Vec::new(),
            page_url: None,
            requirements: Vec::new(),
            links: Vec::new(),
        };
        for event in rest {
            sheet.apply(event, info);
        }
        Some(sheet)
    }

    fn apply(&mut self, event: &ServiceEvent, info: &EventInfo) {
        match event {
            ServiceEvent::ServiceSubmitted(again) => {
                self.stage = Stage::Submitted;
                self.kind = again.kind;
                self.title.clone_from(&again.title);
                self.url.clone_from(&again.url);
                self.description.clone_from(&again.description);
                self.supplier = again.supplier.clone();
                (self.submitted_at, self.submitted_by) = (info.at, info.actor);
                self.reason = None;
                self.drop_old_links();
            }
            ServiceEvent::ServiceAccepted(_) => self.stage = Stage::Accepted,
            ServiceEvent::ServiceReturned(returned) => {
                (self.stage, self.reason) = (Stage::Returned, Some(returned.reason.clone()));
            }
            ServiceEvent::ServiceWithdrawn(withdrawn) => {
                (self.stage, self.reason) = (Stage::Withdrawn, Some(withdrawn.reason.clone()));
            }
            ServiceEvent::ActionPageDrafted(drafted) => self.pages.push(PageVersion {
                version: drafted.version,
                page: drafted.page.clone(),
                by: info.actor,
                at: info.at,
                published_at: None,
            }),
            ServiceEvent::ActionPagePublished(published) => {
                let page = self.pages.iter_mut().find(|page| page.version == published.version);
                if let Some(page) = page {
                    page.published_at = Some(info.at);
                }
                self.page_url.clone_from(&published.url);
                self.drop_old_links();
            }
            ServiceEvent::RequirementAnswered(answered) => {
                let word = Answered {
                    requirement: answered.requirement.clone(),
                    compliance: answered.compliance,
                    note: answered.note.clone(),
                    by: info.actor,
                    at: info.at,
                };
                match self.requirements.iter_mut().find(|one| one.requirement == word.requirement) {
                    Some(earlier) => *earlier = word,
                    None => self.requirements.push(word),
                }
            }
            ServiceEvent::LinkChecked(checked) => {
                let link = CheckedLink {
                    address: checked.address.clone(),
                    state: checked.state.clone(),
                    on: checked.on,
                };
                match self.links.iter_mut().find(|one| one.address == link.address) {
                    Some(earlier) => *earlier = link,
                    None => self.links.push(link),
                }
            }
        }
    }

    /// The addresses that citizens are sent to.
    pub fn addresses(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.url).chain(&self.page_url).map(String::as_str)
    }

    /// What an address answered that is nobody's any more is of no use.
    fn drop_old_links(&mut self) {
        let (url, page_url) = (&self.url, &self.page_url);
        self.links.retain(|link| link.address == *url || Some(&link.address) == page_url.as_ref());
    }

    /// The version of the action page that the portal shows.
    pub fn published(&self) -> Option<&PageVersion> {
        self.pages.iter().rfind(|page| page.published_at.is_some())
    }
}

/// The table of solutions.
#[derive(Default)]
pub(crate) struct Solutions {
    pending: Pending<(Tenant, ServiceId), ServiceSheet>,
}

impl Projection for Solutions {
    fn name(&self) -> &'static str {
        "services"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &["services"]
    }

    fn schema(&self) -> &'static str {
        "CREATE TABLE services (
            tenant TEXT NOT NULL,
            service_id BLOB NOT NULL,
            came_in INTEGER NOT NULL,
            stage TEXT NOT NULL,
            sheet TEXT NOT NULL,
            PRIMARY KEY (tenant, service_id)
         ) STRICT;
         CREATE INDEX services_all ON services (tenant, came_in);
         CREATE INDEX services_stage ON services (tenant, stage, came_in);"
    }

    fn fold(&mut self, rows: &Connection, event: &Event) -> Result<(), FoldFault> {
        let Some(told) = event.service()? else { return Ok(()) };
        let key = (event.tenant(), told.id);
        if let Some(sheet) = self.pending.get(key, || load(rows, event.tenant(), told.id))? {
            (sheet.revision, sheet.position) = (told.info.revision, told.info.position);
            for event in told.events {
                sheet.apply(event, &told.info);
            }
        } else if !told.events.is_empty() {
            let begun = ServiceSheet::begin(told.id, told.events, &told.info);
            self.pending.put(key, begun.ok_or(FoldFault::NeverBegan)?);
        }
        Ok(())
    }

    fn changed(&self) -> usize {
        self.pending.changed()
    }

    fn flush(&mut self, rows: &Connection) -> Result<(), FoldFault> {
        let mut write = rows.prepare_cached(
            "INSERT INTO services (tenant, service_id, came_in, stage, sheet) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (tenant, service_id) DO UPDATE SET stage = excluded.stage, sheet = excluded.sheet",
        )?;
        self.pending.flush(|(tenant, id), sheet| {
            let (came_in, stage) = (rows::number(sheet.came_in.0)?, rows::name(&sheet.stage)?);
            let json = serde_json::to_string(sheet)?;
            write.execute((tenant.code(), id.uuid().as_bytes(), came_in, stage, json))?;
            Ok(())
        })
    }

    fn forget(&mut self) {
        self.pending.clear();
    }
}

fn load(rows: &Connection, tenant: Tenant, id: ServiceId) -> rusqlite::Result<Option<ServiceSheet>> {
    let mut find = rows.prepare_cached("SELECT sheet FROM services WHERE tenant = ?1 AND service_id = ?2")?;
    find.query_row((tenant.code(), id.uuid().as_bytes()), |row| rows::read(row, 0)).optional()
}

const LIST: Arrivals = Arrivals { table: "services", column: "stage", mark: 's' };

impl Views {
    /// A page of solutions in the order in which they were first submitted: of one stage, or all.
    pub async fn services(
        &self,
        tenant: Tenant,
        stage: Option<Stage>,
        after: Option<Cursor>,
        first: usize,
    ) -> Result<Page<ServiceSheet>, ViewsError> {
        self.ask(move |rows| {
            let only = stage.map(|stage| rows::name(&stage)).transpose()?.map(Value::from);
            LIST.page(rows, (tenant, only), (first, after.as_ref()), |sheet: &ServiceSheet| sheet.came_in)
        })
        .await
    }

    /// One solution.
    pub async fn service(&self, tenant: Tenant, id: ServiceId) -> Result<Option<ServiceSheet>, ViewsError> {
        self.ask(move |rows| Ok(load(rows, tenant, id)?)).await
    }

    /// The plans by which the list of solutions is answered, for tests.
    pub async fn explain_services(&self, tenant: Tenant) -> Result<Vec<String>, ViewsError> {
        self.ask(move |rows| LIST.explain(rows, tenant, rows::name(&Stage::Accepted)?.into())).await
    }
}
