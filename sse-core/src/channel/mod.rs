//! One log, many cursors.

mod builder;
mod delivery;
mod error;
mod log;
#[cfg(all(test, typed_sse_loom))]
mod model;
mod reader;
mod resume;
mod sight;
mod snapshot;
mod subscription;
mod sync;
mod topics;

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

pub use builder::Builder;
pub use delivery::{DrainReport, SubscriberLimit};
pub use error::{PublishError, SubscriptionError};
pub use resume::{Reset, ResetReason, Resumption, Slow, Start};
pub use sight::{Counters, ResetCounters};
pub use snapshot::Snapshot;
pub use subscription::Subscription;
use tokio::time::Instant;
pub use topics::{Topics, TopicsBuilder, TopicsError, TopicsSubscription};

use crate::encode::{Ids, Sequence, Unsequenced};
use crate::event::SseEvent;
use crate::field::{EventId, LastEventId};
use delivery::{Admission, Linger, Subscribers};
use log::{Epoch, Log, Sequencer};
use resume::EncodeReset;
use sight::{Counts, trace};
use sync::{AtomicU64, Ordering, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// A bounded log of the events of type `E`, with live subscribers.
///
/// Publishing encodes an event once and appends it; a subscription is a cursor into the log. Replay and live delivery
/// are the same read, so there is no seam between them to lose an event in. A client that comes back with a last
/// event ID gets every event after it exactly once and in order, or one `reset` event ([`Reset`]) that says what it
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
/// The log keeps what all of [`Builder::events`], [`Builder::bytes`] and [`Builder::age`] allow, the oldest events go
/// first. A subscriber that falls behind the oldest one delays nobody and holds nothing; [`Slow`] says what becomes of
/// it. The newest event of each key may be kept for longer ([`Builder::keys`]).
///
/// # What can be seen of it
///
/// [`counters`](Self::counters) says how it stands and what has happened in it. With the feature `tracing`, these spans
/// are opened, all with the target `typed_sse`; their names and fields are part of this crate's interface:
///
/// | span | level | from, to | fields |
/// |---|---|---|---|
/// | `sse.subscription` | debug | a subscription is made, dropped; a child of the span it is made in | `channel`: [its name](Builder::name), `last_event_id`, `resumption`: `new`, `complete` or a [`ResetReason`], `missed`: events, if known, `replayed`: events that wait to be replayed, `delivered`: events, `end`: `left`, `drained`, `lagged` or `sent_away` |
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
    event: PhantomData<fn(&E)>,
}

/// What all handles of a channel hold, and no subscription does.
struct Owner {
    shared: Arc<Shared>,
}

impl Drop for Owner {
    fn drop(&mut self) {
        // Nobody can publish or drain any more.
        self.shared.subscribers.close();
    }
}

struct Shared {
    log: RwLock<Log>,
    /// The place behind the newest entry: what a caught-up reader compares without the lock.
    end: AtomicU64,
    sequencer: Arc<Sequencer>,
    epoch: Epoch,
    slow: Slow,
    encode_reset: Arc<EncodeReset>,
    subscribers: Subscribers,
    limit: Option<SubscriberLimit>,
    linger: Linger,
    admission: Arc<Admission>,
    counts: Counts,
    name: Arc<str>,
}

impl<E> Channel<E> {
    /// A channel in memory with the defaults of its [`builder`](Self::builder).
    #[must_use]
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Starts to configure a channel.
    pub fn builder() -> Builder<E> {
        Builder::new()
    }

    fn shared(&self) -> &Arc<Shared> {
        &self.owner.shared
    }

    /// Whether nobody else holds the channel or a subscription to it.
    fn is_unused(&self) -> bool {
        Arc::strong_count(&self.owner) == 1 && Arc::strong_count(self.shared()) == 1
    }

    fn from_builder(builder: Builder<E>) -> Self {
        Self::with_sequencer(builder, Arc::default(), Epoch::random(), None)
    }

    /// A channel whose log begins behind the number `shared_from` of a sequence that it shares with others, if it does.
    fn with_sequencer(
        builder: Builder<E>,
        sequencer: Arc<Sequencer>,
        epoch: Epoch,
        shared_from: Option<u64>,
    ) -> Self {
        let shared = Shared {
            log: RwLock::new(Log::new(epoch, builder.retention, shared_from)),
            end: AtomicU64::new(0),
            sequencer,
            epoch,
            slow: builder.slow,
            encode_reset: builder.encode_reset,
            subscribers: Subscribers::new(builder.subscribers),
            limit: builder.limit,
            linger: Linger::new(builder.linger),
            admission: builder.admission,
            counts: Counts::default(),
            name: builder.name,
        };
        Self { owner: Arc::new(Owner { shared: Arc::new(shared) }), event: PhantomData }
    }

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
        let event = Unsequenced::encode(event, Ids::OrCursor(sequence)).map_err(PublishError::Encode);
        Publish { shared: self.shared(), event: Some(event) }
    }

    /// Subscribes a client that sent this last event ID, or none.
    ///
    /// The place in the log is fixed now: everything published from here on is delivered. Where the client resumes
    /// is said by [`Subscription::resumption`]; where it has no ID or cannot resume, it starts as
    /// [`Subscription::start`] says, by default live.
    ///
    /// A client learns an ID with its first event that has one. If it loses its connection before, it comes back as a new
    /// client; with [`Start::Live`] what was published meanwhile is not for it, and with [`Start::Earliest`] it is.
    pub fn subscribe(&self, last_event_id: impl Into<LastEventId>) -> Subscription<E> {
        Subscription::new(Arc::clone(self.shared()), last_event_id.into())
    }

    /// The ID from which a client resumes that has seen everything published so far. For a
    /// [`snapshot`](Subscription::snapshot), take it before the state is read.
    #[must_use]
    pub fn cursor(&self) -> EventId {
        let log = self.shared().read_log();
        log.cursor(log.newest()).into()
    }

    /// How many subscriptions are alive.
    #[must_use]
    pub fn subscribers(&self) -> usize {
        self.shared().subscribers.len()
    }

    /// How the channel stands, and what has happened in it since it was made. It looks at each subscription.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.shared().counters()
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
        delivery::drain(&[&self.shared().subscribers], window).await
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

impl Shared {
    fn append(self: &Arc<Self>, event: Unsequenced) -> Result<EventId, PublishError> {
        let now = Instant::now();
        let published = trace::publish(&self.name, &event);
        let id = {
            let turn = self.sequencer.turn();
            let mut log = self.log();
            let sequence = turn.last() + u64::from(!event.is_ephemeral());
            let id = log.append(event, sequence, now)?;
            // Behind this, a reader that sees the new end finds the entry.
            self.end.store(log.end(), Ordering::Release);
            turn.used(sequence);
            id
        };
        published.as_id(&id);
        self.wake();
        Ok(id)
    }

    fn counters(&self) -> Counters {
        let counters = self.read_log().count(self.counts.read());
        let end = self.end.load(Ordering::Acquire);
        let (subscribers, slowest) = self.subscribers.count();
        let lag = slowest.map_or(0, |place| end.saturating_sub(place));
        Counters { subscribers: subscribers as u64, lag, ..counters }
    }

    fn log(&self) -> RwLockWriteGuard<'_, Log> {
        self.log.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn read_log(&self) -> RwLockReadGuard<'_, Log> {
        self.log.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<E> Clone for Channel<E> {
    fn clone(&self) -> Self {
        Self { owner: Arc::clone(&self.owner), event: PhantomData }
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
            .field("epoch", &self.shared().epoch)
            .field("subscribers", &self.subscribers())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Publish<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publish").finish_non_exhaustive()
    }
}
