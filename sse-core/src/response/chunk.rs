//! Events that leave together.

use bytes::{Bytes, BytesMut};

/// Events that are ready together are joined up to this length.
///
/// What is joined is a client's own: nobody shares it, and a newer event of its key can no longer take its place. A server
/// takes several chunks before it waits for the socket (hyper 16), and writes them together.
const MAX_CHUNK: usize = 1 << 10;

/// Frames on their way out together. One alone is passed on without copying.
#[derive(Default)]
pub(super) struct Chunk {
    first: Option<Bytes>,
    joined: BytesMut,
}

impl Chunk {
    /// Takes the bytes of an event, or gives them back if they do not fit behind the others.
    pub(super) fn push(&mut self, bytes: Bytes) -> Option<Bytes> {
        if !self.is_empty() && self.len() + bytes.len() > MAX_CHUNK {
            return Some(bytes);
        }
        match self.first.take() {
            None if self.joined.is_empty() => self.first = Some(bytes),
            None => self.joined.extend_from_slice(&bytes),
            Some(first) => {
                self.joined.reserve(MAX_CHUNK);
                self.joined.extend_from_slice(&first);
                self.joined.extend_from_slice(&bytes);
            }
        }
        None
    }

    fn len(&self) -> usize {
        self.first.as_ref().map_or(self.joined.len(), Bytes::len)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn is_full(&self) -> bool {
        self.len() >= MAX_CHUNK
    }

    pub(super) fn into_bytes(self) -> Bytes {
        self.first.unwrap_or_else(|| self.joined.freeze())
    }
}
