//! Keys that would be silently without effect.

use crate::ast::{Event, Payload};
use crate::attr::{ContainerAttr, DataSource, Slot, Written};
use crate::errors::Errors;

/// As [`explicit`], of all variants together.
pub(crate) fn explicit_on_one(events: &[Event<'_>], explicit: &Slot<()>, errors: &Errors) {
    let Some(explicit) = explicit else { return };
    let written_anyway = |event: &Event<'_>| {
        !event.is_sent() || event.nested().is_some() || event.own_name().is_some_and(|name| name != "message")
    };
    if !events.is_empty() && events.iter().all(written_anyway) {
        let message = "`explicit` has no effect: no variant is sent as `message`\n\
                       help: it is for `event = \"message\"`";
        errors.at(explicit.span, message);
    }
}

/// What is said of the names or the data of all variants, but concerns none of them.
pub(crate) fn names_of_all(events: &[Event<'_>], container: &ContainerAttr, errors: &Errors) {
    let sent = || events.iter().filter(|event| event.is_sent());
    if sent().next().is_none() {
        return;
    }
    let all_nested = sent().all(|event| event.nested().is_some());
    let lacks_name = |event: &Event<'_>| event.nested().is_none() && !event.has_name_of_its_own();
    let why = if all_nested {
        "each variant is named by the event inside\nhelp: write it where that type is defined"
    } else if container.event.is_some() && sent().any(lacks_name) {
        "`event` on the enum names each variant that has no name of its own"
    } else {
        "each variant that is sent has a name of its own"
    };
    if !sent().any(|event| lacks_name(event) && container.event.is_none()) {
        for key in container.keys_of_names() {
            errors.at(key.span(), format!("`{key}` has no effect: {why}"));
        }
    }
    if let (Some(event), false) = (&container.event, sent().any(lacks_name)) {
        errors.at(event.key.span(), format!("`{}` has no effect: {why}", event.key));
    }
    let is_whole = |event: &Event<'_>| matches!(event.payload, Payload::Itself);
    if let (Some(Written { value: DataSource::Itself, key, span, .. }), false) =
        (&container.data, sent().any(is_whole))
    {
        let message = format!(
            "`{key} = self` asks for what `Serialize` writes, but each variant says how its data is sent\n\
             help: remove it, or write `{key} = fields` where attributes of serde's stay for something else"
        );
        errors.at(*span, message);
    }
}

/// The same of a struct.
pub(crate) fn names_of_struct(event: &Event<'_>, container: &ContainerAttr, errors: &Errors) {
    let why = if event.nested().is_some() {
        "the event inside has its own name\nhelp: write it where that type is defined"
    } else if event.fields.iter().any(|field| field.attr.event.is_some()) {
        "the event type is that of the field marked `event`"
    } else if event.has_name_of_its_own() {
        "`event` is the whole name"
    } else {
        return;
    };
    for key in container.keys_of_names() {
        errors.at(key.span(), format!("`{key}` has no effect: {why}"));
    }
}

/// Of all event types, only `message` is left out.
pub(crate) fn explicit(event: &Event<'_>, errors: &Errors) {
    let (Some(explicit), Some(name)) = (&event.attr.explicit, event.own_name()) else { return };
    if name != "message" {
        let message = format!(
            "`explicit` has no effect: the field `event` is written for `{name}` in any case\n\
             help: it is for `event = \"message\"`"
        );
        errors.at(explicit.span, message);
    }
}
