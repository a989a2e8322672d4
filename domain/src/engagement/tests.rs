use jiff::civil::date;
use uuid::Uuid;

use super::*;
use crate::act::{Actor, Roles};
use crate::case::{Case, CaseEvent, CaseOpened, CaseRefusal, OfCase, TeamAssigned};
use crate::id::TeamId;
use crate::inquiry::Channel;
use crate::scenario::{decision_table, given};

/// How somebody tries an act.
type Tries = fn(EngagementAct) -> EngagementCommand;

const RITA: UserId = UserId::new(Uuid::from_u128(1));
const VERA: UserId = UserId::new(Uuid::from_u128(2));

fn by(actor: Actor, role: Option<Role>, act: EngagementAct) -> EngagementCommand {
    let at = "2026-11-23T09:00:00Z".parse().unwrap();
    EngagementCommand { act, under: By { at, actor, roles: role.into_iter().collect() } }
}

fn vera(act: EngagementAct) -> EngagementCommand {
    by(Actor::Staff(VERA), Some(Role::Administrator), act)
}

fn rita(act: EngagementAct) -> EngagementCommand {
    by(Actor::Staff(RITA), Some(Role::Auditor), act)
}

fn open(auditor: UserId, role: Role, (from, until): (i8, i8)) -> EngagementAct {
    EngagementAct::Open {
        auditor,
        roles: Roles::default().with(role),
        scope: Scope::Municipality,
        teams_known: true,
        from: date(2026, 11, from),
        until: date(2026, 11, until),
    }
}

fn opened() -> EngagementEvent {
    EngagementEvent::EngagementOpened(EngagementOpened {
        auditor: RITA,
        scope: Scope::Municipality,
        from: date(2026, 11, 23),
        until: date(2026, 11, 30),
    })
}

#[test]
fn an_administrator_opens_an_engagement_for_an_auditor() {
    given::<Engagement>([]).when(vera(open(RITA, Role::Auditor, (23, 30)))).then([opened()]);
    given::<Engagement>([])
        .when(vera(open(RITA, Role::Caseworker, (23, 30))))
        .refused(EngagementRefusal::NotAnAuditor);
    given::<Engagement>([])
        .when(rita(open(RITA, Role::Auditor, (23, 30))))
        .refused(EngagementRefusal::NotAllowed);
    given::<Engagement>([])
        .when(vera(open(VERA, Role::Auditor, (23, 30))))
        .refused(EngagementRefusal::AboutYourself);
}

#[test]
fn an_engagement_has_its_days_in_order_and_is_not_over_when_it_is_opened() {
    for days in [(24, 23), (10, 22)] {
        given::<Engagement>([]).when(vera(open(RITA, Role::Auditor, days))).refused(EngagementRefusal::Dates);
    }
}

#[test]
fn a_scope_names_teams_that_were_formed() {
    let EngagementAct::Open { auditor, roles, from, until, .. } = open(RITA, Role::Auditor, (23, 30)) else {
        panic!("it opens")
    };
    let scope = Scope::Teams(vec![TeamId::new(Uuid::from_u128(9))]);
    let unknown = EngagementAct::Open { auditor, roles, scope, teams_known: false, from, until };
    given::<Engagement>([]).when(vera(unknown)).refused(EngagementRefusal::NoSuchTeam);
}

#[test]
fn a_scope_of_teams_holds_their_cases_and_no_others() {
    let team = |number| TeamId::new(Uuid::from_u128(number));
    let scope = Scope::Teams(vec![team(1)]);
    assert!(scope.holds(Some(team(1))) && !scope.holds(Some(team(2))) && !scope.holds(None));
    assert!(Scope::Municipality.holds(None) && Scope::Municipality.holds(Some(team(2))));
}

/// The team of the cases that the narrow engagement is about.
const TEAM: TeamId = TeamId::new(Uuid::from_u128(9));
const CASE: CaseId = CaseId::new(Uuid::from_u128(30));
const CITIZEN: SubjectId = SubjectId::new(Uuid::from_u128(31));
const ENGAGEMENT: SubjectId = SubjectId::new(Uuid::from_u128(32));
const LONE: UserId = UserId::new(Uuid::from_u128(3));

fn lone(act: EngagementAct) -> EngagementCommand {
    by(Actor::Staff(LONE), Some(Role::TeamLead), act)
}

/// A case of a team.
fn case(team: TeamId) -> OfCase {
    let mut case = Case::default();
    case.apply(CaseEvent::CaseOpened(CaseOpened {
        number: "S2026-000001".into(),
        received: date(2026, 11, 2),
        channel: Channel::Letter,
        inquiry: None,
        topic: None,
        subject: CITIZEN,
        title: Sealed::new(CITIZEN, "Boligstøtte".into()),
        party: None,
    }));
    case.apply(CaseEvent::TeamAssigned(TeamAssigned { team }));
    OfCase { id: CASE, case }
}

fn opened_for(team: TeamId) -> EngagementEvent {
    EngagementEvent::EngagementOpened(EngagementOpened {
        auditor: RITA,
        scope: Scope::Teams(vec![team]),
        from: date(2026, 11, 20),
        until: date(2026, 11, 30),
    })
}

fn wish(n: u32) -> Draw {
    let frame =
        Frame { day: FrameDay::Received, from: date(2026, 11, 1), until: date(2026, 11, 22), kle: None };
    let cases = (1..=9).map(|number| CaseId::new(Uuid::from_u128(number))).collect();
    Draw { seed: Seed(42), frame, n, position: 77, cases }
}

fn drawn(sample: u32, cases: Vec<CaseId>) -> EngagementEvent {
    let Draw { seed, frame, n, position, cases: ids } = wish(3);
    EngagementEvent::SampleDrawn(SampleDrawn {
        sample,
        seed,
        frame,
        n,
        position,
        size: 9,
        frame_sha256: sample::frame_hash(&ids),
        cases,
    })
}

fn record(about: About) -> EngagementAct {
    let (rule, text) = (Some("FVL § 19".to_owned()), " Parten blev ikke hørt. ".to_owned());
    EngagementAct::Record(Record { about, severity: Severity::Remark, rule, text })
}

fn recorded(finding: u32, case: Option<CaseId>) -> EngagementEvent {
    let subject = if case.is_some() { CITIZEN } else { ENGAGEMENT };
    EngagementEvent::FindingRecorded(FindingRecorded {
        finding,
        case,
        subject,
        severity: Severity::Remark,
        rule: Some("FVL § 19".to_owned()),
        text: Sealed::new(subject, "Parten blev ikke hørt.".to_owned()),
    })
}

fn answer(finding: u32, reaches_case: bool) -> EngagementAct {
    EngagementAct::Answer(Answer { finding, text: "Vi hører parten nu.".to_owned(), reaches_case })
}

fn answered(finding: u32, subject: SubjectId) -> EngagementEvent {
    let text = Sealed::new(subject, "Vi hører parten nu.".to_owned());
    EngagementEvent::FindingAnswered(FindingAnswered { finding, text })
}

fn ended() -> EngagementEvent {
    EngagementEvent::EngagementEnded(EngagementEnded {})
}

#[test]
fn a_sample_is_drawn_by_its_seed_and_holds_its_own_proof() {
    let draw = || rita(EngagementAct::Draw(wish(3)));
    let cases = sample::draw(Seed(42), &wish(3).cases, 3);
    given::<Engagement>([opened()]).when(draw()).then([drawn(1, cases.clone())]);
    given::<Engagement>([opened(), drawn(1, cases.clone())]).when(draw()).then([drawn(2, cases)]);
}

#[test]
fn only_the_engagements_own_auditor_draws_and_only_in_its_days() {
    let vera_audits = by(Actor::Staff(VERA), Some(Role::Auditor), EngagementAct::Draw(wish(3)));
    given::<Engagement>([opened()]).when(vera_audits).refused(EngagementRefusal::NotTheAuditor);
    let not_any_more = by(Actor::Staff(RITA), Some(Role::Caseworker), EngagementAct::Draw(wish(3)));
    given::<Engagement>([opened()]).when(not_any_more).refused(EngagementRefusal::NotAllowed);
    let on = |at: &str| {
        let mut command = rita(EngagementAct::Draw(wish(3)));
        command.under.at = at.parse().unwrap();
        command
    };
    // The first and the last day are counted in Copenhagen.
    given::<Engagement>([opened()])
        .when(on("2026-11-22T22:59:59Z"))
        .refused(EngagementRefusal::NotBegun { from: date(2026, 11, 23) });
    assert!(given::<Engagement>([opened()]).when(on("2026-11-22T23:00:00Z")).result().is_ok());
    assert!(given::<Engagement>([opened()]).when(on("2026-11-30T22:59:59Z")).result().is_ok());
    given::<Engagement>([opened()]).when(on("2026-11-30T23:00:00Z")).refused(EngagementRefusal::Over);
}

#[test]
fn a_sample_has_a_size_and_a_frame_with_something_in_it() {
    let refused = |change: fn(&mut Draw), refusal| {
        let mut wish = wish(3);
        change(&mut wish);
        given::<Engagement>([opened()]).when(rita(EngagementAct::Draw(wish))).refused(refusal);
    };
    refused(|wish| wish.n = 0, EngagementRefusal::SampleSize);
    refused(|wish| wish.n = sample::SAMPLE_LIMIT + 1, EngagementRefusal::SampleSize);
    refused(|wish| wish.cases.clear(), EngagementRefusal::EmptyFrame);
    refused(|wish| wish.frame.until = date(2026, 10, 31), EngagementRefusal::FrameDays);
}

#[test]
fn a_finding_about_a_case_is_sealed_for_the_cases_subject_and_any_other_for_the_engagements() {
    given::<Engagement>([opened_for(TEAM)])
        .when(rita(record(About::Case(case(TEAM)))))
        .then([recorded(1, Some(CASE))]);
    given::<Engagement>([opened_for(TEAM), recorded(1, Some(CASE))])
        .when(rita(record(About::Engagement(ENGAGEMENT))))
        .then([recorded(2, None)]);
}

#[test]
fn a_finding_is_about_a_case_of_the_scope_or_one_that_was_drawn() {
    let elsewhere = || rita(record(About::Case(case(TeamId::new(Uuid::from_u128(10))))));
    given::<Engagement>([opened_for(TEAM)]).when(elsewhere()).refused(EngagementRefusal::OutsideScope);
    // It came to another team after it was drawn.
    given::<Engagement>([opened_for(TEAM), drawn(1, vec![CASE])])
        .when(elsewhere())
        .then([recorded(1, Some(CASE))]);
    let nothing = About::Case(OfCase { id: CASE, case: Case::Unopened });
    given::<Engagement>([opened()]).when(rita(record(nothing))).refused(EngagementRefusal::NoSuchCase);
}

#[test]
fn a_finding_says_something_and_so_does_its_answer() {
    let empty = EngagementRefusal::Text(CaseRefusal::EmptyField { path: "text" });
    let EngagementAct::Record(wish) = record(About::Engagement(ENGAGEMENT)) else { panic!("it records") };
    let silent = EngagementAct::Record(Record { text: " \n".to_owned(), ..wish });
    given::<Engagement>([opened()]).when(rita(silent)).refused(empty.clone());
    let silent = EngagementAct::Answer(Answer { finding: 1, text: String::new(), reaches_case: false });
    given::<Engagement>([opened(), recorded(1, None)]).when(vera(silent)).refused(empty);
}

#[test]
fn the_municipality_answers_also_again_and_after_the_end_and_the_auditor_never() {
    let on_a_case = || vec![opened_for(TEAM), recorded(1, Some(CASE)), answered(1, CITIZEN), ended()];
    given::<Engagement>(on_a_case()).when(lone(answer(1, true))).then([answered(1, CITIZEN)]);
    for command in [lone(answer(1, false)), vera(answer(1, true))] {
        given::<Engagement>(on_a_case()).when(command).refused(EngagementRefusal::NotYoursToAnswer);
    }
    let general = || vec![opened_for(TEAM), recorded(1, None)];
    given::<Engagement>(general()).when(vera(answer(1, false))).then([answered(1, ENGAGEMENT)]);
    given::<Engagement>(general()).when(lone(answer(1, true))).refused(EngagementRefusal::NotYoursToAnswer);
    given::<Engagement>(general()).when(lone(answer(2, true))).refused(EngagementRefusal::NoSuchFinding);
    let rita_leads = by(Actor::Staff(RITA), Some(Role::TeamLead), answer(1, true));
    given::<Engagement>(on_a_case()).when(rita_leads).refused(EngagementRefusal::AnsweredByAuditor);
}

#[test]
fn one_scope_covers_another() {
    let teams = |ids: &[u128]| Scope::Teams(ids.iter().map(|id| TeamId::new(Uuid::from_u128(*id))).collect());
    assert!(Scope::Municipality.covers(&teams(&[1])) && Scope::Municipality.covers(&Scope::Municipality));
    assert!(teams(&[1, 2]).covers(&teams(&[2])) && !teams(&[2]).covers(&teams(&[1, 2])));
    assert!(!teams(&[1]).covers(&Scope::Municipality));
}

#[test]
fn the_decision_table() {
    let states = [
        ("never opened", vec![]),
        ("opened", vec![opened()]),
        ("with findings", vec![opened(), drawn(1, vec![CASE]), recorded(1, Some(CASE)), recorded(2, None)]),
        ("answered", vec![opened(), recorded(1, Some(CASE)), recorded(2, None), answered(1, CITIZEN)]),
        ("ended", vec![opened(), recorded(1, Some(CASE)), recorded(2, None), ended()]),
    ];
    let acts = [
        ("Open", open(RITA, Role::Auditor, (23, 30))),
        ("End", EngagementAct::End),
        ("Draw", EngagementAct::Draw(wish(3))),
        ("Record on a case", record(About::Case(case(TEAM)))),
        ("Record in general", record(About::Engagement(ENGAGEMENT))),
        ("Answer on a case", answer(1, true)),
        ("Answer in general", answer(2, false)),
    ];
    let people: [(&str, Tries); 4] = [
        ("administrator", vera),
        ("auditor", rita),
        ("team lead", lone),
        ("system", |act| by(Actor::System, None, act)),
    ];
    let tried = acts.iter().map(|(name, act)| {
        let each = people.iter().map(|(who, command)| (*who, command(act.clone())));
        (*name, each.collect())
    });
    insta::assert_snapshot!(decision_table::<Engagement>(&states, &tried.collect::<Vec<_>>()));
}
