//! Servers, stores and connections that are killed, stopped and cut, while clients are judged by the promise.
//!
//! ```text
//! cargo run --release -p typed-sse-store-storm                  # all of it: 40 minutes
//! cargo run --release -p typed-sse-store-storm -- --short       # two minutes
//! cargo run --release -p typed-sse-store-storm -- nats redb     # of its passes, these
//! ```
//!
//! It prints what it did, and how often the promise was broken. Where it was, it fails.

#![allow(clippy::print_stdout, reason = "its output is its purpose")]

mod args;
mod client;
mod crowd;
mod event;
mod fleet;
mod following;
mod judge;
mod nats;
mod on_nats;
mod on_postgres;
mod on_redb;
mod on_redis;
mod postgres;
mod process;
mod proxy;
mod redis;
mod report;
mod serve;
mod shop;
mod stage;
mod storm;

use std::iter;
use std::process::ExitCode;

use args::{Args, On};

/// Why the storm could not be run, which is another thing than what it finds.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            let causes = iter::successors(failure.source(), |cause| cause.source());
            let causes: String = causes.map(|cause| format!(": {cause}")).collect();
            say(format_args!("store-storm: {failure}{causes}"));
            ExitCode::FAILURE
        }
    }
}

/// Whether the promise was kept.
async fn run() -> Result<bool, Failure> {
    let args = match Args::parse(std::env::args().skip(1))? {
        Args::Serve(options) => return serve::serve(options).await.map(|()| true),
        args @ Args::Storm { .. } => args,
    };
    let Args::Storm { passes, seed, is_short } = args else { return Ok(true) };
    say(format_args!("seed {seed}\n"));
    let (mut is_good, mut faults, mut deliveries) = (true, 0, 0);
    for pass in passes {
        let plan = pass.plan(is_short);
        let report = match pass.on {
            On::Redis | On::RedisWithReplica => on_redis::run(plan, pass.failovers(is_short), seed).await?,
            On::Postgres => on_postgres::run(plan, seed).await?,
            On::Nats => on_nats::run(plan, seed).await?,
            On::Redb => on_redb::run(plan, seed).await?,
        };
        say(format_args!("\n{report}"));
        is_good &= report.verdict.is_good();
        faults += report.faults.total();
        deliveries += report.verdict.deliveries;
    }
    say(format_args!("In all: {faults} faults, {deliveries} deliveries."));
    Ok(is_good)
}

pub(crate) fn say(words: std::fmt::Arguments<'_>) {
    println!("{words}");
}
