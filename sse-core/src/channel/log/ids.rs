//! Which events the IDs of an application name.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt;

/// The events that brought an ID of their own, of all logs that share a sequence.
///
/// An ID is remembered for a while after its event was trimmed: as a cursor does, it resumes every log that has lost
/// nothing behind it.
#[derive(Debug)]
pub(crate) struct Ids {
    named: HashMap<Box<[u8]>, Named>,
    /// Those of trimmed events, the oldest first.
    remembered: VecDeque<(Box<[u8]>, Bearer)>,
    /// So many of them are remembered.
    most: usize,
    /// What names the place in front of all events: states stood there that were made before there were any, of one log at least.
    origins: HashSet<Box<str>>,
    /// The oldest first; some may name an event by now.
    origins_in_order: VecDeque<Box<str>>,
    logs: u64,
    /// How many events were trimmed, in all logs.
    trims: u64,
}

/// One of the logs that share a sequence: of those in memory, in the order in which they were made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct LogId(u64);

impl LogId {
    /// No log has it. An ID that names it is that of a client which had the last event for it in a state.
    pub(crate) const NONE: Self = Self(0);

    /// The highest that there can be: with 15 digits, a number by chance names one of a client's topics only.
    pub(crate) const MAX: u64 = (1 << 48) - 1;

    /// That of a stored topic, which was closed at this position or, at 0, never: the same in all processes.
    pub(crate) fn of_stored(topic: &str, closed: u64) -> Self {
        // FNV-1a, 64 bits: what it gives for these bytes is part of the interface between servers.
        let bytes = topic.bytes().chain(closed.to_le_bytes());
        let hash = bytes.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(((hash >> 48) ^ (hash & Self::MAX)).max(1))
    }

    pub(crate) fn from_number(number: u64) -> Option<Self> {
        (number <= Self::MAX).then_some(Self(number))
    }

    pub(crate) const fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An event with an ID of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bearer {
    log: LogId,
    sequence: u64,
    retained: bool,
}

#[derive(Debug)]
struct Named {
    first: Bearer,
    /// What else has this ID, against the rules.
    others: Vec<Bearer>,
}

/// The same log retains an event of this ID.
pub(crate) struct Duplicate;

impl Ids {
    pub(crate) fn new(remembered: usize) -> Self {
        Self {
            named: HashMap::new(),
            remembered: VecDeque::new(),
            most: remembered,
            origins: HashSet::new(),
            origins_in_order: VecDeque::new(),
            logs: 0,
            trims: 0,
        }
    }

    /// Nothing is known any more, as at first.
    pub(crate) fn clear(&mut self) {
        *self = Self { logs: self.logs, ..Self::new(self.most) };
    }

    /// How many events were trimmed, in all logs.
    pub(crate) const fn trims(&self) -> u64 {
        self.trims
    }

    /// Another event was trimmed. Returns how many that makes.
    pub(crate) fn note_trim(&mut self) -> u64 {
        self.trims += 1;
        self.trims
    }

    /// Of a stored log: the position up to which the store has nothing any more.
    pub(crate) fn set_trims(&mut self, position: u64) {
        self.trims = self.trims.max(position);
    }

    /// Another log of this sequence.
    pub(crate) fn log(&mut self) -> LogId {
        self.logs += 1;
        LogId(self.logs)
    }

    /// Lets this ID name the place in front of all events, until one brings it.
    pub(crate) fn name_origin(&mut self, id: &str) {
        if self.knows(id.as_bytes()) || !self.origins.insert(id.into()) {
            return;
        }
        self.origins_in_order.push_back(id.into());
        if self.origins_in_order.len() > self.most {
            let oldest = self.origins_in_order.pop_front();
            oldest.map(|oldest| self.origins.remove(&oldest));
        }
    }

    /// Whether this ID names the place in front of all events.
    pub(crate) fn is_origin(&self, id: &str) -> bool {
        self.origins.contains(id)
    }

    /// Takes note of a new event.
    pub(crate) fn name(&mut self, id: &[u8], log: LogId, sequence: u64) -> Result<(), Duplicate> {
        if let Some(id) = std::str::from_utf8(id).ok().filter(|_| !self.origins.is_empty()) {
            self.origins.remove(id);
        }
        let bearer = Bearer { log, sequence, retained: true };
        match self.named.entry(id.into()) {
            Entry::Vacant(free) => {
                free.insert(Named { first: bearer, others: Vec::new() });
            }
            Entry::Occupied(mut taken) => {
                let named = taken.get_mut();
                let same = |known: &&mut Bearer| known.log == log;
                match std::iter::once(&mut named.first).chain(&mut named.others).find(same) {
                    Some(known) if known.retained => return Err(Duplicate),
                    Some(known) => *known = bearer,
                    None => named.others.push(bearer),
                }
            }
        }
        Ok(())
    }

    /// Whether this log retains an event of this ID.
    pub(crate) fn is_retained(&self, id: &[u8], log: LogId) -> bool {
        self.named
            .get(id)
            .is_some_and(|named| named.bearers().any(|known| known.log == log && known.retained))
    }

    /// Whether this ID names anything.
    pub(crate) fn knows(&self, id: &[u8]) -> bool {
        self.named.contains_key(id)
    }

    /// The sequence number of the event that this ID names; none if it names none, or several.
    pub(crate) fn find(&self, id: &[u8]) -> Option<u64> {
        let named = self.named.get(id)?;
        let only = |retained: bool| {
            let mut bearers = named.bearers().filter(|bearer| bearer.retained == retained);
            (bearers.next(), bearers.next())
        };
        match (only(true), only(false)) {
            ((Some(bearer), None), _) | ((None, _), (Some(bearer), None)) => Some(bearer.sequence),
            _ => None,
        }
    }

    /// The event is no longer retained.
    pub(crate) fn trim(&mut self, id: &[u8], log: LogId) {
        let bearer = self.named.get_mut(id).and_then(|named| {
            std::iter::once(&mut named.first).chain(&mut named.others).find(|known| known.log == log)
        });
        if let Some(bearer) = bearer {
            bearer.retained = false;
        }
    }

    /// An event that was trimmed is not the newest of its log any more: its ID is forgotten some time from now.
    pub(crate) fn remember(&mut self, id: Box<[u8]>, log: LogId) {
        let bearer =
            self.named.get(&id).and_then(|named| named.bearers().find(|known| known.log == log).copied());
        if let Some(bearer) = bearer {
            self.remembered.push_back((id, bearer));
        }
        while self.remembered.len() > self.most {
            let Some((id, bearer)) = self.remembered.pop_front() else { return };
            self.forget(&id, bearer);
        }
    }

    fn forget(&mut self, id: &[u8], bearer: Bearer) {
        let Some(named) = self.named.get_mut(id) else { return };
        // It may name another event by now.
        if named.first != bearer {
            named.others.retain(|other| *other != bearer);
        } else if let Some(other) = named.others.pop() {
            named.first = other;
        } else {
            self.named.remove(id);
        }
    }
}

impl Named {
    fn bearers(&self) -> impl Iterator<Item = &Bearer> {
        std::iter::once(&self.first).chain(&self.others)
    }
}
