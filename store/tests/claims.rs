//! Claims: of many nodes that want the same work one has it, whatever they do and whenever they die.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use skranke_domain::Tenant;
use skranke_domain::time::{Clock, Ids};
use skranke_store::{Claim, Claims, EventLog, Lost};
use support::model::Model;
use tokio::sync::RwLock;
use uuid::Uuid;

const TERM: SignedDuration = SignedDuration::from_secs(30);

/// A clock that a test moves.
#[derive(Default)]
struct Moved(AtomicI64);

impl Clock for Moved {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

struct Random;

impl Ids for Random {
    fn next(&self) -> Uuid {
        Uuid::from_u64_pair(support::random(), support::random())
    }
}

fn node(log: &Arc<dyn EventLog>, clock: &Arc<Moved>) -> Claims {
    Claims::new(Arc::clone(log), Arc::clone(clock) as Arc<dyn Clock>, Arc::new(Random), TERM, "test/1")
}

fn tenant() -> Tenant {
    Tenant::try_new("0190").unwrap()
}

#[derive(Clone, Debug)]
enum Step {
    Take(usize),
    Renew(usize),
    Release(usize),
    /// The process is killed, and another one starts in its place.
    Die(usize),
    Wait(i64),
}

fn a_step() -> impl Strategy<Value = Step> {
    let node = 0..4_usize;
    prop_oneof![
        4 => node.clone().prop_map(Step::Take),
        3 => node.clone().prop_map(Step::Renew),
        1 => node.clone().prop_map(Step::Release),
        1 => node.prop_map(Step::Die),
        3 => (0..25_i64).prop_map(Step::Wait),
    ]
}

async fn play(steps: Vec<Step>) {
    let log: Arc<dyn EventLog> = Arc::new(Model::new());
    let clock = Arc::new(Moved::default());
    let mut nodes: Vec<(Claims, Option<Claim>)> = (0..4).map(|_| (node(&log, &clock), None)).collect();
    // What the dead have taken with them.
    let mut buried = Timestamp::MIN;
    let mut newest = None;
    let mut later = |claim: &Claim| {
        assert!(newest.is_none_or(|newest| claim.fence > newest), "an old fencing number");
        newest = Some(claim.fence);
    };
    for step in steps {
        let now = clock.now();
        match step {
            Step::Take(n) => {
                if let Ok(claim) = nodes[n].0.try_take(tenant(), "links").await.unwrap() {
                    assert!(now >= buried, "taken from the dead too early");
                    later(&claim);
                    nodes[n].1 = Some(claim);
                }
            }
            Step::Renew(n) => {
                let (claims, held) = &mut nodes[n];
                if let Some(claim) = held {
                    match claims.renew(claim).await.unwrap() {
                        Ok(()) => later(claim),
                        Err(_) => *held = None,
                    }
                }
            }
            Step::Release(n) => {
                if let (claims, Some(claim)) = (nodes[n].0.clone(), nodes[n].1.take()) {
                    claims.release(claim).await.unwrap();
                }
            }
            Step::Die(n) => {
                let (_, held) = std::mem::replace(&mut nodes[n], (node(&log, &clock), None));
                if let Some(held) = held {
                    buried = buried.max(held.until);
                }
            }
            Step::Wait(seconds) => {
                clock.0.fetch_add(seconds, Ordering::SeqCst);
            }
        }
        let valid =
            nodes.iter().filter(|(_, held)| held.as_ref().is_some_and(|held| now < held.until)).count();
        assert!(valid <= 1, "{valid} nodes hold one claim");
    }
}

proptest! {
    #[test]
    fn at_most_one_holds_it_whatever_happens(steps in proptest::collection::vec(a_step(), 1..80)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(play(steps));
    }
}

/// A clock that goes as the machine's does.
struct Going(Instant);

impl Clock for Going {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(i64::try_from(self.0.elapsed().as_millis()).unwrap()).unwrap()
    }
}

#[tokio::test]
async fn who_works_longer_than_its_time_renews_it_and_who_lost_it_stops() {
    let log: Arc<dyn EventLog> = Arc::new(Model::new());
    let clock: Arc<dyn Clock> = Arc::new(Going(Instant::now()));
    let term = SignedDuration::from_millis(600);
    let node = || Claims::new(Arc::clone(&log), Arc::clone(&clock), Arc::new(Random), term, "test/1");
    let (one, two) = (node(), node());

    let claim = one.try_take(tenant(), "links").await.unwrap().unwrap();
    let working = one.hold(claim, tokio::time::sleep(Duration::from_millis(1500)));
    let waiting = async {
        loop {
            match two.try_take(tenant(), "links").await.unwrap() {
                Ok(claim) => return (Instant::now(), claim),
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    };
    let working = async { (working.await.unwrap(), Instant::now()) };
    let ((done, finished), (taken, claim)) = futures::join!(working, waiting);
    assert_eq!(done, Ok(()));
    assert!(taken >= finished, "taken while another one worked");
    assert!(taken < finished + Duration::from_millis(300), "it was not given back");

    // It sleeps over its time, and another one comes.
    tokio::time::sleep(Duration::from_millis(700)).await;
    one.try_take(tenant(), "links").await.unwrap().unwrap();
    let late = tokio::time::timeout(Duration::from_secs(5), two.hold(claim, std::future::pending::<()>()));
    assert_eq!(late.await.unwrap().unwrap(), Err(Lost));
}

/// Real concurrency: many nodes, some of which die with the claim in their hands.
async fn contend(log: Arc<dyn EventLog>, contenders: usize, rounds: u32) {
    let clock = Arc::new(Moved::default());
    // Held for reading while somebody works: time passes only in between.
    let time = Arc::new(RwLock::new(()));
    let (working, done, fence) =
        (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)), Arc::new(AtomicU64::new(0)));
    let mut nodes = tokio::task::JoinSet::new();
    for _ in 0..contenders {
        let (log, clock, time) = (Arc::clone(&log), Arc::clone(&clock), Arc::clone(&time));
        let (working, done, fence) = (Arc::clone(&working), Arc::clone(&done), Arc::clone(&fence));
        nodes.spawn(async move {
            let mut claims = node(&log, &clock);
            while done.load(Ordering::SeqCst) < rounds {
                let passing = time.read().await;
                let Ok(mut claim) = claims.try_take(tenant(), "links").await.unwrap() else {
                    drop(passing);
                    tokio::time::sleep(Duration::from_micros(support::random() % 3000)).await;
                    continue;
                };
                assert_eq!(working.fetch_add(1, Ordering::SeqCst), 0, "two at a time");
                assert!(
                    fence.swap(claim.fence + 1, Ordering::SeqCst) <= claim.fence,
                    "an old fencing number"
                );
                tokio::time::sleep(Duration::from_micros(support::random() % 500)).await;
                if support::random().is_multiple_of(2) {
                    claims.renew(&mut claim).await.unwrap().unwrap();
                    fence.fetch_max(claim.fence + 1, Ordering::SeqCst);
                }
                working.fetch_sub(1, Ordering::SeqCst);
                done.fetch_add(1, Ordering::SeqCst);
                if support::random().is_multiple_of(3) {
                    // It dies, and starts again as another.
                    claims = node(&log, &clock);
                    drop(passing);
                    let passed = time.write().await;
                    clock.0.fetch_add(TERM.as_secs(), Ordering::SeqCst);
                    drop(passed);
                } else {
                    claims.release(claim).await.unwrap();
                }
            }
        });
    }
    while let Some(node) = nodes.join_next().await {
        node.unwrap();
    }
    assert!(done.load(Ordering::SeqCst) >= rounds);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_nodes_one_works_at_a_time() {
    contend(Arc::new(Model::new()), 16, 300).await;
    let dir = tempfile::tempdir().unwrap();
    contend(support::embedded(dir.path()), 16, 300).await;
}

#[cfg(all(feature = "kurrent", feature = "endpoint"))]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_nodes_on_a_server_one_works_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let served = support::endpoint::serve(support::embedded(dir.path())).await;
    contend(skranke_store::open(&served.quick_url()).await.unwrap(), 8, 20).await;
}
