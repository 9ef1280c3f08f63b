//! What one client did.

use std::time::{Duration, Instant};

use crate::server::Asked;

/// What is seen of one client in one case.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) data: Vec<String>,
    pub(crate) errors: usize,
    pub(crate) ended: bool,
    pub(crate) panicked: bool,
    pub(crate) asked: Vec<(Instant, Asked)>,
}

impl Seen {
    pub(crate) fn read(&self, data: &str) -> String {
        if self.panicked {
            return "**panics**".to_owned();
        }
        if self.data.iter().any(|of| of == data) { "reads it".to_owned() } else { "**lost**".to_owned() }
    }

    /// With which ID it came back.
    pub(crate) fn resumed(&self, request: usize, id: &str) -> String {
        match self.asked.get(request) {
            None => self.ending(),
            Some((_, asked)) if asked.header("last-event-id").as_deref() == Some(id) => "kept".to_owned(),
            Some((_, asked)) => match asked.header("last-event-id").as_deref() {
                None | Some("") => "**forgotten**".to_owned(),
                Some(other) => format!("**`{other}`**"),
            },
        }
    }

    /// Where it came back to.
    pub(crate) fn redirected(&self) -> String {
        match self.asked.get(2) {
            Some((_, back)) if !self.data.is_empty() => {
                let is_kept = back.line.ends_with("/b");
                if is_kept { "then the new URL" } else { "**then the old URL**" }.to_owned()
            }
            _ => self.ending(),
        }
    }

    /// What becomes of it where it is not to come back, or does not.
    pub(crate) fn ending(&self) -> String {
        let words = match (self.panicked, self.ended, self.asked.len()) {
            (true, ..) => "**panics**",
            (_, true, _) if self.errors > 0 => "ends, an error",
            (_, true, _) => "ends",
            (_, false, 1) => "**hangs**",
            (_, false, _) => "**comes back**",
        };
        words.to_owned()
    }

    /// From the request before.
    pub(crate) fn waited(&self, request: usize) -> Option<Duration> {
        Some(self.asked.get(request)?.0 - self.asked[request - 1].0)
    }
}
