//! What every "no" can tell: a code for programs, a sentence for people, the statute, and the field it is about.

use crate::Lang;

/// Why a command was not carried out. One enum per aggregate implements it.
pub trait Refusal: std::error::Error + Send + Sync + 'static {
    /// A stable code in capitals, for example `FACTS_INCOMPLETE`. Programs switch on it.
    fn code(&self) -> &'static str;

    /// The sentence that the person at the screen reads: what is wrong, and what to do.
    fn message(&self, lang: Lang) -> String;

    /// The legal basis as Danish lawyers cite it, where there is one (`FVL § 22`).
    fn statute(&self) -> Option<String> {
        None
    }

    /// The input field that is at fault, as the API names it; empty when it is the act as a whole.
    fn path(&self) -> &'static str {
        ""
    }
}

/// What was to be written is about somebody whose data was erased: their key is destroyed, so no personal field about
/// them can be sealed any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the data of this person was erased, so nothing more can be written about them")]
pub struct Erased;

impl Refusal for Erased {
    fn code(&self) -> &'static str {
        "PERSON_ERASED"
    }

    fn message(&self, lang: Lang) -> String {
        match lang {
            Lang::Da => {
                "Personens oplysninger er slettet, så der kan ikke skrives mere om vedkommende her. \
                         Opret en ny henvendelse eller sag, hvis personen henvender sig igen."
            }
            Lang::En => {
                "The data of this person was erased, so nothing more can be written about them here. \
                         Make a new inquiry or case if they come back."
            }
        }
        .to_owned()
    }

    fn statute(&self) -> Option<String> {
        Some("GDPR art. 17".to_owned())
    }
}
