//! A person's data: what happens to them, and what a look at them leaves in the access log.

use skranke_domain::access_log::DataSubjectViewed;
use skranke_domain::privacy::{
    Basis, DataSubject, DeliveredToArchive, Disposed, ErasureDecided, ErasureDeclined, ErasureProposed,
    ErasureRequested, LegalHoldPlaced, LegalHoldReleased, PrivacyEvent, SubjectKeyDestroyed,
    SubjectReportMade,
};

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
