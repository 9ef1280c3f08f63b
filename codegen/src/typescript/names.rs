//! Names that TypeScript takes.

use std::collections::HashSet;

/// The names of one module, each given once.
pub(super) struct Names {
    used: HashSet<String>,
}

impl Names {
    pub(super) fn new() -> Self {
        Self { used: RESERVED.iter().map(|name| (*name).to_owned()).collect() }
    }

    /// A name as close to `wanted` as the language and the names before it allow.
    pub(super) fn give(&mut self, wanted: &str) -> String {
        let name = identifier(wanted);
        let mut given = name.clone();
        let mut number = 2;
        while !self.used.insert(given.clone()) {
            given = format!("{name}{number}");
            number += 1;
        }
        given
    }
}

/// `text` as an identifier: `Page<Item>` is `Page_Item`.
pub(super) fn identifier(text: &str) -> String {
    let mut name = String::new();
    for letter in text.chars() {
        match letter {
            '_' | '$' => name.push(letter),
            _ if letter.is_alphanumeric() => name.push(letter),
            _ if name.ends_with('_') => {}
            _ => name.push('_'),
        }
    }
    let name = name.trim_end_matches('_');
    match name.chars().next() {
        None => "Type".to_owned(),
        Some(first) if first.is_numeric() => format!("_{name}"),
        Some(_) => name.to_owned(),
    }
}

/// A member of an object: by its name alone where that can stand alone.
pub(super) fn key(name: &str) -> String {
    let mut letters = name.chars();
    let is_plain = letters.next().is_some_and(|first| first.is_ascii_alphabetic() || matches!(first, '_' | '$'))
        && letters.all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '$'))
        // In an object literal it would set the prototype.
        && name != "__proto__";
    match (is_plain, name) {
        (true, name) => name.to_owned(),
        (false, "__proto__") => r#"["__proto__"]"#.to_owned(),
        (false, name) => string(name),
    }
}

/// A string literal.
pub(super) fn string(text: &str) -> String {
    // JSON is a subset of JavaScript since ECMAScript 2019.
    serde_json::Value::from(text).to_string()
}

/// What the language keeps for itself, the types that the module uses, and its own names.
const RESERVED: [&str; 84] = [
    "any",
    "arguments",
    "as",
    "async",
    "await",
    "bigint",
    "boolean",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "declare",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "eval",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "let",
    "never",
    "new",
    "null",
    "number",
    "object",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "static",
    "string",
    "super",
    "switch",
    "symbol",
    "this",
    "throw",
    "true",
    "try",
    "type",
    "typeof",
    "undefined",
    "unknown",
    "var",
    "void",
    "while",
    "with",
    "yield",
    // Types of the language and of browsers.
    "Array",
    "Record",
    "Uint8Array",
    "EventSource",
    "URL",
    "AsyncIterable",
    "Error",
    "BigInt",
    // Of the client.
    "bytes",
    "exact",
    "json",
    "openStream",
    "text",
    "Dispatched",
    "Shape",
    "Spec",
    "State",
    "Told",
    "Source",
    "Options",
    "Stream",
    "TabSource",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_identifiers_and_unique() {
        let mut names = Names::new();
        let given = ["Page<Item>", "Page<Item>", "class", "Record", "2nd", "Größe", "a.b-c", "", "Stream"]
            .map(|name| names.give(name));
        assert_eq!(
            given,
            ["Page_Item", "Page_Item2", "class2", "Record2", "_2nd", "Größe", "a_b_c", "Type", "Stream2"]
        );
    }

    #[test]
    fn keys_are_quoted_where_they_must_be() {
        let keys = ["price", "x-y", "default", "1", "", "a\"b", "__proto__"].map(key);
        assert_eq!(keys, ["price", "\"x-y\"", "default", "\"1\"", "\"\"", r#""a\"b""#, r#"["__proto__"]"#]);
    }
}
