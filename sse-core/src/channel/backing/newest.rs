//! Where the newest of a topic begin, which lie before the window: all who want as many find it together.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::super::sight::Call;
use super::pages::{Frames, PAGE, together};
use super::{Backing, Length, Link};
use crate::encode::Packed;
use crate::store::{Bounds, FramesOf, Page, Range, RecordKind, StoreError, StoreErrorKind, StoredLog};

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
    bounds: Bounds,
    /// Those who wait meanwhile are told, instead of trying one after the other.
    failed: Option<(StoreErrorKind, String)>,
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
        let (place, left, bounds) = (up_to, most, Bounds::default());
        let found = tokio::sync::Mutex::new(Found { place, left, is_all: false, bounds, failed: None });
        let search = Arc::new(Search { log, topic: Arc::clone(topic), up_to, most, found });
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

impl Backing {
    /// The first page of the newest events behind one position, up to another, and the position behind which they lie in it. The page may
    /// go on up to a third.
    pub(crate) async fn newest(
        &self,
        after: u64,
        (up_to, most): (u64, usize),
        end: u64,
        length: Length,
        is_slow: bool,
    ) -> Result<(Arc<Frames>, u64), StoreError> {
        let (place, bounds) = self.link.place_of_newest(&self.topic, up_to, most).await?;
        let (place, end) = (place.max(after), end.max(up_to));
        if place >= end {
            let nothing = Frames::new(&self.topic, (end, end), bounds, Packed::default());
            return Ok((Arc::new(nothing), end));
        }
        Ok((self.page(place, end, length, is_slow).await?, place))
    }
}

impl Link {
    /// Behind which position so many events lie, up to another; or as many of them as are there.
    async fn place_of_newest(
        &self,
        topic: &Arc<str>,
        up_to: u64,
        most: usize,
    ) -> Result<(u64, Bounds), StoreError> {
        let search = self.searches.find_or_begin(self.log.get(), topic, up_to, most);
        // This may take longer than the store has for an answer. Each of the answers is given in time.
        let mut found = search.found.lock().await;
        while !found.is_done() {
            if let Some((kind, words)) = &found.failed {
                return Err(StoreError::new(*kind, words.clone()));
            }
            let read = self.source.ask(Call::Read, Box::pin(self.read_back(&search, &found))).await;
            match read {
                Ok(page) => self.count(&search, &mut found, page),
                Err(error) => {
                    found.failed = Some((error.kind(), error.to_string()));
                    self.searches.forget(&search);
                    return Err(error);
                }
            }
        }
        Ok((found.place, found.bounds))
    }

    /// The newest of what was not counted yet, no more than a page.
    async fn read_back(&self, search: &Search, found: &Found) -> Result<Page, StoreError> {
        let Length { records, bytes } = PAGE;
        let _turn = self.pages.turn().await;
        let range = Range::after(0).of(&search.topic).up_to(found.place);
        self.source.store.read(&search.log, range.records(records.min(found.left)).bytes(bytes).tail()).await
    }

    fn count(&self, search: &Arc<Search>, found: &mut Found, page: Page) {
        let last = std::mem::replace(&mut found.place, 0);
        found.bounds = page.bounds;
        if page.bounds.last < search.up_to {
            // A place of another life may lie behind all that this one has: what comes before it is not known yet.
            self.searches.forget(search);
        }
        let Some(first) = page.records.first() else {
            (found.place, found.is_all) = (last, true);
            return;
        };
        let events = page.records.iter().filter(|stored| stored.record.kind() == RecordKind::Event).count();
        found.place = first.position - 1;
        found.left = found.left.saturating_sub(events);
        if found.left == 0 {
            // They are read from here on.
            self.keep_first(search, (found.place, last), &page);
        }
    }

    /// Keeps what was read last of a search, if it is no longer than a page of its topic.
    fn keep_first(&self, search: &Search, (after, last): (u64, u64), page: &Page) {
        let data = page.records.iter().map(|stored| stored.record.data().len()).sum();
        if data > Length::least(&search.topic) {
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
        self.left == 0 || self.is_all || self.place == 0
    }
}
