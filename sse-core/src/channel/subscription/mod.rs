//! A cursor into the log.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::slice;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::FusedStream;

use super::error::SubscriptionError;
use super::log::{Cursor, Sequencer};
use super::reader::{Ending, Feed, Locating, Output, Reader, Visit};
use super::shared::Shared;
use super::start::{Resumption, Slow, Start};
use crate::encode::Frame;
use crate::field::LastEventId;
use crate::response::size_hint;

/// One client's place in a [`Channel`](super::Channel): a [`Stream`] of frames that are shared with all others.
///
/// It yields, in this order:
///
/// 1. for a new client its place, as a block that has only an ID, which dispatches nothing; for one that could not resume
///    the reset event,
/// 2. the events it has missed,
/// 3. live events, without end.
///
/// It ends behind a frame that carries only a reconnection time when the channel [drains](super::Channel::drain); behind the
/// last event when the channel is [finished](super::Channel::finish); behind the event named by [`until`](Self::until); and as
/// [`Slow`] says when it lags. Whoever has everything of a finished channel gets one that is over: it yields no event, at the most a
/// block with its place; its [size hint](Stream::size_hint) says that nothing comes, and an adapter answers `204`.
///
/// Its size does not depend on how far behind it is. Dropping it ends it.
///
/// # Panics
///
/// When it has to wait for its turn to replay ([`Builder::replay_rate`](super::Builder::replay_rate)) in a Tokio runtime
/// without time enabled.
#[must_use = "a subscription delivers when it is polled"]
#[repr(C)]
pub struct Subscription<E> {
    /// Whether an event goes out as it is. First, side by side with what the reader needs then.
    along: Along,
    reader: Reader,
    visit: Visit,
    /// What a store is asked of the client's ID.
    locating: Option<Box<Locating>>,
    event: PhantomData<fn() -> E>,
}

/// What a subscription reads of which an event goes out as it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Along {
    No,
    Log,
    /// A page of a store.
    Page,
}

type Item = Result<Frame, SubscriptionError>;

impl<E> Subscription<E> {
    pub(super) fn new(shared: Arc<Shared>, last_event_id: LastEventId) -> Self {
        let limit = shared.limit.clone();
        let (reader, sent_away) = Reader::new(limit.as_ref(), shared);
        let visit = Visit::new(&reader.shared().name, last_event_id, sent_away);
        let mut subscription = Self { along: Along::No, reader, visit, locating: None, event: PhantomData };
        subscription.locate();
        subscription.begin();
        subscription
    }

    /// Sets where the client begins if it has no last event ID or cannot resume. Default: [`Start::Live`].
    ///
    /// Call it before the first poll: it takes the subscription back to its beginning, as of now.
    pub fn start(mut self, start: Start) -> Self {
        self.visit.set_start(start);
        self.begin();
        self
    }

    /// Sets what becomes of the subscription if it falls behind what is retained. Default: that of the channel.
    ///
    /// Call it before the first poll: it takes the subscription back to its beginning, as of now.
    pub fn slow(mut self, slow: Slow) -> Self {
        self.reader.set_slow(slow);
        self.begin();
        self
    }

    /// Narrows the subscription to the events that `keep` accepts, by type, key or ID; nothing is decoded.
    ///
    /// A reset passes in any case. So that the client can come back even if nothing passed for long, it is told how far it
    /// is ([`checkpoint`](Self::checkpoint)). Called twice, it narrows twice: both have to accept an event. Default: all events.
    ///
    /// ```
    /// use typed_sse_core::{Channel, Event};
    ///
    /// let channel = Channel::<Event>::new();
    /// let acme = channel.subscribe(None).filter(|frame| frame.key() == Some("ACME"));
    /// let halts = channel.subscribe(None).filter(|frame| frame.event_type() == "trading_halted");
    /// ```
    pub fn filter(
        mut self,
        keep: impl Fn(&Frame) -> bool + Send + Sync + 'static, // an encoded event: ask its event_type(), key(), id(), topic()
    ) -> Self {
        self.along = Along::No;
        self.reader.set_keep(Arc::new(keep));
        self.visit.narrowed(&self.reader.shared().sequencer, slice::from_ref(&self.reader));
        self
    }

    /// Sets how often the client of a narrowed subscription is told how far it is: whenever `events` were left out, by a block
    /// with only an `id`, which moves its last event ID and dispatches nothing. 0 counts as 1.
    ///
    /// Default: when a quarter of what the log retains was left out, and when 10 seconds (a quarter of
    /// [`Builder::age`](crate::Builder::age) if that is less) have passed without one and the subscription is polled, as for
    /// the next event or a keep-alive; so that no client is told of a loss that it did not have.
    pub fn checkpoint(mut self, events: u64) -> Self {
        self.along = Along::No;
        self.reader.set_checkpoint(events);
        self
    }

    /// Sends no block that has only an ID: neither the client's place at the beginning, nor how far it is where events are left
    /// out. Some clients that do not follow the standard dispatch such a block as an empty event.
    ///
    /// Of the newest event of each key ([`Start::LatestPerKey`]), the last has the ID that says so. A client that loses its
    /// connection before its first event with an ID comes back as a new one, and is not told
    /// what it missed. Default: that of the channel, [`Builder::no_checkpoints`](super::Builder::no_checkpoints).
    pub fn no_checkpoints(mut self) -> Self {
        self.reader.set_silent();
        self
    }

    /// Ends the subscription behind the first event for which `is_last` is true, which is still sent. Called twice, either ends it.
    ///
    /// A client that comes back with the ID of that event, while the channel retains it, gets a subscription that is over: an adapter
    /// answers `204`, and it stops. To end the stream of all clients, [finish](super::Channel::finish) the channel.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use futures_util::StreamExt as _;
    /// use typed_sse_core::{Channel, Event};
    ///
    /// let answers = Channel::new();
    /// let answer = answers.subscribe(None).no_checkpoints().until(|frame| frame.as_ref().ends_with(b"[DONE]\n\n"));
    /// answers.publish_all(&["Hello", "[DONE]", "for others"].map(Event::new)).await?;
    /// assert_eq!(answer.count().await, 2);
    /// # Ok(()) }
    /// ```
    pub fn until(
        mut self,
        is_last: impl Fn(&Frame) -> bool + Send + Sync + 'static, // an encoded event: ask its event_type(), key(), id(), topic()
    ) -> Self {
        self.visit.set_until(Arc::new(is_last));
        self.begin();
        self
    }

    /// What became of the client's last event ID.
    pub const fn resumption(&self) -> Resumption {
        self.visit.resumption()
    }

    /// How many events are replayed before the first live one, before they are filtered. Some may be trimmed or
    /// superseded before they are read.
    pub const fn replayed(&self) -> u64 {
        self.visit.replayed()
    }

    fn begin(&mut self) {
        self.along = Along::No;
        let sequencer = Arc::clone(&self.reader.shared().sequencer);
        self.visit.begin(&sequencer, slice::from_mut(&mut self.reader), |_| false);
    }

    /// The next item, whatever it is.
    #[inline(never)]
    fn poll_item(&mut self, context: &mut Context<'_>) -> Poll<Option<Item>> {
        let poll = self.poll_any(context);
        self.along = match (&self.visit, &self.reader) {
            (visit, reader) if visit.reads_along() && reader.reads_along() => Along::Log,
            (visit, reader) if visit.goes_along() && reader.reads_page_along() => Along::Page,
            _ => Along::No,
        };
        poll
    }

    fn poll_any(&mut self, context: &mut Context<'_>) -> Poll<Option<Item>> {
        if let Some(poll) = self.poll_located(context) {
            return poll;
        }
        self.open();
        if let Some(queued) = self.visit.take_queued() {
            return Poll::Ready(Some(Ok(queued)));
        }
        if self.visit.is_ended() {
            return Poll::Ready(None);
        }
        if let Some(poll) = self.poll_read(context) {
            return poll;
        }
        self.reader.register(context);
        // Something may have come before the waker was in its place.
        self.poll_read(context).unwrap_or(Poll::Pending)
    }

    fn poll_read(&mut self, context: &mut Context<'_>) -> Option<Poll<Option<Item>>> {
        loop {
            let mut output = self.reader.read(context, self.visit.falls())?;
            if matches!(output, Output::Gone) {
                if self.visit.may_begin_again(slice::from_ref(&self.reader)) {
                    let Self { visit, reader, .. } = self;
                    visit.reopen(&reader.shared().sequencer, slice::from_ref(reader));
                    self.begin();
                    self.open();
                    match self.visit.take_queued() {
                        Some(queued) => return Some(Poll::Ready(Some(Ok(queued)))),
                        None => continue,
                    }
                }
                output = self.reader.lag_behind_store(self.visit.falls());
            }
            let Self { reader, visit, .. } = self;
            let item = match output {
                Output::Event { frame, sequence, .. } => {
                    if let Some(is_reset) = visit.is_first(&frame) {
                        reader.begin_again(is_reset, true);
                    }
                    let sequencer = &reader.shared().sequencer;
                    visit.deliver((frame, sequence), sequencer, slice::from_ref(reader), &mut None).map(Ok)
                }
                Output::Overtaken { missed } => {
                    let sequencer = &reader.shared().sequencer;
                    let reset = visit.overtaken(missed, sequencer, slice::from_ref(reader), &mut None);
                    if reset.is_none() && visit.is_by_state() {
                        // Nothing before the state that is read anew.
                        return Some(Poll::Pending);
                    }
                    reset.map(Ok)
                }
                Output::End { frame, .. } => {
                    visit.set_ended(Ending::Drained);
                    Some(Ok(frame))
                }
                Output::Finished => {
                    visit.set_ended(Ending::Finished);
                    return Some(Poll::Ready(None));
                }
                Output::Lagged => {
                    visit.set_ended(Ending::Lagged);
                    Some(Err(SubscriptionError::Lagged))
                }
                Output::Yield => {
                    context.waker().wake_by_ref();
                    return Some(Poll::Pending);
                }
                Output::Wait => return Some(Poll::Pending),
                Output::Had { frame, sequence } if visit.ends_with(slice::from_ref(&frame)) => {
                    let sequencer = &reader.shared().sequencer;
                    let told = visit.done(sequence, sequencer, slice::from_ref(reader));
                    return Some(Poll::Ready(told.map(Ok)));
                }
                Output::Had { .. } | Output::Gone => None,
                Output::Failed => Some(Ok(visit.fail())),
            };
            if let Some(item) = item {
                return Some(Poll::Ready(Some(item)));
            }
        }
    }
}

impl<E> Stream for Subscription<E> {
    type Item = Item;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        match this.along {
            Along::Log => {
                if let Some(poll) = this.reader.poll_along(context) {
                    return poll.map(|frame| Some(Ok(frame)));
                }
            }
            Along::Page => {
                if let Some(frame) = this.reader.read_page_along() {
                    return Poll::Ready(Some(Ok(frame)));
                }
            }
            Along::No => {}
        }
        this.poll_item(context)
    }

    /// Nothing, once it is over.
    fn size_hint(&self) -> (usize, Option<usize>) {
        size_hint(self.locating.is_none() && self.visit.is_over(slice::from_ref(&self.reader)))
    }
}

impl<E> FusedStream for Subscription<E> {
    fn is_terminated(&self) -> bool {
        self.visit.is_ended()
    }
}

impl<E> Feed for Subscription<E> {
    fn sequencer(&self) -> &Arc<Sequencer> {
        &self.reader.shared().sequencer
    }

    fn locating(&mut self) -> &mut Option<Box<Locating>> {
        &mut self.locating
    }

    fn begin_located(&mut self, place: Option<Cursor>) {
        self.visit.set_located(place);
        self.begin();
    }

    fn visit(&self) -> &Visit {
        &self.visit
    }

    fn visit_mut(&mut self) -> &mut Visit {
        self.along = Along::No;
        &mut self.visit
    }

    fn open(&mut self) {
        self.along = Along::No;
        if self.visit.is_opened() {
            return;
        }
        let sequencer = Arc::clone(&self.reader.shared().sequencer);
        loop {
            self.visit.open(&sequencer, slice::from_ref(&self.reader), &mut None);
            if !self.visit.is_of_past_life(slice::from_ref(&self.reader)) {
                return;
            }
            // Where the log has the same epoch still, it has let go of what came up to then.
            self.visit.begin_anew(sequencer.epoch(), 0);
            self.begin();
        }
    }

    fn begin_by_state(&mut self) {
        self.visit.set_by_state();
        self.begin();
    }

    fn readers(&self) -> &[Reader] {
        slice::from_ref(&self.reader)
    }

    fn readers_mut(&mut self) -> &mut [Reader] {
        self.along = Along::No;
        slice::from_mut(&mut self.reader)
    }
}

impl<E> Drop for Subscription<E> {
    fn drop(&mut self) {
        self.visit.delivered(self.reader.delivered());
    }
}

impl<E> fmt::Debug for Subscription<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("last_event_id", &self.visit.last_event_id())
            .field("resumption", &self.resumption())
            .field("replayed", &self.replayed())
            .finish_non_exhaustive()
    }
}
