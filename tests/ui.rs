//! What the compiler says about a mistake, and that the corrected code compiles.
//!
//! `ui/attr` has errors in our own words, `ui/trait` errors in the compiler's, which belong to the toolchain of
//! `rust-toolchain.toml`. Each case has a twin of the same topic and name in `ui/pass`. After a change of words:
//! `TRYBUILD=overwrite cargo test --test ui`, then read the difference.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    for folder in FOLDERS {
        cases.compile_fail(format!("tests/{folder}/attr/*/*.rs"));
        cases.compile_fail(format!("tests/{folder}/trait/*/*.rs"));
        cases.pass(format!("tests/{folder}/pass/*/*.rs"));
    }
}

/// What needs the feature `schema` stands by itself.
const FOLDERS: &[&str] = if cfg!(feature = "schema") { &["ui", "ui-schema"] } else { &["ui"] };

#[test]
fn each_mistake_has_its_words_and_its_correction() {
    for folder in FOLDERS {
        is_complete(folder);
    }
}

fn is_complete(folder: &str) {
    let files = |group: &str, extension: &str| files(&format!("{folder}/{group}"), extension);
    let passing = files("pass", "rs");
    let mut failing = BTreeSet::new();
    for group in ["attr", "trait"] {
        let cases = files(group, "rs");
        assert_eq!(
            cases,
            files(group, "stderr"),
            "left: cases in {folder}/{group}, right: their .stderr files"
        );
        for case in cases {
            assert!(
                failing.insert(case.clone()),
                "{} is in both groups, with one correction",
                case.display()
            );
        }
    }
    assert_eq!(failing, passing, "left: mistakes, right: corrections in {folder}/pass");
}

/// The files of a group with this extension: topic and name.
fn files(group: &str, extension: &str) -> BTreeSet<PathBuf> {
    let group = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(group);
    let entries =
        |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries(&group)
        .flat_map(|topic| entries(&topic).collect::<Vec<_>>())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .filter_map(|path| Some(path.strip_prefix(&group).ok()?.with_extension("")))
        .collect()
}
