use jiff::civil::date;
use uuid::Uuid;

use super::*;
use crate::act::Actor;
use crate::id::UserId;
use crate::scenario::{decision_table, given};

const TODAY: Date = date(2026, 11, 23);

fn by(role: Role) -> By {
    let actor = Actor::Staff(UserId::new(Uuid::from_u128(1)));
    By { at: "2026-11-23T09:00:00Z".parse().unwrap(), actor, roles: [role].into_iter().collect() }
}

fn edition(version: u32, hash: &str) -> Edition {
    Edition { version, hash: hash.to_owned() }
}

fn manuscript(version: u32, hash: &str) -> Manuscript {
    Manuscript {
        slug: TopicSlug::new("flytning"),
        known_topic: true,
        language: Lang::Da,
        edition: edition(version, hash),
        reviewed: TODAY,
        review_before: date(2027, 11, 23),
        text: "+++".to_owned(),
    }
}

fn wish(act: KnowledgeAct, role: Role) -> KnowledgeCommand {
    let municipality = Tenant::try_new("0190").unwrap();
    KnowledgeCommand { act, shipped: Some(edition(1, "aa")), municipality, under: by(role), by_token: false }
}

fn publish(manuscript: Manuscript) -> KnowledgeCommand {
    wish(KnowledgeAct::Publish(Box::new(manuscript)), Role::Administrator)
}

fn withdrawal() -> KnowledgeAct {
    let (slug, language) = (TopicSlug::new("flytning"), Lang::Da);
    KnowledgeAct::Withdraw { slug, language, because: WithdrawnBecause::Outdated }
}

fn withdraw() -> KnowledgeCommand {
    wish(withdrawal(), Role::Administrator)
}

fn published(version: u32, hash: &str) -> KnowledgeEvent {
    KnowledgeEvent::ArticlePublished(ArticlePublished {
        slug: TopicSlug::new("flytning"),
        version,
        language: Lang::Da,
        hash: hash.to_owned(),
        reviewed: TODAY,
        review_before: date(2027, 11, 23),
        text: "+++".to_owned(),
        municipality: Tenant::try_new("0190").unwrap(),
    })
}

fn withdrawn(version: u32, hash: &str) -> KnowledgeEvent {
    KnowledgeEvent::ArticleWithdrawn(ArticleWithdrawn {
        slug: TopicSlug::new("flytning"),
        version,
        language: Lang::Da,
        hash: hash.to_owned(),
        because: WithdrawnBecause::Outdated,
        municipality: Tenant::try_new("0190").unwrap(),
    })
}

#[test]
fn a_token_for_articles_stands_in_for_the_role() {
    let lacking = KnowledgeCommand { under: by(Role::Caseworker), ..withdraw() };
    given::<Knowledge>([]).when(lacking.clone()).refused(KnowledgeRefusal::NotAllowed);
    let by_token = KnowledgeCommand { by_token: true, ..lacking };
    assert!(given::<Knowledge>([]).when(by_token).result().is_ok());
}

#[test]
fn a_new_version_answers_and_the_same_text_again_is_nothing_new() {
    given::<Knowledge>([]).when(publish(manuscript(2, "bb"))).then([published(2, "bb")]);
    given::<Knowledge>([published(2, "bb")]).when(publish(manuscript(2, "bb"))).then([]);
    given::<Knowledge>([]).when(publish(manuscript(1, "aa"))).then([]);
}

#[test]
fn a_version_is_one_text_and_never_goes_back() {
    given::<Knowledge>([])
        .when(publish(manuscript(1, "bb")))
        .refused(KnowledgeRefusal::VersionTaken { version: 1 });
    given::<Knowledge>([published(3, "cc")])
        .when(publish(manuscript(2, "bb")))
        .refused(KnowledgeRefusal::LowerVersion { newest: 3 });
    given::<Knowledge>([published(3, "cc"), withdrawn(3, "cc")])
        .when(publish(manuscript(3, "dd")))
        .refused(KnowledgeRefusal::VersionTaken { version: 3 });
}

#[test]
fn what_nobody_has_reviewed_is_not_published() {
    let tomorrow = Manuscript { reviewed: TODAY.tomorrow().unwrap(), ..manuscript(2, "bb") };
    given::<Knowledge>([]).when(publish(tomorrow)).refused(KnowledgeRefusal::NotReviewed);
    let over = Manuscript { review_before: TODAY, ..manuscript(2, "bb") };
    given::<Knowledge>([]).when(publish(over)).refused(KnowledgeRefusal::ReviewExpired);
    let stranger = Manuscript { known_topic: false, ..manuscript(2, "bb") };
    given::<Knowledge>([]).when(publish(stranger)).refused(KnowledgeRefusal::UnknownTopic);
}

#[test]
fn an_article_is_withdrawn_once_and_comes_back_when_it_is_published_again() {
    given::<Knowledge>([]).when(withdraw()).then([withdrawn(1, "aa")]);
    given::<Knowledge>([published(2, "bb")]).when(withdraw()).then([withdrawn(2, "bb")]);
    given::<Knowledge>([published(2, "bb"), withdrawn(2, "bb")]).when(withdraw()).then([]);
    given::<Knowledge>([published(2, "bb"), withdrawn(2, "bb")])
        .when(publish(manuscript(2, "bb")))
        .then([published(2, "bb")]);
    let unknown = KnowledgeCommand { shipped: None, ..withdraw() };
    given::<Knowledge>([]).when(unknown).refused(KnowledgeRefusal::NotFound);
}

#[test]
fn the_stream_of_an_article_is_read_back_by_its_parts() {
    let stream = Knowledge::stream(&TopicSlug::new("boerne-ungeydelse"), Lang::En);
    assert_eq!((stream.category(), stream.tenant()), ("knowledge", Tenant::COUNTER));
    assert_eq!(stream.key(), "boerne-ungeydelse.en");
}

#[test]
fn the_decision_table() {
    let states = [
        ("nothing said, version 1 shipped", vec![]),
        ("version 2 published", vec![published(2, "bb")]),
        ("version 2 withdrawn", vec![published(2, "bb"), withdrawn(2, "bb")]),
        ("the shipped version withdrawn", vec![withdrawn(1, "aa")]),
    ];
    let publish = |manuscript: Manuscript| KnowledgeAct::Publish(Box::new(manuscript));
    let acts = [
        ("Publish shipped", publish(manuscript(1, "aa"))),
        ("Publish 1 anew", publish(manuscript(1, "xx"))),
        ("Publish 2", publish(manuscript(2, "bb"))),
        ("Publish 2 anew", publish(manuscript(2, "xx"))),
        ("Publish 3", publish(manuscript(3, "cc"))),
        ("Publish no topic", publish(Manuscript { known_topic: false, ..manuscript(3, "cc") })),
        ("Publish unreviewed", publish(Manuscript { reviewed: date(2026, 11, 24), ..manuscript(3, "cc") })),
        ("Publish expired", publish(Manuscript { review_before: TODAY, ..manuscript(3, "cc") })),
        ("Withdraw", withdrawal()),
    ];
    let tried = acts.iter().map(|(name, act)| {
        let each = Role::ALL.map(|role| (role.name(), wish(act.clone(), role)));
        (*name, each.into())
    });
    insta::assert_snapshot!(decision_table::<Knowledge>(&states, &tried.collect::<Vec<_>>()));
}
