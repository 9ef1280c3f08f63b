//! All the mistakes of one type, collected in one run.

use std::cell::RefCell;
use std::fmt::Display;

use proc_macro2::Span;
use quote::ToTokens;

/// Collects errors in the order of the source. Ends with [`finish`](Self::finish).
pub(crate) struct Errors {
    /// `None` once they have been read.
    list: RefCell<Option<Vec<syn::Error>>>,
}

impl Errors {
    pub(crate) fn new() -> Self {
        Self { list: RefCell::new(Some(Vec::new())) }
    }

    pub(crate) fn push(&self, error: syn::Error) {
        if let Some(list) = self.list.borrow_mut().as_mut() {
            list.push(error);
        }
    }

    pub(crate) fn at(&self, span: Span, message: impl Display) {
        self.push(syn::Error::new(span, message));
    }

    /// Underlines all of `tokens`.
    pub(crate) fn over(&self, tokens: impl ToTokens, message: impl Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    /// A conflict between two places: the error at the later one, a pointer at the earlier.
    pub(crate) fn conflict(&self, later: Span, message: impl Display, earlier: Span, note: impl Display) {
        self.at(later, message);
        self.at(earlier, note);
    }

    /// Keeps what went well, collects what did not.
    pub(crate) fn keep<T>(&self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    pub(crate) fn finish(self) -> syn::Result<()> {
        let errors = self.list.take().unwrap_or_default();
        errors
            .into_iter()
            .reduce(|mut all, error| {
                all.combine(error);
                all
            })
            .map_or(Ok(()), Err)
    }
}

impl Drop for Errors {
    fn drop(&mut self) {
        // A mistake that is collected and then forgotten would compile.
        debug_assert!(self.list.borrow().is_none() || std::thread::panicking(), "errors were not read");
    }
}
