//! A closure as the value of a key.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::Token;
use syn::parse::ParseStream;

use super::expression::Reader;

/// A closure of one argument, up to the comma that ends it.
pub(super) fn closure(input: ParseStream<'_>, form: &str) -> syn::Result<TokenStream> {
    let begin = input.fork();
    let over_all = |message: String| match between(&begin, input) {
        Ok(tokens) => syn::Error::new_spanned(tokens, message),
        Err(error) => error,
    };
    let mut reader = Reader::new(input);
    match reader.head()? {
        Some(1) => {}
        Some(_) => {
            return Err(over_all(format!(
                "the closure takes one argument, a reference to the field: `{form}`"
            )));
        }
        None => {
            while !reader.is_at_end() {
                reader.skip()?;
            }
            return Err(over_all(format!("expected a closure: `{form}`")));
        }
    }
    if reader.is_at_end() {
        return Err(over_all(format!("the closure has no body: `{form}`")));
    }
    if input.peek(Token![let]) {
        return Err(statement("let", input.span(), form));
    }
    reader.expression()?;
    if input.peek(Token![;]) {
        return Err(statement(";", input.span(), form));
    }
    if !input.is_empty() && !input.peek(Token![,]) {
        return Err(reader.expected("`,` or an operator"));
    }
    let tokens = between(&begin, input)?;
    match find_self(tokens.clone()) {
        Some(span) => {
            Err(syn::Error::new(span, format!("`self` is not known here, only the field: `{form}`")))
        }
        None => Ok(tokens),
    }
}

/// Where `self` stands for a value. It would be that of generated code.
fn find_self(tokens: TokenStream) -> Option<Span> {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let begins_path = matches!(tokens.peek(), Some(TokenTree::Punct(next)) if next.as_char() == ':');
        let found = match token {
            TokenTree::Ident(ident) if ident == "self" && !begins_path => Some(ident.span()),
            TokenTree::Group(group) => find_self(group.stream()),
            _ => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

/// What was read since `begin`.
fn between(begin: ParseStream<'_>, end: ParseStream<'_>) -> syn::Result<TokenStream> {
    let begin = begin.fork();
    let mut tokens = TokenStream::new();
    while begin.cursor() != end.cursor() {
        tokens.extend([begin.parse::<TokenTree>()?]);
    }
    Ok(tokens)
}

fn statement(found: &str, span: Span, form: &str) -> syn::Error {
    let form = form.trim_end_matches("...");
    let message =
        format!("found `{found}` in place of an expression\nhelp: statements need braces: `{form}{{ ... }}`");
    syn::Error::new(span, message)
}
