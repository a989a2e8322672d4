//! How soon a subscription tells what a command did, under a steady load.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bench_measure::{Load, Measured, Percentiles};
use skranke_store::{Filter, Position};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use crate::commands::Office;

/// Two figures, in milliseconds: from the answer of a command, and from its sending, until a subscriber of the
/// whole log holds its event. Where the subscriber is told before the sender, the first is nought.
pub(crate) async fn lag(load: &Load, rate: u32) -> anyhow::Result<[Measured; 2]> {
    let folder = load.folder()?;
    let office = Office::open(folder.path()).await?;
    let mut subscription = office.desk.log().subscribe(Position::default(), Filter::default()).await?;
    let subscriber = tokio::spawn(async move {
        let mut told = HashMap::new();
        // The log's end ends the subscription, with an error.
        while let Ok(page) = subscription.next(1024).await {
            let now = Instant::now();
            told.extend(page.events.iter().map(|event| (event.position, now)));
        }
        told
    });

    // Each stream belongs to one sender at a time, as a case does to a caseworker.
    let senders = 64;
    let period = Duration::from_secs(1) / rate * senders;
    let warm = Instant::now() + Duration::from_secs_f64(load.warm_up);
    let until = warm + Duration::from_secs_f64(load.seconds);
    let mut tasks = JoinSet::new();
    for sender in 0..senders {
        let office = office.clone();
        tasks.spawn(async move {
            tokio::time::sleep(period * sender / senders).await;
            let mut ticks = interval(period);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
            let mut sent = Vec::new();
            for number in 0.. {
                ticks.tick().await;
                let asked = Instant::now();
                if asked >= until {
                    break;
                }
                let receipt = office.command(u64::from(sender), number).await?;
                if asked >= warm {
                    sent.push((receipt.position, asked, Instant::now()));
                }
            }
            anyhow::Ok(sent)
        });
    }
    let mut sent = Vec::new();
    while let Some(done) = tasks.join_next().await {
        sent.extend(done??);
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    office.desk.log().close().await;
    let told = subscriber.await?;

    let (mut from_answer, mut from_sending) = (Vec::new(), Vec::new());
    for (position, asked, answered) in &sent {
        let Some(told) = told.get(position) else { anyhow::bail!("the subscription missed {position:?}") };
        from_answer.push(told.saturating_duration_since(*answered));
        from_sending.push(told.saturating_duration_since(*asked));
    }
    let wished = f64::from(rate) * load.seconds;
    anyhow::ensure!(
        f64::from(u32::try_from(sent.len())?) > 0.95 * wished,
        "only {} of {wished} commands were sent: this machine does not keep up with {rate}/s",
        sent.len()
    );
    Ok([measured("lag from the answer", rate, from_answer), measured("lag from sending", rate, from_sending)])
}

fn measured(name: &str, rate: u32, lags: Vec<Duration>) -> Measured {
    let Percentiles { p50, p99 } = Percentiles::of(lags);
    Measured {
        name: name.to_owned(),
        writers: rate.into(),
        unit: "ms, p99".to_owned(),
        rounds: vec![p99 / 1000.0],
        p50_us: vec![p50],
        p99_us: vec![p99],
        cpu_us: Vec::new(),
    }
}
