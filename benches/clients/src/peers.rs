//! Each client as its documentation shows it, with the same options: 10 ms between attempts, and a second of silence at most.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt as _;
use typed_sse_client::{Backoff, Event, FromEventError, FromSseEvent};
use typed_sse_core::EventRef;

/// What a client has told of.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) data: Vec<String>,
    /// Errors, where the client tells them.
    pub(crate) errors: usize,
}

pub(crate) type Shared = Arc<Mutex<Told>>;

type Run = fn(String, Shared) -> Pin<Box<dyn Future<Output = ()> + Send>>;

/// By the name in the table.
pub(crate) const ALL: [(&str, Run); 5] = [
    ("typed-sse-client", |url, told| Box::pin(ours(url, told))),
    ("reqwest-eventsource 0.6", |url, told| Box::pin(reqwest_eventsource(url, told))),
    ("eventsource-client 0.18", |url, told| Box::pin(eventsource_client(url, told))),
    ("sse-reqwest-client 0.4 (sse-core)", |url, told| Box::pin(sse_reqwest_client(url, told))),
    ("sseer 0.3", |url, told| Box::pin(sseer(url, told))),
];

const WAIT: Duration = Duration::from_millis(10);
const SILENCE: Duration = Duration::from_secs(1);

/// Any event; the one of type `done` is terminal.
struct Any(Event);

impl FromSseEvent for Any {
    fn from_event(event: &EventRef<'_>) -> Result<Self, FromEventError> {
        Event::from_event(event).map(Self)
    }

    fn is_terminal(&self) -> bool {
        self.0.event_type() == "done"
    }
}

async fn ours(url: String, told: Shared) {
    let backoff = Backoff::new().with_initial(WAIT).with_floor(WAIT).with_jitter(0.0);
    let mut client = typed_sse_client::Client::<Any>::get(url).backoff(backoff).idle_limit(SILENCE).items();
    while let Some(item) = client.next().await {
        match item {
            Ok(typed_sse_client::Item::Event { event, .. }) => told.event(event.0.data()),
            Ok(_) => {}
            Err(_) => told.error(),
        }
    }
}

async fn reqwest_eventsource(url: String, told: Shared) {
    use reqwest_eventsource::retry::ExponentialBackoff;
    use reqwest_eventsource::{Event, EventSource};

    let client = reqwest_0_12::Client::builder().read_timeout(SILENCE).build().unwrap();
    let mut source = EventSource::new(client.get(url)).unwrap();
    source.set_retry_policy(Box::new(ExponentialBackoff::new(WAIT, 2.0, None, None)));
    while let Some(event) = source.next().await {
        match event {
            Ok(Event::Open) => {}
            Ok(Event::Message(message)) => told.event(&message.data),
            Err(_) => told.error(),
        }
    }
}

async fn eventsource_client(url: String, told: Shared) {
    use eventsource_client::{Client as _, ClientBuilder, ReconnectOptions, SSE};
    use launchdarkly_sdk_transport::HyperTransport;

    let transport = HyperTransport::builder().read_timeout(SILENCE).build_http().unwrap();
    let options = ReconnectOptions::reconnect(true).retry_initial(true).delay(WAIT).build();
    let client = ClientBuilder::for_url(&url).unwrap().reconnect(options).build_with_transport(transport);
    let mut stream = client.stream();
    while let Some(event) = stream.next().await {
        match event {
            Ok(SSE::Event(event)) => told.event(&event.data),
            Ok(_) => {}
            Err(_) => told.error(),
        }
    }
}

async fn sse_reqwest_client(url: String, told: Shared) {
    use sse_reqwest_client::{RequestBuilderExt as _, SseEvent, SseRetryConfig};

    let mut retry = SseRetryConfig::new();
    (retry.min_sleep_ms, retry.jitter) = (10, false);
    let client = reqwest::Client::builder().read_timeout(SILENCE).build().unwrap();
    let builder = client.get(url).into_event_source_builder().retry_config(retry);
    let mut source = builder.initial_reconnection_time(WAIT).retry_transient_errors(true).build();
    while let Some(event) = source.next().await {
        match event {
            Ok(SseEvent::Message(message)) => told.event(&message.data),
            Ok(SseEvent::Open) => {}
            Ok(_) | Err(_) => told.error(),
        }
    }
}

async fn sseer(url: String, told: Shared) {
    use sseer::reqwest::{EventSource, StreamEvent};
    use sseer::retry::ExponentialBackoff;

    let client = reqwest::Client::builder().read_timeout(SILENCE).build().unwrap();
    let retry = ExponentialBackoff::new(WAIT, 2.0, None, None);
    let mut source = std::pin::pin!(EventSource::new_with_retry(client.get(url), retry).unwrap());
    while let Some(event) = source.next().await {
        match event {
            Ok(StreamEvent::Open) => {}
            Ok(StreamEvent::Event(event)) => told.event(&event.data),
            Err(_) => told.error(),
        }
    }
}

/// How a client's run tells what it sees.
trait Tell {
    fn event(&self, data: &str);
    fn error(&self);
}

impl Tell for Shared {
    fn event(&self, data: &str) {
        self.lock().unwrap().data.push(data.to_owned());
    }

    fn error(&self) {
        self.lock().unwrap().errors += 1;
    }
}
