//! What has happened to an article. The names and fields written here are in the log for good. Nothing in them is
//! personal: an article is written to be published.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::Lang;
use crate::codec;
use crate::conversation::TopicSlug;
use crate::id::Tenant;
use crate::sealed::{SealError, SealVisitor, Sealable};
use crate::upcast::{Evolving, Step};

/// An event of an article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each variant holds the struct of its name, which is documented")]
pub enum KnowledgeEvent {
    ArticlePublished(ArticlePublished),
    ArticleWithdrawn(ArticleWithdrawn),
}

/// From here on the counter answers with this text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArticlePublished {
    /// Its topic.
    pub slug: TopicSlug,
    /// Its version.
    pub version: u32,
    /// Its language.
    pub language: Lang,
    /// The SHA-256 of the file's bytes, in hexadecimal.
    pub hash: String,
    /// When it was last reviewed.
    pub reviewed: Date,
    /// From this date on it no longer answers.
    pub review_before: Date,
    /// The file, as it was handed in.
    pub text: String,
    /// The municipality whose editor published it.
    pub municipality: Tenant,
}

/// From here on the counter does not answer with the article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArticleWithdrawn {
    /// Its topic.
    pub slug: TopicSlug,
    /// The version that answered until now.
    pub version: u32,
    /// Its language.
    pub language: Lang,
    /// That version's SHA-256.
    pub hash: String,
    /// Why.
    pub because: WithdrawnBecause,
    /// The municipality whose editor withdrew it.
    pub municipality: Tenant,
}

/// Why an article was withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WithdrawnBecause {
    /// It does not hold any more: the law or the practice is another.
    Outdated,
    /// It says something that is wrong.
    Wrong,
    /// The editors' folder has it no more.
    Removed,
}

impl WithdrawnBecause {
    /// Every reason.
    pub const ALL: [Self; 3] = [Self::Outdated, Self::Wrong, Self::Removed];

    /// The name in requests.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Outdated => "outdated",
            Self::Wrong => "wrong",
            Self::Removed => "removed",
        }
    }
}

impl KnowledgeEvent {
    /// Which article it is about, in which language.
    pub const fn article(&self) -> (&TopicSlug, Lang) {
        match self {
            Self::ArticlePublished(ArticlePublished { slug, language, .. })
            | Self::ArticleWithdrawn(ArticleWithdrawn { slug, language, .. }) => (slug, *language),
        }
    }
}

impl Sealable for KnowledgeEvent {
    fn seals(&mut self, _: &mut SealVisitor<'_>) -> Result<(), SealError> {
        Ok(())
    }
}

impl Evolving for KnowledgeEvent {
    const STEPS: &'static [Step] = &[];
}

impl cqrs_es::DomainEvent for KnowledgeEvent {
    fn event_type(&self) -> String {
        codec::type_of(self).to_owned()
    }
    fn event_version(&self) -> String {
        self.version().to_string()
    }
}
