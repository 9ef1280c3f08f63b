//! What a subscription waits for that only the store knows.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::store::{StoreError, StoreErrorKind};

/// What the store is asked, by a task of its own: whoever asks has to wait for others now and then, and others for it, but a
/// subscription may not be polled any more, as when its client does not read.
pub(crate) struct Answer<T>(JoinHandle<Result<T, StoreError>>);

impl<T: Send + 'static> Answer<T> {
    pub(super) fn spawn(
        runtime: &Handle,
        asking: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Self {
        Self(runtime.spawn(asking))
    }

    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<T, StoreError>> {
        Poll::Ready(ready!(Pin::new(&mut self.0).poll(context)).unwrap_or_else(|_| {
            let words = "the runtime in which the store is asked has ended, or the store has panicked";
            Err(StoreError::new(StoreErrorKind::Unavailable, words))
        }))
    }
}

impl<T> Drop for Answer<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
