//! Takes personal numbers out of a message before anybody keeps it.
//!
//! Citizens write their CPR number although nobody asks for it. It must never be stored, logged or repeated, so the
//! first thing that happens to a message is [`redact`]: whatever looks like a CPR number, a payment card, an e-mail
//! address or a phone number is replaced by a mark such as `[CPR-nummer fjernet]`.
//!
//! - A number is found however it is spaced or disguised: hyphens, dashes, dots, slashes, single digits with blanks
//!   between, the letters O and I or l for 0 and 1, full-width and other scripts' digits, invisible characters inside.
//! - Modulus 11 is not asked: numbers given out since 2007 need not satisfy it.
//! - Dates, years, amounts, postcodes, case numbers and references stay. So do the numbers and addresses that the counter
//!   itself tells everybody ([`Public`]). In doubt between a CPR number and something else, it is removed; in doubt
//!   means that a day and a month can be read where a CPR number has them.
//!
//! One pass over the text finds groups of digits and the gaps between them; everything after that looks at a
//! bounded number of neighbouring groups. The time is therefore proportional to the length of the message.

mod card;
mod cpr;
mod email;
mod glyph;
mod harmless;
mod phone;
mod public;
mod reading;
mod replacement;
mod spelled;

use skranke_domain::Lang;
use skranke_domain::conversation::{Redacted, Removed};

pub use public::Public;

use reading::Reading;

/// Removes personal numbers and addresses from a message, with marks in `lang`. What everybody may know stays.
pub fn redact(raw: &str, lang: Lang, public: &Public) -> (Redacted, Removed) {
    let mut removed = Removed::default();
    let mut text = String::with_capacity(raw.len());
    let mut done = 0;
    for span in find(raw, public) {
        text.push_str(raw.get(done..span.from).unwrap_or_default());
        text.push_str(span.what.mark(lang));
        done = span.to;
        let count = match span.what {
            What::Cpr => &mut removed.cpr,
            What::Card => &mut removed.card,
            What::Email => &mut removed.email,
            What::Phone => &mut removed.phone,
        };
        // A ceiling far below the type's, so that sums of the four never overflow.
        *count = count.saturating_add(1).min(9_999);
    }
    text.push_str(raw.get(done..).unwrap_or_default());
    (Redacted::vouch(text), removed)
}

/// What must go, from the first to the last, none within another.
fn find(raw: &str, public: &Public) -> Vec<Span> {
    let emails = email::emails(raw);
    let mut found = spelled::spelled(raw);
    found.extend(replacement::replacements(raw));
    // Digits in an address belong to the address, also where it may stay.
    let mut read_already: Vec<Span> = emails.iter().chain(&found).copied().collect();
    read_already.sort_unstable_by_key(|span| span.from);
    found.extend(emails.into_iter().filter(|span| !public.has_email(span.text(raw))));

    let mut reading = Reading::of(raw, &read_already);
    reading.set_companies_aside();
    reading.cards();
    reading.certain_cprs();
    reading.set_harmless_aside();
    reading.spaced_cprs();
    reading.phones(public);
    reading.last_four();
    found.extend(reading.found);

    found.sort_unstable_by_key(|span| span.from);
    let mut done = 0;
    found.retain(|span| {
        let apart = span.from >= done;
        if apart {
            done = span.to;
        }
        apart
    });
    found
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Cpr,
    Card,
    Email,
    Phone,
}

impl What {
    const fn mark(self, lang: Lang) -> &'static str {
        match self {
            Self::Cpr => lang.pick("[CPR-nummer fjernet]", "[CPR number removed]"),
            Self::Card => lang.pick("[kortnummer fjernet]", "[card number removed]"),
            Self::Email => lang.pick("[e-mailadresse fjernet]", "[e-mail address removed]"),
            Self::Phone => lang.pick("[telefonnummer fjernet]", "[phone number removed]"),
        }
    }
}

/// A piece of the message, in bytes.
#[derive(Clone, Copy, Debug)]
struct Span {
    from: usize,
    to: usize,
    what: What,
}

impl Span {
    /// What the message says there.
    fn text(self, raw: &str) -> &str {
        raw.get(self.from..self.to).unwrap_or_default()
    }
}
