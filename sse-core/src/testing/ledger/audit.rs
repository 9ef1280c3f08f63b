//! Follows what one client received, and compares it with what was published.

use super::super::connection::Connection;
use super::super::received::Received;
use super::book::{Book, Entry, Located};
use super::case::Case;
use super::reset;
use super::spans::{Rules, Span, Spans, Standing};
use super::violation::{Violation, ViolationKind};

/// What one client went through, and how far the check of it is.
#[derive(Debug, Default)]
pub(in crate::testing) struct Record {
    pub(in crate::testing) connections: Vec<Connection>,
    pub(in crate::testing) events: Vec<Received>,
    audit: Audit,
}

#[derive(Debug, Default)]
struct Audit {
    /// How many of the events in the record were checked.
    checked: usize,
    /// How many connections were begun.
    connection: usize,
    standing: Standing,
    /// Only a reset can come first.
    must_reset: bool,
}

type Checked = Result<(), Violation>;

impl Record {
    /// How many events of the record are not needed any more.
    pub(in crate::testing) fn take_checked(&mut self) -> usize {
        std::mem::take(&mut self.audit.checked)
    }

    pub(super) fn check(&mut self, book: &Book) -> Checked {
        let Self { connections, events, audit } = self;
        for number in audit.connection.max(1)..=connections.len() {
            if number > audit.connection {
                audit.begin(book, connections, number)?;
                audit.connection = number;
            }
            let case = Case::new(book, connections, number);
            while let Some(received) = events.get(audit.checked).filter(|event| event.connection == number) {
                audit.standing.spans.extend(book.topics.len());
                audit.receive(&case, received, &events[audit.checked + 1..])?;
                audit.standing.is_first = false;
                audit.checked += 1;
            }
        }
        Ok(())
    }

    pub(super) fn check_caught_up(&mut self, book: &Book) -> Checked {
        let Self { connections, audit, .. } = self;
        if connections.last().is_none_or(|connection| connection.end.is_some()) {
            return Err(Violation {
                kind: ViolationKind::NotConnected,
                connection: connections.len(),
                began: "not open".to_owned(),
                text: "the client cannot have read all there is".to_owned(),
            });
        }
        let case = Case::new(book, connections, connections.len());
        if audit.must_reset && audit.standing.is_first {
            return Err(case.no_reset("nothing"));
        }
        audit.standing.spans.extend(book.topics.len());
        let rules = audit.rules(&case, usize::MAX);
        audit.standing.spans.pass(book.entries.len(), &rules).map_err(|missing| {
            case.violation(ViolationKind::Missing, format!("{} never came", book.entries[missing]))
        })
    }
}

impl Audit {
    /// Begins with a connection: where its last event ID says.
    fn begin(&mut self, book: &Book, connections: &[Connection], number: usize) -> Checked {
        let case = Case::new(book, connections, number);
        let Connection { last_event_id: id, terms, .. } = case.connection;
        if number > 1 {
            let before = Case::new(book, connections, number - 1);
            if before.connection.last_event_id != *id {
                self.end(&before, id.as_str(), case.since_max)?;
            }
        }
        self.must_reset = false;
        self.standing.spans = if id.is_empty() {
            case.start_spans()
        } else if let Located::At { place, .. } = book.locate(id.as_str(), terms) {
            Spans::all(Span::exactly(place))
        } else {
            self.must_reset = !book.is_unborn(id.as_str());
            case.start_spans()
        };
        self.standing.spans.extend(book.topics.len());
        (self.standing.last, self.standing.over, self.standing.is_first) = (None, None, true);
        self.standing.live_from = case.since_max;
        Ok(())
    }

    /// The last event ID may have been moved without an event, past those that were left out, and only those.
    fn end(&mut self, before: &Case<'_>, id: &str, at: usize) -> Checked {
        let Located::At { place, .. } = before.book.locate(id, &before.connection.terms) else {
            return Ok(());
        };
        self.standing.spans.extend(before.book.topics.len());
        // Ephemeral events that were on their way are lost with the connection.
        self.standing.live_from = usize::MAX;
        let rules = self.rules(before, at);
        self.standing.spans.pass(place, &rules).map_err(|missing| {
            let entry = &before.book.entries[missing];
            let text =
                format!("the last event ID became `{id}`, but {entry}, which lies before it, never came");
            before.violation(ViolationKind::Missing, text)
        })
    }

    fn receive(&mut self, case: &Case<'_>, received: &Received, later: &[Received]) -> Checked {
        let terms = &case.connection.terms;
        if terms.is_besides(received.event()) {
            return self.stand_behind(case, received);
        }
        let known = received.id().into_iter().flat_map(|id| case.book.with_id(id.as_str()));
        let is_entry = known.into_iter().any(|(_, entry)| entry.is_same(received.event()));
        if let Some(reset) = terms.read_reset(received.event()).filter(|_| !is_entry) {
            return reset::receive(&mut self.standing, case, received, reset);
        }
        if self.must_reset && self.standing.is_first {
            return Err(case.no_reset(&received.to_string()));
        }
        let index = self.identify(case, received)?;
        self.check_entry(case, received, index)?;
        let rules = self.rules(case, received.at_or_end(case.book.late));
        self.standing
            .spans
            .receive(index, &rules)
            .map_err(|missing| case.missing(missing, received, later))?;
        self.standing.last = Some(index);
        Ok(())
    }

    /// An event besides those of the ledger, which says from where they follow if it has a cursor.
    fn stand_behind(&mut self, case: &Case<'_>, received: &Received) -> Checked {
        let id = received.id().filter(|_| received.has_new_id);
        let located = id.map(|id| case.book.locate(id.as_str(), &case.connection.terms));
        if let Some(Located::At { place, .. }) = located {
            self.standing.spans = Spans::all(Span::exactly(place));
            self.standing.spans.extend(case.book.topics.len());
            self.standing.last = None;
        }
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
            let entries = book.entries.iter().enumerate().skip(from);
            let mut same = entries.filter(|(_, entry)| entry.is_ephemeral && entry.is_same(received.event()));
            same.find(|(_, entry)| wanted(entry)).map(|(index, _)| index)
        };
        let live =
            ephemeral(next.max(self.standing.live_from)).or_else(|| ephemeral(next.max(case.since_min)));
        if let Some(index) = live {
            return Ok(index);
        }
        Err(match (same().next(), ephemeral(0), named().next()) {
            (Some((_, entry)), ..) if !wanted(entry) => case.unwanted(received),
            (Some(_), ..) => case.violation(ViolationKind::Twice, format!("{received} came a second time")),
            (_, Some(_), _) => case.replayed(received),
            (.., Some((_, entry))) => {
                let text = format!("{received} came, but its ID is that of {entry}");
                case.violation(ViolationKind::Altered, text)
            }
            _ => case.violation(ViolationKind::Invented, format!("{received} came, but was never published")),
        })
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
