//! One connection, and what it is compared with.

use super::super::connection::Connection;
use super::super::received::Received;
use super::book::{Book, Entry, Located, Stands, Topic};
use super::cursor::Cursor;
use super::spans::{Span, Spans, Standing};
use super::violation::{Violation, ViolationKind};
use crate::channel::{Slow, Start};

/// One connection, and what it is compared with.
pub(super) struct Case<'a> {
    pub(super) book: &'a Book,
    pub(super) connection: &'a Connection,
    pub(super) number: usize,
    /// What the last event ID says, in most topics. `None` for a client that sent none.
    pub(super) located: Option<Located>,
    /// What it says in each.
    pub(super) stands: Option<Stands>,
    /// The topics that the client may get.
    pub(super) topics: Vec<usize>,
    /// How much was in the ledger when the client was told where it began, at the most.
    pub(super) told_at: usize,
    /// The subscription was made between these two places.
    pub(super) since_min: usize,
    pub(super) since_max: usize,
}

impl<'a> Case<'a> {
    pub(super) fn new(book: &'a Book, connections: &'a [Connection], number: usize) -> Self {
        let connection = &connections[number - 1];
        let Connection { since_min, since_max, terms, last_event_id, .. } = connection;
        let (since_min, since_max) = if book.late { (0, usize::MAX) } else { (*since_min, *since_max) };
        let stands = (!last_event_id.is_empty()).then(|| book.stands(last_event_id.as_str()));
        let located = stands.as_ref().map(|stands| stands.located);
        let topics = Vec::new();
        let mut case =
            Self { book, connection, number, located, stands, topics, told_at: 0, since_min, since_max };
        let gets = |topic: &usize| book.wants_topic(terms, *topic) && case.gets(*topic).0;
        case.topics = (0..book.topics.len()).filter(gets).collect();
        case
    }

    /// What the last event ID may say in a topic.
    pub(super) fn located_in(&self, topic: usize) -> Vec<Located> {
        self.stands.as_ref().map_or_else(Vec::new, |stands| self.book.stands_in(topic, stands))
    }

    /// Whether the last event ID says another thing in some topics.
    pub(super) fn stands_differ(&self) -> bool {
        self.stands.as_ref().is_some_and(Stands::differ)
    }

    /// Whether the client may get a topic, and whether it surely does: one that was closed is another.
    fn gets(&self, topic: usize) -> (bool, bool) {
        let Topic { since, closed, .. } = self.book.topics[topic];
        let may = closed.is_none_or(|closed| closed >= self.since_min) && since <= self.since_max;
        let must =
            closed.is_none_or(|closed| closed > self.since_max) && (since == 0 || since < self.since_min);
        // The ID names the one that it had, or has now.
        let is_named = self.stands.as_ref().is_some_and(|stands| self.book.names(topic, stands).is_some());
        let may_be_named = self.stands.as_ref().is_some_and(|stands| self.book.names_unknown(stands));
        let done = self.done_in(&self.book.topics[topic]).filter(|_| !is_named);
        let Some(life) = done else { return (may, may && must) };
        if may_be_named {
            return (may, false);
        }
        // The own ID of an event may have been forgotten; and where one life ended and the next began, it may be either.
        let is_cursor = Cursor::parse(self.connection.last_event_id.as_str()).is_some();
        let is_certain = is_cursor && self.book.life_at(self.since_max) == Some(life);
        match self.is_done_with_all() {
            true => (may && !is_certain, false),
            // It goes on in others, and gets all of this one.
            false => (may, may && must && is_certain),
        }
    }

    /// Whether others were made in place of all the topics that it names, and it joins none.
    fn is_done_with_all(&self) -> bool {
        let is_there = |topic: &Topic| {
            topic.since <= self.since_max && topic.closed.is_none_or(|closed| closed > self.since_max)
        };
        let is_named =
            |topic| self.stands.as_ref().is_some_and(|stands| self.book.names(topic, stands).is_some());
        let topics = self.book.topics.iter().enumerate();
        let mut named = topics.filter(|(index, topic)| {
            is_there(topic) && self.book.wants_topic(&self.connection.terms, *index)
        });
        // In one in which nothing was published yet, it goes on.
        !self.book.names_new(&self.connection.terms)
            && named.all(|(index, topic)| {
                self.done_in(topic).is_some()
                    && !is_named(index)
                    && !self.book.joins(&self.connection.terms, index)
            })
    }

    /// The life in which the client is done with the topic in whose place another was made.
    fn done_in(&self, topic: &Topic) -> Option<usize> {
        let since = topic.since;
        let (place, life) = match self.located? {
            Located::At { place, life } | Located::Begun { at: place, life, .. } => (place, life),
            Located::Ambiguous | Located::Unknown => return None,
        };
        let is_of_life = since > 0 && self.book.life_at(since - 1) == Some(life);
        // Right there, it may have the number of the closing.
        let cursor = Cursor::parse(self.connection.last_event_id.as_str());
        let number = cursor.map(|cursor| cursor.stand.number());
        let is_behind = place == since && number.is_some_and(|number| number >= topic.number);
        (is_of_life && place <= since && !is_behind).then_some(life)
    }

    /// In front of a topic that was made in the place of one that the client had, unless it joins it.
    pub(super) fn fresh_in(&self, topic: usize) -> Option<Span> {
        let of = &self.book.topics[topic];
        self.done_in(of).filter(|_| !self.joins(topic)).map(|_| Span::exactly(of.since))
    }

    pub(super) fn joins(&self, topic: usize) -> bool {
        self.book.joins(&self.connection.terms, topic)
    }

    /// Whether it may have nothing of any topic, as it is done with those that it did not join.
    pub(super) fn may_have_nothing(&self) -> bool {
        self.topics.iter().all(|topic| self.joins(*topic) || !self.gets(*topic).1)
    }

    /// How far it is, at the least, in topics that it may have left.
    pub(super) fn left_at(&self) -> usize {
        let gets = |topic| self.topics.contains(&topic) && self.gets(topic).1;
        self.stands.as_ref().map_or(0, |stands| self.book.lowest_besides(stands, gets))
    }

    pub(super) fn joins_any(&self) -> bool {
        self.topics.iter().any(|topic| self.joins(*topic))
    }

    /// What may be said of a topic, if this is said of one that the client gets.
    pub(super) fn of_topic(&self, topic: usize, spans: impl FnOnce() -> Vec<Span>) -> Vec<Span> {
        match self.gets(topic) {
            (true, true) => spans(),
            (true, false) => [spans(), vec![Span::NOTHING]].concat(),
            (false, _) => vec![Span::NOTHING],
        }
    }

    /// Takes notice of topics that were made meanwhile.
    pub(super) fn extend(&self, standing: &mut Standing) {
        standing.extend(self.book.topics.len(), |topic, later| self.of_topic(topic, || vec![later]));
    }

    /// For each topic, where the client begins.
    pub(super) fn begin(&self) -> Spans {
        let later = Span { until: self.since_max, ..Span::default() };
        Spans::of(self.book.topics.len(), later, |topic| {
            self.of_topic(topic, || match self.located {
                None => vec![self.new_span(&[topic])],
                _ if self.joins(topic) => vec![self.new_span(&[topic])],
                _ => self.located_in(topic).into_iter().map(|at| self.begin_in(topic, at)).collect(),
            })
        })
    }

    fn begin_in(&self, topic: usize, located: Located) -> Span {
        match located {
            Located::At { place, .. } => Span::exactly(place),
            Located::Begun { at, by_key: true, .. } if !self.has_state() => self.latest_span(at, at),
            Located::Begun { at, trims, .. } => self.begun(topic, at, trims),
            Located::Ambiguous | Located::Unknown => self.start_span(&[topic]),
        }
    }

    /// Whether all is known to be there of a topic that its last event ID promises.
    pub(super) fn is_kept(&self, topic: usize, located: Located) -> bool {
        let is_retained = |place| self.is_retained(place, self.since_max, topic);
        let keeps_all = |at| self.book.keeps_all(topic, at, self.since_max, self.coalesces());
        match located {
            Located::At { place, .. } => is_retained(place),
            Located::Begun { at, by_key: true, .. } => {
                is_retained(at) && self.book.keeps_state(topic, at, self.since_max)
            }
            Located::Begun { at, .. } => match self.connection.terms.start {
                _ if self.has_state() => true,
                Some(Start::Live) => is_retained(at),
                Some(Start::LatestPerKey) => {
                    is_retained(at) && self.book.keeps_state(topic, at, self.since_max)
                }
                Some(Start::Last(n)) => {
                    let newest = self.book.before(at, n, &[topic], 0, |entry| !entry.is_ephemeral);
                    is_retained(newest) || is_retained(at) && keeps_all(at)
                }
                Some(Start::Earliest) | None => keeps_all(at),
            },
            Located::Ambiguous | Located::Unknown => false,
        }
    }

    /// Where it was let begin as its start says.
    fn begun(&self, topic: usize, at: usize, trims: u64) -> Span {
        let span = self.span_of(&[topic], at, at);
        let span = match self.connection.terms.start {
            // It was told of what was trimmed until then.
            Some(Start::Earliest | Start::Last(_)) if trims > 0 => {
                let oldest = self.oldest(&[topic], self.told_at.max(at));
                Span { until: span.until.max(oldest), ..span }
            }
            // Of what is gone, the log does not know how many there were, and begins at what it has kept for its key.
            Some(Start::Last(_))
                if self.may_coalesce() && !self.book.is_retained(topic, span.from, self.since_max, false) =>
            {
                Span { from: self.first(&[topic], at), ..span }
            }
            _ => span,
        };
        let whole = self.connection.terms.start == Some(Start::Earliest) && !self.has_state();
        match trims {
            _ if !whole => span,
            0 => self.whole(&[topic], at),
            _ if self.is_several() => span,
            _ => Span { until: self.began(at, trims), ..span },
        }
    }

    /// Behind which place of its one log a client was let begin when `at` was the newest, and so many were trimmed.
    pub(super) fn began(&self, at: usize, trimmed: u64) -> usize {
        let first = self.first(&self.topics, at);
        let oldest = self.book.behind(first, trimmed, at, &self.topics).unwrap_or(at);
        match self.connection.terms.start {
            Some(Start::Earliest) => oldest,
            Some(Start::Last(n)) => {
                self.book.before(at, n, &self.topics, first, |entry| !entry.is_ephemeral).max(oldest)
            }
            _ => at,
        }
    }

    /// Where a client begins that is new, and is not told that it missed anything.
    fn new_span(&self, topics: &[usize]) -> Span {
        match self.connection.terms.start {
            Some(Start::Earliest) if !self.has_state() => self.whole(topics, self.since_max),
            _ => self.start_span(topics),
        }
    }

    /// Where a topic stands before a new client of it is told of what it has missed.
    pub(super) fn joined_spans(&self, topic: usize) -> Vec<Span> {
        if matches!(self.connection.terms.start, None | Some(Start::Earliest)) {
            // Where one life ended and the next began, it may have been either.
            let before = self.since_max.saturating_sub(1);
            let mut first =
                [before, self.since_max].map(|at| Span::exactly(self.first(&[topic], at))).to_vec();
            first.dedup();
            return first;
        }
        vec![self.new_span(&[topic])]
    }

    /// With the first event.
    fn whole(&self, topics: &[usize], at: usize) -> Span {
        Span { until: self.first(topics, at), ..Span::default() }
    }

    /// Where these topics began.
    pub(super) fn first(&self, topics: &[usize], at: usize) -> usize {
        let since = topics.iter().map(|topic| self.book.topics[*topic].since).max().unwrap_or_default();
        // Where one life ended and the next began, it may have been either.
        self.book.life_start(at).max(since)
    }

    /// Where a client begins that does not resume.
    pub(super) fn start_span(&self, topics: &[usize]) -> Span {
        self.span_of(topics, self.since_min, self.since_max)
    }

    /// The place in front of what these topics are known to retain when `at` is the newest.
    fn oldest(&self, topics: &[usize], at: usize) -> usize {
        let (book, life) = (self.book, self.first(topics, at));
        book.retained.map_or(at, |n| book.before(at, n, topics, life, |entry| !entry.is_ephemeral))
    }

    /// Where a client begins that began between these two places.
    pub(super) fn span_of(&self, topics: &[usize], min: usize, max: usize) -> Span {
        let book = self.book;
        let life = self.first(topics, max);
        let durable = |entry: &Entry| !entry.is_ephemeral;
        let oldest = self.oldest(topics, max);
        match self.connection.terms.start {
            _ if self.has_state() => Span { until: max, ..Span::default() },
            None => Span { until: max, ..Span::default() },
            Some(Start::Live) => Span { from: min, until: max, ..Span::default() },
            Some(Start::Earliest) => Span { until: oldest, ..Span::default() },
            Some(Start::Last(n)) => {
                let from = book.before(min, n, topics, 0, durable);
                let until = book.before(max, n, topics, life, durable).max(oldest);
                Span { from, until, ..Span::default() }
            }
            Some(Start::LatestPerKey) => self.latest_span(max, min),
        }
    }

    /// With the newest event of each key of those in front of `until`.
    pub(super) fn latest_span(&self, until: usize, stale_below: usize) -> Span {
        Span { from: 0, until: self.book.life_start(until), latest_until: until, stale_below }
    }

    pub(super) fn may_coalesce(&self) -> bool {
        self.connection.terms.slow.is_none_or(|slow| slow == Slow::Coalesce)
    }

    /// Whether the client begins with a state of the application's making.
    pub(super) fn has_state(&self) -> bool {
        self.connection.terms.may_have_state()
    }

    pub(super) fn is_several(&self) -> bool {
        self.book.may_be_several(&self.connection.terms)
    }

    /// Below which place events may come without an ID, where the client begins.
    pub(super) fn state_until(&self) -> usize {
        let by_key = self.stands.as_ref().is_some_and(Stands::begin_by_key);
        let is_state = by_key || matches!(self.connection.terms.start, None | Some(Start::LatestPerKey));
        match self.located {
            _ if !is_state => 0,
            _ if self.joins_any() => self.since_max,
            Some(Located::At { .. }) if !self.is_several() && !by_key => 0,
            // Of one that coalesces, the state may be a newer one.
            Some(Located::Begun { at, .. }) if !self.may_coalesce() => {
                self.stands.as_ref().map_or(at, Stands::begun_at)
            }
            _ => self.since_max,
        }
    }

    pub(super) fn missing(&self, missing: usize, received: &Received, later: &[Received]) -> Violation {
        let entry = &self.book.entries[missing];
        let id = entry.id.as_deref();
        let comes_later = later.iter().any(|later| {
            later.connection == received.connection
                && entry.is_same(later.event())
                && (id.is_none() || later.id().map(AsRef::as_ref) == id)
        });
        if comes_later {
            let text = format!("{received} came before {entry}, but was published behind it");
            return self.violation(ViolationKind::OutOfOrder, text);
        }
        let text = format!("{received} came, but not {entry}, which was published before it");
        self.violation(ViolationKind::Missing, text)
    }

    pub(super) fn unnamed(&self, received: &Received) -> Violation {
        let text = format!("{received} came without its event ID: the client would get it a second time");
        self.violation(ViolationKind::Misplaced, text)
    }

    pub(super) fn unwanted(&self, received: &Received) -> Violation {
        self.violation(ViolationKind::Unwanted, format!("{received} came, which the client did not ask for"))
    }

    pub(super) fn replayed(&self, received: &Received) -> Violation {
        let text = format!("{received} is ephemeral, but was replayed or came twice");
        self.violation(ViolationKind::Replayed, text)
    }

    pub(super) fn no_reset(&self, came: &str) -> Violation {
        let text = format!("nobody can resume from this ID, but {came} came and no reset");
        self.violation(ViolationKind::NoReset, text)
    }

    pub(super) fn violation(&self, kind: ViolationKind, text: String) -> Violation {
        let id = &self.connection.last_event_id;
        let began = if id.is_empty() { "new".to_owned() } else { format!("resumed from `{id}`") };
        Violation { kind, connection: self.number, began, text }
    }

    /// Whether the log of a topic is known to have all that lies behind this place, up to `until`.
    pub(super) fn is_retained(&self, from: usize, until: usize, topic: usize) -> bool {
        self.book.is_retained(topic, from, until, self.coalesces())
    }

    pub(super) fn coalesces(&self) -> bool {
        self.connection.terms.slow == Some(Slow::Coalesce)
    }

    /// The same of all that the client may stand behind.
    pub(super) fn is_all_retained(&self, spans: &[Span], until: usize, topic: usize) -> bool {
        let from = spans.iter().map(|span| span.from).min();
        from.is_some_and(|from| self.is_retained(from, until, topic))
    }
}
