//! What one client has to receive.

mod end;
mod frames;

use std::collections::HashMap;

use typed_sse_core::{Slow, Start};

use super::truth::{Mark, Sent, Truth};

/// What a client asks for, with each of its connections.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    pub(super) start: Start,
    pub(super) slow: Slow,
    pub(super) filter: Filter,
    /// It begins with a state of the application's making.
    pub(super) by_state: bool,
    /// It is told nothing between events.
    pub(super) silent: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Filter {
    All,
    Type,
    Key,
    NoKey,
}

impl Filter {
    pub(super) fn keeps(self, event_type: &str, key: Option<&str>) -> bool {
        match self {
            Self::All => true,
            Self::Type => event_type == "keyed",
            Self::Key => key.is_some_and(|key| key.len() == 1 && key < "4"),
            Self::NoKey => key.is_none(),
        }
    }
}

/// Where a client stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stand {
    /// At one of the places from the first to the second.
    Between(usize, usize),
    /// In the newest event of each key as of this place, or of a later one.
    ByKey(usize),
    /// In front of a state of the application's making.
    State,
}

/// An ephemeral event that a client has to get.
#[derive(Debug)]
struct Passing {
    data: String,
    /// The place behind which it comes, and that behind which it does not come any more.
    between: (usize, usize),
    /// Once more is published, its client may have to ask the store, which does not have it.
    until: usize,
}

pub(super) struct Judge {
    pub(super) terms: Terms,
    pub(super) last_event_id: String,
    stand: Stand,
    /// The newest event that it has of each key, since it was reset.
    has: HashMap<u8, usize>,
    /// The last event of a state by key.
    last_by_key: usize,
    /// How many were published when it came.
    came_at: usize,
    /// How many there were when it was told of a loss, if it has got nothing since.
    reset_at: Option<usize>,
    /// Where it stood when an event came before it could be told of the next loss, and that event.
    owed: Option<(Stand, usize)>,
    /// It has got nothing since it was told where it begins.
    begins: bool,
    /// What was the newest place then, and how much was gone.
    begun_at: (usize, usize),
    passing: Vec<Passing>,
    /// It has got something on this connection.
    is_there: bool,
    /// It has waited on this connection for what comes next.
    pub(super) is_live: bool,
    is_sent_away: bool,
    pub(super) events: u64,
    pub(super) resets: u64,
    /// What became of its connections, for when it fails.
    pub(super) history: Vec<String>,
}

impl Judge {
    pub(super) fn new(terms: Terms) -> Self {
        Self {
            terms,
            last_event_id: String::new(),
            stand: Stand::State,
            has: HashMap::new(),
            last_by_key: 0,
            came_at: 0,
            reset_at: None,
            owed: None,
            begins: false,
            begun_at: (0, 0),
            passing: Vec::new(),
            is_there: false,
            is_live: false,
            is_sent_away: false,
            events: 0,
            resets: 0,
            history: vec![format!("{terms:?}")],
        }
    }

    /// Subscribes at a server that knows all up to this place, at the least.
    pub(super) fn connect(&mut self, truth: &Truth, known: usize, (server, window): (usize, usize)) {
        self.history.push(format!(
            "{:?} at {server} of {window}, which knows {known} of {}",
            self.last_event_id,
            truth.len()
        ));
        (self.owed, self.is_there, self.is_sent_away, self.last_by_key) = (None, false, false, 0);
        (self.came_at, self.reset_at, self.is_live) = (truth.len(), None, false);
        self.passing.clear();
        self.stand = match truth.mark(&self.last_event_id) {
            Some(mark) => self.stand_of(mark, truth),
            None => match self.terms.start {
                _ if self.terms.by_state => Stand::State,
                Start::LatestPerKey => Stand::ByKey(known),
                Start::Live => Stand::Between(known, truth.len()),
                _ if truth.trimmed == 0 && self.terms.start == Start::Earliest => Stand::Between(0, 0),
                _ => Stand::Between(0, truth.len()),
            },
        };
        if matches!(self.stand, Stand::ByKey(_) | Stand::State) {
            self.has.clear();
        }
        self.begins = !matches!(truth.mark(&self.last_event_id), Some(Mark::At(_)));
    }

    /// Whether it matters how much the store has let go of by now.
    pub(super) const fn may_lack(&self) -> bool {
        self.begins || self.reset_at.is_some()
    }

    fn stand_of(&mut self, mark: Mark, truth: &Truth) -> Stand {
        if let Mark::Begun(at, trims) = mark {
            self.begun_at = (at, trims);
        }
        let coalesces = self.terms.slow == Slow::Coalesce;
        match mark {
            Mark::At(place) => Stand::Between(place, place),
            Mark::Begun(..) | Mark::ByKey(_) if self.terms.by_state => Stand::State,
            Mark::ByKey(at) => Stand::ByKey(at),
            Mark::Begun(at, trims) => match self.terms.start {
                Start::LatestPerKey => Stand::ByKey(at),
                Start::Earliest => Stand::Between(if coalesces { 0 } else { trims }, trims),
                Start::Last(n) => {
                    let place = at.saturating_sub(n).max(trims);
                    Stand::Between(if coalesces { 0 } else { place }, place)
                }
                _ => Stand::Between(at, at),
            },
        }
        .not_beyond(truth.len())
    }

    /// The lowest place at which it may stand.
    fn least(&self) -> usize {
        match self.stand {
            Stand::Between(least, _) | Stand::ByKey(least) => least,
            Stand::State => 0,
        }
    }

    /// What of the newest is gone before a client that begins with them has read the first, it does not miss.
    fn not_missed(&self, truth: &Truth) -> usize {
        let is_newest = self.begins && matches!(self.terms.start, Start::Last(_));
        // One that was told begins again, in silence, behind more that is gone of what was there when it was told.
        let begun = if is_newest { self.begun_at.0 } else { 0 };
        truth.trimmed.min(begun.max(self.reset_at.unwrap_or(0)))
    }

    fn wants(&self, sent: &Sent) -> bool {
        let key = sent.row.key.map(|key| key.to_string());
        self.terms.filter.keeps(sent.row.event_type(), key.as_deref())
    }

    /// The first event between two places that may not be left out.
    fn missing(&self, truth: &Truth, from: usize, to: usize) -> Option<usize> {
        let may_lack = |sent: &Sent| self.terms.slow == Slow::Coalesce && sent.superseded_by.is_some();
        (from + 1..=to).find(|number| {
            let sent = truth.get(*number);
            self.wants(sent) && !may_lack(sent)
        })
    }

    /// An event that is not stored is published where it is connected, at a server that knows all up to this place, and has so much of
    /// it in its window.
    pub(super) fn publish_passing(&mut self, truth: &Truth, data: &str, known: usize, window: usize) {
        let has_all = match self.stand {
            Stand::Between(least, _) => self.missing(truth, least, known).is_none(),
            Stand::ByKey(_) | Stand::State => false,
        };
        if self.is_live && has_all && self.terms.filter.keeps("passing", None) {
            let (between, until) = ((known, truth.len()), self.least() + window);
            self.passing.push(Passing { data: data.to_owned(), between, until });
        }
    }
}

impl Stand {
    fn not_beyond(self, place: usize) -> Self {
        match self {
            Self::Between(least, most) => Self::Between(least.min(place), most.min(place)),
            other => other,
        }
    }

    fn may_be(self, place: usize) -> bool {
        match self {
            Self::Between(least, most) => least <= place && place <= most,
            Self::ByKey(_) | Self::State => true,
        }
    }
}
