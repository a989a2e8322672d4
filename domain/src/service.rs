//! A self-service solution (selvbetjeningsløsning) that an authority connects to borger.dk: the submission with its
//! five facts, the portal's answer, the action page (handlingsside) from which citizens step into it, the joint
//! requirements, and whether its address still answers.
//!
//! Title, description and action page are written to be published and stand open in the log. Who supplies the
//! solution, and what staff write about it, is sealed under a subject of the solution's own.

mod command;
mod event;
mod page;
mod refusal;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use serde::{Deserialize, Serialize};

pub use command::{ServiceCommand, Submission};
pub use event::{
    ActionPageDrafted, ActionPagePublished, Compliance, Kind, LinkChecked, LinkState, RequirementAnswered,
    ServiceAccepted, ServiceEvent, ServiceReturned, ServiceSubmitted, ServiceWithdrawn, Supplier,
};
pub use page::{ActionPage, ContactBlock};
pub use refusal::ServiceRefusal;

use crate::id::{ServiceId, StreamId, SubjectId, Tenant};
use crate::inquiry::looks_like_email;
use crate::sealed::Sealed;

/// The longest title, in characters.
pub const TITLE_LIMIT: usize = 120;
/// The longest description, in characters: the portal asks for a short one.
pub const DESCRIPTION_LIMIT: usize = 1_000;

/// A joint requirement of the usability guide (Udviklingsvejledningen) or the portal. The list is data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// Its short name.
    pub slug: String,
    /// What is required, in Danish.
    pub text_da: String,
    /// What is required, in English.
    pub text_en: String,
    /// Keys of the sources that say so.
    pub sources: Vec<String>,
}

/// How far a solution has come on its way to the portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Waits for the portal's answer.
    Submitted,
    /// The portal takes it.
    Accepted,
    /// The portal wants something changed first.
    Returned,
    /// Not offered any more.
    Withdrawn,
}

/// A self-service solution.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Service {
    /// Nothing was submitted under this id.
    #[default]
    Unknown,
    /// Somebody submitted it.
    Known(File),
}

/// What is decided on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// How far it has come.
    pub stage: Stage,
    /// Whom its sealed fields are about.
    pub subject: SubjectId,
    /// Its own address.
    pub url: String,
    /// The number of action pages drafted so far; the newest has this version.
    pub drafted: u32,
    /// The version of the action page that is on the portal.
    pub published: Option<u32>,
    /// Where the action page is on the portal.
    pub page_url: Option<String>,
    /// How its addresses answered when that last changed.
    pub links: BTreeMap<String, LinkState>,
}

impl File {
    /// The addresses worth checking: its own, and that of its action page.
    pub fn addresses(&self) -> impl Iterator<Item = &str> {
        let on_offer = self.stage != Stage::Withdrawn;
        std::iter::once(&self.url).chain(&self.page_url).filter(move |_| on_offer).map(String::as_str)
    }
}

impl Service {
    /// The stream of a solution.
    pub fn stream(tenant: Tenant, id: ServiceId) -> StreamId {
        StreamId::new(Self::TYPE, tenant, id)
    }

    /// Tells what follows from `command`, or why nothing does.
    pub fn decide(&self, command: ServiceCommand) -> Result<Vec<ServiceEvent>, ServiceRefusal> {
        use ServiceCommand::{
            Accept, AnswerRequirement, CheckLink, DraftActionPage, PublishActionPage, Return, Submit,
            Withdraw,
        };
        let Self::Known(file) = self else {
            return match command {
                Submit(wish) => submitted(&wish, wish.subject),
                Accept {}
                | Return { .. }
                | DraftActionPage(_)
                | PublishActionPage { .. }
                | AnswerRequirement { .. }
                | CheckLink { .. }
                | Withdraw { .. } => Err(ServiceRefusal::NotFound),
            };
        };
        let sealed = |text: String| Sealed::new(file.subject, text);
        match (file.stage, command) {
            // A check may have begun before the solution was withdrawn.
            (Stage::Withdrawn, Withdraw { .. } | CheckLink { .. }) | (Stage::Accepted, Accept {}) => {
                Ok(Vec::new())
            }
            (
                Stage::Withdrawn,
                Submit(_)
                | Accept {}
                | Return { .. }
                | DraftActionPage(_)
                | PublishActionPage { .. }
                | AnswerRequirement { .. },
            ) => Err(ServiceRefusal::Withdrawn),
            (Stage::Submitted, Submit(_)) => Err(ServiceRefusal::AwaitsAnswer),
            (Stage::Accepted, Submit(wish)) if wish.kind == Kind::New => Err(ServiceRefusal::NotNew),
            (Stage::Accepted | Stage::Returned, Submit(wish)) => submitted(&wish, file.subject),
            (Stage::Submitted, Accept {}) => Ok(vec![ServiceEvent::ServiceAccepted(ServiceAccepted {})]),
            (Stage::Submitted, Return { reason }) => {
                let reason = sealed(text(&reason).ok_or(ServiceRefusal::NoReason)?);
                Ok(vec![ServiceEvent::ServiceReturned(ServiceReturned { reason })])
            }
            (Stage::Returned, Accept {}) | (Stage::Accepted | Stage::Returned, Return { .. }) => {
                Err(ServiceRefusal::NotSubmitted)
            }
            (Stage::Submitted | Stage::Accepted | Stage::Returned, DraftActionPage(page)) => {
                let page = page.checked()?;
                let version = file.drafted.saturating_add(1);
                Ok(vec![ServiceEvent::ActionPageDrafted(ActionPageDrafted { version, page })])
            }
            (Stage::Submitted | Stage::Returned, PublishActionPage { .. }) => {
                Err(ServiceRefusal::NotAccepted)
            }
            (Stage::Accepted, PublishActionPage { version, url }) => file.publish(version, url.as_deref()),
            (
                Stage::Submitted | Stage::Accepted | Stage::Returned,
                AnswerRequirement { requirement, compliance, note },
            ) => Ok(vec![ServiceEvent::RequirementAnswered(RequirementAnswered {
                requirement: requirement.ok_or(ServiceRefusal::UnknownRequirement)?,
                compliance,
                note: text(&note).map(sealed),
            })]),
            (Stage::Submitted | Stage::Accepted | Stage::Returned, CheckLink { address, state, on }) => {
                if !file.addresses().any(|known| known == address) {
                    return Err(ServiceRefusal::NotItsAddress);
                }
                if file.links.get(&address) == Some(&state) {
                    return Ok(Vec::new());
                }
                Ok(vec![ServiceEvent::LinkChecked(LinkChecked { address, state, on })])
            }
            (Stage::Submitted | Stage::Accepted | Stage::Returned, Withdraw { reason }) => {
                let reason = sealed(text(&reason).ok_or(ServiceRefusal::NoReason)?);
                Ok(vec![ServiceEvent::ServiceWithdrawn(ServiceWithdrawn { reason })])
            }
        }
    }
}

impl File {
    fn publish(&self, version: u32, url: Option<&str>) -> Result<Vec<ServiceEvent>, ServiceRefusal> {
        if self.drafted == 0 {
            return Err(ServiceRefusal::NoDraft);
        }
        if version != self.drafted {
            return Err(ServiceRefusal::NotTheNewestDraft);
        }
        let url = match url.and_then(text) {
            Some(url) => Some(absolute(&url).ok_or(ServiceRefusal::NotAnAddress { path: "url" })?),
            None => self.page_url.clone(),
        };
        if self.published == Some(version) && self.page_url == url {
            return Ok(Vec::new());
        }
        Ok(vec![ServiceEvent::ActionPagePublished(ActionPagePublished { version, url })])
    }
}

fn submitted(wish: &Submission, subject: SubjectId) -> Result<Vec<ServiceEvent>, ServiceRefusal> {
    let needed = |value: &str, path| text(value).ok_or(ServiceRefusal::NoText { path });
    let title = needed(&wish.title, "title")?;
    let url = absolute(&needed(&wish.url, "url")?).ok_or(ServiceRefusal::NotAnAddress { path: "url" })?;
    let description = needed(&wish.description, "description")?;
    for (text, limit, path) in
        [(&title, TITLE_LIMIT, "title"), (&description, DESCRIPTION_LIMIT, "description")]
    {
        if text.chars().count() > limit {
            return Err(ServiceRefusal::TooLong { path, limit });
        }
    }
    let supplier = Supplier {
        name: needed(&wish.supplier.name, "supplierName")?,
        email: needed(&wish.supplier.email, "supplierEmail")?,
    };
    if !looks_like_email(&supplier.email) {
        return Err(ServiceRefusal::NotAnEmail);
    }
    Ok(vec![ServiceEvent::ServiceSubmitted(ServiceSubmitted {
        kind: wish.kind,
        title,
        url,
        description,
        subject,
        supplier: Sealed::new(subject, supplier),
    })])
}

/// The text without blanks around it, if there is one.
fn text(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The address as it was written, if it is an absolute one on the web, without a user's name or password in it.
fn absolute(address: &str) -> Option<String> {
    let url = url::Url::parse(address).ok()?;
    let plain = matches!(url.scheme(), "https" | "http")
        && url.host().is_some()
        && url.username().is_empty()
        && url.password().is_none()
        && !address.contains(|c: char| c.is_whitespace() || c.is_control());
    plain.then(|| address.to_owned())
}

impl Aggregate for Service {
    const TYPE: &'static str = "service";
    type Command = ServiceCommand;
    type Event = ServiceEvent;
    type Error = ServiceRefusal;
    type Services = ();

    async fn handle(
        &mut self,
        command: ServiceCommand,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), ServiceRefusal> {
        for event in self.decide(command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: ServiceEvent) {
        match (&mut *self, event) {
            (Self::Unknown, ServiceEvent::ServiceSubmitted(submitted)) => {
                *self = Self::Known(File {
                    stage: Stage::Submitted,
                    subject: submitted.subject,
                    url: submitted.url,
                    drafted: 0,
                    published: None,
                    page_url: None,
                    links: BTreeMap::new(),
                });
            }
            (Self::Known(file), event) => file.apply(event),
            (
                Self::Unknown,
                ServiceEvent::ServiceAccepted(_)
                | ServiceEvent::ServiceReturned(_)
                | ServiceEvent::ActionPageDrafted(_)
                | ServiceEvent::ActionPagePublished(_)
                | ServiceEvent::RequirementAnswered(_)
                | ServiceEvent::LinkChecked(_)
                | ServiceEvent::ServiceWithdrawn(_),
            ) => {}
        }
    }
}

impl File {
    fn apply(&mut self, event: ServiceEvent) {
        match event {
            ServiceEvent::ServiceSubmitted(submitted) => {
                (self.stage, self.url) = (Stage::Submitted, submitted.url);
            }
            ServiceEvent::ServiceAccepted(_) => self.stage = Stage::Accepted,
            ServiceEvent::ServiceReturned(_) => self.stage = Stage::Returned,
            ServiceEvent::ServiceWithdrawn(_) => self.stage = Stage::Withdrawn,
            ServiceEvent::ActionPageDrafted(drafted) => self.drafted = drafted.version,
            ServiceEvent::ActionPagePublished(published) => {
                (self.published, self.page_url) = (Some(published.version), published.url);
            }
            ServiceEvent::LinkChecked(checked) => {
                self.links.insert(checked.address, checked.state);
            }
            ServiceEvent::RequirementAnswered(_) => {}
        }
    }
}
