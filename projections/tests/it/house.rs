//! A small authority to test in: a log, keys, a desk, views, and everything that can happen to a case.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use skranke_domain::access_log::{
    AccessEvent, AccessLog, AccessRefused, AuditRead, BreakGlassUsed, CaseListed, CaseViewed, InquiryViewed,
    SearchRun,
};
use skranke_domain::case::document::{AddressedFile, ContentHash, DocumentAct, DocumentDirection, NewFile};
use skranke_domain::case::{
    Case, CaseAct, CaseCommand, CaseLink, Circumstances, ComplaintGuidance, Confidentiality, CourseAct,
    DeadlineAct, Direction, Draft, FIRST_PARTY, HearingAnswer, OpenCase, Outcome, PartyAct, PartyOutcome,
    PartyRole,
};
use skranke_domain::conversation::TopicSlug;
use skranke_domain::deadline::{DeadlineKind, WaitingFor};
use skranke_domain::engagement::{Engagement, EngagementAct, EngagementCommand, Scope};
use skranke_domain::inquiry::{
    Channel, Contact, Inquiry, InquiryCommand, InquiryKind, Line, Receive, Speaker,
};
use skranke_domain::kle::{Catalogue, Entry, Facet, KleNumber};
use skranke_domain::rules::{Counting, DeadlineRule, Guard, GuardId, RuleSet, Scope as RuleScope, Terms};
use skranke_domain::team::{Team, TeamAct, TeamCommand};
use skranke_domain::time::Ids;
use skranke_domain::user::{Scope as Use, User, UserAct, UserCommand};
use skranke_domain::webhook::{Webhook, WebhookAct, WebhookCommand};
use skranke_domain::{
    Act, Actor, By, CaseId, ConversationId, DocumentId, EngagementId, InquiryId, Purpose, Role, Roles,
    Sealed, StreamId, SubjectId, TeamId, Tenant, TokenId, UserId, WebhookId,
};
use skranke_projections::{CaseSheet, Running, Views};
use skranke_store::{
    Desk, EmbeddedLog, EventLog, Expected, KeyRing, MasterKey, Metadata, NewEvent, Position, Receipt,
    StreamWrite,
};
use tempfile::TempDir;
use uuid::Uuid;

pub(crate) const LIMIT: Duration = Duration::from_secs(20);
pub(crate) const TODAY: Date = date(2026, 11, 23);

/// Words that must never be found outside a sealed field.
pub(crate) const SECRET: &str = "Hemmelighed";

pub(crate) fn furesoe() -> Tenant {
    "0190".parse().unwrap()
}

pub(crate) fn aarhus() -> Tenant {
    "0751".parse().unwrap()
}

pub(crate) fn now() -> Timestamp {
    "2026-11-23T09:00:00Z".parse().unwrap()
}

pub(crate) fn team(number: u128) -> TeamId {
    TeamId::new(Uuid::from_u128(0x0fff_0000 + number))
}

pub(crate) fn person(number: u128) -> UserId {
    UserId::new(Uuid::from_u128(0x0eee_0000 + number))
}

/// Ids that count upwards.
struct Counting64(AtomicU64);

impl Ids for Counting64 {
    fn next(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.0.fetch_add(1, Ordering::Relaxed)))
    }
}

/// A log with its desk, without views.
pub(crate) struct Office {
    pub(crate) dir: TempDir,
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) desk: Desk,
    pub(crate) rules: Arc<RuleSet>,
}

/// An office whose views are open and follow the log.
pub(crate) struct House {
    office: Office,
    pub(crate) views: Views,
    running: Option<Running>,
}

impl Deref for House {
    type Target = Office;
    fn deref(&self) -> &Office {
        &self.office
    }
}

impl Office {
    pub(crate) fn new() -> Self {
        Self::with_ids_from(1)
    }

    pub(crate) fn with_ids_from(first: u64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let log: Arc<dyn EventLog> = Arc::new(EmbeddedLog::open(&dir.path().join("log")).unwrap());
        let keys = Arc::new(KeyRing::open(&dir.path().join("keys"), MasterKey::generate().unwrap()).unwrap());
        let ids = Arc::new(Counting64(AtomicU64::new(first)));
        let desk = Desk::new(Arc::clone(&log), keys, ids, "test");
        Self { dir, log, desk, rules: Arc::new(rules()) }
    }

    pub(crate) fn next(&self) -> Uuid {
        self.desk.ids().next()
    }

    /// The ring that everything here is sealed with.
    pub(crate) fn keys(&self) -> KeyRing {
        (**self.desk.keys()).clone()
    }

    pub(crate) fn views_dir(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Views of their own over the whole log, at rest.
    pub(crate) async fn fresh_digest(&self, name: &str) -> String {
        digest(&self.views_dir(name), self).await
    }

    pub(crate) async fn act(&self, tenant: Tenant, id: CaseId, who: UserId, act: CaseAct) -> Receipt {
        let by = staff(tenant, who, self.next());
        let under = Circumstances::of(&by, Arc::clone(&self.rules));
        self.desk.execute::<Case>(&Case::stream(tenant, id), CaseCommand { act, under }, &by).await.unwrap()
    }

    /// Opens a case. Every case of a caller's `number` has a deadline of its own.
    pub(crate) async fn open_case(&self, tenant: Tenant, number: u64) -> CaseId {
        self.open_case_of_age(tenant, number, number * 7 % 60).await
    }

    /// Opens a case that was received so many days ago.
    async fn open_case_of_age(&self, tenant: Tenant, number: u64, days: u64) -> CaseId {
        let (id, subject) = (CaseId::new(self.next()), SubjectId::new(self.next()));
        let received = TODAY.saturating_sub(jiff::ToSpan::days(i64::try_from(days).unwrap()));
        let open = OpenCase {
            number: format!("S2026-{number:05}"),
            received: Some(received),
            channel: Some(Channel::Phone),
            kle: None,
            inquiry: None,
            topic: TopicSlug::try_new("flytning"),
            subject,
            title: format!("{SECRET} nummer {number}"),
            party: format!("{SECRET} Hansen"),
        };
        self.act(tenant, id, person(1), CaseAct::Open(Box::new(open))).await;
        id
    }

    /// Everything that can happen to a case, in the order it usually does: decided, closed, reopened, decided
    /// again.
    pub(crate) async fn long_case(&self, tenant: Tenant, number: u64) -> (CaseId, Position) {
        // Its deadline still runs, or nothing could be done about it.
        let id = self.open_case_of_age(tenant, number, 3).await;
        let mut last = Position(0);
        for (who, act) in long_life() {
            last = self.act(tenant, id, who, act).await.position;
        }
        (id, last)
    }

    pub(crate) async fn inquiry(&self, tenant: Tenant, kind: InquiryKind) -> InquiryId {
        let id = InquiryId::new(self.next());
        let wish = Receive {
            reference: format!("REF-{}", id.uuid().as_u128()),
            kind,
            channel: Channel::Web,
            topic: TopicSlug::try_new("flytning"),
            received: now(),
            now: now(),
            subject: SubjectId::new(self.next()),
            contact: Contact {
                name: SECRET.to_owned(),
                phone: Some("12345678".to_owned()),
                email: None,
                address: None,
            },
            message: format!("{SECRET} besked"),
            when: Some("morning".to_owned()),
            conversation: Some(ConversationId::new(Uuid::from_u128(77))),
            transcript: vec![Line { speaker: Speaker::Citizen, text: SECRET.to_owned(), at: now() }],
            forwarded_from: None,
            forwarded_case: None,
        };
        self.to_inquiry(tenant, id, InquiryCommand::Receive(Box::new(wish))).await;
        id
    }

    pub(crate) async fn to_inquiry(&self, tenant: Tenant, id: InquiryId, command: InquiryCommand) -> Receipt {
        let by = staff(tenant, person(1), self.next());
        self.desk.execute::<Inquiry>(&Inquiry::stream(tenant, id), command, &by).await.unwrap()
    }

    pub(crate) async fn hire(&self, tenant: Tenant, id: UserId, login: &str, roles: Roles) {
        let register = UserAct::Register {
            subject: SubjectId::new(self.next()),
            login: login.to_owned(),
            name: format!("{SECRET} {login}"),
            password_hash: format!("{SECRET} hash"),
            roles,
            one_time_until: None,
        };
        self.to_user(tenant, id, Act::system(tenant, now(), self.next()), register).await;
    }

    /// By somebody with every role.
    pub(crate) async fn about(&self, tenant: Tenant, id: UserId, by: UserId, wish: UserAct) {
        let by = Act { roles: Role::ALL.into_iter().collect(), ..staff(tenant, by, self.next()) };
        self.to_user(tenant, id, by, wish).await;
    }

    async fn to_user(&self, tenant: Tenant, id: UserId, by: Act, wish: UserAct) {
        let command = UserCommand { user: id, act: wish, under: By::of(&by) };
        self.desk.execute::<User>(&User::stream(tenant, id), command, &by).await.unwrap();
    }

    pub(crate) async fn note_access(&self, tenant: Tenant, who: UserId, event: AccessEvent) -> Position {
        let by = staff(tenant, who, self.next());
        let stream = AccessLog::stream(tenant, TODAY);
        self.desk.execute::<AccessLog>(&stream, event, &by).await.unwrap().position
    }

    /// Puts bytes into the log that no aggregate decided on.
    pub(crate) async fn smuggle(&self, stream: StreamId, event_type: &str, data: &str) -> Position {
        let act = Act::system(stream.tenant(), now(), self.next());
        let event = NewEvent {
            id: self.next(),
            event_type: event_type.to_owned().into(),
            data: data.as_bytes().to_vec(),
            metadata: Metadata::from_act(&act, "test").to_json().unwrap(),
            recorded_at: now(),
        };
        let write = StreamWrite { stream, expected: Expected::Any, events: vec![event] };
        self.log.append(write, None).await.unwrap().position
    }

    /// A bit of everything in one municipality. Answers the case with the longest life.
    pub(crate) async fn everything(&self, tenant: Tenant, first: u64) -> CaseId {
        let add = |role: Role| Roles::default().with(Role::Caseworker).with(role);
        self.hire(tenant, person(1), "kari", add(Role::TeamLead)).await;
        self.hire(tenant, person(2), "Bo", add(Role::Auditor)).await;
        self.about(tenant, person(2), person(1), UserAct::RevokeRole { role: Role::Auditor }).await;
        let password_hash = format!("{SECRET} new");
        self.about(tenant, person(2), person(2), UserAct::ChangePassword { password_hash }).await;
        self.people(tenant).await;
        let (case, _) = self.long_case(tenant, first).await;
        let team = CaseAct::AssignTeam { team: team(1), takes_cases: true };
        self.act(tenant, case, person(1), team).await;
        self.audit(tenant, case).await;
        for number in first + 1..first + 12 {
            let id = self.open_case(tenant, number).await;
            if number % 3 != 0 {
                let to = person(u128::from(1 + number % 2));
                self.act(tenant, id, person(1), assign(to)).await;
            }
            if number % 5 == 2 {
                self.act(tenant, id, person(1), assign(person(2))).await;
                let running = number * 7 % 60 < 28;
                self.act(tenant, id, person(1), request(running && number % 2 == 0)).await;
            }
            if number % 4 == 0 {
                self.propose(tenant, id).await;
            } else if number % 3 == 1 {
                let hearing = CaseAct::OpenHearing {
                    reply_by: date(2026, 12, 24),
                    facts: secret(),
                    parties: Vec::new(),
                };
                self.act(tenant, id, person(1), hearing).await;
            }
        }
        let asked = self.inquiry(tenant, InquiryKind::CallBack).await;
        self.to_inquiry(tenant, asked, InquiryCommand::GiveGuidance { text: SECRET.to_owned() }).await;
        self.to_inquiry(tenant, asked, InquiryCommand::LinkToCase { case }).await;
        self.to_inquiry(tenant, asked, InquiryCommand::Close {}).await;
        self.inquiry(tenant, InquiryKind::Written).await;
        self.remedies(tenant, case).await;
        self.look_around(tenant, case, asked).await;
        self.chat(tenant).await;
        case
    }

    /// Everything that can happen to people: two teams of which one is dissolved, an absence with a substitute, a role
    /// that is proposed, an account that is locked, and engagements.
    async fn people(&self, tenant: Tenant) {
        let (kari, bo) = (person(1), person(2));
        self.to_team(tenant, team(1), TeamAct::Form { name: "Ydelse".into() }).await;
        self.to_team(tenant, team(1), TeamAct::Rename { name: "Ydelse og bolig".into() }).await;
        for member in [kari, bo, person(3)] {
            self.to_team(tenant, team(1), TeamAct::Join { member, known: true }).await;
        }
        self.to_team(tenant, team(1), TeamAct::Leave { member: bo, known: true }).await;
        self.to_team(tenant, team(2), TeamAct::Form { name: "Nedlagt".into() }).await;
        self.to_team(tenant, team(2), TeamAct::Join { member: bo, known: true }).await;
        self.to_team(tenant, team(2), TeamAct::Dissolve).await;
        let until = now();
        for wish in [
            UserAct::ProposeRole { role: Role::Auditor },
            UserAct::ProposeRole { role: Role::Administrator },
            UserAct::DeclineRole { role: Role::Administrator },
            UserAct::RegisterAbsence { from: TODAY, until: None },
            UserAct::NameSubstitute {
                substitute: kari,
                roles: Roles::default().with(Role::Caseworker),
                chain: vec![],
            },
            UserAct::Lock { until: None },
            UserAct::Unlock,
            UserAct::Lock { until: Some(until) },
            UserAct::ResetPassword { password_hash: format!("{SECRET} once"), until },
        ] {
            self.about(tenant, bo, person(9), wish).await;
        }
        for (number, scope) in [(1, Scope::Teams(vec![team(1)])), (2, Scope::Municipality)] {
            let open = EngagementAct::Open {
                auditor: bo,
                roles: Roles::default().with(Role::Auditor),
                scope,
                teams_known: true,
                from: TODAY,
                until: date(2026, 12, 24),
            };
            self.to_engagement(tenant, number, open).await;
        }
        self.to_engagement(tenant, 2, EngagementAct::End).await;
        self.hire_machines(tenant).await;
    }

    pub(crate) async fn to_team(&self, tenant: Tenant, id: TeamId, wish: TeamAct) {
        let by = Act { roles: Role::ALL.into_iter().collect(), ..staff(tenant, person(9), self.next()) };
        let command = TeamCommand { act: wish, under: By::of(&by) };
        self.desk.execute::<Team>(&Team::stream(tenant, id), command, &by).await.unwrap();
    }

    /// What comes in by other doors: somebody whom a provider vouches for, a service account with a token, and webhooks of
    /// which one was given up and one closed.
    async fn hire_machines(&self, tenant: Tenant) {
        let vouch = UserAct::Vouch {
            subject: SubjectId::new(self.next()),
            login: "anna@login.example.dk".to_owned(),
            name: format!("{SECRET} Anna"),
            issuer: "https://login.example.dk".to_owned(),
            roles: Roles::default().with(Role::Caseworker),
        };
        self.to_user(tenant, person(41), Act::system(tenant, now(), self.next()), vouch).await;
        let open = UserAct::OpenService {
            subject: SubjectId::new(self.next()),
            login: "fagsystem".to_owned(),
            name: format!("{SECRET} Fagsystem"),
            scopes: vec![Use::CasesRead, Use::Webhooks].into(),
        };
        self.about(tenant, person(42), person(9), open).await;
        for number in [1, 2] {
            let token = TokenId::new(Uuid::from_u128(number));
            let expires = now() + SignedDuration::from_hours(24);
            let issue = UserAct::IssueToken { token, hash: format!("{number:064x}"), expires };
            self.about(tenant, person(42), person(9), issue).await;
        }
        let revoke = UserAct::RevokeToken { token: TokenId::new(Uuid::from_u128(1)) };
        self.about(tenant, person(42), person(9), revoke).await;
        for number in [1, 2, 3] {
            let open = WebhookAct::Open {
                subject: SubjectId::new(self.next()),
                address: format!("https://{SECRET}.example.dk/"),
                event_types: vec!["CaseOpened".to_owned()],
                secret: format!("{SECRET} whsec"),
                by_service: true,
            };
            self.to_webhook(tenant, number, staff(tenant, person(42), self.next()), open).await;
        }
        let die = WebhookAct::Die { failing_since: now() };
        self.to_webhook(tenant, 2, Act::system(tenant, now(), self.next()), die).await;
        self.to_webhook(tenant, 3, staff(tenant, person(42), self.next()), WebhookAct::Close).await;
    }

    async fn to_webhook(&self, tenant: Tenant, number: u128, by: Act, wish: WebhookAct) {
        let command = WebhookCommand { act: wish, under: By::of(&by) };
        let id = WebhookId::new(Uuid::from_u128(0x0eee_0000 + number));
        self.desk.execute::<Webhook>(&Webhook::stream(tenant, id), command, &by).await.unwrap();
    }

    async fn to_engagement(&self, tenant: Tenant, number: u128, wish: EngagementAct) {
        let by = Act::system(tenant, now(), self.next());
        let command = EngagementCommand { act: wish, under: By::of(&by) };
        let id = EngagementId::new(Uuid::from_u128(0x0ddd_0000 + number));
        self.desk.execute::<Engagement>(&Engagement::stream(tenant, id), command, &by).await.unwrap();
    }

    /// A draft that waits for approval, by whoever handles the case (or the team lead).
    pub(crate) async fn propose(&self, tenant: Tenant, id: CaseId) {
        let draft = Draft { outcome: Some(Outcome::Granted), text: SECRET.to_owned(), ..Draft::default() };
        for act in [
            assign(person(1)),
            classify("32.03.08"),
            CaseAct::Inform,
            CaseAct::DraftDecision(Box::new(draft)),
            CaseAct::SubmitDecision { version: 1 },
        ] {
            self.act(tenant, id, person(1), act).await;
        }
    }

    async fn look_around(&self, tenant: Tenant, case: CaseId, inquiry: InquiryId) {
        let refused =
            AccessRefused { attempt: "caseClose".into(), code: "NOT_YOURS".into(), case: Some(case) };
        for event in [
            AccessEvent::CaseListed(CaseListed { rows: 12 }),
            AccessEvent::SearchRun(SearchRun { rows: 2, cases: vec![case] }),
            AccessEvent::CaseViewed(CaseViewed { case }),
            AccessEvent::InquiryViewed(InquiryViewed { inquiry }),
            AccessEvent::AccessRefused(refused),
            AccessEvent::AuditRead(AuditRead { case: None }),
            AccessEvent::BreakGlassUsed(BreakGlassUsed {
                case,
                reason: Sealed::new(SubjectId::new(Uuid::from_u128(6)), SECRET.to_owned()),
                until: now() + jiff::SignedDuration::from_hours(2),
            }),
        ] {
            self.note_access(tenant, person(2), event).await;
        }
    }

    async fn chat(&self, tenant: Tenant) {
        let stream = StreamId::new("conversation", tenant, self.next());
        self.smuggle(stream.clone(), "ConversationStarted", r#"{"channel":"web","lang":"da"}"#).await;
        let subject = SubjectId::new(Uuid::from_u128(5));
        let said = format!(r#"{{"subject":"{subject}","field":"x","sealed":"AAAA"}}"#);
        for reason in ["unknown", "small-talk"] {
            let withheld = format!(r#"{{"reason":"{reason}","said":{said}}}"#);
            self.smuggle(stream.clone(), "AnswerWithheld", &withheld).await;
        }
        self.smuggle(stream.clone(), "FeedbackGiven", r#"{"helpful":true}"#).await;
        self.smuggle(stream, "ConversationEnded", "{}").await;
    }
}

impl House {
    pub(crate) fn new() -> Self {
        Self::of(Office::new())
    }

    pub(crate) fn of(office: Office) -> Self {
        let views = Views::open(&office.views_dir("views"), office.keys()).unwrap();
        let running = views.start(Arc::clone(&office.log)).unwrap();
        Self { office, views, running: Some(running) }
    }

    /// Stops following.
    pub(crate) async fn rest(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
    }

    /// Goes on following, with the same open views.
    pub(crate) fn resume(&mut self) {
        self.running = Some(self.views.start(Arc::clone(&self.office.log)).unwrap());
    }

    /// Closes the views and gives the office back.
    pub(crate) async fn close(mut self) -> Office {
        self.rest().await;
        self.office
    }

    pub(crate) async fn caught_up(&self) {
        let head = self.log.head().await.unwrap();
        assert!(self.views.wait_for(head, LIMIT).await, "{:?}", self.views.health());
    }

    pub(crate) async fn sheet(&self, tenant: Tenant, id: CaseId) -> CaseSheet {
        self.caught_up().await;
        self.views.case_sheet(tenant, id).await.unwrap().unwrap()
    }
}

pub(crate) async fn digest(dir: &Path, office: &Office) -> String {
    let views = Views::open(dir, office.keys()).unwrap();
    let running = views.start(Arc::clone(&office.log)).unwrap();
    assert!(views.wait_for(office.log.head().await.unwrap(), LIMIT).await, "{:?}", views.health());
    running.stop().await;
    views.digest().await.unwrap()
}

pub(crate) fn staff(tenant: Tenant, who: UserId, correlation: Uuid) -> Act {
    let mut act = Act::system(tenant, now(), correlation);
    act.actor = Actor::Staff(who);
    act.roles = Roles::default().with(Role::Caseworker).with(Role::TeamLead);
    act.purpose = Some(Purpose::CaseHandling);
    act
}

pub(crate) fn assign(to: UserId) -> CaseAct {
    CaseAct::Assign { to, roles: Roles::default().with(Role::Caseworker) }
}

fn classify(kle: &str) -> CaseAct {
    CaseAct::Classify { kle: kle.to_owned(), facet: "G01".to_owned() }
}

fn secret() -> String {
    SECRET.to_owned()
}

/// Asks the party for something.
pub(crate) fn request(suspend: bool) -> CaseAct {
    CaseAct::Deadline(DeadlineAct::RequestInformation {
        of: Some(WaitingFor::Party),
        what: secret(),
        reply_by: Some(date(2026, 12, 7)),
        suspend,
    })
}

fn draft(outcome: Outcome) -> CaseAct {
    CaseAct::DraftDecision(Box::new(Draft {
        outcome: Some(outcome),
        others: vec![PartyOutcome { party: 2, outcome }],
        text: secret(),
        legal_basis: "SEL § 1".to_owned(),
        grounds_rules: secret(),
        grounds_discretion: secret(),
        grounds_facts: secret(),
        complaint: Some(ComplaintGuidance {
            body: "Ankestyrelsen".into(),
            how: "Skriv".into(),
            limit: "4 uger".into(),
        }),
    }))
}

fn file(number: u128) -> NewFile {
    let (id, hash) = (DocumentId::new(Uuid::from_u128(number)), ContentHash::new([7; 32]));
    NewFile { id, hash, size: 4_000, media_type: "application/pdf".into(), name: secret() }
}

/// The letters of the decision, to the party and the opponent.
pub(crate) fn letters() -> Vec<AddressedFile> {
    [(FIRST_PARTY, 0xD0C), (2, 0xD0E)]
        .map(|(party, number)| AddressedFile { party, file: file(number) })
        .into()
}

pub(crate) fn send() -> CaseAct {
    let letters = letters().into_iter().map(|letter| (letter.file.id, letter.file.hash));
    CaseAct::SendDecision { letters: letters.collect() }
}

fn approve(version: u32) -> CaseAct {
    CaseAct::ApproveDecision { version, letters: letters() }
}

fn document(act: DocumentAct) -> CaseAct {
    CaseAct::Document(Box::new(act))
}

/// Everything that can happen to a document, and to a decision that was sent.
fn documents() -> Vec<CaseAct> {
    let [lease, signed, mistake] = [file(0xD1), file(0xD2), file(0xD3)];
    let ids = [lease.id, signed.id, mistake.id];
    vec![
        document(DocumentAct::Upload(lease)),
        document(DocumentAct::Upload(signed)),
        document(DocumentAct::Upload(mistake)),
        document(DocumentAct::Journalise {
            document: ids[0],
            dated: date(2026, 11, 20),
            direction: DocumentDirection::Incoming,
            theme: secret(),
        }),
        document(DocumentAct::Supersede { document: ids[0], with: ids[1], reason: secret() }),
        document(DocumentAct::Withdraw { document: ids[2], reason: secret() }),
        document(DocumentAct::Move {
            document: ids[0],
            to: CaseId::new(Uuid::from_u128(0xE)),
            reason: secret(),
            other_is_open: true,
        }),
        document(DocumentAct::CorrectDecision { text: secret(), reason: secret() }),
    ]
}

fn party(act: PartyAct) -> CaseAct {
    CaseAct::Party(Box::new(act))
}

fn course(act: CourseAct) -> CaseAct {
    CaseAct::Course(Box::new(act))
}

fn subject(number: u128) -> SubjectId {
    SubjectId::new(Uuid::from_u128(0xFACE + number))
}

/// An opponent, and others who are none.
fn add_party(number: u128) -> CaseAct {
    let role = if number == 2 { PartyRole::Opponent } else { PartyRole::Relative };
    party(PartyAct::Add { subject: subject(number), role, name: secret(), address: secret() })
}

/// What happens to the people in a case.
fn around_people() -> Vec<CaseAct> {
    let other = CaseId::new(Uuid::from_u128(0xF));
    let represent = |number| PartyAct::Represent {
        party: 1,
        subject: subject(number),
        name: secret(),
        contact: secret(),
    };
    vec![
        party(PartyAct::ChangeRole { party: 3, role: PartyRole::Witness, reason: secret() }),
        party(represent(10)),
        party(PartyAct::EndRepresentation { party: 1, reason: secret() }),
        party(represent(11)),
        party(PartyAct::ProtectAddress { party: 2 }),
        party(PartyAct::UnprotectAddress { party: 2, reason: secret() }),
        party(PartyAct::ProtectAddress { party: 1 }),
        course(CourseAct::Link { other, link: CaseLink::Related, other_is_there: true }),
    ]
}

/// What happens to a case after its opening. A second person approves.
pub(crate) fn long_life() -> Vec<(UserId, CaseAct)> {
    let (kari, bo) = (person(1), person(2));
    let note = |text: &str| CaseAct::NoteStep { text: format!("{SECRET} {text}") };
    let after_sending = documents().into_iter().map(|act| (kari, act));
    let mut life = vec![
        (kari, assign(kari)),
        (kari, classify("32.03.08")),
        (kari, classify("27.00.00")),
        (kari, CaseAct::NoteCall { direction: Direction::Outgoing, text: secret() }),
        (kari, note("one")),
        (kari, course(CourseAct::NoteFact { text: secret(), source: secret() })),
        (
            kari,
            course(CourseAct::MarkConfidentiality { level: Confidentiality::Sensitive, reason: secret() }),
        ),
        (kari, request(true)),
        (kari, CaseAct::Deadline(DeadlineAct::ReceiveInformation { number: 1, what: secret() })),
        (
            kari,
            CaseAct::Deadline(DeadlineAct::SendDelayNotice { expected: date(2027, 1, 4), reason: secret() }),
        ),
        (kari, CaseAct::Deadline(DeadlineAct::Extend { days: 14, reason: secret() })),
        (kari, request(true)),
        (kari, CaseAct::OpenHearing { reply_by: date(2026, 12, 24), facts: secret(), parties: Vec::new() }),
        (kari, party(PartyAct::Reply { party: 1, received: None, text: secret() })),
        (kari, party(PartyAct::Reply { party: 2, received: None, text: secret() })),
        (kari, CaseAct::CloseHearing { answer: HearingAnswer::None }),
        (kari, CaseAct::Inform),
        (kari, draft(Outcome::Refused)),
        (kari, CaseAct::SubmitDecision { version: 1 }),
        (bo, CaseAct::ReturnDecision { reason: secret() }),
        (kari, draft(Outcome::PartlyGranted)),
        (kari, CaseAct::SubmitDecision { version: 2 }),
        (bo, approve(2)),
        (kari, CaseAct::MakeDecision),
        (kari, send()),
    ];
    let people = [2, 3].map(|number| (kari, add_party(number)));
    life.splice(2..2, people.into_iter().chain(around_people().into_iter().map(|act| (kari, act))));
    life.extend(after_sending);
    life.extend([
        (kari, course(CourseAct::OrderEffectuation { what: secret(), due: Some(date(2026, 12, 1)) })),
        (kari, course(CourseAct::Effectuate { on: None, note: secret() })),
    ]);
    life.extend([
        (kari, CaseAct::Close),
        (kari, CaseAct::Reopen { reason: secret() }),
        (kari, CaseAct::WaiveHearing { statute: "FVL § 19, stk. 2".into(), reason: secret() }),
        (kari, CaseAct::Release),
        (kari, assign(bo)),
        (bo, CaseAct::Inform),
        (bo, draft(Outcome::Granted)),
        (bo, CaseAct::SubmitDecision { version: 1 }),
        (kari, approve(1)),
        (bo, CaseAct::MakeDecision),
        (bo, note("two")),
    ]);
    life
}

fn rules() -> RuleSet {
    let guards = [GuardId::D1, GuardId::D2, GuardId::D3, GuardId::D4, GuardId::D5, GuardId::D6, GuardId::D7];
    let guard = |id| (id, Guard { active: true, statute: "FVL".to_owned() });
    let deadline = |kle: &str, days| {
        let scope = RuleScope { kind: DeadlineKind::CaseHandling, kle: kle.into(), municipality: None };
        let terms =
            Terms { suspension: true, extensions: 9, extension_days: 14, notice_first: true, warn_days: 5 };
        let (name, source) = ("answer".into(), "RSL § 3".into());
        (scope, DeadlineRule { name, days, counting: Counting::CalendarDays, source, terms })
    };
    let entry = || Entry { title: "Emne".to_owned(), from: None, until: None, retention: None };
    let subjects = ["32.03.08", "27.00.00"].map(|number| (KleNumber::try_new(number).unwrap(), entry()));
    RuleSet {
        version: "2026-1".to_owned(),
        valid_from: date(2026, 1, 1),
        valid_until: None,
        guards: guards.into_iter().map(guard).collect(),
        deadlines: [deadline("", 28), deadline("27", 14)].into(),
        calendars: BTreeMap::default(),
        break_glass_hours: Some(4),
        remedies: crate::remedies::rules(),
        kle: Arc::new(Catalogue::new(subjects.into(), [(Facet::try_new("G01").unwrap(), entry())].into())),
    }
}
