//! Where each field of an event that is read comes from.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens as _, quote};

use crate::ast::{Event, Field, Input, Payload};
use crate::attr::{DataSource, converted_from};
use crate::errors::Errors;
use crate::need::Need;

/// Where a field comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A member of the object that is the data.
    Member,
    /// The data, as JSON.
    Value,
    Text,
    Base64,
    /// The whole event.
    Inside,
    Id,
    Retry,
    EventType,
    /// Serde has read it.
    Whole,
    /// It is not sent.
    Nowhere,
}

impl Origin {
    pub(crate) fn of(event: &Event<'_>, index: usize) -> Self {
        let Some(field) = event.fields.get(index) else { return Self::Nowhere };
        let (attr, is_read) = (&field.attr, !field.serde.read.skip);
        let beside = match () {
            () if attr.event.is_some() => Self::EventType,
            () if attr.retry.is_some() => Self::Retry,
            () if field.is_id() => Self::Id,
            () => Self::Nowhere,
        };
        // What serde does not write may be read all the same.
        let is_member =
            |fields: &[usize]| fields.contains(&index) || field.serde.skip.is_some() && attr.skip.is_none();
        match &event.payload {
            Payload::Itself if is_read || beside == Self::Nowhere => Self::Whole,
            Payload::Nested(i) if *i == index => Self::Inside,
            Payload::Text(i) if *i == index => Self::Text,
            Payload::Base64(i) if *i == index => Self::Base64,
            Payload::Value(i) if *i == index && is_read => Self::Value,
            Payload::Object(fields)
                if is_read && is_member(fields) && attr.event.is_none() && attr.retry.is_none() =>
            {
                Self::Member
            }
            _ => beside,
        }
    }
}

/// The fields of an event, each with where it comes from.
pub(crate) fn origins<'a>(event: &'a Event<'a>) -> impl Iterator<Item = (&'a Field<'a>, Origin)> {
    event.fields.iter().enumerate().map(|(i, field)| (field, Origin::of(event, i)))
}

/// What reading needs of the types of fields.
pub(crate) fn needs<'a>(event: &'a Event<'_>) -> Vec<Need<'a>> {
    let mut needs = Vec::new();
    if !event.is_sent() {
        return needs;
    }
    for (field, origin) in origins(event) {
        let read = &field.serde.read;
        let own_default = read.default.as_ref().is_some_and(|default| default.value.is_none());
        let mut bounds = Vec::new();
        match origin {
            Origin::Member | Origin::Value => {
                if read.with.is_none() {
                    bounds.push(quote!(__sse::serde::de::DeserializeOwned));
                }
                if own_default {
                    bounds.push(quote!(::core::default::Default));
                }
            }
            Origin::Text => bounds.push(quote!(__sse::FromText)),
            Origin::Base64 => bounds.push(quote!(__sse::FromBase64)),
            Origin::Inside => bounds.push(quote!(__sse::FromSseEvent)),
            Origin::Id if field.attr.or_ephemeral.is_some() => {
                bounds.push(quote!(__sse::FromId<__sse::Maybe>))
            }
            Origin::Id => bounds.push(quote!(::core::str::FromStr<Err: ::core::fmt::Display>)),
            Origin::Retry => bounds.push(quote!(__sse::Retry)),
            Origin::EventType => bounds.push(quote!(__sse::Type)),
            Origin::Nowhere if read.default.as_ref().is_none_or(|default| default.value.is_none()) => {
                bounds.push(quote!(::core::default::Default))
            }
            Origin::Nowhere | Origin::Whole => {}
        }
        needs.extend(bounds.into_iter().map(|bound| Need { ty: field.ty, bound }));
    }
    needs
}

/// The rules that concern reading alone.
pub(crate) fn check(input: &Input<'_>, errors: &Errors) {
    let is_whole = input.attr.data() == Some(DataSource::Itself);
    if let (Some(key), None) = (&input.serde.converted_from, input.attr.data()) {
        errors.push(converted_from(key));
    }
    for event in input.events.iter().filter(|event| event.is_sent()) {
        for (field, origin) in origins(event) {
            let is_read = match origin {
                Origin::Member | Origin::Value => field.serde.read.with.is_none(),
                Origin::Text | Origin::Base64 | Origin::Id | Origin::Inside | Origin::EventType => true,
                Origin::Whole => is_whole,
                Origin::Retry | Origin::Nowhere => false,
            };
            if is_read && borrows(field.ty.to_token_stream()) {
                let message = "what is read is owned, but this type borrows\n\
                               help: write `String`, `Vec<..>`, `Box<..>` or `Cow<..>`, which can be sent, too";
                errors.over(field.ty, message);
            }
        }
    }
}

/// Whether there is a reference in a type. Those of functions are none of its own.
fn borrows(ty: TokenStream) -> bool {
    let mut tokens = ty.into_iter();
    tokens.any(|token| match token {
        TokenTree::Punct(punct) => punct.as_char() == '&',
        TokenTree::Group(group) => borrows(group.stream()),
        TokenTree::Ident(_) | TokenTree::Literal(_) => false,
    })
}
