//! What the channel's concurrency rests on: the standard library's primitives, or those of the model checker.

#[cfg(not(typed_sse_loom))]
mod primitives {
    pub(crate) use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering, fence};
    pub(crate) use std::sync::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};

    pub(crate) use tokio::sync::Notify;

    /// Sets a flag, and only then goes on to look at what others do before they look at the flag.
    pub(crate) fn announce(flag: &AtomicBool) {
        // Less than a store and a fence behind it.
        flag.swap(true, Ordering::SeqCst);
    }
}

#[cfg(typed_sse_loom)]
mod primitives {
    use std::future::Future;
    use std::pin::Pin;
    use std::task::{Context, Poll, Waker};

    pub(crate) use loom::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering, fence};
    pub(crate) use loom::sync::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};

    /// The checker knows the order of fences, and of nothing else.
    pub(crate) fn announce(flag: &AtomicBool) {
        flag.store(true, Ordering::Release);
        fence(Ordering::SeqCst);
    }

    /// What the channel uses of Tokio's, each call of which the checker sees as a step.
    #[derive(Debug)]
    pub(crate) struct Notify(Mutex<Waiting>);

    #[derive(Debug, Default)]
    struct Waiting {
        /// How many times all were told.
        told: u64,
        wakers: Vec<Waker>,
    }

    pub(crate) struct Notified<'a> {
        notify: &'a Notify,
        /// As of its beginning.
        told: u64,
    }

    impl Notify {
        pub(crate) fn new() -> Self {
            Self(Mutex::default())
        }

        pub(crate) fn notified(&self) -> Notified<'_> {
            Notified { notify: self, told: self.lock().told }
        }

        pub(crate) fn notify_waiters(&self) {
            let wakers = {
                let mut waiting = self.lock();
                waiting.told += 1;
                std::mem::take(&mut waiting.wakers)
            };
            wakers.into_iter().for_each(Waker::wake);
        }

        fn lock(&self) -> MutexGuard<'_, Waiting> {
            self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
        }
    }

    impl Notified<'_> {
        /// Nothing is left to do: like Tokio's, it is told from its beginning on, polled or not.
        pub(crate) fn enable(self: Pin<&mut Self>) -> bool {
            false
        }
    }

    impl Future for Notified<'_> {
        type Output = ();

        fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
            let mut waiting = self.notify.lock();
            if waiting.told != self.told {
                return Poll::Ready(());
            }
            waiting.wakers.push(context.waker().clone());
            Poll::Pending
        }
    }
}

pub(crate) use primitives::*;
/// What is only read and written under a lock: no part of the model.
pub(crate) use std::sync::atomic::AtomicU32 as Guarded;
/// What is only counted, in no order that anything relies on: no part of the model.
pub(crate) use std::sync::atomic::AtomicU64 as Count;
