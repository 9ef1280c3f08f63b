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
    cases.compile_fail("tests/ui/attr/*/*.rs");
    cases.compile_fail("tests/ui/trait/*/*.rs");
    cases.pass("tests/ui/pass/*/*.rs");
}

#[test]
fn each_mistake_has_its_words_and_its_correction() {
    let passing = files("pass", "rs");
    let mut failing = BTreeSet::new();
    for group in ["attr", "trait"] {
        let cases = files(group, "rs");
        assert_eq!(cases, files(group, "stderr"), "left: cases in ui/{group}, right: their .stderr files");
        for case in cases {
            assert!(
                failing.insert(case.clone()),
                "{} is in both groups, with one correction",
                case.display()
            );
        }
    }
    assert_eq!(failing, passing, "left: mistakes, right: corrections in ui/pass");
}

/// The files of a group with this extension: topic and name.
fn files(group: &str, extension: &str) -> BTreeSet<PathBuf> {
    let group = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui").join(group);
    let entries =
        |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries(&group)
        .flat_map(|topic| entries(&topic).collect::<Vec<_>>())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .filter_map(|path| Some(path.strip_prefix(&group).ok()?.with_extension("")))
        .collect()
}
