//! The inbox: every inquiry, with what the page of one inquiry shows.

use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};
use serde::{Deserialize, Serialize};
use skranke_domain::authority::AuthoritySlug;
use skranke_domain::conversation::TopicSlug;
use skranke_domain::inquiry::{CaseOrigin, Channel, Contact, InquiryEvent, InquiryKind, Line, Origin};
use skranke_domain::sealed::{Opener, SealError};
use skranke_domain::{Actor, CaseId, ConversationId, InquiryId, Sealed, SubjectId, Tenant};
use skranke_store::{Position, Revision};

use crate::arrivals::Arrivals;
use crate::event::{Event, EventInfo};
use crate::page::{Cursor, Page};
use crate::projection::{FoldFault, Projection};
use crate::rows::{self, Pending};
use crate::views::{Views, ViewsError};

/// Everything the page of an inquiry shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InquirySheet {
    /// Which inquiry.
    pub id: InquiryId,
    /// The number of its last event.
    pub revision: Revision,
    /// The place of its first event in the log: the order of the inbox.
    pub came_in: Position,
    /// The place of its last event in the log.
    pub position: Position,
    /// The reference the citizen was given.
    pub reference: String,
    /// Call-back or written.
    pub kind: InquiryKind,
    /// How it came in.
    pub channel: Channel,
    /// The matter.
    pub topic: Option<TopicSlug>,
    /// When it came in.
    pub received: Timestamp,
    /// Whom its sealed fields are about.
    pub subject: SubjectId,
    /// Who asks, and how they can be reached.
    pub contact: Sealed<Contact>,
    /// The message.
    pub message: Sealed<String>,
    /// The conversation it came from.
    pub conversation: Option<ConversationId>,
    /// That conversation, as it was.
    pub transcript: Option<Sealed<Vec<Line>>>,
    /// When a call suits the citizen.
    pub call_when: Option<String>,
    /// The guidance that was given, oldest first.
    pub guidance: Vec<Guidance>,
    /// Where it was passed on to.
    pub forwarded: Option<Forwarding>,
    /// Where it was passed on from.
    pub forwarded_from: Option<Origin>,
    /// The case that another municipality passed on, if it is one.
    #[serde(default)]
    pub forwarded_case: Option<CaseOrigin>,
    /// The case it became.
    pub case: Option<CaseId>,
    /// Whether it still waits for somebody.
    pub open: bool,
    /// The type of its last event.
    pub last_event_type: String,
    /// When that was.
    pub last_event_at: Timestamp,
}

/// A note on guidance (vejledning).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guidance {
    /// What was said.
    pub text: Sealed<String>,
    /// By whom.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// Where an inquiry was passed on to, and what the sender was told (FVL § 7, stk. 2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forwarding {
    /// The authority's slug in the register.
    pub authority: AuthoritySlug,
    /// What the register called it on that day.
    pub name: String,
    /// The municipality, where every municipality has such an authority.
    pub municipality: Option<Tenant>,
    /// By whom.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// How the sender was told.
    pub informed: Option<Sealed<String>>,
    /// Why the sender was not told.
    pub waived: Option<Sealed<String>>,
}

impl InquirySheet {
    fn begin(id: InquiryId, events: &[InquiryEvent], info: &EventInfo) -> Option<Self> {
        let (InquiryEvent::InquiryReceived(received), rest) = events.split_first()? else { return None };
        let mut sheet = Self {
            id,
            revision: info.revision,
            came_in: info.position,
            position: info.position,
            reference: received.reference.clone(),
            kind: received.kind,
            channel: received.channel,
            topic: received.topic.clone(),
            received: received.received,
            subject: received.subject,
            contact: received.contact.clone(),
            message: received.message.clone(),
            conversation: received.conversation,
            transcript: received.transcript.clone(),
            call_when: None,
            guidance: Vec::new(),
            forwarded: None,
            forwarded_from: received.forwarded_from,
            forwarded_case: received.forwarded_case,
            case: None,
            open: true,
            last_event_type: String::new(),
            last_event_at: info.at,
        };
        for event in rest {
            sheet.apply(event, info);
        }
        Some(sheet)
    }

    fn apply(&mut self, event: &InquiryEvent, info: &EventInfo) {
        match event {
            // A stream holds one receipt, and `begin` took it.
            InquiryEvent::InquiryReceived(_) => {}
            InquiryEvent::CallBackRequested(wish) => self.call_when.clone_from(&wish.when),
            InquiryEvent::GuidanceGiven(given) => {
                self.guidance.push(Guidance { text: given.note.clone(), by: info.actor, at: info.at });
            }
            InquiryEvent::InquiryForwarded(forwarded) => {
                self.forwarded = Some(Forwarding {
                    authority: forwarded.authority.clone(),
                    name: forwarded.name.clone(),
                    municipality: forwarded.municipality,
                    by: info.actor,
                    at: info.at,
                    informed: None,
                    waived: None,
                });
                self.open = false;
            }
            InquiryEvent::SenderInformed(informed) => {
                if let Some(forwarded) = &mut self.forwarded {
                    forwarded.informed = Some(informed.how.clone());
                }
            }
            InquiryEvent::SenderNoticeWaived(waived) => {
                if let Some(forwarded) = &mut self.forwarded {
                    forwarded.waived = Some(waived.reason.clone());
                }
            }
            // From here on the case is what waits for somebody.
            InquiryEvent::InquiryLinkedToCase(linked) => {
                self.case = Some(linked.case);
                self.open = false;
            }
            InquiryEvent::InquiryClosed(_) => self.open = false,
        }
    }

    fn pass_over(&mut self, event_type: &str, info: &EventInfo) {
        (self.revision, self.position) = (info.revision, info.position);
        event_type.clone_into(&mut self.last_event_type);
        self.last_event_at = info.at;
    }

    /// Opens every sealed field whose key still exists. `opener` is the key ring's for the stream of this
    /// inquiry.
    pub fn unlock(&mut self, opener: &dyn Opener) -> Result<(), SealError> {
        self.contact.open_with(opener)?;
        self.message.open_with(opener)?;
        if let Some(transcript) = &mut self.transcript {
            transcript.open_with(opener)?;
        }
        let said = self.forwarded.iter_mut().flat_map(|it| [&mut it.informed, &mut it.waived]).flatten();
        for text in said {
            text.open_with(opener)?;
        }
        self.guidance.iter_mut().try_for_each(|given| given.text.open_with(opener))
    }
}

/// The table of inquiries.
#[derive(Default)]
pub(crate) struct Inbox {
    pending: Pending<(Tenant, InquiryId), InquirySheet>,
}

impl Projection for Inbox {
    fn name(&self) -> &'static str {
        "inbox"
    }

    fn version(&self) -> u32 {
        3
    }

    fn tables(&self) -> &'static [&'static str] {
        &["inquiries"]
    }

    fn schema(&self) -> &'static str {
        "CREATE TABLE inquiries (
            tenant TEXT NOT NULL,
            inquiry_id BLOB NOT NULL,
            came_in INTEGER NOT NULL,
            open INTEGER NOT NULL,
            sheet TEXT NOT NULL,
            PRIMARY KEY (tenant, inquiry_id)
         ) STRICT;
         CREATE INDEX inquiries_all ON inquiries (tenant, came_in);
         CREATE INDEX inquiries_open ON inquiries (tenant, open, came_in);"
    }

    fn fold(&mut self, rows: &Connection, event: &Event) -> Result<(), FoldFault> {
        let Some(told) = event.inquiry()? else { return Ok(()) };
        let key = (event.tenant(), told.id);
        let event_type = &event.recorded().event_type;
        if let Some(sheet) = self.pending.get(key, || load(rows, event.tenant(), told.id))? {
            sheet.pass_over(event_type, &told.info);
            for event in told.events {
                sheet.apply(event, &told.info);
            }
        } else if !told.events.is_empty() {
            let begun = InquirySheet::begin(told.id, told.events, &told.info);
            let mut sheet = begun.ok_or(FoldFault::NeverBegan)?;
            sheet.pass_over(event_type, &told.info);
            self.pending.put(key, sheet);
        }
        Ok(())
    }

    fn changed(&self) -> usize {
        self.pending.changed()
    }

    fn flush(&mut self, rows: &Connection) -> Result<(), FoldFault> {
        let mut write = rows.prepare_cached(
            "INSERT INTO inquiries (tenant, inquiry_id, came_in, open, sheet) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (tenant, inquiry_id) DO UPDATE SET open = excluded.open, sheet = excluded.sheet",
        )?;
        self.pending.flush(|(tenant, id), sheet| {
            let (came_in, json) = (rows::number(sheet.came_in.0)?, serde_json::to_string(sheet)?);
            write.execute((tenant.code(), id.uuid().as_bytes(), came_in, sheet.open, json))?;
            Ok(())
        })
    }

    fn forget(&mut self) {
        self.pending.clear();
    }
}

fn load(rows: &Connection, tenant: Tenant, id: InquiryId) -> rusqlite::Result<Option<InquirySheet>> {
    let mut find =
        rows.prepare_cached("SELECT sheet FROM inquiries WHERE tenant = ?1 AND inquiry_id = ?2")?;
    find.query_row((tenant.code(), id.uuid().as_bytes()), |row| rows::read(row, 0)).optional()
}

/// How many inquiries a municipality has.
pub(crate) fn count(rows: &Connection, tenant: Tenant, open: Option<bool>) -> Result<u64, ViewsError> {
    let count = |sql: &str, values: Vec<Value>| -> rusqlite::Result<u64> {
        rows.prepare_cached(sql)?.query_row(params_from_iter(values), |row| rows::unsigned(row, 0))
    };
    let tenant = Value::from(tenant.code().to_owned());
    Ok(match open {
        Some(open) => {
            count("SELECT count(*) FROM inquiries WHERE tenant = ?1 AND open = ?2", vec![tenant, open.into()])
        }
        None => count("SELECT count(*) FROM inquiries WHERE tenant = ?1", vec![tenant]),
    }?)
}

const LIST: Arrivals = Arrivals { table: "inquiries", column: "open", mark: 'i' };

impl Views {
    /// A page of inquiries, whoever has waited longest first: open ones, closed ones, or all.
    pub async fn inbox(
        &self,
        tenant: Tenant,
        open: Option<bool>,
        after: Option<Cursor>,
        first: usize,
    ) -> Result<Page<InquirySheet>, ViewsError> {
        self.ask(move |rows| {
            let only = open.map(Value::from);
            LIST.page(rows, (tenant, only), (first, after.as_ref()), |sheet: &InquirySheet| sheet.came_in)
        })
        .await
    }

    /// How the database would answer a page of inquiries, for tests.
    pub async fn explain_inbox(&self, tenant: Tenant) -> Result<Vec<String>, ViewsError> {
        self.ask(move |rows| LIST.explain(rows, tenant, true.into())).await
    }

    /// How many inquiries there are.
    pub async fn inbox_count(&self, tenant: Tenant, open: Option<bool>) -> Result<u64, ViewsError> {
        self.ask(move |rows| count(rows, tenant, open)).await
    }

    /// One inquiry.
    pub async fn inquiry(&self, tenant: Tenant, id: InquiryId) -> Result<Option<InquirySheet>, ViewsError> {
        self.ask(move |rows| Ok(load(rows, tenant, id)?)).await
    }

    /// Several inquiries, for a loader; what is not there is left out.
    pub async fn inquiries(
        &self,
        tenant: Tenant,
        ids: Vec<InquiryId>,
    ) -> Result<Vec<InquirySheet>, ViewsError> {
        self.ask(move |rows| {
            let sheets = ids.into_iter().filter_map(|id| load(rows, tenant, id).transpose());
            Ok(sheets.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }
}
