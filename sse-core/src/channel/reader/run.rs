//! What a reader that reads on is to get next, at hand for its thread.

use std::cell::RefCell;
use std::collections::VecDeque;

use super::super::log::{Log, Point};
use crate::encode::Frame;

/// The events behind a point of a log, which one that read up to there is likely to read.
///
/// Who reads many events takes the log's lock once for some of them: where several threads read one log, its lock is what they wait for.
struct Run {
    log: u64,
    /// The next of them lies behind this point.
    at: Point,
    frames: VecDeque<(Frame, Point)>,
    /// So many are taken when these are read.
    more: usize,
}

thread_local! {
    static RUN: RefCell<Run> = const {
        RefCell::new(Run { log: 0, at: Point::START, frames: VecDeque::new(), more: 0 })
    };
}

/// So many are taken for who has read two, and twice as many each time,
const FEWEST: usize = 4;
/// up to this many.
const MOST: usize = 32;

/// None is longer: a thread keeps what is not read until another reads on.
const MAX_LEN: usize = 1 << 10;

/// What lies behind this point of this log, if it is at hand, and the log, which has let go of so many, still has it. Takes the point
/// behind it.
#[inline]
pub(super) fn next(log: u64, at: &mut Point, trimmed: u64) -> Option<Frame> {
    // A thread that ends has none any more.
    let next = RUN.try_with(|run| {
        let run = &mut *run.try_borrow_mut().ok()?;
        if run.log != log || run.at != *at || at.mark.count < trimmed {
            return None;
        }
        let (frame, next) = run.frames.pop_front()?;
        (run.at, *at) = (next, next);
        Some(frame)
    });
    next.ok()?
}

/// One has read up to this point of this log: what follows is taken, if it has read what lies before as well.
pub(super) fn read_on(serial: u64, before: Point, at: Point, log: &Log) {
    let read_on = |run: &RefCell<Run>| {
        let Ok(mut run) = run.try_borrow_mut() else { return };
        let reads_on = run.log == serial && run.at == before && run.frames.is_empty();
        run.frames.clear();
        run.more = if reads_on { (2 * run.more).clamp(FEWEST, MOST) } else { 0 };
        (run.log, run.at) = (serial, at);
        let mut next = at;
        for _ in 0..run.more {
            let Some(frame) = log.read_along(&mut next).filter(|frame| frame.stored_len() <= MAX_LEN) else {
                break;
            };
            run.frames.push_back((frame.clone(), next));
        }
    };
    // A thread that ends reads nothing any more.
    let _gone = RUN.try_with(read_on);
}
