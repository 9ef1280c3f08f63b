//! Which topics there are.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use super::super::{Channel, Counters};
use super::TopicsError;

pub(super) struct Registry<E> {
    topics: HashMap<Box<str>, Topic<E>>,
    /// The highest sequence number of a topic that was forgotten.
    forgotten: u64,
    /// What was counted in the topics that were forgotten.
    counted: Counters,
    /// The unused are looked for when there are so many, so that each new topic pays for little.
    sweep_at: usize,
    draining: bool,
}

struct Topic<E> {
    channel: Channel<E>,
    /// When it was first found without use.
    unused: Option<Instant>,
}

/// Fewer topics are not worth looking through.
const MIN_SWEEP: usize = 64;

impl<E> Registry<E> {
    /// The channel of this name, or a new one from `make`, which is told where its sequence numbers begin.
    pub(super) fn get(
        &mut self,
        name: &str,
        now: Instant,
        bound: usize,
        idle: Duration,
        make: impl FnOnce(u64) -> Channel<E>,
    ) -> Result<Channel<E>, TopicsError> {
        if let Some(topic) = self.topics.get_mut(name) {
            topic.unused = None;
            return Ok(topic.channel.clone());
        }
        if self.topics.len() >= self.sweep_at {
            self.forget_unused(now, idle);
            self.sweep_at = MIN_SWEEP.max(2 * self.topics.len());
        }
        if self.topics.len() >= bound {
            self.forget_unused(now, Duration::ZERO);
        }
        if self.topics.len() >= bound {
            return Err(TopicsError::Full { bound });
        }
        let channel = make(self.forgotten);
        if self.draining {
            channel.shared().subscribers.close();
        }
        self.topics.insert(name.into(), Topic { channel: channel.clone(), unused: None });
        Ok(channel)
    }

    pub(super) fn len(&self) -> usize {
        self.topics.len()
    }

    pub(super) fn counters(&self) -> Counters {
        let mut sum = self.counted;
        self.topics.values().for_each(|topic| sum += topic.channel.counters());
        sum
    }

    /// All channels; those that are made later are drained from the beginning.
    pub(super) fn start_draining(&mut self) -> Vec<Channel<E>> {
        self.draining = true;
        self.topics.values().map(|topic| topic.channel.clone()).collect()
    }

    fn forget_unused(&mut self, now: Instant, idle: Duration) {
        let Self { forgotten, counted, .. } = self;
        self.topics.retain(|_, topic| {
            // Subscriptions and the application hold it too while they use it.
            if !topic.channel.is_unused() {
                topic.unused = None;
                return true;
            }
            let keep = now.duration_since(*topic.unused.get_or_insert(now)) < idle;
            if !keep {
                *forgotten = (*forgotten).max(topic.channel.shared().read_log().newest().mark.sequence);
                *counted += topic.channel.counters().of_forgotten();
            }
            keep
        });
    }
}

impl<E> Default for Registry<E> {
    fn default() -> Self {
        Self {
            topics: HashMap::new(),
            forgotten: 0,
            counted: Counters::default(),
            sweep_at: MIN_SWEEP,
            draining: false,
        }
    }
}
