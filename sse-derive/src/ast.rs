//! A type and its events, as the rest of the derive sees them.

use std::cell::Cell;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote};
use syn::ext::IdentExt as _;
use syn::{Attribute, Data, DeriveInput, Fields, Generics, Member, Type};

use crate::attr::keys::{self, Place};
use crate::attr::{
    ContainerAttr, DataSource, EventAttr, FieldAttr, Name, Projection, SchemarsField, SerdeContainer,
    SerdeField, SerdeVariant, read_items,
};
use crate::bound;
use crate::case::RenameRule;
use crate::check;
use crate::doc::{deprecation, doc};
use crate::effect;
use crate::errors::Errors;
use crate::event_type::EventType;
use crate::payload::{Candidates, Payload};
use crate::place::ends;

pub(crate) struct Input<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) generics: &'a Generics,
    pub(crate) attr: ContainerAttr,
    pub(crate) events: Vec<Event<'a>>,
    pub(crate) serde: SerdeContainer,
    pub(crate) mentions_deprecation: bool,
}

/// A variant, or a struct as a whole.
pub(crate) struct Event<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) type_ident: &'a Ident,
    /// `Self::Variant`, or `Self`.
    pub(crate) path: TokenStream,
    pub(crate) event_type: EventType,
    /// The field `event` is written even for `message`.
    pub(crate) is_explicit: bool,
    pub(crate) doc: String,
    pub(crate) attr: EventAttr,
    pub(crate) fields: Vec<Field<'a>>,
    pub(crate) payload: Payload,
    /// Serde reads it by a function.
    pub(crate) is_custom: bool,
    /// What serde calls it.
    pub(crate) serde_name: String,
    /// Serde's own derive never writes it.
    pub(crate) is_skipped_by_serde: bool,
    /// The note of `#[deprecated]`, if it is that.
    pub(crate) deprecation: Option<String>,
}

pub(crate) struct Field<'a> {
    pub(crate) ty: &'a Type,
    pub(crate) member: Member,
    /// What the field is called inside the generated code.
    pub(crate) binding: Ident,
    /// In a JSON object.
    pub(crate) name: String,
    /// In a JSON object that is read.
    pub(crate) read_name: String,
    pub(crate) attr: FieldAttr,
    pub(crate) serde: SerdeField,
    pub(crate) schemars: SchemarsField,
    original: &'a syn::Field,
}

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

    /// The name to compare and check; none if it is wrong already, not known here, or belongs to a nested event.
    pub(crate) fn own_name(&self) -> Option<&str> {
        match &self.event_type.name {
            Name::Literal(name) if self.has_own_type() => Some(name),
            _ => None,
        }
    }

    /// Whether it is a struct as a whole, and not a variant.
    pub(crate) fn is_struct(&self) -> bool {
        std::ptr::eq(self.ident, self.type_ident)
    }

    /// Whether it can be sent at all.
    pub(crate) fn is_sent(&self) -> bool {
        !matches!(self.payload, Payload::Never(_))
    }

    /// Whether it is sent under a name of its own.
    fn has_own_type(&self) -> bool {
        self.is_sent() && self.nested().is_none() && !self.attr.is_nameless
    }

    /// Whether what is said of the names of all does not concern it.
    pub(crate) fn has_name_of_its_own(&self) -> bool {
        let attr = &self.attr;
        attr.event.is_some() || attr.is_nameless || self.fields.iter().any(|field| field.attr.event.is_some())
    }

    /// Whether its name is a constant, which only the compiler knows.
    pub(crate) fn has_constant_name(&self) -> bool {
        matches!(self.event_type.name, Name::Constant(_)) && self.has_own_type()
    }

    /// A variant that stands for the events of one of its fields.
    pub(crate) fn nested(&self) -> Option<&Field<'a>> {
        match self.payload {
            Payload::Nested(field) => self.fields.get(field),
            _ => None,
        }
    }

    /// The key `transparent` of the field that is sent, beside others that say how.
    pub(crate) fn envelope(&self) -> Option<&Ident> {
        self.nested()?.attr.transparent.as_ref().map(|transparent| &transparent.key)
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

    pub(crate) fn original(&self) -> &'a syn::Field {
        self.original
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

    /// Whether serde has been told anything about it.
    pub(crate) fn has_serde(&self) -> bool {
        self.original.attrs.iter().any(|attr| attr.path().is_ident("serde"))
    }

    /// Whether the field is the event ID as it is.
    pub(crate) fn is_id(&self) -> bool {
        self.attr.id.as_ref().is_some_and(|id| matches!(id.value, Projection::Itself))
    }

    /// Whether the field can be part of the payload.
    pub(crate) fn is_sent(&self) -> bool {
        let attr = &self.attr;
        attr.retry.is_none() && attr.event.is_none() && attr.skip.is_none() && self.serde.skip.is_none()
    }
}
