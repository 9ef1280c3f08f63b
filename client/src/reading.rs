//! From bytes to typed events: what every way of reading shares.

use std::fmt;
use std::marker::PhantomData;

use bytes::{Buf, Bytes};
use typed_sse_core::{Decoder, EventRef, FromSseEvent, LastEventId};

use crate::error::Error;
use crate::reset::Reset;

/// A decoder, and the chunk that it reads.
pub(crate) struct Reading<E> {
    decoder: Decoder,
    chunk: Bytes,
    reads: PhantomData<fn() -> E>,
}

/// What the stream brought.
pub(crate) enum Found<E> {
    Event {
        event: E,
        is_terminal: bool,
    },
    Reset(Reset),
    /// Of this one event.
    Error(Error),
}

/// Who gets a channel's reset first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resets {
    /// The type, where it has an event of that name.
    ToType,
    /// Whoever looks for resets.
    Apart,
}

impl<E> Reading<E> {
    pub(crate) const fn new() -> Self {
        Self { decoder: Decoder::new(), chunk: Bytes::new(), reads: PhantomData }
    }

    pub(crate) fn set_limit(&mut self, limit: usize) {
        let id = LastEventId::from_bytes(self.decoder.last_event_id());
        self.decoder = Decoder::with_limit(limit).with_last_event_id(&id);
    }

    pub(crate) const fn decoder(&self) -> &Decoder {
        &self.decoder
    }

    /// Takes the next chunk. The one before has been read to its end.
    pub(crate) fn push(&mut self, chunk: Bytes) {
        debug_assert!(self.chunk.is_empty(), "a chunk is left unread");
        self.chunk = chunk;
    }

    /// Drops what is unread. The last event ID and the reconnection time stay.
    pub(crate) fn reconnect(&mut self) {
        self.chunk = Bytes::new();
        self.decoder.reconnect();
    }

    /// Makes this the last event ID, as if a connection before had brought it.
    #[cfg(feature = "tower")]
    pub(crate) fn set_last_event_id(&mut self, id: &LastEventId) {
        self.decoder = std::mem::take(&mut self.decoder).with_last_event_id(id);
    }
}

impl<E: FromSseEvent> Reading<E> {
    /// The next event of the chunk; `None` when all of it is read.
    pub(crate) fn next(&mut self, resets: Resets) -> Option<Found<E>> {
        let mut input = &self.chunk[..];
        let found = match self.decoder.next_event(&mut input) {
            Ok(Some(event)) => Some(read(&event, resets)),
            Ok(None) => None,
            Err(error) => Some(Found::Error(error.into())),
        };
        let unread = input.len();
        self.chunk.advance(self.chunk.len() - unread);
        if unread == 0 {
            // Nothing of it is needed, so that the transport has its buffer back.
            self.chunk = Bytes::new();
        }
        found
    }
}

fn read<E: FromSseEvent>(event: &EventRef<'_>, resets: Resets) -> Found<E> {
    if resets == Resets::Apart {
        if let Some(reset) = Reset::read(event) {
            return Found::Reset(reset);
        }
    }
    match E::from_event(event) {
        Ok(event) => Found::Event { is_terminal: event.is_terminal(), event },
        Err(error) => Reset::read(event).map_or_else(|| Found::Error(error.into()), Found::Reset),
    }
}

impl<E> fmt::Debug for Reading<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reading").field("decoder", &self.decoder).finish_non_exhaustive()
    }
}
