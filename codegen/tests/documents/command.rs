//! The command line: what it prints, and its exit status.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use typed_sse::schema::SchemaCatalogue;

use crate::events::{Chat, Market};

/// The exit status, and all that was printed.
fn run(args: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_typed-sse-codegen")).args(args).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

fn written(folder: &TempDir, name: &str, json: &str) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, json).unwrap();
    path
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn the_status_says_who_breaks() {
    let folder = tempfile::tempdir().unwrap();
    let market = SchemaCatalogue::of::<Market>().to_json();
    let old = written(&folder, "old.json", &market);
    let (status, report) = run(&["diff", text(&old), text(&old)]);
    assert_eq!((status, report.as_str()), (0, "no changes of `Market`\n"));

    let mut narrow: serde_json::Value = serde_json::from_str(&market).unwrap();
    narrow["$defs"]["Venue"]["enum"] = serde_json::json!(["Nyse"]);
    let narrow = written(&folder, "narrow.json", &narrow.to_string());
    let (status, report) = run(&["diff", text(&old), text(&narrow)]);
    assert_eq!(status, 1, "{report}");
    assert!(
        report.starts_with("price_changed.data.venue: it is never `\"Lse\"` any more\n    new readers BREAK"),
        "{report}"
    );
    assert_eq!(run(&["diff", text(&old), text(&narrow), "--side", "new"]).0, 1);
    assert_eq!(run(&["diff", "--side", "old", text(&old), text(&narrow)]).0, 0);

    let other = written(&folder, "other.json", &SchemaCatalogue::of::<Chat>().to_json());
    assert_eq!(run(&["diff", text(&old), text(&other)]).0, 1);
}

#[test]
fn what_cannot_be_compared_is_another_status() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = written(&folder, "wrong.json", "{}");
    let missing = folder.path().join("missing.json");
    let (status, words) = run(&["diff", text(&wrong), text(&wrong)]);
    assert_eq!(status, 2);
    assert!(
        words.contains(
            "wrong.json: not a catalogue of schemas, as `SchemaCatalogue::to_json` writes it: missing field"
        ),
        "{words}"
    );
    let (status, words) = run(&["diff", text(&missing), text(&wrong)]);
    assert_eq!(status, 2);
    assert!(words.contains("wrong.json"), "{words}");
    for args in [&["diff", "a"][..], &[], &["diff", "a", "b", "--side", "left"]] {
        assert_eq!(run(args).0, 2, "{args:?}");
    }
    assert_eq!(run(&["--help"]).0, 0);
}
