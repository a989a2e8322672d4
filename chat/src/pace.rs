//! How fast one conversation may be talked to. People are never slowed down by it; programs are.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use skranke_domain::ConversationId;

/// How many conversations are kept count of.
const MOST: usize = 50_000;
const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// How many messages of one conversation are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaceLimits {
    /// Within a minute.
    pub per_minute: u32,
    /// Within a day.
    pub per_day: u32,
}

/// Whether a message was too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Haste {
    /// It was not.
    None,
    /// It was, and it is the first that was: worth saying.
    First,
    /// It was, and so was the one before.
    Again,
}

/// Keeps count.
#[derive(Debug)]
pub(crate) struct Pace {
    limits: PaceLimits,
    talking: Mutex<HashMap<ConversationId, Talking>>,
}

#[derive(Debug)]
struct Talking {
    minute: Window,
    day: Window,
    refused: bool,
}

/// What was counted since a moment.
#[derive(Debug)]
struct Window {
    began: Timestamp,
    count: u32,
}

impl Window {
    const fn new(now: Timestamp) -> Self {
        Self { began: now, count: 0 }
    }

    /// Whether there is room for one more, in a window that begins anew when its time is over.
    fn has_room(&mut self, now: Timestamp, length: SignedDuration, most: u32) -> bool {
        if now.duration_since(self.began) >= length {
            *self = Self::new(now);
        }
        self.count < most
    }
}

impl Pace {
    pub(crate) fn new(limits: PaceLimits) -> Self {
        Self { limits, talking: Mutex::default() }
    }

    /// Counts a message.
    pub(crate) fn count(&self, conversation: ConversationId, now: Timestamp) -> Haste {
        // What a panic elsewhere left is a count like any other.
        let mut talking = self.talking.lock().unwrap_or_else(PoisonError::into_inner);
        if talking.len() >= MOST && !talking.contains_key(&conversation) {
            talking.retain(|_, known| now.duration_since(known.minute.began) < MINUTE);
            if talking.len() >= MOST {
                talking.clear();
            }
        }
        let known = talking.entry(conversation).or_insert_with(|| Talking {
            minute: Window::new(now),
            day: Window::new(now),
            refused: false,
        });
        let room = known.minute.has_room(now, MINUTE, self.limits.per_minute)
            & known.day.has_room(now, DAY, self.limits.per_day);
        if room {
            known.minute.count += 1;
            known.day.count += 1;
            known.refused = false;
            return Haste::None;
        }
        if std::mem::replace(&mut known.refused, true) { Haste::Again } else { Haste::First }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_minute_and_a_day_are_limited_for_each_conversation_by_itself() {
        let pace = Pace::new(PaceLimits { per_minute: 2, per_day: 3 });
        let conversation = |number| ConversationId::new(Uuid::from_u128(number));
        let begun: Timestamp = "2026-11-23T09:00:00Z".parse().unwrap();
        let at = |seconds| begun + SignedDuration::from_secs(seconds);
        let counted = |number, seconds| pace.count(conversation(number), at(seconds));
        assert_eq!([counted(1, 0), counted(1, 1)], [Haste::None; 2]);
        assert_eq!([counted(1, 2), counted(1, 59)], [Haste::First, Haste::Again]);
        assert_eq!(counted(2, 59), Haste::None);
        assert_eq!(counted(1, 60), Haste::None);
        assert_eq!([counted(1, 61), counted(1, 200)], [Haste::First, Haste::Again], "three in a day");
        assert_eq!(counted(1, 86_400), Haste::None);
    }

    #[test]
    fn the_list_of_conversations_stays_bounded() {
        let pace = Pace::new(PaceLimits { per_minute: 1, per_day: 1 });
        let now: Timestamp = "2026-11-23T09:00:00Z".parse().unwrap();
        for number in 0..=MOST as u128 {
            pace.count(ConversationId::new(Uuid::from_u128(number)), now);
        }
        assert!(pace.talking.lock().unwrap().len() <= MOST);
    }
}
