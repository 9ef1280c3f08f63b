//! What a page has, and what it costs the server.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod support;

use std::time::Duration;

use support::{FAST, Server, client, open, processes, push};
use tokio::time::sleep;
use typed_sse_core::store::{Batch, Range, Record, Store as _, StoredLog};
use typed_sse_postgres::{Postgres, tokio_postgres};

/// One that does not know that it has a session of its own.
async fn pooled(server: &Server, log: &StoredLog) -> Postgres {
    let store = Postgres::builder().listen(false).connect(server.url()).await.unwrap();
    assert_eq!(store.open(log.name()).await.unwrap().epoch(), log.epoch());
    store
}

/// How the log stands is of the moment of its records: what comes meanwhile would be taken for read, and lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_and_its_bounds_are_of_one_moment() {
    let server = Server::start(&FAST);
    let (store, log) = open(&server).await;
    let pooled = pooled(&server, &log).await;
    let writing = {
        let (store, log) = (store.clone(), log.clone());
        tokio::spawn(async move {
            for n in 0..2_000 {
                push(&store, &log, &n.to_string()).await.unwrap();
            }
        })
    };
    let mut last = 0;
    while last < 2_000 {
        for store in [&store, &pooled] {
            for range in [
                Range::after(last),
                Range::after(last).of(""),
                Range::after(last).up_to(last + 5_000),
                Range::after(last).tail(),
            ] {
                let page = store.read(&log, range.records(5_000)).await.unwrap();
                let newest = page.records.last().map_or(last, |newest| newest.position);
                assert_eq!(newest, page.bounds.last, "{range:?}");
                assert_eq!(page.records.len() as u64, newest - last, "{range:?}");
            }
        }
        last = store.read(&log, Range::after(0).records(0)).await.unwrap().bounds.last.min(last + 20);
    }
    writing.await.unwrap();
}

/// Whether a page is measured first or read as it is, and whether the session is kept, is nothing that its reader sees.
#[tokio::test]
async fn a_page_is_the_same_however_it_is_found() {
    let server = Server::start(&FAST);
    let (store, log) = open(&server).await;
    let pooled = pooled(&server, &log).await;
    let mut all = Vec::new();
    for first in (0..600).step_by(50) {
        let records: Vec<_> = (first..first + 50).map(record).collect();
        let appended = store.append(&log, Batch::new(&records)).await.unwrap();
        all.extend(appended.positions.into_iter().zip(records));
    }
    let finish = [Record::finish("a")];
    all.push((store.append(&log, Batch::new(&finish)).await.unwrap().positions[0], finish[0].clone()));
    let last = all.len() as u64;
    let places =
        [(0, u64::MAX), (0, 128), (3, 131), (0, 129), (100, 400), (148, 300), (149, 300), (last, last)];
    let lengths = [(1_000, usize::MAX), (300, 60_000), (200, 16_500), (100, 900), (1_000, 0), (7, 100_000)];
    for (topic, (after, up_to)) in
        [None, Some("a"), Some("b")].into_iter().flat_map(|topic| places.map(|place| (topic, place)))
    {
        for ((records, bytes), tail) in lengths.into_iter().flat_map(|len| [(len, false), (len, true)]) {
            let mut range = Range::after(after).up_to(up_to).records(records).bytes(bytes);
            (range.topic, range.tail) = (topic, tail);
            let expected = expected(&all, range);
            for store in [&store, &pooled] {
                let page = store.read(&log, range).await.unwrap();
                let read: Vec<_> =
                    page.records.into_iter().map(|stored| (stored.position, stored.record)).collect();
                assert!(read == expected, "{} and {} records for {range:?}", read.len(), expected.len());
                assert_eq!(page.bounds.last, last, "{range:?}");
            }
        }
    }
}

/// A page that ends before a long record, since that was not measured, loses nothing.
#[tokio::test]
async fn pages_that_follow_each_other_have_all() {
    let server = Server::start(&FAST);
    let (store, log) = open(&server).await;
    let records: Vec<_> = (0..600).map(record).collect();
    store.append(&log, Batch::new(&records)).await.unwrap();
    for width in [290, 128, 600] {
        let (mut read, mut after) = (Vec::new(), 0);
        while after < 600 {
            let range = Range::after(after).up_to(after + width).records(600).bytes(80_000);
            let page = store.read(&log, range).await.unwrap();
            after = page.records.last().unwrap().position;
            read.extend(page.records.into_iter().map(|stored| stored.record));
        }
        assert!(read == records, "{} records of pages of {width} positions", read.len());
    }
}

/// One of every kind that there is a column for, of two topics; now and then one that is long, or very long.
fn record(n: usize) -> Record {
    let length = match n {
        _ if n % 150 == 149 => 70_000,
        _ if n % 9 == 8 => 1_500,
        _ => n % 40,
    };
    let mut fields =
        vec![("data", "x".repeat(length)), ("topic", if n.is_multiple_of(3) { "b" } else { "a" }.to_owned())];
    let rare = [
        (2, "event", format!("e{n}")),
        (5, "id", format!("i{n}\u{ffff}")),
        (7, "retry", n.to_string()),
        (4, "key", format!("k{}", n % 12)),
        (40, "flags", "tombstone".to_owned()),
        (11, "trace", "\0".to_owned()),
    ];
    fields.extend(
        rare.into_iter().filter(|(every, ..)| n.is_multiple_of(*every)).map(|(_, name, value)| (name, value)),
    );
    Record::from_fields(fields.iter().map(|(name, value)| (*name, &**value))).unwrap()
}

/// What a page of a range has.
fn expected(all: &[(u64, Record)], range: Range<'_>) -> Vec<(u64, Record)> {
    let is_in = |(position, record): &&(u64, Record)| {
        (range.after + 1..=range.up_to).contains(position)
            && range.topic.is_none_or(|topic| record.topic() == topic)
    };
    let mut found: Vec<_> = all.iter().filter(is_in).cloned().collect();
    if range.tail {
        found.reverse();
    }
    let (mut page, mut bytes) = (Vec::new(), 0);
    for (position, record) in found.into_iter().take(range.records) {
        if bytes > range.bytes {
            break;
        }
        bytes += record.data().len();
        page.push((position, record));
    }
    page.sort_by_key(|(position, _)| *position);
    page
}

/// Also of a table that has grown since Postgres looked at it last, as each does that is written much.
#[tokio::test]
async fn a_page_reads_its_own_records_alone() {
    let server = Server::start(&FAST);
    let (store, log) = open(&server).await;
    push(&store, &log, "first").await.unwrap();
    let admin = client(&server).await;
    let grow = "ALTER TABLE typed_sse.records SET (autovacuum_enabled = false);
        INSERT INTO typed_sse.records (log, topic, position, at, data, key, nth, bytes, newest)
          SELECT log, topic, position + n, at, repeat('x', 200), n::text, nth + n, bytes + n, true
          FROM typed_sse.records, generate_series(1, 100000) AS n";
    admin.batch_execute(grow).await.unwrap();
    drop(store);
    for (range, newest) in [
        (Range::after(5_000), false),
        (Range::after(5_000).of(""), false),
        (Range::after(0).of("").up_to(90_000), false),
        (Range::after(0).of("").tail(), false),
        (Range::after(5_000).of(""), true),
        // No more positions than records.
        (Range::after(5_000).up_to(5_050), false),
        (Range::after(5_000).up_to(5_050).of(""), false),
        (Range::after(5_000).up_to(5_050).of(""), true),
    ] {
        for listens in [true, false] {
            let before = looked_at(&admin).await;
            let store = Postgres::builder().listen(listens).connect(server.url()).await.unwrap();
            let log = store.open(log.name()).await.unwrap();
            let range = range.records(50);
            let page = if newest { store.newest(&log, range).await } else { store.read(&log, range).await };
            assert_eq!(page.unwrap().records.len(), 50);
            drop(store);
            let looked_at = looked_at(&admin).await - before;
            assert!(
                (50..200).contains(&looked_at),
                "{looked_at} rows for {range:?}, newest {newest}, {listens}"
            );
        }
    }
}

/// How many rows of records were looked at, by all connections that are closed: then Postgres has counted what they did.
async fn looked_at(admin: &tokio_postgres::Client) -> i64 {
    while !processes(admin).await.is_empty() {
        sleep(Duration::from_millis(10)).await;
    }
    let statement = "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables WHERE relname = 'records'";
    admin.query_one(statement, &[]).await.unwrap().get(0)
}
