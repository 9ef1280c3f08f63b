//! One order of the members of objects, whatever the features of `serde_json` are in this build.

use schemars::Schema;
use serde_json::{Map, Value};

/// The same schema, its members in the order of their names. With the feature `preserve_order` of `serde_json`, which any crate
/// of a build may turn on, they would be in the order of their declaration, and a committed file would differ between builds.
pub(super) fn sorted(schema: Schema) -> Schema {
    // A schema stays one, since it is an object or a boolean still.
    Schema::try_from(sorted_value(schema.to_value())).unwrap_or_default()
}

fn sorted_value(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.into_iter().collect();
            members.sort_by(|(a, _), (b, _)| a.cmp(b));
            let members = members.into_iter().map(|(name, member)| (name, sorted_value(member)));
            Value::Object(members.collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted_value).collect()),
        other => other,
    }
}
