//! What every release wrote is read today as what it meant then.
//!
//! A folder of `fixtures/releases` holds one event of each type as that release stored it, with its metadata.
//! Invariant: the files of a release are never edited. Each folder has a list of their SHA-256 sums, and the sum of
//! that list stands in [`RELEASES`]. Beside the folder stands what its events tell today (`0.1.0.read.json`): where
//! nothing has changed since, the same again; after a change, what the upcasters make of them. That file is written
//! with `UPDATE_GOLDEN=1`, and its diff is what a reviewer looks at.
//!
//! A new release freezes its own folder once: `FREEZE_GOLDEN=1 cargo test -p skranke --test it releases`, which prints
//! the line for [`RELEASES`].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use cqrs_es::{Aggregate, DomainEvent};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use skranke_domain::access_log::{AccessEvent, AccessLog};
use skranke_domain::access_request::{AccessRequest, AccessRequestEvent};
use skranke_domain::authority::{Authority, AuthorityEvent};
use skranke_domain::case::{Case, CaseEvent};
use skranke_domain::complaint::{Complaint, ComplaintEvent};
use skranke_domain::conversation::{Conversation, ConversationEvent};
use skranke_domain::engagement::{Engagement, EngagementEvent};
use skranke_domain::exemption::{Exemption, ExemptionEvent};
use skranke_domain::inquiry::{Inquiry, InquiryEvent};
use skranke_domain::knowledge::{Knowledge, KnowledgeEvent};
use skranke_domain::numbering::NumberingEvent;
use skranke_domain::privacy::{DataSubject, PrivacyEvent};
use skranke_domain::ruleset::{RuleSetEvent, RuleVersions};
use skranke_domain::service::{Service, ServiceEvent};
use skranke_domain::team::{Team, TeamEvent};
use skranke_domain::telling::TellingEvent;
use skranke_domain::upcast::Evolving;
use skranke_domain::user::{User, UserEvent};
use skranke_domain::webhook::{Webhook, WebhookEvent};
use skranke_domain::{Act, Actor, Purpose, Role, Roles, Sealable, StreamId, Tenant, UserId};
use skranke_store::{Metadata, Position, Recorded, read};
use uuid::Uuid;

use crate::golden::{Mirror, Stored, pretty, stored, update};

/// Every release, and the SHA-256 of its `SHA256SUMS`.
const RELEASES: &[(&str, &str)] =
    &[("0.1.0", "d8b208781e5d6c13e0fd0b14fe88b6023ec5278b0b9fdf0f6ddd1f0799bbaa57")];
const SUMS: &str = "SHA256SUMS";

/// An event as the log of a release holds it.
#[derive(Serialize, Deserialize)]
struct Frozen {
    #[serde(rename = "type")]
    event_type: String,
    metadata: Box<RawValue>,
    data: Box<RawValue>,
}

#[test]
fn what_a_release_wrote_is_read_today_as_what_it_meant_then() {
    for (release, _) in RELEASES {
        let mut told = BTreeMap::new();
        for name in events_of(release) {
            let file = std::fs::read_to_string(folder(release).join(&name)).unwrap();
            let frozen: Frozen = serde_json::from_str(&file).unwrap();
            let (category, _) = name.split_once('.').unwrap();
            told.insert(name.clone(), retell(category, &frozen));
            assert!(!told[&name].is_empty(), "{release}: {name} tells nothing any more");
        }
        let today = pretty(&serde_json::to_string(&told).unwrap());
        let path = releases().join(format!("{release}.read.json"));
        if update() {
            std::fs::write(&path, &today).unwrap();
        }
        let then = std::fs::read_to_string(&path).unwrap_or_else(|_| "{}".to_owned());
        let then: BTreeMap<String, Vec<Stored>> = serde_json::from_str(&then).unwrap();
        let changed: Vec<_> = told.iter().filter(|(name, told)| then.get(*name) != Some(told)).collect();
        assert!(
            changed.is_empty() && told.len() == then.len(),
            "{release} reads as something else: see docs/adr/0004-schema-evolution.md: {changed:?}"
        );
    }
}

#[test]
fn the_files_of_a_release_are_never_edited() {
    let folders: BTreeSet<String> =
        names(&releases()).into_iter().filter(|name| releases().join(name).is_dir()).collect();
    assert_eq!(folders, RELEASES.iter().map(|(release, _)| (*release).to_owned()).collect());
    for (release, sum) in RELEASES {
        let sums = std::fs::read_to_string(folder(release).join(SUMS)).unwrap();
        assert_eq!(sha256(sums.as_bytes()), *sum, "{release}: the list of sums was edited");
        let (found, frozen) = (sums_of(release), sums.lines().collect::<BTreeSet<_>>());
        let found: BTreeSet<_> = found.lines().collect();
        let edited: Vec<_> = found.symmetric_difference(&frozen).collect();
        assert!(edited.is_empty(), "{release}: a frozen file was edited, added or removed: {edited:?}");
    }
}

/// No test of the files but their making, for the person who makes a release.
#[test]
fn a_new_release_is_frozen_on_demand() {
    #[expect(clippy::disallowed_methods, reason = "a switch for the person at the keyboard, not a setting")]
    if std::env::var_os("FREEZE_GOLDEN").is_none() {
        return;
    }
    let release = env!("CARGO_PKG_VERSION");
    assert!(!folder(release).exists(), "{release} is frozen already");
    std::fs::create_dir_all(folder(release)).unwrap();
    for name in names(&crate::golden::folder()) {
        let golden = std::fs::read_to_string(crate::golden::folder().join(&name)).unwrap();
        let Stored { event_type, data } = serde_json::from_str(&golden).unwrap();
        let version = name.rsplit('.').nth(1).and_then(|part| part.strip_prefix('v')).unwrap();
        let json = serde_json::to_string(&Frozen { event_type, metadata: metadata(version), data }).unwrap();
        std::fs::write(folder(release).join(&name), pretty(&json)).unwrap();
    }
    let sums = sums_of(release);
    std::fs::write(folder(release).join(SUMS), &sums).unwrap();
    println!("({release:?}, {:?}),", sha256(sums.as_bytes()));
}

/// What an event of a release tells, as it would be written today; its personal fields still open.
fn retell(category: &str, frozen: &Frozen) -> Vec<Stored> {
    let read_as = match category {
        Case::TYPE => read_as::<CaseEvent>,
        Complaint::TYPE => read_as::<ComplaintEvent>,
        AccessRequest::TYPE => read_as::<AccessRequestEvent>,
        Inquiry::TYPE => read_as::<InquiryEvent>,
        Conversation::TYPE => read_as::<ConversationEvent>,
        Exemption::TYPE => read_as::<ExemptionEvent>,
        Service::TYPE => read_as::<ServiceEvent>,
        DataSubject::TYPE => read_as::<PrivacyEvent>,
        RuleVersions::TYPE => read_as::<RuleSetEvent>,
        Knowledge::TYPE => read_as::<KnowledgeEvent>,
        Authority::TYPE => read_as::<AuthorityEvent>,
        User::TYPE => read_as::<UserEvent>,
        Team::TYPE => read_as::<TeamEvent>,
        Engagement::TYPE => read_as::<EngagementEvent>,
        AccessLog::TYPE => read_as::<AccessEvent>,
        Webhook::TYPE => read_as::<WebhookEvent>,
        "numbering" => read_as::<NumberingEvent>,
        "telling" => read_as::<TellingEvent>,
        other => panic!("no events of the category {other} are known"),
    };
    let recorded = Recorded {
        position: Position(1),
        stream: StreamId::parse(&format!("{category}-0190-frozen")).unwrap(),
        revision: 0,
        id: Uuid::nil(),
        event_type: frozen.event_type.as_str().into(),
        data: frozen.data.get().as_bytes().to_vec().into(),
        metadata: compact(&frozen.metadata).into(),
        recorded_at: jiff::Timestamp::UNIX_EPOCH,
    };
    // What stands beside an event is read as well.
    Metadata::parse(&recorded.metadata).unwrap();
    read_as(&recorded)
}

fn read_as<E: DomainEvent + Evolving + Sealable>(recorded: &Recorded) -> Vec<Stored> {
    let mut told = read::<E>(recorded).unwrap();
    let today = told.events().iter().map(stored).collect();
    for event in told.events_mut() {
        event.unlock_all(&Mirror).unwrap();
    }
    today
}

/// What this program writes beside an event.
fn metadata(version: &str) -> Box<RawValue> {
    let at = "2026-11-23T09:00:00Z".parse().unwrap();
    let act = Act {
        actor: Actor::Staff(UserId::new(Uuid::from_u128(4))),
        roles: Roles::default().with(Role::Caseworker).with(Role::TeamLead),
        purpose: Some(Purpose::CaseHandling),
        causation: Some(Uuid::from_u128(8)),
        ..Act::system(Tenant::try_new("0190").unwrap(), at, Uuid::from_u128(7))
    };
    let mut metadata = Metadata::from_act(&act, skranke::house::SOFTWARE);
    version.clone_into(&mut metadata.schema);
    RawValue::from_string(String::from_utf8(metadata.to_json().unwrap()).unwrap()).unwrap()
}

/// The bytes of the log: the file has line breaks for people, between tokens only.
fn compact(json: &RawValue) -> Vec<u8> {
    let mut in_string = false;
    let mut escaped = false;
    let kept = json.get().bytes().filter(|byte| {
        let keep = in_string || !byte.is_ascii_whitespace();
        if *byte == b'"' && !escaped {
            in_string = !in_string;
        }
        escaped = *byte == b'\\' && !escaped;
        keep
    });
    kept.collect()
}

fn sums_of(release: &str) -> String {
    events_of(release).iter().fold(String::new(), |mut sums, name| {
        let bytes = std::fs::read(folder(release).join(name)).unwrap();
        writeln!(sums, "{}  {name}", sha256(&bytes)).unwrap();
        sums
    })
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

fn events_of(release: &str) -> BTreeSet<String> {
    names(&folder(release)).into_iter().filter(|name| name != SUMS).collect()
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries.map(|entry| entry.file_name().into_string().unwrap()).collect()
}

fn folder(release: &str) -> PathBuf {
    releases().join(release)
}

fn releases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/releases")
}
