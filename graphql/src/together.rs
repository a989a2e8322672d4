//! Loaders that wait for nobody.
//!
//! The library's loader sleeps a millisecond on another thread before it asks, in case somebody else wants to be
//! loaded with the first: longer than reading the list takes. Here what the loaders of a request have to do runs in
//! the same task as its resolvers, each time after these have come as far as they can by themselves. So a batch holds
//! everything that is wanted at this depth, on however busy a machine, and asks at once.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use async_graphql::dataloader::DataLoader;
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};

type Work = BoxFuture<'static, ()>;

/// Where the loaders of one request leave their work.
#[derive(Clone)]
pub(crate) struct Beside(UnboundedSender<Work>);

impl Beside {
    /// A loader whose work is done beside the request's.
    pub(crate) fn loader<L>(&self, loader: L) -> DataLoader<L> {
        let work = self.0.clone();
        // Nobody takes it any more once the request is answered or given up, and then nobody waits for it.
        let leave = move |task| drop(work.unbounded_send(task));
        DataLoader::new(loader, leave).delay(Duration::ZERO)
    }
}

/// A request's resolvers and its loaders.
pub(crate) struct Together {
    left: UnboundedReceiver<Work>,
    under_way: FuturesUnordered<Work>,
}

impl Together {
    pub(crate) fn new() -> (Beside, Self) {
        let (work, left) = unbounded();
        (Beside(work), Self { left, under_way: FuturesUnordered::new() })
    }

    /// Answers the request.
    pub(crate) async fn answer<T>(mut self, request: impl Future<Output = T>) -> T {
        let mut request = pin!(request);
        poll_fn(|context| {
            if let Poll::Ready(answer) = request.as_mut().poll(context) {
                return Poll::Ready(answer);
            }
            while let Poll::Ready(Some(work)) = self.left.poll_next_unpin(context) {
                self.under_way.push(work);
            }
            // What ends here wakes the resolvers that waited for it, and with them this task.
            while let Poll::Ready(Some(())) = self.under_way.poll_next_unpin(context) {}
            Poll::Pending
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::convert::Infallible;
    use std::sync::{Arc, Mutex};

    use async_graphql::dataloader::Loader;
    use futures::future::join_all;

    use super::*;

    /// Answers a number with its double, and keeps what it was asked.
    #[derive(Clone, Default)]
    struct Doubles(Arc<Mutex<Vec<usize>>>);

    impl Loader<u32> for Doubles {
        type Value = u32;
        type Error = Infallible;

        async fn load(&self, keys: &[u32]) -> Result<HashMap<u32, u32>, Infallible> {
            self.0.lock().map(|mut asked| asked.push(keys.len())).unwrap_or_default();
            tokio::task::yield_now().await;
            Ok(keys.iter().map(|key| (*key, key * 2)).collect())
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn all_siblings_are_loaded_at_once_and_their_children_after_them() {
        // given: fifty rows, each of which wants something, and then something of what it got
        let (beside, together) = Together::new();
        let asked = Doubles::default();
        let loader = beside.loader(asked.clone());
        let row = async |number: u32| {
            let double = loader.load_one(number).await.ok().flatten().unwrap_or_default();
            loader.load_one(double + 1_000).await.ok().flatten().unwrap_or_default()
        };
        // when
        let answers = together.answer(join_all((0..50).map(row))).await;
        // then
        assert_eq!(answers, (0..50).map(|number| (number * 2 + 1_000) * 2).collect::<Vec<_>>());
        assert_eq!(asked.0.lock().map(|asked| asked.clone()).unwrap_or_default(), [50, 50]);
    }
}
