//! Whether a reset was called for, and tells the truth.

use super::super::received::Received;
use super::book::Located;
use super::case::Case;
use super::cursor::Cursor;
use super::spans::{Rules, Span, Spans, Standing, Untold};
use super::violation::{Violation, ViolationKind};
use crate::channel::{Reset, ResetReason, Slow, Start};

/// Checks a reset, and finds where the client may stand behind it.
pub(super) fn receive(
    standing: &mut Standing,
    case: &Case<'_>,
    received: &Received,
    reset: Reset,
) -> Result<(), Violation> {
    let reset = Reset { reason: reason_of(case, received, reset), ..reset };
    let untold = standing.untold.take();
    let lagged = reset.reason == ResetReason::Lagged;
    if lagged {
        check_lagged(standing, case, received, untold.as_ref())?;
    } else {
        standing.over = check_beginning(standing, case, received, reset)?;
    }
    let at = received.at_or_end(case.book.late);
    let until = if lagged { at } else { case.since_max };
    let goal = Goal { case, received, reset, until, floor: 0, is_sum: false, has_id: true };
    // It may be of a loss before the event that came without an ID, or of one behind that.
    let first = untold.as_ref().map(|untold| goal.ahead_of(untold));
    let second = match &untold {
        Some(untold) if untold.violation.is_some() => None,
        _ => Some(goal.behind(&standing.spans, None)),
    };
    standing.last = untold.as_ref().filter(|_| second.is_none()).map(|untold| untold.index);
    standing.spans = match (first, second) {
        (Some(Ok(first)), Some(Ok(second))) => first.or(second),
        (Some(Ok(spans)), _) | (_, Some(Ok(spans))) => spans,
        (_, Some(Err(violation))) | (Some(Err(violation)), None) => return Err(violation),
        (None, None) => Spans::default(),
    };
    (standing.live_from, standing.is_reset) = (until, true);
    standing.awaits_state = case.has_state();
    standing.state_until = match case.connection.terms.start {
        None | Some(Start::LatestPerKey) => at,
        _ if lagged && case.may_coalesce() => at,
        _ => 0,
    };
    note_id(standing, case, received, lagged)
}

/// Whether the event right before a place is of a topic that the client gets.
fn is_of_its_own(case: &Case<'_>, place: usize) -> bool {
    let entry = place.checked_sub(1).and_then(|index| case.book.entries.get(index));
    entry.is_some_and(|entry| case.topics.contains(&entry.topic))
}

/// Why those topics were reset that the client did not join: a reset gives the reason of the first.
fn reason_of(case: &Case<'_>, received: &Received, reset: Reset) -> ResetReason {
    let id = received.id().filter(|_| received.has_new_id);
    let life = |located| match located {
        Located::At { life, .. } | Located::Begun { life, .. } => Some(life),
        Located::Ambiguous | Located::Unknown => None,
    };
    let goes_on = id.and_then(|id| life(case.book.locate(id.as_str())));
    let is_gone = case.located.and_then(life).zip(goes_on).is_some_and(|(had, now)| had != now);
    if reset.reason != ResetReason::Trimmed || !case.joins_any() || case.joins_all() {
        return reset.reason;
    }
    let is_cursor = Cursor::parse(case.connection.last_event_id.as_str()).is_some();
    match case.located {
        _ if is_gone && is_cursor => ResetReason::Epoch,
        Some(Located::At { place, .. })
            if !is_cursor && (is_gone || !is_remembered(case, place.saturating_sub(1))) =>
        {
            ResetReason::Unknown
        }
        _ => ResetReason::Trimmed,
    }
}

/// What the reset's own ID stands for.
fn note_id(
    standing: &mut Standing,
    case: &Case<'_>,
    received: &Received,
    lagged: bool,
) -> Result<(), Violation> {
    let Some(id) = received.id().filter(|_| received.has_new_id) else { return Ok(()) };
    let place = match case.book.locate(id.as_str()) {
        Located::At { place, .. } | Located::Begun { goes_on: Some(place), .. } => place,
        Located::Begun { .. } | Located::Ambiguous | Located::Unknown => 0,
    };
    // What the client had of another life, it has no more.
    if lagged && place > 0 && place < standing.reached {
        let text = format!("{received} came, but its ID goes back to what the client has");
        return Err(case.violation(ViolationKind::UntrueReset, text));
    }
    standing.reached = place;
    standing.furthest = standing.furthest.max(place);
    Ok(())
}

/// A reset in the middle.
fn check_lagged(
    standing: &Standing,
    case: &Case<'_>,
    received: &Received,
    untold: Option<&Untold>,
) -> Result<(), Violation> {
    let needless = |why: &str| {
        let text = format!("{received} came, but {why}");
        Err(case.violation(ViolationKind::NeedlessReset, text))
    };
    if case.connection.terms.slow == Some(Slow::Disconnect) {
        return needless("a client that lags is to be disconnected");
    }
    if standing.is_reset && untold.is_none() {
        return needless("no event has come since the reset before it");
    }
    let spans = untold.map_or(&standing.spans, |untold| &untold.before);
    let at = received.at_or_end(case.book.late);
    if case.topics.iter().all(|topic| case.is_all_retained(spans.topic(*topic), at, *topic)) {
        return needless("all that the client had not read was retained");
    }
    Ok(())
}

/// A reset at the beginning of a connection. Returns the life that it says is over.
fn check_beginning(
    standing: &Standing,
    case: &Case<'_>,
    received: &Received,
    reset: Reset,
) -> Result<Option<usize>, Violation> {
    let (book, id) = (case.book, case.connection.last_event_id.as_str());
    let needless =
        |why: &str| Err(case.violation(ViolationKind::NeedlessReset, format!("{received} came, but {why}")));
    let untrue =
        |why: &str| Err(case.violation(ViolationKind::UntrueReset, format!("{received} came, but {why}")));
    if !standing.is_first {
        return needless("the connection had begun");
    }
    let is_retained = |place: usize| {
        let mut had = case.topics.iter().filter(|topic| !case.joins(**topic));
        had.all(|topic| case.is_retained(place, case.since_max, *topic))
    };
    let starts_whole = matches!(case.connection.terms.start, None | Some(Start::Earliest));
    // One that asked for all that a log had is told that it is not there any more.
    let is_whole = |topic: &usize| book.is_whole(*topic, case.since_max);
    let mut joined = case.topics.iter().filter(|topic| case.joins(**topic));
    let joins_whole = !starts_whole || joined.all(is_whole);
    match (reset.reason, case.located) {
        (ResetReason::Trimmed, None) => {
            if !starts_whole {
                return needless("the client sent no last event ID");
            }
            if case.topics.iter().all(is_whole) {
                return needless("nothing was trimmed");
            }
            if reset.missed.is_none() {
                return untrue("it does not say how many were trimmed");
            }
        }
        (_, None) => return needless("the client sent no last event ID"),
        (ResetReason::Epoch, Some(located)) => {
            let Some(cursor) = Cursor::parse(id) else { return untrue("the last event ID has no epoch") };
            let goes_on = received.id().filter(|_| received.has_new_id);
            let same = goes_on.and_then(|id| Cursor::parse(id.as_str()));
            if same.is_some_and(|same| same.epoch == cursor.epoch) {
                return untrue("the epoch is the same");
            }
            return Ok(match located {
                Located::At { life, .. } | Located::Begun { life, .. } => Some(life),
                Located::Ambiguous | Located::Unknown => None,
            });
        }
        (ResetReason::Trimmed, Some(Located::At { place, .. })) if is_retained(place) && joins_whole => {
            return needless("all that was published behind the last event ID was retained");
        }
        (ResetReason::Trimmed, Some(Located::At { .. })) => {}
        (ResetReason::Trimmed, Some(Located::Begun { goes_on, at, .. })) => {
            if goes_on.is_some_and(is_retained) && joins_whole {
                return needless("all that was published behind the last event ID was retained");
            }
            let from_oldest =
                matches!(case.connection.terms.start, None | Some(Start::Earliest | Start::Last(_)));
            let is_same =
                !from_oldest && goes_on.is_none() || case.has_same_topics && case.topics.iter().all(is_whole);
            if is_retained(at) && is_same && joins_whole {
                return needless("all that was published since the client began was retained");
            }
        }
        (ResetReason::Trimmed, _) => return untrue("the log never had an event with the last event ID"),
        (ResetReason::Unknown, Some(Located::Begun { .. })) => {
            return untrue("the last event ID is a cursor of this log");
        }
        (ResetReason::Unknown, Some(Located::At { place, life })) => {
            if Cursor::parse(id).is_some_and(|cursor| book.is_life(life, cursor.epoch)) {
                return untrue("the last event ID is a cursor of this log");
            }
            // An event's own ID does not say of which life it is; the reset's does.
            let goes_on = received.id().filter(|_| received.has_new_id);
            let goes_on = goes_on.and_then(|id| match book.locate(id.as_str()) {
                Located::At { life, .. } | Located::Begun { life, .. } => Some(life),
                Located::Ambiguous | Located::Unknown => None,
            });
            let now =
                goes_on.or_else(|| (case.since_max < usize::MAX).then(|| book.life_at(case.since_max))?);
            if now == Some(life) && place > 0 && is_remembered(case, place - 1) {
                return needless("the event with the last event ID was retained or remembered");
            }
        }
        _ => {}
    }
    Ok(None)
}

/// Whether the ID of an entry is known to name it still.
fn is_remembered(case: &Case<'_>, index: usize) -> bool {
    let book = case.book;
    if book.is_retained(book.entries[index].topic, index, case.since_max, false) {
        return true;
    }
    // As many as there are retained events are remembered when they are trimmed.
    let named = book.entries[index + 1..case.since_max.min(book.entries.len())].iter();
    let later = named.filter(|entry| entry.id.as_deref().is_some_and(|id| Cursor::parse(id).is_none()));
    !case.is_several() && book.retained.is_some_and(|retained| later.count() < retained)
}

/// What a reset says about where the client goes on, in the topics that are reset.
#[derive(Clone, Copy)]
struct Goal<'a> {
    case: &'a Case<'a>,
    received: &'a Received,
    reset: Reset,
    until: usize,
    /// What lies before, the client has.
    floor: usize,
    /// It counts what was missed in several topics.
    is_sum: bool,
    /// Its ID stands for where the client goes on, and not for the event before it.
    has_id: bool,
}

impl Goal<'_> {
    /// Where the client may stand in each topic if the loss lay before an event that came.
    fn ahead_of(self, untold: &Untold) -> Result<Spans, Violation> {
        let Case { book, connection, .. } = self.case;
        let goal = Self { is_sum: self.case.is_several(), has_id: false, ..self };
        let mut spans = goal.behind(&untold.before, Some(untold.index))?;
        let rules = Rules { book, terms: &connection.terms, live_from: usize::MAX, at: self.until };
        match spans.receive(untold.index, &rules) {
            Ok(()) => Ok(spans),
            Err(missing) => {
                let (entry, missing) = (&book.entries[untold.index], &book.entries[missing]);
                let text = format!("{} came behind {entry}, but {missing} lies between them", self.received);
                Err(self.case.violation(ViolationKind::Missing, text))
            }
        }
    }

    /// Where the client may stand in each topic that stood there before; for a loss that lay before `ahead_of`, if it is given.
    fn behind(mut self, stood: &Spans, ahead_of: Option<usize>) -> Result<Spans, Violation> {
        let Self { case, reset, .. } = self;
        let several = case.is_several();
        let first_joins = case.topics.first().is_some_and(|topic| case.joins(*topic));
        let joins = case.located.is_none() || case.topics.iter().any(|topic| case.joins(*topic));
        self.is_sum |= several && joins && reset.reason != ResetReason::Lagged;
        let place = match (reset.reason, case.located) {
            (ResetReason::Trimmed, Some(Located::At { place, .. })) => {
                self.floor = if !several && first_joins { 0 } else { place };
                Some(place)
            }
            (ResetReason::Trimmed, Some(Located::Begun { goes_on: None, at, trimmed, .. })) if !several => {
                Some(case.began(at, trimmed))
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
            (_, ResetReason::Trimmed, located) if located.is_none() || case.joins(topic) => {
                case.of_topic(topic, || case.joined_spans(topic))
            }
            (Some(place), ..) => case.of_topic(topic, || vec![Span::exactly(place)]),
            (_, ResetReason::Trimmed, _) => stood.topic(topic).to_vec(),
            _ => Vec::new(),
        };
        let later = Span { until: self.until, ..Span::default() };
        let topics = case.book.topics.len();
        if several {
            return Ok(Spans::of(topics, later, |topic| {
                let ahead_of = ahead_of.filter(|index| case.book.entries[*index].topic == topic);
                case.of_topic(topic, || self.spans_of_one(topic, before(topic), ahead_of))
            }));
        }
        let before = case.topics.first().copied().map_or_else(Vec::new, before);
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
        let begins = !lagged && matches!(self.case.located, Some(Located::Begun { .. }));
        let is_retained = !begins && self.case.is_all_retained(&possible, self.until, topic);
        if !is_retained && possible != [Span::NOTHING] {
            let named = self.spans(&[topic], &possible, ahead_of).unwrap_or_default();
            // Its ID may name a place behind which this one has lost something, too.
            let is_kept = |span: &Span| self.case.is_retained(span.from, self.until, topic);
            if self.has_id && !named.iter().any(is_kept) {
                let unnamed = Self { has_id: false, ..self }.spans(&[topic], &possible, ahead_of);
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
        let Some(named) = self.named()? else {
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
        let has_some = lagged || matches!(self.case.located, Some(Located::At { .. })) && !joins;
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
    fn named(&self) -> Result<Option<usize>, Violation> {
        let id = self.received.id().filter(|_| self.received.has_new_id && self.has_id);
        let Some(id) = id else { return Ok(None) };
        match self.case.book.locate(id.as_str()) {
            Located::At { place, .. } => Ok(Some(place)),
            Located::Ambiguous | Located::Begun { .. } => Ok(None),
            Located::Unknown => self.untrue("nobody can resume from its ID"),
        }
    }

    fn untrue<T>(&self, why: &str) -> Result<T, Violation> {
        let text = format!("{} came, but {why}", self.received);
        Err(self.case.violation(ViolationKind::UntrueReset, text))
    }
}
