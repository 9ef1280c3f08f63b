//! Opening a channel on a store.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::super::builder::Builder;
use super::super::handle::Channel;
use super::super::log::{Log, Sequencer};
use super::follow::{Follower, encode};
use super::{Backing, Outbox, Pages, within};
use crate::store::{Page, Range, RecordKind, Store, StoreError, Stored, StoredLog};

/// Opens a [`Channel`] whose log is kept by a [`Store`]: see [`Builder::store`].
#[must_use = "`open` opens the channel"]
pub struct StoreBuilder<E> {
    channel: Builder<E>,
    store: Arc<dyn Store>,
    name: Arc<str>,
    time_limit: Duration,
}

impl<E> Builder<E> {
    /// Lets a store keep the log, under this name: it lasts as long as the store does, and all channels that are opened on it are
    /// one, in whatever process.
    ///
    /// The bounds of this builder are then those of the *window*, which is the end of the log in memory; how much is kept in all
    /// is the store's own matter. A client that comes back from within the window costs the store nothing. One that is older reads
    /// pages from the store until it reaches the window.
    ///
    /// - An event's ID is `epoch-position`, the same on every server.
    /// - [`publish`](Channel::publish) is ready when the store has the event; its error says whether the event may have been stored.
    /// - An [ephemeral](crate::Encoder::ephemeral) event is not stored: the clients of this process get it, and no others.
    /// - A `Slow` subscriber that falls behind the window goes on from the store. [`Slow`](crate::Slow) is asked where the store has
    ///   let go of what it missed.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use typed_sse_core::{Channel, Event};
    /// use typed_sse_store_conformance::Memory;
    ///
    /// let store = Memory::new();
    /// let market = Channel::<Event>::builder().store(store.clone(), "market").open().await?;
    /// let id = market.publish(&Event::new("one")).await?;
    ///
    /// // The server is started anew.
    /// drop(market);
    /// let market = Channel::<Event>::builder().store(store, "market").open().await?;
    /// assert_eq!(market.cursor(), id);
    /// # Ok(()) }
    /// ```
    pub fn store(self, store: impl Store, name: impl Into<Arc<str>>) -> StoreBuilder<E> {
        StoreBuilder {
            channel: self,
            store: Arc::new(store),
            name: name.into(),
            time_limit: Duration::from_secs(5),
        }
    }
}

impl<E> StoreBuilder<E> {
    /// Sets for how long the store may take over an answer. Default: 5 seconds.
    ///
    /// Past it, [`publish`](Channel::publish) fails, with an error that says that the event may have been stored. A client whose
    /// history cannot be read ends, and comes back.
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// Opens the channel: its window and the newest event of each key are filled before it is there.
    ///
    /// From then on a task of this runtime follows the store.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be read.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime with time enabled.
    pub async fn open(self) -> Result<Channel<E>, StoreError> {
        let Self { channel, store, name, time_limit } = self;
        let log = within(time_limit, store.open(&name)).await?;
        let topic: Arc<str> = Arc::default();
        let retention = channel.retention.clone();
        let end = Range::after(0).of(&topic).records(retention.events).bytes(retention.bytes).tail();
        let end = within(time_limit, store.read(&log, end)).await?;
        let begins = begin(&end);
        let keys = Range::after(0).of(&topic).up_to(begins).records(retention.keys).bytes(retention.bytes);
        let keys = within(time_limit, store.newest(&log, keys.tail())).await?;

        let sequencer = Arc::new(Sequencer::new(log.epoch(), retention.remembered(), false));
        let window = fill(&sequencer, &channel, &log, end, keys);
        let last = sequencer.newest();
        let owner = Arc::new_cyclic(|owner: &Weak<_>| {
            let seen = watch::Sender::new(last);
            let outbox = Outbox::new(Arc::clone(&store), log.clone(), time_limit);
            let follower = Follower::new(owner.clone(), Arc::clone(&store), log.clone(), last);
            let follower = tokio::spawn(follower.run()).abort_handle();
            let backing =
                Backing { store, log, topic, time_limit, seen, outbox, pages: Pages::new(), follower };
            channel.build_stored(sequencer, window, backing)
        });
        Ok(Channel::of(owner, None))
    }
}

/// The position behind which the window begins.
fn begin(end: &Page) -> u64 {
    // Of a log that has nothing, it begins at the end.
    end.records.first().map_or(end.bounds.last, |first| first.position - 1)
}

/// The window, as full as it can be.
fn fill<E>(sequencer: &Sequencer, channel: &Builder<E>, log: &StoredLog, end: Page, keys: Page) -> Log {
    let now = Instant::now();
    let mut turn = sequencer.turn();
    let retention = channel.retention.clone();
    let (begins, last, stored_from) = (begin(&end), end.bounds.last, end.bounds.trimmed);
    let mut window = Log::window(log.epoch(), retention, &mut turn, begins, stored_from);
    for Stored { position, record, .. } in keys.records {
        if let Ok(event) = encode("", &record, log.epoch(), position) {
            let mut event = event;
            event.set_sequence(position);
            window.take_key(event.freeze(), position);
        }
    }
    for Stored { position, record, .. } in end.records {
        if record.kind() != RecordKind::Event {
            continue;
        }
        if let Ok(event) = encode("", &record, log.epoch(), position) {
            let taken = window.take(event, position, &mut turn, now);
            turn.used(taken.sequence, taken.own);
        }
    }
    if turn.last() < last {
        turn.used(last, None);
    }
    turn.show();
    if end.bounds.finished.is_some() {
        window.finish();
    }
    window
}

impl<E> fmt::Debug for StoreBuilder<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreBuilder")
            .field("channel", &self.channel)
            .field("store", &self.store)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
