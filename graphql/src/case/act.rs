//! Carrying out an act: translate in, one call to the desk, translate out.

use async_graphql::{Context, ID, Result, SimpleObject};
use sha2::{Digest, Sha256};
use skranke_domain::case::{
    Case as CaseAggregate, CaseAct, CaseCommand, CaseRefusal, Circumstances, OpenCase,
};
use skranke_domain::id::from_digest;
use skranke_domain::inquiry::{Inquiry, InquiryCommand, InquiryRefusal};
use skranke_domain::numbering::{CaseNumberTaken, NumberingEvent, case_number, series};
use skranke_domain::time::local_date;
use skranke_domain::{Act, Actor, CaseId, InquiryId, Refusal, SubjectId, Tenant};
use skranke_store::{Desk, Failure, NoteError, Receipt};
use uuid::Uuid;

use crate::access;
use crate::caller::{Caller, coded, fault, newer, not_loaded};
use crate::office::Office;
use crate::reach;
use crate::refusal::{Conflict, Refused};
use crate::scalars::Position;

use super::types::Case;

/// The act was carried out. The case is at least as new as it, unless `caughtUp` is false.
#[derive(SimpleObject, Clone, Debug)]
pub struct CaseChanged {
    /// The case.
    pub case: Case,
    /// The revision of its newest event.
    pub revision: i64,
    /// The place of that event in the log.
    pub position: Position,
    /// Whether the read model has come this far.
    pub caught_up: bool,
}

/// What came of an act.
pub(crate) enum Answer<T> {
    /// Carried out.
    Done(T),
    /// A rule said no.
    Refused(Refused),
    /// Somebody else was faster.
    Conflict(Conflict),
}

/// The sender's key and the revision it saw.
pub(crate) struct Sent {
    pub(crate) key: String,
    pub(crate) expected: Option<i64>,
}

impl Sent {
    /// The act's metadata; the key must be one.
    pub(crate) fn act(self, office: &Office, caller: &Caller) -> Result<Act> {
        if self.key.is_empty() || self.key.len() > 128 {
            return Err(coded("idempotencyKey must have 1 to 128 characters", "BAD_KEY"));
        }
        let negative = || coded("expectedVersion is the revision of the case, from 0", "BAD_VERSION");
        let expected = self.expected.map(u64::try_from).transpose().map_err(|_| negative())?;
        let purpose = Some(skranke_domain::Purpose::CaseHandling);
        Ok(Act { idempotency: Some(self.key), expected, ..caller.act(office, purpose) })
    }
}

/// Carries out an act on a case that is there.
pub(crate) async fn perform(
    ctx: &Context<'_>,
    case_id: &ID,
    act: CaseAct,
    sent: Sent,
) -> Result<Answer<CaseChanged>> {
    let (office, caller) = (ctx.data::<Office>()?, Caller::of(ctx)?);
    let Ok(id) = case_id.parse::<CaseId>() else {
        return Ok(Answer::Refused(Refused::new(&CaseRefusal::NotOpened, caller.lang)));
    };
    let mut envelope = sent.act(office, caller)?;
    let stream = CaseAggregate::stream(caller.tenant, id);
    let newer = |error| not_loaded(&error, caller.lang);
    let (case, _) = office.desk.load::<CaseAggregate>(&stream).await.map_err(newer)?;
    let under = reach::to_write(office, &mut envelope, &case).await.map_err(newer)?;
    let command = CaseCommand { act, under };
    let outcome = office.desk.execute::<CaseAggregate>(&stream, command, &envelope).await;
    answer(ctx, outcome, Some(id), async |receipt| case_changed(office, caller.tenant, id, receipt).await)
        .await
}

/// Translates what the desk said; a refusal is noted in the access log.
pub(crate) async fn answer<T, R: Refusal>(
    ctx: &Context<'_>,
    outcome: Result<Receipt, Failure<R>>,
    case: Option<CaseId>,
    done: impl AsyncFnOnce(Receipt) -> Result<T>,
) -> Result<Answer<T>> {
    let (office, caller) = (ctx.data::<Office>()?, Caller::of(ctx)?);
    match outcome {
        Ok(receipt) => done(receipt).await.map(Answer::Done),
        Err(Failure::Refused(refusal)) => {
            access::refused(office, caller, ctx.field().name(), refusal.code(), case).await;
            Ok(Answer::Refused(Refused::new(&refusal, caller.lang)))
        }
        Err(Failure::Erased(refusal)) => {
            access::refused(office, caller, ctx.field().name(), refusal.code(), case).await;
            Ok(Answer::Refused(Refused::new(&refusal, caller.lang)))
        }
        Err(Failure::Conflict { actual }) => Ok(Answer::Conflict(Conflict::new(actual, caller.lang))),
        Err(Failure::Newer(event)) => Err(newer(&event, caller.lang)),
        Err(failure) => Err(fault(&failure)),
    }
}

async fn case_changed(office: &Office, tenant: Tenant, id: CaseId, receipt: Receipt) -> Result<CaseChanged> {
    let caught_up = office.views.wait_for(receipt.position, office.patience).await;
    let case = Case::find(office, tenant, id).await?;
    let case =
        case.ok_or_else(|| coded("the act was stored, but the views lag: read the case again", "VIEWS_LAG"))?;
    let revision = receipt.revision.unwrap_or(case.sheet.revision);
    Ok(CaseChanged {
        case,
        revision: i64::try_from(revision).unwrap_or(i64::MAX),
        position: Position(receipt.position),
        caught_up,
    })
}

/// Takes the next case number of the municipality and year for a case. The same act takes the same number again.
pub async fn take_number(desk: &Desk, case: CaseId, act: &Act) -> Result<String, NoteError> {
    let today = local_date(act.at);
    let event = NumberingEvent::CaseNumberTaken(CaseNumberTaken { case });
    let receipt = desk.note(&series(act.tenant, today.year()), event, &act.step("number")).await?;
    Ok(case_number(today, receipt.revision.unwrap_or_default()))
}

/// What a case is opened with, before it has a number and a subject.
pub(crate) struct Wish {
    pub(crate) inquiry: Option<InquiryId>,
    pub(crate) open: OpenCase,
}

/// The id of the case that a key opens: sent again, the key means the same case.
fn case_of(act: &Act) -> CaseId {
    CaseId::new(derived(act, "case"))
}

/// The id that a key gives a new thing of this kind.
pub(crate) fn derived(act: &Act, what: &str) -> Uuid {
    derived_by(act.tenant, act.actor, act.idempotency.as_deref().unwrap_or_default(), what)
}

/// The same for a key that has not become an act yet.
pub(super) fn derived_by(tenant: Tenant, actor: Actor, key: &str, what: &str) -> Uuid {
    from_digest(&Sha256::digest(format!("{what}/{tenant}/{actor}/{key}")).into())
}

/// Why a case was not opened.
#[derive(Debug, thiserror::Error)]
pub enum NotOpened {
    /// The inquiry stood in the way.
    #[error(transparent)]
    Inquiry(InquiryRefusal),
    /// The rules of the case did.
    #[error("the case was not opened")]
    Case(#[source] Failure<CaseRefusal>),
    /// The house is broken.
    #[error("the case number could not be taken")]
    Number(#[source] NoteError),
    /// The house is broken.
    #[error("the inquiry could not be linked")]
    Link(#[source] Failure<InquiryRefusal>),
}

/// Opens a case: takes a number, opens it, and links the inquiry it came from.
///
/// Three streams, so three steps, each under a key of its own: whoever repeats the act after a crash in between
/// finishes it, and the process that follows opened cases links the inquiry if nobody repeats it.
pub async fn open_case(
    desk: &Desk,
    mut wish: OpenCase,
    inquiry: Option<InquiryId>,
    under: impl Fn(&Act) -> Circumstances,
    act: &Act,
) -> Result<(CaseId, Receipt), NotOpened> {
    let id = case_of(act);
    wish.subject = SubjectId::new(derived(act, "subject"));
    if let Some(inquiry) = inquiry {
        let (state, _) = desk
            .load::<Inquiry>(&Inquiry::stream(act.tenant, inquiry))
            .await
            .map_err(|error| NotOpened::Link(error.into()))?;
        match state {
            Inquiry::Linked { subject, case } if case == id => wish.subject = subject,
            other => wish.subject = other.ready_for_case().map_err(NotOpened::Inquiry)?,
        }
    }
    // The rules first: a refused wish takes no number.
    let command = |number: String| CaseCommand {
        act: CaseAct::Open(Box::new(OpenCase { number, inquiry, ..wish.clone() })),
        under: under(act),
    };
    let stream = CaseAggregate::stream(act.tenant, id);
    let known = desk.load::<CaseAggregate>(&stream).await;
    let (state, revision) = known.map_err(|error| NotOpened::Case(error.into()))?;
    if revision.is_none() {
        state.decide(command(String::new())).map_err(|refusal| NotOpened::Case(Failure::Refused(refusal)))?;
    }
    let number = take_number(desk, id, act).await.map_err(NotOpened::Number)?;
    let mut receipt =
        desk.execute::<CaseAggregate>(&stream, command(number), act).await.map_err(NotOpened::Case)?;
    if let Some(inquiry) = inquiry {
        let link = InquiryCommand::LinkToCase { case: id };
        let linked =
            desk.execute::<Inquiry>(&Inquiry::stream(act.tenant, inquiry), link, &act.step("link")).await;
        receipt.position = receipt.position.max(linked.map_err(NotOpened::Link)?.position);
    }
    Ok((id, receipt))
}

/// Opens a case for a request.
pub(crate) async fn open(ctx: &Context<'_>, wish: Wish, sent: Sent) -> Result<Answer<CaseChanged>> {
    let (office, caller) = (ctx.data::<Office>()?, Caller::of(ctx)?);
    let mut act = sent.act(office, caller)?;
    act.roles = reach::roles(office, &act).await.map_err(|error| not_loaded(&error, caller.lang))?;
    let under = |act: &Act| Circumstances::of(act, (office.rules)(act.tenant, local_date(act.at)));
    let refuse = async |refusal: &dyn Refusal, refused: Refused| {
        access::refused(office, caller, ctx.field().name(), refusal.code(), None).await;
        Ok(Answer::Refused(refused))
    };
    match open_case(&office.desk, wish.open, wish.inquiry, under, &act).await {
        Ok((id, receipt)) => case_changed(office, caller.tenant, id, receipt).await.map(Answer::Done),
        Err(NotOpened::Inquiry(refusal)) => refuse(&refusal, Refused::new(&refusal, caller.lang)).await,
        Err(NotOpened::Case(Failure::Refused(refusal))) => {
            refuse(&refusal, Refused::new(&refusal, caller.lang)).await
        }
        Err(NotOpened::Case(Failure::Erased(refusal))) => {
            refuse(&refusal, Refused::new(&refusal, caller.lang)).await
        }
        Err(
            NotOpened::Case(Failure::Conflict { actual }) | NotOpened::Link(Failure::Conflict { actual }),
        ) => Ok(Answer::Conflict(Conflict::new(actual, caller.lang))),
        Err(NotOpened::Case(Failure::Newer(event)) | NotOpened::Link(Failure::Newer(event))) => {
            Err(newer(&event, caller.lang))
        }
        Err(failure) => Err(fault(&failure)),
    }
}
