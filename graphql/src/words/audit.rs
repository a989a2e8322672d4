//! An auditor's work in words, as the person whose case it was about is told of it.

/// What an event of an engagement is called, in Danish and English.
pub(super) fn event_title(event_type: &str) -> Option<(&'static str, &'static str)> {
    Some(match event_type {
        "EngagementOpened" => ("Revisionsopgave oprettet", "Engagement opened"),
        "EngagementEnded" => ("Revisionsopgave afsluttet", "Engagement ended"),
        "SampleDrawn" => ("Sag udtrukket til revision", "Case drawn for audit"),
        "FindingRecorded" => ("Revisionsfund noteret", "Finding recorded"),
        "FindingAnswered" => ("Revisionsfund besvaret", "Finding answered"),
        _ => return None,
    })
}

/// What a field of one is called, in Danish and English.
pub(super) fn field_label(key: &str) -> Option<(&'static str, &'static str)> {
    Some(match key {
        "sample" => ("Stikprøve nr.", "Sample no."),
        "seed" => ("Startværdi for lodtrækningen", "Seed of the draw"),
        "day" => ("Udvalgt efter sagernes", "Chosen by the cases'"),
        "from" => ("Fra og med", "From"),
        "until" => ("Til og med", "Until"),
        "n" => ("Antal sager, der skulle udtrækkes", "Cases to be drawn"),
        "size" => ("Antal sager, der blev trukket lod blandt", "Cases drawn from"),
        "position" => ("Trukket efter hændelse nr.", "Drawn as of event no."),
        "frame_sha256" => ("Kontrolsum for sagerne", "Hash of the cases"),
        "finding" => ("Fund nr.", "Finding no."),
        "severity" => ("Vægt", "Weight"),
        "rule" => ("Målt mod reglen", "Measured by the rule"),
        _ => return None,
    })
}
