//! The keys of a field.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Attribute, Expr, LitStr, Token, token};

use super::closure::closure;
use super::keys::{self, Place};
use super::{Item, Slot, Written, bad_value, in_order, read_items};
use crate::errors::Errors;

/// What `#[sse(...)]` says about a field.
#[derive(Default)]
pub(crate) struct FieldAttr {
    pub(crate) id: Slot<Projection>,
    pub(crate) key: Slot<Projection>,
    pub(crate) retry: Slot<()>,
    pub(crate) data: Slot<()>,
    pub(crate) skip: Slot<()>,
    pub(crate) event: Slot<()>,
    pub(crate) transparent: Slot<()>,
    /// Without an ID, the event is ephemeral.
    pub(crate) or_ephemeral: Slot<()>,
}

/// How a field becomes an event ID or a key.
pub(crate) enum Projection {
    Itself,
    /// A path or a closure, applied to a reference to the field.
    Applied(TokenStream),
}

impl FieldAttr {
    pub(crate) fn new(attrs: &[Attribute], errors: &Errors) -> Self {
        let mut attr = Self::default();
        read_items(attrs, "sse", errors, |item| attr.read(item));
        attr
    }

    fn read(&mut self, item: &Item<'_>) -> syn::Result<()> {
        match item.name() {
            "id" => Self::read_projection(item, &mut self.id)?,
            "key" => Self::read_projection(item, &mut self.key)?,
            "retry" => {
                item.set(&mut self.retry, (), item.key.span());
                if item.has_value() {
                    return Err(item.value_error(
                        "`retry` takes no value on a field, which holds the reconnection time itself\n\
                         help: a fixed one belongs on the variant: `#[sse(retry = 3000)]`",
                    ));
                }
            }
            "data" => item.flag(&mut self.data)?,
            "skip" => item.flag(&mut self.skip)?,
            "event" => {
                item.set(&mut self.event, (), item.key.span());
                if item.has_value() {
                    return Err(item.value_error(
                        "`event` takes no value on a field, which holds the event type itself\n\
                         help: a fixed one belongs on the variant or the struct",
                    ));
                }
            }
            "transparent" => item.flag(&mut self.transparent)?,
            "or_ephemeral" => item.flag(&mut self.or_ephemeral)?,
            _ => return Err(keys::unknown(&item.key, Place::Field)),
        }
        Ok(())
    }

    /// The key counts even where the function is none, lest one mistake be reported as several.
    fn read_projection(item: &Item<'_>, slot: &mut Slot<Projection>) -> syn::Result<()> {
        let (projection, error) = match projection(item) {
            Ok(projection) => (projection, Ok(())),
            Err(error) => (Projection::Itself, Err(error)),
        };
        item.set(slot, projection, item.key.span());
        error
    }

    /// The keys that were given, as they were.
    pub(crate) fn keys(&self) -> Vec<&Ident> {
        let projections = [&self.id, &self.key].into_iter().flatten().map(Written::place);
        let flags = [&self.retry, &self.data, &self.skip, &self.event, &self.transparent, &self.or_ephemeral];
        let flags = flags.into_iter().flatten().map(Written::place);
        in_order(projections.chain(flags))
    }
}

fn projection(item: &Item<'_>) -> syn::Result<Projection> {
    if !item.has_value() {
        return Ok(Projection::Itself);
    }
    let form = format!("{} = |field| ...", item.name());
    item.equals(&form)?;
    function(item.input, item.name(), &form).map(Projection::Applied)
}

fn function(input: ParseStream<'_>, name: &str, form: &str) -> syn::Result<TokenStream> {
    if input.peek(token::Group) {
        // An `$expr` of a `macro_rules!` macro.
        return grouped(input, name, form);
    }
    if input.peek(Token![|]) || input.peek(Token![move]) {
        return closure(input, form);
    }
    let ahead = input.fork();
    match ahead.parse::<Expr>() {
        Ok(Expr::Path(path)) if ahead.is_empty() || ahead.peek(Token![,]) => {
            input.parse::<Expr>()?;
            Ok(path.into_token_stream())
        }
        _ => {
            let help = if input.peek(LitStr) {
                format!("write it without quotes, or `{name}` alone for the field as it is")
            } else {
                format!("`{name}` alone takes the field as it is")
            };
            let message = format!(
                "`{name}` takes a path or a closure, applied to a reference to the field\nhelp: {help}"
            );
            Err(bad_value(input, message))
        }
    }
}

fn grouped(input: ParseStream<'_>, name: &str, form: &str) -> syn::Result<TokenStream> {
    let token: TokenTree = input.parse()?;
    let TokenTree::Group(group) = &token else {
        return Ok(token.into());
    };
    let inside = |input: ParseStream<'_>| function(input, name, form);
    inside.parse2(group.stream())?;
    Ok(token.into())
}
