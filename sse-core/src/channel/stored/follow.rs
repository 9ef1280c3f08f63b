//! The task that feeds the window from the store.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::time::sleep;

use super::super::backing::{Source, encode};
use super::super::handle::Owner;
use super::super::shared::Shared;
use super::end::End;
use crate::store::{Epoch, Page, RecordKind, StoreError, StoreErrorKind, StoredLog};

/// Reads the log as it grows, in the store's order, the events of this process included.
pub(super) struct Follower {
    owner: Weak<Owner>,
    source: Source,
    log: StoredLog,
    after: u64,
}

/// After an error, the store is asked again so soon at first, and then ever later, up to a second.
const PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(800);

impl Follower {
    pub(super) fn new(owner: Weak<Owner>, source: Source, log: StoredLog, after: u64) -> Self {
        Self { owner, source, log, after }
    }

    /// Until the channel is gone.
    pub(super) async fn run(mut self) {
        let mut pause = PAUSE;
        loop {
            let range = self.source.range(self.after);
            let page = self.source.store.follow(&self.log, range).await;
            let taken = match page {
                // What the store let go before it was read here is missing in the window: all who read it are told.
                Ok(page) if page.bounds.trimmed > self.after => self.begin_anew().await,
                Ok(page) => self.take(page),
                Err(error) if error.kind() == StoreErrorKind::Epoch => self.begin_anew().await,
                Err(error) => Err(error),
            };
            // Without a handle the subscriptions end, too.
            if self.owner.strong_count() == 0 {
                return;
            }
            match taken {
                Ok(()) => {
                    pause = PAUSE;
                    // What is there already is read without waiting for anything.
                    tokio::task::yield_now().await;
                }
                Err(error) => {
                    self.report(&error);
                    sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    fn take(&mut self, page: Page) -> Result<(), StoreError> {
        let Some(owner) = self.owner.upgrade() else { return Ok(()) };
        if let Some(last) = page.records.last() {
            self.after = last.position;
        }
        owner.shared().take_page(page, self.log.epoch());
        self.saw(&owner);
        Ok(())
    }

    /// The window does not go on where it was: the log has begun another life, or a part of it is gone. It is filled anew, behind
    /// marks that are those of no reader.
    async fn begin_anew(&mut self) -> Result<(), StoreError> {
        let retention = match self.owner.upgrade() {
            Some(owner) => owner.shared().read_log().retention().clone(),
            None => return Ok(()),
        };
        let end = End::read(&self.source, self.log.name(), &retention).await?;
        let Some(owner) = self.owner.upgrade() else { return Ok(()) };
        owner.shared().begin_anew(&end);
        (self.log, self.after) = (end.log, end.page.bounds.last);
        if let Some(backing) = &owner.shared().backing {
            backing.begin_life(self.log.clone());
        }
        self.saw(&owner);
        Ok(())
    }

    fn saw(&self, owner: &Owner) {
        if let Some(backing) = &owner.shared().backing {
            backing.saw(self.after);
        }
    }

    #[cfg_attr(not(feature = "tracing"), expect(clippy::unused_self, reason = "told to nobody"))]
    fn report(&self, error: &StoreError) {
        #[cfg(feature = "tracing")]
        tracing::warn!(target: "typed_sse", log = self.log.name(), %error, "the store cannot be followed");
        #[cfg(not(feature = "tracing"))]
        let _ = error;
    }
}

impl Shared {
    /// The store has nothing up to this position any more.
    pub(in super::super) fn set_stored_from(self: &Arc<Self>, position: u64) {
        let mut turn = self.sequencer.turn();
        self.log().set_stored_from(position, &mut turn);
    }

    /// Puts another window in the place of this one.
    fn begin_anew(self: &Arc<Self>, end: &End) {
        self.change_always(|log, turn, _| {
            let stored_from = end.page.bounds.trimmed;
            let mut window = log.begin_life(end.log.epoch(), turn, end.begins(), stored_from);
            end.fill(&mut window, turn);
            *log = window;
        });
    }

    /// Puts what the store has into the window, and wakes the subscribers.
    fn take_page(self: &Arc<Self>, page: Page, epoch: Epoch) {
        self.change_always(|log, turn, now| {
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
        });
    }
}
