//! The way to the server: a connection for requests, made anew when it is lost, and the sessions of appends on it.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use kurrentdb::{BatchAppendClient, BatchAppendOptions, Client, ClientSettings, Error};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::known::Known;
use super::{mapping, read};
use crate::port::LogError;

/// How long one request may take. The client itself would wait for ever for a server that never answers.
pub(super) const DEADLINE: Duration = Duration::from_secs(15);
/// Milliseconds to wait before asking again after the connection was lost: five seconds in all, which is what
/// a server takes to restart and a cluster to elect a leader.
const PAUSES: [u64; 8] = [10, 40, 150, 300, 500, 1000, 1500, 1500];
/// Appends under way at a time. A server allows a hundred calls per connection.
const SESSIONS: usize = 64;
/// How long to knock at a server that did not answer, to find out why.
const KNOCK: Duration = Duration::from_secs(2);

pub(super) struct Link {
    settings: ClientSettings,
    current: RwLock<Arc<Connection>>,
    sessions: Arc<Semaphore>,
    pub(super) known: Known,
    closed: watch::Sender<bool>,
}

/// A client, and the batch sessions on it that nobody uses at the moment.
///
/// The client's plain append is two small packets, and waits 40 ms in between for the first to be acknowledged
/// (Nagle's algorithm); an append in an open session is one. A session ends when one of its appends is refused,
/// and forgets the others: so each carries one append at a time, and a refused one ends nobody else's.
pub(super) struct Connection {
    pub(super) client: Client,
    idle: Mutex<Vec<BatchAppendClient>>,
}

/// A session in use. One that is dropped in the middle of an append stays open as long as its connection does, for
/// the client cannot close it: so an append runs to its end, whoever waits for it.
pub(super) struct Session {
    pub(super) connection: Arc<Connection>,
    pub(super) batch: BatchAppendClient,
    /// It was opened just now: when it fails, so does the connection.
    pub(super) fresh: bool,
    _permit: OwnedSemaphorePermit,
}

impl Session {
    /// Keeps the session for the next append.
    pub(super) fn put_back(self) {
        self.connection.idle.lock().unwrap_or_else(PoisonError::into_inner).push(self.batch);
    }
}

pub(super) fn closed() -> LogError {
    LogError::Unavailable("it is closed".into())
}

pub(super) fn late() -> LogError {
    LogError::Unavailable(format!("the server did not answer within {} s", DEADLINE.as_secs()).into())
}

/// How long to wait before the next attempt; `None` when there have been enough.
pub(super) fn pause(attempt: usize) -> Option<Duration> {
    PAUSES.get(attempt).copied().map(Duration::from_millis)
}

impl Link {
    pub(super) async fn connect(url: &str) -> Result<Self, LogError> {
        // What the parser says may repeat the URL, and the URL may hold a password.
        let settings: ClientSettings = url.parse().map_err(|_| {
            LogError::Unavailable("its URL is not valid: write kurrentdb://HOST:2113?tls=true".into())
        })?;
        let link = Self {
            current: RwLock::new(Arc::new(Connection::new(&settings)?)),
            settings,
            sessions: Arc::new(Semaphore::new(SESSIONS)),
            known: Known::default(),
            closed: watch::Sender::new(false),
        };
        match link.once(read::newest).await {
            Ok(Ok(_)) => Ok(link),
            Ok(Err(error)) if mapping::is_lost(&error) => Err(link.diagnosis().await),
            Ok(Err(error)) => Err(mapping::error(&error)),
            Err(error) => Err(error),
        }
    }

    /// Why there is no connection, as far as knocking at the first address tells.
    async fn diagnosis(&self) -> LogError {
        let Some(host) = self.settings.hosts().first() else {
            return LogError::Unavailable("its URL names no server".into());
        };
        let place = format!("{}:{}", host.host, host.port);
        let knocking = tokio::net::TcpStream::connect(&place);
        LogError::Unavailable(match tokio::time::timeout(KNOCK, knocking).await {
            Ok(Ok(_)) if self.settings.is_secure_mode_enabled() => format!(
                "{place} is there, but no TLS connection came about: check its certificate (tlsCaFile=FILE names \
                 the authority that signed it), or write tls=false if it has none"
            )
            .into(),
            Ok(Ok(_)) => format!(
                "{place} is there, but does not answer as KurrentDB without TLS does: check the port, or write tls=true"
            )
            .into(),
            Ok(Err(_)) | Err(_) => {
                format!("nobody answers at {place}: check host and port, and that the server runs").into()
            }
        })
    }

    /// A connection that nobody else uses.
    pub(super) fn new_client(&self) -> Result<Client, LogError> {
        Ok(Connection::new(&self.settings)?.client)
    }

    pub(super) fn close(&self) {
        self.closed.send_replace(true);
        self.sessions.close();
    }

    /// Done when the log is closed.
    pub(super) fn closing(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut closed = self.closed.subscribe();
        async move {
            let _ = closed.wait_for(|closed| *closed).await;
        }
    }

    fn connection(&self) -> Result<Arc<Connection>, LogError> {
        if *self.closed.borrow() {
            return Err(closed());
        }
        Ok(Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner)))
    }

    /// Puts a new connection in the place of one that is of no more use. (A client whose connection was
    /// lost makes a new one; when that fails it never tries again.)
    pub(super) fn replace(&self, dead: &Arc<Connection>) -> Result<(), LogError> {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if Arc::ptr_eq(&current, dead) {
            *current = Arc::new(Connection::new(&self.settings)?);
        }
        Ok(())
    }

    /// Asks once: for what must not be asked twice.
    pub(super) async fn once<T, F>(
        &self,
        request: impl FnOnce(Client) -> F,
    ) -> Result<Result<T, Error>, LogError>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let connection = self.connection()?;
        let answer =
            tokio::time::timeout(DEADLINE, request(connection.client.clone())).await.map_err(|_| late())?;
        if answer.as_ref().is_err_and(mapping::is_dead) {
            self.replace(&connection)?;
        }
        Ok(answer)
    }

    /// Asks for what may be asked twice: again and again for some seconds while there is no connection.
    pub(super) async fn ask<T, F>(&self, request: impl Fn(Client) -> F) -> Result<Result<T, Error>, LogError>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let mut attempt = 0;
        loop {
            let answer = self.once(&request).await?;
            match pause(attempt) {
                Some(pause) if answer.as_ref().is_err_and(mapping::is_lost) => {
                    tokio::time::sleep(pause).await;
                }
                _ => return Ok(answer),
            }
            attempt += 1;
        }
    }

    /// A session for one append; waits while too many are in use.
    pub(super) async fn session(&self) -> Result<Result<Session, Error>, LogError> {
        let permit = Arc::clone(&self.sessions).acquire_owned().await.map_err(|_| closed())?;
        let connection = self.connection()?;
        let idle = connection.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let (batch, fresh) = match idle {
            Some(batch) => (batch, false),
            None => match connection.client.batch_append(&BatchAppendOptions::default()).await {
                Ok(batch) => (batch, true),
                Err(error) => {
                    if mapping::is_dead(&error) {
                        self.replace(&connection)?;
                    }
                    return Ok(Err(error));
                }
            },
        };
        Ok(Ok(Session { connection, batch, fresh, _permit: permit }))
    }
}

impl Connection {
    fn new(settings: &ClientSettings) -> Result<Self, LogError> {
        // What it says may name files, never a password.
        let client =
            Client::new(settings.clone()).map_err(|error| LogError::Unavailable(error.to_string().into()))?;
        Ok(Self { client, idle: Mutex::default() })
    }
}
