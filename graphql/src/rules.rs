//! Versions of the rules: what administrators have published, and publishing (which a file comes in for, over HTTP).

use async_graphql::{Context, Object, Result, SimpleObject};
use skranke_domain::ruleset::{Part, PublishRules, RuleSetRefusal, RuleVersionPublished, RuleVersions};
use skranke_domain::{Act, By, Refusal, Role};
use skranke_projections::RuleVersionRow;
use skranke_store::{Failure, LoadError, Receipt};

use crate::access;
use crate::caller::{Caller, fault};
use crate::office::Office;
use crate::reach;
use crate::scalars::{Date, DateTime, mirrored};
use crate::staff::Actor;

/// What the access log calls an attempt to publish.
const ATTEMPT: &str = "ruleVersionPublish";

/// Those who may see what was published.
const READERS: &[Role] = &[Role::TeamLead, Role::Auditor, Role::Administrator];

mirrored! {
    /// What a version of the rules is of.
    RulePart = Part { Rules, Kle, Letter }
}

/// A version of the rules that an administrator published.
#[derive(SimpleObject, Clone, Debug)]
pub struct RuleVersion {
    /// What it is of.
    pub part: RulePart,
    /// Its name.
    pub version: String,
    /// Which letter a template is for, as in `decision.da`.
    pub template: Option<String>,
    /// The first day on which it is in force.
    pub valid_from: Date,
    /// The SHA-256 of its text, in hexadecimal.
    pub sha256: String,
    /// When it was published.
    pub published_at: DateTime,
    /// By whom.
    pub published_by: Actor,
    /// Whether it is what holds today.
    pub in_force: bool,
}

/// Questions about the rules.
#[derive(Default)]
pub struct RuleQuery;

#[Object]
impl RuleQuery {
    /// The versions of the rules that were published in the municipality, the newest first. What the program was shipped
    /// with holds until one of them does.
    async fn rule_versions(&self, ctx: &Context<'_>) -> Result<Vec<RuleVersion>> {
        let (office, caller) = (ctx.data::<Office>()?, Caller::with(ctx, READERS).await?);
        let rows = office.views.rule_versions(caller.tenant).await.map_err(|error| fault(&error))?;
        let today = office.today();
        let rules = office.rules_today(caller.tenant);
        let newest = |part, template: &Option<String>| {
            let alike = |row: &&RuleVersionRow| row.part == part && row.template == *template;
            let begun = rows.iter().filter(alike).filter(|row| row.valid_from <= today);
            // The newest of those that begin on the latest day: the rows come newest first.
            begun.rev().max_by_key(|row| row.valid_from).map(|row| &row.version)
        };
        let shown = rows.iter().map(|row| RuleVersion {
            in_force: match row.part {
                Part::Rules => row.version == rules.version,
                Part::Kle | Part::Letter => newest(row.part, &row.template) == Some(&row.version),
            },
            part: row.part.into(),
            version: row.version.clone(),
            template: row.template.clone(),
            valid_from: Date(row.valid_from),
            sha256: row.sha256.clone(),
            published_at: DateTime(row.at),
            published_by: Actor(row.by),
        });
        Ok(shown.collect())
    }
}

/// Why something was not published.
#[derive(Debug, thiserror::Error)]
pub enum NotPublished<R: std::error::Error + 'static> {
    /// A rule said no.
    #[error(transparent)]
    Refused(R),
    /// Somebody else was faster.
    #[error("somebody else was faster")]
    Conflict,
    /// The house is broken.
    #[error("it was not published")]
    Fault(#[source] Box<Failure<R>>),
}

impl<R: std::error::Error + 'static> From<LoadError> for NotPublished<R> {
    fn from(error: LoadError) -> Self {
        Self::Fault(Box::new(error.into()))
    }
}

/// Whether the caller may publish at all; a refused attempt is noted.
pub async fn may_publish(office: &Office, caller: &Caller) -> Result<(), NotPublished<RuleSetRefusal>> {
    administers(office, caller, RuleSetRefusal::NotAllowed, ATTEMPT).await
}

/// Whether the caller administers, from their stream. A refused attempt is noted.
pub(crate) async fn administers<R: Refusal + 'static>(
    office: &Office,
    caller: &Caller,
    refusal: R,
    attempt: &str,
) -> Result<(), NotPublished<R>> {
    let act = caller.act(office, None);
    if reach::roles(office, &act).await?.has(Role::Administrator) {
        return Ok(());
    }
    access::refused(office, caller, attempt, refusal.code(), None).await;
    Err(NotPublished::Refused(refusal))
}

/// Publishes a version whose text was read and found to be without faults. A refusal is noted in the access log.
pub async fn publish_rules(
    office: &Office,
    caller: &Caller,
    wish: RuleVersionPublished,
    shipped: bool,
    key: String,
) -> Result<Receipt, NotPublished<RuleSetRefusal>> {
    let mut act = Act { idempotency: Some(key), ..caller.act(office, None) };
    act.roles = reach::roles(office, &act).await?;
    let command = PublishRules { wish, shipped, under: By::of(&act) };
    let stream = RuleVersions::stream(caller.tenant);
    let done = office.desk.execute::<RuleVersions>(&stream, command, &act).await;
    published(office, caller, done, ATTEMPT).await
}

/// Waits until the views have what was published. A refusal is noted in the access log.
pub(crate) async fn published<R: Refusal + 'static>(
    office: &Office,
    caller: &Caller,
    done: Result<Receipt, Failure<R>>,
    attempt: &str,
) -> Result<Receipt, NotPublished<R>> {
    match done {
        Ok(receipt) => {
            office.views.wait_for(receipt.position, office.patience).await;
            Ok(receipt)
        }
        Err(Failure::Refused(refusal)) => {
            access::refused(office, caller, attempt, refusal.code(), None).await;
            Err(NotPublished::Refused(refusal))
        }
        Err(Failure::Conflict { .. }) => Err(NotPublished::Conflict),
        Err(failure) => Err(NotPublished::Fault(Box::new(failure))),
    }
}
