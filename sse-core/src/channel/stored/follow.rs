//! The task that feeds the window from the store.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::time::sleep;

use super::super::handle::Owner;
use super::super::shared::Shared;
use super::Backing;
use crate::encode::{Ids, Sequence, Unsequenced};
use crate::event::SseEvent as _;
use crate::field::EncodeError;
use crate::store::{Epoch, Page, Range, Record, RecordKind, Store, StoreError, StoreErrorKind, StoredLog};

/// Reads the log as it grows, in the store's order, the events of this process included.
pub(super) struct Follower {
    owner: Weak<Owner>,
    store: Arc<dyn Store>,
    log: StoredLog,
    after: u64,
}

/// After an error, the store is asked again so soon at first, and then ever later, up to a second.
const PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(800);

impl Follower {
    pub(super) fn new(owner: Weak<Owner>, store: Arc<dyn Store>, log: StoredLog, after: u64) -> Self {
        Self { owner, store, log, after }
    }

    /// Until the channel is gone.
    pub(super) async fn run(mut self) {
        let mut pause = PAUSE;
        loop {
            let page = self.store.follow(&self.log, Range::after(self.after).of("")).await;
            // Without a handle the subscriptions end, too.
            let Some(owner) = self.owner.upgrade() else { return };
            match page {
                Ok(page) => {
                    pause = PAUSE;
                    self.take(owner.shared(), page);
                    // What is read without a pause has others wait.
                    tokio::task::yield_now().await;
                }
                Err(error) => {
                    drop(owner);
                    self.report(&error);
                    sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    fn take(&mut self, shared: &Arc<Shared>, page: Page) {
        if let Some(last) = page.records.last() {
            self.after = last.position;
        }
        let reached = self.after;
        shared.take_page(page, self.log.epoch());
        if let Some(backing) = &shared.backing {
            backing.seen.send_replace(reached);
        }
    }

    #[cfg_attr(not(feature = "tracing"), expect(clippy::unused_self, reason = "told to nobody"))]
    fn report(&self, error: &StoreError) {
        #[cfg(feature = "tracing")]
        if error.kind() == StoreErrorKind::Epoch {
            tracing::error!(target: "typed_sse", log = self.log.name(), %error, "the store has begun another life of the log");
        } else {
            tracing::warn!(target: "typed_sse", log = self.log.name(), %error, "the store cannot be followed");
        }
        #[cfg(not(feature = "tracing"))]
        let _ = (error, StoreErrorKind::Epoch);
    }
}

impl Shared {
    /// The store has nothing up to this position any more.
    pub(in super::super) fn set_stored_from(self: &Arc<Self>, position: u64) {
        let mut turn = self.sequencer.turn();
        self.log().set_stored_from(position, &mut turn);
    }

    /// Puts what the store has into the window, and wakes the subscribers.
    fn take_page(self: &Arc<Self>, page: Page, epoch: Epoch) {
        let taken = self.change(|log, turn, now| {
            log.trim_aged(now, turn);
            log.set_stored_from(page.bounds.trimmed, turn);
            for stored in page.records {
                match stored.record.kind() {
                    RecordKind::Event => {
                        // What another program wrote may be illegal on the wire: nobody gets it.
                        let Ok(event) = encode("", &stored.record, epoch, stored.position) else { continue };
                        let taken = log.take(event, stored.position, turn, now);
                        turn.used(taken.sequence, taken.own);
                    }
                    RecordKind::Finish | RecordKind::Close => {
                        log.finish();
                        turn.used(stored.position, None);
                    }
                }
            }
            Ok::<_, std::convert::Infallible>(())
        });
        match taken {
            Ok(()) => {}
            Err(never) => match never {},
        }
    }
}

/// The frame of a record, with its position as its ID where it has none of its own.
pub(super) fn encode(
    topic: &str,
    record: &Record,
    epoch: Epoch,
    position: u64,
) -> Result<Unsequenced, EncodeError> {
    let ids = Ids::OrCursor(Sequence { epoch: epoch.bytes(), next: position });
    crate::encode::write(topic, ids, |encoder| record.encode(encoder))
}

/// What has been read of the store so far, for one who waits for it.
impl Backing {
    /// Waits until the window has what lies at this position, but not for long: the store has it.
    pub(super) async fn until_seen(&self, position: u64) {
        const PATIENCE: Duration = Duration::from_millis(250);
        let mut seen = self.seen.subscribe();
        let _late = tokio::time::timeout(PATIENCE, seen.wait_for(|seen| *seen >= position)).await;
    }
}
