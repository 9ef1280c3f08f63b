//! What an event has once, and what goes only with it.

use proc_macro2::{Ident, Span};

use crate::ast::{Event, Field};
use crate::attr::key_of;
use crate::errors::Errors;

/// One ID, one key, one reconnection time, and what they ask of the event.
pub(super) fn one_of_each(event: &Event<'_>, errors: &Errors) {
    let attr = &event.attr;
    only(event, |field| key_of(&field.attr.data), "which field is the data? only one can be `data`", errors);
    let id = only(event, |field| key_of(&field.attr.id), "an event has one ID", errors);
    let key = only(event, |field| key_of(&field.attr.key), "an event has one key", errors);
    let one_event = "an event has one event type";
    let event_type = only(event, |field| key_of(&field.attr.event), one_event, errors);
    // Beside an event inside, each of them is an error already.
    let is_nested = event.nested().is_some();
    if let (Some(fixed), Some(event_type), false) = (&attr.event, event_type, is_nested) {
        errors.conflict(event_type, one_event, fixed.key.span(), "`event` is first set here");
    }
    only(event, |field| key_of(&field.attr.transparent), "only one field can be the event inside", errors);
    let one_retry = "an event has one reconnection time";
    let retry = only(event, |field| key_of(&field.attr.retry), one_retry, errors);
    if let (Some(fixed), Some(retry)) = (&attr.retry, retry) {
        errors.conflict(retry, one_retry, fixed.key.span(), "`retry` is first set here");
    }
    if let (Some(ephemeral), Some(id), false) = (&attr.ephemeral, id, is_nested) {
        let message = "an `ephemeral` event is sent without an ID\nhelp: remove `id`, or `ephemeral`";
        errors.conflict(id, message, ephemeral.span, "`ephemeral` is set here");
    }
    let may_be_lost =
        event.fields.iter().find_map(|field| field.attr.or_ephemeral.as_ref()).or(attr.ephemeral.as_ref());
    if let (Some(terminal), Some(ephemeral), false) = (&attr.terminal, may_be_lost, is_nested) {
        let message = format!(
            "a `terminal` event has to be replayed, and one that is `{}` is not: who misses it would never learn of the end\n\
             help: remove `{0}`",
            ephemeral.key
        );
        errors.conflict(terminal.span, message, ephemeral.span, format!("`{}` is set here", ephemeral.key));
    }
    if let (Some(tombstone), None, false) = (&attr.tombstone, key, is_nested) {
        let message = "a `tombstone` needs the key that it takes out\n\
                       help: mark the field that holds it: `#[sse(key)]`";
        errors.at(tombstone.span, message);
    }
}

/// The place of a key that only one field may have.
fn only<'a>(
    event: &'a Event<'_>,
    key: impl Fn(&'a Field<'_>) -> Option<&'a Ident>,
    message: &str,
    errors: &Errors,
) -> Option<Span> {
    let mut keys = event.fields.iter().filter_map(key);
    let first = keys.next()?;
    for second in keys {
        errors.conflict(second.span(), message, first.span(), format!("`{first}` is first set here"));
    }
    Some(first.span())
}
