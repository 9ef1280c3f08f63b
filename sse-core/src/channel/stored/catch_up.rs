//! How a client gets to the window that comes back from before it, or with an ID that the window does not know.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use super::super::log::Cursor;
use super::super::reader::Older;
use super::super::shared::Shared;
use super::follow::encode;
use crate::encode::Frame;
use crate::store::{BoxFuture, Page, RecordKind, StoreError, Stored};

/// What is asked of the store for one client.
pub(crate) struct CatchUp {
    shared: Arc<Shared>,
    state: State,
}

enum State {
    /// Its ID is looked up; where it names something, this is its position.
    Locating(Answer<Option<u64>>),
    /// A page is read, of what lies up to this position: the oldest of it, or as many of the newest as are wanted.
    Reading { page: Answer<Page>, up_to: u64, newest: bool },
    /// Its events are read, the last one first.
    Read { events: Vec<(u64, Frame)>, last: u64 },
}

/// What the store is asked. Never locked: a subscription can be shared between threads, and this is what makes a future so.
struct Answer<T>(Mutex<BoxFuture<'static, T>>);

impl<T> Answer<T> {
    fn new(answer: impl Future<Output = Result<T, StoreError>> + Send + 'static) -> Self {
        Self(Mutex::new(Box::pin(answer)))
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<T, StoreError>> {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner).as_mut().poll(context)
    }
}

/// What comes of it next.
pub(crate) enum Step {
    /// The ID that the client came with stands for this place; for none that is known, `None`.
    Located(Option<u64>),
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
        let backing = shared.backing.as_ref()?;
        if id.is_empty() || shared.sequencer.knows(id) {
            return None;
        }
        let cursor = Cursor::parse(id);
        let number = match cursor {
            // A place that another server has given out, and this one will come to.
            Some(cursor) if cursor.epoch == backing.log.epoch() => Some(cursor.newest()),
            _ => None,
        };
        let (of, id) = (Arc::clone(shared), id.to_owned());
        let locating = async move {
            let Some(backing) = &of.backing else { return Ok(None) };
            let Some(number) = number else {
                let answer = backing.store.find(&backing.log, &backing.topic, &id);
                let found = backing.within(answer).await?;
                if let Some(position) = found {
                    backing.until_seen(position).await;
                }
                return Ok(found);
            };
            let range = backing.range(0).records(0);
            let bounds = backing.within(backing.store.read(&backing.log, range)).await?.bounds;
            if number > bounds.last {
                return Ok(None);
            }
            backing.until_seen(number).await;
            Ok(Some(number))
        };
        Some(Self { shared: Arc::clone(shared), state: State::Locating(Answer::new(locating)) })
    }

    /// Reads a page of what lies before the window.
    pub(crate) fn read(shared: &Arc<Shared>, older: Older) -> Self {
        let Older { after, up_to, most } = older;
        let of = Arc::clone(shared);
        let page = async move {
            let Some(backing) = &of.backing else { return Ok(Page::default()) };
            let range = backing.range(after).up_to(up_to);
            let range = match most {
                None => range.records(PAGE).bytes(PAGE_BYTES),
                Some(most) => range.records(most).bytes(usize::MAX).tail(),
            };
            backing.within(backing.store.read(&backing.log, range)).await
        };
        Self {
            shared: Arc::clone(shared),
            state: State::Reading { page: Answer::new(page), up_to, newest: most.is_some() },
        }
    }

    /// Whether it is not known yet where the client stands.
    pub(crate) const fn is_locating(&self) -> bool {
        matches!(self.state, State::Locating(_))
    }

    /// What comes next, for a client that has everything up to this position.
    pub(crate) fn poll(&mut self, after: u64, context: &mut Context<'_>) -> Poll<Step> {
        loop {
            match &mut self.state {
                State::Locating(answer) => {
                    let answer = ready!(answer.poll(context));
                    return Poll::Ready(answer.map_or(Step::Failed, Step::Located));
                }
                State::Reading { page, up_to, newest } => {
                    let (up_to, newest) = (*up_to, *newest);
                    let Ok(page) = ready!(page.poll(context)) else {
                        return Poll::Ready(Step::Failed);
                    };
                    if page.bounds.trimmed > after && !newest {
                        return Poll::Ready(Step::Gone(page.bounds.trimmed));
                    }
                    let last = page.records.last().map(|stored| stored.position).filter(|_| !newest);
                    self.state = self.unpack(&page, last.unwrap_or(up_to));
                }
                State::Read { events, last } => {
                    let last = *last;
                    let next = events.pop().map_or(Step::Passed(last), |(at, frame)| Step::Event(frame, at));
                    return Poll::Ready(next);
                }
            }
        }
    }

    fn unpack(&self, page: &Page, last: u64) -> State {
        let epoch = self.shared.sequencer.epoch();
        let frame = |Stored { position, record, .. }: &Stored| {
            let event = encode("", record, epoch, *position).ok()?;
            Some((*position, event.freeze()))
        };
        let events = page.records.iter().filter(|stored| stored.record.kind() == RecordKind::Event);
        let mut events: Vec<_> = events.filter_map(frame).collect();
        events.reverse();
        State::Read { events, last }
    }
}

/// So many records are read at once, and so many bytes.
const PAGE: usize = 512;
const PAGE_BYTES: usize = 256 << 10;
