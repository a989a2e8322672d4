//! The dialogue, as sentences. Messages are given as the chat room understands them.

mod turns;

use std::sync::Arc;

use uuid::Uuid;

use super::*;
use crate::SubjectId;
use crate::scenario::given;

const SUBJECT: SubjectId = SubjectId::new(Uuid::from_u128(5));

fn furesoe() -> Tenant {
    Tenant::try_new("0190").unwrap()
}

fn aarhus() -> Tenant {
    Tenant::try_new("0751").unwrap()
}

fn topic(slug: &str) -> TopicSlug {
    TopicSlug::new(slug)
}

/// Says nothing but the name of the move: these tests are about moves.
struct Mute;
impl Voice for Mute {
    fn say(&self, _: &Move, heard: &Heard, _: &Dialogue) -> Words {
        Words { reply: Reply { lang: heard.lang, ..Reply::default() }, version: 1, ..Words::default() }
    }
}

fn heard(text: &str) -> Heard {
    Heard {
        text: Redacted::vouch(text.to_owned()),
        removed: Removed::default(),
        lang: Lang::Da,
        foreign: None,
        intent: Intent::Question,
        band: Band::Abstain,
        topics: Vec::new(),
        place: Place::None,
        aside: Aside::default(),
        choice: None,
    }
}

fn asks(slug: &str) -> Heard {
    let topics =
        vec![Scored { topic: topic(slug), score: 900 }, Scored { topic: topic("mitid"), score: 300 }];
    Heard { band: Band::Answer, topics, ..heard("spørgsmål") }
}

fn no_eid() -> Heard {
    Heard { intent: Intent::NoEid, ..heard("jeg har ikke nemid") }
}

fn names(place: Tenant) -> Heard {
    Heard { place: Place::One(place), ..heard("kommune") }
}

/// Lets a dialogue hear messages one after the other, and tells the moves.
fn moves(messages: impl IntoIterator<Item = Heard>) -> Vec<Move> {
    let mut conversation = Conversation::default();
    let mut moves = Vec::new();
    for heard in messages {
        moves.push(conversation.dialogue().next(&heard));
        for event in conversation.decide(hear(heard)).unwrap() {
            conversation.apply(event);
        }
    }
    moves
}

fn hear(heard: Heard) -> ConversationCommand {
    ConversationCommand::Hear {
        subject: SUBJECT,
        channel: ChatChannel::Web,
        heard: Box::new(heard),
        voice: Arc::new(Mute),
    }
}

fn routed(slug: &str, municipality: Tenant) -> Move {
    Move::Route { topic: topic(slug), municipality: Some(municipality) }
}

const ASK_MATTER: Move = Move::Ask { slot: Slot::Matter, about: None, among: Vec::new() };

fn ask_place(slug: &str) -> Move {
    Move::Ask { slot: Slot::Municipality, about: Some(topic(slug)), among: Vec::new() }
}

#[test]
fn everything_in_one_message_gives_the_card_at_once() {
    let all = Heard { place: Place::One(furesoe()), intent: Intent::NoEid, ..asks("flytning") };
    assert_eq!(moves([all]), [routed("flytning", furesoe())]);
}

#[test]
fn what_is_missing_is_asked_for_step_by_step() {
    assert_eq!(
        moves([no_eid(), asks("flytning"), names(furesoe())]),
        [ASK_MATTER, ask_place("flytning"), routed("flytning", furesoe()),]
    );
}

#[test]
fn the_slots_may_come_in_the_other_order() {
    let place_first = Heard { intent: Intent::NoEid, ..names(furesoe()) };
    assert_eq!(moves([place_first, asks("laegeskift")]), [ASK_MATTER, routed("laegeskift", furesoe())]);
}

#[test]
fn a_correction_midway_counts() {
    let with_matter = Heard { intent: Intent::NoEid, ..asks("flytning") };
    let instead = asks("robinsonlisten");
    assert_eq!(moves([no_eid(), instead, names(furesoe())])[2], routed("robinsonlisten", furesoe()));
    // After the card, another municipality gives the card for that one.
    assert_eq!(moves([with_matter, names(furesoe()), names(aarhus())])[2], routed("flytning", aarhus()));
}

#[test]
fn another_language_is_answered_in_it_with_the_topics_it_may_be_about() {
    let topics = ["flytning", "indrejse", "folkeregisterattest", "mitid"];
    let german =
        |text| Heard { foreign: Some(Foreign::De), lang: Lang::En, band: Band::Choices, ..heard(text) };
    let scored = topics.map(|slug| Scored { topic: topic(slug), score: 300 }).to_vec();
    let asked = Heard { topics: scored, ..german("Ich bin umgezogen") };
    let three = topics.into_iter().take(3).map(topic).collect::<Vec<_>>();
    let pressed = Heard::choice(Choice::Topic(topic("flytning")), Redacted::default(), Lang::En);
    let steps = moves([asked.clone(), pressed]);
    assert_eq!(steps[0], Move::Foreign { language: Foreign::De, topics: three.clone() });
    assert!(matches!(&steps[1], Move::Answer { topic, .. } if topic.as_str() == "flytning"));
    let events = Conversation::default().decide(hear(asked)).unwrap();
    let offered = events.iter().find_map(|event| match event {
        ConversationEvent::AnswerWithheld(withheld) => Some((withheld.reason, withheld.offered.clone())),
        _ => None,
    });
    assert_eq!(offered, Some((Withheld::OtherLanguage, three)));
}

#[test]
fn a_municipality_that_was_asked_for_is_understood_in_any_language() {
    let german = Heard { foreign: Some(Foreign::De), ..names(furesoe()) };
    let with_matter = Heard { intent: Intent::NoEid, ..asks("flytning") };
    assert_eq!(moves([with_matter, german.clone()])[1], routed("flytning", furesoe()));
    assert_eq!(moves([german])[0], Move::Foreign { language: Foreign::De, topics: Vec::new() });
}

#[test]
fn an_ambiguous_place_is_asked_about() {
    let among = vec![furesoe(), aarhus()];
    let ambiguous = Heard { place: Place::Several(among.clone()), intent: Intent::NoEid, ..asks("flytning") };
    let pressed = Heard::choice(Choice::Place(aarhus()), Redacted::vouch("Aarhus".into()), Lang::Da);
    assert_eq!(
        moves([ambiguous, pressed]),
        [
            Move::Ask { slot: Slot::Municipality, about: Some(topic("flytning")), among },
            routed("flytning", aarhus()),
        ]
    );
}

#[test]
fn a_digression_is_answered_and_the_route_goes_on() {
    let steps =
        moves([Heard { intent: Intent::NoEid, ..asks("flytning") }, asks("hotline"), names(furesoe())]);
    assert_eq!(steps[0], ask_place("flytning"));
    assert!(matches!(&steps[1], Move::Answer { topic, .. } if topic.as_str() == "hotline"));
    assert_eq!(steps[2], routed("flytning", furesoe()));
}

#[test]
fn a_general_question_after_a_card_is_answered_and_not_routed() {
    let all = Heard { place: Place::One(furesoe()), intent: Intent::NoEid, ..asks("flytning") };
    let steps = moves([all, asks("folkepension")]);
    assert!(matches!(&steps[1], Move::Answer { topic, .. } if topic.as_str() == "folkepension"));
}

#[test]
fn general_topics_are_answered_but_nobody_is_routed_for_them() {
    let general = Heard { intent: Intent::NoEid, place: Place::One(furesoe()), ..asks("nemid") };
    let nowhere = Heard { place: Place::None, ..general.clone() };
    assert_eq!(moves([general]), [ASK_MATTER]);
    assert!(matches!(&moves([nowhere])[0], Move::Answer { topic, .. } if topic.as_str() == "nemid"));
}

#[test]
fn danger_comes_before_everything() {
    let danger = Heard { intent: Intent::Danger, place: Place::One(furesoe()), ..asks("flytning") };
    assert_eq!(moves([no_eid(), danger])[1], Move::Safety);
}

#[test]
fn a_question_about_ones_own_case_is_never_answered_as_if_general() {
    let mine = Heard { intent: Intent::ConcreteCase, ..asks("boligstoette") };
    assert_eq!(moves([mine]), [Move::ConcreteCase { topic: Some(topic("boligstoette")) }]);
}

#[test]
fn ones_own_case_is_about_the_matter_talked_of_and_never_about_a_general_topic() {
    let mine = || Heard { intent: Intent::ConcreteCase, ..heard("hvor langt er min sag") };
    assert_eq!(
        moves([asks("boligstoette"), mine()])[1],
        Move::ConcreteCase { topic: Some(topic("boligstoette")) }
    );
    assert_eq!(moves([asks("hotline"), mine()])[1], Move::ConcreteCase { topic: None });
}

#[test]
fn a_general_question_while_the_matter_is_asked_for_is_answered_and_asked_no_second_time() {
    assert!(
        matches!(&moves([no_eid(), asks("hotline")])[1], Move::Answer { topic, .. } if topic.as_str() == "hotline")
    );
}

#[test]
fn a_place_after_a_general_answer_answers_for_that_place() {
    let steps = moves([asks("hotline"), names(furesoe())]);
    assert!(matches!(&steps[1], Move::Answer { topic, .. } if topic.as_str() == "hotline"));
}

#[test]
fn a_corrected_place_counts_even_when_the_rest_of_the_words_make_no_sense() {
    let all = Heard { place: Place::One(furesoe()), intent: Intent::NoEid, ..asks("flytning") };
    let no_i_meant = Heard { intent: Intent::OutOfScope, ..names(aarhus()) };
    assert_eq!(moves([all, no_i_meant])[1], routed("flytning", aarhus()));
    let in_mid_route = Heard { intent: Intent::OutOfScope, ..names(aarhus()) };
    assert_eq!(
        moves([Heard { intent: Intent::NoEid, ..asks("pas") }, in_mid_route])[1],
        routed("pas", aarhus())
    );
}

#[test]
fn a_place_after_a_question_about_ones_own_case_gives_the_card_for_that_matter() {
    let mine = Heard { intent: Intent::ConcreteCase, ..asks("kontanthjaelp") };
    assert_eq!(moves([mine, names(furesoe())])[1], routed("kontanthjaelp", furesoe()));
}

#[test]
fn a_button_for_a_general_topic_is_answered_even_within_a_route() {
    let pressed =
        Heard::choice(Choice::Topic(topic("hotline")), Redacted::vouch("Hotlinen".into()), Lang::Da);
    let begun = Heard { place: Place::One(furesoe()), ..no_eid() };
    assert!(matches!(moves([begun, pressed])[1], Move::Answer { .. }));
}

#[test]
fn unsure_twice_in_a_row_offers_a_person_instead_of_a_third_guess() {
    assert_eq!(moves([heard("blåbær"), heard("hindbær")])[1], Move::Person);
}

#[test]
fn a_counter_that_does_not_know_offers_only_what_is_near() {
    let scored = |slug, score| Scored { topic: topic(slug), score };
    let weather = Heard {
        intent: Intent::OutOfScope,
        topics: vec![scored("skilsmisse", 290), scored("pas", 119), scored("flytning", 120)],
        ..heard("hvad er vejret i morgen")
    };
    assert_eq!(moves([weather]), [Move::Abstain { nearest: vec![topic("flytning")] }]);
}

#[test]
fn a_message_of_nothing_but_a_cpr_number_says_that_it_was_removed() {
    let removed = Removed { cpr: 1, ..Removed::default() };
    let only = Heard { removed, ..heard("[CPR-nummer fjernet]") };
    assert_eq!(moves([only]), [Move::OnlyRemoved]);
    let announced = Heard { removed, ..heard("mit cpr er [CPR-nummer fjernet]") };
    assert_eq!(moves([announced]), [Move::OnlyRemoved]);
}

#[test]
fn brackets_that_a_citizen_types_are_part_of_the_message() {
    for text in ["[hej", "[hvad koster et pas]", "x [CPR-nummer fjernet]", "[CPR number removed] [pas"] {
        assert!(!heard(text).is_empty(), "{text}");
    }
    for text in ["", "…", "[CPR-nummer fjernet]", " [CPR-nummer fjernet], [phone number removed]!"] {
        assert!(heard(text).is_empty(), "{text}");
    }
}

#[test]
fn the_button_under_an_answer_leads_to_the_card() {
    let pressed = Heard::choice(
        Choice::WithoutEid(topic("flytning")),
        Redacted::vouch("Jeg har ikke MitID".into()),
        Lang::Da,
    );
    assert_eq!(
        moves([asks("flytning"), pressed, names(furesoe())]),
        [
            Move::Answer { topic: topic("flytning"), score: 900, runner_up: Some(topic("mitid")) },
            ask_place("flytning"),
            routed("flytning", furesoe()),
        ]
    );
}

#[test]
fn a_button_for_a_topic_answers_it_and_within_a_route_continues_the_route() {
    let pressed =
        || Heard::choice(Choice::Topic(topic("flytning")), Redacted::vouch("Meld flytning".into()), Lang::Da);
    let unsure = Heard { band: Band::Choices, topics: asks("flytning").topics, ..no_eid() };
    assert!(matches!(moves([heard("x"), pressed()])[1], Move::Answer { .. }));
    assert_eq!(
        moves([unsure, pressed(), names(furesoe())])[1..],
        [ask_place("flytning"), routed("flytning", furesoe())]
    );
}

#[test]
fn the_first_message_starts_the_conversation_and_every_message_is_kept_before_its_answer() {
    let events = given::<Conversation>([]).when(hear(asks("flytning"))).result().unwrap();
    let types: Vec<_> = events.iter().map(crate::codec::type_of).collect();
    assert_eq!(types, ["ConversationStarted", "MessageReceived", "AnswerGiven"]);
}

#[test]
fn an_ended_conversation_hears_nothing_more() {
    let ended = ConversationEvent::ConversationEnded(ConversationEnded {});
    let started = ConversationEvent::ConversationStarted(ConversationStarted {
        channel: ChatChannel::Web,
        lang: Lang::Da,
    });
    given::<Conversation>([started, ended]).when(hear(asks("flytning"))).refused(ConversationRefusal::Ended);
    given::<Conversation>([]).when(ConversationCommand::End).refused(ConversationRefusal::NothingSaid);
}

#[test]
fn a_choice_is_read_back_from_its_code() {
    for choice in [
        Choice::Topic(topic("flytning")),
        Choice::Place(furesoe()),
        Choice::WithoutEid(topic("pas")),
        Choice::Person,
        Choice::NoneOfThese,
        Choice::Skip,
        Choice::Language(Lang::En),
    ] {
        assert_eq!(Choice::parse(&choice.code()), Some(choice));
    }
    for bad in ["", "topic:", "topic:<b>", "place:12", "no-eid:Æ", "lang:de"] {
        assert_eq!(Choice::parse(bad), None, "{bad}");
    }
}
