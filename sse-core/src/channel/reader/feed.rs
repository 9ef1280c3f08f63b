//! What a snapshot can stand in front of.

use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::super::error::SubscriptionError;
use super::super::log::{Cursor, Place, Sequencer};
use super::{Ending, Locating, Reader, Visit};
use crate::encode::Frame;

/// A subscription, to a channel or to several topics.
pub(crate) trait Feed: Stream<Item = Result<Frame, SubscriptionError>> + Unpin {
    fn sequencer(&self) -> &Arc<Sequencer>;

    /// What a store is asked of the client's ID.
    fn locating(&mut self) -> &mut Option<Box<Locating>>;

    /// Begins anew, now that everything is known of the client's ID, which stands for this place if the logs do not know it by
    /// themselves.
    fn begin_located(&mut self, place: Option<Cursor>);

    /// Asks a store for what has to be known before the client can begin.
    fn locate(&mut self) {
        let sequencer = Arc::clone(self.sequencer());
        let mut asked = self.ask(self.visit().last_event_id());
        // The window may have known it just now, and have forgotten it.
        if asked.is_none() && self.visit_mut().locate_for_good(&sequencer).place == Place::Unknown {
            asked = self.ask(self.visit().last_event_id());
        }
        if let Some(asked) = asked.filter(|_| !self.visit().is_ended()) {
            *self.locating() = Some(Box::new(asked));
            self.visit_mut().set_waiting(&sequencer);
        }
    }

    /// Waits until it is known what the client's ID stands for: `None` once it is.
    fn poll_located(&mut self, context: &mut Context<'_>) -> Option<Poll<Option<Self::Item>>> {
        let last = match self.locating().as_mut()?.poll(context) {
            Poll::Ready(Ok(place)) => {
                *self.locating() = None;
                self.begin_located(place);
                return None;
            }
            Poll::Ready(Err(_)) => {
                *self.locating() = None;
                Some(self.visit_mut().fail())
            }
            Poll::Pending => self.poll_end(context),
        };
        Some(last.map_or(Poll::Pending, |last| Poll::Ready(Some(Ok(last)))))
    }

    /// Asks a store for the place that this ID stands for.
    fn ask(&self, id: &str) -> Option<Locating> {
        Locating::ask(self.sequencer(), self.readers().iter().map(Reader::shared), id)
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
        self.readers_mut().iter_mut().for_each(|reader| reader.register(context));
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
