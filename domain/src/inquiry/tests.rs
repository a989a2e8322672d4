//! An inquiry, as sentences.

use uuid::Uuid;

use super::*;
use crate::scenario::given;

const SUBJECT: SubjectId = SubjectId::new(Uuid::from_u128(3));
const CASE: CaseId = CaseId::new(Uuid::from_u128(4));

fn wish(kind: InquiryKind) -> Receive {
    Receive {
        reference: "H7QF-4M2X".into(),
        kind,
        channel: Channel::Web,
        topic: None,
        received: "2026-11-23T09:00:00Z".parse().unwrap(),
        subject: SUBJECT,
        contact: Contact { name: " Prøve Person ".into(), phone: Some("12 34 56 78".into()), email: None },
        message: "Jeg vil gerne høre mere.".into(),
        when: Some("morning".into()),
        conversation: None,
        transcript: Vec::new(),
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
            Contact { name: "Prøve Person".into(), phone: Some("12 34 56 78".into()), email: None },
        ),
        message: Sealed::new(SUBJECT, "Jeg vil gerne høre mere.".into()),
        conversation: None,
        transcript: None,
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
    let cases: [(InquiryKind, Change, InquiryRefusal); 7] = [
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
