//! The rules that need more than one attribute.

mod all;
mod once;

use std::collections::HashMap;

use proc_macro2::{Ident, Span};

use crate::ast::{Event, Field, Payload};
use crate::attr::{ContainerAttr, DataSource, EventAttr, SerdeVariant, Written, key_of};
use crate::effect;
use crate::errors::Errors;
pub(crate) use all::{event_types, not_itself, nothing_is_json, one_other, some_are_sent};

/// The rules within one event.
pub(crate) fn event(event: &Event<'_>, source: Option<DataSource>, errors: &Errors) {
    if never_sent(event, errors) {
        return;
    }
    serde_name_is_legal(event, errors);
    reserved(event, errors);
    effect::explicit(event, errors);
    one_format(&event.attr, errors);
    nothing_beside_nested(event, errors);
    all_of_an_envelope_is_used(event, errors);
    for (i, field) in event.fields.iter().enumerate() {
        data_is_sent(field, errors);
        or_ephemeral_has_an_id(field, errors);
        match (&event.payload, source) {
            (Payload::Itself, Some(_)) => serde_decides(field, errors),
            // What serde skips concerns other variants, or is not asked for before there is a `data`.
            (_, Some(DataSource::Itself)) | (Payload::Itself, None) => {}
            _ => id_comes_back(field, errors),
        }
        if event.payload.contains(i) && source.is_none() {
            serde_has_effect(&event.payload, field, errors);
        }
    }
    once::one_of_each(event, errors);
    names_apart(event, errors);
}

/// `data = self` where something else is sent instead. In an enum it is for the other variants.
pub(crate) fn whole_is_sent(event: &Event<'_>, container: &ContainerAttr, errors: &Errors) {
    let Some(Written { value: DataSource::Itself, key, span, .. }) = &container.data else { return };
    let attr = &event.attr;
    let other = [key_of(&attr.text), key_of(&attr.base64), key_of(&attr.transparent), event.envelope()];
    for other in other.into_iter().flatten() {
        let message = format!("`{other}` contradicts `{key} = self`, which sends the struct as a whole");
        errors.conflict(other.span(), message, *span, format!("`{key} = self` is set here"));
    }
}

/// A variant that serde is not to write, where the data is not what serde writes.
pub(crate) fn serde_skip(
    serde: &SerdeVariant,
    attr: &EventAttr,
    source: Option<DataSource>,
    errors: &Errors,
) {
    let (Some(skip), None, None) = (&serde.skip, &attr.skip, source) else { return };
    let message =
        format!("`{}` of serde does not keep an event from being sent\nhelp: write `#[sse(skip)]`", skip.key);
    errors.at(skip.key.span(), message);
}

/// Whether the event is never sent; then nothing can be said of how.
fn never_sent(event: &Event<'_>, errors: &Errors) -> bool {
    let Payload::Never(skip) = &event.payload else { return false };
    let fields = event.fields.iter().flat_map(|field| field.attr.keys());
    for key in event.attr.keys().into_iter().chain(fields).filter(|key| *key != skip) {
        let message = format!("`{key}` contradicts `{skip}`: the variant is never sent");
        errors.conflict(key.span(), message, skip.span(), format!("`{skip}` is set here"));
    }
    true
}

/// The names under which a browser's `EventSource` dispatches events of its own:
/// <https://html.spec.whatwg.org/multipage/server-sent-events.html#handler-eventsource-onopen>.
///
/// Protocols that have them want them: one that is written in full is meant.
fn reserved(event: &Event<'_>, errors: &Errors) {
    let Some(name) = event.own_name().filter(|_| !event.event_type.is_given) else { return };
    let instead = match name {
        "error" => "failure",
        "open" => "opened",
        _ => return,
    };
    let rename = format!("rename it, for example `event = \"{instead}\"`");
    let keep = |why| {
        format!("write `#[sse(event = \"{name}\")]`{why}: a browser hands it to `on{name}`, like its own")
    };
    let (first, second) = if event.event_type.is_tag {
        (keep(" to keep it the same as the tag"), rename)
    } else {
        (rename, keep(" if it is meant"))
    };
    let message =
        format!("`{name}` collides with EventSource's own `{name}` event\nhelp: {first}\nhelp: or {second}");
    errors.at(event.event_type.span, message);
}

/// A name of serde's may be what an event type cannot be; one of ours was checked where it was read.
fn serde_name_is_legal(event: &Event<'_>, errors: &Errors) {
    let Some(name) = event.own_name() else { return };
    let fault = match name {
        "" => "an empty event type is dispatched as `message`",
        _ if name.contains(['\r', '\n']) => {
            "an event type cannot contain a line break: it would end the field"
        }
        _ => return,
    };
    let message = format!("{fault}\nhelp: give the event another than serde's: `event = \"...\"`");
    errors.at(event.event_type.span, message);
}

fn one_format(attr: &EventAttr, errors: &Errors) {
    if let (Some(text), Some(base64)) = (&attr.text, &attr.base64) {
        contradiction(text.is_later_than(base64), &text.key, &base64.key, errors);
    }
}

/// A variant that stands for another type's events says nothing of its own; an envelope only what it adds.
fn nothing_beside_nested(event: &Event<'_>, errors: &Errors) {
    let attr = &event.attr;
    let delegating = match (event.envelope(), &attr.transparent, &attr.other) {
        (Some(envelope), ..) => envelope,
        (None, Some(transparent), _) => &transparent.key,
        // An `other` without a field is an event like any.
        (None, None, Some(other)) if !event.fields.is_empty() => &other.key,
        _ => return,
    };
    let is_envelope = event.envelope().is_some();
    if let (Some(inside), Some(all)) = (event.envelope(), &attr.transparent) {
        let message = "`transparent` is said twice\nhelp: on the field alone, others can add an ID or a key";
        errors.conflict(inside.span(), message, all.span, "`transparent` is first set here");
    }
    let retry = key_of(&attr.retry).filter(|_| is_envelope);
    let own = attr.keys().into_iter().filter(|key| Some(*key) != retry);
    let fields = event.fields.iter().flat_map(|field| {
        let attr = &field.attr;
        let added = [
            key_of(&attr.id),
            key_of(&attr.or_ephemeral),
            key_of(&attr.key),
            key_of(&attr.retry),
            key_of(&attr.skip),
        ];
        // Beside the event, not on it.
        let may_add = is_envelope && attr.transparent.is_none();
        attr.keys().into_iter().filter(move |key| !(may_add && added.contains(&Some(*key))))
    });
    for key in own.chain(fields).filter(|key| *key != delegating) {
        let inside_skipped = |field: &Field<'_>| {
            field.attr.transparent.is_some()
                && key_of(&field.attr.skip).is_some_and(|skip| std::ptr::eq(skip, key))
        };
        let help = match &attr.other {
            Some(other) if other.key == *key => "`other` alone sends the event inside, too",
            _ if event.fields.iter().any(inside_skipped) => "remove `skip`: the field is what is sent",
            _ => "write it where that type is defined",
        };
        let message = format!(
            "`{key}` contradicts `{delegating}`, which leaves everything to the event inside\nhelp: {help}"
        );
        errors.at(key.span(), message);
    }
}

/// What stands beside the event in an envelope would be lost if it were not its ID, key or reconnection time.
fn all_of_an_envelope_is_used(event: &Event<'_>, errors: &Errors) {
    if event.envelope().is_none() {
        return;
    }
    for field in event.fields.iter().filter(|field| field.is_sent()) {
        let attr = &field.attr;
        if attr.id.is_none() && attr.key.is_none() && attr.transparent.is_none() && attr.data.is_none() {
            let message = "this field would not be sent: the data is that of the `transparent` field\n\
                           help: mark it `id` or `key`, or `#[sse(skip)]` to keep it to the server";
            errors.over(field.original, message);
        }
    }
}

/// With `data = self` it is serde that writes a field, or does not.
fn serde_decides(field: &Field<'_>, errors: &Errors) {
    if let Some(data) = &field.attr.data {
        let message = "`data` contradicts `data = self`, which sends the whole value\n\
                       help: without `data = self` on the type, this field alone is the data";
        errors.at(data.span, message);
    }
    if let (Some(skip), None) = (&field.attr.skip, &field.serde.skip) {
        let message = "`skip` does not keep a field out of what `Serialize` writes, which is the data\n\
                       help: write `#[serde(skip)]`, or `#[serde(skip_serializing)]`";
        errors.at(skip.span, message);
    }
}

fn or_ephemeral_has_an_id(field: &Field<'_>, errors: &Errors) {
    if let (Some(or_ephemeral), None) = (&field.attr.or_ephemeral, &field.attr.id) {
        let message = "`or_ephemeral` says what an event without an ID is, but this field is no ID\n\
                       help: write `#[sse(id, or_ephemeral)]`";
        errors.at(or_ephemeral.span, message);
    }
}

fn data_is_sent(field: &Field<'_>, errors: &Errors) {
    let Some(data) = &field.attr.data else { return };
    for other in [&field.attr.retry, &field.attr.event, &field.attr.skip].into_iter().flatten() {
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
    const ELSE: &str =
        "help: `#[sse(data = fields)]` on the type lets it through, if it is for something else";
    for key in only_object.into_iter().flatten().filter(|_| !in_object) {
        let why = "this field alone is the data, and not part of an object";
        errors.at(key.span(), format!("`{key}` has no effect: {why}\n{ELSE}"));
    }
    if let Some(key) = only_json {
        errors.at(key.span(), format!("`{key}` has no effect: this field is not sent as JSON\n{ELSE}"));
    }
    if let (Some(flatten), Some(rename)) = (&serde.flatten, &serde.rename) {
        contradiction(flatten.is_later_than(rename), &flatten.key, &rename.key, errors);
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
