//! The mail that submits a solution to borger.dk: the five things the portal asks for, as a message (RFC 5322) that a
//! mail program opens as a draft. It is sent by a person, from the authority's own mailbox.

use async_graphql::{Result, SimpleObject};
use jiff::Timestamp;
use mail_builder::MessageBuilder;
use mail_builder::headers::raw::Raw;
use skranke_domain::service::{Kind, Supplier};
use skranke_projections::ServiceSheet;

use crate::caller::{coded, fault};

/// Where the portal takes submissions.
const PORTAL: &str = "admin@borger.dk";

/// A mail to the portal, ready to be sent.
#[derive(SimpleObject, Clone, Debug)]
pub struct PortalMail {
    /// To whom.
    pub to: String,
    /// What it is about.
    pub subject: String,
    /// What it says.
    pub text: String,
    /// A name for the file.
    pub file_name: String,
    /// The whole message, as a file that mail programs open.
    pub eml: String,
}

/// Puts a solution's submission into a mail.
pub(super) fn to_the_portal(
    sheet: &ServiceSheet,
    supplier: &Supplier,
    municipality: &str,
    from: &str,
    now: Timestamp,
) -> Result<PortalMail> {
    let from = from.trim();
    if !skranke_domain::inquiry::looks_like_email(from) {
        return Err(coded(
            "from is the address that the mail is sent from, for example borgerservice@example.dk",
            "NOT_AN_EMAIL",
        ));
    }
    let kind = match sheet.kind {
        Kind::New => "Ny selvbetjening",
        Kind::Existing => "Eksisterende selvbetjening",
    };
    // A line break in a title would be a second header.
    let title = sheet.title.split_whitespace().collect::<Vec<_>>().join(" ");
    let subject = format!("{kind}: {title}");
    let text = format!(
        "{kind}\n\nTitel: {title}\nURL: {}\n\nKort beskrivelse:\n{}\n\nLøsningsleverandør: {}\nLeverandørens e-mail: {}\n\n\
         Venlig hilsen\n{municipality} Kommune\n",
        sheet.url, sheet.description, supplier.name, supplier.email,
    );
    let host = from.split_once('@').map_or("", |(_, host)| host);
    let eml = MessageBuilder::new()
        .from(from)
        .to(PORTAL)
        .subject(subject.as_str())
        .date(now.as_second())
        .message_id(format!("{}.{}@{host}", sheet.id, sheet.revision))
        // Mail programs that know this header open the message for editing.
        .header("X-Unsent", Raw::new("1"))
        .text_body(text.as_str())
        .write_to_string()
        .map_err(|error| fault(&error))?;
    let file_name = format!("borger-dk-{}.eml", sheet.id);
    Ok(PortalMail { to: PORTAL.to_owned(), subject, text, file_name, eml })
}

#[cfg(test)]
mod tests {
    use super::*;
    use skranke_domain::service::Stage;
    use skranke_domain::{Actor, Sealed, ServiceId, SubjectId};
    use skranke_store::Position;
    use uuid::Uuid;

    fn sheet(title: &str) -> ServiceSheet {
        let subject = SubjectId::new(Uuid::from_u128(2));
        ServiceSheet {
            id: ServiceId::new(Uuid::from_u128(1)),
            revision: 3,
            came_in: Position(1),
            position: Position(1),
            stage: Stage::Submitted,
            subject,
            kind: Kind::New,
            title: title.into(),
            url: "https://eksempel.dk/byg?a=1&b=2".into(),
            description: "Søg om tilladelse til at bygge.".into(),
            supplier: Sealed::new(subject, supplier()),
            submitted_at: Timestamp::UNIX_EPOCH,
            submitted_by: Actor::System,
            reason: None,
            pages: Vec::new(),
            page_url: None,
            requirements: Vec::new(),
            links: Vec::new(),
        }
    }

    fn supplier() -> Supplier {
        Supplier { name: "Åse Eksempel".into(), email: "kontakt@eksempel.dk".into() }
    }

    fn mail(title: &str, from: &str) -> Result<PortalMail> {
        let now = "2026-11-23T09:00:00Z".parse().unwrap();
        to_the_portal(&sheet(title), &supplier(), "Furesø", from, now)
    }

    #[test]
    fn the_five_things_are_in_it() {
        let mail = mail("Søg byggetilladelse", "borgerservice@furesoe.eksempel.dk").unwrap();
        for thing in [
            "Ny selvbetjening",
            "Søg byggetilladelse",
            "https://eksempel.dk/byg?a=1&b=2",
            "Søg om tilladelse til at bygge.",
            "Åse Eksempel",
            "kontakt@eksempel.dk",
        ] {
            assert!(mail.text.contains(thing), "{thing}: {}", mail.text);
        }
        let (head, body) = mail.eml.split_once("\r\n\r\n").unwrap();
        for header in [
            "From: <borgerservice@furesoe.eksempel.dk>",
            "To: <admin@borger.dk>",
            "Date: Mon, 23 Nov 2026 09:00:00 +0000",
            "X-Unsent: 1",
            "MIME-Version: 1.0",
            "utf-8",
        ] {
            assert!(head.contains(header), "{header}: {head}");
        }
        assert!(mail.eml.is_ascii() && body.contains("kontakt@eksempel.dk"), "{body}");
    }

    #[test]
    fn nothing_that_was_typed_becomes_a_header() {
        let mail = mail("Byg\r\nBcc: alle@eksempel.dk", "borgerservice@eksempel.dk").unwrap();
        assert!(!mail.eml.contains("\nBcc:"), "{}", mail.eml);
        assert!(super::tests::mail("Byg", "a@b.dk\r\nBcc: x@y.dk").is_err());
    }
}
