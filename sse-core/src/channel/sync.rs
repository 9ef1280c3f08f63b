//! What the channel's concurrency rests on: the standard library's primitives, or those of the model checker.

#[cfg(not(typed_sse_loom))]
mod primitives {
    pub(crate) use std::sync::atomic::{AtomicU64, Ordering};
    pub(crate) use std::sync::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};

    pub(crate) use atomic_waker::AtomicWaker;
}

#[cfg(typed_sse_loom)]
mod primitives {
    use std::task::Waker;

    pub(crate) use loom::sync::atomic::{AtomicU64, Ordering};
    pub(crate) use loom::sync::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};

    /// Loom's own, under the names of the crate that stands here otherwise.
    #[derive(Debug, Default)]
    pub(crate) struct AtomicWaker(loom::future::AtomicWaker);

    impl AtomicWaker {
        pub(crate) fn register(&self, waker: &Waker) {
            self.0.register_by_ref(waker);
        }

        pub(crate) fn take(&self) -> Option<Waker> {
            self.0.take_waker()
        }

        pub(crate) fn wake(&self) {
            self.0.wake();
        }
    }
}

pub(super) use primitives::*;
/// What is only counted, in no order that anything relies on: no part of the model.
pub(super) use std::sync::atomic::AtomicU64 as Count;
