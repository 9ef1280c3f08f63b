//! What was published over all processes, and what a client's journal has to be.
//!
//! It knows three sources: what publishers were told, what the log itself had when a client of its own read it, and what clients
//! received. Whatever is true is so for all of them; nothing of it comes from the code that is judged but the IDs.

mod board;
mod journal;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_of_scenes;
mod ticker;
mod topics;
mod truth;
mod verdict;

pub(crate) use journal::{Epochs, Journal, Mark, Place, Reset, Step};
pub(crate) use truth::{Gone, Loss, Truth};
pub(crate) use verdict::Verdict;
