//! The schema of a value that serde flattens into the object around it.

use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// Adds to an object what a flattened value writes. A value of more than one shape becomes an entry of `allOf`.
pub(super) fn flatten(
    object: &mut Map<String, Value>,
    required: &mut Vec<Value>,
    schema: Schema,
    generator: &SchemaGenerator,
) {
    let value = resolved(schema.to_value(), generator);
    let (value, is_optional) = without_null(value, generator);
    let Value::Object(mut flat) = closed_to_none(value) else {
        // Any value: members that nobody knows.
        object.insert("additionalProperties".into(), true.into());
        return;
    };
    if let Some(Value::Object(properties)) = flat.remove("properties") {
        let own = object.entry("properties").or_insert_with(|| Map::new().into());
        if let Value::Object(own) = own {
            own.extend(properties);
        }
    }
    if let Some(Value::Array(names)) = flat.remove("required").filter(|_| !is_optional) {
        required.extend(names);
    }
    for keyword in ["additionalProperties", "patternProperties", "unevaluatedProperties"] {
        if let Some(members) = flat.remove(keyword) {
            object.entry(keyword).or_insert(members);
        }
    }
    let mut all = Vec::new();
    if let Some(Value::Array(parts)) = flat.remove("allOf") {
        all.extend(parts);
    }
    for keyword in ["oneOf", "anyOf"] {
        let Some(Value::Array(shapes)) = flat.remove(keyword) else { continue };
        let mut shapes: Vec<_> = shapes.into_iter().flat_map(as_members).collect();
        if is_optional {
            shapes.push(json!({}));
        }
        // With the empty one, several fit at once.
        let keyword = if is_optional { "anyOf" } else { keyword };
        all.push(json!({ keyword: shapes }));
    }
    if flat.get("type").and_then(Value::as_str) == Some("string") {
        all.push(json!({ "oneOf": as_members(Value::Object(flat)) }));
    }
    if !all.is_empty() {
        let own = object.entry("allOf").or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(own) = own {
            own.extend(all);
        }
    }
}

/// The schema that a reference stands for.
fn resolved(value: Value, generator: &SchemaGenerator) -> Value {
    let name = value.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next());
    name.and_then(|name| generator.definitions().get(name)).cloned().unwrap_or(value)
}

/// The same without `null`, which writes nothing where it is flattened, and whether there was one.
fn without_null(mut value: Value, generator: &SchemaGenerator) -> (Value, bool) {
    let is_null = |schema: &Value| schema.get("type").and_then(Value::as_str) == Some("null");
    if let Some(Value::Array(kinds)) = value.get_mut("type") {
        let before = kinds.len();
        kinds.retain(|kind| kind != "null");
        return if kinds.len() < before { (value, true) } else { (value, false) };
    }
    if let Some(Value::Array(shapes)) = value.get_mut("anyOf") {
        let before = shapes.len();
        shapes.retain(|shape| !is_null(shape));
        let is_optional = shapes.len() < before;
        if let [one] = shapes.as_mut_slice() {
            return (resolved(one.take(), generator), is_optional);
        }
        return (value, is_optional);
    }
    (value, false)
}

/// The same for an object that others have members in, too.
fn closed_to_none(mut value: Value) -> Value {
    match &mut value {
        Value::Object(members) => {
            members.retain(|name, member| name != "additionalProperties" || *member != Value::Bool(false));
            for keyword in ["oneOf", "anyOf", "allOf"] {
                if let Some(Value::Array(shapes)) = members.get_mut(keyword) {
                    for shape in shapes {
                        *shape = closed_to_none(shape.take());
                    }
                }
            }
            value
        }
        _ => value,
    }
}

/// A unit variant is a string by itself, and flattened a member without a value: `{"Variant": null}`.
fn as_members(shape: Value) -> Vec<Value> {
    let is_string = shape.get("type").and_then(Value::as_str) == Some("string");
    let names: Vec<_> = match (shape.get("const"), shape.get("enum")) {
        (Some(Value::String(name)), _) => vec![name.clone()],
        (None, Some(Value::Array(names))) => {
            names.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    };
    if !is_string || names.is_empty() {
        return vec![shape];
    }
    let member = |name: String| json!({ "type": "object", "properties": { &name: { "type": "null" } }, "required": [name] });
    names.into_iter().map(member).collect()
}
