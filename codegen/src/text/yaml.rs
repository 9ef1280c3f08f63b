//! YAML 1.2 in block style, <https://yaml.org/spec/1.2.2/>, of the part of it that JSON values need.

use serde_json::Value;

use super::ordered;

/// The value as YAML, with a line break at the end. Readers of YAML 1.1 get the same value.
pub(crate) fn to_yaml(value: &Value) -> String {
    let mut text = String::new();
    match value {
        Value::Object(object) if !object.is_empty() => members(&mut text, object, 0),
        Value::Array(items) if !items.is_empty() => elements(&mut text, items, 0),
        value => {
            text.push_str(&scalar(value));
            text.push('\n');
        }
    }
    text
}

fn members(text: &mut String, object: &serde_json::Map<String, Value>, depth: usize) {
    for (i, (key, value)) in ordered(object).into_iter().enumerate() {
        // The first one stands behind the `- ` of a list, where there is one.
        if i > 0 || text.is_empty() || text.ends_with('\n') {
            indent(text, depth);
        }
        text.push_str(&string(key));
        text.push(':');
        match value {
            Value::Object(object) if !object.is_empty() => {
                text.push('\n');
                members(text, object, depth + 1);
            }
            Value::Array(items) if !items.is_empty() => {
                text.push('\n');
                elements(text, items, depth + 1);
            }
            value => {
                text.push(' ');
                text.push_str(&scalar(value));
                text.push('\n');
            }
        }
    }
}

fn elements(text: &mut String, items: &[Value], depth: usize) {
    for (i, item) in items.iter().enumerate() {
        if i > 0 || text.is_empty() || text.ends_with('\n') {
            indent(text, depth);
        }
        text.push_str("- ");
        match item {
            Value::Object(object) if !object.is_empty() => members(text, object, depth + 1),
            Value::Array(items) if !items.is_empty() => elements(text, items, depth + 1),
            item => {
                text.push_str(&scalar(item));
                text.push('\n');
            }
        }
    }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => string(text),
        // YAML 1.1 takes `1e300` for a string: it wants a point.
        Value::Number(number) => {
            let text = number.to_string();
            match text.split_once('e') {
                Some((mantissa, exponent)) if !mantissa.contains('.') => {
                    let sign = if exponent.starts_with(['-', '+']) { "" } else { "+" };
                    format!("{mantissa}.0e{sign}{exponent}")
                }
                Some((mantissa, exponent)) if !exponent.starts_with(['-', '+']) => {
                    format!("{mantissa}e+{exponent}")
                }
                _ => text,
            }
        }
        // `{}`, `[]`, `null`, `true`, `false`
        value => value.to_string(),
    }
}

/// A string: plain where nothing can take it for something else, otherwise in double quotes, whose escapes are JSON's.
fn string(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { quoted(text) }
}

fn is_plain(text: &str) -> bool {
    /// What is no string, or was none in YAML 1.1.
    const WORDS: [&str; 11] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf"];
    let mut chars = text.chars();
    let starts_plain =
        chars.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '/' || first == '_');
    let goes_on_plain = chars.all(|c| c.is_ascii_alphanumeric() || "_-./ (),'+".contains(c));
    starts_plain
        && goes_on_plain
        && !text.ends_with(' ')
        && !WORDS.contains(&text.to_ascii_lowercase().as_str())
}

fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    for c in Value::from(text).to_string().chars() {
        match c {
            // Line breaks to YAML 1.1, a mark that no text holds, and what no YAML text may hold.
            '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
                quoted.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => quoted.push(c),
        }
    }
    quoted
}

fn indent(text: &mut String, depth: usize) {
    for _ in 0..depth {
        text.push_str("  ");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn blocks_within_blocks() {
        let value = json!({
            "paths": {"/a/{b}": {"get": {"parameters": [{"name": "b", "in": "path"}, {}], "tags": []}}},
            "list": [[1, 2], ["x"], null],
        });
        let yaml = "\
paths:
  \"/a/{b}\":
    get:
      tags: []
      parameters:
        - name: b
          in: path
        - {}
list:
  - - 1
    - 2
  - - x
  - null
";
        assert_eq!(to_yaml(&value), yaml);
    }

    #[test]
    fn what_could_be_something_else_is_quoted() {
        for text in [
            "", "null", "Yes", "n", "1", "1.5", "~", "a: b", "a #b", "#a", "- a", "a ", " a", "é", "a\nb",
            "&a", "@a", "<<",
        ] {
            let yaml = to_yaml(&json!(text));
            assert!(yaml.starts_with('"'), "{yaml}");
            assert_eq!(serde_json::from_str::<Value>(&yaml).unwrap(), json!(text));
        }
        assert_eq!(to_yaml(&json!("\u{2028}\u{85}")), "\"\\u2028\\u0085\"\n");
        for text in ["price_changed", "/prices", "A price, which changed."] {
            assert_eq!(to_yaml(&json!(text)), format!("{text}\n"));
        }
    }

    #[test]
    fn numbers_are_numbers_to_all() {
        assert_eq!(to_yaml(&json!(1e300)), "1.0e+300\n");
        assert_eq!(to_yaml(&json!(1.5e-9)), "1.5e-9\n");
        assert_eq!(to_yaml(&json!(18_446_744_073_709_551_615_u64)), "18446744073709551615\n");
    }
}
