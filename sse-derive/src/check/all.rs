//! The rules between the events of a type.

use std::collections::HashMap;

use proc_macro2::Ident;
use syn::{GenericArgument, PathArguments, PathSegment, Type, TypePath};

use crate::ast::{Event, Input, Payload};
use crate::attr::Slot;
use crate::errors::Errors;

/// No client could tell two events of one type apart, unless by a fixed text.
pub(crate) fn event_types(events: &[Event<'_>], untagged: &Slot<()>, errors: &Errors) {
    let mut seen = HashMap::<&str, Vec<&Event<'_>>>::new();
    for event in events {
        let Some(name) = event.own_name() else { continue };
        let same = seen.entry(name).or_default();
        let first_alike = same.iter().find(|first| alike(first, event));
        let first = first_alike.or_else(|| same.iter().find(|first| collide(first, event)));
        if let (Some(first), true) = (first, first_alike.is_some() || untagged.is_none()) {
            let what = match (&event.payload, first_alike) {
                (Payload::Fixed(text), Some(_)) => format!(
                    "event type `{name}` is already used with the text {text:?}: nobody could tell the two apart\n\
                     help: give one of them another text, or another name: `event = \"...\"`"
                ),
                _ => format!(
                    "event type `{name}` is already used\n\
                     help: give one of them another: `event = \"...\"`\n\
                     help: or `#[sse(untagged)]` on the enum, where a reader can tell them apart by their data"
                ),
            };
            let note = format!("`{name}` is first used here");
            errors.conflict(event.event_type.span, what, first.event_type.span, note);
        }
        same.push(event);
    }
}

/// One variant stands for what no variant before it does.
pub(crate) fn one_other(events: &[Event<'_>], errors: &Errors) {
    // One that is never sent has an error of its own.
    let sent = events.iter().filter(|event| event.is_sent());
    let mut others = sent.filter_map(|event| Some((event, event.attr.other.as_ref()?)));
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
    let is_fixed = |event: &Event<'_>| matches!(event.payload, Payload::Fixed(_));
    alike(a, b) || !is_fixed(a) && !is_fixed(b)
}

/// Whether both always send the same text.
fn alike(a: &Event<'_>, b: &Event<'_>) -> bool {
    matches!((&a.payload, &b.payload), (Payload::Fixed(a), Payload::Fixed(b)) if a == b)
}

/// Without the feature `json`, nothing can be sent as JSON. One error says so of the whole type.
pub(crate) fn nothing_is_json(input: &Input<'_>, errors: &Errors) {
    let is_json = |event: &&Event<'_>| {
        matches!(event.payload, Payload::Object(_) | Payload::Value(_) | Payload::Itself)
    };
    let Some(event) = input.events.iter().find(is_json) else { return };
    let (what, span) = match (&event.payload, &input.attr.data) {
        (Payload::Itself, Some(data)) => (format!("`{} = self`", data.key), data.span),
        _ => (format!("the data of `{}` is JSON, which", event.ident), event.ident.span()),
    };
    let message = format!(
        "{what} needs the feature `json` of typed-sse\n\
         help: add it in Cargo.toml: `features = [\"json\"]`\n\
         help: without it, a field is sent as `text` or `base64`"
    );
    errors.at(span, message);
}

/// An enum without an event is none.
pub(crate) fn some_are_sent(ident: &Ident, events: &[Event<'_>], errors: &Errors) {
    if !events.iter().any(Event::is_sent) {
        errors.at(ident.span(), "an event enum needs at least one variant that is sent");
    }
}
