//! A case as it was: every moment, and what changed between two.

use skranke_domain::Actor;
use skranke_domain::case::{Case, DeadlineEnd, Outcome, Phase};
use skranke_domain::deadline::WaitingFor;
use skranke_domain::sealed::Seen;
use skranke_projections::{CaseSheet, FieldValue, HearingState, case_as_of, case_history, diff};

use crate::house::{House, SECRET, TODAY, furesoe, long_life, person};

/// The sheets as the live view showed them, one per revision that was ever the last of an act.
async fn live_sheets(house: &House) -> Vec<CaseSheet> {
    let id = house.open_case(furesoe(), 1).await;
    let mut sheets = vec![house.sheet(furesoe(), id).await];
    for (who, act) in long_life() {
        house.act(furesoe(), id, who, act).await;
        sheets.push(house.sheet(furesoe(), id).await);
    }
    sheets
}

#[tokio::test(flavor = "multi_thread")]
async fn as_of_every_revision_is_what_the_live_view_showed_then() {
    let house = House::new();
    let sheets = live_sheets(&house).await;
    let id = sheets[0].id;
    let history = case_history(house.log.as_ref(), furesoe(), id).await.unwrap();
    for sheet in &sheets {
        assert_eq!(case_as_of(&history, sheet.revision).unwrap().as_ref(), Some(sheet));
    }
    let last = history.last().unwrap().revision;
    for revision in 0..=last {
        let count = usize::try_from(revision).unwrap() + 1;
        assert_eq!(case_as_of(&history, revision).unwrap(), case_as_of(&history[..count], revision).unwrap());
        let (aggregate, _) = house.desk.load::<Case>(&Case::stream(furesoe(), id)).await.unwrap();
        if revision == last {
            assert_eq!(case_as_of(&history, revision).unwrap().unwrap().case(), aggregate);
        }
    }
    assert_eq!(case_as_of(&history, last + 1).unwrap(), None);
    assert_eq!(case_as_of(&[], 0).unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sheet_tells_the_whole_story() {
    let house = House::new();
    let sheets = live_sheets(&house).await;
    let at = |phase: Phase| sheets.iter().rfind(|sheet| sheet.phase() == phase).unwrap();
    assert_eq!(at(Phase::InHearing).hearing.as_ref().unwrap().state, HearingState::Open);
    let closed = at(Phase::Closed);
    let decision = closed.decision.as_ref().unwrap();
    assert_eq!((decision.version, decision.outcome), (2, Some(Outcome::PartlyGranted)));
    assert_eq!(decision.approved_by, Some(Actor::Staff(person(2))));
    assert!(decision.approved && decision.made_at.is_some() && decision.sent_at.is_some());
    assert!(closed.draft.is_none() && closed.closed_at.is_some());
    assert_eq!(closed.hearing.as_ref().unwrap().state, HearingState::Held);

    let last = sheets.last().unwrap();
    assert_eq!(last.phase(), Phase::Decided);
    assert_eq!(last.earlier_decisions.as_slice(), std::slice::from_ref(decision));
    assert_eq!(last.decision.as_ref().unwrap().outcome, Some(Outcome::Granted));
    assert_eq!(last.hearing.as_ref().unwrap().state, HearingState::Waived);
    assert!(last.reopened.is_some() && last.closed_at.is_some(), "reopening clears no date");
    assert_eq!(last.notes.len(), 4);
    assert_eq!(last.parties.len(), 3);
    assert!(last.parties[0].representative.is_some(), "the second one, after the first was ended");
    // Reopening gave it time afresh: the pause and the extension before it are history.
    let deadline = last.file.deadline().unwrap();
    assert_eq!((deadline.set.days, deadline.from), (14, TODAY));
    assert!(deadline.pauses.is_empty() && last.deadline.pauses.is_empty());
    let before = at(Phase::InHearing);
    assert_eq!(before.deadline.pauses.len(), 2);
    assert_eq!(before.deadline.pauses[0].until, Some(TODAY), "the answer ended the pause");
    assert_eq!((before.deadline.extensions.len(), before.deadline.notices.len()), (1, 1));
    assert_eq!(before.file.waiting_on(), Some((WaitingFor::Party, TODAY)));
    assert_eq!(before.file.running_deadline(), None, "it is suspended");
    assert_eq!(closed.file.deadline().unwrap().end, Some(DeadlineEnd::Met));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_diff_names_what_changed_and_nothing_else() {
    let house = House::new();
    let sheets = live_sheets(&house).await;
    for pair in sheets.windows(2) {
        let changes = diff(&pair[0], &pair[1]);
        assert!(!changes.is_empty(), "{}", pair[1].last_event_type);
        assert!(diff(&pair[1], &pair[1]).is_empty());
        let back = diff(&pair[1], &pair[0]);
        assert_eq!(back.len(), changes.len());
    }
    let assigned = diff(&sheets[0], &sheets[1]);
    let keys: Vec<_> = assigned.iter().map(|change| change.key).collect();
    assert_eq!(keys, ["phase", "caseworker"]);
    assert_eq!(assigned[0].before, Some(FieldValue::Phase(Phase::Registered)));
    assert_eq!(assigned[1].after, Some(FieldValue::Staff(person(1))));
}

#[tokio::test(flavor = "multi_thread")]
async fn sealed_fields_open_with_the_key_of_their_stream() {
    let house = House::new();
    let sheets = live_sheets(&house).await;
    let mut sheet = sheets.last().unwrap().clone();
    let stream = Case::stream(furesoe(), sheet.id);
    assert!(sheet.seals().iter().all(|sealed| sealed.see() == Seen::Locked));
    assert_eq!(sheet.seals().len(), 50);
    sheet.unlock(&house.desk.keys().for_stream(&stream)).unwrap();
    // The house's own word for the theme of a sent decision is no secret, and sealed all the same.
    let as_written = |text: &String| text.contains(SECRET) || text == "Afgørelse";
    assert!(sheet.seals().iter().all(|sealed| sealed.value().is_some_and(as_written)));

    let history = case_history(house.log.as_ref(), furesoe(), sheet.id).await.unwrap();
    let reasons = history.iter().filter(|entry| entry.reason().unwrap().is_some()).count();
    assert_eq!(reasons, 15);
    assert!(history[0].fields().unwrap().iter().any(|field| field.key == "title"));
    assert!(
        history
            .iter()
            .all(|entry| entry.actor == Actor::Staff(person(1)) || entry.actor == Actor::Staff(person(2)))
    );

    // Once the key is gone, the views hold nothing of that person that could be read; the others have their own keys.
    let subject = sheet.file.subject;
    let keys = std::sync::Arc::clone(house.desk.keys());
    tokio::task::spawn_blocking(move || keys.destroy(furesoe(), subject)).await.unwrap().unwrap();
    let mut erased = house.sheet(furesoe(), sheet.id).await;
    erased.unlock(&house.desk.keys().for_stream(&stream)).unwrap();
    let (theirs, others): (Vec<_>, Vec<_>) =
        erased.seals().into_iter().partition(|sealed| sealed.subject() == subject);
    assert!(theirs.iter().all(|sealed| sealed.see() == Seen::Erased));
    assert_eq!(others.iter().filter(|sealed| sealed.value().is_some_and(as_written)).count(), 12);
}
