//! Opening a channel on a store.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::super::backing::{Backing, Link, Source};
use super::super::builder::Builder;
use super::super::handle::Channel;
use super::super::log::{Log, Sequencer};
use super::end::End;
use super::follow::{Follower, use_up_to};
use super::publisher::Publisher;
use crate::store::{Store, StoreError};

/// Opens a [`Channel`] whose log is kept by a [`Store`]: see [`Builder::store`].
#[must_use = "`open` opens the channel"]
pub struct StoreBuilder<E> {
    channel: Builder<E>,
    source: Source,
    name: Arc<str>,
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
        StoreBuilder { channel: self, source: Source::new(store), name: name.into() }
    }
}

impl<E> StoreBuilder<E> {
    /// Sets for how long the store may take over an answer. Default: 5 seconds.
    ///
    /// Past it, [`publish`](Channel::publish) fails, with an error that says that the event may have been stored. A client whose
    /// history cannot be read ends, and comes back.
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.source.time_limit = limit;
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
        let Self { channel, source, name } = self;
        let end = End::of_channel(&source, &name, &channel.retention).await?;
        let epoch = end.log.epoch();
        let sequencer = Arc::new(Sequencer::new(epoch, channel.retention.remembered(), false));
        let window = {
            let mut turn = sequencer.turn();
            let mut window = Log::window(epoch, channel.retention.clone(), &mut turn, &end.ground());
            end.fill(&mut window, &mut turn, |turn, taken| turn.used(taken.sequence, taken.own));
            use_up_to(&mut turn, end.up_to);
            turn.show();
            window
        };
        let backing = Backing::of_channel(Link::new(source, end.log, end.up_to));
        let owner = Arc::new(channel.build_stored(sequencer, window, None, backing));
        Follower::start(&owner);
        Ok(Channel::of(owner, None))
    }

    /// A handle that only publishes, without a window and without a task that follows the store.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be opened.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime with time enabled.
    pub async fn publisher(self) -> Result<Publisher<E>, StoreError> {
        let Self { channel, source, name } = self;
        Publisher::open(source, &name, &channel).await
    }
}

impl<E> fmt::Debug for StoreBuilder<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreBuilder")
            .field("channel", &self.channel)
            .field("store", &self.source.store)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
