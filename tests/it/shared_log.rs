//! A log that several nodes share: an embedded one, served by the test itself over the Kurrent endpoint, so that the
//! test sees what the nodes write and no process of its own does their work.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use skranke::clock::{SystemClock, SystemIds};
use skranke_domain::StreamId;
use skranke_domain::time::Clock;
use skranke_store::endpoint::{self, Access, Authenticate, CannotCheck, EndpointOptions, Scope};
use skranke_store::{
    Direction, EmbeddedLog, EventLog, Expected, Filter, NewEvent, Position, Recorded, Revision, StreamWrite,
};
use tempfile::TempDir;

use crate::server::{PASSWORD, Setup};

/// The log, for as long as it is held.
pub(crate) struct SharedLog {
    log: Arc<dyn EventLog>,
    url: String,
    _folder: TempDir,
}

/// Lets the nodes in.
struct Door;

#[async_trait]
impl Authenticate for Door {
    async fn authenticate(&self, user: &str, password: &SecretString) -> Result<Option<Access>, CannotCheck> {
        let known = user == "node" && password.expose_secret() == PASSWORD;
        Ok(known.then_some(Access { scope: Scope::All, may_write: true }))
    }
}

impl SharedLog {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log: Arc<dyn EventLog> = Arc::new(EmbeddedLog::open(folder.path()).unwrap());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("kurrentdb://node:{PASSWORD}@{}?tls=false", listener.local_addr().unwrap());
        let options = EndpointOptions {
            authenticate: Arc::new(Door),
            writable: true,
            clock: Arc::new(SystemClock),
            ids: Arc::new(SystemIds),
            certificate: None,
        };
        tokio::spawn(endpoint::serve(listener, Arc::clone(&log), options, std::future::pending()));
        Self { log, url, _folder: folder }
    }

    /// A node on this log, with a data folder of its own.
    pub(crate) fn node(&self, setup: Setup) -> Setup {
        // Thirty-two bytes that every node knows.
        let key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
        setup.without_demo().on_log(&self.url).set("SKRANKE_MASTER_KEY", key)
    }

    /// The newest event of a stream.
    pub(crate) async fn newest(&self, stream: &StreamId) -> Option<Recorded> {
        let newest = self.log.read_stream(stream, Revision::MAX, Direction::Backwards, 1).await.unwrap();
        newest.into_iter().next()
    }

    /// Every claim that was ever taken, with the type of its newest event.
    pub(crate) async fn claims(&self) -> BTreeMap<StreamId, String> {
        let claims = Filter { stream_prefixes: vec!["claim-".to_owned()], ..Filter::default() };
        let (mut found, mut from) = (BTreeMap::new(), Position(0));
        loop {
            let page = self.log.read_all(from, Direction::Forwards, 256, &claims).await.unwrap();
            found
                .extend(page.events.iter().map(|event| (event.stream.clone(), event.event_type.to_string())));
            if page.next == from {
                return found;
            }
            from = page.next;
        }
    }

    /// Lets the claim of a process that is gone run out, which takes a minute and a half otherwise.
    pub(crate) async fn release(&self, claim: &StreamId) {
        let Some(held) = self.newest(claim).await else { return };
        let released = NewEvent {
            event_type: "ClaimReleased".into(),
            data: held.data.to_vec(),
            metadata: held.metadata.to_vec(),
            recorded_at: SystemClock.now(),
            id: uuid::Uuid::from_u128(held.id.as_u128() ^ 1),
        };
        let write = StreamWrite {
            stream: claim.clone(),
            expected: Expected::Exact(held.revision),
            events: vec![released],
        };
        self.log.append(write, None).await.unwrap();
    }
}
