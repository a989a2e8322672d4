//! Complaints: the list by stage and deadline, and what the page of one complaint shows.

use cqrs_es::Aggregate;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use skranke_domain::complaint::{AppealOutcome, Complaint, ComplaintEvent, ComplaintFile, FileListed, Stage};
use skranke_domain::inquiry::Channel;
use skranke_domain::rules::Term;
use skranke_domain::{Actor, CaseId, ComplaintId, Sealed, Tenant};
use skranke_store::{Position, Revision};
use uuid::Uuid;

use crate::dated::{Dated, DatedQuery, Place, Reasoned, dated_schema};
use crate::event::{Event, EventInfo, Told};
use crate::page::Page;
use crate::projection::FoldFault;
use crate::views::{Views, ViewsError};

/// Everything the page of a complaint shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComplaintSheet {
    /// Which complaint.
    pub id: ComplaintId,
    /// The number of its last event.
    pub revision: Revision,
    /// The place of its first event in the log.
    pub came_in: Position,
    /// The place of its last event in the log.
    pub position: Position,
    /// The domain's own state: case, stage, timeliness, body.
    pub file: Box<ComplaintFile>,
    /// Which of the case's decisions, counted from 1.
    pub decision: u32,
    /// The day it came in.
    pub received: Date,
    /// How.
    pub channel: Channel,
    /// Who complains.
    pub complainant: Sealed<String>,
    /// What they say.
    pub text: Option<Sealed<String>>,
    /// The day the decision reached the party.
    pub decision_received: Option<Date>,
    /// Until when one could complain.
    pub limit: Option<Term>,
    /// Until when the authority looks again.
    pub reassessment: Option<Term>,
    /// Why its delay was excused, or why it was dismissed for it.
    pub lateness: Option<Reasoned>,
    /// What came of looking again.
    pub reassessed: Option<ReassessmentSheet>,
    /// Where it was sent, with what.
    pub forwarded: Option<ForwardingSheet>,
    /// What the complaint body decided.
    pub outcome: Option<OutcomeSheet>,
    /// Why it was withdrawn.
    pub withdrawn: Option<Reasoned>,
    /// The type of its last event.
    pub last_event_type: String,
    /// When that was.
    pub last_event_at: Timestamp,
}

/// What came of looking again (genvurdering).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReassessmentSheet {
    /// Whether the decision was changed.
    pub changed: bool,
    /// Whether the party gets all they asked for.
    pub in_full: bool,
    /// Why, by whom and when.
    pub reasoned: Reasoned,
}

/// A complaint was sent on (oversendt).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForwardingSheet {
    /// The authority's slug in the register.
    pub to: String,
    /// The papers that went along.
    pub files: Vec<FileListed>,
    /// By whom.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// What the complaint body decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomeSheet {
    /// How.
    pub outcome: AppealOutcome,
    /// When its decision came in.
    pub received: Date,
    /// In a few words.
    pub summary: Sealed<String>,
}

impl ComplaintSheet {
    /// The state of the aggregate at this revision, for the guards.
    pub fn complaint(&self) -> Complaint {
        Complaint::File(self.file.clone())
    }
}

impl Dated for ComplaintSheet {
    type Event = ComplaintEvent;
    type Stage = Stage;
    const NAME: &'static str = "complaints";
    const VERSION: u32 = 1;
    const TABLES: &'static [&'static str] = &["complaints"];
    const SCHEMA: &'static str = dated_schema!("complaints");

    fn told(event: &Event) -> Result<Option<Told<'_, Uuid, ComplaintEvent>>, FoldFault> {
        let told = event.complaint()?;
        Ok(told.map(|Told { id, events, info }| Told { id: id.uuid(), events, info }))
    }

    fn begin(id: Uuid, events: &[ComplaintEvent], info: &EventInfo) -> Option<Self> {
        let (first @ ComplaintEvent::ComplaintReceived(received), rest) = events.split_first()? else {
            return None;
        };
        let mut complaint = Complaint::default();
        complaint.apply(first.clone());
        let Complaint::File(file) = complaint else { return None };
        let mut sheet = Self {
            id: ComplaintId::new(id),
            revision: info.revision,
            came_in: info.position,
            position: info.position,
            file,
            decision: received.decision,
            received: received.received,
            channel: received.channel,
            complainant: received.complainant.clone(),
            text: received.text.clone(),
            decision_received: received.decision_received,
            limit: received.limit.clone(),
            reassessment: received.reassessment.clone(),
            lateness: None,
            reassessed: None,
            forwarded: None,
            outcome: None,
            withdrawn: None,
            last_event_type: String::new(),
            last_event_at: info.at,
        };
        for event in rest {
            sheet.apply(event, info);
        }
        Some(sheet)
    }

    fn apply(&mut self, event: &ComplaintEvent, info: &EventInfo) {
        let mut complaint = self.complaint();
        complaint.apply(event.clone());
        if let Complaint::File(file) = complaint {
            self.file = file;
        }
        let reassessed = |changed, in_full, reason| {
            Some(ReassessmentSheet { changed, in_full, reasoned: Reasoned::new(reason, info) })
        };
        match event {
            // A stream holds one receipt, and `begin` took it; the file knows that looking again began.
            ComplaintEvent::ComplaintReceived(_) | ComplaintEvent::ReassessmentStarted(_) => {}
            ComplaintEvent::LatenessExcused(excused) => {
                self.lateness = Some(Reasoned::new(&excused.reason, info));
            }
            ComplaintEvent::ComplaintDismissed(dismissed) => {
                self.lateness = Some(Reasoned::new(&dismissed.reason, info));
            }
            ComplaintEvent::ReassessmentUpheld(upheld) => {
                self.reassessed = reassessed(false, false, &upheld.reason);
            }
            ComplaintEvent::ReassessmentChanged(changed) => {
                self.reassessed = reassessed(true, changed.in_full, &changed.reason);
            }
            ComplaintEvent::ComplaintForwarded(forwarded) => {
                let (to, files) = (forwarded.to.clone(), forwarded.files.clone());
                self.forwarded = Some(ForwardingSheet { to, files, by: info.actor, at: info.at });
            }
            ComplaintEvent::AppealOutcomeReceived(came) => {
                let summary = came.summary.clone();
                self.outcome = Some(OutcomeSheet { outcome: came.outcome, received: came.received, summary });
            }
            ComplaintEvent::ComplaintWithdrawn(withdrawn) => {
                self.withdrawn = Some(Reasoned::new(&withdrawn.reason, info));
            }
        }
    }

    fn pass_over(&mut self, event_type: &str, info: &EventInfo) {
        (self.revision, self.position) = (info.revision, info.position);
        event_type.clone_into(&mut self.last_event_type);
        self.last_event_at = info.at;
    }

    fn stage(&self) -> Stage {
        self.file.stage
    }

    fn place(&self) -> Place {
        let with_us = !matches!(self.file.stage, Stage::Forwarded | Stage::Settled);
        Place {
            id: self.id.uuid(),
            case: self.file.case,
            came_in: self.came_in,
            open: self.file.stage != Stage::Settled,
            due: self.file.reassess_by.filter(|_| with_us),
        }
    }
}

impl Views {
    /// A page of complaints, the nearest deadline first.
    pub async fn complaints(
        &self,
        tenant: Tenant,
        query: DatedQuery<Stage>,
    ) -> Result<Page<ComplaintSheet>, ViewsError> {
        self.dated_page(tenant, query).await
    }

    /// How the database would answer a page, line by line.
    pub async fn explain_complaints(
        &self,
        tenant: Tenant,
        query: DatedQuery<Stage>,
    ) -> Result<Vec<String>, ViewsError> {
        self.dated_plan::<ComplaintSheet>(tenant, query).await
    }

    /// How many there are, whatever the page.
    pub async fn complaint_count(&self, tenant: Tenant, query: DatedQuery<Stage>) -> Result<u64, ViewsError> {
        self.dated_count::<ComplaintSheet>(tenant, query).await
    }

    /// One complaint.
    pub async fn complaint(
        &self,
        tenant: Tenant,
        id: ComplaintId,
    ) -> Result<Option<ComplaintSheet>, ViewsError> {
        self.dated_one(tenant, id.uuid()).await
    }

    /// The complaints over decisions of a case, oldest first.
    pub async fn complaints_of(
        &self,
        tenant: Tenant,
        case: CaseId,
    ) -> Result<Vec<ComplaintSheet>, ViewsError> {
        self.dated_of_case(tenant, case).await
    }
}
