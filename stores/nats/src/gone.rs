//! What is gone, and what the server does not find for the moment.
//!
//! A server of version 2.9 that has let go of the first messages of a block has only those in memory that come after that, and denies
//! the others until it reads the block again: a few hundred ms, as a rule. Its consumers pass them by, and it does not list what it
//! has deleted among them.

use std::ops::RangeInclusive;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use typed_sse_core::store::StoreError;

use crate::api::StreamState;
use crate::connection::Server;

/// Where more were deleted than so many, nobody looks which.
const MOST: u64 = 100_000;
/// So many are asked for at once.
const AT_ONCE: usize = 64;

impl Server {
    /// Whether these messages, the lowest first, are gone: it lists them as deleted, or does not find them, and finds those beside
    /// them.
    pub(crate) async fn has_deleted(
        &self,
        stream: &str,
        messages: &[RangeInclusive<u64>],
    ) -> Result<bool, StoreError> {
        let Some(info) = self.stream(stream).await? else { return Ok(true) };
        let are_listed = info.state.num_deleted <= MOST;
        let info = if are_listed { self.stream_with_deleted(stream).await? } else { Some(info) };
        let Some(info) = info else { return Ok(true) };
        let there = There::new(info.state);
        let denied: Vec<_> =
            messages.iter().flat_map(|range| there.within(range)).take(MOST as usize).collect();
        if denied.is_empty() || !are_listed && denied.len() as u64 == MOST {
            return Ok(true);
        }
        let beside = messages.iter().flat_map(|range| there.beside(range, messages));
        let beside = beside.map(|sequence| (sequence, true));
        let asked: Vec<_> = denied.into_iter().map(|sequence| (sequence, false)).chain(beside).collect();
        let finds = asked.into_iter().map(|(sequence, is_there)| async move {
            Ok::<_, StoreError>(self.message(stream, sequence).await?.is_some() == is_there)
        });
        stream::iter(finds).buffer_unordered(AT_ONCE).try_all(|is_so| async move { is_so }).await
    }
}

/// What is there, by what the server says of its stream.
struct There {
    first: u64,
    last: u64,
    /// The lowest first.
    deleted: Vec<u64>,
}

impl There {
    fn new(state: StreamState) -> Self {
        let StreamState { first_seq: first, last_seq: last, mut deleted, .. } = state;
        deleted.sort_unstable();
        Self { first, last, deleted }
    }

    fn has(&self, sequence: u64) -> bool {
        (self.first..=self.last).contains(&sequence) && self.deleted.binary_search(&sequence).is_err()
    }

    fn within(&self, range: &RangeInclusive<u64>) -> impl Iterator<Item = u64> {
        let range = self.first.max(*range.start())..=self.last.min(*range.end());
        range.filter(|sequence| self.has(*sequence))
    }

    /// The next ones in front of a range and behind it, where one of the range is there.
    fn beside(&self, range: &RangeInclusive<u64>, but: &[RangeInclusive<u64>]) -> impl Iterator<Item = u64> {
        let is_of = |but: &[RangeInclusive<u64>], sequence: &u64| {
            let next = but.get(but.partition_point(|range| range.end() < sequence));
            next.is_some_and(|range| range.contains(sequence))
        };
        let is_other = |sequence: &u64| self.has(*sequence) && !is_of(but, sequence);
        let is_denied = self.within(range).next().is_some();
        let before = (self.first..*range.start()).rev().find(is_other).filter(|_| is_denied);
        let behind = (range.end() + 1..=self.last).find(is_other).filter(|_| is_denied);
        before.into_iter().chain(behind)
    }
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init, reason = "one range of messages")]
mod tests {
    use super::*;

    fn there(first_seq: u64, last_seq: u64, deleted: &[u64]) -> There {
        There::new(StreamState { first_seq, last_seq, num_deleted: 3, deleted: deleted.to_vec() })
    }

    #[test]
    fn what_is_listed_or_lies_before_or_behind_all_is_gone() {
        let there = there(10, 20, &[14, 12, 13]);
        for gone in [1..=9, 12..=14, 13..=13, 21..=30] {
            assert_eq!(there.within(&gone).next(), None, "{gone:?}");
            assert_eq!(there.beside(&gone, &[]).next(), None, "{gone:?}");
        }
        assert_eq!(there.within(&(9..=15)).collect::<Vec<_>>(), [10, 11, 15]);
    }

    #[test]
    fn those_beside_are_neither_deleted_nor_denied() {
        let there = there(10, 20, &[14, 12, 13]);
        let passed = [15..=16, 17..=17];
        assert_eq!(there.beside(&passed[0], &passed).collect::<Vec<_>>(), [11, 18]);
        assert_eq!(there.beside(&(10..=20), &[10..=20]).next(), None);
        assert_eq!(there.beside(&(9..=10), &[9..=10]).collect::<Vec<_>>(), [11]);
    }

    #[test]
    fn of_an_empty_stream_all_is_gone() {
        for (first, last) in [(0, 0), (8, 7)] {
            assert_eq!(there(first, last, &[]).within(&(1..=7)).next(), None);
        }
    }
}
