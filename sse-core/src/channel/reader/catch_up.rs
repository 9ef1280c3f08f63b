//! How a client gets to the window that comes back from before it, or with an ID that the window does not know.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use super::super::backing::{Backing, Frames};
use super::super::log::Cursor;
use super::super::shared::Shared;
use super::Older;
use crate::encode::Frame;
use crate::store::{BoxFuture, StoreError};

/// What is asked of the store for one client.
pub(crate) enum CatchUp {
    /// Its ID is looked up; where it names something, this is its position.
    Locating(Answer<Option<u64>>),
    /// A page is read.
    Reading(Answer<Arc<Frames>>),
    /// Its events are sent, those before this one were.
    Sending(Arc<Frames>, usize),
}

/// What the store is asked. Never locked: a subscription can be shared between threads, and this is what makes a future so.
pub(crate) struct Answer<T>(Mutex<BoxFuture<'static, T>>);

/// What comes of it next.
pub(crate) enum Step {
    /// The ID that the client came with stands for this place; for none that is known, `None`.
    Located(Option<u64>),
    /// A page begins. With the event that the client had last, if the page has that.
    Begins(Option<Frame>),
    /// An event, and its position.
    Event(Frame, u64),
    /// Everything up to this position was read.
    Passed(u64),
    /// The store has let go of what follows. It has nothing up to this position.
    Gone(u64),
    /// The store does not answer.
    Failed,
}

impl CatchUp {
    /// Looks an ID up that the window does not know, if the store may.
    pub(crate) fn locate(shared: &Arc<Shared>, id: &str) -> Option<Self> {
        shared.backing.as_ref()?;
        if id.is_empty() || shared.sequencer.knows(id) {
            return None;
        }
        let (shared, id) = (Arc::clone(shared), id.to_owned());
        let located = async move {
            match &shared.backing {
                Some(backing) => backing.locate(&id).await,
                None => Ok(None),
            }
        };
        Some(Self::Locating(Answer::new(located)))
    }

    /// Reads a page of what lies before the window.
    pub(crate) fn read(shared: &Arc<Shared>, older: Older) -> Self {
        let (shared, Older { after, up_to, most }) = (Arc::clone(shared), older);
        Self::Reading(Answer::new(async move {
            match (&shared.backing, most) {
                (Some(backing), None) => backing.page(after, up_to).await,
                (Some(backing), Some(most)) => backing.newest(after, up_to, most).await,
                (None, _) => Ok(Arc::default()),
            }
        }))
    }

    /// Whether it is not known yet where the client stands.
    pub(crate) const fn is_locating(&self) -> bool {
        matches!(self, Self::Locating(_))
    }

    /// What comes next, for a client that has everything up to this position.
    pub(crate) fn poll(&mut self, after: u64, context: &mut Context<'_>) -> Poll<Step> {
        match self {
            Self::Locating(answer) => {
                let answer = ready!(answer.poll(context));
                Poll::Ready(answer.map_or(Step::Failed, Step::Located))
            }
            Self::Reading(answer) => {
                let Ok(page) = ready!(answer.poll(context)) else { return Poll::Ready(Step::Failed) };
                if page.trimmed > after {
                    return Poll::Ready(Step::Gone(page.trimmed));
                }
                let first = page.events.partition_point(|(position, _)| *position <= after);
                let last = first.checked_sub(1).and_then(|last| page.events.get(last));
                let last = last.filter(|(position, _)| *position == after).map(|(_, frame)| frame.clone());
                *self = Self::Sending(page, first);
                Poll::Ready(Step::Begins(last))
            }
            Self::Sending(page, next) => {
                let Some((position, frame)) = page.events.get(*next) else {
                    return Poll::Ready(Step::Passed(page.last));
                };
                *next += 1;
                Poll::Ready(Step::Event(frame.clone(), *position))
            }
        }
    }
}

impl<T> Answer<T> {
    fn new(answer: impl Future<Output = Result<T, StoreError>> + Send + 'static) -> Self {
        Self(Mutex::new(Box::pin(answer)))
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<T, StoreError>> {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner).as_mut().poll(context)
    }
}

impl Backing {
    /// The place that an ID stands for which the window does not know, once the window is as far.
    async fn locate(&self, id: &str) -> Result<Option<u64>, StoreError> {
        let (source, log) = (self.source(), self.log());
        let place = match Cursor::parse(id).filter(|cursor| cursor.epoch == log.epoch()) {
            // Another server has given it out, and this one will come to it; or somebody made it up.
            Some(cursor) => {
                let nothing = source.range(0).records(0);
                let last = source.within(source.store.read(&log, nothing)).await?.bounds.last;
                Some(cursor.newest()).filter(|number| *number <= last)
            }
            None => source.within(source.store.find(&log, &source.topic, id)).await?,
        };
        if let Some(place) = place {
            self.reach(place).await?;
        }
        Ok(place)
    }
}
