//! The keys of one event: of a variant, or of a struct.

use proc_macro2::{Ident, Span};
use syn::{LitInt, LitStr, Token};

use super::{Item, Slot, Written, bad_value, in_order};

/// What `#[sse(...)]` says about one event.
#[derive(Default)]
pub(crate) struct EventAttr {
    pub(crate) event: Slot<String>,
    /// There is an `event`, but it is no event type: nothing more is known of the name.
    pub(crate) is_nameless: bool,
    /// Whole milliseconds.
    pub(crate) retry: Slot<u64>,
    /// `None` for the flag, the text where it is fixed.
    pub(crate) text: Slot<Option<String>>,
    pub(crate) base64: Slot<()>,
    pub(crate) transparent: Slot<()>,
    pub(crate) ephemeral: Slot<()>,
    pub(crate) tombstone: Slot<()>,
    pub(crate) other: Slot<()>,
}

impl EventAttr {
    /// Reads a key of an event; `false` if it is none.
    pub(crate) fn read(&mut self, item: &Item<'_>) -> syn::Result<bool> {
        match item.name() {
            "event" => {
                self.is_nameless = true;
                let literal = item.string(r#"event = "...""#)?;
                let event_type = event_type(&literal)?;
                self.is_nameless = false;
                item.set(&mut self.event, event_type, literal.span());
            }
            "retry" => {
                let (retry, span) = retry(item)?;
                item.set(&mut self.retry, retry, span);
            }
            "text" if item.has_value() => {
                let literal = item.string(r#"text = "...""#)?;
                item.set(&mut self.text, Some(literal.value()), literal.span());
            }
            "text" => item.set(&mut self.text, None, item.key.span()),
            "base64" => item.flag(&mut self.base64)?,
            "transparent" => item.flag(&mut self.transparent)?,
            "ephemeral" => item.flag(&mut self.ephemeral)?,
            "tombstone" => item.flag(&mut self.tombstone)?,
            "other" => item.flag(&mut self.other)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The keys that were given, as they were.
    pub(crate) fn keys(&self) -> Vec<&Ident> {
        let flags = [&self.base64, &self.transparent, &self.ephemeral, &self.tombstone, &self.other];
        let event = self.event.iter().map(Written::place);
        let retry = self.retry.iter().map(Written::place);
        let text = self.text.iter().map(Written::place);
        in_order(event.chain(retry).chain(text).chain(flags.into_iter().flatten().map(Written::place)))
    }
}

/// An event type as WHATWG's field `event` can carry it.
fn event_type(literal: &LitStr) -> syn::Result<String> {
    let event_type = literal.value();
    if event_type.is_empty() {
        let message =
            "an empty event type is dispatched as `message`\nhelp: write `event = \"message\"`, or remove it";
        return Err(syn::Error::new(literal.span(), message));
    }
    if event_type.contains(['\r', '\n']) {
        return Err(line_break(literal));
    }
    Ok(event_type)
}

pub(super) fn line_break(literal: &LitStr) -> syn::Error {
    syn::Error::new(literal.span(), "an event type cannot contain a line break: it would end the field")
}

fn retry(item: &Item<'_>) -> syn::Result<(u64, Span)> {
    const FORM: &str = "retry = 3000";
    const MESSAGE: &str = "the reconnection time is whole milliseconds: `retry = 3000`";
    item.equals(FORM)?;
    let ahead = item.input.fork();
    let Ok(literal) = ahead.parse::<LitInt>() else {
        return Err(bad_value(item.input, MESSAGE));
    };
    let ended = ahead.is_empty() || ahead.peek(Token![,]);
    match literal.base10_parse::<u64>() {
        Ok(retry) if ended && literal.suffix().is_empty() => {
            item.input.parse::<LitInt>()?;
            Ok((retry, literal.span()))
        }
        _ => Err(bad_value(item.input, MESSAGE)),
    }
}
