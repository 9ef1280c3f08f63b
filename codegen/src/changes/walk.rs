//! Compares two schemas, place by place.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::change::{Change, ChangeKind};
use super::shape::{Alternative, Label, alternatives, required};

/// How many places lie within each other. `serde_json` reads no deeper files, but references can lead deeper.
const DEEPEST: usize = 128;

/// Compares the schemas of one payload.
pub(super) struct Walk<'a> {
    old_defs: &'a Map<String, Value>,
    new_defs: &'a Map<String, Value>,
    /// Pairs that have been compared: of a type that contains itself, or that many fields have.
    seen: BTreeSet<(String, String)>,
    changes: Vec<Change>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(old_defs: &'a Map<String, Value>, new_defs: &'a Map<String, Value>) -> Self {
        Self { old_defs, new_defs, seen: BTreeSet::new(), changes: Vec::new() }
    }

    /// All changes between the two, the first place of each type that both have.
    pub(super) fn compare(mut self, old: &Value, new: &Value, place: &str) -> Vec<Change> {
        self.schemas(old, new, place, 0);
        self.changes
    }

    fn push(&mut self, place: &str, kind: ChangeKind) {
        self.changes.push(Change { place: place.to_owned(), kind });
    }

    fn schemas(&mut self, old: &Value, new: &Value, place: &str, depth: usize) {
        if !self.seen.insert((old.to_string(), new.to_string())) {
            return;
        }
        let both = (alternatives(old, self.old_defs), alternatives(new, self.new_defs));
        let (Some(olds), Some(news), true) = (both.0, both.1, depth < DEEPEST) else {
            self.push(place, ChangeKind::NotCompared);
            return;
        };
        if let ([old], [new]) = (&olds[..], &news[..]) {
            if old.label != new.label && !is_object(old) {
                self.push(place, one_for_another(&old.label, &new.label));
                return;
            }
        }
        let (mut olds, mut news) = (by_label(olds), by_label(news));
        // Of an object that has become a variant, or was one, the fields can still be compared.
        if let ([(old, _)], [(new, _)]) = (&lone_objects(&olds)[..], &lone_objects(&news)[..]) {
            if old != new {
                let (old, new) = (old.clone(), new.clone());
                let both =
                    olds.remove(&old).into_iter().flatten().zip(news.remove(&new).into_iter().flatten());
                for (old, new) in both {
                    self.objects(&old.schema, &new.schema, place, depth);
                }
            }
        }
        self.labels(&olds, &news, place);
        for (label, olds) in &olds {
            let empty = Vec::new();
            for (old, new) in olds.iter().zip(news.get(label).unwrap_or(&empty)) {
                self.alternative(old, new, place, depth);
            }
        }
    }

    /// Kinds of values that only one side has.
    fn labels(
        &mut self,
        olds: &BTreeMap<Label, Vec<Alternative>>,
        news: &BTreeMap<Label, Vec<Alternative>>,
        place: &str,
    ) {
        let missing = |of: &BTreeMap<Label, Vec<Alternative>>, from: &BTreeMap<Label, Vec<Alternative>>| {
            let words: Vec<_> = of
                .iter()
                .filter(|(label, alternatives)| match from.get(label) {
                    Some(others) => others.len() < alternatives.len(),
                    None => !from.keys().any(|other| other.covers(label)),
                })
                .map(|(label, _)| label.describe())
                .collect();
            (!words.is_empty()).then(|| words.join(" or "))
        };
        if let Some(words) = missing(olds, news) {
            self.push(place, ChangeKind::Narrowed(words));
        }
        if let Some(words) = missing(news, olds) {
            self.push(place, ChangeKind::Widened(words));
        }
    }

    fn alternative(&mut self, old: &Alternative, new: &Alternative, place: &str, depth: usize) {
        match &old.label {
            Label::Object | Label::Keyed(_) => self.objects(&old.schema, &new.schema, place, depth),
            Label::Tagged(_, value) => {
                let name = value.trim_matches('"');
                self.objects(&old.schema, &new.schema, &format!("{place}<{name}>"), depth);
            }
            Label::Array => self.arrays(&old.schema, &new.schema, place, depth),
            Label::Integer | Label::Number => self.numbers(&old.schema, &new.schema, place),
            Label::String => self.strings(&old.schema, &new.schema, place),
            Label::Null | Label::Boolean | Label::Literal(_) | Label::Any => {}
        }
        if ["not", "if", "then", "else", "patternProperties", "dependentSchemas", "contains"]
            .iter()
            .any(|keyword| old.schema.get(*keyword) != new.schema.get(*keyword))
        {
            self.push(place, ChangeKind::NotCompared);
        }
    }

    fn objects(&mut self, old: &Map<String, Value>, new: &Map<String, Value>, place: &str, depth: usize) {
        let empty = Map::new();
        let fields =
            |schema: &'_ Map<String, Value>| schema.get("properties").and_then(Value::as_object).cloned();
        let (old_fields, new_fields) = (fields(old).unwrap_or_default(), fields(new).unwrap_or(empty));
        let (old_required, new_required) = (required(old), required(new));
        let closed =
            |schema: &Map<String, Value>| schema.get("additionalProperties") == Some(&Value::Bool(false));
        for (name, old_field) in sorted(&old_fields) {
            let place = format!("{place}.{name}");
            let was_always = old_required.contains(name.as_str());
            let Some(new_field) = new_fields.get(name) else {
                self.push(&place, ChangeKind::FieldRemoved(was_always));
                if closed(new) {
                    self.push(&place, ChangeKind::UnknownFieldsRefused);
                }
                continue;
            };
            match (was_always, new_required.contains(name.as_str())) {
                (true, false) => self.push(&place, ChangeKind::FieldOptional),
                (false, true) => self.push(&place, ChangeKind::FieldRequired),
                _ => {}
            }
            self.schemas(old_field, new_field, &place, depth + 1);
        }
        for (name, field) in sorted(&new_fields) {
            if !old_fields.contains_key(name) {
                let kind = ChangeKind::FieldAdded {
                    always: new_required.contains(name.as_str()),
                    has_default: field.get("default").is_some(),
                    is_refused: closed(old),
                };
                self.push(&format!("{place}.{name}"), kind);
            }
        }
        // The values of a map.
        if let (Some(old), Some(new)) = (old.get("additionalProperties"), new.get("additionalProperties")) {
            if !old.is_boolean() || !new.is_boolean() {
                self.schemas(old, new, &format!("{place}.*"), depth + 1);
            }
        }
    }

    fn arrays(&mut self, old: &Map<String, Value>, new: &Map<String, Value>, place: &str, depth: usize) {
        let prefix = |schema: &Map<String, Value>| match schema.get("prefixItems") {
            Some(Value::Array(items)) => items.clone(),
            _ => Vec::new(),
        };
        let (old_prefix, new_prefix) = (prefix(old), prefix(new));
        if old_prefix.len() == new_prefix.len() {
            for (i, (old, new)) in old_prefix.iter().zip(&new_prefix).enumerate() {
                self.schemas(old, new, &format!("{place}[{i}]"), depth + 1);
            }
        } else {
            let words = |len: usize| if len == 0 { "a list".to_owned() } else { format!("a list of {len}") };
            self.push(place, ChangeKind::TypeChanged(words(old_prefix.len()), words(new_prefix.len())));
            return;
        }
        let items = |schema: &Map<String, Value>| schema.get("items").cloned().unwrap_or(Value::Bool(true));
        self.schemas(&items(old), &items(new), &format!("{place}[]"), depth + 1);
        let lengths = |schema: &Map<String, Value>| {
            let length = |key| schema.get(key).and_then(Value::as_u64);
            (length("minItems").unwrap_or(0).into(), length("maxItems").map_or(i128::MAX, i128::from))
        };
        self.ranges(lengths(old), lengths(new), place, "a list of another length");
    }

    fn numbers(&mut self, old: &Map<String, Value>, new: &Map<String, Value>, place: &str) {
        self.ranges(range(old), range(new), place, "out of the range that was");
    }

    fn ranges(&mut self, old: (i128, i128), new: (i128, i128), place: &str, words: &str) {
        let words = |(min, max): (i128, i128)| match (min, max) {
            (i128::MIN, max) => format!("above {max}"),
            (min, i128::MAX) => format!("below {min}"),
            (min, max) => format!("{words} ({min} to {max})"),
        };
        if new.0 < old.0 || new.1 > old.1 {
            self.push(place, ChangeKind::Widened(words(old)));
        }
        if new.0 > old.0 || new.1 < old.1 {
            self.push(place, ChangeKind::Narrowed(words(new)));
        }
    }

    fn strings(&mut self, old: &Map<String, Value>, new: &Map<String, Value>, place: &str) {
        for keyword in ["format", "pattern", "contentEncoding"] {
            let text = |schema: &Map<String, Value>| schema.get(keyword).map(Value::to_string);
            let kind = match (text(old), text(new)) {
                (old, new) if old == new => continue,
                (Some(old), Some(new)) => {
                    ChangeKind::TypeChanged(format!("text of {keyword} {old}"), format!("of {keyword} {new}"))
                }
                (Some(old), None) => ChangeKind::Widened(format!("text of another {keyword} than {old}")),
                (None, new) => ChangeKind::Narrowed(format!(
                    "text of another {keyword} than {}",
                    new.unwrap_or_default()
                )),
            };
            self.push(place, kind);
        }
        let lengths = |schema: &Map<String, Value>| {
            let length = |key| schema.get(key).and_then(Value::as_u64);
            (length("minLength").unwrap_or(0).into(), length("maxLength").map_or(i128::MAX, i128::from))
        };
        self.ranges(lengths(old), lengths(new), place, "text of another length");
    }
}

/// One kind of value instead of another.
fn one_for_another(old: &Label, new: &Label) -> ChangeKind {
    match (old.covers(new), new.covers(old)) {
        (_, true) => ChangeKind::Widened(format!("{}, not {} alone", new.describe(), old.describe())),
        (true, false) => ChangeKind::Narrowed(format!("{}, only {}", old.describe(), new.describe())),
        (false, false) => ChangeKind::TypeChanged(old.describe(), new.describe()),
    }
}

fn by_label(alternatives: Vec<Alternative>) -> BTreeMap<Label, Vec<Alternative>> {
    let mut by_label: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for alternative in alternatives {
        by_label.entry(alternative.label.clone()).or_default().push(alternative);
    }
    by_label
}

fn is_object(alternative: &Alternative) -> bool {
    matches!(alternative.label, Label::Object | Label::Tagged(..) | Label::Keyed(_))
}

/// The alternatives that are objects, if none of the labels has two.
fn lone_objects(by_label: &BTreeMap<Label, Vec<Alternative>>) -> Vec<(Label, ())> {
    by_label
        .iter()
        .flat_map(|(label, alternatives)| {
            alternatives.iter().filter(|one| is_object(one)).map(|_| (label.clone(), ()))
        })
        .collect()
}

/// The least and the greatest value, by the keywords and by the format that Rust's integers have.
fn range(schema: &Map<String, Value>) -> (i128, i128) {
    let (min, max) = match schema.get("format").and_then(Value::as_str) {
        Some("int8") => (i8::MIN.into(), i8::MAX.into()),
        Some("int16") => (i16::MIN.into(), i16::MAX.into()),
        Some("int32") => (i32::MIN.into(), i32::MAX.into()),
        Some("int64" | "int") => (i64::MIN.into(), i64::MAX.into()),
        Some("uint8") => (0, u8::MAX.into()),
        Some("uint16") => (0, u16::MAX.into()),
        Some("uint32") => (0, u32::MAX.into()),
        Some("uint64" | "uint") => (0, u64::MAX.into()),
        _ => (i128::MIN, i128::MAX),
    };
    let bound = |key| {
        schema.get(key).and_then(|bound| bound.as_i64().map(i128::from).or(bound.as_u64().map(i128::from)))
    };
    (
        bound("minimum").map_or(min, |bound| bound.max(min)),
        bound("maximum").map_or(max, |bound| bound.min(max)),
    )
}

/// By name, whatever order the map has.
fn sorted(fields: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut fields: Vec<_> = fields.iter().collect();
    fields.sort_by_key(|(name, _)| *name);
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The changes from one to the other, each as `place: words`.
    fn changes(old: &Value, new: &Value) -> Vec<String> {
        let defs = json!({
            "Tree": {
                "type": "object",
                "properties": {"next": {"anyOf": [{"$ref": "#/$defs/Tree"}, {"type": "null"}]}, "n": {"type": "integer"}},
                "required": ["n"],
            },
        });
        let mut new_defs = defs.clone();
        new_defs["Tree"]["properties"]["n"] = json!({"type": "number"});
        let walk = Walk::new(defs.as_object().unwrap(), new_defs.as_object().unwrap());
        walk.compare(old, new, "data")
            .iter()
            .map(|change| format!("{}: {}", change.place, change.kind))
            .collect()
    }

    #[test]
    fn fields() {
        let old = json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {}, "c": {}, "d": {}}, "required": ["a", "c"]});
        let new = json!({"type": "object", "properties": {"c": {}, "d": {}, "e": {"default": 1}, "f": {}}, "required": ["d", "e"]});
        let wanted = [
            "data.a: a field is gone that was always there",
            "data.b: an optional field is gone",
            "data.c: the field can be missing now",
            "data.d: the field is always there now",
            "data.e: a new field that is always there",
            "data.f: a new optional field",
        ];
        assert_eq!(changes(&old, &new), wanted);
        assert!(changes(&old, &old).is_empty());
    }

    #[test]
    fn one_type_for_another() {
        let cases = [
            (
                json!({"type": "integer"}),
                json!({"type": "number"}),
                "data: it can be a number, not an integer alone now",
            ),
            (
                json!({"type": "number"}),
                json!({"type": "integer"}),
                "data: it is never a number, only an integer any more",
            ),
            (
                json!({"type": "string"}),
                json!({"type": "integer"}),
                "data: it was a string, and is an integer now",
            ),
            (json!({"type": "string"}), json!({"type": ["string", "null"]}), "data: it can be `null` now"),
            (json!({"enum": ["a", "b"]}), json!({"enum": ["a"]}), "data: it is never `\"b\"` any more"),
            (
                json!({"const": "a"}),
                json!({"type": "string"}),
                "data: it can be a string, not `\"a\"` alone now",
            ),
            (
                json!({"type": "integer", "format": "uint8"}),
                json!({"type": "integer", "format": "uint16"}),
                "data: it can be out of the range that was (0 to 255) now",
            ),
            (
                json!({"type": "string", "format": "uuid"}),
                json!({"type": "string"}),
                "data: it can be text of another format than \"uuid\" now",
            ),
            (
                json!({"type": "array", "items": {"type": "string"}}),
                json!({"type": "array", "items": {"type": "null"}}),
                "data[]: it was a string, and is `null` now",
            ),
            (
                json!({"type": "object", "additionalProperties": {"type": "string"}}),
                json!({"type": "object", "additionalProperties": {"type": "null"}}),
                "data.*: it was a string, and is `null` now",
            ),
            (
                json!({"type": "object", "not": {}}),
                json!({"type": "object"}),
                "data: it has changed in a way that is not understood",
            ),
        ];
        for (old, new, wanted) in cases {
            assert_eq!(changes(&old, &new), [wanted]);
            assert!(changes(&new, &new).is_empty());
        }
    }

    #[test]
    fn variants_are_compared_by_their_tag() {
        let variant = |tag: &str, field: &Value| json!({"type": "object", "properties": {"kind": {"const": tag}, "x": field}, "required": ["kind", "x"]});
        let old = json!({"oneOf": [variant("a", &json!({"type": "string"})), variant("b", &json!(true))]});
        let new = json!({"oneOf": [variant("c", &json!(true)), variant("a", &json!({"type": "null"}))]});
        let wanted = [
            "data: it is never an object with `kind`: `\"b\"` any more",
            "data: it can be an object with `kind`: `\"c\"` now",
            "data<a>.x: it was a string, and is `null` now",
        ];
        assert_eq!(changes(&old, &new), wanted);
    }

    #[test]
    fn a_type_that_contains_itself_is_compared_once() {
        let tree = json!({"$ref": "#/$defs/Tree"});
        assert_eq!(changes(&tree, &tree), ["data.n: it can be a number, not an integer alone now"]);
        let one = json!({"anyOf": [tree, {"type": "null"}]});
        assert_eq!(changes(&one, &one).len(), 1);
    }

    #[test]
    fn unknown_fields_that_are_refused() {
        let open = json!({"type": "object", "properties": {"a": {}, "b": {}}});
        let closed = json!({"type": "object", "properties": {"a": {}}, "additionalProperties": false});
        let kinds = |old, new| {
            let none = Map::new();
            Walk::new(&none, &none)
                .compare(old, new, "data")
                .into_iter()
                .map(|change| change.kind)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            kinds(&open, &closed),
            [ChangeKind::FieldRemoved(false), ChangeKind::UnknownFieldsRefused]
        );
        let added = ChangeKind::FieldAdded { always: false, has_default: false, is_refused: true };
        assert_eq!(kinds(&closed, &open), [added]);
    }
}
