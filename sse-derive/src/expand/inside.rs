//! How a variant is made of the event inside it.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::Member;

use crate::ast::{Event, Field};
use crate::place::{at_type, ends};

/// What the runtime has to know of a type inside. It is inferred from how the variant is made of it, and asked for in
/// the same words each time, so that a type that is no event is one error.
pub(super) fn nested(event: &Event<'_>, field: &Field<'_>) -> TokenStream {
    let (first, last) = ends(field.ty.to_token_stream());
    if event.is_struct() && event.fields.len() > 1 {
        return lent(field, first, last);
    }
    made_of(event, field, "nested")
}

/// A function that is given how the variant is made of the event inside.
pub(super) fn made_of(event: &Event<'_>, field: &Field<'_>, function: &str) -> TokenStream {
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
