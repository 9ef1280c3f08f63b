//! Puts a stream into a document.

use serde_json::{Map, Value, json};

use super::Stream;
use crate::Error;

pub(super) fn insert(stream: &Stream, document: &mut Value) -> Result<(), Error> {
    let path = stream.openapi_path()?;
    let version = document.get("openapi").and_then(Value::as_str).unwrap_or_default();
    if !(version.starts_with("3.1.") || version.starts_with("3.2.")) {
        return Err(unfit(&format!("`openapi`: `{version}`")));
    }
    // The first that has `itemSchema`; all of 3.1 is in it.
    if version.starts_with("3.1.") {
        document["openapi"] = "3.2.0".into();
    }
    let document = document.as_object_mut().ok_or_else(|| unfit("the whole"))?;
    let schemas = object_at(object_at(document, "components")?, "schemas")?;
    let fragment = stream.fragment_beside(schemas, Value::clone);
    schemas.extend(fragment.schemas);
    let item = object_at(object_at(document, "paths")?, &path)?;
    let operation = object_at(item, stream.method)?;
    for (field, value) in stream.operation() {
        operation.entry(field.clone()).or_insert_with(|| value.clone());
    }
    let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
    let parameters = parameters.as_array_mut().ok_or_else(|| unfit("`parameters`"))?;
    for parameter in stream.parameters() {
        if !parameters.iter().any(|other| is_same(other, &parameter)) {
            parameters.push(parameter);
        }
    }
    if parameters.is_empty() {
        operation.remove("parameters");
    }
    let responses = object_at(operation, "responses")?;
    merge_response(object_at(responses, "200")?, fragment.response)?;
    for (status, response) in stream.other_responses() {
        responses.entry(status).or_insert(response);
    }
    Ok(())
}

/// A description that is there stays, and so do other media types.
fn merge_response(there: &mut Map<String, Value>, response: Value) -> Result<(), Error> {
    let Value::Object(response) = response else { return Ok(()) };
    for (field, value) in response {
        match value {
            Value::Object(content) => object_at(there, &field)?.extend(content),
            value => {
                there.entry(field).or_insert(value);
            }
        }
    }
    Ok(())
}

/// Names of headers have no case.
fn is_same(parameter: &Value, other: &Value) -> bool {
    let name = |parameter: &Value| parameter["name"].as_str().map(str::to_ascii_lowercase);
    let is_header = parameter["in"] == "header";
    parameter["in"] == other["in"]
        && if is_header { name(parameter) == name(other) } else { parameter["name"] == other["name"] }
}

/// The object at this key, made if there is none.
fn object_at<'a>(around: &'a mut Map<String, Value>, key: &str) -> Result<&'a mut Map<String, Value>, Error> {
    let value = around.entry(key).or_insert_with(|| Map::new().into());
    value.as_object_mut().ok_or_else(|| unfit(&format!("`{key}`")))
}

fn unfit(place: &str) -> Error {
    Error::unsupported(format!(
        "{place} is not what a document of OpenAPI 3.1 or 3.2 has there: an older one has to be converted first"
    ))
}
