//! A decision and its draft, as the API shows them.

use async_graphql::{Context, Object, Result, SimpleObject};
use skranke_domain::case::FIRST_PARTY;
use skranke_domain::{Sealed, StreamId};
use skranke_projections::DecisionSheet;

use crate::office::Office;
use crate::personal::Personal;
use crate::scalars::{DateTime, Outcome};
use crate::staff::{self, Staff};

use super::document::{Correction, DecisionLetter};
use super::party::{PartyOutcome, outcomes};

/// Where, how and by when to complain (klagevejledning).
#[derive(SimpleObject, Clone, Debug)]
pub struct ComplaintGuidance {
    /// The body that decides the complaint.
    pub body: String,
    /// How to complain.
    pub how: String,
    /// By when.
    pub limit: String,
}

/// A decision, or the draft of one.
#[derive(Clone, Debug)]
pub struct Decision {
    pub(super) stream: StreamId,
    pub(super) sheet: DecisionSheet,
}

impl Decision {
    fn part(&self, ctx: &Context<'_>, part: Option<&Sealed<String>>) -> Result<Option<Personal>> {
        ctx.data::<Office>()?.personal_if_any(&self.stream, part)
    }
}

/// A decision, or the draft of one.
#[Object]
impl Decision {
    /// The version, from 1.
    async fn version(&self) -> u32 {
        self.sheet.version
    }

    /// Who wrote it.
    async fn author(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        staff::find(ctx, self.sheet.author).await
    }

    /// The outcome for whom the case was opened for.
    async fn outcome(&self) -> Option<Outcome> {
        self.sheet.outcome.map(Outcome::from)
    }

    /// The outcome for each party, as far as they are settled.
    async fn outcomes(&self) -> Vec<PartyOutcome> {
        outcomes(self.sheet.outcome, &self.sheet.others)
    }

    /// The letter.
    async fn text(&self, ctx: &Context<'_>) -> Result<Personal> {
        ctx.data::<Office>()?.personal(&self.stream, &self.sheet.text)
    }

    /// The legal basis.
    async fn legal_basis(&self) -> &str {
        &self.sheet.legal_basis
    }

    /// Grounds: the rules applied.
    async fn grounds_rules(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        self.part(ctx, self.sheet.grounds.rules.as_ref())
    }

    /// Grounds: the main considerations in a discretion.
    async fn grounds_discretion(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        self.part(ctx, self.sheet.grounds.discretion.as_ref())
    }

    /// Grounds: the decisive facts.
    async fn grounds_facts(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        self.part(ctx, self.sheet.grounds.facts.as_ref())
    }

    /// The complaint guidance.
    async fn complaint(&self) -> Option<ComplaintGuidance> {
        let guidance = self.sheet.complaint.clone()?;
        Some(ComplaintGuidance { body: guidance.body, how: guidance.how, limit: guidance.limit })
    }

    /// Whether it waits for approval, or has it.
    async fn submitted(&self) -> bool {
        self.sheet.submitted
    }

    /// Whether a colleague approved it.
    async fn approved(&self) -> bool {
        self.sheet.approved
    }

    /// Who approved it.
    async fn approved_by(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        match self.sheet.approved_by.and_then(|actor| actor.staff()) {
            Some(user) => staff::find(ctx, user).await,
            None => Ok(None),
        }
    }

    /// What must change, if a colleague sent it back.
    async fn returned_reason(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        self.part(ctx, self.sheet.returned_reason.as_ref())
    }

    /// When it was made.
    async fn made_at(&self) -> Option<DateTime> {
        self.sheet.made_at.map(DateTime)
    }

    /// When it was sent.
    async fn sent_at(&self) -> Option<DateTime> {
        self.sheet.sent_at.map(DateTime)
    }

    /// The first party's letter that was approved: these bytes are sent, and no others.
    async fn letter(&self) -> Option<DecisionLetter> {
        self.sheet.letter.as_ref().map(|letter| DecisionLetter::of(FIRST_PARTY, letter))
    }

    /// The letter to each party that was approved, in the order of the parties.
    async fn letters(&self) -> Vec<DecisionLetter> {
        let first = self.sheet.letter.iter().map(|letter| DecisionLetter::of(FIRST_PARTY, letter));
        let others = self.sheet.letters.iter().map(|other| DecisionLetter::of(other.party, &other.letter));
        first.chain(others).collect()
    }

    /// What was corrected after it was sent, oldest first.
    async fn corrections(&self) -> Vec<Correction> {
        let corrections = self.sheet.corrections.iter().cloned();
        corrections.map(|correction| Correction { stream: self.stream.clone(), correction }).collect()
    }

    /// Why it was revoked, if it was.
    async fn revoked_reason(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        self.part(ctx, self.sheet.revoked_reason.as_ref())
    }
}
