//! The task that feeds the windows from the store.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Weak};
use std::task::Poll;
use std::time::Duration;

use tokio::time::sleep;

use super::super::backing::{Link, Source};
use super::super::handle::Owner;
use super::super::log::Turn;
use super::super::shared::Shared;
use super::super::sight::Call;
use super::end::End;
use crate::store::{
    Epoch, FramesOf, Page, Range, RecordKind, StoreError, StoreErrorKind, Stored, StoredLog, Together,
};

/// What is fed: the window of a channel, or those of several topics.
pub(in super::super) trait Followed: Send + Sync + Sized + 'static {
    /// Whose records are wanted; `None` for those of all topics.
    const TOPIC: Option<&'static str>;

    fn link(&self) -> Option<&Link>;

    /// Puts what the store has into the windows, and wakes the subscribers.
    fn take_page(&self, page: Page, epoch: Epoch);

    /// Goes on where something is missing behind the position that was read last.
    fn recover(this: Weak<Self>, gap: Gap) -> impl Future<Output = Result<Resumed, StoreError>> + Send;
}

/// Where a follower cannot go on as it was.
pub(in super::super) struct Gap {
    pub(in super::super) source: Source,
    pub(in super::super) log: StoredLog,
    /// The position that was read last.
    pub(in super::super) after: u64,
    /// What comes behind it, where the store has let go of what lies between; `None` where the log has begun another life.
    pub(in super::super) page: Option<Page>,
}

/// Where it goes on.
pub(in super::super) struct Resumed {
    pub(in super::super) log: StoredLog,
    pub(in super::super) after: u64,
}

/// Reads the log as it grows, in the store's order, the events of this process included.
pub(in super::super) struct Follower<W> {
    windows: Weak<W>,
    source: Source,
    log: StoredLog,
    after: u64,
}

/// After an error, the store is asked again so soon at first, and then ever later, up to a second.
const PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(800);

/// So many bytes of the events of a page share an allocation, which is there as long as one of them is.
const TOGETHER: Together = Together::Bytes(32 << 10);

impl<W: Followed> Follower<W> {
    /// Has a task of this runtime feed these windows, which are filled up to where their link has seen the log, for as long as they
    /// are there.
    pub(in super::super) fn start(windows: &Arc<W>) {
        let Some(link) = windows.link() else { return };
        let (source, log, after) = (link.source().clone(), link.log(), link.seen());
        let follower = Self { windows: Arc::downgrade(windows), source, log, after };
        link.set_follower(tokio::spawn(follower.run()).abort_handle());
    }

    /// Until the windows are gone.
    async fn run(mut self) {
        let mut pause = PAUSE;
        loop {
            let page = self.next_page().await;
            self.source.counts.called(Call::Follow, &page);
            let taken = match page {
                // What the store let go before it was read here is missing in a window: all who read that are told.
                Ok(page) if page.bounds.trimmed > self.after => self.recover(Some(page)).await,
                Ok(page) => {
                    self.take(page);
                    Ok(())
                }
                Err(error) if error.kind() == StoreErrorKind::Epoch => self.recover(None).await,
                Err(error) => Err(error),
            };
            // Without a handle the subscriptions end, too.
            if self.windows.strong_count() == 0 {
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

    /// What comes next, from the store, unless this process has appended it.
    async fn next_page(&self) -> Result<Page, StoreError> {
        let Self { source, log, after, .. } = self;
        let range = Range { topic: W::TOPIC, ..Range::after(*after) };
        let mut follow = source.store.follow(log, range);
        loop {
            if let Some(page) = source.own.next(log.epoch(), *after).await {
                return Ok(page);
            }
            let mut changed = pin!(source.own.changed());
            let either = poll_fn(|context| match changed.as_mut().poll(context) {
                Poll::Ready(()) => Poll::Ready(None),
                Poll::Pending => follow.as_mut().poll(context).map(Some),
            });
            if let Some(page) = either.await {
                return page;
            }
        }
    }

    fn take(&mut self, page: Page) {
        let Some(windows) = self.windows.upgrade() else { return };
        if let Some(last) = page.records.last() {
            self.after = last.position;
        }
        self.source.counts.took(&page);
        windows.take_page(page, self.log.epoch());
        self.saw(&windows);
    }

    async fn recover(&mut self, page: Option<Page>) -> Result<(), StoreError> {
        let begins_life = page.is_none();
        let gap = Gap { source: self.source.clone(), log: self.log.clone(), after: self.after, page };
        let Resumed { log, after } = W::recover(self.windows.clone(), gap).await?;
        (self.log, self.after) = (log, after);
        let Some(windows) = self.windows.upgrade() else { return Ok(()) };
        if let Some(link) = windows.link().filter(|_| begins_life) {
            link.begin_life(self.log.clone());
        }
        self.saw(&windows);
        Ok(())
    }

    fn saw(&self, windows: &W) {
        if let Some(link) = windows.link() {
            link.saw(self.after);
        }
    }

    #[cfg_attr(not(feature = "tracing"), expect(clippy::unused_self, reason = "told to nobody"))]
    fn report(&self, error: &StoreError) {
        // That a store is down is told once, where it is counted.
        #[cfg(feature = "tracing")]
        if error.kind() != StoreErrorKind::Unavailable {
            tracing::warn!(target: "typed_sse", log = self.log.name(), %error, "the store cannot be followed");
        }
        #[cfg(not(feature = "tracing"))]
        let _ = error;
    }
}

impl Followed for Owner {
    const TOPIC: Option<&'static str> = Some("");

    fn link(&self) -> Option<&Link> {
        self.shared().backing.as_ref().map(|backing| backing.link())
    }

    fn take_page(&self, page: Page, epoch: Epoch) {
        // Nobody waits while events are encoded.
        let frames = FramesOf::all(Arc::default(), epoch, TOGETHER, &page.records);
        let mut frames = frames.into_iter().peekable();
        self.shared().change_always(|log, turn, now| {
            log.trim_aged(now, turn);
            log.set_stored_from(page.bounds.trimmed, turn);
            for Stored { position, record, .. } in &page.records {
                if record.kind() != RecordKind::Event {
                    log.finish();
                }
                let frame = frames.next_if(|(of, _)| of == position);
                let own = frame.and_then(|(_, frame)| log.take(frame, *position, turn, now).own);
                turn.used(*position, own);
            }
        });
    }

    /// The window is filled anew, behind marks that are those of no reader.
    async fn recover(this: Weak<Self>, Gap { source, log, after, .. }: Gap) -> Result<Resumed, StoreError> {
        let retention = this.upgrade().map(|owner| owner.shared().read_log().retention().clone());
        let Some(retention) = retention else { return Ok(Resumed { log, after }) };
        let end = End::of_channel(&source, log.name(), &retention).await?;
        if let Some(owner) = this.upgrade() {
            owner.shared().change_always(|log, turn, _| {
                turn.begin_life(end.log.epoch());
                let mut window = log.next_life(end.log.epoch(), turn, &end.ground());
                end.fill(&mut window, turn, |turn, taken| turn.used(taken.sequence, taken.own));
                use_up_to(turn, end.up_to);
                *log = window;
            });
        }
        Ok(Resumed { log: end.log, after: end.up_to })
    }
}

/// Everything up to this number is used.
pub(super) fn use_up_to(turn: &mut Turn<'_>, number: u64) {
    if turn.last() < number {
        turn.used(number, None);
    }
}

impl Shared {
    /// The store has nothing up to this position any more, in the life that the log had behind so many others. Another has other positions.
    pub(in super::super) fn set_stored_from(self: &Arc<Self>, past_lives: u64, position: u64) {
        let mut turn = self.sequencer.turn();
        let mut log = self.log();
        if log.past_lives() == past_lives {
            log.set_stored_from(position, &mut turn);
        }
    }
}
