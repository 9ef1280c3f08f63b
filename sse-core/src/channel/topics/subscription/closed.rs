//! Topics that were closed, for clients that had them.

use super::super::super::log::{Cursor, LogId, Place, Stand};
use super::super::Topics;
use super::TopicsSubscription;
use crate::encode::Frame;
use crate::field::LastEventId;

/// What a client named that is done with all of it, and may join what has these names now.
pub(in super::super) struct Closed<E> {
    topics: Topics<E>,
    names: Vec<String>,
    last_event_id: LastEventId,
    /// What was set.
    settings: Vec<Box<Setting<E>>>,
}

type Setting<E> = dyn FnOnce(TopicsSubscription<E>) -> TopicsSubscription<E> + Send + Sync;

impl<E> Closed<E> {
    pub(in super::super) fn new(topics: Topics<E>, names: Vec<String>, last_event_id: LastEventId) -> Self {
        Self { topics, names, last_event_id, settings: Vec::new() }
    }
}

impl<E> TopicsSubscription<E> {
    /// Sets this, too, if the client joins a topic by the name of one that it is done with.
    pub(super) fn if_joined(&mut self, set: impl FnOnce(Self) -> Self + Send + Sync + 'static) {
        if let Some(closed) = &mut self.closed {
            closed.settings.push(Box::new(set));
        }
    }

    /// The subscription of a client that is done with all of its topics, but joins some that have their names now.
    pub(super) fn join_closed(&mut self) -> Option<Self> {
        let joins = &self.joins;
        let closed =
            self.closed.take_if(|closed| closed.names.iter().any(|name| joins.contains(&(**name).into())))?;
        let Closed { topics, names, last_event_id, settings } = *closed;
        let anew = topics.subscribe_to(names, last_event_id, true);
        let anew = settings.into_iter().fold(anew, |anew, set| set(anew));
        Some(anew.joining(std::mem::take(&mut self.joins)))
    }

    /// The logs of which a store says that they were closed since the client got its last event ID: what is in them now is all new to
    /// it.
    pub(super) fn closed_in_store(&self) -> impl Iterator<Item = (LogId, Stand)> {
        let located = self.visit.locate(&self.sequencer);
        self.readers.iter().filter_map(move |reader| {
            let log = reader.shared().read_log();
            let (id, closed) = (log.id(), log.closed());
            let Place::At(stand) = located.place else { return None };
            if stand.number() >= closed || located.elsewhere(id).is_some() {
                return None;
            }
            // Whether something was trimmed since is known of what was there before.
            let is_whole = log.gone().sequence <= closed;
            Some((id, stand.moved_to(closed).with_trims(if is_whole { u64::MAX } else { 0 })))
        })
    }

    /// What is sent of a frame once some topics were closed: its ID says that the client has nothing of those that have their names
    /// since, so that one which comes back gets all of them.
    pub(super) fn name_closed(&self, frame: Frame) -> Frame {
        let Some(id) = frame.id().filter(|_| !self.visit.is_ended()) else { return frame };
        let epoch = self.sequencer.epoch();
        let own = || match self.sequencer.locate(id).place {
            Place::At(stand) => Cursor::new(epoch, stand),
            _ => Cursor::at(epoch, self.reached.unwrap_or(self.complete_to)),
        };
        let cursor = Cursor::parse(id).filter(|cursor| cursor.epoch == epoch);
        let mut cursor = cursor.unwrap_or_else(own);
        let number = cursor.stand.number();
        let ended = self.readers.iter().filter(|reader| reader.is_ended());
        let next = ended.filter_map(|reader| reader.shared().successor()).filter(|(_, at)| *at <= number);
        // What came before its state is part of that.
        let next: Vec<_> = next.map(|(log, at)| (log, Stand::Behind(at.max(self.state_at)))).collect();
        if next.is_empty() {
            return frame;
        }
        cursor.elsewhere.extend(next);
        if cursor.elsewhere.len() > Cursor::MOST_ELSEWHERE {
            // It goes on where it was.
            return frame.without_id();
        }
        cursor.elsewhere.sort_unstable_by_key(|(log, _)| *log);
        match frame.is_event() {
            true => frame.with_cursor(&cursor.into()),
            false => Frame::checkpoint(&cursor.to_string()),
        }
    }
}
