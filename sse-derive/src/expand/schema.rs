//! The impl of `SseSchema`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;

use super::block::in_const;
use crate::ast::{Event, Field, Input, Payload};
use crate::attr::Name;
use crate::bound;
use crate::doc::{deprecation, doc};
use crate::place::at_type;

pub(super) fn impl_schema(input: &Input<'_>) -> TokenStream {
    let (impl_generics, type_generics, _) = input.generics.split_for_impl();
    let where_clause = bound::where_clause_of_describing(input);
    let ident = input.ident;
    let name = ident.unraw().to_string();
    let events = input.events.iter().filter(|event| event.is_sent()).map(|event| block(input, event));
    let item = quote! {
        impl #impl_generics __sse::SseSchema for #ident #type_generics #where_clause {
            fn schemas(__generator: &mut __sse::SchemaGenerator) -> __sse::EventSchemas {
                let mut __schemas = __sse::schemas::<Self>(__generator);
                #(#events)*
                __schemas.end()
            }

            fn schema_name() -> __sse::SchemaName {
                __sse::SchemaName::Borrowed(#name)
            }
        }
    };
    in_const(input, &item)
}

fn block(input: &Input<'_>, event: &Event<'_>) -> TokenStream {
    let probes = probes(input, event);
    let said = said(event);
    if let Some(field) = event.nested() {
        let call = call(field, "nested_schemas", &quote!(, #said));
        return quote!({ #probes #call; });
    }
    let schema = schema(input, event);
    let push = match &event.event_type.name {
        Name::OfField(_) => {
            let (variant, doc) = (event.ident.unraw().to_string(), &event.doc);
            let payload = match &event.payload {
                Payload::Text(_) => quote!(Text),
                Payload::Base64(_) => quote!(Base64),
                Payload::Fixed(text) => quote!(Fixed(::core::convert::From::from(#text))),
                _ => quote!(Json(__schema)),
            };
            quote!(__schemas.open(#variant, #doc, __sse::Payload::#payload, #said);)
        }
        Name::Literal(_) | Name::Constant(_) => quote!(__schemas.event(__schema, #said);),
    };
    quote!({ #probes let __schema = #schema; #push })
}

/// The types of the fields that have to be described, inferred from a function that is never called.
fn probes(input: &Input<'_>, event: &Event<'_>) -> Option<TokenStream> {
    let probed = |(i, field): &(usize, &Field<'_>)| {
        let is_known = field.serde.with.is_some() || field.schemars.with.is_some();
        let is_text = matches!(event.payload, Payload::Text(_) | Payload::Base64(_));
        event.payload.contains(*i) && !is_known && !is_text
    };
    let fields: Vec<_> = event.fields.iter().enumerate().filter(probed).collect();
    if fields.is_empty() {
        return None;
    }
    let probes = fields.iter().map(|(_, field)| &field.binding);
    let values: Vec<_> = fields.iter().map(|(i, _)| format_ident!("__value{i}")).collect();
    let members = fields.iter().map(|(_, field)| &field.member);
    let said = fields.iter().zip(&values).map(|((_, field), value)| {
        let probe = &field.binding;
        quote!(#probe.is(#value);)
    });
    let others = (input.events.len() > 1).then(|| quote!(_ => {}));
    let path = &event.path;
    Some(quote! {
        #(let #probes = &__sse::probe();)*
        let _ = |__event: &Self| match __event {
            #path { #(#members: #values,)* .. } => { #(#said)* }
            #others
        };
    })
}

/// The expression that is the schema of the data, of no account where that is not JSON.
fn schema(input: &Input<'_>, event: &Event<'_>) -> TokenStream {
    let field = |i: &usize| event.fields.get(*i);
    match &event.payload {
        Payload::Null => quote!(__sse::null_schema()),
        Payload::Object(fields) => object(fields.iter().filter_map(field)),
        Payload::Value(i) => field(i).map(|field| value(field, "value_schema")).unwrap_or_default(),
        Payload::Itself => whole(input, event),
        Payload::Fixed(_)
        | Payload::Text(_)
        | Payload::Base64(_)
        | Payload::Nested(_)
        | Payload::Never(_) => {
            quote!(__sse::any_schema())
        }
    }
}

fn object<'a>(fields: impl Iterator<Item = &'a Field<'a>>) -> TokenStream {
    let members = fields.map(|field| {
        if field.serde.flatten.is_some() {
            let schema = value(field, "flat_schema");
            return quote! {
                let __schema = #schema;
                __object.flatten(__schema, __schemas.generator);
            };
        }
        let (name, required) = (&field.name, field.serde.skip_if.is_none());
        let (schema, doc) = (value(field, "value_schema"), doc(&field.original.attrs));
        let is_deprecated = deprecation(&field.original.attrs).is_some();
        let schema = match (doc.is_empty(), is_deprecated) {
            (true, false) => schema,
            _ => quote!(__sse::described(#schema, #doc, #is_deprecated)),
        };
        quote! {
            let __schema = #schema;
            __object.member(#name, __schema, #required);
        }
    });
    quote!({
        let mut __object = <__sse::ObjectSchema as ::core::default::Default>::default();
        #(#members)*
        __object.end()
    })
}

/// The schema of one field.
fn value(field: &Field<'_>, function: &str) -> TokenStream {
    match (&field.schemars.with, &field.serde.with) {
        (Some(with), _) => {
            let (ty, function) = (&with.value, Ident::new(function, with.span));
            quote_spanned!(with.span=> __sse::#function(&mut __schemas, &__sse::probe::<#ty>()))
        }
        // What a function writes is not what its argument would write.
        (None, Some(_)) => quote!(__sse::any_schema()),
        (None, None) => call(field, function, &TokenStream::new()),
    }
}

fn call(field: &Field<'_>, function: &str, more: &TokenStream) -> TokenStream {
    let (function, probe) = at_type(field, function);
    quote!(#function(&mut __schemas, #probe #more))
}

/// What serde writes for the type, or of an enum, for this variant.
fn whole(input: &Input<'_>, event: &Event<'_>) -> TokenStream {
    // Located there only: a name from a macro would not know `Self`.
    let place = Span::call_site().located_at(input.ident.span());
    if event.is_struct() {
        return quote_spanned!(place=> __sse::whole_schema::<Self>(&mut __schemas));
    }
    let serde = &input.serde;
    let tagging = match &serde.tag {
        _ if serde.is_converted => quote!(Unknown),
        Some(tag) => quote!(Member(#tag)),
        None if serde.is_untagged => {
            let written: Vec<_> = input.events.iter().filter(|event| !event.is_skipped_by_serde).collect();
            let count = written.len();
            match written.iter().position(|other| other.ident == event.ident) {
                Some(index) => quote!(Untagged(#index, #count)),
                None => quote!(Unknown),
            }
        }
        None => quote!(External),
    };
    let name = &event.serde_name;
    quote_spanned!(place=> __sse::part_schema::<Self>(&mut __schemas, #name, __sse::Tagging::#tagging))
}

/// What is said beside the catalogue.
fn said(event: &Event<'_>) -> TokenStream {
    let attr = &event.attr;
    let any = |is: fn(&Field<'_>) -> bool| event.fields.iter().any(is);
    let deprecated =
        event.deprecation.as_ref().map(|note| quote!(deprecated: ::core::option::Option::Some(#note),));
    // The catalogue says the rest, but of an event inside it says what that is by itself.
    let is_nested = event.nested().is_some();
    let flags = [
        ("id", any(|field| field.attr.id.is_some())),
        ("key", any(|field| field.attr.key.is_some())),
        ("retry", attr.retry.is_some() || any(|field| field.attr.retry.is_some())),
        ("terminal", is_nested && attr.terminal.is_some()),
        ("ephemeral", is_nested && attr.ephemeral.is_some()),
        ("tombstone", is_nested && attr.tombstone.is_some()),
    ];
    let flags = flags.into_iter().filter(|(_, is_set)| *is_set).map(|(name, _)| {
        let name = Ident::new(name, Span::call_site());
        quote!(#name: true,)
    });
    let flags: TokenStream = deprecated.into_iter().chain(flags).collect();
    if flags.is_empty() {
        quote!(__sse::Said::NOTHING)
    } else {
        quote!(__sse::Said { #flags ..__sse::Said::NOTHING })
    }
}
