//! The work list and the inbox: orders, filters, pages, counts, and the plan by which each is answered.

use std::collections::HashSet;

use skranke_domain::case::Phase;
use skranke_domain::inquiry::InquiryKind;
use skranke_domain::time::monday_of;
use skranke_domain::{CaseId, Tenant};
use skranke_projections::{CaseMeasure, Cursor, Order, Views, ViewsError, WorkRow, WorklistQuery};

use crate::house::{House, TODAY, aarhus, assign, furesoe, person, team};

async fn rows(views: &Views, tenant: Tenant, query: WorklistQuery) -> Vec<WorkRow> {
    let page = views.worklist(tenant, WorklistQuery { first: 1000, ..query }).await.unwrap();
    assert!(!page.more);
    page.items.into_iter().map(|item| item.row).collect()
}

fn every_filter() -> Vec<WorklistQuery> {
    let none = WorklistQuery::default;
    vec![
        none(),
        WorklistQuery { phases: Phase::ALL.to_vec(), ..none() },
        WorklistQuery { phases: vec![Phase::Closed, Phase::Registered], ..none() },
        WorklistQuery { caseworker: Some(person(1)), ..none() },
        WorklistQuery { unassigned: true, ..none() },
        WorklistQuery { overdue_before: Some(TODAY), ..none() },
        WorklistQuery { due_from: Some(TODAY), due_by: Some(TODAY.tomorrow().unwrap()), ..none() },
        WorklistQuery { due_from: Some(TODAY), ..none() },
        WorklistQuery { due_by: Some(TODAY), phases: vec![Phase::Registered], ..none() },
        WorklistQuery { unassigned: true, teams: Some(vec![team(1)]), ..none() },
        WorklistQuery { unassigned: true, overdue_before: Some(TODAY), ..none() },
        WorklistQuery { waiting: true, ..none() },
        WorklistQuery { waiting: true, caseworker: Some(person(2)), ..none() },
        WorklistQuery { awaiting_approval: Some(person(2)), ..none() },
        WorklistQuery { number_prefix: Some("S2026-0000".to_owned()), ..none() },
        WorklistQuery { caseworker: Some(person(1)), overdue_before: Some(TODAY), ..none() },
        WorklistQuery { teams: Some(vec![]), ..none() },
        WorklistQuery { teams: Some(vec![team(1), team(2)]), ..none() },
        WorklistQuery { teams: Some(vec![team(1)]), only_teams: true, ..none() },
        WorklistQuery { teams: Some(vec![]), only_teams: true, ..none() },
        WorklistQuery { teams: Some(vec![team(2)]), awaiting_approval: Some(person(2)), ..none() },
    ]
}

/// What a filter means, said a second time without SQL.
fn passes(query: &WorklistQuery, row: &WorkRow) -> bool {
    let phases = &query.phases;
    let due = row.due;
    (if phases.is_empty() { row.phase != Phase::Closed } else { phases.contains(&row.phase) })
        && query.teams.as_ref().is_none_or(|teams| match row.team {
            Some(team) => teams.contains(&team),
            None => !query.only_teams,
        })
        && query.caseworker.is_none_or(|wanted| row.caseworker == Some(wanted))
        && (!query.unassigned || row.caseworker.is_none())
        && query.overdue_before.is_none_or(|day| due.is_some_and(|due| due < day))
        && query.due_from.is_none_or(|day| due.is_some_and(|due| due >= day))
        && query.due_by.is_none_or(|day| due.is_some_and(|due| due <= day))
        && (!query.waiting || row.waiting_on.is_some())
        && query.awaiting_approval.is_none_or(|me| row.awaiting.is_some_and(|author| author != me))
        && query.number_prefix.as_ref().is_none_or(|prefix| row.number.starts_with(prefix))
}

fn sort(order: Order, rows: &mut [WorkRow]) {
    match order {
        Order::Due => {
            rows.sort_by_key(|row| (row.due.is_none(), row.due, row.id));
        }
        Order::Newest => rows.sort_by_key(|row| std::cmp::Reverse(row.opened)),
        Order::LastEvent => rows.sort_by_key(|row| std::cmp::Reverse(row.position)),
        Order::Number => rows.sort_by_key(|row| (row.number.clone(), row.id)),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_filter_in_every_order_gives_what_it_says() {
    let house = House::new();
    house.everything(furesoe(), 1).await;
    house.long_case(furesoe(), 40).await;
    house.caught_up().await;
    let whole = rows(
        &house.views,
        furesoe(),
        WorklistQuery { phases: Phase::ALL.to_vec(), ..WorklistQuery::default() },
    )
    .await;
    for query in every_filter() {
        let mut expected: Vec<_> = whole.iter().filter(|row| passes(&query, row)).cloned().collect();
        let count = house.views.worklist_count(furesoe(), query.clone()).await.unwrap();
        assert_eq!(count, expected.len() as u64, "{query:?}");
        for order in Order::ALL {
            sort(order, &mut expected);
            let found = rows(&house.views, furesoe(), WorklistQuery { order, ..query.clone() }).await;
            assert_eq!(found, expected, "{query:?} {order:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn counters_are_the_lengths_of_the_lists_they_lead_to() {
    let house = House::new();
    house.everything(furesoe(), 1).await;
    house.caught_up().await;
    let me = person(2);
    let counters = house.views.counters(furesoe(), me, None, TODAY).await.unwrap();
    let none = WorklistQuery::default;
    let sunday = "2026-11-29".parse().unwrap();
    for (count, query) in [
        (counters.overdue, WorklistQuery { overdue_before: Some(TODAY), ..none() }),
        (counters.due_today, WorklistQuery { due_from: Some(TODAY), due_by: Some(TODAY), ..none() }),
        (counters.due_this_week, WorklistQuery { due_from: Some(TODAY), due_by: Some(sunday), ..none() }),
        (counters.mine, WorklistQuery { caseworker: Some(me), ..none() }),
        (counters.unassigned, WorklistQuery { unassigned: true, ..none() }),
        (counters.waiting, WorklistQuery { waiting: true, caseworker: Some(me), ..none() }),
        (counters.awaiting_approval, WorklistQuery { awaiting_approval: Some(me), ..none() }),
    ] {
        assert_eq!(count, rows(&house.views, furesoe(), query.clone()).await.len() as u64, "{query:?}");
        assert!(count > 0, "{query:?}");
    }
    assert_eq!(counters.open_inquiries, 1);
    // I cannot approve what I wrote myself.
    let author = house.views.counters(furesoe(), person(1), None, TODAY).await.unwrap();
    assert_eq!(author.awaiting_approval, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn paging_walks_every_row_once_while_new_ones_arrive() {
    let house = House::new();
    for number in 100..125 {
        let id = house.open_case(furesoe(), number).await;
        if number % 2 == 0 {
            house.act(furesoe(), id, person(1), assign(person(1))).await;
        }
    }
    house.caught_up().await;
    let mut number = 200;
    for order in Order::ALL {
        let there: HashSet<CaseId> =
            rows(&house.views, furesoe(), WorklistQuery::default()).await.iter().map(|row| row.id).collect();
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let query = WorklistQuery { order, after: after.take(), first: 4, ..WorklistQuery::default() };
            let page = house.views.worklist(furesoe(), query).await.unwrap();
            seen.extend(page.items.iter().map(|item| item.row.id));
            // What comes in meanwhile stands anywhere in the order, in this municipality and in others.
            house.open_case(aarhus(), number).await;
            house.open_case(furesoe(), 300 - number % 100).await;
            number += 1;
            house.caught_up().await;
            if !page.more {
                break;
            }
            let text = page.end().unwrap().to_string();
            after = Some(text.parse::<Cursor>().unwrap());
            assert!(seen.len() < 500, "paging comes to an end");
        }
        let once: HashSet<CaseId> = seen.iter().copied().collect();
        assert_eq!(once.len(), seen.len(), "{order:?}: no row twice");
        assert!(there.is_subset(&once), "{order:?}: no row missed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_of_another_order_is_refused() {
    let house = House::new();
    house.open_case(furesoe(), 1).await;
    house.caught_up().await;
    let page = house
        .views
        .worklist(furesoe(), WorklistQuery { first: 1, ..WorklistQuery::default() })
        .await
        .unwrap();
    let after = page.end().cloned();
    let query =
        WorklistQuery { order: Order::Number, after: after.clone(), first: 1, ..WorklistQuery::default() };
    assert!(matches!(house.views.worklist(furesoe(), query).await, Err(ViewsError::Cursor)));
    assert!(matches!(house.views.inbox(furesoe(), None, after, 1).await, Err(ViewsError::Cursor)));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_list_is_answered_from_an_index() {
    let house = House::new();
    house.everything(furesoe(), 1).await;
    house.caught_up().await;
    for query in every_filter() {
        for order in Order::ALL {
            let first = WorklistQuery { order, first: 1, ..query.clone() };
            let after = house.views.worklist(furesoe(), first.clone()).await.unwrap().end().cloned();
            for query in [first.clone(), WorklistQuery { after, ..first.clone() }] {
                let plan = house.views.explain_worklist(furesoe(), query.clone()).await.unwrap();
                let looks: Vec<_> = plan.iter().filter(|line| line.contains("cases")).collect();
                assert!(!looks.is_empty());
                for line in looks {
                    assert!(line.starts_with("SEARCH cases USING INDEX cases_"), "{query:?}: {line}");
                    assert!(line.contains("(tenant=?"), "{query:?}: {line}");
                }
                let filtered = WorklistQuery {
                    order,
                    first: 1,
                    after: query.after.clone(),
                    phases: query.phases.clone(),
                    teams: query.teams.clone(),
                    only_teams: query.only_teams,
                    ..WorklistQuery::default()
                } != query;
                if !filtered {
                    assert!(!plan.iter().any(|line| line.contains("TEMP B-TREE")), "{query:?}: {plan:?}");
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_inbox_begins_with_whoever_has_waited_longest() {
    let house = House::new();
    let mut ids = Vec::new();
    for _ in 0..7 {
        ids.push(house.inquiry(furesoe(), InquiryKind::CallBack).await);
    }
    house.to_inquiry(furesoe(), ids[3], skranke_domain::inquiry::InquiryCommand::Close {}).await;
    house.caught_up().await;
    for (open, expected) in
        [(None, vec![0, 1, 2, 3, 4, 5, 6]), (Some(true), vec![0, 1, 2, 4, 5, 6]), (Some(false), vec![3])]
    {
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let page = house.views.inbox(furesoe(), open, after, 2).await.unwrap();
            seen.extend(page.items.iter().map(|item| item.row.id));
            after = page.end().cloned();
            if !page.more {
                break;
            }
        }
        assert_eq!(seen, expected.iter().map(|place| ids[*place]).collect::<Vec<_>>());
        assert_eq!(house.views.inbox_count(furesoe(), open).await.unwrap(), expected.len() as u64);
    }
    let sheet = house.views.inquiry(furesoe(), ids[3]).await.unwrap().unwrap();
    assert!(!sheet.open && sheet.call_when.as_deref() == Some("morning"));
    assert_eq!(sheet.revision, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_numbers_for_planners_are_the_lengths_of_lists() {
    let house = House::new();
    house.everything(furesoe(), 1).await;
    house.long_case(furesoe(), 40).await;
    house.open_case(aarhus(), 1).await;
    house.caught_up().await;
    let views = &house.views;
    let whole = WorklistQuery { phases: Phase::ALL.to_vec(), ..WorklistQuery::default() };
    let whole = rows(views, furesoe(), whole).await;
    let open: Vec<_> = whole.iter().filter(|row| row.phase != Phase::Closed).collect();
    assert!(open.len() > 1);
    for load in views.load_by_team(furesoe()).await.unwrap() {
        let alike = whole.iter().filter(|row| (row.team, row.phase) == (load.team, load.phase)).count();
        assert_eq!(load.cases, alike as u64, "{load:?}");
    }
    let ages = views.open_by_age(furesoe()).await.unwrap();
    for (monday, cases) in &ages {
        let alike = open.iter().filter(|row| monday_of(row.received) == *monday).count();
        assert_eq!(*cases, alike as u64, "{monday}");
    }
    assert_eq!(ages.iter().map(|(_, cases)| *cases).sum::<u64>(), open.len() as u64);
    let monday = monday_of(TODAY);
    let weeks = views.case_weeks(furesoe(), monday, monday).await.unwrap();
    let count = |measure| weeks.iter().find(|week| week.measure == measure).map_or(0, |week| week.count);
    assert_eq!(count(CaseMeasure::Opened), whole.len() as u64);
    // Each long life is closed, taken up again and decided twice.
    let (closed, reopened) = (count(CaseMeasure::Closed), count(CaseMeasure::Reopened));
    assert_eq!(closed - reopened, (whole.len() - open.len()) as u64);
    assert!(reopened > 0 && count(CaseMeasure::Decided) > reopened);
    assert_eq!(
        views
            .case_weeks(furesoe(), monday.tomorrow().unwrap(), TODAY.saturating_add(jiff::ToSpan::days(60)))
            .await
            .unwrap(),
        []
    );
}
