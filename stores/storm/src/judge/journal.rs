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

/// Short numbers for the names of epochs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Epochs(Arc<Mutex<HashMap<String, u16>>>);

impl Epochs {
    pub(crate) fn number(&self, name: &str) -> u16 {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let next = known.len() as u16;
        *known.entry(name.to_owned()).or_insert(next)
    }

    /// Reads `epoch-position`.
    pub(crate) fn place(&self, id: &str) -> Option<Place> {
        let (epoch, position) = id.split_once('-')?;
        Some(Place { epoch: self.number(epoch), position: position.parse().ok()? })
    }
}

/// What happened to a client.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// An event was dispatched, with this ID.
    Event {
        at: Place,
        name: Name,
    },
    /// An ID came without an event: everything up to there is said to be done.
    Moved(Place),
    Reset(Box<Reset>),
    /// Something that no server should send.
    Strange(Box<str>),
}

#[derive(Clone, Debug)]
pub(crate) struct Reset {
    pub(crate) reason: String,
    pub(crate) missed: Option<u64>,
    /// Where the client goes on.
    pub(crate) to: Option<Place>,
    pub(crate) at: Instant,
}

/// What one client saw over all its connections.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    pub(crate) steps: Vec<Step>,
    pub(crate) connections: u64,
}
