//! The watch with a clock of its own: once each, whatever dies in between and however many watch.

use std::sync::Mutex;

use jiff::Timestamp;
use jiff::civil::date;
use skranke_content::RuleBook;
use skranke_domain::case::OpenCase;
use skranke_domain::deadline::WaitingFor;
use skranke_domain::inquiry::Channel;
use skranke_domain::{Actor, CaseId, Role, Roles, SubjectId, Tenant, UserId};
use skranke_store::{Direction, EmbeddedLog, EventLog, KeyRing, MasterKey};
use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::clock::SystemIds;

/// Received on this day, a case of the built-in rules is due on 21 December and warned of on the 16th.
const RECEIVED: Date = date(2026, 11, 23);
const DUE: Date = date(2026, 12, 21);

/// A clock that the test moves.
struct Moved(Mutex<Timestamp>);

impl Clock for Moved {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

struct Office {
    dir: TempDir,
    log: Arc<dyn EventLog>,
    keys: Arc<KeyRing>,
    clock: Arc<Moved>,
    rules: Arc<RuleBook>,
}

fn nine_on(day: Date) -> Timestamp {
    day.at(9, 0, 0, 0).to_zoned(skranke_domain::time::copenhagen()).unwrap().timestamp()
}

impl Office {
    fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let log: Arc<dyn EventLog> = Arc::new(EmbeddedLog::open(&dir.path().join("log")).unwrap());
        let keys = KeyRing::open(&dir.path().join("keys"), MasterKey::generate().unwrap()).unwrap();
        let clock = Arc::new(Moved(Mutex::new(nine_on(RECEIVED))));
        let rules = Arc::new(RuleBook::builtin().unwrap());
        Self { dir, log, keys: Arc::new(keys), clock, rules }
    }

    /// A desk as a node of its own has it: it remembers nothing of what others did.
    fn desk(&self) -> Desk {
        Desk::new(Arc::clone(&self.log), Arc::clone(&self.keys), Arc::new(SystemIds), "test")
    }

    fn watch(&self, name: &str) -> Watch {
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let file = self.dir.path().join(name);
        let book = Arc::clone(&self.rules);
        let rules: Arc<RulesOn> = Arc::new(move |_, date| book.on(date));
        Watch::new(self.desk(), rules, clock, file, Duration::from_millis(5))
    }

    fn it_is(&self, day: Date) {
        *self.clock.0.lock().unwrap() = nine_on(day);
    }

    async fn act(&self, case: &StreamId, act: CaseAct) {
        let by = Act {
            actor: Actor::Staff(UserId::new(Uuid::from_u128(1))),
            roles: Roles::default().with(Role::Caseworker).with(Role::TeamLead),
            ..Act::system(case.tenant(), self.clock.now(), Uuid::nil())
        };
        let under = Circumstances::of(&by, self.rules.on(local_date(by.at)));
        self.desk().execute::<Case>(case, CaseCommand { act, under }, &by).await.unwrap();
    }

    async fn case(&self) -> StreamId {
        let case = Case::stream(Tenant::try_new("0190").unwrap(), CaseId::new(Uuid::now()));
        let open = OpenCase {
            number: "S2026-00001".into(),
            received: Some(local_date(self.clock.now())),
            channel: Some(Channel::Counter),
            kle: None,
            inquiry: None,
            topic: None,
            subject: SubjectId::new(Uuid::now()),
            title: "Boligstøtte".into(),
            party: String::new(),
        };
        self.act(&case, CaseAct::Open(Box::new(open))).await;
        let to = UserId::new(Uuid::from_u128(1));
        self.act(&case, CaseAct::Assign { to, roles: Roles::default().with(Role::Caseworker) }).await;
        case
    }

    /// What the clock had noted in a case.
    async fn noted(&self, case: &StreamId) -> Vec<String> {
        let events = self.log.read_stream(case, 0, Direction::Forwards, 100).await.unwrap();
        let kinds = events.iter().map(|event| event.event_type.to_string());
        kinds.filter(|kind| kind == "DeadlineWarned" || kind == "DeadlineMissed").collect()
    }

    /// Waits until the clock has noted this and nothing else.
    #[track_caller]
    fn notes(&self, case: &StreamId, expected: &[&str]) -> impl Future<Output = ()> {
        let at = std::panic::Location::caller();
        async move {
            for _ in 0..2000 {
                if self.noted(case).await == expected {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            panic!("{at}: {:?} and not {expected:?}", self.noted(case).await);
        }
    }
}

trait Now {
    fn now() -> Self;
}

impl Now for Uuid {
    fn now() -> Self {
        skranke_domain::time::Ids::next(&SystemIds)
    }
}

const BOTH: [&str; 2] = ["DeadlineWarned", "DeadlineMissed"];

/// Lets it run for a while, and kills it in the middle of whatever it does.
async fn for_a_while(mut watch: Watch, time: Duration) {
    let running = tokio::spawn(async move { watch.follow().await });
    tokio::time::sleep(time).await;
    running.abort();
}

#[tokio::test]
async fn it_warns_before_the_last_day_and_notes_when_it_has_passed() {
    let office = Office::open();
    let case = office.case().await;
    let mut watch = office.watch("agenda");
    let running = tokio::spawn(async move { watch.follow().await });
    office.it_is(date(2026, 12, 15));
    tokio::time::sleep(Duration::from_millis(60)).await;
    office.notes(&case, &[]).await;
    office.it_is(date(2026, 12, 16));
    office.notes(&case, &["DeadlineWarned"]).await;
    office.it_is(DUE);
    tokio::time::sleep(Duration::from_millis(60)).await;
    office.notes(&case, &["DeadlineWarned"]).await;
    office.it_is(date(2026, 12, 22));
    office.notes(&case, &BOTH).await;
    office.it_is(date(2027, 6, 1));
    tokio::time::sleep(Duration::from_millis(60)).await;
    office.notes(&case, &BOTH).await;
    running.abort();
}

#[tokio::test]
async fn what_was_due_while_nothing_ran_is_noted_at_the_start() {
    let office = Office::open();
    let (early, late) = (office.case().await, office.case().await);
    // The first run makes an agenda and dies; the second case is suspended while nothing runs.
    let mut watch = office.watch("agenda");
    let _ = tokio::time::timeout(Duration::from_millis(100), watch.follow()).await;
    assert_eq!(watch.agenda.days.len(), 2);
    watch.agenda.write(&office.dir.path().join("agenda"));
    let suspend = DeadlineAct::Suspend {
        from: RECEIVED,
        waiting_for: Some(WaitingFor::Party),
        reason: "Lønsedler".into(),
    };
    office.act(&late, CaseAct::Deadline(suspend)).await;
    let third = office.case().await;
    office.it_is(date(2027, 1, 4));
    // With the agenda it wrote, and without any: the log has it all.
    for name in ["agenda", "none"] {
        for_a_while(office.watch(name), Duration::from_millis(200)).await;
        office.notes(&early, &["DeadlineMissed"]).await;
        office.notes(&third, &["DeadlineMissed"]).await;
        office.notes(&late, &[]).await;
    }
    // It runs again, with the days that it was suspended.
    office.act(&late, CaseAct::Deadline(DeadlineAct::Resume { on: date(2027, 1, 4) })).await;
    for_a_while(office.watch("agenda"), Duration::from_millis(200)).await;
    office.notes(&late, &[]).await;
    office.it_is(date(2027, 2, 2));
    for_a_while(office.watch("agenda"), Duration::from_millis(200)).await;
    office.notes(&late, &["DeadlineMissed"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_is_noted_once_though_the_process_dies_again_and_again() {
    let office = Office::open();
    let mut cases = Vec::new();
    for _ in 0..25 {
        cases.push(office.case().await);
    }
    for day in [date(2026, 12, 16), date(2026, 12, 22)] {
        office.it_is(day);
        for life in 0..40 {
            for_a_while(office.watch("agenda"), Duration::from_millis(life)).await;
        }
        // The last one lives until everything is noted.
        let mut last = office.watch("agenda");
        let last = tokio::spawn(async move { last.follow().await });
        let noted = if day < DUE { &BOTH[..1] } else { &BOTH };
        for case in &cases {
            office.notes(case, noted).await;
        }
        last.abort();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_of_them_on_one_log_note_each_once() {
    let office = Office::open();
    let mut cases = Vec::new();
    for _ in 0..25 {
        cases.push(office.case().await);
    }
    let watches = ["one", "other", "third"].map(|name| {
        let mut watch = office.watch(name);
        tokio::spawn(async move { watch.follow().await })
    });
    for (day, noted) in
        [(date(2026, 12, 16), &BOTH[..1]), (date(2026, 12, 22), &BOTH), (date(2027, 1, 8), &BOTH)]
    {
        office.it_is(day);
        for case in &cases {
            office.notes(case, noted).await;
        }
    }
    // And none of them has anything to add.
    tokio::time::sleep(Duration::from_millis(100)).await;
    for case in &cases {
        office.notes(case, &BOTH).await;
    }
    watches.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn a_case_that_is_over_leaves_the_agenda_and_a_deadline_that_moves_moves_in_it() {
    let office = Office::open();
    let case = office.case().await;
    let mut watch = office.watch("agenda");
    let briefly = Duration::from_millis(60);
    let _ = tokio::time::timeout(briefly, watch.follow()).await;
    assert_eq!(watch.agenda.days.get(&case), Some(&date(2026, 12, 16)));
    // Classified as something with ten working days, and warned of two days before.
    let classify = CaseAct::Classify { kle: "23".into(), facet: "G01".into() };
    office.act(&case, classify).await;
    let _ = tokio::time::timeout(briefly, watch.follow()).await;
    assert_eq!(watch.agenda.days.get(&case), Some(&date(2026, 12, 5)));
}

#[tokio::test]
async fn a_deadline_that_was_forgotten_while_suspended_is_heard_of_again() {
    let office = Office::open();
    let case = office.case().await;
    let mut watch = office.watch("agenda");
    let briefly = Duration::from_millis(100);
    let (waiting_for, reason) = (Some(WaitingFor::Party), "Lønsedler".to_owned());
    office.act(&case, CaseAct::Deadline(DeadlineAct::Suspend { from: RECEIVED, waiting_for, reason })).await;
    office.it_is(date(2027, 1, 4));
    let _ = tokio::time::timeout(briefly, watch.follow()).await;
    assert_eq!(watch.agenda.days.get(&case), None, "it has no last day");
    office.act(&case, CaseAct::Deadline(DeadlineAct::Resume { on: date(2027, 1, 4) })).await;
    let _ = tokio::time::timeout(briefly, watch.follow()).await;
    assert_eq!(watch.agenda.days.get(&case), Some(&date(2027, 1, 27)), "five days before Monday 1 February");
}

#[test]
fn an_agenda_is_read_back_and_a_broken_one_is_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("agenda");
    assert_eq!(Agenda::read(&file), None);
    let case = |number| Case::stream(Tenant::COUNTER, CaseId::new(Uuid::from_u128(number)));
    let mut agenda = Agenda { position: Position(42), ..Agenda::default() };
    agenda.put(case(1), Some(DUE));
    agenda.put(case(2), Some(Date::MIN));
    agenda.put(case(3), Some(DUE));
    agenda.put(case(3), None);
    assert_eq!(agenda.until(RECEIVED), [case(2)]);
    agenda.write(&file);
    assert_eq!(Agenda::read(&file), Some(agenda));
    let text = std::fs::read_to_string(&file).unwrap();
    for broken in [&text[..text.len() - 60], "", "42", "42 9\n", "x 0\n", "0 1\n2026-13-01 case-0190-x\n"] {
        std::fs::write(&file, broken).unwrap();
        assert_eq!(Agenda::read(&file), None, "{broken}");
    }
}
