//! The events that were published, and what their IDs mean.

mod located;

use std::collections::HashMap;
use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::super::received::{dispatched, show};
use super::super::terms::Terms;
use super::cursor::Cursor;
use super::shelf::Shelves;
use crate::encode::Frame;
use crate::event::Event;
pub(super) use located::{Located, Stands};

/// Entries in the order in which they were published. A *place* is a point between two of them: the number of those
/// in front of it.
#[derive(Default)]
pub(super) struct Book {
    pub(super) entries: Vec<Entry>,
    /// Those that were closed, too: the next one of the name is another.
    pub(super) topics: Vec<Topic>,
    /// How many of a log's newest entries that can be replayed are retained at the least, if that is known.
    pub(super) retained: Option<usize>,
    /// How many ephemeral ones are kept for live readers, if it is another number than the default.
    pub(super) ephemeral: Option<usize>,
    /// How many keys a log knows the newest event of, if it is another number than the default.
    pub(super) keys: Option<usize>,
    /// Entries were made after clients could have received them.
    pub(super) late: bool,
    lives: Vec<Life>,
    by_id: HashMap<String, Vec<usize>>,
    by_event: HashMap<u64, Vec<usize>>,
    /// The topic of each log, by its life and its number.
    logs: HashMap<(usize, u64), usize>,
    /// The newest entry of each key of this life, by topic.
    newest: HashMap<(usize, String), usize>,
}

#[derive(Default)]
pub(super) struct Topic {
    name: Box<str>,
    /// The place from which its name stands for it.
    pub(super) since: usize,
    /// The number that was used by the closing of the one before.
    pub(super) number: u64,
    /// The place at which it was closed.
    pub(super) closed: Option<usize>,
    /// The entries that can be replayed.
    durable: Vec<usize>,
    /// How many of them were published in lives before this one.
    life_start: usize,
    ephemeral: Vec<usize>,
    shelves: Shelves,
    /// The logs in which it was, by their lives and numbers.
    logs: Vec<(usize, u64)>,
}

pub(super) struct Entry {
    pub(super) topic: usize,
    pub(super) life: usize,
    pub(super) frame: Frame,
    pub(super) is_ephemeral: bool,
    /// Whether it has a key, and is no tombstone.
    pub(super) is_state: bool,
    /// Its event type and data, as they are dispatched.
    pub(super) event: Event,
    /// Its event ID on the wire.
    pub(super) id: Option<String>,
    /// The number of its cursor, or of the event before it if it is ephemeral.
    sequence: u64,
    /// The next event of its key.
    pub(super) superseded_by: Option<usize>,
    /// The place from which on the log may not have it, as the newest event of its key: more keys than it keeps came behind.
    pub(super) let_go: Option<usize>,
}

struct Life {
    /// Empty where no cursor was seen.
    epoch: String,
    start: usize,
    /// The newest number that was used.
    newest: u64,
}

/// As a channel does that is told nothing else.
const EPHEMERAL: usize = 1024;
const KEYS: usize = 1024;

impl Book {
    /// `log` has the epoch and the number of the log, where they are known.
    pub(super) fn enter(&mut self, topic: &str, frame: Frame, id: Option<String>, log: Option<(&str, u64)>) {
        let epoch = log.map(|(epoch, _)| epoch);
        let cursor = id.as_deref().and_then(Cursor::parse).filter(|cursor| cursor.of_event().is_some());
        // An ID in the form of a cursor of another epoch is an event's own, where the epoch is known.
        let cursor = cursor.filter(|cursor| epoch.is_none_or(|epoch| epoch == cursor.epoch));
        self.live(epoch.or(cursor.as_ref().map(|cursor| cursor.epoch)));
        let index = self.entries.len();
        let life = self.lives.len() - 1;
        let newest = &mut self.lives[life].newest;
        let is_ephemeral = frame.is_ephemeral();
        let sequence =
            cursor.and_then(|cursor| cursor.of_event()).unwrap_or(*newest + u64::from(!is_ephemeral));
        *newest = sequence.max(*newest);
        let topic = self.topic(topic);
        let of = &mut self.topics[topic];
        if let Some((_, log)) = log {
            if of.logs.last() != Some(&(life, log)) {
                of.logs.push((life, log));
            }
            self.logs.insert((life, log), topic);
        }
        if is_ephemeral { &mut of.ephemeral } else { &mut of.durable }.push(index);
        if let Some(key) = frame.key().filter(|_| !is_ephemeral) {
            if let Some(older) = self.newest.insert((topic, key.to_owned()), index) {
                self.entries[older].superseded_by = Some(index);
                of.shelves.remove(older);
            }
        }
        if let Some(id) = &id {
            self.by_id.entry(id.clone()).or_default().push(index);
        }
        let event = dispatched(frame.as_ref());
        self.by_event.entry(hash(&event)).or_default().push(index);
        let is_state = frame.key().is_some() && !frame.is_tombstone();
        let (superseded_by, let_go) = (None, None);
        self.entries.push(Entry {
            topic,
            life,
            frame,
            is_ephemeral,
            is_state,
            event,
            id,
            sequence,
            superseded_by,
            let_go,
        });
        if !is_ephemeral {
            self.trim(topic);
        }
    }

    /// Takes note of what the log of a topic may have let go by now.
    fn trim(&mut self, topic: usize) {
        let of = &mut self.topics[topic];
        let retained = self.retained.unwrap_or_default();
        let trimmed = of.durable.len().checked_sub(retained + 1);
        let Some(trimmed) = trimmed.filter(|trimmed| *trimmed >= of.life_start) else { return };
        let index = of.durable[trimmed];
        let Entry { superseded_by, is_state, ref frame, .. } = self.entries[index];
        if superseded_by.is_none() && frame.key().is_some() {
            let let_go = of.shelves.put(index, is_state, self.keys.unwrap_or(KEYS));
            let place = self.entries.len();
            let_go.into_iter().for_each(|index| self.entries[index].let_go = Some(place));
        }
    }

    /// The topic is closed: the next one of its name is another.
    pub(super) fn close(&mut self, name: &str) {
        let here = self.entries.len();
        let index = self.topic(name);
        self.topics[index].closed = Some(here);
        // Closing uses a number, too.
        self.live(None);
        let number = self.lives.last_mut().map_or(0, |life| {
            life.newest += 1;
            life.newest
        });
        self.topics.push(Topic { name: name.into(), since: here, number, ..Topic::default() });
    }

    /// Begins another life, of which no cursor was seen yet.
    pub(super) fn restart(&mut self) {
        self.lives.push(Life { epoch: String::new(), start: self.entries.len(), newest: 0 });
        self.newest.clear();
        for topic in &mut self.topics {
            (topic.life_start, topic.shelves) = (topic.durable.len(), Shelves::default());
        }
    }

    /// Begins another life if this is another epoch.
    fn live(&mut self, epoch: Option<&str>) {
        match (self.lives.last_mut(), epoch) {
            (Some(_), None) => {}
            (Some(life), Some(epoch)) if life.epoch == epoch => {}
            (Some(life), Some(epoch)) if life.epoch.is_empty() => epoch.clone_into(&mut life.epoch),
            _ => {
                self.restart();
                self.live(epoch);
            }
        }
    }

    fn topic(&mut self, name: &str) -> usize {
        let is_open = |topic: &Topic| *topic.name == *name && topic.closed.is_none();
        self.topics.iter().position(is_open).unwrap_or_else(|| {
            self.topics.push(Topic { name: name.into(), ..Topic::default() });
            self.topics.len() - 1
        })
    }

    pub(super) fn wants(&self, terms: &Terms, entry: &Entry) -> bool {
        terms.wants(&entry.frame, &self.topics[entry.topic].name)
    }

    pub(super) fn wants_topic(&self, terms: &Terms, topic: usize) -> bool {
        terms.wants_topic(&self.topics[topic].name)
    }

    /// Whether a topic is named in which nothing was published yet, and which was not closed.
    pub(super) fn names_new(&self, terms: &Terms) -> bool {
        terms.names(|name| self.topics.iter().all(|topic| *topic.name != *name))
    }

    pub(super) fn joins(&self, terms: &Terms, topic: usize) -> bool {
        terms.joins_topic(&self.topics[topic].name)
    }

    /// Whether the client may get several topics. One in which nothing was published yet is not known here, but can be
    /// the one that is reset.
    pub(super) fn may_be_several(&self, terms: &Terms) -> bool {
        terms.several_topics().unwrap_or_else(|| self.topics.iter().any(|topic| !topic.name.is_empty()))
    }

    /// The entries with the event type and the data of this event, from `index` on.
    pub(super) fn same(&self, event: &Event, index: usize) -> impl Iterator<Item = (usize, &Entry)> {
        let same = self.by_event.get(&hash(event)).map_or(&[][..], Vec::as_slice);
        let same = &same[same.partition_point(|known| *known < index)..];
        let entries = same.iter().map(|index| (*index, &self.entries[*index]));
        entries.filter(move |(_, entry)| entry.is_same(event))
    }

    /// Where the life begins that was the newest at `place`: there, if one began there.
    pub(super) fn life_start(&self, place: usize) -> usize {
        self.life_at(place).map_or(0, |life| self.lives[life].start)
    }

    /// The life that was the newest at `place`, the one that began there if one did.
    pub(super) fn life_at(&self, place: usize) -> Option<usize> {
        self.lives.iter().rposition(|life| life.start <= place)
    }

    fn bounds(&self, life: usize) -> (usize, usize) {
        if life >= self.lives.len() {
            return (self.entries.len(), self.entries.len());
        }
        let end = self.lives.get(life + 1).map_or(self.entries.len(), |next| next.start);
        (self.lives[life].start, end)
    }

    /// The entries of these topics between two places.
    pub(super) fn between(
        &self,
        from: usize,
        to: usize,
        topics: &[usize],
    ) -> impl Iterator<Item = (usize, &Entry)> {
        let to = to.min(self.entries.len());
        let entries = self.entries[from.min(to)..to].iter().enumerate();
        entries.map(move |(n, entry)| (from + n, entry)).filter(|(_, entry)| topics.contains(&entry.topic))
    }

    /// Whether a log is known to have all that lies between two places, when `to` is the newest; for one that coalesces, all
    /// that is not superseded.
    pub(super) fn is_retained(&self, topic: usize, from: usize, to: usize, coalesces: bool) -> bool {
        let Some(retained) = self.retained else { return false };
        let topic = &self.topics[topic];
        let behind = topic.durable(from, to);
        let Some(gone) = behind.len().checked_sub(retained) else { return true };
        let is_kept =
            |entry: &Entry| entry.frame.key().is_some() && entry.let_go.is_none_or(|place| place > to);
        gone == 0 || coalesces && behind[..gone].iter().all(|index| is_kept(&self.entries[*index]))
    }

    /// Whether a log is known to have the newest event of each key that there was at `from`, unless a newer one has superseded it.
    pub(super) fn keeps_state(&self, topic: usize, from: usize, to: usize) -> bool {
        // A log that retains more lets it go later.
        let is_lost = |(_, entry): (usize, &Entry)| {
            let is_newest = entry.superseded_by.is_none_or(|newer| newer >= from);
            is_newest && entry.is_state && entry.let_go.is_some_and(|place| place <= to)
        };
        let life = self.life_start(from.saturating_sub(1));
        !self.between(life, from, &[topic]).any(is_lost) || self.keeps_all(topic, from, to, false)
    }

    /// Whether a log is known to have let no event go between two places.
    pub(super) fn keeps_all(&self, topic: usize, from: usize, to: usize, coalesces: bool) -> bool {
        self.retained.is_some() && self.topics[topic].durable(from, to).is_empty()
            || self.is_whole(topic, to, coalesces)
    }

    /// Whether a log is known never to have let an event go; for one that coalesces, none that is not superseded.
    pub(super) fn is_whole(&self, topic: usize, to: usize, coalesces: bool) -> bool {
        // Where one life ended and the next began, it may have been either.
        let from = self.life_start(to.saturating_sub(1)).max(self.topics[topic].since);
        self.is_retained(topic, from, to, coalesces)
    }

    /// Whether an ephemeral entry is kept for live readers when `at` is the newest place.
    pub(super) fn is_passing(&self, index: usize, at: usize) -> bool {
        let newer = between(&self.topics[self.entries[index].topic].ephemeral, index, at).len();
        newer <= self.ephemeral.unwrap_or(EPHEMERAL)
    }

    /// The place behind the next `n` events of these topics that can be replayed, if there are so many up to `to`.
    pub(super) fn behind(&self, place: usize, n: u64, to: usize, topics: &[usize]) -> Option<usize> {
        let mut durable = self.between(place, to, topics).filter(|(_, entry)| !entry.is_ephemeral);
        match n.checked_sub(1) {
            None => Some(place),
            Some(more) => durable.nth(usize::try_from(more).ok()?).map(|(index, _)| index + 1),
        }
    }

    /// The place in front of the newest `n` entries of these topics up to `to`, all of which must be `counted`; not before
    /// `floor`.
    pub(super) fn before(
        &self,
        to: usize,
        n: usize,
        topics: &[usize],
        floor: usize,
        counted: impl Fn(&Entry) -> bool,
    ) -> usize {
        let mut place = to.min(self.entries.len());
        let mut left = n;
        while left > 0 && place > floor {
            place -= 1;
            let entry = &self.entries[place];
            left -= usize::from(topics.contains(&entry.topic) && counted(entry));
        }
        place
    }
}

impl Topic {
    /// How many of its entries that can be replayed lie between two places.
    pub(super) fn durable(&self, from: usize, to: usize) -> &[usize] {
        between(&self.durable, from, to)
    }
}

fn between(entries: &[usize], from: usize, to: usize) -> &[usize] {
    let place = |place: usize| entries.partition_point(|index| *index < place);
    &entries[place(from.min(to))..place(to)]
}

fn hash(event: &Event) -> u64 {
    let mut hasher = DefaultHasher::new();
    (event.event_type(), event.data()).hash(&mut hasher);
    hasher.finish()
}

impl Entry {
    pub(super) fn is_same(&self, event: &Event) -> bool {
        self.event.event_type() == event.event_type() && self.event.data() == event.data()
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(f, self.event.event_type(), self.id.as_deref(), self.event.data())
    }
}
