//! Who looked at what (adgangslog): one stream per municipality and day. Opening a case is another event than seeing
//! it in a list, a look-up states its purpose, and what was refused stands here too.

mod break_glass;

use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use break_glass::{BreakGlass, BreakGlassRefusal, BreakGlassUsed};

use crate::id::{
    AccessRequestId, CaseId, DocumentId, ExemptionId, InquiryId, ServiceId, StreamId, SubjectId, Tenant,
};
use crate::sealed::{SealError, SealVisitor, Sealable};
use crate::upcast::{Evolving, Step};
use crate::{Lang, Refusal, codec};

/// The access log of one day. It has no rules, so no state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessLog;

/// What is noted: who and when stand in the metadata, and the purpose too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each variant holds the struct of its name, which is documented")]
pub enum AccessEvent {
    CaseListed(CaseListed),
    CaseViewed(CaseViewed),
    DocumentViewed(DocumentViewed),
    AddressViewed(AddressViewed),
    InquiryViewed(InquiryViewed),
    ExemptionViewed(ExemptionViewed),
    ExemptionLookedUp(ExemptionLookedUp),
    ServiceViewed(ServiceViewed),
    SearchRun(SearchRun),
    DataSubjectViewed(DataSubjectViewed),
    ExportMade(ExportMade),
    AccessRefused(AccessRefused),
    AuditRead(AuditRead),
    BreakGlassUsed(BreakGlassUsed),
}

/// A list of cases was shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseListed {
    /// How many rows.
    pub rows: u32,
}

/// A case was opened on screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseViewed {
    /// Which.
    pub case: CaseId,
}

/// A document was opened, or a letter before it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentViewed {
    /// The case it was opened in.
    pub case: CaseId,
    /// Which.
    pub document: DocumentId,
}

/// The protected address of somebody in a case was opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressViewed {
    /// The case it was opened in.
    pub case: CaseId,
    /// Whose, by number.
    pub party: u32,
}

/// An inquiry was opened on screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InquiryViewed {
    /// Which.
    pub inquiry: InquiryId,
}

/// An exemption was opened on screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExemptionViewed {
    /// Which.
    pub exemption: ExemptionId,
}

/// It was asked whether somebody is exempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExemptionLookedUp {
    /// Who.
    pub subject: SubjectId,
}

/// A self-service solution was opened on screen, with who supplies it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceViewed {
    /// Which.
    pub service: ServiceId,
}

/// Cases were searched by words. The words are not kept: they may be anybody's name. What they led to is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchRun {
    /// How many places were found on this page.
    pub rows: u32,
    /// The cases they are in, each once.
    pub cases: Vec<CaseId>,
}

/// It was looked up what there is of somebody, or told to them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataSubjectViewed {
    /// Who.
    pub subject: SubjectId,
}

/// Papers of a case left the house as a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportMade {
    /// Which case.
    pub case: CaseId,
    /// The request for access that they were packed for.
    pub access_request: AccessRequestId,
    /// The SHA-256 of the file, in hexadecimal.
    pub sha256: String,
}

/// A look-up or an act was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessRefused {
    /// What was tried, in the API's words (`decisionApprove`).
    pub attempt: String,
    /// The refusal's code.
    pub code: String,
    /// The case, if it was about one.
    #[serde(default)]
    pub case: Option<CaseId>,
}

/// An auditor read the history of a case, or the access log itself (`case` is then absent).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRead {
    /// Which case.
    #[serde(default)]
    pub case: Option<CaseId>,
}

/// The access log refuses nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessRefusal {}

impl Refusal for AccessRefusal {
    fn code(&self) -> &'static str {
        match *self {}
    }
    fn message(&self, _: Lang) -> String {
        match *self {}
    }
}

impl AccessLog {
    /// The stream of one day.
    pub fn stream(tenant: Tenant, day: Date) -> StreamId {
        StreamId::new(Self::TYPE, tenant, day)
    }
}

impl Aggregate for AccessLog {
    const TYPE: &'static str = "accesslog";
    type Command = AccessEvent;
    type Event = AccessEvent;
    type Error = AccessRefusal;
    type Services = ();

    async fn handle(
        &mut self,
        noted: AccessEvent,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), AccessRefusal> {
        sink.write(noted, self).await;
        Ok(())
    }

    fn apply(&mut self, _: AccessEvent) {}
}

impl Sealable for AccessEvent {
    fn seals(&mut self, visit: &mut SealVisitor<'_>) -> Result<(), SealError> {
        match self {
            Self::BreakGlassUsed(used) => visit("BreakGlassUsed.reason", &mut used.reason),
            Self::CaseListed(_)
            | Self::CaseViewed(_)
            | Self::InquiryViewed(_)
            | Self::ExemptionViewed(_)
            | Self::SearchRun(_)
            | Self::ExportMade(_)
            | Self::DocumentViewed(_)
            | Self::ExemptionLookedUp(_)
            | Self::ServiceViewed(_)
            | Self::DataSubjectViewed(_)
            | Self::AddressViewed(_)
            | Self::AccessRefused(_)
            | Self::AuditRead(_) => Ok(()),
        }
    }
}

impl Evolving for AccessEvent {
    const STEPS: &'static [Step] = &[];
}

impl cqrs_es::DomainEvent for AccessEvent {
    fn event_type(&self) -> String {
        codec::type_of(self).to_owned()
    }
    fn event_version(&self) -> String {
        self.version().to_string()
    }
}
