//! The whole history, read and decoded to its types.

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use bench_measure::Measured;
use skranke_domain::case::CaseEvent;
use skranke_domain::{Sealable, codec};
use skranke_store::{Direction, Filter, KeyRing, Position};

use crate::seed::master_key;
use crate::world::log_url;

/// Reads a seeded folder from the first event to the last, with the personal fields opened if wished.
pub(crate) async fn replay(dir: &Path, open: bool, page: usize) -> anyhow::Result<Measured> {
    let log = skranke_store::open(&log_url(dir)?).await?;
    let keys = open.then(|| anyhow::Ok(KeyRing::open(dir, master_key(dir)?)?)).transpose()?;
    let (mut at, mut read, mut bytes) = (Position::default(), 0_u64, 0);
    let began = Instant::now();
    loop {
        let next = log.read_all(at, Direction::Forwards, page, &Filter::default()).await?;
        for recorded in &next.events {
            let mut event: CaseEvent = codec::decode(&recorded.event_type, &recorded.data)?;
            if let Some(keys) = &keys {
                event.unlock_all(&keys.for_stream(&recorded.stream))?;
            }
            black_box(event);
            read += 1;
            bytes += recorded.data.len() + recorded.metadata.len();
        }
        at = next.next;
        if next.end {
            break;
        }
    }
    let took = began.elapsed();
    log.close().await;
    anyhow::ensure!(read > 0, "{} holds no events: seed it first", dir.display());
    eprintln!("{read} events, {} bytes of data and metadata each", bytes as u64 / read);
    Ok(Measured::replay(if open { "replay with seals opened" } else { "replay" }, read, took))
}
