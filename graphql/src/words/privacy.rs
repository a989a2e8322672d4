//! What happens to a person's data and to the rules, in words.

/// What an event about a data subject or the rules is called, in Danish and English.
pub(super) fn event_title(event_type: &str) -> Option<(&'static str, &'static str)> {
    Some(match event_type {
        "ErasureRequested" => ("Anmodning om sletning", "Erasure requested"),
        "ErasureProposed" => ("Sletning foreslået", "Erasure proposed"),
        "ErasureDeclined" => ("Sletning afvist", "Erasure declined"),
        "ErasureDecided" => ("Sletning besluttet", "Erasure decided"),
        "SubjectKeyDestroyed" => ("Oplysninger slettet", "Data erased"),
        "Disposed" => ("Sag kasseret", "Case disposed of"),
        "LegalHoldPlaced" => ("Oplysninger låst mod sletning", "Legal hold placed"),
        "LegalHoldReleased" => ("Lås mod sletning ophævet", "Legal hold released"),
        "DeliveredToArchive" => ("Sag afleveret til arkiv", "Case delivered to an archive"),
        "SubjectReportMade" => ("Indsigt givet efter GDPR art. 15", "Report made under GDPR art. 15"),
        "ArticlePublished" => ("Artikel offentliggjort", "Article published"),
        "ArticleWithdrawn" => ("Artikel trukket tilbage", "Article withdrawn"),
        "RuleVersionPublished" => ("Regler offentliggjort", "Rules published"),
        _ => return None,
    })
}
