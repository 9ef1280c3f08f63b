//! A client against servers that say, byte for byte, what a script says: over reqwest and over a tower service.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

mod bodies;
mod browser;
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

/// What does not fit into a table is a test of its own.
fn tables() -> Vec<case::Case> {
    let tables = [
        bodies::cases(),
        identity::cases(),
        parsing::cases(),
        reconnecting::cases(),
        redirects::cases(),
        statuses::cases(),
        terminal::cases(),
    ];
    tables.into_iter().flatten().collect()
}

#[test]
fn there_are_eighty_cases_at_least() {
    assert!(tables().len() >= 80);
}
