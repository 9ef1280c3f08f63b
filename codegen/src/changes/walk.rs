//! Compares two schemas, place by place.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::change::{Change, ChangeKind};
use super::shape::{Alternative, Label, alternatives, required};

/// How many places lie within each other. `serde_json` reads no deeper files, but references can lead deeper.
const DEEPEST: usize = 128;

/// How many places of one payload are compared. Types that contain one another twice could have any number.
const MOST: usize = 10_000;

/// Compares the schemas of one payload.
pub(super) struct Walk<'a> {
    old_defs: &'a Map<String, Value>,
    new_defs: &'a Map<String, Value>,
    /// Pairs that are compared right now, of a type that contains itself, and those that are the same in words: their differences
    /// lie in definitions, and are told once.
    seen: BTreeSet<(String, String)>,
    /// How many places have been compared.
    places: usize,
    changes: Vec<Change>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(old_defs: &'a Map<String, Value>, new_defs: &'a Map<String, Value>) -> Self {
        Self { old_defs, new_defs, seen: BTreeSet::new(), places: 0, changes: Vec::new() }
    }

    /// All changes between the two. Of a definition that both have, only the first place is named.
    pub(super) fn compare(mut self, old: &Value, new: &Value, place: &str) -> Vec<Change> {
        self.schemas(old, new, place, 0);
        self.changes
    }

    fn push(&mut self, place: &str, kind: ChangeKind) {
        self.changes.push(Change { place: place.to_owned(), kind });
    }

    fn schemas(&mut self, old: &Value, new: &Value, place: &str, depth: usize) {
        self.once(&old.to_string(), &new.to_string(), |walk| {
            walk.places += 1;
            match walk.places.cmp(&MOST) {
                Ordering::Less => walk.values(old, new, place, depth),
                Ordering::Equal => walk.push("any further place", ChangeKind::NotCompared),
                Ordering::Greater => {}
            }
        });
    }

    /// Compares a pair, unless that is what is being done, or has been done and would be told again.
    fn once(&mut self, old: &str, new: &str, compare: impl FnOnce(&mut Self)) {
        let pair = (old.to_owned(), new.to_owned());
        if !self.seen.insert(pair.clone()) {
            return;
        }
        compare(self);
        if old != new {
            self.seen.remove(&pair);
        }
    }

    fn values(&mut self, old: &Value, new: &Value, place: &str, depth: usize) {
        let both = (alternatives(old, self.old_defs), alternatives(new, self.new_defs));
        let (Some(olds), Some(news), true) = (both.0, both.1, depth < DEEPEST) else {
            self.push(place, ChangeKind::NotCompared);
            return;
        };
        if let ([old], [new]) = (&olds[..], &news[..]) {
            if old.label != new.label && !(is_object(old) && is_object(new)) {
                self.push(place, one_for_another(&old.label, &new.label));
                return;
            }
        }
        let (mut olds, mut news) = (by_label(olds), by_label(news));
        // Of an object that has become a variant, or was one, the fields can still be compared.
        if let ([old], [new]) = (&objects_of(&olds)[..], &objects_of(&news)[..]) {
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
                    Some(others) => others.len() < alternatives.iter().filter(|one| is_object(one)).count(),
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
        // Without its references, unlike the schema that it comes from, which is being compared right now.
        let words = |schema: &Map<String, Value>| format!("object {}", Value::from(schema.clone()));
        self.once(&words(old), &words(new), |walk| walk.fields(old, new, place, depth));
    }

    fn fields(&mut self, old: &Map<String, Value>, new: &Map<String, Value>, place: &str, depth: usize) {
        let empty = Map::new();
        let fields =
            |schema: &'_ Map<String, Value>| schema.get("properties").and_then(Value::as_object).cloned();
        let (old_fields, new_fields) = (fields(old).unwrap_or_default(), fields(new).unwrap_or(empty));
        let (old_required, new_required) = (required(old), required(new));
        let closed = |schema: &Map<String, Value>| others(schema) == Some(&Value::Bool(false));
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
        if let (Some(old), Some(new)) = (others(old), others(new)) {
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

/// The label of each alternative that is an object.
fn objects_of(by_label: &BTreeMap<Label, Vec<Alternative>>) -> Vec<Label> {
    by_label.values().flatten().filter(|one| is_object(one)).map(|one| one.label.clone()).collect()
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

/// What is said of the fields that have no name.
fn others(schema: &Map<String, Value>) -> Option<&Value> {
    schema.get("additionalProperties").or_else(|| schema.get("unevaluatedProperties"))
}

/// By name, whatever order the map has.
fn sorted(fields: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut fields: Vec<_> = fields.iter().collect();
    fields.sort_by_key(|(name, _)| *name);
    fields
}

#[cfg(test)]
mod tests;
