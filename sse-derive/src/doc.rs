//! What other attributes say: documentation and deprecation.

use syn::{Attribute, Expr, Lit, Meta};

/// The note of `#[deprecated]`, empty where it has none.
pub(crate) fn deprecation(attrs: &[Attribute]) -> Option<String> {
    let attr = attrs.iter().find(|attr| attr.path().is_ident("deprecated"))?;
    let mut note = String::new();
    match &attr.meta {
        Meta::Path(_) => {}
        Meta::NameValue(meta) => note = text(&meta.value).unwrap_or_default(),
        // What is wrong in it is the compiler's to report.
        Meta::List(_) => drop(attr.parse_nested_meta(|meta| {
            let value: Expr = meta.value()?.parse()?;
            if meta.path.is_ident("note") {
                note = text(&value).unwrap_or_default();
            }
            Ok(())
        })),
    }
    Some(note)
}

/// The doc comment, without the space behind each `///`.
pub(crate) fn doc(attrs: &[Attribute]) -> String {
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
    text(&meta.value)
}

fn text(value: &Expr) -> Option<String> {
    let Expr::Lit(literal) = value else { return None };
    let Lit::Str(text) = &literal.lit else { return None };
    Some(text.value())
}
