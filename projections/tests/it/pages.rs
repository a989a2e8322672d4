//! Short lists in pages: read one row at a time they are what they are read whole, and every page comes from an index.

use skranke_domain::CaseId;
use skranke_projections::{AccessQuery, Cursor, Page};
use uuid::Uuid;

use crate::house::{House, furesoe, person};

/// The whole list, asked for one row at a time.
async fn one_by_one<T>(ask: impl AsyncFn(Option<Cursor>) -> Page<T>) -> Vec<T> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = ask(after).await;
        assert!(page.items.len() <= 1 && (!page.more || !page.items.is_empty()));
        after = page.end().cloned();
        let more = page.more;
        all.extend(page.items.into_iter().map(|item| item.row));
        if !more {
            return all;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_read_one_by_one_is_the_list() {
    let house = House::new();
    house.everything(furesoe(), 1).await;
    house.caught_up().await;
    let (views, tenant) = (&house.views, furesoe());

    let accounts = one_by_one(async |after| views.accounts(tenant, after, 1).await.unwrap()).await;
    assert_eq!(accounts, views.staff(tenant).await.unwrap());
    let teams = one_by_one(async |after| views.teams_page(tenant, after, 1).await.unwrap()).await;
    assert_eq!(teams, views.teams(tenant).await.unwrap());

    let webhooks = one_by_one(async |after| views.webhooks_page(tenant, None, after, 1).await.unwrap()).await;
    assert_eq!(webhooks, views.webhooks(tenant).await.unwrap());
    assert!(accounts.len() > 2 && teams.len() > 1 && webhooks.len() > 1, "a page of one has a next one");
    let of = async |owner| views.webhooks_page(tenant, Some(owner), None, 10).await.unwrap().items.len();
    assert_eq!((of(person(42)).await, of(person(1)).await), (webhooks.len(), 0));

    let auditor = Some(person(2));
    let ask = async |after| views.engagements(tenant, auditor, after, 1).await.unwrap();
    let theirs = one_by_one(ask).await;
    assert_eq!(theirs, views.engagements_of(tenant, person(2)).await.unwrap());
    let all = one_by_one(async |after| views.engagements(tenant, None, after, 1).await.unwrap()).await;
    assert!(theirs.len() > 1 && theirs.iter().all(|one| all.contains(one)));

    let foreign = views.teams_page(tenant, None, 1).await.unwrap().end().cloned();
    assert!(views.accounts(tenant, foreign, 1).await.is_err(), "a cursor of another list");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_of_a_short_list_is_answered_from_an_index() {
    let house = House::new();
    let (views, tenant) = (&house.views, furesoe());
    let mut plan = views.explain_accounts(tenant).await.unwrap();
    plan.extend(views.explain_teams(tenant).await.unwrap());
    plan.extend(views.explain_webhooks(tenant, person(1)).await.unwrap());
    plan.extend(views.explain_engagements(tenant, person(1)).await.unwrap());
    plan.extend(views.explain_saved_views(tenant).await.unwrap());
    plan.extend(views.explain_inbox(tenant).await.unwrap());
    plan.extend(views.explain_case_weeks(tenant).await.unwrap());
    for (case, staff) in [(None, None), (Some(CaseId::new(Uuid::nil())), None), (None, Some(person(1)))] {
        let query = AccessQuery { case, staff, first: 10, ..AccessQuery::default() };
        plan.extend(views.explain_access_log(tenant, query).await.unwrap());
    }
    assert_eq!(plan.len(), 14, "one look each, and nothing is sorted: {plan:?}");
    for line in plan {
        assert!(line.starts_with("SEARCH ") && line.contains("(tenant=?"), "{line}");
    }
}
