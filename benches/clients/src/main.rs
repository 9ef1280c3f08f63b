//! What the typed client and its peers do with one scripted server, as a table.
//!
//! It is written into the README; with `--check`, it has to be what stands there. Takes about a minute.
// Printing is what it is for, and a bench that cannot run stops at once.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

mod cases;
mod peers;
mod run;
mod seen;
#[allow(dead_code, reason = "the suite of the client needs more of it")]
#[path = "../../../client/tests/support/server.rs"]
mod server;

use futures_util::future::join_all;

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md");
const BEGIN: &str = "<!-- peers: written by `cargo run --release -p typed-sse-client-benches` -->\n";
const END: &str = "<!-- end of peers -->\n";

#[tokio::main]
async fn main() {
    let names = peers::ALL.map(|(name, _)| name);
    let mut table = format!("| | {} |\n|---|{}\n", names.join(" | "), "---|".repeat(names.len()));
    for case in cases::all() {
        let cells = join_all((0..names.len()).map(|client| run::run(&case, client))).await;
        let row = format!("| {} | {} |\n", case.name, cells.join(" | "));
        print!("{row}");
        table += &row;
    }
    write(&table);
    // A client that does not give its thread back does not hold up the end.
    std::process::exit(0);
}

/// Puts the table between its marks.
fn write(table: &str) {
    let text = std::fs::read_to_string(README).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (old, after) = rest.split_once(END).unwrap();
    if std::env::args().any(|argument| argument == "--check") {
        assert!(old == table, "the README says otherwise: run this without `--check`");
    } else if old != table {
        std::fs::write(README, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
    }
}
