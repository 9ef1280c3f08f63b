//! What `tracing` is told of a store that goes away. One test alone: whether a callsite is of interest is decided for the whole process.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use typed_sse_core::{Channel, Event};
use typed_sse_store_conformance::{Fault, Faulty, Memory};

/// Keeps what is told, a line each.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }
}

impl<S: tracing::Subscriber> Layer<S> for Told {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut line = Line(event.metadata().level().to_string());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_goes_is_told_once_and_so_is_its_return() {
    let told = Told::default();
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(told.clone()));
    let store = Faulty::new(Memory::new());
    let market = Channel::<Event>::builder().store(store.clone(), "market").open().await.unwrap();
    store.set(Fault::Down);
    tokio::time::sleep(Duration::from_secs(30)).await;
    market.publish(&Event::new("lost")).await.unwrap_err();
    store.set(Fault::None);
    market.publish(&Event::new("1")).await.unwrap();
    let told = told.0.lock().unwrap();
    let [gone, back] = &told[..] else { panic!("{told:?}") };
    assert!(gone.starts_with("WARN message=the store cannot be reached error="), "{gone}");
    assert_eq!(back, "INFO message=the store is reached again down_ms=30000");
}
