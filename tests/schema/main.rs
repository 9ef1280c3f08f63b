//! `#[derive(SseSchema)]`: what documents and types are made of.
#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

mod attributes;
mod hygiene;
mod itself;

use serde_json::{Value, json};
use typed_sse::schema::{EventSchema, Payload, SchemaCatalogue, SseSchema};

/// The events of a type, without the `reset` of a channel.
fn events<E: SseSchema>() -> Vec<EventSchema> {
    SchemaCatalogue::of::<E>().without_reset().events().to_vec()
}

/// The schema of the data of the only event.
fn schema<E: SseSchema>() -> Value {
    let events = events::<E>();
    let [event] = events.as_slice() else { panic!("{events:?}") };
    json_of(event)
}

fn json_of(event: &EventSchema) -> Value {
    match event.payload() {
        Payload::Json(schema) => schema.clone().to_value(),
        other => json!(format!("{other:?}")),
    }
}
