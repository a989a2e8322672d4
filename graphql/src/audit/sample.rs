//! Samples: drawn by a seed, listed with the cases that were drawn, and drawn again from the log.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use skranke_domain::Purpose;
use skranke_domain::access_log::{AccessEvent, AuditRead};
use skranke_domain::engagement::sample::{draw, frame_hash};
use skranke_domain::engagement::{
    self, Draw, Engagement, EngagementAct, EngagementEvent, EngagementRefusal, Frame, SampleDrawn, Scope,
    Seed,
};
use skranke_domain::kle::KleNumber;
use skranke_projections::{FrameError, SampleRow, frame_as_of};
use skranke_store::Position as LogPosition;
use uuid::Uuid;

use crate::access;
use crate::caller::{AUDITORS, Caller, coded, fault, newer, not_loaded};
use crate::case::{CaseRow, Sent, derived};
use crate::connection::{CaseConnection, CaseEdge, PageInfo, connection, cursor, page_size};
use crate::office::Office;
use crate::payload::{inputs, payloads};
use crate::reach;
use crate::scalars::{Date, DateTime, Position, mirrored};
use crate::staff::Actor;

use super::engagement::{Within, engagement_id, numbered, refused};

mirrored! {
    /// The day of a case by which a frame takes it in. Taking a case up again clears none of them.
    FrameDay = engagement::FrameDay { Received, Decided, Closed }
}

connection! {
    /// A page of samples.
    SampleConnection, SampleEdge, Sample
}

/// What a sample is drawn from, within the scope of the engagement.
#[derive(SimpleObject, Clone, Debug)]
pub struct SampleFrame {
    /// Which day of a case counts.
    pub day: FrameDay,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub until: Date,
    /// Only this subject of the KLE and what lies under it.
    pub kle: Option<String>,
}

/// A sample of cases (stikprøve), with everything that is needed to draw it again.
#[derive(Clone, Debug)]
pub struct Sample(SampleRow);

/// A sample of cases (stikprøve), with everything that is needed to draw it again.
#[Object]
impl Sample {
    /// The id.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The engagement.
    async fn engagement_id(&self) -> ID {
        ID(self.0.engagement.to_string())
    }

    /// Which of its samples, counted from 1.
    async fn number(&self) -> u32 {
        self.0.drawn.sample
    }

    /// What decided the draw: a whole number below 2^64, in decimal.
    async fn seed(&self) -> String {
        self.0.drawn.seed.to_string()
    }

    /// What it was drawn from.
    async fn frame(&self) -> SampleFrame {
        let frame = &self.0.drawn.frame;
        SampleFrame {
            day: frame.day.into(),
            from: Date(frame.from),
            until: Date(frame.until),
            kle: frame.kle.as_ref().map(ToString::to_string),
        }
    }

    /// The frame is what the log told up to here.
    async fn position(&self) -> Position {
        Position(LogPosition(self.0.drawn.position))
    }

    /// How many cases lay in the frame.
    async fn frame_size(&self) -> u64 {
        self.0.drawn.size
    }

    /// What the frame is known by: the SHA-256 over its ids in order, each with a line feed.
    async fn frame_sha256(&self) -> &str {
        &self.0.drawn.frame_sha256
    }

    /// How many cases were asked for.
    async fn size(&self) -> u32 {
        self.0.drawn.n
    }

    /// The cases that were drawn, in the order of the draw.
    async fn case_ids(&self) -> Vec<ID> {
        self.0.drawn.cases.iter().map(|case| ID(case.to_string())).collect()
    }

    /// Who drew it.
    async fn drawn_by(&self) -> Actor {
        Actor(self.0.by)
    }

    /// When.
    async fn drawn_at(&self) -> DateTime {
        DateTime(self.0.at)
    }
}

impl Sample {
    /// The sample that has this id, for whoever may list it. The look is logged.
    pub(crate) async fn find(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        let (office, caller) = (ctx.data::<Office>()?, Caller::with(ctx, AUDITORS).await?);
        let found = office.views.sample_by_id(caller.tenant, id).await.map_err(|error| fault(&error))?;
        let Some(found) = found else { return Ok(None) };
        reach::audited_engagement(office, caller, found.engagement, ctx.field().name()).await?;
        read(office, caller).await?;
        Ok(Some(Self(found)))
    }
}

/// A sample that was drawn again from the log alone.
#[derive(SimpleObject, Clone, Debug)]
pub struct Redraw {
    /// Whether frame and sample are what was recorded.
    pub same: bool,
    /// How many cases lie in the frame.
    pub frame_size: u64,
    /// What the frame is known by.
    pub frame_sha256: String,
    /// The cases that are drawn, in the order of the draw.
    pub case_ids: Vec<ID>,
}

/// Questions about samples. Each is logged.
#[derive(Default)]
pub struct SampleQuery;

#[Object]
impl SampleQuery {
    /// The samples of an engagement, the first one first: for its auditor, and for another who may read all of its cases.
    #[graphql(complexity = "usize::try_from(first).unwrap_or(100) * child_complexity + 1")]
    async fn samples(
        &self,
        ctx: &Context<'_>,
        engagement_id: ID,
        first: i32,
        after: Option<String>,
    ) -> Result<SampleConnection> {
        let (office, caller) = (ctx.data::<Office>()?, Caller::with(ctx, AUDITORS).await?);
        let id = self::engagement_id(&engagement_id);
        reach::audited_engagement(office, caller, id, ctx.field().name()).await?;
        let page = office.views.samples(caller.tenant, id, cursor(after)?, page_size(first)?).await;
        let page = page.map_err(|error| fault(&error))?;
        read(office, caller).await?;
        let page_info = PageInfo::of(&page);
        let edges = page.items.into_iter();
        let edges = edges.map(|item| SampleEdge { cursor: item.cursor.to_string(), node: Sample(item.row) });
        Ok(SampleConnection { edges: edges.collect(), page_info })
    }

    /// The cases of a sample, in the order of the draw.
    #[graphql(complexity = "usize::try_from(first).unwrap_or(100) * child_complexity + 1")]
    async fn sample_cases(
        &self,
        ctx: &Context<'_>,
        engagement_id: ID,
        sample: i32,
        first: i32,
        after: Option<String>,
    ) -> Result<CaseConnection> {
        let (office, caller) = (ctx.data::<Office>()?, Caller::with(ctx, AUDITORS).await?);
        let id = self::engagement_id(&engagement_id);
        reach::audited_engagement(office, caller, id, ctx.field().name()).await?;
        let size = page_size(first)?;
        // Which of the draw, counted from 1: a draw never changes.
        let bad = |_| coded("after is not a cursor of this list", "BAD_CURSOR");
        let behind = after.map(|text| text.parse::<usize>()).transpose().map_err(bad)?.unwrap_or(0);
        let found = office.views.sample(caller.tenant, id, numbered(sample)).await;
        let cases = found.map_err(|error| fault(&error))?.map(|row| row.drawn.cases).unwrap_or_default();
        let wanted: Vec<_> = cases.iter().skip(behind).take(size).copied().collect();
        let rows =
            office.views.work_rows(caller.tenant, wanted.clone()).await.map_err(|error| fault(&error))?;
        read(office, caller).await?;
        let mut edges = Vec::new();
        for (place, case) in wanted.iter().enumerate() {
            let Some(row) = rows.iter().find(|row| row.id == *case).cloned() else { continue };
            let cursor = (behind + place + 1).to_string();
            edges.push(CaseEdge { cursor, node: CaseRow { tenant: caller.tenant, row } });
        }
        let page_info = PageInfo {
            has_previous_page: behind > 0,
            has_next_page: behind.saturating_add(size) < cases.len(),
            start_cursor: edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: edges.last().map(|edge| edge.cursor.clone()),
        };
        Ok(CaseConnection { edges, page_info, total_count: cases.len() as u64 })
    }

    /// Draws a sample again, from the log alone and up to the place that stands in the sample, and tells whether it is the
    /// same. Reads every event of the municipality's cases up to there.
    async fn sample_redraw(
        &self,
        ctx: &Context<'_>,
        engagement_id: ID,
        sample: i32,
    ) -> Result<Option<Redraw>> {
        let (office, caller) = (ctx.data::<Office>()?, Caller::with(ctx, AUDITORS).await?);
        let id = self::engagement_id(&engagement_id);
        reach::audited_engagement(office, caller, id, ctx.field().name()).await?;
        let (mut scope, mut drawn) = (Scope::default(), None);
        let stream = Engagement::stream(caller.tenant, id);
        let told = office.desk.history(&stream, |event: EngagementEvent, _| match event {
            EngagementEvent::EngagementOpened(opened) => scope = opened.scope,
            EngagementEvent::SampleDrawn(one) if one.sample == numbered(sample) => drawn = Some(one),
            EngagementEvent::SampleDrawn(_)
            | EngagementEvent::EngagementEnded(_)
            | EngagementEvent::FindingRecorded(_)
            | EngagementEvent::FindingAnswered(_) => {}
        });
        told.await.map_err(|error| not_loaded(&error, caller.lang))?;
        read(office, caller).await?;
        let Some(drawn) = drawn else { return Ok(None) };
        again(office, caller, &scope, &drawn).await.map(Some)
    }
}

/// The draw once more, from the log.
async fn again(office: &Office, caller: &Caller, scope: &Scope, drawn: &SampleDrawn) -> Result<Redraw> {
    let (log, position) = (office.desk.log().as_ref(), LogPosition(drawn.position));
    let frame = frame_as_of(log, caller.tenant, scope, &drawn.frame, position).await;
    let frame = frame.map_err(|error| match error {
        FrameError::Newer(event) => newer(&event, caller.lang),
        error => fault(&error),
    })?;
    let (size, hash) = (frame.len() as u64, frame_hash(&frame));
    let cases = draw(drawn.seed, &frame, drawn.n as usize);
    Ok(Redraw {
        same: size == drawn.size && hash == drawn.frame_sha256 && cases == drawn.cases,
        frame_size: size,
        frame_sha256: hash,
        case_ids: cases.iter().map(|case| ID(case.to_string())).collect(),
    })
}

async fn read(office: &Office, caller: &Caller) -> Result<()> {
    access::viewed(office, caller, Purpose::Audit, AccessEvent::AuditRead(AuditRead { case: None })).await
}

/// The act was carried out.
#[derive(SimpleObject, Clone, Debug)]
pub struct SampleChanged {
    /// The sample.
    pub sample: Sample,
    /// The revision of the engagement's newest event.
    pub revision: i64,
    /// The place of that event in the log.
    pub position: Position,
    /// Whether the read model has come this far.
    pub caught_up: bool,
}

payloads! { SampleChanged:
    /// What came of drawing a sample.
    SampleDrawPayload,
}

/// What to draw from, within the scope of the engagement.
#[derive(InputObject)]
pub struct SampleFrameInput {
    /// Which day of a case counts.
    pub day: FrameDay,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub until: Date,
    /// Only this subject of the KLE and what lies under it: `32`, `32.03` or `32.03.08`.
    pub kle: Option<String>,
}

inputs! { engagement_id "The engagement.":
    /// Draw a sample.
    SampleDrawInput {
        /// What to draw from.
        frame: SampleFrameInput,
        /// How many cases, 1 to 500; all of the frame where there are not so many.
        size: i32,
        /// A whole number below 2^64 in decimal; without one it follows from the key of this request.
        seed: Option<String>,
    }
}

/// Acts on samples.
#[derive(Default)]
pub struct SampleMutation;

#[Object]
impl SampleMutation {
    /// Draw a sample of the cases of an engagement (udtræk stikprøve), as its auditor.
    async fn sample_draw(&self, ctx: &Context<'_>, input: SampleDrawInput) -> Result<SampleDrawPayload> {
        let sent = Sent { key: input.idempotency_key, expected: input.expected_version };
        let within = Within::load(ctx, &input.engagement_id, sent, Purpose::Audit).await?;
        let Within { office, caller, .. } = within;
        let Some(seed) = input.seed.map_or_else(
            || Some(Seed(derived(&within.act, "sample").as_u64_pair().0)),
            |text| text.trim().parse().ok(),
        ) else {
            return refused(ctx, EngagementRefusal::BadSeed).await.map(Into::into);
        };
        let kle = input.frame.kle.map(|text| KleNumber::try_new(text.trim()).ok_or(()));
        let Ok(kle) = kle.transpose() else {
            return refused(ctx, EngagementRefusal::BadKle).await.map(Into::into);
        };
        let frame =
            Frame { day: input.frame.day.into(), from: input.frame.from.0, until: input.frame.until.0, kle };
        // For anybody else the rules refuse before they look at what there is to draw from.
        let (position, cases) = match within.own() {
            Some(file) => office.views.frame(caller.tenant, file.scope.clone(), frame.clone()).await,
            None => Ok(Default::default()),
        }
        .map_err(|error| fault(&error))?;
        let wish = Draw { seed, frame, n: numbered(input.size), position: position.0, cases };
        let done = async |event, receipt: skranke_store::Receipt| {
            let caught_up = office.views.wait_for(receipt.position, office.patience).await;
            let lag = || coded("the sample was drawn, but the views lag: read again", "VIEWS_LAG");
            let Some(EngagementEvent::SampleDrawn(drawn)) = event else { return Err(lag()) };
            let sample = office.views.sample(caller.tenant, within.id, drawn.sample).await;
            let sample = sample.map_err(|error| fault(&error))?.map(Sample).ok_or_else(lag)?;
            let revision = receipt.revision.and_then(|number| i64::try_from(number).ok()).unwrap_or(i64::MAX);
            Ok(SampleChanged { sample, revision, position: Position(receipt.position), caught_up })
        };
        within.perform(ctx, EngagementAct::Draw(wish), None, done).await.map(Into::into)
    }
}
