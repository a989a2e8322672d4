//! What was said in the conversation since a page was shown: in another tab, or by a member of staff.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::{Fragments, Stop, Visit, Web, find, json, random_token};
use crate::counter::Said;

/// The lines after the one that the page has last (`/samtale/nyt?efter=3`). It changes nothing and needs the cookie.
pub(super) async fn lines(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let visit = Visit { json: true, ..Visit::of(&headers, query.as_deref()) };
    let outcome = web.lines_after(&visit).await;
    web.answer(&visit, outcome)
}

impl Web {
    async fn lines_after(&self, visit: &Visit) -> Result<Response, Stop> {
        let known = find(&visit.query, "efter").and_then(|known| known.parse().ok()).unwrap_or(0_u64);
        let (transcript, site) = (self.transcript(visit).await?, self.site(visit));
        let (mut html, mut announce, mut answer) = (String::new(), String::new(), None);
        let mut lang = visit.lang;
        // What was deleted in another tab is to leave this one, too.
        let gone = transcript.ended;
        let fresh = transcript.lines.iter().filter(|line| line.revision > known && !gone);
        for line in fresh {
            html.push_str(&site.line(line, &random_token()?).into_string());
            if let Said::Counter(reply) = &line.said {
                announce = site.announced(reply);
                lang = reply.lang;
                answer = Some(site.answer_id(line.revision));
            }
        }
        let after = if gone { String::new() } else { site.after(&transcript).into_string() };
        let fragments = Fragments {
            html,
            after,
            announce,
            answer,
            lang: lang.tag(),
            hint: false,
            repeated: false,
            renewed: gone,
        };
        Ok(json(StatusCode::OK, &fragments))
    }
}
