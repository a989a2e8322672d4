//! The runner: follows the log and hands every event to every projection.
//!
//! Projections that stand at the same place share a *lane*: one subscription, one batch at a time. A
//! projection that is built anew is in a lane of its own behind the others, so that the live ones stay live;
//! once it has caught up with them, the lanes are joined. (To build a changed projection beside the live one,
//! such a lane needs a file of its own and a switch at that moment.)
//!
//! A lane reads and decodes on the async threads' blocking pool, one batch ahead; one thread folds and
//! commits. After a fault everything since the last commit is read and folded again.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use skranke_store::{Direction, EventLog, Filter, LogError, Position, Recorded, Subscription};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{AbortHandle, JoinHandle, JoinSet};
use uuid::Uuid;

use crate::event::Event;
use crate::search::Indexer;
use crate::views::{Change, Views, ViewsError, locked};
use crate::writer::{RolledBack, Writer};

/// Events handed over at once while catching up. Live batches are as small as what has come in meanwhile.
const BATCH: usize = 4096;
/// A log with so many events is built from its beginning in a hurry: see [`Writer::begin_building`].
const WORTH_BUILDING: Position = Position(2000);
/// The first pause after a fault, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));

/// The views following a log. Dropping it stops them too, without waiting.
#[must_use = "dropping it stops the views"]
pub struct Running {
    stop: oneshot::Sender<()>,
    driver: JoinHandle<()>,
}

impl Running {
    /// Stops: what was handed over is finished, then the file is at rest.
    pub async fn stop(self) {
        // An error means that it has stopped by itself.
        let _ = self.stop.send(());
        if self.driver.await.is_err() {
            tracing::error!("the views' driver panicked");
        }
    }
}

/// Decoded events for one lane.
struct Batch {
    lane: usize,
    events: Vec<Event>,
    /// Nothing further lay in the log when they were read.
    end: bool,
}

/// Where lanes read from, and those who read.
struct Feeds {
    views: Views,
    log: Arc<dyn EventLog>,
    /// Weak, so that the channel closes when nobody reads any more.
    sender: mpsc::WeakSender<Batch>,
    /// Gone when the views are being stopped.
    tasks: Arc<Mutex<Option<JoinSet<()>>>>,
    runtime: Handle,
    /// Lanes so far: a number is never given twice, so that a batch for a lane that is gone is known as such.
    lanes: usize,
}

impl Feeds {
    /// One lane for each place where projections stand; none when the views are being stopped.
    fn lanes(&mut self, places: impl IntoIterator<Item = (usize, Position)>, head: Position) -> Vec<Lane> {
        let mut groups: BTreeMap<Position, Vec<usize>> = BTreeMap::new();
        for (slot, position) in places {
            groups.entry(position).or_default().push(slot);
        }
        let mut tasks = locked(&self.tasks);
        let (Some(tasks), Some(sender)) = (tasks.as_mut(), self.sender.upgrade()) else { return Vec::new() };
        let lanes = groups.into_iter().map(|(position, members)| {
            self.lanes += 1;
            let feed = feed(self.views.clone(), Arc::clone(&self.log), self.lanes, position, sender.clone());
            let feed = tasks.spawn_on(feed, &self.runtime);
            Lane { id: self.lanes, members, position, live: position >= head, feed }
        });
        lanes.collect()
    }
}

/// Projections that stand at the same place.
struct Lane {
    id: usize,
    members: Vec<usize>,
    position: Position,
    live: bool,
    feed: AbortHandle,
}

impl Views {
    /// Follows a log until stopped: stop the views before the log is closed. What stopped a projection before
    /// is tried again. Must be called within a Tokio runtime.
    pub fn start(&self, log: Arc<dyn EventLog>) -> Result<Running, ViewsError> {
        let mut writer = locked(&self.0.writer).take().ok_or(ViewsError::Running)?;
        writer.retry_stalled();
        self.publish(&writer);
        locked(&self.0.status).running = true;
        let (stop, stopped) = oneshot::channel();
        let driver = tokio::spawn(drive(self.clone(), log, writer, stopped));
        Ok(Running { stop, driver })
    }

    fn publish(&self, writer: &Writer) {
        self.0.health.send_replace(writer.health());
    }

    fn log_fault(&self, fault: Option<String>) {
        locked(&self.0.status).log = fault;
    }

    fn file_fault(&self, fault: Option<String>) {
        locked(&self.0.status).file = fault;
    }
}

async fn drive(views: Views, log: Arc<dyn EventLog>, writer: Writer, mut stopped: oneshot::Receiver<()>) {
    let checkpoints = writer.checkpoints();
    let known = tokio::select! {
        known = known(&views, log.as_ref(), &checkpoints) => Some(known),
        // A dropped sender means the same as a sent stop.
        _ = &mut stopped => None,
    };
    let writer = match known {
        Some((head, same)) => follow_until(stopped, &views, log, writer, head, same).await,
        None => Some(writer),
    };
    *locked(&views.0.writer) = writer;
    *locked(&views.0.status) = crate::views::Status::default();
}

/// The head of the log, and whether it is the log that the checkpoints are about. Asks until there is an
/// answer.
async fn known(
    views: &Views,
    log: &dyn EventLog,
    checkpoints: &[(Position, Option<Uuid>)],
) -> (Position, bool) {
    let mut pause = PAUSES.0;
    loop {
        match recognise(log, checkpoints).await {
            Ok(known) => {
                views.log_fault(None);
                return known;
            }
            Err(error) => wait_out(views, &error, &mut pause).await,
        }
    }
}

async fn recognise(
    log: &dyn EventLog,
    checkpoints: &[(Position, Option<Uuid>)],
) -> Result<(Position, bool), LogError> {
    let head = log.head().await?;
    let mut places: Vec<_> = checkpoints.to_vec();
    places.sort_unstable();
    places.dedup();
    for (position, id) in places {
        if position > head {
            return Ok((head, false));
        }
        let Some(id) = id else { continue };
        let there = log.read_all(position, Direction::Backwards, 1, &Filter::default()).await?;
        if !there.events.first().is_some_and(|event| event.position == position && event.id == id) {
            return Ok((head, false));
        }
    }
    Ok((head, true))
}

async fn wait_out(views: &Views, error: &LogError, pause: &mut Duration) {
    tracing::warn!("the views cannot read the log, and try again in {pause:?}: {error}");
    views.log_fault(Some(error.to_string()));
    tokio::time::sleep(*pause).await;
    *pause = (*pause * 2).min(PAUSES.1);
}

/// Runs the lanes until told to stop. Answers the writer, unless the folding thread panicked with it.
async fn follow_until(
    mut stopped: oneshot::Receiver<()>,
    views: &Views,
    log: Arc<dyn EventLog>,
    writer: Writer,
    head: Position,
    same: bool,
) -> Option<Writer> {
    let (sender, receiver) = mpsc::channel(1);
    let tasks = Arc::new(Mutex::new(Some(JoinSet::new())));
    let mut feeds = Feeds {
        views: views.clone(),
        log,
        sender: sender.downgrade(),
        tasks: Arc::clone(&tasks),
        runtime: Handle::current(),
        lanes: 0,
    };
    let places = writer.checkpoints().into_iter().enumerate();
    let places = places.map(|(slot, (position, _))| (slot, if same { position } else { Position(0) }));
    let lanes = feeds.lanes(places, head);
    let folding = Folding { views: views.clone(), writer, lanes, feeds, receiver, head, pause: PAUSES.0 };
    let (done, mut finished) = oneshot::channel();
    let thread = std::thread::Builder::new().name("views".to_owned()).spawn(move || {
        let _ = done.send(folding.run(same));
    });
    if let Err(error) = thread {
        tracing::error!("no thread for the views: {error}");
    }
    let writer = tokio::select! {
        _ = &mut stopped => None,
        // Before it is told to: every projection has stopped, or the thread is gone.
        writer = &mut finished => Some(writer),
    };
    if let Some(Err(_)) = &writer {
        views.file_fault(Some("the thread that writes the views has ended".to_owned()));
    }
    if writer.is_some() {
        let _ = stopped.await;
    }
    // When nobody reads any more, the folding thread finishes what it has, and ends. Readers and thread are waited for,
    // so that nothing holds the views any more when this answers.
    let reading = locked(&tasks).take();
    drop(sender);
    if let Some(mut reading) = reading {
        reading.shutdown().await;
    }
    match writer {
        Some(writer) => writer.ok(),
        None => finished.await.ok(),
    }
}

/// Reads the log for one lane, for as long as somebody folds.
async fn feed(
    views: Views,
    log: Arc<dyn EventLog>,
    lane: usize,
    from: Position,
    sender: mpsc::Sender<Batch>,
) {
    let (mut at, mut pause) = (from, PAUSES.0);
    loop {
        let fault = match log.subscribe(at, Filter::default()).await {
            Ok(mut subscription) => {
                views.log_fault(None);
                let is_building = &views.0.building;
                let to = Way { is_building, lane, indexer: &views.0.indexer, sender: &sender };
                hand_over(subscription.as_mut(), to, &mut at, &mut pause).await
            }
            Err(error) => Some(error),
        };
        let Some(error) = fault else { return };
        wait_out(&views, &error, &mut pause).await;
    }
}

/// How much lower than everything else the threads stand that build the views anew: whoever writes or asks meanwhile
/// should not feel it.
const STEP_BACK: i32 = 10;

/// Lowers the priority of this thread, for good.
fn step_back() {
    // On Linux each thread has its own. Where it cannot be lowered, it works on as it is.
    if let Err(error) = rustix::process::setpriority_process(None, STEP_BACK) {
        tracing::debug!("the priority of a thread could not be lowered: {error}");
    }
}

/// Does work off the async threads, at a lower priority while everything is built anew. `None`: it panicked.
async fn apart<T: Send + 'static>(
    is_building: &AtomicBool,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    if !is_building.load(Ordering::Acquire) {
        return tokio::task::spawn_blocking(work).await.ok();
    }
    let (done, finished) = oneshot::channel();
    let thread = std::thread::Builder::new().name("views-reader".to_owned()).spawn(move || {
        step_back();
        let _ = done.send(work());
    });
    if let Err(error) = thread {
        tracing::error!("no thread to read the log for the views: {error}");
    }
    finished.await.ok()
}

/// Where batches go.
struct Way<'a> {
    /// Whether everything is being built anew.
    is_building: &'a AtomicBool,
    lane: usize,
    indexer: &'a Arc<Indexer>,
    sender: &'a mpsc::Sender<Batch>,
}

/// Hands batches over until the log fails (and says why) or nobody folds any more.
async fn hand_over(
    subscription: &mut dyn Subscription,
    to: Way<'_>,
    at: &mut Position,
    pause: &mut Duration,
) -> Option<LogError> {
    loop {
        let page = match subscription.next(BATCH).await {
            Ok(page) => page,
            Err(error) => return Some(error),
        };
        (*at, *pause) = (page.next, PAUSES.0);
        let (events, end) = (page.events, page.end);
        let indexer = Arc::clone(to.indexer);
        let read = move |recorded| {
            let event = Event::read(recorded);
            // Ahead of the fold, which will say what is wrong with it, if anything is.
            let _ = event.places(&indexer);
            event
        };
        let events = apart(to.is_building, || events.into_iter().map(read).collect()).await?;
        if to.sender.send(Batch { lane: to.lane, events, end }).await.is_err() {
            return None;
        }
    }
}

/// The folding thread.
struct Folding {
    views: Views,
    writer: Writer,
    lanes: Vec<Lane>,
    feeds: Feeds,
    receiver: mpsc::Receiver<Batch>,
    /// Where the log ended when this began.
    head: Position,
    /// How long to wait after the next fault.
    pause: Duration,
}

impl Folding {
    fn run(mut self, same: bool) -> Writer {
        if !same {
            tracing::warn!("the views were made from another log; they are built anew");
            while let Err(error) = self.writer.reset() {
                if !self.wait_out(&error.to_string()) {
                    return self.writer;
                }
            }
            self.answers();
        }
        self.settle();
        self.begin_building();
        while self.goes_on() {}
        // An error means that it is folded again at the next start.
        if self.writer.commit().is_ok() {
            self.views.publish(&self.writer);
        }
        self.finish_building();
        self.writer
    }

    /// Folds until everything is built anew, or until that begins; `false` when there is nothing more to fold.
    fn goes_on(&mut self) -> bool {
        if !self.writer.is_building() {
            return self.work(false);
        }
        // On a thread of its own, for there is no way back from a lower priority.
        let work = || {
            step_back();
            self.work(true)
        };
        match std::thread::scope(|scope| scope.spawn(work).join()) {
            Ok(goes_on) => goes_on,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }

    fn work(&mut self, building: bool) -> bool {
        while self.writer.is_building() == building {
            let Some(batch) = self.receiver.blocking_recv() else { return false };
            self.take(&batch);
            if self.lanes.is_empty() {
                return false;
            }
        }
        true
    }

    /// Builds everything anew in a hurry, where that is worth it.
    fn begin_building(&mut self) {
        if !self.is_worth_building() {
            return;
        }
        self.views.0.close_for_building();
        if let Err(error) = self.writer.begin_building() {
            // It is only slower without.
            tracing::warn!("the views are built anew the long way: {error}");
        }
        if !self.writer.is_building() {
            self.views.0.open_after_building();
        }
    }

    /// Whether nothing is there yet and much is to come.
    fn is_worth_building(&self) -> bool {
        self.head >= WORTH_BUILDING && self.writer.checkpoints().iter().all(|(at, _)| *at == Position(0))
    }

    /// Opens the doors once everything that was built anew is committed.
    fn finish_building(&mut self) {
        if !self.writer.is_building() {
            return;
        }
        while let Err(error) = self.writer.end_building() {
            if !self.wait_out(&error.to_string()) {
                return;
            }
        }
        self.answers();
        self.views.0.open_after_building();
    }

    fn take(&mut self, batch: &Batch) {
        let Some(lane) = self.lanes.iter_mut().find(|lane| lane.id == batch.lane) else { return };
        lane.live |= batch.end;
        let (live, members) = (lane.live, lane.members.clone());
        match self.writer.fold(&members, &batch.events, live) {
            Ok(committed) => {
                if let Some(last) = batch.events.last() {
                    lane.position = last.recorded().position;
                }
                if live && self.writer.is_building() {
                    self.finish_building();
                } else if committed {
                    self.answers();
                }
                if live {
                    self.announce(&batch.events);
                }
                self.settle();
            }
            // An event that cannot be folded stops its view, and what the others have of it is rolled back: the long way.
            Err(RolledBack::Again) => self.begin_again(false),
            Err(RolledBack::Later(fault)) => {
                if self.wait_out(&fault.to_string()) {
                    self.begin_again(true);
                }
            }
        }
    }

    /// Reads on from what is committed; from the beginning where everything was being built anew, and then `in_a_hurry`
    /// once more or not.
    fn begin_again(&mut self, in_a_hurry: bool) {
        if self.writer.is_ruined() {
            while let Err(error) = self.writer.start_over() {
                if !self.wait_out(&error.to_string()) {
                    return;
                }
            }
            if in_a_hurry {
                self.begin_building();
            } else {
                self.views.0.open_after_building();
            }
        }
        self.views.publish(&self.writer);
        self.lanes.drain(..).for_each(|lane| lane.feed.abort());
        let places = self.writer.checkpoints().into_iter().enumerate();
        let places = places.map(|(slot, (position, _))| (slot, position));
        // Each is live again when it has met the end of the log.
        self.lanes = self.feeds.lanes(places, Position(u64::MAX));
        self.settle();
    }

    /// The file answers.
    fn answers(&mut self) {
        if self.pause > PAUSES.0 {
            self.pause = PAUSES.0;
            self.views.file_fault(None);
        }
        self.views.publish(&self.writer);
    }

    /// Waits a while after the file has failed; `false` when the views are being stopped.
    fn wait_out(&mut self, error: &str) -> bool {
        tracing::error!("views.db cannot be written, and is tried again in {:?}: {error}", self.pause);
        self.views.file_fault(Some(error.to_owned()));
        if self.receiver.is_closed() {
            return false;
        }
        std::thread::sleep(self.pause);
        self.pause = (self.pause * 2).min(PAUSES.1);
        true
    }

    fn announce(&self, events: &[Event]) {
        if self.views.0.changes.receiver_count() == 0 {
            return;
        }
        for event in events {
            let Recorded { position, stream, event_type, .. } = event.recorded();
            let change = Change {
                position: *position,
                tenant: event.tenant(),
                stream: stream.clone(),
                event_type: event_type.to_string(),
            };
            // An error means that the last listener has left.
            let _ = self.views.0.changes.send(change);
        }
    }

    /// Takes stopped projections out, joins lanes that have met, and tells whether all are live.
    fn settle(&mut self) {
        let Self { writer, lanes, .. } = self;
        for lane in &mut *lanes {
            let position = lane.position;
            lane.members.retain(|member| !writer.is_stalled(*member, position));
        }
        for place in (1..lanes.len()).rev() {
            let (front, [last, ..]) = lanes.split_at_mut(place) else { continue };
            if let Some(other) = front.iter_mut().find(|other| other.position == last.position) {
                other.members.append(&mut last.members);
                other.live |= last.live;
            }
        }
        lanes.retain(|lane| {
            if lane.members.is_empty() {
                lane.feed.abort();
            }
            !lane.members.is_empty()
        });
        locked(&self.views.0.status).live = self.lanes.iter().all(|lane| lane.live);
    }
}
