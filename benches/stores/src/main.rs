//! What a channel costs whose log a store keeps, and what one Redis holds: `cargo run --release -p typed-sse-store-benches`.
//!
//! It starts a `redis-server`, a `postgres` and a `nats-server` of its own. It takes some minutes, and prints the tables of docs/scaling.md; `-- topics`
//! prints one of `latency`, `throughput`, `replay`, `servers` and `topics`.
#![allow(clippy::print_stdout, reason = "its output is its purpose")]
#![allow(clippy::unwrap_used, reason = "a bench that cannot run stops")]

mod bare;
mod latency;
#[path = "../../../stores/nats/tests/support/mod.rs"]
mod nats;
mod place;
#[path = "../../../stores/postgres/tests/support/mod.rs"]
mod postgres;
mod process;
mod replay;
mod server;
mod servers;
#[path = "../../../stores/redis/tests/support/mod.rs"]
mod support;
mod throughput;
mod topics;

use std::process::Command;

use place::{Kind, Place};

/// An event has so many bytes of data.
pub(crate) const LEN: usize = 200;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let named: Vec<String> = std::env::args().skip(1).collect();
    if let [table, row @ ..] = &*named
        && let Some(row) = row_of(row)
    {
        return match table.as_str() {
            "servers" => servers::memory(row.0).await,
            _ => topics::measure(row.0, row.1).await,
        };
    }
    let wants = |table: &str| named.is_empty() || named.iter().any(|name| name == table);
    if wants("latency") {
        latency::run().await;
    }
    if wants("throughput") {
        throughput::run().await;
    }
    if wants("replay") {
        replay::run().await;
    }
    if wants("servers") {
        servers::run().await;
    }
    if wants("topics") {
        topics::run();
    }
}

/// Prints a row in a process of its own, in which nothing has taken memory before: that of a store, with such a number.
fn print_row(table: &str, kind: usize, number: usize) {
    let process = std::env::current_exe().unwrap();
    let status = Command::new(process).args([table, &kind.to_string(), &number.to_string()]).status();
    assert!(status.unwrap().success(), "{table} {kind} {number}");
}

/// What that process is asked for.
fn row_of(arguments: &[String]) -> Option<(Kind, usize)> {
    let [kind, number] = arguments else { return None };
    Some((*Kind::SERVERS.get(kind.parse::<usize>().ok()?)?, number.parse().ok()?))
}
