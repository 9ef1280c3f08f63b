//! How far a client is in each topic.

use super::super::terms::Terms;
use super::book::{Book, Entry};
use super::violation::Violation;
use crate::channel::Slow;

/// Where a client stands in one topic: at a place between `from` and `until`, one of which it began at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    /// What lies before has come, or will not come any more.
    pub(super) from: usize,
    /// What lies behind has to come.
    pub(super) until: usize,
    /// Of what lies before this, only the newest of each key has to come.
    pub(super) latest_until: usize,
    /// Of what lies before this, nothing else may come.
    pub(super) stale_below: usize,
}

/// How far a client is on its connection.
#[derive(Debug, Default)]
pub(super) struct Standing {
    pub(super) spans: Spans,
    /// The entry that came last on this connection, since it was reset.
    pub(super) last: Option<usize>,
    /// Ephemeral events behind this were live.
    pub(super) live_from: usize,
    /// Nothing has come on this connection.
    pub(super) is_first: bool,
    /// A reset said that this life is over.
    pub(super) over: Option<usize>,
    /// The place that its last event ID stands for.
    pub(super) reached: usize,
    /// The furthest of these places: what lies before that in a topic that the client joined comes without an ID.
    pub(super) furthest: usize,
    /// What lies before this may come without an event ID: it is part of a state.
    pub(super) state_until: usize,
    /// A state of the application's making is to come.
    pub(super) awaits_state: bool,
    /// A reset came, and no event since.
    pub(super) is_reset: bool,
    /// An event that may have come before the client could be told of a loss.
    pub(super) untold: Option<Untold>,
}

/// The first event behind a reset, without an event ID.
#[derive(Debug)]
pub(super) struct Untold {
    pub(super) index: usize,
    /// Where the client stood before it.
    pub(super) before: Spans,
    /// What is wrong unless a reset follows.
    pub(super) violation: Option<Violation>,
}

/// For each topic, the spans of which one is the client's: after a reset it is not always told which topic it was.
#[derive(Clone, Debug, Default)]
pub(super) struct Spans {
    topics: Vec<Vec<Span>>,
    /// Of a topic that comes later.
    later: Span,
}

/// What has to come.
pub(super) struct Rules<'a> {
    pub(super) book: &'a Book,
    pub(super) terms: &'a Terms,
    /// Ephemeral events behind this were live.
    pub(super) live_from: usize,
    /// What was published behind this cannot have superseded anything yet.
    pub(super) at: usize,
}

impl Standing {
    /// There are so many topics by now.
    pub(super) fn extend(&mut self, topics: usize, spans: impl Fn(usize, Span) -> Vec<Span>) {
        self.spans.extend(topics, &spans);
        if let Some(untold) = &mut self.untold {
            untold.before.extend(topics, &spans);
        }
    }
}

impl Span {
    /// Of a topic that the client does not get.
    pub(super) const NOTHING: Self =
        Self { from: usize::MAX, until: usize::MAX, latest_until: 0, stale_below: 0 };

    pub(super) fn exactly(place: usize) -> Self {
        Self { from: place, until: place, ..Self::default() }
    }

    pub(super) fn is_exact(&self) -> bool {
        self.from == self.until && self.latest_until <= self.until
    }
}

impl Spans {
    pub(super) fn of(topics: usize, later: Span, spans: impl FnMut(usize) -> Vec<Span>) -> Self {
        Self { topics: (0..topics).map(spans).collect(), later }
    }

    /// Either these or others.
    pub(super) fn or(mut self, others: Self) -> Self {
        for (spans, others) in self.topics.iter_mut().zip(others.topics) {
            spans.extend(others);
            spans.dedup();
        }
        self
    }

    fn extend(&mut self, topics: usize, spans: impl Fn(usize, Span) -> Vec<Span>) {
        let more = self.topics.len()..topics;
        self.topics.extend(more.map(|topic| spans(topic, self.later)));
    }

    pub(super) fn topic(&self, topic: usize) -> &[Span] {
        &self.topics[topic]
    }

    /// Takes note that entry `index` came. Fails with the entry that should have come before.
    pub(super) fn receive(&mut self, index: usize, rules: &Rules<'_>) -> Result<(), usize> {
        let of = rules.book.entries[index].topic;
        self.keep_possible(|_| index, Some(of), rules)?;
        for (topic, spans) in self.topics.iter_mut().enumerate() {
            for span in spans.iter_mut() {
                span.from = span.from.max(index + 1);
                span.until = if topic == of { index + 1 } else { span.until.max(index + 1) };
            }
            spans.dedup();
        }
        Ok(())
    }

    /// Takes note that everything of a topic before a place is to have come. Fails with the entry that did not.
    pub(super) fn pass(&mut self, place: impl Fn(usize) -> usize, rules: &Rules<'_>) -> Result<(), usize> {
        self.keep_possible(place, None, rules)
    }

    /// Takes note that nothing of a topic before a place will come any more.
    pub(super) fn leave_behind(&mut self, place: impl Fn(usize) -> usize) {
        for (topic, spans) in self.topics.iter_mut().enumerate() {
            let place = place(topic);
            for span in spans.iter_mut() {
                (span.from, span.until) = (span.from.max(place), span.until.max(place));
            }
            spans.dedup();
        }
    }

    /// Leaves the spans with which nothing is missing before a place, where an entry of the topic `of` came.
    fn keep_possible(
        &mut self,
        place: impl Fn(usize) -> usize,
        of: Option<usize>,
        rules: &Rules<'_>,
    ) -> Result<(), usize> {
        for (topic, spans) in self.topics.iter_mut().enumerate() {
            let place = place(topic);
            let missing = |span: &Span| rules.first_required(span, topic, place);
            let is_possible =
                |span: &Span| (of != Some(topic) || span.from <= place) && missing(span).is_none();
            if spans.iter().any(is_possible) {
                spans.retain(is_possible);
            } else if let Some(missing) = spans.iter().find_map(missing) {
                return Err(missing);
            }
        }
        Ok(())
    }
}

impl Rules<'_> {
    /// The first entry of a topic that has to come before `place`.
    fn first_required(&self, span: &Span, topic: usize, place: usize) -> Option<usize> {
        let place = place.min(self.book.entries.len());
        let entries = &self.book.entries[span.until.min(place)..place];
        let required = |(n, entry): (usize, &Entry)| {
            entry.topic == topic && self.is_required(span.until + n, entry, span)
        };
        entries.iter().enumerate().position(required).map(|n| span.until + n)
    }

    fn is_required(&self, index: usize, entry: &Entry, span: &Span) -> bool {
        let superseded = entry.superseded_by.is_some_and(|newer| newer < self.at);
        let required = if entry.is_ephemeral {
            index >= self.live_from && self.book.is_passing(index, self.at)
        } else if index < span.latest_until {
            // What was let go before is no part of it.
            let is_there = entry.let_go.is_none_or(|place| place > span.latest_until);
            entry.is_state && is_there && !superseded
        } else {
            !(superseded && self.terms.slow == Some(Slow::Coalesce))
        };
        required && self.book.wants(self.terms, entry)
    }
}
