//! The people in a case and its way, in Danish and English.

use skranke_domain::Lang;
use skranke_domain::case::{CaseLink, Confidentiality, PartyRole};

/// What an event type is called, in Danish and in English.
pub(super) fn event_title(event_type: &str) -> Option<(&'static str, &'static str)> {
    Some(match event_type {
        "FactNoted" => ("Faktiske oplysninger noteret", "Facts noted"),
        "PartyAdded" => ("Part tilføjet", "Party added"),
        "PartyRoleChanged" => ("Rolle i sagen ændret", "Role in the case changed"),
        "RepresentativeRecorded" => ("Partsrepræsentant noteret", "Representative recorded"),
        "RepresentativeEnded" => ("Repræsentation ophørt", "Representation ended"),
        "AddressProtectionMarked" => ("Adresse beskyttet", "Address protected"),
        "AddressProtectionLifted" => ("Adresse ikke længere beskyttet", "Address no longer protected"),
        "ConfidentialityMarked" => ("Fortrolighed markeret", "Confidentiality marked"),
        "HearingReplyReceived" => ("Høringssvar modtaget", "Hearing reply received"),
        "EffectuationOrdered" => ("Udførelse bestilt", "Effectuation ordered"),
        "Effectuated" => ("Afgørelse udført", "Decision carried out"),
        "CaseWithdrawn" => ("Sag frafaldet", "Case withdrawn"),
        "CaseForwarded" => ("Sag videresendt", "Case forwarded"),
        "CasesLinked" => ("Sager knyttet sammen", "Cases linked"),
        _ => return None,
    })
}

/// What a field is called, in Danish and in English.
pub(super) fn field_label(key: &str) -> Option<(&'static str, &'static str)> {
    Some(match key {
        "fact" => ("Faktiske oplysninger", "Facts"),
        "factSource" => ("Kilde", "Source"),
        "factBy" => ("Noteret af", "Noted by"),
        "factAt" => ("Noteret", "Noted"),
        "partyNumber" => ("Part nr.", "Party no."),
        "partyName" => ("Navn", "Name"),
        "partyRole" => ("Rolle", "Role"),
        "partyReason" => ("Begrundelse", "Reason"),
        "partyAddressKnown" => ("Adresse oplyst", "Address known"),
        "addressProtected" => ("Adressebeskyttelse", "Address protection"),
        "representative" => ("Partsrepræsentant", "Representative"),
        "representativeContact" => ("Kontakt til repræsentanten", "How to reach the representative"),
        "replyReceived" => ("Høringssvar modtaget", "Hearing reply received"),
        "reply" => ("Høringssvar", "Hearing reply"),
        "confidentiality" => ("Fortrolighed", "Confidentiality"),
        "confidentialityReason" => ("Begrundelse for fortrolighed", "Reason for the confidentiality"),
        "ordered" => ("Bestilt", "Ordered"),
        "orderedDue" => ("Bestilt til", "Ordered for"),
        "effectuatedOn" => ("Udført", "Carried out"),
        "effectuationNote" => ("Om udførelsen", "About the effectuation"),
        "withdrawnReason" => ("Frafaldet", "Withdrawn"),
        "forwardedTo" => ("Videresendt til", "Forwarded to"),
        "senderInformed" => ("Afsender underrettet", "Sender informed"),
        "notInformedBecause" => ("Afsender ikke underrettet, fordi", "Sender not informed because"),
        "linkedCase" => ("Tilknyttet sag", "Linked case"),
        "link" => ("Tilknytning", "Link"),
        "outcomeForParty" => ("Resultat for part nr.", "Outcome for party no."),
        "partyOutcome" => ("Resultat for parten", "Outcome for the party"),
        _ => return None,
    })
}

/// What somebody is to a case.
pub(crate) const fn party_role(role: PartyRole, lang: Lang) -> &'static str {
    match role {
        PartyRole::Party => lang.pick("Part", "Party"),
        PartyRole::Opponent => lang.pick("Modpart", "Opponent"),
        PartyRole::Relative => lang.pick("Pårørende", "Relative"),
        PartyRole::Reporter => lang.pick("Indberetter", "Reporter"),
        PartyRole::Witness => lang.pick("Vidne", "Witness"),
    }
}

/// How carefully a case is treated.
pub(crate) const fn confidentiality(level: Confidentiality, lang: Lang) -> &'static str {
    match level {
        Confidentiality::Ordinary => lang.pick("Almindelig", "Ordinary"),
        Confidentiality::Confidential => lang.pick("Fortrolig", "Confidential"),
        Confidentiality::Sensitive => lang.pick("Følsom", "Sensitive"),
    }
}

/// How another case belongs to one.
pub(crate) const fn case_link(link: CaseLink, lang: Lang) -> &'static str {
    match link {
        CaseLink::Related => lang.pick("Beslægtet sag", "Related case"),
        CaseLink::SubCase => lang.pick("Delsag", "Sub-case"),
        CaseLink::MainCase => lang.pick("Hovedsag", "Main case"),
        CaseLink::DuplicateOf => lang.pick("Dublet af den anden", "Duplicate of the other"),
        CaseLink::DuplicatedBy => lang.pick("Den anden er en dublet", "The other is a duplicate"),
    }
}
