//! How much a channel keeps.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::backing::Backing;
use super::delivery::{Admission, Linger, Pace, SubscriberLimit, Subscribers};
use super::handle::{Channel, Owner};
use super::log::{Epoch, Log, Retention, Sequencer};
use super::reset::{EncodeReset, Reset, encode_reset};
use super::shared::{Shared, Topic};
use super::sight::Counts;
use super::start::Slow;
use super::sync::{AtomicU64, Count, Ordering, RwLock};
use crate::event::{SseEvent, encode_with_id};

/// How many logs this process had.
static SERIAL: Count = Count::new(0);

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
#[must_use = "`build` makes the channel"]
pub struct Builder<E> {
    pub(super) retention: Retention,
    pub(super) slow: Slow,
    pub(super) checkpoints: bool,
    pub(super) snapshots: Arc<Semaphore>,
    pub(super) subscribers: usize,
    pub(super) limit: Option<SubscriberLimit>,
    pub(super) linger: Duration,
    pub(super) admission: Arc<Admission>,
    pub(super) name: Arc<str>,
    pub(super) encode_reset: Arc<EncodeReset>,
    event: PhantomData<fn(&E)>,
}

/// So many snapshots are produced at one time.
const SNAPSHOTS: usize = 8;

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
}

impl<E> Builder<E> {
    fn new() -> Self {
        Self {
            retention: Retention {
                events: 4096,
                bytes: 16 << 20,
                event_bytes: usize::MAX,
                age: None,
                keys: 1024,
                ephemeral: 1024,
            },
            slow: Slow::Disconnect,
            checkpoints: true,
            snapshots: Arc::new(Semaphore::new(SNAPSHOTS)),
            subscribers: usize::MAX,
            limit: None,
            linger: Duration::ZERO,
            admission: Arc::new(Admission::new(64 << 20)),
            name: Arc::default(),
            encode_reset: Arc::new(encode_reset),
            event: PhantomData,
        }
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
    /// Past it, the oldest events are dropped. A single event with more bytes is refused, as by
    /// [`event_bytes`](Self::event_bytes).
    pub fn bytes(mut self, bytes: usize) -> Self {
        self.retention.bytes = bytes;
        self
    }

    /// Sets how many bytes one encoded event can have. Default: as many as are retained, 16 MiB.
    ///
    /// One with more is refused: [`PublishError::TooLong`](super::PublishError::TooLong).
    pub fn event_bytes(mut self, bytes: usize) -> Self {
        self.retention.event_bytes = bytes;
        self
    }

    /// Sets for how long events are retained. Default: without end.
    ///
    /// Older events are dropped when something is published or subscribed; they are never replayed.
    pub fn age(mut self, age: Duration) -> Self {
        self.retention.age = Some(age);
        self
    }

    /// Sets for how many keys the newest event is kept when it is no longer retained, for
    /// [`Start::LatestPerKey`](super::Start::LatestPerKey). Default: 1,024. Together they take at most as many bytes
    /// as the retention does.
    ///
    /// Past either bound, the key that has been quiet for longest is forgotten.
    pub fn keys(mut self, keys: usize) -> Self {
        self.retention.keys = keys;
        self
    }

    /// Sets how many [ephemeral](crate::Encoder::ephemeral) events are kept for live subscribers that are a little behind.
    /// Default: 1,024. Together they take at most as many bytes as the retention does. At least 1; 0 counts as 1.
    ///
    /// They take nothing from the retention of the others. Past the bound, the oldest are dropped, and a subscriber that has
    /// not read them goes on without: nobody is told, since nothing that could be replayed is missing.
    pub fn ephemeral(mut self, events: usize) -> Self {
        self.retention.ephemeral = events.max(1);
        self
    }

    /// Lets no subscription send a block that has only an ID, see [`Subscription::no_checkpoints`](crate::Subscription::no_checkpoints).
    /// Default: they do.
    pub fn no_checkpoints(mut self) -> Self {
        self.checkpoints = false;
        self
    }

    /// Sets how many snapshots are produced at one time ([`Subscription::snapshot`](crate::Subscription::snapshot)). Default:
    /// 8. At least 1; 0 counts as 1.
    ///
    /// Further clients wait for one of them to be done, up to 5 seconds: many that come back together do not all query a
    /// database at once, and a few whose connections stall do not keep the others from theirs.
    /// Clones of this builder, and so all topics, have one bound together. To have one snapshot serve many clients, see
    /// [`SharedSnapshot`](crate::SharedSnapshot).
    pub fn snapshots(mut self, at_once: usize) -> Self {
        self.snapshots = Arc::new(Semaphore::new(at_once.clamp(1, Semaphore::MAX_PERMITS)));
        self
    }

    /// Sets what becomes of subscribers that fall behind what is retained. Default: [`Slow::Disconnect`].
    pub fn slow(mut self, slow: Slow) -> Self {
        self.slow = slow;
        self
    }

    /// Sets how many subscriptions there can be at one time. Default: no bound.
    ///
    /// One more gets a stream with nothing but a reconnection time of 30 to 60 seconds: an error status would stop an
    /// `EventSource` for good.
    pub fn subscribers(mut self, subscribers: usize) -> Self {
        self.subscribers = subscribers;
        self
    }

    /// Sets a bound on the subscriptions of this channel and of all others with the same limit. Default: none.
    ///
    /// One more is sent away as with [`subscribers`](Self::subscribers).
    pub fn limit(mut self, limit: &SubscriberLimit) -> Self {
        self.limit = Some(limit.clone());
        self
    }

    /// Sets for how long an event waits for others before subscribers are woken for all of them. Default: zero, every
    /// event wakes at once.
    ///
    /// It makes many small events cheaper to deliver, and each of them so much later at most. With [`Slow::Coalesce`] it thins a
    /// fast stream: of what is published meanwhile, a subscriber gets the newest event of each key. An event that is
    /// published outside a Tokio runtime wakes at once; in a runtime without time enabled, publishing panics. The
    /// wake-up is a task of the publisher's runtime: one that nobody drives wakes nobody.
    pub fn linger(mut self, linger: Duration) -> Self {
        self.linger = linger;
        self
    }

    /// Sets how many bytes per second are replayed, to all clients together. Default: 64 MiB. At least 1; `u64::MAX` is
    /// no bound.
    ///
    /// Past it, clients that come back wait for their turn, in the order in which they came and 64 KiB at a time: ten
    /// thousand that lost their server together do not keep it from delivering live events to the others. One that
    /// has to wait until what it missed is no longer retained falls under [`slow`](Self::slow). When the channel
    /// drains, those that wait end at once, and resume elsewhere. Clones of this builder, and so all topics, have one
    /// rate together. With a store, whoever falls behind what is in memory waits as well, while it reads from there.
    ///
    /// Outside a Tokio runtime there is no bound.
    pub fn replay_rate(mut self, bytes_per_second: u64) -> Self {
        self.admission = Arc::new(Admission::new(bytes_per_second));
        self
    }

    /// Names the channel in `Debug` output and in spans (feature `tracing`). Default: empty; a topic has its own name.
    pub fn name(mut self, name: impl Into<Arc<str>>) -> Self {
        self.name = name.into();
        self
    }

    /// Sends an event of the application's own in place of the ordinary `reset` event. Its event ID is the cursor from
    /// which the client goes on, whatever the event brings. One that cannot be encoded is replaced by the ordinary one.
    ///
    /// A client tells a reset from other events by its type alone. An event type `reset` is therefore for the event made
    /// here, or for channels that reset with another type.
    ///
    /// ```
    /// use typed_sse_core::{Channel, Event, EventType};
    ///
    /// let channel: Channel<Event> = Channel::builder()
    ///     .reset_with(|reset| {
    ///         Event::new(reset.reason.as_str()).with_event_type(EventType::from_static("start_over"))
    ///     })
    ///     .build();
    /// # let _ = channel;
    /// ```
    pub fn reset_with(mut self, reset: impl Fn(Reset) -> E + Send + Sync + 'static) -> Self
    where
        E: SseEvent,
    {
        self.encode_reset = Arc::new(move |info, cursor| encode_with_id(&reset(info), cursor));
        self
    }

    /// Makes the channel, with a new epoch: no event ID from before is its own.
    #[must_use]
    pub fn build(self) -> Channel<E> {
        let sequencer = Arc::new(Sequencer::new(Epoch::random(), self.retention.remembered(), false));
        let log = Log::new(sequencer.epoch(), self.retention.clone(), &mut sequencer.turn());
        Channel::of(self.build_on(sequencer, log, None), None)
    }

    /// A channel with this log.
    pub(super) fn build_on(self, sequencer: Arc<Sequencer>, log: Log, topic: Option<Topic>) -> Arc<Owner> {
        Owner::new(self.build_shared(sequencer, log, topic, None))
    }

    /// The same for a log that a store keeps, as what a handle of the channel holds.
    pub(super) fn build_stored(
        self,
        sequencer: Arc<Sequencer>,
        window: Log,
        topic: Option<Topic>,
        backing: Backing,
    ) -> Owner {
        Owner::unshared(self.build_shared(sequencer, window, topic, Some(backing)))
    }

    fn build_shared(
        self,
        sequencer: Arc<Sequencer>,
        log: Log,
        topic: Option<Topic>,
        backing: Option<Backing>,
    ) -> Shared {
        let (end, is_finished, trimmed) = (log.end(), log.is_finished(), log.trimmed().count);
        Shared {
            log: RwLock::new(log),
            end: AtomicU64::new(Shared::end_mark(end, is_finished)),
            trimmed: Count::new(trimmed),
            serial: SERIAL.fetch_add(1, Ordering::Relaxed),
            sequencer,
            pace: Pace::new(self.retention.events, self.retention.bytes),
            age: self.retention.age,
            slow: self.slow,
            checkpoints: self.checkpoints,
            encode_reset: self.encode_reset,
            subscribers: Subscribers::new(self.subscribers),
            limit: self.limit,
            linger: Linger::new(self.linger),
            admission: self.admission,
            snapshots: self.snapshots,
            counts: Counts::default(),
            name: self.name,
            topic,
            backing,
        }
    }
}

impl<E> Clone for Builder<E> {
    fn clone(&self) -> Self {
        Self {
            retention: self.retention.clone(),
            slow: self.slow,
            checkpoints: self.checkpoints,
            snapshots: Arc::clone(&self.snapshots),
            subscribers: self.subscribers,
            limit: self.limit.clone(),
            linger: self.linger,
            admission: Arc::clone(&self.admission),
            name: Arc::clone(&self.name),
            encode_reset: Arc::clone(&self.encode_reset),
            event: PhantomData,
        }
    }
}

impl<E> fmt::Debug for Builder<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("retention", &self.retention)
            .field("slow", &self.slow)
            .field("subscribers", &self.subscribers)
            .finish_non_exhaustive()
    }
}
