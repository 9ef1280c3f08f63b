//! The README says what is true today.

const README: &str = include_str!("../README.md");

/// What the compiler says, word for word, but for the name of the file.
#[test]
fn shows_the_compilers_own_words() {
    let code = include_str!("ui/attr/many/readme.rs");
    let code = code.strip_suffix("\nfn main() {}\n").expect("the case ends in an empty `main`");
    let code = code.strip_prefix("use typed_sse::SseEvent;\n\n").expect("the case begins with its import");
    assert!(README.contains(code), "the README does not show\n{code}");
    let words =
        include_str!("ui/attr/many/readme.stderr").replace("tests/ui/attr/many/readme.rs", "src/market.rs");
    assert!(README.contains(words.trim_end()), "the README does not show\n{words}");
}

/// The jobs and commands that are named exist.
#[test]
fn names_commands_that_exist() {
    for command in ["cargo run -p showcase", "scripts/check"] {
        assert!(README.contains(command));
    }
    assert!(std::fs::metadata("scripts/check").is_ok() && std::fs::metadata("examples/showcase").is_ok());
}
