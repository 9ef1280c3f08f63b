//! The keys of one event: of a variant, or of a struct.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::ToTokens as _;
use syn::{Expr, LitInt, LitStr, Token};

use super::{Item, Slot, Written, bad_value, in_order};

/// What `#[sse(...)]` says about one event.
#[derive(Default)]
pub(crate) struct EventAttr {
    pub(crate) event: Slot<Name>,
    /// There is an `event`, but it is no event type: nothing more is known of the name.
    pub(crate) is_nameless: bool,
    pub(crate) explicit: Slot<()>,
    /// Whole milliseconds.
    pub(crate) retry: Slot<u64>,
    /// `None` for the flag, the text where it is fixed.
    pub(crate) text: Slot<Option<String>>,
    pub(crate) base64: Slot<()>,
    pub(crate) transparent: Slot<()>,
    pub(crate) ephemeral: Slot<()>,
    pub(crate) tombstone: Slot<()>,
    pub(crate) terminal: Slot<()>,
    pub(crate) other: Slot<()>,
    pub(crate) skip: Slot<()>,
}

/// What an event is called.
#[derive(Clone)]
pub(crate) enum Name {
    Literal(String),
    /// A constant, whose value only the compiler knows.
    Constant(TokenStream),
    /// What the field of this index holds.
    OfField(usize),
}

impl EventAttr {
    /// Reads a key of an event; `false` if it is none.
    pub(crate) fn read(&mut self, item: &Item<'_>) -> syn::Result<bool> {
        match item.name() {
            "event" => {
                self.is_nameless = true;
                let (name, span) = name(item)?;
                self.is_nameless = false;
                item.set(&mut self.event, name, span);
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
            "terminal" => item.flag(&mut self.terminal)?,
            "other" => item.flag(&mut self.other)?,
            "skip" => item.flag(&mut self.skip)?,
            "explicit" => item.flag(&mut self.explicit)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The keys that were given, as they were.
    pub(crate) fn keys(&self) -> Vec<&Ident> {
        let flags = [
            &self.explicit,
            &self.base64,
            &self.transparent,
            &self.ephemeral,
            &self.tombstone,
            &self.terminal,
            &self.other,
            &self.skip,
        ];
        let event = self.event.iter().map(Written::place);
        let retry = self.retry.iter().map(Written::place);
        let text = self.text.iter().map(Written::place);
        in_order(event.chain(retry).chain(text).chain(flags.into_iter().flatten().map(Written::place)))
    }
}

/// A literal, or a constant: a path, or a macro that becomes a literal.
pub(super) fn name(item: &Item<'_>) -> syn::Result<(Name, Span)> {
    const FORM: &str = "event = \"...\"";
    item.equals(FORM)?;
    if item.input.peek(LitStr) {
        if let Some(parts) = sum(item) {
            let message = format!("`+` does not put literals together\nhelp: write `concat!({parts})`");
            return Err(bad_value(item.input, message));
        }
        let literal = item.literal(FORM)?;
        return Ok((Name::Literal(event_type(&literal)?), literal.span()));
    }
    let ahead = item.input.fork();
    let begin = item.input.span();
    match ahead.parse::<Expr>() {
        Ok(constant) if is_constant(&constant) && (ahead.is_empty() || ahead.peek(Token![,])) => {
            if let Some(word) = bare_word(&constant) {
                let message = format!(
                    "expected a string literal: `{FORM}`\n\
                     help: write `event = \"{word}\"`, or `self::{word}` if it is a constant"
                );
                return Err(bad_value(item.input, message));
            }
            item.input.parse::<Expr>()?;
            Ok((Name::Constant(unborrowed(constant).into_token_stream()), begin))
        }
        _ => Err(bad_value(item.input, format!("expected a string literal or a constant: `{FORM}`"))),
    }
}

/// The literals of `"a" + "b"`.
fn sum(item: &Item<'_>) -> Option<String> {
    let ahead = item.input.fork();
    let mut parts = vec![ahead.parse::<Literal>().ok()?.to_string()];
    while ahead.parse::<Token![+]>().is_ok() {
        parts.push(ahead.parse::<Literal>().ok()?.to_string());
    }
    (parts.len() > 1).then(|| parts.join(", "))
}

/// `&CONST` is what a function that takes `&str` is given: the constant is one already.
fn unborrowed(value: Expr) -> Expr {
    match value {
        Expr::Reference(reference) => *reference.expr,
        // An `$expr` of a `macro_rules!` macro.
        Expr::Group(group) if matches!(*group.expr, Expr::Reference(_)) => unborrowed(*group.expr),
        _ => value,
    }
}

/// A path or a macro, which may come from a macro itself.
fn is_constant(value: &Expr) -> bool {
    match value {
        Expr::Path(_) | Expr::Macro(_) => true,
        Expr::Reference(reference) => {
            reference.mutability.is_none() && matches!(*reference.expr, Expr::Path(_) | Expr::Macro(_))
        }
        Expr::Group(group) => is_constant(&group.expr),
        _ => false,
    }
}

/// A name that only lacks its quotes, most likely.
fn bare_word(constant: &Expr) -> Option<String> {
    let Expr::Path(path) = constant else { return None };
    let word = path.path.get_ident()?.to_string();
    word.chars().any(char::is_lowercase).then_some(word)
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
