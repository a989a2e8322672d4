//! Dates that a rule gave, and reasons that somebody had: shown the same way wherever they stand.

use async_graphql::{Context, Object, Result};
use skranke_domain::StreamId;
use skranke_projections::Reasoned as ReasonedSheet;

use crate::caller::Caller;
use crate::office::Office;
use crate::personal::Personal;
use crate::scalars::{Counting, Date, DateTime};
use crate::staff::Actor;
use crate::words;

/// A date that a rule gave. It explains itself.
#[derive(Clone, Debug)]
pub struct Term(pub(crate) skranke_domain::rules::Term);

/// A date that a rule gave. It explains itself.
#[Object]
impl Term {
    /// The last day.
    async fn due(&self) -> Date {
        Date(self.0.due)
    }

    /// Days until then; negative when it has passed.
    async fn days_left(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok((self.0.due - ctx.data::<Office>()?.today()).get_days())
    }

    /// The day it is counted from, which does not count itself.
    async fn from(&self) -> Date {
        Date(self.0.from)
    }

    /// The rule it comes from.
    async fn rule(&self) -> &str {
        &self.0.rule
    }

    /// The version of the rule set.
    async fn rule_set(&self) -> &str {
        &self.0.rule_set
    }

    /// How they are counted.
    async fn counting(&self) -> Counting {
        self.0.counting.into()
    }

    /// Why it is this day, in words.
    async fn explanation(&self, ctx: &Context<'_>) -> Result<String> {
        let term = &self.0;
        Ok(words::term(term.from, term.days, term.counting, &term.rule_set, Caller::of(ctx)?.lang))
    }
}

/// Somebody did something for a reason.
#[derive(Clone, Debug)]
pub struct Reasoned {
    pub(crate) stream: StreamId,
    pub(crate) reasoned: ReasonedSheet,
}

/// Somebody did something for a reason.
#[Object]
impl Reasoned {
    /// Why.
    async fn reason(&self, ctx: &Context<'_>) -> Result<Personal> {
        ctx.data::<Office>()?.personal(&self.stream, &self.reasoned.reason)
    }

    /// Who did it.
    async fn by(&self) -> Actor {
        Actor(self.reasoned.by)
    }

    /// When.
    async fn at(&self) -> DateTime {
        DateTime(self.reasoned.at)
    }
}
