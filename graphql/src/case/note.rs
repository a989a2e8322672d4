//! Notes on a case: calls, steps and facts.

use async_graphql::{Context, Object, Result};
use skranke_domain::{Sealed, StreamId};

use crate::office::Office;
use crate::personal::Personal;
use crate::scalars::{CallDirection, DateTime};
use crate::staff::Actor;

/// What kind of note it is.
#[derive(async_graphql::Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "skranke_projections::NoteKind")]
pub enum NoteKind {
    Call,
    Step,
    Fact,
}

/// A note: a call, a step, or guidance that was given.
#[derive(Clone, Debug)]
pub struct Note {
    pub(crate) stream: StreamId,
    pub(crate) kind: NoteKind,
    pub(crate) direction: Option<CallDirection>,
    pub(crate) text: Sealed<String>,
    pub(crate) source: Option<Sealed<String>>,
    pub(crate) by: skranke_domain::Actor,
    pub(crate) at: jiff::Timestamp,
}

impl Note {
    pub(super) fn of(stream: StreamId, note: skranke_projections::Note) -> Self {
        let direction = note.direction.map(CallDirection::from);
        let skranke_projections::Note { kind, text, source, by, at, .. } = note;
        Self { stream, kind: kind.into(), direction, text, source, by, at }
    }
}

/// A note: a call, a step, or guidance that was given.
#[Object]
impl Note {
    /// What kind.
    async fn kind(&self) -> NoteKind {
        self.kind
    }

    /// Who called whom.
    async fn direction(&self) -> Option<CallDirection> {
        self.direction
    }

    /// What was said or done.
    async fn text(&self, ctx: &Context<'_>) -> Result<Personal> {
        ctx.data::<Office>()?.personal(&self.stream, &self.text)
    }

    /// Where a fact is from.
    async fn source(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        ctx.data::<Office>()?.personal_if_any(&self.stream, self.source.as_ref())
    }

    /// Who noted it.
    async fn by(&self) -> Actor {
        Actor(self.by)
    }

    /// When.
    async fn at(&self) -> DateTime {
        DateTime(self.at)
    }
}
