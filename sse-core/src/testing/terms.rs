//! What the server has promised one client.

use std::fmt;
use std::sync::Arc;

use super::received::dispatched;
use crate::channel::{Reset, ResetReason, Slow, Start};
use crate::encode::Frame;
use crate::event::Event;

/// What the server has promised a [`Client`](super::Client): the same as the subscription is made with.
///
/// ```
/// use typed_sse_core::testing::Terms;
/// use typed_sse_core::{Slow, Start};
///
/// let terms = Terms::new().start(Start::LatestPerKey).slow(Slow::Coalesce).filter(|frame| frame.key().is_some());
/// # let _ = terms;
/// ```
#[derive(Clone, Default)]
#[must_use = "give it to a client with `Client::set_terms`"]
pub struct Terms {
    pub(super) start: Option<Start>,
    pub(super) slow: Option<Slow>,
    topics: Option<Arc<[String]>>,
    joins: Arc<[String]>,
    filter: Option<Arc<Predicate<Frame>>>,
    reset: Option<Arc<ReadReset>>,
    besides: Option<Arc<Predicate<Event>>>,
}

type Predicate<T> = dyn Fn(&T) -> bool + Send + Sync;
type ReadReset = dyn Fn(&Event) -> Option<(ResetReason, Option<u64>)> + Send + Sync;

impl Terms {
    /// All events of all topics, from wherever the server begins, with resets in their ordinary form.
    pub fn new() -> Self {
        Self::default()
    }

    /// Where the client begins without a last event ID or when it cannot resume. Default: anywhere, with all that
    /// follows.
    pub const fn start(mut self, start: Start) -> Self {
        self.start = Some(start);
        self
    }

    /// What becomes of the client if it falls behind. Default: any of them, but events that a newer one of their key
    /// has superseded may only be left out for [`Slow::Coalesce`].
    pub const fn slow(mut self, slow: Slow) -> Self {
        self.slow = Some(slow);
        self
    }

    /// The topics that the client gets. Default: all.
    pub fn topics<N: AsRef<str>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.topics = Some(names.into_iter().map(|name| name.as_ref().to_owned()).collect());
        self
    }

    /// The topics that begin as the [start](Self::start) says, though the client has an ID of others
    /// ([`TopicsSubscription::joining`](crate::TopicsSubscription::joining)). Default: none.
    pub fn joining<N: AsRef<str>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.joins = names.into_iter().map(|name| name.as_ref().to_owned()).collect();
        self
    }

    /// The events that the client gets. Default: all. An event that was entered by
    /// [`Ledger::publish`](super::Ledger::publish) has no event ID here but its own.
    pub fn filter(
        mut self,
        keep: impl Fn(&Frame) -> bool + Send + Sync + 'static, // an encoded event: ask its event_type(), key(), id(), topic()
    ) -> Self {
        self.filter = Some(Arc::new(keep));
        self
    }

    /// How to read a reset of the application's own making ([`Builder::reset_with`](crate::Builder::reset_with)): the reason and
    /// how many events were missed, or `None` for an event that is no reset. Default: the ordinary `reset` event.
    pub fn reset(
        mut self,
        read: impl Fn(&Event) -> Option<(ResetReason, Option<u64>)> + Send + Sync + 'static,
    ) -> Self {
        self.reset = Some(Arc::new(read));
        self
    }

    /// Events that the server sends besides those in the ledger, such as the state with which a client begins
    /// ([`Subscription::snapshot`](crate::Subscription::snapshot)). One that carries a cursor promises all that was
    /// published behind it. Default: none.
    pub fn besides(mut self, known: impl Fn(&Event) -> bool + Send + Sync + 'static) -> Self {
        self.besides = Some(Arc::new(known));
        self
    }

    pub(super) fn wants(&self, frame: &Frame, topic: &str) -> bool {
        self.wants_topic(topic) && self.filter.as_ref().is_none_or(|keep| keep(frame))
    }

    pub(super) fn wants_topic(&self, topic: &str) -> bool {
        self.topics.as_ref().is_none_or(|topics| topics.iter().any(|name| name == topic))
    }

    /// Whether it names a topic of which this is true, if it names any.
    pub(super) fn names(&self, is_it: impl Fn(&str) -> bool) -> bool {
        self.topics.as_ref().is_some_and(|topics| topics.iter().any(|name| is_it(name)))
    }

    pub(super) fn joins_topic(&self, topic: &str) -> bool {
        self.joins.iter().any(|name| name == topic)
    }

    /// Whether a topic is named that the client did not join.
    pub(super) fn goes_on(&self) -> bool {
        self.topics.as_ref().is_some_and(|topics| topics.iter().any(|name| !self.joins_topic(name)))
    }

    /// Whether a state of the application's making may come.
    pub(super) fn may_have_state(&self) -> bool {
        self.besides.is_some()
    }

    /// Whether these are several, if they are named.
    pub(super) fn several_topics(&self) -> Option<bool> {
        let topics = self.topics.as_ref()?;
        Some(topics.iter().any(|name| *name != topics[0]))
    }

    pub(super) fn read_reset(&self, event: &Event) -> Option<Reset> {
        match &self.reset {
            Some(read) => read(event).map(|(reason, missed)| Reset { reason, missed }),
            None => read_reset(event.event_type(), event.data()),
        }
    }

    pub(super) fn is_besides(&self, event: &Event) -> bool {
        self.besides.as_ref().is_some_and(|known| known(event))
    }
}

/// Reads the ordinary reset event.
fn read_reset(event_type: &str, data: &str) -> Option<Reset> {
    if event_type != "reset" {
        return None;
    }
    let (reason, missed) =
        data.strip_prefix("{\"reason\":\"")?.strip_suffix('}')?.split_once("\",\"missed\":")?;
    let reasons = [ResetReason::Unknown, ResetReason::Trimmed, ResetReason::Epoch, ResetReason::Lagged];
    let reason = reasons.into_iter().find(|known| known.as_str() == reason)?;
    let missed = if missed == "null" { None } else { Some(missed.parse().ok()?) };
    Some(Reset { reason, missed })
}

pub(super) fn ordinary_reset(frame: &Frame) -> Option<Reset> {
    if frame.event_type() != "reset" {
        return None;
    }
    read_reset("reset", dispatched(frame.as_ref()).data())
}

impl fmt::Debug for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terms")
            .field("start", &self.start)
            .field("slow", &self.slow)
            .field("topics", &self.topics)
            .field("filter", &self.filter.is_some())
            .finish_non_exhaustive()
    }
}
