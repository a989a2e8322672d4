use uuid::Uuid;

use super::*;
use crate::TeamId;
use crate::scenario::{decision_table, given};

const KARI: UserId = UserId::new(Uuid::from_u128(1));
const BENT: UserId = UserId::new(Uuid::from_u128(2));
const SUBJECT: SubjectId = SubjectId::new(Uuid::from_u128(3));
const TEAM: TeamId = TeamId::new(Uuid::from_u128(4));

fn wanted(name: &str) -> Wanted {
    let list = CaseListView { overdue: true, columns: vec!["frist".into()], ..CaseListView::default() };
    Wanted { name: name.into(), list, known: true, team: None, in_team: false }
}

fn save(wanted: Wanted) -> SavedViewCommand {
    SavedViewCommand { act: SavedViewAct::Save { subject: SUBJECT, wanted }, by: KARI }
}

fn saved() -> SavedViewEvent {
    let Wanted { list, .. } = wanted("");
    let name = Sealed::new(SUBJECT, "Haster".to_owned());
    SavedViewEvent::ViewSaved(ViewSaved { owner: KARI, subject: SUBJECT, name, list, team: None })
}

#[test]
fn a_view_is_saved_under_a_trimmed_name_that_is_sealed() {
    given::<SavedView>([]).when(save(wanted(" Haster "))).then([saved()]);
    given::<SavedView>([]).when(save(wanted("  "))).refused(SavedViewRefusal::NoName);
    let long = "æ".repeat(NAME_LIMIT + 1);
    given::<SavedView>([]).when(save(wanted(&long))).refused(SavedViewRefusal::NameTooLong);
}

#[test]
fn columns_are_words_and_few() {
    let columns = |columns: Vec<String>| {
        let list = CaseListView { columns, ..CaseListView::default() };
        save(Wanted { list, ..wanted("x") })
    };
    for bad in [vec!["frist; hans".into()], vec![String::new()], vec!["a".into(); 21], vec!["a".repeat(41)]] {
        given::<SavedView>([]).when(columns(bad)).refused(SavedViewRefusal::BadColumns);
    }
}

#[test]
fn a_view_is_shared_with_a_team_that_its_owner_is_in() {
    let shared = |in_team| save(Wanted { team: Some(TEAM), in_team, ..wanted("Haster") });
    given::<SavedView>([]).when(shared(false)).refused(SavedViewRefusal::NotInTeam);
    let SavedViewEvent::ViewSaved(view) = saved() else { unreachable!("it is what saved() makes") };
    given::<SavedView>([])
        .when(shared(true))
        .then([SavedViewEvent::ViewSaved(ViewSaved { team: Some(TEAM), ..view })]);
}

#[test]
fn a_filter_names_only_people_and_teams_that_there_are() {
    let stranger = Wanted { known: false, ..wanted("Haster") };
    given::<SavedView>([]).when(save(stranger)).refused(SavedViewRefusal::UnknownInFilter);
}

/// Every state × every act, tried by the owner and by somebody else.
#[test]
fn the_decision_table() {
    let states = [
        ("never saved", vec![]),
        ("saved", vec![saved()]),
        ("removed", vec![saved(), SavedViewEvent::ViewRemoved(ViewRemoved {})]),
    ];
    let acts = [
        ("Save", SavedViewAct::Save { subject: SUBJECT, wanted: wanted("x") }),
        ("Change", SavedViewAct::Change { wanted: wanted("y") }),
        ("Remove", SavedViewAct::Remove),
    ];
    let tried = acts.iter().map(|(name, act)| {
        let by = |by| SavedViewCommand { act: act.clone(), by };
        (*name, vec![("owner", by(KARI)), ("another", by(BENT))])
    });
    insta::assert_snapshot!(decision_table::<SavedView>(&states, &tried.collect::<Vec<_>>()));
}
