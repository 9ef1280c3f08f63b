//! What goes into a channel.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::task::coop::poll_proceed;

use super::backing::Backing;
use super::error::PublishError;
use super::handle::Channel;
use super::shared::Shared;
use super::stored::{Staged, not_stored};
use crate::encode::{Ids, Sequence, Unsequenced};
use crate::event::SseEvent;
use crate::field::{EncodeError, EventId};
use crate::store::Store;

impl<E> Channel<E> {
    /// Encodes `event` at once; awaiting the result appends it to the log and wakes the subscribers.
    ///
    /// The result is the ID from which a client resumes behind this event: the event's own, or its cursor. Events
    /// published from several tasks have one order, the same for all subscribers.
    ///
    /// In a Tokio task it takes part in [cooperative scheduling](tokio::task::coop): a loop that publishes without pause
    /// gives way to the subscribers of its thread before it fills an eighth of the log (a short log takes eight short events first), so
    /// that it does not cut those that read. The event is in the log by then. Futures that one task polls together, as in a `join_all`, give way to nobody: each has published when it is polled
    /// first. Without a runtime it is ready at once. Where nothing can be awaited, use
    /// [`publish_now`](Self::publish_now); for many events at once, [`publish_all`](Self::publish_all).
    ///
    /// A future that is dropped before it is polled publishes nothing; one that was polled has published, or on a store, may have.
    ///
    /// An event that is [terminal](crate::Encoder::terminal), `#[sse(terminal)]` in the derive, is the last: the channel is
    /// [finished](Self::finish) in the same step, so that no event gets behind it. Of [`Topics`](crate::Topics), only the topic is
    /// finished in which it was published.
    ///
    /// # Errors
    ///
    /// Then nothing was published.
    ///
    /// - [`PublishError::Encode`]: a field of the event is illegal on the wire,
    /// - [`PublishError::TooLong`]: the log could not hold this one event,
    /// - [`PublishError::CursorId`]: the event's own ID has the form of this channel's cursors,
    /// - [`PublishError::DuplicateId`]: the event's own ID names an event that is retained,
    /// - [`PublishError::Finished`]: the channel is [finished](Self::finish), or its topic was closed,
    /// - [`PublishError::Store`]: the store that keeps the log does not answer. Then the event may have been published, if
    ///   [`may_have_been_stored`](crate::store::StoreError::may_have_been_stored) says so.
    pub fn publish(&self, event: &E) -> Publish<'_>
    where
        E: SseEvent,
    {
        let event = self.encode(event, 1).map_err(PublishError::Encode);
        let parts = event.as_ref().map_or(1, |event| self.shared().parts_of_turn(1, event.len()));
        Publish { shared: self.shared(), event: Some(event), storing: None, published: None, parts }
    }

    /// Publishes `event` where nothing can be awaited: in a thread, a callback, a `Drop`, or on another executor.
    ///
    /// A channel in memory takes an event at once, so this is [`publish`](Self::publish) without its turns for others.
    ///
    /// A channel [on a store](crate::Builder::store) puts it into an outbox, from where it goes to the store in order, and once, however
    /// often it has to be sent; whether it got there, only [`publish`](Self::publish) tells. Its ID is known only then: the result is
    /// the event's own ID, or the cursor in front of it. At most 4,096 calls wait; one more fails.
    ///
    /// ```
    /// use typed_sse_core::{Channel, Event};
    ///
    /// /// Tells whoever watches that a guest has left, however that came about.
    /// struct Guest(Channel<Event>);
    ///
    /// impl Drop for Guest {
    ///     fn drop(&mut self) {
    ///         // Fails only if the channel is finished: then nobody watches.
    ///         let _ = self.0.publish_now(&Event::new("gone"));
    ///     }
    /// }
    ///
    /// let lobby = Channel::new();
    /// std::thread::spawn({
    ///     let guest = Guest(lobby.clone());
    ///     move || drop(guest)
    /// })
    /// .join()
    /// .unwrap();
    /// assert_eq!(lobby.counters().published, 1);
    /// ```
    ///
    /// # Errors
    ///
    /// As [`publish`](Self::publish).
    pub fn publish_now(&self, event: &E) -> Result<EventId, PublishError>
    where
        E: SseEvent,
    {
        let event = self.encode(event, 1).map_err(PublishError::Encode)?;
        let Some(backing) = &self.shared().backing else { return self.shared().append(event) };
        let mut ids = backing.publish_later(self.shared(), vec![event])?;
        ids.pop().ok_or(PublishError::Finished)
    }

    /// Publishes many events at once: they follow each other without another between them, and subscribers are woken once.
    /// Returns their IDs, in order.
    ///
    /// They are encoded and published when the result is awaited for the first time, all or none. More events at once than are
    /// retained overtake every subscriber: publish them in parts.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use typed_sse_core::{Channel, Event};
    ///
    /// let rows = Channel::new();
    /// let ids = rows.publish_all(&["one", "two", "three"].map(Event::new)).await?;
    /// assert_eq!(ids.len(), 3);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`publish`](Self::publish), for the first event that cannot be published: one behind a
    /// [terminal](crate::Encoder::terminal) event is such. Then none was.
    pub async fn publish_all<'a>(
        &self,
        events: impl IntoIterator<Item = &'a E>,
    ) -> Result<Vec<EventId>, PublishError>
    where
        E: SseEvent + 'a,
    {
        if let Some(backing) = &self.shared().backing {
            let events = self.encode_all(events)?;
            return backing.publish(self.shared(), events).await;
        }
        let events = self.encode_all(events)?;
        let parts = self.shared().parts_of_turn(events.len(), events.iter().map(Unsequenced::len).sum());
        let ids = self.shared().append_all(events)?;
        // As so many calls of `publish` would.
        for _ in 0..parts {
            tokio::task::coop::consume_budget().await;
        }
        Ok(ids)
    }

    /// As [`publish_all`](Self::publish_all), where nothing can be awaited.
    ///
    /// # Errors
    ///
    /// As [`publish_all`](Self::publish_all).
    pub fn publish_all_now<'a>(
        &self,
        events: impl IntoIterator<Item = &'a E>,
    ) -> Result<Vec<EventId>, PublishError>
    where
        E: SseEvent + 'a,
    {
        let events = self.encode_all(events)?;
        match &self.shared().backing {
            Some(backing) => backing.publish_later(self.shared(), events),
            None => self.shared().append_all(events),
        }
    }

    /// Turns events into records and stores none of them, for a store of this type that has a way of its own to take them, such as
    /// one within a transaction of the application. What stores them is an extension that comes with the store.
    ///
    /// What can be told without the store is checked. Behind a [terminal](crate::Encoder::terminal) event stands the record that
    /// finishes the topic.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use typed_sse_core::store::{Batch, Store as _};
    /// use typed_sse_core::{Channel, Event};
    /// use typed_sse_store_conformance::Memory;
    ///
    /// let market = Channel::<Event>::builder().store(Memory::new(), "market").open().await?;
    /// let staged = market.stage::<Memory>(&[Event::new("one")])?;
    /// staged.store.append(&staged.log, Batch::new(&staged.records)).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`publish_all`](Self::publish_all); [`PublishError::Ephemeral`]; [`PublishError::Store`] if no store of this type keeps the
    /// log.
    pub fn stage<'a, S: Store>(
        &self,
        events: impl IntoIterator<Item = &'a E>,
    ) -> Result<Staged<'_, S>, PublishError>
    where
        E: SseEvent + 'a,
    {
        let backing = self.shared().backing.as_ref().ok_or_else(not_stored)?;
        backing.stage(self.shared(), self.encode_all(events)?)
    }

    fn encode_all<'a>(
        &self,
        events: impl IntoIterator<Item = &'a E>,
    ) -> Result<Vec<Unsequenced>, PublishError>
    where
        E: SseEvent + 'a,
    {
        let encoded = (1..).zip(events).map(|(ahead, event)| self.encode(event, ahead));
        encoded.collect::<Result<Vec<_>, _>>().map_err(PublishError::Encode)
    }

    /// Encodes an event that is likely to be the one so far ahead.
    fn encode(&self, event: &E, ahead: u64) -> Result<Unsequenced, EncodeError>
    where
        E: SseEvent,
    {
        let shared = self.shared();
        let next = shared.sequencer.newest() + ahead;
        // What a store keeps gets its ID from there.
        let ids = match &shared.backing {
            Some(_) => Ids::Own,
            None => Ids::OrCursor(Sequence { epoch: shared.sequencer.epoch().bytes(), next }),
        };
        let topic = shared.topic.as_ref().map_or("", |_| &*shared.name);
        crate::encode::write(topic, ids, |encoder| match self.wire() {
            Some(wire) => wire(topic, event, encoder),
            None => event.encode(encoder),
        })
    }
}

/// The result of [`Channel::publish`]; does nothing unless awaited.
#[must_use = "an event is published when this is awaited"]
pub struct Publish<'a> {
    shared: &'a Arc<Shared>,
    event: Option<Result<Unsequenced, PublishError>>,
    /// What a store is asked for.
    storing: Option<Storing<'a>>,
    /// What is told once others have had their turn.
    published: Option<Result<EventId, PublishError>>,
    /// So much of a task's turn it takes.
    parts: u32,
}

type Storing<'a> = Pin<Box<dyn Future<Output = Result<EventId, PublishError>> + Send + 'a>>;

impl Future for Publish<'_> {
    type Output = Result<EventId, PublishError>;

    /// # Panics
    ///
    /// If it is polled after it was ready, as futures may.
    #[expect(clippy::expect_used, reason = "the contract of `Future`")]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // First the event, so that it is not lost on one who cannot wait.
        if let Some(event) = self.event.take() {
            match (event, &self.shared.backing) {
                (Ok(event), Some(backing)) => {
                    self.storing = Some(Box::pin(store(backing, self.shared, event)))
                }
                (event, _) => {
                    self.published = Some(event.and_then(|event| self.shared.append(event)));
                }
            }
        }
        if let Some(storing) = &mut self.storing {
            let published = ready!(storing.as_mut().poll(context));
            (self.storing, self.published) = (None, Some(published));
        }
        while let Some(rest) = self.parts.checked_sub(1) {
            // Once others have had their turn, it goes on at once.
            self.parts = 0;
            ready!(poll_proceed(context)).made_progress();
            self.parts = rest;
        }
        Poll::Ready(self.published.take().expect("`Publish` polled after it was ready"))
    }
}

async fn store(backing: &Backing, shared: &Arc<Shared>, event: Unsequenced) -> Result<EventId, PublishError> {
    let mut ids = backing.publish(shared, vec![event]).await?;
    ids.pop().ok_or(PublishError::Finished)
}

impl fmt::Debug for Publish<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publish").finish_non_exhaustive()
    }
}
