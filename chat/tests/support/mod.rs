//! A counter over an embedded log in a folder of its own, with a clock that stands still.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "each test file uses its own part; a test may panic"
)]

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use jiff::Timestamp;
use skranke_chat::corpus::corpus;
use skranke_chat::counter::{Counter, Incoming, Turn, conversation_of};
use skranke_chat::understanding::Understanding;
use skranke_chat::web::{WebOptions, router};
use skranke_content::Library;
use skranke_domain::conversation::ChatChannel;
use skranke_domain::time::{Clock, Ids};
use skranke_domain::{ConversationId, Lang};
use skranke_store::{Desk, EmbeddedLog, EventLog, KeyRing, MasterKey};
use tower::ServiceExt;
use uuid::Uuid;

/// A Monday morning in November: the hotline is open.
pub const MONDAY: &str = "2026-11-23T09:00:00Z";

pub struct StandingClock(Mutex<Timestamp>);

impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

impl StandingClock {
    pub fn set(&self, at: &str) {
        *self.0.lock().unwrap() = at.parse().unwrap();
    }
}

struct Counting(AtomicU64);

impl Ids for Counting {
    fn next(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.0.fetch_add(1, Ordering::Relaxed)) + (7 << 76))
    }
}

pub fn library() -> Arc<Library> {
    static LIBRARY: OnceLock<Arc<Library>> = OnceLock::new();
    Arc::clone(LIBRARY.get_or_init(|| Arc::new(Library::builtin().unwrap())))
}

/// Learning takes a moment: once per test program.
fn understanding() -> Arc<Understanding> {
    static UNDERSTANDING: OnceLock<Arc<Understanding>> = OnceLock::new();
    Arc::clone(UNDERSTANDING.get_or_init(|| Arc::new(Understanding::new(corpus(&library())))))
}

pub struct House {
    pub counter: Arc<Counter>,
    pub clock: Arc<StandingClock>,
    pub log: Arc<dyn EventLog>,
    pub desk: Desk,
    dir: tempfile::TempDir,
}

impl House {
    pub fn new() -> Self {
        Self::with(|counter| counter)
    }

    pub fn with(set_up: impl FnOnce(Counter) -> Counter) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let log: Arc<dyn EventLog> = Arc::new(EmbeddedLog::open(&dir.path().join("log")).unwrap());
        let keys = KeyRing::open(&dir.path().join("keys"), MasterKey::generate().unwrap()).unwrap();
        let ids = Arc::new(Counting(AtomicU64::new(1)));
        let desk = Desk::new(Arc::clone(&log), Arc::new(keys), ids, "skranke/test");
        let clock = Arc::new(StandingClock(Mutex::new(MONDAY.parse().unwrap())));
        let told: Arc<dyn Clock> = Arc::<StandingClock>::clone(&clock);
        let counter = Arc::new(set_up(Counter::new(desk.clone(), library(), understanding(), told)));
        Self { counter, clock, log, desk, dir }
    }

    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub fn web(&self) -> Router {
        router(Arc::clone(&self.counter), WebOptions::default())
    }

    /// Everything that lies on disk, in one piece.
    pub fn bytes_on_disk(&self) -> Vec<u8> {
        fn collect(dir: &Path, bytes: &mut Vec<u8>) {
            for entry in std::fs::read_dir(dir).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    collect(&path, bytes);
                } else {
                    bytes.extend(std::fs::read(path).unwrap());
                }
            }
        }
        let mut bytes = Vec::new();
        collect(self.dir(), &mut bytes);
        bytes
    }
}

/// Whether `text` occurs in `bytes`.
pub fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// One citizen who talks to the counter.
pub struct Citizen<'a> {
    pub house: &'a House,
    pub conversation: ConversationId,
    pub lang: Lang,
    sent: std::cell::Cell<u32>,
}

impl<'a> Citizen<'a> {
    pub fn new(house: &'a House) -> Self {
        Self {
            house,
            conversation: conversation_of(b"a citizen"),
            lang: Lang::Da,
            sent: std::cell::Cell::new(0),
        }
    }

    async fn hear(&self, incoming: Incoming) -> Turn {
        self.sent.set(self.sent.get() + 1);
        let key = self.sent.get().to_string();
        let (counter, lang) = (&self.house.counter, Some(self.lang));
        counter.hear(self.conversation, ChatChannel::Web, incoming, lang, &key).await.unwrap()
    }

    pub async fn writes(&self, text: &str) -> Turn {
        self.hear(Incoming::Text(text.to_owned())).await
    }

    pub async fn presses(&self, choice: &str) -> Turn {
        self.hear(Incoming::Choice(choice.to_owned())).await
    }
}

/// A browser: keeps its cookie, follows nothing by itself.
#[derive(Clone)]
pub struct Browser {
    app: Router,
    pub cookie: Option<String>,
}

pub struct Page {
    pub status: StatusCode,
    pub location: Option<String>,
    pub body: String,
    pub set_cookie: Option<String>,
    pub policy: String,
}

impl Browser {
    pub fn new(house: &House) -> Self {
        Self { app: house.web(), cookie: None }
    }

    /// A browser of a counter that is set up in its own way.
    pub fn with(house: &House, options: WebOptions) -> Self {
        Self { app: router(Arc::clone(&house.counter), options), cookie: None }
    }

    pub fn over(app: Router) -> Self {
        Self { app, cookie: None }
    }

    pub async fn get(&mut self, path: &str) -> Page {
        let request = self.request("GET", path).body(Body::empty()).unwrap();
        self.send(request).await
    }

    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let body = form(fields);
        let kind = "application/x-www-form-urlencoded";
        let request = self.request("POST", path).header("content-type", kind).body(Body::from(body)).unwrap();
        self.send(request).await
    }

    pub async fn post_json(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let request = self.request("POST", path).header("content-type", "application/x-www-form-urlencoded");
        let request = request.header("accept", "application/json").body(Body::from(form(fields))).unwrap();
        self.send(request).await
    }

    pub fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        let request = Request::builder().method(method).uri(path).header("host", "skranke.example.dk");
        let request = request.header("sec-fetch-site", "same-origin");
        match &self.cookie {
            Some(cookie) => request.header("cookie", format!("andet=1; {cookie}")),
            None => request,
        }
    }

    pub async fn send(&mut self, request: Request<Body>) -> Page {
        let response: Response<Body> = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let text = |name: &str| parts.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        let (location, set_cookie) = (text("location"), text("set-cookie"));
        let policy = text("content-security-policy").unwrap_or_default();
        if let Some(cookie) = &set_cookie {
            let pair = cookie.split(';').next().unwrap().to_owned();
            self.cookie = Some(pair).filter(|pair| !pair.ends_with('='));
        }
        let status = parts.status;
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Page { status, location, body: String::from_utf8(bytes.to_vec()).unwrap(), set_cookie, policy }
    }
}

pub fn form(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

impl Page {
    /// The value of the hidden field of a name, the last on the page.
    pub fn hidden(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\" value=\"");
        let at = self.body.rfind(&mark).unwrap_or_else(|| panic!("no field {name}")) + mark.len();
        self.body[at..].split('"').next().unwrap().to_owned()
    }
}
