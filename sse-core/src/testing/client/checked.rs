//! A client whose events are checked against a ledger.

use super::super::ledger::{Ledger, Violation};
use super::Client;

impl Ledger {
    /// A client that remembers what was in the ledger when it was given a connection or an event.
    #[must_use]
    pub fn client<S>(&self) -> Client<S> {
        Client::new().with_ledger(self.clone())
    }

    /// Checks what the client received since the last check: every event that its [`Terms`](crate::testing::Terms) let pass exactly once and in
    /// order, or one reset that tells the truth, over all its connections; ephemeral events never replayed and never twice;
    /// nothing invented. What may still come is not missed.
    ///
    /// # Errors
    ///
    /// The first [`Violation`].
    pub fn check<S>(&self, client: &mut Client<S>) -> Result<(), Violation> {
        self.check_record(&mut client.record)
    }

    /// As [`check`](Self::check), of a connected client that has read all there is: nothing may be missing at the end
    /// either.
    ///
    /// # Errors
    ///
    /// The first [`Violation`].
    pub fn check_caught_up<S>(&self, client: &mut Client<S>) -> Result<(), Violation> {
        self.check_record_caught_up(&mut client.record)
    }

    /// As [`check_caught_up`](Self::check_caught_up), of a client whose connection the server has ended because nothing more will
    /// come ([`Channel::finish`](crate::Channel::finish)).
    ///
    /// # Errors
    ///
    /// The first [`Violation`].
    pub fn check_over<S>(&self, client: &mut Client<S>) -> Result<(), Violation> {
        self.check_record_over(&mut client.record)
    }
}
