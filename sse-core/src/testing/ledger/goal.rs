//! Where a client may stand behind a reset.

use super::super::received::Received;
use super::book::{Entry, Located};
use super::case::Case;
use super::cursor::Cursor;
use super::spans::{Rules, Span, Spans, Untold};
use super::violation::{Violation, ViolationKind};
use crate::channel::{Reset, ResetReason, Slow, Start};

/// What a reset says about where the client goes on, in the topics that are reset.
#[derive(Clone, Copy)]
pub(super) struct Goal<'a> {
    pub(super) case: &'a Case<'a>,
    pub(super) received: &'a Received,
    pub(super) reset: Reset,
    pub(super) until: usize,
    /// What lies before, the client has.
    pub(super) floor: usize,
    /// It counts what was missed in several topics.
    pub(super) is_sum: bool,
    /// Its ID stands for where the client goes on, and not for the event before it.
    pub(super) has_id: bool,
}

impl Goal<'_> {
    /// Where the client may stand in each topic if the loss lay before an event that came.
    pub(super) fn ahead_of(self, untold: &Untold) -> Result<Spans, Violation> {
        let Case { book, connection, .. } = self.case;
        let goal = Self { is_sum: self.case.is_several(), has_id: false, ..self };
        let mut spans = goal.behind(&untold.before, Some(untold.index))?;
        let anew = spans.clone();
        let (begins, goes_on) = self.begins_anew(book.entries[untold.index].topic);
        if begins && !goes_on {
            return Ok(anew);
        }
        let rules = Rules { book, terms: &connection.terms, live_from: usize::MAX, at: self.until };
        match spans.receive(untold.index, &rules) {
            Ok(()) if begins => Ok(anew.or(spans)),
            Ok(()) => Ok(spans),
            Err(_) if begins => Ok(anew),
            Err(missing) => {
                let (entry, missing) = (&book.entries[untold.index], &book.entries[missing]);
                let text = format!("{} came behind {entry}, but {missing} lies between them", self.received);
                Err(self.case.violation(ViolationKind::Missing, text))
            }
        }
    }

    /// Whether the client may begin with a state behind the reset, in this topic, and whether it may go on: by the reset's ID.
    pub(super) fn begins_anew(&self, topic: usize) -> (bool, bool) {
        let by_start = matches!(self.case.connection.terms.start, None | Some(Start::LatestPerKey));
        let stands = self.received.id().filter(|_| self.received.has_new_id);
        let stands = stands.map(|id| self.case.book.stands(id.as_str()));
        let stands = stands.map_or_else(Vec::new, |stands| self.case.book.stands_in(topic, &stands));
        let is_state = |located: &&Located| match located {
            Located::Begun { by_key, .. } => *by_key || by_start,
            Located::At { .. } | Located::Ambiguous | Located::Unknown => false,
        };
        let begins = stands.iter().filter(is_state).count();
        (begins > 0, begins < stands.len() || stands.is_empty())
    }

    /// Where the client may stand in each topic that stood there before; for a loss that lay before `ahead_of`, if it is given.
    pub(super) fn behind(mut self, stood: &Spans, ahead_of: Option<usize>) -> Result<Spans, Violation> {
        let Self { case, reset, .. } = self;
        let several = case.is_several();
        let first_joins = case.topics.first().is_some_and(|topic| case.joins(*topic));
        let joins = case.located.is_none() || case.topics.iter().any(|topic| case.joins(*topic));
        self.is_sum |= several && joins && reset.reason != ResetReason::Lagged;
        let place = match (reset.reason, case.located) {
            (ResetReason::Trimmed, Some(Located::At { place, .. })) => {
                let is_anywhere = !several && first_joins || may_be_forgotten(case) || case.stands_differ();
                self.floor = if is_anywhere { 0 } else { place };
                Some(place)
            }
            (ResetReason::Trimmed, Some(Located::Begun { at, trims, by_key: false, .. })) if !several => {
                Some(case.began(at, trims))
            }
            // An event's own ID that is not retained any more: all that is was published behind it, in its own topic.
            (ResetReason::Unknown, Some(Located::At { place, .. }))
                if !several && is_of_its_own(case, place) =>
            {
                self.floor = place;
                None
            }
            // Everything begins anew.
            _ => None,
        };
        let before = |topic: usize| match (place, reset.reason, case.located) {
            (_, ResetReason::Lagged, _) => stood.topic(topic).to_vec(),
            // It is told of all that the topic had.
            (_, ResetReason::Trimmed, None) => case.of_topic(topic, || case.joined_spans(topic)),
            _ if case.joins(topic) => case.of_topic(topic, || case.joined_spans(topic)),
            (Some(_), ..) if case.stands_differ() => stood.topic(topic).to_vec(),
            (Some(place), ..) => case.of_topic(topic, || vec![Span::exactly(place)]),
            (_, ResetReason::Trimmed, _) => stood.topic(topic).to_vec(),
            _ => Vec::new(),
        };
        let later = Span { until: self.until, ..Span::default() };
        let topics = case.book.topics.len();
        if several {
            return Ok(Spans::of(topics, later, |topic| {
                let ahead_of = ahead_of.filter(|index| case.book.entries[*index].topic == topic);
                case.of_topic(topic, || {
                    let mut spans = self.spans_of_one(topic, before(topic), ahead_of);
                    // The others are unknown; of one that was closed, it may have had all.
                    let fresh = case.fresh_in(topic).filter(|_| reset.reason == ResetReason::Unknown);
                    spans.extend(fresh);
                    spans
                })
            }));
        }
        // It may have been closed, and made anew, while the subscription was made: then it is either.
        let before: Vec<_> = case.topics.iter().flat_map(|topic| before(*topic)).collect();
        let spans = self.spans(&case.topics, &before, ahead_of)?;
        Ok(Spans::of(topics, later, |topic| case.of_topic(topic, || spans.clone())))
    }

    /// In one of several topics: it may have been reset, or another was and it goes on as before.
    fn spans_of_one(mut self, topic: usize, before: Vec<Span>, ahead_of: Option<usize>) -> Vec<Span> {
        let mut possible = before;
        if self.case.joins(topic) {
            self.floor = 0;
        }
        let lagged = self.reset.reason == ResetReason::Lagged;
        let begins = !lagged
            && (matches!(self.case.located, Some(Located::Begun { .. })) || may_be_forgotten(self.case));
        let is_retained = !begins && self.case.is_all_retained(&possible, self.until, topic);
        if !is_retained && possible != [Span::NOTHING] {
            let is_unknown = !lagged && may_be_forgotten(self.case) && !self.case.joins(topic);
            let stood = if is_unknown { &[][..] } else { &possible };
            let named = self.spans(&[topic], stood, ahead_of).unwrap_or_default();
            // Its ID may name a place behind which this one has lost something, too.
            let is_kept = |span: &Span| self.case.is_retained(span.from, self.until, topic);
            if self.has_id && !named.iter().any(is_kept) {
                let unnamed = Self { has_id: false, ..self }.spans(&[topic], stood, ahead_of);
                possible.extend(unnamed.unwrap_or_default());
            }
            possible.extend(named);
        }
        possible.dedup();
        possible
    }

    fn spans(
        &self,
        topics: &[usize],
        before: &[Span],
        ahead_of: Option<usize>,
    ) -> Result<Vec<Span>, Violation> {
        let (terms, lagged) = (&self.case.connection.terms, self.reset.reason == ResetReason::Lagged);
        if terms.start == Some(Start::LatestPerKey) || lagged && terms.slow == Some(Slow::Coalesce) {
            let stale_below = if lagged { 0 } else { self.case.since_min };
            return Ok(vec![self.case.latest_span(self.until, stale_below)]);
        }
        let start = match lagged {
            true => Span { until: self.until, ..Span::default() },
            false => self.case.start_span(topics),
        };
        // What was lost lay before the event that came.
        let until = ahead_of.unwrap_or(self.until);
        Goal { until, ..*self }.spans_from(Span { until: start.until.min(until), ..start }, topics, before)
    }

    /// Of one that may begin at `start`.
    fn spans_from(&self, start: Span, topics: &[usize], before: &[Span]) -> Result<Vec<Span>, Violation> {
        let counted = self.counted(topics, before)?;
        let Some(named) = self.named(topics)? else {
            return Ok(if counted.is_empty() {
                let before = before.iter().map(|span| span.from).min().unwrap_or_default();
                let floor = self.floor.max(before);
                vec![Span { from: start.from.max(floor), until: start.until.max(floor), ..start }]
            } else {
                counted
            });
        };
        let durable = |from: usize, to: usize| {
            self.case.book.between(from, to, topics).any(|(_, entry)| !entry.is_ephemeral)
        };
        let is_same = |span: &Span| !durable(named, span.from) && !durable(span.until, named);
        if !counted.is_empty() && !counted.iter().any(is_same) {
            return self.untrue("its ID and `missed` name two places");
        }
        let lagged = self.reset.reason == ResetReason::Lagged;
        // One that was let begin has nothing yet.
        let joins = topics.iter().any(|topic| self.case.joins(*topic));
        let is_at = matches!(self.case.located, Some(Located::At { .. })) && !may_be_forgotten(self.case);
        let has_some = lagged || is_at && !joins;
        let goes_back = before.iter().any(Span::is_exact) && before.iter().all(|span| named < span.from);
        if named < self.floor || has_some && goes_back {
            return self.untrue("its ID goes back to what the client has");
        }
        if durable(named, start.from) {
            return self.untrue("it goes on earlier than the start of its subscription");
        }
        if durable(start.until.max(before.iter().map(|span| span.until).min().unwrap_or(0)), named) {
            return self.untrue("it leaves out more than the start of its subscription does");
        }
        Ok(vec![Span::exactly(named)])
    }

    /// Where the client goes on if it missed so many.
    fn counted(&self, topics: &[usize], before: &[Span]) -> Result<Vec<Span>, Violation> {
        let Some(missed) = self.reset.missed else { return Ok(Vec::new()) };
        if before.is_empty() {
            return self.untrue("what was missed cannot be known");
        }
        let mut spans = Vec::new();
        for span in before {
            let behind = |place| self.case.book.behind(place, missed, self.until, topics);
            if *span == Span::NOTHING {
            } else if self.is_sum {
                let until = self.behind_wanted(span.until, missed, topics);
                spans.push(Span { from: span.from, until, ..Span::default() });
            } else if !span.is_exact() {
                // Where it stood is not known, so neither is where it stands.
                spans.push(Span { from: span.from, until: self.until, ..Span::default() });
            } else if let Some(from) = behind(span.until) {
                let until = if self.has_id {
                    behind(self.first_wanted(span.until, topics)).unwrap_or(self.until)
                } else {
                    self.behind_wanted(span.until, missed, topics)
                };
                spans.push(Span { from, until, ..Span::default() });
            }
        }
        if spans.is_empty() && before.iter().all(Span::is_exact) {
            let had: Vec<String> =
                before.iter().map(|span| self.left(span.until, topics).to_string()).collect();
            return self.untrue(&format!("only {} were published behind what it had", had.join(" or ")));
        }
        Ok(spans)
    }

    /// The subscription may have read further than its client, over what the client did not ask for.
    fn first_wanted(&self, place: usize, topics: &[usize]) -> usize {
        let Case { book, connection, .. } = self.case;
        let mut entries = self.case.book.between(place, self.until, topics);
        let wanted = entries.find(|(_, entry)| !entry.is_ephemeral && book.wants(&connection.terms, entry));
        match self.reset.reason {
            ResetReason::Lagged => wanted.map_or(self.until, |(index, _)| index),
            _ => place,
        }
    }

    /// It may have been overtaken several times, and have read over what the client did not ask for in between.
    fn behind_wanted(&self, place: usize, missed: u64, topics: &[usize]) -> usize {
        let Case { book, connection, .. } = self.case;
        let entries = book.between(place, self.until, topics);
        let mut wanted =
            entries.filter(|(_, entry)| !entry.is_ephemeral && book.wants(&connection.terms, entry));
        let next = usize::try_from(missed).ok().and_then(|missed| wanted.nth(missed));
        next.map_or(self.until, |(index, _)| index)
    }

    fn left(&self, place: usize, topics: &[usize]) -> usize {
        let entries = self.case.book.between(place, self.until, topics);
        entries.filter(|(_, entry)| !entry.is_ephemeral).count()
    }

    /// Where the client goes on by the reset's own ID.
    fn named(&self, topics: &[usize]) -> Result<Option<usize>, Violation> {
        let id = self.received.id().filter(|_| self.received.has_new_id && self.has_id);
        let Some(id) = id else { return Ok(None) };
        let stands = self.case.book.stands(id.as_str());
        let mut places = topics.iter().flat_map(|topic| self.case.book.stands_in(*topic, &stands));
        let located = places.next().filter(|first| places.all(|other| other == *first));
        match located.unwrap_or(stands.located) {
            Located::At { place, .. } if located.is_some() || topics.is_empty() => Ok(Some(place)),
            Located::At { .. } | Located::Ambiguous | Located::Begun { .. } => Ok(None),
            Located::Unknown => self.untrue("nobody can resume from its ID"),
        }
    }

    fn untrue<T>(&self, why: &str) -> Result<T, Violation> {
        let text = format!("{} came, but {why}", self.received);
        Err(self.case.violation(ViolationKind::UntrueReset, text))
    }
}

/// Whether the event right before a place is of a topic that the client gets.
fn is_of_its_own(case: &Case<'_>, place: usize) -> bool {
    let entry = place.checked_sub(1).and_then(|index| case.book.entries.get(index));
    entry.is_some_and(|entry| case.topics.contains(&entry.topic))
}

/// Whether the ID of an event may have been forgotten, though the reset gives the reason of a topic that the client joined, or of
/// one that was made in the place of the event's.
fn may_be_forgotten(case: &Case<'_>) -> bool {
    let is_own = Cursor::parse(case.connection.last_event_id.as_str()).is_none();
    let has_fresh = || case.topics.iter().any(|topic| case.fresh_in(*topic).is_some());
    match case.located {
        Some(Located::At { place, .. }) if is_own && (case.joins_any() || has_fresh()) => {
            !is_remembered(case, place.saturating_sub(1))
        }
        _ => false,
    }
}

/// Whether the ID of an entry is known to name it still.
pub(super) fn is_remembered(case: &Case<'_>, index: usize) -> bool {
    let book = case.book;
    let topic = book.entries[index].topic;
    // What was in one that is closed was trimmed.
    let is_open = book.topics[topic].closed.is_none_or(|closed| closed > case.since_max);
    if is_open && book.is_retained(topic, index, case.since_max, false) {
        return true;
    }
    // As many as there are retained events are remembered when they are trimmed, of all topics together: those of others may have
    // been published before, and trimmed behind it.
    let entries = book.entries[..case.since_max.min(book.entries.len())].iter().enumerate();
    let is_own = |entry: &Entry| entry.id.as_deref().is_some_and(|id| Cursor::parse(id).is_none());
    let life = book.life_at(index);
    let later = entries.filter(|(i, entry)| {
        is_own(entry) && (*i > index || entry.topic != topic && book.life_at(*i) == life)
    });
    !case.is_several() && book.retained.is_some_and(|retained| later.count() < retained)
}
