//! Servers that keep their promise: whatever they rightly do is no violation. And the same with a frame lost.

use std::convert::Infallible;
use std::pin::Pin;

use futures_util::{Stream, StreamExt as _};
use typed_sse_core::testing::{Client, Ledger, Terms, ViolationKind};
use typed_sse_core::{
    Channel, Event, EventId, EventStream, EventType, Frame, LastEventId, ResetReason, Slow, Start,
    SubscriptionError, Topics,
};

use super::scene::{Note, Price};

type Body<'a> = Pin<Box<dyn Stream<Item = Result<Frame, SubscriptionError>> + 'a>>;

/// What a server sends that loses the event of this number, counted from 0.
fn losing<'a>(
    lost: Option<usize>,
    frames: impl Stream<Item = Result<Frame, SubscriptionError>> + 'a,
) -> Body<'a> {
    let mut n = 0;
    Box::pin(frames.filter(move |frame| {
        let is_event = frame.as_ref().is_ok_and(Frame::is_event);
        let is_lost = is_event && lost == Some(n);
        n += usize::from(is_event);
        std::future::ready(!is_lost)
    }))
}

fn numbered(n: u32) -> Event {
    Event::new(n.to_string())
}

fn with_id(id: &str) -> Event {
    Event::new(id).with_id(EventId::new(id).unwrap())
}

#[tokio::test(start_paused = true)]
async fn over_restarts_and_with_own_ids() {
    let ledger = Ledger::new().retaining(3);
    let mut client = ledger.client();
    for life in 0..3 {
        let channel = Channel::builder().events(3).build();
        for connection in 0..4 {
            let last = client.come_back().await;
            client.open(EventStream::new(channel.subscribe(last).start(Start::Earliest)));
            client.ready();
            ledger.check_caught_up(&mut client).unwrap();
            for n in 0..connection {
                ledger.publish(&channel, &with_id(&format!("{life}.{connection}.{n}"))).await.unwrap();
                client.ready();
                ledger.publish(&channel, &numbered(n)).await.unwrap();
                ledger.check(&mut client).unwrap();
                client.clear();
            }
        }
    }
}

#[tokio::test]
async fn one_of_several_topics_that_cannot_resume() {
    let names = ["quiet", "busy"];
    for lost in [None, Some(1)] {
        let topics = Topics::builder().channel(Channel::builder().events(2)).build();
        let (quiet, busy) = (topics.channel("quiet").unwrap(), topics.channel("busy").unwrap());
        let ledger = Ledger::new().retaining(2);
        let mut client = ledger.client();
        client.set_terms(Terms::new().topics(names).start(Start::Live));
        client.open(losing(None, topics.subscribe(names, client.last_event_id()).unwrap()));
        ledger.publish_in("quiet", &quiet, &numbered(1)).await.unwrap();
        client.expect([numbered(1)]).await.unwrap();
        client.disconnect();

        ledger.publish_in("quiet", &quiet, &numbered(2)).await.unwrap();
        for n in 3..8 {
            ledger.publish_in("busy", &busy, &numbered(n)).await.unwrap();
        }
        client.open(losing(lost, topics.subscribe(names, client.last_event_id()).unwrap()));
        client.ready();
        // The reset is that of the busy one: the quiet one goes on as if nothing had been.
        let checked = ledger.check_caught_up(&mut client);
        assert_eq!(
            checked.map_err(|violation| violation.kind()),
            match lost {
                None => Ok(()),
                Some(_) => Err(ViolationKind::Missing),
            }
        );
    }
}

#[tokio::test]
async fn a_topic_that_was_forgotten_resets_only_who_missed_some_of_it() {
    let topics = Topics::builder().topics(2).build();
    let ledger = Ledger::new();
    let busy = topics.channel("busy").unwrap();
    let mut client = ledger.client();
    client.set_terms(Terms::new().topics(["busy"]).start(Start::Live));
    client.open(topics.subscribe(["busy"], client.last_event_id()).unwrap());
    ledger.publish_in("busy", &busy, &numbered(1)).await.unwrap();
    client.expect([numbered(1)]).await.unwrap();
    client.disconnect();
    ledger.publish_in("gone", &topics.channel("gone").unwrap(), &numbered(2)).await.unwrap();
    ledger.publish_in("busy", &busy, &numbered(3)).await.unwrap();

    let last = client.last_event_id();
    for (name, first) in [("new", "3"), ("gone", r#"{"reason":"trimmed","missed":null}"#)] {
        // It is made only when another one has been forgotten for it.
        let names = ["busy", name];
        let mut client = Client::new();
        client.open(topics.subscribe(names, last.clone()).unwrap());
        assert_eq!(client.ready()[0].data(), first);
    }
    client.set_terms(Terms::new().topics(["busy", "gone"]).start(Start::Live));
    client.open(topics.subscribe(["busy", "gone"], last).unwrap());
    client.ready();
    ledger.check_caught_up(&mut client).unwrap();
}

#[tokio::test]
async fn a_snapshot_without_hole_or_overlap() {
    for (lost, kind) in [(None, None), (Some(2), Some(ViolationKind::Missing))] {
        let channel = Channel::new();
        let ledger = Ledger::new();
        for n in 0..3 {
            ledger.publish(&channel, &numbered(n)).await.unwrap();
        }
        let state = || async {
            let state = Event::new("all").with_event_type(EventType::from_static("state"));
            let cursor = channel.cursor();
            // Published while the state is read.
            ledger.publish(&channel, &numbered(3)).await.unwrap();
            Ok::<_, Infallible>((vec![state.clone(), state], cursor))
        };
        let mut client = ledger.client();
        client.set_terms(Terms::new().besides(|event| event.event_type() == "state"));
        client.open(losing(lost, channel.subscribe(client.last_event_id()).snapshot(state)));
        client.ready();
        ledger.publish(&channel, &numbered(4)).await.unwrap();
        client.ready();
        let checked = ledger.check_caught_up(&mut client);
        assert_eq!(checked.err().map(|violation| violation.kind()), kind);
    }
}

#[tokio::test]
async fn a_reset_of_the_applications_own() {
    let start_over = EventType::from_static("start_over");
    let event_type = start_over.clone();
    let channel = Channel::builder()
        .events(2)
        .reset_with(move |reset| {
            Event::new(reset.missed.unwrap_or(0).to_string()).with_event_type(event_type.clone())
        })
        .build();
    let read = move |lie: u64| {
        move |event: &Event| {
            let missed = event.data().parse::<u64>().ok()?;
            (event.event_type() == "start_over").then_some((ResetReason::Trimmed, Some(missed + lie)))
        }
    };
    for (terms, kind) in [
        (Terms::new().reset(read(0)), None),
        (Terms::new().reset(read(1)), Some(ViolationKind::UntrueReset)),
        (Terms::new(), Some(ViolationKind::Altered)),
    ] {
        let ledger = Ledger::new();
        let mut client = ledger.client();
        client.set_terms(terms);
        client.open(channel.subscribe(client.last_event_id()));
        ledger.publish(&channel, &numbered(0)).await.unwrap();
        client.next().await.unwrap();
        client.disconnect();
        for n in 1..5 {
            ledger.publish(&channel, &numbered(n)).await.unwrap();
        }
        client.open(channel.subscribe(client.last_event_id()).start(Start::Earliest));
        client.ready();
        let checked = ledger.check_caught_up(&mut client);
        assert_eq!(checked.err().map(|violation| violation.kind()), kind);
    }
}

#[tokio::test]
async fn what_an_application_publishes_itself() {
    let channel = Channel::builder().events(100).build();
    let ledger = Ledger::new();
    let mut witness = channel.subscribe(None);
    let publisher = {
        let channel = channel.clone();
        async move {
            for n in 0..50 {
                channel.publish(&numbered(n)).await.unwrap();
                tokio::task::yield_now().await;
            }
        }
    };
    let mut clients: Vec<_> = [None, Some(20)]
        .into_iter()
        .map(|lost| {
            let mut client = Client::new();
            client.open(losing(lost, channel.subscribe(client.last_event_id())));
            client
        })
        .collect();
    tokio::join!(publisher, async { clients[0].take(30).await.unwrap() });
    // One that comes back from the middle.
    let last = clients[0].last_event_id();
    clients[0].open(losing(None, channel.subscribe(last)));
    clients.iter_mut().for_each(|client| drop(client.ready()));
    ledger.witness("", &mut witness).unwrap();
    assert_eq!(ledger.len(), 50);
    ledger.check_caught_up(&mut clients[0]).unwrap();
    assert_eq!(ledger.check(&mut clients[1]).unwrap_err().kind(), ViolationKind::Missing);

    // A witness that was too slow for its channel says so, and is none.
    for n in 50..200 {
        channel.publish(&numbered(n)).await.unwrap();
    }
    assert!(matches!(ledger.witness("", &mut witness), Err(SubscriptionError::Lagged)));
    // What no client dispatches is not entered, nor is a reset.
    let mut reset = channel.subscribe(LastEventId::from("nonsense"));
    ledger.witness("", &mut reset).unwrap();
    assert_eq!(ledger.len(), 50);
}

#[tokio::test]
async fn a_topic_that_is_new_before_one_learns_what_it_lost() {
    let topics = Topics::builder().channel(Channel::builder().events(2).slow(Slow::Skip)).build();
    let ledger = Ledger::new();
    let a = topics.channel("a").unwrap();
    let mut client = ledger.client();
    client.set_terms(Terms::new().topics(["a", "b"]).slow(Slow::Skip).start(Start::Live));
    client.open(topics.subscribe(["a", "b"], client.last_event_id()).unwrap());
    client.ready();
    for (n, expected) in [(0..9, "reset"), (9..19, "message")] {
        for n in n {
            ledger.publish_in("a", &a, &numbered(n)).await.unwrap();
        }
        assert_eq!(client.ready_up_to(1)[0].event_type(), expected);
        ledger.check(&mut client).unwrap();
    }
    // The reset that it is owed comes behind the first event of another topic.
    ledger.publish_in("b", &topics.channel("b").unwrap(), &numbered(20)).await.unwrap();
    assert_eq!(client.ready_up_to(1)[0].event_type(), "reset");
    ledger.check(&mut client).unwrap();
}

#[tokio::test]
async fn the_state_of_one_topic_behind_the_whole_of_another() {
    let topics = Topics::builder().channel(Channel::builder().events(3).slow(Slow::Skip)).build();
    let ledger = Ledger::new().retaining(3);
    let [b, d] = ["b", "d"].map(|name| topics.channel(name).unwrap());
    let open = |last: LastEventId| topics.subscribe(["b", "d"], last).unwrap().start(Start::LatestPerKey);
    let mut client = ledger.client();
    client.set_terms(Terms::new().topics(["b", "d"]).slow(Slow::Skip).start(Start::LatestPerKey));
    ledger.publish_in("d", &d, &Price("1", 0)).await.unwrap();
    client.open(open(client.last_event_id()));
    // b overtakes it before it reads.
    ledger.publish_in("b", &b, &Price("2", 0)).await.unwrap();
    for n in 0..5 {
        ledger.publish_in("b", &b, &Note(n)).await.unwrap();
    }
    client.ready_up_to(1);
    client.disconnect();
    ledger.check(&mut client).unwrap();
    client.open(open(client.last_event_id()));
    client.ready();
    ledger.check_caught_up(&mut client).unwrap();
}
