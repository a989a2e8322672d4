//! The web channel: the conversation's page, its forms, and the same answers as fragments for the page's script.
//!
//! Everything works as plain forms that post and reload. The script asks for JSON (`Accept: application/json`)
//! and gets the same HTML as fragments, so that there is one way to show a reply.
//!
//! Invariants:
//! - The cookie holds a random token that means something to this server only; the log never sees it.
//! - A form that another site sends is refused (`Sec-Fetch-Site`, else `Origin`).
//! - Nothing a client sends can panic this room: every body, header and field is read as hostile.

mod fresh;
mod takeaway;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, RawQuery, State};
use axum::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE, HOST, LOCATION, ORIGIN,
    REFERRER_POLICY, SET_COOKIE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use maud::Markup;
use serde::Serialize;
use skranke_domain::conversation::{ChatChannel, Choice};
use skranke_domain::inquiry::InquiryKind;
use skranke_domain::{ConversationId, Lang, Tenant};

use crate::counter::{
    Counter, CounterFailure, Incoming, Transcript, Turn, chain, conversation_of, text_for_screen,
};
use crate::form::{Field, InquiryForm};
use crate::handover::HandOver;
use crate::pace::Haste;
use crate::pages::{Flash, Kept, Site, Talked, Trouble, path_of_kind};

/// The name of the cookie.
const COOKIE_NAME: &str = "skranke_samtale";
/// The field that carries the cookie's token where a browser keeps no cookies (or none in frames).
pub(crate) const CARRIED: &str = "samtalenoegle";
/// What says that a page is shown in a frame.
pub(crate) const FRAMED: &str = "indlejret";
/// What names a municipality in an address, as in borger.dk's links.
pub(crate) const MUNICIPALITY: &str = "kommunekode";
/// How much a form may send: a message of a mebibyte, every byte of it encoded as three, still gets an answer.
const BODY_LIMIT: usize = 3 * 1024 * 1024 + 64 * 1024;
/// Files of our own only; no inline script or style.
const POLICY: &str =
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors ";

/// How the web channel is set up.
#[derive(Clone, Debug)]
pub struct WebOptions {
    /// The address citizens know (`https://skranke.example.dk`), where it is known.
    pub public_url: Option<String>,
    /// Whether citizens come over HTTPS: the cookie is then sent over HTTPS only.
    pub https: bool,
    /// How many days a conversation is kept, as the page says.
    pub retention_days: u16,
    /// The origins (`https://www.kommune.example`) of pages that may show the counter in a frame.
    pub embed_on: Vec<String>,
    /// Whose links may carry a conversation over to a form.
    pub hand_over: Option<HandOver>,
}

impl Default for WebOptions {
    fn default() -> Self {
        Self { public_url: None, https: false, retention_days: 90, embed_on: Vec::new(), hand_over: None }
    }
}

struct Web {
    counter: Arc<Counter>,
    options: WebOptions,
    /// The content security policy of every page.
    policy: HeaderValue,
}

/// The pages of the counter.
pub fn router(counter: Arc<Counter>, options: WebOptions) -> Router {
    let frames = if options.embed_on.is_empty() { "'none'".to_owned() } else { options.embed_on.join(" ") };
    // An origin that is no header text lets nobody frame the pages.
    let policy = HeaderValue::try_from(format!("{POLICY}{frames}"));
    let policy = policy.unwrap_or(HeaderValue::from_static("default-src 'self'; frame-ancestors 'none'"));
    Router::new()
        .route("/", get(page))
        .route("/samtale", post(message))
        .route("/samtale/nyt", get(fresh::lines))
        .route("/samtale/vurdering", post(rating))
        .route("/samtale/slut", post(end))
        .route("/samtale/kort/{card}", get(takeaway::card))
        .route("/samtale/udskrift", get(takeaway::transcript))
        .route("/samtale/udskrift.txt", get(takeaway::transcript_file))
        .route("/opkald", get(call_back).post(send_call_back))
        .route("/henvendelse", get(written).post(send_written))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(Arc::new(Web { counter, options, policy }))
}

/// What every request brings.
struct Visit {
    lang: Lang,
    /// The page's script asks for fragments.
    json: bool,
    /// The token of the cookie, or where no cookie is kept of the form, if there was a good one.
    token: Option<String>,
    /// The token came in a cookie.
    keeps_cookies: bool,
    /// The page is shown in a frame of another site's page.
    framed: bool,
    /// The municipality that the page's address names: the one that linked to it.
    near: Option<Tenant>,
    query: Vec<(String, String)>,
}

impl Visit {
    fn of(headers: &HeaderMap, query: Option<&str>) -> Self {
        let query = pairs(query.unwrap_or_default().as_bytes());
        let lang = find(&query, "lang").map_or(Lang::Da, Lang::from_tag);
        let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
        let token = token_of(headers);
        Self {
            lang,
            json: accept.contains("application/json"),
            keeps_cookies: token.is_some(),
            token,
            framed: find(&query, FRAMED).is_some(),
            near: municipality_in(&query),
            query,
        }
    }

    fn conversation(&self) -> Option<ConversationId> {
        self.token.as_deref().map(|token| conversation_of(token.as_bytes()))
    }
}

/// Why a request is not carried out.
enum Stop {
    Trouble(StatusCode, Trouble),
    House(String),
    /// As [`Self::House`], where something was written that may not be lost.
    Unanswered {
        cause: String,
        kept: Kept,
    },
}

impl From<CounterFailure> for Stop {
    fn from(failure: CounterFailure) -> Self {
        Self::House(chain(&failure))
    }
}

async fn page(State(web): State<Arc<Web>>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let visit = Visit::of(&headers, query.as_deref());
    let outcome = web.conversation_page(&visit).await;
    web.answer(&visit, outcome)
}

async fn message(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let mut visit = Visit::of(&headers, None);
    let outcome = match web.read_form(&headers, body, &mut visit) {
        Ok(fields) => web.hear(&visit, &fields).await.map_err(|stop| keeping(stop, &visit, &fields)),
        Err(stop) => Err(stop),
    };
    web.answer(&visit, outcome)
}

/// Without a script, what was written would be gone with the page: it goes along, to be sent again under the same key.
fn keeping(stop: Stop, visit: &Visit, fields: &[(String, String)]) -> Stop {
    match (stop, find(fields, "text")) {
        (Stop::House(cause), Some(text)) => {
            let text = text_for_screen(text, visit.lang);
            let message = find(fields, "message").unwrap_or_default().to_owned();
            Stop::Unanswered { cause, kept: Kept { text, message } }
        }
        (stop, _) => stop,
    }
}

async fn rating(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let mut visit = Visit::of(&headers, None);
    let outcome = match web.read_form(&headers, body, &mut visit) {
        Ok(fields) => web.rate(&visit, &fields).await,
        Err(stop) => Err(stop),
    };
    web.answer(&visit, outcome)
}

async fn end(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let mut visit = Visit::of(&headers, None);
    let outcome = match web.read_form(&headers, body, &mut visit) {
        Ok(_) => web.end(&visit).await,
        Err(stop) => Err(stop),
    };
    web.answer(&visit, outcome)
}

async fn call_back(State(web): State<Arc<Web>>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    web.form_page(InquiryKind::CallBack, &headers, query.as_deref()).await
}

async fn written(State(web): State<Arc<Web>>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    web.form_page(InquiryKind::Written, &headers, query.as_deref()).await
}

async fn send_call_back(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    web.form_sent(InquiryKind::CallBack, &headers, body).await
}

async fn send_written(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    web.form_sent(InquiryKind::Written, &headers, body).await
}

/// What the page's script gets.
#[derive(Serialize)]
struct Fragments<'a> {
    /// The new lines of the conversation.
    html: String,
    /// What stands below the newest answer.
    after: String,
    /// The answer as plain text, for a screen reader's live region where the log is none.
    announce: String,
    /// The id of the newest answer.
    answer: Option<String>,
    /// The language of the answer.
    lang: &'a str,
    /// Something was wrong with the message itself: it is still the citizen's to correct.
    hint: bool,
    /// This message had been answered before.
    repeated: bool,
    /// The conversation on the page was ended elsewhere and is deleted: this begins another one.
    renewed: bool,
}

#[derive(Serialize)]
struct JsonTrouble {
    error: String,
}

impl Web {
    fn site(&self, visit: &Visit) -> Site<'_> {
        Site {
            library: self.counter.library(),
            lang: visit.lang,
            now: self.counter.now(),
            retention_days: self.options.retention_days,
            conversation: visit.conversation(),
            carried: visit.token.clone().filter(|_| !visit.keeps_cookies),
            framed: visit.framed,
            near: visit.near.filter(|code| self.counter.library().municipality(*code).is_some()),
        }
    }

    /// Checks where a form came from and takes it apart.
    fn read_form(
        &self,
        headers: &HeaderMap,
        body: Result<Bytes, BytesRejection>,
        visit: &mut Visit,
    ) -> Result<Vec<(String, String)>, Stop> {
        let bad = |status, trouble| Stop::Trouble(status, trouble);
        if !self.same_site(headers) {
            return Err(bad(StatusCode::FORBIDDEN, Trouble::ForeignSite));
        }
        let body = body.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => bad(StatusCode::PAYLOAD_TOO_LARGE, Trouble::TooLarge),
            _ => bad(StatusCode::BAD_REQUEST, Trouble::Form),
        })?;
        let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.trim_start().to_ascii_lowercase().starts_with("application/x-www-form-urlencoded") {
            return Err(bad(StatusCode::UNSUPPORTED_MEDIA_TYPE, Trouble::Form));
        }
        let fields = pairs(&body);
        if let Some(lang) = find(&fields, "lang") {
            visit.lang = Lang::from_tag(lang);
        }
        visit.framed = find(&fields, FRAMED).is_some();
        visit.near = municipality_in(&fields);
        if visit.token.is_none() {
            visit.token = find(&fields, CARRIED).filter(|token| is_token(token)).map(str::to_owned);
        }
        Ok(fields)
    }

    /// Whether a form was sent from a page of ours. Browsers say so; what says nothing is no browser that holds
    /// somebody's cookie across sites (the cookie is `SameSite=Lax` besides).
    fn same_site(&self, headers: &HeaderMap) -> bool {
        let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        if let Some(site) = text(HeaderName::from_static("sec-fetch-site")) {
            return site == "same-origin" || site == "none";
        }
        let Some(origin) = headers.get(ORIGIN) else { return true };
        let Some((_, origin_host)) = origin.to_str().ok().and_then(|origin| origin.split_once("://")) else {
            return false;
        };
        let public = self.options.public_url.as_deref().and_then(|url| url.split_once("://"));
        let public = public.map(|(_, rest)| rest.trim_end_matches('/'));
        text(HOST) == Some(origin_host) || public == Some(origin_host)
    }

    /// The token of the visit, or a new one.
    fn token(visit: &Visit) -> Result<String, Stop> {
        match &visit.token {
            Some(token) => Ok(token.clone()),
            None => random_token(),
        }
    }

    async fn transcript(&self, visit: &Visit) -> Result<Transcript, Stop> {
        match visit.conversation() {
            Some(conversation) => Ok(self.counter.transcript(conversation).await?),
            None => Ok(Transcript::default()),
        }
    }

    /// What goes along with a form: the conversation that a link names, else the page's own.
    async fn carried(
        &self,
        visit: &Visit,
        fields: &[(String, String)],
    ) -> Result<(Option<ConversationId>, Transcript, Talked), Stop> {
        let Some(pass) = find(fields, "samtale") else {
            let transcript = self.transcript(visit).await?;
            let talked = if talked(&transcript) { Talked::Here } else { Talked::Nothing };
            return Ok((visit.conversation(), transcript, talked));
        };
        let known = self.options.hand_over.as_ref();
        let named = known.and_then(|known| known.conversation(pass, self.counter.now()));
        if let Some(conversation) = named {
            let transcript = self.counter.transcript(conversation).await?;
            if talked(&transcript) {
                return Ok((named, transcript, Talked::OnTelegram { pass: pass.to_owned() }));
            }
        }
        Ok((visit.conversation(), Transcript::default(), Talked::TooLongAgo))
    }

    async fn conversation_page(&self, visit: &Visit) -> Result<Response, Stop> {
        let flash = match find(&visit.query, "vis") {
            Some("tom") => Some(Flash::Empty),
            Some("ukendt") => Some(Flash::UnknownChoice),
            Some("vent") => Some(Flash::TooFast),
            Some("slut") => Some(Flash::Ended),
            Some("tak") => Some(Flash::Rated),
            _ => None,
        };
        let mut transcript = self.transcript(visit).await?;
        let (mut token, mut cookie) = (visit.token.clone(), None);
        if transcript.ended {
            // The browser still holds an ended conversation's cookie: it gets a new one.
            (transcript, token) = (Transcript::default(), None);
        }
        let mut site = self.site(visit);
        if token.is_none() {
            let fresh = random_token()?;
            cookie = Some(self.cookie(visit, &fresh));
            // Nobody knows yet whether the browser keeps it.
            site =
                Site { conversation: Some(conversation_of(fresh.as_bytes())), carried: Some(fresh), ..site };
        }
        let page = site.conversation(&transcript, flash, &random_token()?);
        Ok(with_cookie(html(StatusCode::OK, &page), cookie))
    }

    async fn hear(&self, visit: &Visit, fields: &[(String, String)]) -> Result<Response, Stop> {
        let incoming = match (find(fields, "choice"), find(fields, "text")) {
            (Some(choice), _) => Incoming::Choice(choice.to_owned()),
            (None, Some(text)) => Incoming::Text(text.to_owned()),
            (None, None) => return Err(Stop::Trouble(StatusCode::BAD_REQUEST, Trouble::Form)),
        };
        // Buttons stand under an answer: they go on in its language, whatever the page's own is.
        let lang = match &incoming {
            Incoming::Choice(_) if visit.token.is_some() => None,
            Incoming::Choice(_) | Incoming::Text(_) => Some(visit.lang),
        };
        let message = find(fields, "message").unwrap_or_default();
        let mut token = Self::token(visit)?;
        let mut renewed = false;
        let heard = async |token: &str| {
            let (Incoming::Choice(text) | Incoming::Text(text)) = &incoming;
            // One page shows many buttons under one name: what was pressed belongs to the key. So does the text, as
            // a citizen who goes back and writes something else has sent another message. The token is nowhere in the
            // log: without it, nobody can try out what was removed from the text.
            let key = format!("{token}/{message}/{text}");
            let conversation = conversation_of(token.as_bytes());
            self.counter.hear(conversation, ChatChannel::Web, incoming.clone(), lang, &key).await
        };
        let turn = match heard(&token).await {
            Err(CounterFailure::Ended) => {
                (token, renewed) = (random_token()?, true);
                heard(&token).await?
            }
            other => other?,
        };
        let cookie = (renewed || !visit.keeps_cookies).then(|| self.cookie(visit, &token));
        let conversation = conversation_of(token.as_bytes());
        let carried = (!visit.keeps_cookies).then_some(token);
        let site = Site { conversation: Some(conversation), carried, ..self.site(visit) };
        if visit.json {
            let fragments = fragments(&site, &turn)?;
            return Ok(with_cookie(json(StatusCode::OK, &Fragments { renewed, ..fragments }), cookie));
        }
        let refused = match (turn.revision, &incoming) {
            (Some(_), _) => None,
            _ if turn.haste != Haste::None => Some(Flash::TooFast),
            (None, Incoming::Choice(_)) => Some(Flash::UnknownChoice),
            (None, Incoming::Text(_)) => Some(Flash::Empty),
        };
        if !visit.keeps_cookies {
            // A browser that keeps no cookies would find an empty page after a redirect: it gets the answer here.
            let transcript = self.counter.transcript(conversation).await?;
            let page = site.conversation(&transcript, refused, &random_token()?);
            return Ok(with_cookie(html(StatusCode::OK, &page), cookie));
        }
        let (show, anchor) = match refused {
            None => ("", "seneste"),
            Some(Flash::UnknownChoice) => ("ukendt", "besked"),
            Some(Flash::TooFast) => ("vent", "besked"),
            Some(_) => ("tom", "besked"),
        };
        Ok(with_cookie(see_other(&home(visit, language_after(visit, &incoming), show, anchor)), cookie))
    }

    async fn rate(&self, visit: &Visit, fields: &[(String, String)]) -> Result<Response, Stop> {
        let helpful = match find(fields, "helpful") {
            Some("yes") => true,
            Some("no") => false,
            _ => return Err(Stop::Trouble(StatusCode::BAD_REQUEST, Trouble::Form)),
        };
        let bad = || Stop::Trouble(StatusCode::BAD_REQUEST, Trouble::Form);
        let answer = find(fields, "answer").and_then(|answer| answer.parse().ok()).ok_or_else(bad)?;
        if let Some(conversation) = visit.conversation() {
            match self.counter.rate(conversation, answer, helpful).await {
                // Nothing to rate any more: the thanks are due all the same.
                Ok(()) | Err(CounterFailure::Ended | CounterFailure::NothingSaid) => {}
                Err(CounterFailure::NoSuchAnswer) => return Err(bad()),
                Err(other) => return Err(other.into()),
            }
        }
        if visit.json {
            let thanks = self.counter.library().messages(visit.lang).page.helpful_thanks.clone();
            let after = maud::html! { p role="status" { (thanks) } }.into_string();
            let (html, answer) = (String::new(), None);
            let lang = visit.lang.tag();
            let (hint, repeated, renewed) = (false, false, false);
            let fragments =
                Fragments { html, after, announce: thanks, answer, lang, hint, repeated, renewed };
            return Ok(json(StatusCode::OK, &fragments));
        }
        Ok(see_other(&home(visit, visit.lang, "tak", "efter")))
    }

    async fn end(&self, visit: &Visit) -> Result<Response, Stop> {
        if let Some(conversation) = visit.conversation() {
            self.counter.end(conversation).await?;
        }
        let gone = format!("{}; Max-Age=0", self.cookie(visit, ""));
        Ok(with_cookie(see_other(&home(visit, visit.lang, "slut", "indhold")), Some(gone)))
    }

    async fn form_page(&self, kind: InquiryKind, headers: &HeaderMap, query: Option<&str>) -> Response {
        let visit = Visit::of(headers, query);
        let outcome = self.empty_form(kind, &visit).await;
        self.answer(&visit, outcome)
    }

    async fn empty_form(&self, kind: InquiryKind, visit: &Visit) -> Result<Response, Stop> {
        let (_, transcript, talked) = self.carried(visit, &visit.query).await?;
        let mut form = InquiryForm::new(kind, random_token()?);
        if let Some(code) = visit.near {
            form.set(Field::Municipality, code.to_string());
        }
        let page = self.site(visit).inquiry_form(&form, &transcript.dialogue, &talked);
        let cookie = match visit.token {
            Some(_) => None,
            None => Some(self.cookie(visit, &random_token()?)),
        };
        Ok(with_cookie(html(StatusCode::OK, &page), cookie))
    }

    async fn form_sent(
        &self,
        kind: InquiryKind,
        headers: &HeaderMap,
        body: Result<Bytes, BytesRejection>,
    ) -> Response {
        let mut visit = Visit::of(headers, None);
        let outcome = match self.read_form(headers, body, &mut visit) {
            Ok(fields) => self.leave_inquiry(kind, &visit, &fields).await,
            Err(stop) => Err(stop),
        };
        self.answer(&visit, outcome)
    }

    async fn leave_inquiry(
        &self,
        kind: InquiryKind,
        visit: &Visit,
        fields: &[(String, String)],
    ) -> Result<Response, Stop> {
        let key = match find(fields, "form") {
            Some(key) if (1..=64).contains(&key.len()) => key.to_owned(),
            _ => random_token()?,
        };
        let library = self.counter.library();
        let texts = &library.messages(visit.lang).form;
        let mut form = InquiryForm::filled(kind, key, fields);
        let (named, transcript, talked) = self.carried(visit, fields).await?;
        if let Some(wish) = form.check(visit.lang, texts, |code| library.municipality(code).is_some()) {
            let conversation = match named {
                Some(conversation) => conversation,
                None => conversation_of(Self::token(visit)?.as_bytes()),
            };
            let municipality = wish.municipality;
            match self.counter.leave_inquiry(conversation, wish).await {
                Ok(receipt) => {
                    let page = self.site(visit).receipt(kind, &receipt, municipality);
                    return Ok(html(StatusCode::OK, &page));
                }
                Err(CounterFailure::Inquiry(refusal)) => form.refused(&refusal, visit.lang),
                Err(other) => return Err(other.into()),
            }
        }
        form.redact_for_screen(visit.lang, self.counter.learned().understanding.public());
        let page = self.site(visit).inquiry_form(&form, &transcript.dialogue, &talked);
        Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page))
    }

    /// The response, with what went wrong as a page or as JSON, and the headers that every page has.
    fn answer(&self, visit: &Visit, outcome: Result<Response, Stop>) -> Response {
        let mut response = outcome.unwrap_or_else(|stop| {
            let (status, trouble, kept) = match stop {
                Stop::Trouble(status, trouble) => (status, trouble, None),
                Stop::House(cause) => (StatusCode::SERVICE_UNAVAILABLE, broken(&cause), None),
                Stop::Unanswered { cause, kept } => {
                    (StatusCode::SERVICE_UNAVAILABLE, broken(&cause), Some(kept))
                }
            };
            let site = self.site(visit);
            if visit.json {
                json(status, &JsonTrouble { error: site.trouble_text(&trouble) })
            } else {
                html(status, &site.trouble(&trouble, kept.as_ref()))
            }
        });
        let headers = response.headers_mut();
        for (name, value) in [
            (CACHE_CONTROL, "no-store"),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (REFERRER_POLICY, "same-origin"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        headers.insert(CONTENT_SECURITY_POLICY, self.policy.clone());
        response
    }

    fn cookie(&self, visit: &Visit, token: &str) -> String {
        let kept = if visit.framed {
            // One for each site that frames the counter, and none that follows people from one to the other.
            "; SameSite=None; Secure; Partitioned".to_owned()
        } else {
            format!("; SameSite=Lax{}", self.secure())
        };
        format!("{COOKIE_NAME}={token}; Path=/; HttpOnly{kept}")
    }

    fn secure(&self) -> &'static str {
        if self.options.https { "; Secure" } else { "" }
    }
}

/// Logs why the house could not answer, and gives that a code short enough to be read out on the phone.
fn broken(cause: &str) -> Trouble {
    let code = random_token().ok().and_then(|token| token.get(..6).map(str::to_owned)).unwrap_or_default();
    tracing::error!(code, cause, "the counter could not answer a visitor");
    Trouble::House { code }
}

/// What the page's script gets for a turn.
fn fragments<'a>(site: &Site<'_>, turn: &'a Turn) -> Result<Fragments<'a>, Stop> {
    let lang = turn.reply.lang.tag();
    let Some(revision) = turn.revision else {
        let announce = turn.reply.plain();
        let (html, after) = (String::new(), String::new());
        let (answer, repeated, renewed) = (None, false, false);
        return Ok(Fragments { html, after, announce, answer, lang, hint: true, repeated, renewed });
    };
    let mut html = turn.said.as_deref().map_or_else(String::new, |said| site.citizen(said).into_string());
    html.push_str(&site.reply(&turn.reply, revision, &random_token()?).into_string());
    Ok(Fragments {
        html,
        after: site.rating(revision).into_string(),
        announce: site.announced(&turn.reply),
        answer: Some(site.answer_id(revision)),
        lang,
        hint: false,
        repeated: turn.repeated,
        renewed: false,
    })
}

fn talked(transcript: &Transcript) -> bool {
    !transcript.lines.is_empty() && !transcript.ended
}

/// A pressed "English" or "Dansk" switches the page, too.
fn language_after(visit: &Visit, incoming: &Incoming) -> Lang {
    match incoming {
        Incoming::Choice(code) => match Choice::parse(code) {
            Some(Choice::Language(lang)) => lang,
            _ => visit.lang,
        },
        Incoming::Text(_) => visit.lang,
    }
}

/// The address of the conversation's page.
fn home(visit: &Visit, lang: Lang, show: &str, anchor: &str) -> String {
    let framed = if visit.framed { "1" } else { "" };
    let near = visit.near.map(|code| code.code3().to_owned()).unwrap_or_default();
    let query: Vec<String> =
        [("vis", show), ("lang", lang.pick("", "en")), (FRAMED, framed), (MUNICIPALITY, near.as_str())]
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
    let mark = if query.is_empty() { "" } else { "?" };
    format!("/{mark}{}#{anchor}", query.join("&"))
}

/// The fields of a form or a query. Bytes that are no UTF-8 become replacement characters, which the counter
/// knows as garbage.
fn pairs(bytes: &[u8]) -> Vec<(String, String)> {
    let pairs = form_urlencoded::parse(bytes).take(40);
    pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// The municipality that an address or a form names; borger.dk's links spell the name in several ways.
fn municipality_in(fields: &[(String, String)]) -> Option<Tenant> {
    let (_, code) = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(MUNICIPALITY))?;
    Tenant::try_new(code).ok()
}

fn find<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
}

/// 128 random bits that name a conversation, a form or a message.
fn random_token() -> Result<String, Stop> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| Stop::House(format!("no random bytes: {error}")))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// The token in the cookie, if it looks like one of ours.
fn token_of(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs =
        cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (_, token) = pairs.find(|(name, _)| *name == COOKIE_NAME)?;
    is_token(token).then(|| token.to_owned())
}

fn is_token(token: &str) -> bool {
    token.len() == 22 && URL_SAFE_NO_PAD.decode(token).is_ok_and(|bytes| bytes.len() == 16)
}

fn html(status: StatusCode, page: &Markup) -> Response {
    (status, [(CONTENT_TYPE, "text/html; charset=utf-8")], page.0.clone()).into_response()
}

fn json(status: StatusCode, body: &impl Serialize) -> Response {
    (status, axum::Json(body)).into_response()
}

fn see_other(location: &str) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response()
}

fn with_cookie(mut response: Response, cookie: Option<String>) -> Response {
    if let Some(value) = cookie.and_then(|cookie| HeaderValue::try_from(cookie).ok()) {
        response.headers_mut().append(SET_COOKIE, value);
    }
    response
}

/// Where a form of a kind is, as an absolute address for channels without pages of their own.
pub(crate) fn absolute(public_url: &str, kind: InquiryKind, lang: Lang) -> String {
    let query = lang.pick("", "?lang=en");
    format!("{}{}{query}", public_url.trim_end_matches('/'), path_of_kind(kind))
}
