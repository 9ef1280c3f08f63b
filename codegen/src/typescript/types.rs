//! JSON Schema as TypeScript.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use typed_sse_core::schema::schemars::Schema;

use super::names::{key, string};
use super::{Integers, comment};

/// How the schemas of one module become types.
pub(super) struct Types<'a> {
    /// What each definition is called.
    pub(super) names: &'a BTreeMap<String, String>,
    pub(super) integers: Integers,
}

/// A type, and how tightly it holds together.
struct Type {
    text: String,
    binds: Binds,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binds {
    Union,
    Intersection,
    Atom,
}

impl Types<'_> {
    /// The type of a schema, its lines behind the first indented by `depth`.
    pub(super) fn of(&self, schema: &Value, depth: usize) -> String {
        self.type_of(schema, depth).text
    }

    /// Whether a schema is an object that can be an `interface`.
    pub(super) fn is_interface(schema: &Value) -> bool {
        let Some(object) = schema.as_object() else { return false };
        let is_plain = !["oneOf", "anyOf", "allOf", "$ref", "const", "enum"]
            .iter()
            .any(|word| object.contains_key(*word));
        is_plain
            && object.get("type").is_some_and(|kind| kind == "object")
            && object.contains_key("properties")
    }

    fn type_of(&self, schema: &Value, depth: usize) -> Type {
        let object = match schema {
            Value::Bool(false) => return atom("never"),
            Value::Object(object) => object,
            _ => return atom("unknown"),
        };
        if let Some(reference) = object.get("$ref") {
            let schema = Schema::try_from(serde_json::json!({ "$ref": reference })).unwrap_or_default();
            let name = typed_sse_core::schema::SchemaCatalogue::reference(&schema);
            let name = name.and_then(|name| self.names.get(&name));
            return atom(name.map_or("unknown", String::as_str));
        }
        if let Some(value) = object.get("const") {
            return atom(literal(value));
        }
        if let Some(Value::Array(values)) = object.get("enum") {
            return union(values.iter().map(|value| atom(literal(value))));
        }
        let mut parts = Vec::new();
        let shapes = ["oneOf", "anyOf"].into_iter().filter_map(|word| object.get(word)?.as_array());
        for shapes in shapes {
            parts.push(union(shapes.iter().map(|shape| self.type_of(shape, depth))));
        }
        if let Some(all) = object.get("allOf").and_then(Value::as_array) {
            parts.extend(all.iter().map(|shape| self.type_of(shape, depth)));
        }
        let has_members =
            ["properties", "additionalProperties", "patternProperties", "unevaluatedProperties"]
                .iter()
                .any(|word| object.contains_key(*word));
        match object.get("type") {
            // Beside its shapes, an object says nothing by being one.
            Some(Value::String(kind)) if kind == "object" && !parts.is_empty() && !has_members => {}
            Some(Value::String(kind)) => parts.insert(0, self.kind(kind, object, depth)),
            Some(Value::Array(kinds)) => {
                let kinds = kinds.iter().filter_map(Value::as_str).map(|kind| self.kind(kind, object, depth));
                parts.insert(0, union(kinds));
            }
            _ if has_members => parts.insert(0, self.object(object, depth)),
            _ => {}
        }
        // What can be anything says nothing beside others.
        if parts.len() > 1 {
            parts.retain(|part| part.text != "unknown");
        }
        intersection(parts)
    }

    fn kind(&self, kind: &str, schema: &Map<String, Value>, depth: usize) -> Type {
        match kind {
            "integer" if is_wide(schema) => atom(self.integers.name()),
            "integer" | "number" => atom("number"),
            "string" | "boolean" | "null" => atom(kind),
            "array" => self.array(schema, depth),
            "object" => self.object(schema, depth),
            _ => atom("unknown"),
        }
    }

    fn array(&self, schema: &Map<String, Value>, depth: usize) -> Type {
        let rest = schema.get("items").filter(|items| **items != Value::Bool(false));
        let Some(Value::Array(first)) = schema.get("prefixItems") else {
            let item = rest.map_or_else(|| atom("unknown"), |item| self.type_of(item, depth));
            return self.list(schema, &item);
        };
        let mut items: Vec<_> = first.iter().map(|item| self.of(item, depth)).collect();
        let is_closed = schema.get("maxItems").and_then(Value::as_u64) == u64::try_from(first.len()).ok();
        if let (Some(rest), false) = (rest, is_closed) {
            items.push(format!("...{}[]", within(&self.type_of(rest, depth), Binds::Atom)));
        }
        atom(format!("[{}]", items.join(", ")))
    }

    /// An array of Rust's has as many items as its type says.
    fn list(&self, schema: &Map<String, Value>, item: &Type) -> Type {
        let count = |word| schema.get(word).and_then(Value::as_u64);
        let item_text = within(item, Binds::Atom);
        match (count("minItems"), count("maxItems")) {
            (Some(least), Some(most)) if least == most && most <= 8 => {
                let count = usize::try_from(most).unwrap_or_default();
                atom(format!("[{}]", vec![item.text.as_str(); count].join(", ")))
            }
            _ => atom(format!("{item_text}[]")),
        }
    }

    fn object(&self, schema: &Map<String, Value>, depth: usize) -> Type {
        let empty = Map::new();
        let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&empty);
        let others = self.others(schema, depth);
        if properties.is_empty() {
            return match others {
                Some(other) => atom(format!("Record<string, {}>", other.text)),
                None if schema.get("additionalProperties") == Some(&Value::Bool(false)) => {
                    atom("Record<string, never>")
                }
                None => atom("Record<string, unknown>"),
            };
        }
        let required: Vec<_> = schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        // Those that are always there stand in the order of their declaration, which `required` keeps; the others follow.
        let declared = required.iter().filter_map(|name| properties.get_key_value(*name));
        let optional = properties.iter().filter(|(name, _)| !required.contains(&name.as_str()));
        let indent = "  ".repeat(depth + 1);
        let mut text = "{\n".to_owned();
        for (name, member) in declared.chain(optional) {
            let mark = if required.contains(&name.as_str()) { "" } else { "?" };
            text.push_str(&comment(&docs(member), depth + 1));
            text.push_str(&format!("{indent}{}{mark}: {};\n", key(name), self.of(member, depth + 1)));
        }
        if others.is_some() {
            // It would have to fit the members above, too.
            text.push_str(&format!("{indent}[key: string]: unknown;\n"));
        }
        text.push_str(&format!("{}}}", "  ".repeat(depth)));
        atom(text)
    }

    /// What members have that are not named.
    fn others(&self, schema: &Map<String, Value>, depth: usize) -> Option<Type> {
        let named =
            schema.get("patternProperties").and_then(Value::as_object).into_iter().flat_map(Map::values);
        let others =
            ["additionalProperties", "unevaluatedProperties"].iter().filter_map(|word| schema.get(*word));
        let others = others.filter(|others| **others != Value::Bool(false));
        let types: Vec<_> = named.chain(others).map(|other| self.type_of(other, depth)).collect();
        (!types.is_empty()).then(|| union(types.into_iter()))
    }
}

/// Whether an integer can be one that a JavaScript number does not hold.
pub(super) fn is_wide(schema: &Map<String, Value>) -> bool {
    let format = schema.get("format").and_then(Value::as_str);
    let is_wide = matches!(format, Some("int64" | "uint64" | "int128" | "uint128" | "int" | "uint"));
    let is_safe = |word| schema.get(word).and_then(Value::as_f64).is_some_and(|limit| limit.abs() <= SAFE);
    is_wide && !(is_safe("minimum") && is_safe("maximum"))
}

/// `Number.MAX_SAFE_INTEGER`.
const SAFE: f64 = 9_007_199_254_740_991.0;

/// What a schema says in words.
pub(super) fn docs(schema: &Value) -> String {
    let words = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    let is_deprecated = schema.get("deprecated") == Some(&Value::Bool(true));
    match (words, is_deprecated) {
        (words, false) => words.to_owned(),
        ("", true) => "@deprecated".to_owned(),
        (words, true) => format!("{words}\n\n@deprecated"),
    }
}

fn literal(value: &Value) -> String {
    match value {
        Value::String(text) => string(text),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(_) | Value::Object(_) => "unknown".to_owned(),
    }
}

fn atom(text: impl Into<String>) -> Type {
    Type { text: text.into(), binds: Binds::Atom }
}

fn union(types: impl Iterator<Item = Type>) -> Type {
    let mut texts: Vec<String> = Vec::new();
    for ty in types {
        let text = within(&ty, Binds::Intersection);
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    match texts.as_slice() {
        [] => atom("never"),
        [_] => Type { text: texts.concat(), binds: Binds::Intersection },
        _ => Type { text: texts.join(" | "), binds: Binds::Union },
    }
}

fn intersection(mut types: Vec<Type>) -> Type {
    match types.len() {
        0 => atom("unknown"),
        1 => types.remove(0),
        _ => {
            let texts: Vec<_> = types.into_iter().map(|ty| within(&ty, Binds::Intersection)).collect();
            Type { text: texts.join(" & "), binds: Binds::Intersection }
        }
    }
}

/// In parentheses where it would fall apart beside what binds so.
fn within(ty: &Type, least: Binds) -> String {
    if ty.binds < least { format!("({})", ty.text) } else { ty.text.clone() }
}
