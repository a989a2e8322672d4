//! Articles of the knowledge base: what editors have published and withdrawn, publishing (which a file comes in for, over
//! HTTP), and which edition a citizen was answered with.

use async_graphql::{Context, Object, Result, SimpleObject};
use skranke_domain::conversation::{Conversation, ConversationEvent, TopicSlug};
use skranke_domain::knowledge::{
    Edition, Knowledge, KnowledgeAct, KnowledgeCommand, KnowledgeRefusal, WithdrawnBecause,
};
use skranke_domain::user::Scope;
use skranke_domain::{Act, By, ConversationId, Lang, Role, Tenant};
use skranke_projections::{ArticleSheet, EditionRow};
use skranke_store::{Receipt, read};

use crate::caller::{Caller, fault};
use crate::case::Topic;
use crate::office::Office;
use crate::reach;
use crate::rules::{NotPublished, administers, published};
use crate::scalars::{Date, DateTime, mirrored};
use crate::staff::Actor;

/// What the access log calls an attempt to publish or withdraw.
const ATTEMPT: &str = "articleEdit";

/// Those who may see what was published.
const READERS: &[Role] = &[Role::TeamLead, Role::Auditor, Role::Administrator];

mirrored! {
    /// Why an article was withdrawn.
    ArticleWithdrawnBecause = WithdrawnBecause { Outdated, Wrong, Removed }
}

mirrored! {
    /// A language that articles are written in.
    ArticleLanguage = Lang { Da, En }
}

/// An article in one language, as editors have published it.
#[derive(SimpleObject, Clone, Debug)]
pub struct PublishedArticle {
    /// Its topic.
    pub topic: Topic,
    /// Its language.
    pub language: ArticleLanguage,
    /// Whether the counter may answer with it: it was not withdrawn, and its review has not expired.
    pub answers: bool,
    /// That it was withdrawn, if it was.
    pub withdrawn: Option<ArticleWithdrawal>,
    /// What was published, the newest first. None where it is the content files' article that was withdrawn.
    pub editions: Vec<ArticleEdition>,
}

/// An edition of an article.
#[derive(SimpleObject, Clone, Debug)]
pub struct ArticleEdition {
    /// Its version.
    pub version: u32,
    /// The SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// When it was last reviewed.
    pub reviewed: Date,
    /// From this date on it no longer answers.
    pub review_before: Date,
    /// When it was published.
    pub published_at: DateTime,
    /// By whom.
    pub published_by: Actor,
    /// The code of the municipality whose editor that is.
    pub municipality: String,
}

/// That an article was withdrawn.
#[derive(SimpleObject, Clone, Debug)]
pub struct ArticleWithdrawal {
    /// Why.
    pub because: ArticleWithdrawnBecause,
    /// When.
    pub at: DateTime,
    /// By whom.
    pub by: Actor,
    /// The code of the municipality whose editor that is.
    pub municipality: String,
}

impl PublishedArticle {
    fn of(office: &Office, caller: &Caller, sheet: ArticleSheet) -> Self {
        let (today, newest) = (office.today(), sheet.editions.first());
        let reviewed = newest.is_some_and(|newest| today < newest.review_before);
        Self {
            topic: Topic::of(office, &sheet.slug, caller.lang),
            language: sheet.language.into(),
            answers: sheet.withdrawn.is_none() && reviewed,
            withdrawn: sheet.withdrawn.map(|withdrawn| ArticleWithdrawal {
                because: withdrawn.because.into(),
                at: DateTime(withdrawn.at),
                by: Actor(withdrawn.by),
                municipality: withdrawn.municipality.to_string(),
            }),
            editions: sheet.editions.into_iter().map(ArticleEdition::from).collect(),
        }
    }
}

impl From<EditionRow> for ArticleEdition {
    fn from(row: EditionRow) -> Self {
        Self {
            version: row.version,
            sha256: row.hash,
            reviewed: Date(row.reviewed),
            review_before: Date(row.review_before),
            published_at: DateTime(row.at),
            published_by: Actor(row.by),
            municipality: row.municipality.to_string(),
        }
    }
}

/// Questions about the knowledge base.
#[derive(Default)]
pub struct KnowledgeQuery;

#[Object]
impl KnowledgeQuery {
    /// The articles that editors have published or withdrawn. The counter is shared, and so are its articles; where
    /// nothing was said of one, the content files' holds.
    async fn articles(&self, ctx: &Context<'_>) -> Result<Vec<PublishedArticle>> {
        let (office, caller) = (ctx.data::<Office>()?, Caller::with(ctx, READERS).await?);
        let sheets = office.views.articles(Tenant::COUNTER).await.map_err(|error| fault(&error))?;
        Ok(sheets.into_iter().map(|sheet| PublishedArticle::of(office, caller, sheet)).collect())
    }
}

/// What the counter answered in a conversation: which article, in which edition.
#[derive(SimpleObject, Clone, Debug)]
pub struct CounterAnswer {
    /// When.
    pub at: DateTime,
    /// The article's topic.
    pub topic: Topic,
    /// Its language.
    pub language: ArticleLanguage,
    /// Its version.
    pub version: u32,
    /// The SHA-256 of the published file; absent where the answer came from the program's own content files.
    pub sha256: Option<String>,
    /// How sure the counter was, 0 to 1000.
    pub score: u16,
}

/// What the counter answered in a conversation, oldest first. Nothing that was said is opened.
pub(crate) async fn answers(
    office: &Office,
    conversation: ConversationId,
    lang: Lang,
) -> Result<Vec<CounterAnswer>> {
    let mut recorded = Vec::new();
    let each = &mut |event| {
        recorded.push(event);
        std::ops::ControlFlow::Continue(())
    };
    let stream = Conversation::stream(conversation);
    office.desk.log().fold_stream(&stream, 0, each).await.map_err(|error| fault(&error))?;
    let sheets = office.views.articles(Tenant::COUNTER).await.map_err(|error| fault(&error))?;
    let (mut answers, mut language) = (Vec::new(), Lang::default());
    for one in recorded {
        let at = one.recorded_at;
        let told = read::<ConversationEvent>(&one).map_err(|error| fault(&error))?;
        for event in told.events() {
            match event {
                ConversationEvent::MessageReceived(message) => language = message.lang,
                ConversationEvent::AnswerGiven(answer) => {
                    let sheet = sheets
                        .iter()
                        .find(|sheet| (&sheet.slug, sheet.language) == (&answer.topic, language));
                    let editions = sheet.map_or(&[][..], |sheet| &sheet.editions);
                    let edition =
                        editions.iter().find(|edition| edition.version == answer.version && edition.at <= at);
                    answers.push(CounterAnswer {
                        at: DateTime(at),
                        topic: Topic::of(office, &answer.topic, lang),
                        language: language.into(),
                        version: answer.version,
                        sha256: edition.map(|edition| edition.hash.clone()),
                        score: answer.score,
                    });
                }
                _ => {}
            }
        }
    }
    Ok(answers)
}

/// Whether the caller comes with a service account's token for articles.
fn by_token(caller: &Caller) -> bool {
    caller.scopes.is_some_and(|scopes| scopes.has(Scope::Articles))
}

/// Whether the caller may publish and withdraw articles: an administrator, or a service account with the scope. They are
/// the shared counter's, so this holds for those of every municipality. A refused attempt is noted.
pub async fn may_edit_articles(
    office: &Office,
    caller: &Caller,
) -> Result<(), NotPublished<KnowledgeRefusal>> {
    if by_token(caller) {
        return Ok(());
    }
    administers(office, caller, KnowledgeRefusal::NotAllowed, ATTEMPT).await
}

/// Publishes or withdraws an article whose text was read and found to be without faults. A refusal is noted in the
/// access log of the editor's municipality.
pub async fn edit_article(
    office: &Office,
    caller: &Caller,
    (slug, language): (&TopicSlug, Lang),
    act: KnowledgeAct,
    shipped: Option<Edition>,
    key: String,
) -> Result<Receipt, NotPublished<KnowledgeRefusal>> {
    let mut under = caller.act(office, None);
    under.roles = reach::roles(office, &under).await?;
    let (municipality, by_token) = (caller.tenant, by_token(caller));
    let command = KnowledgeCommand { act, shipped, municipality, under: By::of(&under), by_token };
    // The articles are the shared counter's; that somebody of this municipality edits them stands in the event.
    let under = Act { tenant: Tenant::COUNTER, idempotency: Some(key), ..under };
    let stream = Knowledge::stream(slug, language);
    let done = office.desk.execute::<Knowledge>(&stream, command, &under).await;
    published(office, caller, done, ATTEMPT).await
}
