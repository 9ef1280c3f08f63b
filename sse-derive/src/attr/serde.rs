//! `#[serde(...)]` on the parts of an event, which keeps its meaning without a derive of serde's.
//!
//! What only concerns deserialising is let through.

use proc_macro2::{Group, Ident, TokenStream};
use quote::{ToTokens as _, format_ident};
use syn::parse::{ParseStream, Parser as _};
use syn::{Attribute, Expr, LitStr, Token};

use super::container::rename_rule;
use super::keys::{self, Place};
use super::{Item, Slot, read_items};
use crate::case::RenameRule;
use crate::errors::Errors;

/// What `#[serde(...)]` says about all the fields of a type.
#[derive(Default)]
pub(crate) struct SerdeContainer {
    pub(crate) rename_fields: Slot<RenameRule>,
    /// A struct is written as its one field is.
    pub(crate) transparent: Slot<()>,
}

/// What `#[serde(...)]` says about the fields of one variant.
#[derive(Default)]
pub(crate) struct SerdeVariant {
    pub(crate) rename_fields: Slot<RenameRule>,
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

    pub(crate) fn of_enum(attrs: &[Attribute], errors: &Errors) -> Self {
        let mut attr = Self::default();
        read_items(attrs, "serde", errors, |item| match item.name() {
            "rename_all_fields" => rename_fields(item, &mut attr.rename_fields),
            "rename_all" => refuse_name(item, "write `#[sse(rename_all = \"...\")]`"),
            _ => Self::read_common(item, &Self::SUPPORTED_ENUM, Place::Enum),
        });
        attr
    }

    pub(crate) fn of_struct(attrs: &[Attribute], errors: &Errors) -> Self {
        let mut attr = Self::default();
        read_items(attrs, "serde", errors, |item| match item.name() {
            "rename_all" => rename_fields(item, &mut attr.rename_fields),
            "transparent" => item.flag(&mut attr.transparent),
            _ => Self::read_common(item, &Self::SUPPORTED_STRUCT, Place::Struct),
        });
        attr
    }

    fn read_common(item: &Item<'_>, supported: &[&str], place: Place) -> syn::Result<()> {
        match item.name() {
            "tag" | "content" | "untagged" => Err(refuse(item, REPRESENTATION)),
            "rename" => refuse_name(item, "write `#[sse(event = \"...\")]` on a variant or a struct"),
            "bound"
            | "crate"
            | "default"
            | "deny_unknown_fields"
            | "expecting"
            | "field_identifier"
            | "from"
            | "try_from"
            | "variant_identifier" => ignore(item),
            _ => Err(unsupported(item, supported.iter().copied(), place)),
        }
    }
}

impl SerdeVariant {
    pub(crate) fn new(attrs: &[Attribute], errors: &Errors) -> Self {
        let mut attr = Self::default();
        read_items(attrs, "serde", errors, |item| match item.name() {
            "rename_all" => rename_fields(item, &mut attr.rename_fields),
            "rename" => refuse_name(item, "write `#[sse(event = \"...\")]`"),
            "untagged" => Err(refuse(item, REPRESENTATION)),
            "skip" | "skip_serializing" => Err(refuse(
                item,
                "each variant is an event: none can be skipped\nhelp: `#[sse(skip)]` on a field keeps it out of the payload",
            )),
            "alias" | "bound" | "borrow" | "deserialize_with" | "other" | "skip_deserializing" => {
                ignore(item)
            }
            _ => Err(unsupported(item, ["rename_all"], Place::Variant)),
        });
        attr
    }
}

impl SerdeField {
    const SUPPORTED: [&str; 7] =
        ["rename", "skip", "skip_serializing", "skip_serializing_if", "serialize_with", "with", "flatten"];

    pub(crate) fn new(attrs: &[Attribute], errors: &Errors) -> Self {
        let mut attr = Self::default();
        read_items(attrs, "serde", errors, |item| attr.read(item));
        attr
    }

    fn read(&mut self, item: &Item<'_>) -> syn::Result<()> {
        match item.name() {
            "rename" => {
                if let Some(literal) = for_serialize(item)? {
                    item.set(&mut self.rename, literal.value(), literal.span());
                }
            }
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

const REPRESENTATION: &str = "serde's representations of an enum have no meaning for events: the field `event` tells them apart\n\
     help: remove it, or derive `Serialize` on another type";

/// A name for serialising, which is not that of an event; one for deserialising passes.
fn refuse_name(item: &Item<'_>, help: &str) -> syn::Result<()> {
    let name = item.name();
    for_serialize(item)?.map_or(Ok(()), |_| {
        Err(refuse(item, &format!("`{name}` of serde does not name event types\nhelp: {help}")))
    })
}

fn rename_fields(item: &Item<'_>, slot: &mut Slot<RenameRule>) -> syn::Result<()> {
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

fn refuse(item: &Item<'_>, message: &str) -> syn::Error {
    super::skip_to_comma(item.input);
    syn::Error::new(item.key.span(), message)
}

fn unsupported<'a>(
    item: &Item<'_>,
    supported: impl IntoIterator<Item = &'a str> + Clone,
    place: Place,
) -> syn::Error {
    let name = item.name();
    let suggestion = if keys::is_key_of(name, place) {
        format!("\nhelp: did you mean `#[sse({name})]`?")
    } else {
        keys::nearest(name, supported.clone())
            .map_or_else(String::new, |near| format!("\nhelp: did you mean `{near}`?"))
    };
    let message = format!(
        "`{name}` of serde is not supported here{suggestion}\nhelp: supported here: {}",
        keys::list(supported)
    );
    refuse(item, &message)
}
