//! JSON Schema 2020-12 in the words of draft 7, which AsyncAPI's own schemas are a superset of.

use serde_json::{Map, Value, json};

/// Writes a schema in the words of draft 7:
///
/// - what stands beside a `$ref` counts there no longer, and becomes an `allOf` with it;
/// - nothing can be said of the fields that no part of an `allOf` names: `unevaluatedProperties` is left out;
/// - the places of a tuple are `items`, and the rest of a list `additionalItems`.
pub(super) fn draft7(schema: &Value) -> Value {
    let Value::Object(members) = schema else { return schema.clone() };
    let mut words = Map::new();
    for (key, value) in members {
        let value = match (key.as_str(), value) {
            ("const" | "enum" | "default" | "examples", value) => value.clone(),
            ("properties" | "patternProperties", Value::Object(fields)) => {
                fields.iter().map(|(name, field)| (name.clone(), draft7(field))).collect()
            }
            (_, Value::Object(_)) => draft7(value),
            (_, Value::Array(items)) => items.iter().map(draft7).collect(),
            (_, value) => value.clone(),
        };
        words.insert(key.clone(), value);
    }
    words.remove("unevaluatedProperties");
    if let Some(places) = words.remove("prefixItems") {
        if let Some(rest) = words.insert("items".to_owned(), places) {
            words.insert("additionalItems".to_owned(), rest);
        }
    }
    match words.remove("$ref") {
        None => words.into(),
        Some(reference) if words.is_empty() => json!({"$ref": reference}),
        Some(reference) => {
            words.insert("allOf".to_owned(), json!([{"$ref": reference}]));
            words.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_draft_7() {
        let schema = json!({
            "type": "object",
            "properties": {
                "pair": {"type": "array", "prefixItems": [{"$ref": "#/a"}, true], "items": false},
                "prefixItems": {"$ref": "#/a", "description": "A."},
            },
            "unevaluatedProperties": {"type": "null"},
        });
        let wanted = json!({
            "type": "object",
            "properties": {
                "pair": {"type": "array", "items": [{"$ref": "#/a"}, true], "additionalItems": false},
                "prefixItems": {"allOf": [{"$ref": "#/a"}], "description": "A."},
            },
        });
        assert_eq!(draft7(&schema), wanted);
    }
}
