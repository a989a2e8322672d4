//! The seeded draw of a sample (stikprøve), and the frame it is drawn from.
//!
//! The draw is public and needs no program of ours. Every case of the frame has a rank: the SHA-256 of the seed in
//! decimal, a colon, and the case's id in lower case with hyphens. The sample is the `n` cases of the lowest ranks, the
//! lowest first. With the frame's ids in `frame.txt`, one a line:
//!
//! ```text
//! while read -r id; do printf '%s %s\n' "$(printf '%s:%s' "$seed" "$id" | sha256sum | cut -c1-64)" "$id"; done \
//!     < frame.txt | sort | head -n "$n"
//! ```
//!
//! Why ranks and no generator of random numbers: what a generator gives depends on its version and on the order in which
//! the frame is read; a rank depends on the seed and the case alone. So the order of the frame does not matter, no case
//! is drawn twice, and a larger sample under the same seed only adds to the smaller one. SHA-256 ties nothing in an id to
//! its rank, so every case has the same chance; and whoever opened a case could not know the seed that would pass it by.

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};
use std::num::ParseIntError;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::case::CaseEvent;
use crate::id::{CaseId, TeamId};
use crate::kle::KleNumber;

use super::event::Scope;

/// The largest sample.
pub const SAMPLE_LIMIT: u32 = 500;

/// What decides a draw. Written as text: many programs read a JSON number beyond 2^53 as another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Seed(pub u64);

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Seed {
    type Err = ParseIntError;
    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        text.parse().map(Self)
    }
}

impl From<Seed> for String {
    fn from(seed: Seed) -> Self {
        seed.to_string()
    }
}

impl TryFrom<String> for Seed {
    type Error = ParseIntError;
    fn try_from(text: String) -> Result<Self, ParseIntError> {
        text.parse()
    }
}

/// The day of a case by which a frame takes it in. Taking a case up again clears none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FrameDay {
    /// The day it was received.
    Received,
    /// The day its newest decision was made.
    Decided,
    /// The day it was last closed.
    Closed,
}

/// Which cases of the engagement's scope a sample is drawn from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// Which day counts.
    pub day: FrameDay,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub until: Date,
    /// Only this subject of the KLE and what lies under it.
    #[serde(default)]
    pub kle: Option<KleNumber>,
}

impl Frame {
    /// Whether a case lies in it.
    pub fn holds(&self, scope: &Scope, case: &FrameFacts) -> bool {
        let day = match self.day {
            FrameDay::Received => Some(case.received),
            FrameDay::Decided => case.decided,
            FrameDay::Closed => case.closed,
        };
        day.is_some_and(|day| self.from <= day && day <= self.until)
            && self
                .kle
                .as_ref()
                .is_none_or(|wanted| case.kle.as_ref().is_some_and(|kle| kle.is_under(wanted)))
            && scope.holds(case.team)
    }
}

/// What a frame asks of a case, as its events tell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameFacts {
    /// The team it belongs to.
    pub team: Option<TeamId>,
    /// Its subject in the KLE.
    pub kle: Option<KleNumber>,
    /// The day it was received.
    pub received: Date,
    /// The day its newest decision was made.
    pub decided: Option<Date>,
    /// The day it was last closed.
    pub closed: Option<Date>,
}

impl FrameFacts {
    /// Whether an event changes any of it.
    pub const fn are_told_by(event: &CaseEvent) -> bool {
        matches!(
            event,
            CaseEvent::CaseOpened(_)
                | CaseEvent::TeamAssigned(_)
                | CaseEvent::CaseClassified(_)
                | CaseEvent::CaseReclassified(_)
                | CaseEvent::DecisionMade(_)
                | CaseEvent::CaseClosed(_)
        )
    }

    /// The facts after one event more, which was recorded on that day in Copenhagen; `None` before a case was opened.
    pub fn after(facts: Option<Self>, event: &CaseEvent, on: Date) -> Option<Self> {
        if let CaseEvent::CaseOpened(opened) = event {
            let received = opened.received;
            return Some(Self { team: None, kle: None, received, decided: None, closed: None });
        }
        let mut facts = facts?;
        match event {
            CaseEvent::TeamAssigned(assigned) => facts.team = Some(assigned.team),
            CaseEvent::CaseClassified(classified) => facts.kle = Some(classified.kle.clone()),
            CaseEvent::CaseReclassified(classified) => facts.kle = Some(classified.kle.clone()),
            CaseEvent::DecisionMade(_) => facts.decided = Some(on),
            CaseEvent::CaseClosed(_) => facts.closed = Some(on),
            _ => {}
        }
        Some(facts)
    }
}

/// Draws `n` cases of a frame by the seed, or all when there are not so many: the lowest rank first.
pub fn draw(seed: Seed, frame: &[CaseId], n: usize) -> Vec<CaseId> {
    let ranked: BTreeSet<_> = frame.iter().map(|case| (rank(seed, *case), *case)).collect();
    ranked.into_iter().take(n).map(|(_, case)| case).collect()
}

fn rank(seed: Seed, case: CaseId) -> [u8; 32] {
    Sha256::digest(format!("{seed}:{case}")).into()
}

/// What a frame is known by: the SHA-256, in hexadecimal, over its ids in order, each with a line feed
/// (`sort frame.txt | sha256sum`).
pub fn frame_hash(frame: &[CaseId]) -> String {
    let ids: BTreeSet<_> = frame.iter().collect();
    let mut hash = Sha256::new();
    for id in ids {
        hash.update(format!("{id}\n"));
    }
    hash.finalize().iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use proptest::collection::{btree_set, vec};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn case(number: u128) -> CaseId {
        CaseId::new(Uuid::from_u128(number))
    }

    /// A frame, and the same cases in another order.
    fn frames() -> impl Strategy<Value = (Vec<CaseId>, Vec<CaseId>)> {
        let ids =
            btree_set(any::<u128>(), 0..60).prop_map(|ids| ids.into_iter().map(case).collect::<Vec<_>>());
        ids.prop_flat_map(|ids| (Just(ids.clone()), Just(ids).prop_shuffle()))
    }

    proptest! {
        #[test]
        fn the_same_seed_and_frame_are_the_same_draw_in_any_order(
            (frame, shuffled) in frames(), seed: u64, n in 0_usize..80
        ) {
            let drawn = draw(Seed(seed), &frame, n);
            prop_assert_eq!(&drawn, &draw(Seed(seed), &shuffled, n));
            prop_assert_eq!(frame_hash(&frame), frame_hash(&shuffled));
            prop_assert_eq!(drawn.len(), n.min(frame.len()), "all, when there are not so many");
            let once: BTreeSet<_> = drawn.iter().collect();
            prop_assert_eq!(once.len(), drawn.len(), "none twice");
            prop_assert!(drawn.iter().all(|case| frame.contains(case)));
        }

        #[test]
        fn a_larger_sample_begins_with_the_smaller_one((frame, _) in frames(), seed: u64, n in 0_usize..60) {
            let (small, large) = (draw(Seed(seed), &frame, n), draw(Seed(seed), &frame, n + 5));
            prop_assert!(large.starts_with(&small));
        }

        #[test]
        fn a_frame_that_lacks_a_case_is_known_by_another_hash(ids in vec(any::<u128>(), 1..20)) {
            let frame: Vec<_> = ids.iter().copied().map(case).collect();
            let lacking: Vec<_> = frame.iter().copied().filter(|id| *id != frame[0]).collect();
            prop_assert_ne!(frame_hash(&frame), frame_hash(&lacking));
        }

        #[test]
        fn a_seed_is_read_back_as_it_was_written(seed: u64) {
            let json = serde_json::to_string(&Seed(seed)).unwrap();
            prop_assert_eq!(&json, &format!("\"{seed}\""));
            prop_assert_eq!(serde_json::from_str::<Seed>(&json).unwrap(), Seed(seed));
        }
    }

    #[test]
    fn every_case_is_drawn_about_as_often_as_any_other() {
        // 5 of 20 under 2,000 seeds: 500 times each is expected, with a standard deviation of 19.
        let frame: Vec<_> = (1..=20).map(case).collect();
        let mut counts = vec![0_u32; 21];
        for seed in 0..2_000 {
            for drawn in draw(Seed(seed), &frame, 5) {
                counts[usize::try_from(drawn.uuid().as_u128()).unwrap()] += 1;
            }
        }
        assert!(counts[1..].iter().all(|count| (400..=600).contains(count)), "{counts:?}");
    }

    /// What the shell script at the top of this file prints (coreutils 9), and `sort frame.txt | sha256sum`.
    #[test]
    fn the_draw_is_the_one_that_sha256sum_makes() {
        let frame: Vec<_> = (1..=6).map(case).collect();
        let drawn: Vec<_> = draw(Seed(20_261_123), &frame, 3).iter().map(|id| id.uuid().as_u128()).collect();
        assert_eq!(drawn, [4, 5, 2]);
        assert_eq!(frame_hash(&frame), "6f45f4538bf3e2d58c9d1001977b5d58026ed91ec8b4e3cb8312fe6ea3c39734");
    }

    #[test]
    fn a_frame_holds_the_cases_of_its_days_subject_and_scope() {
        let kle = |number| KleNumber::try_new(number);
        let team = TeamId::new(Uuid::from_u128(9));
        let day = |day: i8| Date::constant(2026, 11, day);
        let facts = FrameFacts {
            team: Some(team),
            kle: kle("32.03.08"),
            received: day(1),
            decided: Some(day(20)),
            closed: None,
        };
        let frame = |counts, from, until, number| Frame {
            day: counts,
            from: day(from),
            until: day(until),
            kle: number,
        };
        let holds = |frame: Frame| frame.holds(&Scope::Municipality, &facts);
        assert!(
            holds(frame(FrameDay::Decided, 20, 20, None)) && !holds(frame(FrameDay::Decided, 21, 30, None))
        );
        assert!(holds(frame(FrameDay::Received, 1, 2, None)) && !holds(frame(FrameDay::Closed, 1, 30, None)));
        for (number, held) in
            [("32", true), ("32.03", true), ("32.03.08", true), ("32.0", true), ("27", false)]
        {
            // `32.0` is no number and narrows nothing.
            assert_eq!(holds(frame(FrameDay::Received, 1, 1, kle(number))), held, "{number}");
        }
        let received = frame(FrameDay::Received, 1, 1, None);
        assert!(received.holds(&Scope::Teams(vec![team]), &facts));
        assert!(!received.holds(&Scope::Teams(Vec::new()), &facts));
    }
}
