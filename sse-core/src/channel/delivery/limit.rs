//! How many subscriptions there can be, over several channels.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A bound on the subscriptions of several channels together: of all [`Topics`](crate::Topics), or of all that a
/// process serves.
///
/// Give it to each of them with [`Builder::limit`](crate::Builder::limit). Cheap to clone: clones are the same limit.
///
/// ```
/// use typed_sse_core::{Channel, Event, SubscriberLimit, Topics};
///
/// let limit = SubscriberLimit::new(50_000);
/// let news = Channel::<Event>::builder().limit(&limit).build();
/// let orders = Topics::<Event>::builder().channel(Channel::builder().limit(&limit)).build();
///
/// let _reader = news.subscribe(None);
/// let _buyer = orders.subscribe(["orders/41", "orders/42"], None)?;
/// assert_eq!(limit.taken(), 2);
/// # Ok::<_, typed_sse_core::TopicsError>(())
/// ```
#[derive(Clone, Debug)]
pub struct SubscriberLimit(Arc<Seats>);

#[derive(Debug)]
struct Seats {
    bound: usize,
    taken: AtomicUsize,
}

/// The place of one subscription; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Seat(Arc<Seats>);

impl SubscriberLimit {
    /// A limit of so many subscriptions. One to several topics counts once.
    ///
    /// One more gets a stream with nothing but a reconnection time of 30 to 60 seconds, as with
    /// [`Builder::subscribers`](crate::Builder::subscribers).
    #[must_use]
    pub fn new(subscribers: usize) -> Self {
        Self(Arc::new(Seats { bound: subscribers, taken: AtomicUsize::new(0) }))
    }

    /// How many subscriptions there are.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.0.taken.load(Ordering::Relaxed)
    }

    /// A place, if one is left.
    pub(crate) fn take(&self) -> Option<Seat> {
        let Seats { bound, taken } = &*self.0;
        let one_more = |taken| (taken < *bound).then_some(taken + 1);
        taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).ok()?;
        Some(Seat(Arc::clone(&self.0)))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::Relaxed);
    }
}
