//! The articles that editors have published or withdrawn: every edition, without its text.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};
use skranke_domain::conversation::TopicSlug;
use skranke_domain::knowledge::{KnowledgeEvent, WithdrawnBecause};
use skranke_domain::{Actor, Lang, Tenant};

use crate::event::Event;
use crate::projection::{FoldFault, Projection};
use crate::rows;
use crate::views::{Views, ViewsError};

/// An article in one language, as editors have published it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArticleSheet {
    /// Its topic.
    pub slug: TopicSlug,
    /// Its language.
    pub language: Lang,
    /// Why it does not answer, if it was withdrawn.
    pub withdrawn: Option<Withdrawal>,
    /// What was published, the newest first; none where only the content files' article was withdrawn.
    pub editions: Vec<EditionRow>,
}

/// An edition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditionRow {
    /// Its version.
    pub version: u32,
    /// The SHA-256 of the file, in hexadecimal.
    pub hash: String,
    /// When it was last reviewed.
    pub reviewed: Date,
    /// From this date on it no longer answers.
    pub review_before: Date,
    /// When it was published.
    pub at: Timestamp,
    /// By whom.
    pub by: Actor,
    /// The municipality whose editor that is.
    pub municipality: Tenant,
}

/// That an article was withdrawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// Why.
    pub because: WithdrawnBecause,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Actor,
    /// The municipality whose editor that is.
    pub municipality: Tenant,
}

/// The table of articles.
pub(crate) struct Articles;

impl Projection for Articles {
    fn name(&self) -> &'static str {
        "articles"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &["articles"]
    }

    fn schema(&self) -> &'static str {
        "CREATE TABLE articles (
            tenant TEXT NOT NULL,
            article TEXT NOT NULL,
            sheet TEXT NOT NULL,
            PRIMARY KEY (tenant, article)
         ) STRICT;"
    }

    fn fold(&mut self, rows: &Connection, event: &Event) -> Result<(), FoldFault> {
        let Some(told) = event.knowledge()? else { return Ok(()) };
        let tenant = event.tenant().code().to_owned();
        let info = told.info;
        for event in told.events {
            let (slug, language) = event.article();
            let mut find = rows.prepare_cached(ONE)?;
            let known = find.query_row((&tenant, told.id), |row| rows::read(row, 0)).optional()?;
            let fresh =
                || ArticleSheet { slug: slug.clone(), language, withdrawn: None, editions: Vec::new() };
            let mut sheet: ArticleSheet = known.unwrap_or_else(fresh);
            match event {
                KnowledgeEvent::ArticlePublished(published) => {
                    sheet.withdrawn = None;
                    sheet.editions.insert(
                        0,
                        EditionRow {
                            version: published.version,
                            hash: published.hash.clone(),
                            reviewed: published.reviewed,
                            review_before: published.review_before,
                            at: info.at,
                            by: info.actor,
                            municipality: published.municipality,
                        },
                    );
                }
                KnowledgeEvent::ArticleWithdrawn(withdrawn) => {
                    let (because, municipality) = (withdrawn.because, withdrawn.municipality);
                    sheet.withdrawn = Some(Withdrawal { because, at: info.at, by: info.actor, municipality });
                }
            }
            let mut write = rows.prepare_cached(
                "INSERT INTO articles (tenant, article, sheet) VALUES (?1, ?2, ?3)
                 ON CONFLICT (tenant, article) DO UPDATE SET sheet = excluded.sheet",
            )?;
            write.execute((&tenant, told.id, serde_json::to_string(&sheet)?))?;
        }
        Ok(())
    }
}

const ONE: &str = "SELECT sheet FROM articles WHERE tenant = ?1 AND article = ?2";
const ALL: &str = "SELECT sheet FROM articles WHERE tenant = ?1 ORDER BY article";

impl Views {
    /// Every article that editors have published or withdrawn, by topic, Danish before English. There are never more
    /// than topics times two.
    pub async fn articles(&self, tenant: Tenant) -> Result<Vec<ArticleSheet>, ViewsError> {
        self.ask(move |rows| {
            let mut find = rows.prepare_cached(ALL)?;
            let found = find.query_map([tenant.code()], |row| rows::read(row, 0))?;
            Ok(found.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// The plan of [`Self::articles`], for tests.
    pub async fn explain_articles(&self, tenant: Tenant) -> Result<Vec<String>, ViewsError> {
        self.ask(move |rows| rows::plan(rows, ALL, [tenant.code()])).await
    }
}
