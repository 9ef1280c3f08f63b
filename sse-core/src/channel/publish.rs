//! What goes into a channel.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::error::PublishError;
use super::handle::Channel;
use super::shared::Shared;
use crate::encode::{Ids, Sequence, Unsequenced};
use crate::event::SseEvent;
use crate::field::EventId;

impl<E> Channel<E> {
    /// Encodes `event` at once; awaiting the result appends it to the log and wakes the subscribers.
    ///
    /// The result is the ID from which a client resumes behind this event: the event's own, or its cursor. Events
    /// published from several tasks have one order, the same for all subscribers.
    ///
    /// Cancel safe: a future that is dropped before it is polled publishes nothing.
    ///
    /// # Errors
    ///
    /// Then nothing was published.
    ///
    /// - [`PublishError::Encode`]: a field of the event is illegal on the wire,
    /// - [`PublishError::TooLong`]: the log could not hold this one event,
    /// - [`PublishError::CursorId`]: the event's own ID has the form of this channel's cursors,
    /// - [`PublishError::DuplicateId`]: the event's own ID names an event that is retained.
    pub fn publish(&self, event: &E) -> Publish<'_>
    where
        E: SseEvent,
    {
        let next = self.shared().sequencer.newest() + 1;
        let sequence = Sequence { epoch: self.shared().epoch.bytes(), next };
        let event = crate::event::encode(event, Ids::OrCursor(sequence)).map_err(PublishError::Encode);
        Publish { shared: self.shared(), event: Some(event) }
    }
}

/// The result of [`Channel::publish`]; does nothing unless awaited.
#[must_use = "an event is published when this is awaited"]
pub struct Publish<'a> {
    shared: &'a Arc<Shared>,
    event: Option<Result<Unsequenced, PublishError>>,
}

impl Future for Publish<'_> {
    type Output = Result<EventId, PublishError>;

    /// # Panics
    ///
    /// If it is polled after it was ready, as futures may.
    #[expect(clippy::expect_used, reason = "the contract of `Future`")]
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        let event = self.event.take().expect("`Publish` polled after it was ready");
        Poll::Ready(event.and_then(|event| self.shared.append(event)))
    }
}

impl fmt::Debug for Publish<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publish").finish_non_exhaustive()
    }
}
