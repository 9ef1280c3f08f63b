//! `#[serde(...)]` on the parts of an event, which keeps its meaning without a derive of serde's.
//!
//! What only concerns deserialising is let through. So is all that is said about a type and its variants, where
//! `#[sse(data = ...)]` says what for.

use std::cell::Cell;

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens as _, format_ident};
use syn::parse::{ParseStream, Parser as _};
use syn::{Attribute, Expr, LitStr, Token};

use super::container::{DataSource, rename_rule};
use super::keys::{self, Place};
use super::{Item, Slot, read_items};
use crate::case::RenameRule;
use crate::errors::Errors;

/// What `#[serde(...)]` says about a type.
#[derive(Default)]
pub(crate) struct SerdeContainer {
    /// The name of a struct.
    pub(crate) rename: Slot<String>,
    pub(crate) rename_variants: Slot<RenameRule>,
    pub(crate) rename_fields: Slot<RenameRule>,
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
    pub(crate) skip: Slot<()>,
}

/// What `#[serde(...)]` says about a field.
#[derive(Default)]
pub(crate) struct SerdeField {
    pub(crate) rename: Slot<String>,
    pub(crate) skip: Slot<()>,
    pub(crate) skip_if: Slot<TokenStream>,
    pub(crate) with: Slot<TokenStream>,
    pub(crate) flatten: Slot<()>,
}

impl SerdeContainer {
    const SUPPORTED_ENUM: [&str; 1] = ["rename_all_fields"];
    const SUPPORTED_STRUCT: [&str; 2] = ["rename_all", "transparent"];

    pub(crate) fn of_enum(attrs: &[Attribute], data: Option<DataSource>, errors: &Errors) -> Self {
        let mut attr = Self::default();
        let mut refused = Refused::default();
        read_items(attrs, "serde", errors, |item| match item.name() {
            "rename_all_fields" => rule(item, &mut attr.rename_fields),
            "rename_all" if data.is_none() => {
                refused.name(item, |rule| format!("write `#[sse(rename_all = {rule})]`"))
            }
            "rename_all" => rule(item, &mut attr.rename_variants),
            "into" if data.is_some() => {
                attr.is_converted = true;
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
            "rename_all" => rule(item, &mut attr.rename_fields),
            "rename" if data.is_some() => name(item, &mut attr.rename),
            "transparent" => item.flag(&mut attr.transparent),
            _ => refused.read_common(item, data, &Self::SUPPORTED_STRUCT, Place::Struct),
        });
        attr.lacks_data = refused.report(errors);
        attr
    }
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
        if let Some(literal) = for_serialize(item)? {
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
            "rename_all" => rule(item, &mut attr.rename_fields),
            "alias" | "bound" | "borrow" | "deserialize_with" | "other" | "skip_deserializing" => {
                ignore(item)
            }
            "rename" if data.is_some() => name(item, &mut attr.rename),
            "rename" => for_serialize(item)?.map_or(Ok(()), |literal| {
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
            ("skip" | "skip_serializing", _) | (_, None) => attr.read(item),
            (_, Some(DataSource::Itself)) => ignore(item),
            ("getter", Some(DataSource::Fields)) => ignore(item),
            (_, Some(DataSource::Fields)) => attr.read(item),
        });
        attr
    }

    fn read(&mut self, item: &Item<'_>) -> syn::Result<()> {
        match item.name() {
            "rename" => name(item, &mut self.rename)?,
            "skip" | "skip_serializing" => item.flag(&mut self.skip)?,
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
                let mut module = path(&literal)?;
                // As serde: `module::serialize`.
                module.path.segments.push(format_ident!("serialize", span = literal.span()).into());
                item.set(&mut self.with, module.into_token_stream(), literal.span());
            }
            "flatten" => item.flag(&mut self.flatten)?,
            "alias" | "borrow" | "bound" | "default" | "deserialize_with" | "skip_deserializing" => {
                ignore(item)?
            }
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

fn name(item: &Item<'_>, slot: &mut Slot<String>) -> syn::Result<()> {
    if let Some(literal) = for_serialize(item)? {
        item.set(slot, literal.value(), literal.span());
    }
    Ok(())
}

fn rule(item: &Item<'_>, slot: &mut Slot<RenameRule>) -> syn::Result<()> {
    if let Some(literal) = for_serialize(item)? {
        item.set(slot, rename_rule(&literal)?, literal.span());
    }
    Ok(())
}

/// The string of `key = "..."` or of `key(serialize = "...", deserialize = "...")`.
fn for_serialize(item: &Item<'_>) -> syn::Result<Option<LitStr>> {
    if !item.input.peek(syn::token::Paren) {
        return item.string(&format!("{} = \"...\"", item.name())).map(Some);
    }
    let group: Group = item.input.parse()?;
    let sides = |content: ParseStream<'_>| {
        let mut serialize = None;
        while !content.is_empty() {
            let side: Ident = content.parse()?;
            if side != "serialize" && side != "deserialize" {
                return Err(syn::Error::new(side.span(), SIDES));
            }
            content.parse::<Token![=]>()?;
            let literal: LitStr = content.parse()?;
            if side == "serialize" {
                serialize = Some(literal);
            }
            let _: Option<Token![,]> = content.parse()?;
        }
        Ok(serialize)
    };
    sides.parse2(group.stream()).map_err(|error| {
        let is_ours = error.to_string() == SIDES;
        if is_ours { error } else { syn::Error::new_spanned(group, SIDES) }
    })
}

const SIDES: &str = "expected `serialize = \"...\"` or `deserialize = \"...\"`";

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
