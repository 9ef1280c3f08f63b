//! What the channel counts, once a second.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use typed_sse::Channel;

use crate::events::{Dashboard, Resets};
use crate::sampler::now;

const PERIOD: Duration = Duration::from_secs(1);

/// Publishes into the channel what it counts. Ends when the runtime does.
pub(crate) fn start(channel: Channel<Dashboard>) {
    tokio::spawn(async move {
        let mut ticks = interval(PERIOD);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = channel.publish(&read(&channel)).await {
                tracing::error!(%error, "the counters were not published");
            }
        }
    });
}

fn read(channel: &Channel<Dashboard>) -> Dashboard {
    let counters = channel.counters();
    Dashboard::Counters {
        at: now(),
        published: counters.published,
        published_bytes: counters.published_bytes,
        retained: counters.retained,
        retained_bytes: counters.retained_bytes,
        subscribers: counters.subscribers,
        subscribed: counters.subscribed,
        lag: counters.lag,
        delivered: counters.delivered,
        replayed: counters.replayed,
        resets: Resets {
            epoch: counters.resets.epoch,
            trimmed: counters.resets.trimmed,
            unknown: counters.resets.unknown,
            lagged: counters.resets.lagged,
        },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

    use futures_util::StreamExt as _;
    use typed_sse::Start;

    use super::*;
    use crate::events::Machine;

    #[tokio::test]
    async fn counters_are_read_without_an_id_and_not_replayed() {
        let channel = Channel::<Dashboard>::new();
        let sample =
            Machine::Network { at: 1, from: crate::numbers::Number::default(), received: 2, sent: 3 };
        channel.publish(&Dashboard::Machine(sample)).await.unwrap();
        channel.publish(&read(&channel)).await.unwrap();

        let mut subscription = channel.subscribe("").start(Start::Earliest).no_checkpoints();
        assert_eq!(subscription.replayed(), 1, "the counters of before are not replayed");
        channel.publish(&read(&channel)).await.unwrap();
        let replayed = subscription.next().await.unwrap().unwrap();
        assert!(replayed.as_ref().starts_with(b"event: network\nid: "));
        let live = subscription.next().await.unwrap().unwrap();
        let (head, data) = std::str::from_utf8(live.as_ref()).unwrap().split_once("data: ").unwrap();
        assert_eq!(head, "event: counters\n");
        let data: serde_json::Value = serde_json::from_str(data).unwrap();
        let read = |name: &str| data[name].as_u64().unwrap();
        assert_eq!((read("published"), read("retained"), read("subscribers")), (2, 2, 1));
    }
}
