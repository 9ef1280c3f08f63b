//! `#[sse(...)]` and `#[serde(...)]` as typed values that know where they were written.
//!
//! A mistake in one key never hides the next: it is recorded, its value is skipped, and reading goes on.

mod block;
mod closure;
mod container;
mod event;
mod expression;
mod field;
pub(crate) mod keys;
mod schemars;
mod serde;
mod sides;

use std::fmt::Display;

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::spanned::Spanned as _;
use syn::{Attribute, LitStr, Meta, Token, token};

pub(crate) use container::{Bound, ContainerAttr, DataSource};
pub(crate) use event::{EventAttr, Name};
pub(crate) use field::{FieldAttr, Projection};
pub(crate) use schemars::SchemarsField;
pub(crate) use serde::{SerdeContainer, SerdeField, SerdeVariant, converted_from};

use crate::errors::Errors;

/// A value with its key and the place of the value.
#[derive(Clone)]
pub(crate) struct Written<T> {
    pub(crate) value: T,
    pub(crate) key: Ident,
    /// Of the value; of the key for a flag.
    pub(crate) span: Span,
    /// Which key of its place it is, to tell the later of two.
    order: usize,
}

/// A key that may be given once.
pub(crate) type Slot<T> = Option<Written<T>>;

/// The key of an item, if it was written.
pub(crate) fn key_of<T>(slot: &Slot<T>) -> Option<&Ident> {
    slot.as_ref().map(|written| &written.key)
}

impl<T> Written<T> {
    pub(crate) fn is_later_than<U>(&self, other: &Written<U>) -> bool {
        self.order > other.order
    }

    fn place(&self) -> (usize, &Ident) {
        (self.order, &self.key)
    }
}

fn in_order<'a>(places: impl Iterator<Item = (usize, &'a Ident)>) -> Vec<&'a Ident> {
    let mut places: Vec<_> = places.collect();
    places.sort_by_key(|(order, _)| *order);
    places.into_iter().map(|(_, key)| key).collect()
}

/// One key of an attribute, read up to what follows the key.
pub(crate) struct Item<'a> {
    key: Ident,
    name: String,
    order: usize,
    input: ParseStream<'a>,
    errors: &'a Errors,
}

/// Calls `read` for each key of the attributes called `attribute`.
pub(crate) fn read_items(
    attrs: &[Attribute],
    attribute: &str,
    errors: &Errors,
    mut read: impl FnMut(&Item<'_>) -> syn::Result<()>,
) {
    let mut order = 0;
    for attr in attrs.iter().filter(|attr| attr.path().is_ident(attribute)) {
        let Meta::List(list) = &attr.meta else {
            errors.over(&attr.meta, format!("expected `#[{attribute}(key = value, ...)]`"));
            continue;
        };
        let parser = |input: ParseStream<'_>| {
            while !input.is_empty() {
                order += 1;
                errors.keep(read_item(input, attribute, order, errors, &mut read));
                skip_to_comma(input);
                let _: Option<Token![,]> = input.parse()?;
            }
            Ok(())
        };
        errors.keep(parser.parse2(list.tokens.clone()));
    }
}

fn read_item(
    input: ParseStream<'_>,
    attribute: &str,
    order: usize,
    errors: &Errors,
    read: &mut impl FnMut(&Item<'_>) -> syn::Result<()>,
) -> syn::Result<()> {
    if !input.peek(Ident::peek_any) {
        return Err(bad_value(input, format!("expected a key: `#[{attribute}(key = value, ...)]`")));
    }
    let key = input.call(Ident::parse_any)?;
    let name = key.unraw().to_string();
    read(&Item { key, name, order, input, errors })?;
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(());
    }
    Err(bad_value(input, "expected `,`"))
}

fn skip_to_comma(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) {
        if input.parse::<TokenTree>().is_err() {
            return;
        }
    }
}

/// An error over everything up to the next comma.
fn bad_value(input: ParseStream<'_>, message: impl Display) -> syn::Error {
    let here = input.span();
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        match input.parse::<TokenTree>() {
            // What a macro was called with is wrong there, not where it is passed on.
            Ok(TokenTree::Group(group)) if group.delimiter() == Delimiter::None => {
                tokens.extend(group.stream())
            }
            Ok(token) => tokens.extend([token]),
            Err(error) => return error,
        }
    }
    if tokens.is_empty() { syn::Error::new(here, message) } else { syn::Error::new_spanned(tokens, message) }
}

impl Item<'_> {
    pub(crate) fn key(&self) -> &Ident {
        &self.key
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Keeps `value` in a slot that is still free.
    fn set<T>(&self, slot: &mut Slot<T>, value: T, span: Span) {
        match slot {
            None => *slot = Some(Written { value, key: self.key.clone(), span, order: self.order }),
            Some(first) => self.errors.conflict(
                self.key.span(),
                format!("duplicate `{}`", self.name),
                first.key.span(),
                format!("`{}` is first set here", self.name),
            ),
        }
    }

    /// What this key says, without its value.
    fn written(&self, span: Span) -> Written<TokenStream> {
        Written { value: TokenStream::new(), key: self.key.clone(), span, order: self.order }
    }

    /// A key without a value. It counts even where it has one, lest one mistake be reported as several.
    fn flag(&self, slot: &mut Slot<()>) -> syn::Result<()> {
        self.set(slot, (), self.key.span());
        self.no_value()
    }

    fn no_value(&self) -> syn::Result<()> {
        if self.has_value() {
            return Err(self.value_error(format!("`{}` takes no value", self.name)));
        }
        Ok(())
    }

    /// A key whose value is a string literal, written like `form`.
    fn string(&self, form: &str) -> syn::Result<LitStr> {
        self.equals(form)?;
        self.literal(form)
    }

    /// The string literal that is the value.
    fn literal(&self, form: &str) -> syn::Result<LitStr> {
        if !self.input.peek(LitStr) {
            return Err(bad_value(self.input, format!("expected a string literal: `{form}`")));
        }
        let literal: LitStr = self.input.parse()?;
        if !literal.suffix().is_empty() {
            return Err(syn::Error::new(literal.span(), format!("expected a string literal: `{form}`")));
        }
        Ok(literal)
    }

    fn has_value(&self) -> bool {
        self.input.peek(Token![=]) || self.input.peek(token::Paren)
    }

    /// The `=` in front of a value that must be there.
    fn equals(&self, form: &str) -> syn::Result<()> {
        let needed = format!("`{}` needs a value: `{form}`", self.name);
        if self.input.peek(token::Paren) {
            return Err(bad_value(self.input, needed));
        }
        if !self.input.peek(Token![=]) {
            return Err(syn::Error::new(self.key.span(), needed));
        }
        let equals: Token![=] = self.input.parse()?;
        if self.input.is_empty() || self.input.peek(Token![,]) {
            return Err(syn::Error::new(equals.span(), needed));
        }
        Ok(())
    }

    /// An error over the value, which is there.
    fn value_error(&self, message: impl Display) -> syn::Error {
        if self.input.peek(Token![=]) {
            let _ = self.input.parse::<Token![=]>();
        }
        bad_value(self.input, message)
    }
}
