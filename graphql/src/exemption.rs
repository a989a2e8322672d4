//! Exemptions from mandatory self-service: the list, one exemption, whether one holds, and what can be done with it.

mod mutation;

use async_graphql::{Context, ID, Object, Result, SimpleObject, Union};
use skranke_domain::access_log::{AccessEvent, ExemptionLookedUp, ExemptionViewed};
use skranke_domain::authority::AuthoritySlug;
use skranke_domain::conversation::TopicSlug;
use skranke_domain::exemption::{self, Exemption as ExemptionAggregate};
use skranke_domain::{ExemptionId, Lang, Purpose, StreamId, SubjectId, Tenant};
use skranke_projections::ExemptionSheet;

use crate::access;
use crate::authority::{AuthorityName, Register};
use crate::caller::{Caller, WORKERS, coded, fault};
use crate::case::Topic;
use crate::connection::{PageInfo, connection, cursor, page_size};
use crate::office::Office;
use crate::personal::{Erased, Personal};
use crate::scalars::{Channel, Date, DateTime, mirrored};
use crate::staff::Actor;

pub use mutation::ExemptionMutation;

mirrored! {
    /// Where an exemption stands.
    ExemptionStanding = exemption::Standing { Requested, Granted, Refused, Expired, Withdrawn }
}

connection! {
    /// A page of exemptions.
    ExemptionConnection, ExemptionEdge, ExemptionRow
}

/// An exemption as the list shows it: nothing personal until it is opened.
#[derive(SimpleObject, Clone, Debug)]
pub struct ExemptionRow {
    /// The id.
    pub id: ID,
    /// Where it stands.
    pub standing: ExemptionStanding,
    /// The authority whose self-service it is about.
    pub authority: AuthorityName,
    /// The self-service area; absent for all of that authority.
    pub area: Option<Topic>,
    /// When it was asked for.
    pub received: Date,
    /// Its first day, once it is given.
    pub from: Option<Date>,
    /// Its last day, if it has one.
    pub until: Option<Date>,
}

/// A ground on the list.
#[derive(SimpleObject, Clone, Debug)]
pub struct ExemptionGround {
    /// Its short name.
    pub slug: String,
    /// What it says in the language of the request.
    pub text: String,
}

/// The grounds for an exemption, or that they were erased.
#[derive(Union, Clone, Debug)]
pub enum GroundsSeen {
    Grounds(ExemptionGrounds),
    Erased(Erased),
}

/// The grounds for an exemption. None need be named.
#[derive(SimpleObject, Clone, Debug)]
pub struct ExemptionGrounds {
    /// Those of the list.
    pub named: Vec<ExemptionGround>,
    /// What is on no list; may be empty.
    pub text: String,
}

/// An exemption.
#[derive(Clone, Debug)]
pub struct Exemption {
    tenant: Tenant,
    sheet: ExemptionSheet,
    authority: AuthorityName,
}

impl Exemption {
    /// An exemption that is there.
    async fn find(office: &Office, caller: &Caller, id: ExemptionId) -> Result<Option<Self>> {
        let found = office.views.exemption(caller.tenant, id).await.map_err(|error| fault(&error))?;
        match found {
            Some(sheet) => Self::of(office, caller, sheet).await.map(Some),
            None => Ok(None),
        }
    }

    async fn of(office: &Office, caller: &Caller, sheet: ExemptionSheet) -> Result<Self> {
        let register = Register::of(office, caller.tenant).await?;
        let authority = register.named(&sheet.authority, caller.lang);
        Ok(Self { tenant: caller.tenant, sheet, authority })
    }

    fn stream(&self) -> StreamId {
        ExemptionAggregate::stream(self.tenant, self.sheet.id)
    }

    fn applicant(
        &self,
        ctx: &Context<'_>,
        pick: impl FnOnce(exemption::Applicant) -> Option<String>,
    ) -> Result<Option<Personal>> {
        Ok(match ctx.data::<Office>()?.open(&self.stream(), &self.sheet.applicant)? {
            Ok(applicant) => pick(applicant).map(Personal::open),
            Err(erased) => Some(Personal::Erased(erased)),
        })
    }
}

fn area(office: &Office, sheet: &ExemptionSheet, lang: Lang) -> Option<Topic> {
    sheet.area.topic().map(|topic| Topic::of(office, topic, lang))
}

/// An exemption.
#[Object]
impl Exemption {
    /// The id.
    pub(crate) async fn id(&self) -> ID {
        ID(self.sheet.id.to_string())
    }

    /// The revision of its newest event.
    async fn revision(&self) -> i64 {
        i64::try_from(self.sheet.revision).unwrap_or(i64::MAX)
    }

    /// Where it stands.
    async fn standing(&self) -> ExemptionStanding {
        self.sheet.standing.into()
    }

    /// Whom it is about.
    async fn subject_id(&self) -> ID {
        ID(self.sheet.subject.to_string())
    }

    /// The authority whose self-service it is about.
    async fn authority(&self) -> &AuthorityName {
        &self.authority
    }

    /// The self-service area; absent for all of that authority.
    async fn area(&self, ctx: &Context<'_>) -> Result<Option<Topic>> {
        Ok(area(ctx.data::<Office>()?, &self.sheet, Caller::of(ctx)?.lang))
    }

    /// The person's name.
    async fn name(&self, ctx: &Context<'_>) -> Result<Personal> {
        let name = self.applicant(ctx, |applicant| Some(applicant.name))?;
        Ok(name.unwrap_or_else(|| Personal::open("")))
    }

    /// Who asked for them, if they did not ask themselves.
    async fn through_name(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        self.applicant(ctx, |applicant| applicant.through.map(|other| other.name))
    }

    /// What that one is to the person.
    async fn through_relation(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        self.applicant(ctx, |applicant| applicant.through.map(|other| other.relation))
    }

    /// The grounds: those it rests on, or before that those that were given.
    async fn grounds(&self, ctx: &Context<'_>) -> Result<GroundsSeen> {
        let (office, lang) = (ctx.data::<Office>()?, Caller::of(ctx)?.lang);
        Ok(match office.open(&self.stream(), &self.sheet.grounds)? {
            Ok(grounds) => {
                let named = grounds.named.into_iter().map(|slug| ground(office, slug, lang)).collect();
                GroundsSeen::Grounds(ExemptionGrounds { named, text: grounds.text })
            }
            Err(erased) => GroundsSeen::Erased(erased),
        })
    }

    /// How it was asked for.
    async fn channel(&self) -> Channel {
        self.sheet.channel.into()
    }

    /// When it was asked for.
    async fn received(&self) -> Date {
        Date(self.sheet.received)
    }

    /// The inquiry that it was asked in.
    async fn inquiry_id(&self) -> Option<ID> {
        self.sheet.inquiry.map(|inquiry| ID(inquiry.to_string()))
    }

    /// Its first day, once it is given.
    async fn from(&self) -> Option<Date> {
        self.sheet.from.map(Date)
    }

    /// Its last day, if it has one.
    async fn until(&self) -> Option<Date> {
        self.sheet.until.map(Date)
    }

    /// From this day on it does not hold, because it is not wanted any more.
    async fn withdrawn_on(&self) -> Option<Date> {
        self.sheet.withdrawn_on.map(Date)
    }

    /// Why it was not given, or is not wanted any more.
    async fn reason(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        let reason = self.sheet.reason.as_ref();
        reason.map(|reason| ctx.data::<Office>()?.personal(&self.stream(), reason)).transpose()
    }

    /// Who decided.
    async fn decided_by(&self) -> Option<Actor> {
        self.sheet.decided_by.map(Actor)
    }

    /// When.
    async fn decided_at(&self) -> Option<DateTime> {
        self.sheet.decided_at.map(DateTime)
    }
}

/// A ground in words; one that is on the list no more is called by its short name.
fn ground(office: &Office, slug: String, lang: Lang) -> ExemptionGround {
    let known = office.registers.grounds.iter().find(|ground| ground.slug == slug);
    let text = known.map_or(slug.as_str(), |ground| lang.pick(&ground.text_da, &ground.text_en)).to_owned();
    ExemptionGround { slug, text }
}

/// Questions about exemptions.
#[derive(Default)]
pub struct ExemptionQuery;

#[Object]
impl ExemptionQuery {
    /// Exemptions, the oldest request first.
    #[graphql(complexity = "usize::try_from(first).unwrap_or(100) * child_complexity + 1")]
    async fn exemptions(
        &self,
        ctx: &Context<'_>,
        standing: Option<ExemptionStanding>,
        #[graphql(default = 50)] first: i32,
        after: Option<String>,
    ) -> Result<ExemptionConnection> {
        let caller = Caller::with(ctx, WORKERS).await?;
        let office = ctx.data::<Office>()?;
        let (after, first) = (cursor(after)?, page_size(first)?);
        let page = office.views.exemptions(caller.tenant, standing.map(Into::into), after, first).await;
        let page = page.map_err(|error| fault(&error))?;
        let register = Register::of(office, caller.tenant).await?;
        let page_info = PageInfo::of(&page);
        let edges = page.items.into_iter().map(|item| ExemptionEdge {
            cursor: item.cursor.to_string(),
            node: ExemptionRow {
                id: ID(item.row.id.to_string()),
                standing: item.row.standing.into(),
                authority: register.named(&item.row.authority, caller.lang),
                area: area(office, &item.row, caller.lang),
                received: Date(item.row.received),
                from: item.row.from.map(Date),
                until: item.row.until.map(Date),
            },
        });
        Ok(ExemptionConnection { edges: edges.collect(), page_info })
    }

    /// Opens an exemption. The look is logged.
    pub(crate) async fn exemption(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Exemption>> {
        let caller = Caller::with(ctx, WORKERS).await?;
        let Ok(id) = id.parse::<ExemptionId>() else { return Ok(None) };
        let office = ctx.data::<Office>()?;
        let Some(found) = Exemption::find(office, caller, id).await? else { return Ok(None) };
        let event = AccessEvent::ExemptionViewed(ExemptionViewed { exemption: id });
        access::viewed(office, caller, Purpose::CaseHandling, event).await?;
        Ok(Some(found))
    }

    /// The exemption that holds for somebody at an authority, in an area of it, on a day (today, if none is named);
    /// nothing when they must use the self-service. The look-up is logged.
    async fn exemption_holding(
        &self,
        ctx: &Context<'_>,
        subject: ID,
        authority: String,
        area: String,
        on: Option<Date>,
    ) -> Result<Option<Exemption>> {
        let caller = Caller::with(ctx, WORKERS).await?;
        let office = ctx.data::<Office>()?;
        let named =
            (subject.parse::<SubjectId>(), AuthoritySlug::try_new(&authority), TopicSlug::try_new(&area));
        let (Ok(subject), Some(authority), Some(area)) = named else {
            return Err(coded("subject, authority and area are needed as they were given", "BAD_LOOK_UP"));
        };
        let on = on.map_or_else(|| office.today(), |Date(on)| on);
        let found = office.views.holding_exemption(caller.tenant, subject, authority, area, on).await;
        let found = found.map_err(|error| fault(&error))?;
        // That somebody is not exempt is told as well.
        let event = AccessEvent::ExemptionLookedUp(ExemptionLookedUp { subject });
        access::viewed(office, caller, Purpose::CaseHandling, event).await?;
        match found {
            Some(sheet) => Exemption::of(office, caller, sheet).await.map(Some),
            None => Ok(None),
        }
    }

    /// The grounds that the law names as examples. What is on no list is written as text, and none need be named.
    async fn exemption_grounds(&self, ctx: &Context<'_>) -> Result<Vec<ExemptionGround>> {
        let (office, lang) = (ctx.data::<Office>()?, Caller::of(ctx)?.lang);
        let grounds = office.registers.grounds.iter();
        Ok(grounds.map(|known| ground(office, known.slug.clone(), lang)).collect())
    }
}
