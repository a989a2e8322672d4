//! The Kurrent endpoint over any log, on a port of its own, for tests that come with a client.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use skranke_domain::Tenant;
use skranke_domain::time::{Clock, Ids};
use skranke_store::EventLog;
use skranke_store::endpoint::{self, Access, Authenticate, CannotCheck, EndpointOptions, Scope};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use uuid::Uuid;

/// When everything happens.
pub(crate) const NOW: &str = "2026-11-22T10:15:30.123456789Z";

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        NOW.parse().unwrap()
    }
}

struct Random;

impl Ids for Random {
    fn next(&self) -> Uuid {
        Uuid::from_u64_pair(super::random(), super::random())
    }
}

/// Lets in `admin` (sees all, may write), `reader` (sees all) and `auditor` (sees 0190), each with the password
/// `secret`; `broken` finds the door out of order.
struct Door;

#[async_trait]
impl Authenticate for Door {
    async fn authenticate(&self, user: &str, password: &SecretString) -> Result<Option<Access>, CannotCheck> {
        let access = match user {
            "admin" => Access { scope: Scope::All, may_write: true },
            "reader" => Access { scope: Scope::All, may_write: false },
            "auditor" => Access { scope: Scope::Tenant(Tenant::try_new("0190").unwrap()), may_write: false },
            "broken" => return Err(CannotCheck("no accounts".into())),
            _ => return Ok(None),
        };
        Ok((password.expose_secret() == "secret").then_some(access))
    }
}

/// A running endpoint. Dropping it stops it without a farewell.
pub(crate) struct Served {
    port: u16,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Served {
    /// What a client connects to as somebody who may do everything.
    pub(crate) fn url(&self) -> String {
        self.url_of("admin:secret")
    }

    /// What a client connects to as `who`: `USER:PASSWORD`.
    pub(crate) fn url_of(&self, who: &str) -> String {
        format!("kurrentdb://{who}@127.0.0.1:{}?tls=false", self.port)
    }

    /// The same for our own engine. The client reads the system's certificates each time it is made, TLS or not;
    /// tests make many.
    pub(crate) fn quick_url(&self) -> String {
        format!("{}&tlsCaFile=/dev/null", self.url())
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Stops it, and waits until it has.
    pub(crate) async fn stop(mut self) {
        let _ = self.stop.take().unwrap().send(());
        (&mut self.task).await.unwrap();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves a log to readers and writers.
pub(crate) async fn serve(log: Arc<dyn EventLog>) -> Served {
    start(log, true).await
}

/// Serves a log to readers only.
pub(crate) async fn serve_read_only(log: Arc<dyn EventLog>) -> Served {
    start(log, false).await
}

/// Serves a log to readers and writers where another endpoint was a moment ago.
pub(crate) async fn serve_at(port: u16, log: Arc<dyn EventLog>) -> Served {
    start_on(TcpListener::bind(("127.0.0.1", port)).await.unwrap(), log, true)
}

async fn start(log: Arc<dyn EventLog>, writable: bool) -> Served {
    start_on(TcpListener::bind("127.0.0.1:0").await.unwrap(), log, writable)
}

fn start_on(listener: TcpListener, log: Arc<dyn EventLog>, writable: bool) -> Served {
    let port = listener.local_addr().unwrap().port();
    let (stop, stopped) = oneshot::channel::<()>();
    let options = EndpointOptions {
        authenticate: Arc::new(Door),
        writable,
        clock: Arc::new(Still),
        ids: Arc::new(Random),
        certificate: None,
    };
    let task = tokio::spawn(async move {
        let stopped = async {
            let _ = stopped.await;
        };
        endpoint::serve(listener, log, options, stopped).await.unwrap();
    });
    Served { port, stop: Some(stop), task }
}
