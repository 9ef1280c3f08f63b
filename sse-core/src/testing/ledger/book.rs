//! The events that were published, and what their IDs mean.

use std::collections::HashMap;
use std::fmt;

use super::super::received::{dispatched, show};
use super::super::terms::Terms;
use crate::encode::Frame;
use crate::event::Event;

/// Entries in the order in which they were published. A *place* is a point between two of them: the number of those
/// in front of it.
#[derive(Default)]
pub(super) struct Book {
    pub(super) entries: Vec<Entry>,
    pub(super) topics: Vec<Box<str>>,
    /// How many of a log's newest entries are retained at the least, if that is known.
    pub(super) retained: Option<usize>,
    /// Entries were made after clients could have received them.
    pub(super) late: bool,
    lives: Vec<Life>,
    by_id: HashMap<String, Vec<usize>>,
    /// The newest entry of each key of this life, by topic.
    newest: HashMap<(usize, String), usize>,
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
}

struct Life {
    /// Empty where no cursor was seen.
    epoch: String,
    start: usize,
}

/// What an ID means to a client of some topics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Located {
    /// The place behind what it names, and the life.
    At {
        place: usize,
        life: usize,
    },
    /// It names several events.
    Ambiguous,
    Unknown,
}

impl Book {
    pub(super) fn enter(&mut self, topic: &str, frame: Frame, id: Option<String>, epoch: Option<&str>) {
        let cursor = id.as_deref().and_then(parse_cursor);
        // An ID in the form of a cursor of another epoch is an event's own, where the epoch is known.
        let cursor = cursor.filter(|(of, _)| epoch.is_none_or(|epoch| epoch == *of));
        self.live(epoch.or(cursor.map(|(epoch, _)| epoch)));
        let index = self.entries.len();
        let life = self.lives.len() - 1;
        let before = self.entries.last().filter(|entry| entry.life == life).map_or(0, |entry| entry.sequence);
        let is_ephemeral = frame.is_ephemeral();
        let sequence = cursor.map_or(before + u64::from(!is_ephemeral), |(_, sequence)| sequence);
        let topic = self.topic(topic);
        if let Some(key) = frame.key().filter(|_| !is_ephemeral) {
            if let Some(older) = self.newest.insert((topic, key.to_owned()), index) {
                self.entries[older].superseded_by = Some(index);
            }
        }
        if let Some(id) = &id {
            self.by_id.entry(id.clone()).or_default().push(index);
        }
        let event = dispatched(frame.as_ref());
        let is_state = frame.key().is_some() && !frame.is_tombstone();
        let superseded_by = None;
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
        });
    }

    /// Begins another life, of which no cursor was seen yet.
    pub(super) fn restart(&mut self) {
        self.lives.push(Life { epoch: String::new(), start: self.entries.len() });
        self.newest.clear();
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
        self.topics.iter().position(|known| **known == *name).unwrap_or_else(|| {
            self.topics.push(name.into());
            self.topics.len() - 1
        })
    }

    pub(super) fn wants(&self, terms: &Terms, entry: &Entry) -> bool {
        terms.wants(&entry.frame, &self.topics[entry.topic])
    }

    /// The topics that the client gets.
    pub(super) fn wanted_topics(&self, terms: &Terms) -> Vec<usize> {
        (0..self.topics.len()).filter(|topic| terms.wants_topic(&self.topics[*topic])).collect()
    }

    /// Whether the client may get several topics. One in which nothing was published yet is not known here, but can be
    /// the one that is reset.
    pub(super) fn may_be_several(&self, terms: &Terms) -> bool {
        terms.several_topics().unwrap_or_else(|| self.topics.iter().any(|topic| !topic.is_empty()))
    }

    /// What a client of these terms means by `id`.
    pub(super) fn locate(&self, id: &str, terms: &Terms) -> Located {
        let mut own = self.with_id(id).filter(|(_, entry)| terms.wants_topic(&self.topics[entry.topic]));
        match (own.next(), own.next()) {
            (Some((index, entry)), None) => return Located::At { place: index + 1, life: entry.life },
            (Some(_), Some(_)) => return Located::Ambiguous,
            (None, _) => {}
        }
        let Some((life, sequence)) = self.parse_own_cursor(id) else { return Located::Unknown };
        let (start, end) = self.bounds(life);
        let place = start + self.entries[start..end].partition_point(|entry| entry.sequence <= sequence);
        Located::At { place, life }
    }

    /// The life and the number of a cursor, if it is one of those that were published.
    pub(super) fn parse_own_cursor(&self, id: &str) -> Option<(usize, u64)> {
        let (epoch, sequence) = parse_cursor(id)?;
        let life = self.lives.iter().position(|life| life.epoch == epoch)?;
        let (start, end) = self.bounds(life);
        let newest = if start < end { self.entries[end - 1].sequence } else { 0 };
        (sequence <= newest).then_some((life, sequence))
    }

    /// Whether it is the cursor of a log to which nothing was published yet.
    pub(super) fn is_unborn(&self, id: &str) -> bool {
        let unknown = |epoch| self.lives.iter().all(|life| life.epoch != epoch);
        parse_cursor(id).is_some_and(|(epoch, sequence)| sequence == 0 && unknown(epoch))
    }

    pub(super) fn with_id(&self, id: &str) -> impl Iterator<Item = (usize, &Entry)> {
        self.by_id.get(id).into_iter().flatten().map(|index| (*index, &self.entries[*index]))
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

/// The epoch and the number of an ID that has the form of a channel's cursor.
pub(super) fn parse_cursor(id: &str) -> Option<(&str, u64)> {
    let (epoch, sequence) = id.split_once('-')?;
    let is_epoch =
        epoch.len() == 8 && epoch.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let is_number = sequence.bytes().all(|byte| byte.is_ascii_digit());
    sequence.parse().ok().filter(|_| is_epoch && is_number).map(|sequence| (epoch, sequence))
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
