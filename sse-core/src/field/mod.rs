//! Values that are legal on the wire: whatever exists here was checked when it was made.

mod comment;
mod error;
pub(crate) mod event_id;
mod event_type;
mod last_event_id;
pub(crate) mod reconnection_time;
mod utf8;

pub use comment::Comment;
pub use error::{EncodeError, EncodeErrorKind};
pub use event_id::EventId;
pub use event_type::EventType;
pub use last_event_id::LastEventId;
