//! What one client went through.

use std::collections::VecDeque;

use super::super::connection::{Connection, End};
use super::super::received::{Received, Told};
use super::audit::{Audit, Checked};
use super::book::Book;
use super::case::Case;
use super::violation::{Violation, ViolationKind};

/// What one client went through, and how far the check of it is.
#[derive(Debug, Default)]
pub(in crate::testing) struct Record {
    pub(in crate::testing) connections: Vec<Connection>,
    pub(in crate::testing) events: Vec<Received>,
    /// The places that it was told, each with how many events came before.
    told: VecDeque<(usize, Told)>,
    /// How many events were forgotten.
    forgotten: usize,
    audit: Audit,
}

impl Record {
    pub(in crate::testing) fn receive(&mut self, received: Received) {
        self.events.push(received);
    }

    pub(in crate::testing) fn tell(&mut self, told: Told) {
        self.told.push_back((self.forgotten + self.events.len(), told));
    }

    /// Forgets the events that are not needed any more.
    pub(in crate::testing) fn forget_checked(&mut self) {
        let checked = std::mem::take(&mut self.audit.checked);
        self.events.drain(..checked);
        self.forgotten += checked;
    }

    pub(in crate::testing) fn forget(&mut self) {
        self.forgotten += self.events.len();
        self.events.clear();
        self.told.clear();
    }

    pub(super) fn check(&mut self, book: &Book) -> Checked {
        let Self { connections, events, told, forgotten, audit } = self;
        for number in audit.connection.max(1)..=connections.len() {
            if number > audit.connection {
                audit.begin(book, connections, number);
                audit.connection = number;
            }
            let case = Case::new(book, connections, number);
            case.extend(&mut audit.standing);
            loop {
                let here = *forgotten + audit.checked;
                let comes_first =
                    |(before, told): &(usize, Told)| *before <= here && told.connection == number;
                if told.front().is_some_and(comes_first) {
                    let Some((_, told)) = told.pop_front() else { break };
                    audit.told(&case, &told)?;
                    audit.told_at = told.at;
                } else if let Some(received) =
                    events.get(audit.checked).filter(|event| event.connection == number)
                {
                    audit.receive(&case, received, &events[audit.checked + 1..])?;
                    if received.has_new_id {
                        audit.told_at = received.at;
                    }
                    audit.checked += 1;
                } else {
                    break;
                }
                audit.standing.is_first = false;
            }
        }
        Ok(())
    }

    /// Whether nothing is missing: of one that has read all there is, on a connection that is open or, if `is_over`, that the
    /// server has ended.
    pub(super) fn check_caught_up(&mut self, book: &Book, is_over: bool) -> Checked {
        let Self { connections, audit, .. } = self;
        let end = connections.last().map(|connection| connection.end.as_ref());
        if end != Some(is_over.then_some(&End::Closed)) {
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
        audit.check_caught_up(&case)
    }
}
