//! The log: the only truth. A port ([`EventLog`]), two engines behind it, the key ring, and the [`Desk`] where
//! commands become events.

pub mod port;

pub use port::{Appended, Direction, EventLog, Expected, Filter, LogError, NewEvent, Page, Position, Recorded, Revision, StreamWrite, Subscription};
