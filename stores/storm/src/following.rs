//! Which topics a client follows, and what it says of them when it comes back.

use std::collections::BTreeSet;
use std::fmt;

use fastrand::Rng;

use crate::event::{Name, Scene, TOPICS, topic_name};

/// It never takes up again what it has left: that is known not to hold.
#[derive(Debug, Default)]
pub(crate) struct Following {
    topics: Vec<u32>,
    /// All that it ever had.
    had: BTreeSet<u32>,
    /// What it did not have when it got its last event ID.
    joining: Vec<u32>,
}

const MOST: usize = 5;
/// It changes its topics about once in so many connections.
const CHANGES_EACH: u32 = 6;

impl Following {
    pub(crate) fn topics(&self) -> &[u32] {
        &self.topics
    }

    /// Says which topics it is to be, before each connection.
    pub(crate) fn choose(&mut self, last_event_id: &str, rng: &mut Rng) {
        if self.topics.is_empty() {
            for _ in 0..rng.usize(1..=MOST) {
                self.add(rng);
            }
        }
        // Who has nothing yet, and changes its topics, may be told of a loss that it did not have.
        let has_begun = !last_event_id.is_empty() && !last_event_id.contains(['~', '*']);
        if !has_begun || rng.u32(0..CHANGES_EACH) > 0 {
            return;
        }
        // An own ID is looked for in the topics that are named.
        let own = Name::of_row(last_event_id).map(|name| Scene::Topics.topic(name));
        let at = rng.usize(0..self.topics.len());
        let may_leave = self.topics.len() > 1 && own != Some(self.topics[at]);
        if may_leave && (self.topics.len() == MOST || rng.bool()) {
            let left = self.topics.swap_remove(at);
            self.joining.retain(|topic| *topic != left);
        } else if self.topics.len() < MOST
            && let Some(topic) = self.add(rng)
        {
            self.joining.push(topic);
        }
    }

    /// It has got an ID since, which may be the same: that of who has all of what it joined.
    pub(crate) fn has_id(&mut self) {
        self.joining.clear();
    }

    /// One that it never had, if there is one.
    fn add(&mut self, rng: &mut Rng) -> Option<u32> {
        let topic = rng.choice((0..TOPICS).filter(|topic| !self.had.contains(topic)).collect::<Vec<_>>())?;
        self.had.insert(topic);
        self.topics.push(topic);
        Some(topic)
    }
}

/// As the query of a request.
impl fmt::Display for Following {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |topics: &[u32]| {
            topics.iter().map(|topic| topic_name(Scene::Topics, *topic)).collect::<Vec<_>>().join(",")
        };
        write!(f, "topics={}&joining={}", names(&self.topics), names(&self.joining))
    }
}
