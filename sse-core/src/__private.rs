pub use core;

#[cfg(feature = "json")]
pub use serde;

pub use crate::catalogue::{Catalogue, DataFormat, Entry, EventSpec};
pub use crate::encode::{Encoded, Encoder};
pub use crate::error::EncodeError;
pub use crate::event::SseEvent;
pub use crate::event_type::EventType;
