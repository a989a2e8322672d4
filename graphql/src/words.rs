//! Event types, field names and values in Danish and English. A type or field without a word is shown by its stored
//! name, a type with a note of why: an unknown event is shown, never dropped.

mod around;
mod audit;
mod conversation;
mod counter;
pub(crate) mod deadline;
mod privacy;
mod staff;

use jiff::Timestamp;
use jiff::civil::Date;
use skranke_domain::case::{ComplaintStanding, Direction, Outcome, Phase};
use skranke_domain::inquiry::Channel;
use skranke_domain::rules::Counting;
use skranke_domain::time::local;
use skranke_domain::{Actor, Lang};

/// What stands for the party in lists, until the case is opened.
pub(crate) const MASKED: &str = "••••••";

/// What an event type is called.
pub(crate) fn event_title(event_type: &str, lang: Lang) -> String {
    let (da, en) = match event_type {
        "CaseOpened" => ("Sag oprettet", "Case opened"),
        "DeadlineSet" => ("Frist beregnet", "Deadline computed"),
        "DeadlineSuspended" => ("Frist sat i bero", "Deadline suspended"),
        "DeadlineResumed" => ("Fristen løber igen", "Deadline resumed"),
        "DeadlineExtended" => ("Frist forlænget", "Deadline extended"),
        "DelayNoticeSent" => ("Borgeren fik besked om forsinkelse", "Delay notice sent"),
        "DeadlineWarned" => ("Fristen nærmer sig", "Deadline is near"),
        "DeadlineMet" => ("Frist overholdt", "Deadline met"),
        "DeadlineMissed" => ("Frist overskredet", "Deadline missed"),
        "InformationRequested" => ("Oplysninger indhentes", "Information requested"),
        "InformationReceived" => ("Oplysninger modtaget", "Information received"),
        "CaseClassified" => ("Journaliseret med KLE", "Classified"),
        "CaseReclassified" => ("KLE ændret", "Reclassified"),
        "CaseworkerAssigned" => ("Tildelt sagsbehandler", "Caseworker assigned"),
        "CaseworkerReleased" => ("Frigivet", "Released"),
        "TeamAssigned" => ("Tildelt hold", "Given to a team"),
        "SubstituteActing" => ("Stedfortræder handler", "Substitute acting"),
        "CallNoted" => ("Telefonnotat", "Call noted"),
        "StepNoted" => ("Notat", "Note"),
        "HearingOpened" => ("Partshøring begyndt", "Hearing opened"),
        "HearingClosed" => ("Partshøring afsluttet", "Hearing closed"),
        "HearingWaived" => ("Partshøring undladt", "Hearing waived"),
        "CaseInformed" => ("Sagen oplyst", "Facts complete"),
        "DecisionDrafted" => ("Udkast til afgørelse", "Decision drafted"),
        "DecisionSubmitted" => ("Sendt til godkendelse", "Submitted for approval"),
        "DecisionApproved" => ("Udkast godkendt", "Draft approved"),
        "DecisionReturned" => ("Udkast sendt tilbage", "Draft returned"),
        "DecisionMade" => ("Afgørelse truffet", "Decision made"),
        "DecisionSent" => ("Afgørelse sendt", "Decision sent"),
        "DecisionCorrected" => ("Afgørelse berigtiget", "Decision corrected"),
        "DecisionRevoked" => ("Afgørelse tilbagekaldt", "Decision revoked"),
        "DocumentUploaded" => ("Dokument lagt på sagen", "Document uploaded"),
        "DocumentJournalised" => ("Dokument journaliseret", "Document journalised"),
        "DocumentSuperseded" => ("Ny version af dokument", "New version of a document"),
        "DocumentMoved" => ("Dokument flyttet til en anden sag", "Document moved to another case"),
        "DocumentTakenOver" => {
            ("Dokument modtaget fra en anden sag", "Document taken over from another case")
        }
        "DocumentWithdrawn" => ("Dokument trukket tilbage", "Document withdrawn"),
        "CaseClosed" => ("Sag afsluttet", "Case closed"),
        "CaseReopened" => ("Sag genoptaget", "Case reopened"),
        "ComplaintNoted" => ("Klage i gang", "Complaint running"),
        "ComplaintSettled" => ("Klage færdigbehandlet", "Complaint settled"),
        "ComplaintReceived" => ("Klage modtaget", "Complaint received"),
        "LatenessExcused" => ("Forsinket klage antaget", "Late complaint accepted"),
        "ComplaintDismissed" => ("Klage afvist som forsinket", "Complaint dismissed as late"),
        "ReassessmentStarted" => ("Genvurdering begyndt", "Reassessment begun"),
        "ReassessmentUpheld" => ("Afgørelse fastholdt", "Decision upheld"),
        "ReassessmentChanged" => ("Afgørelse ændres ved genvurdering", "Decision changed on reassessment"),
        "ComplaintForwarded" => ("Klage sendt til klageinstansen", "Complaint sent to appeal"),
        "AppealOutcomeReceived" => ("Klageinstansen har afgjort klagen", "Outcome of the appeal received"),
        "ComplaintWithdrawn" => ("Klage trukket tilbage", "Complaint withdrawn"),
        "AccessRequested" => ("Anmodning om aktindsigt", "Access requested"),
        "DocumentDisclosureDecided" => ("Besluttet, hvad der gives", "Disclosure decided"),
        "PackageReleased" => ("Aktindsigt udleveret", "Package released"),
        "AccessRequestWithdrawn" => ("Anmodning trukket tilbage", "Request withdrawn"),
        "AccessRequestClosed" => ("Anmodning afsluttet uden pakke", "Request closed without a package"),
        "ExportMade" => ("Hentede en pakke med akter", "Downloaded a package of papers"),
        "CaseListed" => ("Så en sagsliste", "Saw a list of cases"),
        "SearchRun" => ("Søgte i sager", "Searched cases"),
        "CaseViewed" => ("Åbnede en sag", "Opened a case"),
        "DocumentViewed" => ("Åbnede et dokument", "Opened a document"),
        "AddressViewed" => ("Åbnede en adresse", "Opened an address"),
        "InquiryViewed" => ("Åbnede en henvendelse", "Opened an inquiry"),
        "DataSubjectViewed" => ("Slog en persons oplysninger op", "Looked up what is stored about a person"),
        "AccessRefused" => ("Blev afvist", "Was refused"),
        "BreakGlassUsed" => ("Brugte nødadgang", "Used break-glass"),
        "AuditRead" => ("Læste som revisor", "Read as auditor"),
        _ => match counter::event_title(event_type)
            .or_else(|| privacy::event_title(event_type))
            .or_else(|| around::event_title(event_type))
            .or_else(|| audit::event_title(event_type))
            .or_else(|| conversation::event_title(event_type))
            .or_else(|| staff::event_title(event_type))
        {
            Some(title) => title,
            None => return unknown_event(event_type, lang),
        },
    };
    lang.pick(da, en).to_owned()
}

/// What an event is called that this version cannot read.
pub(crate) fn unknown_event(event_type: &str, lang: Lang) -> String {
    let note = lang.pick("skrevet af en nyere version af Skranke", "written by a newer version of Skranke");
    format!("{event_type} ({note})")
}

/// What a field of an event or of a state is called.
pub(crate) fn field_label(key: &str, lang: Lang) -> String {
    // Drafts and decisions share their words.
    for (prefix, da, en) in [
        ("draft", "Udkast", "Draft"),
        ("decision", "Afgørelse", "Decision"),
        ("earlierDecision", "Tidligere afgørelse", "Earlier decision"),
    ] {
        if let Some(rest) = key.strip_prefix(prefix)
            && rest.starts_with(|c: char| c.is_ascii_uppercase())
        {
            let mut rest = rest.to_owned();
            rest[..1].make_ascii_lowercase();
            return format!("{}: {}", lang.pick(da, en), plain_label(&rest, lang));
        }
    }
    plain_label(key, lang)
}

fn plain_label(key: &str, lang: Lang) -> String {
    let (da, en) = match key {
        "number" => ("Sagsnummer", "Case number"),
        "title" => ("Titel", "Title"),
        "party" => ("Part", "Party"),
        "phase" => ("Tilstand", "State"),
        "received" => ("Modtaget", "Received"),
        "channel" => ("Kanal", "Channel"),
        "topic" => ("Emne", "Topic"),
        "inquiry" => ("Henvendelse", "Inquiry"),
        "kle" => ("KLE-emne", "KLE subject"),
        "facet" => ("KLE-facet", "KLE facet"),
        "due" => ("Frist", "Deadline"),
        "deadlineRule" => ("Fristregel", "Deadline rule"),
        "deadlineRuleSet" | "ruleSet" => ("Regelsæt", "Rule set"),
        "deadlineKind" => ("Fristen gælder", "Deadline for"),
        "deadlineWarned" => ("Advaret om fristen", "Warned of the deadline"),
        "deadlineEnd" => ("Fristen blev", "The deadline was"),
        "pausedFrom" => ("I bero fra", "Suspended from"),
        "pausedUntil" => ("Løber igen fra", "Runs again from"),
        "waitingFor" => ("Venter på", "Waiting for"),
        "pauseReason" => ("I bero fordi", "Suspended because"),
        "extendedBy" => ("Forlænget med (dage)", "Extended by (days)"),
        "extensionReason" => ("Forlænget fordi", "Extended because"),
        "expectedDecision" => ("Afgørelse ventes", "Decision expected"),
        "delayReason" => ("Forsinket fordi", "Delayed because"),
        "requestedOf" => ("Oplysninger ønsket fra", "Information asked of"),
        "requested" => ("Ønskede oplysninger", "Information asked for"),
        "requestReplyBy" => ("Svar ønsket senest", "Answer asked for by"),
        "informationReceived" => ("Modtagne oplysninger", "Information received"),
        "informationReceivedAt" => ("Oplysninger modtaget", "Information received on"),
        "deadlineDays" => ("Antal dage", "Number of days"),
        "team" => ("Hold", "Team"),
        "caseworker" => ("Sagsbehandler", "Caseworker"),
        "substitute" => ("Stedfortræder", "Substitute"),
        "actingFor" => ("I stedet for", "Acting for"),
        "call" => ("Telefonnotat", "Call"),
        "callBy" | "stepBy" => ("Noteret af", "Noted by"),
        "callAt" | "stepAt" => ("Noteret", "Noted"),
        "callDirection" => ("Retning", "Direction"),
        "step" => ("Notat", "Note"),
        "hearing" => ("Partshøring", "Hearing"),
        "hearingReplyBy" => ("Svarfrist", "Reply deadline"),
        "hearingFacts" => ("Oplysninger til høring", "Facts for the hearing"),
        "hearingAnswered" => ("Alle har svaret", "Everybody answered"),
        "hearingStatute" => ("Hjemmel for at undlade høring", "Basis for the waiver"),
        "hearingReason" => ("Begrundelse for at undlade høring", "Reason for the waiver"),
        "version" => ("version", "version"),
        "author" => ("skrevet af", "written by"),
        "outcome" => ("resultat", "outcome"),
        "text" => ("tekst", "text"),
        "legalBasis" => ("hjemmel", "legal basis"),
        "groundsRules" => ("regler", "rules"),
        "groundsDiscretion" => ("hovedhensyn", "main considerations"),
        "groundsFacts" => ("faktiske forhold", "decisive facts"),
        "complaintBody" => ("klageinstans", "complaint body"),
        "complaintHow" => ("sådan klages der", "how to complain"),
        "complaintLimit" => ("klagefrist", "complaint limit"),
        "submitted" => ("sendt til godkendelse", "submitted"),
        "approved" => ("godkendt", "approved"),
        "approvedBy" => ("godkendt af", "approved by"),
        "approvedAt" => ("godkendt den", "approved on"),
        "returnedReason" => ("sendt tilbage fordi", "returned because"),
        "madeAt" => ("truffet", "made"),
        "sentAt" => ("sendt", "sent"),
        "complaint" => ("Klage", "Complaint"),
        "complaintStanding" => ("Klagens stilling", "Standing of the complaint"),
        "document" => ("Dokument", "Document"),
        "documentVersion" => ("Dokumentversion", "Document version"),
        "documentTheme" => ("Tema", "Theme"),
        "documentDated" => ("Dokumentdato", "Date of the document"),
        "documentFile" => ("Fil", "File"),
        "documentHash" => ("Filens kontrolsum", "Hash of the file"),
        "documentWithdrawn" => ("Dokument trukket tilbage", "Document withdrawn"),
        "documentSent" => ("Dokument sendt", "Document sent"),
        "documentMovedTo" => ("Flyttet til sag", "Moved to case"),
        "documentMovedFrom" => ("Flyttet fra sag", "Moved from case"),
        "documentReason" => ("Begrundelse", "Reason"),
        "letterHash" => ("brevets kontrolsum", "hash of the letter"),
        "corrected" => ("berigtiget", "corrected"),
        "correctedReason" => ("berigtiget fordi", "corrected because"),
        "revokedReason" => ("tilbagekaldt fordi", "revoked because"),
        "closedAt" => ("Afsluttet", "Closed"),
        "reopenedReason" => ("Genoptaget fordi", "Reopened because"),
        "reopenedBy" => ("Genoptaget af", "Reopened by"),
        "reopenedAt" => ("Genoptaget", "Reopened"),
        _ => match around::field_label(key).or_else(|| audit::field_label(key)) {
            Some(label) => label,
            None => return key.to_owned(),
        },
    };
    lang.pick(da, en).to_owned()
}

/// Who acted, where it is no member of staff.
pub(crate) const fn actor(actor: Actor, lang: Lang) -> &'static str {
    match actor {
        Actor::Staff(_) => lang.pick("medarbejder", "member of staff"),
        Actor::Citizen(_) => lang.pick("borger", "citizen"),
        Actor::Bot => lang.pick("skrankens bot", "the counter's bot"),
        Actor::System => lang.pick("systemet", "the system"),
    }
}

/// How far a case has come.
pub(crate) const fn phase(phase: Phase, lang: Lang) -> &'static str {
    match phase {
        Phase::Registered => lang.pick("Registreret", "Registered"),
        Phase::UnderInvestigation => lang.pick("Under oplysning", "Under investigation"),
        Phase::InHearing => lang.pick("I partshøring", "In hearing"),
        Phase::Informed => lang.pick("Oplyst", "Informed"),
        Phase::DecisionProposed => lang.pick("Afgørelse foreslået", "Decision proposed"),
        Phase::Decided => lang.pick("Afgjort", "Decided"),
        Phase::Ordered => lang.pick("Bestilt", "Ordered"),
        Phase::Effectuated => lang.pick("Udført", "Carried out"),
        Phase::Withdrawn => lang.pick("Frafaldet", "Withdrawn"),
        Phase::ForwardedAway => lang.pick("Videresendt", "Forwarded"),
        Phase::Closed => lang.pick("Afsluttet", "Closed"),
    }
}

pub(crate) use around::{case_link, confidentiality, party_role};

/// How far a complaint over a decision has come.
pub(crate) const fn complaint_standing(standing: ComplaintStanding, lang: Lang) -> &'static str {
    match standing {
        ComplaintStanding::Complained => lang.pick("Påklaget", "Complained of"),
        ComplaintStanding::Reassessed => lang.pick("Genvurderet", "Reassessed"),
        ComplaintStanding::SentToAppeal => lang.pick("Sendt til klageinstansen", "Sent to appeal"),
    }
}

/// How a decision falls out.
pub(crate) const fn outcome(outcome: Outcome, lang: Lang) -> &'static str {
    match outcome {
        Outcome::Granted => lang.pick("Fuldt medhold", "Granted"),
        Outcome::PartlyGranted => lang.pick("Delvist medhold", "Partly granted"),
        Outcome::Refused => lang.pick("Afslag", "Refused"),
    }
}

/// How something came in.
pub(crate) const fn channel(channel: Channel, lang: Lang) -> &'static str {
    match channel {
        Channel::Web => lang.pick("Chat på nettet", "Web chat"),
        Channel::Telegram => "Telegram",
        Channel::Counter => lang.pick("Skranke", "Counter"),
        Channel::Phone => lang.pick("Telefon", "Phone"),
        Channel::Letter => lang.pick("Brev", "Letter"),
        Channel::Digital => lang.pick("Digital post", "Digital post"),
    }
}

/// Who called whom.
pub(crate) const fn direction(direction: Direction, lang: Lang) -> &'static str {
    match direction {
        Direction::Incoming => lang.pick("borgeren ringede", "the citizen called"),
        Direction::Outgoing => lang.pick("vi ringede", "we called"),
    }
}

/// A date as people write it.
pub(crate) fn date(date: Date, lang: Lang) -> String {
    date.strftime(lang.pick("%-d.%-m.%Y", "%-d %B %Y")).to_string()
}

/// An instant as people write it, in Copenhagen.
pub(crate) fn instant(instant: Timestamp, lang: Lang) -> String {
    local(instant).strftime(lang.pick("%-d.%-m.%Y kl. %H.%M", "%-d %B %Y %H:%M")).to_string()
}

/// Why a day that a rule gave is the day it is.
pub(crate) fn term(received: Date, days: u32, counting: Counting, rule_set: &str, lang: Lang) -> String {
    let from = date(received, lang);
    match (lang, counting) {
        (Lang::Da, Counting::CalendarDays) => format!(
            "{days} dage fra modtagelsen {from}; en frist, der ender på en weekend eller helligdag, rykker til næste \
             hverdag (regelsæt {rule_set})."
        ),
        (Lang::Da, Counting::WorkingDays) => {
            format!(
                "{days} hverdage fra modtagelsen {from}; weekender og helligdage tæller ikke (regelsæt {rule_set})."
            )
        }
        (Lang::En, Counting::CalendarDays) => format!(
            "{days} days from receipt on {from}; an end on a weekend or public holiday moves to the next working day \
             (rule set {rule_set})."
        ),
        (Lang::En, Counting::WorkingDays) => format!(
            "{days} working days from receipt on {from}; weekends and public holidays do not count (rule set {rule_set})."
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use skranke_domain::access_log::AccessEvent;
    use skranke_domain::access_request::AccessRequestEvent;
    use skranke_domain::authority::AuthorityEvent;
    use skranke_domain::case::CaseEvent;
    use skranke_domain::codec;
    use skranke_domain::complaint::ComplaintEvent;
    use skranke_domain::conversation::ConversationEvent;
    use skranke_domain::engagement::EngagementEvent;
    use skranke_domain::exemption::ExemptionEvent;
    use skranke_domain::inquiry::InquiryEvent;
    use skranke_domain::knowledge::KnowledgeEvent;
    use skranke_domain::privacy::PrivacyEvent;
    use skranke_domain::ruleset::RuleSetEvent;
    use skranke_domain::saved_view::SavedViewEvent;
    use skranke_domain::service::ServiceEvent;
    use skranke_domain::team::TeamEvent;
    use skranke_domain::user::UserEvent;
    use skranke_domain::webhook::WebhookEvent;

    /// A person is told of every event that is about them, whatever it was noted on.
    #[test]
    fn every_event_that_somebody_may_be_shown_has_a_title_in_both_languages() {
        let names = [
            codec::names::<AccessEvent>(),
            codec::names::<AccessRequestEvent>(),
            codec::names::<AuthorityEvent>(),
            codec::names::<CaseEvent>(),
            codec::names::<ComplaintEvent>(),
            codec::names::<ConversationEvent>(),
            codec::names::<EngagementEvent>(),
            codec::names::<ExemptionEvent>(),
            codec::names::<InquiryEvent>(),
            codec::names::<KnowledgeEvent>(),
            codec::names::<PrivacyEvent>(),
            codec::names::<RuleSetEvent>(),
            codec::names::<SavedViewEvent>(),
            codec::names::<ServiceEvent>(),
            codec::names::<TeamEvent>(),
            codec::names::<UserEvent>(),
            codec::names::<WebhookEvent>(),
        ];
        for name in names.concat() {
            for lang in [Lang::Da, Lang::En] {
                assert!(!event_title(name, lang).starts_with(name), "{name}");
            }
        }
    }

    #[test]
    fn an_unknown_event_is_called_by_its_stored_name_with_a_note() {
        assert_eq!(
            event_title("CaseFramed", Lang::Da),
            "CaseFramed (skrevet af en nyere version af Skranke)"
        );
    }

    #[test]
    fn fields_of_drafts_are_labelled_by_what_they_are_of() {
        assert_eq!(field_label("draftOutcome", Lang::Da), "Udkast: resultat");
        assert_eq!(field_label("earlierDecisionText", Lang::En), "Earlier decision: text");
        assert_eq!(field_label("newField", Lang::Da), "newField");
    }
}
