//! Places in the bytes of an event.

/// Places in a frame's bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Marks {
    /// Where the topic ends and the key begins.
    pub(crate) key: u32,
    /// Where the key ends and the wire begins.
    pub(crate) wire: u32,
    /// The value of the field `event`; empty for none, which is `message`.
    pub(crate) event_type: Range,
    /// The event ID; empty for none.
    pub(crate) id: Range,
    /// Where the sequence number in the ID begins; zero unless the ID is a cursor.
    pub(crate) sequence: u32,
    /// Where the fields behind `event` and `id` begin.
    pub(crate) rest: u32,
    pub(crate) ephemeral: Flag,
    pub(crate) tombstone: Flag,
    /// It ends its stream.
    pub(crate) terminal: Flag,
    /// No event: a bare reconnection time or ID.
    pub(crate) control: Flag,
}

/// Whether something is so.
///
/// No `bool`: in the values that one has to spare, `Option` and `Poll` keep what they add, and then each move of a frame goes around
/// that byte. To read back what was written in other pieces costs a processor more than all the rest of it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Flag(u8);

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Range {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// A cursor with a guess: the epoch, and the number that is most likely next.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sequence {
    pub(crate) epoch: [u8; 8],
    pub(crate) next: u64,
}

impl Flag {
    pub(crate) const SET: Self = Self(1);

    pub(crate) const fn is_set(self) -> bool {
        self.0 != 0
    }
}

impl Range {
    #[inline]
    pub(crate) fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The same bytes, so much further on. Wraps past 4 GiB, where an event is refused; an empty one is nowhere.
    pub(crate) fn moved(self, by: u32) -> Self {
        if self.is_empty() {
            return self;
        }
        Self { start: self.start.wrapping_add(by), end: self.end.wrapping_add(by) }
    }
}
