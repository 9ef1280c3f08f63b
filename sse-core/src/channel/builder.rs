//! How much a channel keeps.

use std::marker::PhantomData;
use std::time::Duration;

use super::Channel;
use super::log::Retention;

/// Configures a [`Channel`]; all bounds hold at once.
///
/// ```
/// use std::time::Duration;
/// use typed_sse_core::{Channel, Event};
///
/// let channel: Channel<Event> =
///     Channel::builder().events(10_000).bytes(32 << 20).age(Duration::from_secs(300)).build();
/// # let _ = channel;
/// ```
#[derive(Clone, Debug)]
#[must_use = "`build` makes the channel"]
pub struct Builder<E> {
    retention: Retention,
    event: PhantomData<fn(&E)>,
}

impl<E> Builder<E> {
    pub(super) fn new() -> Self {
        let retention = Retention { events: 4096, bytes: 16 << 20, age: None };
        Self { retention, event: PhantomData }
    }

    /// Sets how many events are retained. Default: 4,096. At least 1; 0 counts as 1.
    ///
    /// Past it, the oldest event is dropped. This is also how far a subscriber can fall behind.
    pub fn events(mut self, events: usize) -> Self {
        self.retention.events = events.max(1);
        self
    }

    /// Sets how many bytes of encoded events are retained. Default: 16 MiB.
    ///
    /// Past it, the oldest events are dropped. A single event with more bytes is refused:
    /// [`PublishError::TooLong`](super::PublishError::TooLong).
    pub fn bytes(mut self, bytes: usize) -> Self {
        self.retention.bytes = bytes;
        self
    }

    /// Sets for how long events are retained. Default: without end.
    ///
    /// Older events are dropped when something is published or subscribed; they are never replayed.
    pub fn age(mut self, age: Duration) -> Self {
        self.retention.age = Some(age);
        self
    }

    /// Makes the channel, with a new epoch: no event ID from before is its own.
    #[must_use]
    pub fn build(self) -> Channel<E> {
        Channel::with_retention(self.retention)
    }
}
