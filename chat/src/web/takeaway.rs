//! What a citizen takes away: a card on a page of its own, the visit in a calendar, the whole conversation on paper or as
//! a file. All of it needs the conversation's own cookie, and works without a script.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Time};
use skranke_domain::calendar;
use skranke_domain::conversation::{Card, Reply};
use skranke_domain::time::{instant_at, local};

use super::{Stop, Visit, Web, find, html};
use crate::counter::{Said, Transcript};
use crate::ics;
use crate::pages::{Site, Trouble};

/// So long a visit to a counter takes, in a calendar.
const VISIT_MINUTES: i64 = 30;

/// A card on a page of its own (`/samtale/kort/3`), or its visit for a calendar (`/samtale/kort/3.ics`).
pub(super) async fn card(
    State(web): State<Arc<Web>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let visit = Visit::of(&headers, query.as_deref());
    let outcome = match name.strip_suffix(".ics") {
        Some(revision) => web.calendar(&visit, revision).await,
        None => web.card_page(&visit, &name).await,
    };
    web.answer(&visit, outcome)
}

/// The whole conversation on a page for paper.
pub(super) async fn transcript(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let visit = Visit::of(&headers, query.as_deref());
    let outcome = web.transcript_page(&visit).await;
    web.answer(&visit, outcome)
}

/// The whole conversation as a file of plain text.
pub(super) async fn transcript_file(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let visit = Visit::of(&headers, query.as_deref());
    let outcome = web.transcript_text(&visit).await;
    web.answer(&visit, outcome)
}

impl Web {
    async fn card_page(&self, visit: &Visit, revision: &str) -> Result<Response, Stop> {
        let transcript = self.transcript(visit).await?;
        let (revision, reply, card) = shown(&transcript, revision)?;
        let page = self.site(visit).card_page(reply, card, revision, self.suggestion());
        Ok(html(StatusCode::OK, &page))
    }

    async fn calendar(&self, visit: &Visit, revision: &str) -> Result<Response, Stop> {
        let transcript = self.transcript(visit).await?;
        let (revision, reply, card) = shown(&transcript, revision)?;
        let bad = || Stop::Trouble(StatusCode::BAD_REQUEST, Trouble::Form);
        let day: Date = find(&visit.query, "dag").and_then(|day| day.parse().ok()).ok_or_else(bad)?;
        let time: Time = find(&visit.query, "kl").and_then(|time| time.parse().ok()).ok_or_else(bad)?;
        let today = local(self.counter.now()).date();
        if day < today || day > today.saturating_add(1.year()) {
            return Err(bad());
        }
        let begins = instant_at(day.to_datetime(time)).ok_or_else(bad)?;
        let site = Site { lang: reply.lang, ..self.site(visit) };
        let entry = ics::Entry {
            id: format!("{}@skranke", site.answer_id(revision)),
            made: self.counter.now(),
            begins,
            ends: begins + VISIT_MINUTES.minutes(),
            ..site.visit(card)
        };
        let headers = [
            (CONTENT_TYPE, "text/calendar; charset=utf-8"),
            (CONTENT_DISPOSITION, "attachment; filename=\"besoeg.ics\""),
        ];
        Ok((StatusCode::OK, headers, entry.to_string()).into_response())
    }

    async fn transcript_page(&self, visit: &Visit) -> Result<Response, Stop> {
        let transcript = self.transcript(visit).await?;
        let page = self.site(visit).transcript_page(&transcript);
        Ok(html(StatusCode::OK, &page))
    }

    async fn transcript_text(&self, visit: &Visit) -> Result<Response, Stop> {
        let transcript = self.transcript(visit).await?;
        let text = self.site(visit).transcript_text(&transcript);
        let headers = [
            (CONTENT_TYPE, "text/plain; charset=utf-8"),
            (CONTENT_DISPOSITION, "attachment; filename=\"samtale.txt\""),
        ];
        // The mark at the beginning tells old editors on Windows that it is UTF-8.
        Ok((StatusCode::OK, headers, format!("\u{FEFF}{text}")).into_response())
    }

    /// When somebody may well go: on the next working day, in the middle of the morning.
    fn suggestion(&self) -> DateTime {
        let tomorrow = local(self.counter.now()).date().saturating_add(1.day());
        calendar::working_day_from(tomorrow).at(10, 0, 0, 0)
    }
}

/// The card under an answer of this conversation. Another one's is not found, like one that never was.
fn shown<'a>(transcript: &'a Transcript, revision: &str) -> Result<(u64, &'a Reply, &'a Card), Stop> {
    let revision = revision.parse().ok().filter(|_| !transcript.ended);
    let found = transcript.lines.iter().find(|line| Some(line.revision) == revision);
    match found.map(|line| (line.revision, &line.said)) {
        Some((revision, Said::Counter(reply))) => {
            reply.card.as_ref().map(|card| (revision, reply.as_ref(), card))
        }
        _ => None,
    }
    .ok_or(Stop::Trouble(StatusCode::NOT_FOUND, Trouble::NoCard))
}
