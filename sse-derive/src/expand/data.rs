//! The data of an event.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use super::inside::nested;
use crate::ast::{Event, Field, Payload};
use crate::attr::Written;
use crate::place::at_type;

/// The expression that ends the event.
pub(super) fn end(event: &Event<'_>) -> TokenStream {
    let field = |i: &usize| event.fields.get(*i);
    let one =
        |i, function| field(i).map(|field| call(field, function, &quote!(__encoder))).unwrap_or_default();
    match &event.payload {
        // The bytes of `()` as JSON, without a serialiser.
        Payload::Null => quote!(__encoder.text("null")),
        Payload::Fixed(text) => quote!(__encoder.text(#text)),
        Payload::Object(fields) => object(fields.iter().filter_map(field)),
        Payload::Value(i) => match field(i).and_then(serialize_with) {
            Some(function) => quote!(__encoder.json_with(#function)),
            None => one(i, "json"),
        },
        Payload::Text(i) => one(i, "text"),
        Payload::Base64(i) => one(i, "base64"),
        Payload::Nested(i) => field(i)
            .map(|field| {
                let (nested, binding) = (nested(event, field), &field.binding);
                quote!(#nested.encode(#binding, __encoder))
            })
            .unwrap_or_default(),
        Payload::Itself => whole(event),
        // `arm` says so at once.
        Payload::Never(_) => TokenStream::new(),
    }
}

/// The value as a whole. If it has no `Serialize`, the error is at the name of the type.
fn whole(event: &Event<'_>) -> TokenStream {
    let span = event.type_ident.span();
    // Located there only: a name from a macro would not know `self`.
    let place = Span::call_site().located_at(span);
    quote_spanned!(place=> __sse::whole(__encoder, self))
}

fn object<'a>(fields: impl Iterator<Item = &'a Field<'a>>) -> TokenStream {
    let fields = fields.map(|field| {
        let call = member(field);
        match &field.serde.skip_if {
            None => quote!(let __object = #call?;),
            Some(skip_if) => {
                let skipped = apply(skip_if, &field.binding, &TokenStream::new());
                quote!(let __object = if #skipped { __object } else { #call? };)
            }
        }
    });
    quote! {
        let __object = __encoder.object();
        #(#fields)*
        __object.end()
    }
}

/// One field of an object, or what is flattened into it.
fn member(field: &Field<'_>) -> TokenStream {
    let name = escape(&field.name);
    match (serialize_with(field), field.serde.flatten.is_some()) {
        (None, false) => call(field, "field", &quote!(__object, #name)),
        (None, true) => call(field, "flatten", &quote!(__object)),
        (Some(function), false) => quote!(__object.field_with(#name, #function)),
        (Some(function), true) => quote!(__object.flatten_with(#function)),
    }
}

fn call(field: &Field<'_>, function: &str, arguments: &TokenStream) -> TokenStream {
    let (function, value) = at_type(field, function);
    quote!(#function(#arguments, #value))
}

fn serialize_with(field: &Field<'_>) -> Option<TokenStream> {
    let with = field.serde.with.as_ref()?;
    // Its place is not the literal: the compiler would suggest to remove it there.
    let serializer = quote!(__serializer);
    let written = apply(with, &field.binding, &quote!(, #serializer));
    Some(quote_spanned!(with.span=> |#serializer| #written))
}

/// Calls a function that was named in a literal. If it does not fit, the error is at that literal.
fn apply(path: &Written<TokenStream>, binding: &Ident, more: &TokenStream) -> TokenStream {
    let function = &path.value;
    let mut binding = binding.clone();
    binding.set_span(binding.span().located_at(path.span));
    quote_spanned!(path.span=> #function(#binding #more))
}

/// As JSON writes a name between its quotes.
fn escape(name: &str) -> String {
    let mut escaped = String::with_capacity(name.len());
    for letter in name.chars() {
        match letter {
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            '\u{8}' => escaped.push_str("\\b"),
            '\u{c}' => escaped.push_str("\\f"),
            '\0'..='\u{1f}' => escaped.push_str(&format!("\\u{:04x}", u32::from(letter))),
            _ => escaped.push(letter),
        }
    }
    escaped
}
