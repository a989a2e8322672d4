//! The page: `docs/PERFORMANCE-CASES.md`, written as a whole from one run.

use std::fmt::Write;

use bench_measure::{Measured, median};

use super::Run;
use crate::asking::CLIENTS;
use crate::lists::{List, PAGE};
use crate::page::{Absent, figure, text};
use crate::postgraphile::NAME;
use crate::targets::{Target, Wanted};

/// What counts as flat: a quarter more is noise on two cores.
const FLAT: f64 = 1.25;

/// What is asked of Skranke beside the lists.
const OTHERS: [&str; 6] = [
    "counters",
    "search, frequent word",
    "search, rare word",
    "search, absent word",
    "case page",
    "note a step",
];

/// The page's text.
pub(super) fn write(run: &Run) -> String {
    text(|page| fill(page, run))
}

fn fill(page: &mut String, run: &Run) -> std::fmt::Result {
    writeln!(
        page,
        "# Performance with many cases\n\n\
         Written by `make bench-cases`, as a whole, from one run on one machine; do not edit it. What the log alone can\n\
         do stands in [PERFORMANCE.md](PERFORMANCE.md). Figures of different machines do not compare, ratios within one\n\
         run do. Everything was measured once, with {}.\n\n\
         Measured on {} in {} minutes:\n",
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
    cities(page, run)?;
    rebuilds(page, run)?;
    answers(page, run)?;
    how(page, run)
}

fn promised(page: &mut String, run: &Run) -> std::fmt::Result {
    writeln!(page, "\n## Targets\n\n| what | measured | target | |\n|---|---:|---:|---|")?;
    for target in targets(run) {
        let (measured, wanted, verdict) = (target.measured(), target.wanted(), target.verdict());
        writeln!(page, "| {} | {measured} | {wanted} | {verdict} |", target.what)?;
    }
    if !run.absent.is_empty() {
        writeln!(page, "\nNot measured in this run:\n")?;
        for Absent { what, why } in &run.absent {
            writeln!(page, "- {what}: {}", why.replace('\n', " "))?;
        }
    }
    Ok(())
}

/// Every target that this run can measure: of the last size, and of the last beside the first.
fn targets(run: &Run) -> Vec<Target> {
    use Wanted::{AtLeast, AtMost};
    let (Some(first), Some(last)) = (run.sizes.first().copied(), run.sizes.last().copied()) else {
        return Vec::new();
    };
    let value = |size, name: &str, clients| find(run, size, name, clients).and_then(rate);
    let wait = |size, name: &str, kind: fn(&Measured) -> &[f64]| {
        median(kind(find(run, size, name, 1)?)).map(|wait| wait / 1000.0)
    };
    let p50: fn(&Measured) -> &[f64] = |series| &series.p50_us;
    let p99: fn(&Measured) -> &[f64] = |series| &series.p99_us;
    let due = List::Due.name();
    let slowest = |kind| List::ALL.iter().filter_map(|list| wait(last, list.name(), kind)).reduce(f64::max);
    let over = |one: Option<f64>, other: Option<f64>| Some(one? / other?);
    let grown =
        |name: &str| (first != last).then(|| over(wait(last, name, p50), wait(first, name, p50))).flatten();
    let beside = |what: &str| over(value(last, due, 16), value(last, &format!("{NAME}: {due}{what}"), 16));
    let peak = |size| value(size, "rebuild: memory at its peak", 1);
    let target = |what: &str, wanted, unit, measured| Target::new(what.to_owned(), wanted, unit, measured);
    vec![
        target("views rebuilt, all of them", AtLeast(300_000.0), "events/s", value(last, "rebuild", 1)),
        target(
            "memory of the rebuild, the largest city to the smallest",
            AtMost(FLAT),
            "×",
            (first != last).then(|| over(peak(last), peak(first))).flatten(),
        ),
        target(
            "appends during the rebuild, p99 to that before",
            AtMost(2.0),
            "×",
            over(wait(last, "appends meanwhile", p99), wait(last, "appends before", p99)),
        ),
        target("list by deadline, one client, p50", AtMost(3.0), "ms", wait(last, due, p50)),
        target("the same, p99", AtMost(15.0), "ms", wait(last, due, p99)),
        target("the slowest of the lists, one client, p50", AtMost(3.0), "ms", slowest(p50)),
        target("the slowest of the lists, one client, p99", AtMost(15.0), "ms", slowest(p99)),
        target("list by deadline, 16 clients, to PostGraphile", AtLeast(5.0), "×", beside("")),
        target(
            "the same, PostGraphile without the list's length",
            AtLeast(5.0),
            "×",
            beside(", without its length"),
        ),
        target(
            "memory of the server at its peak",
            AtMost(250.0),
            "MB",
            value(last, "memory at its peak", 1).map(|bytes| bytes / 1e6),
        ),
        target("from start to ready", AtMost(1.0), "s", value(last, "ready after", 1)),
        target("list by deadline, p50, the largest city to the smallest", AtMost(FLAT), "×", grown(due)),
        target("note a step, p50, the largest city to the smallest", AtMost(FLAT), "×", grown("note a step")),
    ]
}

fn cities(page: &mut String, run: &Run) -> std::fmt::Result {
    writeln!(
        page,
        "\n## The cities\n\n\
         | cases | closed | events | made in | log and keys | views |\n|---:|---:|---:|---:|---:|---:|"
    )?;
    for size in &run.sizes {
        let value = |name: &str| find(run, *size, name, 1).and_then(rate);
        let per_case = |bytes: Option<f64>| {
            bytes.map_or_else(String::new, |bytes| {
                let cases = value("city: cases").unwrap_or(1.0);
                format!("{} MB, {} bytes a case", figure(bytes / 1e6), figure(bytes / cases))
            })
        };
        let seconds = value("city: events").zip(value("city")).map(|(events, rate)| events / rate);
        writeln!(
            page,
            "| {} | {} | {} | {} s | {} | {} |",
            shown(value("city: cases")),
            shown(value("city: closed")),
            shown(value("city: events")),
            shown(seconds),
            per_case(value("city: log and keys")),
            per_case(value("rebuild: size")),
        )?;
    }
    Ok(())
}

fn rebuilds(page: &mut String, run: &Run) -> std::fmt::Result {
    writeln!(
        page,
        "\n## Views built anew\n\n\
         Deleted, and built from the whole log as the program opens them; the second line of each city with 200 appends\n\
         a second going on.\n\n\
         | cases | events/s | time | memory at its peak | appends before, p50 / p99 | appends meanwhile, p50 / p99 |\n\
         |---:|---:|---:|---:|---:|---:|"
    )?;
    for size in &run.sizes {
        for name in ["rebuild", "rebuild under appends"] {
            let value = |what: &str| find(run, *size, &format!("{name}{what}"), 1).and_then(rate);
            let waits = |what: &str| match find(run, *size, what, 1).filter(|_| name != "rebuild") {
                Some(appends) => in_milliseconds(appends),
                None => String::new(),
            };
            writeln!(
                page,
                "| {} | {} | {} s | {} MB | {} | {} |",
                figure(as_float(*size)),
                shown(value("")),
                shown(value(": time")),
                shown(value(": memory at its peak").map(|bytes| bytes / 1e6)),
                waits("appends before"),
                waits("appends meanwhile"),
            )?;
        }
    }
    Ok(())
}

fn answers(page: &mut String, run: &Run) -> std::fmt::Result {
    writeln!(
        page,
        "\n## Answers over HTTP\n\n\
         Requests per second, and below them the middle and the slowest hundredth of the waits, in milliseconds.\n"
    )?;
    for clients in CLIENTS {
        writeln!(page, "### {clients} client{}\n", if clients == 1 { "" } else { "s" })?;
        write!(page, "| |")?;
        for size in &run.sizes {
            write!(page, " {} cases |", figure(as_float(*size)))?;
        }
        writeln!(page, "\n|---|{}", "---:|".repeat(run.sizes.len()))?;
        for name in List::ALL.iter().map(|list| list.name()).chain(OTHERS) {
            row(page, run, &format!("**{name}**"), name, clients)?;
            for (label, what) in [("", ""), (", without its length", ", without its length")] {
                row(page, run, &format!("{NAME}{label}"), &format!("{NAME}: {name}{what}"), clients)?;
            }
        }
        writeln!(page)?;
    }
    writeln!(page, "| the server | {} |", sizes(run))?;
    writeln!(page, "|---|{}", "---:|".repeat(run.sizes.len()))?;
    for (name, unit, scale) in [
        ("ready after", "s", 1.0),
        ("memory at rest", "MB", 1e-6),
        ("memory after the load", "MB", 1e-6),
        ("memory at its peak", "MB", 1e-6),
    ] {
        write!(page, "| {name} |")?;
        for size in &run.sizes {
            let value = find(run, *size, name, 1).and_then(rate).map(|value| value * scale);
            write!(page, " {} {unit} |", shown(value))?;
        }
        writeln!(page)?;
    }
    Ok(())
}

fn sizes(run: &Run) -> String {
    let sizes: Vec<_> = run.sizes.iter().map(|size| format!("{} cases", figure(as_float(*size)))).collect();
    sizes.join(" | ")
}

/// One row of answers, unless nothing of it was measured.
fn row(page: &mut String, run: &Run, label: &str, name: &str, clients: u64) -> std::fmt::Result {
    let cells: Vec<_> = run.sizes.iter().map(|size| find(run, *size, name, clients)).collect();
    if cells.iter().all(Option::is_none) {
        return Ok(());
    }
    write!(page, "| {label} |")?;
    for cell in cells {
        match cell {
            Some(series) => write!(page, " {}<br>{} |", shown(rate(series)), in_milliseconds(series))?,
            None => write!(page, " |")?,
        }
    }
    writeln!(page)
}

fn how(page: &mut String, run: &Run) -> std::fmt::Result {
    writeln!(
        page,
        "\n## How it is measured\n\n\
         - A city has cases of nearly three years, as long as there are published rules to decide them by, in every\n  \
           phase; forty caseworkers in eight teams; titles and names out of lists of words. Each case is decided by the\n  \
           real rules on its days, sealed and encoded as the desk does it. Each visit to a case is an append of its own,\n  \
           and other cases' visits lie between: no batch of the views holds a whole case. The letters' files are left\n  \
           out.\n\
         - Memory is what the kernel says of the process (VmRSS, VmHWM). Ready is `/readyz`, with views in place, from\n  \
           the start of the process on, at the second start.\n\
         - The server has its production settings; lifted are the limit on requests per address, and that only the\n  \
           dashboard's own documents are answered. The caseworker who asks leads two of the eight teams, and sees their\n  \
           cases and those of no team.\n\
         - Lists are the dashboard's own document: {PAGE} rows with caseworker and classification, deadlines counted in\n  \
           days, every title opened with the key of its subject, the length of the whole list. The deep page begins in\n  \
           the middle of the list, or after ten thousand rows. Case pages are of thousands of cases in turn, each first\n  \
           look noted in the access log. A note is answered once it is durable and can be read.\n\
         - The clients run on the same machine, keep their connections, and wait for each answer."
    )?;
    if let Some(peer) = &run.peer {
        writeln!(
            page,
            "- {peer} It holds the same rows with titles and parties in plain text, an index for each list, and a\n  \
               generated `tsvector` under a GIN index. Its lists have the same rows, filters, orders and nested\n  \
               caseworker; it opens no seals, masks nothing and notes no look. Its search is over titles and parties\n  \
               only."
        )?;
    }
    Ok(())
}

fn find<'a>(run: &'a Run, size: u64, name: &str, writers: u64) -> Option<&'a Measured> {
    let series = run
        .results
        .iter()
        .find(|(of, series)| *of == size && series.name == name && series.writers == writers);
    series.map(|(_, series)| series)
}

fn rate(series: &Measured) -> Option<f64> {
    median(&series.rounds)
}

fn shown(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), figure)
}

fn in_milliseconds(series: &Measured) -> String {
    let waits = [&series.p50_us, &series.p99_us].map(|waits| shown(median(waits).map(|wait| wait / 1000.0)));
    waits.join(" / ")
}

/// Counts of cases are far below 2^52.
#[expect(clippy::cast_precision_loss, reason = "a count of cases has a handful of digits")]
const fn as_float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::*;
    use crate::machine::Machine;

    fn asked(name: &str, clients: u64, rate: f64, p50: f64, p99: f64) -> Measured {
        let series = Measured::of(name, "requests/s", rate);
        Measured { writers: clients, p50_us: vec![p50], p99_us: vec![p99], ..series }
    }

    fn run(results: Vec<(u64, Measured)>) -> Run {
        Run {
            machine: Machine::look(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap(),
            sizes: vec![10, 1000],
            results,
            absent: Vec::new(),
            plan: "no time at all".to_owned(),
            peer: None,
            took: Duration::ZERO,
        }
    }

    fn verdict(run: &Run, what: &str) -> String {
        targets(run).into_iter().find(|target| target.what == what).map(|one| one.verdict()).unwrap()
    }

    #[test]
    fn targets_are_of_the_largest_city_and_flat_is_beside_the_smallest() {
        let due = List::Due.name();
        let run = run(vec![
            (10, asked(due, 1, 900.0, 1_000.0, 2_000.0)),
            (1000, asked(due, 1, 500.0, 2_000.0, 20_000.0)),
            (1000, asked(due, 16, 600.0, 0.0, 0.0)),
            (1000, asked(&format!("{NAME}: {due}"), 16, 100.0, 0.0, 0.0)),
            (1000, Measured::of("rebuild", "events/s", 150_000.0)),
            (1000, Measured::one("memory at its peak", "bytes", 200_000_000)),
        ]);
        assert_eq!(verdict(&run, "list by deadline, one client, p50"), "met");
        assert_eq!(verdict(&run, "the same, p99"), "**missed by 33 %**");
        assert_eq!(verdict(&run, "list by deadline, 16 clients, to PostGraphile"), "met");
        assert_eq!(verdict(&run, "the same, PostGraphile without the list's length"), "–");
        assert_eq!(verdict(&run, "views rebuilt, all of them"), "**missed by 50 %**");
        assert_eq!(verdict(&run, "memory of the server at its peak"), "met");
        assert_eq!(
            verdict(&run, "list by deadline, p50, the largest city to the smallest"),
            "**missed by 60 %**"
        );
        assert_eq!(verdict(&run, "from start to ready"), "–");
    }

    #[test]
    fn the_page_has_a_column_for_each_city_and_no_row_of_nothing() {
        let run = run(vec![
            (10, asked("counters", 1, 900.0, 1_000.0, 2_000.0)),
            (1000, asked("counters", 1, 800.0, 1_500.0, 3_000.0)),
        ]);
        let page = write(&run);
        assert!(page.contains("| **counters** | 900<br>1 / 2 | 800<br>1.5 / 3 |"), "{page}");
        assert!(!page.contains("| **case page** |") && !page.contains(&format!("| {NAME} |")), "{page}");
    }
}
