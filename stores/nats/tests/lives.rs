//! Streams that are emptied, deleted, or not fit; what is trimmed, and what others find then.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod support;

use std::time::Duration;

use futures_util::future::join_all;
use support::{Server, data, event, messages, open, push};
use tokio::time::{sleep, timeout};
use typed_sse_core::store::{Batch, Range, Record, Store as _, StoreErrorKind, StoredLog, Token};
use typed_sse_nats::Nats;

/// Whatever is called with a log of another life says so.
async fn is_over(store: &Nats, log: &StoredLog) {
    let error = store.read(log, Range::after(0)).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Epoch, "{error}");
    let error = push(store, log, "x").await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Epoch, "{error}");
}

#[tokio::test]
async fn a_stream_that_was_deleted_begins_another_life() {
    let server = Server::start();
    let (store, log) = open(&server).await;
    let (other, _) = open(&server).await;
    push(&store, &log, "a").await.unwrap();
    server.api("STREAM.DELETE.sse_market", "").await;
    is_over(&store, &log).await;
    let again = store.open("market").await.unwrap();
    assert_ne!(again.epoch(), log.epoch());
    push(&store, &again, "b").await.unwrap();
    // One who has not noticed.
    is_over(&other, &log).await;
    assert_eq!(other.open("market").await.unwrap(), again);
    assert_eq!(data(&other, &again).await, ["b"]);
}

/// A record is missing that nobody trimmed: all readers begin anew, once, and go on with what is there.
#[tokio::test]
async fn a_stream_that_was_purged_begins_another_life() {
    for request in ["", "{\"keep\":1}", "{\"seq\":3}"] {
        let server = Server::start();
        let (store, log) = open(&server).await;
        let (other, _) = open(&server).await;
        for text in ["a", "b", "c"] {
            push(&store, &log, text).await.unwrap();
        }
        server.api("STREAM.PURGE.sse_market", request).await;
        is_over(&store, &log).await;
        let again = store.open("market").await.unwrap();
        assert_ne!(again.epoch(), log.epoch());
        push(&store, &again, "d").await.unwrap();
        let left: &[&str] = match request {
            "" => &["d"],
            "{\"keep\":1}" => &["c", "d"],
            _ => &["b", "c", "d"],
        };
        assert_eq!(data(&store, &again).await, left);
        assert_eq!(other.open("market").await.unwrap(), again, "one life more, however many notice");
        let (third, same) = open(&server).await;
        assert_eq!(same, again);
        assert_eq!(data(&third, &same).await, left);
    }
}

/// Each of them begins a life for what is missing, and one of these counts.
#[tokio::test]
async fn many_who_notice_at_once_begin_one_life() {
    let server = Server::start();
    let mut all = Vec::new();
    for _ in 0..8 {
        all.push(open(&server).await);
    }
    let (store, log) = &all[0];
    for text in ["a", "b", "c"] {
        push(store, log, text).await.unwrap();
    }
    server.api("STREAM.PURGE.sse_market", "{\"keep\":1}").await;
    let noticed = all.iter().map(async |(store, log)| {
        let error = store.read(log, Range::after(0)).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Epoch, "{error}");
        store.open("market").await.unwrap()
    });
    let again = join_all(noticed).await;
    assert!(again.iter().all(|new| *new == again[0] && new != log), "{again:?}");
    let info = server.api("STREAM.INFO.sse_market", "{\"subjects_filter\":\"sse.market.state\"}").await;
    assert!(info.contains("\"sse.market.state\":1"), "{info}");
}

/// One record is deleted in the middle: whoever would have to read it says so, and what is left goes on.
#[tokio::test]
async fn a_record_that_was_deleted_begins_another_life() {
    let server = Server::start();
    let (store, log) = open(&server).await;
    let mut positions = Vec::new();
    for text in ["a", "b", "c"] {
        positions.push(push(&store, &log, text).await.unwrap().positions[0]);
    }
    // It knows of them, and has to read them.
    let (other, _) = open(&server).await;
    let deleted = positions[1] >> 16;
    server.api("STREAM.MSG.DELETE.sse_market", &format!("{{\"seq\":{deleted}}}")).await;
    drop(store);
    let large = "x".repeat(1 << 20);
    for _ in 0..18 {
        push(&other, &log, &large).await.unwrap();
    }
    let error = other.read(&log, Range::after(0)).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Epoch, "{error}");
    let again = other.open("market").await.unwrap();
    let read = data(&other, &again).await;
    assert_eq!((read.len(), &read[..2]), (20, &["a".to_owned(), "c".to_owned()][..]));
}

/// Nobody was there when it was purged.
#[tokio::test]
async fn a_stream_that_was_purged_meanwhile_begins_another_life() {
    let server = Server::start();
    let (store, log) = open(&server).await;
    push(&store, &log, "a").await.unwrap();
    push(&store, &log, "b").await.unwrap();
    drop(store);
    server.api("STREAM.PURGE.sse_market", "{\"keep\":1}").await;
    let (store, again) = open(&server).await;
    assert_ne!(again.epoch(), log.epoch());
    assert_eq!(data(&store, &again).await, ["b"]);
}

/// The newest message is another than before, as after a backup: found by whoever had seen it.
#[tokio::test]
async fn a_follower_notices_a_lost_end() {
    let server = Server::start();
    let (store, log) = open(&server).await;
    push(&store, &log, "a").await.unwrap();
    let last = push(&store, &log, "b").await.unwrap().positions[0] >> 16;
    server.api("STREAM.MSG.DELETE.sse_market", &format!("{{\"seq\":{last}}}")).await;
    server.kill();
    server.start_again();
    let over = async {
        while store.open("market").await.unwrap() == log {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(20), over).await.unwrap();
    is_over(&store, &log).await;
}

/// What is trimmed goes from the stream, and whoever comes then knows all that was known.
#[tokio::test]
async fn what_is_trimmed_is_deleted_and_not_forgotten() {
    let server = Server::start();
    let open = async || {
        let store = Nats::builder().events(10).connect(server.url()).await.unwrap();
        let log = store.open("market").await.unwrap();
        (store, log)
    };
    let (store, log) = open().await;
    let keyed = Record::from_fields([("data", "old"), ("key", "k"), ("topic", "a")]).unwrap();
    let keyed = store.append(&log, Batch::new(&[keyed])).await.unwrap().positions[0];
    store.append(&log, Batch::new(&[Record::finish("done")])).await.unwrap();
    let token = Token::new("importer", 3, 1);
    let of_token = [event("by token")];
    store.append(&log, Batch::new(&of_token).with_token(&token)).await.unwrap();
    let closed = store.append(&log, Batch::new(&[Record::close("gone")])).await.unwrap().positions[0];
    let record = |topic: &str, n: u32| {
        let (data, id) = (format!("{topic} {n}"), format!("row {n}"));
        Record::from_fields([("data", data), ("id", id), ("topic", topic.to_owned())]).unwrap()
    };
    let mut positions = Vec::new();
    for n in 0..3000 {
        let records = [record("a", n), record("b", n)];
        let batch = if n % 3 == 0 { &records[..] } else { &records[..1] };
        positions.push(store.append(&log, Batch::new(batch)).await.unwrap().positions[0]);
        // Refused ones lie between them.
        if n % 10 == 0 {
            store.append(&log, Batch::new(&records[..1])).await.unwrap_err();
        }
    }
    let fewer = async {
        while messages(&server).await > 1500 {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(20), fewer).await.unwrap();

    let (new, same) = open().await;
    assert_eq!(same, log);
    for store in [&store, &new] {
        let read = |topic| Range::after(0).of(topic);
        let page = store.read(&log, read("a")).await.unwrap();
        let texts: Vec<_> = page.records.iter().map(|stored| stored.record.data()).collect();
        assert_eq!(texts, (2990..3000).map(|n| format!("a {n}")).collect::<Vec<_>>());
        assert_eq!(page.bounds.trimmed, positions[2989]);
        assert_eq!(store.find(&log, "a", "row 2989").await.unwrap(), Some(positions[2989]));
        assert_eq!(store.find(&log, "a", "row 2988").await.unwrap(), None);
        let newest = store.newest(&log, read("a")).await.unwrap();
        assert_eq!(newest.records[0].position, keyed, "kept for its key");
        assert_eq!(newest.records[0].record.data(), "old");
        let page = store.read(&log, read("b")).await.unwrap();
        assert_eq!((page.records.len(), page.records[9].record.data()), (10, "b 2997"));
        assert!(store.read(&log, read("done")).await.unwrap().bounds.finished.is_some());
        assert_eq!(store.read(&log, read("gone")).await.unwrap().bounds.closed, closed);
        let again = store.append(&log, Batch::new(&of_token).with_token(&token)).await.unwrap();
        assert!(again.is_duplicate && again.positions.len() == 1, "{again:?}");
        let error = store.append(&log, Batch::new(&[record("a", 2995)])).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::DuplicateId { position: positions[2995] });
    }
    let one = store.read(&log, Range::after(0)).await.unwrap();
    assert_eq!(one, new.read(&log, Range::after(0)).await.unwrap());
}

/// Several processes trim one stream, each begins at another time, and the server is killed now and then: all see the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_who_trim_see_the_same() {
    let server = Server::start();
    let open = async || {
        let store = Nats::builder().events(20).connect(server.url()).await.unwrap();
        let log = store.open("market").await.unwrap();
        (store, log)
    };
    let mut stores = vec![open().await];
    for round in 0..6_u64 {
        let publishing: Vec<_> = stores
            .iter()
            .enumerate()
            .map(|(n, (store, log))| {
                let (store, log) = (store.clone(), log.clone());
                tokio::spawn(async move {
                    for number in 1..=400 {
                        let token = Token::new(format!("{n} {round}"), 0, number);
                        let records = [event(&format!("{n} {round} {number}")), event("x")];
                        while store.append(&log, Batch::new(&records).with_token(&token)).await.is_err() {}
                    }
                })
            })
            .collect();
        sleep(Duration::from_millis(fastrand::u64(20..200))).await;
        server.kill();
        server.start_again();
        for publisher in publishing {
            timeout(Duration::from_secs(60), publisher).await.unwrap().unwrap();
        }
        stores.push(open().await);
        let mut pages = Vec::new();
        for (store, log) in &stores {
            let page = store.read(log, Range::after(0)).await.unwrap();
            assert_eq!((log.epoch(), page.records.len()), (stores[0].1.epoch(), 20));
            pages.push(page);
        }
        assert!(pages.iter().all(|page| *page == pages[0]), "round {round}");
    }
    assert!(messages(&server).await < 5_000, "of {} that were published", 6 * 7 / 2 * 400);
}

/// To bounds of age and keys, which the suite does not set.
#[tokio::test]
async fn what_is_too_old_goes_and_keys_are_bounded() {
    let server = Server::start();
    let builder = Nats::builder().age(Duration::from_millis(300)).keys(2);
    let store = builder.connect(server.url()).await.unwrap();
    let log = store.open("market").await.unwrap();
    let mut positions = Vec::new();
    for (key, text) in [("a", "a1"), ("b", "b1"), ("c", "c1"), ("d", "d1")] {
        let record = Record::from_fields([("data", text), ("key", key), ("id", key)]).unwrap();
        positions.push(store.append(&log, Batch::new(&[record])).await.unwrap().positions[0]);
    }
    sleep(Duration::from_millis(500)).await;
    assert_eq!(data(&store, &log).await, ["d1"], "the newest of a log stays");
    assert_eq!(store.find(&log, "", "c").await.unwrap(), Some(positions[2]), "its client has missed nothing");
    assert_eq!(store.find(&log, "", "b").await.unwrap(), None);
    let newest = store.newest(&log, Range::after(0).of("")).await.unwrap();
    let texts: Vec<_> = newest.records.iter().map(|stored| stored.record.data()).collect();
    // Of four keys, two: those whose events are retained count as well.
    assert_eq!((texts, newest.bounds.keys_trimmed), (vec!["c1", "d1"], positions[1]));
    assert_eq!(newest.bounds.trimmed, positions[2]);
}

#[tokio::test]
async fn a_stream_that_is_not_fit_is_told() {
    let server = Server::start();
    let store = Nats::connect(server.url()).await.unwrap();
    for (setting, words) in [
        ("\"max_msgs\":5", "`max_msgs`"),
        ("\"max_msgs_per_subject\":5", "`max_msgs_per_subject`"),
        ("\"max_age\":5000000000", "`max_age`"),
        ("\"max_bytes\":5000", "`max_bytes`"),
        ("\"allow_direct\":false", "`allow_direct`"),
        ("\"retention\":\"interest\"", "retention"),
        ("\"deny_delete\":true", "delete"),
        ("\"duplicate_window\":1000000000", "`duplicate_window`"),
        ("\"subjects\":[\"sse.market.events\"]", "subjects"),
    ] {
        let name = setting.split('"').nth(1).unwrap();
        let fit = [
            ("subjects", "\"subjects\":[\"sse.market.>\"]"),
            ("allow_direct", "\"allow_direct\":true"),
            ("duplicate_window", "\"duplicate_window\":120000000000"),
        ];
        let fit: String =
            fit.iter().filter(|(other, _)| *other != name).map(|(_, text)| format!(",{text}")).collect();
        let age = if name == "max_age" { ",\"duplicate_window\":5000000000" } else { "" };
        let fit = if age.is_empty() { fit } else { fit.replace(",\"duplicate_window\":120000000000", age) };
        let request =
            format!("{{\"name\":\"sse_market\",\"storage\":\"file\",\"num_replicas\":1,{setting}{fit}}}");
        let made = server.api("STREAM.CREATE.sse_market", &request).await;
        assert!(made.contains("did_create"), "{made}");
        let error = store.open("market").await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Other, "{error}");
        assert!(error.to_string().contains(words) && error.to_string().contains("sse_market"), "{error}");
        server.api("STREAM.DELETE.sse_market", "").await;
    }
}

#[tokio::test]
async fn a_newer_version_is_told() {
    let server = Server::start();
    let (store, log) = open(&server).await;
    push(&store, &log, "a").await.unwrap();
    let mut headers = async_nats::HeaderMap::new();
    headers.insert("sse-v", "2");
    let client = server.client().await;
    client.publish_with_headers("sse.market.events", headers, "b".into()).await.unwrap();
    client.flush().await.unwrap();
    let told = async {
        loop {
            match store.read(&log, Range::after(0)).await {
                Err(error) if error.kind() == StoreErrorKind::Version => return,
                _ => sleep(Duration::from_millis(10)).await,
            }
        }
    };
    timeout(Duration::from_secs(10), told).await.unwrap();
    let error = push(&store, &log, "c").await.unwrap_err();
    assert!(error.kind() == StoreErrorKind::Version && !error.may_have_been_stored(), "{error}");
    let other = Nats::builder().time_limit(Duration::from_secs(2)).connect(server.url()).await.unwrap();
    assert_eq!(other.open("market").await.unwrap_err().kind(), StoreErrorKind::Version);
}

/// It says which message is in the way, also to who publishes, soon; without that one all is as before.
#[tokio::test]
async fn what_is_no_checkpoint_is_named() {
    let server = Server::start();
    let patient = Nats::builder().time_limit(Duration::from_secs(600)).connect(server.url());
    let (store, (other, _)) = (patient.await.unwrap(), open(&server).await);
    let log = store.open("market").await.unwrap();
    let first = push(&store, &log, "a").await.unwrap().positions[0] >> 16;
    let client = server.client().await;
    let stored = client.request("sse.market.state", "hello".into()).await.unwrap();
    assert!(stored.payload.starts_with(b"{\"stream\""), "{stored:?}");
    let words = format!("`nats stream rmm sse_market {}`", first + 1);
    for _ in 0..2 {
        // The first may have come before it was noticed.
        let told = timeout(Duration::from_secs(20), push(&store, &log, "b")).await.unwrap().unwrap_err();
        assert!(told.kind() == StoreErrorKind::Corrupt && told.to_string().contains(&words), "{told}");
    }
    let told = push(&store, &log, "b").await.unwrap_err();
    assert!(!told.may_have_been_stored(), "{told}");
    for told in
        [other.open("market").await.unwrap_err(), other.read(&log, Range::after(0)).await.unwrap_err()]
    {
        assert!(told.kind() == StoreErrorKind::Corrupt && told.to_string().contains(&words), "{told}");
    }
    let answer = server.api("STREAM.MSG.DELETE.sse_market", &format!("{{\"seq\":{}}}", first + 1)).await;
    assert!(answer.contains("\"success\":true"), "{answer}");
    let goes_on = async {
        while push(&store, &log, "c").await.is_err() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(20), goes_on).await.unwrap();
    let seen = data(&store, &log).await;
    assert!(
        seen.first().is_some_and(|first| first == "a") && seen.last().is_some_and(|last| last == "c"),
        "{seen:?}"
    );
    // It has to look once more.
    let same = async {
        loop {
            match other.open("market").await {
                Ok(same) => return same,
                Err(_) => sleep(Duration::from_millis(10)).await,
            }
        }
    };
    assert_eq!(timeout(Duration::from_secs(20), same).await.unwrap(), log, "it is the same life");
}
