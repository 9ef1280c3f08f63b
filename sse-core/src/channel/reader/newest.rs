//! The newest event, at hand for the readers of one thread.

use std::cell::RefCell;

use super::super::log::Point;
use crate::encode::Frame;

/// What the last reader of this thread found at the end of its log.
///
/// Of many that wait for one event, each finds the same. The first takes the log's lock, and the rest need not: what lies behind a
/// point of a log never changes.
struct Newest {
    log: u64,
    at: Point,
    frame: Frame,
    next: Point,
}

thread_local! {
    static NEWEST: RefCell<Option<Newest>> = const { RefCell::new(None) };
}

/// A thread keeps none that is longer, since it may keep it for long.
const MAX_LEN: usize = 16 << 10;

/// What lies behind this point of this log, if that was found last. Takes the point behind it.
#[inline]
pub(super) fn find(log: u64, at: &mut Point) -> Option<Frame> {
    // A thread that ends has none any more.
    let found = NEWEST.try_with(|newest| {
        let newest = newest.borrow();
        let newest = newest.as_ref().filter(|newest| newest.log == log && newest.at == *at)?;
        *at = newest.next;
        Some(newest.frame.clone())
    });
    found.ok()?
}

/// Takes note of what was found there.
pub(super) fn note(log: u64, at: Point, frame: &Frame, next: Point) {
    if frame.stored_len() <= MAX_LEN {
        let noted = Newest { log, at, frame: frame.clone(), next };
        let before = NEWEST.try_with(|newest| newest.replace(Some(noted)));
        drop(before);
    }
}
