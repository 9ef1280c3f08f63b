//! What narrows a subscription, and how its client learns how far it is all the same.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::encode::Frame;

/// Which events pass.
pub(crate) type Keep = dyn Fn(&Frame) -> bool + Send + Sync;

pub(crate) struct Narrow {
    keep: Option<Arc<Keep>>,
    /// The client is told how far it is whenever so many were left out; else before what it missed could be trimmed, and seldom
    /// otherwise.
    every: Option<u64>,
    /// How many were left out since the client was told last.
    left_out: u64,
    /// When that was.
    told: Instant,
    /// A client that is quiet is told so often at the most, unless much was left out.
    interval: Duration,
}

/// The interval where events live for long.
const INTERVAL: Duration = Duration::from_secs(10);

impl Narrow {
    /// One that narrows nothing yet, of a log whose events live for so long.
    pub(crate) fn new(age: Option<Duration>) -> Self {
        let interval = age.map_or(INTERVAL, |age| INTERVAL.min(age / 4));
        Self { keep: None, every: None, left_out: 0, told: Instant::now(), interval }
    }

    /// Lets pass what this accepts, of what passes now.
    pub(crate) fn narrow(&mut self, keep: Arc<Keep>) {
        self.keep = Some(match self.keep.take() {
            Some(before) => Arc::new(move |frame: &Frame| before(frame) && keep(frame)),
            None => keep,
        });
    }

    pub(crate) fn set_every(&mut self, events: u64) {
        self.every = Some(events.max(1));
    }

    pub(crate) fn keeps(&self, frame: &Frame) -> bool {
        self.keep.as_ref().is_none_or(|keep| keep(frame))
    }

    /// The client was told how far it is.
    pub(crate) fn told(&mut self) {
        if self.left_out > 0 {
            self.left_out = 0;
            self.told = Instant::now();
        }
    }

    /// Events were left out, of a log that keeps one while `horizon` more come. Whether a checkpoint is due in their place.
    pub(crate) fn left_out(&mut self, events: u64, horizon: u64) -> bool {
        self.left_out += events;
        let due = self.left_out >= self.every.unwrap_or((horizon / 4).max(1));
        if due {
            self.told();
        }
        due
    }

    /// Whether a checkpoint is due once nothing more is there to be read. `retained` says how many of the events that were read
    /// last are still there.
    pub(crate) fn is_due_when_quiet(&self, retained: impl FnOnce() -> u64) -> bool {
        self.left_out > 0 && (self.told.elapsed() >= self.interval || retained() < self.left_out)
    }

    /// Nothing more is there to be read. Whether a checkpoint is due now.
    pub(crate) fn is_quiet(&mut self, retained: impl FnOnce() -> u64) -> bool {
        let due = self.is_due_when_quiet(retained);
        if due {
            self.told();
        }
        due
    }

    /// Nothing more will come. Whether the client has to be told how far it is.
    pub(crate) fn is_at_end(&mut self) -> bool {
        let due = self.left_out > 0;
        self.told();
        due
    }
}
