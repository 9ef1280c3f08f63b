//! The impl of `SseEvent`.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt as _;

use super::block::in_const;
use super::{catalog, data};
use crate::ast::{Event, Field, Input, Payload};
use crate::attr::{Name, Projection, Slot};
use crate::bound;
use crate::place::{at_type, ends, of_trait};

pub(super) fn impl_event(input: &Input<'_>) -> TokenStream {
    let (impl_generics, type_generics, _) = input.generics.split_for_impl();
    let where_clause = bound::where_clause(input);
    let ident = input.ident;
    let catalogue = catalog::constant(input);
    let check = catalog::check_generic(input);
    // Each with the index of its entry in the catalogue.
    let arms = input.events.iter().scan(0, |entry, event| {
        let arm = arm(event, *entry);
        *entry += usize::from(event.is_sent());
        Some(arm)
    });
    let item = quote! {
        impl #impl_generics __sse::SseEvent for #ident #type_generics #where_clause {
            #catalogue

            fn encode<'__encoder>(
                &self,
                __encoder: __sse::Encoder<'__encoder>,
            ) -> ::core::result::Result<__sse::Encoded<'__encoder>, __sse::EncodeError> {
                #check
                match self {
                    #(#arms)*
                }
            }
        }
    };
    let mut tokens = in_const(input, &item);
    tokens.extend(catalog::check(input));
    tokens
}

fn arm(event: &Event<'_>, entry: usize) -> TokenStream {
    let path = &event.path;
    if !event.is_sent() {
        let name = format!("{}::{}", event.type_ident.unraw(), event.ident.unraw());
        return quote!(#path { .. } => ::core::result::Result::Err(__sse::EncodeError::skipped(#name)),);
    }
    let end = data::end(event);
    let used = event.fields.iter().enumerate().filter(|(i, field)| is_used(event, *i, field));
    let bindings = used.map(|(_, Field { member, binding, .. })| quote!(#member: #binding,));
    let ephemeral = event.attr.ephemeral.is_some().then(|| step(&quote!(__encoder.ephemeral())));
    let key = event.fields.iter().filter_map(|field| projected(field, &field.attr.key, "key"));
    let tombstone = event.attr.tombstone.is_some().then(|| step(&quote!(__encoder.tombstone())));
    let terminal = event.attr.terminal.is_some().then(|| step(&quote!(__encoder.terminal())));
    let (item, event_type) = match &event.payload {
        Payload::Nested(_) => (None, None),
        _ => event_type(event, entry),
    };
    let id = event.fields.iter().filter_map(id);
    let retry = retry(event);
    // In the order of the wire.
    quote! {
        #path { #(#bindings)* .. } => {
            #item
            #ephemeral
            #(#key)*
            #tombstone
            #terminal
            #event_type
            #(#id)*
            #retry
            #end
        }
    }
}

/// What is declared first, and the step that writes the event type.
fn event_type(event: &Event<'_>, entry: usize) -> (Option<TokenStream>, Option<TokenStream>) {
    let write = if event.is_explicit { "explicit_event_type" } else { "event_type" };
    let method = Ident::new(write, Span::call_site());
    match &event.event_type.name {
        Name::Literal(name) => {
            let item = quote!(static __EVENT_TYPE: __sse::EventType = __sse::EventType::from_static(#name););
            (Some(item), Some(step(&quote!(__encoder.#method(&__EVENT_TYPE)))))
        }
        // A `static` would not know `Self`.
        Name::Constant(_) => {
            let catalogue = quote!(&<Self as __sse::SseEvent>::EVENTS);
            let event_type = quote!(const { &__sse::event_type_at(#catalogue, #entry) });
            (None, Some(step(&quote!(__encoder.#method(#event_type)))))
        }
        Name::OfField(i) => {
            let written = event.fields.get(*i).map(|field| {
                let (_, value) = at_type(field, "event_type");
                let event_type = of_trait(field, "Type", "event_type", &value);
                step(&quote!(__encoder.#method(#event_type)))
            });
            (None, written)
        }
    }
}

fn step(call: &TokenStream) -> TokenStream {
    quote!(let __encoder = #call?;)
}

fn is_used(event: &Event<'_>, index: usize, field: &Field<'_>) -> bool {
    let attr = &field.attr;
    let is_written = attr.id.is_some() || attr.key.is_some() || attr.retry.is_some() || attr.event.is_some();
    is_written || event.payload.contains(index)
}

fn id(field: &Field<'_>) -> Option<TokenStream> {
    let function = if field.attr.or_ephemeral.is_some() { "id_or_ephemeral" } else { "id" };
    projected(field, &field.attr.id, function)
}

/// Writes the ID or the key.
fn projected(field: &Field<'_>, projection: &Slot<Projection>, name: &str) -> Option<TokenStream> {
    Some(step(&match &projection.as_ref()?.value {
        Projection::Itself => {
            let (write, value) = at_type(field, name);
            quote!(#write(__encoder, #value))
        }
        Projection::Applied(function) => {
            let (first, last) = ends(function.clone());
            let (binding, method) = (&field.binding, Ident::new(name, first));
            let mut arguments = Group::new(Delimiter::Parenthesis, quote!(#binding, #function));
            arguments.set_span(last);
            let value = quote_spanned!(first=> &__sse::project #arguments);
            quote_spanned!(first=> __sse::#method(__encoder, #value))
        }
    }))
}

fn retry(event: &Event<'_>) -> Option<TokenStream> {
    if let Some(retry) = &event.attr.retry {
        let ms = retry.value;
        return Some(step(&quote!(__encoder.retry(::core::time::Duration::from_millis(#ms)))));
    }
    let field = event.fields.iter().find(|field| field.attr.retry.is_some())?;
    let (_, value) = at_type(field, "retry");
    let reconnection_time = of_trait(field, "Retry", "reconnection_time", &value);
    Some(step(&quote!(__sse::retry(__encoder, #reconnection_time))))
}
