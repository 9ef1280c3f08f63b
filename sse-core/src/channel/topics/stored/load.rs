//! Reading what the store has of a topic, when it is used for the first time.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::super::super::backing::{Backing, Link};
use super::super::super::handle::Owner;
use super::super::super::log::{Ground, Turn};
use super::super::super::shared::{Loading, Shared};
use super::super::super::stored::End;
use super::super::Inner;
use crate::encode::Frame;
use crate::field::EventId;
use crate::store::StoreError;
#[cfg(feature = "tracing")]
use crate::store::StoreErrorKind;

/// After an error, the store is asked again so soon.
const PAUSE: Duration = Duration::from_millis(250);

/// Before it has come to the windows that a topic is closed, it is looked at again so soon.
const SHORT_PAUSE: Duration = Duration::from_millis(5);

/// So many events come at the most while a topic is read, before it is read again.
const MOST_COMING: usize = 1024;

impl Inner {
    /// Has the topic's window filled.
    pub(super) fn load(&self, owner: &Arc<Owner>, link: &Arc<Link>) {
        link.runtime().spawn(load(Arc::downgrade(owner), Arc::downgrade(link)));
    }
}

async fn load(topic: Weak<Owner>, link: Weak<Link>) {
    loop {
        let Some(end) = read(&topic, &link).await else { return };
        let Some(owner) = topic.upgrade() else { return };
        match end {
            // Who waits for it waits for its end.
            Ok(end) if end.closes() => {
                drop(owner);
                sleep(SHORT_PAUSE).await;
            }
            Ok(end) if owner.shared().fill(&end) => return owner.shared().wake(),
            Ok(_) => {}
            Err(error) => {
                report(&owner, &error);
                drop(owner);
                sleep(PAUSE).await;
            }
        }
    }
}

/// Reads what the window is filled with; nothing, once it is filled or gone.
async fn read(topic: &Weak<Owner>, link: &Weak<Link>) -> Option<Result<End, StoreError>> {
    let turn = link.upgrade()?.loads();
    let _turn = turn.acquire_owned().await.ok()?;
    let link = link.upgrade()?;
    let (source, log) = (link.source().clone(), link.log());
    drop(link);
    let (name, retention, behind) = {
        let owner = topic.upgrade()?;
        let shared = owner.shared();
        let behind = shared.topic.as_ref()?.loading().as_ref()?.behind;
        let retention = shared.read_log().retention().clone();
        (Arc::clone(&shared.name), retention, behind)
    };
    Some(End::of_topic(&source, log, &name, behind, &retention).await)
}

impl Shared {
    /// Fills the window with this, and with what has come since. False if it has to be read again.
    fn fill(&self, end: &End) -> bool {
        let mut turn = self.sequencer.turn();
        let mut log = self.log();
        let Some(mut loading) = self.topic.as_ref().map(|topic| topic.loading()) else { return true };
        // It may have been closed meanwhile.
        let Some(coming) = loading.take() else { return true };
        if coming.behind != end.up_to || end.log.epoch() != self.sequencer.epoch() {
            *loading = Some(coming);
            return false;
        }
        let mut window = log.next_life(end.log.epoch(), &mut turn, &end.ground());
        end.fill(&mut window, &mut turn, |_, _| {});
        let now = Instant::now();
        for (position, frame) in coming.events {
            window.take(frame, position, &mut turn, now);
        }
        if coming.finished {
            window.finish();
        }
        *log = window;
        self.show(&log);
        self.backing.iter().for_each(Backing::set_loaded);
        true
    }

    /// Takes an event that the store has at this position, or keeps it until it can be taken. The ID that it brought.
    pub(super) fn take_stored(
        &self,
        frame: Frame,
        position: u64,
        turn: &mut Turn<'_>,
        now: Instant,
    ) -> Option<EventId> {
        let mut log = self.log();
        if let Some(loading) = self.topic.as_ref()?.loading().as_mut() {
            loading.events.push((position, frame));
            if loading.events.len() > MOST_COMING {
                *loading = Loading::behind(position);
            }
            return None;
        }
        if position <= log.taken_to() {
            return None;
        }
        log.trim_aged(now, turn);
        let own = log.take(frame, position, turn, now).own;
        self.show(&log);
        own
    }

    /// Nothing more will come in the topic.
    pub(super) fn take_finish(&self) {
        let mut log = self.log();
        match self
            .topic
            .as_ref()
            .and_then(|topic| topic.loading().as_mut().map(|coming| coming.finished = true))
        {
            Some(()) => {}
            None => {
                log.finish();
                self.show(&log);
            }
        }
    }

    /// The topic is closed: who is here gets what was published, and the end.
    pub(in super::super) fn take_close(&self, turn: &mut Turn<'_>) {
        let mut log = self.log();
        if self.topic.as_ref().is_some_and(|topic| topic.loading().take().is_some()) {
            // It is not told what is missed of what is gone.
            let (epoch, begins) = (self.sequencer.epoch(), log.taken_to());
            *log = log.next_life(epoch, turn, &Ground { begins, ..Ground::default() });
        }
        log.finish();
        self.show(&log);
        self.backing.iter().for_each(Backing::set_loaded);
    }

    /// Puts another window in the place of this one, behind marks that are those of no reader.
    pub(super) fn begin_anew(&self, end: &End, turn: &mut Turn<'_>) {
        let mut log = self.log();
        log.forget(turn);
        let mut window = log.next_life(end.log.epoch(), turn, &end.ground());
        end.fill(&mut window, turn, |_, _| {});
        *log = window;
        self.show(&log);
    }

    /// Whether its window was filled.
    pub(super) fn is_loaded(&self) -> bool {
        self.backing.as_ref().is_some_and(Backing::is_loaded)
    }
}

fn report(owner: &Owner, error: &StoreError) {
    // That a store is down is told once, where it is counted.
    #[cfg(feature = "tracing")]
    if error.kind() != StoreErrorKind::Unavailable {
        tracing::warn!(target: "typed_sse", topic = &*owner.shared().name, %error, "a topic cannot be read from the store");
    }
    #[cfg(not(feature = "tracing"))]
    let _ = (owner, error);
}
