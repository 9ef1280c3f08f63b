//! Where the integers are that JavaScript's numbers do not hold.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use typed_sse_core::schema::SchemaCatalogue;
use typed_sse_core::schema::schemars::Schema;

use super::types::is_wide;
use crate::Error;

/// The shape of a schema, in the words of `exact.ts`; none where it has no large integer.
pub(super) struct Shapes<'a> {
    pub(super) catalogue: &'a SchemaCatalogue,
    /// Definitions that have one somewhere.
    wide: BTreeSet<String>,
}

impl<'a> Shapes<'a> {
    pub(super) fn new(catalogue: &'a SchemaCatalogue) -> Self {
        let mut shapes = Self { catalogue, wide: BTreeSet::new() };
        // Definitions refer to each other: until no more are found.
        loop {
            let found: BTreeSet<_> = catalogue
                .definitions()
                .iter()
                .filter(|(_, schema)| shapes.has_wide(schema.as_value()))
                .map(|(name, _)| name.clone())
                .collect();
            if found == shapes.wide {
                return shapes;
            }
            shapes.wide = found;
        }
    }

    /// The definitions with a large integer, and the shape of each.
    ///
    /// # Errors
    ///
    /// As [`of`](Self::of).
    pub(super) fn definitions(&self) -> Result<Map<String, Value>, Error> {
        let mut all = Map::new();
        for name in &self.wide {
            if let Some(shape) =
                self.catalogue.definitions().get(name).map(|schema| self.of(schema.as_value()))
            {
                all.insert(name.clone(), shape?.unwrap_or_else(|| json!({})));
            }
        }
        Ok(all)
    }

    fn has_wide(&self, schema: &Value) -> bool {
        match schema {
            Value::Object(object) => {
                let reference = reference(object);
                reference.is_some_and(|name| self.wide.contains(&name))
                    || is_wide(object)
                    || object
                        .iter()
                        .any(|(word, value)| word != "const" && word != "enum" && self.has_wide(value))
            }
            Value::Array(items) => items.iter().any(|item| self.has_wide(item)),
            _ => false,
        }
    }

    /// The shape of one schema.
    ///
    /// # Errors
    ///
    /// If one place is a large integer in one case and another number in another: nobody could tell which it is.
    pub(super) fn of(&self, schema: &Value) -> Result<Option<Value>, Error> {
        let Some(object) = schema.as_object() else { return Ok(None) };
        if let Some(name) = reference(object) {
            return Ok(self.wide.contains(&name).then(|| json!({ "as": name })));
        }
        if !self.has_wide(schema) {
            return Ok(None);
        }
        if is_wide(object) {
            return Ok(Some(json!(1)));
        }
        let mut shape = Map::new();
        let mut members = Map::new();
        for (name, member) in object.get("properties").and_then(Value::as_object).into_iter().flatten() {
            if let Some(member) = self.of(member)? {
                members.insert(name.clone(), member);
            }
        }
        if !members.is_empty() {
            shape.insert("of".into(), members.into());
        }
        if let Some(Value::Array(first)) = object.get("prefixItems") {
            let items = first.iter().map(|item| Ok(self.of(item)?.unwrap_or_else(|| json!(0))));
            shape.insert("items".into(), Value::Array(items.collect::<Result<_, Error>>()?));
        }
        let patterns =
            object.get("patternProperties").and_then(Value::as_object).into_iter().flat_map(Map::values);
        for others in ["items", "additionalProperties", "unevaluatedProperties"]
            .into_iter()
            .filter_map(|word| object.get(word))
            .chain(patterns)
        {
            if let Some(others) = self.of(others)? {
                shape.insert("all".into(), others);
            }
        }
        let mut shape = Value::Object(shape);
        for shapes in ["oneOf", "anyOf", "allOf"].into_iter().filter_map(|word| object.get(word)?.as_array())
        {
            for case in shapes {
                if let Some(case) = self.of(case)? {
                    shape = self.joined(shape, case)?;
                }
            }
        }
        self.check_apart(object)?;
        Ok(Some(shape))
    }

    /// Both at once, since it is not known which case a value is.
    fn joined(&self, one: Value, other: Value) -> Result<Value, Error> {
        match (self.opened(one), self.opened(other)) {
            (Value::Object(one), other) if one.is_empty() => Ok(other),
            (Value::Object(mut one), Value::Object(other)) => {
                for (word, value) in other {
                    let joined = match (one.remove(&word), value) {
                        (None, value) => value,
                        (Some(Value::Object(mut members)), Value::Object(others)) if word == "of" => {
                            for (name, shape) in others {
                                let joined = match members.remove(&name) {
                                    Some(known) => self.joined(known, shape)?,
                                    None => shape,
                                };
                                members.insert(name, joined);
                            }
                            members.into()
                        }
                        (Some(known), value) if known == value => known,
                        (Some(known), value) if word == "all" => self.joined(known, value)?,
                        _ => return Err(mixed("an item")),
                    };
                    one.insert(word, joined);
                }
                Ok(Value::Object(one))
            }
            (one, other) if one == other => Ok(one),
            // A large integer is no object, so that there is no doubt which of the two a value is; but there is no word for both.
            _ => Err(mixed("a value")),
        }
    }

    /// A shape in place of its name, so that it can be joined with another.
    fn opened(&self, shape: Value) -> Value {
        let name = shape.get("as").and_then(Value::as_str);
        let schema = name.and_then(|name| self.catalogue.definitions().get(name));
        let is_recursive = |schema: &Schema| {
            schema.as_value().to_string().contains(&format!("/{}\"", name.unwrap_or_default()))
        };
        match schema {
            // One within itself stays a name.
            Some(schema) if !is_recursive(schema) => {
                self.of(schema.as_value()).ok().flatten().unwrap_or(shape)
            }
            _ => shape,
        }
    }

    /// Of several cases, none has another number where one has a large integer.
    fn check_apart(&self, object: &Map<String, Value>) -> Result<(), Error> {
        for cases in ["oneOf", "anyOf"].into_iter().filter_map(|word| object.get(word)?.as_array()) {
            let cases: Vec<_> = cases.iter().map(|case| self.resolved(case)).collect();
            let wide_here = cases.iter().any(|case| case.as_object().is_some_and(is_wide));
            if wide_here && cases.iter().any(is_narrow) {
                return Err(mixed("a value"));
            }
            for (name, member) in
                cases.iter().filter_map(|case| case.get("properties")?.as_object()).flatten()
            {
                let is_narrow = is_narrow(&self.resolved(member));
                let is_wide_elsewhere = || {
                    let others = cases.iter().filter_map(|case| case.get("properties")?.get(name));
                    others.into_iter().any(|other| self.resolved(other).as_object().is_some_and(is_wide))
                };
                if is_narrow && is_wide_elsewhere() {
                    return Err(mixed(&format!("`{name}`")));
                }
            }
        }
        Ok(())
    }

    fn resolved(&self, schema: &Value) -> Value {
        let schema = Schema::try_from(schema.clone()).unwrap_or_default();
        self.catalogue.resolve(&schema).clone().to_value()
    }
}

fn is_narrow(schema: &Value) -> bool {
    let kind = |kind: &Value| kind == "integer" || kind == "number";
    let is_number = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().any(kind),
        Some(one) => kind(one),
        None => false,
    };
    is_number && !schema.as_object().is_some_and(is_wide)
}

fn reference(object: &Map<String, Value>) -> Option<String> {
    let schema = Schema::try_from(json!({ "$ref": object.get("$ref")? })).ok()?;
    SchemaCatalogue::reference(&schema)
}

fn mixed(what: &str) -> Error {
    Error::unsupported(format!(
        "{what} is an integer of 64 bits or more in one case of an enum and another number in another, which a client that keeps \
         all digits could not tell apart\n\
         help: give the two one type, or other names, or generate with `Integers::Number`"
    ))
}
