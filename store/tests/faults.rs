//! The embedded log on a disk that fails in every way a disk can: power cuts at every moment, failed, short and
//! full writes, flipped bits, cut and missing files. After each fault the log either has everything that was
//! answered, in order and once, or says that it has not.
//!
//! `make faults` runs the same tests for much longer and prints how many faults were injected; without it each
//! does a small share.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use skranke_domain::StreamId;
use skranke_store::disk::Disk;
use skranke_store::{
    Direction, EmbeddedLog, EventLog, Expected, Filter, LogError, OpenError, Options, Position, Recorded,
    StreamWrite,
};
use support::sim::{Dice, Failure, Image, Loss, Op, Sim, after_power_cut};
use support::{event, stream};
use tokio::runtime::Runtime;

/// How many times the usual work is to be done.
fn share() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "a test has no configuration file")]
    let times = std::env::var("SKRANKE_TEST_FAULTS");
    times.ok().and_then(|times| times.parse().ok()).unwrap_or(1)
}

fn report(what: &str, faults: u64, by_kind: &BTreeMap<&'static str, u64>) {
    println!("faults injected: {faults} ({what}) {by_kind:?}");
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// Tiny segments, so that a short history has many of them.
fn open(disk: &Sim) -> Result<EmbeddedLog, OpenError> {
    let options = Options { first_segment_bytes: 2 << 10, segment_bytes: 4 << 10, ..Options::default() };
    EmbeddedLog::open_on(Arc::new(disk.clone()) as Arc<dyn Disk>, Path::new("sim"), None, options)
}

async fn history(log: &dyn EventLog) -> Result<Vec<Recorded>, LogError> {
    let (mut events, mut at) = (Vec::new(), Position(0));
    loop {
        let page = log.read_all(at, Direction::Forwards, 7, &Filter::default()).await?;
        events.extend(page.events);
        at = page.next;
        if page.end {
            return Ok(events);
        }
    }
}

/// Several clients at once for a few rounds: some appends share a frame, some have several events, several
/// streams or a key. Answers how far answers went out.
async fn work(log: &EmbeddedLog, disk: &Sim, rounds: u64, dice: &mut Dice) -> Vec<Result<u64, LogError>> {
    let mut answers = Vec::new();
    for round in 0..rounds {
        let clients = 1 + dice.roll(4);
        let appends = (0..clients).map(|client| {
            let events = |n| (0..=dice_like(round, client, n)).map(|_| event("Counted", round)).collect();
            let mut writes = vec![StreamWrite {
                stream: stream(&format!("{client}")),
                expected: Expected::Any,
                events: events(3),
            }];
            if client == 2 {
                let stream = stream(&format!("pair-{client}"));
                writes.push(StreamWrite { stream, expected: Expected::Any, events: events(2) });
            }
            let key = (client != 1).then(|| format!("{round}/{client}"));
            let disk = disk.clone();
            async move {
                let answer = log.append_all(writes, key).await;
                let answer = answer.map(|done| done.iter().map(|done| done.position.0).max().unwrap());
                if let Ok(position) = &answer {
                    disk.answered(*position);
                }
                answer
            }
        });
        answers.extend(futures::future::join_all(appends).await);
    }
    answers
}

fn dice_like(round: u64, client: u64, sides: u64) -> u64 {
    Dice(round * 31 + client).roll(sides)
}

/// Whatever a start finds: it opens with a beginning of `should` that has at least what was answered, and goes
/// on from there.
async fn law(disk: &Sim, should: &[Recorded], answered: u64, what: &str) {
    let log = match open(disk) {
        Ok(log) => log,
        Err(error) => panic!("{what}: it did not open: {error}"),
    };
    let there = history(&log).await.unwrap();
    assert!(there.len() as u64 >= answered, "{what}: {answered} were answered, {} are there", there.len());
    assert_eq!(there, should[..there.len()], "{what}");
    streams_agree(&log, &there).await;
    let more =
        StreamWrite { stream: stream("more"), expected: Expected::NoStream, events: vec![event("M", 1)] };
    let appended = log.append(more, None).await.unwrap();
    assert_eq!(appended.position.0, there.len() as u64 + 1, "{what}");
    log.close().await;
}

/// Reading stream by stream tells the same as reading everything.
async fn streams_agree(log: &dyn EventLog, all: &[Recorded]) {
    let mut streams: BTreeMap<StreamId, Vec<Recorded>> = BTreeMap::new();
    for event in all {
        streams.entry(event.stream.clone()).or_default().push(event.clone());
    }
    for (stream, should) in streams {
        let read = log.read_stream(&stream, 0, Direction::Forwards, 9999).await.unwrap();
        assert_eq!(read, should);
        assert!(read.iter().map(|event| event.revision).eq(0..read.len() as u64), "{stream}");
    }
}

#[test]
fn after_a_power_cut_at_any_moment_everything_answered_is_there() {
    let (mut faults, mut kinds) = (0, BTreeMap::new());
    for run in 0..share() {
        let mut dice = Dice(run);
        let disk = Sim::default();
        let should = runtime().block_on(async {
            let log = open(&disk).unwrap();
            assert!(work(&log, &disk, 14, &mut dice).await.iter().all(Result::is_ok));
            let should = history(&log).await.unwrap();
            log.close().await;
            should
        });
        let (ops, nothing) = (disk.ops(), Image::new());
        for moment in 0..=ops.len() {
            let kind = ops.get(moment).map_or("at the end", Op::kind);
            let answered =
                ops[..moment].iter().map(|op| if let Op::Answered(at) = op { *at } else { 0 }).max();
            for loss in [Loss::Everything, Loss::Nothing, Loss::Torn, Loss::Sectors, Loss::Sectors] {
                let image = after_power_cut(&nothing, &ops, moment, loss, &mut dice);
                let survivor = Sim::of(&image);
                let what = format!("run {run}, power cut {kind} ({moment}), {loss:?}");
                runtime().block_on(law(&survivor, &should, answered.unwrap_or(0), &what));
                faults += 1;
                *kinds.entry(kind).or_default() += 1;
                // And again while that start was mending.
                if dice.roll(4) == 0 {
                    let mending = survivor.ops();
                    let second = usize::try_from(dice.roll(mending.len() as u64 + 1)).unwrap();
                    let image = after_power_cut(&image, &mending, second, Loss::Sectors, &mut dice);
                    let log = open(&Sim::of(&image)).unwrap();
                    let there = runtime().block_on(history(&log)).unwrap();
                    let same = there.iter().zip(&should).take_while(|(one, two)| one == two).count();
                    assert!(same as u64 >= answered.unwrap_or(0), "{what}, and again at {second}");
                    assert!(same + 1 >= there.len(), "{what}, and again at {second}");
                    faults += 1;
                    *kinds.entry("during recovery").or_default() += 1;
                }
            }
        }
    }
    report("power cuts", faults, &kinds);
}

#[test]
fn a_disk_that_fails_once_at_any_operation_loses_nothing_that_was_answered() {
    let (mut faults, mut kinds) = (0, BTreeMap::new());
    for run in 0..share() {
        let (operations, wanted) = {
            let disk = Sim::default();
            let wanted = runtime().block_on(async {
                let log = open(&disk).unwrap();
                work(&log, &disk, 6, &mut Dice(run)).await;
                let wanted = keyed_streams(&log).await;
                log.close().await;
                wanted
            });
            (disk.tried(), wanted)
        };
        let failures = [Failure::Io, Failure::NoSpace, Failure::Short, Failure::ShortNoSpace];
        for (number, how) in (0..operations).flat_map(|number| failures.map(|how| (number, how))) {
            let disk = Sim::default();
            disk.fail_at(number, how);
            let what = format!("run {run}, {how:?} at operation {number}");
            let mut answered = 0;
            if let Ok(log) = open(&disk) {
                runtime().block_on(async {
                    for answer in work(&log, &disk, 6, &mut Dice(run)).await {
                        match answer {
                            Ok(position) => answered = answered.max(position),
                            Err(LogError::Full | LogError::Unavailable(_)) => {}
                            Err(other) => panic!("{what}: {other}"),
                        }
                    }
                    log.close().await;
                });
            }
            if !disk.has_failed() {
                continue;
            }
            faults += 1;
            *kinds
                .entry(match how {
                    Failure::Io => "device",
                    Failure::NoSpace => "no room",
                    Failure::Short => "short write",
                    Failure::ShortNoSpace => "short write, no room",
                })
                .or_default() += 1;
            // The next process finds what the system kept, and one after a power cut what was synced.
            for image in [
                disk.now(),
                after_power_cut(&Image::new(), &disk.ops(), disk.ops().len(), Loss::Sectors, &mut Dice(run)),
            ] {
                let survivor = Sim::of(&image);
                runtime().block_on(async {
                    let log = open(&survivor).unwrap_or_else(|error| panic!("{what}: {error}"));
                    let there = history(&log).await.unwrap();
                    assert!(
                        there.len() as u64 >= answered,
                        "{what}: {answered} answered, {} there",
                        there.len()
                    );
                    assert!(there.iter().map(|event| event.position.0).eq(1..=there.len() as u64), "{what}");
                    streams_agree(&log, &there).await;
                    // Everybody who got no answer asks again, with the same keys: all of it is there, once.
                    work(&log, &survivor, 6, &mut Dice(run))
                        .await
                        .into_iter()
                        .for_each(|again| assert!(again.is_ok()));
                    assert_eq!(keyed_streams(&log).await, wanted, "{what}");
                    log.close().await;
                });
            }
        }
    }
    report("failed operations", faults, &kinds);
}

/// How long each stream is whose appends all have keys.
async fn keyed_streams(log: &dyn EventLog) -> BTreeMap<StreamId, u64> {
    let mut lengths = BTreeMap::new();
    for event in history(log).await.unwrap().into_iter().filter(|event| event.stream != stream("1")) {
        *lengths.entry(event.stream).or_default() += 1;
    }
    lengths
}

/// Opens an image and reads everything: either it says that something is wrong, or it tells `should`.
fn refused_or_whole(image: &Image, should: &[Recorded], what: &str) -> bool {
    let log = match open(&Sim::of(image)) {
        Ok(log) => log,
        // A flipped digit may look like a newer program's.
        Err(OpenError::Damaged { .. } | OpenError::NewerFormat { .. }) => return true,
        Err(error) => panic!("{what}: {error}"),
    };
    let told = runtime().block_on(async {
        let all = history(&log).await;
        if all.is_ok() {
            // Through the indexes as well.
            for event in should {
                match log.read_stream(&event.stream, event.revision, Direction::Backwards, 1).await {
                    Ok(read) => assert_eq!(read, std::slice::from_ref(event), "{what}"),
                    Err(LogError::Damaged(_)) => return Err(()),
                    Err(error) => panic!("{what}: {error}"),
                }
            }
        }
        all.map_err(|error| assert!(matches!(error, LogError::Damaged(_)), "{what}: {error}"))
    });
    match told {
        Ok(told) => {
            assert_eq!(told, should, "{what}: it told something else");
            false
        }
        Err(()) => true,
    }
}

/// A log that was killed, so its end is as a running log's is.
fn killed() -> (Image, Vec<Recorded>) {
    let disk = Sim::default();
    runtime().block_on(async {
        let log = open(&disk).unwrap();
        work(&log, &disk, 10, &mut Dice(7)).await;
        // Full segments have their indexes before the image is taken.
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        let image = disk.now();
        let should = history(&log).await.unwrap();
        (image, should)
    })
}

#[test]
fn a_flipped_bit_anywhere_is_refused_or_mended_and_never_told() {
    let (image, should) = killed();
    assert!(!refused_or_whole(&image, &should, "as it was"));
    let (mut faults, mut refused, mut kinds) = (0, 0, BTreeMap::new());
    let every = 23 / share().min(23) + 1;
    for (name, content) in &image {
        let kind = match name.rsplit('.').next() {
            Some("log") => "segment",
            Some("index") => "index",
            _ => "witness and spare",
        };
        for (byte, bit) in (0..content.len()).map(|byte| (byte, byte % 8)) {
            if !(byte as u64).is_multiple_of(every) {
                continue;
            }
            let mut image = image.clone();
            image.get_mut(name).unwrap()[byte] ^= 1 << bit;
            refused += u64::from(refused_or_whole(&image, &should, &format!("{name} byte {byte}")));
            faults += 1;
            *kinds.entry(kind).or_default() += 1;
        }
    }
    assert!(refused > 100, "hardly any flip was noticed");
    report("flipped bits", faults, &kinds);
}

#[test]
fn a_file_that_is_cut_or_gone_is_refused_or_made_again() {
    let (image, should) = killed();
    let (mut faults, mut kinds) = (0, BTreeMap::new());
    let every = 37 / share().min(37) + 1;
    for (name, content) in &image {
        let segment = name.strip_suffix(".log").is_some();
        let mut gone = image.clone();
        gone.remove(name);
        let refused = refused_or_whole(&gone, &should, &format!("{name} is gone"));
        assert_eq!(refused, segment, "{name}");
        for length in (0..content.len()).step_by(usize::try_from(every).unwrap()) {
            let mut cut = image.clone();
            cut.get_mut(name).unwrap().truncate(length);
            let refused = refused_or_whole(&cut, &should, &format!("{name} cut to {length}"));
            // The zeros behind the last event of a segment may go before its index is there.
            assert!(!refused || segment, "{name} cut to {length}");
            faults += 1;
            *kinds.entry("cut").or_default() += 1;
        }
        faults += 1;
        *kinds.entry("gone").or_default() += 1;
    }
    report("cut and missing files", faults, &kinds);
}

/// A clock that goes backwards changes neither order nor what is told.
#[test]
fn a_clock_that_goes_backwards_disturbs_nothing() {
    let disk = Sim::default();
    runtime().block_on(async {
        let log = open(&disk).unwrap();
        for number in (0..30).rev() {
            let write = StreamWrite {
                stream: stream("s"),
                expected: Expected::Any,
                events: vec![event("Counted", number * 1_000_000_000)],
            };
            log.append(write, None).await.unwrap();
        }
        let there = history(&log).await.unwrap();
        assert!(
            there.is_sorted_by(|one, two| one.position < two.position && one.recorded_at > two.recorded_at)
        );
    });
}
