//! A handle of a channel.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::backing::Backing;
use super::delivery::{DrainReport, drain};
use super::error::PublishError;
use super::shared::Shared;
use super::sight::Counters;
use super::subscription::Subscription;
use crate::encode::{Encoded, Encoder};
use crate::field::{EncodeError, EventId, LastEventId};

/// A bounded log of the events of type `E`, with live subscribers.
///
/// Publishing encodes an event once and appends it; a subscription is a cursor into the log. Replay and live delivery
/// are the same read, so there is no seam between them to lose an event in. A client that comes back with a last
/// event ID gets every event after it exactly once and in order, or one `reset` event ([`Reset`](crate::Reset)) that says what it
/// missed.
///
/// Cheap to clone: clones are the same channel. When the last one is dropped, its subscriptions end as in a
/// [drain](Self::drain).
///
/// # Event IDs
///
/// An event that brings no ID of its own gets the cursor `epoch-sequence`: eight letters or digits that name this
/// life of the log, and a number that counts its events from 1. A channel resumes from either.
///
/// An event's own ID must never name two events for as long as a client may hold one, across restarts too: take it from
/// something that lasts, such as a database's key. Two of one ID would be a hole or a second copy; a channel can refuse
/// the second only while it retains the first.
///
/// # Bounds
///
/// The log keeps what all of [`Builder::events`](crate::Builder::events), [`Builder::bytes`](crate::Builder::bytes) and [`Builder::age`](crate::Builder::age) allow, the oldest events go
/// first. A subscriber that falls behind the oldest one delays nobody and holds nothing; [`Slow`](crate::Slow) says what becomes of
/// it. The newest event of each key may be kept for longer ([`Builder::keys`](crate::Builder::keys)).
///
/// # What can be seen of it
///
/// [`counters`](Self::counters) says how it stands and what has happened in it. With the feature `tracing`, these spans
/// are opened, all with the target `typed_sse`; their names and fields are part of this crate's interface:
///
/// | span | level | from, to | fields |
/// |---|---|---|---|
/// | `sse.subscription` | debug | a subscription is made, dropped; a child of the span it is made in | `channel`: [its name](crate::Builder::name), `last_event_id`, `resumption`: `new`, `complete` or a [`ResetReason`](crate::ResetReason), `missed`: events, if known, `replayed`: events that wait to be replayed, `delivered`: events, `end`: `left`, `drained`, `lagged`, `sent_away`, `finished` or `done` (behind [`until`](Subscription::until)) |
/// | `sse.publish` | trace | an event is appended, and waiting subscribers are woken | `channel`, `event_type`, `id` |
/// | `sse.drain` | info | a drain begins, ends | `subscribers`: those there were, `window_ms`, `ended`, `cut` |
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use futures_util::StreamExt as _;
/// use typed_sse_core::{Channel, Event, LastEventId};
///
/// let channel = Channel::<Event>::new();
/// let first = channel.publish(&Event::new("one")).await?;
/// channel.publish(&Event::new("two")).await?;
///
/// // A client comes back, having seen the first event.
/// let mut subscription = channel.subscribe(LastEventId::from(first));
/// let frame = subscription.next().await.ok_or("ended")??;
/// assert!(frame.as_ref().ends_with(b"-2\ndata: two\n\n"));
/// # Ok(()) }
/// ```
pub struct Channel<E> {
    owner: Arc<Owner>,
    wire: Option<Arc<Wire<E>>>,
    /// What feeds it from a store, if that is not its own.
    fed_by: Option<Arc<dyn Send + Sync>>,
    event: PhantomData<fn(&E)>,
}

/// What an event is on the wire, of the topics of an application: see
/// [`TopicsBuilder::encode_with`](crate::TopicsBuilder::encode_with).
pub(super) type Wire<E> =
    dyn for<'a> Fn(&str, &E, Encoder<'a>) -> Result<Encoded<'a>, EncodeError> + Send + Sync;

/// What all handles of a channel hold, and no subscription does.
pub(super) struct Owner {
    shared: Arc<Shared>,
}

impl Owner {
    pub(super) fn new(shared: Shared) -> Arc<Self> {
        Arc::new(Self { shared: Arc::new(shared) })
    }

    /// The same, for one that knows itself.
    pub(super) fn unshared(shared: Shared) -> Self {
        Self { shared: Arc::new(shared) }
    }

    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Since when nobody else holds the topic or a subscription to it.
    pub(super) fn unused_since(self: &Arc<Self>) -> Option<Instant> {
        let is_unused = Arc::strong_count(self) == 1 && Arc::strong_count(&self.shared) == 1;
        self.shared.topic.as_ref().filter(|_| is_unused).map(|topic| topic.last_used.get())
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        // Nobody can publish or drain any more.
        self.shared.subscribers.close();
    }
}

impl<E> Channel<E> {
    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.owner.shared
    }

    pub(super) fn of(owner: Arc<Owner>, wire: Option<Arc<Wire<E>>>) -> Self {
        Self::fed(owner, wire, None)
    }

    /// The same, which is fed from a store for as long as this is there.
    pub(super) fn fed(
        owner: Arc<Owner>,
        wire: Option<Arc<Wire<E>>>,
        fed_by: Option<Arc<dyn Send + Sync>>,
    ) -> Self {
        Self { owner, wire, fed_by, event: PhantomData }
    }

    /// How the event IDs of this channel's making begin, and the number by which they name its log beside others.
    #[cfg(feature = "testing")]
    pub(crate) fn log_name(&self) -> (String, u64) {
        (self.shared().sequencer.epoch().to_string(), self.shared().read_log().id().number())
    }

    pub(super) fn wire(&self) -> Option<&Wire<E>> {
        self.wire.as_deref()
    }

    /// Subscribes a client that sent this last event ID, or none.
    ///
    /// The place in the log is fixed now: everything published from here on is delivered. Where the client resumes
    /// is said by [`Subscription::resumption`]; where it has no ID or cannot resume, it starts as
    /// [`Subscription::start`] says, by default live.
    ///
    /// A new client is told its place first, by a block that has only an ID, so that it can come back to it even if its
    /// connection breaks before the first event. [`Subscription::no_checkpoints`] leaves that out.
    ///
    /// Once the channel is [finished](Self::finish), a client that has everything gets a subscription that is over: an adapter
    /// answers it with `204`, so that it stops reconnecting.
    pub fn subscribe(&self, last_event_id: impl Into<LastEventId>) -> Subscription<E> {
        Subscription::new(Arc::clone(self.shared()), last_event_id.into())
    }

    /// The ID from which a client resumes that has seen everything published so far: the newest event's own, or a cursor.
    /// For a [`snapshot`](Subscription::snapshot), take it before the state is read.
    #[must_use]
    pub fn cursor(&self) -> EventId {
        let log = self.shared().read_log();
        log.name(log.newest())
    }

    /// Says that nothing more will come: an upload is done, a job has ended, an answer is complete.
    ///
    /// Who is connected gets all that was published, then the end. Who comes back, or comes late, gets the rest, from its last
    /// event ID or as its [`Start`](crate::Start) says, then the end; who has everything gets `204 No Content` from every
    /// adapter, and stops reconnecting. Publishing is refused from now on ([`PublishError::Finished`](crate::PublishError::Finished)).
    ///
    /// A topic that is finished stays so, also when it was forgotten with its events, until it is
    /// [closed](crate::Topics::close), or in memory, until 65,536 others were forgotten or closed after it. A channel that is finished twice is finished once. In memory it is done at once; where nothing can be awaited, use
    /// [`finish_now`](Self::finish_now).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use futures_util::StreamExt as _;
    /// use typed_sse_core::{Channel, Event, LastEventId, Start};
    ///
    /// let job = Channel::new();
    /// job.publish(&Event::new("50 %")).await?;
    /// let last = job.publish(&Event::new("100 %")).await?;
    /// job.finish().await?;
    ///
    /// let late: Vec<_> = job.subscribe(None).start(Start::Last(1)).no_checkpoints().collect().await;
    /// assert_eq!(late.len(), 1);
    /// let mut back = job.subscribe(LastEventId::from(last));
    /// assert!(back.next().await.is_none());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// None in memory. [`PublishError::Store`] if a store has not taken note of it, or may not have.
    pub async fn finish(&self) -> Result<(), PublishError> {
        match &self.shared().backing {
            Some(backing) => backing.finish().await.map_err(PublishError::of_store),
            None => {
                self.shared().finish();
                Ok(())
            }
        }
    }

    /// As [`finish`](Self::finish), where nothing can be awaited: in a `Drop`, for one. A store takes note of it a little later.
    pub fn finish_now(&self) {
        let later = self.shared().backing.as_ref().map(Backing::finish_later);
        // Without a store, or where too much waits for it: who is here sees the end at least.
        if !matches!(later, Some(Ok(()))) {
            self.shared().finish();
        }
    }

    /// How many subscriptions are alive.
    #[must_use]
    pub fn subscribers(&self) -> usize {
        self.shared().subscribers.len()
    }

    /// How the channel stands, and what has happened in it since it was made. It looks at each subscription.
    #[must_use]
    pub fn counters(&self) -> Counters {
        let mut counters = self.shared().counters();
        if let Some(backing) = &self.shared().backing {
            counters += backing.link().source().counts.read();
        }
        counters
    }

    /// Ends all subscriptions, so that the server can stop: one after the other over the first nine tenths of
    /// `window`, in random order, each behind what was published for it and with a reconnection time of 1 to 5
    /// seconds. Returns when the last one is gone, at the latest when `window` is over.
    ///
    /// A subscription that is made from now on ends at once in the same way. Publishing stays possible.
    ///
    /// What is [cut](DrainReport::cut) belongs to clients that do not read, or hardly. Their connections are the server's:
    /// bound how long it waits for them.
    ///
    /// Cancel safe: subscriptions that were not ended yet go on, and another call resumes.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime with time enabled.
    pub async fn drain(&self, window: Duration) -> DrainReport {
        drain(&[&self.shared().subscribers], window).await
    }
}

impl<E> Clone for Channel<E> {
    fn clone(&self) -> Self {
        let Self { owner, wire, fed_by, .. } = self;
        Self::fed(Arc::clone(owner), wire.clone(), fed_by.clone())
    }
}

impl<E> Drop for Channel<E> {
    fn drop(&mut self) {
        self.shared().touch();
    }
}

impl<E> Default for Channel<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E> fmt::Debug for Channel<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel")
            .field("name", &self.shared().name)
            .field("epoch", &self.shared().sequencer.epoch())
            .field("subscribers", &self.subscribers())
            .finish_non_exhaustive()
    }
}
