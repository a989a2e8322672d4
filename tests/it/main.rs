//! Skranke as a whole: the real binary through its real doors, the shape of the house, and what stands in the log.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

mod accounts;
mod api;
mod appeals;
mod audit;
mod bad_input;
mod chat_tools;
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
mod knowledge;
mod layering;
mod lists;
mod load_demo;
mod log_copy;
mod matrix;
mod operations;
mod parties;
mod people;
mod privacy;
mod queries;
mod relay;
mod releases;
mod roles;
mod rules;
mod samples;
mod schema;
mod server;
mod service_accounts;
mod settings;
#[cfg(all(feature = "endpoint", feature = "kurrent"))]
mod shared_log;
mod telegram;
mod truth;
#[cfg(all(feature = "endpoint", feature = "kurrent"))]
mod turns;
mod unknown;
mod webhooks;
mod whole_case;
