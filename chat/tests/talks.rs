//! Conversations that do not go straight: corrections, digressions, several matters, people who will not say where they
//! live or ask for somebody else. None of the sentences stands in a list that anything is learned from.

mod support;

use skranke_chat::counter::Turn;
use skranke_domain::Lang;
use skranke_domain::conversation::Slot;
use support::{Citizen, House};

/// The card that the last of several messages leads to: its matter and the code of its municipality.
async fn card(messages: &[&str]) -> (String, Option<String>) {
    let house = House::new();
    let citizen = Citizen::new(&house);
    let mut last = None;
    for message in messages {
        let reply = citizen.writes(message).await.reply;
        last = reply
            .card
            .map(|card| (card.topic.as_str().to_owned(), card.municipality.map(|code| code.to_string())));
    }
    last.unwrap_or_else(|| panic!("no card: {messages:?}"))
}

fn at(topic: &str, code: &str) -> (String, Option<String>) {
    (topic.to_owned(), Some(code.to_owned()))
}

fn anywhere(topic: &str) -> (String, Option<String>) {
    (topic.to_owned(), None)
}

fn pressable(turn: &Turn) -> Vec<&str> {
    turn.reply.buttons.iter().map(|button| button.choice.as_str()).collect()
}

#[tokio::test]
async fn a_place_is_put_right_in_the_same_message_or_the_next() {
    assert_eq!(
        card(&["Jeg skal skifte læge uden MitID", "Vejle. Nej undskyld, Kolding"]).await,
        at("laegeskift", "0621")
    );
    assert_eq!(
        card(&[
            "My mother has no MitID and needs a new health card",
            "She lives in Odense, sorry, Svendborg"
        ])
        .await,
        at("sundhedskort", "0479")
    );
    assert_eq!(
        card(&["har ikke mitid, skal melde flytning til Greve", "nej vent, det er Solrød"]).await,
        at("flytning", "0269")
    );
    assert_eq!(
        card(&["pas uden mitid", "bor i herning", "undskyld jeg mente holstebro"]).await,
        at("pas", "0661")
    );
}

#[tokio::test]
async fn a_mitid_that_fails_is_told_by_the_way() {
    assert_eq!(
        card(&["Hvordan skifter jeg læge?", "mit MitID er spærret, og jeg bor i Herlev"]).await,
        at("laegeskift", "0163")
    );
    assert_eq!(
        card(&["Der er rotter i haven", "Roskilde. kan ikke finde ud af nettet"]).await,
        at("rotter", "0265")
    );
}

#[tokio::test]
async fn who_will_not_say_where_is_told_what_holds_everywhere() {
    let declined = card(&["Jeg har ikke MitID og skal skilles", "det vil jeg helst ikke sige"]).await;
    assert_eq!(declined, anywhere("skilsmisse"));
    let homeless = card(&["jeg vil søge kontanthjælp", "har ikke mitid", "jeg har ingen fast bopæl"]).await;
    assert_eq!(homeless, anywhere("kontanthjaelp"));
    let house = House::new();
    let citizen = Citizen::new(&house);
    let turn = citizen.writes("Jeg har ikke MitID og skal melde flytning").await;
    assert_eq!(turn.reply.asks, Some(Slot::Municipality));
    assert!(pressable(&turn).contains(&"place:0101") && pressable(&turn).last() == Some(&"skip"));
    let turn = citizen.presses("skip").await;
    assert!(turn.reply.card.as_ref().is_some_and(|card| card.municipality.is_none()));
    assert!(turn.reply.plain().contains("gælder i alle kommuner"), "{}", turn.reply.plain());
}

#[tokio::test]
async fn what_was_named_besides_is_offered_afterwards() {
    let house = House::new();
    let citizen = Citizen::new(&house);
    citizen.writes("Jeg skal melde flytning og have en ny læge. Jeg har ikke MitID.").await;
    let turn = citizen.writes("Rebild").await;
    let first = turn.reply.card.as_ref().unwrap().topic.as_str().to_owned();
    let other = if first == "flytning" { "topic:laegeskift" } else { "topic:flytning" };
    assert!(pressable(&turn).contains(&other), "{first}: {:?}", pressable(&turn));
    let turn = citizen.writes("ja tak").await;
    let card = turn.reply.card.as_ref().unwrap();
    assert_eq!(format!("topic:{}", card.topic.as_str()), other);
    assert_eq!(card.municipality.map(|code| code.to_string()).as_deref(), Some("0840"));
}

#[tokio::test]
async fn after_a_digression_the_open_question_is_still_asked() {
    let house = House::new();
    let citizen = Citizen::new(&house);
    citizen.writes("Jeg har ikke MitID og skal melde flytning").await;
    let turn = citizen.writes("hvornår er hotlinen åben?").await;
    assert_eq!(turn.reply.asks, Some(Slot::Municipality));
    assert!(turn.reply.plain().contains("Jeg mangler stadig kommunen"), "{}", turn.reply.plain());
}

#[tokio::test]
async fn nothing_is_said_twice_in_a_row_and_a_loop_ends_with_a_person() {
    let house = House::new();
    let citizen = Citizen::new(&house);
    citizen.writes("Jeg har ikke MitID og skal melde flytning").await;
    let mut said: Vec<String> = Vec::new();
    let mut offered = false;
    for nonsense in ["qwertz uiop", "asdfgh jklo", "yxcvb nmqw", "plmok nijb", "uhvyg ctfx"] {
        let turn = citizen.writes(nonsense).await;
        offered |= !turn.reply.links.is_empty();
        said.push(turn.reply.paragraphs.first().cloned().unwrap_or_default());
    }
    assert!(offered && said.windows(2).all(|two| two[0] != two[1]), "{said:#?}");
    // What was asked before all that is not forgotten.
    let turn = citizen.writes("Furesø").await;
    assert_eq!(turn.reply.card.unwrap().topic.as_str(), "flytning");
}

#[tokio::test]
async fn who_asks_for_somebody_else_is_asked_where_they_live() {
    let house = House::new();
    let citizen = Citizen::new(&house);
    let turn = citizen.writes("Min mor har ikke MitID og skal have nyt sundhedskort").await;
    assert!(turn.reply.plain().contains("Hvilken kommune bor din mor i?"), "{}", turn.reply.plain());
    let turn = citizen.writes("hun bor i Viborg").await;
    assert!(turn.reply.plain().contains("legitimation for jer begge"), "{}", turn.reply.plain());
}

#[tokio::test]
async fn the_young_are_told_what_they_can_do_themselves() {
    let house = House::new();
    let citizen = Citizen::new(&house);
    let turn = citizen.writes("jeg er 16 og skal melde flytning uden mitid til Kolding").await;
    assert!(turn.reply.plain().contains("Fra 15 år kan du selv melde flytning"), "{}", turn.reply.plain());
    let turn = citizen.writes("jeg er 44 og skal melde flytning uden mitid").await;
    assert!(!turn.reply.plain().contains("under 15"), "{}", turn.reply.plain());
}

#[tokio::test]
async fn the_language_may_change_on_the_way() {
    let house = House::new();
    let citizen = Citizen::new(&house);
    citizen.writes("Jeg vil gerne melde flytning").await;
    let turn = citizen.writes("Sorry, can we speak English? I don't have MitID").await;
    assert_eq!(turn.reply.lang, Lang::En);
    let turn = citizen.writes("Sorø").await;
    let card = turn.reply.card.as_ref().unwrap();
    assert_eq!((card.topic.as_str(), turn.reply.lang), ("flytning", Lang::En));
}
