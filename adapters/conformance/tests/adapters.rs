//! What is promised of the packages themselves: how long they are, what they depend on, and what the README says of them.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

/// Each adapter's folder, and the crate of its framework that it implements the traits of.
const ADAPTERS: [(&str, &str); 5] = [
    ("http", "http-body"),
    ("axum", "axum-core"),
    ("actix-web", "actix-web"),
    ("warp", "warp"),
    ("rocket", "rocket"),
];

static ROOT: LazyLock<PathBuf> = LazyLock::new(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."));

/// All packages that the lock file names; cargo fetches those of other platforms too.
static PACKAGES: LazyLock<Vec<Package>> = LazyLock::new(|| {
    let metadata: Value = serde_json::from_str(&cargo(&["metadata", "--format-version=1"])).unwrap();
    metadata["packages"].as_array().unwrap().iter().map(Package::read).collect()
});

struct Package {
    name: String,
    version: String,
    rust_version: (u32, u32),
    /// Requirements by the name of the dependency, of all kinds.
    dependencies: HashMap<String, String>,
}

impl Package {
    fn read(package: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let dependencies = package["dependencies"].as_array().unwrap();
        Self {
            name: text(&package["name"]),
            version: text(&package["version"]),
            rust_version: package["rust_version"].as_str().map_or((1, 0), rust_version),
            dependencies: dependencies.iter().map(|of| (text(&of["name"]), text(&of["req"]))).collect(),
        }
    }

    fn find(name: &str, version: Option<&str>) -> &'static Self {
        let is_it = |package: &&Self| {
            package.name == name && version.is_none_or(|version| package.version == version)
        };
        PACKAGES.iter().find(is_it).unwrap_or_else(|| panic!("no package {name} {version:?}"))
    }

    /// What is compiled for whoever depends on it, itself included.
    fn tree(name: &str) -> Vec<&'static Self> {
        let tree =
            cargo(&["tree", "--package", name, "--edges=normal,build", "--prefix=none", "--format={p}"]);
        let mut lines: Vec<_> = tree.lines().collect();
        lines.sort_unstable();
        lines.dedup();
        let package = |line: &str| {
            let (name, rest) = line.split_once(" v").unwrap();
            Self::find(name, rest.split(' ').next())
        };
        lines.into_iter().map(package).collect()
    }
}

fn cargo(arguments: &[&str]) -> String {
    let output =
        Command::new(env!("CARGO")).args(arguments).arg("--locked").current_dir(&*ROOT).output().unwrap();
    assert!(output.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn rust_version(text: &str) -> (u32, u32) {
    let mut numbers = text.split('.').map(|number| number.parse().unwrap());
    (numbers.next().unwrap(), numbers.next().unwrap_or(0))
}

/// Lines that are neither blank nor comments, up to the tests.
fn code_lines(file: &Path) -> usize {
    let text = std::fs::read_to_string(file).unwrap();
    let lines = text.lines().map(str::trim).take_while(|line| *line != "#[cfg(test)]");
    lines.filter(|line| !line.is_empty() && !line.starts_with("//")).count()
}

#[test]
fn adapters_are_thin() {
    for (adapter, _) in ADAPTERS {
        let files = std::fs::read_dir(ROOT.join("adapters").join(adapter).join("src")).unwrap();
        let lines: usize = files.map(|file| code_lines(&file.unwrap().path())).sum();
        // With fewer, they were not found.
        assert!((30..=250).contains(&lines), "{adapter} has {lines} lines of code");
    }
}

#[test]
fn adapters_depend_on_core_alone() {
    for (adapter, framework) in ADAPTERS {
        let tree = Package::tree(&format!("typed-sse-{adapter}"));
        let has = |name: &str| tree.iter().any(|package| package.name == name);
        assert!(has("typed-sse-core") && has(framework), "{adapter}");
        assert!(!has("typed-sse") && !has("typed-sse-derive"), "{adapter}");
        // Of axum its light core, and of what is built on http 1 neither server nor client.
        assert!(!has("axum"), "{adapter}");
        assert!(!has("hyper") || ["warp", "rocket"].contains(&adapter), "{adapter}");
    }
}

#[test]
fn rust_versions_are_those_of_the_frameworks() {
    let core = Package::find("typed-sse-core", None).rust_version;
    for (adapter, framework) in ADAPTERS {
        let own = Package::find(&format!("typed-sse-{adapter}"), None).rust_version;
        let framework =
            Package::tree(&format!("typed-sse-{adapter}")).into_iter().find(|of| of.name == framework);
        assert_eq!(own, framework.unwrap().rust_version.max(core), "{adapter}");
    }
}

/// With the versions of the lock file.
#[test]
fn no_dependency_needs_a_newer_rust() {
    let published = ["typed-sse", "typed-sse-core", "typed-sse-derive"].map(str::to_owned);
    for name in published.into_iter().chain(ADAPTERS.map(|(adapter, _)| format!("typed-sse-{adapter}"))) {
        let own = Package::find(&name, None).rust_version;
        for Package { name: of, version, rust_version, .. } in Package::tree(&name) {
            assert!(*rust_version <= own, "{name}: {of} {version} needs Rust {rust_version:?}");
        }
    }
}

/// `| typed-sse-axum 0.1 | axum 0.8 | 1.85 |`
#[test]
fn the_compatibility_table_in_the_readme_is_current() {
    let readme = std::fs::read_to_string(ROOT.join("README.md")).unwrap();
    let (_, table) = readme.split_once("| adapter | framework | Rust |\n|---|---|---|\n").unwrap();
    let rows: Vec<_> = table.lines().take_while(|line| line.starts_with('|')).collect();
    assert_eq!(rows.len(), ADAPTERS.len());
    for row in rows {
        let cells: Vec<_> =
            row.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', "")).collect();
        let (name, version) = cells[0].split_once(' ').unwrap();
        let adapter = Package::find(name, None);
        assert!(adapter.version.starts_with(&format!("{version}.")), "{row}");
        assert_eq!(rust_version(&cells[2]), adapter.rust_version, "{row}");
        for framework in cells[1].to_lowercase().split(", ") {
            let (framework, version) = framework.split_once(' ').unwrap();
            let requirement = &adapter.dependencies[framework];
            let requirement = format!("{}.", requirement.trim_start_matches('^'));
            assert!(requirement.starts_with(&format!("{version}.")), "{row}: {requirement}");
        }
    }
}

#[test]
fn examples_are_small() {
    for server in ["hyper", "axum", "actix-web", "warp", "rocket"] {
        let file = ROOT.join(format!("examples/ticker-{server}/src/main.rs"));
        let lines = std::fs::read_to_string(file).unwrap().lines().count();
        assert!(lines < 80, "the ticker with {server} has {lines} lines");
    }
}
