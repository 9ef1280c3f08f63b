//! The rules that need more than one attribute.

use std::collections::HashMap;

use proc_macro2::{Ident, Span};
use syn::{GenericArgument, PathArguments, PathSegment, Type, TypePath};

use crate::ast::{Event, Field};
use crate::attr::{EventAttr, Slot};
use crate::errors::Errors;
use crate::payload::Payload;

/// The rules within one event.
pub(crate) fn event(event: &Event<'_>, errors: &Errors) {
    reserved(event, errors);
    one_format(&event.attr, errors);
    nothing_beside_nested(event, errors);
    for (i, field) in event.fields.iter().enumerate() {
        data_is_sent(field, errors);
        id_comes_back(field, errors);
        if event.payload.contains(i) {
            serde_has_effect(&event.payload, field, errors);
        }
    }
    one_of_each(event, errors);
    names_apart(event, errors);
}

/// No client could tell two events of one type apart, unless by a fixed text.
pub(crate) fn event_types(events: &[Event<'_>], errors: &Errors) {
    let mut seen = HashMap::<&str, Vec<&Event<'_>>>::new();
    for event in events {
        let Some(name) = event.own_name() else { continue };
        let same = seen.entry(name).or_default();
        if let Some(first) = same.iter().find(|first| collide(first, event)) {
            errors.conflict(
                event.event_type.span,
                format!(
                    "event type `{name}` is already used\nhelp: give one of them another: `event = \"...\"`"
                ),
                first.event_type.span,
                format!("`{name}` is first used here"),
            );
        }
        same.push(event);
    }
}

/// One variant stands for what no variant before it does.
pub(crate) fn one_other(events: &[Event<'_>], errors: &Errors) {
    let mut others = events.iter().filter_map(|event| Some((event, event.attr.other.as_ref()?)));
    let Some((first, key)) = others.next() else { return };
    let mut is_alone = true;
    for (_, second) in others {
        is_alone = false;
        let message = "only one variant can be `other`: it stands for every event type that no variant has";
        errors.conflict(second.span, message, key.span, "`other` is first set here");
    }
    if is_alone && events.last().is_some_and(|last| last.ident != first.ident) {
        let message = "`other` stands for what no variant before it does\nhelp: move the variant to the end";
        errors.at(key.span, message);
    }
}

/// A catalogue that holds itself would never end.
pub(crate) fn not_itself(ident: &Ident, events: &[Event<'_>], errors: &Errors) {
    for field in events.iter().filter_map(Event::nested).filter(|field| is(ident, field.ty)) {
        let message = format!(
            "`{ident}` cannot be `transparent` inside itself: its catalogue would never end\n\
             help: without `transparent` it is sent as JSON"
        );
        errors.over(field.ty, message);
    }
}

/// Whether `ty` is the type `ident`, or a pointer to it by one of the names that everyone uses.
fn is(ident: &Ident, ty: &Type) -> bool {
    let path = match ty {
        Type::Reference(reference) => return is(ident, &reference.elem),
        Type::Path(TypePath { qself: None, path, .. }) => path,
        _ => return false,
    };
    match path.segments.last() {
        Some(last) if last.ident == "Self" || last.ident == *ident => path.segments.len() == 1,
        Some(PathSegment { ident: pointer, arguments: PathArguments::AngleBracketed(arguments) })
            if ["Box", "Arc", "Rc", "Cow"].iter().any(|known| pointer == known) =>
        {
            arguments
                .args
                .iter()
                .any(|argument| matches!(argument, GenericArgument::Type(ty) if is(ident, ty)))
        }
        _ => false,
    }
}

fn collide(a: &Event<'_>, b: &Event<'_>) -> bool {
    match (&a.payload, &b.payload) {
        (Payload::Fixed(a), Payload::Fixed(b)) => a == b,
        (Payload::Fixed(_), _) | (_, Payload::Fixed(_)) => false,
        _ => true,
    }
}

/// The names under which a browser's `EventSource` dispatches events of its own:
/// <https://html.spec.whatwg.org/multipage/server-sent-events.html#handler-eventsource-onopen>.
fn reserved(event: &Event<'_>, errors: &Errors) {
    let Some(name) = event.own_name() else { return };
    let instead = match name {
        "error" => "failure",
        "open" => "opened",
        _ => return,
    };
    let message = format!(
        "`{name}` collides with EventSource's own `{name}` event\n\
         help: rename it, for example `event = \"{instead}\"`"
    );
    errors.at(event.event_type.span, message);
}

fn one_format(attr: &EventAttr, errors: &Errors) {
    if let (Some(text), Some(base64)) = (&attr.text, &attr.base64) {
        contradiction(text.is_later_than(base64), &text.key, &base64.key, errors);
    }
}

/// A variant that stands for another type's events says nothing of its own.
fn nothing_beside_nested(event: &Event<'_>, errors: &Errors) {
    let attr = &event.attr;
    let delegating = match (&attr.transparent, &attr.other) {
        (Some(transparent), _) => &transparent.key,
        // An `other` without a field is an event like any.
        (None, Some(other)) if !event.fields.is_empty() => &other.key,
        _ => return,
    };
    let fields = event.fields.iter().flat_map(|field| field.attr.keys());
    for key in attr.keys().into_iter().chain(fields).filter(|key| *key != delegating) {
        let help = match &attr.other {
            Some(other) if other.key == *key => "`other` alone sends the event inside, too",
            _ => "write it where that type is defined",
        };
        let message = format!(
            "`{key}` contradicts `{delegating}`, which leaves everything to the event inside\nhelp: {help}"
        );
        errors.at(key.span(), message);
    }
}

fn data_is_sent(field: &Field<'_>, errors: &Errors) {
    let Some(data) = &field.attr.data else { return };
    for other in [&field.attr.retry, &field.attr.skip].into_iter().flatten() {
        contradiction(data.is_later_than(other), &data.key, &other.key, errors);
    }
    if let Some(skip) = &field.serde.skip {
        contradiction(false, &data.key, &skip.key, errors);
    }
}

/// `skip` of serde's would leave a default where decoding can restore the ID.
fn id_comes_back(field: &Field<'_>, errors: &Errors) {
    let (Some(id), Some(skip)) = (&field.attr.id, &field.serde.skip) else { return };
    if field.attr.skip.is_none() {
        let message = format!(
            "`{}` of serde forgets the ID, which the event carries beside its data\n\
             help: write `#[sse(id, skip)]`",
            skip.key
        );
        errors.conflict(skip.key.span(), message, id.key.span(), "`id` is set here");
    }
}

fn contradiction(a_is_later: bool, a: &Ident, b: &Ident, errors: &Errors) {
    let (later, earlier) = if a_is_later { (a, b) } else { (b, a) };
    let message = format!("`{later}` contradicts `{earlier}`");
    errors.conflict(later.span(), message, earlier.span(), format!("`{earlier}` is set here"));
}

/// No attribute of serde's is silently without effect.
fn serde_has_effect(payload: &Payload, field: &Field<'_>, errors: &Errors) {
    let serde = &field.serde;
    let in_object = matches!(payload, Payload::Object(_));
    let as_json = in_object || matches!(payload, Payload::Value(_));
    let only_json = key_of(&serde.with).filter(|_| !as_json);
    let only_object = [key_of(&serde.rename), key_of(&serde.skip_if), key_of(&serde.flatten)];
    for key in only_object.into_iter().flatten().filter(|_| !in_object) {
        errors.at(
            key.span(),
            format!("`{key}` has no effect: this field alone is the data, and not part of an object"),
        );
    }
    if let Some(key) = only_json {
        errors.at(key.span(), format!("`{key}` has no effect: this field is not sent as JSON"));
    }
    if let (Some(flatten), Some(rename)) = (&serde.flatten, &serde.rename) {
        contradiction(flatten.is_later_than(rename), &flatten.key, &rename.key, errors);
    }
}

/// One ID, one key, one reconnection time, and what they ask of the event.
fn one_of_each(event: &Event<'_>, errors: &Errors) {
    let attr = &event.attr;
    only(event, |field| key_of(&field.attr.data), "which field is the data? only one can be `data`", errors);
    let id = only(event, |field| key_of(&field.attr.id), "an event has one ID", errors);
    let key = only(event, |field| key_of(&field.attr.key), "an event has one key", errors);
    let one_retry = "an event has one reconnection time";
    let retry = only(event, |field| key_of(&field.attr.retry), one_retry, errors);
    if let (Some(fixed), Some(retry)) = (&attr.retry, retry) {
        errors.conflict(retry, one_retry, fixed.key.span(), "`retry` is first set here");
    }
    if let (Some(ephemeral), Some(id)) = (&attr.ephemeral, id) {
        let message = "an `ephemeral` event is sent without an ID\nhelp: remove `id`, or `ephemeral`";
        errors.conflict(id, message, ephemeral.span, "`ephemeral` is set here");
    }
    if let (Some(tombstone), None) = (&attr.tombstone, key) {
        let message = "a `tombstone` needs the key that it takes out\n\
                       help: mark the field that holds it: `#[sse(key)]`";
        errors.at(tombstone.span, message);
    }
}

/// An object does not have two members of one name.
fn names_apart(event: &Event<'_>, errors: &Errors) {
    let Payload::Object(fields) = &event.payload else { return };
    let mut seen = HashMap::<&str, Span>::new();
    let members = fields.iter().filter_map(|i| event.fields.get(*i));
    // One of several may be left out when the other is not.
    for field in members.filter(|field| field.serde.flatten.is_none() && field.serde.skip_if.is_none()) {
        let name = field.name.as_str();
        match seen.get(name) {
            Some(first) => errors.conflict(
                field.name_span(),
                format!(
                    "the data has a field `{name}` already\nhelp: rename it: `#[serde(rename = \"...\")]`"
                ),
                *first,
                format!("`{name}` is first used here"),
            ),
            None => {
                seen.insert(name, field.name_span());
            }
        }
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

fn key_of<T>(slot: &Slot<T>) -> Option<&Ident> {
    slot.as_ref().map(|written| &written.key)
}
