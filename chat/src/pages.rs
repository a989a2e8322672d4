//! The pages as HTML, written by the server: they work without a script. Every text passes through maud, which
//! escapes it; nothing here is ever marked as safe HTML.

mod takeaway;

use jiff::Timestamp;
use maud::{DOCTYPE, Markup, html};
use skranke_content::{FieldTexts, Library, Messages, Municipality, fill};
use skranke_domain::conversation::{Card, Choice, Dialogue, Foreign, LinkTo, Open, Reply, Slot, Tone};
use skranke_domain::inquiry::InquiryKind;
use skranke_domain::{ConversationId, Lang, Tenant};

use crate::counter::{InquiryReceipt, Said, Transcript, TranscriptLine};
use crate::form::{Field, InquiryForm};
use crate::web::{CARRIED, FRAMED, MUNICIPALITY};
use crate::{card, hours};

/// The most lines of a conversation that a page shows; older ones are kept, but not sent again and again.
const SHOWN: usize = 100;

/// What every page needs.
pub(crate) struct Site<'a> {
    pub(crate) library: &'a Library,
    pub(crate) lang: Lang,
    pub(crate) now: Timestamp,
    /// How long a conversation is kept.
    pub(crate) retention_days: u16,
    /// The conversation that is shown.
    pub(crate) conversation: Option<ConversationId>,
    /// Its token, where the browser is not known to keep the cookie: then the forms carry it.
    pub(crate) carried: Option<String>,
    /// Shown in a frame of another site's page.
    pub(crate) framed: bool,
    /// The municipality whose page led here, if one did.
    pub(crate) near: Option<Tenant>,
}

/// What stands above the form once, after something was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flash {
    /// The field was empty.
    Empty,
    /// A button was pressed that there is none of.
    UnknownChoice,
    /// Too many messages were sent.
    TooFast,
    /// The conversation was deleted.
    Ended,
    /// Thanks for rating.
    Rated,
}

/// What went wrong, for a page of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    ForeignSite,
    TooLarge,
    Form,
    /// No card of this conversation has that number.
    NoCard,
    House {
        code: String,
    },
}

/// What was written and could not be stored.
pub(crate) struct Kept {
    /// The text, without personal numbers.
    pub(crate) text: String,
    /// The key that it was sent under.
    pub(crate) message: String,
}

/// An address of ours in a language.
fn in_language(path: &str, lang: Lang) -> String {
    match lang {
        Lang::Da => path.to_owned(),
        Lang::En => format!("{path}?lang=en"),
    }
}

/// What goes along with a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Talked {
    /// Nothing was said yet.
    Nothing,
    /// The conversation on the web page.
    Here,
    /// The conversation that the link from Telegram names; the form keeps the link's pass.
    OnTelegram { pass: String },
    /// Nothing: there was a link, and it is not good, or not any more.
    TooLongAgo,
}

impl Site<'_> {
    fn texts(&self) -> &Messages {
        self.library.messages(self.lang)
    }

    /// The texts that stand inside a reply, which may be in the other language.
    fn texts_of(&self, reply: &Reply) -> &Messages {
        self.library.messages(reply.lang)
    }

    /// An address of ours in the page's language.
    fn href(&self, path: &str) -> String {
        in_language(path, self.lang)
    }

    /// What the page and its script call an answer. Two conversations may meet on one page, where the first was ended in
    /// another tab or no cookie is kept, and both count their answers from the beginning.
    pub(crate) fn answer_id(&self, revision: u64) -> String {
        let conversation = self.conversation.map(|id| id.to_string()).unwrap_or_default();
        let mark = conversation.split('-').next_back().unwrap_or_default();
        format!("svar-{mark}-{revision}")
    }

    fn layout(&self, title: &str, path: &str, main: &Markup) -> Markup {
        let texts = &self.texts().page;
        let other = if self.lang == Lang::Da { format!("{path}?lang=en") } else { path.to_owned() };
        html! {
            (DOCTYPE)
            html lang=(self.lang.tag()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="description" content=(texts.lead);
                    title { (title) }
                    // What lies beside the conversation opens in a tab of its own: the frame is small.
                    @if self.framed { base target="_blank"; }
                    link rel="stylesheet" href="/assets/chat.css";
                    script type="module" src="/assets/chat.js" {}
                }
                body class=[self.framed.then_some("counter-framed")] {
                    a class="skipnav" href="#indhold" { (texts.skip) }
                    header class="header counter-header" {
                        div class="container counter-header-inner" {
                            p class="counter-name" { a href=(self.href("/")) { (texts.service) } }
                            p class="counter-tagline" { (texts.tagline) }
                            a class="counter-language" href=(other) lang=(texts.other_language_tag)
                                hreflang=(texts.other_language_tag) { (texts.other_language) }
                        }
                    }
                    main id="indhold" class="container page-container counter-main" tabindex="-1" { (main) }
                    (self.footer())
                }
            }
        }
    }

    fn footer(&self) -> Markup {
        let texts = &self.texts().page;
        let hotline = self.library.authority(card::HOTLINE);
        let line = hotline.map(|hotline| {
            let open = hotline
                .hours
                .as_ref()
                .map(|hours| hours::opening(&self.texts().hours, self.lang, hours, self.now).1)
                .unwrap_or_default();
            fill(&texts.footer_hotline, &[("phone", &hotline.phone), ("open", &open)])
        });
        html! {
            footer class="counter-footer" {
                div class="footer" {
                    div class="container" {
                        h2 class="h4" { (texts.footer_heading) }
                        @if let Some(line) = line { p { (with_phones(&line)) } }
                        p { (texts.footer_about) }
                    }
                }
            }
        }
    }

    /// The conversation's page.
    pub(crate) fn conversation(&self, transcript: &Transcript, flash: Option<Flash>, new_id: &str) -> Markup {
        let texts = &self.texts().page;
        let first = transcript.lines.is_empty();
        let from = transcript.lines.len().saturating_sub(SHOWN);
        let lines = transcript.lines.get(from..).unwrap_or_default();
        let last_reply = lines.iter().rposition(|line| matches!(line.said, Said::Counter(_)));
        let main = html! {
            h1 { (texts.heading) }
            p class="font-lead" { (texts.lead) }
            (alert("info", &html! { p class="alert-text" { (texts.no_cpr) } }))
            @if flash == Some(Flash::Ended) && first {
                (alert("success", &html! { p class="alert-text" { (texts.ended) } }))
            }
            section class="conversation" aria-labelledby="samtale-titel" {
                h2 id="samtale-titel" class=(if first { "sr-only" } else { "h3" }) { (texts.conversation) }
                // Read out once, by the line below: a log would be read with every source and button in it.
                p id="oplaes" class="sr-only" role="status" {}
                div id="samtale" role="log" aria-live="off" aria-labelledby="samtale-titel" {
                    @for (number, line) in lines.iter().enumerate() {
                        @if Some(number) == last_reply { span id="seneste" {} }
                        (self.line(line, &format!("{new_id}-{number}")))
                    }
                }
            }
            div id="efter" { @if !first { (self.after(transcript)) } }
            (self.question_form(flash, new_id))
            // After the field: on a phone six examples would push it below the first screen.
            @if first { (self.examples(new_id)) }
            (self.ways_on())
            (self.consent(first))
        };
        self.layout(&texts.title, "/", &main)
    }

    fn examples(&self, new_id: &str) -> Markup {
        let texts = &self.texts().page;
        html! {
            section id="eksempler" aria-labelledby="eksempler-titel" {
                h2 id="eksempler-titel" class="h4" { (texts.examples) }
                form method="post" action="/samtale" class="choices" data-samtale="eksempel" {
                    (self.hidden(&format!("{new_id}-e")))
                    @for question in &texts.example_questions {
                        button type="submit" class="button button-secondary" name="text" value=(question) { (question) }
                    }
                }
            }
        }
    }

    fn hidden(&self, message: &str) -> Markup {
        html! {
            input type="hidden" name="message" value=(message);
            (self.going_on())
        }
    }

    /// What every form of a conversation brings along.
    fn going_on(&self) -> Markup {
        html! {
            input type="hidden" name="lang" value=(self.lang.tag());
            @if let Some(token) = &self.carried { input type="hidden" name=(CARRIED) value=(token); }
            @if self.framed { input type="hidden" name=(FRAMED) value="1"; }
            @if let Some(near) = self.near { input type="hidden" name=(MUNICIPALITY) value=(near); }
        }
    }

    fn question_form(&self, flash: Option<Flash>, new_id: &str) -> Markup {
        let texts = &self.texts().page;
        let fault = match flash {
            Some(Flash::Empty) => Some(&texts.empty),
            Some(Flash::TooFast) => Some(&self.texts().counter.slow_down),
            Some(Flash::UnknownChoice) => Some(&self.texts().counter.unknown_choice),
            _ => None,
        };
        let empty = fault.is_some();
        html! {
            form method="post" action="/samtale" id="besked" class="question" data-samtale="tekst"
                data-sending=(texts.sending) data-failed=(texts.failed) data-retry=(texts.retry)
                data-empty=(texts.empty) {
                (self.hidden(new_id))
                div class=(if empty { "form-group form-error" } else { "form-group" }) {
                    label class="form-label" for="tekst" { (texts.label) }
                    span class="form-hint" id="tekst-hjaelp" { (texts.hint) }
                    span class="form-error-message" id="tekst-fejl" role="alert" {
                        @if let Some(fault) = fault { (fault) }
                    }
                    textarea class="form-input" id="tekst" name="text" rows="2" maxlength="8000"
                        autocomplete="off" aria-describedby="tekst-hjaelp tekst-fejl"
                        aria-invalid=[empty.then_some("true")] autofocus[empty] {}
                }
                button type="submit" class="button button-primary" { (texts.send) }
                p id="status" class="form-hint" role="status" {}
            }
        }
    }

    fn ways_on(&self) -> Markup {
        let texts = &self.texts().counter;
        html! {
            nav class="ways-on" aria-label=(self.texts().page.ways_on) {
                a href=(self.href("/opkald")) { (texts.link_call_back) }
                a href=(self.href("/henvendelse")) { (texts.link_written) }
            }
        }
    }

    fn consent(&self, first: bool) -> Markup {
        let texts = &self.texts().page;
        let days = self.retention_days.to_string();
        html! {
            section class="consent" aria-label=(texts.consent_more) {
                p { (fill(&texts.consent, &[("days", &days)])) }
                details class="details" {
                    summary class="details-summary" { (texts.consent_more) }
                    div class="details-text" {
                        @for part in crate::voice::paragraphs(&fill(&texts.consent_details, &[("days", &days)])) {
                            p { (part) }
                        }
                    }
                }
                p hidden[first] id="udskrift" {
                    a href=(self.href("/samtale/udskrift")) { (texts.transcript_link) }
                }
                form method="post" action="/samtale/slut" id="slut" target="_self" hidden[first] {
                    (self.going_on())
                    button type="submit" class="button button-tertiary" aria-describedby="slut-hjaelp" { (texts.end) }
                    span class="form-hint" id="slut-hjaelp" { (texts.end_explained) }
                }
            }
        }
    }

    /// What stands below the newest answer: whether it helped.
    pub(crate) fn after(&self, transcript: &Transcript) -> Markup {
        let texts = &self.texts().page;
        let last = transcript.lines.last().filter(|line| matches!(line.said, Said::Counter(_)));
        html! {
            @if transcript.rated {
                p role="status" { (texts.helpful_thanks) }
            } @else if let Some(last) = last {
                (self.rating(last.revision))
            }
        }
    }

    pub(crate) fn rating(&self, revision: u64) -> Markup {
        let texts = &self.texts().page;
        html! {
            form method="post" action="/samtale/vurdering" class="rating" data-samtale="vurdering" {
                (self.going_on())
                input type="hidden" name="answer" value=(revision);
                fieldset {
                    legend class="form-label" { (texts.helpful) }
                    button type="submit" class="button button-secondary" name="helpful" value="yes" { (texts.helpful_yes) }
                    button type="submit" class="button button-secondary" name="helpful" value="no" { (texts.helpful_no) }
                }
            }
        }
    }

    /// One line of the conversation.
    pub(crate) fn line(&self, line: &TranscriptLine, id: &str) -> Markup {
        match &line.said {
            Said::Citizen(text) => self.citizen(text),
            Said::Counter(reply) => self.reply(reply, line.revision, id),
            Said::Erased => html! { article class="turn turn-erased" { p { (self.texts().page.erased) } } },
        }
    }

    pub(crate) fn citizen(&self, text: &str) -> Markup {
        html! {
            article class="turn turn-citizen" {
                h3 class="sr-only" { (self.texts().page.you_wrote) }
                p class="said" { (text) }
            }
        }
    }

    /// A reply. `id` names its buttons' form, so that a press sent twice is one press.
    pub(crate) fn reply(&self, reply: &Reply, revision: u64, id: &str) -> Markup {
        let texts = &self.texts_of(reply).page;
        let urgent = reply.tone == Tone::Urgent;
        let (tag, dir) = self.language_of(reply);
        html! {
            article class=(if urgent { "turn turn-counter turn-urgent" } else { "turn turn-counter" })
                id=(self.answer_id(revision)) tabindex="-1" lang=(reply.lang.tag()) role=[urgent.then_some("alert")] {
                h3 class="sr-only" { (texts.counter_answered) }
                @if let Some(notice) = &reply.notice {
                    (alert("warning", &html! { p class="alert-text" { strong { (texts.notice) ": " } (notice) } }))
                }
                div lang=[tag] dir=[dir] { (prose(&reply.paragraphs)) }
                @if let Some(card) = &reply.card {
                    (self.card(&self.of_today(card, reply.lang), revision, reply.lang))
                    p class="no-print" {
                        a href=(in_language(&format!("/samtale/kort/{revision}"), self.lang)) {
                            (self.texts_of(reply).card.take_away)
                        }
                    }
                }
                @if let Some(next) = &reply.next_step {
                    p class="next-step" { strong { (texts.next_step) ": " } (with_phones(next)) }
                }
                (self.sources(reply))
                @if !reply.buttons.is_empty() {
                    form method="post" action="/samtale" class="choices" data-samtale="valg" {
                        (self.hidden(id))
                        (self.nearest_choice(reply))
                        @for button in &reply.buttons {
                            button type="submit" class="button button-secondary" name="choice" value=(button.choice)
                                lang=[tag.filter(|_| button.choice.starts_with("topic:"))] {
                                (button.label)
                            }
                        }
                    }
                }
                @if reply.asks == Some(Slot::Municipality) { (self.every_municipality(id, reply.lang)) }
                @if !reply.links.is_empty() {
                    p class="reply-links" {
                        @for link in &reply.links {
                            a class="button button-secondary" href=(in_language(path_of(*link), reply.lang)) { (self.link_text(*link, reply.lang)) }
                        }
                    }
                }
            }
        }
    }

    /// Asked for a municipality on a page that one of them led to: that one first.
    fn nearest_choice(&self, reply: &Reply) -> Markup {
        let asked = reply.asks == Some(Slot::Municipality);
        let near = self.near.filter(|_| asked).and_then(|code| self.library.municipality(code));
        let choice = near.map(|place| (place, Choice::Place(place.code).code()));
        let choice = choice.filter(|(_, code)| !reply.buttons.iter().any(|button| button.choice == *code));
        html! {
            @if let Some((place, code)) = choice {
                button type="submit" class="button button-secondary" name="choice" value=(code) {
                    (place.official_name)
                }
            }
        }
    }

    /// All municipalities to pick from, for a page without a script: there is no other help with the spelling.
    fn every_municipality(&self, id: &str, lang: Lang) -> Markup {
        let texts = &self.library.messages(lang).page;
        let name = format!("{id}-kommune");
        html! {
            noscript {
                form method="post" action="/samtale" class="choices" {
                    (self.hidden(&name))
                    label class="form-label" for=(name) { (texts.choose_municipality) }
                    select class="form-select" id=(name) name="choice" {
                        @for place in self.places_in_order() {
                            option value=(Choice::Place(place.code).code()) { (place.name) }
                        }
                    }
                    button type="submit" class="button button-secondary" { (texts.choose_send) }
                }
            }
        }
    }

    fn places_in_order(&self) -> Vec<&Municipality> {
        let mut places: Vec<_> = self.library.municipalities().iter().collect();
        places.sort_by_cached_key(|place| danish_order(&place.name));
        places
    }

    /// What a screen reader says of a reply that has come.
    pub(crate) fn announced(&self, reply: &Reply) -> String {
        let mut said = reply.plain();
        if !reply.buttons.is_empty() {
            let count = reply.buttons.len().to_string();
            said.push('\n');
            said.push_str(&fill(&self.texts_of(reply).page.choices_count, &[("count", &count)]));
        }
        said
    }

    /// The language that the paragraphs of a reply are in, where it is neither Danish nor English.
    fn language_of(&self, reply: &Reply) -> (Option<&'static str>, Option<&'static str>) {
        let texts = &self.library.messages(reply.lang).foreign;
        let phone = self.library.authority(card::HOTLINE).map_or("", |hotline| &hotline.phone);
        let said = reply.paragraphs.first();
        let is_said = |text: &str| said.is_some_and(|said| *said == fill(text, &[("phone", phone)]));
        let tag = Foreign::ALL.into_iter().find(|foreign| is_said(texts.of(*foreign))).map(Foreign::tag);
        (tag, tag.filter(|tag| *tag == "ar").map(|_| "rtl"))
    }

    fn link_text(&self, link: LinkTo, lang: Lang) -> &str {
        let texts = &self.library.messages(lang).counter;
        match link {
            LinkTo::CallBack => &texts.link_call_back,
            LinkTo::WrittenInquiry => &texts.link_written,
        }
    }

    fn sources(&self, reply: &Reply) -> Markup {
        let (texts, hours) = (&self.texts_of(reply).page, &self.texts_of(reply).hours);
        let reviewed = reply.reviewed.as_deref().and_then(|date| date.parse().ok());
        let reviewed = reviewed.map(|date| hours::date(hours, reply.lang, date));
        html! {
            @if !reply.sources.is_empty() || reviewed.is_some() {
                div class="sources" {
                    @if !reply.sources.is_empty() {
                        p { (texts.sources) ":" }
                        ul {
                            @for source in &reply.sources {
                                li lang="da" {
                                    @match source.url.as_deref().filter(|url| url.starts_with("http")) {
                                        Some(url) => a href=(url) rel="noreferrer" { (source.name) },
                                        None => (source.name),
                                    }
                                }
                            }
                        }
                    }
                    @if let Some(date) = reviewed {
                        p { (fill(&self.texts_of(reply).counter.reviewed, &[("date", &date)])) }
                    }
                }
            }
        }
    }

    fn card(&self, card: &Card, revision: u64, lang: Lang) -> Markup {
        let (texts, hours) = (&self.library.messages(lang).card, &self.library.messages(lang).hours);
        let id = format!("kort-{revision}");
        let made = skranke_domain::time::local(card.as_of);
        let day = hours::day(hours, hours::never(), made.date());
        let made = fill(&texts.as_of, &[("day", &day), ("time", &hours::clock(lang, made.time()))]);
        html! {
            section class="card card-print" aria-labelledby=(id) {
                div class="card-content" {
                    h4 class="card-heading" id=(id) { (card.title) }
                    @if let Some(text) = &card.open_text {
                        p class=(badge(card.open)) { (text) }
                    }
                    dl class="card-lines" {
                        @for line in &card.lines {
                            div {
                                dt { (line.label) }
                                dd { (with_phones(&line.text)) }
                            }
                        }
                    }
                    @if let Some(dial) = &card.dial {
                        p class="card-dial" {
                            a class="button button-primary" href=(format!("tel:+45{dial}")) { (texts.label_phone) " " (spaced(dial)) }
                        }
                    }
                    p class="card-link" {
                        a href=(card.link) rel="noreferrer" { (texts.link) }
                        span class="print-only" { (card.link) }
                    }
                    p class="card-made" { (made) }
                }
            }
        }
    }

    /// A page that says what went wrong, with what was written ready to be sent once more.
    pub(crate) fn trouble(&self, trouble: &Trouble, kept: Option<&Kept>) -> Markup {
        let texts = &self.texts().page;
        let said = self.trouble_text(trouble);
        let main = html! {
            h1 { (texts.error_title) }
            (alert("error", &html! { p class="alert-text" { (with_phones(&said)) } }))
            @if let Some(kept) = kept {
                form method="post" action="/samtale" class="question" {
                    (self.hidden(&kept.message))
                    label class="form-label" for="tekst" { (texts.label) }
                    textarea class="form-input" id="tekst" name="text" rows="4" autocomplete="off" { (kept.text) }
                    button type="submit" class="button button-primary" { (texts.retry) }
                }
            }
            p { a href=(self.href("/")) { (texts.back) } }
        };
        self.layout(&texts.error_title, "/", &main)
    }

    pub(crate) fn trouble_text(&self, trouble: &Trouble) -> String {
        let texts = &self.texts().page;
        match trouble {
            Trouble::ForeignSite => texts.error_foreign_site.clone(),
            Trouble::TooLarge => texts.error_too_large.clone(),
            Trouble::Form => texts.error_form.clone(),
            Trouble::NoCard => texts.error_no_card.clone(),
            Trouble::House { code } => {
                let phone = self.library.authority(card::HOTLINE).map_or("", |hotline| &hotline.phone);
                fill(&texts.error_house, &[("phone", phone), ("code", code)])
            }
        }
    }

    /// The call-back or inquiry form, with what was typed and what is wrong with it.
    pub(crate) fn inquiry_form(&self, form: &InquiryForm, dialogue: &Dialogue, talked: &Talked) -> Markup {
        let (texts, errors) = (&self.texts().form, &form.errors);
        let call_back = form.kind == InquiryKind::CallBack;
        let (title, lead, send) = if call_back {
            (&texts.call_back_title, &texts.call_back_lead, &texts.call_back_send)
        } else {
            (&texts.written_title, &texts.written_lead, &texts.written_send)
        };
        let path = path_of_kind(form.kind);
        let main = html! {
            p { a class="back-link" href=(self.href("/")) { (self.texts().page.back) } }
            h1 { (title) }
            @if !errors.is_empty() {
                div class="alert alert-error" role="alert" id="fejl" tabindex="-1" {
                    div class="alert-body" {
                        h2 class="alert-heading" { (texts.errors_title) }
                        ul class="alert-text" {
                            @for (field, text) in errors { li { a href=(format!("#{}", field.name())) { (text) } } }
                        }
                    }
                }
            }
            p class="font-lead" { (lead) }
            p { (texts.stored) }
            @match talked {
                Talked::Here => p { (texts.attached) },
                Talked::OnTelegram { .. } => p { (texts.attached_telegram) },
                Talked::TooLongAgo => p { (texts.attached_too_old) },
                Talked::Nothing => {},
            }
            form method="post" action=(path) novalidate data-formular {
                input type="hidden" name="lang" value=(self.lang.tag());
                input type="hidden" name="form" value=(form.key);
                @if let Talked::OnTelegram { pass } = talked { input type="hidden" name="samtale" value=(pass); }
                (self.input(form, Field::Name, &texts.name, true, "text", "name"))
                (self.input(form, Field::Phone, &texts.phone, call_back, "tel", "tel"))
                @if !call_back { (self.input(form, Field::Email, &texts.email, false, "email", "email")) }
                (self.municipalities(form, dialogue))
                (self.topics(form, dialogue))
                @if call_back { (self.when(form)) }
                (self.message(form, !call_back))
                button type="submit" class="button button-primary" { (send) }
            }
        };
        let title =
            if errors.is_empty() { title.clone() } else { format!("{}: {title}", texts.errors_title) };
        self.layout(&title, path, &main)
    }

    /// The label, the hint and the error of a field, then the field itself.
    fn field(
        &self,
        form: &InquiryForm,
        field: Field,
        texts: &FieldTexts,
        required: bool,
        control: &Markup,
    ) -> Markup {
        let words = &self.texts().form;
        let error = form.error(field);
        let name = field.name();
        html! {
            div class=(if error.is_some() { "form-group form-error" } else { "form-group" }) {
                label class="form-label" for=(name) {
                    (texts.label) " (" (if required { &words.required } else { &words.optional }) ")"
                }
                @if !texts.hint.is_empty() { span class="form-hint" id=(format!("{name}-hjaelp")) { (texts.hint) } }
                @if let Some(error) = error { span class="form-error-message" id=(format!("{name}-fejl")) { (error) } }
                (control)
            }
        }
    }

    fn input(
        &self,
        form: &InquiryForm,
        field: Field,
        texts: &FieldTexts,
        required: bool,
        kind: &str,
        autocomplete: &str,
    ) -> Markup {
        let control = html! {
            input class="form-input" type=(kind) id=(field.name()) name=(field.name()) value=(form.value(field))
                autocomplete=(autocomplete) maxlength="200" required[required]
                aria-describedby=[described(form, field, texts)]
                aria-invalid=[form.error(field).map(|_| "true")];
        };
        self.field(form, field, texts, required, &control)
    }

    fn municipalities(&self, form: &InquiryForm, dialogue: &Dialogue) -> Markup {
        let (words, field) = (&self.texts().form, Field::Municipality);
        let chosen = Tenant::try_new(form.value(field)).ok().or(dialogue.municipality);
        let control = html! {
            select class="form-select" id=(field.name()) name=(field.name()) required autocomplete="off"
                aria-describedby=[described(form, field, &words.municipality)]
                aria-invalid=[form.error(field).map(|_| "true")] {
                option value="" { (words.choose) }
                @for place in self.places_in_order() {
                    option value=(place.code) selected[chosen == Some(place.code)] { (place.name) }
                }
            }
        };
        self.field(form, field, &words.municipality, true, &control)
    }

    fn topics(&self, form: &InquiryForm, dialogue: &Dialogue) -> Markup {
        let (words, field) = (&self.texts().form, Field::Topic);
        let under_way = dialogue.topic.as_ref().map_or("", |topic| topic.as_str());
        let chosen = if form.sent { form.value(field) } else { under_way };
        let mut services: Vec<_> = self.library.services().iter().collect();
        services.sort_by_cached_key(|service| danish_order(service.title(self.lang)));
        let control = html! {
            select class="form-select" id=(field.name()) name=(field.name()) autocomplete="off" {
                option value="" { (words.topic_other) }
                @for service in services {
                    option value=(service.slug()) selected[chosen == service.slug()] { (service.title(self.lang)) }
                }
            }
        };
        self.field(form, field, &words.topic, false, &control)
    }

    fn when(&self, form: &InquiryForm) -> Markup {
        let words = &self.texts().form;
        let options = [
            ("any", &words.when_any),
            ("morning", &words.when_morning),
            ("afternoon", &words.when_afternoon),
        ];
        let chosen = match form.value(Field::When) {
            "" => "any",
            value => value,
        };
        html! {
            div class="form-group" {
                fieldset {
                    legend class="form-label" { (words.when.label) }
                    @for (value, label) in options {
                        div class="form-group-radio" {
                            input type="radio" class="form-radio" id=(format!("when-{value}")) name="when" value=(value)
                                checked[value == chosen];
                            label for=(format!("when-{value}")) { (label) }
                        }
                    }
                }
            }
        }
    }

    fn message(&self, form: &InquiryForm, required: bool) -> Markup {
        let (words, field) = (&self.texts().form, Field::Message);
        let control = html! {
            textarea class="form-input" id=(field.name()) name=(field.name()) rows="6" required[required]
                autocomplete="off" aria-describedby=[described(form, field, &words.message)]
                aria-invalid=[form.error(field).map(|_| "true")] { (form.value(field)) }
        };
        self.field(form, field, &words.message, required, &control)
    }

    /// The page with the reference.
    pub(crate) fn receipt(
        &self,
        kind: InquiryKind,
        receipt: &InquiryReceipt,
        municipality: Tenant,
    ) -> Markup {
        let danger = &self.texts().counter;
        let texts = &self.texts().form;
        let place = self.library.municipality(municipality).map_or("", |place| &place.official_name);
        let what = match kind {
            InquiryKind::CallBack => &texts.receipt_call_back,
            InquiryKind::Written | InquiryKind::Spoken => &texts.receipt_written,
        };
        let main = html! {
            @if receipt.danger {
                div class="alert alert-error alert--paragraph" role="alert" {
                    div class="alert-body" {
                        @for line in [&danger.safety, &danger.safety_lifeline, &danger.safety_unanswered] {
                            p class="alert-text" { (with_phones(line)) }
                        }
                    }
                }
            }
            h1 { (texts.receipt_title) }
            div class="alert alert-success card-print" {
                div class="alert-body" {
                    p class="alert-heading" { (texts.receipt_reference) ": " strong class="reference" { (receipt.reference) } }
                    p class="alert-text" { (fill(what, &[("municipality", place)])) " " (texts.receipt_keep) }
                }
            }
            @if receipt.removed.any() { p { (texts.removed) } }
            p { a href=(self.href("/")) { (self.texts().page.back) } }
        };
        self.layout(&texts.receipt_title, "/", &main)
    }
}

/// Where a link of a reply leads.
pub(crate) const fn path_of(link: LinkTo) -> &'static str {
    match link {
        LinkTo::CallBack => "/opkald",
        LinkTo::WrittenInquiry => "/henvendelse",
    }
}

pub(crate) const fn path_of_kind(kind: InquiryKind) -> &'static str {
    match kind {
        InquiryKind::CallBack => "/opkald",
        InquiryKind::Written | InquiryKind::Spoken => "/henvendelse",
    }
}

fn described(form: &InquiryForm, field: Field, texts: &FieldTexts) -> Option<String> {
    let name = field.name();
    let hint = (!texts.hint.is_empty()).then(|| format!("{name}-hjaelp"));
    let error = form.error(field).map(|_| format!("{name}-fejl"));
    let ids: Vec<String> = hint.into_iter().chain(error).collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

fn alert(kind: &str, body: &Markup) -> Markup {
    html! { div class=(format!("alert alert-{kind} alert--paragraph")) { div class="alert-body" { (body) } } }
}

const fn badge(open: Option<Open>) -> &'static str {
    match open {
        Some(Open::Yes) => "open-now badge badge-success",
        Some(Open::No) => "open-now badge badge-info",
        Some(Open::Unsure) | None => "open-now badge badge-warning",
    }
}

/// Paragraphs; those that start with `- ` become one list.
fn prose(paragraphs: &[String]) -> Markup {
    let item = |text: &String| text.strip_prefix("- ").map(str::to_owned);
    html! {
        @for run in paragraphs.chunk_by(|one, two| one.starts_with("- ") == two.starts_with("- ")) {
            @if run.first().is_some_and(|first| first.starts_with("- ")) {
                ul { @for text in run.iter().filter_map(item) { li { (with_phones(&text)) } } }
            } @else {
                @for text in run { p { (with_phones(text)) } }
            }
        }
    }
}

/// Text in which phone numbers written "12 34 56 78" (and 112) can be pressed on a phone.
fn with_phones(text: &str) -> Markup {
    let mut parts: Vec<(&str, Option<String>)> = Vec::new();
    let (mut done, mut at) = (0, 0);
    while let Some(rest) = text.get(at..) {
        let Some(start) = rest.find(|c: char| c.is_ascii_digit()).map(|found| at + found) else { break };
        let run = text.get(start..).unwrap_or_default();
        let len = run.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b' ').count();
        let number = run.get(..len).unwrap_or_default().trim_end();
        let before = text.get(..start).and_then(|before| before.chars().next_back());
        let after = text.get(start + number.len()..).and_then(|after| after.chars().next());
        let alone = !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric);
        let groups: Vec<usize> = number.split(' ').map(str::len).collect();
        let dial = match groups.as_slice() {
            [2, 2, 2, 2] | [2, 3, 3] => Some(format!("tel:+45{}", number.replace(' ', ""))),
            [3] if number == "112" => Some("tel:112".to_owned()),
            _ => None,
        };
        if let Some(dial) = dial.filter(|_| alone) {
            parts.push((text.get(done..start).unwrap_or_default(), None));
            parts.push((number, Some(dial)));
            done = start + number.len();
        }
        at = start + number.len().max(1);
    }
    parts.push((text.get(done..).unwrap_or_default(), None));
    html! {
        @for (part, dial) in &parts {
            @match dial {
                Some(dial) => a href=(dial) class="phone" { (part) },
                None => (part),
            }
        }
    }
}

/// A number in pairs.
fn spaced(dial: &str) -> String {
    let pairs: Vec<&str> =
        dial.as_bytes().chunks(2).filter_map(|pair| std::str::from_utf8(pair).ok()).collect();
    pairs.join(" ")
}

/// Danish alphabetical order: æ, ø, å last, and aa as å.
fn danish_order(name: &str) -> String {
    name.to_lowercase().replace("aa", "å").replace('æ', "{").replace('ø', "|").replace('å', "}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phone_numbers_can_be_pressed_and_other_numbers_stay_text() {
        let html =
            with_phones("Ring 70 20 00 00 eller 112. I 2018 var der 36, og 1 000 000 kr.").into_string();
        assert!(html.contains(r#"<a href="tel:+4570200000" class="phone">70 20 00 00</a>"#), "{html}");
        assert!(html.contains(r#"<a href="tel:112" class="phone">112</a>"#), "{html}");
        assert_eq!(html.matches("<a ").count(), 2, "{html}");
        assert!(html.ends_with("I 2018 var der 36, og 1 000 000 kr."), "{html}");
    }

    #[test]
    fn list_items_become_lists_and_text_is_escaped() {
        let html = prose(&["Tag med:".into(), "- pas".into(), "- <b>".into(), "Slut".into()]).into_string();
        assert_eq!(html, "<p>Tag med:</p><ul><li>pas</li><li>&lt;b&gt;</li></ul><p>Slut</p>");
    }

    #[test]
    fn danish_names_are_sorted_as_danes_expect() {
        let mut names = ["Ærø", "Aarhus", "Ålesund", "Odense", "Ølstykke", "Vejle"];
        names.sort_by_key(|name| danish_order(name));
        assert_eq!(names, ["Odense", "Vejle", "Ærø", "Ølstykke", "Ålesund", "Aarhus"]);
    }
}
