//! A person's data and the rules: what happens to them, and what a look at a person leaves in the access log.

use skranke_domain::access_log::DataSubjectViewed;
use skranke_domain::privacy::{
    Basis, DataSubject, DeliveredToArchive, Disposed, ErasureDecided, ErasureDeclined, ErasureProposed,
    ErasureRequested, LegalHoldPlaced, LegalHoldReleased, PrivacyEvent, SubjectKeyDestroyed,
    SubjectReportMade,
};

use skranke_domain::ruleset::{Part, RuleSetEvent, RuleVersionPublished, RuleVersions};

use super::*;

fn vera() -> UserId {
    UserId::new(id(60))
}

pub(super) fn in_the_access_log() -> AccessEvent {
    AccessEvent::DataSubjectViewed(DataSubjectViewed { subject: subject() })
}

#[test]
fn events_of_a_data_subject_are_written_as_they_always_were() {
    let samples = vec![
        PrivacyEvent::ErasureRequested(ErasureRequested {
            basis: Basis::ErasureRight,
            received: date(2026, 11, 20),
            requester: Some(sealed("Dagny Demosen")),
            reason: sealed("Hun beder om det."),
        }),
        PrivacyEvent::ErasureProposed(ErasureProposed { by: kari() }),
        PrivacyEvent::ErasureDeclined(ErasureDeclined { reason: sealed("Sagen skal gemmes.") }),
        PrivacyEvent::ErasureDecided(ErasureDecided {
            basis: Basis::RetentionOver,
            proposed_by: kari(),
            approved_by: vera(),
            cases: vec![case()],
        }),
        PrivacyEvent::SubjectKeyDestroyed(SubjectKeyDestroyed { conversations: 1 }),
        PrivacyEvent::Disposed(Disposed { cases: vec![case()] }),
        PrivacyEvent::LegalHoldPlaced(LegalHoldPlaced { number: 1, reason: sealed("En retssag.") }),
        PrivacyEvent::LegalHoldReleased(LegalHoldReleased { number: 1, reason: sealed("Dom er faldet.") }),
        PrivacyEvent::DeliveredToArchive(DeliveredToArchive {
            case: case(),
            archive: "Rigsarkivet".into(),
            on: date(2026, 11, 20),
        }),
        PrivacyEvent::SubjectReportMade(SubjectReportMade { events: 12, looks: 3 }),
    ];
    Golden { category: DataSubject::TYPE, samples }.check();
}

#[test]
fn events_of_the_rules_are_written_as_they_always_were() {
    let samples = vec![RuleSetEvent::RuleVersionPublished(RuleVersionPublished {
        part: Part::Kle,
        version: "kle-2027".into(),
        template: None,
        valid_from: date(2027, 1, 1),
        sha256: "ab".repeat(32),
        text: "kind,number,title,from,until,retention\nsubject,32,Ydelser,,,K5\n".into(),
    })];
    Golden { category: RuleVersions::TYPE, samples }.check();
}
