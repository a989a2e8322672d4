//! The benchmarks: what `docs/PERFORMANCE.md` says about speed is measured and written by this program.
//!
//! Figures of different machines do not compare; ratios within one run do. So the disk, the bare database and
//! other people's event stores (`bench/peers/`) are measured beside Skranke, in turn, with the same events.
//! Every subcommand but `seed`, `all` and `cases` measures one thing and prints one JSON object per line:
//!
//! ```text
//! {"name":"log","writers":64,"unit":"events/s","rounds":[123456.0],"p50_us":[480.0],"p99_us":[900.0]}
//! ```
//!
//! `make bench` runs everything about the log in turn and writes its page; `make bench-quick` takes one short round
//! without the peers. `make bench-cases` does the same for views, API and growth, with a page of its own
//! (`docs/PERFORMANCE-CASES.md`), so that neither run touches what the other wrote.

mod all;
mod api;
mod asking;
mod cases;
mod chat;
mod city;
mod commands;
mod lag;
mod lists;
mod log;
mod machine;
mod making;
mod page;
mod peers;
mod postgraphile;
mod postgres;
mod raw;
mod rebuild;
mod replay;
mod seed;
mod server;
mod steps;
mod targets;
mod world;

use std::path::PathBuf;

use anyhow::Context;
use bench_measure::{Load, Measured};
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
    /// Writes a municipality into a new data folder: cases of three years in every phase, its teams and staff. Its master
    /// key is put beside it.
    City {
        /// How many cases, some fifteen events each.
        #[arg(long, default_value_t = 10_000)]
        cases: u64,
        /// Another seed is another municipality.
        #[arg(long, default_value_t = 7)]
        seed: u64,
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
    /// Deletes the views of a data folder and builds them anew from the log.
    Rebuild {
        /// While appends go on, and ten seconds of appends before.
        #[arg(long)]
        appending: bool,
        /// The data folder.
        dir: PathBuf,
    },
    /// Starts the real server on a city with its views, and asks it what the dashboard asks.
    Api(api::Plan),
    /// Copies the rows of a city into PostgreSQL and asks PostGraphile for the same lists.
    Postgraphile(postgraphile::Plan),
    /// The chat's quality on strangers' questions, others beside it, and the page.
    Chat(chat::Plan),
    /// Everything of the log in turn, others beside it, and the page.
    All(all::Plan),
    /// Everything of the cases in turn, PostGraphile beside it, and the page.
    Cases(cases::Plan),
}

fn main() -> anyhow::Result<()> {
    let what = Arguments::parse().what;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the asynchronous runtime did not start")?;
    match what {
        What::Chat(plan) => runtime.block_on(interruptible(chat::run(&plan))),
        What::Fdatasync { load, filled } => raw::fdatasync(&load, filled)?.print(),
        What::Sqlite { load } => raw::sqlite(&load)?.print(),
        What::Log { load } => runtime.block_on(log::appends(load))?.print(),
        What::Commands { load } => runtime.block_on(commands::commands(load))?.print(),
        What::Lag { load, rate } => print(&runtime.block_on(lag::lag(&load, rate))?),
        What::Seed { events, dir } => runtime.block_on(seed::seed(&dir, events)),
        What::City { cases, seed, dir } => print(&runtime.block_on(city::city(&dir, cases, seed))?),
        What::Replay { open, page, dir } => runtime.block_on(replay::replay(&dir, open, page))?.print(),
        What::Rebuild { appending, dir } => print(&runtime.block_on(rebuild::rebuild(&dir, appending))?),
        What::Api(plan) => print(&runtime.block_on(interruptible(api::api(&plan)))?),
        What::Postgraphile(plan) => {
            print(&runtime.block_on(interruptible(postgraphile::postgraphile(&plan)))?)
        }
        What::All(plan) => runtime.block_on(interruptible(all::run(&plan))),
        What::Cases(plan) => runtime.block_on(interruptible(cases::run(&plan))),
    }
}

fn print(lines: &[Measured]) -> anyhow::Result<()> {
    lines.iter().try_for_each(Measured::print)
}

/// An interrupted run stops its server and removes its data, as a finished one does.
async fn interruptible<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::select! {
        done = work => done,
        _ = tokio::signal::ctrl_c() => anyhow::bail!("interrupted"),
    }
}
