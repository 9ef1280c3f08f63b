//! The events that go through the storm.

use serde::{Deserialize, Serialize};
use typed_sse::{EncodeError, Encoded, Encoder, EventType, SseEvent};

/// What the servers serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scene {
    /// One channel.
    Ticker,
    /// The same, and one of five events has an ID of its own, as of a row in a database.
    Rows,
    /// Topics, of which each client follows some; with such IDs as well.
    Topics,
    /// Prices by key, of which each client wants the newest.
    Board,
}

/// Which event it is: no two have one name. All else about an event follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Name {
    /// One life of one server; 0 is the storm.
    pub(crate) origin: u32,
    /// Counts the events of that life.
    pub(crate) number: u32,
}

/// An event, as it is in its scene.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tick {
    pub(crate) name: Name,
    pub(crate) scene: Scene,
}

/// In the scene of topics.
pub(crate) const TOPICS: u32 = 50;

impl Scene {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Ticker => "ticker",
            Self::Rows => "rows",
            Self::Topics => "topics",
            Self::Board => "board",
        }
    }

    pub(crate) fn read(word: &str) -> Option<Self> {
        [Self::Ticker, Self::Rows, Self::Topics, Self::Board].into_iter().find(|scene| scene.word() == word)
    }

    pub(crate) const fn event(self, name: Name) -> Tick {
        Tick { name, scene: self }
    }

    /// What it adds to the title of a report.
    pub(crate) fn title(self) -> String {
        match self {
            Self::Ticker | Self::Rows => String::new(),
            Self::Topics => format!(": {TOPICS} topics"),
            Self::Board => ": the newest of each key".to_owned(),
        }
    }

    /// How many topics there are.
    pub(crate) const fn topics(self) -> u32 {
        match self {
            Self::Topics => TOPICS,
            Self::Ticker | Self::Rows | Self::Board => 1,
        }
    }

    /// The topic of an event: 0 where there is only one.
    pub(crate) const fn topic(self, name: Name) -> u32 {
        match self {
            Self::Topics => (name.spread() % TOPICS as u64) as u32,
            _ => 0,
        }
    }
}

/// As a store names it.
pub(crate) fn topic_name(scene: Scene, topic: u32) -> String {
    if scene == Scene::Topics { format!("t{topic}") } else { String::new() }
}

impl Name {
    /// From the data of an event.
    pub(crate) fn read(data: &str) -> Option<Self> {
        serde_json::from_str(data).ok()
    }

    /// From an event's own ID.
    pub(crate) fn of_row(id: &str) -> Option<Self> {
        let (origin, number) = id.strip_prefix("row.")?.split_once('.')?;
        Some(Self { origin: origin.parse().ok()?, number: number.parse().ok()? })
    }

    /// Its own ID, if it has one among rows. What the storm itself publishes has none.
    pub(crate) fn row(self) -> Option<String> {
        let is_row = self.origin != 0 && self.spread().is_multiple_of(5);
        is_row.then(|| format!("row.{}.{}", self.origin, self.number))
    }

    /// Its key on the board: some change all the time, and some hardly ever.
    pub(crate) const fn key(self) -> u32 {
        let any = self.spread() % 256;
        ((any * any * any) >> 16) as u32
    }

    /// On the board, it takes its key away.
    pub(crate) const fn is_removal(self) -> bool {
        self.origin != 0 && (self.spread() >> 8).is_multiple_of(8)
    }

    const fn spread(self) -> u64 {
        let number = (self.origin as u64) << 32 | self.number as u64;
        number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 24
    }
}

impl SseEvent for Tick {
    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        const TICK: EventType = EventType::from_static("tick");
        let mut encoder = encoder.event_type(&TICK)?;
        match self.scene {
            Scene::Ticker => {}
            Scene::Rows | Scene::Topics => {
                if let Some(id) = self.name.row() {
                    encoder = encoder.id(&id)?;
                }
            }
            Scene::Board => {
                encoder = encoder.key(&self.name.key())?;
                if self.name.is_removal() {
                    encoder = encoder.tombstone()?;
                }
            }
        }
        encoder.json(&self.name)
    }
}
