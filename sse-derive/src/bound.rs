//! Where-clauses: inferred from the fields that mention a generic parameter, or given.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::ext::IdentExt as _;
use syn::{GenericParam, Generics, Type, WhereClause, WherePredicate};

use crate::ast::{Event, Field, Input, Payload};
use crate::attr::{Bound, Projection, Slot, keys};
use crate::describing;
use crate::errors::Errors;
use crate::need::Need;
use crate::reading;

/// The where-clause of the impl that writes.
pub(crate) fn where_clause(input: &Input<'_>) -> Option<TokenStream> {
    let given = input.attr.bound.as_ref().and_then(|bound| bound.value.serialize.as_deref());
    clause(input, given, || inferred(input, needs, &quote!(__sse::serde::Serialize)))
}

/// The where-clause of the impl that reads.
pub(crate) fn where_clause_of_reading(input: &Input<'_>) -> Option<TokenStream> {
    let given = input.attr.bound.as_ref().and_then(|bound| bound.value.deserialize.as_deref());
    clause(input, given, || inferred(input, reading::needs, &quote!(__sse::serde::de::DeserializeOwned)))
}

/// The where-clause of the impl that describes. What writing needs stands in the impl of `SseEvent`.
pub(crate) fn where_clause_of_describing(input: &Input<'_>) -> Option<TokenStream> {
    let given = input.attr.bound.as_ref().and_then(|bound| bound.value.schema.as_deref());
    let mut where_clause =
        clause(input, given, || inferred(input, describing::needs, &quote!(__sse::JsonSchema)));
    if !Parameters::of(input.generics).names.is_empty() {
        let is_event = quote!(Self: __sse::SseEvent);
        where_clause = Some(match where_clause {
            Some(where_clause) => quote!(#where_clause, #is_event),
            None => quote!(where #is_event),
        });
    }
    where_clause
}

fn clause(
    input: &Input<'_>,
    given: Option<&[WherePredicate]>,
    inferred: impl FnOnce() -> Vec<TokenStream>,
) -> Option<TokenStream> {
    let mut predicates: Vec<TokenStream> = Vec::new();
    if let Some(WhereClause { predicates: own, .. }) = &input.generics.where_clause {
        predicates.extend(own.iter().map(|predicate| predicate.to_token_stream()));
    }
    match given {
        Some(given) => predicates.extend(given.iter().map(|predicate| predicate.to_token_stream())),
        None => predicates.extend(inferred()),
    }
    (!predicates.is_empty()).then(|| quote!(where #(#predicates),*))
}

/// What is given, but says nothing about a parameter: a misspelt one, most likely.
pub(crate) fn check(ident: &Ident, generics: &Generics, bound: &Slot<Bound>, errors: &Errors) {
    let Some(bound) = bound else { return };
    let parameters = Parameters::of(generics);
    let sides = [&bound.value.serialize, &bound.value.deserialize, &bound.value.schema];
    let mut seen = Vec::new();
    for predicate in sides.into_iter().flatten().flatten() {
        let tokens = predicate.to_token_stream();
        if matches!(predicate, WherePredicate::Lifetime(_)) || parameters.occur_in_tokens(tokens.clone()) {
            continue;
        }
        let written = written(&tokens);
        if seen.contains(&written) {
            continue;
        }
        let known = parameters.names.iter().map(String::as_str).filter(|name| *name != "Self");
        let help = match keys::list(known) {
            none if none.is_empty() => "it has none".to_owned(),
            known => format!("it has {known}"),
        };
        errors.at(bound.span, format!("`{written}` bounds no parameter of `{ident}`\nhelp: {help}"));
        seen.push(written);
    }
}

/// As a person would space it.
fn written(tokens: &TokenStream) -> String {
    let mut text = tokens.to_string();
    for (spaced, written) in
        [(" < ", "<"), (" >", ">"), (" :: ", "::"), (" :", ":"), (" ,", ","), ("& ", "&")]
    {
        text = text.replace(spaced, written);
    }
    text
}

fn inferred<'a>(
    input: &'a Input<'_>,
    needs: impl Fn(&'a Event<'_>) -> Vec<Need<'a>>,
    whole: &TokenStream,
) -> Vec<TokenStream> {
    let parameters = Parameters::of(input.generics);
    if parameters.names.is_empty() {
        return Vec::new();
    }
    let needs = input.events.iter().flat_map(needs).filter(|need| parameters.occur_in(need.ty));
    let mut predicates: Vec<_> = needs.map(|Need { ty, bound }| quote!(#ty: #bound)).collect();
    if input.events.iter().any(|event| matches!(event.payload, Payload::Itself)) {
        predicates.push(quote!(Self: #whole));
    }
    predicates
}

/// Of one that is written.
fn needs<'a>(event: &'a Event<'_>) -> Vec<Need<'a>> {
    let mut needs = Vec::new();
    let mut need = |field: &Field<'a>, bound| needs.push(Need { ty: field.ty, bound });
    for field in &event.fields {
        let display = quote!(::core::fmt::Display);
        let id = field.attr.or_ephemeral.as_ref().map_or(display.clone(), |_| quote!(__sse::OptionalId));
        for (projection, bound) in [(&field.attr.id, id), (&field.attr.key, display)] {
            if projection.as_ref().is_some_and(|written| matches!(written.value, Projection::Itself)) {
                need(field, bound);
            }
        }
        if field.attr.event.is_some() {
            need(field, quote!(__sse::Type));
        }
    }
    let payload: Vec<_> = match &event.payload {
        Payload::Null | Payload::Fixed(_) | Payload::Itself | Payload::Never(_) => Vec::new(),
        Payload::Object(fields) => fields.iter().map(|i| (*i, quote!(__sse::serde::Serialize))).collect(),
        Payload::Value(i) => vec![(*i, quote!(__sse::serde::Serialize))],
        Payload::Text(i) => vec![(*i, quote!(::core::convert::AsRef<::core::primitive::str>))],
        Payload::Base64(i) => vec![(*i, quote!(::core::convert::AsRef<[::core::primitive::u8]>))],
        Payload::Nested(i) => vec![(*i, quote!(__sse::SseEvent))],
    };
    for (i, bound) in payload {
        if let Some(field) = event.fields.get(i).filter(|field| field.serde.with.is_none()) {
            need(field, bound);
        }
    }
    needs
}

/// The names of a type's generic parameters. A lifetime asks for nothing.
struct Parameters {
    names: Vec<String>,
}

impl Parameters {
    fn of(generics: &Generics) -> Self {
        let mut names: Vec<_> = generics
            .params
            .iter()
            .filter_map(|parameter| match parameter {
                GenericParam::Type(parameter) => Some(parameter.ident.unraw().to_string()),
                GenericParam::Const(parameter) => Some(parameter.ident.unraw().to_string()),
                GenericParam::Lifetime(_) => None,
            })
            .collect();
        if !names.is_empty() {
            // `Box<Self>` depends on the parameters as the type itself does.
            names.push("Self".to_owned());
        }
        Self { names }
    }

    fn occur_in(&self, ty: &Type) -> bool {
        self.occur_in_tokens(ty.to_token_stream())
    }

    fn occur_in_tokens(&self, tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(ident) => self.names.contains(&ident.unraw().to_string()),
            TokenTree::Group(group) => self.occur_in_tokens(group.stream()),
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        })
    }
}
