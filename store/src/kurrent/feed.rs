//! Subscriptions that go on by themselves when the connection is lost.
//!
//! The client's own subscription must not be dropped in the middle of waiting (it loses its stream), so a task of
//! ours waits, and the feed may be dropped at any time. The task knows what it has told; after a break it asks for
//! what comes next, and passes over what it has told already.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use kurrentdb::{Error, SubscribeToAllOptions, SubscribeToStreamOptions, SubscriptionEvent};
use skranke_domain::StreamId;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::link::{self, DEADLINE, Link};
use super::mapping;
use crate::port::{Filter, LogError, Page, Position, Recorded, Revision, Subscription};

/// Events that a subscription holds ready.
const AHEAD: usize = 512;
/// How long to wait between attempts once the first few were in vain.
const PATIENT: Duration = Duration::from_secs(3);

/// Whom is followed.
pub(super) enum Whom {
    All {
        filter: Filter,
    },
    /// And the revision that comes next.
    Stream {
        stream: StreamId,
        next: Revision,
    },
}

/// A catch-up subscription.
pub(super) struct Feed {
    at: Position,
    live: bool,
    heard: mpsc::Receiver<Heard>,
    /// What ended it. It is told again to whoever asks again.
    over: Option<LogError>,
    task: JoinHandle<()>,
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.task.abort();
    }
}

enum Heard {
    Event(Position, Option<Box<Recorded>>),
    LookedUpTo(Position),
    CaughtUp(Option<Position>),
    FellBehind,
    Over(LogError),
}

/// Why a subscription stopped for a moment, or for good.
enum Break {
    Lost,
    Over(LogError),
    NobodyListens,
}

impl From<Error> for Break {
    fn from(error: Error) -> Self {
        if mapping::is_lost(&error) { Self::Lost } else { Self::Over(mapping::error(&error)) }
    }
}

impl Feed {
    pub(super) fn new(link: &Arc<Link>, whom: Whom, at: Position) -> Self {
        let (tell, heard) = mpsc::channel(AHEAD);
        let follower = Follower { link: Arc::clone(link), whom, at, tell, attempt: 0 };
        Self { at, live: false, heard, over: None, task: tokio::spawn(follower.run()) }
    }
}

#[async_trait]
impl Subscription for Feed {
    async fn next(&mut self, max: usize) -> Result<Page, LogError> {
        let began = self.at;
        let mut events = Vec::new();
        while events.len() < max.max(1) && self.over.is_none() {
            // Waits only while there is nothing to tell.
            let said = if self.at > began {
                match self.heard.try_recv() {
                    Ok(said) => said,
                    Err(_) => break,
                }
            } else {
                self.heard.recv().await.unwrap_or_else(|| Heard::Over(link::closed()))
            };
            match said {
                Heard::Event(at, event) => {
                    self.at = self.at.max(at);
                    events.extend(event.map(|event| *event));
                }
                Heard::LookedUpTo(at) => self.at = self.at.max(at),
                Heard::CaughtUp(at) => {
                    self.live = true;
                    self.at = self.at.max(at.unwrap_or(self.at));
                }
                Heard::FellBehind => self.live = false,
                Heard::Over(error) => self.over = Some(error),
            }
        }
        match &self.over {
            // What came before the end is handed out first.
            Some(error) if self.at == began => Err(error.clone()),
            _ => Ok(Page { events, next: self.at, end: self.live && self.heard.is_empty() }),
        }
    }
}

/// The task behind a feed.
struct Follower {
    link: Arc<Link>,
    whom: Whom,
    /// Everything up to here was told.
    at: Position,
    tell: mpsc::Sender<Heard>,
    /// How often it failed since something was heard.
    attempt: usize,
}

impl Follower {
    async fn run(mut self) {
        let closing = self.link.closing();
        tokio::pin!(closing);
        loop {
            let broken = tokio::select! {
                () = &mut closing => Break::Over(link::closed()),
                broken = self.follow() => broken,
            };
            match broken {
                Break::NobodyListens => return,
                Break::Over(error) => {
                    let _ = self.tell.send(Heard::Over(error)).await;
                    return;
                }
                Break::Lost => {
                    if self.attempt == 0 {
                        tracing::warn!("a subscription lost its connection to KurrentDB and tries again");
                    }
                    if self.tell.send(Heard::FellBehind).await.is_err() {
                        return;
                    }
                    let pause = link::pause(self.attempt).unwrap_or(PATIENT);
                    self.attempt += 1;
                    tokio::select! {
                        () = &mut closing => {}
                        () = tokio::time::sleep(pause) => {}
                    }
                }
            }
        }
    }

    /// Subscribes from where it stands, and tells what it hears until something breaks.
    async fn follow(&mut self) -> Break {
        let client = match self.link.new_client() {
            Ok(client) => client,
            Err(error) => return Break::Over(error),
        };
        let mut subscription = match &self.whom {
            Whom::All { filter } => {
                let options = SubscribeToAllOptions::default()
                    .position(mapping::all_from(self.at))
                    .filter(mapping::filter(filter));
                client.subscribe_to_all(&options).await
            }
            Whom::Stream { stream, next } => {
                let options = SubscribeToStreamOptions::default().start_from(mapping::stream_after(*next));
                client.subscribe_to_stream(stream.as_str(), &options).await
            }
        };
        let mut confirmed = false;
        loop {
            let hearing = subscription.next_subscription_event();
            let said = if confirmed {
                hearing.await
            } else {
                match tokio::time::timeout(DEADLINE, hearing).await {
                    Ok(said) => said,
                    Err(_) => return Break::Lost,
                }
            };
            let said = match said {
                Ok(said) => said,
                Err(error) => return error.into(),
            };
            confirmed = true;
            self.attempt = 0;
            let Some(heard) = self.heard(said) else { continue };
            if self.tell.send(heard).await.is_err() {
                return Break::NobodyListens;
            }
        }
    }

    fn heard(&mut self, said: SubscriptionEvent) -> Option<Heard> {
        match said {
            SubscriptionEvent::EventAppeared(event) => {
                let at = mapping::position(&event);
                let event = match &mut self.whom {
                    Whom::All { filter } if at > self.at => mapping::ours(&event, filter),
                    Whom::Stream { next, .. } => {
                        let event = mapping::recorded(event.event.as_ref()?)?;
                        if event.revision < *next {
                            return None;
                        }
                        *next = event.revision + 1;
                        Some(event)
                    }
                    Whom::All { .. } => return None,
                };
                self.at = at;
                Some(Heard::Event(at, event.map(Box::new)))
            }
            SubscriptionEvent::Checkpoint(at) => {
                self.at = self.at.max(Position(at.commit));
                Some(Heard::LookedUpTo(self.at))
            }
            SubscriptionEvent::CaughtUp(at) => {
                let at = at.and_then(|at| at.position).map(|at| Position(at.commit));
                self.at = self.at.max(at.unwrap_or(self.at));
                Some(Heard::CaughtUp(at))
            }
            SubscriptionEvent::FellBehind(_) => Some(Heard::FellBehind),
            _ => None,
        }
    }
}
