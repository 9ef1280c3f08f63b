//! A server that is started anew.
#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

use futures_util::StreamExt as _;
use typed_sse_core::{Channel, Event, EventId, PublishError, Slow, SseEvent, Start};
use typed_sse_store_conformance::Memory;

use crate::support::*;

#[tokio::test]
async fn a_client_goes_on_where_it_was() {
    let store = Memory::new();
    let market = open(&store).await;
    publish(&market, 1).await;
    let two = publish(&market, 2).await;
    publish(&market, 3).await;
    drop(market);

    let market = open(&store).await;
    let mut client = market.subscribe(last(&two));
    assert_eq!(events(&mut client, 1).await, ["3"]);
    publish(&market, 4).await;
    assert_eq!(events(&mut client, 1).await, ["4"]);
    assert_quiet(&mut client);
}

#[tokio::test]
async fn what_is_published_is_there_at_once() {
    let market = open(&Memory::new()).await;
    let mut live = market.subscribe(None);
    let id = publish(&market, 1).await;
    assert_eq!(market.cursor(), id);
    assert_eq!(events(&mut live, 1).await, ["1"]);
    let mut back = market.subscribe(last(&id));
    assert_quiet(&mut back);
    let mut late = market.subscribe(None);
    assert_quiet(&mut late);
}

#[tokio::test]
async fn each_start_gives_what_it_gave_before() {
    let store = Memory::new();
    let market = open(&store).await;
    for n in 1..=10 {
        publish(&market, n).await;
    }
    for _ in 0..2 {
        let market = open(&store).await;
        let mut earliest = market.subscribe(None).start(Start::Earliest);
        assert_eq!(events(&mut earliest, 10).await, numbers(1..=10));
        let mut newest = market.subscribe(None).start(Start::Last(3));
        assert_eq!(events(&mut newest, 3).await, numbers(8..=10));
        let mut live = market.subscribe(None);
        assert_quiet(&mut live);
    }
}

#[tokio::test]
async fn the_newest_of_each_key_is_there_again() {
    let store = Memory::new();
    let prices = Channel::<Price>::builder().events(4).store(store.clone(), "market").open().await.unwrap();
    for n in 1..=20 {
        prices.publish(&Price { symbol: format!("S{}", n % 5), price: n }).await.unwrap();
    }
    drop(prices);
    let prices = Channel::<Price>::builder().events(4).store(store, "market").open().await.unwrap();
    let board = prices.subscribe(None).start(Start::LatestPerKey).no_checkpoints();
    prices.finish().await.unwrap();
    let frames: Vec<_> = board.collect().await;
    let shown: Vec<_> = frames
        .into_iter()
        .map(|frame| String::from_utf8(frame.unwrap().as_ref().to_vec()).unwrap())
        .map(|text| text.lines().find_map(|line| line.strip_prefix("data: ")).unwrap().to_owned())
        .collect();
    assert_eq!(shown, ["16", "17", "18", "19", "20"]);
}

struct Price {
    symbol: String,
    price: u32,
}

impl SseEvent for Price {
    fn encode<'a>(
        &self,
        encoder: typed_sse_core::Encoder<'a>,
    ) -> Result<typed_sse_core::Encoded<'a>, typed_sse_core::EncodeError> {
        encoder.key(&self.symbol)?.text(&self.price.to_string())
    }
}

#[tokio::test]
async fn what_is_finished_stays_so() {
    let store = Memory::new();
    let job = open(&store).await;
    let half = publish(&job, "50 %").await;
    let done = publish(&job, "100 %").await;
    job.finish().await.unwrap();
    let error = job.publish(&Event::new("x")).await.unwrap_err();
    assert!(matches!(error, PublishError::Finished), "{error}");
    drop(job);

    let job = open(&store).await;
    assert_eq!(all(job.subscribe(last(&half))).await, ["100 %"]);
    let back = job.subscribe(last(&done));
    assert_eq!(futures_core::Stream::size_hint(&back), (0, Some(0)), "an adapter answers 204");
    assert_eq!(all(back).await, [""; 0]);
    let late = job.subscribe(None).start(Start::Earliest);
    assert_eq!(all(late).await, ["50 %", "100 %"]);
    assert!(matches!(job.publish(&Event::new("x")).await, Err(PublishError::Finished)));
}

/// What finishes the log may be all that the window would have room for.
#[tokio::test]
async fn a_window_of_one_event_shows_that_there_were_some() {
    let store = Memory::new();
    let market = open(&store).await;
    let one = publish(&market, 1).await;
    publish(&market, 2).await;
    publish(&market, 3).await;
    market.finish().await.unwrap();
    let market = window(&store, 1).await;
    assert_eq!(all(market.subscribe(last(&one))).await, numbers(2..=3));
    assert_eq!(all(market.subscribe(None).start(Start::Earliest)).await, numbers(1..=3));
}

#[tokio::test]
async fn own_ids_resume_from_the_window_and_from_the_store() {
    let store = Memory::new();
    let rows = open(&store).await;
    for row in 1..=30 {
        publish_own(&rows, row).await;
    }
    drop(rows);
    let rows = window(&store, 5).await;
    for row in [1, 7, 20, 27, 29] {
        let mut client = rows.subscribe(last(&EventId::new(row.to_string()).unwrap()));
        let expected: Vec<_> = (row + 1..=30).map(|row| format!("own {row}")).collect();
        assert_eq!(events(&mut client, expected.len()).await, expected, "behind {row}");
        assert_quiet(&mut client);
    }
    let mut unknown = rows.subscribe(last(&EventId::new("no such row").unwrap()));
    assert_eq!(events(&mut unknown, 1).await, [r#"reset {"reason":"unknown","missed":null}"#]);
    let error = rows.publish(&Event::new("again").with_id(EventId::new("7").unwrap())).await.unwrap_err();
    assert!(matches!(error, PublishError::DuplicateId { .. }), "{error}");
}

#[tokio::test]
async fn another_life_of_the_log_is_told() {
    let market = open(&Memory::new()).await;
    let id = publish(&market, 1).await;
    let market = open(&Memory::new()).await;
    let mut client = market.subscribe(last(&id));
    assert_eq!(events(&mut client, 1).await, [r#"reset {"reason":"epoch","missed":null}"#]);
}

/// A client gets a state that stands at row 5, and the rows behind it, 20 in all; the window has the last three.
async fn state_at_row_five(rows_have_ids: bool) {
    let store = Memory::new();
    let mut cursor = None;
    let rows = window(&store, 3).await;
    for row in 1..=20 {
        let id = if rows_have_ids { publish_own(&rows, row).await } else { publish(&rows, row).await };
        cursor = cursor.or_else(|| (row == 5).then_some(id));
    }
    drop(rows);
    let rows = window(&store, 3).await;
    let (state, at) = (Event::new("state of 5"), cursor.unwrap());
    let snapshot = rows.subscribe(None).snapshot(move || {
        let (state, at) = (state.clone(), at.clone());
        async move { Ok::<_, std::convert::Infallible>((vec![state], at)) }
    });
    let frames: Vec<_> = snapshot.no_checkpoints().take(16).collect().await;
    let seen: Vec<_> = frames.into_iter().filter_map(|frame| shown(&frame.unwrap())).collect();
    let row = |row: u32| if rows_have_ids { format!("own {row}") } else { row.to_string() };
    let expected: Vec<_> = std::iter::once("state of 5".to_owned()).chain((6..=20).map(row)).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_snapshot_stands_in_front_of_what_the_store_has() {
    state_at_row_five(false).await;
}

#[tokio::test]
async fn a_snapshot_may_stand_at_a_row_that_only_the_store_knows() {
    state_at_row_five(true).await;
}

/// The window forgets it between two calls of the builder.
#[tokio::test]
async fn a_client_stands_where_its_own_id_stood_when_it_came() {
    let store = Memory::new();
    let rows = window(&store, 3).await;
    publish_own(&rows, 1).await;
    let mut client = rows.subscribe(last(&EventId::new("1").unwrap()));
    for row in 2..=20 {
        publish_own(&rows, row).await;
    }
    client = client.start(Start::Earliest).slow(Slow::Skip);
    let own: Vec<_> = (2..=20).map(|row| format!("own {row}")).collect();
    assert_eq!(events(&mut client, 19).await, own);
}

#[tokio::test]
async fn a_client_with_an_id_that_only_the_store_knows_needs_no_snapshot() {
    let store = Memory::new();
    let rows = window(&store, 3).await;
    for row in 1..=20 {
        publish_own(&rows, row).await;
    }
    let never = || async { Err::<(Vec<Event>, EventId), _>("a snapshot is made") };
    let back = rows.subscribe(last(&EventId::new("4").unwrap())).snapshot(never);
    let frames: Vec<_> = back.take(16).collect().await;
    let seen: Vec<_> = frames.into_iter().filter_map(|frame| shown(&frame.unwrap())).collect();
    assert_eq!(seen, (5..=20).map(|row| format!("own {row}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_narrow_client_and_one_with_an_end_read_pages_as_they_read_the_window() {
    let store = Memory::new();
    let market = window(&store, 5).await;
    let first = publish(&market, 1).await;
    for n in 2..=60 {
        publish(&market, n).await;
    }
    let ends_with =
        |text: &'static str| move |frame: &typed_sse_core::Frame| frame.as_ref().ends_with(text.as_bytes());
    let mut narrow = market.subscribe(last(&first)).filter(ends_with("5\n\n"));
    assert_eq!(events(&mut narrow, 6).await, ["5", "15", "25", "35", "45", "55"]);
    assert_quiet(&mut narrow);
    let until = market.subscribe(last(&first)).until(ends_with("data: 20\n\n"));
    assert_eq!(all(until).await, numbers(2..=20));
}

#[tokio::test]
async fn ids_come_in_the_order_of_the_events() {
    let rows = open(&Memory::new()).await;
    let own = |id: &str| Event::new("x").with_id(EventId::new(id).unwrap());
    let ids = rows.publish_all(&[own("a"), Event::new("y"), own("b")]).await.unwrap();
    assert_eq!([ids[0].as_str(), ids[2].as_str()], ["a", "b"]);
    assert!(ids[1].as_str().ends_with("-2"), "{ids:?}");
    let error = rows.publish_all(&[own("c"), own("a")]).await.unwrap_err();
    assert!(error.to_string().contains("`a`"), "{error}");
    let mut client = rows.subscribe(last(&EventId::new("b").unwrap()));
    assert_quiet(&mut client);
}

#[tokio::test]
async fn a_terminal_event_finishes_the_log_in_the_store() {
    use typed_sse_core::{EncodeError, Encoded, Encoder};
    struct Step(bool);
    impl SseEvent for Step {
        fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
            if self.0 { encoder.terminal()?.text("done") } else { encoder.text("on") }
        }
    }
    let store = Memory::new();
    let job = Channel::<Step>::builder().store(store.clone(), "job").open().await.unwrap();
    let error = job.publish_all(&[Step(true), Step(false)]).await.unwrap_err();
    assert!(matches!(error, PublishError::Finished), "{error}");
    let ids = job.publish_all(&[Step(false), Step(true)]).await.unwrap();
    assert_eq!(ids.len(), 2);
    assert!(matches!(job.publish(&Step(false)).await, Err(PublishError::Finished)));
    let job = Channel::<Step>::builder().store(store, "job").open().await.unwrap();
    assert!(matches!(job.publish(&Step(false)).await, Err(PublishError::Finished)));
    let back = job.subscribe(last(&ids[1]));
    assert_eq!(futures_core::Stream::size_hint(&back), (0, Some(0)));
}
