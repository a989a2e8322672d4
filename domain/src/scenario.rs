//! given / when / then for every aggregate: tests that read as sentences.
//!
//! Thirty lines over cqrs-es' `TestFramework`, with the caller's line in a failure. Part of the public API so that
//! every room can write its scenarios the same way.

use std::fmt::{Debug, Write as _};

use cqrs_es::Aggregate;
use cqrs_es::test::{AggregateTestExecutor, TestFramework};
use serde::Serialize;

use crate::{Refusal, codec};

/// What has happened before.
pub struct Given<A: Aggregate>(AggregateTestExecutor<A>);

/// What came of the command.
#[derive(Debug)]
pub struct Outcome<A: Aggregate>(Result<Vec<A::Event>, A::Error>);

/// Starts a scenario.
pub fn given<A: Aggregate<Services = ()>>(events: impl IntoIterator<Item = A::Event>) -> Given<A> {
    Given(TestFramework::with(()).given(events.into_iter().collect()))
}

impl<A: Aggregate> Given<A> {
    /// The command.
    pub fn when(self, command: A::Command) -> Outcome<A> {
        Outcome(self.0.when(command).inspect_result())
    }
}

impl<A: Aggregate> Outcome<A>
where
    A::Error: PartialEq + Debug,
{
    /// Exactly these events follow.
    #[track_caller]
    pub fn then(self, expected: impl IntoIterator<Item = A::Event>) {
        match self.0 {
            Ok(events) => assert_eq!(events, expected.into_iter().collect::<Vec<_>>()),
            Err(refusal) => panic!("expected events, but it was refused: {refusal}"),
        }
    }

    /// It is refused, for this reason.
    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "a test names the reason in place")]
    pub fn refused(self, reason: A::Error) {
        match self.0 {
            Ok(events) => panic!("expected a refusal, but it was carried out: {events:?}"),
            Err(refusal) => assert_eq!(refusal, reason),
        }
    }

    /// What came of it, for a test that looks closer.
    pub fn result(self) -> Result<Vec<A::Event>, A::Error> {
        self.0
    }
}

/// What came of a command, as a decision table tells it: the events that follow, or the refusal's code.
fn cell<E: Serialize, R: Refusal>(outcome: &Result<Vec<E>, R>) -> String {
    match outcome {
        Ok(events) if events.is_empty() => "(nothing: already so)".to_owned(),
        Ok(events) => events.iter().map(codec::type_of).collect::<Vec<_>>().join(" + "),
        Err(refusal) => format!("✗ {}", refusal.code()),
    }
}

/// The rulebook of an aggregate whose wishes are the same whoever has them: every state × every wish → events, or the
/// refusal's code.
pub fn decisions<A>(states: &[(&str, Vec<A::Event>)], wishes: &[(&str, A::Command)]) -> String
where
    A: Aggregate<Services = (), Error: Refusal + PartialEq>,
    A::Event: Serialize,
    A::Command: Clone,
{
    let tried = wishes.iter().map(|(name, wish)| (*name, vec![("anybody", wish.clone())]));
    decision_table::<A>(states, &tried.collect::<Vec<_>>())
}

/// One row of a [`decision_table`]: an act, and the command that it is for each of those who might try it.
pub type Tried<'a, A> = (&'a str, Vec<(&'a str, <A as Aggregate>::Command)>);

/// Every state × every act × whoever might try it, as the table that a reviewer reads: what happens, or the code of the
/// refusal. Who is named only where it makes a difference.
pub fn decision_table<A>(states: &[(&str, Vec<A::Event>)], acts: &[Tried<'_, A>]) -> String
where
    A: Aggregate<Services = (), Error: Refusal + PartialEq>,
    A::Event: Serialize,
    A::Command: Clone,
{
    let longest = acts.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    let (width, mut table) = (longest.max(18), String::new());
    for (state, events) in states {
        let _ = writeln!(table, "\n{state}");
        for (act, tried) in acts {
            let answer = |command: &A::Command| {
                cell(&given::<A>(events.iter().cloned()).when(command.clone()).result())
            };
            let answers: Vec<_> = tried.iter().map(|(who, command)| (who, answer(command))).collect();
            match answers.as_slice() {
                [(_, first), rest @ ..] if rest.iter().all(|(_, other)| other == first) => {
                    let _ = writeln!(table, "  {act:<width$} {first}");
                }
                answers => {
                    for (who, answer) in answers {
                        let _ = writeln!(table, "  {act:<width$} {who:<20} {answer}");
                    }
                }
            }
        }
    }
    table
}
