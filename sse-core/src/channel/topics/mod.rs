//! Channels by name.

mod registry;
mod subscription;

use std::fmt;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::delivery::DrainReport;
use super::log::{Cursor, Epoch, Sequencer};
use super::sync::{Mutex, MutexGuard};
use super::{Builder, Channel, Counters};
use crate::field::{EventId, LastEventId};
use registry::Registry;
pub use subscription::TopicsSubscription;

/// [`Channel`]s by name, made on demand, that share one sequence of event IDs.
///
/// Because they do, the event ID of any of them is a cursor into all: one short ID resumes a
/// [subscription to several topics](Self::subscribe), and nothing is lost or sent twice in any of them. All topics have
/// one epoch and the same configuration. An event's own ID must name one event of all topics, not only of its own:
/// one that names several that are retained resumes none of them, and is answered by a reset.
///
/// A topic that nobody uses (no subscription, no [`Channel`] held by the application) is forgotten some time after it was
/// used last, with its events; a client that comes back for them gets a reset.
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
/// assert!(both.next().await.ok_or("ended")??.as_ref().ends_with(b"-2\ndata: paid\n\n"));
/// assert!(both.next().await.ok_or("ended")??.as_ref().ends_with(b"-3\ndata: sent\n\n"));
/// # Ok(()) }
/// ```
pub struct Topics<E> {
    inner: Arc<Inner<E>>,
}

struct Inner<E> {
    builder: TopicsBuilder<E>,
    epoch: Epoch,
    sequencer: Arc<Sequencer>,
    registry: Mutex<Registry<E>>,
}

/// Configures [`Topics`].
#[derive(Debug)]
#[must_use = "`build` makes the topics"]
pub struct TopicsBuilder<E> {
    channel: Builder<E>,
    topics: usize,
    idle: Duration,
}

/// Why a topic could not be had.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TopicsError {
    /// A subscription named none: it would never end.
    NoTopics,
    /// There are as many topics as there may be, and all of them are in use, or were until a moment ago.
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
        TopicsBuilder { channel: Channel::builder(), topics: 10_000, idle: Duration::from_secs(300) }
    }

    /// The channel of this name; a new one if there is none.
    ///
    /// Publish and subscribe to it as to any other. While the application holds it, the topic is not forgotten.
    ///
    /// # Errors
    ///
    /// [`TopicsError::Full`] if a new one would be one too many.
    pub fn channel(&self, name: impl AsRef<str>) -> Result<Channel<E>, TopicsError> {
        let Inner { builder, epoch, sequencer, .. } = &*self.inner;
        let name = name.as_ref();
        let make = |from| {
            let builder = builder.channel.clone().name(name);
            builder.build_with(Arc::clone(sequencer), *epoch, Some(from))
        };
        self.registry().get(name, Instant::now(), builder.topics, builder.idle, make)
    }

    /// Subscribes a client to all of these topics at once; a name that stands twice counts once.
    ///
    /// The events of one topic come in the order in which they were published, and so do those of all of them; only
    /// ephemeral events of several topics with none that can be replayed between them may change places. A last
    /// event ID, an event's own or a cursor, resumes each topic; it reads nothing of a topic that is not named here.
    ///
    /// # Errors
    ///
    /// [`TopicsError::NoTopics`] if no name is given; else as [`channel`](Self::channel).
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
        let channels = names.iter().map(|name| self.channel(name)).collect::<Result<Vec<_>, _>>()?;
        let last_event_id = self.as_cursor(&channels, last_event_id.into());
        let sequencer = Arc::clone(&self.inner.sequencer);
        Ok(TopicsSubscription::new(sequencer, &channels, &last_event_id))
    }

    /// How all topics stand together, and what has happened in them, those included that were forgotten. It looks at
    /// each topic and each subscription.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.registry().counters()
    }

    /// How many topics there are, those included that will be forgotten.
    #[must_use]
    pub fn len(&self) -> usize {
        self.registry().len()
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
        let channels = self.registry().start_draining();
        let shared: Vec<_> = channels.iter().map(|channel| &channel.shared().subscribers).collect();
        super::delivery::drain(&shared, window).await
    }

    /// An event's own ID as the cursor that it stands for, so that it resumes the other topics too. One that names an
    /// event in several topics could mean any of them: it is as good as unknown.
    fn as_cursor(&self, channels: &[Channel<E>], id: LastEventId) -> LastEventId {
        /// An ID that no channel sends.
        const UNKNOWN: &str = "\u{7f}";
        let mut own =
            channels.iter().filter_map(|channel| channel.shared().read_log().sequence_of(id.as_str()));
        match (own.next(), own.next()) {
            (None, _) => id,
            (Some(sequence), None) => EventId::from(Cursor { epoch: self.inner.epoch, sequence }).into(),
            (Some(_), Some(_)) => LastEventId::from(UNKNOWN),
        }
    }

    fn registry(&self) -> MutexGuard<'_, Registry<E>> {
        self.inner.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<E> TopicsBuilder<E> {
    /// Sets how each topic is configured. Default: that of [`Channel::builder`].
    pub fn channel(mut self, channel: Builder<E>) -> Self {
        self.channel = channel;
        self
    }

    /// Sets how many topics there can be at one time. Default: 10,000. At the bound, those that nobody uses are
    /// forgotten at once; if there are none, a new topic is refused ([`TopicsError::Full`]).
    pub fn topics(mut self, topics: usize) -> Self {
        self.topics = topics;
        self
    }

    /// Sets after which time without use a topic may be forgotten. Default: 5 minutes. It is looked at when topics are
    /// made, not by a clock.
    pub fn idle(mut self, idle: Duration) -> Self {
        self.idle = idle;
        self
    }

    /// Makes the topics, with a new epoch.
    #[must_use]
    pub fn build(self) -> Topics<E> {
        Topics {
            inner: Arc::new(Inner {
                builder: self,
                epoch: Epoch::random(),
                sequencer: Arc::default(),
                registry: Mutex::default(),
            }),
        }
    }
}

impl<E> Clone for Topics<E> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
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
            .field("epoch", &self.inner.epoch)
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
