//! The benchmarks: what `docs/PERFORMANCE.md` says about speed is measured and written by this program.
//!
//! Figures of different machines do not compare; ratios within one run do. So the disk, the bare database and
//! other people's event stores (`bench/peers/`) are measured beside Skranke, in turn, with the same events.
//! Every subcommand but `seed` and `all` measures one thing and prints one JSON object per line:
//!
//! ```text
//! {"name":"log","writers":64,"unit":"events/s","rounds":[123456.0],"p50_us":[480.0],"p99_us":[900.0]}
//! ```
//!
//! `make bench` runs everything in turn and writes the page; `make bench-quick` takes one short round without
//! the peers.

mod all;
mod commands;
mod lag;
mod log;
mod machine;
mod page;
mod peers;
mod postgres;
mod raw;
mod replay;
mod seed;
mod targets;
mod world;

use std::path::PathBuf;

use anyhow::Context;
use bench_measure::Load;
use clap::{Parser, Subcommand};
use mimalloc::MiMalloc;

/// The one that the `skranke` program has.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[derive(Parser)]
#[command(about = "Measures Skranke's log, what it stands on, and others beside it")]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// The disk: 4 KiB written and fdatasync'ed.
    Fdatasync {
        #[command(flatten)]
        load: Load,
        /// Into a file that is filled with zeros beforehand, instead of one that grows.
        #[arg(long)]
        filled: bool,
    },
    /// The bare database: one table, no index, `--writers` rows per commit.
    Sqlite {
        #[command(flatten)]
        load: Load,
    },
    /// The log alone: appends of one event.
    Log {
        #[command(flatten)]
        load: Load,
    },
    /// Whole commands to cases, through the desk.
    Commands {
        #[command(flatten)]
        load: Load,
    },
    /// From a command to the subscription that tells of it.
    Lag {
        #[command(flatten)]
        load: Load,
        /// Commands per second.
        #[arg(long, default_value_t = 1000)]
        rate: u32,
    },
    /// Writes whole cases into a data folder, through the real rules. Its master key is put beside it.
    Seed {
        /// How many events, ten to a case.
        #[arg(long, default_value_t = 500_000)]
        events: u64,
        /// The data folder.
        dir: PathBuf,
    },
    /// Reads a seeded data folder from the first event to the last, each decoded to its type.
    Replay {
        /// With the personal fields opened.
        #[arg(long)]
        open: bool,
        /// Events per page.
        #[arg(long, default_value_t = 4096)]
        page: usize,
        /// The data folder.
        dir: PathBuf,
    },
    /// Everything in turn, others beside it, and the page.
    All(all::Plan),
}

fn main() -> anyhow::Result<()> {
    let what = Arguments::parse().what;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the asynchronous runtime did not start")?;
    match what {
        What::Fdatasync { load, filled } => raw::fdatasync(&load, filled)?.print(),
        What::Sqlite { load } => raw::sqlite(&load)?.print(),
        What::Log { load } => runtime.block_on(log::appends(load))?.print(),
        What::Commands { load } => runtime.block_on(commands::commands(load))?.print(),
        What::Lag { load, rate } => {
            runtime.block_on(lag::lag(&load, rate))?.iter().try_for_each(bench_measure::Measured::print)
        }
        What::Seed { events, dir } => runtime.block_on(seed::seed(&dir, events)),
        What::Replay { open, page, dir } => runtime.block_on(replay::replay(&dir, open, page))?.print(),
        // An interrupted run stops its server and removes its data, as a finished one does.
        What::All(plan) => runtime.block_on(async {
            tokio::select! {
                done = all::run(&plan) => done,
                _ = tokio::signal::ctrl_c() => anyhow::bail!("interrupted"),
            }
        }),
    }
}
