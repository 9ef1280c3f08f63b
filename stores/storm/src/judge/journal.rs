//! What one client saw, in order.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crate::event::Name;

/// A position in one life of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    /// See [`Epochs`].
    pub(crate) epoch: u16,
    pub(crate) position: u64,
}

/// What an ID says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    At(Place),
    /// The place of this event, whose own ID it is.
    Row(Name),
    /// It begins with what was there when this was the end, and has not got all of that yet.
    Begun(Place),
    /// Several topics are at several places.
    Several,
}

/// Short numbers for the names of epochs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Epochs(Arc<Mutex<HashMap<String, u16>>>);

impl Epochs {
    pub(crate) fn number(&self, name: &str) -> u16 {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let next = known.len() as u16;
        *known.entry(name.to_owned()).or_insert(next)
    }

    /// Reads an own ID, `epoch-position`, or a longer one that begins with an epoch.
    pub(crate) fn mark(&self, id: &str) -> Option<Mark> {
        if let Some(name) = Name::of_row(id) {
            return Some(Mark::Row(name));
        }
        let at = id.find(['-', '~', '*'])?;
        let (epoch, rest) = (self.number(&id[..at]), &id[at + 1..]);
        if rest.contains('_') {
            return Some(Mark::Several);
        }
        let (mark, number): (fn(_) -> _, _) = match &id[at..=at] {
            "-" => (Mark::At, rest),
            _ => (Mark::Begun, rest.split('.').next()?),
        };
        Some(mark(Place { epoch, position: number.parse().ok()? }))
    }
}

/// What happened to a client.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// It has connected again, and follows these topics: none where there is but one.
    Connected(Box<[u32]>),
    /// An event was dispatched, with this ID of its own.
    Event {
        at: Option<Mark>,
        name: Name,
    },
    /// An ID came without an event: everything up to there is said to be done.
    Moved(Mark, Instant),
    Reset(Box<Reset>),
    /// Something that no server should send.
    Strange(Box<str>),
}

#[derive(Clone, Debug)]
pub(crate) struct Reset {
    pub(crate) reason: String,
    pub(crate) missed: Option<u64>,
    /// Where the client goes on.
    pub(crate) to: Option<Mark>,
    pub(crate) at: Instant,
}

/// What one client saw over all its connections.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    pub(crate) steps: Vec<Step>,
    pub(crate) connections: u64,
}
