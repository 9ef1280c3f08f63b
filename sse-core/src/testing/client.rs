//! An `EventSource` without a network.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use futures_core::Stream;
use tokio::time::{sleep, timeout};

use super::error::{ReceiveError, ReceiveErrorKind};
use super::ledger::{Ledger, Terms};
use super::received::{Received, show};
use super::record::{Connection, End, Record};
use crate::decode::Decoder;
use crate::event::SseEvent;
use crate::last_event_id::LastEventId;
use crate::untyped::Event;

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
/// let channel = Channel::builder().events(2).build();
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
    pub(super) record: Record,
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

    pub(super) fn with_ledger(mut self, ledger: Ledger) -> Self {
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
            let checked = self.record.audit.take_checked();
            self.record.events.drain(..checked);
        } else {
            self.record.events.clear();
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

impl<S, B, X> Client<S>
where
    S: Stream<Item = Result<B, X>>,
    B: AsRef<[u8]>,
    X: fmt::Display,
{
    /// Waits for the next event.
    ///
    /// # Errors
    ///
    /// If none comes within the time limit, or before the connection ends.
    ///
    /// # Panics
    ///
    /// As all that waits: outside a Tokio runtime with time enabled.
    pub async fn next(&mut self) -> Result<Received, ReceiveError> {
        let first = self.record.events.len();
        self.receive("an event", |events| events.is_empty()).await?;
        Ok(self.record.events[first].clone())
    }

    /// Waits for the next `n` events.
    ///
    /// # Errors
    ///
    /// If they do not all come within the time limit, or before the connection ends.
    pub async fn take(&mut self, n: usize) -> Result<Vec<Received>, ReceiveError> {
        self.receive(&format!("{n} events"), |events| events.len() < n).await
    }

    /// Waits until an event comes for which `found` is true. Returns it, behind those that came before it.
    ///
    /// # Errors
    ///
    /// If it does not come within the time limit, or before the connection ends.
    pub async fn until(&mut self, found: impl Fn(&Received) -> bool) -> Result<Vec<Received>, ReceiveError> {
        self.receive("an event that was looked for", |events| !events.last().is_some_and(&found)).await
    }

    /// Waits until the connection ends, and says how. What came before is among the [`events`](Self::events).
    ///
    /// # Errors
    ///
    /// If it does not end within the time limit, or there is none.
    pub async fn ended(&mut self) -> Result<End, ReceiveError> {
        match self.receive("the end of the connection", |_| true).await {
            Err(error) => match error.kind() {
                ReceiveErrorKind::Ended(end) => Ok(end.clone()),
                _ => Err(error),
            },
            Ok(_) => Ok(End::Closed),
        }
    }

    /// Waits for these events and no others between them: their event type, their data and, where they bring one, their own
    /// ID, as they are encoded.
    ///
    /// Events of several types go together as frames: [`SseEvent::to_frame`].
    ///
    /// # Errors
    ///
    /// If another event comes, or none within the time limit or before the connection ends; or if one of `events` cannot be encoded.
    pub async fn expect<T: SseEvent>(
        &mut self,
        events: impl IntoIterator<Item = T>,
    ) -> Result<(), ReceiveError> {
        for event in events {
            let fails = |kind, wanted, instead: &[Received]| Err(ReceiveError::new(kind, wanted, instead));
            let expected = match encoded(&event) {
                Ok(expected) => expected,
                Err(error) => return fails(ReceiveErrorKind::Encode(error.to_string()), String::new(), &[]),
            };
            let wanted = Shown(&expected).to_string();
            let received = self.receive(&wanted, |events| events.is_empty()).await?;
            let same = received.iter().all(|received| {
                let (left, right) = (received.event(), &expected);
                let own_id = right.id().is_none() || left.id() == right.id();
                own_id && left.event_type() == right.event_type() && left.data() == right.data()
            });
            if !same {
                return fails(ReceiveErrorKind::Different, wanted, &received);
            }
        }
        Ok(())
    }

    /// The events that are there without waiting.
    pub fn ready(&mut self) -> Vec<Received> {
        let first = self.record.events.len();
        poll_while_ready(|context| self.poll_event(context).map(|read| read.ok()));
        self.record.events[first..].to_vec()
    }

    /// At most `n` of the events that are there without waiting.
    pub fn ready_up_to(&mut self, n: usize) -> Vec<Received> {
        let first = self.record.events.len();
        let mut left = n;
        poll_while_ready(|context| {
            let Some(less) = left.checked_sub(1) else { return Poll::Ready(None) };
            left = less;
            self.poll_event(context).map(|read| read.ok())
        });
        self.record.events[first..].to_vec()
    }

    /// Reads events for as long as those that were read by this call leave something to be wanted.
    async fn receive(
        &mut self,
        wanted: &str,
        more: impl Fn(&[Received]) -> bool,
    ) -> Result<Vec<Received>, ReceiveError> {
        let first = self.record.events.len();
        let limit = self.limit;
        let read = async {
            while more(&self.record.events[first..]) {
                poll_fn(|context| self.poll_event(context)).await?;
            }
            Ok(())
        };
        let read = timeout(limit, read).await.unwrap_or(Err(ReceiveErrorKind::TimedOut(limit)));
        let received = &self.record.events[first..];
        match read {
            Ok(()) => Ok(received.to_vec()),
            Err(kind) => Err(ReceiveError::new(kind, wanted.to_owned(), received)),
        }
    }

    /// Reads one event into the record.
    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Result<(), ReceiveErrorKind>> {
        loop {
            let end = if self.decode() {
                return Poll::Ready(Ok(()));
            } else if self.cut == Some(0) {
                End::Cut
            } else {
                let Some(body) = &mut self.body else { return Poll::Ready(Err(self.no_connection())) };
                match body.as_mut().poll_next(context) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Some(Ok(chunk))) => {
                        self.take_in(chunk.as_ref());
                        continue;
                    }
                    Poll::Ready(Some(Err(error))) => End::Failed(error.to_string()),
                    Poll::Ready(None) => End::Closed,
                }
            };
            self.end(end);
        }
    }

    fn take_in(&mut self, mut chunk: &[u8]) {
        if let Some(cut) = &mut self.cut {
            chunk = &chunk[..chunk.len().min(*cut)];
            *cut -= chunk.len();
        }
        self.buffer = Bytes::copy_from_slice(chunk);
        self.arrived = self.position();
    }

    /// Dispatches the next event of the buffer. False if it holds none.
    fn decode(&mut self) -> bool {
        let mut input = &self.buffer[..];
        let before = self.decoder.last_event_id().to_owned();
        let event = match self.decoder.next_event(&mut input) {
            Ok(event) => event.map(|event| (event.id != before, event.to_event())),
            Err(error) => {
                self.end(End::Failed(error.to_string()));
                return false;
            }
        };
        let read = self.buffer.len() - input.len();
        self.buffer.advance(read);
        let Some((has_new_id, event)) = event else { return false };
        let connection = self.record.connections.len();
        self.record.events.push(Received { event, connection, has_new_id, at: self.arrived });
        true
    }

    fn no_connection(&self) -> ReceiveErrorKind {
        let end = self.record.connections.last().and_then(|connection| connection.end.clone());
        end.map_or(ReceiveErrorKind::NotConnected, ReceiveErrorKind::Ended)
    }
}

/// Polls until nothing more is there. A stream that gives others their turn, and wakes itself for it, is polled again.
pub(super) fn poll_while_ready(mut poll: impl FnMut(&mut Context<'_>) -> Poll<Option<()>>) {
    struct Woken(AtomicBool);
    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    /// One that does nothing but wake itself is not waited for.
    const MAX_IDLE_TURNS: u32 = 1024;

    let woken = Arc::new(Woken(AtomicBool::new(false)));
    let waker = Waker::from(Arc::clone(&woken));
    let mut context = Context::from_waker(&waker);
    let mut idle_turns = 0;
    loop {
        match poll(&mut context) {
            Poll::Ready(Some(())) => idle_turns = 0,
            Poll::Ready(None) => return,
            Poll::Pending if woken.0.swap(false, Ordering::Relaxed) && idle_turns < MAX_IDLE_TURNS => {
                idle_turns += 1;
            }
            Poll::Pending => return,
        }
    }
}

/// What a client dispatches for an event. Its ID is the one it brings.
pub(super) fn encoded(event: &impl SseEvent) -> Result<Event, crate::error::EncodeError> {
    let frame = event.to_frame()?;
    Ok(dispatched(frame.as_ref()))
}

pub(super) fn dispatched(mut wire: &[u8]) -> Event {
    // A frame is one event, and not longer than its encoder allows.
    match Decoder::with_limit(usize::MAX).next_event(&mut wire) {
        Ok(Some(event)) => event.to_event(),
        _ => Event::default(),
    }
}

struct Shown<'a>(&'a Event);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(event) = self;
        show(f, event.event_type(), event.id().map(AsRef::as_ref), event.data())
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
