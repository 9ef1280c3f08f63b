//! Whether the promise was kept.

use std::collections::{BTreeMap, HashSet};

use super::board::Board;
use super::journal::{Journal, Step};
use super::ticker;
use super::topics::Topics;
use super::truth::Truth;
use crate::event::{Name, Scene};

/// What all clients together saw, and what of it should not have been.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) clients: u64,
    pub(crate) connections: u64,
    pub(crate) deliveries: u64,
    /// By reason.
    pub(crate) resets: BTreeMap<String, u64>,
    /// Events that a client never got, and was not told of.
    pub(crate) lost: u64,
    /// Events that a client got twice, or behind a later one.
    pub(crate) doubled: u64,
    /// Resets of clients that had missed nothing.
    pub(crate) needless: u64,
    /// Whatever else should not be.
    pub(crate) wrong: u64,
    /// The first few, in words.
    pub(crate) words: Vec<String>,
}

/// So many are told in words.
const WORDS: usize = 20;

impl Verdict {
    /// Judges what publishers were told.
    pub(crate) fn of(truth: &Truth, logged: &HashSet<Name>) -> Self {
        let mut verdict = Self::default();
        for fault in truth.faults(logged) {
            verdict.wrong += 1;
            verdict.say(|| fault);
        }
        verdict
    }

    pub(crate) fn is_good(&self) -> bool {
        self.lost + self.doubled + self.needless + self.wrong == 0
    }

    /// Judges clients that had time to get everything.
    pub(crate) fn judge_all(&mut self, scene: Scene, journals: &[Journal], truth: &Truth) {
        let (topics, board) = (Topics::of(scene, truth), Board::of(truth));
        for (client, journal) in journals.iter().enumerate() {
            self.clients += 1;
            self.connections += journal.connections;
            let mut client = Client { number: client, verdict: self, steps: &journal.steps, at: 0 };
            match scene {
                Scene::Ticker | Scene::Rows => ticker::judge(&mut client, truth),
                Scene::Topics => topics.judge(&mut client),
                Scene::Board => board.judge(&mut client),
            }
        }
    }

    fn say(&mut self, words: impl FnOnce() -> String) {
        if self.words.len() < WORDS {
            self.words.push(words());
        }
    }
}

/// What comes to light of one client.
pub(super) struct Client<'a> {
    number: usize,
    verdict: &'a mut Verdict,
    steps: &'a [Step],
    /// So many of them were taken.
    at: usize,
}

/// So many steps before a fault are told with it.
const BEFORE: usize = 12;

impl<'a> Client<'a> {
    /// What it saw next.
    pub(super) fn next_step(&mut self) -> Option<&'a Step> {
        let step = self.steps.get(self.at)?;
        self.at += 1;
        Some(step)
    }

    pub(super) fn delivered(&mut self) {
        self.verdict.deliveries += 1;
    }

    pub(super) fn was_reset(&mut self, reason: &str) {
        *self.verdict.resets.entry(reason.to_owned()).or_default() += 1;
    }

    pub(super) fn lost(&mut self, events: u64, words: impl FnOnce() -> String) {
        self.verdict.lost += events;
        self.say(words);
    }

    pub(super) fn doubled(&mut self, words: impl FnOnce() -> String) {
        self.verdict.doubled += 1;
        self.say(words);
    }

    pub(super) fn needless(&mut self, words: impl FnOnce() -> String) {
        self.verdict.needless += 1;
        self.say(words);
    }

    pub(super) fn wrong(&mut self, words: impl FnOnce() -> String) {
        self.verdict.wrong += 1;
        self.say(words);
    }

    fn say(&mut self, words: impl FnOnce() -> String) {
        let Self { number, steps, at, .. } = *self;
        let before = &steps[at.saturating_sub(BEFORE)..at];
        self.verdict.say(|| format!("client {number}: {}; behind {before:?}", words()));
    }
}
