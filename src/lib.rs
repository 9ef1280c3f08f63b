#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub use typed_sse_core::*;
#[cfg(feature = "derive")]
#[cfg_attr(docsrs, doc(cfg(feature = "derive")))]
pub use typed_sse_derive::SseEvent;

#[doc(hidden)]
pub use typed_sse_core::__private;
