//! Members of staff: who they are, and who is asking.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::{Context, ID, Object, Result, SimpleObject};
use skranke_domain::user::{Chain, User};
use skranke_domain::{Tenant, UserId};
use skranke_projections::{Member, ViewsError};

use crate::caller::{Caller, coded, fault};
use crate::office::Office;
use crate::people::Team;
use crate::personal::Personal;
use crate::reach;
use crate::scalars::{Date, Role};
use crate::words;

/// A member of staff.
#[derive(Clone, Debug)]
pub struct Staff {
    tenant: Tenant,
    member: Member,
}

/// A member of staff.
#[Object]
impl Staff {
    /// The id.
    pub(crate) async fn id(&self) -> ID {
        ID(self.member.id.to_string())
    }

    /// The name they log in with.
    async fn login(&self) -> &str {
        &self.member.login
    }

    /// The name colleagues see.
    async fn name(&self, ctx: &Context<'_>) -> Result<Personal> {
        let stream = User::stream(self.tenant, self.member.id);
        ctx.data::<Office>()?.personal(&stream, &self.member.name)
    }

    /// Whether it is no person but a system outside (systemkonto).
    async fn service_account(&self) -> bool {
        self.member.origin.service().is_some()
    }

    /// The roles they hold.
    async fn roles(&self) -> Vec<Role> {
        self.member.roles.iter().map(Role::from).collect()
    }

    /// The last registered absence, until it is ended. Why is nobody's business.
    async fn absence(&self) -> Option<Absence> {
        self.member.absence.map(|away| Absence { from: Date(away.from), until: away.until.map(Date) })
    }

    /// Whether they are away today.
    async fn absent_today(&self, ctx: &Context<'_>) -> Result<bool> {
        let today = ctx.data::<Office>()?.today();
        Ok(self.member.absence.is_some_and(|away| away.covers(today)))
    }

    /// Who acts for them while they are away.
    async fn substitute(&self, ctx: &Context<'_>) -> Result<Option<Self>> {
        match self.member.substitute {
            Some(user) => find(ctx, user).await,
            None => Ok(None),
        }
    }

    /// Who acts for them today: they themselves, or the first in the chain of substitutes who is there.
    async fn acting_today(&self, ctx: &Context<'_>) -> Result<Option<Self>> {
        let mut chain = Chain::on(ctx.data::<Office>()?.today());
        let (mut who, mut asked) = (self.clone(), self.member.id);
        loop {
            match chain.step(asked, Some(who.member.availability())) {
                ControlFlow::Continue(next) => match find(ctx, next).await? {
                    Some(found) => (who, asked) = (found, next),
                    None => return Ok(None),
                },
                ControlFlow::Break(Some(acting)) if acting == asked => return Ok(Some(who)),
                ControlFlow::Break(Some(acting)) => return find(ctx, acting).await,
                ControlFlow::Break(None) => return Ok(None),
            }
        }
    }
}

/// When somebody is away.
#[derive(SimpleObject, Clone, Copy, Debug)]
pub struct Absence {
    /// The first day.
    pub from: Date,
    /// The last day, if it is known.
    pub until: Option<Date>,
}

impl Staff {
    pub(crate) const fn new(tenant: Tenant, member: Member) -> Self {
        Self { tenant, member }
    }

    /// Which member.
    pub(crate) const fn key(&self) -> UserId {
        self.member.id
    }
}

/// Who acted.
#[derive(Clone, Copy, Debug)]
pub struct Actor(pub skranke_domain::Actor);

/// What kind of actor it is.
#[derive(async_graphql::Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActorKind {
    Staff,
    Citizen,
    Bot,
    System,
}

/// Who acted.
#[Object]
impl Actor {
    /// What kind of actor it is.
    async fn kind(&self) -> ActorKind {
        match self.0 {
            skranke_domain::Actor::Staff(_) => ActorKind::Staff,
            skranke_domain::Actor::Citizen(_) => ActorKind::Citizen,
            skranke_domain::Actor::Bot => ActorKind::Bot,
            skranke_domain::Actor::System => ActorKind::System,
        }
    }

    /// The member of staff, if it is one who is still known.
    async fn staff(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        match self.0.staff() {
            Some(user) => find(ctx, user).await,
            None => Ok(None),
        }
    }

    /// Who it is, in a word.
    async fn label(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(words::actor(self.0, Caller::of(ctx)?.lang).to_owned())
    }
}

/// A municipality.
#[derive(SimpleObject, Clone, Debug)]
pub struct Municipality {
    /// Its code, four digits.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// Who is asking.
#[derive(SimpleObject, Clone, Debug)]
pub struct Viewer {
    /// The member of staff.
    pub staff: Staff,
    /// Their municipality.
    pub municipality: Municipality,
    /// The teams whose cases are open to them.
    pub teams: Vec<Team>,
    /// Whether this is a demonstration with invented data.
    pub demo: bool,
}

/// Questions about staff.
#[derive(Default)]
pub struct StaffQuery;

#[Object]
impl StaffQuery {
    /// Who is asking.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Viewer> {
        let (office, caller) = (ctx.data::<Office>()?, Caller::of(ctx)?);
        let staff = find(ctx, caller.user).await?.ok_or_else(|| coded("the account is gone", "NOT_FOUND"))?;
        let municipality =
            Municipality { code: caller.tenant.to_string(), name: office.municipality(caller.tenant) };
        let teams = Team::of_all(ctx, &reach::open_teams(office, caller).await?).await?;
        Ok(Viewer { staff, municipality, teams, demo: office.demo })
    }

    /// Everybody of the municipality, by log-in name.
    async fn staff(&self, ctx: &Context<'_>) -> Result<Vec<Staff>> {
        let tenant = Caller::of(ctx)?.tenant;
        let members = ctx.data::<Office>()?.views.staff(tenant).await.map_err(|error| fault(&error))?;
        Ok(members.into_iter().map(|member| Staff { tenant, member }).collect())
    }
}

/// Loads members of staff in one question per request, and only of the caller's own municipality.
pub(crate) struct StaffLoader {
    office: Office,
    tenant: Tenant,
}

impl StaffLoader {
    pub(crate) fn new(office: &Office, caller: &Caller) -> Self {
        Self { office: office.clone(), tenant: caller.tenant }
    }
}

impl Loader<UserId> for StaffLoader {
    type Value = Member;
    type Error = Arc<ViewsError>;

    async fn load(&self, ids: &[UserId]) -> Result<HashMap<UserId, Member>, Arc<ViewsError>> {
        let members = self.office.views.staff_by_ids(self.tenant, ids.to_vec()).await.map_err(Arc::new)?;
        Ok(members.into_iter().map(|member| (member.id, member)).collect())
    }
}

/// A member of staff, through the loader.
pub(crate) async fn find(ctx: &Context<'_>, user: UserId) -> Result<Option<Staff>> {
    let tenant = Caller::of(ctx)?.tenant;
    let member =
        ctx.data::<DataLoader<StaffLoader>>()?.load_one(user).await.map_err(|error| fault(&*error))?;
    Ok(member.map(|member| Staff { tenant, member }))
}

/// Several members of staff, through the loader, in the order asked for; who is not known any more is left out.
pub(crate) async fn find_all(ctx: &Context<'_>, users: &[UserId]) -> Result<Vec<Staff>> {
    let tenant = Caller::of(ctx)?.tenant;
    let loader = ctx.data::<DataLoader<StaffLoader>>()?;
    let mut found = loader.load_many(users.iter().copied()).await.map_err(|error| fault(&*error))?;
    Ok(users.iter().filter_map(|user| found.remove(user)).map(|member| Staff { tenant, member }).collect())
}

/// The name of a member of staff; the id where nobody is known under it any more.
pub(crate) async fn name_of(ctx: &Context<'_>, user: UserId) -> Result<Personal> {
    match find(ctx, user).await? {
        Some(staff) => {
            let stream = User::stream(staff.tenant, user);
            ctx.data::<Office>()?.personal(&stream, &staff.member.name)
        }
        None => Ok(Personal::open(user.to_string())),
    }
}
