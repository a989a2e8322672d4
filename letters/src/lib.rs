//! Letters: a template filled in ([`fill`]) and set as pages ([`page`]).
//!
//! Invariants:
//! - The same letter under the same templates is the same bytes, on any machine and at any time: nothing here asks the
//!   clock, and the font is built in. What was approved can therefore be compared with what is sent.
//! - The PDF is PDF/A-2a and PDF/UA-1: tagged, in reading order, with its language and title, its font inside. A letter
//!   that would break this is not printed ([`NotPrinted`]).
//! - What people wrote is text. It is never read as markup, and no character of it is dropped or replaced in silence.

mod fill;
mod font;
mod page;

use skranke_content::letters::{LetterTemplates, Part};
use skranke_domain::letter::{Letter, NotPrinted};

use self::font::Fonts;

/// Prints letters. Cheap to ask for, costly to make: keep one.
pub struct Press {
    templates: LetterTemplates,
    fonts: Fonts,
}

impl Press {
    /// A press with these templates.
    pub fn new(templates: LetterTemplates) -> Result<Self, NotPrinted> {
        Ok(Self { templates, fonts: Fonts::builtin()? })
    }

    /// The letter as PDF. Takes some milliseconds.
    pub fn print(&self, letter: &Letter) -> Result<Vec<u8>, NotPrinted> {
        self.print_from(self.templates.get(letter.kind, letter.lang), letter)
    }

    /// The letter as PDF, from another template than the press has.
    pub fn print_from(&self, template: &[Part], letter: &Letter) -> Result<Vec<u8>, NotPrinted> {
        page::print(&fill::fill(template, letter), letter, &self.fonts)
    }
}
