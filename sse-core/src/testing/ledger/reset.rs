//! Whether a reset was called for, and tells the truth.

use super::super::received::Received;
use super::book::{Located, parse_cursor};
use super::case::Case;
use super::spans::{Span, Spans, Standing};
use super::violation::{Violation, ViolationKind};
use crate::channel::{Reset, ResetReason, Slow, Start};

/// Checks a reset, and finds where the client may stand behind it.
pub(super) fn receive(
    standing: &mut Standing,
    case: &Case<'_>,
    received: &Received,
    reset: Reset,
) -> Result<(), Violation> {
    let lagged = reset.reason == ResetReason::Lagged;
    if lagged {
        check_lagged(standing, case, received)?;
    } else {
        standing.over = check_beginning(standing, case, received, reset)?;
    }
    let several = case.book.may_be_several(&case.connection.terms);
    let id = case.connection.last_event_id.as_str();
    let (place, floor) = match (reset.reason, case.book.locate(id, &case.connection.terms)) {
        (ResetReason::Trimmed, Located::At { place, .. }) => (Some(place), place),
        // An event's own ID that is not retained any more: all that is was published behind it, in its own topic.
        (ResetReason::Unknown, Located::At { place, .. }) if !several => (None, place),
        // Everything begins anew.
        _ => (None, 0),
    };
    let before = |topic: usize| match place {
        _ if lagged => standing.spans.topic(topic).to_vec(),
        Some(place) => vec![Span::exactly(place)],
        None => Vec::new(),
    };
    let until = if lagged { received.at_or_end(case.book.late) } else { case.since_max };
    let goal = Goal { case, received, reset, until, floor };
    let topics = case.book.topics.len();
    let later = Span { until, ..Span::default() };
    standing.spans = if several {
        Spans::of(topics, later, |topic| goal.spans_of_one(topic, before(topic)))
    } else {
        let before = case.topics.first().copied().map_or_else(Vec::new, before);
        let spans = goal.spans(&case.topics, &before)?;
        Spans::of(topics, later, |_| spans.clone())
    };
    (standing.last, standing.live_from) = (None, until);
    Ok(())
}

/// A reset in the middle.
fn check_lagged(standing: &Standing, case: &Case<'_>, received: &Received) -> Result<(), Violation> {
    if case.connection.terms.slow == Some(Slow::Disconnect) {
        let text = format!("{received} came, but a client that lags is to be disconnected");
        return Err(case.violation(ViolationKind::NeedlessReset, text));
    }
    let retained = |topic: &usize| {
        case.is_retained(
            standing.spans.topic(*topic),
            received.at_or_end(case.book.late),
            std::slice::from_ref(topic),
        )
    };
    if case.topics.iter().all(retained) {
        let text = format!("{received} came, but all that the client had not read was retained");
        return Err(case.violation(ViolationKind::NeedlessReset, text));
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
    if id.is_empty() {
        return needless("the client sent no last event ID");
    }
    let located = book.locate(id, &case.connection.terms);
    let is_retained = |place: usize| case.is_retained(&[Span::exactly(place)], case.since_max, &case.topics);
    match (reset.reason, located) {
        (ResetReason::Epoch, _) => {
            let Some((epoch, _)) = parse_cursor(id) else { return untrue("the last event ID has no epoch") };
            let goes_on = received.id().filter(|_| received.has_new_id);
            if goes_on.and_then(|id| parse_cursor(id.as_str())).is_some_and(|(same, _)| same == epoch) {
                return untrue("the epoch is the same");
            }
            return Ok(match located {
                Located::At { life, .. } => Some(life),
                Located::Ambiguous | Located::Unknown => None,
            });
        }
        (ResetReason::Trimmed, Located::At { place, .. }) if is_retained(place) => {
            return needless("all that was published behind the last event ID was retained");
        }
        (ResetReason::Trimmed, Located::At { .. }) => {}
        (ResetReason::Trimmed, _) => return untrue("the log never had an event with the last event ID"),
        (ResetReason::Unknown, Located::At { place, life }) => {
            if book.parse_own_cursor(id).is_some() {
                return untrue("the last event ID is a cursor of this log");
            }
            // An event's own ID does not say of which life it is; the reset's does.
            let goes_on =
                received.id().filter(|_| received.has_new_id).map(|id| book.parse_own_cursor(id.as_str()));
            let same_life = match goes_on {
                Some(goes_on) => goes_on.is_some_and(|(reset, _)| reset == life),
                None => case.since_max < usize::MAX && book.life_at(case.since_max) == Some(life),
            };
            if same_life && place > 0 && is_retained(place - 1) {
                return needless("the event with the last event ID was retained");
            }
        }
        _ => {}
    }
    Ok(None)
}

/// What a reset says about where the client goes on, in the topics that are reset.
struct Goal<'a> {
    case: &'a Case<'a>,
    received: &'a Received,
    reset: Reset,
    until: usize,
    /// What lies before, the client has.
    floor: usize,
}

impl Goal<'_> {
    /// In one of several topics: it may have been reset, or another was and it goes on as before.
    fn spans_of_one(&self, topic: usize, before: Vec<Span>) -> Vec<Span> {
        let mut possible = before;
        if !self.case.is_retained(&possible, self.until, &[topic]) {
            possible.extend(self.spans(&[topic], &possible).unwrap_or_default());
        }
        possible.dedup();
        possible
    }

    fn spans(&self, topics: &[usize], before: &[Span]) -> Result<Vec<Span>, Violation> {
        let (terms, lagged) = (&self.case.connection.terms, self.reset.reason == ResetReason::Lagged);
        if terms.start == Some(Start::LatestPerKey) || lagged && terms.slow == Some(Slow::Coalesce) {
            let stale_below = if lagged { 0 } else { self.case.since_min };
            return Ok(vec![self.case.latest_span(self.until, stale_below)]);
        }
        let start = match lagged {
            true => Span { until: self.until, ..Span::default() },
            false => self.case.start_span(topics),
        };
        self.spans_from(start, topics, before)
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
        if named < self.floor
            || before.iter().any(Span::is_exact) && before.iter().all(|span| named < span.from)
        {
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
            if !span.is_exact() {
                // Where it stood is not known, so neither is where it stands.
                spans.push(Span { from: span.from, until: self.until, ..Span::default() });
            } else if let Some(from) = behind(span.until) {
                let until = behind(self.first_wanted(span.until, topics)).unwrap_or(self.until);
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

    fn left(&self, place: usize, topics: &[usize]) -> usize {
        let entries = self.case.book.between(place, self.until, topics);
        entries.filter(|(_, entry)| !entry.is_ephemeral).count()
    }

    /// Where the client goes on by the reset's own ID.
    fn named(&self) -> Result<Option<usize>, Violation> {
        let Some(id) = self.received.id().filter(|_| self.received.has_new_id) else { return Ok(None) };
        match self.case.book.locate(id.as_str(), &self.case.connection.terms) {
            Located::At { place, .. } => Ok(Some(place)),
            Located::Ambiguous => Ok(None),
            Located::Unknown if self.case.book.is_unborn(id.as_str()) => Ok(None),
            Located::Unknown => self.untrue("nobody can resume from its ID"),
        }
    }

    fn untrue<T>(&self, why: &str) -> Result<T, Violation> {
        let text = format!("{} came, but {why}", self.received);
        Err(self.case.violation(ViolationKind::UntrueReset, text))
    }
}
