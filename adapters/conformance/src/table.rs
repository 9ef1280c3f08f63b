//! The table of the README, adapter by scenario.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a table that cannot be read fails its test")]

use std::fmt::Write as _;
use std::path::Path;

use crate::suite::Cannot;

const BEGIN: &str = "<!-- conformance: written by the tests of the adapters -->\n";
const END: &str = "<!-- end of conformance -->\n";

/// The columns, in their order.
const ADAPTERS: [&str; 5] = ["http", "axum", "actix-web", "warp", "rocket"];

/// Holds the column of one adapter to its suite, or writes it if `BLESS` is set.
///
/// # Panics
///
/// If the table says something else.
pub fn check_table(adapter: &str, scenarios: &[(&str, &str)], cannot: &[Cannot]) {
    for (name, ..) in cannot {
        assert!(scenarios.iter().any(|(scenario, _)| scenario == name), "no scenario `{name}`");
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once(BEGIN).expect("the README has the marker");
    let (block, after) = rest.split_once(END).expect("the README has the end marker");
    let expected = Table::read(block).with_column(adapter, scenarios, cannot).to_string();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, [before, BEGIN, &expected, END, after].concat()).unwrap();
    } else {
        assert!(block == expected, "the README is stale: run the test with BLESS=1\n{expected}");
    }
}

/// What the README says of all adapters.
struct Table {
    /// A title, and a cell per adapter.
    rows: Vec<(String, [String; ADAPTERS.len()])>,
    /// An adapter, and what is said of one of its cells.
    notes: Vec<(String, String)>,
}

impl Table {
    fn read(block: &str) -> Self {
        let mut table = Self { rows: Vec::new(), notes: Vec::new() };
        for line in block.lines() {
            if let Some(cells) = line.strip_prefix("| ") {
                let mut cells = cells.split(" |").map(|cell| cell.trim().to_owned());
                let title = cells.next().unwrap_or_default();
                table.rows.push((title, std::array::from_fn(|_| cells.next().unwrap_or_default())));
            } else if let Some((adapter, note)) =
                line.strip_prefix("- **").and_then(|note| note.split_once("**"))
            {
                table.notes.push((adapter.to_owned(), note.to_owned()));
            }
        }
        table
    }

    fn with_column(self, adapter: &str, scenarios: &[(&str, &str)], cannot: &[Cannot]) -> Self {
        let column = ADAPTERS.iter().position(|name| *name == adapter).expect("an adapter of the table");
        let reason = |name: &str| cannot.iter().find(|(of, ..)| *of == name).map(|(_, reason, _)| *reason);
        let old = |title: &str| self.rows.iter().find(|row| row.0 == title).map(|row| row.1.clone());
        let row = |(name, title): &(&str, &str)| {
            let mut cells = old(title).unwrap_or_default();
            (if reason(name).is_none() { "yes" } else { "no" }).clone_into(&mut cells[column]);
            ((*title).to_owned(), cells)
        };
        let mut notes: Vec<_> = self.notes.iter().filter(|(of, _)| of != adapter).cloned().collect();
        notes.extend(
            scenarios.iter().filter_map(|(name, title)| {
                Some((adapter.to_owned(), format!(", {title}: {}", reason(name)?)))
            }),
        );
        notes.sort_by_key(|(of, _)| ADAPTERS.iter().position(|name| name == of));
        Self { rows: scenarios.iter().map(row).collect(), notes }
    }
}

impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = format!("|  | {} |\n|---|{}\n", ADAPTERS.join(" | "), "---|".repeat(ADAPTERS.len()));
        for (title, cells) in &self.rows {
            writeln!(text, "| {title} | {} |", cells.join(" | "))?;
        }
        if !self.notes.is_empty() {
            text.push('\n');
        }
        for (adapter, note) in &self.notes {
            writeln!(text, "- **{adapter}**{note}")?;
        }
        f.write_str(&text)
    }
}
