//! The Kurrent gRPC endpoint: any log, for the clients that KurrentDB's makers publish.
//!
//! An auditor reads the log with a tool that we did not write; tests and migrations write it the same way. What
//! is served is the part of KurrentDB's public protocol that its official clients need in order to connect, read
//! streams and everything in both directions, filter, and subscribe; for those who may write also appending,
//! deleting and tombstoning. Persistent subscriptions, projections, links and users are not there: the clients
//! learn so from the list of supported methods.
//!
//! How the log looks from outside:
//! - A position *n* is commit and prepare position *n*.
//! - An event's bytes are untouched. Its content type is not stored: it is `application/json` when the data is
//!   JSON, else `application/octet-stream`.
//! - Deleting a stream is KurrentDB's soft delete: an event in the metadata stream `$$name` whose `$tb` says from
//!   which revision on the stream can be seen. `$maxCount` and `$maxAge` are kept and not acted upon.
//! - Tombstoning is the port's own deletion.
//!
//! Every call but two (which methods there are, and which nodes) carries a user name and a password (HTTP basic
//! authentication in the call's metadata). So the connection is encrypted when a certificate is given; without one,
//! listen on loopback only, or put a proxy that terminates TLS in front. (The Python client sends no password over a
//! connection that is not encrypted.)

#![expect(clippy::result_large_err, reason = "tonic's services answer with its Status")]

mod answer;
mod append;
mod auth;
mod batch;
mod convert;
mod delete;
mod extent;
mod filter;
mod idempotency;
mod nodes;
mod read;
mod request;
mod service;
mod subscribe;

/// What `build.rs` made of `proto/`.
mod proto {
    #![allow(dead_code, unreachable_pub, clippy::all, clippy::pedantic, reason = "generated code")]
    include!(concat!(env!("OUT_DIR"), "/kurrent_protocol.rs"));
}

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretSlice};
use skranke_domain::time::{Clock, Ids};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Identity, Server, ServerTlsConfig};

use crate::port::EventLog;

pub use auth::{Access, Authenticate, CannotCheck, Scope};

use nodes::Nodes;
use proto::event_store::client::gossip::gossip_server::GossipServer;
use proto::event_store::client::server_features::server_features_server::ServerFeaturesServer;
use proto::event_store::client::streams::streams_server::StreamsServer;
use service::Endpoint;

/// The largest message that is taken in: KurrentDB's own limit, which its clients cut their batches for.
const LARGEST_MESSAGE: usize = 17 << 20;
/// The largest append, all its events together, in bytes.
const LARGEST_APPEND: usize = 16 << 20;
/// How many calls one connection may have open at a time, subscriptions included.
const CALLS_PER_CONNECTION: u32 = 256;
/// A call that asks for one answer is given up after this; a slow append may still have happened.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often a silent connection is asked whether somebody is still there, and how long for an answer.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// How long open calls may take to end once the server stops.
const FAREWELL: Duration = Duration::from_secs(5);

/// How the log is served.
pub struct EndpointOptions {
    /// Who may come in.
    pub authenticate: Arc<dyn Authenticate>,
    /// Whether those who may write can. Otherwise every write is refused, whoever asks.
    pub writable: bool,
    /// The time that appended events get.
    pub clock: Arc<dyn Clock>,
    /// The ids of subscriptions and of the events that a soft delete writes.
    pub ids: Arc<dyn Ids>,
    /// What the server shows to prove itself; `None` for connections that are not encrypted.
    pub certificate: Option<Certificate>,
}

/// A server's certificate.
pub struct Certificate {
    /// The certificate and those that lead to its root, as PEM.
    pub chain: Vec<u8>,
    /// Its private key, as PEM.
    pub key: SecretSlice<u8>,
}

/// The endpoint could not begin or go on.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The certificate cannot be used.
    #[error("the certificate or its key cannot be used: give both as PEM files")]
    Certificate(#[source] tonic::transport::Error),
    /// The network failed.
    #[error("the Kurrent endpoint stopped")]
    Transport(#[source] tonic::transport::Error),
}

/// Serves the log until `shutdown` is done. Subscriptions then end with `UNAVAILABLE`, so that a client knows to
/// come back; what was accepted is finished.
pub async fn serve(
    listener: TcpListener,
    log: Arc<dyn EventLog>,
    options: EndpointOptions,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), ServeError> {
    let (stop, stopping) = watch::channel(false);
    let nodes = Arc::new(Nodes::new(options.writable, options.ids.next()));
    let tls = options.certificate.as_ref().map(|certificate| {
        let identity = Identity::from_pem(&certificate.chain, certificate.key.expose_secret());
        ServerTlsConfig::new().identity(identity)
    });
    let endpoint = Arc::new(Endpoint::new(log, options, stopping));
    let streams = StreamsServer::from_arc(endpoint).max_decoding_message_size(LARGEST_MESSAGE);
    let mut server = Server::builder()
        .max_concurrent_streams(CALLS_PER_CONNECTION)
        .timeout(PATIENCE)
        .http2_keepalive_interval(Some(KEEP_ALIVE))
        .http2_keepalive_timeout(Some(KEEP_ALIVE));
    if let Some(tls) = tls {
        server = server.tls_config(tls).map_err(ServeError::Certificate)?;
    }
    let router = server
        .add_service(streams)
        .add_service(ServerFeaturesServer::from_arc(Arc::clone(&nodes)))
        .add_service(GossipServer::from_arc(nodes));
    let (asked, mut told) = (stop.clone(), stop.subscribe());
    let signal = async move {
        shutdown.await;
        asked.send_replace(true);
    };
    let serving =
        router.serve_with_incoming_shutdown(TcpIncoming::from(listener).with_nodelay(Some(true)), signal);
    tokio::select! {
        outcome = serving => outcome.map_err(ServeError::Transport),
        // A client that keeps its end open must not keep the program from ending.
        () = async {
            let _ = told.wait_for(|stop| *stop).await;
            tokio::time::sleep(FAREWELL).await;
        } => Ok(()),
    }
}
