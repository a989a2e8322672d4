//! People's data: what is asked about them and decided, where they are named, who looked, and which closed cases are due.

use jiff::civil::Date;
use skranke_domain::case::{Case, CaseAct};
use skranke_domain::kle::{Facet, KleNumber};
use skranke_domain::privacy::{Basis, CaseMatter, DataSubject, Matters, PrivacyAct, PrivacyCommand, Stage};
use skranke_domain::retention::RetentionClass;
use skranke_domain::ruleset::{Part, PublishRules, RuleVersionPublished, RuleVersions};
use skranke_domain::{Act, By, CaseId, Role, StreamId, SubjectId, Tenant, UserId};
use skranke_projections::{ClosedBy, DueCase, LookedAt};

use crate::house::{House, Office, SECRET, TODAY, aarhus, furesoe, person, send, staff};

impl Office {
    async fn about_subject(
        &self,
        tenant: Tenant,
        subject: SubjectId,
        case: CaseId,
        by: Option<UserId>,
        act: PrivacyAct,
    ) {
        let by = match by {
            Some(who) => Act { roles: Role::ALL.into_iter().collect(), ..staff(tenant, who, self.next()) },
            None => Act::system(tenant, crate::house::now(), self.next()),
        };
        let class = Some(RetentionClass::Discard { years: 0 });
        let cases = vec![CaseMatter { id: case, own: true, closed: Some(TODAY), class }];
        let matters = Matters { known: true, cases, unfinished: Vec::new() };
        let command = PrivacyCommand { subject, act, matters, under: By::of(&by) };
        let stream = DataSubject::stream(tenant, subject);
        self.desk.execute::<DataSubject>(&stream, command, &by).await.unwrap();
    }

    async fn subject_of(&self, tenant: Tenant, case: CaseId) -> SubjectId {
        match self.desk.load::<Case>(&Case::stream(tenant, case)).await.unwrap().0 {
            Case::File(file) => file.subject,
            Case::Unopened => panic!("the case was opened"),
        }
    }

    /// Everything that can happen to somebody's data: two data subjects, of whom one is erased. Answers the other.
    pub(crate) async fn people_s_data(&self, tenant: Tenant) -> (CaseId, SubjectId) {
        let mut last = None;
        for (number, decided) in [(300, true), (301, false)] {
            let (case, _) = self.long_case(tenant, number).await;
            let subject = self.subject_of(tenant, case).await;
            let text = || SECRET.to_owned();
            let basis = Basis::RetentionOver;
            let mut life = vec![
                (
                    1,
                    PrivacyAct::Request {
                        basis: Basis::ErasureRight,
                        received: None,
                        requester: text(),
                        reason: text(),
                    },
                ),
                (1, PrivacyAct::Decline { reason: text() }),
                (1, PrivacyAct::PlaceHold { reason: text() }),
                (1, PrivacyAct::ReleaseHold { number: 1, reason: text() }),
                (1, PrivacyAct::Deliver { case, archive: "Rigsarkivet".into(), on: TODAY }),
                (1, PrivacyAct::Report { events: 3, looks: 1 }),
                (1, PrivacyAct::Request { basis, received: None, requester: String::new(), reason: text() }),
                (1, PrivacyAct::Propose),
            ];
            life.extend(decided.then_some((2, PrivacyAct::Approve)));
            for (who, act) in life {
                self.about_subject(tenant, subject, case, Some(person(who)), act).await;
            }
            if decided {
                let done = PrivacyAct::Destroyed { conversations: 1 };
                self.about_subject(tenant, subject, case, None, done).await;
            }
            last = Some((case, subject));
        }
        self.publish(tenant).await;
        last.unwrap()
    }

    /// Publishes a version of the rules.
    async fn publish(&self, tenant: Tenant) {
        let by = Act { roles: Role::ALL.into_iter().collect(), ..staff(tenant, person(1), self.next()) };
        let wish = RuleVersionPublished {
            part: Part::Kle,
            version: format!("kle-{tenant}"),
            template: None,
            valid_from: TODAY,
            sha256: "ab".repeat(32),
            text: "kind,number".into(),
        };
        let command = PublishRules { wish, shipped: false, under: By::of(&by) };
        self.desk.execute::<RuleVersions>(&RuleVersions::stream(tenant), command, &by).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn published_versions_are_listed_for_their_municipality() {
    let house = House::new();
    for tenant in [furesoe(), aarhus()] {
        house.publish(tenant).await;
    }
    house.caught_up().await;
    let [version] = &house.views.rule_versions(furesoe()).await.unwrap()[..] else { panic!("one version") };
    assert_eq!((version.version.as_str(), version.valid_from), ("kle-0190", TODAY));
    let plan = house.views.explain_rule_versions(furesoe()).await.unwrap();
    assert!(plan.len() == 1 && plan[0].starts_with("SEARCH ") && plan[0].contains("(tenant=?"), "{plan:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn views_of_peoples_data_are_the_same_live_and_rebuilt() {
    let house = House::new();
    for tenant in [furesoe(), aarhus()] {
        house.people_s_data(tenant).await;
    }
    house.caught_up().await;
    assert_eq!(house.views.digest().await.unwrap(), house.fresh_digest("again").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_question_about_peoples_data_is_answered_from_an_index() {
    let house = House::new();
    house.people_s_data(furesoe()).await;
    house.caught_up().await;
    let views = &house.views;
    let mut plan = views.explain_erasures(furesoe()).await.unwrap();
    plan.extend(views.explain_streams_about(furesoe()).await.unwrap());
    plan.extend(views.explain_looks(furesoe()).await.unwrap());
    plan.extend(views.explain_access_weeks(furesoe()).await.unwrap());
    plan.extend(views.explain_disposal(furesoe()).await.unwrap());
    // The list of classes comes with the question, and what is due is put in order: both are few.
    let few = |line: &&String| {
        !line.starts_with("SCAN class VIRTUAL") && !line.contains("TEMP B-TREE FOR ORDER BY")
    };
    let looks: Vec<_> = plan.iter().filter(few).collect();
    assert_eq!(looks.len(), 8, "{plan:?}");
    for line in looks {
        assert!(line.starts_with("SEARCH ") && line.contains("(tenant=?"), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_wait_until_they_are_done() {
    let house = House::new();
    let (_, waiting) = house.people_s_data(furesoe()).await;
    house.caught_up().await;
    let open = house.views.erasures(furesoe(), true, None, 10).await.unwrap();
    let subjects: Vec<_> = open.items.iter().map(|item| item.row.subject).collect();
    assert_eq!(subjects, [waiting]);
    let sheet = &open.items[0].row;
    assert_eq!(sheet.state.wish.as_ref().unwrap().stage, Stage::Proposed(person(1)));
    assert!(sheet.holds[0].released.is_some() && sheet.deliveries.len() == 1 && sheet.reports.len() == 1);
    assert!(sheet.declined.is_none(), "a newer request has taken its place");
    let done = house.views.erasures(furesoe(), false, None, 10).await.unwrap();
    assert_eq!(done.items.len(), 1);
    assert!(done.items[0].row.erased_at.is_some() && done.items[0].row.decided.is_some());
    assert!(house.views.erasures(aarhus(), true, None, 10).await.unwrap().items.is_empty());
    assert_eq!(house.views.privacy(aarhus(), waiting).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_found_wherever_they_are_named() {
    let house = House::new();
    let (case, subject) = house.people_s_data(furesoe()).await;
    house.caught_up().await;
    let found = house.views.streams_about(furesoe(), subject).await.unwrap();
    let expected: Vec<StreamId> =
        vec![Case::stream(furesoe(), case), DataSubject::stream(furesoe(), subject)];
    assert_eq!(found, expected);
    assert!(house.views.streams_about(aarhus(), subject).await.unwrap().is_empty());
    assert!(house.views.looks(furesoe(), vec![LookedAt::Case(case)]).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn closed_cases_are_due_by_the_classes_that_the_question_brings() {
    let house = House::new();
    let (case, subject) = house.people_s_data(furesoe()).await;
    for act in [send(), CaseAct::Close] {
        house.act(furesoe(), case, person(2), act).await;
    }
    house.caught_up().await;
    let classes = house.views.classifications(furesoe()).await.unwrap();
    let due = async |day: Date, tenant| {
        let classes = classes.iter().cloned().map(|(kle, facet)| ClosedBy { kle, facet, day });
        let page = house.views.due_for_disposal(tenant, classes.collect(), None, 10).await.unwrap();
        page.items.into_iter().map(|item| item.row).collect::<Vec<DueCase>>()
    };
    let found = due(TODAY, furesoe()).await;
    // The one that was erased has gone from the list.
    assert_eq!(
        found.iter().map(|row| (row.id, row.subject, row.closed)).collect::<Vec<_>>(),
        [(case, subject, TODAY)]
    );
    assert_eq!(due(TODAY.yesterday().unwrap(), furesoe()).await, []);
    assert_eq!(due(TODAY, aarhus()).await, []);
    let other = ClosedBy {
        kle: KleNumber::try_new("99").unwrap(),
        facet: Facet::try_new("G01").unwrap(),
        day: TODAY,
    };
    let page = house.views.due_for_disposal(furesoe(), vec![other], None, 10).await.unwrap();
    assert!(page.items.is_empty());
    house.act(furesoe(), case, person(2), CaseAct::Reopen { reason: SECRET.into() }).await;
    house.caught_up().await;
    assert_eq!(due(TODAY, furesoe()).await, [], "what was reopened is not due");
}
