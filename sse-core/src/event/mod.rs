//! The trait that everything sent as an event implements.

mod catalogue;
mod untyped;

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

pub use catalogue::{Catalogue, DataFormat, Entry, EventSpec};
pub use untyped::Event;

use crate::encode::{Encoded, Encoder, Frame, Ids, Unsequenced};
use crate::field::EncodeError;
#[cfg(feature = "tokio")]
use crate::field::EventId;

/// A value that can be sent as one event of an event stream.
///
/// Derive it: `#[derive(SseEvent)]` on an enum makes each variant one event. By hand, implement
/// [`encode`](Self::encode); everything else is provided.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an SSE event",
    label = "not an SSE event",
    note = "derive it on your own type: `#[derive(SseEvent)]`",
    note = "or send an untyped `Event`, or a `Frame` that is encoded already"
)]
pub trait SseEvent {
    /// The events this type can be, in the order of their declaration, those of nested types in their place.
    /// Empty and [open](Catalogue::is_open) for untyped events.
    const EVENTS: Catalogue = Catalogue::UNTYPED;

    /// Writes the fields of the event.
    ///
    /// # Errors
    ///
    /// Whatever the [`Encoder`] refuses; then nothing is sent.
    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError>;

    /// Encodes the event, in one allocation however long it is.
    ///
    /// # Errors
    ///
    /// As [`encode`](Self::encode).
    fn to_frame(&self) -> Result<Frame, EncodeError> {
        encode(self, Ids::Own).map(Unsequenced::freeze)
    }

    /// As [`to_frame`](Self::to_frame), for an event that is not needed any more.
    ///
    /// # Errors
    ///
    /// As [`encode`](Self::encode).
    fn into_frame(self) -> Result<Frame, EncodeError>
    where
        Self: Sized,
    {
        self.to_frame()
    }
}

macro_rules! delegate {
    ($($wrapper:ty),+) => {$(
        #[diagnostic::do_not_recommend]
        impl<T: SseEvent + ?Sized> SseEvent for $wrapper {
            const EVENTS: Catalogue = T::EVENTS;

            fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
                (**self).encode(encoder)
            }

            fn to_frame(&self) -> Result<Frame, EncodeError> {
                (**self).to_frame()
            }
        }
    )+};
}

delegate!(&T, &mut T, Box<T>, Rc<T>, Arc<T>);

#[diagnostic::do_not_recommend]
impl<T: SseEvent + Clone> SseEvent for Cow<'_, T> {
    const EVENTS: Catalogue = T::EVENTS;

    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        (**self).encode(encoder)
    }

    fn to_frame(&self) -> Result<Frame, EncodeError> {
        (**self).to_frame()
    }
}

#[diagnostic::do_not_recommend]
impl SseEvent for Frame {
    const EVENTS: Catalogue = Catalogue::UNTYPED;

    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        encoder.frame(self)
    }

    fn to_frame(&self) -> Result<Frame, EncodeError> {
        Ok(self.clone())
    }

    fn into_frame(self) -> Result<Frame, EncodeError> {
        Ok(self)
    }
}

/// Encodes `event`, with the IDs of a channel or its own.
#[inline]
pub(crate) fn encode(event: &(impl SseEvent + ?Sized), ids: Ids) -> Result<Unsequenced, EncodeError> {
    crate::encode::write("", ids, |encoder| event.encode(encoder))
}

/// Encodes `event` with this ID, or none, whatever it brings.
#[cfg(feature = "tokio")]
pub(crate) fn encode_with_id(event: &impl SseEvent, id: Option<EventId>) -> Result<Frame, EncodeError> {
    encode(event, Ids::Instead(id)).map(Unsequenced::freeze)
}
