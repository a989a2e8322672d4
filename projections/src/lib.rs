//! Read models: what the screens and the auditors ask, folded from the log and thrown away at any time.
//!
//! One file per read model, each with its tables, its fold and its questions; the runner follows the log and
//! keeps them up to date. [`Views`] is the door: open it, start it on a log, ask.
//!
//! Invariants of the room:
//! - The log is the truth. Nothing here is written by anything but a fold, and deleting `views.db` loses
//!   nothing.
//! - Rows and checkpoint are one transaction: an event is folded exactly once, whenever the process dies.
//! - An event that cannot be folded stops its projection and shows in [`Views::health`]; it is never skipped.
//! - Every question names a [`Tenant`](skranke_domain::Tenant), and every index begins with it.
//! - Personal fields stay sealed: the views hold what the log holds, and a destroyed key erases them here
//!   too.

mod access;
mod access_requests;
mod access_weeks;
mod arrivals;
mod articles;
mod authorities;
mod case_course;
mod case_deadline;
mod case_decision;
mod case_fields;
mod case_people;
mod case_sheet;
mod cases;
mod complaints;
mod conversations;
mod dated;
mod engagements;
mod event;
mod exemptions;
mod findings;
mod frames;
mod history;
mod inbox;
mod nodes;
mod page;
mod people;
mod privacy;
mod projection;
mod reached;
mod retention;
mod rows;
mod rule_versions;
mod runner;
mod samples;
mod saved_views;
mod search;
mod services;
mod subjects;
mod teams;
mod views;
mod webhooks;
mod weeks;
mod work_row;
mod worklist;
mod writer;

use std::sync::Arc;

pub use access::{AccessEntry, AccessQuery, Look, LookedAt};
pub use access_requests::{AccessRequestSheet, DelayNotice, ReleasedPackage, RequestedPaper};
pub use access_weeks::{AccessCount, AccessMeasure};
pub use articles::{ArticleSheet, EditionRow, Withdrawal};
pub use authorities::Listed;
pub use case_course::{CourseSheet, EffectuationSheet, ForwardedSheet, Said};
pub use case_deadline::{AnswerSheet, DeadlineSheet, ExtensionSheet, NoticeSheet, PauseSheet, RequestSheet};
pub use case_decision::{Correction, DecisionSheet};
pub use case_fields::{FieldChange, FieldValue, SheetField, diff, event_fields};
pub use case_people::{PartySheet, ReplySheet, RepresentativeSheet};
pub use case_sheet::{CaseSheet, DocumentSheet, HearingSheet, HearingState, Note, NoteKind, Reopening};
pub use complaints::{ComplaintSheet, ForwardingSheet, OutcomeSheet, ReassessmentSheet};
pub use conversations::{ConversationCount, ConversationKind};
pub use dated::{DatedQuery, Reasoned};
pub use engagements::EngagementRow;
pub use event::{Event, EventInfo, Told};
pub use exemptions::ExemptionSheet;
pub use findings::{FindingAnswer, FindingRow, FindingsQuery, FindingsSeen};
pub use frames::{FrameError, frame_as_of};
pub use history::{HistoryEntry, HistoryError, case_as_of, case_history, explain};
pub use inbox::{Forwarding, Guidance, InquirySheet};
pub use nodes::NodeKind;
pub use page::{Cursor, Item, Page};
pub use people::Member;
pub use privacy::{DecidedSheet, DeliverySheet, ErasureRequestSheet, HoldSheet, PrivacySheet};
pub use projection::{FoldFault, Projection};
pub use reached::Reached;
pub use retention::{ClosedBy, DueCase};
pub use rule_versions::RuleVersionRow;
pub use runner::Running;
pub use samples::SampleRow;
pub use saved_views::SavedViewRow;
pub use search::{Hit, MOST_WORDS, SearchQuery, has_words};
pub use services::{Answered, CheckedLink, PageVersion, ServiceSheet};
pub use teams::TeamRow;
pub use views::{Change, Feed, ProjectionHealth, Stall, Views, ViewsError};
pub use webhooks::WebhookRow;
pub use weeks::{CaseMeasure, WeekCount};
pub use work_row::WorkRow;
pub use worklist::{Counters, Order, TeamLoad, WorklistQuery};

/// Every read model. A new one is a file and a line here.
fn all(indexer: &Arc<search::Indexer>) -> Vec<Box<dyn Projection>> {
    vec![
        Box::new(cases::Cases::default()),
        Box::new(weeks::CaseWeeks::default()),
        Box::new(inbox::Inbox::default()),
        Box::new(dated::DatedList::<ComplaintSheet>::default()),
        Box::new(dated::DatedList::<AccessRequestSheet>::default()),
        Box::new(exemptions::Exemptions::default()),
        Box::new(services::Solutions::default()),
        Box::new(authorities::Authorities),
        Box::new(people::People::default()),
        Box::new(teams::Teams),
        Box::new(engagements::Engagements),
        Box::new(frames::CaseFrames::default()),
        Box::new(samples::Samples),
        Box::new(findings::Findings),
        Box::new(saved_views::SavedViews),
        Box::new(privacy::Privacy),
        Box::new(retention::Retention),
        Box::new(rule_versions::RuleVersions),
        Box::new(articles::Articles),
        Box::new(subjects::SubjectStreams::default()),
        Box::new(webhooks::Webhooks),
        Box::new(access::Access),
        Box::new(access_weeks::AccessWeeks::default()),
        Box::new(conversations::Conversations),
        Box::new(search::Search::new(Arc::clone(indexer))),
    ]
}
