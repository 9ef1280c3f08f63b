//! What a subscription gets from the store, on its way to the window.

use std::slice;
use std::task::{Context, Poll};
use std::time::Duration;

use super::super::log::{Cursor, LogId, Stand};
use super::super::reader::{Ending, Output, Step};
use super::{Item, Subscription};
use crate::encode::Frame;
use crate::field::EventId;

/// What comes of asking the store.
pub(super) enum Caught {
    Output(Output),
    /// Nothing more: the reader goes on, or the store is asked again.
    Up,
    Item(Poll<Option<Item>>),
}

impl<E> Subscription<E> {
    /// Waits until it is known what the client's ID stands for.
    pub(super) fn poll_located(&mut self, context: &mut Context<'_>) -> Option<Poll<Option<Item>>> {
        let catch_up = self.catch_up.as_mut().filter(|catch_up| catch_up.is_locating())?;
        match catch_up.poll(0, context) {
            Poll::Ready(Step::Located(place)) => {
                self.catch_up = None;
                if let Some(position) = place {
                    let cursor = Cursor::at(self.reader.shared().sequencer.epoch(), position);
                    let came_with = Cursor::parse(self.visit.last_event_id().as_str());
                    let epoch = cursor.epoch;
                    // One that says more is known by itself, now that the window is as far.
                    if came_with.is_none_or(|came_with| came_with.epoch != epoch) {
                        self.visit.set_known_as(EventId::from(cursor));
                    }
                }
                self.begin();
                None
            }
            Poll::Ready(_) => Some(self.fail()),
            Poll::Pending => Some(self.end_or_wait(context)),
        }
    }

    /// What comes next from the store.
    pub(super) fn poll_catch_up(&mut self, context: &mut Context<'_>) -> Caught {
        if let Some(output) = self.reader.poll_turn_of_stored(context) {
            return Caught::Output(output);
        }
        let after = self.reader.has_up_to();
        let Some(catch_up) = &mut self.catch_up else { return Caught::Up };
        match catch_up.poll(after, context) {
            Poll::Ready(Step::Begins(last)) => {
                last.filter(|last| self.had_last(last)).map_or(Caught::Up, |_| self.done(after))
            }
            Poll::Ready(Step::Event(frame, position)) => {
                self.reader.pass_stored(frame, position).map_or(Caught::Up, Caught::Output)
            }
            Poll::Ready(Step::Passed(position)) => {
                self.catch_up = None;
                self.reader.passed_stored(position);
                Caught::Up
            }
            Poll::Ready(Step::Gone(position)) => {
                self.catch_up = None;
                self.lose(position)
            }
            Poll::Ready(Step::Failed | Step::Located(_)) => Caught::Item(self.fail()),
            Poll::Pending => Caught::Item(self.end_or_wait(context)),
        }
    }

    /// The store has nothing up to this position any more, of which the client was to get something.
    fn lose(&mut self, position: u64) -> Caught {
        let shared = self.reader.shared().clone();
        shared.set_stored_from(position);
        if self.reader.delivered() == 0 {
            // As if it had come only now.
            self.visit.reopen();
            self.begin();
            self.visit.open(&shared.sequencer, slice::from_ref(&self.reader), &mut None);
            return self
                .visit
                .take_queued()
                .map_or(Caught::Up, |frame| Caught::Item(Poll::Ready(Some(Ok(frame)))));
        }
        Caught::Output(self.reader.lag_behind_store(self.visit.falls()))
    }

    /// Whether the client came back with the event with which it was to end.
    fn had_last(&self, last: &Frame) -> bool {
        self.reader.delivered() == 0 && self.reader.keeps(last) && self.visit.ends_with(slice::from_ref(last))
    }

    /// The client has all that it wants. It is told so, since its ID alone says it only to those who ask the store.
    fn done(&mut self, position: u64) -> Caught {
        self.catch_up = None;
        self.visit.set_ended(Ending::Done);
        let epoch = self.reader.shared().sequencer.epoch();
        let elsewhere = vec![(LogId::NONE, Stand::Behind(position))];
        let place = EventId::from(Cursor { elsewhere, ..Cursor::at(epoch, position) });
        let told = self.reader.tells().then(|| Ok(Frame::checkpoint(place.as_str())));
        Caught::Item(Poll::Ready(told))
    }

    /// The client's history cannot be read: it ends, and comes back.
    fn fail(&mut self) -> Poll<Option<Item>> {
        self.catch_up = None;
        self.visit.set_ended(Ending::Failed);
        let time = Duration::from_millis(fastrand::u64(1000..5000));
        Poll::Ready(Some(Ok(Frame::reconnection_time(time))))
    }

    fn end_or_wait(&mut self, context: &Context<'_>) -> Poll<Option<Item>> {
        self.reader.register(context);
        let Some(frame) = self.reader.end() else { return Poll::Pending };
        self.visit.set_ended(Ending::Drained);
        Poll::Ready(Some(Ok(frame)))
    }
}
