//! One event of a stream as a schema: exactly, and as today's generators take it.

use serde_json::{Map, Value, json};
use typed_sse_core::schema::{EventSchema, Payload};

use super::names::Names;

/// Exactly what is on the wire: one branch per event, its data text that holds JSON. `payloads` are references, one per event.
///
/// <https://spec.openapis.org/oas/v3.2.0.html#media-type-object>
pub(super) fn item_schema(events: &[EventSchema], names: &Names, payloads: &[Value]) -> Value {
    let branches = events.iter().enumerate().map(|(i, event)| {
        let data = match event.payload() {
            Payload::Json(_) => {
                json!({"type": "string", "contentMediaType": "application/json", "contentSchema": payloads[i]})
            }
            _ => payload(event),
        };
        branch(event, names.title(i), &data, true)
    });
    // Where two events have one event type, whoever does not look into the data finds both to fit.
    let union = if are_apart(events) { "oneOf" } else { "anyOf" };
    json!({ union: branches.collect::<Vec<_>>() })
}

/// One event with its payload as a value, no text: what a program has once it has read the event.
///
/// Without `type: object`, so that it says nothing about lists. In OpenAPI 3.2, what stands as `schema` beside an `itemSchema` is about
/// all events as one list, and generators from before take it for one event.
pub(super) fn read_event(event: &EventSchema, title: &str, payload: &Value) -> Value {
    branch(event, title, payload, false)
}

/// The payload as a value: of JSON its schema, else a text.
pub(super) fn payload(event: &EventSchema) -> Value {
    match event.payload() {
        Payload::Json(schema) => schema.as_value().clone(),
        Payload::Fixed(text) => json!({"type": "string", "const": text}),
        Payload::Base64 => json!({"type": "string", "contentEncoding": "base64"}),
        _ => json!({"type": "string"}),
    }
}

fn branch(event: &EventSchema, title: &str, data: &Value, is_exact: bool) -> Value {
    let mut branch = Map::new();
    branch.insert("title".to_owned(), title.into());
    describe(&mut branch, event);
    if is_exact {
        branch.insert("type".to_owned(), "object".into());
    }
    let event_type = match event.event_type() {
        Some(event_type) => json!({"type": "string", "const": event_type}),
        None => json!({"type": "string"}),
    };
    // An event without a name has no field, or, if it is explicit, says `message`: the same to a reader.
    let is_named = !event.is_unnamed() && !event.is_open();
    branch.insert("required".to_owned(), if is_named { json!(["event", "data"]) } else { json!(["data"]) });
    let fields = json!({
        "event": event_type,
        "data": data,
        "id": {"type": "string"},
        "retry": {"type": "integer", "minimum": 0},
    });
    branch.insert("properties".to_owned(), fields);
    branch.into()
}

/// What is known about an event beside its data.
pub(crate) fn describe(schema: &mut Map<String, Value>, event: &EventSchema) {
    let mut text = event.doc().trim().to_owned();
    if let Some(note) = event.deprecation() {
        schema.insert("deprecated".to_owned(), true.into());
        if !note.is_empty() {
            let gap = if text.is_empty() { "" } else { "\n\n" };
            text.push_str(&format!("{gap}Deprecated: {note}"));
        }
    }
    if !text.is_empty() {
        schema.insert("description".to_owned(), text.into());
    }
    for (is_so, key) in [
        (event.is_terminal(), "x-sse-terminal"),
        (event.is_ephemeral(), "x-sse-ephemeral"),
        (event.is_tombstone(), "x-sse-tombstone"),
        (event.is_reset(), "x-sse-reset"),
    ] {
        if is_so {
            schema.insert(key.to_owned(), true.into());
        }
    }
}

/// Whether the event type alone tells all events apart.
fn are_apart(events: &[EventSchema]) -> bool {
    events.iter().enumerate().all(|(i, event)| {
        !event.is_open() && events[..i].iter().all(|other| other.event_type() != event.event_type())
    })
}
