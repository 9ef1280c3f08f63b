//! A type and its events, as the rest of the derive sees them.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote};
use syn::ext::IdentExt as _;
use syn::{Attribute, Data, DeriveInput, Expr, Fields, Generics, Lit, Member, Meta, Type};

use crate::attr::keys::{self, Place};
use crate::attr::{
    ContainerAttr, EventAttr, FieldAttr, SerdeContainer, SerdeField, SerdeVariant, read_items,
};
use crate::bound;
use crate::case::RenameRule;
use crate::check;
use crate::errors::Errors;
use crate::payload::{Candidates, Payload};
use crate::place::ends;

pub(crate) struct Input<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) generics: &'a Generics,
    pub(crate) attr: ContainerAttr,
    pub(crate) events: Vec<Event<'a>>,
    pub(crate) mentions_deprecation: bool,
}

/// A variant, or a struct as a whole.
pub(crate) struct Event<'a> {
    pub(crate) ident: &'a Ident,
    /// `Self::Variant`, or `Self`.
    pub(crate) path: TokenStream,
    pub(crate) event_type: EventType,
    pub(crate) doc: String,
    pub(crate) attr: EventAttr,
    pub(crate) fields: Vec<Field<'a>>,
    pub(crate) payload: Payload,
}

pub(crate) struct EventType {
    pub(crate) name: String,
    /// Of the literal, or of the variant that it was made from.
    pub(crate) span: Span,
}

pub(crate) struct Field<'a> {
    pub(crate) ty: &'a Type,
    pub(crate) member: Member,
    /// What the field is called inside the generated code.
    pub(crate) binding: Ident,
    /// In a JSON object.
    pub(crate) name: String,
    pub(crate) attr: FieldAttr,
    pub(crate) serde: SerdeField,
    original: &'a syn::Field,
}

impl<'a> Input<'a> {
    pub(crate) fn new(input: &'a DeriveInput, errors: &Errors) -> Self {
        match &input.data {
            Data::Enum(data) => Self::from_enum(input, data, errors),
            Data::Struct(data) => Self::from_struct(input, &data.fields, errors),
            Data::Union(data) => {
                let message = "`SseEvent` cannot be derived for unions\n\
                               help: use an enum, or a struct for a single event type";
                errors.at(data.union_token.span, message);
                Self::from_parts(input, ContainerAttr::default(), Vec::new())
            }
        }
    }

    fn from_enum(input: &'a DeriveInput, data: &'a syn::DataEnum, errors: &Errors) -> Self {
        let mut attr = ContainerAttr::default();
        read_items(&input.attrs, "sse", errors, |item| {
            if attr.read(item)? { Ok(()) } else { Err(keys::unknown(item.key(), Place::Enum)) }
        });
        let serde = SerdeContainer::of_enum(&input.attrs, errors);
        if data.variants.is_empty() {
            errors.at(input.ident.span(), "an event enum needs at least one variant");
        }
        let event = |variant| Event::from_variant(variant, &attr, &serde, errors);
        let events: Vec<_> = data.variants.iter().map(event).collect();
        check::event_types(&events, errors);
        check::one_other(&events, errors);
        check::not_itself(&input.ident, &events, errors);
        bound::check(&input.ident, &input.generics, &attr.bound, errors);
        Self::from_parts(input, attr, events)
    }

    fn from_struct(input: &'a DeriveInput, fields: &'a Fields, errors: &Errors) -> Self {
        let (mut container, mut attr) = (ContainerAttr::default(), EventAttr::default());
        read_items(&input.attrs, "sse", errors, |item| {
            let ours = item.name() != "other" && (container.read(item)? || attr.read(item)?);
            if ours { Ok(()) } else { Err(keys::unknown(item.key(), Place::Struct)) }
        });
        let serde = SerdeContainer::of_struct(&input.attrs, errors);
        let rename = serde.rename_fields.map(|rule| rule.value);
        let parts = Parts {
            ident: &input.ident,
            attrs: &input.attrs,
            path: quote!(Self),
            fields,
            attr,
            rename,
            serde_transparent: serde.transparent.map(|transparent| transparent.span),
        };
        let event = Event::new(parts, &container, errors);
        let events = vec![event];
        check::not_itself(&input.ident, &events, errors);
        bound::check(&input.ident, &input.generics, &container.bound, errors);
        Self::from_parts(input, container, events)
    }

    fn from_parts(input: &'a DeriveInput, attr: ContainerAttr, events: Vec<Event<'a>>) -> Self {
        let mut mentions_deprecation = is_deprecated(&input.attrs);
        if let Data::Enum(data) = &input.data {
            mentions_deprecation |= data.variants.iter().any(|variant| is_deprecated(&variant.attrs));
        }
        let mut fields = events.iter().flat_map(|event| &event.fields);
        mentions_deprecation |= fields.any(|field| is_deprecated(&field.original.attrs));
        Self { ident: &input.ident, generics: &input.generics, attr, events, mentions_deprecation }
    }
}

/// What a variant and a struct have in common.
struct Parts<'a> {
    ident: &'a Ident,
    attrs: &'a [Attribute],
    path: TokenStream,
    fields: &'a Fields,
    attr: EventAttr,
    rename: Option<RenameRule>,
    serde_transparent: Option<Span>,
}

impl<'a> Event<'a> {
    fn from_variant(
        variant: &'a syn::Variant,
        container: &ContainerAttr,
        serde_container: &SerdeContainer,
        errors: &Errors,
    ) -> Self {
        let mut attr = EventAttr::default();
        read_items(&variant.attrs, "sse", errors, |item| {
            if attr.read(item)? { Ok(()) } else { Err(keys::unknown(item.key(), Place::Variant)) }
        });
        let serde = SerdeVariant::new(&variant.attrs, errors);
        let rename =
            serde.rename_fields.as_ref().or(serde_container.rename_fields.as_ref()).map(|rule| rule.value);
        let ident = &variant.ident;
        let parts = Parts {
            ident,
            attrs: &variant.attrs,
            path: quote!(Self::#ident),
            fields: &variant.fields,
            attr,
            rename,
            serde_transparent: None,
        };
        Self::new(parts, container, errors)
    }

    fn new(parts: Parts<'a>, container: &ContainerAttr, errors: &Errors) -> Self {
        let Parts { ident, attrs, path, fields: style, attr, rename, serde_transparent } = parts;
        let fields: Vec<_> =
            style.iter().enumerate().map(|(i, field)| Field::new(i, field, rename, errors)).collect();
        let event_type = EventType::new(ident, &attr, container);
        let candidates = Candidates { ident, style, fields: &fields, serde_transparent, errors };
        let payload = candidates.payload(&attr);
        let event = Self { ident, path, event_type, doc: doc(attrs), attr, fields, payload };
        check::event(&event, errors);
        event
    }

    /// The name to compare and check; none if it is wrong already, or belongs to a nested event.
    pub(crate) fn own_name(&self) -> Option<&str> {
        (self.nested().is_none() && !self.attr.is_nameless).then_some(self.event_type.name.as_str())
    }

    /// A variant that stands for the events of its one field.
    pub(crate) fn nested(&self) -> Option<&Field<'a>> {
        match self.payload {
            Payload::Nested(field) => self.fields.get(field),
            _ => None,
        }
    }
}

impl EventType {
    fn new(ident: &Ident, attr: &EventAttr, container: &ContainerAttr) -> Self {
        if let Some(event) = &attr.event {
            return Self { name: event.value.clone(), span: event.span };
        }
        let rule = container.rename_all.as_ref().map_or(RenameRule::Snake, |rule| rule.value);
        let prefix = container.prefix.as_ref().map_or("", |prefix| &prefix.value);
        let name = format!("{prefix}{}", rule.apply_to_variant(&ident.unraw().to_string()));
        Self { name, span: ident.span() }
    }
}

impl<'a> Field<'a> {
    fn new(index: usize, field: &'a syn::Field, rename: Option<RenameRule>, errors: &Errors) -> Self {
        let attr = FieldAttr::new(&field.attrs, errors);
        let serde = SerdeField::new(&field.attrs, errors);
        let member = field.ident.clone().map_or_else(|| Member::from(index), Member::Named);
        let own = field.ident.as_ref().map_or_else(String::new, |ident| ident.unraw().to_string());
        let name = match (&serde.rename, rename) {
            (Some(rename), _) => rename.value.clone(),
            (None, Some(rule)) => rule.apply_to_field(&own),
            (None, None) => own,
        };
        let (_, last) = ends(field.ty.to_token_stream());
        let binding = format_ident!("__field{index}", span = last);
        Self { ty: &field.ty, member, binding, name, attr, serde, original: field }
    }

    /// Where its name in an object comes from.
    pub(crate) fn name_span(&self) -> Span {
        let own = || self.original.ident.as_ref().map_or_else(Span::call_site, Ident::span);
        self.serde.rename.as_ref().map_or_else(own, |rename| rename.span)
    }

    /// Whether it only marks a parameter, and holds nothing.
    pub(crate) fn is_phantom(&self) -> bool {
        let Type::Path(path) = self.ty else { return false };
        path.path.segments.last().is_some_and(|last| last.ident == "PhantomData")
    }

    /// Whether the field can be part of the payload.
    pub(crate) fn is_sent(&self) -> bool {
        self.attr.retry.is_none() && self.attr.skip.is_none() && self.serde.skip.is_none()
    }
}

fn is_deprecated(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| attr.path().is_ident("deprecated"))
}

/// The doc comment, without the space behind each `///`.
fn doc(attrs: &[Attribute]) -> String {
    let texts = attrs.iter().filter(|attr| attr.path().is_ident("doc")).filter_map(doc_text);
    let lines = texts.flat_map(|text| {
        let unspaced = |line: &str| line.strip_prefix(' ').unwrap_or(line).to_owned();
        text.split('\n').map(unspaced).collect::<Vec<_>>()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The text of `#[doc = "..."]`. A macro in its place is not ours to expand.
fn doc_text(attr: &Attribute) -> Option<String> {
    let Meta::NameValue(meta) = &attr.meta else { return None };
    let Expr::Lit(literal) = &meta.value else { return None };
    let Lit::Str(text) = &literal.lit else { return None };
    Some(text.value())
}
