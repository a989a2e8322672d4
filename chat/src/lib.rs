//! The conversational front desk: understanding, replies, and the web and Telegram channels.
//!
//! One engine ([`counter::Counter`]), thin channels ([`web`], [`telegram`]). A message is redacted, understood,
//! stored and answered in one command on the conversation's stream; the dialogue itself is decided in the domain.
//!
//! Invariants of the room:
//! - It never knows a case: there is no way to ask for one.
//! - Every answer is a reviewed article, a card made of content files, or a fixed sentence. Nothing is generated.
//! - No text that a citizen wrote reaches the program's own log.

mod card;
pub mod corpus;
pub mod counter;
mod derived;
pub mod eval;
mod form;
pub mod handover;
mod hours;
mod ics;
pub mod pace;
mod pages;
pub mod redact;
pub mod telegram;
pub mod understanding;
pub mod voice;
pub mod web;
