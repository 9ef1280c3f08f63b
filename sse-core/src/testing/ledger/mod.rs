//! What was published, and the promise that is checked against it.

mod audit;
mod book;
mod case;
mod cursor;
mod goal;
mod record;
mod reset;
mod shelf;
mod spans;
mod violation;

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_core::Stream;

use book::Book;
pub(super) use record::Record;
pub use violation::{Violation, ViolationKind};

use super::poll::poll_while_ready;
use super::terms::ordinary_reset;
use crate::channel::{Channel, PublishError};
use crate::encode::Frame;
use crate::event::SseEvent;
use crate::field::EventId;

/// What was published, in order, over all lives of a channel or of [`Topics`](crate::Topics), and the check of what clients
/// received.
///
/// It is filled in one of two ways:
///
/// - [`publish`](Self::publish) and [`publish_in`](Self::publish_in) publish, one event after the other, and enter it. The
///   ledger then knows what had been published when a [client of its own](Self::client) was given a connection or an event, and
///   the check is exact, if the client and the publishers share one thread;
/// - [`witness`](Self::witness) and [`record`](Self::record) enter what a subscription has seen, as when the application
///   itself publishes, or several threads do. When the client's subscription was made is not known then, so a
///   client that sent no last event ID may begin anywhere, and ephemeral events may be left out.
///
/// Event IDs of another epoch are another life, of one channel or one `Topics` after the other; [`restart`](Self::restart) is for
/// clients that come before anything is published in it.
///
/// Cheap to clone: clones are the same ledger.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use typed_sse_core::testing::{Ledger, ViolationKind};
/// use typed_sse_core::{Channel, Event};
///
/// let channel = Channel::new();
/// let ledger = Ledger::new();
/// let mut client = ledger.client();
/// // A server that loses an event on the way.
/// let lossy = channel.subscribe(client.last_event_id()).filter(|frame| !frame.as_ref().ends_with(b"two\n\n"));
/// client.open(lossy);
/// for data in ["one", "two", "three"] {
///     ledger.publish(&channel, &Event::new(data)).await?;
/// }
/// client.take(2).await?;
/// let violation = ledger.check(&mut client).unwrap_err();
/// assert_eq!(violation.kind(), ViolationKind::Missing);
/// assert!(violation.to_string().contains(r#""three" came, but not "#));
/// # Ok(()) }
/// ```
#[derive(Clone, Default)]
pub struct Ledger {
    book: Arc<Mutex<Book>>,
    /// Held from before an event is published until it is entered.
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl Ledger {
    /// An empty ledger, that knows nothing of what the log retains.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Says that the log, or that of each topic, retains its newest `events`, whatever happens. Ephemeral events do not
    /// count. A reset that was not necessary is then a violation too. Default: nothing is known.
    #[must_use]
    pub fn retaining(self, events: usize) -> Self {
        self.book().retained = Some(events);
        self
    }

    /// Says that the log, or that of each topic, keeps so many ephemeral events for clients that are behind
    /// ([`Builder::ephemeral`](crate::Builder::ephemeral)). A client that is further behind may miss them. Default: 1,024.
    #[must_use]
    pub fn keeping_ephemeral(self, events: usize) -> Self {
        self.book().ephemeral = Some(events);
        self
    }

    /// Says that the log, or that of each topic, keeps the newest event of so many keys
    /// ([`Builder::keys`](crate::Builder::keys)). Where there are no more keys than that, a reset is not necessary for a client
    /// that coalesces and has missed only events that newer ones have superseded, nor for one that was cut before it had all of the
    /// newest of each key. Default: 1,024.
    #[must_use]
    pub fn keeping_keys(self, keys: usize) -> Self {
        self.book().keys = Some(keys);
        self
    }

    /// Publishes an event to a channel that is no topic, and enters it.
    ///
    /// # Errors
    ///
    /// As [`Channel::publish`]; then nothing was published or entered.
    pub async fn publish<E: SseEvent>(
        &self,
        channel: &Channel<E>,
        event: &E,
    ) -> Result<EventId, PublishError> {
        self.publish_in("", channel, event).await
    }

    /// Publishes an event to the channel of this topic, and enters it.
    ///
    /// # Errors
    ///
    /// As [`Channel::publish`]; then nothing was published or entered.
    pub async fn publish_in<E: SseEvent>(
        &self,
        topic: &str,
        channel: &Channel<E>,
        event: &E,
    ) -> Result<EventId, PublishError> {
        let frame = event.to_frame().map_err(PublishError::Encode)?;
        let _turn = self.turn.lock().await;
        let id = channel.publish(event).await?;
        let sent = (!frame.is_ephemeral()).then(|| id.as_str().to_owned());
        let (epoch, log) = channel.log_name();
        self.book().enter(topic, frame, sent, Some((&epoch, log)));
        Ok(id)
    }

    /// Enters an event as the next one of this topic, or of the channel if it is empty. `frame` is what a subscription
    /// delivered, with its event ID. What no client dispatches, and resets, are not entered.
    pub fn record(&self, topic: &str, frame: &Frame) {
        if !frame.is_event() || ordinary_reset(frame).is_some() {
            return;
        }
        let mut book = self.book();
        book.late = true;
        book.enter(topic, frame.clone(), frame.id().map(str::to_owned), None);
    }

    /// Enters whatever a subscription has ready, as [`record`](Self::record) does.
    ///
    /// # Errors
    ///
    /// If the subscription fails, as one does that was read too late.
    pub fn witness<X>(
        &self,
        topic: &str,
        subscription: &mut (impl Stream<Item = Result<Frame, X>> + Unpin),
    ) -> Result<(), X> {
        let mut failed = None;
        poll_while_ready(|context| {
            Pin::new(&mut *subscription).poll_next(context).map(|item| match item? {
                Ok(frame) => {
                    self.record(topic, &frame);
                    Some(())
                }
                Err(error) => {
                    failed = Some(error);
                    None
                }
            })
        });
        failed.map_or(Ok(()), Err)
    }

    /// Says that the log was lost: what is published from now on is in another one. Need not be called where that is
    /// seen from the event IDs: where an event is published in the new one before a client is given a connection to it.
    pub fn restart(&self) {
        self.book().restart();
    }

    /// Says that a topic was closed ([`Topics::close`](crate::Topics::close)): what is published from now on under its name is in
    /// another one, and clients that had the old one are done with it.
    pub fn close(&self, topic: &str) {
        self.book().close(topic);
    }

    /// How many events were entered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.book().entries.len()
    }

    /// Whether no event was entered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn check_record(&self, record: &mut Record) -> Result<(), Violation> {
        record.check(&self.book())
    }

    pub(super) fn check_record_caught_up(&self, record: &mut Record) -> Result<(), Violation> {
        let book = self.book();
        record.check(&book)?;
        record.check_caught_up(&book, false)
    }

    pub(super) fn check_record_over(&self, record: &mut Record) -> Result<(), Violation> {
        let book = self.book();
        record.check(&book)?;
        record.check_caught_up(&book, true)
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger").field("len", &self.len()).finish_non_exhaustive()
    }
}
