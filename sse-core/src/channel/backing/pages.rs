//! Pages of what lies before the window, which clients share.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Semaphore;

use super::super::sight::Call;
use super::asks::{Ask, Asks, Place};
use super::{Backing, Link};
use crate::encode::Frame;
use crate::store::{Bounds, FramesOf, Range, Sink, StoreError, Together};

/// What was read lately. Ten thousand clients that come back together want the same.
pub(super) struct Pages {
    read: Mutex<Read>,
    /// Those that are asked for. Whoever waits for one finds it, once it was read.
    asks: Arc<Asks>,
    /// Whoever waits here finds, in its turn, what those before it have read.
    turns: Semaphore,
}

#[derive(Default)]
struct Read {
    /// The newest last.
    pages: VecDeque<Arc<Frames>>,
    bytes: usize,
}

/// The events of a page, each encoded once.
#[derive(Default)]
pub(crate) struct Frames {
    topic: Arc<str>,
    /// All lie behind this position,
    after: u64,
    /// and everything up to this one is here.
    pub(crate) last: u64,
    /// When they were read, the store had nothing up to this position.
    pub(crate) trimmed: u64,
    /// When they were read, its topic had been closed at this position.
    pub(crate) closed: u64,
    pub(crate) events: Vec<(u64, Frame)>,
    bytes: usize,
    /// So many bytes of data were read for it, as a store counts them; 0 if that is not known.
    data: usize,
}

/// So many pages are read at one time.
const AT_ONCE: usize = 2;

/// So many pages are read before their reader wants them.
const AHEAD: usize = 2;

/// So many records make a page, and so many bytes.
const PAGE: usize = 1024;
const PAGE_BYTES: usize = 256 << 10;

/// Of one of several topics: a client of very many reads a page of each.
const PAGE_BYTES_OF_TOPIC: usize = 32 << 10;

const fn page_bytes(topic: &str) -> usize {
    if topic.is_empty() { PAGE_BYTES } else { PAGE_BYTES_OF_TOPIC }
}

/// A client of very many topics has the next event of each at hand, which would hold its neighbours.
const fn together(topic: &str) -> Together {
    if topic.is_empty() { Together::Bytes(16 << 10) } else { Together::Each }
}

/// All pages together take so many bytes.
const MOST_BYTES: usize = 8 << 20;

/// So many pages are kept: small ones are looked through.
const MOST: usize = 512;

impl Pages {
    pub(super) fn new() -> Self {
        Self { read: Mutex::default(), asks: Arc::default(), turns: Semaphore::new(AT_ONCE) }
    }

    /// Nothing of another life is true of this one.
    pub(super) fn clear(&self) {
        *self.read() = Read::default();
    }

    /// The one in which one goes on that has everything up to a position.
    fn find(&self, topic: &str, after: u64) -> Option<Arc<Frames>> {
        let read = self.read();
        let has_it = |page: &&Arc<Frames>| page.after <= after && after < page.last && *page.topic == *topic;
        read.pages.iter().find(has_it).map(Arc::clone)
    }

    /// Up to where the page at a place goes that was read lately or is asked for.
    fn end_of(&self, place: &Place) -> Option<u64> {
        let known = self.find(&place.0, place.1).map(|page| page.last);
        known.or_else(|| self.asks.end_of(place))
    }

    /// Keeps a page that is of the present life: one that was asked for in another may come late. If another has read the same, that is
    /// given back.
    fn keep(&self, page: Frames, is_of_this_life: impl FnOnce() -> bool) -> Arc<Frames> {
        let mut read = self.read();
        if page.is_too_long() || !is_of_this_life() {
            return Arc::new(page);
        }
        if let Some(same) = read.pages.iter().find(|kept| kept.is_same(&page)) {
            return Arc::clone(same);
        }
        let page = Arc::new(page);
        read.bytes += page.bytes;
        read.pages.push_back(Arc::clone(&page));
        while read.bytes > MOST_BYTES || read.pages.len() > MOST {
            let Some(oldest) = read.pages.pop_front() else { break };
            read.bytes -= oldest.bytes;
        }
        page
    }

    fn read(&self) -> MutexGuard<'_, Read> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Backing {
    /// The page behind this position, if it was read lately. The next one, up to another position, is read meanwhile, but not for who is slow.
    pub(crate) fn known_page(&self, after: u64, up_to: u64, is_slow: bool) -> Option<Arc<Frames>> {
        let page = self.link.pages.find(&self.topic, after)?;
        if !is_slow {
            self.read_ahead(&page, up_to);
        }
        Some(page)
    }

    /// The events behind one position, up to another, as many as make a page. The next page is read meanwhile. For who is slow, a page is
    /// short, and not another one read.
    pub(crate) async fn page(
        &self,
        after: u64,
        up_to: u64,
        is_slow: bool,
    ) -> Result<Arc<Frames>, StoreError> {
        let Self { link, topic, .. } = self;
        let bytes = if is_slow { PAGE_BYTES_OF_TOPIC } else { page_bytes(topic) };
        let ask = link.pages.asks.ask((Arc::clone(topic), after), up_to);
        let asked = Box::pin(link.asked_page(&ask, bytes));
        let page = link.source.ask(Call::Read, asked).await?;
        if !is_slow {
            self.read_ahead(&page, up_to);
        }
        Ok(page)
    }

    /// Has what follows a page read. Where it can be told how far the next page goes, so is the one behind that: the store answers for one
    /// while the other is made into frames.
    fn read_ahead(&self, page: &Frames, up_to: u64) {
        let (span, mut after) = (page.likely_span(page_bytes(&self.topic)), page.last);
        for _ in 0..AHEAD {
            if after >= up_to {
                break;
            }
            let place = (Arc::clone(&self.topic), after);
            after = self.link.pages.end_of(&place).unwrap_or_else(|| {
                let up_to = span.map_or(up_to, |span| up_to.min(after.saturating_add(span)));
                self.read_early(place, up_to);
                up_to
            });
        }
    }

    fn read_early(&self, place: Place, up_to: u64) {
        let bytes = page_bytes(&place.0);
        let (ask, link) = (self.link.pages.asks.ask(place, up_to), Arc::clone(&self.link));
        self.link.runtime.spawn(async move {
            // Whoever wants it asks again where this fails.
            let _failed = link.source.within(Box::pin(link.asked_page(&ask, bytes))).await;
        });
    }

    /// The newest of the events behind one position, up to another.
    pub(crate) async fn newest(
        &self,
        after: u64,
        up_to: u64,
        most: usize,
    ) -> Result<Arc<Frames>, StoreError> {
        let Link { source, pages, .. } = &*self.link;
        let log = self.link.log.get();
        let range = self.range(after).up_to(up_to).records(most).bytes(usize::MAX).tail();
        // What lies before the first of them is not wanted.
        let page = source.ask(Call::Read, source.store.read(&log, range)).await?;
        let after = page.records.first().map_or(up_to, |first| first.position - 1).max(after);
        let is_reached = page.bounds.last >= up_to;
        let frames =
            FramesOf::all(Arc::clone(&self.topic), log.epoch(), together(&self.topic), &page.records);
        let page = Frames::new(&self.topic, (after, up_to), page.bounds, frames.into_frames());
        Ok(pages.keep(page, || is_reached && self.link.log.get().epoch() == log.epoch()))
    }
}

impl Link {
    /// The page, of so many bytes at the most where it was not read lately.
    async fn asked_page(&self, ask: &Ask, bytes: usize) -> Result<Arc<Frames>, StoreError> {
        let Self { pages, source, .. } = self;
        let (topic, after, up_to) = (&ask.place().0, ask.place().1, ask.up_to());
        let _alone = ask.alone().await;
        if let Some(page) = pages.find(topic, after) {
            return Ok(page);
        }
        let _turn = pages.turns.acquire().await;
        if let Some(page) = pages.find(topic, after) {
            return Ok(page);
        }
        let log = self.log.get();
        let range = Range::after(after).of(topic).up_to(up_to).records(PAGE).bytes(bytes);
        let frames = Sink::frames(FramesOf::new(Arc::clone(topic), log.epoch(), together(topic)));
        let read = source.store.read_into(&log, range, frames).await?;
        source.counts.read_page();
        let (last, data) = (read.last().unwrap_or(up_to), read.bytes());
        let (bounds, frames) = read.into_frames();
        // A place of another life may lie behind all that this one has: what comes there is not known yet.
        let is_reached = bounds.last >= last;
        let page = Frames { data, ..Frames::new(topic, (after, last), bounds, frames) };
        Ok(pages.keep(page, || is_reached && self.log.get().epoch() == log.epoch()))
    }
}

impl Frames {
    /// Whether it is longer than all that is kept, as one with a very long event is. Who reads it holds it.
    pub(crate) const fn is_too_long(&self) -> bool {
        self.bytes > MOST_BYTES
    }

    /// Whether it was read for the same place, and nothing has changed since.
    fn is_same(&self, other: &Self) -> bool {
        let what = |page: &Self| (page.after, page.last, page.trimmed, page.closed, page.events.len());
        what(self) == what(other) && self.topic == other.topic
    }

    /// How many positions are likely to fit into the next page, of so many bytes at the most: as many as in this one, with some room. Not
    /// known where positions lie between its events.
    fn likely_span(&self, most_bytes: usize) -> Option<u64> {
        let events = self.events.len();
        let is_dense = events > 0 && self.last.checked_sub(self.after) == u64::try_from(events).ok();
        let fitting = events.saturating_mul(most_bytes / 4 * 3) / self.data.max(1);
        (is_dense && self.data > 0).then(|| fitting.clamp(1, PAGE) as u64)
    }

    /// Up to which position one has everything that was sent those of its events that lie before this one.
    pub(crate) fn up_to(&self, next: usize) -> u64 {
        self.events.get(next).map_or(self.last, |(position, _)| position - 1)
    }

    fn new(topic: &Arc<str>, (after, last): (u64, u64), bounds: Bounds, events: Vec<(u64, Frame)>) -> Self {
        let bytes = events.iter().map(|(_, frame)| frame.stored_len() + ENTRY).sum();
        let Bounds { trimmed, closed, .. } = bounds;
        Self { topic: Arc::clone(topic), after, last, trimmed, closed, events, bytes, data: 0 }
    }
}

/// What an event takes besides its bytes.
const ENTRY: usize = size_of::<(u64, Frame)>();
