//! Why there is no document.

use std::fmt;

/// Why a stream does not fit into a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenApiError {
    kind: OpenApiErrorKind,
    /// Where: a path, a version, a JSON pointer.
    place: String,
}

/// What of it does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OpenApiErrorKind {
    /// A path that does not begin with `/`.
    Path,
    /// Two streams of a document have one path and one method.
    Twice,
    /// What a stream is to be put into is no document of OpenAPI 3.1 or 3.2.
    Document,
    /// A schema says what utoipa's types have no word for.
    Utoipa,
}

impl OpenApiError {
    pub(super) fn new(kind: OpenApiErrorKind, place: impl Into<String>) -> Self {
        Self { kind, place: place.into() }
    }

    /// What does not fit.
    #[must_use]
    pub fn kind(&self) -> OpenApiErrorKind {
        self.kind
    }
}

impl fmt::Display for OpenApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = &self.place;
        match self.kind {
            OpenApiErrorKind::Path => write!(f, "the path `{place}` does not begin with `/`"),
            OpenApiErrorKind::Twice => {
                write!(f, "two streams are at `{place}`: give one of them another path or method")
            }
            OpenApiErrorKind::Document => write!(
                f,
                "{place} is not what a document of OpenAPI 3.1 or 3.2 has there: an older one has to be converted first"
            ),
            OpenApiErrorKind::Utoipa => write!(
                f,
                "utoipa's `Schema` cannot say what is at {place}: put the stream into the JSON of the document instead, with \
                 `Stream::insert_into`"
            ),
        }
    }
}

impl std::error::Error for OpenApiError {}
