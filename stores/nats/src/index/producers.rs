//! What each producer has stored last.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use serde::{Deserialize, Serialize};
use typed_sse_core::store::Token;

use super::verdict::{Refusal, Verdict};

/// The one that has been quiet for longest is forgotten past so many.
const MOST: usize = 65_536;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Producer {
    pub(super) name: String,
    pub(super) epoch: u64,
    pub(super) number: u64,
    pub(super) positions: Vec<u64>,
    /// Numbers of a life before that were not there when their turn had come.
    #[serde(skip)]
    skipped: Vec<Range<u64>>,
}

impl Producer {
    fn has_skipped(&self, number: u64) -> bool {
        self.skipped.iter().any(|skipped| skipped.contains(&number))
    }

    /// It came after all.
    fn came_late(&mut self, number: u64) {
        let Some(skipped) = self.skipped.iter_mut().find(|skipped| skipped.contains(&number)) else { return };
        let behind = number + 1..skipped.end;
        skipped.end = number;
        self.skipped.push(behind);
        self.skipped.retain(|skipped| !skipped.is_empty());
    }
}

#[derive(Debug, Default)]
pub(super) struct Producers {
    by_name: HashMap<String, Producer>,
    /// By where they stored last.
    by_position: BTreeMap<u64, String>,
}

impl Producers {
    pub(super) fn len(&self) -> usize {
        self.by_name.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Producer> {
        self.by_position.values().filter_map(|name| self.by_name.get(name))
    }

    /// Why this batch is not to be stored; `None` if it is the next of its producer.
    ///
    /// One of a life before is no gap: those that it skips may have been deleted.
    pub(super) fn judge(&self, token: &Token, is_of_before: bool) -> Option<Verdict> {
        let stored = self.by_name.get(&token.producer).filter(|stored| stored.epoch >= token.epoch);
        if let Some(newer) = stored.filter(|stored| stored.epoch > token.epoch) {
            return Some(Verdict::Refused(Refusal::Fenced { epoch: newer.epoch }));
        }
        let newest = stored.map_or(0, |stored| stored.number);
        if token.number > newest.saturating_add(1) && !is_of_before {
            return Some(Verdict::Refused(Refusal::Gap { expected: newest + 1 }));
        }
        let is_first = token.number > newest
            || is_of_before && stored.is_some_and(|stored| stored.has_skipped(token.number));
        if is_first {
            return None;
        }
        let positions = stored.filter(|stored| stored.number == token.number);
        Some(Verdict::Duplicate(positions.map_or_else(Vec::new, |stored| stored.positions.clone())))
    }

    pub(super) fn stored(&mut self, token: &Token, positions: &[u64]) {
        let Token { producer: name, epoch, number, .. } = token;
        let before = self.by_name.get_mut(name).filter(|before| before.epoch == *epoch);
        let (newest, mut skipped) = match before {
            Some(before) if before.number >= *number => return before.came_late(*number),
            Some(before) => (before.number, std::mem::take(&mut before.skipped)),
            None => (0, Vec::new()),
        };
        if *number > newest.saturating_add(1) {
            skipped.push(newest + 1..*number);
        }
        self.insert(Producer {
            name: name.clone(),
            epoch: *epoch,
            number: *number,
            positions: positions.to_vec(),
            skipped,
        });
    }

    pub(super) fn insert(&mut self, producer: Producer) {
        let last = producer.positions.last().copied().unwrap_or_default();
        self.by_position.insert(last, producer.name.clone());
        if let Some(before) = self.by_name.insert(producer.name.clone(), producer) {
            self.by_position.remove(&before.positions.last().copied().unwrap_or_default());
        }
        while self.by_name.len() > MOST {
            let Some((_, quiet)) = self.by_position.pop_first() else { return };
            self.by_name.remove(&quiet);
        }
    }
}
