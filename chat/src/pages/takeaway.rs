//! The pages for paper: one card, and the whole conversation.

use std::fmt::Write as _;

use jiff::civil::DateTime;
use maud::{Markup, html};
use skranke_content::fill;
use skranke_domain::Lang;
use skranke_domain::conversation::{Card, Reply};
use skranke_domain::time::local;

use super::{Site, in_language};
use crate::card::Route;
use crate::counter::{Said, Transcript, TranscriptLine};
use crate::{hours, ics};

impl Site<'_> {
    /// One card on a page of its own, and the visit for a calendar. `at` is a day and time to begin with.
    pub(crate) fn card_page(&self, reply: &Reply, card: &Card, revision: u64, at: DateTime) -> Markup {
        let (texts, page) = (&self.library.messages(reply.lang).card, &self.texts().page);
        let card = self.of_today(card, reply.lang);
        let main = html! {
            h1 class="no-print" { (texts.page_title) }
            div lang=(reply.lang.tag()) { (self.card(&card, revision, reply.lang)) }
            p class="no-print" {
                button type="button" class="button button-secondary" data-print hidden { (page.print) }
            }
            section class="no-print" aria-labelledby="kalender" lang=(reply.lang.tag()) {
                h2 id="kalender" class="h4" { (texts.calendar_heading) }
                p { (texts.calendar_lead) }
                form method="get" action=(format!("/samtale/kort/{revision}.ics")) class="calendar" {
                    div class="form-group" {
                        label class="form-label" for="dag" { (texts.calendar_day) }
                        input class="form-input" type="date" id="dag" name="dag" required value=(at.date());
                    }
                    div class="form-group" {
                        label class="form-label" for="kl" { (texts.calendar_time) }
                        input class="form-input" type="time" id="kl" name="kl" required value=(at.strftime("%H:%M"));
                    }
                    button type="submit" class="button button-secondary" { (texts.calendar_save) }
                }
            }
            p class="no-print" { a class="back-link" href=(self.href("/")) { (page.back) } }
        };
        self.layout(&card.title, &format!("/samtale/kort/{revision}"), &main)
    }

    /// The card with what is true at this moment: whether it is open.
    pub(super) fn of_today(&self, card: &Card, lang: Lang) -> Card {
        let municipality = card.municipality.and_then(|code| self.library.municipality(code));
        // A municipality that is gone from the register is not the same as none.
        let known = municipality.is_some() == card.municipality.is_some();
        let service = self.library.service(&card.topic).filter(|_| known);
        let fresh = service.and_then(|service| {
            Route { library: self.library, lang, now: self.now, service, municipality }.card()
        });
        // What was said stays as it was said; only the moment is another one.
        match fresh {
            Some(fresh) => {
                Card { open: fresh.open, open_text: fresh.open_text, as_of: self.now, ..card.clone() }
            }
            None => Card { open: None, open_text: None, ..card.clone() },
        }
    }

    /// What a calendar is told of a visit.
    pub(crate) fn visit(&self, card: &Card) -> ics::Entry {
        let texts = &self.texts().card;
        let line = |label: &str| card.lines.iter().find(|line| line.label == label);
        let said = |label: &str| line(label).map(|line| format!("{}: {}", line.label, line.text));
        let text: Vec<String> =
            [said(&texts.label_bring), said(&texts.label_phone), said(&texts.label_hours)]
                .into_iter()
                .flatten()
                .chain([texts.calendar_book.clone(), card.link.clone()])
                .collect();
        ics::Entry {
            title: card.title.clone(),
            place: line(&texts.label_first).map(|line| line.text.clone()).unwrap_or_default(),
            text: text.join("\n"),
            ..ics::Entry::default()
        }
    }

    /// The whole conversation, for paper.
    pub(crate) fn transcript_page(&self, transcript: &Transcript) -> Markup {
        let texts = &self.texts().page;
        let main = html! {
            h1 { (texts.transcript_title) }
            p class="no-print" {
                button type="button" class="button button-secondary" data-print hidden { (texts.print) }
                " "
                a class="button button-secondary" href=(in_language("/samtale/udskrift.txt", self.lang)) download {
                    (texts.transcript_file)
                }
            }
            @if transcript.lines.is_empty() { p { (texts.transcript_empty) } }
            ol class="transcript" {
                @for line in &transcript.lines {
                    li {
                        p class="transcript-who" { strong { (self.who(line)) } " " time { (self.said_at(line)) } }
                        @for part in self.words(line).lines() { p { (part) } }
                    }
                }
            }
            p class="no-print" { a class="back-link" href=(self.href("/")) { (texts.back) } }
        };
        self.layout(&texts.transcript_title, "/samtale/udskrift", &main)
    }

    /// The same as plain text.
    pub(crate) fn transcript_text(&self, transcript: &Transcript) -> String {
        let mut text = format!("{}\r\n", self.texts().page.transcript_title);
        for line in &transcript.lines {
            let words = self.words(line).lines().collect::<Vec<_>>().join("\r\n");
            // Writing to a string does not fail.
            let _ = write!(text, "\r\n{} {}\r\n{words}\r\n", self.who(line), self.said_at(line));
        }
        text
    }

    fn who(&self, line: &TranscriptLine) -> &str {
        let texts = &self.texts().page;
        match line.said {
            Said::Citizen(_) => &texts.you_wrote,
            Said::Counter(_) => &texts.counter_answered,
            Said::Erased => "",
        }
    }

    fn said_at(&self, line: &TranscriptLine) -> String {
        let texts = self.texts();
        let at = local(line.at);
        let day = hours::date(&texts.hours, self.lang, at.date());
        fill(&texts.page.transcript_when, &[("day", &day), ("time", &hours::clock(self.lang, at.time()))])
    }

    fn words(&self, line: &TranscriptLine) -> String {
        match &line.said {
            Said::Citizen(text) => text.clone(),
            Said::Counter(reply) => {
                let sources = reply.sources.iter().map(|source| match &source.url {
                    Some(url) => format!("{}: {url}", source.name),
                    None => source.name.clone(),
                });
                std::iter::once(reply.plain()).chain(sources).collect::<Vec<_>>().join("\n")
            }
            Said::Erased => self.texts().page.erased.clone(),
        }
    }
}
