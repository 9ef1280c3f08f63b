//! A client that begins with the application's state.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::vec;

use futures_core::Stream;
use pin_project_lite::pin_project;

use super::error::SubscriptionError;
use super::start::Resumption;
use super::subscription::Subscription;
use crate::encode::Frame;
use crate::event::{SseEvent, encode_with_id};
use crate::field::{EventId, LastEventId};
use crate::response::BoxError;

pin_project! {
    /// A [`Subscription`] that begins with a snapshot; made by [`Subscription::snapshot`].
    ///
    /// A client that can resume gets what it missed, and no snapshot. Any other gets, in this order: the reset, if it
    /// had a last event ID; the events that `produce` returned; every event behind the cursor that it returned with
    /// them.
    ///
    /// Take the cursor ([`Channel::cursor`](super::Channel::cursor), or the ID of the last event that is part of the
    /// state) before or together with the state, never after it. What is published while `produce` runs is delivered
    /// behind the snapshot. If so much is published that the channel no longer retains all of it, `produce` is called
    /// again; after the third time the stream ends with [`SubscriptionError::Lagged`].
    ///
    /// The last event of the snapshot carries the cursor as its event ID, the others carry none, whatever they bring: a
    /// client that loses its connection in the middle gets a whole snapshot again. So does one that is reset later,
    /// because it fell behind ([`Slow::Skip`](super::Slow::Skip)).
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
    /// let client = channel.subscribe(None).snapshot(state);
    /// let mut client = std::pin::pin!(client);
    /// let first = client.next().await.ok_or("ended")??;
    /// assert!(first.as_ref().ends_with(b"-0\ndata: the state\n\n"));
    /// # Ok(()) }
    /// ```
    #[must_use = "a subscription delivers when it is polled"]
    pub struct Snapshot<E, F, Fut> {
        subscription: Subscription<E>,
        produce: F,
        #[pin]
        producing: Option<Fut>,
        sending: vec::IntoIter<Frame>,
        stage: Stage,
        attempts: u32,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The reset, if there is one, comes before the snapshot.
    Reset,
    Producing,
    Sending,
    Following,
    Ended,
}

/// So often a snapshot that took too long is produced, the first time included.
const MAX_ATTEMPTS: u32 = 3;

impl<E> Subscription<E> {
    /// Starts a client that is new or cannot resume with a snapshot: events of the application's own making that stand
    /// for its state at a known cursor, then every event behind that cursor, without a hole and without an overlap,
    /// however long `produce` takes. See [`Snapshot`].
    pub fn snapshot<F, Fut, T, X>(mut self, produce: F) -> Snapshot<E, F, Fut>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<(Vec<T>, EventId), X>>,
        T: SseEvent,
        X: Into<BoxError>,
    {
        self.reader.reset_without_id();
        Snapshot::new(self, produce)
    }
}

impl<E, F, Fut> Snapshot<E, F, Fut> {
    fn new(subscription: Subscription<E>, produce: F) -> Self {
        let stage = match subscription.resumption() {
            _ if subscription.reader.is_sent_away() => Stage::Following,
            Resumption::Complete => Stage::Following,
            Resumption::New => Stage::Producing,
            Resumption::Reset(_) => Stage::Reset,
        };
        Self { subscription, produce, producing: None, sending: Vec::new().into_iter(), stage, attempts: 0 }
    }

    /// What became of the client's last event ID.
    pub const fn resumption(&self) -> Resumption {
        self.subscription.resumption()
    }
}

impl<E, F, Fut, T, X> Stream for Snapshot<E, F, Fut>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<(Vec<T>, EventId), X>>,
    T: SseEvent,
    X: Into<BoxError>,
{
    type Item = Result<Frame, SubscriptionError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let mut this = self.as_mut().project();
            match this.stage {
                Stage::Reset => {
                    *this.stage = Stage::Producing;
                    return Pin::new(this.subscription).poll_next(context);
                }
                Stage::Producing => {
                    if this.producing.is_none() {
                        *this.attempts += 1;
                        let future = (this.produce)();
                        this.producing.set(Some(future));
                    }
                    let Some(producing) = this.producing.as_mut().as_pin_mut() else { continue };
                    let Poll::Ready(produced) = producing.poll(context) else {
                        // A drain need not wait for it.
                        let reader = &mut this.subscription.reader;
                        reader.register(context);
                        let Some(end) = reader.end() else { return Poll::Pending };
                        *this.stage = Stage::Ended;
                        return Poll::Ready(Some(Ok(end)));
                    };
                    this.producing.set(None);
                    if let Err(error) = self.as_mut().take(produced) {
                        *self.project().stage = Stage::Ended;
                        return Poll::Ready(Some(Err(error)));
                    }
                }
                Stage::Sending => match this.sending.next() {
                    Some(frame) => return Poll::Ready(Some(Ok(frame))),
                    None => *this.stage = Stage::Following,
                },
                Stage::Following => {
                    let next = Pin::new(&mut *this.subscription).poll_next(context);
                    if this.subscription.reader.take_lagged() {
                        // What it missed is part of a state that is read anew.
                        (*this.stage, *this.attempts) = (Stage::Producing, 0);
                    }
                    return next;
                }
                Stage::Ended => return Poll::Ready(None),
            }
        }
    }
}

impl<E, F, Fut> Snapshot<E, F, Fut> {
    /// Takes what was produced, or lets it be produced again.
    fn take<T: SseEvent>(
        self: Pin<&mut Self>,
        produced: Result<(Vec<T>, EventId), impl Into<BoxError>>,
    ) -> Result<(), SubscriptionError> {
        let this = self.project();
        let (events, cursor) = produced.map_err(|error| SubscriptionError::Snapshot(error.into()))?;
        if !this.subscription.reader.resume_behind(&LastEventId::from(cursor.clone())) {
            return if *this.attempts < MAX_ATTEMPTS { Ok(()) } else { Err(SubscriptionError::Lagged) };
        }
        let last = events.len().saturating_sub(1);
        let frames = events
            .iter()
            .enumerate()
            .map(|(i, event)| encode_with_id(event, (i == last).then(|| cursor.clone())));
        let frames: Result<Vec<_>, _> = frames.collect();
        *this.sending = frames.map_err(|error| SubscriptionError::Snapshot(error.into()))?.into_iter();
        *this.stage = Stage::Sending;
        Ok(())
    }
}

impl<E, F, Fut> fmt::Debug for Snapshot<E, F, Fut> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot")
            .field("subscription", &self.subscription)
            .field("stage", &self.stage)
            .finish_non_exhaustive()
    }
}
