//! What stands in the log stays readable: one file per event type, in the exact stored form. All data is invented.
//!
//! Invariant: a file is written once and never edited. An event that is written differently from its file breaks
//! every log there is; the way out is a field with a default, an upcaster, or an event with another name
//! (docs/adr/0004-schema-evolution.md). New types get their file with `UPDATE_GOLDEN=1 cargo test -p skranke --test it golden`.

mod audit;
mod counter;
mod deadlines;
mod documents;
mod knowledge;
mod parties;
mod people;
mod privacy;
mod remedies;
mod webhooks;

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::path::{Path, PathBuf};

use cqrs_es::{Aggregate, DomainEvent};
use jiff::civil::date;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use skranke_domain::access_log::{
    AccessEvent, AccessLog, AccessRefused, AuditRead, CaseListed, CaseViewed, DocumentViewed,
    ExemptionLookedUp, ExemptionViewed, InquiryViewed, SearchRun, ServiceViewed,
};
use skranke_domain::authority::AuthoritySlug;
use skranke_domain::case::{
    CallNoted, Case, CaseClassified, CaseClosed, CaseEvent, CaseInformed, CaseOpened, CaseReclassified,
    CaseReopened, CaseworkerAssigned, CaseworkerReleased, ComplaintGuidance, DecisionApproved,
    DecisionDrafted, DecisionMade, DecisionReturned, DecisionSent, DecisionSubmitted, Direction, Grounds,
    HearingClosed, HearingOpened, HearingWaived, Outcome, StepNoted,
};
use skranke_domain::conversation::{
    AnswerGiven, AnswerWithheld, Button, Card, CardLine, ChatChannel, Conversation, ConversationEnded,
    ConversationEvent, ConversationStarted, DetailAsked, FeedbackGiven, HandedOver, Kin, LinkTo, MatterNamed,
    MattersNoted, MessageReceived, Minor, MunicipalityNamed, Open, Removed, Reply, RoutedToAuthority,
    SafetyAdviceGiven, Scored, Situation, SituationTold, Slot, Source, Tone, TopicSlug, Withheld,
};
use skranke_domain::inquiry::{
    CallBackRequested, Channel, Contact, GuidanceGiven, Inquiry, InquiryClosed, InquiryEvent,
    InquiryForwarded, InquiryKind, InquiryLinkedToCase, InquiryReceived, Line, SenderInformed,
    SenderNoticeWaived, Speaker,
};
use skranke_domain::kle::{Facet, KleNumber};
use skranke_domain::numbering::{CaseNumberTaken, NumberingEvent};
use skranke_domain::sealed::{Opener, SealError, Sealer};
use skranke_domain::user::{PasswordChanged, RoleGranted, RoleRevoked, User, UserEvent, UserRegistered};
use skranke_domain::{
    CaseId, ConversationId, ExemptionId, InquiryId, Lang, Role, Sealable, Sealed, ServiceId, SubjectId,
    Tenant, UserId, codec,
};
use skranke_store::{KeyEvent, MasterKeyId, WrappedKey};
use uuid::Uuid;

const AT: &str = "2026-11-23T09:00:00Z";

fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0000 + number)
}

fn subject() -> SubjectId {
    SubjectId::new(id(1))
}

fn case() -> CaseId {
    CaseId::new(id(2))
}

fn inquiry() -> InquiryId {
    InquiryId::new(id(3))
}

fn kari() -> UserId {
    UserId::new(id(4))
}

fn furesoe() -> Tenant {
    Tenant::try_new("0190").unwrap()
}

fn sealed(text: &str) -> Sealed<String> {
    Sealed::new(subject(), text.to_owned())
}

fn topic() -> TopicSlug {
    TopicSlug::new("flytning")
}

fn classification(number: &str) -> (KleNumber, Facet) {
    (KleNumber::try_new(number).unwrap(), Facet::try_new("G01").unwrap())
}

/// A reply with everything a reply can have.
fn reply() -> Reply {
    Reply {
        lang: Lang::Da,
        tone: Tone::Question,
        notice: Some("Jeg har fjernet noget, der ligner et CPR-nummer.".into()),
        paragraphs: vec!["Du melder flytning her:".into(), "- på nettet".into()],
        card: Some(Card {
            title: "Flytning i Furesø Kommune".into(),
            topic: topic(),
            municipality: Some(furesoe()),
            authority: "kommunen".into(),
            front_desk: "borgerservice".into(),
            lines: vec![CardLine { label: "Telefon".into(), text: "00 00 00 00".into() }],
            open: Some(Open::Yes),
            open_text: Some("Åbent nu.".into()),
            dial: Some("00000000".into()),
            link: "https://www.borger.dk/?kommunekode=190".into(),
            as_of: AT.parse().unwrap(),
        }),
        asks: Some(Slot::Municipality),
        next_step: Some("Gå til Borgerservice.".into()),
        sources: vec![Source { name: "Eksempel".into(), url: Some("https://example.dk".into()) }],
        reviewed: Some("2026-11-22".into()),
        buttons: vec![Button { label: "Jeg har ikke MitID".into(), choice: "no-eid:flytning".into() }],
        links: vec![LinkTo::CallBack, LinkTo::WrittenInquiry],
    }
}

fn said() -> Sealed<Reply> {
    Sealed::new(subject(), reply())
}

fn cases() -> Vec<CaseEvent> {
    let (kle, facet) = classification("23");
    let (other_kle, other_facet) = classification("32.24.04");
    vec![
        CaseEvent::CaseOpened(CaseOpened {
            number: "S2026-00042".into(),
            received: date(2026, 11, 20),
            channel: Channel::Web,
            inquiry: Some(inquiry()),
            topic: Some(topic()),
            subject: subject(),
            title: sealed("Flytning uden MitID"),
            party: Some(sealed("Dagny Demosen")),
        }),
        CaseEvent::CaseClassified(CaseClassified { kle, facet }),
        CaseEvent::CaseReclassified(CaseReclassified { kle: other_kle, facet: other_facet }),
        CaseEvent::CaseworkerAssigned(CaseworkerAssigned { caseworker: kari() }),
        CaseEvent::CaseworkerReleased(CaseworkerReleased {}),
        CaseEvent::CallNoted(CallNoted { direction: Direction::Outgoing, text: sealed("Aftalte en tid.") }),
        CaseEvent::StepNoted(StepNoted { text: sealed("Lejekontrakten er modtaget.") }),
        CaseEvent::HearingOpened(HearingOpened {
            reply_by: date(2026, 12, 7),
            facts: sealed("Adressen er optaget."),
            parties: Vec::new(),
        }),
        CaseEvent::HearingClosed(HearingClosed { answered: true, document: None }),
        CaseEvent::HearingWaived(HearingWaived {
            statute: "FVL § 19, stk. 2".into(),
            reason: sealed("Borgeren har selv givet oplysningerne."),
        }),
        CaseEvent::CaseInformed(CaseInformed {}),
        CaseEvent::DecisionDrafted(DecisionDrafted {
            version: 1,
            author: kari(),
            outcome: Some(Outcome::PartlyGranted),
            others: Vec::new(),
            text: sealed("Kære Dagny Demosen"),
            legal_basis: "CPR-loven".into(),
            grounds: Grounds {
                rules: Some(sealed("CPR-loven § 12")),
                discretion: Some(sealed("Vi har lagt vægt på din forklaring.")),
                facts: Some(sealed("Du flyttede den 1. november.")),
            },
            complaint: Some(ComplaintGuidance {
                body: "Ankestyrelsen".into(),
                how: "Skriv til kommunen.".into(),
                limit: "4 uger".into(),
            }),
        }),
        CaseEvent::DecisionSubmitted(DecisionSubmitted { version: 1 }),
        CaseEvent::DecisionApproved(DecisionApproved { version: 1, letter: None, others: Vec::new() }),
        CaseEvent::DecisionReturned(DecisionReturned { reason: sealed("Klagefristen mangler.") }),
        CaseEvent::DecisionMade(DecisionMade {
            version: 1,
            outcome: Outcome::PartlyGranted,
            others: Vec::new(),
            rule_set: "2026-1".into(),
        }),
        CaseEvent::DecisionSent(DecisionSent { document: None, hash: None, others: Vec::new() }),
        CaseEvent::CaseClosed(CaseClosed {}),
        CaseEvent::CaseReopened(CaseReopened { reason: sealed("Nye oplysninger.") }),
        remedies::noted(),
        remedies::settled(),
    ]
    .into_iter()
    .chain(documents::cases())
    .chain(parties::cases())
    .collect()
}

fn inquiries() -> Vec<InquiryEvent> {
    let line = |speaker, text: &str| Line { speaker, text: text.into(), at: AT.parse().unwrap() };
    vec![
        InquiryEvent::InquiryReceived(InquiryReceived {
            reference: "H7QF-4M2X".into(),
            kind: InquiryKind::CallBack,
            channel: Channel::Web,
            topic: Some(topic()),
            received: AT.parse().unwrap(),
            subject: subject(),
            contact: Sealed::new(
                subject(),
                Contact {
                    name: "Dagny Demosen".into(),
                    phone: Some("00 00 00 42".into()),
                    email: Some("dagny@example.dk".into()),
                    address: None,
                },
            ),
            message: sealed("Jeg kan ikke melde flytning på nettet."),
            conversation: Some(ConversationId::new(id(5))),
            transcript: Some(Sealed::new(
                subject(),
                vec![
                    line(Speaker::Citizen, "Hvordan melder jeg flytning?"),
                    line(Speaker::Counter, "På borger.dk"),
                ],
            )),
            forwarded_from: None,
            forwarded_case: None,
        }),
        InquiryEvent::CallBackRequested(CallBackRequested { when: Some("morning".into()) }),
        InquiryEvent::GuidanceGiven(GuidanceGiven { note: sealed("Vejledte om flytning.") }),
        InquiryEvent::InquiryForwarded(InquiryForwarded {
            authority: AuthoritySlug::try_new("folkeregister").unwrap(),
            name: "Folkeregisteret, Aarhus".into(),
            municipality: Some(Tenant::try_new("0751").unwrap()),
            received_as: Some(InquiryId::new(id(6))),
        }),
        InquiryEvent::SenderInformed(SenderInformed { how: sealed("Ringet op.") }),
        InquiryEvent::SenderNoticeWaived(SenderNoticeWaived { reason: sealed("Adressen er ukendt.") }),
        InquiryEvent::InquiryLinkedToCase(InquiryLinkedToCase { case: case() }),
        InquiryEvent::InquiryClosed(InquiryClosed {}),
    ]
}

fn scores() -> Vec<Scored> {
    vec![Scored { topic: topic(), score: 912 }]
}

fn conversations() -> Vec<ConversationEvent> {
    vec![
        ConversationEvent::ConversationStarted(ConversationStarted {
            channel: ChatChannel::Web,
            lang: Lang::Da,
        }),
        ConversationEvent::MessageReceived(MessageReceived {
            text: sealed("Mit nummer er [CPR-nummer fjernet]"),
            lang: Lang::Da,
            removed: Removed { cpr: 1, card: 0, email: 0, phone: 0 },
        }),
        ConversationEvent::MunicipalityNamed(MunicipalityNamed { municipality: furesoe() }),
        ConversationEvent::MatterNamed(MatterNamed { topic: Some(topic()), without_eid: true }),
        ConversationEvent::MattersNoted(MattersNoted { topics: vec![TopicSlug::new("pas")] }),
        ConversationEvent::SituationTold(SituationTold {
            situation: Situation {
                for_other: Some(Kin::Mother),
                minor: Some(Minor::UnderFifteen),
                no_address: true,
            },
        }),
        ConversationEvent::DetailAsked(DetailAsked {
            slot: Slot::Municipality,
            among: vec![furesoe()],
            said: said(),
        }),
        ConversationEvent::AnswerGiven(AnswerGiven {
            topic: topic(),
            version: 3,
            score: 912,
            runner_up: Some(TopicSlug::new("indrejse")),
            scores: scores(),
            said: said(),
        }),
        ConversationEvent::AnswerWithheld(AnswerWithheld {
            reason: Withheld::ConcreteCase,
            offered: vec![topic()],
            scores: scores(),
            said: said(),
        }),
        ConversationEvent::RoutedToAuthority(RoutedToAuthority {
            topic: topic(),
            municipality: Some(furesoe()),
            authority: "kommunen".into(),
            front_desk: "borgerservice".into(),
            scores: scores(),
            said: said(),
        }),
        ConversationEvent::SafetyAdviceGiven(SafetyAdviceGiven { scores: scores(), said: said() }),
        ConversationEvent::HandedOver(HandedOver {
            inquiry: inquiry(),
            reference: "H7QF-4M2X".into(),
            municipality: furesoe(),
            said: said(),
        }),
        ConversationEvent::FeedbackGiven(FeedbackGiven { helpful: true, answer: Some(2) }),
        ConversationEvent::ConversationEnded(ConversationEnded {}),
    ]
}

fn users() -> Vec<UserEvent> {
    vec![
        UserEvent::UserRegistered(UserRegistered {
            subject: subject(),
            login: "kari".into(),
            name: sealed("Kari Tænktby"),
            password_hash: sealed("$argon2id$v=19$opdigtet"),
            one_time_until: None,
        }),
        UserEvent::RoleGranted(RoleGranted { role: Role::TeamLead }),
        UserEvent::RoleRevoked(RoleRevoked { role: Role::Administrator }),
        UserEvent::PasswordChanged(PasswordChanged { password_hash: sealed("$argon2id$v=19$opdigtet2") }),
    ]
}

fn looks() -> Vec<AccessEvent> {
    vec![
        AccessEvent::CaseListed(CaseListed { rows: 50 }),
        AccessEvent::SearchRun(SearchRun { rows: 2, cases: vec![case()] }),
        AccessEvent::CaseViewed(CaseViewed { case: case() }),
        AccessEvent::DocumentViewed(DocumentViewed { case: case(), document: documents::document() }),
        AccessEvent::InquiryViewed(InquiryViewed { inquiry: inquiry() }),
        AccessEvent::ExemptionViewed(ExemptionViewed { exemption: ExemptionId::new(id(7)) }),
        AccessEvent::ExemptionLookedUp(ExemptionLookedUp { subject: subject() }),
        AccessEvent::ServiceViewed(ServiceViewed { service: ServiceId::new(id(8)) }),
        parties::address_viewed(),
        remedies::export(),
        AccessEvent::AccessRefused(AccessRefused {
            attempt: "decisionApprove".into(),
            code: "APPROVER_IS_AUTHOR".into(),
            case: Some(case()),
        }),
        AccessEvent::AuditRead(AuditRead { case: Some(case()) }),
    ]
}

fn numbers() -> Vec<NumberingEvent> {
    vec![NumberingEvent::CaseNumberTaken(CaseNumberTaken { case: case() })]
}

fn keys() -> Vec<KeyEvent> {
    let wrapped = || WrappedKey { wrapped: "AQIDBA".repeat(16), master: "0123456789abcdef".repeat(2) };
    let master = || MasterKeyId { master: "0123456789abcdef".repeat(2) };
    vec![
        KeyEvent::KeyWrapped(wrapped()),
        KeyEvent::KeyRewrapped(wrapped()),
        KeyEvent::KeyDestroyed,
        KeyEvent::MasterKeyAdopted(master()),
        KeyEvent::MasterKeyRetired(master()),
    ]
}

#[test]
fn events_of_a_case_are_written_as_they_always_were() {
    Golden {
        category: Case::TYPE,
        samples: [cases(), deadlines::samples(), people::on_a_case().into()].concat(),
    }
    .check();
}

#[test]
fn events_of_an_inquiry_are_written_as_they_always_were() {
    Golden { category: Inquiry::TYPE, samples: inquiries() }.check();
}

#[test]
fn events_of_a_conversation_are_written_as_they_always_were() {
    Golden { category: Conversation::TYPE, samples: conversations() }.check();
}

#[test]
fn events_of_a_user_are_written_as_they_always_were() {
    Golden { category: User::TYPE, samples: [users(), people::of_a_user().into()].concat() }.check();
}

#[test]
fn events_of_the_access_log_are_written_as_they_always_were() {
    Golden {
        category: AccessLog::TYPE,
        samples: [looks(), vec![people::in_the_access_log(), privacy::in_the_access_log()]].concat(),
    }
    .check();
}

#[test]
fn events_of_a_number_series_are_written_as_they_always_were() {
    let series = skranke_domain::numbering::series(furesoe(), 2026);
    assert_eq!(series.category(), "numbering");
    Golden { category: "numbering", samples: numbers() }.check();
}

#[test]
fn events_of_a_key_are_written_as_they_always_were() {
    Golden { category: "key", samples: keys() }.check();
}

#[test]
fn every_golden_file_belongs_to_a_category_that_is_known() {
    let known = [
        remedies::COMPLAINT,
        remedies::ACCESS_REQUEST,
        Case::TYPE,
        Inquiry::TYPE,
        Conversation::TYPE,
        User::TYPE,
        AccessLog::TYPE,
        "numbering",
        "key",
        "team",
        "audit",
        "privacy",
        "ruleset",
        "knowledge",
        "savedview",
        "webhook",
        "telling",
    ];
    for file in std::fs::read_dir(folder()).unwrap().map(Result::unwrap) {
        let name = file.file_name().into_string().unwrap();
        let mut known = known.iter().chain(&counter::CATEGORIES);
        assert!(known.any(|category| name.starts_with(&format!("{category}."))), "{name}");
    }
}

#[test]
fn every_event_enum_has_its_golden_files() {
    fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                sources(&entry.path(), found);
            } else {
                found.push(entry.path());
            }
        }
    }
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("domain/src"), &mut files);
    let mut enums = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(file).unwrap();
        let named = text.lines().filter_map(|line| line.strip_prefix("impl cqrs_es::DomainEvent for "));
        enums.extend(named.map(|name| name.trim_end_matches(" {").to_owned()));
    }
    let here = [
        "AccessEvent",
        "AccessRequestEvent",
        "CaseEvent",
        "ComplaintEvent",
        "ConversationEvent",
        "EngagementEvent",
        "InquiryEvent",
        "KnowledgeEvent",
        "NumberingEvent",
        "PrivacyEvent",
        "RuleSetEvent",
        "SavedViewEvent",
        "TeamEvent",
        "TellingEvent",
        "UserEvent",
        "WebhookEvent",
    ];
    let here = here.into_iter().chain(counter::ENUMS).map(str::to_owned).collect();
    assert_eq!(enums, here, "an enum of events without golden files");
}

/// Turns the bytes round and names subject and field: deterministic, and not readable by chance.
pub(crate) struct Mirror;

impl Sealer for Mirror {
    fn seal(&self, subject: SubjectId, field: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let place = format!("{subject}/{field}\n");
        Ok(place.bytes().chain(plain.iter().rev().copied()).collect())
    }
}

impl Opener for Mirror {
    fn open(&self, subject: SubjectId, field: &str, sealed: &[u8]) -> Result<Option<Vec<u8>>, SealError> {
        let place = format!("{subject}/{field}\n");
        let text = sealed.strip_prefix(place.as_bytes()).ok_or(SealError::Altered)?;
        Ok(Some(text.iter().rev().copied().collect()))
    }
}

/// The file: what the log holds of an event, its metadata apart.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Stored {
    #[serde(rename = "type")]
    pub(crate) event_type: String,
    pub(crate) data: Box<RawValue>,
}

impl PartialEq for Stored {
    /// The same fields with the same values; where lines break is for people.
    fn eq(&self, other: &Self) -> bool {
        let value = |data: &RawValue| serde_json::from_str::<serde_json::Value>(data.get()).unwrap();
        self.event_type == other.event_type && value(&self.data) == value(&other.data)
    }
}

/// The samples of one category, one of each type.
struct Golden<E> {
    category: &'static str,
    samples: Vec<E>,
}

impl<E> Golden<E>
where
    E: DomainEvent + Sealable + Serialize + DeserializeOwned + PartialEq + Debug + Clone,
{
    fn check(self) {
        let known: BTreeSet<&str> = codec::names::<E>().iter().copied().collect();
        let sampled: BTreeSet<&str> = self.samples.iter().map(codec::type_of).collect();
        assert_eq!(sampled, known, "every type of {} needs one sample here", self.category);
        assert_eq!(self.samples.len(), known.len(), "{}: one sample of each type", self.category);
        for sample in &self.samples {
            self.check_one(sample);
        }
        assert_eq!(self.files(), self.names(), "files of {} and types must match", self.category);
    }

    fn check_one(&self, open: &E) {
        let mut locked = open.clone();
        locked.lock_all(&Mirror).unwrap();
        let today = written(&locked);
        let path = folder().join(self.name(open));
        if !path.exists() && update() {
            std::fs::write(&path, &today).unwrap();
        }
        let file = std::fs::read_to_string(&path)
            .unwrap_or_else(|_| panic!("{} is missing: UPDATE_GOLDEN=1 writes it", self.name(open)));
        assert_eq!(today, file, "{} is no longer what is written", self.name(open));

        let stored: Stored = serde_json::from_str(&file).unwrap();
        let mut read: E = codec::decode(&stored.event_type, stored.data.get().as_bytes()).unwrap();
        assert_eq!(read, locked, "{} reads as something else", self.name(open));
        assert_eq!(written(&read), file, "{} does not survive reading", self.name(open));
        read.unlock_all(&Mirror).unwrap();
        assert_eq!(&read, open, "{}: the personal fields do not open", self.name(open));
    }

    fn name(&self, event: &E) -> String {
        format!("{}.{}.v{}.json", self.category, codec::type_of(event), event.event_version())
    }

    fn names(&self) -> BTreeSet<String> {
        self.samples.iter().map(|sample| self.name(sample)).collect()
    }

    fn files(&self) -> BTreeSet<String> {
        let files = std::fs::read_dir(folder()).unwrap().map(Result::unwrap);
        let names = files.map(|file| file.file_name().into_string().unwrap());
        names.filter(|name| name.starts_with(&format!("{}.", self.category))).collect()
    }
}

/// The event as its file has it: the bytes of the log, with line breaks for people.
fn written<E: Serialize>(event: &E) -> String {
    pretty(&serde_json::to_string(&stored(event)).unwrap())
}

/// The event as the log holds it.
pub(crate) fn stored<E: Serialize>(event: &E) -> Stored {
    let encoded = codec::encode(event).unwrap();
    let data = RawValue::from_string(String::from_utf8(encoded.data).unwrap()).unwrap();
    Stored { event_type: encoded.event_type.to_owned(), data }
}

/// Breaks JSON into lines and touches nothing else: the order of fields and every character stay.
pub(crate) fn pretty(compact: &str) -> String {
    let (mut text, mut depth, mut in_string, mut escaped) = (String::new(), 0_usize, false, false);
    let mut rest = compact.chars().peekable();
    while let Some(c) = rest.next() {
        if in_string {
            text.push(c);
            in_string = escaped || c != '"';
            escaped = c == '\\' && !escaped;
            continue;
        }
        match c {
            '{' | '[' if matches!(rest.peek(), Some('}' | ']')) => {
                text.push(c);
                text.extend(rest.next());
            }
            '{' | '[' => {
                depth += 1;
                text.push(c);
                new_line(&mut text, depth);
            }
            '}' | ']' => {
                depth -= 1;
                new_line(&mut text, depth);
                text.push(c);
            }
            ',' => {
                text.push(c);
                new_line(&mut text, depth);
            }
            ':' => text.push_str(": "),
            '"' => {
                in_string = true;
                text.push(c);
            }
            c => text.push(c),
        }
    }
    text.push('\n');
    text
}

fn new_line(text: &mut String, depth: usize) {
    text.push('\n');
    text.extend(std::iter::repeat_n("  ", depth));
}

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/events")
}

#[expect(clippy::disallowed_methods, reason = "a switch for the person at the keyboard, not a setting")]
pub(crate) fn update() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some()
}
