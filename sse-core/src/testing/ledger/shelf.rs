//! What a log keeps of the events that it does not retain.

use std::collections::BTreeSet;

/// The newest events of their keys, by their place in the ledger: those that are part of a state, and tombstones.
#[derive(Default)]
pub(super) struct Shelves([BTreeSet<usize>; 2]);

impl Shelves {
    /// An event is retained no longer, and is the newest of its key. Returns what is let go for it, of so many at the most.
    pub(super) fn put(&mut self, index: usize, is_state: bool, most: usize) -> Option<usize> {
        let shelf = &mut self.0[usize::from(!is_state)];
        shelf.insert(index);
        if shelf.len() > most { shelf.pop_first() } else { None }
    }

    /// A newer one of its key was published.
    pub(super) fn remove(&mut self, index: usize) {
        self.0.iter_mut().for_each(|shelf| {
            shelf.remove(&index);
        });
    }
}
