//! The derive in a crate that renames typed-sse in its Cargo.toml, so that `::typed_sse` is nothing there.
#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

use std::path::Path;
use std::process::Command;
use std::{env, fs};

#[test]
fn the_facade_may_have_another_name() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("renamed");
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::copy(root.join("tests/fixtures/renamed/main.rs"), folder.join("src/main.rs")).unwrap();
    // The versions that are here already, since nothing is to be downloaded.
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let manifest = format!(
        "[package]\nname = \"renamed\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies.sse]\n\
         package = \"typed-sse\"\npath = {root:?}\ndefault-features = false\nfeatures = [\"derive\", \"json\"]\n\n\
         [workspace]\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["run", "--offline", "--quiet", "--target-dir", "target"])
        .current_dir(&folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "event: object\nid: 7\ndata: {\"seq\":7,\"value\":1}\n\n\
         event: text\nretry: 1\ndata: a\n\n\
         event: inner\ndata: AQ==\n\n"
    );
}
