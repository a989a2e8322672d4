//! One municipality never sees another's rows, whatever is asked.

use jiff::civil::date;
use skranke_domain::case::Phase;
use skranke_domain::{CaseId, Tenant};
use skranke_projections::{AccessQuery, ConversationKind, Counters, Order, WorklistQuery, case_history};

use crate::house::{House, TODAY, aarhus, furesoe, now, person, team};

fn all() -> WorklistQuery {
    WorklistQuery { phases: Phase::ALL.to_vec(), first: 1000, ..WorklistQuery::default() }
}

async fn nothing(house: &House, empty: Tenant, theirs: CaseId) {
    let views = &house.views;
    let inquiry = views.inbox(furesoe(), None, None, 10).await.unwrap().items[0].row.id;
    assert_eq!(views.case_sheet(empty, theirs).await.unwrap(), None);
    assert!(views.case_sheets(empty, vec![theirs]).await.unwrap().is_empty());
    assert!(case_history(house.log.as_ref(), empty, theirs).await.unwrap().is_empty());
    assert!(views.work_rows(empty, vec![theirs]).await.unwrap().is_empty());
    assert_eq!(views.worklist_count(empty, all()).await.unwrap(), 0);
    assert_eq!(views.counters(empty, person(1), None, TODAY).await.unwrap(), Counters::default());
    assert!(views.inbox(empty, None, None, 10).await.unwrap().items.is_empty());
    assert_eq!(views.inbox_count(empty, None).await.unwrap(), 0);
    assert_eq!(views.inquiry(empty, inquiry).await.unwrap(), None);
    assert!(views.inquiries(empty, vec![inquiry]).await.unwrap().is_empty());
    assert!(views.staff(empty).await.unwrap().is_empty());
    assert_eq!(views.staff_by_login(empty, "kari").await.unwrap(), None);
    assert_eq!(views.staff_by_id(empty, person(1)).await.unwrap(), None);
    assert!(views.staff_by_ids(empty, vec![person(1)]).await.unwrap().is_empty());
    let query = AccessQuery { first: 100, ..AccessQuery::default() };
    for query in
        [query, AccessQuery { case: Some(theirs), ..query }, AccessQuery { staff: Some(person(2)), ..query }]
    {
        assert!(views.access_log(empty, query).await.unwrap().is_empty());
    }
    assert!(views.teams(empty).await.unwrap().is_empty());
    assert!(views.teams_by_ids(empty, vec![team(1)]).await.unwrap().is_empty());
    assert!(views.teams_open_to(empty, person(1)).await.unwrap().is_empty());
    assert!(views.engagements(empty, None, None, 10).await.unwrap().items.is_empty());
    assert!(views.saved_views(empty, person(1), vec![team(1)], None, 10).await.unwrap().items.is_empty());
    assert!(views.webhooks(empty).await.unwrap().is_empty());
    assert!(views.engagements_of(empty, person(2)).await.unwrap().is_empty());
    assert_eq!(views.break_glass_until(empty, person(2), theirs, now()).await.unwrap(), None);
    assert!(views.conversation_counts(empty, date(2026, 1, 1), date(2026, 12, 31)).await.unwrap().is_empty());
    for order in Order::ALL {
        assert!(views.worklist(empty, WorklistQuery { order, ..all() }).await.unwrap().items.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_another_municipality_never_come_out() {
    let house = House::new();
    let theirs = house.everything(furesoe(), 1).await;
    house.caught_up().await;
    nothing(&house, aarhus(), theirs).await;
    nothing(&house, Tenant::COUNTER, theirs).await;

    // With rows of its own, it sees those and no others.
    let before = house.views.worklist(furesoe(), all()).await.unwrap();
    let ours = house.everything(aarhus(), 500).await;
    house.caught_up().await;
    assert_eq!(house.views.worklist(furesoe(), all()).await.unwrap(), before);
    for order in Order::ALL {
        let page = house.views.worklist(aarhus(), WorklistQuery { order, ..all() }).await.unwrap();
        assert_eq!(page.items.len(), 12);
        assert!(page.items.iter().all(|item| item.row.number.as_str() > "S2026-00499"));
    }
    assert_eq!(house.views.case_sheet(furesoe(), ours).await.unwrap(), None);
    assert_eq!(house.views.inbox_count(aarhus(), None).await.unwrap(), 2);
    let log =
        house.views.access_log(aarhus(), AccessQuery { first: 100, ..AccessQuery::default() }).await.unwrap();
    assert_eq!(log.len(), 7);
    assert!(log.iter().all(|entry| entry.case.is_none_or(|case| case == ours)));
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_access_and_conversations_are_as_they_were_recorded() {
    let house = House::new();
    let case = house.everything(furesoe(), 1).await;
    house.caught_up().await;
    let views = &house.views;
    let logins: Vec<_> =
        views.staff(furesoe()).await.unwrap().into_iter().map(|member| member.login).collect();
    assert_eq!(logins, ["anna@login.example.dk", "bo", "fagsystem", "kari"]);
    let bo = views.staff_by_login(furesoe(), " BO ").await.unwrap().unwrap();
    assert_eq!(bo.id, person(2));
    assert_eq!(bo.roles.iter().map(skranke_domain::Role::name).collect::<Vec<_>>(), ["caseworker"]);
    assert_eq!(views.staff_by_ids(furesoe(), vec![person(2), person(9)]).await.unwrap(), [bo]);

    // A second user of the same name does not take the first one's log-in over.
    house.hire(furesoe(), person(7), "kari", skranke_domain::Roles::default()).await;
    house.caught_up().await;
    assert_eq!(views.staff_by_login(furesoe(), "kari").await.unwrap().unwrap().id, person(1));

    let query = AccessQuery { first: 2, ..AccessQuery::default() };
    let newest = views.access_log(furesoe(), query).await.unwrap();
    assert_eq!([&newest[0].event_type, &newest[1].event_type], ["BreakGlassUsed", "AuditRead"]);
    assert!(newest[0].reason.is_some() && newest[0].until.is_some_and(|until| now() < until));
    let older = AccessQuery { before: Some(newest[1].position), first: 100, ..query };
    let older = views.access_log(furesoe(), older).await.unwrap();
    assert_eq!((older.len(), older[0].code.as_deref()), (5, Some("NOT_YOURS")));
    let about = AccessQuery { case: Some(case), staff: Some(person(2)), first: 100, ..query };
    assert_eq!(views.access_log(furesoe(), about).await.unwrap().len(), 3);
    let nobody = AccessQuery { case: Some(case), staff: Some(person(1)), first: 100, ..query };
    assert!(views.access_log(furesoe(), nobody).await.unwrap().is_empty());

    let counts = views.conversation_counts(furesoe(), TODAY, TODAY).await.unwrap();
    let count = |kind| counts.iter().find(|count| count.kind == kind).map_or(0, |count| count.count);
    assert_eq!(
        [ConversationKind::Started, ConversationKind::Withheld, ConversationKind::Unanswered].map(count),
        [1, 2, 1]
    );
    assert_eq!([ConversationKind::Helpful, ConversationKind::NotHelpful].map(count), [1, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn teams_absence_locks_and_engagements_are_as_they_were_recorded() {
    let house = House::new();
    let case = house.everything(furesoe(), 1).await;
    house.caught_up().await;
    let views = &house.views;
    let teams = views.teams(furesoe()).await.unwrap();
    let [gone, ydelse] = teams.as_slice() else { panic!("two teams, by name: {teams:?}") };
    assert_eq!((gone.name.as_str(), gone.dissolved, gone.members.len()), ("Nedlagt", true, 0));
    assert_eq!((ydelse.name.as_str(), ydelse.dissolved), ("Ydelse og bolig", false));
    assert_eq!(ydelse.members, [person(1), person(3)]);
    let open = |user| views.teams_open_to(furesoe(), user);
    assert_eq!(open(person(1)).await.unwrap(), [team(1), team(2)], "the own one and the one that is no more");
    assert_eq!(open(person(2)).await.unwrap(), [team(2)]);

    let bo = views.staff_by_id(furesoe(), person(2)).await.unwrap().unwrap();
    assert_eq!(bo.proposals.keys().copied().collect::<Vec<_>>(), [skranke_domain::Role::Auditor]);
    assert!(bo.absence.is_some_and(|absence| absence.covers(TODAY)) && bo.substitute == Some(person(1)));
    assert!(bo.lock.is_some() && !bo.is_locked(now()), "it has ended by itself");
    assert!(bo.unlocked_at.is_some());

    let anna = views.staff_by_id(furesoe(), person(41)).await.unwrap().unwrap();
    assert!(anna.password_hash.is_none() && anna.roles.has(skranke_domain::Role::Caseworker));
    let system = views.staff_by_id(furesoe(), person(42)).await.unwrap().unwrap();
    assert_eq!(system.origin.service().map(|access| access.tokens.len()), Some(1), "one was revoked");
    let webhooks = views.webhooks(furesoe()).await.unwrap();
    let dead: Vec<_> = webhooks.iter().map(|webhook| webhook.dead_since.is_some()).collect();
    assert_eq!(dead, [false, true], "the closed one is gone");

    let engagements = views.engagements_of(furesoe(), person(2)).await.unwrap();
    assert_eq!(engagements.iter().map(|one| one.is_open(TODAY)).collect::<Vec<_>>(), [false, true]);
    let until = views.break_glass_until(furesoe(), person(2), case, now()).await.unwrap();
    let until = until.expect("it is open for a while");
    assert_eq!(views.break_glass_until(furesoe(), person(2), case, until).await.unwrap(), None, "it ends");
    assert_eq!(views.break_glass_until(furesoe(), person(1), case, now()).await.unwrap(), None);
}
