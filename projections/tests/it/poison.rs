//! Events that cannot be folded stop those projections that want them, and nobody else.

use skranke_domain::case::Case;
use skranke_domain::inquiry::InquiryKind;
use skranke_domain::{CaseId, StreamId};
use skranke_projections::{Stall, case_as_of, case_history};
use skranke_store::{Position, Reading};
use uuid::Uuid;

use crate::house::{House, LIMIT, aarhus, furesoe, person};

fn stalled(house: &House) -> Vec<(&'static str, Position, Stall)> {
    let health = house.views.health().into_iter();
    health.filter_map(|one| Some((one.name, one.position, one.stalled?))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_with_wrong_fields_stops_who_wants_its_fields() {
    let mut house = House::new();
    let case = house.open_case(furesoe(), 1).await;
    let other = house.open_case(furesoe(), 2).await;
    house.caught_up().await;
    house.rest().await;
    // The poison comes in the middle of a batch.
    let before = house.note_access(furesoe(), person(1), viewed(other)).await;
    let poison = house.smuggle(Case::stream(furesoe(), case), "CallNoted", r#"{"text":"Hemmelighed"}"#).await;
    let third = house.open_case(furesoe(), 3).await;
    house.inquiry(furesoe(), InquiryKind::Written).await;
    let head = house.log.head().await.unwrap();
    house.resume();
    assert!(!house.views.wait_for(head, LIMIT).await, "not every projection gets there");

    let stalls = stalled(&house);
    let names: Vec<_> = stalls.iter().map(|(name, ..)| *name).collect();
    assert_eq!(names, ["cases", "case-weeks", "case-frames", "retention", "search"]);
    for (_, position, stall) in &stalls {
        assert_eq!((*position, stall.position, stall.event_type.as_str()), (before, poison, "CallNoted"));
        assert!(!format!("{stall:?}").contains("Hemmelighed"));
    }
    // What came before is there, what came after is not; the others have gone on.
    assert!(house.views.case_sheet(furesoe(), other).await.unwrap().is_some());
    assert!(house.views.case_sheet(furesoe(), third).await.unwrap().is_none());
    assert_eq!(house.views.inbox(furesoe(), Some(true), None, 10).await.unwrap().items.len(), 1);
    let history = case_history(house.log.as_ref(), furesoe(), case).await.unwrap();
    assert_eq!(history.last().unwrap().event_type, "CallNoted");
    assert!(case_as_of(&history, 2).is_err());
    assert!(case_as_of(&history, 1).unwrap().is_some());

    // A restart tries again, and stops again.
    let house = House::of(house.close().await);
    assert!(!house.views.wait_for(head, LIMIT).await);
    assert_eq!(stalled(&house), stalls);
    // Those that stand have come to the event that came next.
    let next = house.note_access(furesoe(), person(1), viewed(other)).await;
    assert!(!house.views.wait_for(next, LIMIT).await);
    let health = house.views.health();
    let standing = health.iter().filter(|one| one.position == next).count();
    assert_eq!(standing, health.len() - stalls.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_no_json_is_shown_to_auditors_all_the_same() {
    let house = House::new();
    let case = house.open_case(furesoe(), 1).await;
    house.caught_up().await;
    let poison = house.smuggle(Case::stream(furesoe(), case), "CallNoted", r#"{"text":"#).await;
    assert!(!house.views.wait_for(poison, LIMIT).await);
    let names: Vec<_> = stalled(&house).into_iter().map(|(name, ..)| name).collect();
    assert_eq!(names, ["cases", "case-weeks", "case-frames", "retention", "search"]);
    let history = case_history(house.log.as_ref(), furesoe(), case).await.unwrap();
    assert_eq!(history.last().unwrap().data, r#"{"text":"#);
    assert!(history.last().unwrap().reading().is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_projection_has_its_own_poison() {
    let house = House::new();
    let subject = Uuid::from_u128(9);
    for (stream, event_type) in [
        (StreamId::new("inquiry", aarhus(), subject), "InquiryClosed"),
        (StreamId::new("exemption", aarhus(), subject), "ExemptionExpired"),
        (StreamId::new("service", aarhus(), subject), "ServiceReturned"),
        (StreamId::new("authority", aarhus(), "A b"), "AuthorityWithdrawn"),
        (StreamId::new("user", aarhus(), subject), "RoleGranted"),
        (StreamId::new("audit", aarhus(), subject), "FindingAnswered"),
        (StreamId::new("knowledge", aarhus(), "flytning.da"), "ArticleWithdrawn"),
        (StreamId::new("accesslog", aarhus(), "2026-11-23"), "CaseViewed"),
        (StreamId::new("conversation", aarhus(), subject), "FeedbackGiven"),
        (StreamId::new("case", aarhus(), "not-an-id"), "CaseInformed"),
    ] {
        house.smuggle(stream, event_type, "{}").await;
    }
    let head = house.log.head().await.unwrap();
    assert!(!house.views.wait_for(head, LIMIT).await);
    let reasons: Vec<_> = stalled(&house).into_iter().map(|(name, _, stall)| (name, stall.reason)).collect();
    let wrong = "its data is not what its type says";
    let name = "its stream has a name that is none";
    let never = "it tells of something that never began";
    let expected = [
        ("cases", name),
        ("case-weeks", name),
        ("inbox", never),
        ("exemptions", wrong),
        ("services", wrong),
        ("authorities", name),
        ("people", wrong),
        ("engagements", wrong),
        ("case-frames", name),
        ("samples", wrong),
        ("findings", wrong),
        ("retention", name),
        ("articles", wrong),
        ("access", wrong),
        ("access-weeks", wrong),
        ("conversations", wrong),
        ("search", name),
    ];
    assert_eq!(reasons.iter().map(|(name, reason)| (*name, reason.as_str())).collect::<Vec<_>>(), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_later_version_says_is_kept_and_passed_over() {
    let house = House::new();
    let case = house.open_case(furesoe(), 1).await;
    let before = house.sheet(furesoe(), case).await;
    let stream = Case::stream(furesoe(), case);
    let last = house.smuggle(stream, "CaseFramed", r#"{"frame":"gold"}"#).await;
    house.smuggle(StreamId::new("licence", furesoe(), "x"), "LicenceGiven", "no json").await;
    house.smuggle(StreamId::new("case", furesoe(), Uuid::from_u128(4)), "CaseImported", "{}").await;
    let after = house.sheet(furesoe(), case).await;
    assert_eq!((after.revision, after.position), (before.revision + 1, last));
    assert_eq!(after.last_event_type, "CaseFramed");
    assert_eq!(after.fields(), before.fields());
    let history = case_history(house.log.as_ref(), furesoe(), case).await.unwrap();
    assert_eq!(history.last().unwrap().data, r#"{"frame":"gold"}"#);
    assert_eq!(history.last().unwrap().reading().unwrap(), Reading::Unknown);
    assert_eq!(case_as_of(&history, after.revision).unwrap(), Some(after));
    let unknown = CaseId::new(Uuid::from_u128(4));
    assert_eq!(case_history(house.log.as_ref(), furesoe(), unknown).await.unwrap().len(), 1);
    assert!(house.views.case_sheet(furesoe(), unknown).await.unwrap().is_none());
}

fn viewed(case: CaseId) -> skranke_domain::access_log::AccessEvent {
    skranke_domain::access_log::AccessEvent::CaseViewed(skranke_domain::access_log::CaseViewed { case })
}
