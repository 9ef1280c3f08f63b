//! The server's own log lines, as events.

use std::fmt::{self, Write as _};

use tokio::sync::mpsc;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use typed_sse::Channel;

use crate::events::{Dashboard, Log};
use crate::numbers::{Number, Numbered};
use crate::sampler::now;

/// Prints log lines, and publishes them as well.
pub(crate) fn start(channel: Channel<Dashboard>) {
    // A line that is logged while a line is published must not wait for it, so they part here.
    let (sender, mut lines) = mpsc::channel(256);
    let print = tracing_subscriber::fmt::layer().with_ansi(false);
    let filter = tracing_subscriber::filter::LevelFilter::from_level(Level::INFO);
    tracing_subscriber::registry()
        .with(Publish { sender }.with_filter(filter))
        .with(print.with_filter(filter))
        .init();
    tokio::spawn(async move {
        let mut numbered = Numbered::new(channel);
        while let Some(line) = lines.recv().await {
            // An error would be one more line; the channel refuses a line only for its size.
            let _ = numbered.publish(|from| Dashboard::Log(Log { from, ..line })).await;
        }
    });
}

struct Publish {
    sender: mpsc::Sender<Log>,
}

impl<S: Subscriber> Layer<S> for Publish {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut message = Message(String::new());
        event.record(&mut message);
        let metadata = event.metadata();
        let line = Log {
            at: now(),
            from: Number::default(),
            level: metadata.level().as_str(),
            target: metadata.target().to_owned(),
            message: message.0,
        };
        // A full queue costs the line, never the one who logs.
        let _ = self.sender.try_send(line);
    }
}

/// The message and, behind it, `name=value` of all other fields.
struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a `String` cannot fail.
        let _ = if field.name() == "message" {
            write!(self.0, "{value:?}")
        } else {
            write!(self.0, " {}={value:?}", field.name())
        };
    }
}
