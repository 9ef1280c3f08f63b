//! A log that is gone, and begins anew.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;
use typed_sse_core::store::{Range, Store};
use typed_sse_core::{Channel, Event, EventId, LastEventId, PublishError, Slow};

use super::client::Client;
use super::support::data;
use crate::faulty::Faulty;
use crate::harness::Harness;
use crate::limits::Limits;

/// Between two looks at what is not there yet.
const SOON: Duration = Duration::from_millis(5);

async fn open(store: &Arc<dyn Store>) -> Channel<Event> {
    let channel = Channel::builder().store(Faulty::over(Arc::clone(store)), "market");
    channel.open().await.unwrap()
}

/// Whoever follows it, and whoever comes back with an ID of it, is told once and goes on in the new one.
pub async fn a_log_that_is_lost<H: Harness>() {
    let harness = H::start(Limits::NONE).await;
    let mut store = harness.store().await;
    let before = store.open("market").await.unwrap();
    let mut channel = open(&store).await;
    let mut client = Client::new(&channel, LastEventId::from(None::<LastEventId>), Slow::Disconnect);
    channel.publish(&Event::new("a")).await.unwrap();
    let row = Event::new("b").with_id(EventId::new("row b").unwrap());
    channel.publish(&row).await.unwrap();
    client.until(&channel, "a").await;
    let cursor = client.last_event_id();
    client.until(&channel, "b").await;
    let ids = [cursor, client.last_event_id()];

    let was_lost = if H::SHARED {
        harness.lose("market").await
    } else {
        client.cut();
        drop(channel);
        // What follows the store lets go of it a moment later.
        while Arc::strong_count(&store) > 1 {
            sleep(SOON).await;
        }
        drop(store);
        let was_lost = harness.lose("market").await;
        store = harness.store().await;
        channel = open(&store).await;
        was_lost
    };
    if !was_lost {
        println!("passed over: this harness does not take a log away");
        return;
    }
    // More than there were, so that their places come again.
    for n in 0..5 {
        while let Err(error) = channel.publish(&Event::new(n.to_string())).await {
            assert!(matches!(error, PublishError::Store(_)), "{error}");
            sleep(SOON).await;
        }
    }
    let log = store.open("market").await.unwrap();
    assert_ne!(log.epoch(), before.epoch(), "what is lost is told by another epoch");
    let stored = data(&store.read(&log, Range::after(0)).await.unwrap().records);
    client.until(&channel, "4").await;
    assert_eq!(client.seen[..3], ["a", "b", "reset"]);
    assert_eq!(client.seen[3..], stored, "who follows");
    for id in ids {
        let mut back = Client::new(&channel, id.clone(), Slow::Disconnect);
        back.until(&channel, "4").await;
        assert_eq!(back.seen[0], "reset", "{id:?}");
        assert_eq!(back.seen[1..], stored, "{id:?}");
    }
}
