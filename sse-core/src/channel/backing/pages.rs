//! Pages of what lies before the window, which clients share.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::super::sight::Call;
use super::asks::{Ask, Asks, Place};
use super::{Backing, Link};
use crate::encode::{At, Packed};
use crate::store::{Bounds, FramesOf, Range, Sink, StoreError, Together};

/// What was read lately. Ten thousand clients that come back together want the same.
pub(super) struct Pages {
    read: Mutex<Read>,
    /// Those that are asked for. Whoever waits for one finds it, once it was read.
    asks: Arc<Asks>,
    /// Whoever waits here finds, in its turn, what those before it have read.
    turns: Semaphore,
    /// One for each that reads pages, and ours.
    readers: Arc<()>,
}

/// Held by one who reads pages.
pub(crate) struct Reading(Arc<()>);

/// How long a page is.
#[derive(Clone, Copy)]
pub(crate) struct Length {
    pub(super) records: usize,
    pub(super) bytes: usize,
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
    pub(crate) events: Packed,
    bytes: usize,
    /// So many bytes of data were read for it, as a store counts them; 0 if that is not known.
    data: usize,
}

/// So many pages are read at one time.
const AT_ONCE: usize = 2;

/// So many pages are read before their reader wants them.
const AHEAD: usize = 2;

/// So many records make a page, and so many bytes.
pub(super) const PAGE: Length = Length { records: 1024, bytes: 256 << 10 };

/// None is longer, whatever a store reads at once: three of them fit into what is kept.
const LONGEST: usize = 4096;

/// For who is slow, and of one of several topics: a client of very many reads a page of each.
const SHORT_PAGE: Length = Length { bytes: 32 << 10, ..PAGE };

/// A client of very many topics has the next event of each at hand, which would hold its neighbours.
pub(super) const fn together(topic: &str) -> Together {
    if topic.is_empty() { Together::Bytes(16 << 10) } else { Together::Each }
}

/// All pages together take so many bytes.
const MOST_BYTES: usize = 8 << 20;

/// So many pages are kept: small ones are looked through.
const MOST: usize = 512;

impl Pages {
    pub(super) fn new() -> Self {
        let readers = Arc::default();
        Self { read: Mutex::default(), asks: Arc::default(), turns: Semaphore::new(AT_ONCE), readers }
    }

    /// Nothing of another life is true of this one.
    pub(super) fn clear(&self) {
        let let_go = std::mem::take(&mut *self.read());
        // Nobody waits while it is taken apart.
        drop(let_go);
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
    pub(super) fn keep(&self, page: Frames, is_of_this_life: impl FnOnce() -> bool) -> Arc<Frames> {
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
        let mut let_go = Vec::new();
        while read.bytes > MOST_BYTES || read.pages.len() > MOST {
            let Some(oldest) = read.pages.pop_front() else { break };
            read.bytes -= oldest.bytes;
            let_go.push(oldest);
        }
        // Nobody waits while it is taken apart.
        drop(read);
        drop(let_go);
        page
    }

    /// Waits for its turn to read from the store.
    pub(super) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // It is never closed.
        self.turns.acquire().await.ok()
    }

    fn read(&self) -> MutexGuard<'_, Read> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Length {
    /// Of what is only counted, nobody holds a page.
    pub(super) const fn counted(self) -> Self {
        if self.bytes < PAGE.bytes { PAGE } else { self }
    }
}

impl Reading {
    fn begin(pages: &Pages) -> Self {
        Self(Arc::clone(&pages.readers))
    }

    /// How many read, this one included.
    fn readers(&self) -> usize {
        Arc::strong_count(&self.0) - 1
    }
}

impl Backing {
    /// For one who begins to read pages.
    pub(crate) fn begin_reading(&self) -> Reading {
        Reading::begin(&self.link.pages)
    }

    /// How long its pages are. Where few read, a store may have longer ones, which are fewer turns: they fit side by side.
    pub(crate) fn page_length(&self, reading: &Reading, is_slow: bool) -> Length {
        if is_slow || !self.topic.is_empty() {
            return SHORT_PAGE;
        }
        let at_once = self.link.source.store.records_at_once();
        let records = (at_once.min(LONGEST) / reading.readers()).max(PAGE.records);
        Length { records, bytes: PAGE.bytes / PAGE.records * records }
    }

    /// The page behind this position, if it was read lately. The next ones, up to another position, are read meanwhile, where it is said how
    /// long they are.
    pub(crate) fn known_page(&self, after: u64, up_to: u64, ahead: Option<Length>) -> Option<Arc<Frames>> {
        let page = self.link.pages.find(&self.topic, after)?;
        if let Some(length) = ahead {
            self.read_ahead(&page, up_to, length);
        }
        Some(page)
    }

    /// The events behind one position, up to another, as many as make a page. The next page is read meanwhile, but not for who is slow.
    pub(crate) async fn page(
        &self,
        after: u64,
        up_to: u64,
        length: Length,
        is_slow: bool,
    ) -> Result<Arc<Frames>, StoreError> {
        let Self { link, topic, .. } = self;
        let ask = link.pages.asks.ask((Arc::clone(topic), after), up_to);
        let asked = Box::pin(link.asked_page(&ask, length));
        let page = link.source.ask(Call::Read, asked).await?;
        if !is_slow {
            self.read_ahead(&page, up_to, length);
        }
        Ok(page)
    }

    /// Has what follows a page read. Where it can be told how far the next page goes, so is the one behind that: the store answers for one
    /// while the other is made into frames.
    fn read_ahead(&self, page: &Frames, up_to: u64, length: Length) {
        let (span, mut after) = (page.likely_span(length), page.last);
        for _ in 0..AHEAD {
            if after >= up_to {
                break;
            }
            let place = (Arc::clone(&self.topic), after);
            after = self.link.pages.end_of(&place).unwrap_or_else(|| {
                let up_to = span.map_or(up_to, |span| up_to.min(after.saturating_add(span)));
                self.read_early(place, up_to, length);
                up_to
            });
        }
    }

    fn read_early(&self, place: Place, up_to: u64, length: Length) {
        let (ask, link) = (self.link.pages.asks.ask(place, up_to), Arc::clone(&self.link));
        self.link.runtime.spawn(async move {
            // Whoever wants it asks again where this fails.
            let _failed = link.source.within(Box::pin(link.asked_page(&ask, length))).await;
        });
    }
}

impl Link {
    /// The page, no longer than that where it was not read lately.
    async fn asked_page(
        &self,
        ask: &Ask,
        Length { records, bytes }: Length,
    ) -> Result<Arc<Frames>, StoreError> {
        let Self { pages, source, .. } = self;
        let (topic, after, up_to) = (&ask.place().0, ask.place().1, ask.up_to());
        let _alone = ask.alone().await;
        if let Some(page) = pages.find(topic, after) {
            return Ok(page);
        }
        let _turn = pages.turn().await;
        if let Some(page) = pages.find(topic, after) {
            return Ok(page);
        }
        let log = self.log.get();
        let range = Range::after(after).of(topic).up_to(up_to).records(records).bytes(bytes);
        let frames = Sink::frames(FramesOf::new(Arc::clone(topic), log.epoch(), together(topic)));
        let read = source.store.read_into(&log, range, frames).await?;
        source.counts.read_page();
        let (last, data) = (read.last().unwrap_or(up_to), read.bytes());
        let (bounds, frames) = read.into_frames();
        // A place of another life may lie behind all that this one has: what comes there is not known yet.
        let is_reached = bounds.last >= last;
        let page = Frames::new(topic, (after, last), bounds, frames).of_data(data);
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

    /// How many positions are likely to fit into the next page, no longer than that: as many as in this one, with some room. Not known where
    /// positions lie between its events.
    fn likely_span(&self, Length { records, bytes }: Length) -> Option<u64> {
        let events = self.events.len();
        let is_dense = events > 0 && self.last.checked_sub(self.after) == u64::try_from(events).ok();
        let fitting = events.saturating_mul(bytes / 4 * 3) / self.data.max(1);
        (is_dense && self.data > 0).then(|| fitting.clamp(1, records) as u64)
    }

    /// Up to which position one has everything that was sent those of its events that lie before this one.
    pub(crate) fn up_to(&self, next: At) -> u64 {
        self.events.position(next).map_or(self.last, |position| position - 1)
    }

    /// So many bytes of data were read for it.
    pub(super) fn of_data(self, data: usize) -> Self {
        Self { data, ..self }
    }

    pub(super) fn new(topic: &Arc<str>, (after, last): (u64, u64), bounds: Bounds, events: Packed) -> Self {
        let bytes = events.bytes();
        let Bounds { trimmed, closed, .. } = bounds;
        Self { topic: Arc::clone(topic), after, last, trimmed, closed, events, bytes, data: 0 }
    }
}
