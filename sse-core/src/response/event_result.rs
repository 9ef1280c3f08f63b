//! What a stream of events yields.

use std::error::Error;

use crate::encode::Frame;
use crate::event::SseEvent;

/// What ends an event stream early: the application's own error, or an [`EncodeError`](crate::EncodeError).
pub type BoxError = Box<dyn Error + Send + Sync>;

/// What a stream of events yields: a `Result` of an [`SseEvent`] and of any error.
///
/// Sealed: it stands for nothing but `Result<impl SseEvent, impl Into<BoxError>>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a `Result` of an SSE event",
    label = "a stream whose items are no `Result`s",
    note = "wrap the items of a stream that cannot fail: `.map(Ok::<_, std::convert::Infallible>)`"
)]
pub trait EventResult: sealed::Sealed {
    /// The frame of the event.
    ///
    /// # Errors
    ///
    /// The error of the stream, or the [`EncodeError`](crate::EncodeError) of the event.
    #[doc(hidden)]
    fn into_frame(self) -> Result<Frame, BoxError>;
}

impl<T: SseEvent, E: Into<BoxError>> EventResult for Result<T, E> {
    fn into_frame(self) -> Result<Frame, BoxError> {
        Ok(self.map_err(Into::into)?.into_frame()?)
    }
}

mod sealed {
    #[expect(unnameable_types, reason = "that is what seals a trait")]
    pub trait Sealed {}

    impl<T, E> Sealed for Result<T, E> {}
}
