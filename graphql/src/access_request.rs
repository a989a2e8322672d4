//! Requests for access (aktindsigt): the list by stage and deadline, a request with its papers, one mutation per act, and
//! the package that is handed out.

mod mutation;
mod package;

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use skranke_domain::access_request::{AccessRequest as AccessRequestAggregate, AccessRequestActKind};
use skranke_domain::case::Circumstances;
use skranke_domain::{AccessRequestId, CaseId, StreamId, Tenant};
use skranke_projections::{
    AccessRequestSheet, DatedQuery, DelayNotice as NoticeSheet, ReleasedPackage as PackageSheet,
    RequestedPaper,
};

use crate::caller::{Caller, WORKERS, fault};
use crate::complaint::{listed, looked};
use crate::connection::{AccessRequestConnection, AccessRequestEdge, PageInfo, cursor, page_size};
use crate::office::Office;
use crate::papers;
use crate::personal::Personal;
use crate::reach;
use crate::refusal::Refused;
use crate::scalars::{
    AccessBasis, AccessRequestAction, AccessRequestStage, Channel, Date, DateTime, Disclosure,
};
use crate::staff::Actor;
use crate::term::{Reasoned, Term};
use crate::words;

pub use mutation::AccessRequestMutation;
pub(crate) use package::download;
pub use package::{NoPackage, Package};

/// A request for access as the list shows it: nothing personal until it is opened.
#[derive(Clone, Debug)]
pub struct AccessRequestRow {
    sheet: AccessRequestSheet,
    case_number: Option<String>,
}

/// A request for access as the list shows it: nothing personal until it is opened.
#[Object]
impl AccessRequestRow {
    /// The id.
    async fn id(&self) -> ID {
        ID(self.sheet.id.to_string())
    }

    /// The case.
    async fn case_id(&self) -> ID {
        ID(self.sheet.file.case.to_string())
    }

    /// Its number.
    async fn case_number(&self) -> Option<&str> {
        self.case_number.as_deref()
    }

    /// How far it has come.
    async fn stage(&self) -> AccessRequestStage {
        self.sheet.file.stage.into()
    }

    /// On which basis it was asked for.
    async fn basis(&self) -> AccessBasis {
        self.sheet.file.basis.into()
    }

    /// The day it came in.
    async fn received(&self) -> Date {
        Date(self.sheet.file.received)
    }

    /// The last day as it now stands: what the last notice promised, else what the rule gives.
    async fn due(&self) -> Date {
        Date(self.sheet.due())
    }

    /// Days until then; negative when it has passed.
    async fn days_left(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok((self.sheet.due() - ctx.data::<Office>()?.today()).get_days())
    }

    /// How many papers are not decided on.
    async fn undecided(&self) -> usize {
        self.sheet.documents.iter().filter(|document| document.disclosure.is_none()).count()
    }

    /// What the newest event is called in the language of the request.
    async fn last_event(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(words::event_title(&self.sheet.last_event_type, Caller::of(ctx)?.lang))
    }

    /// When the newest event happened.
    async fn last_event_at(&self) -> DateTime {
        DateTime(self.sheet.last_event_at)
    }
}

/// A request for access to the file of a case.
#[derive(Clone, Debug)]
pub struct AccessRequest {
    tenant: Tenant,
    sheet: AccessRequestSheet,
}

/// What can be done with a request for access now, and what stands in the way.
#[derive(SimpleObject, Clone, Debug)]
pub struct AvailableAccessRequestAction {
    /// Which act.
    pub name: AccessRequestAction,
    /// Whether it may be tried.
    pub allowed: bool,
    /// Why not, the weightiest first; empty when allowed.
    pub refusals: Vec<Refused>,
}

impl AccessRequest {
    fn stream(&self) -> StreamId {
        AccessRequestAggregate::stream(self.tenant, self.sheet.id)
    }

    async fn find(office: &Office, tenant: Tenant, id: AccessRequestId) -> Result<Option<Self>> {
        let sheet = office.views.access_request(tenant, id).await.map_err(|error| fault(&error))?;
        Ok(sheet.map(|sheet| Self { tenant, sheet }))
    }

    /// The requests for access to a case.
    pub(crate) async fn of_case(office: &Office, tenant: Tenant, case: CaseId) -> Result<Vec<Self>> {
        let sheets = office.views.access_requests_of(tenant, case).await.map_err(|error| fault(&error))?;
        Ok(sheets.into_iter().map(|sheet| Self { tenant, sheet }).collect())
    }
}

/// A request for access to the file of a case.
#[Object]
impl AccessRequest {
    /// The id.
    pub(crate) async fn id(&self) -> ID {
        ID(self.sheet.id.to_string())
    }

    /// The case.
    async fn case_id(&self) -> ID {
        ID(self.sheet.file.case.to_string())
    }

    /// The revision of its newest event: hand it in as `expectedVersion`.
    async fn revision(&self) -> i64 {
        i64::try_from(self.sheet.revision).unwrap_or(i64::MAX)
    }

    /// How far it has come.
    async fn stage(&self) -> AccessRequestStage {
        self.sheet.file.stage.into()
    }

    /// Who asks.
    async fn requester(&self, ctx: &Context<'_>) -> Result<Personal> {
        ctx.data::<Office>()?.personal(&self.stream(), &self.sheet.requester)
    }

    /// What for, in their words.
    async fn asked_for(&self, ctx: &Context<'_>) -> Result<Personal> {
        ctx.data::<Office>()?.personal(&self.stream(), &self.sheet.asked_for)
    }

    /// On which basis.
    async fn basis(&self) -> AccessBasis {
        self.sheet.file.basis.into()
    }

    /// That basis, as lawyers cite it.
    async fn statute(&self) -> &str {
        &self.sheet.file.statute
    }

    /// The day it came in.
    async fn received(&self) -> Date {
        Date(self.sheet.file.received)
    }

    /// How it came in.
    async fn channel(&self) -> Channel {
        self.sheet.channel.into()
    }

    /// Until when an answer or a notice of delay is due.
    async fn answer(&self) -> Term {
        Term(self.sheet.answer.clone())
    }

    /// The last day as it now stands: what the last notice promised, else what the rule gives.
    async fn due(&self) -> Date {
        Date(self.sheet.due())
    }

    /// After which day the delay itself can be complained of, where a rule says so.
    async fn complaint_from(&self) -> Option<Term> {
        self.sheet.complaint_from.clone().map(Term)
    }

    /// The papers it is about.
    async fn documents(&self) -> Vec<RequestedDocument> {
        let documents = self.sheet.documents.iter().cloned();
        documents.map(|sheet| RequestedDocument { stream: self.stream(), sheet }).collect()
    }

    /// The notices that it takes longer, oldest first.
    async fn notices(&self) -> Vec<AccessDelayNotice> {
        let notice = |NoticeSheet { expected, reasoned }| AccessDelayNotice {
            expected: Date(expected),
            reasoned: Reasoned { stream: self.stream(), reasoned },
        };
        self.sheet.notices.iter().cloned().map(notice).collect()
    }

    /// The package, once it is released.
    async fn package(&self) -> Option<ReleasedPackage> {
        let PackageSheet { sha256, bytes, by, at } = self.sheet.package.clone()?;
        let path = format!("/api/access-requests/{}/package", self.sheet.id);
        Some(ReleasedPackage { sha256, bytes, by: Actor(by), at: DateTime(at), path })
    }

    /// Why it ended without a package.
    async fn ended(&self) -> Option<Reasoned> {
        Some(Reasoned { stream: self.stream(), reasoned: self.sheet.ended.clone()? })
    }

    /// What the newest event is called in the language of the request.
    async fn last_event(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(words::event_title(&self.sheet.last_event_type, Caller::of(ctx)?.lang))
    }

    /// Every act, and what stands in its way: asked of the guards that decide.
    async fn available_actions(&self, ctx: &Context<'_>) -> Result<Vec<AvailableAccessRequestAction>> {
        let (office, caller) = (ctx.data::<Office>()?, Caller::of(ctx)?);
        let of = papers::of_case(&office.desk, self.tenant, Some(self.sheet.file.case), caller.lang).await?;
        let under = match of.file() {
            Some(file) => reach::circumstances(office, caller, file).await?,
            None => Circumstances::of(&caller.act(office, None), office.rules_today(caller.tenant)),
        };
        let request = self.sheet.request();
        let kinds = AccessRequestActKind::ALL.into_iter().filter(|kind| *kind != AccessRequestActKind::Ask);
        let actions = kinds.map(|kind| {
            let refusals = request.blocked(kind, &of, &under);
            let refusals: Vec<_> =
                refusals.iter().map(|refusal| Refused::new(refusal, caller.lang)).collect();
            AvailableAccessRequestAction { name: kind.into(), allowed: refusals.is_empty(), refusals }
        });
        Ok(actions.collect())
    }
}

/// One paper of a request for access.
#[derive(Clone, Debug)]
pub struct RequestedDocument {
    stream: StreamId,
    sheet: RequestedPaper,
}

/// One paper of a request for access.
#[Object]
impl RequestedDocument {
    /// Its name within the case.
    async fn reference(&self) -> &str {
        &self.sheet.reference
    }

    /// Its title in the journal.
    async fn title(&self, ctx: &Context<'_>) -> Result<Personal> {
        ctx.data::<Office>()?.personal(&self.stream, &self.sheet.title)
    }

    /// How much is given, once that is decided.
    async fn disclosure(&self) -> Option<Disclosure> {
        self.sheet.disclosure.map(Into::into)
    }

    /// On which basis the rest is withheld; empty while it is not settled.
    async fn statute(&self) -> &str {
        &self.sheet.statute
    }

    /// What is given of it, where that is not all.
    async fn extract(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        ctx.data::<Office>()?.personal_if_any(&self.stream, self.sheet.extract.as_ref())
    }

    /// Who decided last.
    async fn by(&self) -> Option<Actor> {
        self.sheet.by.map(Actor)
    }

    /// When.
    async fn at(&self) -> Option<DateTime> {
        self.sheet.at.map(DateTime)
    }
}

/// A notice that it takes longer.
#[derive(SimpleObject, Clone, Debug)]
pub struct AccessDelayNotice {
    /// When an answer can be expected.
    pub expected: Date,
    /// Why, by whom and when.
    pub reasoned: Reasoned,
}

/// The package that was released.
#[derive(SimpleObject, Clone, Debug)]
pub struct ReleasedPackage {
    /// The SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// How many bytes.
    pub bytes: u64,
    /// Who released it.
    pub by: Actor,
    /// When.
    pub at: DateTime,
    /// Where staff download it. Every download is noted in the access log.
    pub path: String,
}

/// Questions about requests for access.
#[derive(Default)]
pub struct AccessRequestQuery;

#[Object]
impl AccessRequestQuery {
    /// Requests for access, the nearest deadline first: of cases of the caller's teams and of no team, and
    /// of their own. The look is logged.
    #[graphql(complexity = "usize::try_from(first).unwrap_or(100) * child_complexity + 1")]
    async fn access_requests(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that have come exactly this far.")] stage: Option<AccessRequestStage>,
        #[graphql(desc = "Only those that wait for an answer, or only those that do not.")] open: Option<
            bool,
        >,
        #[graphql(desc = "Only those due before this day.")] due_before: Option<Date>,
        first: i32,
        after: Option<String>,
    ) -> Result<AccessRequestConnection> {
        let caller = Caller::with(ctx, WORKERS).await?;
        let office = ctx.data::<Office>()?;
        let query = DatedQuery {
            stage: stage.map(Into::into),
            open,
            due_before: due_before.map(|date| date.0),
            reached: Some(reach::of_lists(office, caller).await?),
            after: cursor(after)?,
            first: page_size(first)?,
        };
        let total_count = office.views.access_request_count(caller.tenant, query.clone()).await;
        let total_count = total_count.map_err(|error| fault(&error))?;
        let page = office.views.access_requests(caller.tenant, query).await.map_err(|error| fault(&error))?;
        listed(office, caller, page.items.len()).await?;
        let cases = page.items.iter().map(|item| item.row.file.case);
        let numbers = papers::case_numbers(office, caller.tenant, cases).await?;
        let page_info = PageInfo::of(&page);
        let edges = page.items.into_iter().map(|item| AccessRequestEdge {
            cursor: item.cursor.to_string(),
            node: AccessRequestRow {
                case_number: numbers.get(&item.row.file.case).cloned(),
                sheet: item.row,
            },
        });
        Ok(AccessRequestConnection { edges: edges.collect(), page_info, total_count })
    }

    /// Opens a request for access. It is a look at its case, and is logged as one.
    pub(crate) async fn access_request(&self, ctx: &Context<'_>, id: ID) -> Result<Option<AccessRequest>> {
        let caller = Caller::with(ctx, WORKERS).await?;
        let Ok(id) = id.parse::<AccessRequestId>() else { return Ok(None) };
        let office = ctx.data::<Office>()?;
        let Some(request) = AccessRequest::find(office, caller.tenant, id).await? else { return Ok(None) };
        looked(ctx, request.sheet.file.case).await?;
        Ok(Some(request))
    }
}
