//! The impl of `FromSseEvent`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt as _;

use super::{catalog, in_const, made_of, read};
use crate::ast::{Event, Input};
use crate::attr::Name;
use crate::bound;
use crate::payload::Payload;

pub(super) fn impl_from_event(input: &Input<'_>) -> TokenStream {
    let (impl_generics, type_generics, _) = input.generics.split_for_impl();
    let where_clause = bound::where_clause_of_reading(input);
    let ident = input.ident;
    let attempts = attempts(input);
    let knows = knows(input);
    let is_terminal = is_terminal(input);
    let item = quote! {
        impl #impl_generics __sse::FromSseEvent for #ident #type_generics #where_clause {
            fn from_event(
                __event: &__sse::EventRef<'_>,
            ) -> ::core::result::Result<Self, __sse::FromEventError> {
                let mut __reading = __sse::Reading::new(__event);
                #attempts
                ::core::result::Result::Err(__reading.into_error())
            }

            fn knows(__event_type: &::core::primitive::str) -> ::core::primitive::bool {
                #knows
            }

            #is_terminal
        }
    };
    in_const(input, &item)
}

/// In the order in which they are tried: a fixed text tells itself apart; what has any event type comes after those that
/// have one.
fn attempts(input: &Input<'_>) -> TokenStream {
    let sent: Vec<_> = input.events.iter().filter(|event| event.is_sent()).collect();
    let mut tokens = TokenStream::new();
    let mut whole: Vec<String> = Vec::new();
    for rank in [Rank::Fixed, Rank::Named, Rank::Open, Rank::Other] {
        for event in sent.iter().filter(|event| Rank::of(event) == rank) {
            if matches!(event.payload, Payload::Itself) && rank == Rank::Open {
                tokens.extend(attempt(event, rank, &read::whole(input, &[event])));
            } else if matches!(event.payload, Payload::Itself) {
                let name = key(event);
                if whole.contains(&name) {
                    continue;
                }
                let alike = sent.iter().filter(|other| is_whole(other) && key(other) == name);
                let alike: Vec<_> = alike.copied().collect();
                whole.push(name);
                tokens.extend(attempt(event, rank, &read::whole(input, &alike)));
            } else {
                tokens.extend(attempt(event, rank, &read::one(input, event)));
            }
        }
    }
    tokens
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Rank {
    Fixed,
    Named,
    Open,
    Other,
}

impl Rank {
    fn of(event: &Event<'_>) -> Self {
        match (&event.payload, &event.event_type.name) {
            _ if event.attr.other.is_some() => Self::Other,
            (Payload::Nested(_), _) => Self::Named,
            (_, Name::OfField(_)) => Self::Open,
            (Payload::Fixed(_), _) => Self::Fixed,
            _ => Self::Named,
        }
    }
}

fn is_whole(event: &Event<'_>) -> bool {
    matches!(event.payload, Payload::Itself) && Rank::of(event) == Rank::Named
}

/// What events of one type have in common.
fn key(event: &Event<'_>) -> String {
    match &event.event_type.name {
        Name::Literal(name) => format!("{name:?}"),
        Name::Constant(name) => name.to_string(),
        Name::OfField(_) => String::new(),
    }
}

fn attempt(event: &Event<'_>, rank: Rank, body: &TokenStream) -> TokenStream {
    let condition = match rank {
        Rank::Open | Rank::Other => quote!(__reading.is_new()),
        Rank::Fixed | Rank::Named => is_called(event, &quote!(__event.event_type)),
    };
    let is_inside = event.nested().is_some();
    let attempt = if is_inside { quote!(attempt_inside) } else { quote!(attempt) };
    let variant = event.ident.unraw().to_string();
    quote! {
        if #condition {
            if let ::core::option::Option::Some(__read) = __reading.#attempt(#variant, || { #body }) {
                return ::core::result::Result::Ok(__read);
            }
        }
    }
}

/// Whether an event type is that of a variant.
fn is_called(event: &Event<'_>, event_type: &TokenStream) -> TokenStream {
    if let Some(field) = event.nested() {
        let readable = made_of(event, field, "readable");
        return quote!(#readable.knows(#event_type));
    }
    match &event.event_type.name {
        Name::Literal(name) => quote!(#event_type == #name),
        Name::Constant(_) => {
            let name = catalog::constant_name(event);
            quote!(#event_type == const { #name })
        }
        Name::OfField(_) => quote!(true),
    }
}

fn knows(input: &Input<'_>) -> TokenStream {
    let sent = || input.events.iter().filter(|event| event.is_sent());
    if sent().any(|event| matches!(Rank::of(event), Rank::Open | Rank::Other)) {
        return quote!(true);
    }
    let mut conditions: Vec<TokenStream> = Vec::new();
    let mut seen = Vec::new();
    for event in sent() {
        let name = key(event);
        if event.nested().is_none() && seen.contains(&name) {
            continue;
        }
        seen.push(name);
        conditions.push(is_called(event, &quote!(__event_type)));
    }
    quote!(#(#conditions)||*)
}

/// Nothing, where no event is one.
fn is_terminal(input: &Input<'_>) -> Option<TokenStream> {
    let mut others = false;
    let mut arms = Vec::new();
    for event in &input.events {
        let path = &event.path;
        match event.nested() {
            _ if event.attr.terminal.is_some() => arms.push(quote!(#path { .. } => true,)),
            Some(field) => {
                let readable = made_of(event, field, "readable");
                let (member, binding) = (&field.member, &field.binding);
                arms.push(quote!(#path { #member: #binding, .. } => #readable.is_terminal(#binding),));
            }
            None => others = true,
        }
    }
    let others = others.then(|| quote!(_ => false,));
    (!arms.is_empty()).then(|| {
        quote! {
            fn is_terminal(&self) -> ::core::primitive::bool {
                match self {
                    #(#arms)*
                    #others
                }
            }
        }
    })
}
