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
