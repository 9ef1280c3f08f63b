//! Hears all that a process logs, for tests of what must not be said.
//!
//! Each event of `tracing`, each span and what is recorded of it later, each line of `log`, at every level and of every crate. A [`Scene`]
//! gives them something to say.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "what unwraps in vain fails its test")]

mod scene;

use std::error::Error;
use std::fmt::{Debug, Write as _};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::{LookupSpan, Registry};

pub use scene::{NAMED, Scene, Secret, Shown, TOPIC, UNSAID};

static LINES: Mutex<Vec<Line>> = Mutex::new(Vec::new());

/// What was said at once.
#[derive(Clone, Debug)]
pub struct Line {
    /// Through which crate: `log` or `tracing`.
    pub through: &'static str,
    /// By whom, as filters name it.
    pub target: String,
    /// In capitals, as both crates show it.
    pub level: String,
    /// Message and fields, with their names.
    pub text: String,
}

/// Hears from now on, until the process ends. Once in each.
pub fn listen() {
    tracing::subscriber::set_global_default(Registry::default().with(Ears)).unwrap();
    log::set_logger(&Ears).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
}

/// Whether a line was heard for which this is so.
pub fn has_heard(is_it: impl FnMut(&Line) -> bool) -> bool {
    lines().iter().any(is_it)
}

/// None of these words was said, but for lines for which `may_say` is so.
pub fn assert_unsaid(words: &[&str], may_say: impl Fn(&Line) -> bool) {
    let lines = lines();
    let says = |line: &&Line| words.iter().any(|word| line.text.contains(word)) && !may_say(line);
    let said: Vec<_> = lines.iter().filter(says).collect();
    assert!(said.is_empty(), "{} of {} lines, {:#?}", said.len(), lines.len(), &said[..said.len().min(5)]);
}

/// Everything that an error shows, of itself and of what it comes from.
pub fn shown(error: &dyn Error) -> String {
    let (mut shown, mut next) = (String::new(), Some(error));
    while let Some(error) = next {
        write!(shown, "{error} {error:?} {error:#?} ").unwrap();
        next = error.source();
    }
    shown
}

fn lines() -> MutexGuard<'static, Vec<Line>> {
    LINES.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Ears;

impl Ears {
    fn hear(metadata: &Metadata<'_>, record: impl FnOnce(&mut Text)) {
        let mut text = Text(metadata.name().to_owned());
        record(&mut text);
        let (target, level) = (metadata.target().to_owned(), metadata.level().to_string());
        lines().push(Line { through: "tracing", target, level, text: text.0 });
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Ears {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        Self::hear(attributes.metadata(), |text| attributes.record(text));
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        Self::hear(context.metadata(id).unwrap(), |text| values.record(text));
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        Self::hear(event.metadata(), |text| event.record(text));
    }
}

impl log::Log for Ears {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let (target, level) = (record.target().to_owned(), record.level().to_string());
        lines().push(Line { through: "log", target, level, text: record.args().to_string() });
    }

    fn flush(&self) {}
}

/// What fields hold.
struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        write!(self.0, " {}={}", field.name(), shown(value)).unwrap();
    }
}
