//! Channels by name.

mod builder;
mod registry;
mod stored;
mod subscription;

use std::fmt;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::{Instant, sleep};

use super::backing::Link;
use super::builder::Builder;
use super::delivery::{DrainReport, drain};
use super::handle::{Channel, Owner, Wire};
use super::log::{Budget, Cursor, LastUsed, Log, Sequencer};
use super::shared::Topic;
use super::sight::Counters;
use super::sync::{Mutex, MutexGuard};
use crate::field::{EventId, LastEventId};
use crate::store::Record;
pub use builder::TopicsBuilder;
use registry::{Registry, Sweeper};
pub use stored::TopicsStoreBuilder;
use subscription::Closed;
pub use subscription::TopicsSubscription;

/// [`Channel`]s by name, made on demand, that share one sequence of event IDs.
///
/// Because they do, the event ID of any of them is a cursor into all: one short ID resumes a
/// [subscription to several topics](Self::subscribe), and nothing is lost or sent twice in any of them. All topics have
/// one epoch and the same configuration. An event's own ID must name one event of all topics, not only of its own:
/// one that names several that are retained resumes none of them, and is answered by a reset. Right behind a reset of one
/// topic, an event of another has a cursor in place of its own ID, which has no room for what the client was told.
///
/// A topic that nobody uses (no subscription, no [`Channel`] held by the application) is forgotten after some time
/// ([`TopicsBuilder::idle`]), with its events. A client that comes back to it is told if it has missed any of them, and else
/// goes on. A topic that was [finished](Channel::finish) is finished when it is made again. A topic can be
/// [closed](Self::close), too: then its clients are done, and the next one of its name begins fresh.
///
/// In memory, 65,536 topics that are gone are remembered, in about 16 MiB. Of those beyond, it is not known any more where they ended, nor that
/// they were finished or closed: a client that comes back to one is told that it may have missed something, and goes on.
///
/// A frame knows [its topic](crate::Frame::topic).
///
/// Cheap to clone: clones are the same topics.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use futures_util::StreamExt as _;
/// use typed_sse_core::{Event, LastEventId, Topics};
///
/// let topics = Topics::<Event>::new();
/// let first = topics.channel("orders/41")?.publish(&Event::new("placed")).await?;
/// topics.channel("orders/42")?.publish(&Event::new("paid")).await?;
/// topics.channel("orders/41")?.publish(&Event::new("sent")).await?;
///
/// let mut both = topics.subscribe(["orders/41", "orders/42"], LastEventId::from(first))?;
/// let paid = both.next().await.ok_or("ended")??;
/// assert!(paid.as_ref().ends_with(b"-2\ndata: paid\n\n"));
/// assert_eq!(paid.topic(), Some("orders/42"));
/// assert!(both.next().await.ok_or("ended")??.as_ref().ends_with(b"-3\ndata: sent\n\n"));
/// # Ok(()) }
/// ```
pub struct Topics<E> {
    inner: Arc<Inner>,
    channel: Builder<E>,
    wire: Option<Arc<Wire<E>>>,
}

struct Inner {
    /// To the store that keeps the logs, if one does.
    link: Option<Arc<Link>>,
    sequencer: Arc<Sequencer>,
    budget: Arc<Budget>,
    /// The most topics there can be.
    bound: usize,
    idle: Duration,
    registry: Mutex<Registry>,
}

/// Why a topic could not be had.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TopicsError {
    /// A subscription named none: it would never end.
    NoTopics,
    /// There are as many topics as there may be, and all of them are in use.
    Full {
        /// The bound, see [`TopicsBuilder::topics`].
        bound: usize,
    },
}

impl<E> Topics<E> {
    /// Topics with the defaults of their [`builder`](Self::builder).
    #[must_use]
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Starts to configure topics.
    pub fn builder() -> TopicsBuilder<E> {
        TopicsBuilder::new()
    }

    /// The channel of this name; a new one if there is none.
    ///
    /// Publish and subscribe to it as to any other. While the application holds it, the topic is not forgotten.
    ///
    /// # Errors
    ///
    /// [`TopicsError::Full`] if a new one would be one too many.
    pub fn channel(&self, name: impl AsRef<str>) -> Result<Channel<E>, TopicsError> {
        let owner = self.topic(&mut self.inner.registry(), name.as_ref());
        self.sweep_by_the_clock();
        owner.map(|owner| self.handle(owner)).ok_or(TopicsError::Full { bound: self.inner.bound })
    }

    /// Subscribes a client to all of these topics at once; a name that stands twice counts once.
    ///
    /// The events of one topic come in the order in which they were published, and so do those of all of them; only
    /// ephemeral events of several topics with none that can be replayed between them may change places. A last
    /// event ID, an event's own or a cursor, resumes each topic; it reads nothing of a topic that is not named here.
    ///
    /// The ID says how far the client is, not in which topics: name those that it did not have before with
    /// [`joining`](TopicsSubscription::joining).
    ///
    /// If there is no room for a new topic, the subscription carries nothing but a reconnection time of 30 to 60 seconds, as one
    /// to a channel that is full: an error status would stop an `EventSource` for good.
    ///
    /// # Errors
    ///
    /// [`TopicsError::NoTopics`] if no name is given.
    pub fn subscribe<N: AsRef<str>>(
        &self,
        names: impl IntoIterator<Item = N>,
        last_event_id: impl Into<LastEventId>,
    ) -> Result<TopicsSubscription<E>, TopicsError> {
        let mut names: Vec<String> = names.into_iter().map(|name| name.as_ref().to_owned()).collect();
        names.sort_unstable();
        names.dedup();
        if names.is_empty() {
            return Err(TopicsError::NoTopics);
        }
        Ok(self.subscribe_to(names, last_event_id.into(), false))
    }

    /// Subscribes a client to these. If it is done with all of them, and joins none, they are not made anew.
    fn subscribe_to(
        &self,
        names: Vec<String>,
        last_event_id: LastEventId,
        joins_any: bool,
    ) -> TopicsSubscription<E> {
        let sequencer = Arc::clone(&self.inner.sequencer);
        let located = sequencer.locate(last_event_id.as_str());
        let listed = names.join(",");
        let mut registry = self.inner.registry();
        let id = (&located, sequencer.epoch().hash(last_event_id.as_str()));
        // What a store keeps says by itself where it was closed.
        let closed = names.iter().map(|name| match self.inner.link {
            Some(_) => None,
            None => registry.closed_for(name, id),
        });
        let closed: Vec<_> = closed.collect();
        if !joins_any && closed.iter().all(Option::is_some) {
            drop(registry);
            let closed = Closed::new(self.clone(), names, last_event_id.clone());
            return TopicsSubscription::done(sequencer, &listed, last_event_id, closed);
        }
        let owners: Option<Vec<_>> = names.iter().map(|name| self.topic(&mut registry, name)).collect();
        if owners.is_none() {
            registry.counted.turned_away();
        }
        drop(registry);
        self.sweep_by_the_clock();
        let Some(owners) = owners else {
            return TopicsSubscription::sent_away(sequencer, &listed, last_event_id);
        };
        let topics: Vec<_> = owners.iter().map(|owner| Arc::clone(owner.shared())).collect();
        // What was made anew since is all new to its client.
        let fresh = topics.iter().zip(closed);
        let fresh = fresh.filter_map(|(topic, stand)| Some((topic.read_log().id(), stand?)));
        let fresh = fresh.collect();
        TopicsSubscription::new(sequencer, &listed, &topics, (last_event_id, fresh))
    }

    /// Closes a topic: a room that is gone, a user who was deleted. Its clients get what was published, then their end, and are
    /// [done](Channel::finish) with it: coming back, they get `204` from every adapter and stop. Publishing to a channel
    /// that is still held fails ([`PublishError::Finished`](crate::PublishError::Finished)).
    ///
    /// In a [store](TopicsBuilder::store) it is closed for all servers, as soon as the store has taken note of it.
    ///
    /// The next topic of this name begins fresh, with its first use. A client of several topics goes on in the others; when it comes
    /// back and names this one again, it gets all of the new one, or a reset. So does whoever [joins](TopicsSubscription::joining) it.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use futures_util::StreamExt as _;
    /// use typed_sse_core::{Event, Topics};
    ///
    /// let topics = Topics::<Event>::new();
    /// let seen = topics.channel("room/7")?.publish(&Event::new("hello")).await?;
    /// topics.close("room/7");
    ///
    /// assert!(topics.subscribe(["room/7"], seen)?.next().await.is_none());
    /// let fresh = topics.channel("room/7")?;
    /// fresh.publish(&Event::new("hello again")).await?;
    /// # Ok(()) }
    /// ```
    pub fn close(&self, name: impl AsRef<str>) {
        let name = name.as_ref();
        if let Some(link) = &self.inner.link {
            return link.put_surely(vec![Record::close(name)]);
        }
        loop {
            // Finished first, so that it has nothing behind its last number; and without the lock, as whoever is woken may do
            // anything.
            let topic = self.inner.registry().get(name);
            if let Some(owner) = &topic {
                owner.shared().finish();
            }
            let mut registry = self.inner.registry();
            let is_it = match (&topic, &registry.get(name)) {
                (Some(topic), Some(now)) => Arc::ptr_eq(topic, now),
                (topic, now) => topic.is_none() && now.is_none(),
            };
            // Else it was made meanwhile, or closed.
            if is_it {
                let gone = registry.close(name, &self.inner.sequencer);
                drop(registry);
                return drop(gone);
            }
        }
    }

    /// The ID from which a client of any of the topics resumes that has seen everything published so far: a cursor, also where
    /// the newest event has an ID of its own, since that would be forgotten for a topic that is quiet while others are busy. For a
    /// [`snapshot`](TopicsSubscription::snapshot), take it before the state is read; its client gets the event's own ID where that
    /// is of its topics.
    #[must_use]
    pub fn cursor(&self) -> EventId {
        let sequencer = &self.inner.sequencer;
        Cursor::at(sequencer.epoch(), sequencer.newest()).into()
    }

    /// How all topics stand together, and what has happened in them, those included that are gone. It looks at
    /// each topic and each subscription.
    #[must_use]
    pub fn counters(&self) -> Counters {
        let mut counters = self.inner.registry().counters();
        if let Some(link) = &self.inner.link {
            counters += link.source().counts.read();
        }
        counters
    }

    /// How many topics there are, those included that will be forgotten.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.registry().len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// [Drains](Channel::drain) all topics at once, over the same window. A topic that is made from now on is drained
    /// from the beginning.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime with time enabled.
    pub async fn drain(&self, window: Duration) -> DrainReport {
        let topics = self.inner.registry().start_draining();
        let shared: Vec<_> = topics.iter().map(|owner| &owner.shared().subscribers).collect();
        drain(&shared, window).await
    }

    fn handle(&self, owner: Arc<Owner>) -> Channel<E> {
        let fed_by = self.inner.link.as_ref().map(|_| Arc::clone(&self.inner) as Arc<_>);
        Channel::fed(owner, self.wire.clone(), fed_by)
    }

    /// The topic of this name; a new one if there is none and there is room.
    fn topic(&self, registry: &mut Registry, name: &str) -> Option<Arc<Owner>> {
        if let Some(owner) = registry.get(name) {
            return Some(owner);
        }
        if !registry.make_room(self.inner.bound) {
            return None;
        }
        let Inner { sequencer, budget, .. } = &*self.inner;
        let builder = self.channel.clone().name(name);
        let topic = Topic {
            last_used: LastUsed::new(Instant::now()),
            budget: Arc::clone(budget),
            is_listed: false.into(),
            successor: registry.successor(name),
            loading: Default::default(),
        };
        if let Some(link) = &self.inner.link {
            let owner = self.inner.make_stored((builder, topic), link);
            registry.insert(name, Arc::clone(&owner));
            return Some(owner);
        }
        let (retention, origin) = (builder.retention.clone(), registry.begin(name));
        let log = Log::begun(sequencer.epoch(), retention, &mut sequencer.turn(), origin);
        let owner = builder.build_on(Arc::clone(sequencer), log, Some(topic));
        if registry.was_finished(name) {
            owner.shared().finish();
        }
        registry.insert(name, Arc::clone(&owner));
        Some(owner)
    }

    /// Has unused topics forgotten when it is time, if there is a runtime for it.
    fn sweep_by_the_clock(&self) {
        let mut registry = self.inner.registry();
        let Ok(runtime) = Handle::try_current() else { return };
        if registry.sweeper != Sweeper::Off {
            return;
        }
        registry.sweeper = Sweeper::On;
        let sweeping = Sweeping(Arc::downgrade(&self.inner));
        runtime.spawn(async move {
            while let Some(wait) = sweeping.sweep() {
                sleep(wait).await;
            }
        });
    }
}

/// The task that forgets topics; it keeps none of them alive.
struct Sweeping(std::sync::Weak<Inner>);

impl Sweeping {
    fn sweep(&self) -> Option<Duration> {
        let inner = self.0.upgrade()?;
        let wait = inner.registry().sweep(Instant::now(), inner.idle);
        Some(wait)
    }
}

impl Drop for Sweeping {
    fn drop(&mut self) {
        // Its runtime has ended, or has no clock: then it panicked.
        let next = if std::thread::panicking() { Sweeper::Failed } else { Sweeper::Off };
        if let Some(inner) = self.0.upgrade() {
            inner.registry().sweeper = next;
        }
    }
}

impl Inner {
    /// Without those that are due to be forgotten, whether or not the clock has had its turn.
    fn registry(&self) -> MutexGuard<'_, Registry> {
        let mut registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        registry.sweep_if_due(Instant::now(), self.idle);
        registry
    }
}

impl<E> Clone for Topics<E> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), channel: self.channel.clone(), wire: self.wire.clone() }
    }
}

impl<E> Default for Topics<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E> fmt::Debug for Topics<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Topics")
            .field("epoch", &self.inner.sequencer.epoch())
            .field("topics", &self.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Display for TopicsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTopics => f.write_str("a subscription to no topic would never end: name at least one"),
            Self::Full { bound } => {
                write!(f, "all {bound} topics are in use: raise `TopicsBuilder::topics`, or use fewer")
            }
        }
    }
}

impl std::error::Error for TopicsError {}
