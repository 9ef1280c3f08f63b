//! Where the newest of a topic begin, which lie before the window: all who want as many find it together.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::super::sight::Call;
use super::pages::{Frames, PAGE, together};
use super::{Backing, Length, Link};
use crate::encode::Packed;
use crate::store::{
    Bounds, FramesOf, Page, Range, RecordKind, StoreError, StoreErrorKind, Stored, StoredLog,
};

/// The searches that go on, and those that were done lately: what one has found does not change.
#[derive(Default)]
pub(super) struct Searches(Mutex<VecDeque<Arc<Search>>>);

/// For the place behind which so many events lie, up to a position.
struct Search {
    log: StoredLog,
    topic: Arc<str>,
    up_to: u64,
    most: usize,
    /// Held by the one of those who wait that reads on.
    found: tokio::sync::Mutex<Found>,
}

/// How far a search has got.
struct Found {
    /// What lies behind this was counted.
    place: u64,
    /// So many more are wanted,
    left: usize,
    /// but there are no more.
    is_all: bool,
    /// What another has counted further back.
    known: Option<Known>,
    /// Of the events behind the place, so many are too old.
    too_old: usize,
    bounds: Bounds,
    /// Those who wait meanwhile are told, instead of trying one after the other.
    failed: Option<(StoreErrorKind, String)>,
}

/// What a search has found: so many events lie between two positions.
#[derive(Clone, Copy)]
struct Known {
    place: u64,
    up_to: u64,
    events: usize,
    is_all: bool,
}

/// How a page of a topic is read.
#[derive(Clone, Copy)]
struct Reads {
    end: u64,
    length: Length,
    is_slow: bool,
}

/// So many are kept.
const MOST: usize = 64;

impl Searches {
    /// What was found in another life is of no use.
    pub(super) fn clear(&self) {
        self.searches().clear();
    }

    /// The search for this, which may be done already.
    fn find_or_begin(&self, log: StoredLog, topic: &Arc<str>, up_to: u64, most: usize) -> Arc<Search> {
        let mut searches = self.searches();
        let is_same = |search: &&Arc<Search>| {
            (search.up_to, search.most) == (up_to, most) && search.topic == *topic && search.log == log
        };
        if let Some(same) = searches.iter().rev().find(is_same) {
            return Arc::clone(same);
        }
        let is_older =
            |search: &&Arc<Search>| search.up_to < up_to && search.topic == *topic && search.log == log;
        let known = searches.iter().rev().filter(is_older).find_map(|search| search.known());
        let search = Arc::new(Search::new(log, topic, (up_to, most), known));
        if searches.len() >= MOST {
            searches.pop_front();
        }
        searches.push_back(Arc::clone(&search));
        search
    }

    fn forget(&self, search: &Arc<Search>) {
        self.searches().retain(|kept| !Arc::ptr_eq(kept, search));
    }

    fn searches(&self) -> MutexGuard<'_, VecDeque<Arc<Search>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Search {
    fn new(log: StoredLog, topic: &Arc<str>, (up_to, most): (u64, usize), known: Option<Known>) -> Self {
        let found = Found {
            place: up_to,
            left: most,
            is_all: false,
            known,
            too_old: 0,
            bounds: Bounds::default(),
            failed: None,
        };
        Self { log, topic: Arc::clone(topic), up_to, most, found: tokio::sync::Mutex::new(found) }
    }

    /// What it has found, if it is done.
    fn known(&self) -> Option<Known> {
        let found = self.found.try_lock().ok().filter(|found| found.is_done())?;
        let Found { place, left, is_all, .. } = *found;
        Some(Known { place, up_to: self.up_to, events: self.most - left, is_all })
    }
}

impl Backing {
    /// The first page of the newest events behind one position, so many up to another, and the position behind which they lie in it. The
    /// page may go on up to a third. And whether there are fewer.
    pub(crate) async fn newest(
        &self,
        after: u64,
        (up_to, most): (u64, usize),
        end: u64,
        length: Length,
        is_slow: bool,
    ) -> Result<(Arc<Frames>, u64, bool), StoreError> {
        let end = end.max(up_to);
        let (place, is_fewer, bounds) =
            self.place_of_newest(up_to, most, Reads { end, length, is_slow }).await?;
        let place = place.max(after);
        if place >= end {
            let nothing = Frames::new(&self.topic, (end, end), bounds, Packed::default());
            return Ok((Arc::new(nothing), end, is_fewer));
        }
        Ok((self.page(place, end, length, is_slow).await?, place, is_fewer))
    }

    /// Behind which position so many events lie, up to another; or as many of them as are there, and whether these are fewer.
    async fn place_of_newest(
        &self,
        up_to: u64,
        most: usize,
        reads: Reads,
    ) -> Result<(u64, bool, Bounds), StoreError> {
        let Link { source, searches, log, .. } = &*self.link;
        let search = searches.find_or_begin(log.get(), &self.topic, up_to, most);
        // This may take longer than the store has for an answer. Each of the answers is given in time.
        let mut found = search.found.lock().await;
        while !found.is_done() {
            if let Some((kind, words)) = &found.failed {
                return Err(StoreError::new(*kind, words.clone()));
            }
            let failed = if found.left == 0 {
                self.leave_out(&mut found, &search, reads).await.err()
            } else {
                let read = Box::pin(self.link.read_back(&search, &found, reads.length.counted()));
                match source.ask(Call::Read, read).await {
                    Ok(page) => {
                        self.link.count(&search, &mut found, &page, reads.length);
                        None
                    }
                    Err(error) => Some(error),
                }
            };
            if let Some(error) = failed {
                found.failed = Some((error.kind(), error.to_string()));
                searches.forget(&search);
                return Err(error);
            }
        }
        Ok((found.place, found.left > 0, found.bounds))
    }

    /// Goes on to where the first lies that is not too old, in the pages that are read anyway.
    async fn leave_out(&self, found: &mut Found, search: &Search, reads: Reads) -> Result<(), StoreError> {
        let Reads { end, length, is_slow } = reads;
        let page = self.page(found.place, end, length, is_slow).await?;
        let nth = page.events.nth_behind(found.place, found.too_old);
        (found.place, found.too_old) = match nth {
            Ok(place) if page.trimmed <= found.place => (place, 0),
            Err(too_old) if page.trimmed <= found.place && page.last < search.up_to => (page.last, too_old),
            _ => {
                // Of those that were counted, some are gone.
                found.left = search.most;
                (search.up_to, 0)
            }
        };
        Ok(())
    }
}

impl Link {
    /// The newest of what was not counted yet, no more than a page.
    async fn read_back(
        &self,
        search: &Search,
        found: &Found,
        Length { records, bytes }: Length,
    ) -> Result<Page, StoreError> {
        let _turn = self.pages.turn().await;
        let range = Range::after(found.counted_from()).of(&search.topic).up_to(found.place);
        self.source.store.read(&search.log, range.records(records.min(found.left)).bytes(bytes).tail()).await
    }

    fn count(&self, search: &Arc<Search>, found: &mut Found, page: &Page, length: Length) {
        let last = found.place;
        found.bounds = page.bounds;
        if page.bounds.last < search.up_to {
            // A place of another life may lie behind all that this one has: what comes before it is not known yet.
            self.searches.forget(search);
        }
        if let Some(first) = page.records.first() {
            let is_event = |stored: &&Stored| stored.record.kind() == RecordKind::Event;
            found.place = first.position - 1;
            found.left = found.left.saturating_sub(page.records.iter().filter(is_event).count());
            if found.left == 0 {
                // They are read from here on.
                self.keep_first(search, (found.place, last), page, length);
            }
        }
        if page.records.is_empty() || found.place <= found.counted_from() {
            found.go_on_behind_known();
        }
    }

    /// Keeps what was read last of a search, if it is no longer than a page.
    fn keep_first(&self, search: &Search, (after, last): (u64, u64), page: &Page, length: Length) {
        let data = page.records.iter().map(|stored| stored.record.data().len()).sum();
        if data > length.bytes {
            return;
        }
        let (topic, epoch) = (&search.topic, search.log.epoch());
        let frames = FramesOf::all(Arc::clone(topic), epoch, together(topic), &page.records);
        let is_reached = page.bounds.last >= last;
        let page = Frames::new(topic, (after, last), page.bounds, frames).of_data(data);
        self.pages.keep(page, || is_reached && self.log.get().epoch() == epoch);
    }
}

impl Found {
    const fn is_done(&self) -> bool {
        (self.left == 0 || self.is_all || self.place == 0) && self.too_old == 0
    }

    /// What lies up to this position need not be counted.
    fn counted_from(&self) -> u64 {
        self.known.map_or(0, |known| known.up_to)
    }

    /// All behind what is known was counted.
    fn go_on_behind_known(&mut self) {
        // Of what was counted before, nothing is there any more if the store has let go of all of it.
        let known = self.known.take().filter(|known| known.up_to > self.bounds.trimmed);
        let Some(known) = known else {
            self.is_all = true;
            return;
        };
        if self.left == 0 {
            return;
        }
        match known.events.checked_sub(self.left) {
            None | Some(0) => {
                (self.place, self.is_all) = (known.place, known.is_all);
                self.left -= known.events;
            }
            Some(too_old) if too_old <= PAGE.records => {
                (self.place, self.left, self.too_old) = (known.place, 0, too_old);
            }
            // It is not far from here.
            Some(_) => self.place = known.up_to,
        }
    }
}
