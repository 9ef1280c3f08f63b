//! The keys of a type.

use proc_macro2::{Group, Ident, Span, TokenStream};
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::punctuated::Punctuated;
use syn::{LitStr, Path, Token, WherePredicate, token};

use super::sides::of_group;
use super::{Item, Name, Slot, Written, bad_value, in_order};
use crate::case::RenameRule;

/// What `#[sse(...)]` says about a type as a whole.
#[derive(Default)]
pub(crate) struct ContainerAttr {
    pub(crate) rename_all: Slot<RenameRule>,
    pub(crate) prefix: Slot<String>,
    pub(crate) bound: Slot<Bound>,
    pub(crate) krate: Slot<TokenStream>,
    pub(crate) data: Slot<DataSource>,
    /// The event type of every variant that has none of its own. A struct has it as an event.
    pub(crate) event: Slot<Name>,
    pub(crate) explicit: Slot<()>,
    /// Several events may have one event type.
    pub(crate) untagged: Slot<()>,
    /// There is a `crate`, but it is no path: nothing can be generated that would resolve.
    pub(crate) is_lost: bool,
}

/// What replaces the inferred bounds, for writing, for reading and for describing. `None`: they stay.
#[derive(Default)]
pub(crate) struct Bound {
    pub(crate) serialize: Option<Vec<WherePredicate>>,
    pub(crate) deserialize: Option<Vec<WherePredicate>>,
    pub(crate) schema: Option<Vec<WherePredicate>>,
}

/// What the data of a type is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum DataSource {
    /// Of what the type's own `Serialize` writes.
    Itself,
    /// Of the fields, as without a word; said so that serde's attributes may serve something else.
    Fields,
}

impl ContainerAttr {
    pub(crate) fn data(&self) -> Option<DataSource> {
        self.data.as_ref().map(|data| data.value)
    }

    /// What makes names by a rule.
    pub(crate) fn keys_of_names(&self) -> Vec<&Ident> {
        let rename_all = self.rename_all.iter().map(Written::place);
        in_order(rename_all.chain(self.prefix.iter().map(Written::place)))
    }

    /// Reads a key of an enum; `false` if it is none.
    pub(crate) fn read_of_enum(&mut self, item: &Item<'_>) -> syn::Result<bool> {
        match item.name() {
            "event" => {
                let (name, span) = super::event::name(item)?;
                item.set(&mut self.event, name, span);
            }
            "explicit" => item.flag(&mut self.explicit)?,
            _ => return self.read(item),
        }
        Ok(true)
    }

    /// Reads a key of a type; `false` if it is none.
    pub(crate) fn read(&mut self, item: &Item<'_>) -> syn::Result<bool> {
        match item.name() {
            "rename_all" => {
                let literal = item.string(r#"rename_all = "kebab-case""#)?;
                let rule = rename_rule(&literal)?;
                item.set(&mut self.rename_all, rule, literal.span());
            }
            "prefix" => {
                let literal = item.string(r#"prefix = "...""#)?;
                let prefix = literal.value();
                if prefix.contains(['\r', '\n']) {
                    return Err(super::event::line_break(&literal));
                }
                item.set(&mut self.prefix, prefix, literal.span());
            }
            "bound" => {
                let (bound, span) = bound(item)?;
                item.set(&mut self.bound, bound, span);
            }
            "crate" => {
                self.is_lost = true;
                let literal = item.string(r#"crate = "path""#)?;
                let path = crate_path(&literal)?;
                self.is_lost = false;
                item.set(&mut self.krate, path, literal.span());
            }
            "untagged" => item.flag(&mut self.untagged)?,
            "data" => {
                item.equals("data = self")?;
                let (source, span) = data_source(item)?;
                item.set(&mut self.data, source, span);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

fn data_source(item: &Item<'_>) -> syn::Result<(DataSource, Span)> {
    let ahead = item.input.fork();
    if let Ok(word) = ahead.call(Ident::parse_any) {
        let source = match word.to_string().as_str() {
            "self" => Some(DataSource::Itself),
            "fields" => Some(DataSource::Fields),
            _ => None,
        };
        if let Some(source) = source {
            item.input.call(Ident::parse_any)?;
            return Ok((source, word.span()));
        }
    }
    let message = "expected `self` or `fields`\n\
                   help: `data = self` sends what the type's own `Serialize` writes, `data = fields` what the fields are";
    Err(bad_value(item.input, message))
}

/// `bound = "..."` is for writing and reading, `bound(serialize = "...", deserialize = "...", schema = "...")` for each its own,
/// as of serde.
fn bound(item: &Item<'_>) -> syn::Result<(Bound, Span)> {
    if !item.input.peek(token::Paren) {
        let literal = item.string(r#"bound = "T: Serialize""#)?;
        let both = predicates(&literal)?;
        return Ok((
            Bound { serialize: Some(both.clone()), deserialize: Some(both), schema: None },
            literal.span(),
        ));
    }
    let group: Group = item.input.parse()?;
    let (sides, span) = (of_group(&group, &SIDES)?, group.span());
    let read = |literal: Option<LitStr>| literal.map(|literal| predicates(&literal)).transpose();
    let [serialize, deserialize, schema] = sides;
    let (serialize, deserialize) = (read(serialize)?, read(deserialize)?);
    Ok((Bound { serialize, deserialize, schema: read(schema)? }, span))
}

const SIDES: [&str; 3] = ["serialize", "deserialize", "schema"];

fn predicates(literal: &LitStr) -> syn::Result<Vec<WherePredicate>> {
    let span = literal.span();
    let mut literal = literal.clone();
    // As if from the macro, or the compiler would suggest edits inside the literal.
    literal.set_span(Span::mixed_site().located_at(span));
    let parser = Punctuated::<WherePredicate, Token![,]>::parse_terminated;
    let bounds = literal.parse_with(parser).map_err(|error| {
        let reason = error.to_string();
        // Not the list of all that a type can begin with.
        let reason = if reason.contains("one of") { "expected a type".to_owned() } else { reason };
        let message = format!(
            "not bounds: {reason}\n\
             help: write what would stand behind `where`: `bound = \"T: Serialize, U: Display\"`"
        );
        syn::Error::new(span, message)
    })?;
    Ok(bounds.into_iter().collect())
}

pub(super) fn rename_rule(literal: &LitStr) -> syn::Result<RenameRule> {
    RenameRule::parse(&literal.value()).map_err(|message| syn::Error::new(literal.span(), message))
}

fn crate_path(literal: &LitStr) -> syn::Result<TokenStream> {
    let path = literal.parse_with(Path::parse_mod_style).map_err(|_| {
        let message =
            "expected a path\nhelp: `crate = \"::other_name\"` where `typed-sse` was renamed in Cargo.toml";
        syn::Error::new(literal.span(), message)
    })?;
    Ok(path.into_token_stream())
}
