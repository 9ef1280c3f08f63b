//! Follows what one client received, and compares it with what was published.

use super::super::connection::Connection;
use super::super::received::{Received, Told};
use super::book::{Book, Entry, Located};
use super::case::Case;
use super::reset;
use super::spans::{Rules, Span, Spans, Standing, Untold};
use super::violation::{Violation, ViolationKind};
use crate::channel::Slow;
use crate::field::{EventId, LastEventId};

/// How far the check of a client is.
#[derive(Debug, Default)]
pub(super) struct Audit {
    /// How many of the events in the record were checked.
    pub(super) checked: usize,
    /// How many connections were begun.
    pub(super) connection: usize,
    pub(super) standing: Standing,
    /// Only a reset can come first.
    pub(super) must_reset: bool,
    /// How much was in the ledger when the client was told its last event ID.
    pub(super) told_at: usize,
}

pub(super) type Checked = Result<(), Violation>;

impl Audit {
    /// Begins with a connection: where its last event ID says.
    pub(super) fn begin(&mut self, book: &Book, connections: &[Connection], number: usize) {
        let mut case = Case::new(book, connections, number);
        case.told_at = self.told_at;
        self.must_reset = matches!(case.located, Some(Located::Ambiguous | Located::Unknown));
        let place = case.located.map_or(0, Located::place);
        // It may have nothing of any of them.
        let reached = if case.may_have_nothing() { 0 } else { case.left_at() };
        // In a topic in which nothing was published yet, it may go on all the same.
        let furthest = if case.connection.terms.goes_on() { place } else { reached };
        self.standing = Standing {
            spans: case.begin(),
            live_from: case.since_max,
            is_first: true,
            reached,
            furthest,
            state_until: case.state_until(),
            awaits_state: case.has_state()
                && (case.joins_any() || !matches!(case.located, Some(Located::At { .. }))),
            ..Standing::default()
        };
    }

    pub(super) fn check_caught_up(&mut self, case: &Case<'_>) -> Checked {
        let book = case.book;
        if let Some(violation) = self.standing.untold.as_ref().and_then(|untold| untold.violation.clone()) {
            return Err(violation);
        }
        case.extend(&mut self.standing);
        let rules = self.rules(case, usize::MAX);
        let Err(missing) = self.standing.spans.clone().pass(|_| book.entries.len(), &rules) else {
            return Ok(());
        };
        let entry = &book.entries[missing];
        // It has to be told behind the next event.
        let spans = self.standing.spans.topic(entry.topic);
        let may_be_untold = self.standing.is_reset && case.connection.terms.slow != Some(Slow::Disconnect);
        if may_be_untold && !case.is_all_retained(spans, book.entries.len(), entry.topic) {
            return Ok(());
        }
        Err(case.violation(ViolationKind::Missing, format!("{entry} never came")))
    }

    /// A place that came by itself is a promise: what lies before has come, and all that lies behind follows, on this
    /// connection or the next.
    pub(super) fn told(&mut self, case: &Case<'_>, told: &Told) -> Checked {
        let (book, id) = (case.book, told.id.as_str());
        let misplaced = |why: &str| {
            let text = format!("the last event ID became `{id}`, but {why}");
            Err(case.violation(ViolationKind::Misplaced, text))
        };
        if self.must_reset && self.standing.is_first {
            return Err(case.no_reset(&format!("the ID `{id}`")));
        }
        let at = if book.late { usize::MAX } else { told.at };
        if let Some(violation) = self.standing.untold.take().and_then(|untold| untold.violation) {
            return Err(violation);
        }
        let stands = book.stands(id);
        match stands.located {
            Located::At { place, .. } => {
                // One that falls behind again, and is not told, gets another state.
                let is_state = self.standing.awaits_state || case.has_state() && self.standing.is_reset;
                if is_state {
                    return self.stand_at(case, place, at);
                }
                if place < self.standing.reached {
                    return misplaced("the client had come further");
                }
                let place_in =
                    |topic| book.stands_in(topic, &stands).into_iter().map(Located::place).min().unwrap_or(0);
                let places: Vec<_> = (0..book.topics.len()).map(place_in).collect();
                self.pass(case, place, |topic| places[topic], at, id)?;
                let is_first = self.standing.is_first && !case.is_several();
                if is_first && place < self.durable_before(case, case.since_min) {
                    // It says more than the client asked for.
                    return self.stand_at(case, place, case.since_max);
                }
                self.standing.spans.leave_behind(|topic| places[topic]);
                self.standing.reached = place;
                self.standing.furthest = self.standing.furthest.max(place);
                Ok(())
            }
            Located::Begun { at: begun, .. } => {
                if self.standing.reached > 0 {
                    return misplaced("the client had come further");
                }
                let since = match case.located {
                    Some(Located::Begun { at, .. }) => at,
                    _ => case.since_min,
                };
                if begun < self.durable_before(case, since) || begun > at {
                    return misplaced("the client began elsewhere");
                }
                Ok(())
            }
            Located::Ambiguous | Located::Unknown if book.late => Ok(()),
            Located::Ambiguous | Located::Unknown => misplaced("nobody can resume from it"),
        }
    }

    /// The place behind the newest event before `place` that can be replayed.
    fn durable_before(&self, case: &Case<'_>, place: usize) -> usize {
        let entries = &case.book.entries[..place.min(case.book.entries.len())];
        entries.iter().rposition(|entry| !entry.is_ephemeral).map_or(0, |index| index + 1)
    }

    fn pass(
        &mut self,
        case: &Case<'_>,
        place: usize,
        places: impl Fn(usize) -> usize,
        at: usize,
        id: &str,
    ) -> Checked {
        let rules = self.rules(case, at);
        self.standing.spans.pass(places, &rules).or_else(|missing| {
            let entry = &case.book.entries[missing];
            // One that was part of a state leaves only its ID.
            if case.has_state() && missing + 1 == place && entry.id.as_deref() == Some(id) {
                return Ok(());
            }
            let text =
                format!("the last event ID became `{id}`, but {entry}, which lies before it, never came");
            Err(case.violation(ViolationKind::Missing, text))
        })
    }

    pub(super) fn receive(&mut self, case: &Case<'_>, received: &Received, later: &[Received]) -> Checked {
        let terms = &case.connection.terms;
        let is_besides = terms.is_besides(received.event());
        let known = received.id().into_iter().flat_map(|id| case.book.with_id(id.as_str()));
        let is_entry = known.into_iter().any(|(_, entry)| entry.is_same(received.event()));
        if let Some(reset) = terms.read_reset(received.event()).filter(|_| !is_entry && !is_besides) {
            return reset::receive(&mut self.standing, case, received, reset);
        }
        if let Some(violation) = self.standing.untold.take().and_then(|untold| untold.violation) {
            return Err(violation);
        }
        if is_besides {
            self.standing.is_reset = false;
            return self.stand_behind(case, received);
        }
        if self.must_reset && self.standing.is_first {
            return Err(case.no_reset(&received.to_string()));
        }
        if !is_entry && self.may_say_place(case, received) {
            self.receive_entry(case, &Received { has_new_id: false, ..received.clone() }, later)?;
            let id = received.id().map(|id| LastEventId::from(id.as_str())).unwrap_or_default();
            return self.told(case, &Told { id, connection: received.connection, at: received.at });
        }
        self.receive_entry(case, received, later)
    }

    /// Whether it may be an event with another ID than its own, which says where the client is: the last of a state, or one of a
    /// topic in which the client is not as far as in others.
    fn may_say_place(&self, case: &Case<'_>, received: &Received) -> bool {
        let is_place = |id: &EventId| {
            matches!(case.book.locate(id.as_str()), Located::At { .. } | Located::Begun { .. })
        };
        let unnamed = Received { has_new_id: false, ..received.clone() };
        let furthest = if case.is_several() || case.stands_differ() { self.standing.furthest } else { 0 };
        let until = self.standing.state_until.max(furthest);
        received.has_new_id
            && received.id().is_some_and(is_place)
            && self.unnamed(case, &unnamed, 0).any(|index| index < until)
    }

    fn receive_entry(&mut self, case: &Case<'_>, received: &Received, later: &[Received]) -> Checked {
        let found = self.identify(case, received);
        let found = found.and_then(|index| self.check_entry(case, received, index).map(|()| index));
        match (found, self.unnamed(case, received, 0).last()) {
            (Ok(index), _) => self.take(case, received, later, index),
            // A state that begins anew is told of behind its first event.
            (Err(violation), Some(index)) if std::mem::take(&mut self.standing.is_reset) => {
                let before = self.standing.spans.clone();
                self.standing.untold = Some(Untold { index, before, violation: Some(violation) });
                self.standing.last = Some(index);
                Ok(())
            }
            (Err(violation), _) => Err(violation),
        }
    }

    /// Takes an entry that may come now.
    fn take(&mut self, case: &Case<'_>, received: &Received, later: &[Received], index: usize) -> Checked {
        let entry = &case.book.entries[index];
        let mut named = received.id().into_iter().flat_map(|id| case.book.with_id(id.as_str()));
        let is_own = |id: &str| received.id().is_some_and(|own| own.as_str() == id);
        let is_named = named.any(|(named, entry)| {
            // What says where the client stands in each topic says so once.
            named == index && (received.has_new_id || entry.id.as_deref().is_some_and(is_own))
        });
        let rules = self.rules(case, received.at_or_end(case.book.late));
        let mut spans = self.standing.spans.clone();
        let taken = spans.receive(index, &rules);
        let violation = match taken {
            Err(missing) => Some(case.missing(missing, received, later)),
            Ok(()) => (!is_named && !self.may_be_unnamed(index, entry)).then(|| case.unnamed(received)),
        };
        let is_first_behind_reset = std::mem::take(&mut self.standing.is_reset);
        if !is_first_behind_reset || is_named {
            if let Some(violation) = violation {
                return Err(violation);
            }
        } else {
            let before = self.standing.spans.clone();
            self.standing.untold = Some(Untold { index, before, violation });
        }
        if taken.is_ok() {
            self.standing.spans = spans;
        }
        self.standing.last = Some(index);
        if is_named {
            self.standing.reached = self.standing.reached.max(index + 1);
            self.standing.furthest = self.standing.furthest.max(index + 1);
        }
        Ok(())
    }

    /// Whether an event may come without an ID: it is part of a state, or the client is further in another topic.
    fn may_be_unnamed(&self, index: usize, entry: &Entry) -> bool {
        entry.is_ephemeral || index < self.standing.state_until || index < self.standing.furthest
    }

    /// An event besides those of the ledger, which says from where they follow if it has a cursor.
    fn stand_behind(&mut self, case: &Case<'_>, received: &Received) -> Checked {
        let id = received.id().filter(|_| received.has_new_id);
        match id.map(|id| case.book.locate(id.as_str())) {
            Some(Located::At { place, .. }) => self.stand_at(case, place, received.at_or_end(case.book.late)),
            _ => Ok(()),
        }
    }

    /// A state has come that stands at this place.
    fn stand_at(&mut self, case: &Case<'_>, place: usize, at: usize) -> Checked {
        let standing = &mut self.standing;
        standing.spans = Spans::of(case.book.topics.len(), Span::exactly(place), |topic| {
            case.of_topic(topic, || vec![Span::exactly(place)])
        });
        (standing.last, standing.reached, standing.awaits_state) = (None, place, false);
        standing.furthest = place;
        // What was live only until then is part of the state, or gone.
        standing.live_from = at;
        Ok(())
    }

    /// Finds the entry that came.
    fn identify(&self, case: &Case<'_>, received: &Received) -> Result<usize, Violation> {
        let book = case.book;
        let wanted = |entry: &Entry| book.wants(&case.connection.terms, entry);
        let next = self.standing.last.map_or(0, |last| last + 1);
        let named = || received.id().into_iter().flat_map(|id| book.with_id(id.as_str()));
        let same = || named().filter(|(_, entry)| entry.is_same(received.event()));
        if received.has_new_id {
            let asked_for = || same().filter(|(_, entry)| wanted(entry)).map(|(index, _)| index);
            if let Some(index) = asked_for().find(|index| *index >= next).or_else(|| asked_for().next()) {
                return Ok(index);
            }
        }
        let ephemeral = |from: usize| {
            let mut same = book.same(received.event(), from).filter(|(_, entry)| entry.is_ephemeral);
            same.find(|(_, entry)| wanted(entry)).map(|(index, _)| index)
        };
        let live =
            ephemeral(next.max(self.standing.live_from)).or_else(|| ephemeral(next.max(case.since_min)));
        if let Some(index) = live {
            return Ok(index);
        }
        // Without an ID, it may be any that comes next.
        let unnamed = |from| self.unnamed(case, received, from);
        if let Some(index) = unnamed(next).find(|index| self.check_entry(case, received, *index).is_ok()) {
            return Ok(index);
        }
        Err(match (same().next(), ephemeral(0), named().next()) {
            (Some((_, entry)), ..) if !wanted(entry) => case.unwanted(received),
            (Some(_), ..) => case.violation(ViolationKind::Twice, format!("{received} came a second time")),
            (_, Some(_), _) => case.replayed(received),
            _ if unnamed(0).next().is_some() => {
                let index = unnamed(next).next().or_else(|| unnamed(0).next()).unwrap_or_default();
                return self.check_entry(case, received, index).map(|()| index);
            }
            (.., Some((_, entry))) => {
                let text = format!("{received} came, but its ID is that of {entry}");
                case.violation(ViolationKind::Altered, text)
            }
            _ => case.violation(ViolationKind::Invented, format!("{received} came, but was never published")),
        })
    }

    /// What an event without an ID may be, other than an ephemeral one.
    fn unnamed<'a>(
        &self,
        case: &'a Case<'_>,
        received: &'a Received,
        from: usize,
    ) -> impl Iterator<Item = usize> + use<'a> {
        let same = case.book.same(received.event(), from);
        let durable = same.filter(|(_, entry)| !entry.is_ephemeral);
        let wanted = durable.filter(|(_, entry)| case.book.wants(&case.connection.terms, entry));
        wanted.map(|(index, _)| index).filter(|_| !received.has_new_id)
    }

    /// Whether the entry may come now at all.
    fn check_entry(&self, case: &Case<'_>, received: &Received, index: usize) -> Checked {
        let entry = &case.book.entries[index];
        if self.standing.over == Some(entry.life) {
            let text = format!(
                "the reset said that the log of the last event ID is gone, but {received} of it came"
            );
            return Err(case.violation(ViolationKind::UntrueReset, text));
        }
        let spans = self.standing.spans.topic(entry.topic);
        if !entry.is_ephemeral && spans.iter().all(|span| index < span.from) {
            let text = format!("{received} came, but the client is past it: it came before, or was left out");
            return Err(case.violation(ViolationKind::Twice, text));
        }
        if let Some(last) = self.standing.last.filter(|last| *last >= index) {
            let text =
                format!("{received} came behind {}, but was published before it", case.book.entries[last]);
            return Err(case.violation(ViolationKind::OutOfOrder, text));
        }
        let stale = |span: &Span| {
            let superseded = entry.superseded_by.is_some_and(|newer| newer < span.stale_below);
            index < span.stale_below && (!entry.is_state || superseded)
        };
        if spans.iter().all(stale) {
            let text = format!("{received} came, but is not the newest event of a key");
            return Err(case.violation(ViolationKind::Stale, text));
        }
        Ok(())
    }

    pub(super) fn rules<'a>(&self, case: &Case<'a>, at: usize) -> Rules<'a> {
        Rules { book: case.book, terms: &case.connection.terms, live_from: self.standing.live_from, at }
    }
}
