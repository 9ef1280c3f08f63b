//! Where subscribers have their wakers, side by side in memory.

use std::sync::Arc;
use std::task::Waker;

use super::super::sync::{AtomicBool, Ordering};
use super::slot::{Key, Slot};

/// The places of subscribers.
///
/// Whoever wakes holds the wakers of one block at a time, and no lock: a waker may run anything, even the end of a subscription.
/// Nobody is let into a block that is held, and the waker of one that leaves it is dropped once it is released.
#[derive(Default)]
pub(super) struct Blocks {
    blocks: Vec<Block>,
    free: Vec<Key>,
    taken: usize,
}

struct Block {
    waits: Arc<Flags>,
    /// What an event for all needs of each, and no more.
    wakers: Arc<Wakers>,
    slots: Box<[Option<Arc<Slot>>]>,
    /// Those that left while it was held.
    left: Vec<Key>,
}

/// Who of a block waits, or did when it left.
pub(super) type Flags = [AtomicBool];

type Wakers = [Option<Waker>];

/// A block out of which somebody wakes.
pub(super) struct Hold {
    block: u32,
    waits: Arc<Flags>,
    wakers: Arc<Wakers>,
}

/// What is to be dropped without the lock, since it may run anything, too.
#[derive(Default)]
#[must_use = "drop it without the lock"]
pub(super) struct Leftovers {
    _waker: Option<Waker>,
    _wakers: Vec<Waker>,
    _blocks: Vec<Block>,
    _hold: Option<Hold>,
}

/// So many places the first block has, and each one more four times as many, so that a channel with few subscribers is small.
const FIRST: usize = if cfg!(typed_sse_loom) { 1 } else { 4 };

/// So many places a block has at the most. The model checker sees two blocks where there are two subscribers.
const MOST: usize = if cfg!(typed_sse_loom) { 1 } else { 1 << INDEX_BITS };

const INDEX_BITS: u32 = 8;

impl Blocks {
    /// How many places are taken.
    pub(super) const fn len(&self) -> usize {
        self.taken
    }

    pub(super) fn slots(&self) -> impl Iterator<Item = &Arc<Slot>> {
        self.blocks.iter().flat_map(|block| block.slots.iter().flatten())
    }

    /// Gives a slot a place, with what is woken there.
    pub(super) fn insert(&mut self, slot: Arc<Slot>, waker: Option<Waker>) -> (Key, Arc<Flags>) {
        self.taken += 1;
        let key = self.take_free();
        slot.set_key(key);
        let block = &mut self.blocks[key.block()];
        block.slots[key.index()] = Some(slot);
        if let Some(place) = block.waker_mut(key) {
            *place = waker;
        }
        (key, Arc::clone(&block.waits))
    }

    /// A free place in a block that nobody holds.
    fn take_free(&mut self) -> Key {
        loop {
            let Self { blocks, free, .. } = self;
            if let Some(at) = free.iter().rposition(|key| !blocks[key.block()].is_held()) {
                return free.swap_remove(at);
            }
            let block = blocks.len() as u32;
            let size = blocks.last().map_or(FIRST, |last| MOST.min(4 * last.slots.len()));
            blocks.push(Block::new(size));
            free.extend((0..size as u32).rev().map(|index| Key(block << INDEX_BITS | index)));
        }
    }

    /// Frees a place.
    pub(super) fn remove(&mut self, key: Key) -> Leftovers {
        self.taken -= 1;
        if self.taken == 0 {
            // What one rush of clients has grown is given back once they are gone.
            self.free = Vec::new();
            return Leftovers { _blocks: std::mem::take(&mut self.blocks), ..Leftovers::default() };
        }
        let block = &mut self.blocks[key.block()];
        block.slots[key.index()] = None;
        let Some(waker) = block.waker_mut(key).map(Option::take) else {
            block.left.push(key);
            return Leftovers::default();
        };
        self.free.push(key);
        Leftovers { _waker: waker, ..Leftovers::default() }
    }

    /// Has another waker woken in a place; if that is held, in another place, which is returned.
    pub(super) fn set_waker(&mut self, key: Key, waker: Waker) -> (Option<(Key, Arc<Flags>)>, Leftovers) {
        let block = &mut self.blocks[key.block()];
        if let Some(place) = block.waker_mut(key) {
            let before = place.replace(waker);
            return (None, Leftovers { _waker: before, ..Leftovers::default() });
        }
        let Some(slot) = block.slots[key.index()].take() else { return (None, Leftovers::default()) };
        let place = self.insert(slot, Some(waker));
        (Some(place), self.remove(key))
    }

    /// What is woken for a slot, if that has a place still.
    pub(super) fn waker(&self, slot: &Slot) -> Option<Waker> {
        let key = slot.key();
        let Block { slots, wakers, .. } = self.blocks.get(key.block())?;
        let is_there = slots.get(key.index())?.as_deref().is_some_and(|there| std::ptr::eq(there, slot));
        wakers.get(key.index())?.clone().filter(|_| is_there)
    }

    /// Holds a block: `None` behind the last.
    pub(super) fn hold(&self, block: u32) -> Option<Hold> {
        let Block { waits, wakers, .. } = self.blocks.get(block as usize)?;
        Some(Hold { block, waits: Arc::clone(waits), wakers: Arc::clone(wakers) })
    }

    pub(super) fn release(&mut self, hold: Hold) -> Leftovers {
        let block = self.blocks.get_mut(hold.block as usize);
        let Some(block) = block.filter(|block| Arc::ptr_eq(&block.wakers, &hold.wakers)) else {
            // All have left meanwhile.
            return Leftovers { _hold: Some(hold), ..Leftovers::default() };
        };
        drop(hold);
        if block.left.is_empty() || block.is_held() {
            return Leftovers::default();
        }
        let left = std::mem::take(&mut block.left);
        let wakers = left.iter().filter_map(|key| block.waker_mut(*key)?.take()).collect();
        self.free.extend(left);
        Leftovers { _wakers: wakers, ..Leftovers::default() }
    }
}

impl Key {
    const fn block(self) -> usize {
        (self.0 >> INDEX_BITS) as usize
    }

    pub(super) const fn index(self) -> usize {
        (self.0 & ((1 << INDEX_BITS) - 1)) as usize
    }
}

impl Block {
    fn new(size: usize) -> Self {
        Self {
            waits: (0..size).map(|_| AtomicBool::new(false)).collect(),
            wakers: (0..size).map(|_| None).collect(),
            slots: (0..size).map(|_| None).collect(),
            left: Vec::new(),
        }
    }

    fn is_held(&self) -> bool {
        Arc::strong_count(&self.wakers) > 1
    }

    /// To be changed, unless the block is held.
    fn waker_mut(&mut self, key: Key) -> Option<&mut Option<Waker>> {
        Arc::get_mut(&mut self.wakers)?.get_mut(key.index())
    }
}

impl Hold {
    /// Wakes all from this one on that wait, and counts it on before each.
    pub(super) fn wake_from(&self, index: &mut usize) {
        while let Some((waits, waker)) = self.waits.get(*index).zip(self.wakers.get(*index)) {
            *index += 1;
            if let Some(waker) = waker.as_ref().filter(|_| waits.load(Ordering::Acquire)) {
                // Before it is woken: it waits again only then.
                waits.store(false, Ordering::Relaxed);
                waker.wake_by_ref();
            }
        }
    }
}

#[cfg(all(test, not(typed_sse_loom)))]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::task::Wake;

    use super::*;

    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    impl Woken {
        fn times(&self) -> usize {
            self.0.load(Ordering::Relaxed)
        }
    }

    /// One that waits, and the place that it has.
    fn wait(blocks: &mut Blocks) -> (Arc<Woken>, Key) {
        let woken = Arc::<Woken>::default();
        let (key, waits) = blocks.insert(Arc::default(), Some(Waker::from(Arc::clone(&woken))));
        waits[key.index()].store(true, Ordering::Relaxed);
        (woken, key)
    }

    fn wake_all(blocks: &mut Blocks) {
        for block in 0.. {
            let Some(hold) = blocks.hold(block) else { return };
            hold.wake_from(&mut 0);
            drop(blocks.release(hold));
        }
    }

    #[test]
    fn each_is_woken_once_however_many_there_are() {
        let mut blocks = Blocks::default();
        let all: Vec<_> = (0..1000).map(|_| wait(&mut blocks).0).collect();
        assert_eq!((blocks.len(), blocks.slots().count()), (1000, 1000));
        wake_all(&mut blocks);
        wake_all(&mut blocks);
        assert!(all.iter().all(|woken| woken.times() == 1));
    }

    #[test]
    fn nobody_gets_into_a_block_that_is_held() {
        let mut blocks = Blocks::default();
        let (_, first) = wait(&mut blocks);
        let hold = blocks.hold(0).unwrap();
        let (later, key) = wait(&mut blocks);
        assert_ne!(key.block(), first.block());
        hold.wake_from(&mut 0);
        assert_eq!(later.times(), 0);
        drop(blocks.release(hold));
        assert_eq!(wait(&mut blocks).1.block(), key.block(), "there is room in the newest");
    }

    #[test]
    fn the_waker_of_one_that_leaves_goes_when_its_block_is_released() {
        let mut blocks = Blocks::default();
        let ((leaving, key), (_staying, _)) = (wait(&mut blocks), wait(&mut blocks));
        let holds = [(); 2].map(|()| blocks.hold(0).unwrap());
        drop(blocks.remove(key));
        let [one, other] = holds;
        drop(blocks.release(one));
        assert_eq!(Arc::strong_count(&leaving), 2, "the other may wake it still");
        drop(blocks.release(other));
        assert_eq!(Arc::strong_count(&leaving), 1);
        let (_, next) = wait(&mut blocks);
        assert_eq!((next.block(), next.index()), (key.block(), key.index()), "its place is free again");
    }

    #[test]
    fn a_task_that_takes_over_is_woken_in_place_of_the_other() {
        let mut blocks = Blocks::default();
        let (before, key) = wait(&mut blocks);
        let after = Arc::<Woken>::default();
        let (moved, leftovers) = blocks.set_waker(key, Waker::from(Arc::clone(&after)));
        drop(leftovers);
        assert!(moved.is_none());
        wake_all(&mut blocks);
        assert_eq!((before.times(), after.times()), (0, 1));

        // Whoever holds the block knows the old one only.
        let hold = blocks.hold(0).unwrap();
        let last = Arc::<Woken>::default();
        let (moved, leftovers) = blocks.set_waker(key, Waker::from(Arc::clone(&last)));
        drop(leftovers);
        let (key, waits) = moved.unwrap();
        waits[key.index()].store(true, Ordering::Relaxed);
        hold.wake_from(&mut 0);
        drop(blocks.release(hold));
        wake_all(&mut blocks);
        assert_eq!((last.times(), blocks.len()), (1, 1));
    }

    #[test]
    fn nothing_is_left_once_all_have_left() {
        let mut blocks = Blocks::default();
        let all: Vec<_> = (0..100).map(|_| wait(&mut blocks)).collect();
        let hold = blocks.hold(1).unwrap();
        all.iter().for_each(|(_, key)| drop(blocks.remove(*key)));
        assert!(blocks.blocks.is_empty() && blocks.free.is_empty());
        // Those of a block that is not there any more go with who held it.
        let (next, _) = wait(&mut blocks);
        drop(blocks.release(hold));
        assert!(all.iter().all(|(woken, _)| Arc::strong_count(woken) == 1));
        wake_all(&mut blocks);
        assert_eq!(next.times(), 1);
    }
}
