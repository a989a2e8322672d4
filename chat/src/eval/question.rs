//! Files of questions with their right answers: JSON Lines, one message or one dialogue per line.
//!
//! ```text
//! {"id":"a1","lang":"da","text":"…","kind":"answer","topic":"flytning","accept":[],"municipality":null}
//! {"id":"d1","lang":"da","turns":["…","…"],"expect":{"topic":"flytning","municipality":"Køge","authority":"borgerservice","accept_authority":[]}}
//! ```

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use skranke_domain::conversation::TopicSlug;

/// What kind of message it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A general question that an article answers.
    Answer,
    /// Somebody who cannot do it digitally wants to know where to go.
    Route,
    /// About one's own case, which the chat cannot see.
    ConcreteCase,
    /// Wants a person.
    Human,
    /// Hello, thanks, goodbye.
    Greeting,
    /// No article answers it.
    OutOfScope,
    /// Acute danger.
    Emergency,
    /// Holds a CPR number.
    Cpr,
}

/// One message and what is wanted of it.
#[derive(Clone, Debug, Deserialize)]
pub struct Message {
    /// Its name in the file, which no other line has.
    pub id: String,
    /// The language it is written in, as a BCP 47 tag.
    pub lang: String,
    /// What the citizen writes.
    pub text: String,
    /// What kind it is.
    pub kind: Kind,
    /// The right topic.
    #[serde(default)]
    pub topic: Option<TopicSlug>,
    /// Others that are right too.
    #[serde(default)]
    pub accept: Vec<TopicSlug>,
    /// The municipality it names: a name, slug or code.
    #[serde(default)]
    pub municipality: Option<String>,
}

/// One dialogue and where it should end.
#[derive(Clone, Debug, Deserialize)]
pub struct Talk {
    /// Its name in the file, which no other line has.
    pub id: String,
    /// The language of its first message, as a BCP 47 tag.
    pub lang: String,
    /// What the citizen writes, turn by turn, whatever the counter says.
    pub turns: Vec<String>,
    /// The last card.
    pub expect: Expected,
}

/// The card that a dialogue should end with.
#[derive(Clone, Debug, Deserialize)]
pub struct Expected {
    /// The matter.
    pub topic: TopicSlug,
    /// The municipality: a name, slug or code. Without one, any will do.
    #[serde(default)]
    pub municipality: Option<String>,
    /// Where to go first. Without one, any will do.
    #[serde(default)]
    pub authority: Option<String>,
    /// Other places that are right too.
    #[serde(default)]
    pub accept_authority: Vec<String>,
}

/// A line of a file.
#[derive(Clone, Debug)]
pub enum Item {
    /// One message.
    Message(Message),
    /// A dialogue.
    Talk(Talk),
}

impl Item {
    /// Its name.
    pub fn id(&self) -> &str {
        match self {
            Self::Message(message) => &message.id,
            Self::Talk(talk) => &talk.id,
        }
    }

    /// Its language.
    pub fn lang(&self) -> &str {
        match self {
            Self::Message(message) => &message.lang,
            Self::Talk(talk) => &talk.lang,
        }
    }

    /// What the citizen writes.
    pub fn texts(&self) -> &[String] {
        match self {
            Self::Message(message) => std::slice::from_ref(&message.text),
            Self::Talk(talk) => &talk.turns,
        }
    }
}

/// One half of a list of questions. Which one a line belongs to is in its id, so that it never changes side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// Ids that end with an odd digit: their errors are read to find what kinds of errors there are.
    LookedAt,
    /// All others: nobody who works on the chat reads these messages, only what they come to in total.
    Unseen,
}

impl Half {
    /// The half that a line belongs to.
    pub fn of(id: &str) -> Self {
        if id.ends_with(['1', '3', '5', '7', '9']) { Self::LookedAt } else { Self::Unseen }
    }
}

/// Why a file of questions cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum QuestionError {
    /// It cannot be read.
    #[error("{} cannot be read", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// A line is neither a message nor a dialogue.
    #[error("{}, line {line}: neither a message nor a dialogue", file.display())]
    Line {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        #[source]
        cause: serde_json::Error,
    },
    /// Two lines have one id, so that nobody could tell their predictions apart.
    #[error("{}, line {line}: the id {id} is taken by an earlier line; give every line its own", file.display())]
    Twice {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The id.
        id: String,
    },
}

/// Reads files of questions, in the order given. Empty lines are skipped, unknown fields too.
pub fn read(files: &[impl AsRef<Path>]) -> Result<Vec<Item>, QuestionError> {
    let mut items = Vec::new();
    let mut taken = HashSet::new();
    for file in files {
        let file = file.as_ref();
        let text =
            fs::read_to_string(file).map_err(|cause| QuestionError::File { file: file.to_owned(), cause })?;
        for (number, row) in text.trim_start_matches('\u{FEFF}').lines().enumerate() {
            if row.trim().is_empty() {
                continue;
            }
            let line = number + 1;
            let item =
                parse(row).map_err(|cause| QuestionError::Line { file: file.to_owned(), line, cause })?;
            if !taken.insert(item.id().to_owned()) {
                let id = item.id().to_owned();
                return Err(QuestionError::Twice { file: file.to_owned(), line, id });
            }
            items.push(item);
        }
    }
    Ok(items)
}

fn parse(row: &str) -> Result<Item, serde_json::Error> {
    let value: serde_json::Value = serde_json::from_str(row)?;
    if value.get("turns").is_some() {
        Talk::deserialize(value).map(Item::Talk)
    } else {
        Message::deserialize(value).map(Item::Message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Vec<Item>, QuestionError> {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("questions.jsonl");
        fs::write(&file, text).unwrap();
        read(&[file])
    }

    const MESSAGE: &str = r#"{"id":"a","lang":"da","text":"hej","kind":"greeting","new":1}"#;

    #[test]
    fn messages_and_dialogues_may_stand_in_one_file() {
        let talk = r#"{"id":"b","lang":"en","turns":["x","y"],"expect":{"topic":"pas"}}"#;
        let items = of(&format!("\u{FEFF}{MESSAGE}\n\n{talk}\n")).unwrap();
        assert_eq!(items.iter().map(|item| item.texts().len()).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn a_bad_line_is_named_with_its_file_and_number() {
        let fault = of(&format!("{MESSAGE}\n{{\"id\":\"b\",\"kind\":\"wish\"}}")).unwrap_err();
        assert!(fault.to_string().ends_with("questions.jsonl, line 2: neither a message nor a dialogue"));
        assert!(matches!(of(&format!("{MESSAGE}\n{MESSAGE}")), Err(QuestionError::Twice { line: 2, .. })));
        let nowhere = read(&["/nowhere/at/all.jsonl"]);
        assert!(matches!(nowhere, Err(QuestionError::File { .. })));
    }
}
