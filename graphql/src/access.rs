//! Writing the access log: who looked at what, and what was refused.
//!
//! Looking comes first and noting must not be skipped: a look-up whose note cannot be written is not answered. A screen
//! that keeps itself up to date asks the same thing again and again; that is one look, not many.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use skranke_domain::access_log::{AccessEvent, AccessLog, AccessRefused};
use skranke_domain::time::local_date;
use skranke_domain::{Act, CaseId, DocumentId, InquiryId, Purpose, UserId};
use uuid::Uuid;

use crate::caller::{Caller, fault};
use crate::office::Office;

/// The same person looking at the same thing for the same purpose again within this time is still looking.
const ONE_LOOK: SignedDuration = SignedDuration::from_mins(10);
/// More looks than this at a time are not remembered; the oldest are then noted once more, which harms nobody.
const REMEMBERED: usize = 50_000;

/// What is being looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Subject {
    List,
    Case(CaseId),
    Document(DocumentId),
    Address(CaseId, u32),
    Inquiry(InquiryId),
    Thing(Uuid),
    History(Option<CaseId>),
}

/// Who looks at what, and what for.
type Look = (UserId, Subject, Purpose);

/// The looks of the last minutes.
#[derive(Debug, Default)]
pub struct Looks(Mutex<HashMap<Look, Timestamp>>);

impl Looks {
    /// Whether this is a new look.
    fn is_new(&self, key: Look, now: Timestamp) -> bool {
        let mut looks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if looks.len() >= REMEMBERED {
            looks.retain(|_, seen| now.duration_since(*seen) < ONE_LOOK);
            if looks.len() >= REMEMBERED {
                looks.clear();
            }
        }
        match looks.get(&key) {
            Some(seen) if now.duration_since(*seen) < ONE_LOOK => false,
            _ => looks.insert(key, now).is_none_or(|seen| seen <= now),
        }
    }

    fn forget(&self, key: &Look) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

/// Notes a look-up, once per look. The error is for the caller: what is not noted is not shown.
pub(crate) async fn viewed(
    office: &Office,
    caller: &Caller,
    purpose: Purpose,
    event: AccessEvent,
) -> async_graphql::Result<()> {
    let subject = match &event {
        AccessEvent::CaseListed(_) => Subject::List,
        AccessEvent::CaseViewed(viewed) => Subject::Case(viewed.case),
        AccessEvent::DocumentViewed(viewed) => Subject::Document(viewed.document),
        AccessEvent::AddressViewed(viewed) => Subject::Address(viewed.case, viewed.party),
        AccessEvent::InquiryViewed(viewed) => Subject::Inquiry(viewed.inquiry),
        AccessEvent::ExemptionViewed(viewed) => Subject::Thing(viewed.exemption.uuid()),
        AccessEvent::ExemptionLookedUp(looked_up) => Subject::Thing(looked_up.subject.uuid()),
        AccessEvent::ServiceViewed(viewed) => Subject::Thing(viewed.service.uuid()),
        AccessEvent::DataSubjectViewed(viewed) => Subject::Thing(viewed.subject.uuid()),
        AccessEvent::AuditRead(read) => Subject::History(read.case),
        // What was refused, handed out, broken open or searched for is never a repetition.
        AccessEvent::AccessRefused(_)
        | AccessEvent::BreakGlassUsed(_)
        | AccessEvent::ExportMade(_)
        | AccessEvent::SearchRun(_) => {
            return append(office, &caller.act(office, Some(purpose)), event)
                .await
                .map_err(|error| fault(&error));
        }
    };
    let key = (caller.user, subject, purpose);
    let act = caller.act(office, Some(purpose));
    if office.looks.is_new(key, act.at)
        && let Err(error) = append(office, &act, event).await
    {
        office.looks.forget(&key);
        return Err(fault(&error));
    }
    Ok(())
}

/// Notes a refusal. The refusal itself is answered either way, so a fault here is only logged.
pub(crate) async fn refused(
    office: &Office,
    caller: &Caller,
    attempt: &str,
    code: &str,
    case: Option<CaseId>,
) {
    let event = AccessRefused { attempt: attempt.to_owned(), code: code.to_owned(), case };
    let act = caller.act(office, None);
    if let Err(error) = append(office, &act, AccessEvent::AccessRefused(event)).await {
        tracing::error!(error = %error, "a refusal could not be noted");
    }
}

async fn append(office: &Office, act: &Act, event: AccessEvent) -> Result<(), skranke_store::NoteError> {
    let stream = AccessLog::stream(act.tenant, local_date(act.at));
    office.desk.note(&stream, event, act).await.map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_look_is_noted_once_in_ten_minutes() {
        let looks = Looks::default();
        let now: Timestamp = "2026-11-23T09:00:00Z".parse().unwrap();
        let (kari, bent) = (UserId::new(Uuid::from_u128(1)), UserId::new(Uuid::from_u128(2)));
        let case = Subject::Case(CaseId::new(Uuid::from_u128(3)));
        let key = |user| (user, case, Purpose::CaseHandling);
        assert!(looks.is_new(key(kari), now) && looks.is_new(key(bent), now));
        assert!(!looks.is_new(key(kari), now + SignedDuration::from_mins(9)));
        assert!(looks.is_new((kari, case, Purpose::Supervision), now), "another purpose is another look");
        assert!(looks.is_new(key(kari), now + SignedDuration::from_mins(10)));
    }
}
