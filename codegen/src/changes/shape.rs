//! What values a schema allows, as alternatives that can be told apart.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// How many alternatives one place may have before it is taken as a whole. Types that people write have far fewer.
const MOST: usize = 512;

/// How many references and compositions lie within each other before they are taken as a whole.
const DEEPEST: usize = 64;

/// One of the kinds of value that a place may have.
#[derive(Clone, Debug)]
pub(super) struct Alternative {
    pub(super) label: Label,
    /// The schema of these values alone, without references and compositions at its top.
    pub(super) schema: Map<String, Value>,
}

/// What tells an alternative from the others at its place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Label {
    Null,
    Boolean,
    Integer,
    Number,
    String,
    Array,
    Object,
    /// An object whose field of this name has this value, as JSON: a variant of a tagged enum.
    Tagged(String, String),
    /// An object of this one field: a variant of an enum that serde tags from outside.
    Keyed(String),
    /// This value alone, as JSON.
    Literal(String),
    /// Any value.
    Any,
}

impl Label {
    /// In words for a report.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Null => "`null`".to_owned(),
            Self::Boolean => "a boolean".to_owned(),
            Self::Integer => "an integer".to_owned(),
            Self::Number => "a number".to_owned(),
            Self::String => "a string".to_owned(),
            Self::Array => "a list".to_owned(),
            Self::Object => "an object".to_owned(),
            Self::Tagged(field, value) => format!("an object with `{field}`: `{value}`"),
            Self::Keyed(field) => format!("an object with only `{field}`"),
            Self::Literal(value) => format!("`{value}`"),
            Self::Any => "any value".to_owned(),
        }
    }

    /// Whether each value of `other` is one of these.
    pub(super) fn covers(&self, other: &Self) -> bool {
        if self == other {
            return true;
        }
        match self {
            Self::Any => true,
            Self::Number => match other {
                Self::Integer => true,
                Self::Literal(json) => json.parse::<f64>().is_ok(),
                _ => false,
            },
            Self::Integer => matches!(other, Self::Literal(json) if json.parse::<i128>().is_ok()),
            Self::String => matches!(other, Self::Literal(json) if json.starts_with('"')),
            Self::Boolean => matches!(other, Self::Literal(json) if json == "true" || json == "false"),
            Self::Null
            | Self::Array
            | Self::Object
            | Self::Tagged(..)
            | Self::Keyed(_)
            | Self::Literal(_) => false,
        }
    }
}

/// The alternatives of a schema, in its order; `None` if they are too many, or a reference leads nowhere.
pub(super) fn alternatives(schema: &Value, defs: &Map<String, Value>) -> Option<Vec<Alternative>> {
    let mut found = Vec::new();
    collect(schema, defs, &Map::new(), false, 0, &mut found)?;
    Some(found)
}

fn collect(
    schema: &Value,
    defs: &Map<String, Value>,
    around: &Map<String, Value>,
    in_union: bool,
    depth: usize,
    found: &mut Vec<Alternative>,
) -> Option<()> {
    if depth > DEEPEST || found.len() > MOST {
        return None;
    }
    let own = match schema {
        Value::Bool(false) => return Some(()),
        Value::Object(own) => own.clone(),
        // `true`
        _ => Map::new(),
    };
    let mut all = merge(around.clone(), own);
    if let Some(reference) = all.remove("$ref") {
        let target = defs.get(&definition(reference.as_str()?)?)?;
        return collect(target, defs, &all, in_union, depth + 1, found);
    }
    if let Some(Value::Array(parts)) = all.remove("allOf") {
        let Some((first, rest)) = parts.split_first() else {
            return collect(&Value::Object(all), defs, &Map::new(), in_union, depth + 1, found);
        };
        // One part after the other: each may be a union itself.
        let mut firsts = Vec::new();
        collect(first, defs, &all, in_union, depth + 1, &mut firsts)?;
        for alternative in firsts {
            let mut schema = alternative.schema;
            if !rest.is_empty() {
                schema.insert("allOf".to_owned(), rest.to_vec().into());
            }
            collect(&Value::Object(schema), defs, &Map::new(), in_union, depth + 1, found)?;
        }
        return Some(());
    }
    for union in ["oneOf", "anyOf"] {
        if let Some(Value::Array(branches)) = all.remove(union) {
            for branch in &branches {
                collect(branch, defs, &all, true, depth + 1, found)?;
            }
            return Some(());
        }
    }
    split(&all, in_union, found);
    Some(())
}

/// A schema without references and compositions, one alternative for each of its types or values.
fn split(schema: &Map<String, Value>, in_union: bool, found: &mut Vec<Alternative>) {
    let values = match (schema.get("const"), schema.get("enum")) {
        (Some(value), _) => Some(vec![value.clone()]),
        (None, Some(Value::Array(values))) => Some(values.clone()),
        (None, _) => None,
    };
    if let Some(values) = values {
        found.extend(values.into_iter().map(|value| Alternative {
            label: if value.is_null() { Label::Null } else { Label::Literal(value.to_string()) },
            schema: Map::new(),
        }));
        return;
    }
    let types: Vec<&str> = match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ if schema.contains_key("properties") => vec!["object"],
        _ if schema.contains_key("items") || schema.contains_key("prefixItems") => vec!["array"],
        _ => vec!["any"],
    };
    for name in types {
        let label = match name {
            "null" => Label::Null,
            "boolean" => Label::Boolean,
            "integer" => Label::Integer,
            "number" => Label::Number,
            "string" => Label::String,
            "array" => Label::Array,
            "object" => object(schema, in_union),
            _ => Label::Any,
        };
        found.push(Alternative { label, schema: schema.clone() });
    }
}

fn object(schema: &Map<String, Value>, in_union: bool) -> Label {
    if let Some((field, value)) = tag(schema) {
        return Label::Tagged(field.to_owned(), value.to_string());
    }
    let fields = schema.get("properties").and_then(Value::as_object);
    match (fields.map(|fields| fields.keys().collect::<Vec<_>>()).as_deref(), in_union) {
        (Some([only]), true) if required(schema).contains(only.as_str()) => Label::Keyed((*only).clone()),
        _ => Label::Object,
    }
}

/// The first field, by name, that always has one value: the tag of a variant.
pub(super) fn tag(schema: &Map<String, Value>) -> Option<(&str, &Value)> {
    let fields = schema.get("properties")?.as_object()?;
    let required = required(schema);
    let mut tags: Vec<_> = fields
        .iter()
        .filter(|(field, _)| required.contains(field.as_str()))
        .filter_map(|(field, schema)| Some((field.as_str(), constant(schema)?)))
        .collect();
    tags.sort_by_key(|(field, _)| *field);
    tags.first().copied()
}

/// The only value that a schema allows, if it is text.
fn constant(schema: &Value) -> Option<&Value> {
    let one = || match schema.get("enum")?.as_array()?.as_slice() {
        [one] => Some(one),
        _ => None,
    };
    schema.get("const").or_else(one).filter(|value| value.is_string())
}

/// The fields that are always there.
pub(super) fn required(schema: &Map<String, Value>) -> BTreeSet<&str> {
    schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Both at once, for what derived schemas say in two places: fields are united, two unions become an `allOf`, and of anything
/// else the inner one counts.
fn merge(mut outer: Map<String, Value>, inner: Map<String, Value>) -> Map<String, Value> {
    for (key, value) in inner {
        match (outer.get_mut(&key), value) {
            (Some(Value::Object(outer)), Value::Object(inner)) if key == "properties" => outer.extend(inner),
            (Some(Value::Array(outer)), Value::Array(inner)) if key == "required" || key == "allOf" => {
                outer.extend(inner);
            }
            (Some(union), value) if key == "oneOf" || key == "anyOf" => {
                let both = [union.take(), value].map(|union| json!({ key.as_str(): union }));
                outer.remove(&key);
                match outer.entry("allOf").or_insert_with(|| json!([])) {
                    Value::Array(parts) => parts.extend(both),
                    other => *other = json!(both),
                }
            }
            (_, value) => {
                outer.insert(key, value);
            }
        }
    }
    outer
}

/// The name in `#/$defs/Name`.
fn definition(reference: &str) -> Option<String> {
    Some(reference.strip_prefix("#/$defs/")?.replace("~1", "/").replace("~0", "~"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(schema: &Value) -> Option<Vec<String>> {
        let defs = json!({
            "Side": {"type": "string", "enum": ["buy", "sell"]},
            "Loop": {"$ref": "#/$defs/Loop"},
            "A": {"type": "object", "properties": {"a": {}}},
        });
        let found = alternatives(schema, defs.as_object().unwrap())?;
        Some(found.iter().map(|alternative| alternative.label.describe()).collect())
    }

    #[test]
    fn unions_of_all_kinds_become_alternatives() {
        let optional = json!({"anyOf": [{"$ref": "#/$defs/Side"}, {"type": "null"}]});
        assert_eq!(labels(&optional).unwrap(), [r#"`"buy"`"#, r#"`"sell"`"#, "`null`"]);
        let types = json!({"type": ["integer", "null"]});
        assert_eq!(labels(&types).unwrap(), ["an integer", "`null`"]);
        let tagged = json!({"oneOf": [
            {"type": "object", "properties": {"kind": {"const": "a"}}, "required": ["kind"]},
            {"type": "object", "properties": {"b": {"type": "string"}}, "required": ["b"]},
            {"const": "c"},
        ]});
        let words = [r#"an object with `kind`: `"a"`"#, "an object with only `b`", r#"`"c"`"#];
        assert_eq!(labels(&tagged).unwrap(), words);
    }

    #[test]
    fn a_flattened_enum_brings_its_fields_to_each_alternative() {
        let schema = json!({
            "type": "object",
            "properties": {"at": {"type": "integer"}},
            "required": ["at"],
            "allOf": [{"$ref": "#/$defs/A"}, {"oneOf": [
                {"type": "object", "properties": {"kind": {"const": "x"}}, "required": ["kind"]},
                {"type": "object", "properties": {"kind": {"const": "y"}}, "required": ["kind"]},
            ]}],
        });
        let found =
            alternatives(&schema, json!({"A": {"properties": {"a": {}}}}).as_object().unwrap()).unwrap();
        assert_eq!(found.len(), 2);
        for alternative in found {
            let fields: Vec<_> = alternative.schema["properties"].as_object().unwrap().keys().collect();
            assert_eq!(fields.len(), 3, "{fields:?}");
            assert_eq!(required(&alternative.schema).len(), 2);
        }
    }

    #[test]
    fn two_unions_at_one_place_are_both_heard() {
        let union = |keyword: &str, names: [&str; 2]| {
            let variant = |name: &str| json!({"properties": {name: {"const": name}}, "required": [name]});
            json!({keyword: names.map(variant)})
        };
        let mut schema = union("oneOf", ["a", "b"]);
        schema["oneOf"][0]["anyOf"] = union("anyOf", ["c", "d"])["anyOf"].clone();
        schema["anyOf"] = union("anyOf", ["e", "f"])["anyOf"].clone();
        let found = alternatives(&schema, &Map::new()).unwrap();
        let fields = |one: &Alternative| required(&one.schema).into_iter().collect::<String>();
        let mut fields: Vec<_> = found.iter().map(fields).collect();
        fields.sort();
        assert_eq!(fields, ["ace", "acf", "ade", "adf", "be", "bf"]);
    }

    #[test]
    fn what_leads_nowhere_or_round_is_none() {
        assert_eq!(labels(&json!({"$ref": "#/$defs/Loop"})), None);
        assert_eq!(labels(&json!({"$ref": "#/$defs/Missing"})), None);
        let two = json!({"oneOf": [{"const": 1}, {"const": 2}]});
        assert_eq!(labels(&json!({"allOf": vec![two; 12]})), None);
    }
}
