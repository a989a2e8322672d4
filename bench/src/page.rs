//! The page: `docs/PERFORMANCE.md`, written as a whole from one run.

use std::fmt::Write;
use std::time::Duration;

use bench_measure::{EVENT_BYTES, Measured, median};

use crate::machine::Machine;
use crate::peers::Peer;
use crate::targets::targets;

/// What was not measured, and why.
#[derive(Debug)]
pub(crate) struct Absent {
    pub(crate) what: String,
    pub(crate) why: String,
}

impl Absent {
    /// With the whole chain of reasons.
    pub(crate) fn new(what: &str, error: &anyhow::Error) -> Self {
        Self { what: what.to_owned(), why: format!("{error:#}") }
    }
}

/// One run.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) machine: Machine,
    pub(crate) peers: Vec<Peer>,
    pub(crate) absent: Vec<Absent>,
    pub(crate) results: Vec<Measured>,
    pub(crate) rounds: u32,
    /// How long each figure was measured, in words.
    pub(crate) plan: String,
    pub(crate) took: Duration,
}

/// The rows of the table of durable writes: as the page says it, as the lines say it.
const WRITES: [(&str, &str); 13] = [
    ("**Skranke, whole commands**", "commands"),
    ("Skranke, bare appends", "log"),
    ("raw SQLite, that many rows per commit", "raw SQLite"),
    ("fdatasync of 4 KiB, zero-filled file", "fdatasync into a filled file"),
    ("fdatasync of 4 KiB, growing file", "fdatasync into a growing file"),
    ("tephra, bare appends", crate::peers::TEPHRA),
    ("tephra, guarded appends", "tephra, guarded"),
    ("UmaDB, bare appends", crate::peers::UMADB),
    ("UmaDB, guarded appends", "UmaDB, guarded"),
    ("raw PostgreSQL insert", "raw PostgreSQL insert"),
    ("cqrs-es + postgres-es, commands", crate::peers::POSTGRES_ES),
    ("emmett + PostgreSQL, commands", crate::peers::EMMETT),
    ("Python `eventsourcing` + SQLite, commands", crate::peers::PYTHON),
];
const WRITERS: [u64; 5] = [1, 8, 64, 256, 512];

/// The text that `fill` writes.
pub(crate) fn text(fill: impl FnOnce(&mut String) -> std::fmt::Result) -> String {
    let mut page = String::new();
    // Writing to a string cannot fail.
    let _ = fill(&mut page);
    page
}

/// The page's text.
pub(crate) fn write(run: &Run) -> String {
    text(|page| fill(page, run))
}

fn fill(page: &mut String, run: &Run) -> std::fmt::Result {
    writeln!(
        page,
        "# Performance\n\n\
         Written by `make bench`, as a whole, from one run on one machine; do not edit it. Figures of different\n\
         machines do not compare, ratios within one run do. Every figure is the median of {} {}; in each round\n\
         everything is measured once, in turn, with {}.\n\n\
         Measured on {} in {} minutes:\n",
        run.rounds,
        if run.rounds == 1 { "round" } else { "rounds" },
        run.plan,
        run.machine.at.strftime("%-d %B %Y, %H:%M (%Z)"),
        run.took.as_secs().div_ceil(60),
    )?;
    if run.machine.busy {
        writeln!(
            page,
            "**Others were at work on this machine when the run began: do not rely on these figures.**\n"
        )?;
    }
    writeln!(page, "| | |\n|---|---|")?;
    for (name, value) in &run.machine.facts {
        writeln!(page, "| {name} | {value} |")?;
    }
    promised(page, run)?;
    limits(page, run)?;
    writes(page, run)?;
    replays(page, run)?;
    lags(page, run)?;
    how(page, run)?;
    every_round(page, run)
}

fn promised(page: &mut String, run: &Run) -> std::fmt::Result {
    writeln!(page, "\n## Targets\n\n| what | measured | target | |\n|---|---:|---:|---|")?;
    for target in targets(&run.results) {
        let (measured, wanted, verdict) = (target.measured(), target.wanted(), target.verdict());
        writeln!(page, "| {} | {measured} | {wanted} | {verdict} |", target.what)?;
    }
    writeln!(
        page,
        "\nViews, the API, memory and growth have targets too: [PERFORMANCE-CASES.md](PERFORMANCE-CASES.md). Faults\n\
         survived and chat turns are measured by other programs."
    )?;
    if !run.absent.is_empty() {
        writeln!(page, "\nNot measured in this run:\n")?;
        for Absent { what, why } in &run.absent {
            writeln!(page, "- {what}: {}", why.replace('\n', " "))?;
        }
    }
    Ok(())
}

/// What stands between a rate and a higher one: the disk, or the cores.
fn limits(page: &mut String, run: &Run) -> std::fmt::Result {
    writeln!(
        page,
        "\n## What the limit is\n\n\
         With one writer it is the wait for the disk; with many it is what the program computes for each event. Cores\n\
         busy is that times the rate: where it comes near the number of cores, they are the limit, and otherwise the\n\
         disk is (or a lock).\n\n\
         | | writers | wait, p50 | computed per event | cores busy |\n|---|---:|---:|---:|---:|"
    )?;
    for (label, name, writers) in [
        ("fdatasync of 4 KiB, zero-filled file", "fdatasync into a filled file", 1),
        ("raw SQLite", "raw SQLite", 1),
        ("Skranke, bare appends", "log", 1),
        ("Skranke, whole commands", "commands", 1),
        ("raw SQLite, 64 rows per commit", "raw SQLite", 64),
        ("Skranke, bare appends", "log", 64),
        ("Skranke, whole commands", "commands", 64),
        ("tephra, bare appends", crate::peers::TEPHRA, 64),
    ] {
        if let Some(series) = find(run, name, writers) {
            let (wait, cpu) = (middle(&series.p50_us), middle(&series.cpu_us));
            let cores = middle(&series.rounds) * cpu / 1e6;
            let (wait, cpu, cores) = (figure(wait), figure(cpu), figure(cores));
            writeln!(page, "| {label} | {writers} | {wait} µs | {cpu} µs | {cores} |")?;
        }
    }
    Ok(())
}

fn writes(page: &mut String, run: &Run) -> std::fmt::Result {
    writeln!(
        page,
        "\n## Durable writes per second\n\n\
         An answer is counted once its event is safe on the disk. In brackets, where Skranke has a figure for whole\n\
         commands with as many writers: how many times that is. Below the rate: the middle and the slowest hundredth\n\
         of the waits, in milliseconds.\n"
    )?;
    write!(page, "| |")?;
    for writers in WRITERS {
        write!(page, " {writers} writer{} |", if writers == 1 { "" } else { "s" })?;
    }
    writeln!(page, "\n|---|{}", "---:|".repeat(WRITERS.len()))?;
    for (label, name) in WRITES {
        if !run.results.iter().any(|series| series.name == name) {
            continue;
        }
        write!(page, "| {label} |")?;
        for writers in WRITERS {
            let Some(series) = find(run, name, writers) else {
                write!(page, " |")?;
                continue;
            };
            let rate = middle(&series.rounds);
            write!(page, " {}", figure(rate))?;
            if let Some(ours) = find(run, "commands", writers).filter(|_| name != "commands") {
                write!(page, " ({} ×)", figure(middle(&ours.rounds) / rate))?;
            }
            let waits = [&series.p50_us, &series.p99_us].map(|waits| figure(middle(waits) / 1000.0));
            write!(page, "<br>{} |", waits.join(" / "))?;
        }
        writeln!(page)?;
    }
    Ok(())
}

fn replays(page: &mut String, run: &Run) -> std::fmt::Result {
    writeln!(
        page,
        "\n## Full replay\n\n\
         The whole history from its first event, each decoded to its type and none kept. Skranke's runs on one core;\n\
         the others may use all. The history has just been written, so the memory of the kernel or of the server\n\
         holds most of it.\n\n\
         | | events/s | Skranke is |\n|---|---:|---:|"
    )?;
    let ours = find(run, "replay", 1).map(|series| middle(&series.rounds));
    for series in run.results.iter().filter(|series| series.name.starts_with("replay")) {
        let label = match series.name.as_str() {
            "replay" => "**Skranke**".to_owned(),
            "replay with seals opened" => "Skranke, every personal field opened".to_owned(),
            other => other.trim_start_matches("replay: ").to_owned(),
        };
        let rate = middle(&series.rounds);
        let times = ours.map_or_else(String::new, |ours| format!("{} ×", figure(ours / rate)));
        writeln!(page, "| {label} | {} | {times} |", figure(rate))?;
    }
    Ok(())
}

fn lags(page: &mut String, run: &Run) -> std::fmt::Result {
    writeln!(
        page,
        "\n## Lag of a subscription\n\n\
         1,000 whole commands a second from 64 senders, and one subscriber of the whole log.\n\n\
         | until the subscriber holds the event | p50 | p99 |\n|---|---:|---:|"
    )?;
    for (label, name) in [
        ("after the command was answered (nought where the subscriber is first)", "lag from the answer"),
        ("after the command was sent", "lag from sending"),
    ] {
        if let Some(series) = run.results.iter().find(|series| series.name == name) {
            let [p50, p99] = [&series.p50_us, &series.p99_us].map(|lag| figure(middle(lag) / 1000.0));
            writeln!(page, "| {label} | {p50} ms | {p99} ms |")?;
        }
    }
    Ok(())
}

fn how(page: &mut String, run: &Run) -> std::fmt::Result {
    writeln!(
        page,
        "\n## How it is measured\n\n\
         - Everyone writes events of about {EVENT_BYTES} bytes of data and metadata in streams of ten, each with the\n  \
           expected version, on the same disk. A writer waits for its answer before it asks again. What is answered\n  \
           during the warm-up does not count. The code is in [`bench/`](../bench).\n\
         - *Skranke, whole commands* go through the desk as a caseworker's click does: load the case, decide by its\n  \
           rules, seal the personal field, append with metadata and idempotency key, answer with revision and position.\n  \
           Each command is one event, with its seals some fifty bytes longer than the others'. Every case is about a\n  \
           new person, so one command in ten also makes a key and puts it on disk.\n\
         - *Skranke, bare appends* are the log alone: no rules, seals or keys. An answer means that the event was\n  \
           synced to the disk.\n\
         - *raw SQLite* is one table without an index and nothing around it: WAL, synchronous = FULL, one thread.\n  \
           What counts as a writer elsewhere is a row of the commit here.\n\
         - *commands* of the others load the aggregate, decide and append through their own framework; *bare appends*\n  \
           do neither of the first two. None of the others seals anything or has idempotency keys."
    )?;
    for Peer { name, version, notes, replayed, .. } in &run.peers {
        writeln!(page, "- *{name}* {version}. {notes} Its replay has {replayed} events.")?;
    }
    Ok(())
}

fn every_round(page: &mut String, run: &Run) -> std::fmt::Result {
    writeln!(page, "\n## Every round\n\n| | writers | unit | rounds |\n|---|---:|---|---|")?;
    for Measured { name, writers, unit, rounds, .. } in &run.results {
        let rounds: Vec<_> = rounds.iter().copied().map(figure).collect();
        writeln!(page, "| {name} | {writers} | {unit} | {} |", rounds.join(" · "))?;
    }
    Ok(())
}

fn find<'a>(run: &'a Run, name: &str, writers: u64) -> Option<&'a Measured> {
    run.results.iter().find(|series| series.name == name && series.writers == writers)
}

fn middle(figures: &[f64]) -> f64 {
    median(figures).unwrap_or(0.0)
}

/// A figure for people: three digits of it, or all before the point, with commas.
pub(crate) fn figure(value: f64) -> String {
    let digits = match value {
        ..1.0 => 3,
        ..10.0 => 2,
        ..100.0 => 1,
        _ => 0,
    };
    let text = format!("{value:.digits$}");
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if rest.is_empty() { grouped } else { grouped + rest.trim_end_matches('0').trim_end_matches('.') }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_for_people() {
        for (value, text) in [
            (0.0, "0"),
            (0.0421, "0.042"),
            (0.7, "0.7"),
            (1.254, "1.25"),
            (25.0, "25"),
            (99.96, "100"),
            (1234.5, "1,234"),
            (150_600.4, "150,600"),
            (1_070_000.0, "1,070,000"),
        ] {
            assert_eq!(figure(value), text);
        }
    }
}
