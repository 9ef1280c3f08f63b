//! One event, read field by field.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::Member;

use super::inside::made_of;
use crate::ast::{Event, Field, Input, Payload};
use crate::attr::Written;
use crate::place::{at_type, ends, of_trait};
use crate::reading::{Origin, origins};

/// The statements that read an event, and end with the result.
pub(super) fn one(input: &Input<'_>, event: &Event<'_>) -> TokenStream {
    let path = &event.path;
    let (statements, values): (Vec<_>, Vec<_>) =
        origins(event).map(|(field, origin)| value(input, event, field, origin)).unzip();
    let members = event.fields.iter().map(|field| &field.member);
    let object = match &event.payload {
        Payload::Object(_) => Some(object(input, event)),
        _ => None,
    };
    let inside = event.envelope().map(|_| quote!(let mut __inside = *__event;));
    let built = quote!(#path { #(#members: #values,)* });
    let result = match &event.payload {
        _ if event.attr.other.is_some() => quote!(::core::result::Result::Ok(#built)),
        Payload::Fixed(text) => quote!(__sse::read_fixed(__event, #text, #built)),
        Payload::Null if input.attr.untagged.is_some() => quote!(__sse::read_null(__event, #built)),
        _ => quote!(::core::result::Result::Ok(#built)),
    };
    quote! {
        #inside
        #(#statements)*
        #object
        #result
    }
}

/// The statement that comes first, and the expression that is the field's value.
fn value(
    input: &Input<'_>,
    event: &Event<'_>,
    field: &Field<'_>,
    origin: Origin,
) -> (Option<TokenStream>, TokenStream) {
    let (binding, name) = (&field.binding, &field.read_name);
    let read = |function| {
        let read = call(field, function, quote!(__event));
        (None, quote!(#read?))
    };
    let is_envelope = event.envelope().is_some();
    match origin {
        Origin::Member => (Some(slot(field)), taken(input, field)),
        Origin::Value => match &field.serde.read.with {
            Some(with) => {
                let read = quote_spanned!(with.span=> __sse::read_json_with);
                let function = applied(with);
                (None, quote!(#read(__event, #function)?))
            }
            None => read("read_json"),
        },
        Origin::Text => read("read_text"),
        Origin::Base64 => read("read_base64"),
        Origin::EventType => {
            let value = of_trait(field, "Type", "from_event_type", &quote!(__sse::event_type(__event)));
            (None, quote!(__sse::read_event_type(__event, #value)?))
        }
        Origin::Inside => {
            let readable = made_of(event, field, "readable");
            let event = if is_envelope { quote!(&__inside) } else { quote!(__event) };
            (None, quote!(#readable.read(#event)?))
        }
        Origin::Id if is_envelope => {
            let take = call(field, "take_id", quote!(&mut __inside, #name));
            (Some(quote!(let #binding = #take?;)), quote!(#binding))
        }
        Origin::Id => {
            let read = call(field, "read_id", quote!(__event, #name));
            (None, quote!(#read?))
        }
        Origin::Retry => {
            let value = of_trait(field, "Retry", "from_reconnection_time", &quote!(__event.retry));
            (None, quote!(__sse::read_retry(__event, #name, #value)?))
        }
        Origin::Nowhere | Origin::Whole => {
            let restored = || call(field, "restored", TokenStream::new());
            (None, default(field).map_or_else(restored, |default| quote!(#default())))
        }
    }
}

/// A call of a function of the runtime, all of it at the field's type: the compiler underlines a call, where no argument has
/// the type that does not fit.
fn call(field: &Field<'_>, function: &str, arguments: TokenStream) -> TokenStream {
    let (function, _) = at_type(field, function);
    let (_, last) = ends(field.ty.to_token_stream());
    let mut group = Group::new(Delimiter::Parenthesis, arguments);
    group.set_span(last);
    quote!(#function #group)
}

/// Where the value of a member goes.
fn slot(field: &Field<'_>) -> TokenStream {
    let binding = &field.binding;
    let names = std::iter::once(&field.read_name).chain(&field.serde.read.aliases);
    let (flattens, with) = (field.serde.flatten.is_some(), &field.serde.read.with);
    let made = match with {
        None if flattens => call(field, "flattened", TokenStream::new()),
        None => call(field, "member", quote!(&[#(#names),*])),
        Some(with) => {
            let function = applied(with);
            if flattens {
                quote!(__sse::flattened_with(#function))
            } else {
                quote!(__sse::member_with(&[#(#names),*], #function))
            }
        }
    };
    quote!(let mut #binding = #made;)
}

/// The value of a member, or what stands for one that is missing.
fn taken(input: &Input<'_>, field: &Field<'_>) -> TokenStream {
    let (binding, member) = (&field.binding, &field.member);
    let take_or = |default: TokenStream| {
        let (_, last) = ends(field.ty.to_token_stream());
        quote_spanned!(last=> #binding.take_or(#default))
    };
    match (&field.serde.read.default, &input.serde.default) {
        (Some(_), _) => {
            let default = default(field).unwrap_or_else(|| at_type(field, "restored").0);
            take_or(default)
        }
        (None, Some(of_type)) => take_or(quote!(|| { let __default: Self = #of_type(); __default.#member })),
        (None, None) => quote!(#binding.take(__event)?),
    }
}

/// The function that makes the value of what is missing, if one is named.
fn default(field: &Field<'_>) -> Option<TokenStream> {
    field.serde.read.default.as_ref()?.value.clone()
}

/// A function of the user's that is given a deserialiser. If it does not fit, the error is where it is named.
fn applied(with: &Written<TokenStream>) -> TokenStream {
    // Located there only: in the macro's scope, the compiler does not suggest to change the literal.
    let deserializer = Ident::new("__deserializer", Span::mixed_site().located_at(with.span));
    let function = &with.value;
    quote_spanned!(with.span=> |#deserializer| #function(#deserializer))
}

fn object(input: &Input<'_>, event: &Event<'_>) -> TokenStream {
    let members = || origins(event).filter(|(_, origin)| *origin == Origin::Member).map(|(field, _)| field);
    let read = match (members().any(|field| field.serde.flatten.is_some()), input.serde.deny_unknown) {
        (true, _) => quote!(read_flat_object),
        (false, true) => quote!(read_whole_object),
        (false, false) => quote!(read_object),
    };
    let slots = members().map(|Field { binding, .. }| quote!(&mut #binding));
    quote!(__sse::#read(__event, &mut [#(#slots),*])?;)
}

/// A value that serde reads as a whole, and which then has to be one of these variants. What serde was told to leave out comes
/// from beside the data.
pub(super) fn whole(input: &Input<'_>, events: &[&Event<'_>]) -> TokenStream {
    // Located there only: a name from a macro would not know `Self`.
    let place = Span::call_site().located_at(input.ident.span());
    let read = quote_spanned!(place=> __sse::read_whole::<Self>(__event));
    let arms = events.iter().map(|event| {
        let path = &event.path;
        let beside = || origins(event).filter(|(_, origin)| *origin != Origin::Whole);
        let bindings = beside().map(|(Field { member, binding, .. }, _)| quote!(#member: #binding,));
        let restored = beside().map(|(field, origin)| {
            let (binding, (_, value)) = (&field.binding, value(input, event, field, origin));
            quote!(*#binding = #value;)
        });
        quote!(#path { #(#bindings)* .. } => { #(#restored)* })
    });
    let is_all = events.len() == input.events.len();
    let others = (!is_all).then(|| match events {
        [event] => by_its_field(input, event),
        _ => None,
    });
    let others =
        others.map(|read| read.unwrap_or_else(|| quote!(_ => return __sse::other_variant(__event),)));
    quote! {
        let mut __value = #read?;
        match &mut __value {
            #(#arms)*
            #others
        }
        ::core::result::Result::Ok(__value)
    }
}

/// Serde's `untagged` takes the first variant that fits. The event type says more: what a variant holds as it is, can be read without it.
fn by_its_field(input: &Input<'_>, event: &Event<'_>) -> Option<TokenStream> {
    let [field] = event.fields.as_slice() else { return None };
    let is_plain = matches!(field.member, Member::Unnamed(_)) && !field.has_serde() && !event.is_custom;
    // Where it is generic, only `Self` is known to be readable.
    let is_plain = is_plain && input.generics.type_params().next().is_none();
    (input.serde.is_untagged && is_plain).then(|| {
        let read = call(field, "read_json", quote!(__event));
        let (path, member) = (&event.path, &field.member);
        quote!(_ => return ::core::result::Result::Ok(#path { #member: #read? }),)
    })
}
