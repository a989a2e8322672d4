//! What there is of a person: an index names the streams, and those streams tell how things stand. The rules of erasure
//! decide on it, so the index must have seen everything that was written before it is asked.

use async_graphql::Result;
use cqrs_es::Aggregate;
use skranke_domain::access_request::{AccessRequest, RequestStage};
use skranke_domain::case::{Case, CaseEvent};
use skranke_domain::complaint::{Complaint, Stage};
use skranke_domain::engagement::Engagement;
use skranke_domain::exemption::{Exemption, Standing};
use skranke_domain::inquiry::Inquiry;
use skranke_domain::privacy::{CaseMatter, DataSubject, Matters, Unfinished};
use skranke_domain::time::local_date;
use skranke_domain::{CaseId, StreamId, SubjectId, Tenant};
use skranke_store::LoadError;

use crate::caller::{Caller, coded, fault, not_loaded};
use crate::office::Office;

/// What there is, and where.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// The streams in which something is stored about the person.
    pub(crate) streams: Vec<StreamId>,
    /// What the rules must know of them.
    pub(crate) matters: Matters,
}

/// What there is of a person at this moment.
pub(crate) async fn find(office: &Office, caller: &Caller, subject: SubjectId) -> Result<Found> {
    let head = office.desk.log().head().await.map_err(|error| fault(&error))?;
    if !office.views.wait_for(head, office.patience).await {
        let text = caller.lang.pick(
            "Overblikket er ikke fulgt med. Prøv igen om lidt.",
            "The views lag: try again in a moment.",
        );
        return Err(coded(text, "VIEWS_LAG"));
    }
    let streams = office.views.streams_about(caller.tenant, subject).await.map_err(|error| fault(&error))?;
    let matters = told(office, caller.tenant, subject, &streams).await;
    Ok(Found { matters: matters.map_err(|error| not_loaded(&error, caller.lang))?, streams })
}

async fn told(
    office: &Office,
    tenant: Tenant,
    subject: SubjectId,
    streams: &[StreamId],
) -> Result<Matters, LoadError> {
    let mut matters = Matters::default();
    for stream in streams {
        // What is found about an engagement as a whole is sealed for a subject that is nobody.
        matters.known |= !matches!(stream.category(), DataSubject::TYPE | Engagement::TYPE);
        let unfinished = match stream.category() {
            Case::TYPE => {
                matters.cases.extend(case(office, tenant, subject, stream).await?);
                None
            }
            Inquiry::TYPE => {
                let (inquiry, _) = office.desk.load::<Inquiry>(stream).await?;
                matches!(inquiry, Inquiry::Open { .. }).then_some(Unfinished::Inquiry)
            }
            Complaint::TYPE => match office.desk.load::<Complaint>(stream).await?.0 {
                Complaint::File(file) => match file.stage {
                    Stage::Settled => None,
                    Stage::Forwarded => Some(Unfinished::Appeal),
                    Stage::Received | Stage::UnderReassessment | Stage::Upheld | Stage::PartlyChanged => {
                        Some(Unfinished::Complaint)
                    }
                },
                Complaint::Unknown => None,
            },
            AccessRequest::TYPE => match office.desk.load::<AccessRequest>(stream).await?.0 {
                AccessRequest::File(file) => {
                    (file.stage == RequestStage::Open).then_some(Unfinished::AccessRequest)
                }
                AccessRequest::Unknown => None,
            },
            Exemption::TYPE => match office.desk.load::<Exemption>(stream).await?.0 {
                Exemption::Known { standing: Standing::Requested | Standing::Granted, .. } => {
                    Some(Unfinished::Exemption)
                }
                Exemption::Known { .. } | Exemption::Unknown => None,
            },
            // The stream is about many people; what was found about this one is sealed for them.
            Engagement::TYPE => {
                let (engagement, _) = office.desk.load::<Engagement>(stream).await?;
                let mut findings = engagement.file().into_iter().flat_map(|file| file.findings.values());
                let waits = findings.any(|finding| finding.subject == subject && finding.awaits_answer());
                waits.then_some(Unfinished::Finding)
            }
            _ => None,
        };
        matters.unfinished.extend(unfinished);
    }
    matters.unfinished.sort_unstable();
    matters.unfinished.dedup();
    Ok(matters)
}

/// A case, with the day it was closed; the list in force today says what becomes of it.
async fn case(
    office: &Office,
    tenant: Tenant,
    subject: SubjectId,
    stream: &StreamId,
) -> Result<Option<CaseMatter>, LoadError> {
    let (mut case, mut closed) = (Case::default(), None);
    let tell = |event: CaseEvent, recorded: &skranke_store::Recorded| {
        match &event {
            CaseEvent::CaseClosed(_) => closed = Some(local_date(recorded.recorded_at)),
            CaseEvent::CaseReopened(_) => closed = None,
            _ => {}
        }
        case.apply(event);
    };
    office.desk.history(stream, tell).await?;
    let (Case::File(file), Ok(id)) = (case, stream.key().parse::<CaseId>()) else { return Ok(None) };
    let rules = office.rules_today(tenant);
    let class = file.kle.as_ref().and_then(|(kle, facet)| rules.kle.retention(kle, facet));
    Ok(Some(CaseMatter { id, own: file.subject == subject, closed, class }))
}
