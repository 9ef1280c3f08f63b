//! The constant `EVENTS`.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{GenericParam, Lifetime};

use super::block::import;
use super::inside::nested;
use crate::ast::{Event, Input, Payload};
use crate::attr::Name;
use crate::place::ends;

pub(super) fn constant(input: &Input<'_>) -> TokenStream {
    let entries = input.events.iter().filter(|event| event.is_sent()).map(entry);
    let constructor = if input.attr.untagged.is_some() {
        "untagged"
    } else if input.events.iter().any(Event::has_constant_name) {
        "new"
    } else {
        "compared"
    };
    // Where two events share an event type, the compiler points here.
    let span = unknown(input).unwrap_or_else(Span::call_site);
    let (constructor, entries) = (Ident::new(constructor, span), quote!(&[#(#entries),*]));
    quote_spanned!(span=> const EVENTS: __sse::Catalogue = __sse::Catalogue::#constructor(#entries);)
}

/// The first event type that only the compiler knows.
fn unknown(input: &Input<'_>) -> Option<Span> {
    input.events.iter().find_map(|event| {
        let constant = event.has_constant_name().then_some(event.event_type.span);
        constant.or_else(|| event.nested().map(|field| field.ty.span()))
    })
}

fn entry(event: &Event<'_>) -> TokenStream {
    if let Some(field) = event.nested() {
        let nested = nested(event, field);
        return quote!(#nested.entry());
    }
    let event_type = match &event.event_type.name {
        Name::Literal(name) => quote!(#name),
        Name::Constant(_) => constant_name(event),
        Name::OfField(_) => return quote!(__sse::Entry::Open),
    };
    let variant = syn::ext::IdentExt::unraw(event.ident).to_string();
    let doc = Some(&event.doc).filter(|doc| !doc.is_empty()).map(|doc| quote!(.with_doc(#doc)));
    let format = match &event.payload {
        Payload::Text(_) => Some(quote!(Text)),
        Payload::Base64(_) => Some(quote!(Base64)),
        Payload::Fixed(text) => Some(quote!(Fixed(#text))),
        _ => None,
    };
    let format = format.map(|format| quote!(.with_format(__sse::DataFormat::#format)));
    let ephemeral = event.attr.ephemeral.as_ref().map(|_| quote!(.with_ephemeral()));
    let tombstone = event.attr.tombstone.as_ref().map(|_| quote!(.with_tombstone()));
    let terminal = event.attr.terminal.as_ref().map(|_| quote!(.with_terminal()));
    quote! {
        __sse::Entry::Event(
            __sse::EventSpec::new(#event_type).with_variant(#variant) #doc #format #ephemeral #tombstone #terminal
        )
    }
}

/// A name that only the compiler knows, checked.
fn constant_name(event: &Event<'_>) -> TokenStream {
    let constant = constant_of(event);
    // In a block of its own, or the value of a `static` would not live as long as the catalogue.
    quote_spanned!(event.event_type.span=> __sse::name(const { #constant }))
}

/// The same, not checked: who only reads learns nothing from one that no event can have, and who writes, too, is told once.
pub(super) fn constant_of(event: &Event<'_>) -> TokenStream {
    let Name::Constant(name) = &event.event_type.name else { return TokenStream::new() };
    let (first, last) = ends(name.clone());
    let mut argument = Group::new(Delimiter::Parenthesis, quote!(#name));
    argument.set_span(last);
    quote_spanned!(first=> __sse::constant #argument)
}

/// Evaluates the constant where nobody uses it, since it compares the event types of nested types. What is generic
/// has to wait for its parameters: see [`check_generic`].
pub(super) fn check(input: &Input<'_>) -> Option<TokenStream> {
    let mut arguments = Vec::new();
    for parameter in &input.generics.params {
        let GenericParam::Lifetime(_) = parameter else {
            return None;
        };
        arguments.push(Lifetime::new("'static", Span::call_site()));
    }
    let unknown = unknown(input)?;
    let (ident, import) = (input.ident, import(input));
    let constant = quote_spanned! {unknown=>
        #[allow(unused_qualifications)]
        const _: __sse::Catalogue = <#ident<#(#arguments),*> as __sse::SseEvent>::EVENTS;
    };
    Some(quote!(const _: () = { #import #constant };))
}

/// The same for a generic type, in the body of a function: the parameters are known where that is used.
pub(super) fn check_generic(input: &Input<'_>) -> Option<TokenStream> {
    let unknown = unknown(input)?;
    let is_generic = input.generics.params.iter().any(|param| !matches!(param, GenericParam::Lifetime(_)));
    is_generic.then(|| quote_spanned!(unknown=> const { let _ = <Self as __sse::SseEvent>::EVENTS; }))
}
