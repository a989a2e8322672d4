//! UmaDB's engine in this process, with the writer thread that its server uses, measured as Skranke is.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use anyhow::Context;
use bench_measure::{Load, Measured, Note, PER_STREAM, stream};
use clap::Parser;
use tokio::sync::{mpsc, oneshot, watch};
use umadb_core::db::UmaDb;
use umadb_core::mvcc::{Mvcc, StorageOptions};
use umadb_core::writer_thread_blocking::writer_thread_blocking;
use umadb_core::writer_thread_request::WriterThreadRequest;
use umadb_dcb::{DcbAppendCondition, DcbEvent, DcbEventStoreSync, DcbQuery, DcbQueryItem};

const NAME: &str = "UmaDB";
/// Events that one commit may hold.
const BATCH: usize = 2048;

#[derive(Parser)]
enum What {
    /// Appends without a condition.
    Append(Load),
    /// Appends that say how far their stream was read.
    Guarded(Load),
    /// Writes a history.
    Fill {
        #[arg(long)]
        history: PathBuf,
        #[arg(long)]
        events: u64,
    },
    /// Reads it, each event decoded.
    Replay {
        #[arg(long)]
        history: PathBuf,
    },
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match What::parse() {
        What::Append(load) => append(load, false).await?.print(),
        What::Guarded(load) => append(load, true).await?.print(),
        What::Fill { history, events } => fill(&history, events).await,
        What::Replay { history } => replay(&history)?.print(),
    }
}

/// The engine and its writer.
#[derive(Clone)]
struct Store(mpsc::Sender<WriterThreadRequest>);

impl Store {
    fn open(dir: &Path) -> anyhow::Result<Self> {
        let mvcc = engine(dir)?;
        let (requests, queue) = mpsc::channel(10_000);
        let (head, _) = watch::channel(None);
        std::thread::spawn(move || writer_thread_blocking(mvcc, queue, head, BATCH));
        Ok(Self(requests))
    }

    async fn append(
        &self,
        events: Vec<DcbEvent>,
        condition: Option<DcbAppendCondition>,
    ) -> anyhow::Result<u64> {
        let (response_tx, answer) = oneshot::channel();
        let request =
            WriterThreadRequest::Append { events, condition, tracking_info: None, response_tx, cancel: None };
        self.0.send(request).await.ok().context("the writer has ended")?;
        Ok(answer.await??)
    }
}

fn engine(dir: &Path) -> anyhow::Result<Arc<Mvcc>> {
    Ok(Arc::new(Mvcc::new(false, StorageOptions::default().db_path(dir))?))
}

fn event(writer: u64, number: u64) -> anyhow::Result<DcbEvent> {
    Ok(DcbEvent::new()
        .event_type(Note::TYPE)
        .tags([stream(writer, number)])
        .data(Note::of(writer, number).with_metadata()?))
}

async fn append(load: Load, guarded: bool) -> anyhow::Result<Measured> {
    let folder = load.folder()?;
    let store = Store::open(folder.path())?;
    // How far each writer knows its stream.
    let known: Arc<Vec<AtomicU64>> = Arc::new((0..load.writers).map(|_| AtomicU64::new(0)).collect());
    let taken = load
        .drive(move |writer, number| {
            let (store, known) = (store.clone(), Arc::clone(&known));
            async move {
                let known = &known[usize::try_from(writer)?];
                let guard = guarded.then(|| {
                    let mine = DcbQuery::new().item(DcbQueryItem::new().tags([stream(writer, number)]));
                    let after = (number % PER_STREAM > 0).then(|| known.load(Ordering::Relaxed));
                    DcbAppendCondition::new(mine).after(after)
                });
                let at = store.append(vec![event(writer, number)?], guard).await?;
                known.store(at, Ordering::Relaxed);
                Ok(())
            }
        })
        .await?;
    Ok(taken.rate(if guarded { "UmaDB, guarded" } else { NAME }, load.writers, "events/s", 1))
}

async fn fill(history: &Path, events: u64) -> anyhow::Result<()> {
    std::fs::create_dir_all(history)?;
    let store = Store::open(history)?;
    for first in (0..events).step_by(1000) {
        let batch: anyhow::Result<Vec<_>> = (first..events.min(first + 1000)).map(|n| event(0, n)).collect();
        store.append(batch?, None).await?;
    }
    Ok(())
}

fn replay(history: &Path) -> anyhow::Result<Measured> {
    let database = UmaDb::from_arc(engine(history)?);
    let began = Instant::now();
    let (mut events, mut from) = (0, None);
    loop {
        let mut read = 0;
        for recorded in database.read(None, from, false, Some(4096))? {
            let recorded = recorded?;
            black_box(Note::parse(&recorded.event.data)?);
            from = Some(recorded.position + 1);
            read += 1;
        }
        events += read;
        if read == 0 {
            break;
        }
    }
    Ok(Measured::replay(&format!("replay: {NAME}"), events, began.elapsed()))
}
