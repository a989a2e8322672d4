//! The log alone: appends of one event of the size that everyone is measured with.

use std::sync::Arc;

use bench_measure::{Load, METADATA, Measured, Note, PER_STREAM};
use skranke_domain::StreamId;
use skranke_domain::time::Ids;
use skranke_store::{EventLog, Expected, NewEvent, StreamWrite};

use crate::world::{Uuids, log_url, now};

/// Appends, each answered after it is durable. No rules, no seals, no idempotency key.
pub(crate) async fn appends(load: Load) -> anyhow::Result<Measured> {
    let folder = load.folder()?;
    let log = skranke_store::open(&log_url(folder.path())?).await?;
    let taken = {
        let log = Arc::clone(&log);
        load.drive(move |writer, number| append(Arc::clone(&log), writer, number)).await?
    };
    log.close().await;
    Ok(taken.rate("log", load.writers, "events/s", 1))
}

async fn append(log: Arc<dyn EventLog>, writer: u64, number: u64) -> anyhow::Result<()> {
    let event = NewEvent {
        id: Uuids.next(),
        event_type: Note::TYPE.into(),
        data: Note::of(writer, number).to_json()?,
        metadata: METADATA.into(),
        recorded_at: now(),
    };
    let write = StreamWrite {
        stream: StreamId::parse(&bench_measure::stream(writer, number))?,
        expected: match number % PER_STREAM {
            0 => Expected::NoStream,
            revision => Expected::Exact(revision - 1),
        },
        events: vec![event],
    };
    log.append(write, None).await?;
    Ok(())
}
