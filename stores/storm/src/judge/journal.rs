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
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    At(Place),
    /// The place of this event, whose own ID it is.
    Row(Name),
    /// It begins with what was there when this was the end, and has not got all of that yet.
    Begun(Place),
    /// Several topics are at several places, if it is known what they are.
    Several(Option<Arc<Places>>),
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
            return Some(Mark::Several(Places::read(rest).map(Arc::new)));
        }
        let (mark, number): (fn(_) -> _, _) = match &id[at..=at] {
            "-" => (Mark::At, rest),
            _ => (Mark::Begun, rest.split('.').next()?),
        };
        Some(mark(Place { epoch, position: number.parse().ok()? }))
    }
}

/// Where an ID says that a client is in each of its topics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Places {
    /// In all that are not named.
    all: u64,
    /// By the number of the topic's log.
    elsewhere: HashMap<u64, u64>,
}

impl Places {
    /// Reads what stands behind the epoch of `epoch-42_3-9`. Of other IDs, it is not known what they mean for one topic.
    fn read(places: &str) -> Option<Self> {
        let mut parts = places.split('_');
        let all = parts.next()?.parse().ok()?;
        let elsewhere = parts.map(|part| {
            let (log, position) = part.split_once('-')?;
            Some((log.parse().ok()?, position.parse().ok()?))
        });
        Some(Self { all, elsewhere: elsewhere.collect::<Option<_>>()? })
    }

    pub(super) fn of(&self, topic: &str) -> u64 {
        self.elsewhere.get(&number_of_log(topic)).copied().unwrap_or(self.all)
    }
}

/// That of a stored topic which was never closed: 48 bits of FNV-1a, over its name and a 0 of 8 bytes.
pub(super) fn number_of_log(topic: &str) -> u64 {
    let bytes = topic.bytes().chain([0; 8]);
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash >> 48) ^ (hash & ((1 << 48) - 1))
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
