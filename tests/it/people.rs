//! The people at the doors: a browser with its cookies, without a script; a client of the API; a screen that listens.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use futures::{SinkExt, StreamExt};
use reqwest::cookie::{CookieStore, Jar};
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};
use skranke_domain::time::Clock;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::server::PATIENCE;

/// A name that no other act of this program has.
pub(crate) fn new_key() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("act-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Today in Copenhagen: what was received today has a deadline that runs for the whole test.
pub(crate) fn today() -> String {
    skranke_domain::time::local_date(skranke::clock::SystemClock.now()).to_string()
}

/// The rows of a connection, without their cursors.
pub(crate) fn nodes(mut connection: Value) -> Value {
    let edges = connection["edges"].as_array_mut().expect("a connection has edges");
    edges.iter_mut().map(|edge| edge["node"].take()).collect()
}

/// Somebody with a browser.
#[derive(Clone)]
pub(crate) struct Person {
    http: reqwest::Client,
    jar: Arc<Jar>,
    address: Arc<Mutex<String>>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {} {}", self.status, self.text))
    }

    pub(crate) fn is_html(&self) -> bool {
        let kind = self.headers.get("content-type").and_then(|kind| kind.to_str().ok());
        kind.is_some_and(|kind| kind.starts_with("text/html")) && self.text.contains("</html>")
    }

    /// The form whose opening tag holds `mark`, as the page has it.
    #[track_caller]
    pub(crate) fn form(&self, mark: &str) -> Form {
        let forms = self.text.split("<form").skip(1);
        let ours = forms.map(|form| form.split("</form>").next().unwrap_or_default());
        let found = ours.filter(|form| form.split('>').next().is_some_and(|tag| tag.contains(mark)));
        let html = found.last().unwrap_or_else(|| panic!("no form {mark} on the page: {}", self.text));
        Form::read(html)
    }
}

/// A form with what the page has filled in.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    action: String,
    fields: Vec<(String, String)>,
    /// Every name that can be filled in or pressed.
    names: Vec<String>,
    html: String,
}

impl Form {
    fn read(html: &str) -> Self {
        let (mut fields, mut names, mut select) = (Vec::new(), Vec::new(), String::new());
        for tag in html.split('<').skip(1) {
            let (name, value) = (attribute(tag, "name"), attribute(tag, "value"));
            let kind = attribute(tag, "type");
            let pressed =
                kind.is_none_or(|kind| kind != "radio" && kind != "submit") || tag.contains(" checked");
            match (tag.split(' ').next(), name.clone()) {
                (Some("input"), Some(name)) if pressed => fields.push((name, value.unwrap_or_default())),
                (Some("textarea"), Some(name)) => {
                    let text = tag.split_once('>').map(|(_, text)| unescaped(text));
                    fields.push((name, text.unwrap_or_default()));
                }
                (Some("select"), Some(name)) => select = name,
                (Some("option"), None) if tag.contains(" selected") => {
                    fields.push((select.clone(), value.unwrap_or_default()));
                }
                _ => {}
            }
            names.extend(name);
        }
        let action = attribute(html, "action").unwrap_or_default();
        Self { action, fields, names, html: html.to_owned() }
    }

    /// Fills in a field that the form must have.
    #[track_caller]
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        assert!(self.names.iter().any(|known| known == name), "no field {name}: {}", self.html);
        self.fields.retain(|(known, _)| known != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Chooses a value that the form must offer.
    #[track_caller]
    pub(crate) fn choosing(self, name: &str, value: &str) -> Self {
        assert!(self.html.contains(&format!("value=\"{value}\"")), "no choice {value}: {}", self.html);
        self.with(name, value)
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split('>').next()?.split_once(&format!(" {name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    Some(unescaped(value))
}

fn unescaped(text: &str) -> String {
    text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

impl Person {
    pub(crate) fn new(address: Arc<Mutex<String>>) -> Self {
        let jar = Arc::new(Jar::default());
        let http = reqwest::Client::builder().cookie_provider(Arc::clone(&jar)).timeout(PATIENCE);
        Self { http: http.build().unwrap(), jar, address }
    }

    fn address(&self) -> String {
        self.address.lock().unwrap().clone()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address())
    }

    /// The cookies as the browser would send them.
    pub(crate) fn cookies(&self) -> String {
        let sent = self.jar.cookies(&self.url("/").parse().unwrap());
        sent.map_or_else(String::new, |cookies| cookies.to_str().unwrap().to_owned())
    }

    /// Puts a cookie into the browser.
    pub(crate) fn holds(&self, cookie: &str) {
        self.jar.add_cookie_str(cookie, &self.url("/").parse().unwrap());
    }

    pub(crate) fn request_get(&self, path: &str) -> RequestBuilder {
        self.http.get(self.url(path))
    }

    pub(crate) fn request_post(&self, path: &str) -> RequestBuilder {
        self.http.post(self.url(path))
    }

    /// Sends a request; `None` when nobody answers.
    pub(crate) async fn try_send(request: RequestBuilder) -> Option<Answer> {
        let response = request.send().await.ok()?;
        let (status, headers) = (response.status(), response.headers().clone());
        Some(Answer { status, headers, text: response.text().await.ok()? })
    }

    pub(crate) async fn send(request: RequestBuilder) -> Answer {
        Self::try_send(request).await.expect("the server answers")
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Self::send(self.request_get(path)).await
    }

    pub(crate) async fn submit(&self, form: Form) -> Answer {
        Self::send(self.request_post(&form.action).form(&form.fields)).await
    }

    /// Writes to the counter as a browser without a script does.
    pub(crate) async fn writes(&self, text: &str) -> Answer {
        let page = self.get("/").await;
        self.submit(page.form("id=\"besked\"").with("text", text)).await
    }

    pub(crate) async fn log_in(&self, name: &str, municipality: &str, password: &str) -> Answer {
        let body = json!({ "municipality": municipality, "login": name, "password": password });
        Self::send(self.request_post("/api/login").header("x-skranke", "1").json(&body)).await
    }

    pub(crate) fn graphql(&self, query: &str, variables: &Value) -> RequestBuilder {
        let body = json!({ "query": query, "variables": variables });
        self.request_post("/graphql").header("x-skranke", "1").json(&body)
    }

    /// The whole GraphQL response.
    pub(crate) async fn gql(&self, query: &str, variables: Value) -> Value {
        let answer = Self::send(self.graphql(query, &variables)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.json()
    }

    /// The data of a question that must be answered.
    pub(crate) async fn ask(&self, query: &str, variables: Value) -> Value {
        let mut response = self.gql(query, variables).await;
        assert!(response["errors"].is_null(), "{query}: {response}");
        response["data"].take()
    }

    /// The code of the error that a question must come to.
    pub(crate) async fn error(&self, query: &str, variables: Value) -> String {
        let response = self.gql(query, variables).await;
        let code = &response["errors"][0]["extensions"]["code"];
        code.as_str().unwrap_or_else(|| panic!("no coded error: {query}: {response}")).to_owned()
    }

    pub(crate) fn act_request(&self, mutation: &str, input: &Value) -> RequestBuilder {
        self.graphql(&mutation_text(mutation), &json!({ "input": input }))
    }

    /// Carries out an act under a key of its own (unless the input has one): the payload, whatever it is.
    pub(crate) async fn act(&self, mutation: &str, mut input: Value) -> Value {
        if input["idempotencyKey"].is_null() {
            input["idempotencyKey"] = json!(new_key());
        }
        let mut data = self.ask(&mutation_text(mutation), json!({ "input": input })).await;
        data[mutation].take()
    }

    /// Carries out an act that must succeed.
    pub(crate) async fn does(&self, mutation: &str, input: Value) -> Value {
        let payload = self.act(mutation, input).await;
        let failed = ["Refused", "Conflict"].map(Value::from);
        assert!(!failed.contains(&payload["__typename"]), "{mutation}: {payload}");
        assert_eq!(payload["caughtUp"], true, "{mutation}: {payload}");
        payload
    }

    /// Tries an act that a rule must refuse: the refusal's code and statute.
    pub(crate) async fn is_refused(&self, mutation: &str, input: Value) -> (String, Option<String>) {
        let payload = self.act(mutation, input).await;
        assert_eq!(payload["__typename"], "Refused", "{mutation}: {payload}");
        assert!(!payload["message"].as_str().unwrap().is_empty(), "{mutation}: {payload}");
        (payload["code"].as_str().unwrap().to_owned(), payload["statute"].as_str().map(str::to_owned))
    }

    /// Opens a case from nothing: its id.
    pub(crate) async fn opens_a_case(&self, title: &str) -> String {
        let wish =
            json!({ "title": title, "received": today(), "channel": "COUNTER", "party": "Dagny Demosen" });
        self.does("caseOpen", wish).await["case"]["id"].as_str().unwrap().to_owned()
    }

    /// The id of a colleague (or one's own) by log-in name.
    pub(crate) async fn id_of(&self, login: &str) -> String {
        let data = self.ask("{ staff { id login } }", json!({})).await;
        let staff = data["staff"].as_array().unwrap();
        let found = staff.iter().find(|staff| staff["login"] == login).expect("a colleague of that name");
        found["id"].as_str().unwrap().to_owned()
    }

    fn upgrade(&self, origin: Option<&str>) -> tungstenite::handshake::client::Request {
        let mut request = format!("ws://{}/graphql/ws", self.address()).into_client_request().unwrap();
        let headers = request.headers_mut();
        headers.insert("sec-websocket-protocol", HeaderValue::from_static("graphql-transport-ws"));
        headers.insert("cookie", self.cookies().parse().unwrap());
        if let Some(origin) = origin {
            headers.insert("origin", origin.parse().unwrap());
        }
        request
    }

    /// The status with which a WebSocket is turned away.
    pub(crate) async fn may_not_listen(&self, origin: Option<&str>) -> StatusCode {
        match tokio_tungstenite::connect_async(self.upgrade(origin)).await {
            Err(tungstenite::Error::Http(response)) => response.status(),
            other => panic!("the WebSocket was not turned away: {other:?}"),
        }
    }

    /// A screen that listens.
    pub(crate) async fn listens(&self) -> Screen {
        let (socket, _) = tokio_tungstenite::connect_async(self.upgrade(None)).await.unwrap();
        let mut screen = Screen { socket };
        screen.send(&json!({ "type": "connection_init" })).await;
        assert_eq!(screen.next().await["type"], "connection_ack");
        screen
    }
}

/// What an act answers, by what its name begins with.
const DONE: &[(&str, &str)] = &[
    ("inquiry", "... on InquiryChanged { position caughtUp inquiry { id open caseId revision } }"),
    ("complaint", "... on ComplaintChanged { position caughtUp complaint { id stage timeliness revision } }"),
    ("access", "... on AccessRequestChanged { position caughtUp accessRequest { id stage revision } }"),
    (
        "exemption",
        "... on ExemptionChanged { position caughtUp exemption { id standing subjectId revision } }",
    ),
    ("webhook", "... on WebhookChanged { caughtUp webhookId secret revision }"),
    ("serviceAccount", ON_STAFF),
    ("serviceTokenIssue", "... on ServiceTokenIssued { caughtUp tokenId token expires staff { id } }"),
    ("serviceToken", ON_STAFF),
    ("service", ON_A_SERVICE),
    ("actionPage", ON_A_SERVICE),
    ("requirement", ON_A_SERVICE),
    ("authority", "... on AuthorityChanged { position caughtUp slug revision }"),
    ("team", "... on TeamChanged { caughtUp revision team { id name dissolved members { login } } }"),
    (
        "sample",
        "... on SampleChanged { position caughtUp revision sample { id engagementId number seed frame { day from until kle }
            position frameSize frameSha256 size caseIds } }",
    ),
    (
        "finding",
        "... on FindingChanged { position caughtUp revision finding { id number caseId severity rule
            text { ... on PersonalText { text } } answers { text { ... on PersonalText { text } } } } }",
    ),
    ("engagement", "... on EngagementChanged { caughtUp engagement { id open } }"),
    ("breakGlass", "... on GlassBroken { caughtUp until case { id number } }"),
    ("userRegister", "... on AccountOpened { caughtUp oneTimePassword staff { id login roles } }"),
    ("passwordReset", "... on AccountOpened { caughtUp oneTimePassword staff { id } }"),
    ("savedView", "... on SavedViewChanged { position caughtUp revision view { id } }"),
    ("erasure", ON_A_SUBJECT),
    ("legalHold", ON_A_SUBJECT),
    ("archive", ON_A_SUBJECT),
    (
        "subjectReport",
        "... on SubjectReportMade { position caughtUp report { subjectId looks { at purpose title }
            events { kind aboutId type title fields { key label value { ... on PersonalText { text } } } } } }",
    ),
    ("absence", ON_STAFF),
    ("substitute", ON_STAFF),
    ("role", ON_STAFF),
    ("account", ON_STAFF),
];
const ON_A_SERVICE: &str = "... on ServiceChanged { position caughtUp service { id stage revision } }";
const ON_A_SUBJECT: &str =
    "... on PrivacyChanged { position caughtUp dataSubject { id revision stage erasedAt holds { number } } }";
const ON_STAFF: &str = "... on StaffChanged { caughtUp revision staff { id roles absentToday } }";
const ON_A_CASE: &str = "... on CaseChanged { position caughtUp revision case { id number revision phase } }";

fn mutation_text(mutation: &str) -> String {
    let input = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
    let done =
        DONE.iter().find(|(begins, _)| mutation.starts_with(begins)).map_or(ON_A_CASE, |(_, done)| done);
    format!(
        "mutation($input: {input}!) {{ {mutation}(input: $input) {{ __typename {done}
            ... on Refused {{ code message statute path }}
            ... on Conflict {{ code message statute path currentRevision }} }} }}"
    )
}

/// A WebSocket that speaks graphql-transport-ws.
pub(crate) struct Screen {
    socket: WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>,
}

impl Screen {
    async fn send(&mut self, message: &Value) {
        self.socket.send(Message::text(message.to_string())).await.unwrap();
    }

    /// The next message.
    pub(crate) async fn next(&mut self) -> Value {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.socket.next()).await.expect("a message comes");
            match message.expect("the connection stays").unwrap() {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Close(frame) => panic!("the server closed the connection: {frame:?}"),
                _ => {}
            }
        }
    }

    /// The code with which the server closes the line; anything it says before that is a failure.
    pub(crate) async fn is_closed(&mut self) -> u16 {
        loop {
            let message =
                tokio::time::timeout(PATIENCE, self.socket.next()).await.expect("the line is closed");
            match message.expect("a closing handshake").unwrap() {
                Message::Close(frame) => return frame.map_or(0, |frame| frame.code.into()),
                Message::Text(text) => panic!("heard after the session was over: {text}"),
                _ => {}
            }
        }
    }

    /// Asks for a subscription under a name of our own, and passes over nothing that it tells.
    pub(crate) async fn begin(&mut self, name: &str, query: &str) {
        self.send(&json!({ "type": "subscribe", "id": name, "payload": { "query": query } })).await;
    }

    /// Subscribes under a name of our own.
    pub(crate) async fn subscribe(&mut self, name: &str, query: &str) {
        self.begin(name, query).await;
        // There is no receipt for a subscription; two answered pings mean that it was looked at in between.
        for _ in 0..2 {
            self.send(&json!({ "type": "ping" })).await;
            while self.next().await["type"] != "pong" {}
        }
    }

    /// Reads until a message comes for the subscription `name`: it, and all that came before it.
    pub(crate) async fn until(&mut self, name: &str) -> (Value, Vec<Value>) {
        let mut before = Vec::new();
        loop {
            let message = self.next().await;
            if message["id"] == name {
                return (message, before);
            }
            before.push(message);
        }
    }
}
