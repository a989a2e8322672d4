//! The register of self-service solutions: the list, one solution with its action pages, requirements, links and the
//! mail to the portal, and what can be done with it.

mod mail;
mod mutation;
mod parts;

use async_graphql::{Context, ID, Object, Result, SimpleObject, Union};
use skranke_domain::access_log::{AccessEvent, ServiceViewed};
use skranke_domain::link::{Spelling, is_on_the_portal, with_municipality};
use skranke_domain::service::{self, Service as ServiceAggregate};
use skranke_domain::{Purpose, Role, ServiceId, StreamId, Tenant};
use skranke_projections::ServiceSheet;

use crate::access;
use crate::caller::{Caller, READERS, fault};
use crate::connection::{PageInfo, connection, cursor, page_size};
use crate::office::Office;
use crate::personal::{Erased, Personal};
use crate::scalars::{DateTime, mirrored};
use crate::staff::{Actor, Municipality};

use mail::PortalMail;
pub use mutation::ServiceMutation;
use parts::{ActionPage, Link, RequirementAnswer};

mirrored! {
    /// Whether the portal has a solution already.
    ServiceKind = service::Kind { New, Existing }
}
mirrored! {
    /// How far a solution has come on its way to the portal.
    ServiceStage = service::Stage { Submitted, Accepted, Returned, Withdrawn }
}

/// How the municipality's field is written in a direct link.
#[derive(async_graphql::Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkSpelling {
    /// `kommunekode`
    Lower,
    /// `KommuneKode`
    Camel,
}

/// Those who keep it.
const KEEPERS: &[Role] = &[Role::TeamLead, Role::Administrator];

connection! {
    /// A page of self-service solutions.
    ServiceConnection, ServiceEdge, ServiceRow
}

/// A self-service solution as the list shows it.
#[derive(SimpleObject, Clone, Debug)]
pub struct ServiceRow {
    /// The id.
    pub id: ID,
    /// What it is called.
    pub title: String,
    /// Where it is.
    pub url: String,
    /// Whether the portal had it when it was last submitted.
    pub kind: ServiceKind,
    /// How far it has come.
    pub stage: ServiceStage,
    /// When it was last submitted.
    pub submitted_at: DateTime,
    /// The version of the action page on the portal.
    pub published_version: Option<u32>,
    /// Its addresses that did not answer as they should when they were last checked.
    pub links_at_fault: usize,
}

impl ServiceRow {
    fn of(sheet: &ServiceSheet) -> Self {
        let at_fault = sheet.links.iter().filter(|link| link.state != service::LinkState::Works);
        Self {
            id: ID(sheet.id.to_string()),
            title: sheet.title.clone(),
            url: sheet.url.clone(),
            kind: sheet.kind.into(),
            stage: sheet.stage.into(),
            submitted_at: DateTime(sheet.submitted_at),
            published_version: sheet.published().map(|page| page.version),
            links_at_fault: at_fault.count(),
        }
    }
}

/// A direct link with a municipality chosen beforehand.
#[derive(SimpleObject, Clone, Debug)]
pub struct DirectLink {
    /// Which municipality.
    pub municipality: Municipality,
    /// The whole address.
    pub url: String,
}

/// The mail to the portal, or that whoever supplies the solution was erased.
#[derive(Union, Clone, Debug)]
pub enum PortalMailSeen {
    Mail(PortalMail),
    Erased(Erased),
}

/// A self-service solution.
#[derive(Clone, Debug)]
pub struct Service {
    tenant: Tenant,
    sheet: ServiceSheet,
}

impl Service {
    /// A solution that is there.
    async fn find(office: &Office, tenant: Tenant, id: ServiceId) -> Result<Option<Self>> {
        let found = office.views.service(tenant, id).await.map_err(|error| fault(&error))?;
        Ok(found.map(|sheet| Self { tenant, sheet }))
    }

    fn stream(&self) -> StreamId {
        ServiceAggregate::stream(self.tenant, self.sheet.id)
    }

    fn supplier(
        &self,
        ctx: &Context<'_>,
        pick: impl FnOnce(service::Supplier) -> String,
    ) -> Result<Personal> {
        Ok(match ctx.data::<Office>()?.open(&self.stream(), &self.sheet.supplier)? {
            Ok(supplier) => Personal::open(pick(supplier)),
            Err(erased) => Personal::Erased(erased),
        })
    }
}

/// A self-service solution.
#[Object]
impl Service {
    /// The id.
    pub(crate) async fn id(&self) -> ID {
        ID(self.sheet.id.to_string())
    }

    /// The revision of its newest event.
    async fn revision(&self) -> i64 {
        i64::try_from(self.sheet.revision).unwrap_or(i64::MAX)
    }

    /// How far it has come.
    async fn stage(&self) -> ServiceStage {
        self.sheet.stage.into()
    }

    /// Whether the portal had it when it was last submitted.
    async fn kind(&self) -> ServiceKind {
        self.sheet.kind.into()
    }

    /// What it is called.
    async fn title(&self) -> &str {
        &self.sheet.title
    }

    /// Where it is.
    async fn url(&self) -> &str {
        &self.sheet.url
    }

    /// What it does, in short.
    async fn description(&self) -> &str {
        &self.sheet.description
    }

    /// The supplier's name.
    async fn supplier_name(&self, ctx: &Context<'_>) -> Result<Personal> {
        self.supplier(ctx, |supplier| supplier.name)
    }

    /// The supplier's e-mail address.
    async fn supplier_email(&self, ctx: &Context<'_>) -> Result<Personal> {
        self.supplier(ctx, |supplier| supplier.email)
    }

    /// When it was last submitted.
    async fn submitted_at(&self) -> DateTime {
        DateTime(self.sheet.submitted_at)
    }

    /// By whom.
    async fn submitted_by(&self) -> Actor {
        Actor(self.sheet.submitted_by)
    }

    /// Why it was returned or withdrawn.
    async fn reason(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        let reason = self.sheet.reason.as_ref();
        reason.map(|reason| ctx.data::<Office>()?.personal(&self.stream(), reason)).transpose()
    }

    /// The versions of its action page (handlingsside), oldest first.
    async fn action_pages(&self) -> Vec<ActionPage> {
        self.sheet.pages.iter().map(ActionPage::of).collect()
    }

    /// The version of its action page that the portal shows.
    async fn published_page(&self) -> Option<ActionPage> {
        self.sheet.published().map(ActionPage::of)
    }

    /// Where the action page is on the portal.
    async fn page_url(&self) -> Option<&str> {
        self.sheet.page_url.as_deref()
    }

    /// The checklist of joint requirements, with what was said of each.
    async fn requirements(&self, ctx: &Context<'_>) -> Result<Vec<RequirementAnswer>> {
        let (office, lang) = (ctx.data::<Office>()?, Caller::of(ctx)?.lang);
        parts::checklist(office, lang, &self.stream(), &self.sheet.requirements)
    }

    /// Its addresses, with how each answered when that was last found to have changed.
    async fn links(&self) -> Vec<Link> {
        let sheet = &self.sheet;
        let checked = |address: &str| sheet.links.iter().find(|link| link.address == address);
        sheet.addresses().map(|address| Link::of(address, checked(address))).collect()
    }

    /// The address of its action page with each municipality chosen beforehand; none as long as it is not known to be
    /// on borger.dk.
    async fn direct_links(&self, ctx: &Context<'_>, spelling: LinkSpelling) -> Result<Vec<DirectLink>> {
        let office = ctx.data::<Office>()?;
        let on_the_portal = self.sheet.addresses().find(|address| is_on_the_portal(address));
        let Some(address) = on_the_portal else { return Ok(Vec::new()) };
        let spelling = match spelling {
            LinkSpelling::Lower => Spelling::Lower,
            LinkSpelling::Camel => Spelling::Camel,
        };
        let link = |(code, name): (&Tenant, &String)| DirectLink {
            municipality: Municipality { code: code.to_string(), name: name.clone() },
            url: with_municipality(address, *code, spelling),
        };
        Ok(office.names.municipalities.iter().map(link).collect())
    }

    /// The mail that submits it to the portal, ready to be opened in a mail program. `from` is the sender's address.
    async fn portal_mail(&self, ctx: &Context<'_>, from: String) -> Result<PortalMailSeen> {
        let office = ctx.data::<Office>()?;
        Ok(match office.open(&self.stream(), &self.sheet.supplier)? {
            Ok(supplier) => {
                let municipality = office.municipality(self.tenant);
                let now = office.clock.now();
                PortalMailSeen::Mail(mail::to_the_portal(&self.sheet, &supplier, &municipality, &from, now)?)
            }
            Err(erased) => PortalMailSeen::Erased(erased),
        })
    }
}

/// Questions about self-service solutions.
#[derive(Default)]
pub struct ServiceQuery;

#[Object]
impl ServiceQuery {
    /// The register, in the order in which solutions were first submitted.
    #[graphql(complexity = "usize::try_from(first).unwrap_or(100) * child_complexity + 1")]
    async fn services(
        &self,
        ctx: &Context<'_>,
        stage: Option<ServiceStage>,
        #[graphql(default = 50)] first: i32,
        after: Option<String>,
    ) -> Result<ServiceConnection> {
        let caller = Caller::with(ctx, READERS).await?;
        let views = &ctx.data::<Office>()?.views;
        let (after, first) = (cursor(after)?, page_size(first)?);
        let page = views.services(caller.tenant, stage.map(Into::into), after, first).await;
        let page = page.map_err(|error| fault(&error))?;
        let page_info = PageInfo::of(&page);
        let edges = page
            .items
            .iter()
            .map(|item| ServiceEdge { cursor: item.cursor.to_string(), node: ServiceRow::of(&item.row) });
        Ok(ServiceConnection { edges: edges.collect(), page_info })
    }

    /// Opens a solution. The look is logged, for the supplier may be a person.
    pub(crate) async fn service(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Service>> {
        let caller = Caller::with(ctx, READERS).await?;
        let Ok(id) = id.parse::<ServiceId>() else { return Ok(None) };
        let office = ctx.data::<Office>()?;
        let Some(found) = Service::find(office, caller.tenant, id).await? else { return Ok(None) };
        let event = AccessEvent::ServiceViewed(ServiceViewed { service: id });
        access::viewed(office, caller, Purpose::CaseHandling, event).await?;
        Ok(Some(found))
    }
}
