//! One snapshot for many clients.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::task::{Context, Poll, Wake, Waker, ready};

use super::super::error::SubscriptionError;
use super::source::{MakingOwn, Produced, Source};
use crate::event::SseEvent;
use crate::field::EventId;
use crate::response::BoxError;

/// A snapshot that is made once for all clients that need it at the same time; see
/// [`Subscription::shared_snapshot`](crate::Subscription::shared_snapshot).
///
/// Two hundred clients that lost their server together, and come back together, then cause one query instead of two hundred.
/// The first of them has it made; whoever comes meanwhile waits for it; whoever comes later has it made anew. If it fails, all
/// that waited are told. A client that leaves or stalls meanwhile holds up none of the others.
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
/// let client = board.subscribe(None).no_checkpoints().shared_snapshot(&state);
/// let mut client = std::pin::pin!(client);
/// assert!(client.next().await.ok_or("ended")??.as_ref().ends_with(b"data: the state\n\n"));
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct SharedSnapshot {
    inner: Arc<Inner>,
}

struct Inner {
    make: Box<dyn Fn() -> Producing + Send + Sync>,
    /// What is being made, while it is.
    current: Mutex<Option<Arc<Making>>>,
}

type Producing = Pin<Box<dyn Future<Output = Made> + Send>>;
type Made = Result<Arc<Produced>, SharedError>;

/// An error that all who waited are told.
#[derive(Clone, Debug)]
struct SharedError(Arc<BoxError>);

/// The making of one. Whoever is polled drives it, so that none has to wait for another to be.
struct Making {
    state: Mutex<State>,
    /// Those who wait. Apart from the state: it may wake while it is polled.
    waiting: Mutex<Vec<Waker>>,
}

enum State {
    Producing(Producing),
    Made(Made),
}

/// A client's part in it.
#[expect(unnameable_types, reason = "only `Snapshot` has it")]
pub struct MakingShared {
    inner: Arc<Inner>,
    making: Arc<Making>,
}

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
        let make = move || -> Producing {
            let making = MakingOwn { producing: produce() };
            Box::pin(async {
                making.await.map_err(|error| match error {
                    SubscriptionError::Snapshot(error) => SharedError(Arc::new(error)),
                    error => SharedError(Arc::new(error.into())),
                })
            })
        };
        Self { inner: Arc::new(Inner { make: Box::new(make), current: Mutex::default() }) }
    }
}

impl Source for SharedSnapshot {
    type Making = MakingShared;

    const SHARED: bool = true;

    fn make(&mut self) -> Self::Making {
        let inner = Arc::clone(&self.inner);
        let making = {
            let mut current = lock(&inner.current);
            // One that panicked is nobody's.
            let made = current.take().filter(|making| !making.state.is_poisoned());
            Arc::clone(current.insert(made.unwrap_or_else(|| Arc::new(Making::new((inner.make)())))))
        };
        MakingShared { inner, making }
    }
}

impl Future for MakingShared {
    type Output = Result<Arc<Produced>, SubscriptionError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let made = ready!(self.making.poll_made(context));
        // Whoever comes from now on has a new one.
        let mut current = lock(&self.inner.current);
        if current.as_ref().is_some_and(|current| Arc::ptr_eq(current, &self.making)) {
            *current = None;
        }
        Poll::Ready(made.map_err(|error| SubscriptionError::Snapshot(error.into())))
    }
}

impl Making {
    fn new(producing: Producing) -> Self {
        Self { state: Mutex::new(State::Producing(producing)), waiting: Mutex::default() }
    }

    fn poll_made(self: &Arc<Self>, context: &Context<'_>) -> Poll<Made> {
        // First, so that whatever happens from here on wakes this one too.
        let mut waiting = lock(&self.waiting);
        if !waiting.iter().any(|waker| waker.will_wake(context.waker())) {
            waiting.push(context.waker().clone());
        }
        drop(waiting);
        let mut state = match self.state.try_lock() {
            Ok(state) => state,
            // Another thread drives it.
            Err(TryLockError::WouldBlock) => return Poll::Pending,
            Err(TryLockError::Poisoned(_)) => {
                return Poll::Ready(Err(SharedError(Arc::new("the making of the snapshot panicked".into()))));
            }
        };
        let made = match &mut *state {
            State::Made(made) => made.clone(),
            State::Producing(producing) => {
                let all = Waker::from(Arc::clone(self));
                ready!(producing.as_mut().poll(&mut Context::from_waker(&all)))
            }
        };
        *state = State::Made(made.clone());
        drop(state);
        self.wake_by_ref();
        Poll::Ready(made)
    }
}

/// Wakes all who wait: those who are polled come again.
impl Wake for Making {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let waiting = std::mem::take(&mut *lock(&self.waiting));
        waiting.into_iter().for_each(Waker::wake);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Display for SharedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
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

impl fmt::Debug for MakingShared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MakingShared").finish_non_exhaustive()
    }
}
