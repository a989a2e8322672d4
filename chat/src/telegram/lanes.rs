//! Lanes: one piece of work after the other within a chat, chats beside each other.

use std::collections::{HashMap, VecDeque};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use teloxide::types::ChatId;
use tokio::task::{AbortHandle, JoinSet};

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The chats in which something is to be done.
#[derive(Clone, Default)]
pub(super) struct Lanes(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    lanes: HashMap<ChatId, Lane>,
    closed: bool,
}

struct Lane {
    waiting: VecDeque<Work>,
    worker: AbortHandle,
}

impl Lanes {
    /// Has something done after everything that was put into this lane before.
    pub(super) fn put(&self, chat: ChatId, work: impl Future<Output = ()> + Send + 'static) {
        let mut state = self.state();
        if state.closed {
            return;
        }
        if let Some(lane) = state.lanes.get_mut(&chat) {
            lane.waiting.push_back(Box::pin(work));
        } else {
            let worker = tokio::spawn(self.clone().work_off(chat)).abort_handle();
            let waiting = VecDeque::from([Box::pin(work) as Work]);
            state.lanes.insert(chat, Lane { waiting, worker });
        }
    }

    /// Breaks off what is being done, and takes nothing in any more.
    pub(super) fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        state.lanes.drain().for_each(|(_, lane)| lane.worker.abort());
    }

    /// Whether the lanes were closed.
    pub(super) fn closed(&self) -> bool {
        self.state().closed
    }

    async fn work_off(self, chat: ChatId) {
        while let Some(work) = self.next(chat) {
            // In a task of its own: a panic ends this piece of work and not the lane.
            let mut one = JoinSet::new();
            one.spawn(work);
            if let Some(Err(_)) = one.join_next().await {
                tracing::error!("work for a Telegram chat was broken off");
            }
        }
    }

    /// What comes next in a lane. An empty lane is closed, under the same lock that work is put in under.
    fn next(&self, chat: ChatId) -> Option<Work> {
        let mut state = self.state();
        let work = state.lanes.get_mut(&chat)?.waiting.pop_front();
        if work.is_none() {
            state.lanes.remove(&chat);
        }
        work
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing under the lock can panic half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::sync::mpsc;

    #[tokio::test]
    async fn a_lane_keeps_its_order_waits_for_no_other_and_survives_a_panic() {
        let lanes = Lanes::default();
        let (tell, mut told) = mpsc::unbounded_channel();
        lanes.put(ChatId(1), std::future::pending());
        lanes.put(ChatId(2), async { panic!("as a test does") });
        for number in 0..100 {
            let tell = tell.clone();
            lanes.put(ChatId(2), async move {
                tokio::task::yield_now().await;
                tell.send(number).unwrap();
            });
        }
        for number in 0..100 {
            assert_eq!(told.recv().await, Some(number));
        }
        lanes.close();
        let late = tell.clone();
        lanes.put(ChatId(3), async move { late.send(0).unwrap() });
        drop(tell);
        let nothing = tokio::time::timeout(Duration::from_secs(5), told.recv()).await;
        assert_eq!(nothing, Ok(None), "what waits is dropped with the lanes");
    }
}
