//! The action page (handlingsside): the page of borger.dk from which the citizen steps into the solution. Its parts
//! are those that have been seen on real ones; the authority writes them from what it knows of its users.

use serde::{Deserialize, Serialize};

use super::refusal::ServiceRefusal;
use super::text;

/// The text of an action page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionPage {
    /// The title.
    pub title: String,
    /// One or two lines on what it does, and when to use another form.
    pub intro: String,
    /// A technical notice; may be empty.
    #[serde(default)]
    pub notice: String,
    /// How to do it, step by step, beginning with the log-in.
    pub steps: Vec<String>,
    /// What to have ready.
    #[serde(default)]
    pub have_ready: Vec<String>,
    /// Whether a draft can be saved, and for how long; may be empty.
    #[serde(default)]
    pub draft_note: String,
    /// How to look it over and send it in.
    #[serde(default)]
    pub submit: String,
    /// How to print or save a copy; may be empty.
    #[serde(default)]
    pub copy: String,
    /// Whom to ask.
    pub contact: ContactBlock,
}

/// Whom to ask about a solution.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactBlock {
    /// The number; may be empty.
    #[serde(default)]
    pub phone: String,
    /// The e-mail address; may be empty.
    #[serde(default)]
    pub email: String,
    /// The postal address; may be empty.
    #[serde(default)]
    pub address: String,
}

impl ActionPage {
    /// The page without blanks around its texts, if everything that it needs is there.
    pub(super) fn checked(self) -> Result<Self, ServiceRefusal> {
        let needed = |value: &str, path| text(value).ok_or(ServiceRefusal::NoText { path });
        let lines = |lines: Vec<String>| lines.iter().filter_map(|line| text(line)).collect::<Vec<_>>();
        let trimmed = |value: &str| value.trim().to_owned();
        let contact = ContactBlock {
            phone: trimmed(&self.contact.phone),
            email: trimmed(&self.contact.email),
            address: trimmed(&self.contact.address),
        };
        let page = Self {
            title: needed(&self.title, "title")?,
            intro: needed(&self.intro, "intro")?,
            notice: trimmed(&self.notice),
            steps: lines(self.steps),
            have_ready: lines(self.have_ready),
            draft_note: trimmed(&self.draft_note),
            submit: needed(&self.submit, "submit")?,
            copy: trimmed(&self.copy),
            contact,
        };
        if page.steps.is_empty() {
            return Err(ServiceRefusal::NoText { path: "steps" });
        }
        if page.contact == ContactBlock::default() {
            return Err(ServiceRefusal::NoText { path: "contact" });
        }
        Ok(page)
    }
}
