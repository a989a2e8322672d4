//! What may stay in a message because the counter itself tells it to everybody: the phone numbers and addresses of
//! authorities.

use std::collections::BTreeSet;

use skranke_content::Library;
use skranke_domain::Lang;

use super::{What, find};

/// Phone numbers and e-mail addresses that are nobody's in person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Public {
    /// Eight digits each, without country code.
    phones: BTreeSet<String>,
    /// In lower case.
    emails: BTreeSet<String>,
}

impl Public {
    /// Every number and address in what the counter says: the registers, the articles, its fixed sentences. How people
    /// ask is not among it.
    pub fn of(library: &Library) -> Self {
        let mut public = Self::default();
        for authority in library.authorities() {
            public.take_in(&authority.phone);
            public.take_in(&authority.email);
            for lang in [Lang::Da, Lang::En] {
                public.take_in(authority.does(lang));
                public.take_in(authority.counter(lang));
            }
        }
        for municipality in library.municipalities() {
            public.take_in(&municipality.phone);
        }
        for lang in [Lang::Da, Lang::En] {
            for service in library.services() {
                public.take_in(service.without_eid(lang));
                for text in service.bring(lang) {
                    public.take_in(text);
                }
            }
            let messages = library.messages(lang);
            public.take_in(&messages.counter.safety_lifeline);
            public.take_in(&messages.hours.member_south);
        }
        for article in library.articles() {
            for text in &article.paragraphs {
                public.take_in(text);
            }
            public.take_in(&article.next_step);
        }
        public
    }

    /// These, and a phone number that whoever writes has given for this very purpose.
    #[must_use]
    pub fn and_phone(&self, phone: &str) -> Self {
        let mut public = self.clone();
        public.phones.insert(national(phone));
        public
    }

    /// Takes in what would be removed from a text, were it a citizen's.
    fn take_in(&mut self, text: &str) {
        for span in find(text, &Self::default()) {
            match span.what {
                What::Phone => {
                    self.phones.insert(national(span.text(text)));
                }
                What::Email => {
                    self.emails.insert(span.text(text).to_lowercase());
                }
                What::Cpr | What::Card => {}
            }
        }
    }

    /// The phone numbers, eight digits each.
    pub fn phones(&self) -> impl Iterator<Item = &str> {
        self.phones.iter().map(String::as_str)
    }

    /// The e-mail addresses.
    pub fn emails(&self) -> impl Iterator<Item = &str> {
        self.emails.iter().map(String::as_str)
    }

    pub(super) fn has_phone(&self, digits: &str) -> bool {
        self.phones.contains(digits)
    }

    pub(super) fn has_email(&self, address: &str) -> bool {
        self.emails.contains(&address.to_lowercase())
    }
}

/// A number's digits without the Danish country code.
fn national(phone: &str) -> String {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    match digits.strip_prefix("0045").or_else(|| digits.strip_prefix("45")) {
        Some(rest) if rest.len() == 8 => rest.to_owned(),
        _ => digits,
    }
}
