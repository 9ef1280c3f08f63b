//! Not all snapshots are made at one time.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use super::super::reader::Reader;
use super::source::Source;

/// A client's turn to have a snapshot made.
pub(super) enum Turn {
    Waiting(Pin<Box<dyn Future<Output = Option<OwnedSemaphorePermit>> + Send>>),
    Here(#[expect(dead_code, reason = "it is given back when it is dropped")] Option<OwnedSemaphorePermit>),
}

impl Turn {
    pub(super) fn take<P: Source>(readers: &[Reader]) -> Self {
        // What is shared is made once at a time.
        let first = readers.first().filter(|_| !P::SHARED);
        let Some(snapshots) = first.map(|reader| &reader.shared().snapshots) else { return Self::Here(None) };
        match Arc::clone(snapshots).try_acquire_owned() {
            Ok(permit) => Self::Here(Some(permit)),
            // Without a clock nobody waits.
            Err(_) if Handle::try_current().is_err() => Self::Here(None),
            Err(_) => {
                let waiting = Arc::clone(snapshots).acquire_owned();
                // One that has its turn may not be polled any more.
                Self::Waiting(Box::pin(async { timeout(PATIENCE, waiting).await.ok()?.ok() }))
            }
        }
    }
}

/// For so long a client waits for its turn to have a snapshot made.
const PATIENCE: Duration = Duration::from_secs(5);
