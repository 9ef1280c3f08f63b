//! What an event ID means to a client.

use super::super::cursor::{Cursor, Stand};
use super::{Book, Entry};

/// What an ID means to a client of some topics.
pub(in super::super) struct Stands {
    /// In most of them.
    pub(in super::super) located: Located,
    /// In these logs, by their numbers, another thing.
    elsewhere: Vec<(u64, Located)>,
}

/// What an ID means to a client of one topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Located {
    /// The place behind what it names, and the life.
    At {
        place: usize,
        life: usize,
    },
    /// It was let begin when `at` was the newest place, with so many events trimmed, and has got nothing since; as its start says,
    /// or with the newest event of each key.
    Begun {
        at: usize,
        trims: u64,
        by_key: bool,
        life: usize,
    },
    /// It names several events.
    Ambiguous,
    Unknown,
}

impl Book {
    /// What `id` means to a client that comes back with it, in topics of which it says nothing else.
    pub(in super::super) fn locate(&self, id: &str) -> Located {
        self.stands(id).located
    }

    /// What `id` means to a client that comes back with it.
    pub(in super::super) fn stands(&self, id: &str) -> Stands {
        let everywhere = |located| Stands { located, elsewhere: Vec::new() };
        let mut own = self.exactly(id);
        match (own.next(), own.next()) {
            (Some((index, entry)), None) => {
                return everywhere(Located::At { place: index + 1, life: entry.life });
            }
            (Some(_), Some(_)) => return everywhere(Located::Ambiguous),
            (None, _) => {}
        }
        let Some(cursor) = Cursor::parse(id) else { return everywhere(Located::Unknown) };
        let Some(life) = self.life_of(&cursor) else { return everywhere(Located::Unknown) };
        let locate = |stand| match stand {
            Stand::Behind(sequence) => Located::At { place: self.place(life, sequence), life },
            Stand::Begun { at, trims } => {
                Located::Begun { at: self.place(life, at), trims, by_key: false, life }
            }
            Stand::State { at, trims } => {
                Located::Begun { at: self.place(life, at), trims, by_key: true, life }
            }
        };
        let elsewhere = cursor.elsewhere.iter().map(|(log, stand)| (*log, locate(*stand)));
        Stands { located: locate(cursor.stand), elsewhere: elsewhere.collect() }
    }

    /// What it may mean in a topic.
    pub(in super::super) fn stands_in(&self, topic: usize, stands: &Stands) -> Vec<Located> {
        if let Some(located) = self.names(topic, stands) {
            return vec![located];
        }
        // A log of which nothing is known may be one that it was in before, or is in now.
        let may_be = |(log, located): &&(u64, Located)| {
            let known = located.life().and_then(|life| self.logs.get(&(life, *log)));
            known.is_none_or(|known| *known == topic)
        };
        let elsewhere = stands.elsewhere.iter().filter(may_be).map(|(_, located)| *located);
        std::iter::once(stands.located).chain(elsewhere).collect()
    }

    /// What it says of the last log of its life in which a topic was, by its number.
    pub(in super::super) fn names(&self, topic: usize, stands: &Stands) -> Option<Located> {
        let of_life = stands.located.life()?;
        let (_, number) = *self.topics[topic].logs.iter().rfind(|(life, _)| *life == of_life)?;
        let is_it = |(log, _): &&(u64, Located)| *log == number;
        stands.elsewhere.iter().find(is_it).map(|(_, located)| *located)
    }

    /// How far a client is in all topics but these, at the least.
    pub(in super::super) fn lowest_besides(&self, stands: &Stands, is_one: impl Fn(usize) -> bool) -> usize {
        let topic = |log, located: Located| self.logs.get(&(located.life()?, log)).copied();
        let others =
            stands.elsewhere.iter().filter(|(log, located)| !topic(*log, *located).is_some_and(&is_one));
        others.map(|(_, located)| located.place()).fold(stands.located.place(), usize::min)
    }

    /// Whether it names a log of which nothing is known.
    pub(in super::super) fn names_unknown(&self, stands: &Stands) -> bool {
        let is_known = |(log, located): &(u64, Located)| {
            located.life().is_some_and(|life| self.logs.contains_key(&(life, *log)))
        };
        !stands.elsewhere.iter().all(is_known)
    }

    /// The life of a cursor, if it is one that was sent there.
    fn life_of(&self, cursor: &Cursor<'_>) -> Option<usize> {
        let Some(life) = self.lives.iter().position(|life| life.epoch == cursor.epoch) else {
            // Nothing was published in it yet.
            let empty = self.lives.last().filter(|life| life.epoch.is_empty());
            let newest = empty.map_or(0, |life| life.newest);
            return (cursor.highest() <= newest).then_some(self.lives.len() - usize::from(empty.is_some()));
        };
        (cursor.highest() <= self.lives[life].newest).then_some(life)
    }

    pub(in super::super) fn is_life(&self, life: usize, epoch: &str) -> bool {
        self.lives.get(life).is_some_and(|life| life.epoch == epoch)
    }

    /// The place right behind the event of this number.
    fn place(&self, life: usize, sequence: u64) -> usize {
        let (start, end) = self.bounds(life);
        let is_before =
            |entry: &Entry| entry.sequence < sequence || entry.sequence == sequence && !entry.is_ephemeral;
        start + self.entries[start..end].partition_point(is_before)
    }

    /// The entries that came with this ID. Of several topics, an event may say where its client stands in each: then one of the
    /// numbers is its own, whether it has an ID of its own or not.
    pub(in super::super) fn with_id(&self, id: &str) -> impl Iterator<Item = (usize, &Entry)> {
        let told = Cursor::parse(id).filter(|cursor| !cursor.elsewhere.is_empty());
        let life = told.as_ref().and_then(|cursor| self.life_of(cursor));
        let stands = told.into_iter().flat_map(|cursor| {
            let elsewhere = cursor.elsewhere.into_iter().map(|(_, stand)| stand);
            std::iter::once(cursor.stand).chain(elsewhere)
        });
        let numbered = stands.filter_map(move |stand| self.numbered(life?, stand.number()));
        self.exactly(id).chain(numbered)
    }

    /// The entry that has this number.
    fn numbered(&self, life: usize, sequence: u64) -> Option<(usize, &Entry)> {
        let index = self.place(life, sequence).checked_sub(1)?;
        let entry = &self.entries[index];
        (entry.life == life && entry.sequence == sequence && !entry.is_ephemeral).then_some((index, entry))
    }

    fn exactly(&self, id: &str) -> impl Iterator<Item = (usize, &Entry)> {
        self.by_id.get(id).into_iter().flatten().map(|index| (*index, &self.entries[*index]))
    }
}

impl Stands {
    /// Whether it says another thing in some topics.
    pub(in super::super) fn differ(&self) -> bool {
        !self.elsewhere.is_empty()
    }

    /// Whether it says in any that its client begins with the newest event of each key.
    pub(in super::super) fn begin_by_key(&self) -> bool {
        self.all().any(|located| matches!(located, Located::Begun { by_key: true, .. }))
    }

    /// The furthest of the places at which it says that its client was let begin.
    pub(in super::super) fn begun_at(&self) -> usize {
        let at = |located: &Located| if let Located::Begun { at, .. } = located { Some(*at) } else { None };
        self.all().filter_map(at).max().unwrap_or(0)
    }

    fn all(&self) -> impl Iterator<Item = &Located> {
        self.elsewhere.iter().map(|(_, located)| located).chain([&self.located])
    }
}

impl Located {
    /// What lies before has come, or will not come any more.
    pub(in super::super) const fn place(self) -> usize {
        match self {
            Self::At { place, .. } => place,
            Self::Begun { .. } | Self::Ambiguous | Self::Unknown => 0,
        }
    }

    pub(in super::super) const fn life(self) -> Option<usize> {
        match self {
            Self::At { life, .. } | Self::Begun { life, .. } => Some(life),
            Self::Ambiguous | Self::Unknown => None,
        }
    }
}
