//! Skranke as a whole: the real binary through its real doors, the shape of the house, and what stands in the log.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

mod accounts;
mod api;
mod appeals;
mod audit;
mod bad_input;
mod colleagues;
mod counter;
mod course;
mod deadlines;
mod disclosure;
mod documents;
mod erasure;
mod full_disk;
mod golden;
mod journey;
mod layering;
mod load_demo;
mod log_copy;
mod matrix;
mod operations;
mod parties;
mod people;
mod releases;
mod roles;
mod schema;
mod server;
mod settings;
mod telegram;
mod truth;
mod unknown;
mod whole_case;
