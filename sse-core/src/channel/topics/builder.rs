//! How many topics there can be, and how long they stay.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::super::backing::Link;
use super::super::builder::Builder;
use super::super::handle::{Channel, Wire};
use super::super::log::{Budget, Epoch, Sequencer};
use super::super::sync::Mutex;
use super::{Inner, Topics};
use crate::encode::{Encoded, Encoder};
use crate::field::EncodeError;

/// Configures [`Topics`].
#[must_use = "`build` makes the topics"]
pub struct TopicsBuilder<E> {
    channel: Builder<E>,
    topics: usize,
    bytes: usize,
    idle: Duration,
    wire: Option<Arc<Wire<E>>>,
}

impl<E> TopicsBuilder<E> {
    pub(super) fn new() -> Self {
        Self {
            channel: Channel::builder(),
            topics: 10_000,
            bytes: 256 << 20,
            idle: Duration::from_secs(300),
            wire: None,
        }
    }

    /// Sets how each topic is configured. Default: that of [`Channel::builder`].
    pub fn channel(mut self, channel: Builder<E>) -> Self {
        self.channel = channel;
        self
    }

    /// Sets how many topics there can be at one time. Default: 10,000.
    ///
    /// At the bound, the topic that was unused for longest is forgotten for a new one. If all are in use, a new topic is
    /// refused ([`TopicsError::Full`](super::TopicsError::Full)), and a subscription to it sent away for long.
    pub fn topics(mut self, topics: usize) -> Self {
        self.topics = topics;
        self
    }

    /// Sets how many bytes of encoded events all topics retain together. Default: 256 MiB.
    ///
    /// Past it, the oldest event of all topics is dropped, whichever it is in. What one topic retains is set by its
    /// [channel](Self::channel).
    pub fn bytes(mut self, bytes: usize) -> Self {
        self.bytes = bytes;
        self
    }

    /// Sets after which time without use a topic is forgotten. Default: 5 minutes.
    ///
    /// In a Tokio runtime a task sees to it, by the clock. Without one it is looked at when topics are asked for.
    pub fn idle(mut self, idle: Duration) -> Self {
        self.idle = idle;
        self
    }

    /// Sets what an event is on the wire, given its topic. Default: what it is anywhere else; then a client of several topics
    /// cannot tell whose an event is.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use futures_util::StreamExt as _;
    /// use typed_sse_core::{Event, EventType, SseEvent as _, Topics};
    ///
    /// let topics = Topics::<Event>::builder()
    ///     .encode_with(|topic, event, encoder| {
    ///         let event_type = EventType::new(format!("{topic}/{}", event.event_type()))?;
    ///         event.encode(encoder.event_type(&event_type)?)
    ///     })
    ///     .build();
    /// let mut orders = topics.subscribe(["orders/41", "orders/42"], None)?.no_checkpoints();
    /// topics.channel("orders/42")?.publish(&Event::new("paid")).await?;
    /// let paid = orders.next().await.ok_or("ended")??;
    /// assert!(paid.as_ref().starts_with(b"event: orders/42/message\n"));
    /// # Ok(()) }
    /// ```
    pub fn encode_with(
        mut self,
        encode: impl for<'a> Fn(&str, &E, Encoder<'a>) -> Result<Encoded<'a>, EncodeError> + Send + Sync + 'static,
    ) -> Self {
        self.wire = Some(Arc::new(encode));
        self
    }

    /// Makes the topics, with a new epoch.
    #[must_use]
    pub fn build(self) -> Topics<E> {
        self.build_with(Epoch::random(), |_| None)
    }

    /// How each topic is configured, and what an event is on the wire.
    pub(super) fn into_parts(self) -> (Builder<E>, Option<Arc<Wire<E>>>) {
        (self.channel, self.wire)
    }

    /// The same, in this epoch, and perhaps with a link to a store.
    pub(super) fn build_with(
        self,
        epoch: Epoch,
        link: impl FnOnce(&Sequencer) -> Option<Arc<Link>>,
    ) -> Topics<E> {
        let sequencer = Sequencer::new(epoch, self.channel.retention.remembered(), true);
        let mut channel = self.channel;
        // An event that all of them could not hold is refused, as by a channel.
        channel.retention.bytes = channel.retention.bytes.min(self.bytes);
        let inner = Arc::new(Inner {
            link: link(&sequencer),
            sequencer: Arc::new(sequencer),
            budget: Arc::new(Budget::new(self.bytes)),
            bound: self.topics,
            idle: self.idle,
            registry: Mutex::default(),
        });
        Topics { inner, channel, wire: self.wire }
    }
}

impl<E> fmt::Debug for TopicsBuilder<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TopicsBuilder")
            .field("channel", &self.channel)
            .field("topics", &self.topics)
            .field("bytes", &self.bytes)
            .field("idle", &self.idle)
            .finish_non_exhaustive()
    }
}
