//! An article of the knowledge base (videnartikel) in one language: what editors have published of it, and whether it
//! still answers. One stream per article and language, under the shared counter, because every municipality's citizens
//! are answered from the same articles.
//!
//! Invariants:
//! - A version is one text: its number is never given to another.
//! - What was published stands in the log to the byte, so every node answers with it after any restart, and an auditor
//!   reads what a citizen was told.
//! - Where nothing was published, the content files hold. An article that was withdrawn never answers.

mod event;
mod refusal;
#[cfg(test)]
mod tests;

use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use event::{ArticlePublished, ArticleWithdrawn, KnowledgeEvent, WithdrawnBecause};
pub use refusal::KnowledgeRefusal;

use crate::Lang;
use crate::act::{By, Role};
use crate::conversation::TopicSlug;
use crate::id::{StreamId, Tenant};

/// Which text of an article: its version and the SHA-256 of its file, in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edition {
    /// The version, from 1.
    pub version: u32,
    /// The SHA-256 of the file's bytes.
    pub hash: String,
}

/// What editors have said of an article.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Knowledge {
    /// Nothing: the content files hold.
    #[default]
    Unsaid,
    /// This edition answers.
    Published(Edition),
    /// It answers no more; this was the last edition that did.
    Withdrawn(Edition),
}

/// A wish about an article.
#[derive(Clone, Debug)]
pub struct KnowledgeCommand {
    /// What is wished.
    pub act: KnowledgeAct,
    /// The edition that the content files bring, if they have the article.
    pub shipped: Option<Edition>,
    /// The municipality whose editor wishes it.
    pub municipality: Tenant,
    /// By whom, in which roles, and when.
    pub under: By,
    /// Whether it comes with a service account's token that an administrator gave for this.
    pub by_token: bool,
}

/// What can be wished.
#[derive(Clone, Debug)]
pub enum KnowledgeAct {
    /// Answer with this text from now on. It was read and found to be without faults.
    Publish(Box<Manuscript>),
    /// Answer with it no more.
    Withdraw {
        /// Which article.
        slug: TopicSlug,
        /// In which language.
        language: Lang,
        /// Why.
        because: WithdrawnBecause,
    },
}

/// A text that is to be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manuscript {
    /// Its topic.
    pub slug: TopicSlug,
    /// Whether the knowledge base has such a topic.
    pub known_topic: bool,
    /// Its language.
    pub language: Lang,
    /// Its version and hash.
    pub edition: Edition,
    /// When it was last reviewed.
    pub reviewed: Date,
    /// From this date on it no longer answers.
    pub review_before: Date,
    /// The file, front matter and all.
    pub text: String,
}

impl Knowledge {
    /// The stream of an article in one language.
    pub fn stream(slug: &TopicSlug, language: Lang) -> StreamId {
        StreamId::new(Self::TYPE, Tenant::COUNTER, format_args!("{}.{}", slug.as_str(), language.tag()))
    }

    /// Tells what follows from `command`, or why nothing does.
    ///
    /// No events means that it is so already.
    pub fn decide(&self, command: KnowledgeCommand) -> Result<Vec<KnowledgeEvent>, KnowledgeRefusal> {
        let KnowledgeCommand { act, shipped, municipality, under, by_token } = command;
        if !under.staff_with(Role::Administrator) && !under.is_system() && !by_token {
            return Err(KnowledgeRefusal::NotAllowed);
        }
        match act {
            KnowledgeAct::Publish(manuscript) => {
                self.publish(*manuscript, shipped.as_ref(), municipality, under)
            }
            KnowledgeAct::Withdraw { slug, language, because } => {
                let last = match self {
                    Self::Withdrawn(_) => return Ok(Vec::new()),
                    Self::Published(edition) => edition.clone(),
                    Self::Unsaid => shipped.ok_or(KnowledgeRefusal::NotFound)?,
                };
                let Edition { version, hash } = last;
                let withdrawn = ArticleWithdrawn { slug, version, language, hash, because, municipality };
                Ok(vec![KnowledgeEvent::ArticleWithdrawn(withdrawn)])
            }
        }
    }

    fn publish(
        &self,
        manuscript: Manuscript,
        shipped: Option<&Edition>,
        municipality: Tenant,
        under: By,
    ) -> Result<Vec<KnowledgeEvent>, KnowledgeRefusal> {
        let Manuscript { slug, known_topic, language, edition, reviewed, review_before, text } = manuscript;
        if !known_topic {
            return Err(KnowledgeRefusal::UnknownTopic);
        }
        let (newest, answers) = match self {
            Self::Unsaid => (shipped, true),
            Self::Published(newest) => (Some(newest), true),
            Self::Withdrawn(newest) => (Some(newest), false),
        };
        if let Some(newest) = newest {
            if newest.hash == edition.hash && answers {
                return Ok(Vec::new());
            }
            if edition.version < newest.version {
                return Err(KnowledgeRefusal::LowerVersion { newest: newest.version });
            }
            if edition.version == newest.version && edition.hash != newest.hash {
                return Err(KnowledgeRefusal::VersionTaken { version: newest.version });
            }
        }
        let today = under.today();
        if reviewed > today {
            return Err(KnowledgeRefusal::NotReviewed);
        }
        if review_before <= today {
            return Err(KnowledgeRefusal::ReviewExpired);
        }
        let Edition { version, hash } = edition;
        let published =
            ArticlePublished { slug, version, language, hash, reviewed, review_before, text, municipality };
        Ok(vec![KnowledgeEvent::ArticlePublished(published)])
    }
}

impl Aggregate for Knowledge {
    const TYPE: &'static str = "knowledge";
    type Command = KnowledgeCommand;
    type Event = KnowledgeEvent;
    type Error = KnowledgeRefusal;
    type Services = ();

    async fn handle(
        &mut self,
        command: KnowledgeCommand,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), KnowledgeRefusal> {
        for event in self.decide(command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: KnowledgeEvent) {
        *self = match event {
            KnowledgeEvent::ArticlePublished(ArticlePublished { version, hash, .. }) => {
                Self::Published(Edition { version, hash })
            }
            KnowledgeEvent::ArticleWithdrawn(ArticleWithdrawn { version, hash, .. }) => {
                Self::Withdrawn(Edition { version, hash })
            }
        };
    }
}
