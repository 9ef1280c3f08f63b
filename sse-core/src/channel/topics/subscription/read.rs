//! Reading several logs as one.

use std::cmp::Reverse;
use std::slice;
use std::task::{Context, Poll};

use super::super::super::error::SubscriptionError;
use super::super::super::log::Cursor;
use super::super::super::reader::{Ending, Order, Output, Reader};
use super::{Item, Place, TopicsSubscription};
use crate::encode::Frame;

impl<E> TopicsSubscription<E> {
    pub(super) fn poll_read(&mut self, context: &mut Context<'_>) -> Option<Poll<Option<Item>>> {
        loop {
            if let Some(topic) = self.unread.take() {
                if let Some(poll) = self.read_topic(topic, context) {
                    return Some(poll);
                }
            }
            match self.take_lowest() {
                Some(Some(frame)) => return Some(Poll::Ready(Some(Ok(frame)))),
                Some(None) => continue,
                None => {}
            }
            // Whatever has a number up to this can be read now, if it is there at all.
            let newest = self.sequencer.newest();
            if let Some(poll) = self.read_topics(context) {
                return Some(poll);
            }
            self.complete_to = newest;
            let last = self.end.as_ref().map(|(last, _)| *last);
            if self.waiting > 0 {
                // Whether it has the lowest number is known when its turn has come; the end does not wait for that.
                return last.and_then(|_| self.finish());
            }
            if self.lowest().is_some() {
                continue;
            }
            if last.is_some_and(|last| last <= newest) {
                return self.finish();
            }
            if self.ahead.is_empty() && self.readers.iter().all(Reader::is_ended) {
                self.visit.set_ended(Ending::Finished);
                return Some(Poll::Ready(None));
            }
            // What waits came while the others were read, so one of them may have a lower number by now; or its
            // publisher has not ended its turn, and wakes all when it has.
            let next = self.ahead.peek().map(|Reverse((sequence, ..))| *sequence);
            if last.is_none() && next.is_none_or(|next| self.sequencer.newest() < next) {
                return None;
            }
        }
    }

    /// Reads each topic of which no frame waits. Returns what does not wait for the other topics.
    fn read_topics(&mut self, context: &mut Context<'_>) -> Option<Poll<Option<Item>>> {
        let mut topics = 0..self.readers.len();
        topics.find_map(|i| if self.readers[i].has_news() { self.read_topic(i, context) } else { None })
    }

    fn read_topic(&mut self, index: usize, context: &mut Context<'_>) -> Option<Poll<Option<Item>>> {
        loop {
            let reader = &mut self.readers[index];
            if self.heads[index].is_some() || reader.is_ended() {
                return None;
            }
            self.waiting -= usize::from(reader.is_waiting());
            let output = reader.read(context, self.visit.falls());
            self.waiting += usize::from(reader.is_waiting());
            let mut output = output?;
            if matches!(output, Output::Gone) {
                if self.visit.may_begin_again(&self.readers) {
                    self.begin_again();
                    context.waker().wake_by_ref();
                    let told = self.visit.take_queued();
                    return Some(told.map_or(Poll::Pending, |told| Poll::Ready(Some(Ok(told)))));
                }
                output = self.readers[index].lag_behind_store(self.visit.falls());
            }
            match output {
                Output::Wait => return None,
                Output::Had { frame, sequence } => {
                    if self.visit.ends_with(slice::from_ref(&frame)) {
                        let told = self.visit.done(sequence, &self.sequencer, &self.readers);
                        return Some(Poll::Ready(told.map(Ok)));
                    }
                }
                // It begins anew, and goes on.
                Output::Gone => {}
                Output::Failed => return Some(Poll::Ready(Some(Ok(self.visit.fail())))),
                Output::Finished => {
                    self.has_ended = true;
                    return None;
                }
                Output::Event { frame, sequence, order } => {
                    self.ahead.push(Reverse((sequence, order, index)));
                    // Of what says only that the client has all, it has all.
                    self.readers[index].set_ahead(frame.is_event());
                    self.heads[index] = Some(frame);
                    return None;
                }
                // Behind it, the topic may go on anywhere.
                Output::Overtaken { missed } => {
                    let missed = if self.leave_past_life() { None } else { missed };
                    let Self { sequencer, readers, reached, visit, .. } = self;
                    if let Some(reset) = visit.overtaken(missed, sequencer, readers, reached) {
                        self.unread = Some(index);
                        return Some(Poll::Ready(Some(Ok(reset))));
                    }
                    if self.visit.is_by_state() {
                        // Nothing of the others before the state that is read anew: it would take the client past what it
                        // was not told of.
                        return Some(Poll::Pending);
                    }
                }
                // What was published before in the other topics comes first, but nothing behind what one of them has
                // left out: that would be a hole.
                Output::End { frame, sequence } => {
                    let last = self.end.take().map_or(sequence, |(last, _)| last.min(sequence));
                    self.end = Some((last, frame));
                    return None;
                }
                Output::Lagged => {
                    self.visit.set_ended(Ending::Lagged);
                    return Some(Poll::Ready(Some(Err(SubscriptionError::Lagged))));
                }
                // Whether it has a lower number is not known yet.
                Output::Yield => {
                    self.unread = Some(index);
                    context.waker().wake_by_ref();
                    return Some(Poll::Pending);
                }
            }
        }
    }

    /// The place of the lowest number, if its frame may go: no topic can have a lower one.
    fn lowest(&self) -> Option<Place> {
        let last = self.end.as_ref().map_or(u64::MAX, |(last, _)| *last);
        let Reverse(place) = *self.ahead.peek()?;
        (self.waiting == 0 && place.0 <= self.complete_to.min(last)).then_some(place)
    }

    /// Takes the frame of the lowest number, if it may go: what of it is sent, if anything.
    fn take_lowest(&mut self) -> Option<Option<Frame>> {
        let (mut sequence, order, topic) = self.lowest()?;
        self.ahead.pop();
        self.unread = Some(topic);
        let mut frame = self.heads[topic].take()?;
        let as_published = self.visit.may_end().then(|| frame.clone());
        self.readers[topic].set_ahead(false);
        if let Order::EndsState(all) = order {
            let is_followed = self.ahead.peek().is_some_and(|Reverse((next, ..))| *next <= all);
            if is_followed || all > self.complete_to {
                // There is more of other topics.
                frame = frame.without_id();
            } else {
                sequence = all;
            }
        }
        if let Some(is_reset) = self.visit.is_first(&frame) {
            for (index, reader) in self.readers.iter_mut().enumerate() {
                if reader.begin_again(is_reset, index == topic) && index == topic {
                    frame = frame.without_id();
                }
            }
        }
        if frame.id().is_some() {
            // Of a topic in which the client was let begin, it gets what is older than what it has of others.
            let reached = self.reached.map_or(sequence, |reached| reached.max(sequence));
            let is_behind = sequence < reached;
            if is_behind && !frame.is_event() {
                return Some(None);
            }
            self.reached = Some(reached);
            self.owes_place &= is_behind;
            match self.visit.place(reached, &self.sequencer, &mut self.readers) {
                Some(None) if !frame.is_event() => return Some(None),
                Some(None) => frame = frame.without_id(),
                Some(Some(place)) if !frame.is_event() => frame = Frame::checkpoint(place.as_str()),
                Some(Some(place)) => frame = frame.with_cursor(&place),
                None if is_behind => {
                    frame = frame.with_cursor(&Cursor::at(self.sequencer.epoch(), reached).into())
                }
                None => {}
            }
        }
        let delivered =
            self.visit.deliver((frame, sequence), &self.sequencer, &self.readers, &mut self.reached)?;
        // Its own ID says that the client had its last event.
        let as_published = as_published.filter(|frame| self.visit.is_ended() && frame.id().is_some());
        Some(Some(as_published.unwrap_or(delivered)))
    }

    /// The place of a client that has joined topics, once it has all that was there: what it has got of them had no ID.
    pub(super) fn take_place(&mut self) -> Option<Frame> {
        let is_caught_up = self.ahead.is_empty() && self.waiting == 0 && self.complete_to > 0;
        if !self.owes_place || !is_caught_up {
            return None;
        }
        self.owes_place = false;
        self.readers.first().filter(|reader| reader.tells())?;
        let sequence = self.complete_to;
        self.reached = self.reached.max(Some(sequence));
        let place = self.visit.place(sequence, &self.sequencer, &mut self.readers);
        let place = place.unwrap_or_else(|| Some(Cursor::at(self.sequencer.epoch(), sequence).into()))?;
        let place = Frame::checkpoint(place.as_str());
        self.visit.deliver((place, sequence), &self.sequencer, &self.readers, &mut self.reached)
    }

    fn finish(&mut self) -> Option<Poll<Option<Item>>> {
        self.visit.set_ended(Ending::Drained);
        self.end.take().map(|(_, frame)| Poll::Ready(Some(Ok(frame))))
    }
}
