//! What a citizen's message means: language, kind of message, matter and municipality.

use serde::Serialize;
use skranke_domain::conversation::{Band, Dialogue, Heard, Intent, Place, TopicSlug};
use skranke_domain::{Lang, Tenant};

use crate::redact::redact;

/// What there is to understand a message against.
#[derive(Clone, Debug, Default)]
pub struct Corpus {
    /// The published articles, both languages.
    pub articles: Vec<CorpusArticle>,
    /// The municipalities.
    pub places: Vec<CorpusPlace>,
}

/// One article in one language.
#[derive(Clone, Debug)]
pub struct CorpusArticle {
    /// Its topic.
    pub slug: TopicSlug,
    /// Its language.
    pub lang: Lang,
    /// Its title.
    pub title: String,
    /// Words that stand for the topic.
    pub keywords: Vec<String>,
    /// How people ask.
    pub questions: Vec<String>,
    /// The answer.
    pub body: String,
}

/// One municipality.
#[derive(Clone, Debug)]
pub struct CorpusPlace {
    /// Its code.
    pub code: Tenant,
    /// Its name, official name and the other names people use.
    pub names: Vec<String>,
}

/// What is known when a message arrives.
#[derive(Clone, Debug, Default)]
pub struct Hint {
    /// The language of the page.
    pub page: Lang,
    /// Where the dialogue stands.
    pub dialogue: Dialogue,
}

/// Understands messages against one knowledge release.
#[derive(Debug)]
pub struct Understanding {
    corpus: Corpus,
}

/// Why a message was understood as it was.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    /// The language.
    pub lang: Lang,
}

impl Understanding {
    /// Learns from the corpus.
    pub fn new(corpus: Corpus) -> Self {
        Self { corpus }
    }

    /// Understands one message.
    pub fn hear(&self, raw: &str, hint: &Hint) -> Heard {
        let (text, removed) = redact(raw, hint.page);
        let _ = self.corpus.places.len();
        Heard {
            text,
            removed,
            lang: hint.page,
            foreign: None,
            intent: Intent::Question,
            band: Band::Abstain,
            topics: Vec::new(),
            place: Place::None,
            choice: None,
        }
    }

    /// Tells why.
    pub fn explain(&self, _raw: &str, hint: &Hint) -> Explanation {
        Explanation { lang: hint.page }
    }
}
