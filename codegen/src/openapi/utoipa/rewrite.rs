//! A schema in the words that utoipa's `Schema` has.

use serde_json::{Map, Value, json};

/// Keywords whose values are schemas.
const ONE: [&str; 4] = ["items", "additionalProperties", "propertyNames", "contentSchema"];
/// Keywords whose values are lists of schemas.
const MANY: [&str; 4] = ["oneOf", "anyOf", "allOf", "prefixItems"];

/// Writes the schema so that utoipa's `Schema` keeps all of it: that type is one of five shapes, and what a shape has no field for is
/// dropped when JSON is read into it.
///
/// - `const: x` becomes `enum: [x]`;
/// - a boolean schema becomes `{}`, or an `enum` of nothing;
/// - a map whose keys have a pattern, as that of numbers has, becomes one of any keys, and `propertyNames` of that pattern;
/// - what needs two shapes at once, as a `oneOf` beside `properties`, becomes an `allOf` of both;
/// - `"type": null`, no JSON Schema, is how utoipa reads a schema without a type. It does not write it.
pub(super) fn rewrite(schema: &Value) -> Value {
    match schema {
        Value::Bool(true) => json!({"type": null}),
        Value::Bool(false) => json!({"type": null, "enum": []}),
        Value::Object(schema) => rewrite_object(schema),
        // No schema at all: utoipa says so when it reads it.
        other => other.clone(),
    }
}

fn rewrite_object(schema: &Map<String, Value>) -> Value {
    let mut words = Map::new();
    for (key, value) in schema {
        let (key, value) = match (key.as_str(), value) {
            ("const", value) => ("enum", json!([value])),
            // Both have a form of their own there.
            ("additionalProperties", Value::Bool(_)) | ("items", Value::Bool(false)) => {
                (key.as_str(), value.clone())
            }
            (word, value) if ONE.contains(&word) => (word, rewrite(value)),
            (word, Value::Array(schemas)) if MANY.contains(&word) => {
                (word, schemas.iter().map(rewrite).collect())
            }
            ("properties", Value::Object(properties)) => (
                "properties",
                properties.iter().map(|(name, schema)| (name.clone(), rewrite(schema))).collect(),
            ),
            (word, value) => (word, value.clone()),
        };
        words.insert(key.to_owned(), value);
    }
    if let Some((pattern, values)) = map_by_pattern(&words) {
        words.remove("patternProperties");
        words.insert("propertyNames".to_owned(), json!({"type": "string", "pattern": pattern}));
        words.insert("additionalProperties".to_owned(), rewrite(&values));
    }
    if let Some(Value::Array(items)) = words.get_mut("prefixItems") {
        // A place without a name of its own: a reference there cannot be read.
        for item in items.iter_mut().filter(|item| item.get("$ref").is_some()) {
            *item = json!({"allOf": [item.take()]});
        }
        // A list is one only where `items` stands.
        words.entry("items").or_insert(json!({"type": null}));
    }
    in_shapes(words)
}

/// The pattern of the keys and the schema of the values, if an object has nothing else.
fn map_by_pattern(words: &Map<String, Value>) -> Option<(String, Value)> {
    let patterns = words.get("patternProperties")?.as_object()?;
    let (pattern, values) = patterns.iter().next().filter(|_| patterns.len() == 1)?;
    let has_others = words.contains_key("properties") || words.contains_key("propertyNames");
    let is_closed = words.get("additionalProperties") == Some(&Value::Bool(false));
    (is_closed && !has_others).then(|| (pattern.clone(), values.clone()))
}

/// Puts the words of each shape into a schema of their own, if there are more than one.
fn in_shapes(mut words: Map<String, Value>) -> Value {
    let mut parts = Vec::new();
    for (word, beside) in [
        ("$ref", &["title", "description", "default", "readOnly", "writeOnly"][..]),
        ("oneOf", &["discriminator"]),
        ("anyOf", &["discriminator"]),
        ("allOf", &["discriminator"]),
    ] {
        if let Some(value) = words.remove(word) {
            let mut part = Map::from_iter([(word.to_owned(), value)]);
            for word in beside {
                if let Some(value) = words.remove(*word) {
                    part.insert((*word).to_owned(), value);
                }
            }
            parts.push(part);
        }
    }
    if let Some(items) = words.remove("items") {
        let mut part = Map::from_iter([("items".to_owned(), items)]);
        for word in ["prefixItems", "minItems", "maxItems", "uniqueItems"] {
            if let Some(value) = words.remove(word) {
                part.insert(word.to_owned(), value);
            }
        }
        // Where the type is more than a list, the rest of it speaks of the other types.
        part.insert("type".to_owned(), words.remove("type").unwrap_or(Value::Null));
        parts.push(part);
    }
    // What says something of any shape stays with the only one.
    if let [only] = &mut parts[..] {
        let is_ref = only.contains_key("$ref");
        if words.is_empty() || (!is_ref && words.keys().all(|word| stands_with_any_shape(word))) {
            only.append(&mut words);
            return Value::Object(parts.swap_remove(0));
        }
    }
    if parts.is_empty() {
        words.entry("type").or_insert(Value::Null);
        return Value::Object(words);
    }
    if !words.is_empty() {
        words.entry("type").or_insert(Value::Null);
        parts.push(words);
    }
    json!({"allOf": parts})
}

fn stands_with_any_shape(word: &str) -> bool {
    matches!(word, "title" | "description" | "default" | "example" | "examples" | "type")
        || word.starts_with("x-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_is_an_enumeration_of_one() {
        let schema = json!({"type": "object", "properties": {"kind": {"const": "a"}}, "required": ["kind"]});
        let wanted = json!({"type": "object", "properties": {"kind": {"type": null, "enum": ["a"]}}, "required": ["kind"]});
        assert_eq!(rewrite(&schema), wanted);
    }

    #[test]
    fn what_a_flattened_enum_says_is_said_by_two() {
        let schema = json!({"type": "object", "properties": {}, "oneOf": [{"$ref": "#/a"}, true]});
        let wanted = json!({"allOf": [
            {"oneOf": [{"$ref": "#/a"}, {"type": null}]},
            {"type": "object", "properties": {}},
        ]});
        assert_eq!(rewrite(&schema), wanted);
    }

    #[test]
    fn a_tuple_is_a_list() {
        let schema =
            json!({"type": "array", "prefixItems": [{"$ref": "#/a"}, {"type": "string"}], "minItems": 2});
        let wanted = json!({
            "type": "array",
            "prefixItems": [{"allOf": [{"$ref": "#/a"}]}, {"type": "string"}],
            "items": {"type": null},
            "minItems": 2,
        });
        assert_eq!(rewrite(&schema), wanted);
    }
}
