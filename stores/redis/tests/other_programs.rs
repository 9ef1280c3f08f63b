//! What programs write, and read, that know nothing of this crate: here `redis-cli`.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod support;

use std::time::{Duration, Instant};

use support::Server;
use tokio::time::timeout;
use typed_sse_core::store::{Batch, Range, Record, Store, StoreErrorKind, StoredLog};
use typed_sse_redis::Redis;

async fn open(server: &Server) -> (Redis, StoredLog) {
    let store = Redis::connect(server.url()).await.unwrap();
    let log = store.open("market").await.unwrap();
    (store, log)
}

/// Adds an entry with an ID of the server's choice. That ID.
fn xadd(server: &Server, fields: &[&str]) -> String {
    server.cli(&[&["XADD", "{market}", "*"], fields].concat())
}

async fn push<const N: usize>(store: &Redis, log: &StoredLog, fields: [(&str, &str); N]) -> u64 {
    let record = Record::from_fields(fields).unwrap();
    store.append(log, Batch::new(&[record])).await.unwrap().positions[0]
}

async fn data(store: &Redis, log: &StoredLog, range: Range<'_>) -> Vec<String> {
    let page = store.read(log, range).await.unwrap();
    page.records.iter().map(|stored| stored.record.data().to_owned()).collect()
}

#[tokio::test]
async fn redis_cli_shows_the_fields() {
    let server = Server::start(&[]);
    let (store, log) = open(&server).await;
    let position =
        push(&store, &log, [("event", "price"), ("data", "{\"euro\":7}"), ("id", "7"), ("key", "x")]).await;
    let id = format!("{}-{}", position >> 20, position & 0xf_ffff);
    let shown = server.cli(&["XRANGE", "{market}", "-", "+"]);
    let lines: Vec<_> = shown.lines().collect();
    assert_eq!(lines, [&*id, "event", "price", "data", "{\"euro\":7}", "id", "7", "key", "x"]);
    assert_eq!(server.cli(&["HGET", "{market}:ids:", "7"]), format!("{position:016x}"));
    assert_eq!(server.cli(&["HGET", "{market}:meta", "epoch"]), log.epoch().to_string());
}

#[tokio::test]
async fn what_they_add_is_read_in_its_order() {
    let server = Server::start(&[]);
    // Before any server of ours was there.
    xadd(&server, &["event", "price_changed", "data", "first"]);
    let (store, log) = open(&server).await;
    let second = push(&store, &log, [("data", "second")]).await;
    xadd(&server, &["event", "price_changed", "data", "third", "id", "7", "key", "x", "topic", "a"]);
    push(&store, &log, [("data", "fourth")]).await;
    assert_eq!(data(&store, &log, Range::after(0)).await, ["first", "second", "third", "fourth"]);
    let page = store.read(&log, Range::after(second)).await.unwrap();
    assert_eq!(page.records[0].record.event_type(), "price_changed");
    assert_eq!(data(&store, &log, Range::after(0).of("a")).await, ["third"]);
    assert_eq!(store.find(&log, "a", "7").await.unwrap(), Some(page.records[0].position));
    let newest = store.newest(&log, Range::after(0).of("a")).await.unwrap();
    assert_eq!(newest.records, page.records[..1]);
    let again = Record::from_fields([("data", "x"), ("id", "7"), ("topic", "a")]).unwrap();
    let error = store.append(&log, Batch::new(&[again])).await.unwrap_err();
    assert!(matches!(error.kind(), StoreErrorKind::DuplicateId { .. }), "{error}");
}

/// Within a moment, in both versions of the protocol: without being woken it would look after a second.
#[tokio::test]
async fn what_they_add_wakes_a_follower() {
    let server = Server::start(&[]);
    for protocol in ["resp2", "resp3"] {
        let store = Redis::connect(format!("{}?protocol={protocol}", server.url())).await.unwrap();
        let log = store.open("market").await.unwrap();
        let mut after = push(&store, &log, [("data", "first")]).await;
        let mut times = Vec::new();
        for _ in 0..9 {
            let follow = tokio::spawn({
                let (store, log) = (store.clone(), log.clone());
                async move { (store.follow(&log, Range::after(after)).await.unwrap(), Instant::now()) }
            });
            tokio::time::sleep(Duration::from_millis(100)).await;
            xadd(&server, &["data", "second"]);
            let added = Instant::now();
            let (page, read) = timeout(Duration::from_secs(10), follow).await.unwrap().unwrap();
            assert_eq!(page.records[0].record.data(), "second");
            after = page.records[0].position;
            times.push(read.saturating_duration_since(added));
        }
        times.sort_unstable();
        assert!(times[4] < Duration::from_millis(200), "{protocol}: {times:?}");
    }
}

#[tokio::test]
async fn a_user_who_may_do_what_is_needed() {
    let server = Server::start(&[]);
    let rights = "on >s3cret ~app:* +@scripting +@stream +@hash +@sortedset +@keyspace +@transaction +@connection +time";
    let user: Vec<_> = ["ACL", "SETUSER", "app"].into_iter().chain(rights.split(' ')).collect();
    assert_eq!(server.cli(&user), "OK");
    let url = format!("redis://app:s3cret@127.0.0.1:{}", server.port);
    let store = Redis::builder().prefix("app:").events(2).connect(&url).await.unwrap();
    let log = store.open("market").await.unwrap();
    for data in ["a", "b", "c"] {
        push(&store, &log, [("data", data), ("id", data), ("key", data)]).await;
        assert_eq!(store.find(&log, "", data).await.unwrap(), Some(store_last(&store, &log).await));
    }
    assert_eq!(data(&store, &log, Range::after(0)).await, ["b", "c"]);
    assert_eq!(store.newest(&log, Range::after(0)).await.unwrap().records.len(), 3);
    assert_eq!(store.follow(&log, Range::after(0)).await.unwrap().records.len(), 2);
    let other = Redis::connect(&url).await.unwrap();
    let error = other.open("market").await.unwrap_err();
    assert!(error.to_string().contains("NOPERM"), "{error}");
}

async fn store_last(store: &Redis, log: &StoredLog) -> u64 {
    store.read(log, Range::after(0).records(0)).await.unwrap().bounds.last
}

#[tokio::test]
async fn what_cannot_be_an_event_is_put_aside() {
    let server = Server::start(&[]);
    let (store, log) = open(&server).await;
    push(&store, &log, [("data", "first"), ("id", "7")]).await;
    store.append(&log, Batch::new(&[Record::finish("done")])).await.unwrap();
    for fields in [
        &["event", "x"][..],
        &["data", "x", "event", "a\nb"],
        &["data", "x", "retry", "soon"],
        &["data", "x", "flags", "tombstone"],
        &["data", "x", "id", "7"],
        &["data", "x", "topic", "done"],
    ] {
        xadd(&server, fields);
    }
    server.cli(&["XADD", "{market}", "*", "data", "last"]);
    assert_eq!(data(&store, &log, Range::after(0)).await, ["first", "", "last"]);
    let refused = server.cli(&["XRANGE", "{market}:refused", "-", "+"]);
    for why in [
        "`data` is missing",
        "`event` has a line break",
        "`retry` is no number of milliseconds",
        "a tombstone without `key`",
        "its `id` is retained",
        "its topic is finished",
    ] {
        assert!(refused.contains(why), "{why}: {refused}");
    }
}

/// Adds an entry of these fields and values, as a Lua script writes them: any bytes.
fn xadd_bytes(server: &Server, fields: &str) {
    server.cli(&["EVAL", &format!("return redis.call('XADD', KEYS[1], '*', {fields})"), "1", "{market}"]);
}

#[tokio::test]
async fn what_nobody_could_read_takes_no_key_and_no_id() {
    let server = Server::start(&[]);
    let (store, log) = open(&server).await;
    let good = push(&store, &log, [("data", "good"), ("key", "lamp")]).await;
    let and = "'key', 'lamp', 'id', 'own'";
    let wrong = [
        ("'data', 'x', 'retry', '18446744073709551616'", "`retry` is no number"),
        ("'data', 'x', 'retry', '99999999999999999999999'", "`retry` is no number"),
        ("'data', 'x', 'retry', ''", "`retry` is no number"),
        ("'data', '\\255'", "not UTF-8"),
        ("'data', 'a\\192\\128'", "not UTF-8"),
        ("'data', '\\237\\160\\128'", "not UTF-8"),
        ("'data', '\\244\\144\\128\\128'", "not UTF-8"),
        ("'data', '\\226\\130'", "not UTF-8"),
        ("'data', 'x', 'other', '\\128'", "not UTF-8"),
        ("'data', 'x', '\\254', 'other'", "not UTF-8"),
        ("'data', 'x', 'v', ''", "`v` is no version"),
        ("'data', 'x', 'v', '1.0'", "`v` is no version"),
        ("'data', 'x', 'v', '0'", "`v` is no version"),
        ("'data', 'x', 'v', 'two'", "`v` is no version"),
    ];
    for (fields, why) in wrong {
        xadd_bytes(&server, &format!("{fields}, {and}"));
        assert_eq!(data(&store, &log, Range::after(0)).await, ["good"], "{fields}");
        let newest = store.newest(&log, Range::after(0).of("")).await.unwrap();
        assert_eq!(newest.records[0].position, good, "{fields}");
        assert_eq!(store.find(&log, "", "own").await.unwrap(), None, "{fields}");
        assert_eq!(server.cli(&["XLEN", "{market}"]), "1", "{fields}");
        let refused = server.cli(&[
            "EVAL",
            "return redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1][2][2]",
            "1",
            "{market}:refused",
        ]);
        assert!(refused.contains(why), "{fields}: {refused}");
    }
}

/// An entry is what the reader takes it for.
#[tokio::test]
async fn what_can_be_read_is_taken_as_it_is_read() {
    let server = Server::start(&[]);
    let (store, log) = open(&server).await;
    let good = push(&store, &log, [("data", "good"), ("key", "lamp")]).await;
    // Of an event alone are `id`, `key`, `retry` and what a tombstone needs.
    xadd_bytes(&server, "'flags', 'finish', 'key', 'lamp', 'id', 'own'");
    xadd_bytes(
        &server,
        "'flags', 'finish tombstone', 'topic', 'a', 'retry', 'soon', 'event', 'a\\nb', 'id', 'a\\nb'",
    );
    let newest = store.newest(&log, Range::after(0).of("")).await.unwrap();
    assert_eq!(newest.records[0].position, good);
    assert_eq!(store.find(&log, "", "own").await.unwrap(), None);
    for topic in ["", "a"] {
        let page = store.read(&log, Range::after(good).of(topic)).await.unwrap();
        assert!(
            page.records.len() == 1 && page.bounds.finished == Some(page.records[0].position),
            "{page:?}"
        );
    }
    // A vertical tab parts no flags.
    xadd_bytes(&server, "'data', 'x', 'flags', '\\11finish', 'topic', 'b'");
    let page = store.read(&log, Range::after(0).of("b")).await.unwrap();
    assert_eq!((page.records.len(), page.bounds.finished), (1, None));
    for retry in ["+5", "18446744073709551615", "0000000000000000000000000005"] {
        xadd_bytes(&server, &format!("'data', '{retry}', 'topic', 'c', 'retry', '{retry}'"));
    }
    let text = "\\0a\\127\\195\\164\\226\\130\\172\\237\\159\\191\\238\\128\\128\\240\\159\\146\\161\\244\\143\\191\\191";
    xadd_bytes(&server, &format!("'data', '{text}', 'topic', 'c'"));
    let texts = data(&store, &log, Range::after(0).of("c")).await;
    assert_eq!(texts.len(), 4, "{texts:?}");
    assert_eq!(texts[3], "\0a\u{7f}ä€\u{d7ff}\u{e000}💡\u{10ffff}");
    assert_eq!(server.cli(&["EXISTS", "{market}:refused"]), "0");
}

#[tokio::test]
async fn an_id_out_of_range_is_an_error_that_says_so() {
    let server = Server::start(&[]);
    let (store, log) = open(&server).await;
    push(&store, &log, [("data", "first")]).await;
    server.cli(&["XADD", "{market}", "99999999999999999-0", "data", "x"]);
    let record = [Record::from_fields([("data", "x")]).unwrap()];
    let error = store.append(&log, Batch::new(&record)).await.unwrap_err();
    assert!(error.to_string().contains("XSETID") && !error.may_have_been_stored(), "{error}");
    assert_eq!(data(&store, &log, Range::after(0)).await, ["first"]);
}

#[tokio::test]
async fn what_another_program_deletes_is_gone_and_that_is_all() {
    let server = Server::start(&[]);
    let (store, log) = open(&server).await;
    push(&store, &log, [("data", "first")]).await;
    let id = xadd(&server, &["data", "gone"]);
    server.cli(&["XDEL", "{market}", &id]);
    push(&store, &log, [("data", "second"), ("topic", "a")]).await;
    push(&store, &log, [("data", "third")]).await;
    assert_eq!(data(&store, &log, Range::after(0)).await, ["first", "second", "third"]);
    assert_eq!(data(&store, &log, Range::after(0).of("")).await, ["first", "third"]);
}

#[tokio::test]
async fn what_another_program_trims_is_told() {
    let server = Server::start(&[]);
    let (store, log) = open(&server).await;
    let keyed = |n: &'static str| [("data", n), ("id", n), ("key", n)];
    let one = push(&store, &log, keyed("one")).await;
    let two = push(&store, &log, keyed("two")).await;
    push(&store, &log, keyed("three")).await;
    server.cli(&["XTRIM", "{market}", "MAXLEN", "1"]);
    for _ in 0..2 {
        let page = store.read(&log, Range::after(one).of("")).await.unwrap();
        assert_eq!((page.records.len(), page.bounds.trimmed, page.bounds.keys_trimmed), (1, two, two));
    }
    // Its ID is free again, and the bounds count what is there.
    push(&store, &log, keyed("two")).await;
    let four = push(&store, &log, keyed("four")).await;
    assert_eq!(data(&store, &log, Range::after(0).of("")).await, ["three", "two", "four"]);
    server.cli(&["XTRIM", "{market}", "MAXLEN", "0"]);
    let page = store.read(&log, Range::after(two).of("")).await.unwrap();
    assert_eq!((page.records.len(), page.bounds.trimmed), (0, four));
    // Also to another program, before anybody has looked.
    push(&store, &log, keyed("five")).await;
    server.cli(&["XTRIM", "{market}", "MAXLEN", "0"]);
    xadd(&server, &["data", "five again", "id", "five"]);
    assert_eq!(data(&store, &log, Range::after(four)).await, ["five again"]);
}

#[tokio::test]
async fn what_another_program_trims_is_told_of_all_topics() {
    let server = Server::start(&[]);
    let (store, log) = open(&server).await;
    let mut positions = Vec::new();
    for n in 0..6 {
        positions.push(push(&store, &log, [("data", "x"), ("topic", ["a", "b"][n % 2])]).await);
    }
    let bounds = async || store.read(&log, Range::after(0)).await.unwrap().bounds;
    assert_eq!(bounds().await.trimmed, 0);
    server.cli(&["XTRIM", "{market}", "MAXLEN", "3"]);
    for _ in 0..2 {
        let trimmed = bounds().await.trimmed;
        assert!((positions[2]..positions[3]).contains(&trimmed), "{trimmed}, {positions:?}");
    }
    let of_topic = store.read(&log, Range::after(0).of("b").records(0)).await.unwrap();
    assert_eq!(of_topic.bounds.trimmed, positions[1]);
    server.cli(&["XTRIM", "{market}", "MAXLEN", "0"]);
    assert_eq!(bounds().await.trimmed, positions[5]);
}

/// Adds ten in one topic of which three are left, before anybody looks. The ID of the newest.
fn burst(server: &Server, topic: &str) -> String {
    let script =
        "for n=1,10 do redis.call('XADD', KEYS[1], 'MAXLEN', 3, '*', 'data', n, 'topic', ARGV[1]) end
        return redis.call('XINFO', 'STREAM', KEYS[1])[8]";
    server.cli(&["EVAL", script, "1", "{market}", topic])
}

#[tokio::test]
async fn what_was_added_and_trimmed_before_anybody_looked_is_told() {
    let server = Server::start(&[]);
    let (store, log) = open(&server).await;
    let bounds = async |range: Range<'static>| store.read(&log, range).await.unwrap().bounds;
    assert_eq!(bounds(Range::after(0)).await.trimmed, 0);
    for _ in 0..2 {
        let before = bounds(Range::after(0)).await.last;
        burst(&server, "a");
        for _ in 0..2 {
            let first = store.read(&log, Range::after(before)).await.unwrap().records[0].position;
            // Of which topic they were, nobody knows.
            for range in [Range::after(before), Range::after(before).of("a"), Range::after(before).of("b")] {
                let bounds = bounds(range).await;
                assert!(bounds.trimmed > before && bounds.trimmed < first, "{before} {first} {bounds:?}");
                assert_eq!(bounds.keys_trimmed, bounds.trimmed);
            }
        }
        assert_eq!(data(&store, &log, Range::after(before).of("a")).await, ["8", "9", "10"]);
    }
}

#[tokio::test]
async fn what_was_added_and_is_gone_altogether_is_told() {
    let server = Server::start(&[]);
    let (store, log) = open(&server).await;
    let first = push(&store, &log, [("data", "first"), ("topic", "b")]).await;
    burst(&server, "a");
    server.cli(&["XTRIM", "{market}", "MAXLEN", "0"]);
    for _ in 0..2 {
        for range in [Range::after(0), Range::after(0).of("a"), Range::after(0).of("b")] {
            let page = store.read(&log, range).await.unwrap();
            assert!(page.records.is_empty() && page.bounds.trimmed > first, "{page:?}");
            assert_eq!(page.bounds.trimmed, page.bounds.last);
        }
    }
    // Whoever comes then has missed nothing.
    let last = store_last(&store, &log).await;
    let second = push(&store, &log, [("data", "second"), ("topic", "b"), ("id", "own")]).await;
    let page = store.read(&log, Range::after(last).of("b")).await.unwrap();
    assert_eq!((page.records.len(), page.bounds.trimmed), (1, last));
    assert_eq!(store.find(&log, "b", "own").await.unwrap(), Some(second));
}

/// An entry that is alone, one that is refused, and a log that is emptied: nobody has missed more than what they had seen.
#[tokio::test]
async fn nothing_is_told_that_was_not_missed() {
    let server = Server::start(&[]);
    let (store, log) = open(&server).await;
    let bounds = async |range: Range<'static>| store.read(&log, range).await.unwrap().bounds;
    xadd(&server, &["event", "no data"]);
    xadd(&server, &["data", "one"]);
    assert_eq!(bounds(Range::after(0)).await.trimmed, 0);
    for _ in 0..2 {
        for n in 0..150 {
            xadd(&server, &["data", &n.to_string(), "topic", "a"]);
        }
        let two = push(&store, &log, [("data", "two"), ("topic", "a")]).await;
        server.cli(&["XTRIM", "{market}", "MAXLEN", "0"]);
        xadd(&server, &["event", "no data"]);
        xadd(&server, &["data", "three", "topic", "a"]);
        for range in [Range::after(two), Range::after(two).of("a"), Range::after(two).of("b")] {
            let bounds = bounds(range).await;
            assert!(bounds.trimmed <= two, "{two} {bounds:?}");
        }
        let closes = Record::from_fields([("flags", "close"), ("topic", "a")]).unwrap();
        store.append(&log, Batch::new(&[closes])).await.unwrap();
        server.cli(&["XTRIM", "{market}", "MAXLEN", "0"]);
        let last = bounds(Range::after(0)).await.last;
        xadd(&server, &["data", "four", "topic", "b"]);
        assert!(bounds(Range::after(last).of("a")).await.trimmed <= last);
        assert!(bounds(Range::after(last)).await.trimmed <= last);
        // A log of a version that did not count yet.
        let last = bounds(Range::after(0)).await.last;
        server.cli(&["HDEL", "{market}:meta", "added"]);
        server.cli(&["XTRIM", "{market}", "MAXLEN", "0"]);
        xadd(&server, &["data", "late", "topic", "a"]);
        assert!(bounds(Range::after(last).of("b")).await.trimmed <= last);
        // A stream that is made anew counts from the beginning.
        let last = bounds(Range::after(0)).await.last;
        server.cli(&["DEL", "{market}"]);
        xadd(&server, &["data", "five", "topic", "a"]);
        assert!(bounds(Range::after(last).of("a")).await.trimmed <= last);
    }
}

/// What was ever added: of each where it lies, and its topic.
#[derive(Default)]
struct Model {
    added: Vec<(u64, &'static str)>,
    /// Up to where a call of ours has taken them in.
    seen: u64,
    /// The highest that was gone before.
    unseen: u64,
}

impl Model {
    /// What is said of a topic, or of all.
    fn check(&self, there: &[u64], topic: Option<&str>, trimmed: u64) {
        let is_gone = |at: &u64| there.first().is_none_or(|first| at < first);
        let of_topic = self.added.iter().filter(|(_, name)| topic.is_none_or(|topic| topic == *name));
        let gone = of_topic.map(|(at, _)| *at).filter(is_gone).max().unwrap_or_default().max(self.unseen);
        let next = self.added.iter().map(|(at, _)| *at).find(|at| *at > gone).unwrap_or(u64::MAX);
        assert!(trimmed >= gone && trimmed < next, "{topic:?}: {trimmed}, and {gone} is gone, {next} is not");
    }
}

/// Ours and others add, others trim, and somebody looks now and then: who lacks something is told, and nobody else is.
#[tokio::test]
async fn who_is_told_is_who_lacks_something() {
    let server = Server::start(&[]);
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let (store, log) = open(&server).await;
    let mut model = Model::default();
    let ids = |shown: String| -> Vec<u64> {
        let part = |id: &str| {
            id.split_once('-').map(|(ms, n)| (ms.parse::<u64>().unwrap(), n.parse::<u64>().unwrap()))
        };
        shown.lines().filter_map(part).map(|(ms, n)| ms << 20 | n).collect()
    };
    let there = || {
        ids(server.cli(&["EVAL", "local ids = {} for n, entry in ipairs(redis.call('XRANGE', KEYS[1], '-', '+')) do ids[n] = entry[1] end return ids", "1", "{market}"]))
    };
    for _ in 0..200 {
        let topic = ["a", "b"][random.usize(..2)];
        let others = random.u8(..8);
        match others {
            0..3 => {
                let script = "local ids = {} for n = 1, ARGV[1] do
                    ids[n] = redis.call('XADD', KEYS[1], 'MAXLEN', ARGV[2], '*', 'data', n, 'topic', ARGV[3]) end return ids";
                let (count, most) = (random.u8(1..5).to_string(), random.u8(..9).to_string());
                let added = ids(server.cli(&["EVAL", script, "1", "{market}", &count, &most, topic]));
                model.added.extend(added.into_iter().map(|at| (at, topic)));
            }
            3 => drop(server.cli(&["XTRIM", "{market}", "MAXLEN", &random.u8(..4).to_string()])),
            _ => {
                let before = there();
                let is_gone = |at: &u64| before.first().is_none_or(|first| at < first);
                let gone =
                    model.added.iter().map(|(at, _)| *at).filter(|at| *at > model.seen && is_gone(at)).max();
                model.unseen = model.unseen.max(gone.unwrap_or_default());
                if others == 4 {
                    model.added.push((push(&store, &log, [("data", "x"), ("topic", topic)]).await, topic));
                }
                model.seen = model.added.last().map_or(0, |(at, _)| *at);
                let left = there();
                for topic in [None, Some("a"), Some("b")] {
                    let range = topic.map_or(Range::after(0), |topic| Range::after(0).of(topic));
                    let page = store.read(&log, range).await.unwrap();
                    model.check(&left, topic, page.bounds.trimmed);
                    assert!(page.bounds.last >= model.seen.max(page.bounds.trimmed), "{:?}", page.bounds);
                }
            }
        }
    }
}

#[tokio::test]
async fn a_key_of_something_else_is_named() {
    let server = Server::start(&[]);
    server.cli(&["SET", "{market}", "mine"]);
    let store = Redis::connect(server.url()).await.unwrap();
    let error = store.open("market").await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Corrupt);
    assert!(error.to_string().contains("{market}"), "{error}");
    server.cli(&["HSET", "{other}:meta", "v", "2", "epoch", "abcdefgh"]);
    assert_eq!(store.open("other").await.unwrap_err().kind(), StoreErrorKind::Version);
    server.cli(&["DEL", "{market}"]);
    let log = store.open("market").await.unwrap();
    server.cli(&["XADD", "{market}", "*", "data", "x", "v", "2"]);
    assert_eq!(store.read(&log, Range::after(0)).await.unwrap_err().kind(), StoreErrorKind::Version);
    for (name, why) in [("", "empty"), ("a{b", "without `{`"), ("a}b", "without `{`")] {
        let error = store.open(name).await.unwrap_err();
        assert!(error.kind() == StoreErrorKind::Other && error.to_string().contains(why), "{error}");
    }
    server.cli(&["SET", "{third}:meta", "mine"]);
    let error = store.open("third").await.unwrap_err();
    assert!(error.kind() == StoreErrorKind::Corrupt && error.to_string().contains("{third}:meta"), "{error}");
}
