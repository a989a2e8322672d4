//! Turns that hang on the ones before: corrections, guesses, what waits, loops, ratings; and the rulebook on one page.

use super::*;
use crate::scenario::decisions;

/// What a conversation's stream holds after these messages.
fn after(messages: impl IntoIterator<Item = Heard>) -> Vec<ConversationEvent> {
    let mut conversation = Conversation::default();
    let mut told = Vec::new();
    for heard in messages {
        let events = conversation.decide(hear(heard)).unwrap();
        events.iter().cloned().for_each(|event| conversation.apply(event));
        told.extend(events);
    }
    told
}

fn dialogue_after(messages: impl IntoIterator<Item = Heard>) -> Dialogue {
    let mut conversation = Conversation::default();
    for event in after(messages) {
        conversation.apply(event);
    }
    conversation.dialogue()
}

fn press(choice: Choice) -> Heard {
    Heard::choice(choice, Redacted::vouch("knap".into()), Lang::Da)
}

fn unsure(slugs: &[&str]) -> Heard {
    let topics = slugs.iter().map(|slug| Scored { topic: topic(slug), score: 450 }).collect();
    Heard { band: Band::Choices, topics, ..heard("noget med en attest") }
}

fn by_the_way(aside: Aside, heard: Heard) -> Heard {
    Heard { aside, ..heard }
}

fn corrects() -> Aside {
    Aside { retort: Retort::Corrects, ..Aside::default() }
}

#[test]
fn a_corrected_place_keeps_the_matter_whatever_the_words_resemble() {
    let all = Heard { place: Place::One(furesoe()), intent: Intent::NoEid, ..asks("hjaelpemidler") };
    let moved = Aside { tells_move: true, ..corrects() };
    let he_moved = by_the_way(moved, Heard { place: Place::One(aarhus()), ..asks("flytning") });
    assert_eq!(moves([all.clone(), he_moved])[1], routed("hjaelpemidler", aarhus()));
    let wait = Aside { only_place: true, ..corrects() };
    let no_wait = by_the_way(wait, Heard { place: Place::One(aarhus()), ..unsure(&["sfo"]) });
    assert_eq!(moves([all, no_wait])[1], routed("hjaelpemidler", aarhus()));
}

#[test]
fn a_corrected_matter_takes_the_place_of_the_one_under_way() {
    let instead = by_the_way(corrects(), asks("udrejse"));
    let begun = Heard { intent: Intent::NoEid, ..asks("flytning") };
    assert_eq!(
        moves([begun, instead, names(aarhus())])[1..],
        [ask_place("udrejse"), routed("udrejse", aarhus())]
    );
}

#[test]
fn a_closed_digital_way_is_told_and_not_asked_about() {
    let tells = Aside { tells_no_eid: true, ..Aside::default() };
    let blocked = by_the_way(tells, asks("mitid"));
    assert_eq!(
        moves([asks("friplads"), blocked.clone(), names(aarhus())])[1..],
        [ask_place("friplads"), routed("friplads", aarhus())]
    );
    // Nothing was talked about before: then it is the matter.
    assert!(matches!(&moves([blocked])[0], Move::Answer { topic, .. } if topic.as_str() == "mitid"));
}

#[test]
fn a_place_after_an_offer_takes_the_likeliest_matter() {
    let steps = moves([unsure(&["hotline", "personattest", "straffeattest"]), names(aarhus())]);
    assert_eq!(steps[1], routed("personattest", aarhus()));
    // An answer in between settles it.
    assert_eq!(moves([unsure(&["personattest"]), asks("pas"), names(aarhus())])[2], routed("pas", aarhus()));
}

#[test]
fn who_does_not_say_where_gets_what_holds_everywhere_and_is_not_asked_again() {
    let nowhere = |slug: &str| Move::Route { topic: topic(slug), municipality: None };
    let begun = || Heard { intent: Intent::NoEid, ..asks("flytning") };
    let steps = moves([begun(), press(Choice::Skip), press(Choice::Topic(topic("pas")))]);
    assert_eq!(steps[1..], [nowhere("flytning"), nowhere("pas")]);
    let declines = Heard { place: Place::Withheld, ..heard("det vil jeg ikke sige") };
    assert_eq!(
        moves([begun(), declines, names(aarhus())])[1..],
        [nowhere("flytning"), routed("flytning", aarhus())]
    );
    let homeless = Aside { no_address: true, ..Aside::default() };
    let first = by_the_way(homeless, Heard { place: Place::Withheld, ..heard("jeg har ingen adresse") });
    assert_eq!(moves([first, begun()]), [ASK_MATTER, nowhere("flytning")]);
}

#[test]
fn what_was_named_besides_waits_its_turn() {
    let also = Aside { also: vec![topic("pas")], ..Aside::default() };
    let both = || {
        by_the_way(
            also.clone(),
            Heard { place: Place::One(aarhus()), intent: Intent::NoEid, ..asks("flytning") },
        )
    };
    let yes = by_the_way(Aside { retort: Retort::Yes, ..Aside::default() }, heard("ja tak"));
    assert_eq!(moves([both(), yes.clone()])[1], routed("pas", aarhus()));
    let told = after([both()]);
    let noted = ConversationEvent::MattersNoted(MattersNoted { topics: vec![topic("pas")] });
    assert!(told.contains(&noted), "{told:?}");
    assert!(dialogue_after([both(), yes]).waiting.is_empty());
}

#[test]
fn yes_to_the_only_topic_that_was_offered_chooses_it_and_no_chooses_none() {
    let retort = |retort| by_the_way(Aside { retort, ..Aside::default() }, heard("svar"));
    let steps = moves([unsure(&["pas"]), retort(Retort::Yes)]);
    assert!(matches!(&steps[1], Move::Answer { topic, .. } if topic.as_str() == "pas"));
    let steps = moves([unsure(&["pas", "koerekort"]), retort(Retort::No)]);
    assert_eq!(steps[1], Move::Abstain { nearest: Vec::new() });
}

#[test]
fn the_third_turn_that_comes_to_nothing_offers_a_person_and_keeps_the_question() {
    let begun = Heard { intent: Intent::NoEid, ..asks("flytning") };
    let lost = || unsure(&["sfo", "hund"]);
    let steps = moves([begun, lost(), lost(), lost(), names(aarhus())]);
    assert!(matches!(steps[2], Move::Offer { .. }));
    assert_eq!(steps[3..], [Move::Person, routed("flytning", aarhus())]);
}

#[test]
fn a_story_that_only_sounds_like_danger_goes_on_with_its_matter() {
    let scored = |score| vec![Scored { topic: topic("laegeskift"), score }];
    let sounds = |score| Heard { intent: Intent::Danger, topics: scored(score), ..heard("min mand døde") };
    assert_eq!(moves([sounds(451), names(aarhus())]), [Move::Safety, routed("laegeskift", aarhus())]);
    assert!(!matches!(moves([sounds(300), names(aarhus())])[1], Move::Route { .. }));
}

#[test]
fn what_is_said_again_is_counted_by_what_it_says() {
    let dialogue = dialogue_after([asks("pas"), asks("pas"), asks("hund")]);
    let times =
        |slug: &str| dialogue.times_said(&Move::Answer { topic: topic(slug), score: 1, runner_up: None });
    assert_eq!([times("pas"), times("hund"), times("sfo")], [2, 1, 0]);
}

#[test]
fn what_somebody_tells_of_themselves_is_remembered() {
    let mother = Aside { for_other: Some(Kin::Mother), ..Aside::default() };
    let young = Aside { minor: Minor::of(14), ..Aside::default() };
    let told = after([
        by_the_way(mother, asks("pas")),
        by_the_way(young.clone(), asks("hund")),
        by_the_way(young, asks("sfo")),
    ]);
    let situations: Vec<Situation> = told
        .iter()
        .filter_map(|event| match event {
            ConversationEvent::SituationTold(told) => Some(told.situation),
            _ => None,
        })
        .collect();
    let first = Situation { for_other: Some(Kin::Mother), ..Situation::default() };
    assert_eq!(situations, [first, Situation { minor: Some(Minor::UnderFifteen), ..first }]);
}

#[test]
fn norwegian_looking_words_go_on_in_a_danish_conversation() {
    let looks = |heard: Heard| Heard { foreign: Some(Foreign::No), ..heard };
    let begun = Heard { intent: Intent::NoEid, ..asks("flytning") };
    assert!(matches!(moves([looks(begun.clone())])[..], [Move::Foreign { language: Foreign::No, .. }]));
    assert_eq!(moves([begun, looks(names(aarhus()))])[1], routed("flytning", aarhus()));
}

#[test]
fn only_an_answer_can_be_rated_and_the_rating_can_be_changed() {
    let rate = |answer, helpful| ConversationCommand::RateAnswer { answer, helpful };
    let told = after([asks("pas")]);
    for number in [0, 1, 3, 900] {
        given::<Conversation>(told.clone())
            .when(rate(number, true))
            .refused(ConversationRefusal::NoSuchAnswer);
    }
    let said = |helpful| ConversationEvent::FeedbackGiven(FeedbackGiven { helpful, answer: Some(2) });
    given::<Conversation>(told.clone()).when(rate(2, true)).then([said(true)]);
    let rated: Vec<_> = told.into_iter().chain([said(true)]).collect();
    given::<Conversation>(rated.clone()).when(rate(2, true)).then([]);
    given::<Conversation>(rated).when(rate(2, false)).then([said(false)]);
}

#[test]
fn the_decision_table() {
    let no_eid_for = |slug: &str| Heard { intent: Intent::NoEid, ..asks(slug) };
    let also = Aside { also: vec![topic("hund")], ..Aside::default() };
    let states = [
        ("nothing was said", vec![]),
        ("asked for the matter", after([no_eid()])),
        ("asked for the municipality", after([no_eid_for("flytning")])),
        ("answered", after([asks("pas")])),
        ("topics offered", after([unsure(&["pas", "hund"])])),
        ("card shown", after([no_eid_for("flytning"), names(furesoe())])),
        (
            "card shown, another matter waits",
            after([by_the_way(also, no_eid_for("flytning")), names(furesoe())]),
        ),
        (
            "ended",
            after([asks("pas")])
                .into_iter()
                .chain([ConversationEvent::ConversationEnded(ConversationEnded {})])
                .collect(),
        ),
    ];
    let retort = |retort| by_the_way(Aside { retort, ..Aside::default() }, heard("svar"));
    let declines = Heard { place: Place::Withheld, ..heard("det vil jeg ikke sige") };
    let wishes = [
        ("asks", hear(asks("laegeskift"))),
        ("is unsure", hear(unsure(&["sfo", "hund"]))),
        ("has no eID", hear(no_eid())),
        ("names a place", hear(names(aarhus()))),
        ("will not say where", hear(declines)),
        ("says yes", hear(retort(Retort::Yes))),
        ("says no", hear(retort(Retort::No))),
        ("makes no sense", hear(heard("blåbær"))),
        ("is in danger", hear(Heard { intent: Intent::Danger, ..heard("hjælp") })),
        ("wants a person", hear(Heard { intent: Intent::Human, ..heard("et menneske") })),
        ("writes Polish", hear(Heard { foreign: Some(Foreign::Pl), ..heard("dzień dobry") })),
        ("presses a topic", hear(press(Choice::Topic(topic("hund"))))),
        ("presses a place", hear(press(Choice::Place(aarhus())))),
        ("presses skip", hear(press(Choice::Skip))),
        ("rates the first answer", ConversationCommand::RateAnswer { answer: 2, helpful: true }),
        ("ends", ConversationCommand::End),
    ];
    insta::assert_snapshot!(decisions::<Conversation>(&states, &wishes));
}
