//! What is live only.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use crate::encode::Frame;

/// The newest ephemeral events, for live readers that are a little behind. They take nothing from the retention of those that
/// can be replayed.
pub(super) struct Passing {
    frames: VecDeque<Passed>,
    /// How many came before the oldest that is here.
    first: u64,
    bytes: usize,
    most: usize,
    most_bytes: usize,
}

pub(super) struct Passed {
    pub(super) frame: Frame,
    /// So many events of its log that can be replayed came before it.
    pub(super) behind: u64,
    /// The highest number that was in use then, in any log.
    pub(super) sequence: u64,
    pub(super) published: Instant,
}

impl Passing {
    pub(super) fn new(most: usize, most_bytes: usize) -> Self {
        Self { frames: VecDeque::new(), first: 0, bytes: 0, most, most_bytes }
    }

    pub(super) fn push(&mut self, passed: Passed) {
        self.bytes += passed.frame.stored_len();
        self.frames.push_back(passed);
        while self.frames.len() > self.most || self.bytes > self.most_bytes {
            self.drop_oldest();
        }
    }

    pub(super) fn trim_aged(&mut self, now: Instant, age: Duration) {
        while self.frames.front().is_some_and(|passed| now.duration_since(passed.published) > age) {
            self.drop_oldest();
        }
    }

    pub(super) fn clear(&mut self) {
        self.first = self.end();
        self.frames.clear();
        self.bytes = 0;
    }

    pub(super) fn get(&self, number: u64) -> Option<&Passed> {
        self.frames.get(usize::try_from(number.checked_sub(self.first)?).ok()?)
    }

    pub(super) const fn first(&self) -> u64 {
        self.first
    }

    /// How many there have been.
    pub(super) fn end(&self) -> u64 {
        self.first + self.frames.len() as u64
    }

    pub(super) fn len(&self) -> usize {
        self.frames.len()
    }

    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    fn drop_oldest(&mut self) {
        if let Some(passed) = self.frames.pop_front() {
            self.first += 1;
            self.bytes -= passed.frame.stored_len();
        }
    }
}
