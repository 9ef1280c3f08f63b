//! How soon a task that publishes gives way to those who read.

/// How many parts a task's turn has: Tokio's budget for one poll.
const TURN: usize = 128;

/// In one turn, no more than such a part of a log is filled: those who read get to it before it is let go, also of several publishers.
const SHARE: usize = 8;

/// So many events a turn has, unless they are long: who is polled once, and cannot wait, publishes a few without giving way.
const LEAST: usize = 8;

/// Whoever takes more of a turn than there is gives way in any case.
const WHOLE_TURN: usize = TURN + 1;

/// What part of a task's turn an event takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// One event.
    each: usize,
    /// So many bytes take one part: 2 to the power of this.
    bytes: u32,
}

impl Pace {
    /// Of a log that keeps so many events, and so many bytes.
    pub(crate) fn new(events: usize, bytes: usize) -> Self {
        let each = (TURN * SHARE).div_ceil(events.max(1)).min(TURN / LEAST);
        Self { each, bytes: (bytes / (TURN * SHARE)).max(1).ilog2() }
    }

    /// How many parts these take, of so many bytes in all: at the least one each.
    pub(crate) fn parts(self, events: usize, bytes: usize) -> u32 {
        let parts = events.saturating_mul(self.each).max(bytes >> self.bytes);
        parts.min(WHOLE_TURN).max(events).try_into().unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_fills_an_eighth_at_the_most() {
        for (events, bytes) in [(4096, 16 << 20), (1024, 1 << 20), (100, 64 << 10), (64, usize::MAX)] {
            let pace = Pace::new(events, bytes);
            assert!(TURN / pace.parts(1, 1) as usize <= (events / SHARE).max(LEAST), "{events}");
            for len in [10, 1000, 200_000] {
                assert!(
                    TURN / pace.parts(1, len) as usize * len <= (bytes / SHARE).max(2 * len),
                    "{len} of {bytes}"
                );
            }
        }
        assert_eq!(Pace::new(4096, 16 << 20).parts(1, 1000), 1);
    }

    #[test]
    fn extremes_take_a_whole_turn_or_a_part() {
        for (events, bytes, len) in [(0, 0, 0), (1, 1, usize::MAX), (usize::MAX, usize::MAX, 1)] {
            let parts = Pace::new(events, bytes).parts(1, len) as usize;
            assert!((1..=WHOLE_TURN).contains(&parts), "{parts}");
        }
        assert_eq!(Pace::new(4096, 16 << 20).parts(10_000, 10_000), 10_000);
        assert_eq!(Pace::new(4096, 16 << 20).parts(0, 0), 0);
    }
}
