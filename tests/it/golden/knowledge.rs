//! Articles of the knowledge base.

use skranke_domain::knowledge::{
    ArticlePublished, ArticleWithdrawn, Knowledge, KnowledgeEvent, WithdrawnBecause,
};

use super::*;

#[test]
fn events_of_an_article_are_written_as_they_always_were() {
    let samples = vec![
        KnowledgeEvent::ArticlePublished(ArticlePublished {
            slug: topic(),
            version: 2,
            language: Lang::Da,
            hash: "ab".repeat(32),
            reviewed: date(2026, 11, 20),
            review_before: date(2027, 11, 20),
            text: "+++\ntitle = \"Meld flytning\"\n+++\nMeld flytning til din nye kommune.\n".into(),
            municipality: furesoe(),
        }),
        KnowledgeEvent::ArticleWithdrawn(ArticleWithdrawn {
            slug: topic(),
            version: 2,
            language: Lang::Da,
            hash: "ab".repeat(32),
            because: WithdrawnBecause::Outdated,
            municipality: furesoe(),
        }),
    ];
    Golden { category: Knowledge::TYPE, samples }.check();
}
