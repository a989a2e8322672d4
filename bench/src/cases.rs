//! Cities of growing size, one after the other: filled, their views built, their API asked, PostGraphile beside it over
//! the same rows; and the page.

mod page;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context;
use bench_measure::Measured;

use crate::machine::Machine;
use crate::page::Absent;
use crate::steps::Step;

/// What is run, and how long.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Plan {
    /// How many cases the cities have. The targets hold for the last one; «flat» is the last beside the first.
    #[arg(long, value_delimiter = ',', default_values_t = [10_000, 1_000_000])]
    sizes: Vec<u64>,
    /// How long each question is measured, in seconds.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// How long it is warmed up, in seconds.
    #[arg(long, default_value_t = 0.5)]
    warm_up: f64,
    /// Only Skranke.
    #[arg(long)]
    no_peers: bool,
    /// The `skranke` program; the one beside this program where it is not named.
    #[arg(long)]
    skranke: Option<PathBuf>,
    /// Where all data is put while it is needed: some twenty-six kilobytes a case.
    #[arg(long, default_value = "target/bench")]
    dir: PathBuf,
    /// The page to write; without it the page is printed.
    #[arg(long)]
    page: Option<PathBuf>,
}

/// No single step takes longer, or something hangs.
const PATIENCE: Duration = Duration::from_hours(2);

/// One run.
#[derive(Debug)]
pub(crate) struct Run {
    machine: Machine,
    /// In the order in which they were measured.
    sizes: Vec<u64>,
    results: Vec<(u64, Measured)>,
    absent: Vec<Absent>,
    /// How long each figure was measured, in words.
    plan: String,
    /// What the peer is, where it was measured.
    peer: Option<String>,
    took: Duration,
}

/// Runs the plan and writes the page.
pub(crate) async fn run(plan: &Plan) -> anyhow::Result<()> {
    let began = Instant::now();
    let skranke = match &plan.skranke {
        Some(program) => program.clone(),
        None => std::env::current_exe()?.with_file_name("skranke"),
    };
    anyhow::ensure!(skranke.exists(), "{} is not built", skranke.display());
    std::fs::create_dir_all(&plan.dir)?;
    let dir = plan.dir.canonicalize()?;
    let machine = Machine::look(&dir)?;
    let (mut results, mut absent) = (Vec::new(), Vec::new());
    for size in &plan.sizes {
        // Gone at the end of its turn, before the next is made.
        let home = bench_measure::folder_in(&dir)?;
        for step in steps(plan, *size, &skranke, &home.path().join("data"))? {
            eprint!("{size} cases  {}: ", step.whose);
            match step.take().await {
                Ok(lines) => results.extend(lines.into_iter().map(|line| (*size, line))),
                Err(error) => {
                    eprintln!("{error:#}");
                    absent.push(Absent::new(&format!("{size} cases: {}", step.whose), &error));
                }
            }
        }
    }
    let run = Run {
        machine,
        sizes: plan.sizes.clone(),
        results,
        absent,
        plan: format!("{} s of warm-up and {} s of measuring for each question", plan.warm_up, plan.seconds),
        peer: (!plan.no_peers).then(crate::postgraphile::notes),
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

/// What is done with one city, in turn.
fn steps(plan: &Plan, size: u64, skranke: &Path, data: &Path) -> anyhow::Result<Vec<Step>> {
    let step = |what: &[&str], options: &[(&str, OsString)]| {
        let mut rest: Vec<OsString> = Vec::new();
        for (name, value) in options {
            rest.extend([(*name).into(), value.clone()]);
        }
        rest.push(data.into());
        Step::ours(what, rest, PATIENCE)
    };
    let load =
        [("--seconds", plan.seconds.to_string().into()), ("--warm-up", plan.warm_up.to_string().into())];
    let mut steps = vec![
        step(&["city"], &[("--cases", size.to_string().into())])?,
        step(&["rebuild"], &[])?,
        step(&["rebuild", "--appending"], &[])?,
        step(&["api"], &[&[("--skranke", skranke.into())][..], &load[..]].concat())?,
    ];
    if !plan.no_peers {
        let work = plan.dir.clone().into_os_string();
        steps.push(step(&["postgraphile", "--delete"], &[&[("--work", work)][..], &load[..]].concat())?);
    }
    Ok(steps)
}
