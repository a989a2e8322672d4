//! Conversations at the counter, from the first word to the card: through understanding, rules, voice and log.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use skranke_chat::counter::{CounterFailure, LeaveInquiry, Said, Standing, Turn, conversation_of};
use skranke_domain::conversation::{Card, ChatChannel, Tone};
use skranke_domain::inquiry::{InquiryEvent, InquiryKind, InquiryRefusal, Speaker};
use skranke_domain::{Lang, Sealable, Tenant, codec};
use skranke_store::Filter;
use skranke_store::port::{Direction, Position};
use support::{Citizen, House, holds};

fn card(turn: &Turn) -> &Card {
    turn.reply.card.as_ref().unwrap_or_else(|| panic!("no card: {}", turn.reply.plain()))
}

fn place(turn: &Turn) -> (String, String) {
    (card(turn).topic.as_str().to_owned(), card(turn).municipality.unwrap().to_string())
}

fn pair(topic: &str, code: &str) -> (String, String) {
    (topic.to_owned(), code.to_owned())
}

#[tokio::test]
async fn everything_in_one_message_leads_to_the_card() {
    let house = House::new();
    let citizen = Citizen::new(&house);
    let turn = citizen.writes("Jeg har ikke NemID og skal melde flytning til Furesø Kommune").await;
    assert_eq!(place(&turn), pair("flytning", "0190"));
    assert_eq!(card(&turn).front_desk, "borgerservice");
    assert!(turn.reply.paragraphs[0].starts_with("NemID lukkede den 31. oktober 2023"));
    assert!(card(&turn).link.ends_with("kommunekode=190"));
}

#[tokio::test]
async fn step_by_step_leads_to_the_same_card() {
    let house = House::new();
    let citizen = Citizen::new(&house);
    let turn = citizen.writes("jeg har ikke mitid").await;
    assert_eq!(turn.reply.tone, Tone::Question, "{}", turn.reply.plain());
    let turn = citizen.writes("jeg skal skifte læge").await;
    assert!(turn.reply.plain().contains("Hvilken kommune"), "{}", turn.reply.plain());
    let turn = citizen.writes("Værløse").await;
    assert_eq!(place(&turn), pair("laegeskift", "0190"));
}

#[tokio::test]
async fn the_municipality_can_be_corrected_afterwards() {
    let house = House::new();
    let citizen = Citizen::new(&house);
    let turn = citizen.writes("har ikke mitid, skal melde flytning i Aarhus").await;
    assert_eq!(place(&turn), pair("flytning", "0751"));
    let turn = citizen.writes("det skulle have været Odense").await;
    assert_eq!(place(&turn), pair("flytning", "0461"));
}

#[tokio::test]
async fn the_matter_can_be_corrected_midway() {
    let house = House::new();
    let citizen = Citizen::new(&house);
    citizen.writes("Jeg har ikke MitID og skal melde flytning").await;
    citizen.writes("nej, jeg har ikke MitID og skal skifte læge").await;
    let turn = citizen.writes("Furesø").await;
    assert_eq!(place(&turn), pair("laegeskift", "0190"));
}

#[tokio::test]
async fn a_place_that_several_municipalities_have_is_asked_for_with_buttons() {
    let house = House::new();
    let citizen = Citizen::new(&house);
    let turn = citizen.writes("Jeg har ikke MitID og skal melde flytning til Nykøbing").await;
    let codes: Vec<&str> = turn.reply.buttons.iter().map(|button| button.choice.as_str()).collect();
    assert!(codes.contains(&"place:0376") && codes.contains(&"place:0773"), "{codes:?}");
    let turn = citizen.presses("place:0773").await;
    assert_eq!(place(&turn), pair("flytning", "0773"));
    assert_eq!(turn.said.as_deref(), Some("Morsø Kommune"));
}

#[tokio::test]
async fn a_digression_is_answered_and_the_route_goes_on() {
    let house = House::new();
    let citizen = Citizen::new(&house);
    citizen.writes("Jeg har ikke MitID og skal melde flytning").await;
    let turn = citizen.writes("hvornår er hotlinen åben?").await;
    assert!(turn.reply.paragraphs[0].contains("Åbent nu. Lukker kl. 20."), "{}", turn.reply.plain());
    let turn = citizen.writes("Furesø").await;
    assert_eq!(place(&turn), pair("flytning", "0190"), "{}", turn.reply.plain());
}

#[tokio::test]
async fn an_answer_leads_to_the_card_by_buttons_alone() {
    let house = House::new();
    let citizen = Citizen::new(&house);
    let turn = citizen.presses("topic:robinsonlisten").await;
    assert_eq!(turn.reply.buttons[0].choice, "no-eid:robinsonlisten");
    let turn = citizen.presses("no-eid:robinsonlisten").await;
    assert_eq!(turn.reply.tone, Tone::Question);
    let turn = citizen.presses("place:0190").await;
    assert_eq!(place(&turn), pair("robinsonlisten", "0190"));
}

#[tokio::test]
async fn a_concrete_case_is_turned_down_kindly_with_somebody_to_ask() {
    let house = House::new();
    let citizen = Citizen::new(&house);
    let turn =
        citizen.writes("Hvor langt er min ansøgning om boligstøtte? Jeg søgte for fem uger siden").await;
    let text = turn.reply.plain();
    assert!(text.contains("Jeg kan ikke se din sag"), "{text}");
    assert!(turn.reply.card.is_none() && !turn.reply.links.is_empty());
}

#[tokio::test]
async fn danger_comes_before_everything() {
    let house = House::new();
    let citizen = Citizen::new(&house);
    citizen.writes("Jeg har ikke MitID og skal melde flytning").await;
    let turn = citizen.writes("min kæreste slår mig, hjælp").await;
    assert_eq!(turn.reply.tone, Tone::Urgent, "{}", turn.reply.plain());
    assert!(turn.reply.plain().contains("112"));
    let long = format!("{} jeg vil ikke leve mere", "bla ".repeat(10));
    assert_eq!(citizen.writes(&long).await.reply.tone, Tone::Urgent);
}

#[tokio::test]
async fn english_is_answered_in_english_on_a_danish_page() {
    let house = House::new();
    let citizen = Citizen::new(&house);
    let turn = citizen.writes("I don't have MitID and want to change doctor in Furesø").await;
    assert_eq!(turn.reply.lang, Lang::En);
    assert_eq!(place(&turn), pair("laegeskift", "0190"));
    assert!(card(&turn).title.starts_with("Change general practitioner in"));
}

#[tokio::test]
async fn a_cpr_number_is_nowhere_and_the_citizen_is_told() {
    let house = House::new();
    let citizen = Citizen::new(&house);
    for number in ["010190-1234", "0101901234", "010190 1234", "OlOl9O-l234"] {
        let turn = citizen.writes(&format!("mit cpr er {number}, hvordan melder jeg flytning?")).await;
        let notice = turn.reply.notice.unwrap_or_default();
        assert!(notice.contains("CPR-nummer"), "{number}: {notice}");
        assert!(turn.said.unwrap().contains("[CPR-nummer fjernet]"));
    }
    let transcript = house.counter.transcript(citizen.conversation).await.unwrap();
    assert!(!format!("{transcript:?}").contains("1234"));
    house.log.close().await;
    assert!(!holds(&house.bytes_on_disk(), "010190"));
}

#[tokio::test]
async fn what_was_written_is_not_in_the_open_on_disk() {
    let house = House::new();
    let citizen = Citizen::new(&house);
    citizen.writes("hvordan fornyer jeg mit zebrapas").await;
    house.log.close().await;
    let bytes = house.bytes_on_disk();
    assert!(!holds(&bytes, "zebrapas"));
    assert!(holds(&bytes, "MessageReceived"), "or this test looks at nothing");
}

#[tokio::test]
async fn the_same_message_twice_is_one_message_and_one_answer() {
    let house = House::new();
    let (citizen, again) = (Citizen::new(&house), Citizen::new(&house));
    let first = citizen.writes("Hvordan skifter jeg læge?").await;
    house.clock.set("2026-11-23T23:00:00Z");
    let second = again.writes("Hvordan skifter jeg læge?").await;
    assert!(!first.repeated && second.repeated);
    assert_eq!((first.reply, first.revision, first.said), (second.reply, second.revision, second.said));
    let transcript = house.counter.transcript(citizen.conversation).await.unwrap();
    assert_eq!(transcript.lines.len(), 2);
}

#[tokio::test]
async fn empty_and_unknown_input_gets_a_hint_and_leaves_no_trace() {
    let house = House::new();
    let citizen = Citizen::new(&house);
    for text in ["", "   \n\t "] {
        let turn = citizen.writes(text).await;
        assert!(turn.revision.is_none() && turn.reply.plain().contains("Skriv dit spørgsmål"));
    }
    for choice in
        ["", "topic:findes-ikke", "place:0411", "place:9999", "no-eid:hotline", "rm -rf", "topic:../../etc"]
    {
        let turn = citizen.presses(choice).await;
        assert!(turn.revision.is_none() && turn.reply.plain().contains("Den knap"), "{choice}");
    }
    assert_eq!(house.log.head().await.unwrap(), Position(0));
}

#[tokio::test]
async fn huge_and_binary_messages_get_a_clear_answer() {
    let house = House::new();
    let citizen = Citizen::new(&house);
    let huge = "Jeg bor i Furesø, mit nummer er 010190-1234. ".repeat(25_000);
    assert!(huge.len() > 1_000_000);
    let turn = citizen.writes(&huge).await;
    assert!(turn.reply.plain().contains("Din besked er lang"), "{}", turn.reply.plain());
    assert!(turn.reply.notice.is_some());
    let kept = turn.said.unwrap();
    assert!(
        kept.chars().count() < 4_100 && kept.ends_with("[… forkortet]") && !kept.contains("1234"),
        "{kept}"
    );
    let binary = String::from_utf8_lossy(&(0..=255).cycle().take(5_000).collect::<Vec<u8>>()).into_owned();
    let turn = citizen.writes(&binary).await;
    assert!(turn.reply.plain().contains("Jeg kan ikke læse din besked"), "{}", turn.reply.plain());
    assert_eq!(turn.said.as_deref(), Some("[ulæselig besked]"));
    // The conversation goes on.
    assert!(!citizen.writes("Hvordan skifter jeg læge?").await.reply.sources.is_empty());
}

#[tokio::test]
async fn a_number_across_the_cut_leaves_no_part_of_itself() {
    let house = House::new();
    let citizen = Citizen::new(&house);
    for shift in 0..12 {
        let text = format!("{}010190-1234 og mere", "a ".repeat(1_994) + &"b".repeat(shift));
        let turn = citizen.writes(&text).await;
        assert!(!turn.said.unwrap().contains("0101"), "shift {shift}");
    }
}

fn call_back(key: &str) -> LeaveInquiry {
    LeaveInquiry {
        kind: InquiryKind::CallBack,
        channel: ChatChannel::Web,
        name: "Inger Test".to_owned(),
        phone: "12 34 56 78".to_owned(),
        email: String::new(),
        municipality: Tenant::try_new("0190").unwrap(),
        topic: None,
        message: "Ring gerne, mit cpr er 010190-1234. Jeg træffes på 12 34 56 78, min søn på 87 65 43 21."
            .to_owned(),
        when: Some("morning".to_owned()),
        lang: Lang::Da,
        form_key: key.to_owned(),
    }
}

/// The events of the municipality's inbox, opened.
async fn inbox(house: &House) -> Vec<InquiryEvent> {
    let filter = Filter { stream_prefixes: vec!["inquiry-0190-".to_owned()], ..Filter::default() };
    let page = house.log.read_all(Position(0), Direction::Forwards, 100, &filter).await.unwrap();
    let open = page.events.into_iter().map(|recorded| {
        let mut event: InquiryEvent = codec::decode(&recorded.event_type, &recorded.data).unwrap();
        event.unlock_all(&house.desk.keys().for_stream(&recorded.stream)).unwrap();
        event
    });
    open.collect()
}

#[tokio::test]
async fn a_call_back_lands_in_the_inbox_with_the_conversation_and_gives_a_reference() {
    let house = House::new();
    let citizen = Citizen::new(&house);
    citizen.writes("Jeg har ikke MitID og skal melde flytning i Furesø").await;
    let receipt = house.counter.leave_inquiry(citizen.conversation, call_back("form-1")).await.unwrap();
    let again = house.counter.leave_inquiry(citizen.conversation, call_back("form-1")).await.unwrap();
    assert_eq!((&receipt.inquiry, &receipt.reference), (&again.inquiry, &again.reference));
    assert_eq!(receipt.removed.cpr, 1);
    let events = inbox(&house).await;
    let [InquiryEvent::InquiryReceived(received), InquiryEvent::CallBackRequested(wish)] = events.as_slice()
    else {
        panic!("{events:?}");
    };
    assert_eq!(received.reference, receipt.reference);
    assert_eq!(wish.when.as_deref(), Some("morning"));
    assert_eq!(received.contact.value().unwrap().phone.as_deref(), Some("12 34 56 78"));
    let message = received.message.value().unwrap();
    // The number that the citizen asks to be called on may stand in the message, too; others may not.
    assert!(message.contains("[CPR-nummer fjernet]") && message.contains("12 34 56 78"), "{message}");
    assert!(!message.contains("87 65 43 21"), "{message}");
    let transcript = received.transcript.as_ref().unwrap().value().unwrap();
    assert_eq!((transcript[0].speaker, transcript[1].speaker), (Speaker::Citizen, Speaker::Counter));
    assert!(transcript[1].text.contains("Meld flytning i Furesø Kommune"));
    // The conversation shows the receipt, once.
    let shown = house.counter.transcript(citizen.conversation).await.unwrap();
    let receipts = shown.lines.iter().filter(
        |line| matches!(&line.said, Said::Counter(reply) if reply.plain().contains(&receipt.reference)),
    );
    assert_eq!(receipts.count(), 1);
}

#[tokio::test]
async fn an_inquiry_without_a_conversation_and_one_that_is_refused() {
    let house = House::new();
    let citizen = Citizen::new(&house);
    let receipt = house.counter.leave_inquiry(citizen.conversation, call_back("form-2")).await.unwrap();
    assert_eq!(receipt.reference.len(), 9);
    let InquiryEvent::InquiryReceived(received) = &inbox(&house).await[0] else { panic!() };
    assert!(received.conversation.is_none() && received.transcript.is_none());
    for (phone, refusal) in
        [("0101901234", InquiryRefusal::NotAPhoneNumber), ("123", InquiryRefusal::NotAPhoneNumber)]
    {
        let form = LeaveInquiry { phone: phone.to_owned(), ..call_back("form-3") };
        let failure = house.counter.leave_inquiry(citizen.conversation, form).await.unwrap_err();
        assert!(matches!(failure, CounterFailure::Inquiry(found) if found == refusal), "{phone}");
    }
}

#[tokio::test]
async fn an_ended_conversation_can_be_read_by_nobody() {
    let house = House::new();
    let citizen = Citizen::new(&house);
    citizen.writes("Hvordan skifter jeg læge?").await;
    house.counter.rate(citizen.conversation, 2, true).await.unwrap();
    assert!(house.counter.transcript(citizen.conversation).await.unwrap().rated);
    house.counter.end(citizen.conversation).await.unwrap();
    house.counter.end(citizen.conversation).await.unwrap();
    let transcript = house.counter.transcript(citizen.conversation).await.unwrap();
    assert!(transcript.ended);
    assert!(transcript.lines.iter().all(|line| matches!(line.said, Said::Erased)));
}

#[tokio::test]
async fn twice_unsure_leads_to_a_person() {
    let house = House::new();
    let citizen = Citizen::new(&house);
    citizen.writes("qwertz uiop asdf").await;
    let turn = citizen.writes("yxcvb nmkjh gfdsa").await;
    assert!(turn.reply.links.len() == 2, "{}", turn.reply.plain());
}

#[tokio::test]
async fn conversations_are_forgotten_when_their_time_is_over() {
    let house = House::new();
    let (mut old, mut lively, mut new) = (Citizen::new(&house), Citizen::new(&house), Citizen::new(&house));
    old.conversation = conversation_of(b"old");
    lively.conversation = conversation_of(b"lively");
    new.conversation = conversation_of(b"new");
    old.writes("Hvordan skifter jeg læge?").await;
    lively.writes("Hvordan skifter jeg læge?").await;
    house.clock.set("2027-02-01T09:00:00Z");
    lively.writes("Furesø").await;
    new.writes("Hvordan får jeg pas?").await;
    let before = "2027-01-01T00:00:00Z".parse().unwrap();
    let first = house.counter.forget(before, Position(0)).await.unwrap();
    assert_eq!(first.count, 1);
    assert_eq!(house.counter.standing(old.conversation).await.unwrap(), Standing::Ended);
    assert_ne!(house.counter.standing(lively.conversation).await.unwrap(), Standing::Ended);
    assert_ne!(house.counter.standing(new.conversation).await.unwrap(), Standing::Ended);
    // The next time it goes on where everything before has ended, and the lively one is looked at again.
    assert_eq!(house.counter.forget(before, first.next).await.unwrap().count, 0);
    let later = "2027-06-01T00:00:00Z".parse().unwrap();
    assert_eq!(house.counter.forget(later, first.next).await.unwrap().count, 2);
}
