//! Which events of two catalogues are the same, and how they differ.

use serde_json::{Map, Value};
use typed_sse_core::schema::{EventSchema, Payload, SchemaCatalogue};

use super::change::{Change, ChangeKind};
use super::shape::{alternatives, tag};
use super::walk::Walk;

pub(super) fn changes(old: &SchemaCatalogue, new: &SchemaCatalogue) -> Vec<Change> {
    let (old, new) = (Side::of(old), Side::of(new));
    let mut changes = Vec::new();
    let pairs = pairs(&old, &new);
    for (i, event) in old.events.iter().enumerate() {
        match pairs.iter().find(|(old, _)| *old == i) {
            Some((_, j)) => compare_events((&old, event), (&new, new.events[*j]), &mut changes),
            None => changes.push(Change { place: name(event).to_owned(), kind: ChangeKind::EventRemoved }),
        }
    }
    for (j, event) in new.events.iter().enumerate() {
        if !pairs.iter().any(|(_, new)| *new == j) {
            changes.push(Change { place: name(event).to_owned(), kind: ChangeKind::EventAdded });
        }
    }
    if old.is_open != new.is_open {
        changes.push(Change { place: "any event".to_owned(), kind: ChangeKind::Open(new.is_open) });
    }
    changes
}

/// One of the two catalogues.
struct Side<'a> {
    /// Those that have an event type.
    events: Vec<&'a EventSchema>,
    defs: Map<String, Value>,
    is_open: bool,
}

impl<'a> Side<'a> {
    fn of(catalogue: &'a SchemaCatalogue) -> Self {
        let defs = catalogue.definitions().iter();
        Self {
            events: catalogue.events().iter().filter(|event| !event.is_open()).collect(),
            defs: defs.map(|(name, schema)| (name.clone(), schema.as_value().clone())).collect(),
            is_open: catalogue.is_open(),
        }
    }

    /// The tags that the payload of an event can have.
    fn tags(&self, event: &EventSchema) -> Vec<String> {
        let Payload::Json(schema) = event.payload() else { return Vec::new() };
        let found = alternatives(schema.as_value(), &self.defs).unwrap_or_default();
        found.iter().filter_map(|one| Some(tag(&one.schema)?.1.as_str()?.to_owned())).collect()
    }

    /// Whether two events have data that nobody could tell apart.
    fn is_alike(&self, event: &EventSchema, other: &Self, with: &EventSchema) -> bool {
        match (event.payload(), with.payload()) {
            (Payload::Json(one), Payload::Json(two)) => {
                let walk = Walk::new(&self.defs, &other.defs);
                walk.compare(one.as_value(), two.as_value(), "").is_empty()
            }
            (one, two) => one == two,
        }
    }
}

/// The event type in a report.
fn name(event: &EventSchema) -> &str {
    event.event_type().unwrap_or("any event")
}

/// The indices of the events that are the same on both sides: by their event type, and, of several of one type, by their fixed text, their
/// variant, or their tag; then by their variant alone, or their data alone, for those that have been renamed.
fn pairs(old: &Side<'_>, new: &Side<'_>) -> Vec<(usize, usize)> {
    type IsSame<'s> = &'s dyn Fn(&EventSchema, &EventSchema) -> bool;
    let type_is = |a: &EventSchema, b: &EventSchema| a.event_type() == b.event_type();
    let variant_is = |a: &EventSchema, b: &EventSchema| !a.variant().is_empty() && a.variant() == b.variant();
    let fixed_is = |a: &EventSchema, b: &EventSchema| matches!((a.payload(), b.payload()), (Payload::Fixed(a), Payload::Fixed(b)) if a == b);
    let tag_is = |a: &EventSchema, b: &EventSchema| {
        let tags = old.tags(a);
        !tags.is_empty() && tags == new.tags(b)
    };
    let data_is = |a: &EventSchema, b: &EventSchema| {
        // Every `null` and every text looks like any other.
        matches!(a.payload(), Payload::Json(schema) if schema.get("properties").is_some() || schema.get("$ref").is_some())
            && old.is_alike(a, new, b)
    };
    let rules: [IsSame<'_>; 6] = [
        &|a, b| type_is(a, b) && (fixed_is(a, b) || variant_is(a, b)),
        &|a, b| type_is(a, b) && tag_is(a, b),
        &|a, b| type_is(a, b) && data_is(a, b),
        &|a, b| {
            type_is(a, b)
                && !matches!(a.payload(), Payload::Fixed(_))
                && !matches!(b.payload(), Payload::Fixed(_))
        },
        &type_is,
        &|a, b| variant_is(a, b) || data_is(a, b),
    ];
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for is_same in rules {
        for (i, event) in old.events.iter().enumerate() {
            if pairs.iter().any(|(old, _)| *old == i) {
                continue;
            }
            let found = new
                .events
                .iter()
                .enumerate()
                .find(|(j, other)| !pairs.iter().any(|(_, new)| new == j) && is_same(event, other));
            if let Some((j, _)) = found {
                pairs.push((i, j));
            }
        }
    }
    pairs
}

fn compare_events(old: (&Side<'_>, &EventSchema), new: (&Side<'_>, &EventSchema), changes: &mut Vec<Change>) {
    let ((old_side, old), (new_side, new)) = (old, new);
    let place = name(old);
    let mut push = |kind| changes.push(Change { place: place.to_owned(), kind });
    if old.event_type() != new.event_type() {
        push(ChangeKind::EventRenamed(name(new).to_owned()));
    }
    if let ([old_tag], [new_tag]) = (&old_side.tags(old)[..], &new_side.tags(new)[..]) {
        if old_tag == name(old) && new_tag != name(new) {
            push(ChangeKind::NameAndTagApart(new_tag.clone()));
        }
    }
    for (was, is, kind) in [
        (old.is_terminal(), new.is_terminal(), ChangeKind::Terminal as fn(bool) -> ChangeKind),
        (old.is_ephemeral(), new.is_ephemeral(), ChangeKind::Ephemeral),
        (old.is_tombstone(), new.is_tombstone(), ChangeKind::Tombstone),
    ] {
        if was != is {
            push(kind(is));
        }
    }
    match (old.payload(), new.payload()) {
        (Payload::Json(old), Payload::Json(new)) => {
            let walk = Walk::new(&old_side.defs, &new_side.defs);
            changes.extend(walk.compare(old.as_value(), new.as_value(), &format!("{place}.data")));
        }
        (old, new) if old == new => {}
        (Payload::Fixed(text), Payload::Text) => {
            push(ChangeKind::Widened(format!("any text, not `{text}` alone")))
        }
        (Payload::Text, Payload::Fixed(text)) => {
            push(ChangeKind::Narrowed(format!("any text, only `{text}`")))
        }
        (old, new) => push(ChangeKind::Format(format(old), format(new))),
    }
}

fn format(payload: &Payload) -> String {
    match payload {
        Payload::Json(_) => "JSON".to_owned(),
        Payload::Text => "text".to_owned(),
        Payload::Fixed(text) => format!("the text `{text}`"),
        Payload::Base64 => "base64".to_owned(),
        // What is added later has a word of its own there.
        other => format!("{other:?}"),
    }
}
