//! JSON, indented by two spaces.

use serde_json::Value;

use super::ordered;

/// The value as JSON, with a line break at the end.
pub(crate) fn to_json(value: &Value) -> String {
    let mut text = String::new();
    write(&mut text, value, 0);
    text.push('\n');
    text
}

fn write(text: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Object(object) if !object.is_empty() => {
            let members = ordered(object);
            list(text, depth, '{', '}', &members, |text, (key, value)| {
                text.push_str(&Value::from(key.as_str()).to_string());
                text.push_str(": ");
                write(text, value, depth + 1);
            });
        }
        Value::Array(items) if !items.is_empty() => {
            list(text, depth, '[', ']', items, |text, item| write(text, item, depth + 1));
        }
        value => text.push_str(&value.to_string()),
    }
}

fn list<T>(
    text: &mut String,
    depth: usize,
    open: char,
    close: char,
    items: &[T],
    mut write: impl FnMut(&mut String, &T),
) {
    text.push(open);
    for (i, item) in items.iter().enumerate() {
        text.push_str(if i == 0 { "\n" } else { ",\n" });
        indent(text, depth + 1);
        write(text, item);
    }
    text.push('\n');
    indent(text, depth);
    text.push(close);
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
    fn what_is_written_is_what_was_given() {
        let value = json!({"b": [1, {"c": null}, [], {}], "a\n": "ü\"", "type": "object", "n": 1.5e300});
        let text = to_json(&value);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        assert!(text.starts_with("{\n  \"type\": \"object\",\n  \"a\\n\": "), "{text}");
    }
}
