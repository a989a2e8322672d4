use jiff::civil::date;
use uuid::Uuid;

use super::*;
use crate::act::Actor;
use crate::id::UserId;
use crate::scenario::{decision_table, given};

fn by(role: Role) -> By {
    let actor = Actor::Staff(UserId::new(Uuid::from_u128(1)));
    By { at: "2026-11-23T09:00:00Z".parse().unwrap(), actor, roles: [role].into_iter().collect() }
}

fn version(name: &str, sha256: &str, valid_from: Date) -> RuleVersionPublished {
    let (version, sha256) = (name.to_owned(), sha256.to_owned());
    let text = "kind,number".to_owned();
    RuleVersionPublished { part: Part::Kle, version, template: None, valid_from, sha256, text }
}

fn publish(role: Role, wish: RuleVersionPublished) -> PublishRules {
    PublishRules { wish, shipped: false, under: by(role) }
}

const TODAY: Date = date(2026, 11, 23);

fn published() -> RuleSetEvent {
    RuleSetEvent::RuleVersionPublished(version("kle-2027", "aa", TODAY))
}

#[test]
fn a_version_is_published_once_and_never_changed() {
    let admin = |wish| publish(Role::Administrator, wish);
    given::<RuleVersions>([]).when(admin(version(" kle-2027 ", "aa", TODAY))).then([published()]);
    given::<RuleVersions>([published()]).when(admin(version("kle-2027", "aa", TODAY))).then([]);
    given::<RuleVersions>([published()])
        .when(admin(version("kle-2027", "bb", TODAY)))
        .refused(RuleSetRefusal::VersionTaken);
    let shipped = PublishRules { shipped: true, ..admin(version("2026-2", "aa", TODAY)) };
    given::<RuleVersions>([]).when(shipped).refused(RuleSetRefusal::VersionTaken);
}

#[test]
fn what_was_decided_is_not_decided_under_other_rules_afterwards() {
    let yesterday = TODAY.yesterday().unwrap();
    let wish = publish(Role::Administrator, version("kle-2027", "aa", yesterday));
    given::<RuleVersions>([]).when(wish).refused(RuleSetRefusal::InThePast);
}

#[test]
fn the_decision_table() {
    let states = [("nothing published", vec![]), ("kle-2027 published", vec![published()])];
    let acts = [
        ("Publish", version("kle-2027", "aa", TODAY)),
        ("Publish another", version("kle-2027", "bb", TODAY)),
        ("Publish unnamed", version("", "aa", TODAY)),
    ];
    let tried = acts.iter().map(|(name, wish)| {
        let each = Role::ALL.map(|role| (role.name(), publish(role, wish.clone())));
        (*name, each.into())
    });
    insta::assert_snapshot!(decision_table::<RuleVersions>(&states, &tried.collect::<Vec<_>>()));
}
