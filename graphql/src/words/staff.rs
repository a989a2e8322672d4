//! What happens to accounts, teams, saved views and systems outside, in words.

/// What such an event is called, in Danish and English.
pub(super) fn event_title(event_type: &str) -> Option<(&'static str, &'static str)> {
    Some(match event_type {
        "UserRegistered" => ("Bruger oprettet", "User registered"),
        "UserVouchedFor" => ("Bruger bekræftet af identitetsudbyderen", "User vouched for by the provider"),
        "PasswordChanged" => ("Adgangskode ændret", "Password changed"),
        "PasswordReset" => ("Adgangskode nulstillet", "Password reset"),
        "AccountLocked" => ("Konto spærret", "Account locked"),
        "AccountUnlocked" => ("Konto åbnet igen", "Account unlocked"),
        "RoleGrantProposed" => ("Rolle foreslået", "Role proposed"),
        "RoleGrantDeclined" => ("Rolle afvist", "Role declined"),
        "RoleGranted" => ("Rolle tildelt", "Role granted"),
        "RoleRevoked" => ("Rolle frataget", "Role revoked"),
        "AbsenceRegistered" => ("Fravær registreret", "Absence registered"),
        "AbsenceEnded" => ("Fravær afsluttet", "Absence ended"),
        "SubstituteNamed" => ("Stedfortræder udpeget", "Substitute named"),
        "SubstituteWithdrawn" => ("Stedfortræder trukket tilbage", "Substitute withdrawn"),
        "TeamFormed" => ("Hold oprettet", "Team formed"),
        "TeamRenamed" => ("Hold omdøbt", "Team renamed"),
        "TeamDissolved" => ("Hold nedlagt", "Team dissolved"),
        "MemberJoined" => ("Medlem kom på holdet", "Member joined"),
        "MemberLeft" => ("Medlem forlod holdet", "Member left"),
        "ViewSaved" => ("Visning gemt", "View saved"),
        "ViewChanged" => ("Visning ændret", "View changed"),
        "ViewRemoved" => ("Visning fjernet", "View removed"),
        "ServiceAccountOpened" => ("Systemkonto oprettet", "Service account opened"),
        "TokenIssued" => ("Adgangsnøgle udstedt", "Token issued"),
        "TokenRevoked" => ("Adgangsnøgle trukket tilbage", "Token revoked"),
        "WebhookOpened" => ("Webhook oprettet", "Webhook opened"),
        "WebhookDied" => ("Webhook opgivet", "Webhook given up"),
        "WebhookResumed" => ("Webhook genoptaget", "Webhook resumed"),
        "WebhookClosed" => ("Webhook lukket", "Webhook closed"),
        _ => return None,
    })
}
