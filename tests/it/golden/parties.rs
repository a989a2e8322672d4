//! The people in a case and its way beside the decision.

use jiff::civil::date;
use skranke_domain::access_log::{AccessEvent, AddressViewed};
use skranke_domain::authority::AuthoritySlug;
use skranke_domain::case::{
    AddressProtectionLifted, AddressProtectionMarked, CaseEvent, CaseForwarded, CaseLink, CaseWithdrawn,
    CasesLinked, Confidentiality, ConfidentialityMarked, Effectuated, EffectuationOrdered, FactNoted,
    HearingReplyReceived, PartyAdded, PartyRole, PartyRoleChanged, RepresentativeEnded,
    RepresentativeRecorded, SenderNotice,
};
use skranke_domain::{InquiryId, Sealed, SubjectId, Tenant};

use super::{case, id, sealed};

fn opponent() -> SubjectId {
    SubjectId::new(id(41))
}

fn theirs(text: &str) -> Sealed<String> {
    Sealed::new(opponent(), text.to_owned())
}

pub(super) fn cases() -> Vec<CaseEvent> {
    let speaker = SubjectId::new(id(42));
    vec![
        CaseEvent::FactNoted(FactNoted {
            text: sealed("Lejen er 6.200 kr. om måneden."),
            source: Some(sealed("Udlejeren, i telefonen.")),
        }),
        CaseEvent::PartyAdded(PartyAdded {
            party: 2,
            subject: opponent(),
            role: PartyRole::Opponent,
            name: theirs("Ib Opdigtet"),
            address: Some(theirs("Prøvevej 7, 3500 Værløse")),
        }),
        CaseEvent::PartyRoleChanged(PartyRoleChanged {
            party: 2,
            role: PartyRole::Reporter,
            reason: theirs("Har kun anmeldt forholdet."),
        }),
        CaseEvent::RepresentativeRecorded(RepresentativeRecorded {
            party: 1,
            subject: speaker,
            name: Sealed::new(speaker, "Advokat Prøvesen".into()),
            contact: Some(Sealed::new(speaker, "kontor@example.dk".into())),
        }),
        CaseEvent::RepresentativeEnded(RepresentativeEnded {
            party: 1,
            reason: sealed("Fuldmagten er tilbagekaldt."),
        }),
        CaseEvent::AddressProtectionMarked(AddressProtectionMarked { party: 2 }),
        CaseEvent::AddressProtectionLifted(AddressProtectionLifted { party: 2, reason: theirs("Udløbet.") }),
        CaseEvent::ConfidentialityMarked(ConfidentialityMarked {
            level: Confidentiality::Sensitive,
            reason: sealed("Helbredsoplysninger."),
        }),
        CaseEvent::HearingReplyReceived(HearingReplyReceived {
            party: 2,
            received: date(2026, 12, 1),
            text: theirs("Jeg er ikke enig."),
        }),
        CaseEvent::EffectuationOrdered(EffectuationOrdered {
            what: sealed("Udbetal støtten."),
            due: Some(date(2026, 12, 15)),
        }),
        CaseEvent::Effectuated(Effectuated {
            on: date(2026, 12, 14),
            note: Some(sealed("Udbetalt til hendes konto.")),
        }),
        CaseEvent::CaseWithdrawn(CaseWithdrawn {
            reason: sealed("Hun ringede og trak ansøgningen tilbage."),
        }),
        CaseEvent::CaseForwarded(CaseForwarded {
            authority: AuthoritySlug::try_new("borgerservice").unwrap(),
            name: "Borgerservice, Aarhus".into(),
            municipality: Tenant::try_new("0751").ok(),
            received_as: Some(InquiryId::new(id(43))),
            notice: SenderNotice::Informed(sealed("Skrev til hende samme dag.")),
        }),
        CaseEvent::CasesLinked(CasesLinked { other: case(), link: CaseLink::SubCase }),
    ]
}

pub(super) fn address_viewed() -> AccessEvent {
    AccessEvent::AddressViewed(AddressViewed { case: case(), party: 2 })
}
