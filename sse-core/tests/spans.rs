//! The spans of a channel. One test alone: whether a callsite is of interest is decided for the whole process.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

mod support;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt as _;
use support::ready;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use typed_sse_core::{Channel, Event, LastEventId, Start, Topics};

/// Keeps the fields of each span that closed.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    open: BTreeMap<u64, Fields>,
    closed: Vec<Fields>,
}

#[derive(Clone, Debug, Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}").trim_matches('"').to_owned());
    }
}

impl<S: tracing::Subscriber> Layer<S> for Spans {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, _: Context<'_, S>) {
        let mut fields = Fields::default();
        fields.0.insert("span", attributes.metadata().name().to_owned());
        attributes.record(&mut fields);
        self.0.lock().unwrap().open.insert(id.into_u64(), fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        values.record(self.0.lock().unwrap().open.get_mut(&id.into_u64()).unwrap());
    }

    fn on_close(&self, id: Id, _: Context<'_, S>) {
        let mut state = self.0.lock().unwrap();
        let fields = state.open.remove(&id.into_u64()).unwrap();
        state.closed.push(fields);
    }
}

impl Spans {
    fn closed(&self, span: &str) -> Vec<String> {
        let line = |fields: &Fields| {
            let others = fields.0.iter().filter(|(name, _)| **name != "span");
            others.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
        };
        let state = self.0.lock().unwrap();
        state.closed.iter().filter(|fields| fields.0["span"] == span).map(line).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn spans_tell_what_became_of_a_subscription() {
    let spans = Spans::default();
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(spans.clone()));

    let channel = Channel::<Event>::builder().name("market").events(2).build();
    let published = channel.publish(&Event::new("x")).await.unwrap();
    assert_eq!(spans.closed("sse.publish"), [format!("channel=market event_type=message id={published}")]);

    let mut left = channel.subscribe(LastEventId::from("nonsense")).start(Start::Earliest);
    ready(&mut left);
    drop(left);
    let mut lagged = channel.subscribe(LastEventId::from(published.clone()));
    for n in 0..3 {
        channel.publish(&Event::new(n.to_string())).await.unwrap();
    }
    assert!(lagged.next().await.unwrap().is_err());
    drop(lagged);
    let mut trimmed = channel.subscribe(LastEventId::from(published.clone()));
    ready(&mut trimmed);
    let drained = tokio::spawn(channel.subscribe(None).count());
    drop(trimmed);
    channel.drain(Duration::from_millis(1500)).await;
    drained.await.unwrap();
    drop(channel.subscribe(None));

    assert_eq!(
        spans.closed("sse.subscription"),
        [
            "channel=market delivered=1 end=left last_event_id=nonsense replayed=1 resumption=unknown"
                .to_owned(),
            format!(
                "channel=market delivered=0 end=lagged last_event_id={published} replayed=0 resumption=complete"
            ),
            format!(
                "channel=market delivered=0 end=left last_event_id={published} missed=3 replayed=0 \
                 resumption=trimmed"
            ),
            "channel=market delivered=0 end=drained last_event_id= replayed=0 resumption=new".to_owned(),
            "channel=market delivered=0 end=sent_away last_event_id=".to_owned(),
        ]
    );
    assert_eq!(spans.closed("sse.drain"), ["cut=0 ended=1 subscribers=1 window_ms=1500"]);

    // One for all the topics of a subscription, and for one that ends by itself.
    let known = spans.closed("sse.subscription").len();
    let topics = Topics::<Event>::new();
    let both = topics.subscribe(["b", "a"], None).unwrap().start(Start::Earliest);
    topics.channel("a").unwrap().publish(&Event::new("x")).await.unwrap();
    topics.channel("b").unwrap().publish(&Event::new("last")).await.unwrap();
    assert_eq!(both.until(|frame| frame.topic() == Some("b")).count().await, 3, "its place, and two events");
    assert_eq!(
        spans.closed("sse.subscription")[known..],
        ["channel=a,b delivered=2 end=done last_event_id= replayed=2 resumption=new"]
    );
}
