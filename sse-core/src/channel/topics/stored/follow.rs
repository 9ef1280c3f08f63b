//! One follower for all topics.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, Weak};

use tokio::time::Instant;

use super::super::super::backing::Link;
use super::super::super::handle::Owner;
use super::super::super::shared::{Loading, Shared};
use super::super::super::sight::Call;
use super::super::super::stored::{End, Followed, Gap, Resumed};
use super::super::super::sync::MutexGuard;
use super::super::Inner;
use super::super::registry::Registry;
use crate::store::{Bounds, Epoch, Page, Range, RecordKind, StoreError, Stored, encode};

/// The topics that something came in, and how many bytes each held before.
#[derive(Default)]
struct Touched(HashMap<*const Owner, (Arc<Owner>, usize)>);

impl Touched {
    fn note(&mut self, owner: &Arc<Owner>) {
        let held = || owner.shared().read_log().held_bytes();
        self.0.entry(Arc::as_ptr(owner)).or_insert_with(|| (Arc::clone(owner), held()));
    }

    /// Wakes the subscribers, and weighs what the topics hold now. Without any lock: whoever is woken may do anything.
    fn show(self) {
        for (owner, before) in self.0.into_values() {
            let shared = owner.shared();
            shared.wake();
            let now = shared.read_log().held_bytes();
            shared.weigh((before, now));
        }
    }
}

impl Followed for Inner {
    const TOPIC: Option<&'static str> = None;

    fn link(&self) -> Option<&Link> {
        self.link.as_deref()
    }

    fn take_page(&self, page: Page, epoch: Epoch) {
        let mut touched = Touched::default();
        let encode = |stored: &Stored| {
            // What another program wrote may be illegal on the wire: nobody gets it.
            encode(stored.record.topic(), &stored.record, epoch, stored.position).ok()
        };
        // Nobody waits while events are encoded; those of topics that nobody uses are not.
        let is_used = |name: &str| self.unswept().get(name).is_some();
        let events: Vec<_> = page
            .records
            .iter()
            .map(|stored| if is_used(stored.record.topic()) { encode(stored) } else { None })
            .collect();
        {
            // With this, no topic is made between a record and its number: it would miss the record.
            let mut registry = self.unswept();
            let (mut turn, now) = (self.sequencer.turn(), Instant::now());
            for (stored, event) in page.records.iter().zip(events) {
                let (name, position) = (stored.record.topic(), stored.position);
                let owner = registry.get(name);
                owner.iter().for_each(|owner| touched.note(owner));
                let mut own = None;
                match (stored.record.kind(), &owner) {
                    (RecordKind::Event, Some(owner)) => {
                        let event = event.or_else(|| encode(stored));
                        own = event.and_then(|event| {
                            owner.shared().take_stored(event.freeze(), position, &mut turn, now)
                        });
                    }
                    (RecordKind::Finish, Some(owner)) => owner.shared().take_finish(),
                    (RecordKind::Close, _) => registry.close_stored(name, position, &mut turn),
                    (_, None) => {}
                }
                turn.used(position, own);
            }
            turn.show();
        }
        touched.show();
    }

    async fn recover(this: Weak<Self>, gap: Gap) -> Result<Resumed, StoreError> {
        match gap.page {
            Some(_) => pass_gap(&this, gap).await,
            None => begin_life(&this, gap).await,
        }
    }
}

/// The store has let go of something that was not read yet: the topics that lost it begin anew behind that.
async fn pass_gap(this: &Weak<Inner>, Gap { source, log, after, page }: Gap) -> Result<Resumed, StoreError> {
    let page = page.unwrap_or_default();
    let mut ends = HashMap::new();
    for (name, shared) in used(this) {
        let nothing = Range::after(0).of(&name).records(0);
        let Bounds { trimmed, closed, .. } =
            source.ask(Call::Read, source.store.read(&log, nothing)).await?.bounds;
        let Some(shared) = shared.upgrade() else { continue };
        let (retention, taken_to, is_closed) = {
            let log = shared.read_log();
            (log.retention().clone(), log.taken_to(), log.closed() < closed)
        };
        drop(shared);
        // Nobody is told of what is gone with a topic that was closed: that comes.
        if trimmed > after.max(taken_to).max(closed) && !is_closed {
            let end = End::of_topic(&source, log.clone(), &name, trimmed, &retention).await?;
            ends.insert(name, end);
        }
    }
    let last = page.records.last().map(|stored| stored.position);
    let after = last.unwrap_or_else(|| after.max(page.bounds.trimmed));
    let Some(inner) = this.upgrade() else { return Ok(Resumed { log, after }) };
    let mut touched = Touched::default();
    {
        let registry = inner.unswept();
        let mut turn = inner.sequencer.turn();
        for owner in registry.owners() {
            let shared = owner.shared();
            if let Some(end) = ends.get(&*shared.name).filter(|_| shared.is_loaded()) {
                touched.note(owner);
                shared.begin_anew(end, &mut turn);
            }
        }
    }
    let epoch = log.epoch();
    inner.take_page(page, epoch);
    {
        // What was to be kept for them may be among what is lost.
        let registry = inner.unswept();
        let mut turn = inner.sequencer.turn();
        if turn.last() < after {
            turn.used(after, None);
            turn.show();
        }
        for loading in registry.owners().filter_map(|owner| owner.shared().topic.as_ref()) {
            if let Some(loading) = loading.loading().as_mut() {
                *loading = Loading::behind(after);
            }
        }
    }
    touched.show();
    Ok(Resumed { log, after })
}

/// The log has begun another life: all topics begin anew, and all who read them are told.
async fn begin_life(this: &Weak<Inner>, Gap { source, log, after, .. }: Gap) -> Result<Resumed, StoreError> {
    let log = source.ask(Call::Read, source.store.open(log.name())).await?;
    let nothing = source.store.read(&log, Range::after(0).records(0));
    let last = source.ask(Call::Read, nothing).await?.bounds.last;
    let mut ends = HashMap::new();
    for (name, shared) in used(this) {
        let retention = shared.upgrade().map(|shared| shared.read_log().retention().clone());
        let Some(retention) = retention else { continue };
        let end = End::of_topic(&source, log.clone(), &name, last, &retention).await?;
        ends.insert(name, end);
    }
    let Some(inner) = this.upgrade() else { return Ok(Resumed { log, after }) };
    let mut touched = Touched::default();
    {
        let registry = inner.unswept();
        let mut turn = inner.sequencer.turn();
        turn.begin_life(log.epoch());
        turn.used(last, None);
        for owner in registry.owners() {
            let shared = owner.shared();
            touched.note(owner);
            match ends.get(&*shared.name) {
                Some(end) if shared.is_loaded() => shared.begin_anew(end, &mut turn),
                // It is being read: that of the life before is refused.
                _ => shared.topic.iter().for_each(|topic| {
                    if let Some(loading) = topic.loading().as_mut() {
                        *loading = Loading::behind(last);
                    }
                }),
            }
        }
        turn.show();
    }
    touched.show();
    Ok(Resumed { log, after: last })
}

/// The topics that are used.
fn used(this: &Weak<Inner>) -> Vec<(Arc<str>, Weak<Shared>)> {
    let Some(inner) = this.upgrade() else { return Vec::new() };
    let registry = inner.unswept();
    let topics = registry.owners().map(|owner| owner.shared());
    topics.map(|shared| (Arc::clone(&shared.name), Arc::downgrade(shared))).collect()
}

impl Inner {
    /// The registry as it is.
    fn unswept(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
