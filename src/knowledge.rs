//! The articles in force: what the content files bring, and what editors have published or withdrawn since. Every node
//! follows the log; a new article is learned in the background, and the counter answers with it from the next turn on,
//! without a restart.
//!
//! The log is read to its end before anybody is answered. An article that this program cannot read was published by a
//! newer one: the one before it goes on, and that is logged.

mod check;
pub(crate) mod command;
mod facts;
mod readable;
mod shadow;
mod varied;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use skranke_chat::counter::{Counter, Learned};
use skranke_content::{Article, ContentError, Library, Problem};
use skranke_domain::conversation::TopicSlug;
use skranke_domain::knowledge::{
    ArticlePublished, ArticleWithdrawn, Edition, Knowledge as Aggregate, KnowledgeEvent, Manuscript,
};
use skranke_domain::{Lang, StreamId, Tenant};
use skranke_store::{EventLog, Position, Recorded, read};
use tokio::sync::watch;

use crate::published::{self, InForce};

/// The articles in force.
pub struct Knowledge {
    shipped: Arc<Library>,
    /// The shipped library with everything that was said since.
    library: RwLock<Library>,
    /// Everything up to here is answered with.
    position: watch::Sender<Position>,
}

impl Knowledge {
    /// The articles that were shipped. What was published since is read from the log before anybody is served.
    pub fn new(shipped: Arc<Library>) -> Arc<Self> {
        let (position, _) = watch::channel(Position(0));
        Arc::new(Self { library: RwLock::new((*shipped).clone()), shipped, position })
    }

    /// What the counter is opened with.
    pub fn learned(&self) -> Learned {
        Learned::from(Arc::new(self.library()))
    }

    /// Follows the log for ever, and lets the counter learn what is new.
    pub async fn follow(self: Arc<Self>, log: Arc<dyn EventLog>, counter: Arc<Counter>) {
        let learn = || async {
            let library = Arc::new(self.library());
            match tokio::task::spawn_blocking(move || Learned::from(library)).await {
                Ok(learned) => counter.learn(learned),
                Err(error) => tracing::error!(error = %error, "the articles could not be learned"),
            }
        };
        published::follow(self.as_ref(), log.as_ref(), learn).await;
    }

    /// The library with everything that was published and withdrawn so far.
    pub fn library(&self) -> Library {
        self.library.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The edition of an article that the content files bring.
    pub fn shipped(&self, topic: &TopicSlug, lang: Lang) -> Option<Edition> {
        self.shipped.article(topic, lang).map(edition)
    }

    /// Waits until what stands at a position of the log is answered with.
    pub async fn wait_for(&self, position: Position, timeout: Duration) -> bool {
        published::wait_for(self, position, timeout).await
    }
}

impl InForce for Knowledge {
    fn category(&self) -> &'static str {
        <Aggregate as cqrs_es::Aggregate>::TYPE
    }

    fn streams(&self, _: &[Tenant]) -> Vec<StreamId> {
        let topics = self.shipped.topic_slugs();
        topics.flat_map(|topic| [Lang::Da, Lang::En].map(|lang| Aggregate::stream(&topic, lang))).collect()
    }

    fn batch(&self) -> usize {
        // What came while the last ones were learned is learned together.
        64
    }

    fn reached(&self) -> &watch::Sender<Position> {
        &self.position
    }

    fn take_in(&self, events: &[Recorded]) -> bool {
        let mut changed = false;
        for recorded in events {
            let told = match read::<KnowledgeEvent>(recorded) {
                Ok(told) if !told.events().is_empty() => told,
                Ok(_) | Err(_) => {
                    let position = recorded.position.0;
                    tracing::error!(position, "an article was published by a newer program");
                    continue;
                }
            };
            let mut library = self.library.write().unwrap_or_else(PoisonError::into_inner);
            for event in told.events() {
                match event {
                    KnowledgeEvent::ArticlePublished(published) => {
                        changed |= publish(&mut library, published);
                    }
                    KnowledgeEvent::ArticleWithdrawn(ArticleWithdrawn { slug, language, .. }) => {
                        library.withdraw(slug, *language);
                        changed = true;
                    }
                }
            }
        }
        changed
    }
}

/// Puts a published article in force, if this program can read it and has its topic.
fn publish(library: &mut Library, published: &ArticlePublished) -> bool {
    let ArticlePublished { slug, language, version, text, .. } = published;
    let file = format!("{}.{}.md", slug.as_str(), language.tag());
    let taken = Article::parse(&file, text.as_bytes()).is_ok_and(|article| library.publish(article));
    if !taken {
        tracing::error!(file, version, "a published article is none that this program can answer with");
    }
    taken
}

fn edition(article: &Article) -> Edition {
    Edition { version: article.version, hash: article.hash.clone() }
}

/// An article as somebody hands it in, read and checked beside the rest of the library.
pub(crate) fn checked(library: &Library, file: &str, bytes: &[u8]) -> Result<Manuscript, Vec<Problem>> {
    let article = Article::parse(file, bytes).map_err(|ContentError { problems }| problems)?;
    let misfits = library.misfits(&article);
    if !misfits.is_empty() {
        return Err(misfits);
    }
    Ok(Manuscript {
        known_topic: library.has_topic(&article.topic),
        edition: edition(&article),
        slug: article.topic,
        language: article.lang,
        reviewed: article.reviewed,
        review_before: article.review_before,
        // Read as UTF-8 above: nothing is lost.
        text: String::from_utf8_lossy(bytes).into_owned(),
    })
}
