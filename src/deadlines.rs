//! The process that watches deadlines: it warns before the last day and notes when it has passed.
//!
//! It is driven by the log and by the clock. From the log it learns which cases have a deadline that may have moved, and
//! keeps an agenda: the case, and the day on which the clock has something to say about it. When that day has come, in
//! Copenhagen, the case is told to look at the clock ([`DeadlineAct::Watch`]), and what the case answers is appended.
//!
//! Invariants:
//! - The stream decides, never the agenda: a case that has nothing to note answers with nothing, so that a process that
//!   looks twice, or two of them on one log, note once.
//! - An entry leaves the agenda after its case was looked at, and the agenda is written with the position that it knows
//!   the log up to. A crash makes it hear and look again, and never not at all; what was due while nothing ran is
//!   noted at the next start. Without its file it is made anew from the log.

#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use skranke_domain::case::{Case, CaseAct, CaseCommand, Circumstances, DeadlineAct};
use skranke_domain::time::{Clock, local_date};
use skranke_domain::{Act, StreamId};
use skranke_graphql::RulesOn;
use skranke_store::{Desk, Filter, Left, LoadError, LogError, Position};
use tokio::time::Instant;

use crate::checkpoint::replace;
use crate::turn::Turns;

/// How often the clock is looked at when nothing happens.
const TICK: Duration = Duration::from_secs(20);

/// How often the agenda is written, at most: what is lost with it is heard again.
const SAVE: Duration = Duration::from_secs(30);

/// The event after which a case has no deadline, until another one tells of it again.
const CLOSED: &str = "CaseClosed";

/// The events after which a deadline may be due earlier than it was.
const MOVED: [&str; 4] = ["DeadlineSet", "DeadlineResumed", "DeadlineExtended", "CaseReopened"];

/// Watches as far as it is this node's turn, until it leaves.
pub async fn watch(desk: Desk, rules: Arc<RulesOn>, clock: Arc<dyn Clock>, file: PathBuf, turns: Turns) {
    let mut watch = Watch::new(desk, rules, clock, file, TICK);
    // A case at work is large: its future lies on the heap.
    while turns.take("deadlines", Box::pin(watch.follow())).await {}
}

/// The process.
struct Watch {
    desk: Desk,
    rules: Arc<RulesOn>,
    clock: Arc<dyn Clock>,
    file: PathBuf,
    tick: Duration,
    agenda: Agenda,
}

impl Watch {
    fn new(desk: Desk, rules: Arc<RulesOn>, clock: Arc<dyn Clock>, file: PathBuf, tick: Duration) -> Self {
        let agenda = Agenda::read(&file).unwrap_or_default();
        Self { desk, rules, clock, file, tick, agenda }
    }

    async fn follow(&mut self) -> Result<(), LogError> {
        if self.desk.log().head().await? < self.agenda.position {
            // Another log than the one the agenda was made from, or an older copy of it.
            self.agenda = Agenda::default();
        }
        let filter = Filter {
            event_types: MOVED.into_iter().chain([CLOSED]).map(ToOwned::to_owned).collect(),
            stream_prefixes: vec![format!("{}-", <Case as cqrs_es::Aggregate>::TYPE)],
        };
        let mut subscription = self.desk.log().subscribe(self.agenda.position, filter).await?;
        let (mut saved, mut news) = (Instant::now(), true);
        loop {
            let heard = match tokio::time::timeout(self.tick, subscription.next(512)).await {
                Ok(page) => {
                    let page = page?;
                    for event in &page.events {
                        let look = (event.event_type != CLOSED).then_some(Date::MIN);
                        self.agenda.put(event.stream.clone(), look);
                    }
                    self.agenda.position = page.next;
                    news = true;
                    page.end
                }
                // Nothing came, but the time has gone on.
                Err(_) => true,
            };
            // On the way through an old log most deadlines turn out to be over: what is left at its end counts.
            if heard {
                self.look().await?;
            }
            if news && saved.elapsed() >= SAVE {
                self.agenda.write(&self.file);
                (saved, news) = (Instant::now(), false);
            }
        }
    }

    /// Looks at every case whose day has come.
    async fn look(&mut self) -> Result<(), LogError> {
        let today = local_date(self.clock.now());
        for case in self.agenda.until(today) {
            let next = self.look_at(&case, today).await?;
            self.agenda.put(case, next);
        }
        Ok(())
    }

    /// Lets a case note what the clock has done. Answers the next day to look at it.
    async fn look_at(&self, stream: &StreamId, today: Date) -> Result<Option<Date>, LogError> {
        let tomorrow = today.tomorrow().ok();
        match self.watched_on(stream).await {
            Ok(day) if day.is_some_and(|day| day <= today) => {}
            Ok(day) => return Ok(day),
            Err(LoadError::Log(LogError::Deleted)) => return Ok(None),
            Err(LoadError::Log(error)) => return Err(error),
            Err(LoadError::Newer(newer)) => {
                tracing::warn!(error = %newer, "a deadline is left to the newer program");
                return Ok(tomorrow);
            }
        }
        let act = Act::system(stream.tenant(), self.clock.now(), self.desk.ids().next());
        let under = Circumstances::of(&act, (self.rules)(stream.tenant(), today));
        let command = CaseCommand { act: CaseAct::Deadline(DeadlineAct::Watch), under };
        match self.desk.execute::<Case>(stream, command, &act).await {
            Ok(_) => tracing::debug!(stream = %stream, "the clock was looked at for {stream}"),
            Err(failure) => {
                return match failure.left()? {
                    // Others write to it all the time: it is looked at again after the next tick.
                    Left::Retry { .. } => Ok(Some(today)),
                    Left::Nothing | Left::Newer(_) => Ok(tomorrow),
                };
            }
        }
        match self.watched_on(stream).await {
            // It has said everything it has to say today.
            Ok(day) => Ok(day.map(|day| tomorrow.map_or(day, |tomorrow| day.max(tomorrow)))),
            Err(LoadError::Log(error)) => Err(error),
            Err(LoadError::Newer(_)) => Ok(tomorrow),
        }
    }

    async fn watched_on(&self, stream: &StreamId) -> Result<Option<Date>, LoadError> {
        Ok(match self.desk.load::<Case>(stream).await? {
            (Case::File(file), _) => file.watch_on(),
            (Case::Unopened, _) => None,
        })
    }
}

/// Which cases are to be looked at, and when.
#[derive(Debug, Default, PartialEq, Eq)]
struct Agenda {
    /// Everything up to here is in it.
    position: Position,
    days: HashMap<StreamId, Date>,
    cases: BTreeSet<(Date, StreamId)>,
}

impl Agenda {
    /// Notes the day for a case, instead of the one it had; `None`: there is none.
    fn put(&mut self, case: StreamId, day: Option<Date>) {
        if let Some(old) = self.days.remove(&case) {
            self.cases.remove(&(old, case.clone()));
        }
        if let Some(day) = day {
            self.days.insert(case.clone(), day);
            self.cases.insert((day, case));
        }
    }

    /// The cases whose day has come.
    fn until(&self, today: Date) -> Vec<StreamId> {
        self.cases.iter().take_while(|(day, _)| *day <= today).map(|(_, case)| case.clone()).collect()
    }

    /// The agenda as it was written; `None` when it is not there or not whole.
    fn read(file: &Path) -> Option<Self> {
        let text = std::fs::read_to_string(file).ok()?;
        let (mut lines, mut agenda) = (text.lines(), Self::default());
        let (position, count) = lines.next()?.split_once(' ')?;
        agenda.position = Position(position.parse().ok()?);
        for line in lines {
            let (day, case) = line.split_once(' ')?;
            agenda.put(StreamId::parse(case).ok()?, Some(day.parse().ok()?));
        }
        let count: usize = count.parse().ok()?;
        (agenda.days.len() == count).then_some(agenda)
    }

    /// One line with the position and the number of cases, and one line for each.
    fn write(&self, file: &Path) {
        let mut text = format!("{} {}\n", self.position.0, self.days.len());
        for (day, case) in &self.cases {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{day} {case}");
        }
        replace(file, &text);
    }
}
