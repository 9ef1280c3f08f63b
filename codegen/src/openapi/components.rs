//! The schemas of a document, under names that do not clash.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use typed_sse_core::schema::SchemaCatalogue;
use typed_sse_core::schema::schemars::Schema;

use super::names::legal;

/// Where a document of OpenAPI and of AsyncAPI keeps its schemas.
const PREFIX: &str = "#/components/schemas/";

/// Schemas that refer to each other, each by a key that only they have.
#[derive(Default)]
pub(crate) struct Schemas(BTreeMap<String, Wish>);

struct Wish {
    name: String,
    schema: Value,
}

impl Schemas {
    /// The definitions of a catalogue, their names as keys.
    pub(crate) fn of(catalogue: &SchemaCatalogue) -> Self {
        let definitions = catalogue.definitions().iter();
        Self(
            definitions
                .map(|(name, schema)| {
                    (name.clone(), Wish { name: name.clone(), schema: schema.as_value().clone() })
                })
                .collect(),
        )
    }

    /// Writes each of them anew.
    pub(crate) fn each(&mut self, write: impl Fn(&Value) -> Value) {
        for wish in self.0.values_mut() {
            wish.schema = write(&wish.schema);
        }
    }

    /// Whether a document has this schema under that name, and what it refers to as well. `assumed` are pairs that are being
    /// compared: of types that contain themselves.
    fn is_there(
        &self,
        key: &str,
        name: &str,
        taken: &Map<String, Value>,
        assumed: &mut BTreeSet<(String, String)>,
    ) -> bool {
        let (Some(wish), Some(there)) = (self.0.get(key), taken.get(name)) else { return false };
        !assumed.insert((key.to_owned(), name.to_owned()))
            || says_the_same(&wish.schema, there, &mut |key, name| self.is_there(key, name, taken, assumed))
    }

    /// Adds a schema that wishes to be called so, and returns a reference to it. One that is there under that name is another one.
    pub(crate) fn add(&mut self, name: String, schema: Value) -> Value {
        let key = free_name(&name, |key| self.0.contains_key(key));
        let reference = reference(&key);
        self.0.insert(key, Wish { name, schema });
        reference
    }
}

/// Schemas with the names that they have in a document.
pub(crate) struct Components {
    /// The key of each schema, and its name there.
    names: BTreeMap<String, String>,
    schemas: BTreeMap<String, Value>,
}

impl Components {
    /// Gives each schema the name that it wishes, or one with a number behind it where `taken` has another schema of that name. What
    /// `taken` has in the same words is shared.
    ///
    /// References in `schemas` have the form `#/$defs/key`.
    pub(crate) fn new(schemas: &Schemas, taken: &Map<String, Value>) -> Self {
        let mut names: BTreeMap<String, String> = BTreeMap::new();
        for (key, wish) in &schemas.0 {
            let name = free_name(&legal(&wish.name), |name| {
                let is_own = names.values().any(|other| other == name);
                is_own
                    || (taken.contains_key(name) && !schemas.is_there(key, name, taken, &mut BTreeSet::new()))
            });
            names.insert(key.clone(), name);
        }
        let schemas = schemas.0.iter();
        let schemas =
            schemas.map(|(key, wish)| (names[key].clone(), rewritten(&wish.schema, &names))).collect();
        Self { names, schemas }
    }

    /// The same schema, its references those of the document.
    pub(crate) fn rewritten(&self, schema: &Value) -> Value {
        rewritten(schema, &self.names)
    }

    pub(crate) fn into_schemas(self) -> BTreeMap<String, Value> {
        self.schemas
    }
}

/// Whether two schemas say the same, where references say it if `same` says so of what they refer to: a key, and a name.
fn says_the_same(own: &Value, there: &Value, same: &mut dyn FnMut(&str, &str) -> bool) -> bool {
    match (own, there) {
        (Value::Object(own), Value::Object(there)) => {
            own.len() == there.len()
                && own.iter().all(|(word, own)| match (own, there.get(word)) {
                    (Value::String(own), Some(Value::String(there))) if word == "$ref" => {
                        match (definition(own), there.strip_prefix(PREFIX)) {
                            (Some(key), Some(name)) => same(&key, name),
                            _ => own == there,
                        }
                    }
                    (own, Some(there)) => says_the_same(own, there, same),
                    (_, None) => false,
                })
        }
        (Value::Array(own), Value::Array(there)) => {
            own.len() == there.len()
                && own.iter().zip(there).all(|(own, there)| says_the_same(own, there, same))
        }
        (own, there) => own == there,
    }
}

fn reference(name: &str) -> Value {
    let escaped = name.replace('~', "~0").replace('/', "~1").replace('%', "%25");
    serde_json::json!({"$ref": format!("#/$defs/{escaped}")})
}

fn free_name(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    if !is_taken(name) {
        return name.to_owned();
    }
    let mut number = 2_u64;
    loop {
        let name = format!("{name}{number}");
        if !is_taken(&name) {
            return name;
        }
        number += 1;
    }
}

fn rewritten(schema: &Value, names: &BTreeMap<String, String>) -> Value {
    match schema {
        Value::Object(members) => {
            let members = members.iter().map(|(key, value)| {
                let value = match (key.as_str(), value) {
                    ("$ref", Value::String(target)) => {
                        match definition(target).and_then(|name| names.get(&name)) {
                            Some(name) => format!("{PREFIX}{name}").into(),
                            None => value.clone(),
                        }
                    }
                    // Values, no schemas: what looks like a reference there is none.
                    ("const" | "enum" | "default" | "example" | "examples", value) => value.clone(),
                    // Whatever fields are called, what they are is a schema.
                    ("properties" | "patternProperties" | "dependentSchemas", Value::Object(fields)) => {
                        fields.iter().map(|(name, field)| (name.clone(), rewritten(field, names))).collect()
                    }
                    (_, value) => rewritten(value, names),
                };
                (key.clone(), value)
            });
            Value::Object(members.collect())
        }
        Value::Array(items) => items.iter().map(|item| rewritten(item, names)).collect(),
        other => other.clone(),
    }
}

/// The name in `#/$defs/Name`.
fn definition(target: &str) -> Option<String> {
    let schema = Schema::try_from(serde_json::json!({"$ref": target})).ok()?;
    SchemaCatalogue::reference(&schema)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn components(schemas: &Value, taken: &Value) -> Value {
        let schemas = schemas.as_object().unwrap().clone().into_iter();
        let schemas = Schemas(schemas.map(|(name, schema)| (name.clone(), Wish { name, schema })).collect());
        let components = Components::new(&schemas, taken.as_object().unwrap());
        components.into_schemas().into_iter().collect::<Map<_, _>>().into()
    }

    #[test]
    fn references_lead_to_the_document() {
        let schemas = json!({
            "Tree": {"properties": {"next": {"$ref": "#/$defs/Tree"}, "$ref": {"$ref": "#/$defs/a~1b%25"}, "x": {"const": {"$ref": "#/$defs/Tree"}}}},
            "a/b%": {"type": "string"},
        });
        let wanted = json!({
            "Tree": {"properties": {
                "next": {"$ref": "#/components/schemas/Tree"},
                "$ref": {"$ref": "#/components/schemas/a_b_"},
                "x": {"const": {"$ref": "#/$defs/Tree"}},
            }},
            "a_b_": {"type": "string"},
        });
        assert_eq!(components(&schemas, &json!({})), wanted);
        assert_eq!(reference("a/b%"), json!({"$ref": "#/$defs/a~1b%25"}));
    }

    #[test]
    fn a_name_that_is_taken_gets_a_number_and_so_does_what_refers_to_it() {
        let schemas = json!({
            "Order": {"properties": {"side": {"$ref": "#/$defs/Side"}}},
            "Side": {"enum": ["buy", "sell"]},
            "Venue": {"type": "string"},
        });
        let taken = json!({
            "Order": {"properties": {"side": {"$ref": "#/components/schemas/Side"}}},
            "Side": {"enum": ["left", "right"]},
            "Side2": {"type": "null"},
            "Venue": {"type": "string"},
        });
        let wanted = json!({
            "Order2": {"properties": {"side": {"$ref": "#/components/schemas/Side3"}}},
            "Side3": {"enum": ["buy", "sell"]},
            "Venue": {"type": "string"},
        });
        assert_eq!(components(&schemas, &taken), wanted);
    }

    #[test]
    fn what_is_the_same_is_shared() {
        let schemas = json!({
            "Tree": {"properties": {"next": {"$ref": "#/$defs/Tree"}, "leaf": {"$ref": "#/$defs/Leaf"}}},
            "Leaf": {"properties": {"tree": {"$ref": "#/$defs/Tree"}}},
            "Side": {"enum": ["buy", "sell"]},
            "Order": {"properties": {"side": {"$ref": "#/$defs/Side"}}},
        });
        let once = components(&schemas, &json!({}));
        assert_eq!(components(&schemas, &once), once);
        // Also where a name was taken before.
        let taken = json!({"Side": {"enum": ["left", "right"]}, "Leaf": {"type": "null"}});
        let once = components(&schemas, &taken);
        let names: Vec<_> = once.as_object().unwrap().keys().collect();
        assert_eq!(names, ["Leaf2", "Order", "Side2", "Tree"]);
        let mut both = taken;
        both.as_object_mut().unwrap().extend(once.as_object().unwrap().clone());
        assert_eq!(components(&schemas, &both), once);
    }

    #[test]
    fn two_names_that_become_one_stay_two() {
        let schemas = json!({"a b": {"type": "string"}, "a?b": {"type": "null"}});
        assert_eq!(
            components(&schemas, &json!({})),
            json!({"a_b": {"type": "string"}, "a_b2": {"type": "null"}})
        );
    }
}
