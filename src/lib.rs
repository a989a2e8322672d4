//! The composition: configuration, command line, HTTP server, wiring, clock and telemetry.
//!
//! This is the only room that builds real clients, reads the environment, asks the clock and rolls dice. The rooms it
//! puts together know nothing of it.

// The schema is one future per nested object; an optimised build lays out all of them at once.
#![recursion_limit = "256"]

pub mod audit;
pub mod case_forwarding;
pub mod chat_calibrate;
pub mod chat_eval;
pub mod chat_explain;
pub mod checkpoint;
pub mod cli;
pub mod clock;
pub mod complaints;
pub mod config;
pub mod deadlines;
pub mod demo;
mod documents;
pub mod erasure;
pub mod expiry;
pub mod following;
pub mod forwarding;
pub mod house;
pub mod http;
pub mod keys;
pub mod knowledge;
#[cfg(feature = "endpoint")]
pub mod kurrent;
pub mod ledger;
pub mod linkcheck;
pub mod linked;
pub mod links;
pub mod log;
pub mod login;
pub mod oidc;
pub mod passwords;
mod published;
pub mod retention;
pub mod rulebook;
mod rules;
mod service_accounts;
pub mod services;
pub mod sessions;
pub mod telemetry;
pub mod turn;
mod webhooks;

use std::process::ExitCode;

use clap::Parser;

/// Reads the command line, runs the command, and says what went wrong in words a person can act on.
pub fn run() -> ExitCode {
    // Two crypto providers are compiled in (the KurrentDB client's and Telegram's); one has to be named first.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let command = cli::Cli::parse();
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(cli::execute(command)));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("skranke: {error:#}");
            ExitCode::FAILURE
        }
    }
}
