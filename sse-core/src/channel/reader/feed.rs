//! What a snapshot can stand in front of.

use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::super::error::SubscriptionError;
use super::super::log::Sequencer;
use super::{CatchUp, Ending, Reader, Visit};
use crate::encode::Frame;

/// A subscription, to a channel or to several topics.
pub(crate) trait Feed: Stream<Item = Result<Frame, SubscriptionError>> + Unpin {
    fn sequencer(&self) -> &Arc<Sequencer>;

    /// Waits until it is known what the client's ID stands for: `None` once it is.
    fn poll_locate(&mut self, _context: &mut Context<'_>) -> Option<Poll<Option<Self::Item>>> {
        None
    }

    /// Asks a store for the place that this ID stands for.
    fn ask(&self, _id: &str) -> Option<CatchUp> {
        None
    }

    fn visit(&self) -> &Visit;

    fn visit_mut(&mut self) -> &mut Visit;

    /// Makes what the client is told first.
    fn open(&mut self);

    /// Begins anew, with a state that the application makes.
    fn begin_by_state(&mut self);

    fn readers(&self) -> &[Reader];

    fn readers_mut(&mut self) -> &mut [Reader];

    /// The frame with which to end, once a channel drains; has the client woken for it.
    fn poll_end(&mut self, context: &Context<'_>) -> Option<Frame> {
        self.readers().iter().for_each(|reader| reader.register(context));
        let end = self.readers_mut().iter_mut().find_map(Reader::end)?;
        self.visit_mut().set_ended(Ending::Drained);
        Some(end)
    }

    /// The number of the newest event of a log that was forgotten, if this is its own ID.
    fn find_forgotten(&self, id: &str) -> Option<u64> {
        self.readers().iter().find_map(|reader| reader.shared().read_log().begun_behind(id))
    }

    /// Behind which number all begins, if its logs never had an event.
    fn origin(&self) -> Option<u64> {
        let begin = |reader: &Reader| reader.shared().read_log().begins_empty();
        // Whatever comes from now on has a higher number than the last of them.
        self.readers().iter().try_fold(0, |last: u64, reader| begin(reader).map(|begin| begin.max(last)))
    }

    /// Goes on behind a state that stands at this number. False if a log can no longer give all that follows.
    fn resume_behind(&mut self, sequence: u64) -> bool {
        self.readers_mut().iter_mut().all(|reader| reader.resume_behind(sequence))
    }
}
