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
        // `additionalProperties` is about all but the `properties` beside it, those of the parts in `allOf` included.
        if self.schema.contains_key("allOf") {
            if let Some(others) = self.schema.remove("additionalProperties") {
                self.schema.insert("unevaluatedProperties".into(), others);
            }
        }
        self.schema.insert("type".into(), "object".into());
        if !self.required.is_empty() {
            self.schema.insert("required".into(), self.required.into());
        }
        self.schema.into()
    }
}

#[cfg(test)]
mod tests {
    use schemars::{SchemaGenerator, json_schema};

    use super::*;

    /// A map beside an enum: the members of the enum are none of the map's.
    #[test]
    fn what_a_map_says_of_others_is_not_about_the_members_of_an_enum() {
        let generator = SchemaGenerator::default();
        let variants = json_schema!({ "oneOf": [{ "properties": { "kind": { "const": "a" } } }] });
        let map = json_schema!({ "type": "object", "additionalProperties": { "type": "boolean" } });
        for order in [[&variants, &map], [&map, &variants]] {
            let mut object = ObjectSchema::default();
            for schema in order {
                object.flatten(schema.clone(), &generator);
            }
            let schema = object.end();
            assert_eq!(schema.get("unevaluatedProperties"), map.get("additionalProperties"));
            assert_eq!(schema.get("additionalProperties"), None);
        }
        let mut object = ObjectSchema::default();
        object.flatten(map.clone(), &generator);
        assert_eq!(object.end().get("additionalProperties"), map.get("additionalProperties"));
    }
}
