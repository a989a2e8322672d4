//! tephra in this process, measured as Skranke is.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use anyhow::Context;
use bench_measure::{Load, Measured, Note, PER_STREAM, stream};
use clap::Parser;
use tephra::{
    AppendCondition, Event, EventType, Position, Query, QueryItem, SegmentConfig, SegmentSet, Tag, Tags,
    WriteCoordinator, WriteHandle, WriterConfig,
};

const NAME: &str = "tephra";
/// The size in the crate's own example.
const SEGMENT: usize = 256 << 20;

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
        What::Fill { history, events } => fill(&history, events),
        What::Replay { history } => replay(&history)?.print(),
    }
}

fn open(dir: &Path) -> anyhow::Result<(WriteCoordinator, WriteHandle)> {
    let set = SegmentSet::open(dir, SegmentConfig::new(SEGMENT))?;
    Ok(WriteCoordinator::start(set, WriterConfig::default())?)
}

fn tags(writer: u64, number: u64) -> anyhow::Result<Tags> {
    Ok(Tags::new([Tag::new(stream(writer, number))?])?)
}

fn event(writer: u64, number: u64) -> anyhow::Result<Event> {
    let payload = Note::of(writer, number).with_metadata()?;
    Ok(Event::new(&EventType::new(Note::TYPE)?, &tags(writer, number)?, &payload)?)
}

async fn append(load: Load, guarded: bool) -> anyhow::Result<Measured> {
    let folder = load.folder()?;
    let (coordinator, handle) = open(folder.path())?;
    // How far each writer knows its stream.
    let known: Arc<Vec<AtomicU64>> = Arc::new((0..load.writers).map(|_| AtomicU64::new(0)).collect());
    let taken = {
        let handle = handle.clone();
        load.drive(move |writer, number| {
            let (handle, known) = (handle.clone(), Arc::clone(&known));
            async move {
                let known = &known[usize::try_from(writer)?];
                let guard = if guarded {
                    let mine = Query::item(QueryItem::with_tags(tags(writer, number)?));
                    let after = match number % PER_STREAM {
                        0 => Position::ZERO,
                        _ => Position::new(known.load(Ordering::Relaxed)),
                    };
                    Some(AppendCondition::new(mine).after(after))
                } else {
                    None
                };
                let at = handle.append_async(vec![event(writer, number)?], guard).await?;
                known.store(at.last.get(), Ordering::Relaxed);
                Ok(())
            }
        })
        .await?
    };
    drop(handle);
    coordinator.shutdown();
    Ok(taken.rate(if guarded { "tephra, guarded" } else { NAME }, load.writers, "events/s", 1))
}

fn fill(history: &Path, events: u64) -> anyhow::Result<()> {
    std::fs::create_dir_all(history)?;
    let (coordinator, handle) = open(history)?;
    for first in (0..events).step_by(1000) {
        let batch: anyhow::Result<Vec<_>> = (first..events.min(first + 1000)).map(|n| event(0, n)).collect();
        handle.append(batch?, None)?;
    }
    drop(handle);
    coordinator.shutdown();
    Ok(())
}

fn replay(history: &Path) -> anyhow::Result<Measured> {
    let (coordinator, handle) = open(history)?;
    let began = Instant::now();
    let mut events = 0;
    let mut reads = handle.read(&Query::all(), Position::ZERO, None);
    while let Some(read) = reads.next() {
        let read = read.context("the history ends early")?;
        black_box(Note::parse(read.event.data())?);
        events += 1;
    }
    let took = began.elapsed();
    drop((reads, handle));
    coordinator.shutdown();
    Ok(Measured::replay(&format!("replay: {NAME}"), events, took))
}
