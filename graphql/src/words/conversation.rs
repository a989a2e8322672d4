//! What happens in a conversation at the counter, in words.

/// What an event of a conversation is called, in Danish and English.
pub(super) fn event_title(event_type: &str) -> Option<(&'static str, &'static str)> {
    Some(match event_type {
        "ConversationStarted" => ("Samtale begyndt", "Conversation started"),
        "MessageReceived" => ("Besked modtaget", "Message received"),
        "MatterNamed" => ("Emne forstået", "Matter understood"),
        "MattersNoted" => ("Flere emner nævnt", "More matters noted"),
        "SituationTold" => ("Situation fortalt", "Situation told"),
        "MunicipalityNamed" => ("Kommune nævnt", "Municipality named"),
        "DetailAsked" => ("Spurgt nærmere ind", "Asked for details"),
        "AnswerGiven" => ("Svar givet", "Answer given"),
        "AnswerWithheld" => ("Intet svar givet", "No answer given"),
        "SafetyAdviceGiven" => ("Råd om fare givet", "Safety advice given"),
        "RoutedToAuthority" => ("Henvist til myndighed", "Routed to an authority"),
        "HandedOver" => ("Givet videre til et menneske", "Handed over to a person"),
        "FeedbackGiven" => ("Svaret bedømt", "Feedback given"),
        "ConversationEnded" => ("Samtale afsluttet", "Conversation ended"),
        _ => return None,
    })
}
