//! An inquiry, as sentences.

use uuid::Uuid;

use super::*;
use crate::authority::AuthoritySlug;
use crate::scenario::{decisions, given};

const SUBJECT: SubjectId = SubjectId::new(Uuid::from_u128(3));
const CASE: CaseId = CaseId::new(Uuid::from_u128(4));

fn wish(kind: InquiryKind) -> Receive {
    Receive {
        reference: "H7QF-4M2X".into(),
        kind,
        channel: Channel::Web,
        topic: None,
        received: "2026-11-23T09:00:00Z".parse().unwrap(),
        now: "2026-11-23T09:00:00Z".parse().unwrap(),
        subject: SUBJECT,
        contact: Contact {
            name: " Prøve Person ".into(),
            phone: Some("12 34 56 78".into()),
            email: None,
            address: None,
        },
        message: "Jeg vil gerne høre mere.".into(),
        when: Some("morning".into()),
        conversation: None,
        transcript: Vec::new(),
        forwarded_from: None,
        forwarded_case: None,
    }
}

fn receive(wish: Receive) -> InquiryCommand {
    InquiryCommand::Receive(Box::new(wish))
}

fn received() -> InquiryEvent {
    InquiryEvent::InquiryReceived(InquiryReceived {
        reference: "H7QF-4M2X".into(),
        kind: InquiryKind::CallBack,
        channel: Channel::Web,
        topic: None,
        received: "2026-11-23T09:00:00Z".parse().unwrap(),
        subject: SUBJECT,
        contact: Sealed::new(
            SUBJECT,
            Contact {
                name: "Prøve Person".into(),
                phone: Some("12 34 56 78".into()),
                email: None,
                address: None,
            },
        ),
        message: Sealed::new(SUBJECT, "Jeg vil gerne høre mere.".into()),
        conversation: None,
        transcript: None,
        forwarded_from: None,
        forwarded_case: None,
    })
}

fn linked() -> InquiryEvent {
    InquiryEvent::InquiryLinkedToCase(InquiryLinkedToCase { case: CASE })
}

fn closed() -> InquiryEvent {
    InquiryEvent::InquiryClosed(InquiryClosed {})
}

#[test]
fn a_call_back_is_taken_in_with_the_time_that_suits() {
    let wanted = InquiryEvent::CallBackRequested(CallBackRequested { when: Some("morning".into()) });
    given::<Inquiry>([]).when(receive(wish(InquiryKind::CallBack))).then([received(), wanted]);
}

#[test]
fn the_same_form_sent_twice_is_one_inquiry() {
    given::<Inquiry>([received()]).when(receive(wish(InquiryKind::CallBack))).then([]);
}

#[test]
fn what_is_missing_or_wrong_in_the_form_is_named() {
    type Change = fn(&mut Receive);
    let cases: [(InquiryKind, Change, InquiryRefusal); 8] = [
        (
            InquiryKind::CallBack,
            |w| w.received += jiff::SignedDuration::from_secs(1),
            InquiryRefusal::InTheFuture,
        ),
        (InquiryKind::CallBack, |w| w.contact.name = " ".into(), InquiryRefusal::NoText { path: "name" }),
        (InquiryKind::CallBack, |w| w.contact.phone = None, InquiryRefusal::NoText { path: "phone" }),
        (InquiryKind::CallBack, |w| w.contact.phone = Some("1234".into()), InquiryRefusal::NotAPhoneNumber),
        (InquiryKind::Written, |w| w.message = String::new(), InquiryRefusal::NoText { path: "message" }),
        (InquiryKind::Written, |w| w.message = "æ".repeat(MESSAGE_LIMIT + 1), InquiryRefusal::TooLong),
        (InquiryKind::Written, |w| w.contact.email = Some("person@".into()), InquiryRefusal::NotAnEmail),
        (InquiryKind::Written, |w| w.contact.phone = None, InquiryRefusal::NoWayBack),
    ];
    for (kind, change, reason) in cases {
        let mut wish = wish(kind);
        change(&mut wish);
        given::<Inquiry>([]).when(receive(wish)).refused(reason);
    }
}

#[test]
fn an_inquiry_becomes_one_case_and_no_second() {
    let other = CaseId::new(Uuid::from_u128(9));
    given::<Inquiry>([received()]).when(InquiryCommand::LinkToCase { case: CASE }).then([linked()]);
    given::<Inquiry>([received(), linked()]).when(InquiryCommand::LinkToCase { case: CASE }).then([]);
    given::<Inquiry>([received(), linked()])
        .when(InquiryCommand::LinkToCase { case: other })
        .refused(InquiryRefusal::AlreadyACase);
}

#[test]
fn guidance_is_noted_until_the_inquiry_is_closed() {
    let give = || InquiryCommand::GiveGuidance { text: " Vejledt om flytning ".into() };
    let given_guidance = InquiryEvent::GuidanceGiven(GuidanceGiven {
        note: Sealed::new(SUBJECT, "Vejledt om flytning".into()),
    });
    given::<Inquiry>([received()]).when(give()).then([given_guidance]);
    given::<Inquiry>([received(), closed()]).when(give()).refused(InquiryRefusal::Closed);
    given::<Inquiry>([]).when(give()).refused(InquiryRefusal::NotFound);
}

#[test]
fn closing_twice_is_closing_once() {
    given::<Inquiry>([received()]).when(InquiryCommand::Close {}).then([closed()]);
    given::<Inquiry>([received(), closed()]).when(InquiryCommand::Close {}).then([]);
}

fn furesoe() -> Tenant {
    Tenant::try_new("0190").unwrap()
}

fn to(municipality: &str) -> Addressee {
    Addressee {
        authority: AuthoritySlug::try_new("folkeregister").unwrap(),
        name: "Folkeregisteret".into(),
        municipality: Tenant::try_new(municipality).ok(),
        received_as: Some(InquiryId::new(Uuid::from_u128(8))),
    }
}

fn told() -> Notice {
    Notice::Given { how: " Ringet op og fortalt. ".into() }
}

fn forward(to: Option<Addressee>, notice: Option<Notice>) -> InquiryCommand {
    InquiryCommand::Forward(Box::new(Forward { from: furesoe(), to, notice }))
}

fn letter() -> InquiryEvent {
    let InquiryEvent::InquiryReceived(received) = received() else { unreachable!() };
    InquiryEvent::InquiryReceived(InquiryReceived {
        kind: InquiryKind::Written,
        channel: Channel::Letter,
        ..received
    })
}

fn forwarded() -> InquiryEvent {
    let Addressee { authority, name, municipality, received_as } = to("0751");
    InquiryEvent::InquiryForwarded(InquiryForwarded { authority, name, municipality, received_as })
}

#[test]
fn a_letter_is_passed_on_and_its_sender_told() {
    let informed = SenderInformed { how: Sealed::new(SUBJECT, "Ringet op og fortalt.".into()) };
    given::<Inquiry>([letter()])
        .when(forward(Some(to("0751")), Some(told())))
        .then([forwarded(), InquiryEvent::SenderInformed(informed)]);
    let waived = SenderNoticeWaived { reason: Sealed::new(SUBJECT, "Adressen er ukendt.".into()) };
    given::<Inquiry>([letter()])
        .when(forward(Some(to("0751")), Some(Notice::Waived { reason: "Adressen er ukendt.".into() })))
        .then([forwarded(), InquiryEvent::SenderNoticeWaived(waived)]);
}

#[test]
fn nothing_is_passed_on_in_silence_to_nobody_or_to_ourselves() {
    for (to, notice, reason) in [
        (None, Some(told()), InquiryRefusal::UnknownAddressee),
        (Some(to("0190")), Some(told()), InquiryRefusal::Oneself),
        (Some(to("0751")), None, InquiryRefusal::SenderNotInformed),
        (Some(to("0751")), Some(Notice::Waived { reason: " ".into() }), InquiryRefusal::SenderNotInformed),
    ] {
        given::<Inquiry>([letter()]).when(forward(to, notice)).refused(reason);
    }
}

#[test]
fn who_asks_by_word_of_mouth_need_not_give_a_name_and_gets_guidance() {
    let spoken = Receive {
        channel: Channel::Counter,
        contact: Contact { name: " ".into(), phone: None, email: None, address: None },
        ..wish(InquiryKind::Spoken)
    };
    let events = given::<Inquiry>([]).when(receive(spoken)).result().unwrap();
    given::<Inquiry>(events)
        .when(forward(Some(to("0751")), Some(told())))
        .refused(InquiryRefusal::NotWritten);
}

#[test]
fn a_letter_may_be_answered_by_letter() {
    let contact = Contact {
        name: "Prøve Person".into(),
        phone: None,
        email: None,
        address: Some("Prøvevej 1, 3500 Værløse".into()),
    };
    let wish = Receive { channel: Channel::Letter, contact, ..wish(InquiryKind::Written) };
    assert!(given::<Inquiry>([]).when(receive(wish)).result().is_ok());
}

#[test]
fn every_wish_in_every_state() {
    let states = [
        ("nothing came in", vec![]),
        ("a call-back", vec![received()]),
        ("a letter", vec![letter()]),
        ("a letter that was forwarded", vec![letter(), forwarded()]),
        ("a letter that became a case", vec![letter(), linked()]),
        ("closed", vec![letter(), closed()]),
    ];
    let wishes = [
        ("receive", receive(wish(InquiryKind::CallBack))),
        ("give guidance", InquiryCommand::GiveGuidance { text: "Vejledt".into() }),
        ("forward", forward(Some(to("0751")), Some(told()))),
        ("forward elsewhere", forward(Some(to("0101")), Some(told()))),
        ("forward to nobody known", forward(None, Some(told()))),
        ("forward to ourselves", forward(Some(to("0190")), Some(told()))),
        ("forward, sender not told", forward(Some(to("0751")), None)),
        ("link to a case", InquiryCommand::LinkToCase { case: CASE }),
        ("close", InquiryCommand::Close {}),
    ];
    insta::assert_snapshot!(decisions::<Inquiry>(&states, &wishes));
}
