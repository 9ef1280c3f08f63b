//! Where a snapshot comes from.

use std::collections::HashSet;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use tokio::sync::OnceCell;

use super::super::error::SubscriptionError;
use crate::encode::Frame;
use crate::event::{SseEvent, encode_with_id};
use crate::field::{EncodeError, EventId};
use crate::response::BoxError;

/// A state as it goes to clients.
#[derive(Debug)]
#[expect(unnameable_types, reason = "only `Snapshot` has it")]
pub struct Produced {
    /// The last one has the cursor as its ID, the others have none.
    pub(super) frames: Vec<Frame>,
    pub(super) cursor: EventId,
    /// The IDs that its events brought: what is published later with one of them is part of it.
    pub(super) known: Arc<HashSet<Box<str>>>,
}

/// What makes snapshots.
///
/// Sealed: it stands for a function that returns a future, and for a [`SharedSnapshot`].
#[expect(unnameable_types, reason = "that is what seals a trait")]
pub trait Source {
    /// The making of one.
    type Making: Future<Output = Result<Arc<Produced>, SubscriptionError>>;

    fn make(&mut self) -> Self::Making;

    /// Whether many clients share what is made, so that it is made once at a time.
    const SHARED: bool;
}

/// A client's own.
#[derive(Debug)]
#[expect(unnameable_types, reason = "only `Snapshot` has it")]
pub struct Own<F>(pub(super) F);

pin_project! {
    /// The making of a client's own.
    #[derive(Debug)]
    pub struct MakingOwn<Fut> {
        #[pin]
        producing: Fut,
    }
}

impl<F, Fut, T, X> Source for Own<F>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<(Vec<T>, EventId), X>>,
    T: SseEvent,
    X: Into<BoxError>,
{
    type Making = MakingOwn<Fut>;

    const SHARED: bool = false;

    fn make(&mut self) -> Self::Making {
        MakingOwn { producing: (self.0)() }
    }
}

impl<Fut, T, X> Future for MakingOwn<Fut>
where
    Fut: Future<Output = Result<(Vec<T>, EventId), X>>,
    T: SseEvent,
    X: Into<BoxError>,
{
    type Output = Result<Arc<Produced>, SubscriptionError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let produced = ready!(self.project().producing.poll(context));
        let produced = produced
            .map_err(Into::into)
            .and_then(|(events, cursor)| Produced::new(&events, cursor).map_err(BoxError::from));
        Poll::Ready(produced.map(Arc::new).map_err(SubscriptionError::Snapshot))
    }
}

impl Produced {
    fn new<T: SseEvent>(events: &[T], cursor: EventId) -> Result<Self, EncodeError> {
        let last = events.len().saturating_sub(1);
        let mut known = HashSet::from([Box::from(cursor.as_str())]);
        let mut frames = Vec::with_capacity(events.len());
        for (i, event) in events.iter().enumerate() {
            if let Some(id) = event.to_frame()?.id() {
                known.insert(id.into());
            }
            frames.push(encode_with_id(event, (i == last).then(|| cursor.clone()))?);
        }
        Ok(Self { frames, cursor, known: Arc::new(known) })
    }
}

/// A snapshot that is made once for all clients that need it at the same time; see
/// [`Subscription::snapshot`](crate::Subscription::snapshot).
///
/// Two hundred clients that lost their server together, and come back together, then cause one query instead of two hundred.
/// The first of them has it made; whoever comes meanwhile waits for it; whoever comes later has it made anew. If it fails, all
/// that waited are told.
///
/// Share one only between clients that may see the same: what it holds is the same for all of them.
///
/// Cheap to clone: clones are the same snapshot.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::convert::Infallible;
/// use futures_util::StreamExt as _;
/// use typed_sse_core::{Channel, Event, SharedSnapshot};
///
/// let board = Channel::<Event>::new();
/// // Once, where the application is put together.
/// let state = SharedSnapshot::new({
///     let board = board.clone();
///     move || {
///         let cursor = board.cursor();
///         async { Ok::<_, Infallible>((vec![Event::new("the state")], cursor)) }
///     }
/// });
/// // In a handler, for each client.
/// let mut client = std::pin::pin!(board.subscribe(None).no_checkpoints().shared_snapshot(&state));
/// assert!(client.next().await.ok_or("ended")??.as_ref().ends_with(b"data: the state\n\n"));
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct SharedSnapshot {
    inner: Arc<Inner>,
}

struct Inner {
    make: Box<Make>,
    /// What is being made, while it is.
    current: Mutex<Option<Arc<OnceCell<Shared>>>>,
}

type Make = dyn Fn() -> Pin<Box<dyn Future<Output = Shared> + Send>> + Send + Sync;
type Shared = Result<Arc<Produced>, SharedError>;

/// An error that all who waited are told.
#[derive(Clone, Debug)]
struct SharedError(Arc<SubscriptionError>);

impl SharedSnapshot {
    /// A snapshot that this function makes: as the one of [`Subscription::snapshot`](crate::Subscription::snapshot), but its
    /// future has to be `Send` and `'static`, since any of the clients may drive it.
    pub fn new<F, Fut, T, X>(produce: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(Vec<T>, EventId), X>> + Send + 'static,
        T: SseEvent,
        X: Into<BoxError>,
    {
        let make = move || -> Pin<Box<dyn Future<Output = Shared> + Send>> {
            let making = MakingOwn { producing: produce() };
            Box::pin(async { making.await.map_err(|error| SharedError(Arc::new(error))) })
        };
        Self { inner: Arc::new(Inner { make: Box::new(make), current: Mutex::default() }) }
    }
}

impl Source for SharedSnapshot {
    type Making = Pin<Box<dyn Future<Output = Result<Arc<Produced>, SubscriptionError>> + Send>>;

    const SHARED: bool = true;

    fn make(&mut self) -> Self::Making {
        let inner = Arc::clone(&self.inner);
        Box::pin(async move {
            let current = Arc::clone(inner.current().get_or_insert_with(Arc::default));
            // If the client that drives it leaves, the next one goes on with a new one.
            let made = current.get_or_init(|| (inner.make)()).await.clone();
            let mut newest = inner.current();
            if newest.as_ref().is_some_and(|newest| Arc::ptr_eq(newest, &current)) {
                *newest = None;
            }
            made.map_err(|error| SubscriptionError::Snapshot(error.into()))
        })
    }
}

impl Inner {
    fn current(&self) -> MutexGuard<'_, Option<Arc<OnceCell<Shared>>>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for SharedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            SubscriptionError::Snapshot(error) => error.fmt(f),
            error => error.fmt(f),
        }
    }
}

impl Error for SharedError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

impl fmt::Debug for SharedSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedSnapshot").finish_non_exhaustive()
    }
}
