//! What a client reads from its connection.

use std::fmt;
use std::future::poll_fn;
use std::task::{Context, Poll};

use bytes::{Buf as _, Bytes};
use futures_core::Stream;
use tokio::time::timeout;

use super::super::connection::End;
use super::super::error::{ReceiveError, ReceiveErrorKind};
use super::super::poll::poll_while_ready;
use super::super::received::{Received, Told, dispatched, show};
use super::Client;
use crate::event::{Event, SseEvent};
use crate::field::{EncodeError, LastEventId};

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
        while !self.buffer.is_empty() {
            // One line after the other, so that a block which has only an ID is not taken for part of the event behind it.
            let line = self.buffer.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let line = line.map_or(self.buffer.len(), |end| end + 1);
            let before = self.decoder.last_event_id().to_owned();
            let event = match self.decoder.next_event(&mut &self.buffer[..line]) {
                Ok(event) => {
                    event.map(|event| (event.id != before, event.has_id, event.retry, event.to_event()))
                }
                Err(error) => {
                    self.end(End::Failed(error.to_string()));
                    return false;
                }
            };
            self.buffer.advance(line);
            let (connection, at) = (self.record.connections.len(), self.arrived);
            if let Some((has_new_id, has_id, retry, event)) = event {
                self.record.receive(Received { event, has_id, retry, connection, has_new_id, at });
                return true;
            }
            if self.decoder.last_event_id() != before {
                let id = LastEventId::from_bytes(self.decoder.last_event_id());
                self.record.tell(Told { id, connection, at });
            }
        }
        false
    }

    fn no_connection(&self) -> ReceiveErrorKind {
        let end = self.record.connections.last().and_then(|connection| connection.end.clone());
        end.map_or(ReceiveErrorKind::NotConnected, ReceiveErrorKind::Ended)
    }
}

/// What a client dispatches for an event. Its ID is the one it brings.
fn encoded(event: &impl SseEvent) -> Result<Event, EncodeError> {
    let frame = event.to_frame()?;
    Ok(dispatched(frame.as_ref()))
}

struct Shown<'a>(&'a Event);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(event) = self;
        show(f, event.event_type(), event.id().map(AsRef::as_ref), event.data())
    }
}
