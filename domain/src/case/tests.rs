//! The rulebook of a case, as sentences and as one table.

mod course;
mod documents;
mod letters;
mod parties;
mod reach;
mod table;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::{Date, date};
use uuid::Uuid;

use super::document::{
    AddressedFile, ContentHash, DocumentAct, DocumentDirection, DocumentJournalised, NewFile, PartyLetter,
    StoredFile, TakeOver,
};
use super::*;
use crate::act::{Actor, Role, Roles};
use crate::calendar::Calendar;
use crate::deadline::WaitingFor;
use crate::id::ComplaintId;
use crate::inquiry::Channel;
use crate::kle::{Catalogue, Entry};
use crate::rules::{Counting, DeadlineRule, Guard, GuardId, Remedies, RuleSet, Scope, Terms};
use crate::scenario::{decision_table, given};

const KARI: UserId = UserId::new(Uuid::from_u128(0xA));
const BENT: UserId = UserId::new(Uuid::from_u128(0xB));
const SUBJECT: SubjectId = SubjectId::new(Uuid::from_u128(0xC));
const LETTER: DocumentId = DocumentId::new(Uuid::from_u128(0xD));
const TODAY: Date = date(2026, 11, 23);

fn terms() -> Terms {
    Terms { suspension: true, extensions: 1, extension_days: 14, notice_first: true, warn_days: 5 }
}

/// What the rule of these tests leads to.
fn deadline_set(days: u32, due: Date) -> DeadlineSet {
    DeadlineSet {
        kind: DeadlineKind::CaseHandling,
        due,
        rule: "decision".into(),
        rule_set: "test-1".into(),
        source: "RSL § 3".into(),
        from: None,
        days,
        counting: Counting::CalendarDays,
        terms: terms(),
        calendar: Calendar::default(),
    }
}

fn rules() -> Arc<RuleSet> {
    let entry = |title: &str| Entry { title: title.into(), from: None, until: None, retention: None };
    let guard = |id, statute: &str| (id, Guard { active: true, statute: statute.into() });
    let days = |kle: &str, days| {
        let scope = Scope { kind: DeadlineKind::CaseHandling, kle: kle.into(), municipality: None };
        let (name, source) = ("decision".into(), "RSL § 3".into());
        (scope, DeadlineRule { name, days, counting: Counting::CalendarDays, source, terms: terms() })
    };
    Arc::new(RuleSet {
        version: "test-1".into(),
        valid_from: date(2026, 1, 1),
        valid_until: Some(date(2026, 12, 31)),
        guards: BTreeMap::from([
            guard(GuardId::D1, ""),
            guard(GuardId::D2, "FVL § 19"),
            guard(GuardId::D3, ""),
            guard(GuardId::D4, "FVL §§ 22 og 24"),
            guard(GuardId::D5, "FVL § 25"),
            guard(GuardId::D6, ""),
            guard(GuardId::D7, ""),
        ]),
        deadlines: BTreeMap::from([days("", 28), days("32", 14)]),
        calendars: BTreeMap::new(),
        break_glass_hours: None,
        remedies: Remedies::default(),
        kle: Arc::new(Catalogue::new(
            [
                (KleNumber::try_new("32.03").unwrap(), entry("Boligstøtte")),
                (KleNumber::try_new("23.05").unwrap(), entry("Folkeregister")),
            ]
            .into(),
            [(Facet::try_new("G01").unwrap(), entry("Generelle sager"))].into(),
        )),
    })
}

fn under(user: UserId, roles: &[Role]) -> Circumstances {
    Circumstances {
        tenant: Tenant::COUNTER,
        at: "2026-11-23T09:00:00Z".parse().unwrap(),
        actor: Actor::Staff(user),
        roles: roles.iter().copied().collect(),
        rules: rules(),
        reach: Reach::NONE,
    }
}

fn kari(act: CaseAct) -> CaseCommand {
    CaseCommand { act, under: under(KARI, &[Role::Caseworker]) }
}

fn bent(act: CaseAct) -> CaseCommand {
    CaseCommand { act, under: under(BENT, &[Role::Caseworker]) }
}

fn sealed(text: &str) -> Sealed<String> {
    Sealed::new(SUBJECT, text.to_owned())
}

fn hash(number: u8) -> ContentHash {
    ContentHash::new([number; 32])
}

fn file(id: DocumentId, number: u8) -> NewFile {
    let (media_type, name) = ("application/pdf".to_owned(), "Afgørelse.pdf".to_owned());
    NewFile { id, hash: hash(number), size: 4_000, media_type, name }
}

fn stored(id: DocumentId, number: u8) -> StoredFile {
    let NewFile { id, hash, size, media_type, name } = file(id, number);
    StoredFile { id, hash, size, media_type, name: sealed(&name) }
}

fn letter(number: u8) -> StoredFile {
    stored(LETTER, number)
}

fn approve(version: u32) -> CaseAct {
    let letters = vec![AddressedFile { party: FIRST_PARTY, file: file(LETTER, 1) }];
    CaseAct::ApproveDecision { version, letters }
}

/// Sends the letter with this hash.
fn send(number: u8) -> CaseAct {
    CaseAct::SendDecision { letters: vec![(LETTER, hash(number))] }
}

fn opened() -> CaseEvent {
    CaseEvent::CaseOpened(CaseOpened {
        number: "S2026-00001".into(),
        received: date(2026, 11, 20),
        channel: Channel::Web,
        inquiry: None,
        topic: None,
        subject: SUBJECT,
        title: sealed("Boligstøtte"),
        party: Some(sealed("Prøve Person")),
    })
}

fn wish_to_open() -> OpenCase {
    OpenCase {
        number: "S2026-00001".into(),
        received: Some(date(2026, 11, 20)),
        channel: Some(Channel::Web),
        kle: None,
        inquiry: None,
        topic: None,
        subject: SUBJECT,
        title: " Boligstøtte ".into(),
        party: "Prøve Person".into(),
    }
}

fn assigned(user: UserId) -> CaseEvent {
    CaseEvent::CaseworkerAssigned(CaseworkerAssigned { caseworker: user })
}

fn classified() -> CaseEvent {
    CaseEvent::CaseClassified(CaseClassified {
        kle: KleNumber::try_new("32.03").unwrap(),
        facet: Facet::try_new("G01").unwrap(),
    })
}

fn waived() -> CaseEvent {
    CaseEvent::HearingWaived(HearingWaived {
        statute: "FVL § 19, stk. 2".into(),
        reason: sealed("Kendt af parten"),
    })
}

fn hearing(reply_by: Date) -> CaseEvent {
    CaseEvent::HearingOpened(HearingOpened { reply_by, facts: sealed("Oplysninger"), parties: Vec::new() })
}

fn informed() -> CaseEvent {
    CaseEvent::CaseInformed(CaseInformed {})
}

fn guidance() -> ComplaintGuidance {
    ComplaintGuidance {
        body: "Ankestyrelsen".into(),
        how: "Klag til kommunen".into(),
        limit: "4 uger".into(),
    }
}

fn drafted(version: u32, outcome: Outcome, complete: bool) -> CaseEvent {
    let part = complete.then(|| sealed("Grund"));
    CaseEvent::DecisionDrafted(DecisionDrafted {
        version,
        author: KARI,
        outcome: Some(outcome),
        others: Vec::new(),
        text: sealed("Afgørelse"),
        legal_basis: "Boligstøtteloven".into(),
        grounds: Grounds { rules: part.clone(), discretion: part.clone(), facts: part },
        complaint: complete.then(guidance),
    })
}

fn submitted() -> CaseEvent {
    CaseEvent::DecisionSubmitted(DecisionSubmitted { version: 1 })
}

fn approved() -> CaseEvent {
    CaseEvent::DecisionApproved(DecisionApproved { version: 1, letter: Some(letter(1)), others: Vec::new() })
}

fn made(outcome: Outcome) -> CaseEvent {
    CaseEvent::DecisionMade(DecisionMade {
        version: 1,
        outcome,
        others: Vec::new(),
        rule_set: "test-1".into(),
    })
}

fn sent() -> CaseEvent {
    let others = Vec::new();
    CaseEvent::DecisionSent(DecisionSent { document: Some(LETTER), hash: Some(hash(1)), others })
}

fn closed() -> CaseEvent {
    CaseEvent::CaseClosed(CaseClosed {})
}

const COMPLAINT: ComplaintId = ComplaintId::new(Uuid::from_u128(0xD));

fn noted(revision: u64, standing: ComplaintStanding) -> CaseEvent {
    CaseEvent::ComplaintNoted(ComplaintNoted { complaint: COMPLAINT, revision, standing })
}

/// A case that is ready to be decided against the party, but for what the test leaves out.
fn ready() -> Vec<CaseEvent> {
    vec![opened(), classified(), assigned(KARI), waived(), informed()]
}

#[test]
fn opening_a_case_computes_its_deadline_from_the_day_of_receipt() {
    let deadline = CaseEvent::DeadlineSet(deadline_set(28, date(2026, 12, 18)));
    given::<Case>([]).when(kari(CaseAct::Open(Box::new(wish_to_open())))).then([opened(), deadline]);
}

#[test]
fn a_case_needs_a_receipt_date_that_has_been() {
    let without = OpenCase { received: None, ..wish_to_open() };
    given::<Case>([]).when(kari(CaseAct::Open(Box::new(without)))).refused(CaseRefusal::NoReceiptDate);
    let tomorrow = OpenCase { received: Some(date(2026, 11, 24)), ..wish_to_open() };
    given::<Case>([]).when(kari(CaseAct::Open(Box::new(tomorrow)))).refused(CaseRefusal::ReceiptInTheFuture);
}

#[test]
fn a_case_cannot_be_opened_twice() {
    given::<Case>([opened()])
        .when(kari(CaseAct::Open(Box::new(wish_to_open()))))
        .refused(CaseRefusal::AlreadyOpened);
}

#[test]
fn nothing_happens_to_a_case_that_was_never_opened() {
    given::<Case>([]).when(kari(CaseAct::Inform)).refused(CaseRefusal::NotOpened);
}

#[test]
fn classifying_moves_the_deadline_where_the_subject_has_its_own() {
    let deadline = CaseEvent::DeadlineSet(deadline_set(14, date(2026, 12, 4)));
    let classify = |kle: &str, facet: &str| CaseAct::Classify { kle: kle.into(), facet: facet.into() };
    given::<Case>([opened()]).when(kari(classify("32.03", "G01"))).then([classified(), deadline]);
    given::<Case>([opened()]).when(kari(classify("99.99", "G01"))).refused(CaseRefusal::UnknownKle);
    given::<Case>([opened()]).when(kari(classify("32.03", "X99"))).refused(CaseRefusal::UnknownFacet);
    given::<Case>([opened(), classified()]).when(kari(classify("32.03", "G01"))).then([]);
}

#[test]
fn a_case_is_worked_on_by_its_caseworker_or_a_team_lead_only() {
    let note = || CaseAct::NoteCall { direction: Direction::Incoming, text: "Ringede om husleje".into() };
    let noted = CaseEvent::CallNoted(CallNoted {
        direction: Direction::Incoming,
        text: sealed("Ringede om husleje"),
    });
    given::<Case>([opened()]).when(kari(note())).refused(CaseRefusal::NotAssigned);
    given::<Case>([opened(), assigned(KARI)]).when(kari(note())).then([noted.clone()]);
    given::<Case>([opened(), assigned(KARI)]).when(bent(note())).refused(CaseRefusal::NotYours);
    let lead = CaseCommand { act: note(), under: under(BENT, &[Role::TeamLead]) };
    given::<Case>([opened(), assigned(KARI)]).when(lead).then([noted]);
}

#[test]
fn a_free_case_may_be_taken_and_anothers_may_not() {
    let take = || CaseAct::Assign { to: BENT, roles: Roles::default().with(Role::Caseworker) };
    given::<Case>([opened()]).when(bent(take())).then([assigned(BENT)]);
    given::<Case>([opened(), assigned(KARI)]).when(bent(take())).refused(CaseRefusal::NotYours);
    given::<Case>([opened(), assigned(KARI)]).when(kari(take())).then([assigned(BENT)]);
    given::<Case>([opened(), assigned(BENT)]).when(bent(take())).then([]);
}

#[test]
fn a_case_is_given_to_a_caseworker_and_to_nobody_else() {
    let give = |roles| CaseAct::Assign { to: BENT, roles };
    for roles in [Roles::default(), Roles::default().with(Role::Auditor)] {
        given::<Case>([opened()]).when(kari(give(roles))).refused(CaseRefusal::NotACaseworker);
    }
}

#[test]
fn an_auditor_changes_nothing() {
    let auditor =
        CaseCommand { act: CaseAct::Inform, under: under(BENT, &[Role::Auditor, Role::Administrator]) };
    given::<Case>([opened(), assigned(BENT)]).when(auditor).refused(CaseRefusal::NotAllowed);
}

#[test]
fn the_bot_and_citizens_change_no_case() {
    for actor in [Actor::Bot, Actor::Citizen(crate::ConversationId::new(Uuid::nil()))] {
        let under = Circumstances { actor, ..under(KARI, &[Role::Caseworker]) };
        given::<Case>([opened()])
            .when(CaseCommand { act: CaseAct::Inform, under })
            .refused(CaseRefusal::StaffOnly);
    }
}

#[test]
fn an_empty_note_is_refused_and_says_which_field() {
    given::<Case>([opened(), assigned(KARI)])
        .when(kari(CaseAct::NoteStep { text: " \n".into() }))
        .refused(CaseRefusal::EmptyField { path: "text" });
}

#[test]
fn a_case_is_not_informed_before_it_is_classified_or_while_a_hearing_runs() {
    given::<Case>([opened(), assigned(KARI)]).when(kari(CaseAct::Inform)).refused(CaseRefusal::NotClassified);
    given::<Case>([opened(), classified(), assigned(KARI), hearing(date(2026, 12, 1))])
        .when(kari(CaseAct::Inform))
        .refused(CaseRefusal::HearingOpen);
}

#[test]
fn a_hearing_ends_when_all_have_answered_or_the_deadline_has_passed() {
    let base = |reply_by| [opened(), assigned(KARI), hearing(reply_by)];
    let close = |answer| CaseAct::CloseHearing { answer };
    let done = |answered| CaseEvent::HearingClosed(HearingClosed { answered, document: None });
    let ahead = date(2026, 12, 1);
    given::<Case>(base(ahead))
        .when(kari(close(HearingAnswer::None)))
        .refused(CaseRefusal::ReplyStillAwaited { reply_by: ahead });
    given::<Case>(base(TODAY))
        .when(kari(close(HearingAnswer::None)))
        .refused(CaseRefusal::ReplyStillAwaited { reply_by: TODAY });
    let replied = parties::replied(FIRST_PARTY);
    given::<Case>(base(ahead).into_iter().chain([replied]))
        .when(kari(close(HearingAnswer::None)))
        .then([done(true)]);
    given::<Case>(base(date(2026, 11, 22))).when(kari(close(HearingAnswer::None))).then([done(false)]);
}

#[test]
fn d1_no_decision_before_the_facts_are_complete() {
    given::<Case>([opened(), classified(), assigned(KARI), waived(), drafted(1, Outcome::Refused, true)])
        .when(kari(CaseAct::MakeDecision))
        .refused(CaseRefusal::FactsIncomplete { statute: String::new() });
}

#[test]
fn d2_no_adverse_decision_without_a_hearing_or_a_waiver() {
    let case = [opened(), classified(), assigned(KARI), informed(), drafted(1, Outcome::Refused, true)];
    given::<Case>(case)
        .when(kari(CaseAct::SubmitDecision { version: 1 }))
        .refused(CaseRefusal::NotHeard { statute: "FVL § 19".into() });
}

#[test]
fn d3_no_decision_without_rules_in_force() {
    let mut command = kari(CaseAct::MakeDecision);
    command.under.at = "2027-01-04T09:00:00Z".parse().unwrap();
    let case = ready().into_iter().chain([drafted(1, Outcome::Granted, false), submitted(), approved()]);
    given::<Case>(case).when(command).refused(CaseRefusal::NoRules);
}

#[test]
fn d4_and_d5_an_adverse_decision_needs_grounds_and_guidance_and_a_favourable_one_does_not() {
    let adverse = ready().into_iter().chain([drafted(1, Outcome::PartlyGranted, false)]);
    given::<Case>(adverse).when(kari(CaseAct::SubmitDecision { version: 1 })).refused(
        CaseRefusal::GroundsMissing { part: GroundsPart::Rules, statute: "FVL §§ 22 og 24".into() },
    );
    let favourable = ready().into_iter().chain([drafted(1, Outcome::Granted, false)]);
    given::<Case>(favourable).when(kari(CaseAct::SubmitDecision { version: 1 })).then([submitted()]);
}

#[test]
fn d6_nobody_approves_their_own_draft_or_another_version_than_they_read() {
    let case = || ready().into_iter().chain([drafted(1, Outcome::Granted, false), submitted()]);
    given::<Case>(case())
        .when(kari(approve(1)))
        .refused(CaseRefusal::ApproverIsAuthor { statute: String::new() });
    given::<Case>(case()).when(bent(approve(2))).refused(CaseRefusal::DraftChanged { current: 1 });
    given::<Case>(case()).when(bent(approve(1))).then([approved()]);
    given::<Case>(case()).when(kari(CaseAct::MakeDecision)).refused(CaseRefusal::NotApproved);
}

#[test]
fn a_new_version_of_the_draft_has_nobodys_approval() {
    let case = ready().into_iter().chain([
        drafted(1, Outcome::Granted, false),
        submitted(),
        approved(),
        drafted(2, Outcome::Granted, false),
    ]);
    given::<Case>(case).when(kari(CaseAct::MakeDecision)).refused(CaseRefusal::NotApproved);
}

#[test]
fn d7_no_decision_without_an_outcome() {
    let CaseEvent::DecisionDrafted(mut draft) = drafted(1, Outcome::Granted, false) else { unreachable!() };
    draft.outcome = None;
    let case = ready().into_iter().chain([CaseEvent::DecisionDrafted(draft)]);
    given::<Case>(case).when(kari(CaseAct::SubmitDecision { version: 1 })).refused(CaseRefusal::NoOutcome);
}

#[test]
fn a_case_is_closed_when_its_decision_has_been_sent_and_not_before() {
    let decided = || {
        let draft = drafted(1, Outcome::Granted, false);
        ready().into_iter().chain([draft, submitted(), approved(), made(Outcome::Granted)])
    };
    given::<Case>(ready()).when(kari(CaseAct::Close)).refused(CaseRefusal::NotDecided);
    given::<Case>(decided()).when(kari(CaseAct::Close)).refused(CaseRefusal::DecisionNotSent);
    given::<Case>(decided().chain([sent()])).when(kari(CaseAct::Close)).then([closed()]);
    given::<Case>(decided().chain([sent(), closed()]))
        .when(kari(CaseAct::Inform))
        .refused(CaseRefusal::Closed);
}

#[test]
fn a_closed_case_is_reopened_by_a_team_lead_with_a_reason_and_must_be_decided_anew() {
    let closed_case = || {
        let draft = drafted(1, Outcome::Granted, false);
        ready().into_iter().chain([draft, submitted(), approved(), made(Outcome::Granted), sent(), closed()])
    };
    let reopen = |reason: &str| CaseAct::Reopen { reason: reason.into() };
    let lead = |act| CaseCommand { act, under: under(BENT, &[Role::TeamLead]) };
    given::<Case>(closed_case()).when(kari(reopen("Nye oplysninger"))).refused(CaseRefusal::NotAllowed);
    given::<Case>(closed_case()).when(lead(reopen(""))).refused(CaseRefusal::EmptyField { path: "reason" });
    let reopened = CaseEvent::CaseReopened(CaseReopened { reason: sealed("Nye oplysninger") });
    let from_today = DeadlineSet { from: Some(TODAY), ..deadline_set(14, date(2026, 12, 7)) };
    given::<Case>(closed_case())
        .when(lead(reopen("Nye oplysninger")))
        .then([reopened.clone(), CaseEvent::DeadlineSet(from_today)]);
    given::<Case>(closed_case().chain([reopened]))
        .when(kari(CaseAct::MakeDecision))
        .refused(CaseRefusal::FactsIncomplete { statute: String::new() });
}

#[test]
fn a_case_follows_a_complaint_and_is_not_closed_while_it_runs() {
    let decided = || {
        let draft = drafted(1, Outcome::Granted, false);
        ready().into_iter().chain([draft, submitted(), approved(), made(Outcome::Granted), sent()])
    };
    let follow = |revision, step| CaseAct::FollowComplaint { complaint: COMPLAINT, revision, step };
    let complained = noted(0, ComplaintStanding::Complained);
    let settled = |revision| CaseEvent::ComplaintSettled(ComplaintSettled { complaint: COMPLAINT, revision });
    given::<Case>(decided()).when(kari(follow(0, ComplaintStep::Complained))).then([complained.clone()]);
    let running = || decided().chain([complained.clone()]);
    given::<Case>(running()).when(kari(CaseAct::Close)).refused(CaseRefusal::ComplaintRunning);
    given::<Case>(running()).when(kari(follow(0, ComplaintStep::Complained))).then([]);
    given::<Case>(running().chain([settled(3)])).when(kari(CaseAct::Close)).then([closed()]);
    given::<Case>(running().chain([settled(3)])).when(kari(follow(2, ComplaintStep::Upheld))).then([]);
    // The process has no role; the case is closed; it is noted all the same.
    let system = |act| CaseCommand { act, under: Circumstances { actor: Actor::System, ..under(KARI, &[]) } };
    given::<Case>(decided().chain([closed()]))
        .when(system(follow(0, ComplaintStep::Complained)))
        .then([complained.clone()]);
    given::<Case>(decided()).when(system(CaseAct::Close)).refused(CaseRefusal::NotAllowed);
}

#[test]
fn a_decision_that_does_not_stand_is_taken_up_again_once() {
    let decided = || {
        let draft = drafted(1, Outcome::Refused, true);
        ready().into_iter().chain([draft, submitted(), approved(), made(Outcome::Refused), sent()])
    };
    let changed = CaseAct::FollowComplaint {
        complaint: COMPLAINT,
        revision: 2,
        step: ComplaintStep::Changed { settled: true },
    };
    let settled = CaseEvent::ComplaintSettled(ComplaintSettled { complaint: COMPLAINT, revision: 2 });
    let reopened = CaseEvent::CaseReopened(CaseReopened {
        reason: sealed("Afgørelsen ændres efter genvurdering af en klage."),
    });
    given::<Case>(decided()).when(kari(changed.clone())).then([settled.clone(), reopened.clone()]);
    given::<Case>(decided().chain([closed()])).when(kari(changed.clone())).then([settled.clone(), reopened]);
    let again = CaseEvent::CaseReopened(CaseReopened { reason: sealed("Nye oplysninger") });
    given::<Case>(decided().chain([closed(), again])).when(kari(changed)).then([settled]);
}

#[test]
fn what_is_missing_is_listed_statute_by_statute() {
    let mut case = Case::default();
    for event in [opened(), classified(), assigned(KARI), drafted(1, Outcome::Refused, false)] {
        case.apply(event);
    }
    let codes: Vec<_> = case
        .missing_before_decision(&under(KARI, &[Role::Caseworker]))
        .iter()
        .map(|refusal| (crate::Refusal::code(refusal), crate::Refusal::statute(refusal)))
        .collect();
    let fvl = |text: &str| Some(text.to_owned());
    assert_eq!(
        codes,
        [
            ("FACTS_INCOMPLETE", None),
            ("NOT_HEARD", fvl("FVL § 19")),
            ("GROUNDS_MISSING", fvl("FVL §§ 22 og 24")),
            ("GROUNDS_MISSING", fvl("FVL §§ 22 og 24")),
            ("GROUNDS_MISSING", fvl("FVL §§ 22 og 24")),
            ("NO_COMPLAINT_GUIDANCE", fvl("FVL § 25")),
            ("NOT_APPROVED", None),
        ]
    );
}

/// Every state × every act, tried by the caseworker, a colleague and a team lead: the rulebook on one page.
#[test]
fn the_decision_table() {
    let (states, acts) = (table::states(), table::acts());
    assert_eq!(acts.each_ref().map(CaseAct::kind), CaseActKind::ALL, "the table holds every act");
    let system = Circumstances { actor: Actor::System, roles: Roles::default(), ..under(KARI, &[]) };
    let people: [(&str, Circumstances); 4] = [
        ("caseworker", under(KARI, &[Role::Caseworker])),
        ("colleague", under(BENT, &[Role::Caseworker])),
        ("team lead", under(BENT, &[Role::TeamLead])),
        ("system", system),
    ];
    let names = acts.each_ref().map(|act| format!("{:?}", act.kind()));
    let tried = names.iter().zip(&acts).map(|(name, act)| {
        // The system has one act, which is nobody else's; the others are no business of it.
        let watches = act.kind() == CaseActKind::WatchDeadlines;
        let who = people.iter().filter(|(who, _)| watches || *who != "system");
        let each = who.map(|(who, under)| (*who, CaseCommand { act: act.clone(), under: under.clone() }));
        (name.as_str(), each.collect())
    });
    insta::assert_snapshot!(decision_table::<Case>(&states, &tried.collect::<Vec<_>>()));
}
