//! What is counted.

use std::ops::AddAssign;

use super::super::reset::ResetReason;
use super::super::sync::{Count, Ordering};

/// How a channel stands, and what has happened in it since it was made: see
/// [`Channel::counters`](crate::Channel::counters).
///
/// | field | metric | unit | meaning |
/// |---|---|---|---|
/// | `subscribers` | `typed_sse_subscribers` | subscriptions, now | that are alive |
/// | `waiting` | `typed_sse_waiting` | subscriptions, now | that wait for their turn to replay, see [`Builder::replay_rate`](crate::Builder::replay_rate) |
/// | `lag` | `typed_sse_lag` | events, now | by which the slowest subscriber is behind |
/// | `retained` | `typed_sse_retained` | events, now | that the log holds, ephemeral ones included |
/// | `retained_bytes` | `typed_sse_retained_bytes` | bytes, now | that these events take, encoded, with their keys |
/// | `subscribed` | `typed_sse_subscribed_total` | subscriptions | that were made, those included that were sent away |
/// | `sent_away` | `typed_sse_sent_away_total` | subscriptions | that got only a reconnection time: the channel was full, or drained |
/// | `disconnected` | `typed_sse_disconnected_total` | subscriptions | that ended because they fell behind what is retained |
/// | `published` | `typed_sse_published_total` | events | that were published, ephemeral ones included |
/// | `published_bytes` | `typed_sse_published_bytes_total` | bytes | that they took, encoded, with their keys |
/// | `trimmed` | `typed_sse_trimmed_total` | events | that are no longer retained |
/// | `delivered` | `typed_sse_delivered_total` | events | that were handed to a subscriber, once for each |
/// | `replayed` | `typed_sse_replayed_total` | events | of those delivered, that were published before the subscription began |
/// | `filtered` | `typed_sse_filtered_total` | events | that a filter left out |
/// | `superseded` | `typed_sse_superseded_total` | events | that a coalescing subscriber skipped for a newer one of their key |
/// | `store_failed` | `typed_sse_store_failed_total` | calls | of the store that it did not answer |
/// | `store_appends_failed` | `typed_sse_store_appends_failed_total` | calls | of these, that were to store events |
/// | `store_interrupted` | `typed_sse_store_interrupted_total` | calls | of these, that were to bring what comes: each is asked again within a second |
/// | `store_pages` | `typed_sse_store_pages_total` | pages | that were read for clients that came back from before the window |
/// | `store_lag_ms` | `typed_sse_store_lag_ms` | milliseconds, now | that the newest event was old when it came out of the store, by the clocks of both |
/// | `store_down_ms` | `typed_sse_store_down_ms` | milliseconds, now | for which the store has not answered; 0 if the last call was answered |
/// | `resets` | `typed_sse_resets_total`, by `reason` | resets | that clients were told of |
///
/// A subscription to several topics counts in each of them; a reset that it tells of, in one.
/// What is counted of a [store](crate::Builder::store) is 0 without one. Topics on one store count it together, and each of them has all of
/// it; in [`Topics::counters`](crate::Topics::counters) it is there once.
///
/// The events of a [`Snapshot`](crate::Snapshot) are not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "in the table above, where name, unit and meaning stand together")]
pub struct Counters {
    pub subscribers: u64,
    pub waiting: u64,
    pub lag: u64,
    pub retained: u64,
    pub retained_bytes: u64,
    pub subscribed: u64,
    pub sent_away: u64,
    pub disconnected: u64,
    pub published: u64,
    pub published_bytes: u64,
    pub trimmed: u64,
    pub delivered: u64,
    pub replayed: u64,
    pub filtered: u64,
    pub superseded: u64,
    pub store_failed: u64,
    pub store_appends_failed: u64,
    pub store_interrupted: u64,
    pub store_pages: u64,
    pub store_lag_ms: u64,
    pub store_down_ms: u64,
    pub resets: ResetCounters,
}

/// How many resets clients were told of, by their [`ResetReason`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each is documented where it stands as a reason")]
pub struct ResetCounters {
    pub unknown: u64,
    pub trimmed: u64,
    pub epoch: u64,
    pub lagged: u64,
}

impl Counters {
    /// One more subscription for which there was no room.
    pub(crate) const fn turned_away(&mut self) {
        self.subscribed += 1;
        self.sent_away += 1;
    }

    /// Of a channel that is gone, and whose events are with it.
    pub(crate) const fn of_forgotten(self) -> Self {
        Self { lag: 0, retained: 0, retained_bytes: 0, trimmed: self.published, ..self }
    }
}

impl ResetCounters {
    /// Of every reason.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.unknown + self.trimmed + self.epoch + self.lagged
    }
}

/// Of several channels: sums, and the greater of what is lag or time.
impl AddAssign for Counters {
    fn add_assign(&mut self, other: Self) {
        self.subscribers += other.subscribers;
        self.waiting += other.waiting;
        self.lag = self.lag.max(other.lag);
        self.retained += other.retained;
        self.retained_bytes += other.retained_bytes;
        self.subscribed += other.subscribed;
        self.sent_away += other.sent_away;
        self.disconnected += other.disconnected;
        self.published += other.published;
        self.published_bytes += other.published_bytes;
        self.trimmed += other.trimmed;
        self.delivered += other.delivered;
        self.replayed += other.replayed;
        self.filtered += other.filtered;
        self.superseded += other.superseded;
        self.store_failed += other.store_failed;
        self.store_appends_failed += other.store_appends_failed;
        self.store_interrupted += other.store_interrupted;
        self.store_pages += other.store_pages;
        self.store_lag_ms = self.store_lag_ms.max(other.store_lag_ms);
        self.store_down_ms = self.store_down_ms.max(other.store_down_ms);
        self.resets.unknown += other.resets.unknown;
        self.resets.trimmed += other.resets.trimmed;
        self.resets.epoch += other.resets.epoch;
        self.resets.lagged += other.resets.lagged;
    }
}

/// What is counted beside the log, by all subscribers at once.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    subscribed: Count,
    sent_away: Count,
    disconnected: Count,
    waiting: Count,
    unknown: Count,
    trimmed: Count,
    epoch: Count,
    lagged: Count,
}

/// What one reader has counted. Nobody else counts here, so that readers do not contend for every event.
#[derive(Debug, Default)]
#[repr(C)]
pub(crate) struct Tally {
    delivered: Count,
    replayed: Count,
    filtered: Count,
    superseded: Count,
}

impl Counts {
    pub(crate) fn subscribed(&self, sent_away: bool) {
        add(&self.subscribed, 1);
        add(&self.sent_away, u32::from(sent_away));
    }

    pub(crate) fn disconnected(&self) {
        add(&self.disconnected, 1);
    }

    pub(crate) fn reset(&self, reason: ResetReason) {
        let count = match reason {
            ResetReason::Unknown => &self.unknown,
            ResetReason::Trimmed => &self.trimmed,
            ResetReason::Epoch => &self.epoch,
            ResetReason::Lagged => &self.lagged,
        };
        add(count, 1);
    }

    pub(crate) fn waits(&self) {
        add(&self.waiting, 1);
    }

    pub(crate) fn waits_no_more(&self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }

    /// All that is counted here; the rest is zero.
    pub(crate) fn read(&self) -> Counters {
        let read = |count: &Count| count.load(Ordering::Relaxed);
        Counters {
            subscribed: read(&self.subscribed),
            sent_away: read(&self.sent_away),
            disconnected: read(&self.disconnected),
            waiting: read(&self.waiting),
            resets: ResetCounters {
                unknown: read(&self.unknown),
                trimmed: read(&self.trimmed),
                epoch: read(&self.epoch),
                lagged: read(&self.lagged),
            },
            ..Counters::default()
        }
    }
}

impl Tally {
    #[inline]
    pub(crate) fn delivered(&self, replayed: bool) {
        count(&self.delivered, 1);
        if replayed {
            count(&self.replayed, 1);
        }
    }

    pub(crate) fn filtered(&self) {
        count(&self.filtered, 1);
    }

    pub(crate) fn superseded(&self, events: u64) {
        count(&self.superseded, events);
    }

    /// How many were delivered.
    pub(crate) fn events(&self) -> u64 {
        self.delivered.load(Ordering::Relaxed)
    }

    /// What another has counted, too.
    pub(crate) fn add(&self, other: &Self) {
        let Self { delivered, replayed, filtered, superseded } = other;
        count(&self.delivered, delivered.load(Ordering::Relaxed));
        count(&self.replayed, replayed.load(Ordering::Relaxed));
        count(&self.filtered, filtered.load(Ordering::Relaxed));
        count(&self.superseded, superseded.load(Ordering::Relaxed));
    }

    /// What is counted here; the rest is zero.
    pub(crate) fn read(&self) -> Counters {
        let read = |count: &Count| count.load(Ordering::Relaxed);
        Counters {
            delivered: read(&self.delivered),
            replayed: read(&self.replayed),
            filtered: read(&self.filtered),
            superseded: read(&self.superseded),
            ..Counters::default()
        }
    }
}

/// Of one that nobody else adds to.
#[inline]
fn count(count: &Count, n: u64) {
    count.store(count.load(Ordering::Relaxed) + n, Ordering::Relaxed);
}

fn add(count: &Count, n: u32) {
    if n > 0 {
        count.fetch_add(u64::from(n), Ordering::Relaxed);
    }
}
