//! What was promised of the log's speed, and how much of it is there.

use bench_measure::{Measured, median};

use crate::page::figure;
use crate::peers::{POSTGRES_ES, PYTHON, TEPHRA, UMADB};

/// One promise and its measure.
#[derive(Debug, PartialEq)]
pub(crate) struct Target {
    /// What is measured against what.
    pub(crate) what: String,
    /// What it should be.
    wanted: Wanted,
    /// In what it is counted.
    unit: &'static str,
    /// What it is; `None` when one side of it was not measured.
    measured: Option<f64>,
}

/// Which way a figure should be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Wanted {
    AtLeast(f64),
    AtMost(f64),
}

impl Target {
    /// A promise. `None`: one side of it was not measured.
    pub(crate) const fn new(what: String, wanted: Wanted, unit: &'static str, measured: Option<f64>) -> Self {
        Self { what, wanted, unit, measured }
    }

    /// What was measured.
    pub(crate) fn measured(&self) -> String {
        self.measured.map_or_else(|| "not measured".to_owned(), |is| format!("{} {}", figure(is), self.unit))
    }

    /// What should have been.
    pub(crate) fn wanted(&self) -> String {
        match self.wanted {
            Wanted::AtLeast(wanted) => format!("≥ {} {}", figure(wanted), self.unit),
            Wanted::AtMost(wanted) => format!("≤ {} {}", figure(wanted), self.unit),
        }
    }

    /// Met, or missed by how much of the target.
    pub(crate) fn verdict(&self) -> String {
        let Some(is) = self.measured else { return "–".to_owned() };
        let short = match self.wanted {
            Wanted::AtLeast(wanted) => (wanted - is) / wanted,
            Wanted::AtMost(wanted) => (is - wanted) / wanted,
        };
        if short <= 0.0 {
            "met".to_owned()
        } else {
            format!("**missed by {:.0} %**", (short * 100.0).max(1.0))
        }
    }
}

/// Every target that this program can measure.
pub(crate) fn targets(results: &[Measured]) -> Vec<Target> {
    use Wanted::{AtLeast, AtMost};
    let middle = |name: &str, writers: u64| {
        let series = results.iter().find(|series| series.name == name && series.writers == writers)?;
        median(&series.rounds)
    };
    let ratio = |(name, writers): (&str, u64), (other, others): (&str, u64)| {
        Some(middle(name, writers)? / middle(other, others)?)
    };
    let commands = |writers, other, others| ratio(("commands", writers), (other, others));
    let replay = |other: &str| ratio(("replay", 1), (&format!("replay: {other}"), 1));
    let target = |what: &str, wanted, unit, measured| Target::new(what.to_owned(), wanted, unit, measured);
    vec![
        target(
            "commands, 64 writers, to cqrs-es + postgres-es",
            AtLeast(25.0),
            "×",
            commands(64, POSTGRES_ES, 64),
        ),
        target(
            "commands, 64 writers, to Python `eventsourcing`",
            AtLeast(80.0),
            "×",
            commands(64, PYTHON, 64),
        ),
        target("commands, 64 writers, to UmaDB's bare appends", AtLeast(6.0), "×", commands(64, UMADB, 64)),
        target("commands, 64 writers, to tephra's bare appends", AtLeast(1.0), "×", commands(64, TEPHRA, 64)),
        target("the same, the moonshot", AtLeast(1.3), "×", commands(64, TEPHRA, 64)),
        target(
            "commands, 64 writers, to raw SQLite in batches of 64",
            AtLeast(0.7),
            "×",
            commands(64, "raw SQLite", 64),
        ),
        target(
            "commands, 1 writer, to raw SQLite, one row per commit",
            AtLeast(0.75),
            "×",
            commands(1, "raw SQLite", 1),
        ),
        target(
            "commands, 1 writer, to cqrs-es + postgres-es",
            AtLeast(3.5),
            "×",
            commands(1, POSTGRES_ES, 1),
        ),
        target("replay, typed, one core", AtLeast(700_000.0), "events/s", middle("replay", 1)),
        target("the same, the moonshot", AtLeast(1_000_000.0), "events/s", middle("replay", 1)),
        target(
            "replay, typed, seals opened, one core",
            AtLeast(300_000.0),
            "events/s",
            middle("replay with seals opened", 1),
        ),
        target("replay to Python `eventsourcing`", AtLeast(9.0), "×", replay(PYTHON)),
        target("replay to cqrs-es + postgres-es", AtLeast(9.0), "×", replay(POSTGRES_ES)),
        target("replay to tephra", AtLeast(2.0), "×", replay(TEPHRA)),
        target(
            "lag from commit to subscription push, p99 at 1,000 commands/s",
            AtMost(25.0),
            "ms",
            middle("lag from the answer", 1000),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(name: &str, writers: u64, rounds: &[f64]) -> Measured {
        Measured {
            name: name.to_owned(),
            writers,
            unit: String::new(),
            rounds: rounds.to_vec(),
            p50_us: Vec::new(),
            p99_us: Vec::new(),
            cpu_us: Vec::new(),
        }
    }

    fn verdict(results: &[Measured], what: &str) -> String {
        targets(results)
            .into_iter()
            .find(|target| target.what == what)
            .map(|t| t.verdict())
            .unwrap_or_default()
    }

    #[test]
    fn a_ratio_is_that_of_the_medians_and_says_by_how_much_it_is_missed() {
        let what = "commands, 1 writer, to raw SQLite, one row per commit";
        let ours = series("commands", 1, &[60.0, 1.0, 900.0]);
        assert_eq!(verdict(&[ours.clone(), series("raw SQLite", 1, &[80.0])], what), "met");
        assert_eq!(verdict(&[ours.clone(), series("raw SQLite", 1, &[100.0])], what), "**missed by 20 %**");
        assert_eq!(verdict(&[ours], what), "–");
    }

    #[test]
    fn of_a_lag_less_is_better() {
        let what = "lag from commit to subscription push, p99 at 1,000 commands/s";
        assert_eq!(verdict(&[series("lag from the answer", 1000, &[24.0])], what), "met");
        assert_eq!(verdict(&[series("lag from the answer", 1000, &[50.0])], what), "**missed by 100 %**");
    }
}
