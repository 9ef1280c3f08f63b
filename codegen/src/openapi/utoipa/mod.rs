//! Into utoipa's types.

mod rewrite;

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize as _, Serialize};
use serde_json::{Map, Value};
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::{Components, ContentBuilder, OpenApi, OpenApiVersion, RefOr, Response, Schema};

use super::Stream;
use crate::Error;
use rewrite::rewrite;

#[cfg_attr(docsrs, doc(cfg(feature = "utoipa")))]
impl Stream {
    /// Puts the operation into a document of utoipa 6, and its schemas among those that are there, by the rules of
    /// [`insert_into`](Self::insert_into). The document becomes one of 3.2.
    ///
    /// utoipa's `Schema` drops silently what it has no word for, `const` for one, when JSON is read into it. Here `const: x`
    /// becomes `enum: [x]`, other words find one that means the same, and what finds none is an error. (utoipa writes schemas without a
    /// type, and cannot read them again: keep the value, do not go through JSON.)
    ///
    /// ```
    /// use typed_sse_codegen::openapi::Stream;
    /// use utoipa::openapi::{InfoBuilder, OpenApiBuilder};
    /// # use typed_sse_core::schema::SchemaCatalogue;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let catalogue = SchemaCatalogue::from_json(r#"{"name": "Market", "events": []}"#)?;
    ///
    /// // `ApiDoc::openapi()`
    /// let info = InfoBuilder::new().title("Market").version("1.0.0").build();
    /// let mut document = OpenApiBuilder::new().info(info).build();
    /// // `SchemaCatalogue::of::<Market>()`
    /// Stream::get("/prices", &catalogue).insert_into_utoipa(&mut document)?;
    /// assert!(document.paths.paths["/prices"].get.is_some());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If a schema says what utoipa's types have no word for, as `patternProperties`: with the place. If the path does not begin
    /// with `/`.
    pub fn insert_into_utoipa(&self, document: &mut OpenApi) -> Result<(), Error> {
        let path = self.openapi_path()?;
        // utoipa writes 3.1, which has no `itemSchema`, unless it is told to.
        document.openapi = OpenApiVersion::Version32;
        let components = document.components.get_or_insert_with(Components::default);
        let taken = taken(components)?;
        let fragment = self.fragment_beside(&taken, written);
        let response = response(&fragment.response)?;
        let mut schemas = BTreeMap::new();
        for (name, value) in &fragment.schemas {
            // One that is there in the same words stays.
            if !taken.contains_key(name) {
                schemas.insert(name.clone(), schema(value, &format!("#/components/schemas/{name}"))?);
            }
        }
        components.schemas.extend(schemas);
        let item = document.paths.paths.entry(path).or_default();
        let operation = if self.method == "post" { &mut item.post } else { &mut item.get };
        let operation = match operation {
            Some(operation) => operation,
            None => operation.insert(self.utoipa_operation()?),
        };
        let parameters = operation.parameters.get_or_insert_with(Vec::new);
        for value in self.parameters() {
            let parameter = parameter(value)?;
            let is_same = |other: &RefOr<Parameter>| match other {
                RefOr::T(other) => is_same(other, &parameter),
                RefOr::Ref(_) => false,
            };
            if !parameters.iter().any(is_same) {
                parameters.push(RefOr::T(parameter));
            }
        }
        let responses = &mut operation.responses.responses;
        match responses.get_mut("200") {
            // A description that is there stays, and so do other media types.
            Some(RefOr::T(there)) => there.content.extend(response.content),
            _ => {
                responses.insert("200".to_owned(), response.into());
            }
        }
        for (status, value) in self.other_responses() {
            if !responses.contains_key(status) {
                let response: Response = read(&value, status)?;
                responses.insert(status.to_owned(), response.into());
            }
        }
        Ok(())
    }

    fn utoipa_operation(&self) -> Result<Operation, Error> {
        let mut operation = self.operation().clone();
        operation.insert("responses".to_owned(), Map::new().into());
        read(&operation.into(), "the operation")
    }
}

/// Names of headers have no case.
fn is_same(parameter: &Parameter, other: &Parameter) -> bool {
    let is_header = matches!(parameter.parameter_in, ParameterIn::Header);
    parameter.parameter_in == other.parameter_in
        && if is_header {
            parameter.name.eq_ignore_ascii_case(&other.name)
        } else {
            parameter.name == other.name
        }
}

/// A schema as utoipa writes it, if it can read it: what cannot be read is an error where it is put into the document.
fn written(schema: &Value) -> Value {
    let read = RefOr::<Schema>::deserialize(rewrite(schema)).ok();
    let kept = read.and_then(|schema| serde_json::to_value(schema).ok());
    kept.filter(|kept| lost(&rewrite(schema), kept, "").is_none()).unwrap_or_else(|| schema.clone())
}

/// The schemas that are there, as JSON.
fn taken(components: &Components) -> Result<Map<String, Value>, Error> {
    let mut taken = Map::new();
    for (name, schema) in &components.schemas {
        taken.insert(name.clone(), serde_json::to_value(schema).map_err(|_| lossy(name))?);
    }
    Ok(taken)
}

fn parameter(mut parameter: Value) -> Result<Parameter, Error> {
    // To read it, utoipa wants this to be said.
    if parameter.get("required").is_none() {
        parameter["required"] = false.into();
    }
    if let Some(schema) = parameter.get_mut("schema") {
        *schema = rewrite(schema);
    }
    read(&parameter, "`parameters`")
}

fn response(value: &Value) -> Result<Response, Error> {
    let mut response: Response = read(&serde_json::json!({"description": value["description"]}), "`200`")?;
    let media = &value["content"]["text/event-stream"];
    let mut content = ContentBuilder::new();
    if let Some(item) = media.get("itemSchema") {
        content = content.item_schema(Some(schema(item, "itemSchema")?));
    }
    if let Some(companion) = media.get("schema") {
        content = content.schema(Some(schema(companion, "schema")?));
    }
    response.content.insert("text/event-stream".to_owned(), content.build().into());
    Ok(response)
}

/// Reads a schema into utoipa's type.
fn schema(schema: &Value, place: &str) -> Result<RefOr<Schema>, Error> {
    read(&rewrite(schema), place)
}

/// Reads one of utoipa's types, and nothing is lost.
fn read<T: DeserializeOwned + Serialize>(wanted: &Value, place: &str) -> Result<T, Error> {
    let read = T::deserialize(wanted).map_err(|_| lossy(place))?;
    let kept = serde_json::to_value(&read).map_err(|_| lossy(place))?;
    match lost(wanted, &kept, place) {
        None => Ok(read),
        Some(place) => Err(lossy(&place)),
    }
}

fn lossy(place: &str) -> Error {
    Error::unsupported(format!(
        "utoipa's types cannot say what is at {place}: put the stream into the JSON of the document instead, with \
         `Stream::insert_into`"
    ))
}

/// The place of something that is wanted and was not kept.
fn lost(wanted: &Value, kept: &Value, place: &str) -> Option<String> {
    match (wanted, kept) {
        (Value::Object(wanted), Value::Object(kept)) => wanted.iter().find_map(|(key, value)| {
            let place = format!("{place}/{}", key.replace('~', "~0").replace('/', "~1"));
            match kept.get(key) {
                Some(kept) => lost(value, kept, &place),
                None => (!says_nothing(key, value)).then_some(place),
            }
        }),
        (Value::Array(wanted), Value::Array(kept)) if wanted.len() == kept.len() => wanted
            .iter()
            .zip(kept)
            .enumerate()
            .find_map(|(i, (wanted, kept))| lost(wanted, kept, &format!("{place}/{i}"))),
        // `1` and `1.0`
        (Value::Number(wanted), Value::Number(kept)) if wanted.as_f64() == kept.as_f64() => None,
        (wanted, kept) => (wanted != kept).then(|| place.to_owned()),
    }
}

/// What utoipa does not write, and what means the same when it is missing.
fn says_nothing(key: &str, value: &Value) -> bool {
    match value {
        Value::Null => matches!(key, "type" | "default" | "example"),
        Value::Array(items) => items.is_empty() && matches!(key, "required" | "examples" | "prefixItems"),
        Value::Object(fields) => fields.is_empty() && key == "properties",
        Value::String(text) => text.is_empty() && key == "description",
        Value::Bool(is_so) => !is_so && key == "uniqueItems",
        Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What utoipa writes of a schema; the same of what it has written.
    fn written(value: &Value) -> Value {
        let read = schema(value, "#").unwrap_or_else(|error| panic!("{value}: {error}"));
        let written = super::written(value);
        assert_eq!(serde_json::to_value(read).unwrap(), written);
        assert_eq!(super::written(&written), written);
        written
    }

    #[test]
    fn a_constant_is_lost_without_us_and_kept_with_us() {
        let constant = json!({"type": "string", "const": "a"});
        let read: RefOr<Schema> = serde_json::from_value(constant.clone()).unwrap();
        assert_eq!(serde_json::to_value(read).unwrap(), json!({"type": "string"}), "the trap is gone");
        assert_eq!(written(&constant), json!({"type": "string", "enum": ["a"]}));
    }

    #[test]
    fn what_schemars_writes_is_kept() {
        let cases = [
            json!({"type": "integer", "format": "uint64", "minimum": 0}),
            json!({"type": "integer", "format": "int64", "minimum": -5, "maximum": 7}),
            json!({"type": ["string", "null"], "format": "date-time", "description": "When.", "default": "x"}),
            json!({"type": "array", "items": {"$ref": "#/components/schemas/A"}, "uniqueItems": true}),
            json!({"type": "object", "additionalProperties": {"type": "number", "format": "double"}}),
            json!({"type": "object", "additionalProperties": true}),
            json!({"type": "object", "properties": {"a": {"type": "null"}}, "required": ["a"], "additionalProperties": false}),
            json!({"anyOf": [{"$ref": "#/components/schemas/A"}, {"type": "null"}], "x-sse-terminal": true}),
            json!({"oneOf": [{"type": "string", "enum": ["a", "b"]}], "description": "An enum."}),
            json!({"$ref": "#/components/schemas/A", "description": "Another."}),
            json!({"type": "string", "contentMediaType": "application/json", "contentSchema": {"type": "null"}}),
            json!({"type": "string", "contentEncoding": "base64", "deprecated": true, "title": "T", "pattern": "^a$"}),
        ];
        for case in cases {
            assert_eq!(written(&case), case);
        }
    }

    #[test]
    fn what_has_other_words_there_means_the_same() {
        let cases = [
            (json!(true), json!({})),
            (json!({}), json!({})),
            (
                json!({"$ref": "#/a", "deprecated": true}),
                json!({"allOf": [{"$ref": "#/a"}, {"deprecated": true}]}),
            ),
            (
                json!({"type": "array", "prefixItems": [{"type": "string"}, {"$ref": "#/a"}], "minItems": 2, "maxItems": 2}),
                json!({
                    "type": "array", "items": {}, "minItems": 2, "maxItems": 2,
                    "prefixItems": [{"type": "string"}, {"allOf": [{"$ref": "#/a"}]}],
                }),
            ),
            (
                json!({"type": "object", "patternProperties": {"^\\d+$": true}, "additionalProperties": false}),
                json!({
                    "type": "object", "additionalProperties": {},
                    "propertyNames": {"type": "string", "pattern": "^\\d+$"},
                }),
            ),
            (
                json!({"type": "object", "properties": {"a": {"const": 1}}, "oneOf": [{"type": "object"}]}),
                json!({"allOf": [
                    {"oneOf": [{"type": "object"}]}, {"type": "object", "properties": {"a": {"enum": [1]}}},
                ]}),
            ),
        ];
        for (case, wanted) in cases {
            assert_eq!(written(&case), wanted);
        }
    }

    #[test]
    fn what_would_be_lost_is_an_error_with_its_place() {
        for (case, place) in [
            (json!({"properties": {"a/b": {"not": {}, "type": "string"}}}), "#/properties/a~1b/not"),
            (json!({"type": "object", "patternProperties": {"a": {"type": "null"}}}), "#/patternProperties"),
            (json!({"type": "number", "minimum": "0"}), "#"),
        ] {
            let error = schema(&case, "#").map(|_| ()).unwrap_err();
            assert_eq!(error.to_string(), lossy(place).to_string());
        }
    }
}
