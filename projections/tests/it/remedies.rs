//! Complaints and requests for access: what happens to them in the house, their lists, and the plans of those lists.

use std::sync::Arc;

use jiff::civil::date;
use skranke_domain::access_request::{
    AccessRequest, AccessRequestAct, AccessRequestCommand, Ask, Decide, Disclosure, RequestStage,
};
use skranke_domain::case::{Case, CaseAct, Circumstances, ComplaintStep, OfCase, Reach};
use skranke_domain::complaint::{AppealOutcome, Complaint, ComplaintAct, ComplaintCommand, Receive, Stage};
use skranke_domain::inquiry::Channel;
use skranke_domain::rules::{
    AccessBasis, AccessRule, ComplaintRule, Counting, DeadlineRule, Remedies, Terms,
};
use skranke_domain::{AccessRequestId, CaseId, ComplaintId, SubjectId, Tenant};
use skranke_projections::{DatedQuery, Reached, ViewsError, WorklistQuery};

use crate::house::{House, Office, SECRET, TODAY, aarhus, furesoe, person, staff};

pub(crate) fn rules() -> Remedies {
    let rule = |name: &str, days, counting| DeadlineRule {
        name: name.into(),
        days,
        counting,
        source: String::new(),
        terms: Terms::default(),
    };
    let weeks = |name| Some(rule(name, 28, Counting::CalendarDays));
    let access = AccessRule {
        statute: "FVL § 9".into(),
        answer: rule("answer", 7, Counting::WorkingDays),
        complaint_after: Some(rule("late", 14, Counting::CalendarDays)),
    };
    Remedies {
        complaints: vec![ComplaintRule {
            kle: String::new(),
            body: Some("ankestyrelsen".into()),
            limit: weeks("limit"),
            reassessment: weeks("reassessment"),
            statute: "RSL".into(),
        }],
        access: [(AccessBasis::Party, access)].into(),
        ..Remedies::default()
    }
}

fn secret() -> String {
    SECRET.to_owned()
}

/// Somebody of the team that the case belongs to.
fn its_team(of: &OfCase) -> Reach {
    let team = of.file().and_then(|file| file.team);
    Reach { teams: team.into_iter().collect(), ..Reach::NONE }
}

impl Office {
    async fn of(&self, tenant: Tenant, id: CaseId) -> OfCase {
        OfCase { id, case: self.desk.load::<Case>(&Case::stream(tenant, id)).await.unwrap().0 }
    }

    async fn to_complaint(&self, tenant: Tenant, id: ComplaintId, case: CaseId, act: ComplaintAct) {
        let by = staff(tenant, person(1), self.next());
        let of = self.of(tenant, case).await;
        let under = Circumstances::of(&by, Arc::clone(&self.rules)).reaching(its_team(&of));
        let command = ComplaintCommand { act, of, under };
        self.desk.execute::<Complaint>(&Complaint::stream(tenant, id), command, &by).await.unwrap();
    }

    async fn to_request(&self, tenant: Tenant, id: AccessRequestId, case: CaseId, act: AccessRequestAct) {
        let by = staff(tenant, person(1), self.next());
        let of = self.of(tenant, case).await;
        let under = Circumstances::of(&by, Arc::clone(&self.rules)).reaching(its_team(&of));
        let command = AccessRequestCommand { act, of, under };
        self.desk.execute::<AccessRequest>(&AccessRequest::stream(tenant, id), command, &by).await.unwrap();
    }

    /// A complaint for each end it can come to, and a request for access for each of its own.
    pub(crate) async fn remedies(&self, tenant: Tenant, case: CaseId) {
        let reason = || secret();
        let forward = || ComplaintAct::Forward {
            to: Some("ankestyrelsen".into()),
            files: vec![("afgoerelse-9".into(), secret())],
        };
        let outcome = || ComplaintAct::ReceiveOutcome {
            outcome: AppealOutcome::Returned,
            received: TODAY,
            summary: secret(),
        };
        let upheld = || vec![ComplaintAct::StartReassessment, ComplaintAct::Uphold { reason: reason() }];
        let (in_time, late) = (date(2026, 11, 2), date(2026, 9, 1));
        let lives = [
            (in_time, vec![]),
            (in_time, upheld()),
            (in_time, upheld().into_iter().chain([forward()]).collect()),
            (in_time, upheld().into_iter().chain([forward(), outcome()]).collect()),
            (late, vec![ComplaintAct::ExcuseLateness { reason: reason() }, ComplaintAct::StartReassessment]),
            (late, vec![ComplaintAct::Dismiss { reason: reason() }]),
            (
                in_time,
                vec![
                    ComplaintAct::StartReassessment,
                    ComplaintAct::Change { in_full: false, reason: reason() },
                ],
            ),
            (in_time, vec![ComplaintAct::Withdraw { reason: reason() }]),
        ];
        for (decision_received, life) in lives {
            let id = ComplaintId::new(self.next());
            let receive = Receive {
                received: None,
                channel: Channel::Phone,
                complainant: secret(),
                text: secret(),
                decision_received: Some(decision_received),
                decided_by: None,
            };
            self.to_complaint(tenant, id, case, ComplaintAct::Receive(Box::new(receive))).await;
            for act in life {
                self.to_complaint(tenant, id, case, act).await;
            }
        }
        let (complaint, kari) = (ComplaintId::new(self.next()), person(1));
        for (revision, step) in
            [ComplaintStep::Complained, ComplaintStep::Settled { returned: false }].into_iter().enumerate()
        {
            let revision = u64::try_from(revision).unwrap();
            self.act(tenant, case, kari, CaseAct::FollowComplaint { complaint, revision, step }).await;
        }
        self.requests(tenant, case).await;
    }

    async fn requests(&self, tenant: Tenant, case: CaseId) {
        let decide = |disclosure| {
            AccessRequestAct::Decide(Decide {
                reference: "notat-3".into(),
                disclosure,
                statute: "FVL § 12".into(),
                extract: secret(),
            })
        };
        let release = || AccessRequestAct::Release { sha256: "ab".repeat(32), bytes: 42 };
        let notify = || AccessRequestAct::NotifyDelay { expected: date(2026, 12, 24), reason: secret() };
        for life in [
            vec![],
            vec![notify()],
            vec![decide(Disclosure::Partial), release()],
            vec![AccessRequestAct::Withdraw { reason: secret() }],
            vec![AccessRequestAct::Close { reason: secret() }],
        ] {
            let id = AccessRequestId::new(self.next());
            let ask = Ask {
                requester: secret(),
                requester_subject: SubjectId::new(self.next()),
                asked_for: secret(),
                basis: AccessBasis::Party,
                received: None,
                channel: Channel::Letter,
                documents: vec![("notat-3".into(), secret())],
            };
            self.to_request(tenant, id, case, AccessRequestAct::Ask(Box::new(ask))).await;
            for act in life {
                self.to_request(tenant, id, case, act).await;
            }
        }
    }
}

fn all<Stage>() -> DatedQuery<Stage> {
    DatedQuery { first: 100, ..DatedQuery::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn complaints_are_listed_by_stage_and_deadline() {
    let house = House::new();
    let case = house.everything(furesoe(), 1).await;
    house.caught_up().await;
    let whole = house.views.complaints(furesoe(), all()).await.unwrap();
    assert_eq!(whole.items.len(), 8);
    let of_case = house.views.complaints_of(furesoe(), case).await.unwrap();
    assert!(of_case.is_sorted_by_key(|sheet| sheet.came_in) && of_case.len() == 8);
    for stage in Stage::ALL {
        let query = DatedQuery { stage: Some(stage), ..all() };
        let page = house.views.complaints(furesoe(), query.clone()).await.unwrap();
        let expected = whole.items.iter().filter(|item| item.row.file.stage == stage);
        assert_eq!(page.items, expected.cloned().collect::<Vec<_>>(), "{stage:?}");
        assert!(!page.items.is_empty(), "{stage:?}");
        let count = house.views.complaint_count(furesoe(), query).await.unwrap();
        assert_eq!(count, page.items.len() as u64);
    }
    let open = DatedQuery { open: Some(true), ..all() };
    assert_eq!(house.views.complaint_count(furesoe(), open).await.unwrap(), 5);
    let before = |day| DatedQuery { due_before: Some(day), ..all() };
    assert_eq!(house.views.complaint_count(furesoe(), before(date(2026, 12, 21))).await.unwrap(), 0);
    assert_eq!(house.views.complaint_count(furesoe(), before(date(2026, 12, 22))).await.unwrap(), 4);
    // A page at a time, every one once.
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = house.views.complaints(furesoe(), DatedQuery { first: 3, after, ..all() }).await.unwrap();
        seen.extend(page.items.iter().cloned());
        after = page.end().cloned();
        if !page.more {
            break;
        }
    }
    assert_eq!(seen, whole.items);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_listed_by_stage_and_by_the_day_that_was_promised_last() {
    let house = House::new();
    let case = house.everything(furesoe(), 1).await;
    house.caught_up().await;
    let open = DatedQuery { open: Some(true), ..all() };
    let page = house.views.access_requests(furesoe(), open).await.unwrap();
    let due: Vec<_> = page.items.iter().map(|item| item.row.due()).collect();
    assert_eq!(due, [date(2026, 12, 2), date(2026, 12, 24)]);
    for stage in RequestStage::ALL {
        let query = DatedQuery { stage: Some(stage), ..all() };
        let count = house.views.access_request_count(furesoe(), query).await.unwrap();
        assert_eq!(count, if stage == RequestStage::Open { 2 } else { 1 }, "{stage:?}");
    }
    let released = house.views.access_requests_of(furesoe(), case).await.unwrap();
    let released = released.iter().find(|sheet| sheet.package.is_some()).unwrap();
    assert_eq!(released.package.as_ref().unwrap().sha256, "ab".repeat(32));
    assert_eq!(released.documents[0].disclosure, Some(Disclosure::Partial));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_list_is_answered_from_an_index_and_shows_one_municipality() {
    let house = House::new();
    let case = house.everything(furesoe(), 1).await;
    house.caught_up().await;
    let views = &house.views;
    let page = views.complaints(furesoe(), DatedQuery { first: 1, ..all() }).await.unwrap();
    let after = page.end().cloned();
    let (complaint, request) =
        (page.items[0].row.id, views.access_requests_of(furesoe(), case).await.unwrap()[0].id);
    for query in [
        all(),
        DatedQuery { open: Some(true), ..all() },
        DatedQuery { due_before: Some(TODAY), ..all() },
        DatedQuery { reached: Some(Reached::default()), ..all() },
        DatedQuery { after, ..all() },
    ] {
        let complaints = views.explain_complaints(furesoe(), query.clone()).await.unwrap();
        let query = DatedQuery {
            stage: Some(RequestStage::Open),
            open: query.open,
            due_before: query.due_before,
            reached: query.reached,
            after: query.after,
            first: 1,
        };
        let requests = views.explain_access_requests(furesoe(), query).await.unwrap();
        for plan in [complaints, requests] {
            for line in plan.iter().filter(|line| !line.starts_with("CORRELATED SCALAR SUBQUERY")) {
                assert!(line.starts_with("SEARCH ") && line.contains("(tenant=?"), "{plan:?}");
            }
        }
    }
    assert!(views.complaints(aarhus(), all()).await.unwrap().items.is_empty());
    assert_eq!(views.complaint_count(aarhus(), all()).await.unwrap(), 0);
    assert_eq!(views.complaint(aarhus(), complaint).await.unwrap(), None);
    assert!(views.complaints_of(aarhus(), case).await.unwrap().is_empty());
    assert!(views.access_requests(aarhus(), all()).await.unwrap().items.is_empty());
    assert_eq!(views.access_request_count(aarhus(), all()).await.unwrap(), 0);
    assert_eq!(views.access_request(aarhus(), request).await.unwrap(), None);
    assert!(views.access_requests_of(aarhus(), case).await.unwrap().is_empty());
    let foreign = views.worklist(furesoe(), WorklistQuery { first: 1, ..WorklistQuery::default() }).await;
    let after = foreign.unwrap().end().cloned();
    let query = DatedQuery { after, ..all() };
    assert!(matches!(views.complaints(furesoe(), query).await, Err(ViewsError::Cursor)));
}

#[tokio::test(flavor = "multi_thread")]
async fn complaints_over_cases_of_other_teams_are_in_nobodys_list() {
    let house = House::new();
    let case = house.everything(furesoe(), 1).await;
    house.caught_up().await;
    let row = house.views.work_rows(furesoe(), vec![case]).await.unwrap().remove(0);
    let whole = house.views.complaint_count(furesoe(), all()).await.unwrap();
    assert!(whole > 0);
    let count = async |query| house.views.complaint_count(furesoe(), query).await.unwrap();
    let team = row.team.unwrap();
    let of_team = DatedQuery { reached: Some(Reached { teams: vec![team], caseworkers: vec![] }), ..all() };
    assert_eq!(count(of_team).await, whole);
    assert_eq!(count(DatedQuery { reached: Some(Reached::default()), ..all() }).await, 0);
    let caseworker = row.caseworker.unwrap();
    let own = DatedQuery { reached: Some(Reached { teams: vec![], caseworkers: vec![caseworker] }), ..all() };
    assert_eq!(count(own).await, whole);
}
