//! What happens at the counter: exemptions, self-service solutions, the register of authorities.

use cqrs_es::Aggregate;
use jiff::civil::date;
use skranke_domain::Sealed;
use skranke_domain::authority::{
    Authority, AuthorityEvent, AuthorityPublished, AuthoritySlug, AuthorityWithdrawn, Card, Kind as Body,
};
use skranke_domain::exemption::{
    Applicant, Area, Exemption, ExemptionEvent, ExemptionExpired, ExemptionGranted, ExemptionRefused,
    ExemptionRequested, ExemptionWithdrawn, Grounds, Representative,
};
use skranke_domain::inquiry::Channel;
use skranke_domain::service::{
    ActionPage, ActionPageDrafted, ActionPagePublished, Compliance, ContactBlock, Kind, LinkChecked,
    LinkState, RequirementAnswered, Service, ServiceAccepted, ServiceEvent, ServiceReturned,
    ServiceSubmitted, ServiceWithdrawn, Supplier,
};

use super::{Golden, inquiry, sealed, subject, topic};

/// The categories of streams that have their files here.
pub(super) const CATEGORIES: [&str; 3] = [Exemption::TYPE, Service::TYPE, Authority::TYPE];
/// The enums of their events.
pub(super) const ENUMS: [&str; 3] = ["ExemptionEvent", "ServiceEvent", "AuthorityEvent"];

fn authority() -> AuthoritySlug {
    AuthoritySlug::try_new("udbetaling-danmark").unwrap()
}

fn grounds() -> Sealed<Grounds> {
    Sealed::new(
        subject(),
        Grounds { named: vec!["digital-skills".into()], text: "Har aldrig haft en skærm.".into() },
    )
}

fn exemptions() -> Vec<ExemptionEvent> {
    let through = Representative { name: "Dorthe Demosen".into(), relation: "datter".into() };
    vec![
        ExemptionEvent::ExemptionRequested(ExemptionRequested {
            authority: authority(),
            area: Area::Topic(topic()),
            channel: Channel::Digital,
            received: date(2026, 11, 20),
            inquiry: Some(inquiry()),
            subject: subject(),
            applicant: Sealed::new(
                subject(),
                Applicant { name: "Dagny Demosen".into(), through: Some(through) },
            ),
            grounds: grounds(),
        }),
        ExemptionEvent::ExemptionGranted(ExemptionGranted {
            authority: authority(),
            area: Area::Everything,
            from: date(2026, 11, 23),
            until: Some(date(2027, 11, 22)),
            grounds: grounds(),
        }),
        ExemptionEvent::ExemptionRefused(ExemptionRefused { reason: sealed("Bruger selv nettet.") }),
        ExemptionEvent::ExemptionExpired(ExemptionExpired { last: date(2027, 11, 22) }),
        ExemptionEvent::ExemptionWithdrawn(ExemptionWithdrawn {
            on: date(2027, 1, 4),
            reason: Some(sealed("Har lært det.")),
        }),
    ]
}

fn services() -> Vec<ServiceEvent> {
    let supplier = Supplier { name: "Eksempel Software".into(), email: "kontakt@example.dk".into() };
    vec![
        ServiceEvent::ServiceSubmitted(ServiceSubmitted {
            kind: Kind::New,
            title: "Søg byggetilladelse".into(),
            url: "https://example.dk/byg".into(),
            description: "Søg om tilladelse til at bygge.".into(),
            subject: subject(),
            supplier: Sealed::new(subject(), supplier),
        }),
        ServiceEvent::ServiceAccepted(ServiceAccepted {}),
        ServiceEvent::ServiceReturned(ServiceReturned { reason: sealed("Titlen er uklar.") }),
        ServiceEvent::ActionPageDrafted(ActionPageDrafted {
            version: 2,
            page: ActionPage {
                title: "Søg byggetilladelse".into(),
                intro: "Her søger du om lov til at bygge.".into(),
                notice: "Lukket natten til søndag.".into(),
                steps: vec!["Log ind med MitID.".into(), "Udfyld ansøgningen.".into()],
                have_ready: vec!["Tegninger".into()],
                draft_note: "Kladden gemmes i 14 dage.".into(),
                submit: "Gennemse og send.".into(),
                copy: "Gem eller print en kopi.".into(),
                contact: ContactBlock {
                    phone: "00 00 00 42".into(),
                    email: "byg@example.dk".into(),
                    address: "Prøvevej 1, 3500 Værløse".into(),
                },
            },
        }),
        ServiceEvent::ActionPagePublished(ActionPagePublished {
            version: 2,
            url: Some("https://www.borger.dk/Handlingsside?selfserviceId=2b".into()),
        }),
        ServiceEvent::RequirementAnswered(RequirementAnswered {
            requirement: "nemlog-in".into(),
            compliance: Compliance::NotRelevant,
            note: Some(sealed("Der er ingen log-in.")),
        }),
        ServiceEvent::LinkChecked(LinkChecked {
            address: "https://example.dk/byg".into(),
            state: LinkState::Moved { to: "https://example.dk/ny".into() },
            on: date(2026, 11, 23),
        }),
        ServiceEvent::ServiceWithdrawn(ServiceWithdrawn { reason: sealed("Erstattet af en anden.") }),
    ]
}

fn authorities() -> Vec<AuthorityEvent> {
    vec![
        AuthorityEvent::AuthorityPublished(AuthorityPublished {
            card: Card {
                name_da: "Eksempelnævnet".into(),
                name_en: "Example Board".into(),
                kind: Body::Tribunal,
                decides: true,
                phone: "00 00 00 42".into(),
                email: "post@example.dk".into(),
                address: "Prøvevej 1, 3500 Værløse".into(),
            },
        }),
        AuthorityEvent::AuthorityWithdrawn(AuthorityWithdrawn {}),
    ]
}

#[test]
fn events_of_an_exemption_are_written_as_they_always_were() {
    Golden { category: Exemption::TYPE, samples: exemptions() }.check();
}

#[test]
fn events_of_a_self_service_solution_are_written_as_they_always_were() {
    Golden { category: Service::TYPE, samples: services() }.check();
}

#[test]
fn events_of_an_authority_are_written_as_they_always_were() {
    Golden { category: Authority::TYPE, samples: authorities() }.check();
}
