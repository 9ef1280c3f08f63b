//! `#[serde(...)]` on the parts of an event, which keeps its meaning without a derive of serde's.
//!
//! What only concerns deserialising is let through. So is all that is said about a type and its variants, where
//! `#[sse(data = ...)]` says what for.

use std::cell::Cell;

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens as _, format_ident, quote};
use syn::{Attribute, Expr, LitStr, Token};

use super::container::{DataSource, rename_rule};
use super::keys::{self, Place};
use super::sides::sides;
use super::{Item, Slot, Written, read_items};
use crate::case::RenameRule;
use crate::errors::Errors;

/// What `#[serde(...)]` says about a type.
#[derive(Default)]
pub(crate) struct SerdeContainer {
    /// The name of a struct.
    pub(crate) rename: Slot<String>,
    pub(crate) rename_variants: Slot<RenameRule>,
    pub(crate) rename_fields: Slot<RenameRule>,
    /// The rule for the names of fields that are read.
    pub(crate) rename_read: Option<RenameRule>,
    /// What a field of a struct is where it is missing.
    pub(crate) default: Option<TokenStream>,
    pub(crate) deny_unknown: bool,
    /// Serde finds the variant by its data alone.
    pub(crate) is_untagged: bool,
    /// The member that names the variant.
    pub(crate) tag: Option<String>,
    /// Says that the type is read as another.
    pub(crate) converted_from: Option<Ident>,
    /// A struct is written as its one field is.
    pub(crate) transparent: Slot<()>,
    /// The value is turned into one of another type, whatever is said of its variants.
    pub(crate) is_converted: bool,
    /// There is an error already that asks for `#[sse(data = ...)]`, which lets all of them through.
    pub(crate) lacks_data: bool,
}

/// What `#[serde(...)]` says about one variant.
#[derive(Default)]
pub(crate) struct SerdeVariant {
    pub(crate) rename: Slot<String>,
    pub(crate) rename_fields: Slot<RenameRule>,
    /// The rule for the names of fields that are read.
    pub(crate) rename_read: Option<RenameRule>,
    pub(crate) skip: Slot<()>,
    /// Serde reads it by a function.
    pub(crate) is_custom: bool,
}

/// What `#[serde(...)]` says about a field.
#[derive(Default)]
pub(crate) struct SerdeField {
    pub(crate) rename: Slot<String>,
    pub(crate) skip: Slot<()>,
    pub(crate) skip_if: Slot<TokenStream>,
    pub(crate) with: Slot<TokenStream>,
    pub(crate) flatten: Slot<()>,
    /// How it is read.
    pub(crate) read: SerdeRead,
}

/// What `#[serde(...)]` says about how a field is read.
#[derive(Default)]
pub(crate) struct SerdeRead {
    pub(crate) rename: Option<String>,
    pub(crate) aliases: Vec<String>,
    pub(crate) with: Slot<TokenStream>,
    /// What makes the value where it is missing; `None` for its `Default`.
    pub(crate) default: Slot<Option<TokenStream>>,
    pub(crate) skip: bool,
}

impl SerdeContainer {
    const SUPPORTED_ENUM: [&str; 1] = ["rename_all_fields"];
    const SUPPORTED_STRUCT: [&str; 2] = ["rename_all", "transparent"];

    pub(crate) fn of_enum(attrs: &[Attribute], data: Option<DataSource>, errors: &Errors) -> Self {
        let mut attr = Self::default();
        let mut refused = Refused::default();
        read_items(attrs, "serde", errors, |item| match item.name() {
            "rename_all_fields" => rule(item, &mut attr.rename_fields, &mut attr.rename_read),
            "rename_all" if data.is_none() => {
                refused.name(item, |rule| format!("write `#[sse(rename_all = {rule})]`"))
            }
            "rename_all" => rule(item, &mut attr.rename_variants, &mut None),
            "into" if data.is_some() => {
                attr.is_converted = true;
                ignore(item)
            }
            "from" | "try_from" | "deny_unknown_fields" => attr.read_alike(item),
            "untagged" if data.is_some() => {
                attr.is_untagged = true;
                ignore(item)
            }
            "tag" if data.is_some() => {
                // What is no name is serde's to report.
                attr.tag = item.string(r#"tag = "name""#).ok().map(|literal| literal.value());
                ignore(item)
            }
            _ => refused.read_common(item, data, &Self::SUPPORTED_ENUM, Place::Enum),
        });
        attr.lacks_data = refused.report(errors);
        attr
    }

    pub(crate) fn of_struct(attrs: &[Attribute], data: Option<DataSource>, errors: &Errors) -> Self {
        let mut attr = Self::default();
        let mut refused = Refused::default();
        read_items(attrs, "serde", errors, |item| match item.name() {
            "rename_all" => rule(item, &mut attr.rename_fields, &mut attr.rename_read),
            "rename" if data.is_some() => name(item, &mut attr.rename, &mut None),
            "transparent" => item.flag(&mut attr.transparent),
            "from" | "try_from" | "deny_unknown_fields" => attr.read_alike(item),
            "default" => {
                let mut slot = None;
                default(item, &mut slot)?;
                let of_type = || quote!(<Self as ::core::default::Default>::default);
                attr.default = slot.map(|written: Written<_>| written.value.unwrap_or_else(of_type));
                Ok(())
            }
            _ => refused.read_common(item, data, &Self::SUPPORTED_STRUCT, Place::Struct),
        });
        attr.lacks_data = refused.report(errors);
        attr
    }

    /// What concerns reading, of an enum as of a struct.
    fn read_alike(&mut self, item: &Item<'_>) -> syn::Result<()> {
        match item.name() {
            "deny_unknown_fields" => self.deny_unknown = true,
            _ => self.converted_from = Some(item.key().clone()),
        }
        ignore(item)
    }
}

/// The error of a type that serde is to read as another, where it is not serde that reads.
pub(crate) fn converted_from(key: &Ident) -> syn::Error {
    let message = format!(
        "`{key}` of serde says how the type is read, but the data is made of the fields\n\
         help: write `#[sse(data = self)]` on the type, to read what its own `Deserialize` reads\n\
         help: or `#[sse(data = fields)]`, if this is for something else and the data is made of the fields"
    );
    syn::Error::new(key.span(), message)
}

/// What is refused unless `#[sse(data = ...)]` says what it is for.
#[derive(Default)]
struct Refused {
    /// Says how the whole type is written, so that there is no doubt what is missing.
    representation: Option<Ident>,
    names: Vec<syn::Error>,
}

impl Refused {
    fn read_common(
        &mut self,
        item: &Item<'_>,
        data: Option<DataSource>,
        supported: &[&str],
        place: Place,
    ) -> syn::Result<()> {
        match item.name() {
            "bound"
            | "crate"
            | "default"
            | "deny_unknown_fields"
            | "expecting"
            | "field_identifier"
            | "from"
            | "try_from"
            | "variant_identifier" => ignore(item),
            _ if data.is_some() => ignore(item),
            "tag" | "content" | "untagged" | "into" | "remote" => {
                self.representation.get_or_insert_with(|| item.key().clone());
                ignore(item)
            }
            "rename" => self.name(item, |name| match place {
                Place::Struct => format!("write `#[sse(event = {name})]`"),
                _ => "write `#[sse(event = \"...\")]` on a variant".to_owned(),
            }),
            _ => Err(unsupported(item, supported.iter().copied(), place)),
        }
    }

    /// A name for serialising, which is not that of an event. One for deserialising passes.
    fn name(&mut self, item: &Item<'_>, help: impl Fn(&str) -> String) -> syn::Result<()> {
        if let Some(literal) = sides(item)?.serialize {
            self.names.push(not_a_name(item, &help(&literal.token().to_string())));
        }
        Ok(())
    }

    /// Whether the whole type lacks `data`; the names are no mistakes of their own then.
    fn report(self, errors: &Errors) -> bool {
        match &self.representation {
            Some(key) => errors.push(representation(key)),
            None => self.names.into_iter().for_each(|error| errors.push(error)),
        }
        self.representation.is_some()
    }
}

impl SerdeVariant {
    /// `lacks_data` is set with the first error of the type that asks for `#[sse(data = ...)]`.
    pub(crate) fn new(
        attrs: &[Attribute],
        data: Option<DataSource>,
        lacks_data: &Cell<bool>,
        errors: &Errors,
    ) -> Self {
        let mut attr = Self::default();
        read_items(attrs, "serde", errors, |item| match item.name() {
            "rename_all" => rule(item, &mut attr.rename_fields, &mut attr.rename_read),
            "with" | "deserialize_with" if data.is_some() => {
                attr.is_custom = true;
                ignore(item)
            }
            "alias" | "bound" | "borrow" | "deserialize_with" | "other" | "skip_deserializing" => {
                ignore(item)
            }
            "rename" if data.is_some() => name(item, &mut attr.rename, &mut None),
            "rename" => sides(item)?.serialize.map_or(Ok(()), |literal| {
                Err(not_a_name(item, &format!("write `#[sse(event = {})]`", literal.token())))
            }),
            "skip" | "skip_serializing" => item.flag(&mut attr.skip),
            _ if data.is_some() => ignore(item),
            "untagged" | "with" | "serialize_with" => {
                ignore(item)?;
                if lacks_data.replace(true) { Ok(()) } else { Err(representation(item.key())) }
            }
            _ => Err(unsupported(item, ["rename_all"], Place::Variant)),
        });
        attr
    }
}

impl SerdeField {
    const SUPPORTED: [&str; 7] =
        ["rename", "skip", "skip_serializing", "skip_serializing_if", "serialize_with", "with", "flatten"];

    pub(crate) fn new(attrs: &[Attribute], data: Option<DataSource>, errors: &Errors) -> Self {
        let mut attr = Self::default();
        read_items(attrs, "serde", errors, |item| match (item.name(), data) {
            ("skip" | "skip_serializing" | "skip_deserializing", _) | (_, None) => attr.read(item),
            (_, Some(DataSource::Itself)) => ignore(item),
            ("getter", Some(DataSource::Fields)) => ignore(item),
            (_, Some(DataSource::Fields)) => attr.read(item),
        });
        attr
    }

    fn read(&mut self, item: &Item<'_>) -> syn::Result<()> {
        match item.name() {
            "rename" => name(item, &mut self.rename, &mut self.read.rename)?,
            "skip" | "skip_serializing" => {
                self.read.skip |= item.name() == "skip";
                item.flag(&mut self.skip)?;
            }
            "skip_deserializing" => {
                self.read.skip = true;
                ignore(item)?;
            }
            "alias" => self.read.aliases.push(item.string(r#"alias = "name""#)?.value()),
            "default" => default(item, &mut self.read.default)?,
            "deserialize_with" => {
                let literal = item.string(r#"deserialize_with = "path""#)?;
                item.set(&mut self.read.with, path(&literal)?.into_token_stream(), literal.span());
            }
            "skip_serializing_if" => {
                let literal = item.string(r#"skip_serializing_if = "path""#)?;
                item.set(&mut self.skip_if, path(&literal)?.into_token_stream(), literal.span());
            }
            "serialize_with" => {
                let literal = item.string(r#"serialize_with = "path""#)?;
                item.set(&mut self.with, path(&literal)?.into_token_stream(), literal.span());
            }
            "with" => {
                let literal = item.string(r#"with = "module""#)?;
                let module = path(&literal)?;
                // As serde: `module::serialize`.
                let function = |name| {
                    let mut function = module.clone();
                    function.path.segments.push(format_ident!("{name}", span = literal.span()).into());
                    function.into_token_stream()
                };
                item.set(&mut self.with, function("serialize"), literal.span());
                let read = Written { value: function("deserialize"), ..item.written(literal.span()) };
                self.read.with.get_or_insert(read);
            }
            "flatten" => item.flag(&mut self.flatten)?,
            "borrow" | "bound" => ignore(item)?,
            _ => return Err(unsupported(item, Self::SUPPORTED, Place::Field)),
        }
        Ok(())
    }
}

/// The line to write, first.
const DATA: &str = "write `#[sse(data = self)]` on the type, to send what its own `Serialize` writes\n\
     help: or `#[sse(data = fields)]`, if this is for something else and the data is made of the fields";

fn representation(key: &Ident) -> syn::Error {
    let message = format!(
        "`{key}` of serde says how the type is written, but the data is made of the fields\nhelp: {DATA}"
    );
    syn::Error::new(key.span(), message)
}

fn not_a_name(item: &Item<'_>, help: &str) -> syn::Error {
    let name = item.name();
    let message = format!(
        "`{name}` of serde does not name event types, unless serde makes the data\n\
         help: {help}\nhelp: or {DATA}"
    );
    syn::Error::new(item.key().span(), message)
}

fn name(item: &Item<'_>, slot: &mut Slot<String>, read: &mut Option<String>) -> syn::Result<()> {
    let sides = sides(item)?;
    *read = sides.deserialize.map(|literal| literal.value());
    if let Some(literal) = sides.serialize {
        item.set(slot, literal.value(), literal.span());
    }
    Ok(())
}

fn rule(item: &Item<'_>, slot: &mut Slot<RenameRule>, read: &mut Option<RenameRule>) -> syn::Result<()> {
    let sides = sides(item)?;
    *read = sides.deserialize.and_then(|literal| rename_rule(&literal).ok());
    if let Some(literal) = sides.serialize {
        item.set(slot, rename_rule(&literal)?, literal.span());
    }
    Ok(())
}

/// `default`, or `default = "path"`.
fn default(item: &Item<'_>, slot: &mut Slot<Option<TokenStream>>) -> syn::Result<()> {
    if !item.has_value() {
        item.set(slot, None, item.key().span());
        return Ok(());
    }
    let literal = item.string(r#"default = "path""#)?;
    item.set(slot, Some(path(&literal)?.into_token_stream()), literal.span());
    Ok(())
}

fn path(literal: &LitStr) -> syn::Result<syn::ExprPath> {
    match literal.parse() {
        Ok(Expr::Path(path)) => Ok(path),
        _ => Err(syn::Error::new(literal.span(), "expected a path to a function or module")),
    }
}

/// Lets a key pass whatever its value.
fn ignore(item: &Item<'_>) -> syn::Result<()> {
    super::skip_to_comma(item.input);
    Ok(())
}

/// ` = value`, where that is one word or literal.
fn short_value(item: &Item<'_>) -> String {
    let ahead = item.input.fork();
    let equals = ahead.parse::<Token![=]>().is_ok();
    match ahead.parse::<TokenTree>() {
        Ok(value @ (TokenTree::Ident(_) | TokenTree::Literal(_)))
            if equals && (ahead.is_empty() || ahead.peek(Token![,])) =>
        {
            format!(" = {value}")
        }
        _ => String::new(),
    }
}

fn unsupported<'a>(
    item: &Item<'_>,
    supported: impl IntoIterator<Item = &'a str> + Clone,
    place: Place,
) -> syn::Error {
    let name = item.name();
    let suggestion = if keys::is_key_of(name, place) {
        format!("\nhelp: did you mean `#[sse({name}{})]`?", short_value(item))
    } else {
        keys::nearest(name, supported.clone())
            .map_or_else(String::new, |near| format!("\nhelp: did you mean `{near}`?"))
    };
    let message = format!(
        "`{name}` of serde is not supported here{suggestion}\nhelp: supported here: {}",
        keys::list(supported)
    );
    super::skip_to_comma(item.input);
    syn::Error::new(item.key.span(), message)
}
