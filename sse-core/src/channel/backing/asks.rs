//! Which pages are asked for: whoever wants one that another reads waits for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A topic, and the position behind which a page lies.
pub(super) type Place = (Arc<str>, u64);

/// The pages that are asked for.
#[derive(Default)]
pub(super) struct Asks {
    asked: Mutex<HashMap<Place, Asked>>,
}

/// A page that is asked for.
struct Asked {
    /// It goes no further.
    up_to: u64,
    /// So many ask for it,
    askers: usize,
    /// of whom one reads it, and holds this.
    alone: Arc<tokio::sync::Mutex<()>>,
}

/// One of those who ask for a page.
pub(super) struct Ask {
    asks: Arc<Asks>,
    place: Place,
    up_to: u64,
    alone: Arc<tokio::sync::Mutex<()>>,
}

impl Asks {
    /// Asks for the page at a place, which goes no further than this position.
    pub(super) fn ask(self: &Arc<Self>, place: Place, up_to: u64) -> Ask {
        let mut asked = self.asked();
        let none = || Asked { up_to, askers: 0, alone: Arc::default() };
        let page = asked.entry(place.clone()).or_insert_with(none);
        page.askers += 1;
        Ask { asks: Arc::clone(self), place, up_to, alone: Arc::clone(&page.alone) }
    }

    /// How far the page at a place goes, at the most, if it is asked for.
    pub(super) fn end_of(&self, place: &Place) -> Option<u64> {
        self.asked().get(place).map(|asked| asked.up_to)
    }

    fn asked(&self) -> MutexGuard<'_, HashMap<Place, Asked>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ask {
    pub(super) const fn place(&self) -> &Place {
        &self.place
    }

    pub(super) const fn up_to(&self) -> u64 {
        self.up_to
    }

    /// Waits until nobody else reads the page.
    pub(super) async fn alone(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.alone.lock().await
    }
}

impl Drop for Ask {
    fn drop(&mut self) {
        let mut asked = self.asks.asked();
        if let Some(page) = asked.get_mut(&self.place) {
            page.askers -= 1;
            if page.askers == 0 {
                asked.remove(&self.place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_there_as_long_as_one_asks() {
        let asks = Arc::new(Asks::default());
        let place = || (Arc::from("market"), 7);
        let (one, two) = (asks.ask(place(), 20), asks.ask(place(), 30));
        assert_eq!(asks.end_of(&place()), Some(20), "as who came first has it read");
        drop(one);
        assert_eq!(asks.end_of(&place()), Some(20));
        drop(two);
        assert_eq!(asks.end_of(&place()), None);
    }

    /// Two who let go at once leave nothing behind.
    #[test]
    fn no_place_is_kept_for_nobody() {
        let asks = Arc::new(Asks::default());
        let barrier = std::sync::Barrier::new(2);
        let let_go = || {
            for after in 0..20_000 {
                let ask = asks.ask((Arc::from(""), after), u64::MAX);
                barrier.wait();
                drop(ask);
            }
        };
        std::thread::scope(|scope| {
            scope.spawn(let_go);
            let_go();
        });
        assert_eq!(asks.asked().len(), 0);
    }
}
