//! Data subjects: requests to erase and how far they have come, legal holds, deliveries to the archive, reports.

use cqrs_es::Aggregate;
use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};
use serde::{Deserialize, Serialize};
use skranke_domain::privacy::{Basis, DataSubject, PrivacyEvent};
use skranke_domain::{Actor, CaseId, Sealed, SubjectId, Tenant, UserId};
use skranke_store::{Position, Revision};
use uuid::Uuid;

use crate::dated::Reasoned;
use crate::event::{Event, EventInfo};
use crate::page::{Cursor, Page};
use crate::projection::{FoldFault, Projection};
use crate::rows;
use crate::views::{Views, ViewsError};

/// Everything the page of a data subject shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrivacySheet {
    /// Whose data.
    pub subject: SubjectId,
    /// The number of the last event.
    pub revision: Revision,
    /// The domain's own state: stage, holds, deliveries.
    pub state: DataSubject,
    /// The newest request to erase.
    pub request: Option<ErasureRequestSheet>,
    /// Who decided, and when.
    pub decided: Option<DecidedSheet>,
    /// When the key was destroyed.
    pub erased_at: Option<Timestamp>,
    /// Why the newest request was declined.
    pub declined: Option<Reasoned>,
    /// The legal holds, by number.
    pub holds: Vec<HoldSheet>,
    /// What was delivered to an archive.
    pub deliveries: Vec<DeliverySheet>,
    /// When the person was told what is stored about them.
    pub reports: Vec<Timestamp>,
}

/// It is asked to erase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureRequestSheet {
    /// On which basis.
    pub basis: Basis,
    /// The day it was asked for.
    pub received: Date,
    /// Who asks, if somebody does.
    pub requester: Option<Sealed<String>>,
    /// Why, noted by whom and when.
    pub reasoned: Reasoned,
    /// The place of the event in the log.
    pub position: Position,
}

/// Two people decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecidedSheet {
    /// Who proposed it.
    pub proposed_by: UserId,
    /// Who approved it.
    pub approved_by: UserId,
    /// When.
    pub at: Timestamp,
}

/// A legal hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldSheet {
    /// Its number, from 1.
    pub number: u32,
    /// Why it was placed, by whom and when.
    pub placed: Reasoned,
    /// Why it was released.
    pub released: Option<Reasoned>,
}

/// A case was delivered to an archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliverySheet {
    /// Which.
    pub case: CaseId,
    /// To which archive.
    pub archive: String,
    /// On which day.
    pub on: Date,
    /// Who noted it.
    pub by: Actor,
}

impl PrivacySheet {
    fn new(subject: SubjectId) -> Self {
        Self {
            subject,
            revision: 0,
            state: DataSubject::default(),
            request: None,
            decided: None,
            erased_at: None,
            declined: None,
            holds: Vec::new(),
            deliveries: Vec::new(),
            reports: Vec::new(),
        }
    }

    fn take(&mut self, event: &PrivacyEvent, info: &EventInfo) {
        self.state.apply(event.clone());
        match event {
            PrivacyEvent::ErasureRequested(requested) => {
                self.request = Some(ErasureRequestSheet {
                    basis: requested.basis,
                    received: requested.received,
                    requester: requested.requester.clone(),
                    reasoned: Reasoned::new(&requested.reason, info),
                    position: info.position,
                });
                self.declined = None;
            }
            PrivacyEvent::ErasureDeclined(declined) => {
                self.declined = Some(Reasoned::new(&declined.reason, info));
            }
            PrivacyEvent::ErasureDecided(decided) => {
                let (proposed_by, approved_by) = (decided.proposed_by, decided.approved_by);
                self.decided = Some(DecidedSheet { proposed_by, approved_by, at: info.at });
            }
            PrivacyEvent::SubjectKeyDestroyed(_) => self.erased_at = Some(info.at),
            PrivacyEvent::LegalHoldPlaced(placed) => {
                let (number, placed) = (placed.number, Reasoned::new(&placed.reason, info));
                self.holds.push(HoldSheet { number, placed, released: None });
            }
            PrivacyEvent::LegalHoldReleased(released) => {
                let hold = self.holds.iter_mut().find(|hold| hold.number == released.number);
                if let Some(hold) = hold {
                    hold.released = Some(Reasoned::new(&released.reason, info));
                }
            }
            PrivacyEvent::DeliveredToArchive(delivered) => self.deliveries.push(DeliverySheet {
                case: delivered.case,
                archive: delivered.archive.clone(),
                on: delivered.on,
                by: info.actor,
            }),
            PrivacyEvent::SubjectReportMade(_) => self.reports.push(info.at),
            // The state knows that it was proposed, and by whom; what was disposed of was decided on.
            PrivacyEvent::ErasureProposed(_) | PrivacyEvent::Disposed(_) => {}
        }
    }

    /// Whether somebody still has to decide.
    fn is_open(&self) -> bool {
        self.state.wish.is_some() && self.erased_at.is_none()
    }
}

/// The table of data subjects.
pub(crate) struct Privacy;

impl Projection for Privacy {
    fn name(&self) -> &'static str {
        "privacy"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &["privacy"]
    }

    fn schema(&self) -> &'static str {
        "CREATE TABLE privacy (
            tenant TEXT NOT NULL,
            subject BLOB NOT NULL,
            open INTEGER NOT NULL,
            asked INTEGER,
            sheet TEXT NOT NULL,
            PRIMARY KEY (tenant, subject)
         ) STRICT;
         CREATE INDEX privacy_asked ON privacy (tenant, open, asked) WHERE asked IS NOT NULL;"
    }

    fn fold(&mut self, rows: &Connection, event: &Event) -> Result<(), FoldFault> {
        let Some(told) = event.privacy()? else { return Ok(()) };
        let tenant = event.tenant();
        let mut sheet = load(rows, tenant, told.id)?.unwrap_or_else(|| PrivacySheet::new(told.id));
        for event in told.events {
            sheet.take(event, &told.info);
        }
        sheet.revision = told.info.revision;
        let mut write = rows.prepare_cached(
            "INSERT INTO privacy (tenant, subject, open, asked, sheet) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (tenant, subject) DO UPDATE SET open = excluded.open, asked = excluded.asked,
                sheet = excluded.sheet",
        )?;
        let asked = sheet.request.as_ref().map(|request| rows::number(request.position.0)).transpose()?;
        write.execute((
            tenant.code(),
            told.id.uuid().as_bytes(),
            sheet.is_open(),
            asked,
            serde_json::to_string(&sheet)?,
        ))?;
        Ok(())
    }
}

fn load(rows: &Connection, tenant: Tenant, id: SubjectId) -> rusqlite::Result<Option<PrivacySheet>> {
    let mut find = rows.prepare_cached("SELECT sheet FROM privacy WHERE tenant = ?1 AND subject = ?2")?;
    find.query_row((tenant.code(), id.uuid().as_bytes()), |row| rows::read(row, 0)).optional()
}

/// The order of the list in cursors.
const MARK: char = 'e';

const LIST: &str = "SELECT sheet, asked FROM privacy INDEXED BY privacy_asked
     WHERE tenant = ?1 AND open = ?2 AND asked > ?3 AND asked IS NOT NULL ORDER BY asked LIMIT ?4";

fn listing(tenant: Tenant, open: bool, behind: i64, first: usize) -> [Value; 4] {
    [tenant.code().to_owned().into(), i64::from(open).into(), behind.into(), rows::one_more(first).into()]
}

impl Views {
    /// A page of requests to erase, the oldest first: those that are under way, or those that are done.
    pub async fn erasures(
        &self,
        tenant: Tenant,
        open: bool,
        after: Option<Cursor>,
        first: usize,
    ) -> Result<Page<PrivacySheet>, ViewsError> {
        self.ask(move |rows| {
            let after = after.as_ref();
            let values = listing(tenant, open, Cursor::behind(after, MARK, 0)?, first);
            Page::read(rows, (LIST, params_from_iter(values)), (first, after), |row, _: &PrivacySheet| {
                Ok(Cursor::new(MARK, row.get::<_, i64>(1)?, Uuid::nil()))
            })
        })
        .await
    }

    /// One data subject; nothing where nothing was ever asked or held.
    pub async fn privacy(
        &self,
        tenant: Tenant,
        subject: SubjectId,
    ) -> Result<Option<PrivacySheet>, ViewsError> {
        self.ask(move |rows| Ok(load(rows, tenant, subject)?)).await
    }

    /// How the database would answer a page, for tests.
    pub async fn explain_erasures(&self, tenant: Tenant) -> Result<Vec<String>, ViewsError> {
        self.ask(move |rows| rows::plan(rows, LIST, params_from_iter(listing(tenant, true, 0, 1)))).await
    }
}
