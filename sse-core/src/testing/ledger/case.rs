//! One connection, and what it is compared with.

use super::super::connection::Connection;
use super::super::received::Received;
use super::book::{Book, Entry};
use super::spans::{Span, Spans};
use super::violation::{Violation, ViolationKind};
use crate::channel::Start;

/// One connection, and what it is compared with.
pub(super) struct Case<'a> {
    pub(super) book: &'a Book,
    pub(super) connection: &'a Connection,
    pub(super) number: usize,
    /// The topics that the client gets.
    pub(super) topics: Vec<usize>,
    /// The subscription was made between these two places.
    pub(super) since_min: usize,
    pub(super) since_max: usize,
}

impl<'a> Case<'a> {
    pub(super) fn new(book: &'a Book, connections: &'a [Connection], number: usize) -> Self {
        let connection = &connections[number - 1];
        let Connection { since_min, since_max, terms, .. } = connection;
        let (since_min, since_max) = if book.late { (0, usize::MAX) } else { (*since_min, *since_max) };
        Self { book, connection, number, topics: book.wanted_topics(terms), since_min, since_max }
    }

    /// Where a client begins in each topic that does not resume.
    pub(super) fn start_spans(&self) -> Spans {
        let later = Span { until: self.since_max, ..Span::default() };
        Spans::of(self.book.topics.len(), later, |topic| vec![self.start_span(&[topic])])
    }

    /// Where a client begins that does not resume.
    pub(super) fn start_span(&self, topics: &[usize]) -> Span {
        let (book, since_min, since_max) = (self.book, self.since_min, self.since_max);
        // Where one life ended and the next began, it may have been either.
        let life = book.life_start(since_max);
        let oldest = book.retained.map_or(since_max, |n| book.before(since_max, n, topics, life, |_| true));
        let durable = |entry: &Entry| !entry.is_ephemeral;
        match self.connection.terms.start {
            None => Span { until: since_max, ..Span::default() },
            Some(Start::Live) => Span { from: since_min, until: since_max, ..Span::default() },
            Some(Start::Earliest) => Span { until: oldest, ..Span::default() },
            Some(Start::Last(n)) => {
                let from = book.before(since_min, n, topics, 0, durable);
                let until = book.before(since_max, n, topics, life, durable).max(oldest);
                Span { from, until, ..Span::default() }
            }
            Some(Start::LatestPerKey) => self.latest_span(since_max, since_min),
        }
    }

    /// With the newest event of each key of those in front of `until`.
    pub(super) fn latest_span(&self, until: usize, stale_below: usize) -> Span {
        Span { from: 0, until: self.book.life_start(until), latest_until: until, stale_below }
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

    /// Whether the log is known to retain all that lies behind these spans, up to `until`.
    pub(super) fn is_retained(&self, spans: &[Span], until: usize, topics: &[usize]) -> bool {
        let Some(retained) = self.book.retained else { return false };
        let few = |topic: &usize, place: usize| {
            self.book.between(place, until, std::slice::from_ref(topic)).nth(retained).is_none()
        };
        let place = spans.iter().map(|span| span.from).min();
        place.is_some_and(|place| topics.iter().all(|topic| few(topic, place)))
    }
}
