//! Those who are overtaken by what the store lets go of.

use std::sync::Arc;

use tokio::task::yield_now;
use typed_sse_core::store::{Batch, Range};
use typed_sse_core::{Channel, Event, LastEventId, Slow};

use super::client::Client;
use super::support::{Case, event};
use crate::faulty::Faulty;
use crate::harness::Harness;
use crate::limits::Limits;

/// One who follows in pages that are too small, while others publish, is told of each hole by the page behind it.
pub async fn trimmed_under_a_follower<H: Harness>() {
    const ALL: u64 = 400;
    let case = Case::<H>::with_limits(Limits::records(8)).await;
    let (store, log) = (Arc::clone(&case.store), case.log.clone());
    let publish = tokio::spawn(async move {
        for first in (1..ALL).step_by(5) {
            let records: Vec<_> = (first..first + 5).map(|n| event(&n.to_string())).collect();
            store.append(&log, Batch::new(&records)).await.unwrap();
            yield_now().await;
        }
    });
    let (mut after, mut next, mut pages) = (0, 1, 0);
    while next <= ALL {
        pages += 1;
        if pages % 8 == 0 {
            case.harness.trim().await;
        }
        let range = Range::after(after).records(2);
        let range = if pages % 2 == 0 { range } else { range.of("") };
        let page = case.store.follow(&case.log, range).await.unwrap();
        for (n, stored) in page.records.iter().enumerate() {
            let number: u64 = stored.record.data().parse().unwrap();
            let trimmed = page.bounds.trimmed;
            if number != next {
                assert!(number > next && n == 0, "{number} comes behind {}", next - 1);
                assert!(after < trimmed, "{next} is gone, and the page of {number} says {trimmed}");
            }
            assert!(trimmed < stored.position, "{number} is there, and the page says {trimmed}");
            (after, next) = (stored.position, number + 1);
        }
    }
    publish.await.unwrap();
    assert_eq!(next, ALL + 1);
}

/// A client that stops reading, while the store lets go of what it has not got, is told once, and gets all that is left.
pub async fn trimmed_under_a_slow_client<H: Harness>() {
    for slow in [Slow::Disconnect, Slow::Skip] {
        let case = Case::<H>::with_limits(Limits::records(10)).await;
        let channel = Channel::<Event>::builder().events(4);
        let channel = channel.store(Faulty::over(Arc::clone(&case.store)), "market").open().await.unwrap();
        let mut client = Client::new(&channel, LastEventId::from(None::<LastEventId>), slow);
        for n in 1..=50 {
            channel.publish(&Event::new(n.to_string())).await.unwrap();
            if n == 3 {
                client.until(&channel, "3").await;
            }
        }
        case.harness.trim().await;
        client.until(&channel, "50").await;
        let (first, rest) = client.seen.split_at(3);
        assert_eq!(first, ["1", "2", "3"]);
        assert_eq!(rest[0], "reset", "{slow:?}: it missed what came behind 3: {rest:?}");
        assert!(rest.len() > 1 && rest.len() <= 11, "{slow:?}: {rest:?}");
        let left: Vec<_> = (52 - rest.len()..=50).map(|n| n.to_string()).collect();
        assert_eq!(rest[1..], left, "{slow:?}");
    }
}
