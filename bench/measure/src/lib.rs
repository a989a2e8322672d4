//! One way of measuring for Skranke and for those it is compared with: the same events, the same clock, the
//! same arithmetic. The peers in other languages follow the same rules.
//!
//! A measurement starts its writers, lets them warm up, and then counts what is answered within the measured
//! time. A writer asks for one thing at a time and waits for the answer. What it prints is one line of JSON.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

/// Bytes of data and metadata together in one event.
pub const EVENT_BYTES: usize = 412;
/// Events of one stream, as many as a case has on a quiet day.
pub const PER_STREAM: u64 = 10;

/// What stands beside every event: who acted, when, for whom.
pub const METADATA: &str = r#"{"$correlationId":"0198f0c2-7a51-7c33-9d0e-3c5d1f6a8b10","tenant":"0190","actor":"staff:0198f0c2-0000-7000-8000-000000000977","recordedAt":"2026-11-22T10:15:30.123456Z"}"#;

/// How hard and how long.
#[derive(Clone, Debug, clap::Args)]
pub struct Load {
    /// Where the data is put, in a folder that is deleted afterwards. What is measured is the disk that holds it.
    #[arg(long, default_value = "target/bench")]
    pub dir: PathBuf,
    /// Writers at the same time, each waiting for its answer.
    #[arg(long, default_value_t = 1)]
    pub writers: u64,
    /// How long is measured, in seconds.
    #[arg(long, default_value_t = 3.0)]
    pub seconds: f64,
    /// How long before that the work goes on without being measured, in seconds.
    #[arg(long, default_value_t = 0.5)]
    pub warm_up: f64,
}

impl Load {
    /// A new folder on the disk that is measured; gone when it is dropped.
    pub fn folder(&self) -> anyhow::Result<TempDir> {
        folder_in(&self.dir)
    }

    /// Does one thing after the other on this thread. `work` is given the number of the thing.
    pub fn repeat(&self, mut work: impl FnMut(u64) -> anyhow::Result<()>) -> anyhow::Result<Taken> {
        let (window, cpu) = (Window::of(self), cpu_time());
        let (mut waits, mut answers) = (Vec::new(), 0);
        loop {
            let asked = Instant::now();
            if asked >= window.until {
                break;
            }
            work(answers)?;
            answers += 1;
            waits.extend(window.wait(asked));
        }
        Ok(Taken { seconds: self.seconds, waits, answers, cpu: cpu_time().saturating_sub(cpu) })
    }

    /// Lets every writer do one thing after the other. `work` is given the writer and the number of the thing.
    pub async fn drive<F>(
        &self,
        work: impl Fn(u64, u64) -> F + Send + Sync + 'static,
    ) -> anyhow::Result<Taken>
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        let work = Arc::new(work);
        let (window, cpu) = (Window::of(self), cpu_time());
        let mut writers = tokio::task::JoinSet::new();
        for writer in 0..self.writers {
            let work = Arc::clone(&work);
            writers.spawn(async move {
                let (mut waits, mut answers) = (Vec::new(), 0);
                loop {
                    let asked = Instant::now();
                    if asked >= window.until {
                        break;
                    }
                    work(writer, answers).await?;
                    answers += 1;
                    waits.extend(window.wait(asked));
                }
                anyhow::Ok((waits, answers))
            });
        }
        let (mut waits, mut answers) = (Vec::new(), 0);
        while let Some(done) = writers.join_next().await {
            let (some, more) = done??;
            waits.extend(some);
            answers += more;
        }
        Ok(Taken { seconds: self.seconds, waits, answers, cpu: cpu_time().saturating_sub(cpu) })
    }
}

/// A new folder in `dir`, which is made when it is not there.
pub fn folder_in(dir: &Path) -> anyhow::Result<TempDir> {
    let no_folder = || format!("cannot make a folder in {}", dir.display());
    std::fs::create_dir_all(dir).with_context(no_folder)?;
    tempfile::tempdir_in(dir).with_context(no_folder)
}

/// The time in which answers count.
#[derive(Clone, Copy)]
struct Window {
    from: Instant,
    until: Instant,
}

impl Window {
    fn of(load: &Load) -> Self {
        let from = Instant::now() + Duration::from_secs_f64(load.warm_up);
        Self { from, until: from + Duration::from_secs_f64(load.seconds) }
    }

    /// How long the answer took that came just now, if it counts.
    fn wait(&self, asked: Instant) -> Option<Duration> {
        let answered = Instant::now();
        (self.from..self.until).contains(&answered).then(|| answered - asked)
    }
}

/// What was counted.
#[derive(Debug)]
pub struct Taken {
    seconds: f64,
    /// Of the answers that count.
    waits: Vec<Duration>,
    /// All answers, those of the warm-up included.
    answers: u64,
    /// What this process computed for all of them.
    cpu: Duration,
}

impl Taken {
    /// The rate, under a name. `each` is how many of `unit` one answer stands for.
    pub fn rate(self, name: &str, writers: u64, unit: &str, each: u64) -> Measured {
        let answers = as_float(self.waits.len());
        let cpu_us = self.cpu.as_secs_f64() * 1e6 / as_float((self.answers * each).max(1));
        let Percentiles { p50, p99 } = Percentiles::of(self.waits);
        Measured {
            name: name.to_owned(),
            writers,
            unit: unit.to_owned(),
            rounds: vec![answers * as_float(each) / self.seconds],
            p50_us: vec![p50],
            p99_us: vec![p99],
            cpu_us: vec![cpu_us],
        }
    }
}

fn cpu_time() -> Duration {
    cpu_time_of("self")
}

/// What all threads of a process have computed so far, in steps of 10 ms. Nought where there is no `/proc`.
pub fn cpu_time_of(process: &str) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // After the name in brackets, which may hold anything: user and system time are the 12th and 13th fields,
    // in hundredths of a second (proc(5)).
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let hundredths = fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok());
    Duration::from_millis(10 * hundredths.sum::<u64>())
}

/// The middle and the slow end of many waits, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Percentiles {
    /// Half of them were shorter.
    pub p50: f64,
    /// One in a hundred was longer.
    pub p99: f64,
}

impl Percentiles {
    /// Of these waits.
    pub fn of(mut waits: Vec<Duration>) -> Self {
        waits.sort_unstable();
        let at = |hundredth: usize| {
            let place = (waits.len() * hundredth / 100).min(waits.len().saturating_sub(1));
            waits.get(place).map_or(0.0, |wait| wait.as_secs_f64() * 1e6)
        };
        Self { p50: at(50), p99: at(99) }
    }
}

/// One series of figures: what was measured, and one figure per round.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// What was measured.
    pub name: String,
    /// Writers at the same time; rows per commit for the bare database; 1 for a replay.
    pub writers: u64,
    /// What the figures count.
    pub unit: String,
    /// The figures.
    pub rounds: Vec<f64>,
    /// The middle wait of each round, in microseconds; empty where nothing was waited for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub p50_us: Vec<f64>,
    /// The slow end of the waits of each round, in microseconds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub p99_us: Vec<f64>,
    /// What the program itself computed for one of `unit`, in microseconds; empty where it does not say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cpu_us: Vec<f64>,
}

impl Measured {
    /// Events that were read in a time.
    pub fn replay(name: &str, events: u64, took: Duration) -> Self {
        Self::of(name, "events/s", as_float(events) / took.as_secs_f64())
    }

    /// A count.
    pub fn one(name: &str, unit: &str, count: u64) -> Self {
        Self::of(name, unit, as_float(count))
    }

    /// One figure that nobody waited for.
    pub fn of(name: &str, unit: &str, figure: f64) -> Self {
        Self {
            name: name.to_owned(),
            writers: 1,
            unit: unit.to_owned(),
            rounds: vec![figure],
            p50_us: Vec::new(),
            p99_us: Vec::new(),
            cpu_us: Vec::new(),
        }
    }

    /// Prints the line.
    pub fn print(&self) -> anyhow::Result<()> {
        println!("{}", serde_json::to_string(self)?);
        Ok(())
    }
}

/// The middle figure; of an even number the mean of the two in the middle. `None` of none.
pub fn median(figures: &[f64]) -> Option<f64> {
    let mut sorted = figures.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match (sorted.len() % 2, sorted.get(middle)) {
        (_, None) => None,
        (1, Some(figure)) => Some(*figure),
        (_, Some(above)) => Some(f64::midpoint(sorted[middle - 1], *above)),
    }
}

/// A count as a float. Counts here are far below 2^52.
#[expect(clippy::cast_precision_loss, reason = "a rate needs no more than six digits")]
fn as_float(count: impl TryInto<u64>) -> f64 {
    count.try_into().unwrap_or(u64::MAX) as f64
}

/// The event that the peers write: a note in a case. Its JSON and [`METADATA`] are [`EVENT_BYTES`] together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The case.
    pub case_id: String,
    /// How it came.
    pub channel: String,
    /// Its number in the case.
    pub number: u64,
    /// What was noted.
    pub text: String,
    /// What it is about.
    pub tags: Vec<String>,
}

impl Note {
    /// The name of its type.
    pub const TYPE: &str = "NoteAdded";
    /// Bytes of a note's JSON without its text.
    const REST: usize = 106;

    /// The `number`th note of a writer, in its place in a stream of [`PER_STREAM`].
    pub fn of(writer: u64, number: u64) -> Self {
        let mut note = Self {
            case_id: stream(writer, number),
            channel: "counter".to_owned(),
            number: number % PER_STREAM,
            text: String::new(),
            tags: vec!["housing".to_owned(), "hearing".to_owned()],
        };
        // Everything else has a fixed length, so the text fills what is left.
        note.text = "Borgeren har sendt dokumentation; sagen afventer svar. "
            .chars()
            .cycle()
            .take(EVENT_BYTES - METADATA.len() - Self::REST)
            .collect();
        note
    }

    /// The bytes as they are stored.
    pub fn to_json(&self) -> anyhow::Result<Vec<u8>> {
        Ok(serde_json::to_vec(self)?)
    }

    /// The bytes for a store that keeps no metadata of its own: the note, then the metadata.
    pub fn with_metadata(&self) -> anyhow::Result<Vec<u8>> {
        let mut bytes = self.to_json()?;
        bytes.extend_from_slice(METADATA.as_bytes());
        Ok(bytes)
    }

    /// Reads what [`Self::with_metadata`] wrote.
    pub fn parse(bytes: &[u8]) -> anyhow::Result<Self> {
        let data = bytes.strip_suffix(METADATA.as_bytes()).context("this is no event of ours")?;
        Ok(serde_json::from_slice(data)?)
    }
}

/// The stream that a writer's `number`th event belongs to.
pub fn stream(writer: u64, number: u64) -> String {
    format!("case-{writer:04x}-{:012x}", number / PER_STREAM)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_has_the_size_that_everyone_is_measured_with() {
        for (writer, number) in [(0, 0), (63, 9), (511, 123_456_789)] {
            let data = Note::of(writer, number).to_json().unwrap();
            assert_eq!(data.len() + METADATA.len(), EVENT_BYTES);
        }
        serde_json::from_str::<serde_json::Value>(METADATA).unwrap();
        let note = Note::of(7, 13);
        assert_eq!(Note::parse(&note.with_metadata().unwrap()).unwrap(), note);
    }

    #[test]
    fn the_median_is_the_middle_figure() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }

    #[test]
    fn only_answers_after_the_warm_up_count() {
        let load = Load { dir: PathBuf::new(), writers: 1, seconds: 0.05, warm_up: 0.05 };
        let mut all = 0_u32;
        let taken = load
            .repeat(|_| {
                all += 1;
                std::thread::sleep(Duration::from_millis(5));
                Ok(())
            })
            .unwrap();
        assert!(taken.waits.len() < usize::try_from(all).unwrap(), "{} of {all}", taken.waits.len());
        assert!(taken.waits.iter().all(|wait| *wait >= Duration::from_millis(5)));
    }
}
