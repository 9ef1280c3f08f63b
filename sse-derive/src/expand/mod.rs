//! The generated code. Nothing here can fail.

mod block;
mod catalog;
mod data;
mod decode;
mod event;
mod inside;
mod read;
mod schema;
mod stub;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::ast::Input;
use crate::check;
use crate::describing;
use crate::errors::Errors;
use crate::reading;

/// What a derive makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Derive {
    SseEvent,
    FromSseEvent,
    SseSchema,
}

/// A derive, total over all token streams.
pub(crate) fn derive(input: TokenStream, derive: Derive) -> TokenStream {
    derive_with(input, derive, cfg!(feature = "json"))
}

/// `has_json`: the facade can write JSON.
fn derive_with(input: TokenStream, derive: Derive, has_json: bool) -> TokenStream {
    match syn::parse2(input) {
        Ok(input) => derive_for(&input, derive, has_json),
        Err(error) => error.into_compile_error(),
    }
}

/// All derives find the same mistakes, in the same words: where they stand on one type, the compiler shows each once.
fn derive_for(input: &DeriveInput, derive: Derive, has_json: bool) -> TokenStream {
    let errors = Errors::new();
    let input = Input::new(input, &errors);
    if !has_json {
        check::nothing_is_json(&input, &errors);
    }
    match derive {
        Derive::SseEvent => {}
        Derive::FromSseEvent => reading::check(&input, &errors),
        Derive::SseSchema => describing::check(&input, &errors),
    }
    match (errors.finish(), derive) {
        (Ok(()), Derive::SseEvent) => event::impl_event(&input),
        (Ok(()), Derive::FromSseEvent) => decode::impl_from_event(&input),
        (Ok(()), Derive::SseSchema) => schema::impl_schema(&input),
        (Err(error), _) => {
            let mut tokens = error.into_compile_error();
            if !input.attr.is_lost {
                tokens.extend(match derive {
                    Derive::SseEvent => stub::impl_event(&input),
                    Derive::FromSseEvent => stub::impl_from_event(&input),
                    Derive::SseSchema => stub::impl_schema(&input),
                });
            }
            tokens
        }
    }
}
