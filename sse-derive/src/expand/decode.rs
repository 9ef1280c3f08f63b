//! The impl of `FromSseEvent`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt as _;

use super::block::in_const;
use super::inside::made_of;
use super::{catalog, read};
use crate::ast::{Event, Input, Payload};
use crate::attr::Name;
use crate::bound;
use crate::reading::{Origin, origins};

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

            #[allow(unused_variables)]
            fn knows(__event_type: &::core::primitive::str) -> ::core::primitive::bool {
                #knows
            }

            #is_terminal
        }
    };
    in_const(input, &item)
}

/// In the order in which they are tried: a fixed text tells itself apart, and so does an ID where only some of one event type have
/// one; what has any event type comes after those that have one, an event inside first, which may know more.
fn attempts(input: &Input<'_>) -> TokenStream {
    let sent: Vec<_> = input.events.iter().filter(|event| event.is_sent()).collect();
    let mut tokens = TokenStream::new();
    let mut whole: Vec<String> = Vec::new();
    for rank in [Rank::Fixed, Rank::Identified, Rank::Named, Rank::Inside, Rank::Open, Rank::Other] {
        for event in sent.iter().filter(|event| rank.has(&sent, event)) {
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
                let body = read::one(input, event);
                let attempt = attempt(event, rank, &body);
                tokens.extend(match rank {
                    Rank::Named if is_told_by_id(&sent, event) => {
                        quote!(if __event.own_id().is_none() { #attempt })
                    }
                    Rank::Identified => quote!(if __event.own_id().is_some() { #attempt }),
                    _ => attempt,
                });
            }
        }
    }
    tokens
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Rank {
    Fixed,
    /// Its event type is that of others as well, which have no ID: they come behind it where the event has one.
    Identified,
    Named,
    Inside,
    Open,
    Other,
}

impl Rank {
    fn of(event: &Event<'_>) -> Self {
        match (&event.payload, &event.event_type.name) {
            _ if event.attr.other.is_some() => Self::Other,
            (Payload::Nested(_), _) => Self::Inside,
            (_, Name::OfField(_)) => Self::Open,
            (Payload::Fixed(_), _) => Self::Fixed,
            _ => Self::Named,
        }
    }

    /// Whether an event is tried now. One inside is tried twice: by its name, and where nobody has that name.
    fn has(self, sent: &[&Event<'_>], event: &Event<'_>) -> bool {
        let rank = Self::of(event);
        let is_early = || self == Self::Identified && is_told_by_id(sent, event);
        rank == self || rank == Self::Inside && self == Self::Named || is_early()
    }
}

/// Whether its ID, which is not in the data, tells it from another one of its event type.
fn is_told_by_id(sent: &[&Event<'_>], event: &Event<'_>) -> bool {
    let has_id = |event: &Event<'_>| origins(event).any(|(_, origin)| origin == Origin::Id);
    let is_alike = |other: &&&Event<'_>| Rank::of(other) == Rank::Named && key(other) == key(event);
    let is_read_by_itself = Rank::of(event) == Rank::Named && !matches!(event.payload, Payload::Itself);
    is_read_by_itself && has_id(event) && sent.iter().filter(is_alike).any(|other| !has_id(other))
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
        Rank::Inside => {
            let takes = event.nested().map(|field| {
                let readable = made_of(event, field, "readable");
                quote!(&& #readable.takes(__event))
            });
            quote!(__reading.is_new() #takes)
        }
        Rank::Fixed | Rank::Identified | Rank::Named => is_called(event, &quote!(__event.event_type)),
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
            let name = catalog::constant_of(event);
            quote!(#event_type == const { #name })
        }
        Name::OfField(_) => quote!(true),
    }
}

fn knows(input: &Input<'_>) -> TokenStream {
    let sent = input.events.iter().filter(|event| event.is_sent());
    let mut conditions: Vec<TokenStream> = Vec::new();
    let mut seen = Vec::new();
    for event in sent.filter(|event| !matches!(Rank::of(event), Rank::Open | Rank::Other)) {
        let name = key(event);
        if event.nested().is_none() && seen.contains(&name) {
            continue;
        }
        seen.push(name);
        conditions.push(is_called(event, &quote!(__event_type)));
    }
    if conditions.is_empty() { quote!(false) } else { quote!(#(#conditions)||*) }
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
