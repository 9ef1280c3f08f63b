//! The changes between two schemas, place by place.

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
    walk.compare(old, new, "data").iter().map(|change| format!("{}: {}", change.place, change.kind)).collect()
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
        (json!({"const": "a"}), json!({"type": "string"}), "data: it can be a string, not `\"a\"` alone now"),
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
            json!({"type": "object", "unevaluatedProperties": {"type": "string"}}),
            json!({"type": "object", "unevaluatedProperties": {"type": "null"}}),
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
fn the_same_change_in_two_places_is_two() {
    let fields = |kind: &str| json!({"type": "object", "properties": {"a": {"type": kind}, "b": {"items": {"type": kind}, "type": "array"}}});
    let wanted =
        ["data.a: it was a string, and is `null` now", "data.b[]: it was a string, and is `null` now"];
    assert_eq!(changes(&fields("string"), &fields("null")), wanted);
}

/// Types that contain one another twice have more places than anybody could read.
#[test]
fn an_endless_number_of_places_comes_to_an_end() {
    let defs = |kind: &str| {
        let mut defs: Map<String, Value> = (0..60)
            .map(|i| {
                let next = json!({"$ref": format!("#/$defs/{kind}{}", i + 1)});
                (format!("{kind}{i}"), json!({"type": "object", "properties": {"a": next, "b": next}}))
            })
            .collect();
        defs.insert(format!("{kind}60"), json!({"type": kind}));
        defs
    };
    let (old, new) = (defs("string"), defs("null"));
    let walk = Walk::new(&old, &new);
    let changes =
        walk.compare(&json!({"$ref": "#/$defs/string0"}), &json!({"$ref": "#/$defs/null0"}), "data");
    assert!(changes.len() > 1000);
    assert_eq!(changes.last().map(|change| &change.kind), Some(&ChangeKind::NotCompared));
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
    assert_eq!(kinds(&open, &closed), [ChangeKind::FieldRemoved(false), ChangeKind::UnknownFieldsRefused]);
    let added = ChangeKind::FieldAdded { always: false, has_default: false, is_refused: true };
    assert_eq!(kinds(&closed, &open), [added]);
}
