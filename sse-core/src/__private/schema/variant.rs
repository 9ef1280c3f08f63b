//! Which part of an enum's own schema is that of one variant.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

/// How serde tells the variants of an enum apart.
#[derive(Clone, Copy, Debug)]
pub enum Tagging {
    /// `{"Variant": ..}`, or `"Variant"`.
    External,
    /// A member of this name says so, beside the others or beside their content.
    Member(&'static str),
    /// By their shape, in order: this one of so many that are written.
    Untagged(usize, usize),
    /// Not known.
    Unknown,
}

/// What `T` writes where it is the variant that serde calls `name`. Where its schema does not say, what any `T` writes, which
/// is true of the variant, too.
pub(super) fn variant_schema<T: JsonSchema + ?Sized>(
    generator: &mut SchemaGenerator,
    name: &str,
    tagging: Tagging,
) -> Schema {
    let whole = T::json_schema(generator);
    part(&whole, name, tagging).unwrap_or_else(|| generator.subschema_for::<T>())
}

fn part(whole: &Schema, name: &str, tagging: Tagging) -> Option<Schema> {
    let listed = ["oneOf", "anyOf"].iter().find_map(|keyword| whole.get(*keyword)?.as_array());
    let shapes: Vec<&Value> = listed.map_or_else(|| vec![whole.as_value()], |shapes| shapes.iter().collect());
    if let Tagging::Untagged(index, count) = tagging {
        let shape = shapes.get(index).filter(|_| shapes.len() == count)?;
        return Schema::try_from((*shape).clone()).ok();
    }
    let mut fitting = shapes.into_iter().filter_map(|shape| narrowed(shape, name, tagging));
    // Two that fit are a guess.
    fitting.next().filter(|_| fitting.next().is_none())
}

fn narrowed(shape: &Value, name: &str, tagging: Tagging) -> Option<Schema> {
    match tagging {
        Tagging::Member(tag) => {
            let values = shape.get("properties")?.get(tag)?;
            named(values, name)?;
            let mut shape = shape.clone();
            if let Some(values) = shape.get_mut("properties").and_then(|members| members.get_mut(tag)) {
                *values = constant(name);
            }
            Schema::try_from(shape).ok()
        }
        Tagging::External if shape.get("type").and_then(Value::as_str) == Some("string") => {
            named(shape, name)?;
            let is_alone = shape.get("const").is_some();
            Schema::try_from(if is_alone { shape.clone() } else { constant(name) }).ok()
        }
        Tagging::External => {
            let members = shape.get("properties")?.as_object()?;
            (members.len() == 1 && members.contains_key(name))
                .then(|| Schema::try_from(shape.clone()).ok())?
        }
        Tagging::Untagged(..) | Tagging::Unknown => None,
    }
}

/// Whether a schema of strings has this one among few.
fn named(values: &Value, name: &str) -> Option<()> {
    let is_const = values.get("const").and_then(Value::as_str) == Some(name);
    let is_listed = || values.get("enum")?.as_array()?.iter().find(|value| *value == name);
    (is_const || is_listed().is_some()).then_some(())
}

fn constant(name: &str) -> Value {
    json!({ "type": "string", "const": name })
}
