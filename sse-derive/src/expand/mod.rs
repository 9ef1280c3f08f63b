//! The generated code. Nothing here can fail.

mod catalog;
mod data;
mod decode;
mod event;
mod read;
mod schema;
#[cfg(test)]
mod tests;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::{DeriveInput, Member};

use crate::ast::{Event, Field, Input};
use crate::check;
use crate::describing;
use crate::errors::Errors;
use crate::place::{at_type, ends};
use crate::reading;
use crate::stub;

/// What a derive makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Derive {
    SseEvent,
    FromSseEvent,
    SseSchema,
}

/// A derive, total over all token streams.
pub(crate) fn derive(input: TokenStream, derive: Derive) -> TokenStream {
    derive_with(input, derive, cfg!(feature = "json"))
}

/// `has_json`: the facade can write JSON.
fn derive_with(input: TokenStream, derive: Derive, has_json: bool) -> TokenStream {
    match syn::parse2(input) {
        Ok(input) => derive_for(&input, derive, has_json),
        Err(error) => error.into_compile_error(),
    }
}

/// All derives find the same mistakes, in the same words: where they stand on one type, the compiler shows each once.
fn derive_for(input: &DeriveInput, derive: Derive, has_json: bool) -> TokenStream {
    let errors = Errors::new();
    let input = Input::new(input, &errors);
    if !has_json {
        check::nothing_is_json(&input, &errors);
    }
    match derive {
        Derive::SseEvent => {}
        Derive::FromSseEvent => reading::check(&input, &errors),
        Derive::SseSchema => describing::check(&input, &errors),
    }
    match (errors.finish(), derive) {
        (Ok(()), Derive::SseEvent) => event::impl_event(&input),
        (Ok(()), Derive::FromSseEvent) => decode::impl_from_event(&input),
        (Ok(()), Derive::SseSchema) => schema::impl_schema(&input),
        (Err(error), _) => {
            let mut tokens = error.into_compile_error();
            if !input.attr.is_lost {
                tokens.extend(match derive {
                    Derive::SseEvent => stub::impl_event(&input),
                    Derive::FromSseEvent => stub::impl_from_event(&input),
                    Derive::SseSchema => stub::impl_schema(&input),
                });
            }
            tokens
        }
    }
}

/// What the runtime has to know of a type inside. It is inferred from how the variant is made of it, and asked for in
/// the same words each time, so that a type that is no event is one error.
fn nested(event: &Event<'_>, field: &Field<'_>) -> TokenStream {
    let (first, last) = ends(field.ty.to_token_stream());
    if event.is_struct() && event.fields.len() > 1 {
        return lent(field, first, last);
    }
    made_of(event, field, "nested")
}

/// A function that is given how the variant is made of the event inside.
fn made_of(event: &Event<'_>, field: &Field<'_>, function: &str) -> TokenStream {
    let (first, last) = ends(field.ty.to_token_stream());
    let (nested, _) = at_type(field, function);
    let (inner, member) = (Ident::new("__inner", last), &field.member);
    // Never called, so that the others can be anything.
    let others = event.fields.iter().map(|other| &other.member).filter(|other| *other != member);
    let mut fields = Group::new(Delimiter::Brace, quote!(#member: #inner #(, #others: loop {})*));
    fields.set_span(last);
    let path = respanned(event.path.clone(), first);
    let parameter = quote_spanned!(first=> |#inner|);
    quote!(#nested(#parameter #path #fields))
}

/// The same of a struct with other fields, the last of which may be unsized: no value can be made of it.
fn lent(field: &Field<'_>, first: Span, last: Span) -> TokenStream {
    let (nested, _) = at_type(field, "nested_in");
    let event = Ident::new("__event", last);
    // At the type, but known by the scope that it was written in.
    let mut member = field.member.clone();
    match &mut member {
        Member::Named(name) => name.set_span(name.span().located_at(last)),
        Member::Unnamed(index) => index.span = index.span.located_at(last),
    }
    let parameter = quote_spanned!(first=> |#event: &Self| &);
    quote!(#nested(#parameter #event.#member))
}

fn respanned(tokens: TokenStream, span: Span) -> TokenStream {
    let respan = |mut token: TokenTree| {
        token.set_span(span);
        token
    };
    tokens.into_iter().map(respan).collect()
}

/// Keeps `item` and the name `__sse` out of the user's scope.
pub(crate) fn in_const(input: &Input<'_>, item: &TokenStream) -> TokenStream {
    let import = import(input);
    let allow = allow(input);
    quote! {
        const _: () = {
            #import
            #[automatically_derived]
            #allow
            #item
        };
    }
}

/// One import, so that a wrong path is one error.
fn import(input: &Input<'_>) -> TokenStream {
    let (path, span) = match &input.attr.krate {
        Some(path) => (path.value.to_token_stream(), path.span),
        None => (quote!(::typed_sse), Span::call_site()),
    };
    // All of it at one place, or the error would be at `derive`.
    let import = quote_spanned!(span=> use #path::__private as __sse;);
    quote! {
        #[allow(unused_imports, unused_qualifications)]
        #import
    }
}

/// The lints that generated code may break where written code should not.
fn allow(input: &Input<'_>) -> TokenStream {
    // A variant is named here because it exists, not because it is used.
    let deprecated = input.mentions_deprecation.then(|| quote!(deprecated,));
    let envelope = input.events.iter().any(|event| event.envelope().is_some());
    let envelope =
        envelope.then(|| quote!(unreachable_code, clippy::diverging_sub_expression, clippy::empty_loop,));
    quote!(#[allow(
        #deprecated #envelope private_bounds, unused_qualifications, clippy::absolute_paths, clippy::init_numbered_fields
    )])
}
