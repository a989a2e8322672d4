//! Asks addresses whether they still answer, as a polite visitor: `HEAD`, and `GET` where a server will not have that;
//! a few servers at a time, each with one question at a time and a pause in between.
//!
//! A link that is down is news, and never a fault of ours: whatever happens, there is an answer.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::StreamExt;
use reqwest::header::LOCATION;
use reqwest::redirect::Policy;
use reqwest::{Client, Method, StatusCode, Url};
use skranke_domain::service::LinkState;

use crate::house::SOFTWARE;

/// How many servers are asked at the same time.
const SERVERS: usize = 4;
/// How many redirections are followed.
const HOPS: usize = 5;

/// How patient and how polite to be.
#[derive(Clone, Copy, Debug)]
pub struct Manners {
    /// How long an answer may take.
    pub timeout: Duration,
    /// How long to leave a server alone between two questions.
    pub pause: Duration,
}

impl Default for Manners {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(10), pause: Duration::from_millis(500) }
    }
}

/// Asks.
pub struct Checker {
    client: Client,
    manners: Manners,
}

impl Checker {
    /// A checker. Fails when the program has no TLS to speak.
    pub fn try_new(manners: Manners) -> reqwest::Result<Self> {
        let client = Client::builder()
            .user_agent(SOFTWARE)
            .timeout(manners.timeout)
            // Each one is looked at here: a permanent one is what we want to know.
            .redirect(Policy::none())
            .build()?;
        Ok(Self { client, manners })
    }

    /// Asks for every address once.
    pub async fn check_all(
        &self,
        addresses: impl IntoIterator<Item = String>,
    ) -> BTreeMap<String, LinkState> {
        let mut servers: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for address in addresses {
            let host = Url::parse(&address).ok().and_then(|url| url.host_str().map(str::to_owned));
            let of_server = servers.entry(host.unwrap_or_default()).or_default();
            if !of_server.contains(&address) {
                of_server.push(address);
            }
        }
        let of_one_server = |addresses: Vec<String>| async move {
            let mut found = Vec::with_capacity(addresses.len());
            for address in addresses {
                if !found.is_empty() {
                    tokio::time::sleep(self.manners.pause).await;
                }
                let state = self.check(&address).await;
                found.push((address, state));
            }
            found
        };
        let found: Vec<_> = futures::stream::iter(servers.into_values().map(of_one_server))
            .buffer_unordered(SERVERS)
            .collect()
            .await;
        found.into_iter().flatten().collect()
    }

    /// Asks for one address.
    pub async fn check(&self, address: &str) -> LinkState {
        let Ok(mut url) = Url::parse(address) else { return LinkState::Unreachable };
        // Where it went for good; once a redirection is for the moment only, what comes after it is no move.
        let (mut moved_to, mut for_good) = (None, true);
        for _ in 0..=HOPS {
            let Some((status, location)) = self.answer(&url).await else { return LinkState::Unreachable };
            if status.is_redirection() {
                let next = location.and_then(|location| url.join(&location).ok());
                let Some(next) = next.filter(|next| matches!(next.scheme(), "http" | "https")) else {
                    return LinkState::Broken { status: status.as_u16() };
                };
                for_good &= matches!(status, StatusCode::MOVED_PERMANENTLY | StatusCode::PERMANENT_REDIRECT);
                if for_good {
                    moved_to = Some(next.clone());
                }
                url = next;
                continue;
            }
            return match status {
                // A solution that asks for a log-in is there.
                StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => settled(moved_to),
                StatusCode::TOO_MANY_REQUESTS => LinkState::Unreachable,
                status if status.is_success() => settled(moved_to),
                status if status.is_client_error() => LinkState::Broken { status: status.as_u16() },
                _ => LinkState::Unreachable,
            };
        }
        // Round and round.
        LinkState::Unreachable
    }

    /// The status and where it points to; nothing when no answer came.
    async fn answer(&self, url: &Url) -> Option<(StatusCode, Option<String>)> {
        match self.ask(Method::HEAD, url).await {
            // Many servers refuse HEAD in one way or another; who asked politely may ask again.
            Ok((status, _)) if status.is_client_error() || status.is_server_error() => {
                self.ask(Method::GET, url).await.ok()
            }
            Ok(answer) => Some(answer),
            Err(error) if error.is_timeout() || error.is_connect() => None,
            Err(_) => self.ask(Method::GET, url).await.ok(),
        }
    }

    async fn ask(&self, method: Method, url: &Url) -> reqwest::Result<(StatusCode, Option<String>)> {
        // The body is not read: that it begins is enough.
        let response = self.client.request(method, url.clone()).send().await?;
        let location = response.headers().get(LOCATION).and_then(|to| to.to_str().ok()).map(str::to_owned);
        Ok((response.status(), location))
    }
}

fn settled(moved_to: Option<Url>) -> LinkState {
    moved_to.map_or(LinkState::Works, |to| LinkState::Moved { to: to.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Instant;

    use axum::Router;
    use axum::extract::State;
    use axum::http::header;
    use axum::response::Redirect;
    use axum::routing::get;
    use tokio::net::TcpListener;

    /// How many are being answered, and how many that ever were at once.
    #[derive(Clone, Default)]
    struct Busy(Arc<[AtomicUsize; 2]>);

    async fn slow(State(Busy(busy)): State<Busy>) -> &'static str {
        let now = busy[0].fetch_add(1, Ordering::SeqCst) + 1;
        busy[1].fetch_max(now, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(20)).await;
        busy[0].fetch_sub(1, Ordering::SeqCst);
        "ok"
    }

    /// A server that answers in every way there is: its address.
    async fn server(busy: Busy) -> String {
        let no_head = |method: Method| async move {
            if method == Method::HEAD { StatusCode::METHOD_NOT_ALLOWED } else { StatusCode::OK }
        };
        let hangs = || async { std::future::pending::<StatusCode>().await };
        let app = Router::new()
            .route("/ok", get(|| async { "ok" }))
            .route("/no-head", get(no_head))
            .route("/moved", get(|| async { (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, "/ok")]) }))
            .route("/twice", get(|| async { Redirect::permanent("/moved") }))
            .route("/for-now", get(|| async { Redirect::temporary("/ok") }))
            .route("/login-first", get(|| async { Redirect::temporary("/moved") }))
            .route("/to-nothing", get(|| async { Redirect::permanent("/gone") }))
            .route("/nowhere", get(|| async { StatusCode::FOUND }))
            .route("/round", get(|| async { Redirect::permanent("/round") }))
            .route("/members", get(|| async { StatusCode::FORBIDDEN }))
            .route("/fault", get(|| async { StatusCode::INTERNAL_SERVER_ERROR }))
            .route("/busy", get(|| async { StatusCode::TOO_MANY_REQUESTS }))
            .route("/hangs", get(hangs))
            .route("/slow/{number}", get(slow))
            .with_state(busy);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        address
    }

    fn checker() -> Checker {
        let manners = Manners { timeout: Duration::from_millis(400), pause: Duration::from_millis(5) };
        Checker::try_new(manners).unwrap()
    }

    #[tokio::test]
    async fn every_way_to_answer_is_told_apart() {
        let server = server(Busy::default()).await;
        let moved = || LinkState::Moved { to: format!("{server}/ok") };
        for (path, state) in [
            ("/ok", LinkState::Works),
            ("/no-head", LinkState::Works),
            ("/moved", moved()),
            ("/twice", moved()),
            ("/for-now", LinkState::Works),
            ("/login-first", LinkState::Works),
            ("/members", LinkState::Works),
            ("/gone", LinkState::Broken { status: 404 }),
            ("/to-nothing", LinkState::Broken { status: 404 }),
            ("/nowhere", LinkState::Broken { status: 302 }),
            ("/round", LinkState::Unreachable),
            ("/fault", LinkState::Unreachable),
            ("/busy", LinkState::Unreachable),
            ("/hangs", LinkState::Unreachable),
        ] {
            assert_eq!(checker().check(&format!("{server}{path}")).await, state, "{path}");
        }
    }

    #[tokio::test]
    async fn nobody_at_home_and_no_address_at_all_are_no_faults_of_ours() {
        // Bound and dropped: nobody listens there.
        let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        for address in
            [format!("http://{gone}/"), "not an address".to_owned(), "http://navn.invalid/".to_owned()]
        {
            assert_eq!(checker().check(&address).await, LinkState::Unreachable, "{address}");
        }
    }

    #[tokio::test]
    async fn one_server_is_asked_one_thing_at_a_time_and_nothing_twice() {
        let busy = Busy::default();
        let server = server(busy.clone()).await;
        let mut addresses: Vec<_> = (0..6).map(|number| format!("{server}/slow/{number}")).collect();
        addresses.push(addresses[0].clone());
        let began = Instant::now();
        let found = checker().check_all(addresses).await;
        assert_eq!(found.len(), 6);
        assert!(found.values().all(|state| *state == LinkState::Works));
        assert_eq!(busy.0[1].load(Ordering::SeqCst), 1, "two questions at once");
        assert!(began.elapsed() >= 5 * Duration::from_millis(25), "no pause in between");
    }
}
