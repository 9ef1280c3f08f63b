//! A client of a channel.

use futures_util::StreamExt as _;
use typed_sse_core::{Channel, Event, LastEventId, Slow, Start, Subscription};

/// What a client gets, and where it comes back when it is cut.
#[derive(Debug)]
pub(super) struct Client {
    subscription: Option<Subscription<Event>>,
    last_event_id: LastEventId,
    slow: Slow,
    /// The data of each event, and `reset` for one.
    pub(super) seen: Vec<String>,
}

impl Client {
    /// A new one, or one that comes back with this ID.
    pub(super) fn new(channel: &Channel<Event>, last_event_id: LastEventId, slow: Slow) -> Self {
        let mut client = Self { subscription: None, last_event_id, slow, seen: Vec::new() };
        client.subscription = Some(client.subscribe(channel));
        client
    }

    /// Behind a reset, it gets all that is left.
    fn subscribe(&self, channel: &Channel<Event>) -> Subscription<Event> {
        channel.subscribe(self.last_event_id.clone()).start(Start::Earliest).slow(self.slow)
    }

    pub(super) fn last_event_id(&self) -> LastEventId {
        self.last_event_id.clone()
    }

    /// Ends its connection.
    pub(super) fn cut(&mut self) {
        self.subscription = None;
    }

    /// Reads up to this event, on as many connections as it takes.
    pub(super) async fn until(&mut self, channel: &Channel<Event>, data: &str) {
        while self.seen.last().is_none_or(|seen| seen != data) {
            let mut subscription = self.subscription.take().unwrap_or_else(|| self.subscribe(channel));
            let Some(Ok(frame)) = subscription.next().await else {
                continue;
            };
            self.subscription = Some(subscription);
            if let Some(id) = frame.id() {
                self.last_event_id = LastEventId::from(id);
            }
            if frame.event_type() == "reset" {
                self.seen.push("reset".to_owned());
            } else if frame.is_event() {
                let text = String::from_utf8(frame.as_ref().to_vec()).unwrap();
                self.seen
                    .extend(text.lines().find_map(|line| line.strip_prefix("data: ")).map(str::to_owned));
            }
        }
    }
}
