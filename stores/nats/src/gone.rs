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
/// Beside what is not found, one of so many has to be, on either side.
const MOST_BESIDE: usize = 64;

impl Server {
    /// Whether these messages, the lowest first, are gone: it lists them as deleted, or does not find them, and finds those beside
    /// them, and the first one.
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
        match denied.first() {
            None => return Ok(true),
            // It is there as long as it is the first.
            Some(first) if *first == there.first => return Ok(false),
            Some(_) if !are_listed && denied.len() as u64 == MOST => return Ok(true),
            Some(_) => {}
        }
        let is_denied = |sequence| async move { Ok(self.message(stream, sequence).await?.is_none()) };
        let are_denied = stream::iter(denied).map(is_denied).buffer_unordered(AT_ONCE);
        if !are_denied.try_all(|is_denied| async move { is_denied }).await? {
            return Ok(false);
        }
        if !are_listed {
            // Who is beside them, nobody knows.
            return Ok(self.message(stream, there.first).await?.is_some());
        }
        let sides = messages.iter().filter(|range| there.within(range).next().is_some()).flat_map(|range| {
            let before: Vec<_> = there.before(range, messages).take(MOST_BESIDE).collect();
            [before, there.behind(range, messages).take(MOST_BESIDE).collect()]
        });
        let sides: Vec<_> = sides.filter(|side| !side.is_empty()).collect();
        let finds = sides.into_iter().map(|side| async move {
            for sequence in side {
                if self.message(stream, sequence).await?.is_some() {
                    return Ok(true);
                }
            }
            Ok::<_, StoreError>(false)
        });
        stream::iter(finds).buffer_unordered(AT_ONCE).try_all(|finds_one| async move { finds_one }).await
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

    /// Those in front of a range, the nearest first, but for those of all ranges.
    fn before(&self, range: &RangeInclusive<u64>, but: &[RangeInclusive<u64>]) -> impl Iterator<Item = u64> {
        (self.first..(*range.start()).min(self.last + 1))
            .rev()
            .filter(|sequence| self.is_other(*sequence, but))
    }

    /// Those behind it.
    fn behind(&self, range: &RangeInclusive<u64>, but: &[RangeInclusive<u64>]) -> impl Iterator<Item = u64> {
        (self.first.max(range.end() + 1)..=self.last).filter(|sequence| self.is_other(*sequence, but))
    }

    fn is_other(&self, sequence: u64, but: &[RangeInclusive<u64>]) -> bool {
        let next = but.get(but.partition_point(|range| *range.end() < sequence));
        self.has(sequence) && !next.is_some_and(|range| range.contains(&sequence))
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
        }
        assert_eq!(there.within(&(9..=15)).collect::<Vec<_>>(), [10, 11, 15]);
    }

    #[test]
    fn those_beside_are_neither_deleted_nor_denied() {
        let there = there(10, 20, &[14, 12, 13]);
        let passed = [15..=16, 17..=17];
        assert_eq!(there.before(&passed[0], &passed).collect::<Vec<_>>(), [11, 10]);
        assert_eq!(there.behind(&passed[0], &passed).collect::<Vec<_>>(), [18, 19, 20]);
        let all = [10..=20];
        assert_eq!(there.before(&all[0], &all).chain(there.behind(&all[0], &all)).next(), None);
    }

    #[test]
    fn of_an_empty_stream_all_is_gone() {
        for (first, last) in [(0, 0), (8, 7)] {
            assert_eq!(there(first, last, &[]).within(&(1..=7)).next(), None);
        }
    }
}
