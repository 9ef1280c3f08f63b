//! The task that feeds the window from the store.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::time::sleep;

use super::super::handle::Owner;
use super::super::shared::Shared;
use super::open::End;
use super::{Backing, Source};
use crate::encode::{Ids, Sequence, Unsequenced};
use crate::event::SseEvent as _;
use crate::field::EncodeError;
use crate::store::{Epoch, Page, Record, RecordKind, StoreError, StoreErrorKind, StoredLog};

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
                Ok(page) => self.take(page),
                Err(error) if error.kind() == StoreErrorKind::Epoch => self.begin_life().await,
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

    /// The store has lost what it had, or another has taken its place: everything begins anew, and all clients are told.
    async fn begin_life(&mut self) -> Result<(), StoreError> {
        let retention = match self.owner.upgrade() {
            Some(owner) => owner.shared().read_log().retention().clone(),
            None => return Ok(()),
        };
        let end = self.source.read_end(self.log.name(), &retention).await?;
        let Some(owner) = self.owner.upgrade() else { return Ok(()) };
        owner.shared().begin_life(&end);
        (self.log, self.after) = (end.log, end.page.bounds.last);
        if let Some(backing) = &owner.shared().backing {
            backing.pages.clear();
            backing.log.set(self.log.clone());
        }
        self.saw(&owner);
        Ok(())
    }

    fn saw(&self, owner: &Owner) {
        if let Some(backing) = &owner.shared().backing {
            backing.seen.send_replace(self.after);
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

    /// A stored log has begun another life.
    fn begin_life(self: &Arc<Self>, end: &End) {
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
