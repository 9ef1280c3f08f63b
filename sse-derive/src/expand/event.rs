//! The impl of `SseEvent`.

use proc_macro2::{Delimiter, Group, Ident, TokenStream};
use quote::{quote, quote_spanned};

use super::{catalog, data, in_const, nested};
use crate::ast::{Event, Field, Input};
use crate::attr::{Projection, Slot};
use crate::bound;
use crate::place::{at_type, ends};

pub(super) fn impl_event(input: &Input<'_>) -> TokenStream {
    let (impl_generics, type_generics, _) = input.generics.split_for_impl();
    let where_clause = bound::where_clause(input);
    let ident = input.ident;
    let catalogue = catalog::constant(input);
    let check = catalog::check_generic(input);
    let arms = input.events.iter().map(arm);
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

fn arm(event: &Event<'_>) -> TokenStream {
    let path = &event.path;
    if let Some(field @ Field { member, binding, .. }) = event.nested() {
        let nested = nested(event, field);
        return quote!(#path { #member: #binding } => #nested.encode(#binding, __encoder),);
    }
    let used = event.fields.iter().enumerate().filter(|(i, field)| is_used(event, *i, field));
    let bindings = used.map(|(_, Field { member, binding, .. })| quote!(#member: #binding,));
    let event_type = &event.event_type.name;
    let ephemeral = event.attr.ephemeral.is_some().then(|| step(&quote!(__encoder.ephemeral())));
    let key = event.fields.iter().filter_map(|field| projected(field, &field.attr.key, "key"));
    let tombstone = event.attr.tombstone.is_some().then(|| step(&quote!(__encoder.tombstone())));
    let id = event.fields.iter().filter_map(|field| projected(field, &field.attr.id, "id"));
    let retry = retry(event);
    let end = data::end(event);
    // In the order in which the encoder takes them.
    quote! {
        #path { #(#bindings)* .. } => {
            static __EVENT_TYPE: __sse::EventType = __sse::EventType::from_static(#event_type);
            #ephemeral
            #(#key)*
            #tombstone
            let __encoder = __encoder.event_type(&__EVENT_TYPE)?;
            #(#id)*
            #retry
            #end
        }
    }
}

fn step(call: &TokenStream) -> TokenStream {
    quote!(let __encoder = #call?;)
}

fn is_used(event: &Event<'_>, index: usize, field: &Field<'_>) -> bool {
    let attr = &field.attr;
    attr.id.is_some() || attr.key.is_some() || attr.retry.is_some() || event.payload.contains(index)
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
    let (retry, value) = at_type(field, "retry");
    Some(step(&quote!(#retry(__encoder, #value))))
}
