//! Opening topics on a store.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::super::super::backing::{Backing, Link, Source};
use super::super::super::builder::Builder;
use super::super::super::handle::Owner;
use super::super::super::log::{Ground, Log, LogId};
use super::super::super::shared::{Loading, Topic};
use super::super::super::sight::Call;
use super::super::super::stored::{Follower, TopicsPublisher};
use super::super::{Inner, Topics, TopicsBuilder};
use crate::store::{Range, Store, StoreError};

/// Opens [`Topics`] whose logs are kept by a [`Store`]: see [`TopicsBuilder::store`].
#[must_use = "`open` opens the topics"]
pub struct TopicsStoreBuilder<E> {
    topics: TopicsBuilder<E>,
    source: Source,
    name: Arc<str>,
}

impl<E> TopicsBuilder<E> {
    /// Lets a store keep the logs of all topics, as one log under this name: they last as long as the store does, and all topics
    /// that are opened on it are the same, in whatever process.
    ///
    /// What holds for a [channel on a store](Builder::store) holds for each topic. Besides:
    ///
    /// - One task follows the log, whatever the number of topics. One that is used for the first time, or for the first time since it
    ///   was forgotten, is read from the store; subscriptions wait for that.
    /// - An event ID resumes any number of topics, on any server.
    /// - [`close`](Topics::close) closes a topic on all servers, a little later.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use futures_util::StreamExt as _;
    /// use typed_sse_core::{Event, LastEventId, Topics};
    /// use typed_sse_store_conformance::Memory;
    ///
    /// let store = Memory::new();
    /// let here = Topics::<Event>::builder().store(store.clone(), "orders").open().await?;
    /// let placed = here.channel("41")?.publish(&Event::new("placed")).await?;
    /// here.channel("42")?.publish(&Event::new("paid")).await?;
    ///
    /// // On another server.
    /// let there = Topics::<Event>::builder().store(store, "orders").open().await?;
    /// let mut both = there.subscribe(["41", "42"], LastEventId::from(placed))?;
    /// let paid = both.next().await.ok_or("ended")??;
    /// assert_eq!(paid.topic(), Some("42"));
    /// # Ok(()) }
    /// ```
    pub fn store(self, store: impl Store, name: impl Into<Arc<str>>) -> TopicsStoreBuilder<E> {
        TopicsStoreBuilder { topics: self, source: Source::new(store), name: name.into() }
    }
}

impl<E> TopicsStoreBuilder<E> {
    /// Sets for how long the store may take over an answer. Default: 5 seconds.
    ///
    /// Past it, [`publish`](crate::Channel::publish) fails, with an error that says that the event may have been stored. A client
    /// whose history cannot be read ends, and comes back.
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.source.time_limit = limit;
        self
    }

    /// Opens the topics. From then on a task of this runtime follows the store.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be read.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime with time enabled.
    pub async fn open(self) -> Result<Topics<E>, StoreError> {
        let Self { topics, source, name } = self;
        let log = source.ask(Call::Read, source.store.open(&name)).await?;
        let nothing = source.store.read(&log, Range::after(0).records(0));
        let last = source.ask(Call::Read, nothing).await?.bounds.last;
        let topics = topics.build_with(log.epoch(), |sequencer| {
            let mut turn = sequencer.turn();
            turn.used(last, None);
            turn.show();
            Some(Arc::new(Link::new(source, log, last)))
        });
        Follower::start(&topics.inner);
        Ok(topics)
    }

    /// A handle that only publishes, without windows and without a task that follows the store.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use typed_sse_core::{Event, Topics};
    /// use typed_sse_store_conformance::Memory;
    ///
    /// let orders = Topics::<Event>::builder().store(Memory::new(), "orders").publisher().await?;
    /// orders.channel("42").publish(&Event::new("paid")).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be opened.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime with time enabled.
    pub async fn publisher(self) -> Result<TopicsPublisher<E>, StoreError> {
        let Self { topics, source, name } = self;
        let (channel, wire) = topics.into_parts();
        TopicsPublisher::open(source, &name, &channel, wire).await
    }
}

impl Inner {
    /// A topic in the store, of which nothing was read yet but what comes from now on.
    pub(in super::super) fn make_stored<E>(
        self: &Arc<Self>,
        (builder, topic): (Builder<E>, Topic),
        link: &Arc<Link>,
    ) -> Arc<Owner> {
        let Self { sequencer, .. } = &**self;
        let (name, retention) = (Arc::clone(&builder.name), builder.retention.clone());
        let window = {
            let mut turn = sequencer.turn();
            let begins = turn.last();
            let ground = Ground {
                begins,
                stored_from: begins,
                log: Some(LogId::of_stored(&name, 0)),
                ..Ground::default()
            };
            *topic.loading() = Some(Loading::behind(begins));
            Log::window(sequencer.epoch(), retention, &mut turn, &ground)
        };
        let backing = Backing::of_topic(link, name);
        let owner = Arc::new(builder.build_stored(Arc::clone(sequencer), window, Some(topic), backing));
        self.load(&owner, link);
        owner
    }
}

impl<E> fmt::Debug for TopicsStoreBuilder<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TopicsStoreBuilder")
            .field("topics", &self.topics)
            .field("store", &self.source.store)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
