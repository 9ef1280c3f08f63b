//! Writes JSON values as JSON and as YAML, with the same bytes for the same value.

mod json;
mod yaml;

pub(crate) use json::to_json;
pub(crate) use yaml::to_yaml;

use serde_json::{Map, Value};

/// What a reader looks for first, in this order; all else follows by name.
const FIRST: [&str; 22] = [
    "openapi",
    "asyncapi",
    "$ref",
    "info",
    "name",
    "in",
    "title",
    "version",
    "summary",
    "description",
    "deprecated",
    "operationId",
    "tags",
    "servers",
    "security",
    "type",
    "const",
    "enum",
    "required",
    "parameters",
    "paths",
    "properties",
];

/// The members of an object in the order in which they are written. It does not depend on the order of the map, which a
/// feature of `serde_json` changes for everything that is built with it.
fn ordered(object: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut members: Vec<_> = object.iter().collect();
    members.sort_by_key(|(key, _)| {
        let rank = FIRST.iter().position(|first| first == key).unwrap_or(FIRST.len());
        (rank, *key)
    });
    members
}
