//! A reply as the channels show it: plain parts, no markup, so that no channel can be made to run anything.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Lang;
use crate::id::Tenant;

use super::Slot;
use super::heard::TopicSlug;

/// How a reply is meant, so that a channel can give it the right look and urgency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tone {
    /// Plain.
    #[default]
    Plain,
    /// A question back.
    Question,
    /// Acute danger.
    Urgent,
}

/// A reply.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// Its language.
    pub lang: Lang,
    /// How it is meant.
    #[serde(default)]
    pub tone: Tone,
    /// A notice that comes first, for example that a CPR number was removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
    /// Short paragraphs; one that starts with `- ` is a list item.
    pub paragraphs: Vec<String>,
    /// Who decides, where to go first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<Card>,
    /// The detail that it asks for, so that a channel can show what there is to choose among.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asks: Option<Slot>,
    /// What to do now, one sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_step: Option<String>,
    /// Where the answer comes from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// When the answer was last reviewed (`2026-11-22`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewed: Option<String>,
    /// What can be pressed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Button>,
    /// Ways on: the call-back and inquiry forms.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<LinkTo>,
}

/// A source with its address, if it has one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// Its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A button: what it says and the [`super::Choice`] it stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// The label.
    pub label: String,
    /// The text form of the choice.
    pub choice: String,
}

/// A way on within the counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkTo {
    /// The form that asks to be called back.
    CallBack,
    /// The form for a written inquiry.
    WrittenInquiry,
}

/// Whether a desk is open, for the channel to show beside its hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Open {
    /// Open at the moment of the reply.
    Yes,
    /// Closed.
    No,
    /// Nobody has said (a public holiday).
    Unsure,
}

/// One labelled line of a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardLine {
    /// The label, for example "Telefon".
    pub label: String,
    /// The text.
    pub text: String,
}

/// The card: who decides, where to go first, and how to get there. One printed page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Its heading.
    pub title: String,
    /// The matter.
    pub topic: TopicSlug,
    /// The municipality; `None` when the citizen named none and the card holds for all.
    #[serde(default)]
    pub municipality: Option<Tenant>,
    /// The slug of the authority that decides.
    pub authority: String,
    /// The slug of the place to go first.
    pub front_desk: String,
    /// Who decides, where to go first, phone, hours, what to bring, other ways: in that order.
    pub lines: Vec<CardLine>,
    /// Whether the first place to go is open at `as_of`; `None` when its hours are not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<Open>,
    /// "Åbent nu, lukker kl. 16" in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_text: Option<String>,
    /// The phone number as dialled, digits only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dial: Option<String>,
    /// The direct link with the municipality chosen (`kommunekode=`).
    pub link: String,
    /// The instant that "open now" speaks of.
    pub as_of: Timestamp,
}

impl Reply {
    /// The whole reply as plain text, as a channel without structure (and a transcript) shows it.
    pub fn plain(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        parts.extend(self.notice.clone());
        parts.extend(self.paragraphs.iter().cloned());
        if let Some(card) = &self.card {
            parts.push(card.title.clone());
            parts.extend(card.lines.iter().map(|line| format!("{}: {}", line.label, line.text)));
            parts.extend(card.open_text.clone());
            parts.push(card.link.clone());
        }
        parts.extend(self.next_step.clone());
        parts.join("\n")
    }
}
