//! What happens at the counter, in Danish and English: inquiries, exemptions, self-service solutions, authorities.

/// What an event type is called, in Danish and in English.
pub(super) fn event_title(event_type: &str) -> Option<(&'static str, &'static str)> {
    Some(match event_type {
        "InquiryReceived" => ("Henvendelse modtaget", "Inquiry received"),
        "CallBackRequested" => ("Ønsker at blive ringet op", "Call-back requested"),
        "GuidanceGiven" => ("Vejledning givet", "Guidance given"),
        "InquiryForwarded" => ("Henvendelse videresendt", "Inquiry forwarded"),
        "SenderInformed" => ("Afsender underrettet", "Sender informed"),
        "SenderNoticeWaived" => ("Afsender ikke underrettet", "Sender not informed"),
        "InquiryLinkedToCase" => ("Henvendelse knyttet til sag", "Inquiry linked to a case"),
        "InquiryClosed" => ("Henvendelse afsluttet", "Inquiry closed"),
        "ExemptionRequested" => ("Anmodet om fritagelse", "Exemption requested"),
        "ExemptionGranted" => ("Fritagelse givet", "Exemption granted"),
        "ExemptionRefused" => ("Fritagelse afslået", "Exemption refused"),
        "ExemptionExpired" => ("Fritagelse udløbet", "Exemption expired"),
        "ExemptionWithdrawn" => ("Fritagelse frafaldet", "Exemption withdrawn"),
        "ServiceSubmitted" => ("Løsning indmeldt", "Solution submitted"),
        "ServiceAccepted" => ("Løsning godkendt", "Solution accepted"),
        "ServiceReturned" => ("Løsning sendt tilbage", "Solution returned"),
        "ActionPageDrafted" => ("Handlingsside skrevet", "Action page drafted"),
        "ActionPagePublished" => ("Handlingsside vist på portalen", "Action page published"),
        "RequirementAnswered" => ("Krav besvaret", "Requirement answered"),
        "LinkChecked" => ("Link kontrolleret", "Link checked"),
        "ServiceWithdrawn" => ("Løsning trukket tilbage", "Solution withdrawn"),
        "AuthorityPublished" => ("Myndighed sat i registret", "Authority published"),
        "AuthorityWithdrawn" => ("Myndighed taget ud af registret", "Authority withdrawn"),
        "ExemptionViewed" => ("Åbnede en fritagelse", "Opened an exemption"),
        "ExemptionLookedUp" => ("Slog op, om nogen er fritaget", "Looked up whether somebody is exempt"),
        "ServiceViewed" => ("Åbnede en selvbetjeningsløsning", "Opened a self-service solution"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use skranke_domain::Lang;
    use skranke_domain::access_log::AccessEvent;
    use skranke_domain::authority::AuthorityEvent;
    use skranke_domain::codec;
    use skranke_domain::exemption::ExemptionEvent;
    use skranke_domain::inquiry::InquiryEvent;
    use skranke_domain::service::ServiceEvent;

    #[test]
    fn every_event_of_the_counter_has_a_title() {
        let here = [
            codec::names::<InquiryEvent>(),
            codec::names::<ExemptionEvent>(),
            codec::names::<ServiceEvent>(),
            codec::names::<AuthorityEvent>(),
        ];
        for name in here.concat() {
            assert!(event_title(name).is_some(), "{name}");
        }
        for name in codec::names::<AccessEvent>() {
            assert!(!crate::words::event_title(name, Lang::Da).starts_with(name), "{name}");
        }
    }
}
