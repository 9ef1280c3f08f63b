//! What the documents point to is there.
#![allow(clippy::unwrap_used, reason = "these are tests")]

use std::fs;
use std::path::Path;

#[test]
fn each_link_into_the_repository_leads_to_a_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let documents =
        ["README.md", "DESIGN.md", "RELIABILITY.md", "CONTRIBUTING.md"].map(|name| root.join(name));
    let (mut links, mut broken) = (0, Vec::new());
    for document in
        documents.into_iter().chain(docs.filter(|path| path.extension().is_some_and(|of| of == "md")))
    {
        let text = fs::read_to_string(&document).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
            // Nothing of it leads out of the repository, or only to a heading.
            if link.is_empty() || link.contains("://") || link.contains(char::is_whitespace) {
                continue;
            }
            links += 1;
            if !document.parent().unwrap().join(link).exists() {
                broken.push(format!("{}: {link}", document.display()));
            }
        }
    }
    assert!(links > 20 && broken.is_empty(), "of {links} links, these lead nowhere: {broken:#?}");
}
