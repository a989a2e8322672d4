//! The views, deleted and built anew from the whole log: how fast, in how much memory, and what appends feel of it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use bench_measure::{METADATA, Measured, Note, Percentiles};
use skranke_domain::StreamId;
use skranke_domain::time::Ids;
use skranke_projections::Views;
use skranke_store::{EventLog, Expected, KeyRing, NewEvent, Position, StreamWrite};
use tokio::task::JoinHandle;

use crate::machine::memory_of;
use crate::seed::master_key;
use crate::world::{Uuids, log_url, now, tenant};

/// One append per so long, while the views are built and before: a busy afternoon.
const PACE: Duration = Duration::from_millis(5);
/// How long appends are measured before.
const IDLE: Duration = Duration::from_secs(10);
/// No rebuild takes longer, or something hangs.
const PATIENCE: Duration = Duration::from_hours(2);

/// Builds the views of a folder. With `appending`, appends go on meanwhile, and ten seconds before.
pub(crate) async fn rebuild(dir: &Path, appending: bool) -> anyhow::Result<Vec<Measured>> {
    let log = skranke_store::open(&log_url(dir)?).await?;
    let keys = KeyRing::open(dir, master_key(dir)?)?;
    let head = log.head().await?;
    anyhow::ensure!(head > Position(0), "{} holds no events: fill it first", dir.display());
    Views::delete(dir)?;
    let before = memory_of("self", "VmRSS")?;

    let mut measured = Vec::new();
    if appending {
        let writer = Writer::begin(&log);
        tokio::time::sleep(IDLE).await;
        measured.push(writer.end("appends before").await?);
    }
    let writer = appending.then(|| Writer::begin(&log));
    let began = Instant::now();
    let views = Views::open(dir, keys)?;
    let running = views.start(Arc::clone(&log))?;
    let whole = views.wait_for(head, PATIENCE).await;
    let took = began.elapsed();
    let peak = memory_of("self", "VmHWM")?;
    if let Some(writer) = writer {
        measured.push(writer.end("appends meanwhile").await?);
    }
    anyhow::ensure!(whole, "the views were not built: {:?}", views.health());
    running.stop().await;
    drop(views);
    log.close().await;
    let name = |what: &str| format!("rebuild{}{what}", if appending { " under appends" } else { "" });
    measured.push(Measured::replay(&name(""), head.0, took));
    measured.push(Measured::of(&name(": time"), "s", took.as_secs_f64()));
    measured.push(Measured::one(&name(": memory before"), "bytes", before));
    measured.push(Measured::one(&name(": memory at its peak"), "bytes", peak));
    let size = std::fs::metadata(dir.join("views.db")).context("there is no views.db")?.len();
    measured.push(Measured::one(&name(": size"), "bytes", size));
    Ok(measured)
}

/// Somebody who appends at a steady pace.
struct Writer {
    over: Arc<AtomicBool>,
    waits: JoinHandle<anyhow::Result<Vec<Duration>>>,
}

impl Writer {
    fn begin(log: &Arc<dyn EventLog>) -> Self {
        let (over, log) = (Arc::new(AtomicBool::new(false)), Arc::clone(log));
        let waits = tokio::spawn({
            let over = Arc::clone(&over);
            async move {
                // A stream of its own, which no read model is about.
                let stream = StreamId::new("bench", tenant()?, Uuids.next());
                let (mut waits, mut pace) = (Vec::new(), tokio::time::interval(PACE));
                pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
                while !over.load(Ordering::Relaxed) {
                    pace.tick().await;
                    let number = u64::try_from(waits.len())?;
                    let event = NewEvent {
                        id: Uuids.next(),
                        event_type: Note::TYPE.into(),
                        data: Note::of(0, number).to_json()?,
                        metadata: METADATA.into(),
                        recorded_at: now(),
                    };
                    let write =
                        StreamWrite { stream: stream.clone(), expected: Expected::Any, events: vec![event] };
                    let asked = Instant::now();
                    log.append(write, None).await?;
                    waits.push(asked.elapsed());
                }
                Ok(waits)
            }
        });
        Self { over, waits }
    }

    async fn end(self, name: &str) -> anyhow::Result<Measured> {
        self.over.store(true, Ordering::Relaxed);
        let waits = self.waits.await??;
        let mut measured = Measured::one(name, "appends", u64::try_from(waits.len())?);
        let Percentiles { p50, p99 } = Percentiles::of(waits);
        (measured.p50_us, measured.p99_us) = (vec![p50], vec![p99]);
        Ok(measured)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::city;

    #[tokio::test(flavor = "multi_thread")]
    async fn the_views_of_a_city_are_built_while_appends_go_on() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        city(&data, 40, 7).await.unwrap();
        for appending in [false, true] {
            let measured = rebuild(&data, appending).await.unwrap();
            assert_eq!(measured.len(), if appending { 7 } else { 5 });
            assert!(measured.iter().all(|one| one.rounds[0] > 0.0), "{measured:?}");
        }
    }
}
