//! Samples and findings: the frame from the view and from the log, the lists, and how they are answered.

use jiff::ToSpan;
use skranke_domain::case::{Case, OfCase};
use skranke_domain::engagement::{
    About, Answer, Draw, Engagement, EngagementAct, EngagementCommand, Frame, FrameDay, Record, Scope, Seed,
    Severity,
};
use skranke_domain::kle::KleNumber;
use skranke_domain::{By, CaseId, EngagementId, Role, Tenant, UserId};
use skranke_projections::{FindingsQuery, FindingsSeen, NodeKind, Reached, frame_as_of};
use skranke_store::Position;
use uuid::Uuid;

use crate::house::{House, Office, SECRET, TODAY, aarhus, furesoe, person, staff, team};

pub(crate) fn engagement(number: u128) -> EngagementId {
    EngagementId::new(Uuid::from_u128(0x0ddd_0000 + number))
}

fn frame(day: FrameDay) -> Frame {
    Frame { day, from: TODAY.saturating_sub(90.days()), until: TODAY, kle: None }
}

impl Office {
    async fn to_audit(&self, tenant: Tenant, number: u128, who: UserId, role: Role, act: EngagementAct) {
        let by =
            skranke_domain::Act { roles: [role].into_iter().collect(), ..staff(tenant, who, self.next()) };
        let command = EngagementCommand { act, under: By::of(&by) };
        let stream = Engagement::stream(tenant, engagement(number));
        self.desk.execute::<Engagement>(&stream, command, &by).await.unwrap();
    }

    /// An engagement under way in which a case was drawn; a finding about it that was answered twice, and one about the
    /// engagement as a whole that waits.
    pub(crate) async fn audit(&self, tenant: Tenant, case: CaseId) {
        let draw = Draw {
            seed: Seed(u64::MAX),
            frame: Frame { kle: KleNumber::try_new("32"), ..frame(FrameDay::Received) },
            n: 5,
            position: 1,
            cases: vec![case],
        };
        self.to_audit(tenant, 1, person(2), Role::Auditor, EngagementAct::Draw(draw)).await;
        let (file, _) = self.desk.load::<Case>(&Case::stream(tenant, case)).await.unwrap();
        for about in [
            About::Case(OfCase { id: case, case: file }),
            About::Engagement(Engagement::subject(engagement(1))),
        ] {
            let (rule, text) = (Some("FVL § 19".to_owned()), SECRET.to_owned());
            let record = Record { about, severity: Severity::Remark, rule, text };
            self.to_audit(tenant, 1, person(2), Role::Auditor, EngagementAct::Record(record)).await;
        }
        for _ in 0..2 {
            let answer = Answer { finding: 1, text: SECRET.to_owned(), reaches_case: true };
            self.to_audit(tenant, 1, person(1), Role::TeamLead, EngagementAct::Answer(answer)).await;
        }
    }
}

/// Every frame that there is something to tell apart by.
fn frames() -> Vec<(Scope, Frame)> {
    let kles = [None, KleNumber::try_new("32"), KleNumber::try_new("32.03.08"), KleNumber::try_new("27")];
    let scopes = [Scope::Municipality, Scope::Teams(vec![team(1), team(2)]), Scope::Teams(Vec::new())];
    let days = [FrameDay::Received, FrameDay::Decided, FrameDay::Closed].map(frame);
    let narrow = Frame { from: TODAY.saturating_sub(20.days()), ..frame(FrameDay::Received) };
    let of_kle = |frame: &Frame| kles.clone().map(|kle| Frame { kle, ..frame.clone() });
    let all: Vec<_> = days.iter().chain([&narrow]).flat_map(of_kle).collect();
    scopes.iter().flat_map(|scope| all.iter().map(|frame| (scope.clone(), frame.clone()))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_is_the_same_from_the_view_and_from_the_log_alone_also_when_time_has_gone_on() {
    let house = House::new();
    house.everything(furesoe(), 1).await;
    house.everything(aarhus(), 500).await;
    house.caught_up().await;
    let mut drawn = Vec::new();
    for (scope, frame) in frames() {
        let (position, mut cases) = house.views.frame(furesoe(), scope.clone(), frame.clone()).await.unwrap();
        assert_eq!(position, house.log.head().await.unwrap());
        cases.sort_unstable();
        drawn.push((scope, frame, position, cases));
    }
    let sizes: std::collections::BTreeSet<_> = drawn.iter().map(|(.., cases)| cases.len()).collect();
    assert!(sizes.len() > 3, "the frames differ: {sizes:?}");

    let later = house.open_case(furesoe(), 77).await;
    house.propose(furesoe(), later).await;
    let moved = *drawn[0].3.last().unwrap();
    for case in [later, moved] {
        let team = skranke_domain::case::CaseAct::AssignTeam { team: team(1), takes_cases: true };
        house.act(furesoe(), case, person(1), team).await;
    }
    house.caught_up().await;
    let mut changed = 0;
    for (scope, frame, position, cases) in drawn {
        let again = frame_as_of(house.log.as_ref(), furesoe(), &scope, &frame, position).await.unwrap();
        assert_eq!(again, cases, "{scope:?} {frame:?}");
        let (_, now) = house.views.frame(furesoe(), scope, frame).await.unwrap();
        changed += usize::from(now.len() != cases.len());
    }
    assert!(changed > 3, "and today's frames are others");
    let received = frame(FrameDay::Received);
    let nothing = frame_as_of(house.log.as_ref(), furesoe(), &Scope::Municipality, &received, Position(0));
    assert!(nothing.await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn samples_and_findings_are_as_they_were_recorded() {
    let house = House::new();
    let case = house.everything(furesoe(), 1).await;
    house.caught_up().await;
    let views = &house.views;
    let samples = views.samples(furesoe(), engagement(1), None, 10).await.unwrap();
    assert_eq!(samples.items.len(), 1);
    let sample = &samples.items[0].row;
    assert_eq!(
        (sample.drawn.cases.as_slice(), sample.drawn.seed, sample.drawn.n),
        (&[case][..], Seed(u64::MAX), 5)
    );
    assert_eq!(views.sample(furesoe(), engagement(1), 1).await.unwrap().as_ref(), Some(sample));
    assert_eq!(views.sample_by_id(furesoe(), sample.id).await.unwrap().as_ref(), Some(sample));
    assert!(views.sample_by_id(aarhus(), sample.id).await.unwrap().is_none());
    assert_eq!(views.kind_of(furesoe(), sample.id).await.unwrap(), Some(NodeKind::Sample));
    assert_eq!(views.drawn_in(furesoe(), case).await.unwrap(), [engagement(1)]);
    assert!(views.samples(aarhus(), engagement(1), None, 10).await.unwrap().items.is_empty());
    assert!(views.drawn_in(aarhus(), case).await.unwrap().is_empty());

    let numbers = async |query: FindingsQuery| {
        let page = views.findings(furesoe(), FindingsQuery { first: 10, ..query }).await.unwrap();
        page.items.into_iter().map(|item| item.row.recorded.finding).collect::<Vec<_>>()
    };
    let of = |number| FindingsQuery { engagement: Some(engagement(number)), ..FindingsQuery::default() };
    let waiting = FindingsQuery { unanswered: true, ..FindingsQuery::default() };
    assert_eq!(numbers(FindingsQuery::default()).await, [1, 2]);
    assert_eq!(numbers(of(1)).await, [1, 2]);
    assert_eq!(numbers(FindingsQuery { unanswered: true, ..of(1) }).await, [2]);
    assert_eq!(numbers(waiting).await, [2]);
    assert!(numbers(of(2)).await.is_empty());
    let seen = |about_cases, about_engagements| FindingsQuery {
        seen: FindingsSeen::ToAnswer { about_cases, about_engagements },
        ..FindingsQuery::default()
    };
    let reached = |teams| Some(Reached { teams, caseworkers: Vec::new() });
    assert_eq!(numbers(seen(reached(vec![team(1)]), false)).await, [1], "a team lead's");
    assert!(numbers(seen(reached(vec![team(2)]), false)).await.is_empty(), "of another team");
    assert_eq!(numbers(seen(None, true)).await, [2], "an administrator's");
    assert_eq!(numbers(seen(reached(vec![team(1)]), true)).await, [1, 2]);
    assert!(numbers(seen(None, false)).await.is_empty());
    let finding = views.finding(furesoe(), engagement(1), 1).await.unwrap().unwrap();
    assert_eq!((finding.recorded.case, finding.answers.len()), (Some(case), 2));
    assert_eq!(views.finding_by_id(furesoe(), finding.id).await.unwrap().as_ref(), Some(&finding));
    assert!(views.finding_by_id(aarhus(), finding.id).await.unwrap().is_none());
    assert_eq!(views.kind_of(furesoe(), finding.id).await.unwrap(), Some(NodeKind::Finding));
    assert_eq!(views.kind_of(aarhus(), finding.id).await.unwrap(), None);
    assert!(views.finding(aarhus(), engagement(1), 1).await.unwrap().is_none());
    let theirs = FindingsQuery { first: 10, ..FindingsQuery::default() };
    assert!(views.findings(aarhus(), theirs.clone()).await.unwrap().items.is_empty());
    // A page ends where it was asked to, and the next one begins there.
    let one = views.findings(furesoe(), FindingsQuery { first: 1, ..theirs.clone() }).await.unwrap();
    let next = FindingsQuery { after: one.end().cloned(), ..theirs };
    assert!(one.more && views.findings(furesoe(), next).await.unwrap().items[0].row.recorded.finding == 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_list_of_the_audit_is_answered_from_an_index() {
    let house = House::new();
    house.everything(furesoe(), 1).await;
    house.caught_up().await;
    let views = &house.views;
    let mut plan = views.explain_samples(furesoe()).await.unwrap();
    let kinds = views.explain_kind_of(furesoe(), Uuid::nil()).await.unwrap();
    plan.extend(kinds.into_iter().filter(|line| line.starts_with("SEARCH ") || line.starts_with("SCAN ")));
    for (scope, frame) in frames() {
        plan.extend(views.explain_frame(furesoe(), scope, frame).await.unwrap());
    }
    for engagement in [None, Some(engagement(1))] {
        for unanswered in [false, true] {
            for seen in [
                FindingsSeen::All,
                FindingsSeen::ToAnswer { about_cases: Some(Reached::default()), about_engagements: true },
            ] {
                let query = FindingsQuery { engagement, unanswered, seen, ..FindingsQuery::default() };
                plan.extend(views.explain_findings(furesoe(), query).await.unwrap());
            }
        }
    }
    let looks: Vec<_> = plan.iter().filter(|line| !line.starts_with("CORRELATED SCALAR SUBQUERY")).collect();
    assert!(looks.len() > 50, "{plan:?}");
    for line in looks {
        assert!(line.starts_with("SEARCH ") && line.contains("(tenant=?"), "{line}");
    }
}
