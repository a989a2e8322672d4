//! Everything in turn: round one of all, round two of all, and so on, so that a disk that tires or a neighbour
//! that wakes up meets everyone alike. Each measurement is a process of its own.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context;
use bench_measure::Measured;

use crate::machine::Machine;
use crate::page::{self, Absent, Run};
use crate::peers::{self, Peer};
use crate::steps::Step;

/// What is run, and how long.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Plan {
    /// Rounds; the page shows the median of each figure.
    #[arg(long, default_value_t = 3, env = "ROUNDS", value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// How long each rate is measured, in seconds.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// How long each warms up, in seconds.
    #[arg(long, default_value_t = 0.5)]
    warm_up: f64,
    /// Events in the history that is replayed.
    #[arg(long, default_value_t = 500_000)]
    events: u64,
    /// Only Skranke, the disk and the bare database.
    #[arg(long)]
    no_peers: bool,
    /// Where all data is put while it is needed, and what was built for the peers is kept.
    #[arg(long, default_value = "target/bench")]
    dir: PathBuf,
    /// The page to write; without it the page is printed.
    #[arg(long)]
    page: Option<PathBuf>,
}

/// No single measurement or filling takes longer, or something hangs.
const PATIENCE: Duration = Duration::from_mins(5);

/// Runs the plan and writes the page.
pub(crate) async fn run(plan: &Plan) -> anyhow::Result<()> {
    let began = Instant::now();
    std::fs::create_dir_all(&plan.dir)?;
    let dir = plan.dir.canonicalize()?;
    let machine = Machine::look(&dir)?;
    let (peers, mut absent) =
        if plan.no_peers { (Vec::new(), Vec::new()) } else { peers::set_up(&dir).await };
    let data = bench_measure::folder_in(&dir)?;
    let mut steps = ours(plan, data.path()).await?;
    for peer in &peers {
        match theirs(plan, peer, data.path()).await {
            Ok(more) => steps.extend(more),
            Err(error) => absent.push(Absent::new(peer.name, &error)),
        }
    }

    let mut results: Vec<Measured> = Vec::new();
    for round in 1..=plan.rounds {
        let mut failed = Vec::new();
        for (place, step) in steps.iter().enumerate() {
            eprint!("round {round}/{}  {}/{}  {}: ", plan.rounds, place + 1, steps.len(), step.whose);
            match step.take().await {
                Ok(lines) => lines.into_iter().for_each(|line| merge(&mut results, line)),
                Err(error) => {
                    eprintln!("{error:#}");
                    failed.push(place);
                    absent.push(Absent::new(&step.whose, &error));
                }
            }
        }
        // What failed once is not asked again: its reason stands on the page.
        for place in failed.into_iter().rev() {
            steps.remove(place);
        }
    }
    for series in &results {
        series.print()?;
    }
    let run = Run {
        machine,
        peers,
        absent,
        results,
        rounds: plan.rounds,
        plan: plan.words(),
        took: began.elapsed(),
    };
    let text = page::write(&run);
    match &plan.page {
        Some(path) => {
            std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
            eprintln!("{} written after {} s", path.display(), began.elapsed().as_secs());
        }
        None => println!("{text}"),
    }
    Ok(())
}

impl Plan {
    fn words(&self) -> String {
        format!("{} s of warm-up and {} s of measuring for each rate", self.warm_up, self.seconds)
    }

    /// The arguments of a measurement under load.
    fn load(&self, writers: u64, dir: &Path) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = vec!["--dir".into(), dir.into()];
        for (name, value) in [
            ("--writers", writers.to_string()),
            ("--seconds", self.seconds.to_string()),
            ("--warm-up", self.warm_up.to_string()),
        ] {
            arguments.extend([name.into(), value.into()]);
        }
        arguments
    }
}

/// The disk, the bare database and Skranke.
async fn ours(plan: &Plan, data: &Path) -> anyhow::Result<Vec<Step>> {
    let step = |what: &[&str], rest| Step::ours(what, rest, PATIENCE);
    let mut steps = vec![
        step(&["fdatasync"], plan.load(1, data))?,
        step(&["fdatasync", "--filled"], plan.load(1, data))?,
    ];
    for (what, writers) in [
        ("sqlite", [1, 64, 256].as_slice()),
        ("log", &[1, 8, 64, 512]),
        ("commands", &[1, 64]),
        ("lag", &[1]),
    ] {
        for writers in writers {
            steps.push(step(&[what], plan.load(*writers, data))?.of(*writers));
        }
    }
    let seeded = data.join("history");
    let events = ["--events".into(), plan.events.to_string().into(), seeded.clone().into()];
    eprint!("seeding {} events: ", plan.events);
    step(&["seed"], events.to_vec())?.take().await?;
    for open in [[].as_slice(), &["--open"]] {
        let what = [&["replay"], open].concat();
        let mut replay = step(&what, vec![seeded.clone().into()])?;
        // «On one core» is the claim, so one core is what it gets.
        replay.command.splice(0..0, ["taskset", "--cpu-list", "0"].map(OsString::from));
        steps.push(replay);
    }
    Ok(steps)
}

/// A peer, filled with what it will replay.
async fn theirs(plan: &Plan, peer: &Peer, data: &Path) -> anyhow::Result<Vec<Step>> {
    let call = |what: &str, rest: Vec<OsString>| {
        let command = peer.program.iter().cloned().chain([what.into()]).chain(rest);
        Step { whose: format!("{}, {what}", peer.name), command: command.collect(), patience: PATIENCE }
    };
    let mut steps = Vec::new();
    for (what, writers) in peer.loads {
        steps.extend(writers.iter().map(|writers| call(what, plan.load(*writers, data)).of(*writers)));
    }
    let history = data.join(peer.name.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-"));
    let place: Vec<OsString> = vec!["--history".into(), history.into()];
    let events = ["--events".into(), peer.replayed.to_string().into()];
    eprint!("filling {} with {} events: ", peer.name, peer.replayed);
    call("fill", [&place[..], &events].concat()).take().await?;
    steps.push(call("replay", place));
    Ok(steps)
}

/// Adds a round to its series.
fn merge(results: &mut Vec<Measured>, line: Measured) {
    match results.iter_mut().find(|known| known.name == line.name && known.writers == line.writers) {
        Some(known) => {
            known.rounds.extend(line.rounds);
            known.p50_us.extend(line.p50_us);
            known.p99_us.extend(line.p99_us);
            known.cpu_us.extend(line.cpu_us);
        }
        None => results.push(line),
    }
}
