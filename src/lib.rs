//! typed-sse
pub use typed_sse_core::*;
#[cfg(feature = "derive")]
pub use typed_sse_derive::SseEvent;
#[doc(hidden)]
pub use typed_sse_core::__private;
