//! How an event that an older program wrote is read today: step by step, from its version to the one of today.
//!
//! The version of a type's fields is a whole number from 1, stored beside the event (a minor part, `1.3`, says
//! that fields were added that may be passed over, and is passed over itself). An enum lists what has changed
//! since in [`Evolving::STEPS`]. An event of today's version is read straight from its bytes; only an older
//! one becomes a tree of JSON, goes through its steps, and is read then. A step may rename the type, change
//! fields, or tell one event as several. It cannot make an event vanish: [`Raised`] always holds one.
//!
//! Sealed fields are moved as they are. The name inside one is the name it was sealed under: it stays, and
//! [`crate::Sealable`] goes on naming it, whatever the type or the field is called later.
//!
//! How to change an event is in docs/adr/0004-schema-evolution.md.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::codec::{self, DecodeError};

/// The fields of an event, by name.
pub type Fields = Map<String, Value>;

/// The version of a type that never changed, and of an event that does not say.
pub const FIRST: u32 = 1;

/// One step from an older version of one type.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// The stored type it is for.
    pub event_type: &'static str,
    /// The version it is for.
    pub from: u32,
    /// What such an event is one version later. `None`: these are not the fields of that type and version.
    pub change: fn(Fields) -> Option<Raised>,
}

/// What a step makes of an event: at least one event.
#[derive(Clone, Debug, PartialEq)]
pub struct Raised {
    first: Old,
    more: Vec<Old>,
}

#[derive(Clone, Debug, PartialEq)]
struct Old {
    event_type: &'static str,
    version: u32,
    fields: Fields,
}

impl Raised {
    /// It is told as one event of this type and version.
    pub const fn to(event_type: &'static str, version: u32, fields: Fields) -> Self {
        Self { first: Old { event_type, version, fields }, more: Vec::new() }
    }

    /// And as one more, after it.
    #[must_use]
    pub fn and(mut self, event_type: &'static str, version: u32, fields: Fields) -> Self {
        self.more.push(Old { event_type, version, fields });
        self
    }
}

/// An event enum whose past is known.
pub trait Evolving: DeserializeOwned {
    /// What has changed since the first version. The steps of one type follow each other without a gap, and
    /// today's version of a type is the one after its last step.
    const STEPS: &'static [Step];

    /// The version in which this event is written today.
    fn version(&self) -> u32
    where
        Self: Serialize,
    {
        version_today::<Self>(codec::type_of(self))
    }
}

/// What one stored event tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading<E> {
    /// One event: nearly always.
    One(E),
    /// Several in this order, where an older program wrote one.
    Several(Vec<E>),
    /// Nothing that this program knows: the type is not among its own, or the version is a later one.
    Unknown,
}

impl<E> Reading<E> {
    /// The events; none when the type or the version is unknown.
    pub fn events(&self) -> &[E] {
        match self {
            Self::One(event) => std::slice::from_ref(event),
            Self::Several(events) => events,
            Self::Unknown => &[],
        }
    }

    /// The events, to be changed in place.
    pub fn events_mut(&mut self) -> &mut [E] {
        match self {
            Self::One(event) => std::slice::from_mut(event),
            Self::Several(events) => events,
            Self::Unknown => &mut [],
        }
    }
}

/// Why stored bytes are no event of the type and version that stand beside them. Repeats nothing of them.
#[derive(Debug, thiserror::Error)]
pub enum UpcastError {
    /// The fields are not what the type says.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The fields are not what the type said in an older version.
    #[error("event type {event_type} does not hold what version {version} of it says")]
    Unfit {
        /// The type, as stored or as a step made it.
        event_type: String,
        /// Its version then.
        version: u32,
    },
    /// The table of steps is wrong: no step leads on from here.
    #[error("no step leads from version {version} of event type {event_type} to today's")]
    NoWay {
        /// The type, as stored or as a step made it.
        event_type: String,
        /// Its version then.
        version: u32,
    },
}

/// Reads an event of that stored type and version.
pub fn read<E: Evolving>(event_type: &str, version: u32, data: &[u8]) -> Result<Reading<E>, UpcastError> {
    if let Some(step) = step::<E>(event_type, version) {
        let unfit = || UpcastError::Unfit { event_type: event_type.to_owned(), version };
        let fields = serde_json::from_slice(data).map_err(|_| unfit())?;
        return climb(step, fields);
    }
    if version == version_today::<E>(event_type) {
        return match codec::decode(event_type, data) {
            Ok(event) => Ok(Reading::One(event)),
            Err(_) if !codec::knows::<E>(event_type) => Ok(Reading::Unknown),
            Err(error) => Err(error.into()),
        };
    }
    if version < version_today::<E>(event_type) {
        return Err(UpcastError::NoWay { event_type: event_type.to_owned(), version });
    }
    Ok(Reading::Unknown)
}

/// The version in which `E` writes a type today.
pub fn version_today<E: Evolving>(event_type: &str) -> u32 {
    let steps = E::STEPS.iter().filter(|step| step.event_type == event_type);
    steps.map(|step| step.from + 1).max().unwrap_or(FIRST)
}

fn step<E: Evolving>(event_type: &str, version: u32) -> Option<&'static Step> {
    E::STEPS.iter().find(|step| step.from == version && step.event_type == event_type)
}

/// Takes one step after the other until every event is one of today.
fn climb<E: Evolving>(first: &Step, fields: Fields) -> Result<Reading<E>, UpcastError> {
    let mut events = Vec::new();
    let mut waiting = vec![Old { event_type: first.event_type, version: first.from, fields }];
    // No honest chain is as long as this; a circle in the table ends here.
    let mut left = E::STEPS.len().saturating_mul(E::STEPS.len()).max(64);
    while let Some(Old { event_type, version, fields }) = waiting.pop() {
        let no_way = || UpcastError::NoWay { event_type: event_type.to_owned(), version };
        if let Some(step) = step::<E>(event_type, version) {
            left = left.checked_sub(1).ok_or_else(no_way)?;
            let unfit = || UpcastError::Unfit { event_type: event_type.to_owned(), version };
            let Raised { first, more } = (step.change)(fields).ok_or_else(unfit)?;
            // The last one in is the next one out.
            waiting.extend(more.into_iter().rev());
            waiting.push(first);
        } else if version == version_today::<E>(event_type) && codec::knows::<E>(event_type) {
            let data = Value::Object(fields).to_string();
            events.push(codec::decode(event_type, data.as_bytes())?);
        } else {
            return Err(no_way());
        }
    }
    Ok(match <[E; 1]>::try_from(events) {
        Ok([event]) => Reading::One(event),
        Err(events) => Reading::Several(events),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sealed::{SealError, SealVisitor, Sealable, Sealed, Sealer};
    use crate::{CaseId, SubjectId};
    use serde::Deserialize;
    use serde_json::json;
    use uuid::Uuid;

    /// Today's enum. `Moved` was called `Shifted`; `Told` has gained a sealed field's new name and a required
    /// language; `Closed` and `Billed` were one event, `Ended`, until its second version.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Event {
        Moved(Moved),
        Told(Told),
        Closed(Closed),
        Billed(Billed),
        Bare,
    }
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Moved {
        to: String,
        by: CaseId,
    }
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Told {
        words: Sealed<String>,
        lang: String,
    }
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Closed {
        why: String,
    }
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Billed {
        amount: u64,
    }

    fn renamed(mut fields: Fields, old: &str, new: &str) -> Option<Fields> {
        let value = fields.remove(old)?;
        fields.insert(new.to_owned(), value);
        Some(fields)
    }

    impl Evolving for Event {
        const STEPS: &'static [Step] = &[
            Step {
                event_type: "Shifted",
                from: 1,
                change: |fields| Some(Raised::to("Moved", 1, renamed(fields, "place", "to")?)),
            },
            Step {
                event_type: "Moved",
                from: 1,
                change: |mut fields| {
                    fields.insert("by".to_owned(), json!(Uuid::nil()));
                    Some(Raised::to("Moved", 2, fields))
                },
            },
            Step {
                event_type: "Told",
                from: 1,
                change: |fields| Some(Raised::to("Told", 2, renamed(fields, "text", "words")?)),
            },
            Step {
                event_type: "Told",
                from: 2,
                change: |mut fields| {
                    fields.insert("lang".to_owned(), json!("da"));
                    Some(Raised::to("Told", 3, fields))
                },
            },
            Step {
                event_type: "Ended",
                from: 1,
                change: |fields| Some(Raised::to("Ended", 2, renamed(fields, "reason", "why")?)),
            },
            Step {
                event_type: "Ended",
                from: 2,
                change: |mut fields| {
                    let amount = fields.remove("amount")?;
                    let bill = Fields::from_iter([("amount".to_owned(), amount)]);
                    Some(Raised::to("Closed", 1, fields).and("Billed", 1, bill))
                },
            },
        ];
    }

    /// The personal field keeps the name it always had.
    impl Sealable for Event {
        fn seals(&mut self, visit: &mut SealVisitor<'_>) -> Result<(), SealError> {
            match self {
                Self::Told(told) => visit("Told.text", &mut told.words),
                Self::Moved(_) | Self::Closed(_) | Self::Billed(_) | Self::Bare => Ok(()),
            }
        }
    }

    fn read(event_type: &str, version: u32, data: &Value) -> Result<Reading<Event>, UpcastError> {
        super::read(event_type, version, data.to_string().as_bytes())
    }

    fn moved(to: &str) -> Event {
        Event::Moved(Moved { to: to.to_owned(), by: CaseId::new(Uuid::nil()) })
    }

    #[test]
    fn an_old_event_takes_every_step_from_its_version_on_and_none_before() {
        assert_eq!(read("Shifted", 1, &json!({"place": "x"})).unwrap(), Reading::One(moved("x")));
        assert_eq!(read("Moved", 1, &json!({"to": "x"})).unwrap(), Reading::One(moved("x")));
        let today = json!({"to": "x", "by": Uuid::nil()});
        assert_eq!(read("Moved", 2, &today).unwrap(), Reading::One(moved("x")));
    }

    #[test]
    fn one_event_may_be_told_as_several_in_their_order() {
        let told =
            [Event::Closed(Closed { why: "done".to_owned() }), Event::Billed(Billed { amount: u64::MAX })];
        let v1 = read("Ended", 1, &json!({"reason": "done", "amount": u64::MAX})).unwrap();
        let v2 = read("Ended", 2, &json!({"why": "done", "amount": u64::MAX})).unwrap();
        assert_eq!((v1.events(), v2.events()), (told.as_slice(), told.as_slice()));
    }

    #[test]
    fn a_sealed_field_goes_through_the_steps_sealed_and_opens_under_its_old_name() {
        struct Plain;
        impl Sealer for Plain {
            fn seal(&self, _: SubjectId, _: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
                Ok(plain.to_vec())
            }
        }
        impl crate::sealed::Opener for Plain {
            fn open(&self, _: SubjectId, _: &str, sealed: &[u8]) -> Result<Option<Vec<u8>>, SealError> {
                Ok(Some(sealed.to_vec()))
            }
        }
        let words = Sealed::new(SubjectId::new(Uuid::nil()), "hemmeligt".to_owned());
        let mut event = Event::Told(Told { words: words.clone(), lang: "da".to_owned() });
        let open = event.clone();
        event.lock_all(&Plain).unwrap();
        let Event::Told(locked) = &event else { panic!("it was told") };
        let mut reading = read("Told", 1, &json!({"text": locked.words})).unwrap();
        assert_eq!(reading.events(), [event]);
        reading.events_mut()[0].unlock_all(&Plain).unwrap();
        assert_eq!(reading, Reading::One(open));
    }

    #[test]
    fn the_version_of_today_follows_from_the_steps() {
        let today = ["Moved", "Told", "Closed", "Bare"].map(version_today::<Event>);
        assert_eq!(today, [2, 3, 1, 1]);
        assert_eq!((moved("x").version(), Event::Bare.version()), (2, 1));
    }

    #[test]
    fn an_unknown_type_and_a_later_version_tell_nothing_and_are_no_error() {
        let any = json!({"to": "x", "by": Uuid::nil()});
        for (event_type, version) in
            [("Vanished", 1), ("Vanished", 7), ("Moved", 3), ("Bare", 2), ("Ended", 3)]
        {
            assert_eq!(read(event_type, version, &any).unwrap(), Reading::Unknown, "{event_type} {version}");
        }
    }

    #[test]
    fn wrong_fields_are_named_by_type_and_version_and_not_repeated() {
        for (event_type, version, text) in [
            ("Moved", 2, "event type Moved does not hold what its name says: missing field `to`"),
            ("Told", 1, "event type Told does not hold what version 1 of it says"),
            // The second step meets it.
            ("Ended", 2, "event type Ended does not hold what version 2 of it says"),
            ("Moved", 0, "no step leads from version 0 of event type Moved to today's"),
        ] {
            let error = read(event_type, version, &json!({"secret": 1})).unwrap_err();
            assert_eq!(error.to_string(), text);
        }
        assert!(super::read::<Event>("Moved", 1, b"no json").is_err());
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum Dizzy {
        Round,
    }
    impl Evolving for Dizzy {
        const STEPS: &'static [Step] = &[
            Step { event_type: "Round", from: 1, change: |fields| Some(Raised::to("Round", 1, fields)) },
            Step { event_type: "Lost", from: 1, change: |fields| Some(Raised::to("Nowhere", 1, fields)) },
        ];
    }

    #[test]
    fn a_table_that_leads_in_a_circle_or_nowhere_ends_in_an_error() {
        for (event_type, named) in [("Round", "Round"), ("Lost", "Nowhere")] {
            let error = super::read::<Dizzy>(event_type, 1, b"{}").unwrap_err();
            assert!(matches!(error, UpcastError::NoWay { event_type, .. } if event_type == named));
        }
    }
}
