//! The schema of an object that is made of the fields of a variant.

use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value};

use super::flatten::flatten;

/// An object in the making.
#[derive(Debug, Default)]
pub struct ObjectSchema {
    schema: Map<String, Value>,
    required: Vec<Value>,
}

impl ObjectSchema {
    /// Adds a member; one that is `required` is written always.
    pub fn member(&mut self, name: &str, schema: Schema, required: bool) {
        let properties = self.schema.entry("properties").or_insert_with(|| Map::new().into());
        if let Value::Object(properties) = properties {
            properties.insert(name.to_owned(), schema.to_value());
        }
        if required {
            self.required.push(name.into());
        }
    }

    /// Adds the members of a value that is written into this object.
    pub fn flatten(&mut self, schema: Schema, generator: &SchemaGenerator) {
        flatten(&mut self.schema, &mut self.required, schema, generator);
    }

    pub fn end(mut self) -> Schema {
        self.schema.insert("type".into(), "object".into());
        if !self.required.is_empty() {
            self.schema.insert("required".into(), self.required.into());
        }
        self.schema.into()
    }
}
