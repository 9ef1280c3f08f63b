//! Several topics, some of which are joined and left: every event of each topic once, in the order of the log.
//!
//! Clients begin with all that is retained, in each topic. So an event may be missing only where it was trimmed, and the client told.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use super::journal::{Mark, Place, Reset, Step};
use super::truth::{Gone, Truth};
use super::verdict::Client;
use crate::event::{Name, Scene, topic_name};

/// The events by topic.
pub(super) struct Topics<'a> {
    scene: Scene,
    truth: &'a Truth,
    events: HashMap<u32, BTreeMap<u64, Name>>,
}

/// Where a client is in one topic.
#[derive(Clone, Copy, Debug, Default)]
struct Stand {
    /// It has everything up to there.
    position: u64,
    /// When it was told of a loss, if it has got no event since, nor come back from a place that is behind the loss.
    told: Option<Instant>,
    has_place: bool,
}

/// What is trimmed may not be known at once to a server that stands still.
const SLACK: Duration = Duration::from_secs(5);

impl<'a> Topics<'a> {
    pub(super) fn of(scene: Scene, truth: &'a Truth) -> Self {
        let mut events = HashMap::<_, BTreeMap<_, _>>::new();
        for (name, place) in truth.all().filter(|_| scene == Scene::Topics) {
            events.entry(scene.topic(name)).or_default().insert(place.position, name);
        }
        Self { scene, truth, events }
    }

    pub(super) fn judge(&self, client: &mut Client<'_>) {
        let mut reader = Reader { all: self, client, stands: BTreeMap::new(), reached: 0, row: None };
        while let Some(step) = reader.client.next_step() {
            reader.take(step);
        }
        reader.end();
    }

    /// The events of a topic between two positions.
    fn between(&self, topic: u32, after: u64, before: u64) -> impl Iterator<Item = (u64, Name)> {
        let events = self.events.get(&topic).filter(|_| after.saturating_add(1) < before);
        let events = events.into_iter().flat_map(move |events| events.range(after + 1..before));
        events.map(|(position, name)| (*position, *name))
    }

    /// When events behind a place were trimmed.
    fn gone_behind(&self, topic: u32, stand: Stand) -> impl Iterator<Item = (u64, Gone)> {
        let behind = self.between(topic, stand.position, u64::MAX);
        behind.filter_map(|(position, _)| Some((position, self.truth.when_gone(position)?)))
    }
}

/// Goes through one journal.
struct Reader<'a, 'v> {
    all: &'a Topics<'a>,
    client: &'a mut Client<'v>,
    /// In the topics that it follows.
    stands: BTreeMap<u32, Stand>,
    /// The last position of this connection.
    reached: u64,
    /// Where its last ID stands, if that is an event's own.
    row: Option<Place>,
}

impl Reader<'_, '_> {
    fn take(&mut self, step: &Step) {
        match step {
            Step::Connected(topics) => {
                self.stands.retain(|topic, _| topics.contains(topic));
                // What it was about to get behind that place may be gone at another server: it was not told of that.
                self.stands.values_mut().filter(|stand| stand.has_place).for_each(|stand| stand.told = None);
                topics.iter().for_each(|topic| {
                    self.stands.entry(*topic).or_default();
                });
                self.reached = 0;
            }
            Step::Event { at, name } => self.event(at.as_ref(), *name),
            Step::Moved(mark, at) => {
                // What goes before it gets anything is told with what went before.
                self.stands.values_mut().for_each(|stand| stand.told = stand.told.map(|_| *at));
                self.moved(mark);
            }
            Step::Reset(reset) => self.reset(reset),
            Step::Strange(words) => self.client.wrong(|| words.to_string()),
        }
    }

    /// An ID says that there is nothing up to its places that the client lacks. What is not one says it in the server's own words.
    fn moved(&mut self, mark: &Mark) {
        self.row = if let Mark::Row(name) = mark { self.all.truth.place_of(*name) } else { None };
        if let Mark::Begun(_) = mark {
            // It has none, and begins with what was there: of what was gone by then it is told already, and is not told again.
            self.stands.values_mut().for_each(|stand| stand.has_place = false);
        }
        for (topic, stand) in self.stands.clone() {
            if let Some(place) = self.place_in(mark, topic) {
                self.pass(topic, stand, place.saturating_add(1));
                let position = place.max(stand.position);
                self.stands.insert(topic, Stand { position, has_place: true, ..stand });
            }
        }
    }

    /// Where an ID says that the client is in this topic.
    fn place_in(&self, mark: &Mark, topic: u32) -> Option<u64> {
        match mark {
            Mark::Several(places) => {
                places.as_ref().map(|places| places.of(&topic_name(self.all.scene, topic)))
            }
            mark => self.all.truth.place(mark).map(|place| place.position),
        }
    }

    fn event(&mut self, at: Option<&Mark>, name: Name) {
        self.client.delivered();
        let topic = self.all.scene.topic(name);
        let place = self.all.truth.place_of(name);
        let (Some(place), Some(stand)) = (place, self.stands.get(&topic).copied()) else {
            self.client.wrong(|| format!("{name:?} of the topic {topic} came to one who does not follow it"));
            return;
        };
        if place.position <= stand.position {
            self.client
                .doubled(|| format!("{name:?} of the topic {topic} at {place:?} came behind {stand:?}"));
            return;
        }
        if place.position <= self.reached {
            let reached = self.reached;
            self.client.wrong(|| format!("{name:?} of the topic {topic} at {place:?} came behind {reached}"));
        }
        self.reached = place.position;
        self.pass(topic, stand, place.position);
        self.stands.insert(topic, Stand { position: place.position, ..Stand::default() });
        if at.and_then(|at| self.place_in(at, topic)).is_some_and(|to| to < place.position) {
            self.client.wrong(|| format!("{name:?} at {place:?} came with the ID of {at:?}"));
        }
        at.into_iter().for_each(|at| self.moved(at));
    }

    /// It gets nothing any more of what lies before.
    fn pass(&mut self, topic: u32, stand: Stand, before: u64) {
        for (position, name) in self.all.between(topic, stand.position, before) {
            let gone = self.all.truth.when_gone(position);
            let is_told = gone.zip(stand.told).is_some_and(|(gone, told)| gone.since <= told);
            if !is_told {
                let words = || {
                    format!("{name:?} of the topic {topic} at {position} was passed over behind {stand:?}")
                };
                self.client.lost(1, words);
            }
        }
    }

    /// Nothing more will come.
    fn end(&mut self) {
        for (topic, stand) in self.stands.clone() {
            self.pass(topic, stand, u64::MAX);
        }
    }

    fn reset(&mut self, reset: &Reset) {
        self.client.was_reset(&reset.reason);
        if reset.reason == "unknown" {
            return self.unknown(reset);
        }
        let gone = self.stands.iter().flat_map(|(topic, stand)| {
            let place = reset.to.as_ref().and_then(|to| self.place_in(to, *topic));
            let gone = self.all.gone_behind(*topic, *stand).filter(|(_, gone)| gone.since <= reset.at);
            // What the server still has, the client may get from it.
            gone.map(move |(position, gone)| (gone, stand.told, place.is_none_or(|place| position <= place)))
        });
        let gone: Vec<_> = gone.collect();
        // What it was told already needs no second word.
        if !gone.iter().any(|(gone, told, _)| told.is_none_or(|told| gone.by + SLACK > told)) {
            let stands = self.stands.clone();
            self.client.needless(|| format!("no more was missing behind {stands:?} for {reset:?}"));
        }
        if let Some(missed) = reset.missed {
            let most = gone.len() as u64;
            let least = gone
                .iter()
                .filter(|(gone, told, is_passed)| *is_passed && told.is_none() && gone.by + SLACK < reset.at);
            let least = least.count() as u64;
            if missed < least || missed > most {
                let words = || format!("from {least} to {most} events were missed, told was {reset:?}");
                self.client.wrong(words);
            }
        }
        self.stands.values_mut().for_each(|stand| (stand.told, stand.has_place) = (Some(reset.at), false));
        self.begin_again(reset);
    }

    /// An own ID is forgotten with its event. Then all topics begin again, with all that is retained.
    fn unknown(&mut self, reset: &Reset) {
        let gone = self.row.and_then(|row| self.all.truth.when_gone(row.position));
        if gone.is_none_or(|gone| gone.since > reset.at) {
            let row = self.row;
            self.client.needless(|| format!("the own ID of {row:?} is known, and was told {reset:?}"));
        }
        self.stands
            .values_mut()
            .for_each(|stand| *stand = Stand { told: Some(reset.at), ..Stand::default() });
        self.begin_again(reset);
    }

    fn begin_again(&mut self, reset: &Reset) {
        self.reached = 0;
        reset.to.iter().for_each(|to| self.moved(to));
    }
}
