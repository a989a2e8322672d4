//! The load generator for the log: what the docs say about its speed is printed by this program.
//!
//! Every line it prints is one JSON object. Figures of different machines do not compare; ratios within one
//! run do, so `append --raw` does the same with the bare database: one table, no index, one transaction per
//! round.
//!
//! ```text
//! cargo run --release -p skranke-bench -- append --writers 64 --seconds 5
//! cargo run --release -p skranke-bench -- append --writers 64 --seconds 5 --raw
//! cargo run --release -p skranke-bench -- replay --events 500000
//! ```

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::{Parser, Subcommand};
use skranke_domain::{StreamId, Tenant};
use skranke_store::{Direction, EmbeddedLog, EventLog, Expected, Filter, NewEvent, Position, StreamWrite};
use uuid::Uuid;

#[derive(Parser)]
#[command(about = "Measures the embedded log")]
struct Arguments {
    #[command(subcommand)]
    what: What,
    /// Where the temporary directory is made. What is measured is the disk that holds it.
    #[arg(long, global = true)]
    dir: Option<PathBuf>,
}

#[derive(Subcommand)]
enum What {
    /// Appends single events, each acknowledged after its fsync.
    Append {
        /// Writers at the same time; with --raw, rows per transaction.
        #[arg(long, default_value_t = 64)]
        writers: u64,
        /// For how long.
        #[arg(long, default_value_t = 5.0)]
        seconds: f64,
        /// Bytes of data and metadata per event.
        #[arg(long, default_value_t = 412)]
        bytes: usize,
        /// With an idempotency key on each.
        #[arg(long)]
        keys: bool,
        /// The bare database instead of the log.
        #[arg(long)]
        raw: bool,
    },
    /// Writes a log, then reads the whole of it.
    Replay {
        /// How many events.
        #[arg(long, default_value_t = 500_000)]
        events: u64,
        /// Bytes of data and metadata per event.
        #[arg(long, default_value_t = 412)]
        bytes: usize,
        /// Events per page.
        #[arg(long, default_value_t = 4096)]
        page: usize,
    },
}

/// Events of one stream, as many as a case has on a quiet day.
const PER_STREAM: u64 = 10;

fn main() -> anyhow::Result<()> {
    let Arguments { what, dir } = Arguments::parse();
    let dir = match dir {
        Some(dir) => tempfile::tempdir_in(dir),
        None => tempfile::tempdir(),
    }
    .context("no temporary directory")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    match what {
        What::Append { writers, seconds, bytes, raw: true, .. } => raw(dir.path(), writers, seconds, bytes),
        What::Append { writers, seconds, bytes, keys, raw: false } => {
            runtime.block_on(append(dir.path(), writers, seconds, bytes, keys))
        }
        What::Replay { events, bytes, page } => runtime.block_on(replay(dir.path(), events, bytes, page)),
    }
}

fn event(number: u64, bytes: usize) -> anyhow::Result<NewEvent> {
    let metadata =
        format!(r#"{{"tenant":"0190","actor":"bot","recordedAt":"2026-11-22T10:15:30Z","n":{number}}}"#);
    let filling = bytes.saturating_sub(metadata.len() + 11);
    Ok(NewEvent {
        id: Uuid::from_u128(number.into()),
        event_type: "NoteAdded".into(),
        data: format!(r#"{{"text":"{}"}}"#, "x".repeat(filling)).into_bytes(),
        metadata: metadata.into_bytes(),
        recorded_at: "2026-11-22T10:15:30Z".parse()?,
    })
}

/// The stream that a writer's event belongs to, and what it must look like.
fn place(writer: u64, number: u64) -> (StreamId, Expected) {
    let stream =
        StreamId::new("bench", Tenant::COUNTER, format_args!("{writer:04x}-{:012x}", number / PER_STREAM));
    let expected = match number % PER_STREAM {
        0 => Expected::NoStream,
        revision => Expected::Exact(revision - 1),
    };
    (stream, expected)
}

async fn append(dir: &Path, writers: u64, seconds: f64, bytes: usize, keys: bool) -> anyhow::Result<()> {
    let log = Arc::new(EmbeddedLog::open(dir)?);
    let began = Instant::now();
    let until = began + Duration::from_secs_f64(seconds);
    let mut tasks = tokio::task::JoinSet::new();
    for writer in 0..writers {
        let log = Arc::clone(&log);
        tasks.spawn(async move {
            let mut latencies = Vec::new();
            let mut number = 0;
            while Instant::now() < until {
                let (stream, expected) = place(writer, number);
                let key = keys.then(|| format!("0190/bot/{writer}/{number}"));
                let write = StreamWrite { stream, expected, events: vec![event(number, bytes)?] };
                let asked = Instant::now();
                log.append(write, key).await?;
                latencies.push(asked.elapsed());
                number += 1;
            }
            anyhow::Ok(latencies)
        });
    }
    let mut latencies = Vec::new();
    while let Some(done) = tasks.join_next().await {
        latencies.extend(done??);
    }
    let elapsed = began.elapsed();
    let wal = std::fs::metadata(dir.join("log.db-wal")).map_or(0, |file| file.len());
    log.close().await;
    report(if keys { "append with keys" } else { "append" }, writers, latencies.len(), elapsed, latencies);
    eprintln!("write-ahead log: {} MiB", wal >> 20);
    Ok(())
}

fn raw(dir: &Path, batch: u64, seconds: f64, bytes: usize) -> anyhow::Result<()> {
    let mut database = rusqlite::Connection::open(dir.join("raw.db"))?;
    database.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE events (position INTEGER PRIMARY KEY, stream TEXT, revision INTEGER, type TEXT,
             data BLOB, metadata BLOB);",
    )?;
    let began = Instant::now();
    let mut latencies = Vec::new();
    let mut number = 0;
    while began.elapsed().as_secs_f64() < seconds {
        let asked = Instant::now();
        let transaction = database.transaction()?;
        {
            let mut insert = transaction.prepare_cached(
                "INSERT INTO events (stream, revision, type, data, metadata) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?;
            for writer in 0..batch {
                let (stream, _) = place(writer, number);
                let event = event(number, bytes)?;
                let revision = i64::try_from(number % PER_STREAM)?;
                insert.execute((
                    stream.as_str(),
                    revision,
                    &event.event_type,
                    &event.data,
                    &event.metadata,
                ))?;
            }
        }
        transaction.commit()?;
        latencies.push(asked.elapsed());
        number += 1;
    }
    let rows = latencies.len() * usize::try_from(batch)?;
    report("raw sqlite", batch, rows, began.elapsed(), latencies);
    Ok(())
}

async fn replay(dir: &Path, events: u64, bytes: usize, page: usize) -> anyhow::Result<()> {
    let log = Arc::new(EmbeddedLog::open(dir)?);
    let mut tasks = tokio::task::JoinSet::new();
    for number in (0..events).step_by(10) {
        let log = Arc::clone(&log);
        tasks.spawn(async move {
            let events: anyhow::Result<Vec<_>> =
                (number..number + PER_STREAM).map(|n| event(n, bytes)).collect();
            let (stream, expected) = place(0, number);
            anyhow::Ok(log.append(StreamWrite { stream, expected, events: events? }, None).await?)
        });
        if tasks.len() > 512
            && let Some(done) = tasks.join_next().await
        {
            done??;
        }
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    let began = Instant::now();
    let (mut at, mut read, mut pages) = (Position(0), 0, Vec::new());
    loop {
        let asked = Instant::now();
        let next = log.read_all(at, Direction::Forwards, page, &Filter::default()).await?;
        pages.push(asked.elapsed());
        read += next.events.len();
        at = next.next;
        if next.end {
            break;
        }
    }
    report("replay", 1, read, began.elapsed(), pages);
    Ok(())
}

/// One line of JSON. The percentiles are of one wait: an append, a transaction or a page.
fn report(what: &str, writers: u64, events: usize, elapsed: Duration, mut waits: Vec<Duration>) {
    waits.sort_unstable();
    let percentile =
        |hundredth: usize| waits.get(waits.len() * hundredth / 100).map_or(0, Duration::as_micros);
    let (p50, p99) = (percentile(50), percentile(99));
    let rate = u128::try_from(events).unwrap_or(0) * 1_000_000 / elapsed.as_micros().max(1);
    println!(
        r#"{{"what":"{what}","writers":{writers},"events":{events},"seconds":{:.2},"per_second":{rate},"p50_us":{p50},"p99_us":{p99}}}"#,
        elapsed.as_secs_f64()
    );
}
