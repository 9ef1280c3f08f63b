//! Reading: what comes next for the client.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use super::super::delivery::Membership;
use super::super::log::{Read, State as Found};
use super::super::reset::ResetReason;
use super::super::shared::Shared;
use super::super::sight::Tally;
use super::super::start::{Slow, Start};
use super::beginning::{Beginning, Begun, Outcome, Request};
use super::{Reader, Stop, newest, run, start_of};
use crate::encode::Frame;

/// What comes next for the client.
pub(crate) enum Output {
    /// An event, or a checkpoint in place of those that were left out, with the sequence number that it reaches.
    Event {
        frame: Frame,
        sequence: u64,
        /// In which order it comes with what reaches the same number.
        order: Order,
    },
    /// It fell behind and begins anew. So many are missed, if that is known.
    Overtaken { missed: Option<u64> },
    /// The last frame: a reconnection time. Whatever has a number up to this has been read.
    End { frame: Frame, sequence: u64 },
    /// All was read, and nothing more will come.
    Finished,
    /// The end of one that fell behind.
    Lagged,
    /// Nothing yet, but so much was left out that others are to have their turn first.
    Yield,
    /// Nothing yet: it waits for its turn to replay, or for the store, and is woken then.
    Wait,
    /// The event that its client came back with, which only the store has, and its number.
    Had { frame: Frame, sequence: u64 },
    /// The store has let go of what its client was to get.
    Gone,
    /// The store does not answer.
    Failed,
}

/// In which order comes what reaches the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Order {
    /// The event that has it.
    Event,
    /// The last event of a state, whose ID says that the client has all up to this number.
    EndsState(u64),
    /// What is live only, and a block that says that the client has all.
    Behind,
}

/// Where one goes on that fell behind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Falls {
    pub(crate) start: Start,
    pub(crate) by_state: bool,
    /// It was told that it fell behind before, and has got nothing since.
    pub(crate) owes_event: bool,
    /// It may end with an event that the application names.
    pub(crate) may_end: bool,
}

/// So many events are left out before others get their turn.
pub(super) const MAX_LEFT_OUT: u64 = 1024;

/// To leave out so many that are superseded takes no longer than one that the application's filter is asked about.
const SUPERSEDED_AT_ONCE: u64 = 64;

impl Reader {
    /// What comes next, unless there is nothing yet. `falls` says where it goes on if it fell behind.
    pub(crate) fn read(&mut self, context: &mut Context<'_>, falls: Falls) -> Option<Output> {
        let output = self.poll_turn(context).or_else(|| self.read_on(context, falls));
        if matches!(output, Some(Output::Lagged)) {
            self.shared.counts.disconnected();
        }
        self.note_place();
        output
    }

    /// Whether the client reads along and wants everything, as most do most of the time: it needs nothing of what is there for
    /// others. It does so until it reads in another way.
    pub(crate) fn reads_along(&self) -> bool {
        self.narrow.is_none()
            && self.state.is_none()
            && !self.coalesces()
            && self.next.place() >= self.live_from
            && !self.is_waiting()
    }

    /// The next event of such a client, or that it waits. `None` if there is something else.
    ///
    /// From here to the application, nothing is called that is not inlined: a frame would be copied at each call.
    #[inline]
    pub(crate) fn poll_along(&mut self, context: &Context<'_>) -> Option<Poll<Frame>> {
        if self.ending().is_some() {
            return None;
        }
        if !self.shared.has_more(self.next.place()) {
            self.register(context);
            // Something may have come before the waker was in its place.
            if !self.has_more() {
                return Some(Poll::Pending);
            }
        }
        self.read_along().map(Poll::Ready)
    }

    #[inline]
    fn read_along(&mut self) -> Option<Frame> {
        let Shared { serial, trimmed, .. } = &*self.shared;
        let at_hand = newest::find(*serial, &mut self.next)
            .or_else(|| run::next(*serial, &mut self.next, trimmed.load(Ordering::Relaxed)));
        let frame = match at_hand {
            Some(frame) => frame,
            None => self.read_along_log()?,
        };
        if let Some(Membership { slot, .. }) = &self.membership {
            slot.tally.delivered(false);
            slot.reads(self.next.place());
        }
        Some(frame)
    }

    /// The frame is cloned last, so that it is made where it is returned: to move what was written just now stalls the processor.
    #[cold]
    fn read_along_log(&mut self) -> Option<Frame> {
        let at = self.next;
        let log = self.shared.read_log();
        let frame = log.read_along(&mut self.next)?;
        if self.next.place() == self.shared.end() {
            newest::note(self.shared.serial, at, frame, self.next);
        } else {
            run::read_on(self.shared.serial, at, self.next, &log);
        }
        Some(frame.clone())
    }

    fn read_on(&mut self, context: &mut Context<'_>, falls: Falls) -> Option<Output> {
        let mut left_out = 0;
        loop {
            if let Some(output) = self.read_store(context, &mut left_out) {
                return Some(output);
            }
            let output = self.find_next(falls);
            if output.is_some() || !self.is_paging() {
                return output;
            }
        }
    }

    /// What comes next of the window. Nothing, with a page asked for, if that is in the store.
    fn find_next(&mut self, falls: Falls) -> Option<Output> {
        if let Some(output) = self.read_state(falls) {
            return Some(output);
        }
        if let Some(last) = self.end_behind_all() {
            return Some(last);
        }
        let mut left_out = 0;
        while self.shared.has_more(self.next.place()) {
            if left_out >= MAX_LEFT_OUT {
                return Some(Output::Yield);
            }
            if self.awaits_question() && self.is_before_window() {
                // First those, though one that coalesces could go on with what is kept for its key.
                self.ask_store(falls);
                return None;
            }
            let read = self.shared.read_log().read(self.next, self.coalesces());
            self.before = self.here();
            match read {
                Read::Entry { frame, sequence, next } => {
                    left_out += 1;
                    let replayed = self.next.place() < self.live_from;
                    self.next = next;
                    if let Some(frame) = self.pass(frame, replayed) {
                        let order = if frame.is_ephemeral() { Order::Behind } else { Order::Event };
                        return Some(Output::Event { frame, sequence, order });
                    }
                }
                Read::Superseded { events, next } => {
                    left_out += 1 + events / SUPERSEDED_AT_ONCE;
                    self.next = next;
                    if let Some(frame) = self.pass_superseded(events) {
                        return Some(Output::Event {
                            frame,
                            sequence: next.mark.sequence,
                            order: Order::Behind,
                        });
                    }
                }
                Read::Trimmed if self.is_before_window() => {
                    self.ask_store(falls);
                    return None;
                }
                Read::Trimmed if self.is_replay_of_store() => return Some(Output::Gone),
                Read::Trimmed => return Some(self.lag(falls)),
                Read::CaughtUp(end) => {
                    self.next = end;
                    break;
                }
                Read::Finished(end) => {
                    self.next = end;
                    return Some(self.finish());
                }
            }
        }
        // What was left out may have been the last before the end, which wakes nobody again.
        self.end_behind_all().or_else(|| self.checkpoint_when_quiet())
    }

    /// The last output, once the channel drains and all is read that was there when this was noticed.
    fn end_behind_all(&mut self) -> Option<Output> {
        self.ending()?;
        // Looked up only now: what was looked up before may lie before an event that was published ahead of the drain.
        let Stop { place, sequence } = **self.stop.get_or_insert_with(|| {
            // The number first, so that what has one up to it lies before the place.
            let sequence = self.shared.sequencer.newest();
            Box::new(Stop { place: self.shared.end(), sequence })
        });
        if self.next.place() < place { None } else { Some(Output::End { frame: self.end()?, sequence }) }
    }

    /// Waits for the client's turn, while it has something to replay.
    pub(super) fn poll_turn(&mut self, context: &mut Context<'_>) -> Option<Output> {
        if self.turns.is_over() {
            let bytes = self.left_to_replay()?;
            self.turns.ask(&self.shared.admission, &self.shared.counts, bytes);
        }
        if self.turns.poll(&self.shared.counts, context).is_ready() {
            return None;
        }
        self.register(context);
        // Of the newest of their keys, nothing is known to be complete before the last.
        let sequence = if self.state.is_some() { 0 } else { self.next.mark.sequence };
        Some(self.end().map_or(Output::Wait, |frame| Output::End { frame, sequence }))
    }

    /// About how many bytes there are to be replayed, if there are any.
    fn left_to_replay(&self) -> Option<u64> {
        let behind = self.live_from.checked_sub(self.next.place()).filter(|events| *events > 0);
        // Who read live and has fallen behind a window gets from the store what lies before that, as others who replay.
        if behind.is_none() && self.state.is_none() && !self.is_paging() {
            return None;
        }
        let log = self.shared.read_log();
        let events = if self.state.is_some() { log.keys() as u64 } else { log.left(self.next.mark) };
        Some(log.estimate(events))
    }

    /// The newest event of the next key, while the subscription begins with them. None has an ID: only behind the last is
    /// the client where an ID could say that it is.
    fn read_state(&mut self, falls: Falls) -> Option<Output> {
        self.before = self.here();
        if self.state.is_some() && self.shared.read_log().is_of_past_life(self.next.mark) {
            return Some(self.lag(falls));
        }
        let mut left_out = 0;
        while left_out < MAX_LEFT_OUT {
            let state = self.state.as_mut()?;
            let found = self.shared.read_log().read_state(state.behind, state.up_to);
            left_out += 1;
            let (sequence, frame) = match found {
                Found::Event { sequence, frame } => (sequence, frame),
                Found::None { up_to, events } => {
                    state.behind = up_to;
                    left_out += events / SUPERSEDED_AT_ONCE;
                    continue;
                }
                Found::Lost => return Some(self.lag(falls)),
                Found::End => {
                    let last = self.state.take().and_then(|state| state.last);
                    return self.end_state(last);
                }
            };
            state.behind = sequence;
            self.turns.spend(&self.shared.admission, frame.stored_len());
            if self.narrow.as_ref().is_some_and(|narrow| !narrow.keeps(&frame)) {
                count(&self.membership, |tally| tally.filtered());
                continue;
            }
            count(&self.membership, |tally| tally.delivered(true));
            let found = (sequence, frame);
            let found =
                if self.tells { Some(found) } else { state.last.replace(Box::new(found)).map(|last| *last) };
            if let Some((sequence, frame)) = found {
                return Some(Output::Event { frame: frame.without_id(), sequence, order: Order::Event });
            }
        }
        Some(Output::Yield)
    }

    /// The frame if it is to be sent, or the checkpoint that is due in its place.
    pub(super) fn pass(&mut self, frame: Frame, replayed: bool) -> Option<Frame> {
        if replayed {
            self.turns.spend(&self.shared.admission, frame.stored_len());
        }
        match &mut self.narrow {
            Some(narrow) if !narrow.keeps(&frame) => {
                count(&self.membership, |tally| tally.filtered());
                if frame.is_ephemeral() { None } else { self.leave_out(1) }
            }
            narrow => {
                count(&self.membership, |tally| tally.delivered(replayed));
                if let Some(narrow) = narrow.as_mut().filter(|_| frame.id().is_some()) {
                    narrow.told();
                }
                Some(frame)
            }
        }
    }

    /// The checkpoint that is due in the place of events that newer ones have superseded.
    fn pass_superseded(&mut self, events: u64) -> Option<Frame> {
        count(&self.membership, |tally| tally.superseded(events));
        self.leave_out(events)
    }

    /// The checkpoint that is due in the place of so many events.
    fn leave_out(&mut self, events: u64) -> Option<Frame> {
        let narrow = self.narrow.as_mut().filter(|_| self.tells)?;
        narrow.left_out(events, self.shared.read_log().horizon()).then(|| self.checkpoint())
    }

    /// A block that tells the client where it is.
    fn checkpoint(&self) -> Frame {
        Frame::checkpoint(self.name().as_str())
    }

    /// What has an ID that says how far the client is.
    const fn place(&self, frame: Frame) -> Output {
        Output::Event { frame, sequence: self.next.mark.sequence, order: Order::Behind }
    }

    fn checkpoint_when_quiet(&mut self) -> Option<Output> {
        let (log, read) = (&self.shared, self.next.mark);
        if !self.tells || !self.narrow.as_mut()?.is_quiet(|| log.read_log().retained_before(read)) {
            return None;
        }
        self.before = self.here();
        Some(self.place(self.checkpoint()))
    }

    /// What says that the client has the whole state: a block of its own, or the last event.
    fn end_state(&self, last: Option<Box<(u64, Frame)>>) -> Option<Output> {
        if let Some(last) = last {
            let (sequence, frame) = *last;
            let order = Order::EndsState(self.next.mark.sequence);
            return Some(Output::Event { frame: frame.with_cursor(&self.name()), sequence, order });
        }
        self.tells.then(|| self.place(self.checkpoint()))
    }

    fn finish(&mut self) -> Output {
        if self.tells && self.narrow.as_mut().is_some_and(|narrow| narrow.is_at_end()) {
            self.before = self.here();
            return self.place(self.checkpoint());
        }
        self.ended = true;
        Output::Finished
    }

    /// What stood at the reader's place has been trimmed.
    pub(super) fn lag(&mut self, Falls { start, by_state, owes_event, .. }: Falls) -> Output {
        if self.slow == Slow::Disconnect {
            self.ended = true;
            return Output::Lagged;
        }
        let shared = Arc::clone(&self.shared);
        let newest = shared.sequencer.newest();
        let log = shared.read_log();
        // Of a state, nobody counts what it had.
        let seen = Some(self.next.mark.count).filter(|_| self.state.is_none());
        let asked = start;
        let start = match start_of(self.slow, start) {
            // Of what is there, it is to get something.
            Start::Live | Start::Last(0) if owes_event => Start::Last(1),
            Start::LatestPerKey if owes_event && log.keys() == 0 => Start::Last(1),
            start => start,
        };
        let request = Request::behind(start, by_state, self.coalesces(), newest);
        let mut beginning = Beginning::lost(&log, &request, ResetReason::Lagged, seen);
        if start != asked && !by_state {
            beginning.begun = Begun::Elsewhere(newest);
        }
        self.begin_at(&log, &beginning);
        if !by_state && start_of(self.slow, asked) == Start::LatestPerKey {
            // Of a state without a key, too: there may be one by the time that it is told.
            self.whole = self.next.mark.sequence;
        }
        drop(log);
        match beginning.outcome {
            Outcome::Lost(_, missed) => Output::Overtaken { missed },
            Outcome::GoesOn | Outcome::Begins => Output::Overtaken { missed: None },
        }
    }
}

fn count(membership: &Option<Membership>, count: impl FnOnce(&Tally)) {
    if let Some(membership) = membership {
        count(&membership.slot.tally);
    }
}
