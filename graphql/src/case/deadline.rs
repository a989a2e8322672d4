//! Deadlines as the API shows them: the day, and how it came about, step by step.

mod mutation;

use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use jiff::civil;
use skranke_domain::calendar::DayOff;
use skranke_domain::case::{Deadline as CaseDeadline, DeadlineEnd};
use skranke_domain::deadline::{Reckoning, Step, Why};
use skranke_domain::{Lang, StreamId};
use skranke_projections::{CaseSheet, RequestSheet};

use crate::caller::Caller;
use crate::office::Office;
use crate::personal::Personal;
use crate::scalars::{Counting, Date, DateTime, DeadlineKind, WaitingFor};
use crate::staff::Actor;
use crate::words;

pub use mutation::DeadlineMutation;

/// How a deadline stands.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeadlineState {
    /// It runs.
    Running,
    /// It does not run while somebody is waited for.
    Suspended,
    /// What it was for was done in time.
    Met,
    /// Its last day passed.
    Missed,
}

/// What a step is about.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeadlineStepKind {
    /// The rule it begins with.
    Rule,
    /// It was extended.
    Extension,
    /// It was suspended.
    Pause,
    /// Saturdays and Sundays.
    Weekend,
    /// A public holiday.
    Holiday,
    /// A day on which the authority is closed.
    ClosingDay,
}

/// A step from the rule to the date.
#[derive(SimpleObject, Clone, Debug)]
pub struct DeadlineStep {
    /// What it is about.
    pub kind: DeadlineStepKind,
    /// The first day, where it is about days.
    pub from: Option<Date>,
    /// The last day, where it is about days.
    pub to: Option<Date>,
    /// How many days it gives or takes.
    pub days: i32,
    /// The step in words.
    pub text: String,
}

/// A time in which the deadline did not run (berostillelse).
#[derive(SimpleObject, Clone, Debug)]
pub struct DeadlinePause {
    /// The first day that does not count.
    pub from: Date,
    /// The first day that counts again; absent while it lasts.
    pub until: Option<Date>,
    /// How many days, up to today while it lasts.
    pub days: i32,
    /// Who is waited for.
    pub waiting_for: WaitingFor,
    /// Why.
    pub reason: Personal,
    /// Who noted it.
    pub by: Actor,
    /// When.
    pub at: DateTime,
}

/// An extension of a deadline (forlængelse).
#[derive(SimpleObject, Clone, Debug)]
pub struct DeadlineExtension {
    /// By how many days.
    pub days: u32,
    /// Why.
    pub reason: Personal,
    /// Who did it.
    pub by: Actor,
    /// When.
    pub at: DateTime,
}

/// What the citizen was told about a delay.
#[derive(SimpleObject, Clone, Debug)]
pub struct DelayNotice {
    /// When a decision can be expected.
    pub expected: Date,
    /// Why it takes longer.
    pub reason: Personal,
    /// Who sent it.
    pub by: Actor,
    /// When.
    pub at: DateTime,
}

/// A deadline explains itself.
#[derive(SimpleObject, Clone, Debug)]
pub struct Deadline {
    /// Which deadline.
    pub kind: DeadlineKind,
    /// How it stands.
    pub state: DeadlineState,
    /// The last day; of a suspended one, as if it ran again today.
    pub due: Date,
    /// Days until then; negative when it has passed.
    pub days_left: i32,
    /// The rule it comes from.
    pub rule: String,
    /// The version of the rule set.
    pub rule_set: String,
    /// Where the rule comes from, as lawyers cite it.
    pub source: String,
    /// The day it counts from.
    pub from: Date,
    /// How many days the rule gives.
    pub days: i32,
    /// How they are counted.
    pub counting: Counting,
    /// Why it is this day, in words.
    pub explanation: String,
    /// Why it is this day, step by step: the rule, its extensions, then what lost days, in the order of the days.
    pub steps: Vec<DeadlineStep>,
    /// The times in which it did not run, oldest first.
    pub pauses: Vec<DeadlinePause>,
    /// Its extensions, oldest first.
    pub extensions: Vec<DeadlineExtension>,
    /// What the citizen was told about a delay, oldest first.
    pub notices: Vec<DelayNotice>,
}

impl Deadline {
    /// Every deadline of a case, in the order of their kinds.
    pub(super) fn all(ctx: &Context<'_>, sheet: &CaseSheet, stream: &StreamId) -> Result<Vec<Self>> {
        sheet.file.deadlines.values().map(|one| Self::of(ctx, sheet, one, stream)).collect()
    }

    fn of(ctx: &Context<'_>, sheet: &CaseSheet, one: &CaseDeadline, stream: &StreamId) -> Result<Self> {
        let (office, lang) = (ctx.data::<Office>()?, Caller::of(ctx)?.lang);
        let today = office.today();
        let told = one.reckon(today);
        let steps = steps(one, &told, lang);
        // Weekends are in the steps; in the sentence the rule's own words stand for them.
        let said = steps.iter().filter(|step| step.kind != DeadlineStepKind::Weekend);
        let explanation = said.map(|step| step.text.as_str()).collect::<Vec<_>>().join(" ");
        let (mut pauses, mut extensions, mut notices) = (Vec::new(), Vec::new(), Vec::new());
        // What can be done with a deadline is done with the one for the decision.
        if one.set.kind == skranke_domain::deadline::DeadlineKind::CaseHandling {
            for pause in &sheet.deadline.pauses {
                pauses.push(DeadlinePause {
                    from: Date(pause.from),
                    until: pause.until.map(Date),
                    days: (pause.until.unwrap_or(today) - pause.from).get_days(),
                    waiting_for: pause.waiting_for.into(),
                    reason: office.personal(stream, &pause.reason)?,
                    by: Actor(pause.by),
                    at: DateTime(pause.at),
                });
            }
            for extension in &sheet.deadline.extensions {
                extensions.push(DeadlineExtension {
                    days: extension.days,
                    reason: office.personal(stream, &extension.reason)?,
                    by: Actor(extension.by),
                    at: DateTime(extension.at),
                });
            }
            for notice in &sheet.deadline.notices {
                notices.push(DelayNotice {
                    expected: Date(notice.expected),
                    reason: office.personal(stream, &notice.reason)?,
                    by: Actor(notice.by),
                    at: DateTime(notice.at),
                });
            }
        }
        Ok(Self {
            kind: one.set.kind.into(),
            state: match (one.end, one.pause()) {
                (Some(DeadlineEnd::Met), _) => DeadlineState::Met,
                (Some(DeadlineEnd::Missed), _) => DeadlineState::Missed,
                (None, Some(_)) => DeadlineState::Suspended,
                (None, None) => DeadlineState::Running,
            },
            due: Date(told.due),
            days_left: (told.due - today).get_days(),
            rule: one.set.rule.clone(),
            rule_set: one.set.rule_set.clone(),
            source: one.set.source.clone(),
            from: Date(one.from),
            days: i32::try_from(one.set.days).unwrap_or(i32::MAX),
            counting: one.set.counting.into(),
            explanation,
            steps,
            pauses,
            extensions,
            notices,
        })
    }
}

fn steps(one: &CaseDeadline, told: &Reckoning, lang: Lang) -> Vec<DeadlineStep> {
    let given = |kind, days: u32, text| DeadlineStep {
        kind,
        from: None,
        to: None,
        days: i32::try_from(days).unwrap_or(i32::MAX),
        text,
    };
    let rule = given(DeadlineStepKind::Rule, one.set.days, words::deadline::rule(one, lang));
    let extensions = one
        .extensions
        .iter()
        .map(|days| given(DeadlineStepKind::Extension, *days, words::deadline::extension(*days, lang)));
    let lost = told.steps.iter().map(|step| lost(step, lang));
    std::iter::once(rule).chain(extensions).chain(lost).collect()
}

fn lost(step: &Step, lang: Lang) -> DeadlineStep {
    let kind = match step.why {
        Why::Paused(_) => DeadlineStepKind::Pause,
        Why::Off(DayOff::Weekend) => DeadlineStepKind::Weekend,
        Why::Off(DayOff::Holiday(_)) => DeadlineStepKind::Holiday,
        Why::Off(DayOff::Closing) => DeadlineStepKind::ClosingDay,
    };
    let day = |day: civil::Date| Some(Date(day));
    let text = words::deadline::step(step, lang);
    DeadlineStep { kind, from: day(step.from), to: day(step.to), days: step.days(), text }
}

/// What was asked of somebody outside (indhentning af oplysninger).
#[derive(Clone, Debug)]
pub struct InformationRequest {
    pub(super) stream: StreamId,
    pub(super) sheet: RequestSheet,
}

/// What was asked of somebody outside (indhentning af oplysninger).
#[Object]
impl InformationRequest {
    /// Its number in the case.
    async fn number(&self) -> u32 {
        self.sheet.number
    }

    /// Who was asked.
    async fn waiting_for(&self) -> WaitingFor {
        self.sheet.of.into()
    }

    /// What for.
    async fn what(&self, ctx: &Context<'_>) -> Result<Personal> {
        ctx.data::<Office>()?.personal(&self.stream, &self.sheet.what)
    }

    /// By when an answer is asked for.
    async fn reply_by(&self) -> Option<Date> {
        self.sheet.reply_by.map(Date)
    }

    /// Who asked.
    async fn by(&self) -> Actor {
        Actor(self.sheet.by)
    }

    /// When.
    async fn at(&self) -> DateTime {
        DateTime(self.sheet.at)
    }

    /// When the answer came; absent while it is waited for.
    async fn received_at(&self) -> Option<DateTime> {
        self.sheet.answer.as_ref().map(|answer| DateTime(answer.at))
    }

    /// What came, in a few words.
    async fn received(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        let what = self.sheet.answer.as_ref().and_then(|answer| answer.what.as_ref());
        ctx.data::<Office>()?.personal_if_any(&self.stream, what)
    }
}
