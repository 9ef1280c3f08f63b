//! An ordered push consumer: all messages of a stream from one on, one behind the other, or word that it has to be made anew.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use async_nats::{HeaderMap, Message, StatusCode, Subscriber};
use bytes::Bytes;
use futures_util::StreamExt as _;
use tokio::time::{sleep, timeout};
use typed_sse_core::store::StoreError;

use crate::connection::{SOON, Server};

/// Where nothing comes, the server says so as often. After two that did not come, the consumer is made anew.
pub(crate) const HEARTBEAT: Duration = Duration::from_millis(500);

pub(crate) struct Ordered {
    server: Arc<Server>,
    stream: String,
    name: String,
    subscriber: Subscriber,
    /// How many came.
    delivered: u64,
    /// All up to this one came, or were passed by.
    sequence: u64,
    /// Those that were passed by, and have to be gone.
    passed: Vec<RangeInclusive<u64>>,
}

/// A message of the stream.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) sequence: u64,
    /// When it was stored, in ms since 1970.
    pub(crate) at: u64,
    pub(crate) subject: String,
    pub(crate) headers: Option<HeaderMap>,
    pub(crate) payload: Bytes,
}

/// It brings nothing more that can be relied on.
#[derive(Debug)]
pub(crate) struct Broken;

impl Ordered {
    /// From this message on.
    pub(crate) async fn start(server: &Arc<Server>, stream: &str, from: u64) -> Result<Self, StoreError> {
        let inbox = server.new_inbox();
        let subscriber = server.subscribe(&inbox).await?;
        let consumer = server.consume(stream, &inbox, from).await?;
        Ok(Self {
            server: Arc::clone(server),
            stream: stream.to_owned(),
            name: consumer.name,
            subscriber,
            delivered: 0,
            sequence: from.saturating_sub(1),
            passed: Vec::new(),
        })
    }

    /// The next message. What lies between it and the one before is gone.
    pub(crate) async fn next(&mut self) -> Result<Delivery, Broken> {
        loop {
            let next = self.next_or_idle().await?;
            self.check_passed().await?;
            if let Some(next) = next {
                return Ok(next);
            }
        }
    }

    /// The same, of those up to this one; `None` if all came that are there.
    pub(crate) async fn next_up_to(&mut self, last: u64) -> Result<Option<Delivery>, Broken> {
        let next = self.read_up_to(last).await?;
        self.check_passed().await?;
        Ok(next)
    }

    /// The same, where what lies between them is looked at once, behind the last. How many there still are, the server says, too, but
    /// not reliably: one of version 2.9 counts messages that were deleted.
    pub(crate) async fn read_up_to(&mut self, last: u64) -> Result<Option<Delivery>, Broken> {
        /// So often it may say that it has nothing more to send, and not be there.
        const MOST_IDLE: u32 = 4;
        for _ in 0..MOST_IDLE {
            if self.sequence >= last {
                self.check_passed().await?;
                return Ok(None);
            }
            if let Some(next) = self.next_or_idle().await? {
                return Ok(Some(next));
            }
        }
        Err(Broken)
    }

    /// `None` if the server says how far it is.
    async fn next_or_idle(&mut self) -> Result<Option<Delivery>, Broken> {
        let message = timeout(2 * HEARTBEAT, self.subscriber.next()).await;
        let Ok(Some(message)) = message else { return Err(Broken) };
        if message.status.is_some() {
            return self.heard(message).await.map(|()| None);
        }
        let place = message.reply.as_ref().and_then(|reply| Acknowledgement::read(reply));
        let is_next =
            |place: &Acknowledgement| place.delivered == self.delivered + 1 && place.sequence > self.sequence;
        let place = place.filter(is_next).ok_or(Broken)?;
        self.pass_by(place.sequence - 1);
        (self.delivered, self.sequence) = (place.delivered, place.sequence);
        Ok(Some(Delivery {
            sequence: place.sequence,
            at: place.at,
            subject: message.subject.as_str().to_owned(),
            headers: message.headers,
            payload: message.payload,
        }))
    }

    /// It is there still, or wants to know whether this side is.
    async fn heard(&mut self, message: Message) -> Result<(), Broken> {
        if message.status != Some(StatusCode::IDLE_HEARTBEAT) {
            return Err(Broken);
        }
        let header = |name| message.headers.as_ref().and_then(|headers| headers.get(name));
        let number = |name| header(name).and_then(|value| value.as_str().parse::<u64>().ok());
        let stalled = header("Nats-Consumer-Stalled");
        if let Some(reply) = message.reply.as_ref() {
            self.server.send(reply.as_str().to_owned()).await;
        } else if let Some(stalled) = stalled {
            self.server.send(stalled.as_str().to_owned()).await;
        }
        match number("Nats-Last-Consumer") {
            // Something was lost on its way.
            Some(delivered) if delivered > self.delivered => return Err(Broken),
            Some(delivered) if delivered == self.delivered => {
                self.pass_by(number("Nats-Last-Stream").unwrap_or_default());
            }
            _ => {}
        }
        Ok(())
    }

    /// What lies up to this message, and did not come, does not come any more.
    fn pass_by(&mut self, last: u64) {
        if last > self.sequence {
            self.passed.push(self.sequence + 1..=last);
            self.sequence = last;
        }
    }

    /// A server of version 2.9 passes by messages that it has, while it reads them from its file.
    async fn check_passed(&mut self) -> Result<(), Broken> {
        if self.passed.is_empty() {
            return Ok(());
        }
        let passed = std::mem::take(&mut self.passed);
        if self.server.has_deleted(&self.stream, &passed).await.unwrap_or(false) {
            return Ok(());
        }
        sleep(SOON).await;
        Err(Broken)
    }
}

impl Drop for Ordered {
    fn drop(&mut self) {
        let (server, stream, name) = (Arc::clone(&self.server), self.stream.clone(), self.name.clone());
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { server.forget_consumer(&stream, &name).await });
        }
    }
}

/// What the subject says to which a message would be acknowledged.
struct Acknowledgement {
    sequence: u64,
    delivered: u64,
    at: u64,
}

impl Acknowledgement {
    /// `$JS.ACK.<stream>.<consumer>.<times>.<sequence>.<number>.<time>.<pending>`; newer servers put domain and account behind
    /// `ACK`, and a random token at the end.
    fn read(subject: &str) -> Option<Self> {
        let parts: Vec<_> = subject.strip_prefix("$JS.ACK.")?.split('.').collect();
        let from = if parts.len() >= 9 { 5 } else { 3 };
        let number = |n: usize| parts.get(from + n)?.parse::<u64>().ok();
        Some(Self { sequence: number(0)?, delivered: number(1)?, at: number(2)? / 1_000_000 })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "these are tests")]
mod tests {
    use super::*;

    #[test]
    fn where_a_message_lies_is_read() {
        let old = "$JS.ACK.sse_market.abc.1.42.7.1700000000123000000.3";
        let new = "$JS.ACK._.hash.sse_market.abc.1.42.7.1700000000123000000.3.token";
        for subject in [old, new] {
            let place = Acknowledgement::read(subject).unwrap();
            assert_eq!((place.sequence, place.delivered), (42, 7), "{subject}");
            assert_eq!(place.at, 1_700_000_000_123);
        }
        assert!(Acknowledgement::read("$JS.ACK.x").is_none() && Acknowledgement::read("other").is_none());
    }
}
