//! Reading: what comes next for the client.

use std::sync::Arc;
use std::task::Context;

use super::super::log::{NewestOfKey, Read};
use super::super::reset::ResetReason;
use super::super::start::{Slow, Start};
use super::super::sync::Ordering;
use super::beginning::Beginning;
use super::{Output, Reader, Stop};
use crate::encode::Frame;

/// So many events are left out before others get their turn.
const MAX_LEFT_OUT: usize = 1024;

impl Reader {
    /// What comes next, unless there is nothing yet.
    pub(in crate::channel) fn read(&mut self, context: &mut Context<'_>) -> Option<Output> {
        let output = self.poll_turn(context).or_else(|| self.find_next());
        match output {
            Some(Output::Lagged) => self.shared.counts.disconnected(),
            Some(Output::Reset(_)) => self.shared.counts.reset(ResetReason::Lagged),
            _ => {}
        }
        if output.is_none() || self.tally.is_full() {
            self.hand_in();
        }
        self.note_place();
        output
    }

    fn find_next(&mut self) -> Option<Output> {
        let end = self.shared.end.load(Ordering::Acquire);
        if let Some(output) = self.read_newest_of_key() {
            return Some(output);
        }
        if let Some(last) = self.end_behind_all() {
            return Some(last);
        }
        let mut left_out = 0;
        while self.next.place < end {
            if left_out == MAX_LEFT_OUT {
                return Some(Output::Yield);
            }
            left_out += 1;
            let log = self.shared.read_log();
            let read = log.read(self.next.place);
            drop(log);
            match read {
                Read::Entry { frame, next, superseded } => {
                    let replayed = self.next.place < self.live_from;
                    self.next = next;
                    if let Some(frame) = self.pass(frame, replayed, superseded) {
                        return Some(Output::Event { frame, sequence: next.mark.sequence });
                    }
                }
                Read::Trimmed => return Some(self.lag()),
                Read::CaughtUp => break,
            }
        }
        // What was left out may have been the last before the end, which wakes nobody again.
        self.end_behind_all()
    }

    /// The last output, once the channel drains and all is read that was there when this was noticed.
    fn end_behind_all(&mut self) -> Option<Output> {
        self.membership.as_ref()?.slot.ending()?;
        // Looked up only now: what was looked up before may lie before an event that was published ahead of the drain.
        let Stop { place, sequence } = *self.stop.get_or_insert_with(|| Stop {
            // The number first, so that what has one up to it lies before the place.
            sequence: self.shared.sequencer.newest(),
            place: self.shared.end.load(Ordering::Acquire),
        });
        if self.next.place < place { None } else { Some(Output::End { frame: self.end()?, sequence }) }
    }

    /// Waits for the client's turn, while it has something to replay.
    fn poll_turn(&mut self, context: &mut Context<'_>) -> Option<Output> {
        if self.turns.is_over() {
            let bytes = self.left_to_replay()?;
            self.turns.ask(&self.shared.admission, &self.shared.counts, bytes);
        }
        if self.turns.poll(&self.shared.counts, context).is_ready() {
            return None;
        }
        self.register(context);
        // Of the newest of their keys, nothing is known to be complete before the last.
        let sequence = if self.newest_of_key.is_some() { 0 } else { self.next.mark.sequence };
        Some(self.end().map_or(Output::Wait, |frame| Output::End { frame, sequence }))
    }

    /// About how many bytes there are to be replayed, if there are any.
    fn left_to_replay(&self) -> Option<u64> {
        let events = match self.newest_of_key {
            None => self.live_from.checked_sub(self.next.place).filter(|events| *events > 0)?,
            Some(_) => self.replayed,
        };
        Some(self.shared.read_log().estimate(events))
    }

    /// The newest event of the next key, while the subscription begins with them.
    fn read_newest_of_key(&mut self) -> Option<Output> {
        for _ in 0..MAX_LEFT_OUT {
            let log = self.shared.read_log();
            let newest = log.read_newest_of_key(self.newest_of_key?, self.live_from);
            drop(log);
            let (place, sequence, frame) = match newest {
                NewestOfKey::Event { place, sequence, frame } => (place, sequence, frame),
                NewestOfKey::None { before } => {
                    self.newest_of_key = Some(before);
                    break;
                }
                NewestOfKey::End => {
                    self.newest_of_key = None;
                    return None;
                }
            };
            self.newest_of_key = Some(place + 1);
            self.turns.spend(&self.shared.admission, frame.stored_len());
            if self.filter.as_ref().is_none_or(|filter| filter.keeps(&frame)) {
                self.tally.delivered(true);
                return Some(Output::Event { frame, sequence });
            }
            self.tally.filtered();
        }
        Some(Output::Yield)
    }

    /// The frame if it is to be sent, or the checkpoint that is due in its place.
    fn pass(&mut self, frame: Frame, replayed: bool, superseded: bool) -> Option<Frame> {
        if replayed {
            self.turns.spend(&self.shared.admission, frame.stored_len());
        }
        let superseded = superseded && self.slow == Slow::Coalesce;
        let skipped = superseded || replayed && frame.is_ephemeral();
        let kept = !skipped && self.filter.as_ref().is_none_or(|filter| filter.keeps(&frame));
        if kept {
            self.tally.delivered(replayed);
            self.filter.iter_mut().for_each(|filter| filter.passed());
            return Some(frame);
        }
        if superseded {
            self.tally.superseded();
        } else if !skipped {
            self.tally.filtered();
        }
        if !self.filter.as_mut()?.left_out() {
            return None;
        }
        let log = self.shared.read_log();
        Some(Frame::checkpoint(&log.cursor(self.next).to_string()))
    }

    /// What stood at the reader's place has been trimmed.
    fn lag(&mut self) -> Output {
        let start = match self.slow {
            Slow::Disconnect => {
                self.ended = true;
                return Output::Lagged;
            }
            Slow::Skip => self.start,
            Slow::Coalesce => Start::LatestPerKey,
        };
        let shared = Arc::clone(&self.shared);
        let log = shared.read_log();
        let seen = Some(self.next.mark.count);
        let beginning = Beginning::reset(&log, start, ResetReason::Lagged, seen);
        self.live_from = log.end();
        drop(log);
        self.begin_at(&beginning);
        match self.first.take() {
            Some(reset) => {
                self.lagged = true;
                Output::Reset(reset)
            }
            // A reset that could not be encoded at all would be a silent hole.
            None => {
                self.ended = true;
                Output::Lagged
            }
        }
    }
}
