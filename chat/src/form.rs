//! The call-back and inquiry forms: what was typed, and what is wrong with it, field by field.
//!
//! The rules themselves are the domain's; here are only those that a form has and an inquiry has not: that a
//! municipality is chosen, that a CPR number never comes back to the screen, and how long a field may be.

use skranke_content::{FormTexts, fill};
use skranke_domain::conversation::{ChatChannel, TopicSlug};
use skranke_domain::inquiry::{InquiryKind, InquiryRefusal, MESSAGE_LIMIT};
use skranke_domain::{Lang, Refusal, Tenant};

use crate::counter::{FIELD_LIMIT, LeaveInquiry, fits, hides_cpr, tidy};
use crate::redact::{Public, redact};

/// A field of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Name,
    Phone,
    Email,
    Municipality,
    Topic,
    When,
    Message,
}

impl Field {
    const ALL: [Self; 7] =
        [Self::Name, Self::Phone, Self::Email, Self::Municipality, Self::Topic, Self::When, Self::Message];

    /// Its name in the form, which is also its id on the page.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Municipality => "municipality",
            Self::Topic => "topic",
            Self::When => "when",
            Self::Message => "message",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }
}

/// The form as it stands.
pub(crate) struct InquiryForm {
    pub(crate) kind: InquiryKind,
    /// What the form is named: sent twice, it is one inquiry.
    pub(crate) key: String,
    /// Whether it was sent (and is shown again for what is wrong with it).
    pub(crate) sent: bool,
    values: [String; 7],
    /// What is wrong, in the order of the fields.
    pub(crate) errors: Vec<(Field, String)>,
}

impl InquiryForm {
    /// An empty form.
    pub(crate) fn new(kind: InquiryKind, key: String) -> Self {
        Self { kind, key, sent: false, values: Default::default(), errors: Vec::new() }
    }

    /// Takes up the fields that were sent; others are passed over.
    pub(crate) fn filled(kind: InquiryKind, key: String, fields: &[(String, String)]) -> Self {
        let mut form = Self { sent: true, ..Self::new(kind, key) };
        for (name, value) in fields {
            if let Some(field) = Field::named(name) {
                let value = tidy(value).0;
                // A single line stays one: a break in a name would let it pose as another field in a transcript.
                let value = if field == Field::Message { value } else { value.replace(['\n', '\t'], " ") };
                form.set(field, value.trim().to_owned());
            }
        }
        form
    }

    /// What stands in a field.
    pub(crate) fn value(&self, field: Field) -> &str {
        &self.values[field as usize]
    }

    pub(crate) fn set(&mut self, field: Field, value: String) {
        self.values[field as usize] = value;
    }

    /// What is wrong with a field.
    pub(crate) fn error(&self, field: Field) -> Option<&str> {
        self.errors.iter().find(|(at, _)| *at == field).map(|(_, text)| text.as_str())
    }

    fn refuse(&mut self, field: Field, text: String) {
        if self.error(field).is_none() {
            self.errors.push((field, text));
            self.errors.sort_by_key(|(field, _)| *field as usize);
        }
    }

    /// Notes what the domain refused beside the field that it is about.
    pub(crate) fn refused(&mut self, refusal: &InquiryRefusal, lang: Lang) {
        self.refuse(Field::named(refusal.path()).unwrap_or(Field::Message), refusal.message(lang));
    }

    /// Checks what only the form can tell, and takes personal numbers out of what will be shown again.
    pub(crate) fn check(
        &mut self,
        lang: Lang,
        texts: &FormTexts,
        known: impl Fn(Tenant) -> bool,
    ) -> Option<LeaveInquiry> {
        if hides_cpr(self.value(Field::Phone)) {
            self.set(Field::Phone, String::new());
            self.refuse(Field::Phone, texts.error_cpr.clone());
        }
        if hides_cpr(&self.value(Field::Email).replace('@', " ")) {
            self.set(Field::Email, String::new());
            self.refuse(Field::Email, InquiryRefusal::NotAnEmail.message(lang));
        }
        let name = redact(self.value(Field::Name), lang, &Public::default()).0.as_str().to_owned();
        self.set(Field::Name, name);
        for field in [Field::Name, Field::Phone, Field::Email, Field::Topic, Field::When] {
            if !fits(self.value(field)) {
                let cut = self.value(field).chars().take(FIELD_LIMIT).collect();
                self.set(field, cut);
                self.refuse(field, fill(&texts.error_too_long, &[("limit", &FIELD_LIMIT.to_string())]));
            }
        }
        if self.value(Field::Message).chars().count() > MESSAGE_LIMIT {
            self.refused(&InquiryRefusal::TooLong, lang);
        }
        let municipality = Tenant::try_new(self.value(Field::Municipality)).ok().filter(|code| known(*code));
        if municipality.is_none() {
            self.set(Field::Municipality, String::new());
            self.refuse(Field::Municipality, texts.error_municipality.clone());
        }
        // The domain would name the first empty field only; a citizen wants to see all of them at once.
        let call_back = self.kind == InquiryKind::CallBack;
        if self.value(Field::Name).is_empty() {
            self.refused(&InquiryRefusal::NoText { path: "name" }, lang);
        }
        if call_back && self.value(Field::Phone).is_empty() {
            self.refused(&InquiryRefusal::NoText { path: "phone" }, lang);
        }
        let digits = self.value(Field::Phone).chars().filter(char::is_ascii_digit).count();
        if !self.value(Field::Phone).is_empty() && digits < 8 {
            self.refused(&InquiryRefusal::NotAPhoneNumber, lang);
        }
        if !call_back && self.value(Field::Phone).is_empty() && self.value(Field::Email).is_empty() {
            self.refused(&InquiryRefusal::NoWayBack, lang);
        }
        if !call_back && self.value(Field::Message).is_empty() {
            self.refused(&InquiryRefusal::NoText { path: "message" }, lang);
        }
        let municipality = municipality.filter(|_| self.errors.is_empty())?;
        Some(LeaveInquiry {
            kind: self.kind,
            channel: ChatChannel::Web,
            name: self.value(Field::Name).to_owned(),
            phone: self.value(Field::Phone).to_owned(),
            email: self.value(Field::Email).to_owned(),
            municipality,
            topic: TopicSlug::try_new(self.value(Field::Topic)),
            message: self.value(Field::Message).to_owned(),
            when: Some(self.value(Field::When).to_owned()).filter(|when| !when.is_empty()),
            lang,
            form_key: self.key.clone(),
        })
    }

    /// Takes personal numbers out of the message before it goes back to the screen.
    pub(crate) fn redact_for_screen(&mut self, lang: Lang, public: &Public) {
        let kept: String = self.value(Field::Message).chars().take(2 * MESSAGE_LIMIT).collect();
        self.set(Field::Message, redact(&kept, lang, public).0.as_str().to_owned());
    }
}
