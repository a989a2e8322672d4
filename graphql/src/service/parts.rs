//! What a self-service solution has: action pages, answers to requirements, addresses.

use async_graphql::{Result, SimpleObject};
use skranke_domain::service::{self, LinkState};
use skranke_domain::{Lang, StreamId};
use skranke_projections::{Answered, CheckedLink, PageVersion};

use crate::office::Office;
use crate::personal::Personal;
use crate::scalars::{Date, DateTime, mirrored};
use crate::staff::Actor;

mirrored! {
    /// Whether a solution meets a requirement.
    Compliance = service::Compliance { Met, NotMet, NotRelevant }
}

/// A version of an action page (handlingsside): the page from which citizens step into the solution.
#[derive(SimpleObject, Clone, Debug)]
pub struct ActionPage {
    /// Which version, from 1.
    pub version: u32,
    /// The title.
    pub title: String,
    /// One or two lines on what it does, and when to use another form.
    pub intro: String,
    /// A technical notice; may be empty.
    pub notice: String,
    /// How to do it, step by step, beginning with the log-in.
    pub steps: Vec<String>,
    /// What to have ready.
    pub have_ready: Vec<String>,
    /// Whether a draft can be saved, and for how long; may be empty.
    pub draft_note: String,
    /// How to look it over and send it in.
    pub submit: String,
    /// How to print or save a copy; may be empty.
    pub copy: String,
    /// The phone number of whom to ask.
    pub contact_phone: String,
    /// Their e-mail address.
    pub contact_email: String,
    /// Their postal address.
    pub contact_address: String,
    /// Who wrote it.
    pub written_by: Actor,
    /// When.
    pub written_at: DateTime,
    /// When the portal began to show it.
    pub published_at: Option<DateTime>,
}

impl ActionPage {
    pub(super) fn of(version: &PageVersion) -> Self {
        let page = version.page.clone();
        Self {
            version: version.version,
            title: page.title,
            intro: page.intro,
            notice: page.notice,
            steps: page.steps,
            have_ready: page.have_ready,
            draft_note: page.draft_note,
            submit: page.submit,
            copy: page.copy,
            contact_phone: page.contact.phone,
            contact_email: page.contact.email,
            contact_address: page.contact.address,
            written_by: Actor(version.by),
            written_at: DateTime(version.at),
            published_at: version.published_at.map(DateTime),
        }
    }
}

/// A line of the checklist.
#[derive(SimpleObject, Clone, Debug)]
pub struct RequirementAnswer {
    /// The requirement's short name.
    pub requirement: String,
    /// What is required, in the language of the request.
    pub text: String,
    /// Whether it is met; absent as long as nobody has said.
    pub compliance: Option<Compliance>,
    /// How, or why not.
    pub note: Option<Personal>,
    /// Who said so.
    pub by: Option<Actor>,
    /// When.
    pub at: Option<DateTime>,
}

/// Every requirement of the list with what was said of it, then what was said of those that are on it no more.
pub(super) fn checklist(
    office: &Office,
    lang: Lang,
    stream: &StreamId,
    said: &[Answered],
) -> Result<Vec<RequirementAnswer>> {
    let listed = office.registers.requirements.iter();
    let listed = listed.map(|one| (one.slug.as_str(), lang.pick(&one.text_da, &one.text_en).to_owned()));
    let gone =
        |word: &&Answered| !office.registers.requirements.iter().any(|one| one.slug == word.requirement);
    let gone = said.iter().filter(gone).map(|word| (word.requirement.as_str(), word.requirement.clone()));
    let line = |(slug, text): (&str, String)| {
        let word = said.iter().find(|word| word.requirement == slug);
        let note = word.and_then(|word| word.note.as_ref());
        Ok(RequirementAnswer {
            requirement: slug.to_owned(),
            text,
            compliance: word.map(|word| word.compliance.into()),
            note: office.personal_if_any(stream, note)?,
            by: word.map(|word| Actor(word.by)),
            at: word.map(|word| DateTime(word.at)),
        })
    };
    listed.chain(gone).map(line).collect()
}

/// How an address answered.
#[derive(async_graphql::Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkCheck {
    /// It was never checked.
    Unchecked,
    /// It answers.
    Works,
    /// It has moved for good.
    Moved,
    /// The server answers, and says that there is nothing.
    Broken,
    /// No useful answer came: the server may be down for a while.
    Unreachable,
}

/// An address of a solution.
#[derive(SimpleObject, Clone, Debug)]
pub struct Link {
    /// The address.
    pub url: String,
    /// How it answered.
    pub state: LinkCheck,
    /// Where to, if it has moved.
    pub moved_to: Option<String>,
    /// The HTTP status, if it is broken.
    pub status: Option<u16>,
    /// The day of the check that found it so. Later checks that found the same are not noted.
    pub checked_on: Option<Date>,
}

impl Link {
    pub(super) fn of(address: &str, checked: Option<&CheckedLink>) -> Self {
        let (state, moved_to, status) = match checked.map(|checked| &checked.state) {
            None => (LinkCheck::Unchecked, None, None),
            Some(LinkState::Works) => (LinkCheck::Works, None, None),
            Some(LinkState::Moved { to }) => (LinkCheck::Moved, Some(to.clone()), None),
            Some(LinkState::Broken { status }) => (LinkCheck::Broken, None, Some(*status)),
            Some(LinkState::Unreachable) => (LinkCheck::Unreachable, None, None),
        };
        Self {
            url: address.to_owned(),
            state,
            moved_to,
            status,
            checked_on: checked.map(|link| Date(link.on)),
        }
    }
}
