//! A client against servers that say, byte for byte, what a script says: over reqwest and over a tower service.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

mod bodies;
mod case;
mod http2;
mod identity;
mod parsing;
mod reconnecting;
mod redirects;
mod requests;
mod statuses;
#[path = "../support/mod.rs"]
mod support;
mod terminal;

/// The tables. What does not fit into one is a test of its own.
#[test]
fn there_are_eighty_cases_at_least() {
    let tables = [
        bodies::cases(),
        identity::cases(),
        parsing::cases(),
        reconnecting::cases(),
        redirects::cases(),
        statuses::cases(),
        terminal::cases(),
    ];
    let count: usize = tables.iter().map(Vec::len).sum();
    assert!(count >= 80, "{count} cases");
}
