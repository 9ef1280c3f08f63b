//! What the typed client makes of an adapter.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use typed_sse_client::{Backoff, Client, End, Event, Item, ResetReason};
use typed_sse_core::Channel;

use crate::app::Server;
use crate::client::DEADLINE;

/// It comes with an ID of another log, and is cut again and again wherever that falls: one reset, then every event once and in
/// order, up to the end.
pub async fn the_typed_client_misses_nothing(server: Server) {
    const CUTS: usize = 16;
    const EVENTS: u32 = 300;

    let (url, connections) = line(&server, CUTS).await;
    let wait = Duration::from_millis(1);
    let backoff = Backoff::new().with_initial(wait).with_floor(wait).with_max(wait).with_jitter(0.0);
    let client = Client::<Event>::get(url).last_event_id("abcdefgh-1").backoff(backoff);
    let mut items = client.items();
    let mut resets = Vec::new();
    let mut received = Vec::new();
    let mut publishing = None;
    let read = async {
        while let Some(item) = items.next().await {
            match item.unwrap() {
                Item::Event { event, id } => received.push((id.to_string(), event.data().to_owned())),
                Item::Reset(reset) => {
                    resets.push((reset.reason, reset.missed));
                    let channel = server.app.channel.clone();
                    publishing.get_or_insert_with(|| tokio::spawn(publish_all(channel, EVENTS)));
                }
                Item::State(_) => {}
                other => panic!("{other:?}"),
            }
        }
    };
    let read = timeout(DEADLINE, read).await;
    assert!(read.is_ok(), "no end behind {:?}", received.last());
    assert_eq!(resets, [(ResetReason::Epoch, None)]);
    assert_eq!(received, publishing.unwrap().await.unwrap());
    assert_eq!(items.end(), Some(End::NoContent));
    let connections = connections.load(Ordering::Relaxed);
    assert!(connections > CUTS, "{connections} connections");
}

/// Publishes slowly, and finishes the channel. Returns ID and data of each event.
async fn publish_all(channel: Channel<Event>, events: u32) -> Vec<(String, String)> {
    let mut published = Vec::new();
    for n in 0..events {
        sleep(Duration::from_millis(2)).await;
        let id = channel.publish(&Event::new(n.to_string())).await.unwrap();
        published.push((id.to_string(), n.to_string()));
    }
    channel.finish_now();
    published
}

/// A line to the server's `/events`, of which the first connections are cut behind some bytes of the response, each a
/// little later than the one before. Also how many connections there were.
async fn line(server: &Server, cuts: usize) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/events", listener.local_addr().unwrap());
    let (address, connections) = (server.address, Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let number = count.fetch_add(1, Ordering::Relaxed);
            let bytes = if number < cuts { 300 + 17 * number as u64 } else { u64::MAX };
            let upstream = TcpStream::connect(address).await.unwrap();
            tokio::spawn(relay(client, upstream, bytes));
        }
    });
    (url, connections)
}

/// Relays until one side ends, or the server has sent so many bytes.
async fn relay(client: TcpStream, upstream: TcpStream, bytes: u64) {
    let ((mut from_client, mut to_client), (from_server, mut to_server)) =
        (client.into_split(), upstream.into_split());
    let mut from_server = from_server.take(bytes);
    tokio::select! {
        _ = tokio::io::copy(&mut from_client, &mut to_server) => {}
        _ = tokio::io::copy(&mut from_server, &mut to_client) => {}
    }
    let _ = to_client.shutdown().await;
}
