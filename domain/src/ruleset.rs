//! Rules that a municipality's administrators have published: newer KLE lists, rule versions and templates of letters,
//! each in force from its date. One stream per municipality. What the program was shipped with holds until something newer does.
//!
//! A published version is never changed: a slip is put right by a newer version. None is in force from a day that has
//! passed, because what was decided on that day was decided under the rules it had.

mod refusal;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use refusal::RuleSetRefusal;

use crate::act::{By, Role};
use crate::codec;
use crate::id::{StreamId, Tenant};
use crate::sealed::{SealError, SealVisitor, Sealable};
use crate::upcast::{Evolving, Step};

/// The longest name of a version, in characters.
const LONGEST_NAME: usize = 64;

/// What a version is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// Guards, deadlines, closing days, complaints and access (a rule file, TOML).
    Rules,
    /// The KLE list with its retention classes (CSV).
    Kle,
    /// The template of one kind of letter in one language (Markdown).
    Letter,
}

/// An event of a municipality's rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each variant holds the struct of its name, which is documented")]
pub enum RuleSetEvent {
    RuleVersionPublished(RuleVersionPublished),
}

/// A version was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleVersionPublished {
    /// What it is of.
    pub part: Part,
    /// Its name.
    pub version: String,
    /// Which letter a template is for: its kind and language, as in `decision.da`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// The first day on which it is in force.
    pub valid_from: Date,
    /// The SHA-256 of its text, in hexadecimal.
    pub sha256: String,
    /// Its text, as it was handed in.
    pub text: String,
}

/// The versions that a municipality has published: the SHA-256 of each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleVersions(BTreeMap<(Part, String), String>);

/// A wish to publish a version, whose text was read and found to be without faults.
#[derive(Clone, Debug)]
pub struct PublishRules {
    /// The version.
    pub wish: RuleVersionPublished,
    /// Whether the program was shipped with a version of that name.
    pub shipped: bool,
    /// By whom, in which roles, and when.
    pub under: By,
}

impl RuleVersions {
    /// The stream of a municipality's rules.
    pub fn stream(tenant: Tenant) -> StreamId {
        StreamId::new(Self::TYPE, tenant, "published")
    }

    /// Tells what follows from a wish, or why nothing does.
    ///
    /// No events means that it is published already.
    pub fn decide(&self, command: PublishRules) -> Result<Vec<RuleSetEvent>, RuleSetRefusal> {
        let PublishRules { wish, shipped, under } = command;
        if !under.staff_with(Role::Administrator) && !under.is_system() {
            return Err(RuleSetRefusal::NotAllowed);
        }
        let version = wish.version.trim().to_owned();
        let wish = RuleVersionPublished { version, ..wish };
        if wish.version.is_empty() || wish.version.chars().count() > LONGEST_NAME {
            return Err(RuleSetRefusal::NoVersion);
        }
        match self.0.get(&(wish.part, wish.version.clone())) {
            Some(known) if *known == wish.sha256 => return Ok(Vec::new()),
            Some(_) => return Err(RuleSetRefusal::VersionTaken),
            None if shipped => return Err(RuleSetRefusal::VersionTaken),
            None => {}
        }
        if wish.valid_from < under.today() {
            return Err(RuleSetRefusal::InThePast);
        }
        Ok(vec![RuleSetEvent::RuleVersionPublished(wish)])
    }
}

impl Aggregate for RuleVersions {
    const TYPE: &'static str = "ruleset";
    type Command = PublishRules;
    type Event = RuleSetEvent;
    type Error = RuleSetRefusal;
    type Services = ();

    async fn handle(
        &mut self,
        command: PublishRules,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), RuleSetRefusal> {
        for event in self.decide(command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: RuleSetEvent) {
        match event {
            RuleSetEvent::RuleVersionPublished(published) => {
                self.0.insert((published.part, published.version), published.sha256);
            }
        }
    }
}

impl Sealable for RuleSetEvent {
    fn seals(&mut self, _: &mut SealVisitor<'_>) -> Result<(), SealError> {
        Ok(())
    }
}

impl Evolving for RuleSetEvent {
    const STEPS: &'static [Step] = &[];
}

impl cqrs_es::DomainEvent for RuleSetEvent {
    fn event_type(&self) -> String {
        codec::type_of(self).to_owned()
    }
    fn event_version(&self) -> String {
        self.version().to_string()
    }
}
