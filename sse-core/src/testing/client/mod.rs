//! An `EventSource` without a network.

mod checked;
mod read;

use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::sleep;

use super::connection::{Connection, End};
use super::ledger::{Ledger, Record};
use super::received::Received;
use super::terms::Terms;
use crate::decode::Decoder;
use crate::field::LastEventId;

/// A client that behaves as `EventSource` does, on connections that the test gives it; `S` is the stream of bytes of each.
///
/// It reads only while one of its methods is awaited or called: between them it stalls, and the server sees a client
/// that does not take what it sends. What had come but was not asked for yet is lost with a connection, as it would be on
/// the way.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use typed_sse_core::testing::{Client, End};
/// use typed_sse_core::{Channel, Event, Slow};
///
/// let channel = Channel::builder().events(2).no_checkpoints().build();
/// let mut client = Client::new();
/// client.open(channel.subscribe(client.last_event_id()));
/// for n in 1..=3 {
///     channel.publish(&Event::new(n.to_string())).await?;
/// }
/// // It has stalled for too long.
/// assert!(matches!(client.ended().await?, End::Failed(error) if error.contains("fell behind")));
///
/// client.open(channel.subscribe(client.last_event_id()));
/// channel.publish(&Event::new("a long story")).await?;
/// // The connection breaks in the middle of the event: nothing is dispatched, and nothing of it is remembered.
/// client.cut_after(20);
/// assert_eq!(client.ended().await?, End::Cut);
/// assert!(client.events().is_empty() && client.last_event_id().is_empty());
/// # Ok(()) }
/// ```
pub struct Client<S> {
    body: Option<Pin<Box<S>>>,
    decoder: Decoder,
    /// What has come and is not decoded yet.
    buffer: Bytes,
    /// How many more bytes come before the connection is cut.
    cut: Option<usize>,
    limit: Duration,
    terms: Terms,
    ledger: Option<Ledger>,
    /// How much was in the ledger when the test first asked for the last event ID, since the last connection was opened.
    asked: AtomicUsize,
    /// How much was in the ledger when the buffer came.
    arrived: usize,
    record: Record,
}

/// The default time limit.
const LIMIT: Duration = Duration::from_secs(5);

/// What browsers take where a stream asks for nothing.
const RECONNECTION_TIME: Duration = Duration::from_secs(3);

/// The test has not asked.
const NOT_ASKED: usize = usize::MAX;

impl<S> Client<S> {
    /// A client without a connection, a last event ID or a [`Ledger`], with a time limit of 5 seconds.
    #[must_use]
    pub fn new() -> Self {
        Self {
            body: None,
            decoder: Decoder::new(),
            buffer: Bytes::new(),
            cut: None,
            limit: LIMIT,
            terms: Terms::new(),
            ledger: None,
            asked: AtomicUsize::new(NOT_ASKED),
            arrived: 0,
            record: Record::default(),
        }
    }

    fn with_ledger(mut self, ledger: Ledger) -> Self {
        self.ledger = Some(ledger);
        self
    }

    /// Sets for how long one call waits, by the runtime's clock. Default: 5 seconds.
    #[must_use]
    pub const fn with_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Sets what the server has promised this client, for the connections that are opened from now on. Default:
    /// [`Terms::new`].
    pub fn set_terms(&mut self, terms: Terms) -> &mut Self {
        self.terms = terms;
        self
    }

    /// The last event ID, to be sent with the next request. Empty for none.
    #[must_use]
    pub fn last_event_id(&self) -> LastEventId {
        // Whatever is subscribed with it comes later than this.
        let _ = self.asked.compare_exchange(NOT_ASKED, self.position(), Ordering::Relaxed, Ordering::Relaxed);
        LastEventId::from_bytes(self.decoder.last_event_id())
    }

    /// The reconnection time that a stream asked for last, if one did.
    #[must_use]
    pub const fn reconnection_time(&self) -> Option<Duration> {
        self.decoder.reconnection_time()
    }

    /// Gives the client its next connection: what the server answers to a request with its
    /// [last event ID](Self::last_event_id). One that is open is disconnected. Nothing is read yet.
    pub fn open(&mut self, body: S) -> &mut Self {
        // Asked before the answer, so the subscription was not made before that.
        let asked = std::mem::replace(self.asked.get_mut(), NOT_ASKED);
        self.disconnect();
        self.record.connections.push(Connection {
            last_event_id: LastEventId::from_bytes(self.decoder.last_event_id()),
            end: None,
            terms: self.terms.clone(),
            since_min: if asked == NOT_ASKED { 0 } else { asked },
            since_max: self.position(),
        });
        self.decoder.reconnect();
        self.body = Some(Box::pin(body));
        self
    }

    /// Breaks the connection, with whatever was on its way. Nothing happens if there is none.
    pub fn disconnect(&mut self) {
        self.end(End::Disconnected);
    }

    /// Breaks the connection when the client has read this many bytes more, be it in the middle of an event. To
    /// be called while there is a connection.
    pub fn cut_after(&mut self, bytes: usize) {
        self.buffer.truncate(bytes);
        self.cut = Some(bytes - self.buffer.len());
    }

    /// Breaks the connection if there is one, waits for the reconnection time (3 seconds where no stream asked for one),
    /// and returns the last event ID to come back with.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime with time enabled.
    pub async fn come_back(&mut self) -> LastEventId {
        self.disconnect();
        sleep(self.reconnection_time().unwrap_or(RECONNECTION_TIME)).await;
        self.last_event_id()
    }

    /// The connection, while it is open: what [`open`](Self::open) was given.
    #[must_use]
    pub fn body(&self) -> Option<&S> {
        self.body.as_deref()
    }

    /// All connections, in order.
    #[must_use]
    pub fn connections(&self) -> &[Connection] {
        &self.record.connections
    }

    /// All events that were dispatched since [`clear`](Self::clear), over all connections.
    #[must_use]
    pub fn events(&self) -> &[Received] {
        &self.record.events
    }

    /// Forgets the events that were dispatched so far, so that a long test need not hold them. Of a client that a
    /// [`Ledger`] made, those that were not checked yet stay.
    pub fn clear(&mut self) {
        if self.ledger.is_some() {
            self.record.forget_checked();
        } else {
            self.record.forget();
        }
    }

    fn end(&mut self, end: End) {
        if self.body.take().is_some() {
            self.buffer.clear();
            self.cut = None;
            if let Some(connection) = self.record.connections.last_mut() {
                connection.end = Some(end);
            }
        }
    }

    /// How much is in the ledger; without one, nobody knows.
    fn position(&self) -> usize {
        self.ledger.as_ref().map_or(usize::MAX, Ledger::len)
    }
}

impl<S> Default for Client<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> fmt::Debug for Client<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("last_event_id", &self.decoder.last_event_id())
            .field("connected", &self.body.is_some())
            .field("connections", &self.record.connections.len())
            .field("events", &self.record.events.len())
            .finish_non_exhaustive()
    }
}
