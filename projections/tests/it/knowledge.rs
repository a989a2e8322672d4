//! Articles that editors publish and withdraw.

use skranke_domain::conversation::TopicSlug;
use skranke_domain::knowledge::{
    Edition, Knowledge, KnowledgeAct, KnowledgeCommand, Manuscript, WithdrawnBecause,
};
use skranke_domain::{Act, By, Lang, Role, Tenant};

use crate::house::{House, Office, TODAY, aarhus, furesoe, person, staff};

impl Office {
    /// Publishes two versions of an article, withdraws it, and withdraws another that was only shipped.
    pub(crate) async fn articles(&self) {
        let (moving, rats) = (TopicSlug::new("flytning"), TopicSlug::new("rotter"));
        for version in [1, 2] {
            let manuscript = Manuscript {
                slug: moving.clone(),
                known_topic: true,
                language: Lang::Da,
                edition: edition(version),
                reviewed: TODAY,
                review_before: TODAY.tomorrow().unwrap(),
                text: "+++".into(),
            };
            self.edit(&moving, Lang::Da, KnowledgeAct::Publish(Box::new(manuscript)), furesoe()).await;
        }
        for (slug, language) in [(moving, Lang::Da), (rats, Lang::En)] {
            let because = WithdrawnBecause::Outdated;
            let withdraw = KnowledgeAct::Withdraw { slug: slug.clone(), language, because };
            self.edit(&slug, language, withdraw, aarhus()).await;
        }
    }

    async fn edit(&self, slug: &TopicSlug, language: Lang, act: KnowledgeAct, municipality: Tenant) {
        let roles = Role::ALL.into_iter().collect();
        let by = Act { roles, ..staff(Tenant::COUNTER, person(1), self.next()) };
        let shipped = (language == Lang::En).then(|| edition(1));
        let command = KnowledgeCommand { act, shipped, municipality, under: By::of(&by), by_token: false };
        let stream = Knowledge::stream(slug, language);
        self.desk.execute::<Knowledge>(&stream, command, &by).await.unwrap();
    }
}

fn edition(version: u32) -> Edition {
    Edition { version, hash: format!("{version:064}") }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_edition_of_an_article_is_listed_and_that_it_was_withdrawn() {
    let house = House::new();
    house.articles().await;
    house.caught_up().await;
    let [moving, rats] = &house.views.articles(Tenant::COUNTER).await.unwrap()[..] else {
        panic!("two articles")
    };
    let versions: Vec<_> =
        moving.editions.iter().map(|edition| (edition.version, edition.municipality)).collect();
    assert_eq!((moving.slug.as_str(), versions), ("flytning", vec![(2, furesoe()), (1, furesoe())]));
    assert_eq!(moving.withdrawn.as_ref().map(|withdrawn| withdrawn.municipality), Some(aarhus()));
    assert!(rats.editions.is_empty() && rats.withdrawn.is_some() && rats.language == Lang::En);
    assert!(house.views.articles(furesoe()).await.unwrap().is_empty(), "the counter's articles are shared");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_view_of_articles_is_the_same_live_and_rebuilt() {
    let house = House::new();
    house.articles().await;
    house.caught_up().await;
    assert_eq!(house.views.digest().await.unwrap(), house.fresh_digest("again").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn articles_are_listed_from_an_index() {
    let house = House::new();
    let plan = house.views.explain_articles(Tenant::COUNTER).await.unwrap();
    assert!(plan.len() == 1 && plan[0].starts_with("SEARCH ") && plan[0].contains("(tenant=?"), "{plan:?}");
}
