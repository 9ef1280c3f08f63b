//! How a type and its events are read from what is written.

use std::cell::Cell;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote};
use syn::ext::IdentExt as _;
use syn::{Attribute, Data, DeriveInput, Fields, Member};

use crate::ast::{Event, EventType, Field, Input};
use crate::attr::keys::{self, Place};
use crate::attr::{
    ContainerAttr, DataSource, EventAttr, FieldAttr, Name, SchemarsField, SerdeContainer, SerdeField,
    SerdeVariant, read_items,
};
use crate::bound;
use crate::case::RenameRule;
use crate::check;
use crate::doc::{deprecation, doc};
use crate::effect;
use crate::errors::Errors;
use crate::payload::Candidates;
use crate::place::ends;

impl<'a> Input<'a> {
    pub(crate) fn new(input: &'a DeriveInput, errors: &Errors) -> Self {
        match &input.data {
            Data::Enum(data) => Self::from_enum(input, data, errors),
            Data::Struct(data) => Self::from_struct(input, &data.fields, errors),
            Data::Union(data) => {
                let message = "events cannot be derived for unions\n\
                               help: use an enum, or a struct for a single event type";
                errors.at(data.union_token.span, message);
                Self::from_parts(input, ContainerAttr::default(), SerdeContainer::default(), Vec::new())
            }
        }
    }

    fn from_enum(input: &'a DeriveInput, data: &'a syn::DataEnum, errors: &Errors) -> Self {
        let mut attr = ContainerAttr::default();
        read_items(&input.attrs, "sse", errors, |item| {
            if attr.read_of_enum(item)? { Ok(()) } else { Err(keys::unknown(item.key(), Place::Enum)) }
        });
        let serde = SerdeContainer::of_enum(&input.attrs, attr.data(), errors);
        let source = source(&attr, &serde);
        if data.variants.is_empty() {
            errors.at(input.ident.span(), "an event enum needs at least one variant");
        }
        let lacks_data = Cell::new(false);
        let event = |variant| {
            let parts = Parts::of_variant(&input.ident, variant, &serde, source, &lacks_data, errors);
            Event::new(parts, &attr, source, errors)
        };
        let events: Vec<_> = data.variants.iter().map(event).collect();
        check::event_types(&events, &attr.untagged, errors);
        if !events.is_empty() {
            check::some_are_sent(&input.ident, &events, errors);
        }
        effect::explicit_on_one(&events, &attr.explicit, errors);
        effect::names_of_all(&events, &attr, errors);
        check::one_other(&events, errors);
        check::not_itself(&input.ident, &events, errors);
        bound::check(&input.ident, &input.generics, &attr.bound, errors);
        Self::from_parts(input, attr, serde, events)
    }

    fn from_struct(input: &'a DeriveInput, fields: &'a Fields, errors: &Errors) -> Self {
        let (mut container, mut attr) = (ContainerAttr::default(), EventAttr::default());
        read_items(&input.attrs, "sse", errors, |item| {
            let ours =
                keys::is_key_of(item.name(), Place::Struct) && (container.read(item)? || attr.read(item)?);
            if ours { Ok(()) } else { Err(keys::unknown(item.key(), Place::Struct)) }
        });
        let serde = SerdeContainer::of_struct(&input.attrs, container.data(), errors);
        let source = source(&container, &serde);
        let parts = Parts {
            ident: &input.ident,
            type_ident: &input.ident,
            attrs: &input.attrs,
            path: quote!(Self),
            fields,
            attr,
            serde_name: EventType::of_serde(&serde.rename, None, &input.ident),
            serde_skip: None,
            serde_transparent: serde.transparent.as_ref().map(|transparent| transparent.span),
            rename: serde.rename_fields.as_ref().map(|rule| rule.value),
            rename_read: serde.rename_read,
            is_custom: false,
        };
        let event = Event::new(parts, &container, source, errors);
        check::whole_is_sent(&event, &container, errors);
        effect::names_of_struct(&event, &container, errors);
        let events = vec![event];
        check::not_itself(&input.ident, &events, errors);
        bound::check(&input.ident, &input.generics, &container.bound, errors);
        Self::from_parts(input, container, serde, events)
    }

    fn from_parts(
        input: &'a DeriveInput,
        attr: ContainerAttr,
        serde: SerdeContainer,
        events: Vec<Event<'a>>,
    ) -> Self {
        let mut mentions_deprecation = deprecation(&input.attrs).is_some();
        if let Data::Enum(data) = &input.data {
            mentions_deprecation |= data.variants.iter().any(|variant| deprecation(&variant.attrs).is_some());
        }
        let mut fields = events.iter().flat_map(|event| &event.fields);
        mentions_deprecation |= fields.any(|field| deprecation(&field.original.attrs).is_some());
        Self { ident: &input.ident, generics: &input.generics, attr, events, serde, mentions_deprecation }
    }
}

/// What the data is made of. Where an error asks for `data = self`, as if that were there, lest it be reported again.
fn source(attr: &ContainerAttr, serde: &SerdeContainer) -> Option<DataSource> {
    attr.data().or(serde.lacks_data.then_some(DataSource::Itself))
}

/// What a variant and a struct have in common.
struct Parts<'a> {
    ident: &'a Ident,
    type_ident: &'a Ident,
    attrs: &'a [Attribute],
    path: TokenStream,
    fields: &'a Fields,
    attr: EventAttr,
    serde_name: EventType,
    serde_skip: Option<Ident>,
    serde_transparent: Option<Span>,
    /// For the names of fields.
    rename: Option<RenameRule>,
    /// The same of those that are read.
    rename_read: Option<RenameRule>,
    is_custom: bool,
}

impl<'a> Parts<'a> {
    fn of_variant(
        type_ident: &'a Ident,
        variant: &'a syn::Variant,
        container: &SerdeContainer,
        source: Option<DataSource>,
        lacks_data: &Cell<bool>,
        errors: &Errors,
    ) -> Self {
        let mut attr = EventAttr::default();
        read_items(&variant.attrs, "sse", errors, |item| {
            if attr.read(item)? { Ok(()) } else { Err(keys::unknown(item.key(), Place::Variant)) }
        });
        let serde = SerdeVariant::new(&variant.attrs, source, lacks_data, errors);
        let rename = serde.rename_fields.as_ref().or(container.rename_fields.as_ref());
        let ident = &variant.ident;
        check::serde_skip(&serde, &attr, source, errors);
        Self {
            ident,
            type_ident,
            attrs: &variant.attrs,
            path: quote!(Self::#ident),
            fields: &variant.fields,
            attr,
            serde_name: EventType::of_serde(&serde.rename, container.rename_variants.as_ref(), ident),
            // What is written is another type's value then.
            serde_skip: serde.skip.map(|skip| skip.key).filter(|_| !container.is_converted),
            serde_transparent: None,
            rename: rename.map(|rule| rule.value),
            rename_read: serde.rename_read.or(container.rename_read),
            is_custom: serde.is_custom,
        }
    }
}

impl<'a> Event<'a> {
    fn new(parts: Parts<'a>, container: &ContainerAttr, source: Option<DataSource>, errors: &Errors) -> Self {
        let Parts { ident, type_ident, attrs, path, fields: style, attr, serde_name, .. } = parts;
        let field = |(i, field)| Field::new(i, field, [parts.rename, parts.rename_read], source, errors);
        let fields: Vec<_> = style.iter().enumerate().map(field).collect();
        let tag = match &serde_name.name {
            Name::Literal(name) => name.clone(),
            Name::Constant(_) | Name::OfField(_) => String::new(),
        };
        let serde_name = (source == Some(DataSource::Itself)).then_some(serde_name);
        let event_type = EventType::new(ident, &attr, &fields, container, serde_name);
        let candidates = Candidates {
            ident,
            style,
            fields: &fields,
            source,
            serde_skip: parts.serde_skip.clone(),
            serde_transparent: parts.serde_transparent,
            errors,
        };
        let payload = candidates.payload(&attr);
        let is_explicit = attr.explicit.is_some() || container.explicit.is_some();
        let event = Self {
            ident,
            type_ident,
            path,
            event_type,
            is_explicit,
            doc: doc(attrs),
            attr,
            fields,
            payload,
            is_custom: parts.is_custom,
            serde_name: tag,
            is_skipped_by_serde: parts.serde_skip.is_some(),
            deprecation: deprecation(attrs),
        };
        check::event(&event, container.data(), errors);
        event
    }
}

impl<'a> Field<'a> {
    fn new(
        index: usize,
        field: &'a syn::Field,
        rules: [Option<RenameRule>; 2],
        source: Option<DataSource>,
        errors: &Errors,
    ) -> Self {
        let attr = FieldAttr::new(&field.attrs, errors);
        let serde = SerdeField::new(&field.attrs, source, errors);
        let schemars = SchemarsField::new(&field.attrs, source);
        let member = field.ident.clone().map_or_else(|| Member::from(index), Member::Named);
        let own = field.ident.as_ref().map_or_else(String::new, |ident| ident.unraw().to_string());
        let name = |rename: Option<&String>, rule: Option<RenameRule>| match (rename, rule) {
            (Some(rename), _) => rename.clone(),
            (None, Some(rule)) => rule.apply_to_field(&own),
            (None, None) => own.clone(),
        };
        let [written, read] = rules;
        let read_name = name(serde.read.rename.as_ref(), read);
        let name = name(serde.rename.as_ref().map(|rename| &rename.value), written);
        let (_, last) = ends(field.ty.to_token_stream());
        let binding = format_ident!("__field{index}", span = last);
        Self { ty: &field.ty, member, binding, name, read_name, attr, serde, schemars, original: field }
    }
}
