//! The read models over a real embedded log: commands go in at the desk, questions come out of the views.
#![expect(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

mod audit;
mod counter;
mod faulty;
mod following;
mod history;
mod house;
mod isolation;
mod knowledge;
mod lists;
mod pages;
mod poison;
mod privacy;
mod remedies;
mod search;
mod shape;
