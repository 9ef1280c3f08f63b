//! A client that begins with the application's state.

mod place;
mod placing;
mod shared;
mod source;
mod terms;
mod turn;

use std::collections::HashSet;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use pin_project_lite::pin_project;
use tokio::time::Instant;

use super::error::SubscriptionError;
use super::reader::{Ending, Feed, Locating, Reader};
use super::start::Resumption;
use super::subscription::Subscription;
use super::topics::TopicsSubscription;
use crate::encode::Frame;
use crate::field::EventId;
pub use shared::SharedSnapshot;
use source::{Own, Produced, Source};
use turn::Turn;

pin_project! {
    /// A subscription that begins with a snapshot; made by [`Subscription::snapshot`] and
    /// [`TopicsSubscription::snapshot`].
    ///
    /// A client that can resume gets what it missed, and no snapshot. Any other gets, in this order: its place, if it is new, or
    /// the reset, if it had a last event ID; the events that `produce` returned; every event behind the cursor that it
    /// returned with them.
    ///
    /// Take the cursor ([`Channel::cursor`](super::Channel::cursor), or the ID of the last event that is part of the
    /// state) before or together with the state, never after it. What is published while `produce` runs is delivered
    /// behind the snapshot. If the channel cannot go on from that cursor, since it no longer retains all that lies behind it, or never
    /// had it, `produce` is called again, after a pause; after the third time the stream ends with
    /// [`SubscriptionError::SnapshotCursor`]. On a channel that never had an event, every
    /// cursor is a place: after a restart, the ID of the newest row in a database is the end of the log. So it is of a topic that
    /// never had one, or has had none since it was [closed](super::Topics::close). Of one that was forgotten after a time without
    /// use, the ID of its newest event still is one.
    ///
    /// # No hole, no overlap
    ///
    /// Where an application stores before it publishes, which it should, a row may be stored when the state is read and be
    /// published a moment later: it would come a second time. So let the events of the snapshot bring the IDs of what
    /// they stand for (`#[sse(id)]`): an event that is published behind the cursor with one of these IDs, or with the
    /// cursor's own, is left out, up to a minute after the state was read. Without IDs of their own a client may get such an
    /// event twice; so may one that breaks off between the snapshot and that event, since its last event ID says only where
    /// the snapshot stands.
    ///
    /// The last event of the snapshot carries as its event ID the place at which the state stands, the others carry none, whatever
    /// they bring: a client that loses its connection in the middle gets a whole snapshot again, without another reset. So does
    /// one that fell behind later ([`Slow::Skip`](super::Slow::Skip)), behind a reset. One that is to end behind an event of the
    /// snapshot ([`until`](Subscription::until)) ends behind all of it, and is done when it comes back.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::convert::Infallible;
    /// use futures_util::StreamExt as _;
    /// use typed_sse_core::{Channel, Event};
    ///
    /// let channel = Channel::<Event>::new();
    /// // In a handler the stream outlives the function, so each call gets a clone of its own.
    /// let of = channel.clone();
    /// let state = move || {
    ///     let channel = of.clone();
    ///     async move {
    ///         let cursor = channel.cursor();
    ///         Ok::<_, Infallible>((vec![Event::new("the state")], cursor))
    ///     }
    /// };
    /// let client = channel.subscribe(None).no_checkpoints().snapshot(state);
    /// let mut client = std::pin::pin!(client);
    /// let first = client.next().await.ok_or("ended")??;
    /// assert!(first.as_ref().ends_with(b"-0\ndata: the state\n\n"));
    /// # Ok(()) }
    /// ```
    #[must_use = "a subscription delivers when it is polled"]
    pub struct Snapshot<S, P>
    where
        P: Source,
    {
        subscription: S,
        source: P,
        // Its turn to have one made.
        turn: Option<Turn>,
        pause: Option<Pin<Box<tokio::time::Sleep>>>,
        #[pin]
        producing: Option<P::Making>,
        produced: Option<Arc<Produced>>,
        // What stands for its place on the wire, where that is not the cursor as it was produced.
        place: Option<EventId>,
        sent: usize,
        // What is published until then with one of these IDs was part of it.
        known: Option<(Arc<HashSet<Box<str>>>, Instant)>,
        stage: Stage,
        attempts: u32,
        // What a store is asked: where the state stands that was produced.
        placing: Option<Box<(Locating, Arc<Produced>)>>,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// A store is asked what the client's ID stands for.
    Locating,
    /// What the client is told comes before the snapshot.
    Opening,
    Producing,
    /// A store is asked where the state stands.
    Placing,
    Sending,
    Following,
}

impl Stage {
    fn first(subscription: &impl Feed) -> Self {
        if subscription.visit().begins() { Self::Opening } else { Self::Following }
    }
}

impl<E> Subscription<E> {
    /// Starts a client that is new or cannot resume with a snapshot: events of the application's own making that stand
    /// for its state at a known cursor, then every event behind that cursor, without a hole and without an overlap,
    /// however long `produce` takes.
    ///
    /// `produce` is a function that returns a future of `Result<(Vec<T>, EventId), X>`, with `T: SseEvent` and
    /// `X: Into<BoxError>`: the state, and the cursor at which it stands. At most [8](super::Builder::snapshots) of a channel run
    /// at one time. To have many clients share one, use [`shared_snapshot`](Self::shared_snapshot).
    ///
    /// Set where it starts ([`start`](Self::start)) before. See [`Snapshot`].
    pub fn snapshot<F, Fut, T, X>(self, produce: F) -> Snapshot<Self, Own<F>>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<(Vec<T>, EventId), X>>,
        T: crate::event::SseEvent,
        X: Into<crate::response::BoxError>,
    {
        Snapshot::new(self, Own(produce))
    }

    /// As [`snapshot`](Self::snapshot), with one that is made once for all clients that need it at the same time.
    pub fn shared_snapshot(self, snapshot: &SharedSnapshot) -> Snapshot<Self, SharedSnapshot> {
        Snapshot::new(self, snapshot.clone())
    }
}

impl<E> TopicsSubscription<E> {
    /// As [`Subscription::snapshot`], of all its topics. The cursor is that of the topics
    /// ([`Topics::cursor`](super::Topics::cursor)), or the ID of an event in any of them that is retained, or remembered.
    ///
    /// A client that [joins](TopicsSubscription::joining) a topic gets the whole snapshot, of all its topics, without a reset.
    pub fn snapshot<F, Fut, T, X>(self, produce: F) -> Snapshot<Self, Own<F>>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<(Vec<T>, EventId), X>>,
        T: crate::event::SseEvent,
        X: Into<crate::response::BoxError>,
    {
        Snapshot::new(self, Own(produce))
    }

    /// As [`Subscription::shared_snapshot`].
    pub fn shared_snapshot(self, snapshot: &SharedSnapshot) -> Snapshot<Self, SharedSnapshot> {
        Snapshot::new(self, snapshot.clone())
    }
}

impl<E, P: Source> Snapshot<Subscription<E>, P> {
    /// What became of the client's last event ID.
    pub const fn resumption(&self) -> Resumption {
        self.subscription.resumption()
    }
}

impl<E, P: Source> Snapshot<TopicsSubscription<E>, P> {
    /// What became of the client's last event ID.
    pub const fn resumption(&self) -> Resumption {
        self.subscription.resumption()
    }
}

// The bound is at the functions: what it names is not for others to see.
impl<S, P: Source> Snapshot<S, P> {
    fn new(mut subscription: S, source: P) -> Self
    where
        S: Feed,
    {
        subscription.begin_by_state();
        Self {
            stage: Stage::Locating,
            subscription,
            source,
            turn: None,
            pause: None,
            producing: None,
            produced: None,
            place: None,
            sent: 0,
            known: None,
            attempts: 0,
            placing: None,
        }
    }
}

impl<S: Feed, P: Source> Stream for Snapshot<S, P> {
    type Item = Result<Frame, SubscriptionError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let this = self.as_mut().project();
            match this.stage {
                Stage::Locating => {
                    if let Some(poll) = this.subscription.poll_located(context) {
                        return poll;
                    }
                    *this.stage = Stage::first(&*this.subscription);
                }
                Stage::Placing => {
                    if let Err(error) = ready!(self.as_mut().poll_place(context)) {
                        self.project().subscription.visit_mut().set_ended(Ending::Failed);
                        return Poll::Ready(Some(Err(error)));
                    }
                }
                Stage::Opening => {
                    *this.stage = Stage::Producing;
                    this.subscription.open();
                    if let Some(queued) = this.subscription.visit_mut().take_queued() {
                        return Poll::Ready(Some(Ok(queued)));
                    }
                }
                Stage::Producing => {
                    if this.subscription.visit().is_ended() {
                        return Poll::Ready(None);
                    }
                    let Poll::Ready(produced) = self.as_mut().poll_produce(context) else {
                        // A drain need not wait for it.
                        let Some(end) = self.project().subscription.poll_end(context) else {
                            return Poll::Pending;
                        };
                        return Poll::Ready(Some(Ok(end)));
                    };
                    if let Err(error) = produced.and_then(|produced| self.as_mut().take(produced)) {
                        self.project().subscription.visit_mut().set_ended(Ending::Failed);
                        return Poll::Ready(Some(Err(error)));
                    }
                }
                Stage::Sending => {
                    let produced = this.produced.as_ref();
                    let next = produced.and_then(|produced| produced.frames.get(*this.sent)).cloned();
                    *this.sent += 1;
                    if let Some(frame) = next {
                        this.subscription.visit_mut().note_event(&frame);
                        let place = this.place.as_ref().filter(|_| frame.id().is_some());
                        return Poll::Ready(Some(Ok(
                            place.map_or(frame.clone(), |place| frame.with_cursor(place))
                        )));
                    }
                    *this.stage = Stage::Following;
                    let (produced, place) = (this.produced.take(), this.place.take());
                    let tells = this.subscription.readers().first().is_some_and(Reader::tells);
                    if let Some(produced) = produced.filter(|produced| tells && produced.frames.is_empty()) {
                        // Nothing carried it.
                        let place = place.unwrap_or_else(|| produced.cursor.clone());
                        return Poll::Ready(Some(Ok(Frame::checkpoint(place.as_str()))));
                    }
                }
                Stage::Following => {
                    // Also of a client that is quiet.
                    if this.known.as_ref().is_some_and(|(_, until)| Instant::now() > *until) {
                        *this.known = None;
                    }
                    let next = Pin::new(&mut *this.subscription).poll_next(context);
                    if this.subscription.visit().has_lagged() && this.subscription.visit_mut().take_lagged() {
                        // What it missed is part of a state that is read anew.
                        (*this.stage, *this.attempts) = (Stage::Producing, 0);
                        if next.is_pending() {
                            continue;
                        }
                    }
                    let Poll::Ready(Some(Ok(frame))) = next else { return next };
                    if let Some(frame) = self.as_mut().without_known(frame) {
                        return Poll::Ready(Some(Ok(frame)));
                    }
                }
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self.stage {
            Stage::Following => self.subscription.size_hint(),
            Stage::Locating if Stage::first(&self.subscription) == Stage::Following => {
                self.subscription.size_hint()
            }
            Stage::Locating | Stage::Opening | Stage::Producing | Stage::Placing | Stage::Sending => {
                (0, None)
            }
        }
    }
}

impl<S, P: Source> Snapshot<S, P> {
    fn poll_produce(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<Arc<Produced>, SubscriptionError>>
    where
        S: Feed,
    {
        let mut this = self.project();
        if let Some(pause) = this.pause {
            ready!(pause.as_mut().poll(context));
            *this.pause = None;
        }
        loop {
            match this.turn {
                None => *this.turn = Some(Turn::take::<P>(this.subscription.readers())),
                Some(Turn::Waiting(waiting)) => {
                    let permit = ready!(waiting.as_mut().poll(context));
                    *this.turn = Some(Turn::Here(permit));
                }
                Some(Turn::Here(_)) => break,
            }
        }
        if this.producing.is_none() {
            *this.attempts += 1;
            let making = this.source.make();
            this.producing.set(Some(making));
        }
        let Some(producing) = this.producing.as_mut().as_pin_mut() else { return Poll::Pending };
        let produced = ready!(producing.poll(context));
        this.producing.set(None);
        *this.turn = None;
        Poll::Ready(produced)
    }

    /// What is sent of a frame that follows: of an event that was part of the snapshot, where the client is behind it.
    fn without_known(self: Pin<&mut Self>, frame: Frame) -> Option<Frame>
    where
        S: Feed,
    {
        let this = self.project();
        let Some((known, _)) = this.known else { return Some(frame) };
        match frame.id().filter(|id| frame.is_event() && known.contains(*id)) {
            Some(id) => {
                let tells = this.subscription.readers().first().is_some_and(Reader::tells);
                tells.then(|| Frame::checkpoint(id))
            }
            None => Some(frame),
        }
    }
}

impl<S: fmt::Debug, P: Source> fmt::Debug for Snapshot<S, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot")
            .field("subscription", &self.subscription)
            .field("stage", &self.stage)
            .finish_non_exhaustive()
    }
}
