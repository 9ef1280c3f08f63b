//! A cursor into the log.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use tokio::time::Instant;

use super::Shared;
use super::error::SubscriptionError;
use super::log::{Located, Log, Point, Read};
use super::resume::{Beginning, ResetReason, Resumption, Slow, Start, encode_reset};
use super::snapshot::Snapshot;
use super::subscribers::Slot;
use crate::event::SseEvent;
use crate::event_id::EventId;
use crate::event_stream::BoxError;
use crate::frame::Frame;
use crate::last_event_id::LastEventId;

/// One client's place in a [`Channel`](super::Channel): a [`Stream`] of frames that are shared with all others.
///
/// It yields, in this order: the reset event, if the client could not resume; the events it has missed; live events
/// without end. It ends when the channel [drains](super::Channel::drain), behind a frame that carries only a
/// reconnection time, and as [`Slow`] says when it lags.
///
/// Its size does not depend on how far behind it is. Dropping it ends it.
#[must_use = "a subscription delivers when it is polled"]
pub struct Subscription<E> {
    shared: Arc<Shared>,
    /// Its key and slot among the subscribers; `None` if it was sent away.
    membership: Option<(usize, Arc<Slot>)>,
    last_event_id: LastEventId,
    start: Start,
    slow: Slow,
    filter: Option<Box<Filter>>,
    resumption: Resumption,
    replayed: u64,
    /// What goes out before anything is read: a reset, or the reconnection time of one that was sent away.
    first: Option<Frame>,
    /// The place from which the newest event of each key is read next, while they are.
    newest_of_key: Option<u64>,
    /// Where the log is read next.
    next: Point,
    /// What lies before was there when the subscription began: ephemeral events of then are not replayed.
    live_from: u64,
    /// Where to stop, once the channel drains.
    stop_at: Option<u64>,
    ended: bool,
    event: PhantomData<fn() -> E>,
}

/// What narrows a subscription.
struct Filter {
    keep: Box<dyn Fn(&Frame) -> bool + Send + Sync>,
    /// How many events may be left out before the client is told how far it is; `None` for never.
    checkpoint: Option<u64>,
    /// How many were left out since it was told last.
    left_out: u64,
}

type Item = Result<Frame, SubscriptionError>;

impl<E> Subscription<E> {
    pub(super) fn new(shared: Arc<Shared>, last_event_id: LastEventId) -> Self {
        // Joined before the place is taken, so that no event falls between the two.
        let (membership, first) = match shared.subscribers.join() {
            Ok(membership) => (Some(membership), None),
            Err(time) => (None, Some(Frame::reconnection_time(time))),
        };
        let mut subscription = Self {
            slow: shared.slow,
            shared,
            ended: membership.is_none(),
            membership,
            last_event_id,
            start: Start::Live,
            filter: None,
            resumption: Resumption::New,
            replayed: 0,
            first,
            newest_of_key: None,
            next: Point::default(),
            live_from: 0,
            stop_at: None,
            event: PhantomData,
        };
        subscription.begin();
        subscription
    }

    /// Sets where the client begins if it has no last event ID or cannot resume. Default: [`Start::Live`].
    ///
    /// Call it before the first poll: it takes the subscription back to its beginning, as of now.
    pub fn start(mut self, start: Start) -> Self {
        self.start = start;
        self.begin();
        self
    }

    /// Sets what becomes of the subscription if it falls behind what is retained. Default: that of the channel.
    pub fn slow(mut self, slow: Slow) -> Self {
        self.slow = slow;
        self
    }

    /// Narrows the subscription to the events that `keep` accepts, by type, key or ID; nothing is decoded.
    ///
    /// A reset passes in any case. Default: all events.
    pub fn filter(mut self, keep: impl Fn(&Frame) -> bool + Send + Sync + 'static) -> Self {
        let checkpoint = self.filter.as_ref().and_then(|filter| filter.checkpoint);
        self.filter = Some(Box::new(Filter { keep: Box::new(keep), checkpoint, left_out: 0 }));
        self
    }

    /// Tells the client of a narrowed subscription how far it is whenever `events` were left out: a block with only
    /// an `id`, which moves its last event ID and dispatches nothing. Without it, a client for which nothing came for
    /// long comes back with an old ID, and may be told that events were trimmed which it never wanted.
    ///
    /// Default: never, since some clients that do not follow the standard dispatch such a block as an empty event.
    /// 0 counts as 1.
    pub fn checkpoint(mut self, events: u64) -> Self {
        let filter = self.filter.get_or_insert_with(|| {
            Box::new(Filter { keep: Box::new(|_| true), checkpoint: None, left_out: 0 })
        });
        filter.checkpoint = Some(events.max(1));
        self
    }

    /// Starts a client that is new or cannot resume with a snapshot: events of the application's own making that stand
    /// for its state at a known cursor, then every event behind that cursor, without a hole and without an overlap,
    /// however long `produce` takes. See [`Snapshot`].
    pub fn snapshot<F, Fut, T, X>(self, produce: F) -> Snapshot<E, F, Fut>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<(Vec<T>, EventId), X>>,
        T: SseEvent,
        X: Into<BoxError>,
    {
        let mut subscription = self;
        if subscription.membership.is_some() {
            // An ID would stand for a state that the client has not seen yet.
            subscription.first = subscription.encode_reset(None);
        }
        Snapshot::new(subscription, produce)
    }

    /// Whether it got no place in the channel, only a reconnection time.
    pub(super) const fn is_sent_away(&self) -> bool {
        self.membership.is_none()
    }

    /// The frame with which to end, once the channel drains; for one who does not read yet.
    pub(super) fn poll_end(&mut self, context: &Context<'_>) -> Poll<Frame> {
        let Some((_, slot)) = &self.membership else { return Poll::Pending };
        slot.register(context);
        let Some(time) = slot.ending() else { return Poll::Pending };
        self.ended = true;
        Poll::Ready(Frame::reconnection_time(time))
    }

    /// Goes on behind the event that `id` names. False if the log can no longer give all that follows.
    pub(super) fn resume_behind(&mut self, id: &LastEventId) -> bool {
        let shared = Arc::clone(&self.shared);
        let log = shared.read_log();
        let Located::Retained(point) = log.locate(id.as_str(), shared.sequencer.newest()) else {
            return false;
        };
        self.live_from = log.end();
        self.next = point;
        self.newest_of_key = None;
        self.replayed = log.newest().mark.count - point.mark.count;
        true
    }

    /// What became of the client's last event ID.
    pub const fn resumption(&self) -> Resumption {
        self.resumption
    }

    /// How many events are replayed before the first live one, before they are filtered. Some may be trimmed or
    /// superseded before they are read.
    pub const fn replayed(&self) -> u64 {
        self.replayed
    }

    fn begin(&mut self) {
        if self.membership.is_none() {
            return;
        }
        let now = Instant::now();
        let shared = Arc::clone(&self.shared);
        let mut log = shared.log();
        log.trim_aged(now);
        let newest = shared.sequencer.newest();
        let beginning = Beginning::find(&log, &self.last_event_id, newest, self.start);
        self.begin_at(&log, &beginning);
    }

    fn begin_at(&mut self, log: &Log, beginning: &Beginning) {
        self.live_from = log.end();
        self.next = beginning.point;
        self.newest_of_key = beginning.latest_per_key.then_some(0);
        self.replayed = beginning.replayed;
        self.resumption = beginning.resumption;
        self.first = self.encode_reset(Some(beginning.cursor.into()));
    }

    /// The frame of the reset, if there is one to tell of.
    fn encode_reset(&self, id: Option<EventId>) -> Option<Frame> {
        let Resumption::Reset(reset) = self.resumption else { return None };
        // The application's own event may be illegal; the ordinary one is not.
        (self.shared.encode_reset)(reset, id.clone()).or_else(|_| encode_reset(reset, id)).ok()
    }

    fn poll_frame(&mut self, context: &Context<'_>) -> Poll<Option<Item>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(first)));
        }
        if self.ended {
            return Poll::Ready(None);
        }
        if let Some(item) = self.read() {
            return Poll::Ready(Some(item));
        }
        if let Some((_, slot)) = &self.membership {
            slot.register(context);
        }
        // Something may have come before the waker was in its place.
        self.read().map_or(Poll::Pending, |item| Poll::Ready(Some(item)))
    }

    /// The next item, unless there is none yet.
    fn read(&mut self) -> Option<Item> {
        let end = self.shared.end.load(Ordering::Acquire);
        if let Some(frame) = self.read_newest_of_key() {
            return Some(Ok(frame));
        }
        if let Some(time) = self.membership.as_ref().and_then(|(_, slot)| slot.ending()) {
            if self.next.place >= *self.stop_at.get_or_insert(end) {
                self.ended = true;
                return Some(Ok(Frame::reconnection_time(time)));
            }
        }
        while self.next.place < end {
            let log = self.shared.read_log();
            let read = log.read(self.next.place);
            drop(log);
            match read {
                Read::Entry { frame, next, superseded } => {
                    let replayed = self.next.place < self.live_from;
                    self.next = next;
                    let skipped =
                        frame.is_ephemeral() && replayed || superseded && self.slow == Slow::Coalesce;
                    match self.narrow(frame, skipped) {
                        Some(frame) => return Some(Ok(frame)),
                        None => continue,
                    }
                }
                Read::Trimmed => return Some(self.lag()),
                Read::CaughtUp => break,
            }
        }
        None
    }

    /// The newest event of the next key, while the subscription begins with them.
    fn read_newest_of_key(&mut self) -> Option<Frame> {
        while let Some(place) = self.newest_of_key {
            let log = self.shared.read_log();
            let newest = log.read_newest_of_key(place, self.live_from);
            drop(log);
            self.newest_of_key = newest.as_ref().map(|(place, ..)| place + 1);
            let wanted = newest
                .map(|(.., frame)| frame)
                .filter(|frame| self.filter.as_ref().is_none_or(|filter| (filter.keep)(frame)));
            if wanted.is_some() {
                return wanted;
            }
        }
        None
    }

    /// The frame if it is to be sent, or the checkpoint that is due in its place.
    fn narrow(&mut self, frame: Frame, skipped: bool) -> Option<Frame> {
        let Some(filter) = &mut self.filter else { return Some(frame).filter(|_| !skipped) };
        if !skipped && (filter.keep)(&frame) {
            filter.left_out = 0;
            return Some(frame);
        }
        filter.left_out += 1;
        if filter.checkpoint.is_none_or(|events| filter.left_out < events) {
            return None;
        }
        filter.left_out = 0;
        let log = self.shared.read_log();
        Some(Frame::checkpoint(&log.cursor(self.next).to_string()))
    }

    /// What stood at the subscription's place has been trimmed.
    fn lag(&mut self) -> Item {
        let start = match self.slow {
            Slow::Disconnect => {
                self.ended = true;
                return Err(SubscriptionError::Lagged);
            }
            Slow::Skip => self.start,
            Slow::Coalesce => Start::LatestPerKey,
        };
        let shared = Arc::clone(&self.shared);
        let log = shared.read_log();
        let seen = Some(self.next.mark.count);
        self.begin_at(&log, &Beginning::reset(&log, start, ResetReason::Lagged, seen));
        drop(log);
        self.first.take().ok_or_else(|| {
            // A reset that could not be encoded at all would be a silent hole.
            self.ended = true;
            SubscriptionError::Lagged
        })
    }
}

impl<E> Stream for Subscription<E> {
    type Item = Item;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_frame(context)
    }
}

impl<E> FusedStream for Subscription<E> {
    fn is_terminated(&self) -> bool {
        self.ended && self.first.is_none()
    }
}

impl<E> Drop for Subscription<E> {
    fn drop(&mut self) {
        if let Some((key, _)) = self.membership {
            self.shared.subscribers.leave(key);
        }
    }
}

impl<E> fmt::Debug for Subscription<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("last_event_id", &self.last_event_id)
            .field("start", &self.start)
            .field("resumption", &self.resumption)
            .field("replayed", &self.replayed)
            .finish_non_exhaustive()
    }
}
