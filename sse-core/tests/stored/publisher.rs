//! Processes that only publish.
#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

use typed_sse_core::store::{StoreErrorKind, Token};
use typed_sse_core::{
    Channel, EncodeError, Encoded, Encoder, Event, EventId, PublishError, Publisher, SseEvent, Start, Topics,
};
use typed_sse_store_conformance::{Fault, Faulty, Memory};

use crate::support::*;

async fn publisher(store: &Memory) -> Publisher<Event> {
    Channel::builder().store(store.clone(), "market").publisher().await.unwrap()
}

#[tokio::test]
async fn its_ids_are_those_of_the_channel() {
    let store = Memory::new();
    let market = open(&store).await;
    let worker = publisher(&store).await;
    let first = worker.publish(&Event::new("1")).await.unwrap();
    let own = Event::new("2").with_id(EventId::new("row 2").unwrap());
    let ids = worker.publish_all(&[own.clone(), Event::new("3")]).await.unwrap();
    let mut client = market.subscribe(None).start(Start::Earliest);
    assert_eq!(events(&mut client, 3).await, ["1", "2", "3"]);
    assert_eq!(events(&mut market.subscribe(last(&first)), 2).await, ["2", "3"]);
    assert_eq!(ids[0].as_str(), "row 2");
    assert_eq!(ids[1], market.cursor());

    let again = worker.publish(&own).await;
    assert!(matches!(again, Err(PublishError::DuplicateId { .. })), "{again:?}");
    let taken = worker.publish(&Event::new("4").with_id(first)).await;
    assert!(matches!(taken, Err(PublishError::CursorId { .. })), "{taken:?}");
    worker.finish().await.unwrap();
    let late = worker.publish(&Event::new("5")).await;
    assert!(matches!(late, Err(PublishError::Finished)), "{late:?}");
}

#[tokio::test]
async fn a_numbered_batch_is_stored_once() {
    let store = Memory::new();
    let faulty = Faulty::new(store.clone());
    let worker = Channel::<Event>::builder().store(faulty.clone(), "market").publisher().await.unwrap();
    let batch = [Event::new("1"), Event::new("2")];
    let token = Token::new("worker 7", 1, 1);
    faulty.set(Fault::LosesAnswers);
    let lost = worker.publish_once(&token, &batch).await;
    let Err(PublishError::Store(error)) = &lost else { panic!("{lost:?}") };
    assert!(error.may_have_been_stored());
    faulty.set(Fault::None);
    let again = worker.publish_once(&token, &batch).await.unwrap();
    assert!(again.is_duplicate && again.ids.len() == 2, "{again:?}");
    let gap = worker.publish_once(&Token::new("worker 7", 1, 3), &batch).await;
    assert!(
        matches!(&gap, Err(PublishError::Store(error)) if error.kind() == StoreErrorKind::Gap { expected: 2 }),
        "{gap:?}"
    );
    let mut client = open(&store).await.subscribe(None).start(Start::Earliest);
    assert_eq!(events(&mut client, 2).await, ["1", "2"]);
}

#[tokio::test]
async fn it_publishes_in_topics_and_closes_them() {
    let store = Memory::new();
    let topics = Topics::<Event>::builder().store(store.clone(), "market").open().await.unwrap();
    let worker = Topics::<Event>::builder().store(store.clone(), "market").publisher().await.unwrap();
    let mut client = topics.subscribe(["a"], None).unwrap().start(Start::Earliest);
    worker.channel("a").publish(&Event::new("1")).await.unwrap();
    worker.channel("b").publish(&Event::new("2")).await.unwrap();
    assert_eq!(events(&mut client, 1).await, ["1"]);
    worker.close("a").await.unwrap();
    assert_eq!(all(client).await, [""; 0]);
}

#[tokio::test]
async fn it_goes_on_in_another_life_of_the_log() {
    let store = Memory::new();
    let worker = publisher(&store).await;
    worker.publish(&Event::new("1")).await.unwrap();
    store.lose("market");
    let id = worker.publish(&Event::new("2")).await.unwrap();
    assert_eq!(open(&store).await.cursor(), id);
}

struct Typing;

impl SseEvent for Typing {
    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        encoder.ephemeral()?.text("...")
    }
}

#[tokio::test]
async fn what_nobody_would_get_is_refused() {
    let worker = Channel::builder().store(Memory::new(), "room").publisher().await.unwrap();
    let refused = worker.publish(&Typing).await;
    assert!(matches!(refused, Err(PublishError::Ephemeral)), "{refused:?}");
}
