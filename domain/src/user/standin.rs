//! Who acts for somebody on a day (stedfortræder): the first person in the chain of substitutes who is not away.

use std::ops::ControlFlow;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::id::UserId;

/// The longest chain of substitutes: a bound on work, not a rule about people.
pub const LONGEST_CHAIN: usize = 10;

/// An absence (fravær).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absence {
    /// The first day.
    pub from: Date,
    /// The last day, if it is known.
    pub until: Option<Date>,
}

impl Absence {
    /// Whether it covers a day.
    pub fn covers(&self, day: Date) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }

    /// What is left of it for somebody who is back from a day on.
    #[must_use]
    pub fn ended(self, on: Date) -> Option<Self> {
        let last = on.yesterday().ok().filter(|last| *last >= self.from)?;
        Some(Self { until: Some(self.until.map_or(last, |until| until.min(last))), ..self })
    }
}

/// What the chain must know of one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Availability {
    /// The absence, if one is registered.
    pub absence: Option<Absence>,
    /// Who acts for them while they are away.
    pub substitute: Option<UserId>,
}

/// The search for who acts on a day. Asks for one person after the other, wherever they are looked up.
///
/// ```text
/// let (mut chain, mut who) = (Chain::on(day), caseworker);
/// let acting = loop {
///     match chain.step(who, availability_of(who)) {
///         ControlFlow::Continue(next) => who = next,
///         ControlFlow::Break(acting) => break acting,
///     }
/// };
/// ```
#[derive(Clone, Debug)]
pub struct Chain {
    day: Date,
    asked: Vec<UserId>,
}

impl Chain {
    /// A search for that day.
    pub const fn on(day: Date) -> Self {
        Self { day, asked: Vec::new() }
    }

    /// Takes in one person (`None` for somebody unknown): who acts, or whom to ask about next. Nobody acts when the
    /// chain ends with somebody who is away, is a circle, or is longer than [`LONGEST_CHAIN`].
    pub fn step(
        &mut self,
        who: UserId,
        availability: Option<Availability>,
    ) -> ControlFlow<Option<UserId>, UserId> {
        let Some(Availability { absence, substitute }) = availability else {
            return ControlFlow::Break(None);
        };
        if !absence.is_some_and(|absence| absence.covers(self.day)) {
            return ControlFlow::Break(Some(who));
        }
        self.asked.push(who);
        match substitute {
            Some(next) if !self.asked.contains(&next) && self.asked.len() <= LONGEST_CHAIN => {
                ControlFlow::Continue(next)
            }
            Some(_) | None => ControlFlow::Break(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn user(number: usize) -> UserId {
        UserId::new(Uuid::from_u128(number as u128))
    }

    fn acting(people: &[(bool, Option<usize>)], of: usize) -> Option<UserId> {
        let day = date(2026, 11, 23);
        let (mut chain, mut who) = (Chain::on(day), of);
        for _ in 0..=LONGEST_CHAIN + 1 {
            let person = people.get(who).map(|(away, substitute)| Availability {
                absence: away.then_some(Absence { from: day, until: Some(day) }),
                substitute: substitute.map(user),
            });
            match chain.step(user(who), person) {
                ControlFlow::Break(acting) => return acting,
                ControlFlow::Continue(next) => {
                    who = usize::try_from(next.uuid().as_u128()).unwrap();
                }
            }
        }
        panic!("the chain does not end");
    }

    #[test]
    fn an_absence_covers_its_first_and_its_last_day() {
        let away = Absence { from: date(2026, 11, 23), until: Some(date(2026, 11, 25)) };
        for (day, covered) in [(22, false), (23, true), (25, true), (26, false)] {
            assert_eq!(away.covers(date(2026, 11, day)), covered, "{day}");
        }
        assert!(Absence { until: None, ..away }.covers(date(2030, 1, 1)));
    }

    #[test]
    fn who_comes_back_was_away_until_the_day_before() {
        let away = Absence { from: date(2026, 11, 23), until: None };
        assert_eq!(away.ended(date(2026, 11, 25)), Some(Absence { until: Some(date(2026, 11, 24)), ..away }));
        assert_eq!(away.ended(date(2026, 11, 23)), None, "never away");
        let short = Absence { until: Some(date(2026, 11, 23)), ..away };
        assert_eq!(short.ended(date(2026, 12, 1)), Some(short), "it had ended by itself");
    }

    #[test]
    fn the_first_in_the_chain_who_is_there_acts() {
        assert_eq!(acting(&[(false, Some(1)), (false, None)], 0), Some(user(0)), "nobody is needed");
        assert_eq!(acting(&[(true, Some(1)), (true, Some(2)), (false, None)], 0), Some(user(2)));
        assert_eq!(acting(&[(true, None)], 0), None);
        assert_eq!(acting(&[(true, Some(9))], 0), None, "an unknown substitute");
        assert_eq!(acting(&[(true, Some(1)), (true, Some(0))], 0), None, "a circle");
    }

    proptest! {
        #[test]
        fn a_chain_always_ends_and_with_somebody_who_is_there(
            people in prop::collection::vec((any::<bool>(), prop::option::of(0_usize..20)), 1..20),
            of in 0_usize..20,
        ) {
            if let Some(who) = acting(&people, of) {
                let index = usize::try_from(who.uuid().as_u128()).unwrap();
                prop_assert!(people.get(index).is_some_and(|(away, _)| !away));
            }
        }
    }
}
