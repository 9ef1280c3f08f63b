//! What describing asks of an event beyond writing it.

use quote::quote;

use crate::ast::{Event, Field, Input, Payload};
use crate::errors::Errors;
use crate::need::Need;

/// What describing needs of the types of fields.
pub(crate) fn needs<'a>(event: &'a Event<'_>) -> Vec<Need<'a>> {
    let schema = |i: &usize| (*i, quote!(__sse::JsonSchema));
    let needs: Vec<_> = match &event.payload {
        Payload::Object(fields) => fields.iter().map(schema).collect(),
        Payload::Value(i) => vec![schema(i)],
        Payload::Nested(i) => vec![(*i, quote!(__sse::SseSchema))],
        Payload::Null
        | Payload::Fixed(_)
        | Payload::Text(_)
        | Payload::Base64(_)
        | Payload::Itself
        | Payload::Never(_) => Vec::new(),
    };
    let is_known = |field: &&Field<'_>| field.serde.with.is_some() || field.schemars.with.is_some();
    let needs = needs.into_iter().filter_map(|(i, bound)| {
        let field = event.fields.get(i).filter(|field| !is_known(field))?;
        Some(Need { ty: field.ty, bound })
    });
    needs.collect()
}

/// The rules that concern describing alone.
pub(crate) fn check(input: &Input<'_>, errors: &Errors) {
    for event in input.events.iter().filter(|event| event.is_sent()) {
        for (i, field) in event.fields.iter().enumerate() {
            if let (Some(error), true) = (&field.schemars.error, event.payload.contains(i)) {
                errors.push(error.clone());
            }
        }
    }
}
