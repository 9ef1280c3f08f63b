//! One order, for all who read.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;
use typed_sse_core::store::{Batch, Range, Record, Sink, StoreErrorKind};

use super::support::{Case, Sample, data, event, of, with_id};
use crate::harness::Harness;
use crate::limits::Limits;

/// Positions grow, and records lie in the order in which they were appended.
pub async fn order_and_positions<H: Harness>() {
    let case = Case::<H>::new().await;
    assert_eq!(case.bounds(None).await.last, 0, "a new log has no position in use");
    assert_eq!(case.data(Range::after(0)).await, [""; 0]);
    let mut positions = vec![case.push(event("a")).await];
    positions.extend(case.append(&[event("b"), event("c")]).await.unwrap());
    positions.push(case.push(event("d")).await);
    assert!(positions[0] > 0 && positions.is_sorted_by(|one, next| one < next), "{positions:?}");
    let read = case.read(Range::after(0)).await;
    assert_eq!(data(&read), ["a", "b", "c", "d"]);
    assert_eq!(read.iter().map(|stored| stored.position).collect::<Vec<_>>(), positions);
    assert_eq!(case.bounds(None).await.last, positions[3]);
    assert_eq!(case.append(&[]).await.unwrap(), [0; 0], "an empty batch stores nothing");
    assert_eq!(case.data(Range::after(u64::MAX)).await, [""; 0]);
}

/// Of a batch that is refused, nothing is stored.
pub async fn all_or_none<H: Harness>() {
    let case = Case::<H>::new().await;
    case.push(with_id("7", "seven")).await;
    let batch = [event("a"), with_id("8", "b"), with_id("7", "c"), event("d")];
    let error = case.append(&batch).await.unwrap_err();
    assert!(matches!(error.kind(), StoreErrorKind::DuplicateId { .. }), "{error}");
    assert_eq!(case.data(Range::after(0)).await, ["seven"]);
    assert_eq!(case.find("", "8").await, None, "what was refused is not indexed");
    case.push(with_id("8", "eight")).await;
    assert_eq!(case.data(Range::after(0)).await, ["seven", "eight"]);
}

/// From each position one gets what lies behind it.
pub async fn resume_at_every_position<H: Harness>() {
    let case = Case::<H>::new().await;
    let all: Vec<_> = (0..40).map(|n| n.to_string()).collect();
    let mut positions = vec![0];
    for part in all.chunks(3) {
        let records: Vec<_> = part.iter().map(|data| event(data)).collect();
        positions.extend(case.append(&records).await.unwrap());
    }
    let case = case.opened_again().await;
    for (n, after) in positions.iter().enumerate() {
        assert_eq!(case.data(Range::after(*after)).await, all[n..], "behind {after}");
        let up_to = Range::after(0).up_to(*after);
        assert_eq!(case.data(up_to).await, all[..n], "up to {after}");
    }
}

/// A page has as much as was asked for, and never nothing where there is something.
pub async fn pages_are_bounded<H: Harness>() {
    let case = Case::<H>::new().await;
    let text = "x".repeat(1000);
    for _ in 0..20 {
        case.push(event(&text)).await;
    }
    let page = async |range: Range<'_>| case.store.read(&case.log, range).await.unwrap().records.len();
    assert_eq!(page(Range::after(0).records(7)).await, 7);
    assert_eq!(page(Range::after(0).records(0)).await, 0);
    let by_bytes = page(Range::after(0).bytes(5000)).await;
    assert!((1..=6).contains(&by_bytes), "{by_bytes} records of 1,000 bytes for 5,000");
    assert_eq!(page(Range::after(0).bytes(0)).await, 1, "a record that is too long for a page is a page");
    assert_eq!(case.read(Range::after(0).bytes(2500).records(3)).await.len(), 20);
}

/// Of more than fit, the newest can be asked for.
pub async fn the_newest_of_a_range<H: Harness>() {
    let case = Case::<H>::new().await;
    let mut positions = vec![0];
    for n in 0..6 {
        let (data, topic, key) = (n.to_string(), ["a", "b"][n % 2], ["", "x", "y", "z"][n % 4]);
        let sample = Sample { data: &data, topic, key, ..Sample::default() };
        positions.push(case.push(sample.record()).await);
    }
    let read = async |range: Range<'_>| data(&case.store.read(&case.log, range).await.unwrap().records);
    assert_eq!(read(Range::after(0).records(2).tail()).await, ["4", "5"]);
    assert_eq!(read(Range::after(0).records(2).tail().of("a")).await, ["2", "4"]);
    assert_eq!(read(Range::after(0).records(2).tail().up_to(positions[3])).await, ["1", "2"]);
    assert_eq!(read(Range::after(positions[4]).records(9).tail()).await, ["4", "5"]);
    assert_eq!(read(Range::after(0).bytes(0).tail()).await, ["5"]);
    let newest = Range::after(0).records(1).tail().of("b");
    assert_eq!(data(&case.store.newest(&case.log, newest).await.unwrap().records), ["5"]);
}

/// What is read into a sink is what a page has, whatever the range.
pub async fn read_into_a_sink<H: Harness>() {
    let case = Case::<H>::new().await;
    let mut positions = vec![0];
    for n in 0..40 {
        let (data, key) = ("a\nb ".repeat(n), ["", "x", "y"][n % 3]);
        let (id, topic) = (if n % 4 == 0 { n.to_string() } else { String::new() }, ["", "a", "b"][n / 2 % 3]);
        let tombstone = n % 9 == 1;
        let sample =
            Sample { data: &data, topic, event_type: "price", id: &id, key, tombstone, ephemeral: false };
        positions.push(case.push(sample.record()).await);
    }
    let unknown =
        Record::from_fields([("data", "x"), ("retry", "70"), ("trace", "7"), ("topic", "a")]).unwrap();
    case.append(&[unknown, Record::finish("a"), Record::close("b"), of("b", "again")]).await.unwrap();
    let case = case.opened_again().await;
    let (some, from) = (positions[25], positions[8]);
    let all = Range::after(0);
    let of_all = [all, Range::after(from).up_to(some), all.records(0), all.records(7), all.bytes(60)];
    let ranges = of_all.into_iter().chain([Range::after(some), Range::after(u64::MAX), all.bytes(0)]);
    for range in ranges.flat_map(|range| [range, range.tail()]) {
        for topic in [None, Some(""), Some("a"), Some("b"), Some("nowhere")] {
            let mut range = range;
            range.topic = topic;
            let page = case.store.read(&case.log, range).await.unwrap();
            let sink = case.store.read_into(&case.log, range, Sink::records()).await.unwrap();
            let bytes: usize = page.records.iter().map(|stored| stored.record.data().len()).sum();
            assert_eq!((sink.len(), sink.bytes()), (page.records.len(), bytes), "{range:?}");
            assert_eq!(sink.into_page(), page, "{range:?}");
        }
    }
}

/// Who waits is given what comes, without asking again.
pub async fn follow_wakes<H: Harness>() {
    let case = Case::<H>::new().await;
    let first = case.push(event("a")).await;
    let page = case.store.follow(&case.log, Range::after(0)).await.unwrap();
    assert_eq!(data(&page.records), ["a"], "what is there already");
    let (store, log) = (Arc::clone(&case.store), case.log.clone());
    let waiting = tokio::spawn(async move { follow(&*store, &log, Range::after(first)).await });
    tokio::time::sleep(Duration::from_millis(20)).await;
    case.append(&[event("b"), event("c")]).await.unwrap();
    assert_eq!(waiting.await.unwrap(), ["b", "c"]);
}

/// Who follows one topic is not given what comes in others.
pub async fn follow_one_topic<H: Harness>() {
    let case = Case::<H>::new().await;
    let (store, log) = (Arc::clone(&case.store), case.log.clone());
    let waiting = tokio::spawn(async move { follow(&*store, &log, Range::after(0).of("b")).await });
    for n in 0..10 {
        case.push(of("a", &n.to_string())).await;
    }
    case.push(of("b", "here")).await;
    assert_eq!(waiting.await.unwrap(), ["here"]);
}

/// The first page that has something.
async fn follow(
    store: &dyn typed_sse_core::store::Store,
    log: &typed_sse_core::store::StoredLog,
    range: Range<'_>,
) -> Vec<String> {
    loop {
        let page = store.follow(log, range).await.unwrap();
        if !page.records.is_empty() {
            return data(&page.records);
        }
    }
}

/// One who gives up waiting loses nothing, nor does anybody else.
pub async fn follow_is_dropped<H: Harness>() {
    let case = Case::<H>::new().await;
    let mut read = Vec::new();
    let mut after = 0;
    for n in 0..50_u64 {
        let wait = Duration::from_micros(n * 37 % 900);
        let _given_up = timeout(wait, case.store.follow(&case.log, Range::after(after))).await;
        case.push(event(&n.to_string())).await;
        if n % 3 == 0 {
            let page = case.store.follow(&case.log, Range::after(after)).await.unwrap();
            after = page.records.last().map_or(after, |stored| stored.position);
            read.extend(data(&page.records));
        }
    }
    read.extend(case.data(Range::after(after)).await);
    assert_eq!(read, (0..50).map(|n| n.to_string()).collect::<Vec<_>>());
}

/// A call that is dropped has stored all of its batch or none of it.
pub async fn append_is_dropped<H: Harness>() {
    let case = Case::<H>::new().await;
    for n in 0..60_u64 {
        let records: Vec<_> = (0..3).map(|part| event(&format!("{n}.{part}"))).collect();
        let wait = Duration::from_micros(n * 53 % 1500);
        let append = case.store.append(&case.log, Batch::new(&records));
        let _given_up = timeout(wait, append).await;
    }
    case.push(event("last")).await;
    let read = case.data(Range::after(0)).await;
    let (last, batches) = read.split_last().unwrap();
    assert_eq!(last, "last");
    assert_eq!(batches.len() % 3, 0, "half a batch: {batches:?}");
    for batch in batches.chunks(3) {
        let number = batch[0].split('.').next().unwrap();
        let whole: Vec<_> = (0..3).map(|part| format!("{number}.{part}")).collect();
        assert_eq!(batch, whole);
    }
}

/// Eight who publish at the same time: one order, in which nobody who reads along misses something.
pub async fn concurrent_publishers<H: Harness>() {
    const EACH: usize = 100;
    let case = Arc::new(Case::<H>::new().await);
    let (store, log) = (Arc::clone(&case.store), case.log.clone());
    let reader = tokio::spawn(async move {
        let (mut read, mut after) = (Vec::new(), 0);
        while read.len() < 8 * EACH {
            let page = store.follow(&log, Range::after(after).records(7)).await.unwrap();
            after = page.records.last().map_or(after, |stored| stored.position);
            read.extend(page.records);
        }
        read
    });
    let publish = |publisher: usize| {
        let (store, log) = (Arc::clone(&case.store), case.log.clone());
        tokio::spawn(async move {
            for n in 0..EACH {
                let record = event(&format!("{publisher}.{n}"));
                store.append(&log, Batch::new(&[record])).await.unwrap();
            }
        })
    };
    for publisher in (0..8).map(publish).collect::<Vec<_>>() {
        publisher.await.unwrap();
    }
    let along = reader.await.unwrap();
    assert_eq!(along, case.read(Range::after(0)).await, "read along and read afterwards");
    for publisher in 0..8 {
        let own = format!("{publisher}.");
        let of_one: Vec<_> = data(&along).into_iter().filter(|data| data.starts_with(&own)).collect();
        assert_eq!(of_one, (0..EACH).map(|n| format!("{own}{n}")).collect::<Vec<_>>());
    }
}

/// What lies right before a batch, if the store says so, is told truly, whoever appends meanwhile.
pub async fn what_lies_before_a_batch<H: Harness>() {
    let case = Case::<H>::with_limits(Limits::records(50)).await;
    let publish = |publisher: usize| {
        let (store, log) = (Arc::clone(&case.store), case.log.clone());
        tokio::spawn(async move {
            let mut appended = Vec::new();
            for n in 0..20 {
                let topic = ["", "a"][publisher % 2];
                let records: Vec<_> = (0..n % 4 + 1).map(|_| of(topic, "x")).collect();
                appended.push(store.append(&log, Batch::new(&records)).await.unwrap());
            }
            appended
        })
    };
    let mut batches = Vec::new();
    for publisher in (0..4).map(publish).collect::<Vec<_>>() {
        batches.extend(publisher.await.unwrap());
    }
    batches.sort_by_key(|appended| appended.positions[0]);
    let mut before = 0;
    for appended in batches {
        let last = appended.positions[appended.positions.len() - 1];
        if let Some(behind) = appended.behind {
            assert_eq!(behind.last, before, "before {:?}", appended.positions);
            assert_eq!(behind.bounds.last, last);
            assert!(behind.bounds.trimmed < last);
        }
        before = last;
    }
    let appended = case.store.append(&case.log, Batch::new(&[of("a", "x")])).await.unwrap();
    if let Some(behind) = appended.behind {
        assert_eq!(behind.bounds, case.bounds(Some("a")).await);
    }
    let finish = [of("a", "x"), Record::finish("a")];
    let appended = case.store.append(&case.log, Batch::new(&finish)).await.unwrap();
    if let Some(behind) = appended.behind {
        assert_eq!(behind.bounds, case.bounds(Some("a")).await);
    }
}

/// 1 MiB in one record.
pub async fn large_records<H: Harness>() {
    let case = Case::<H>::new().await;
    let large = "0123456789abcdef".repeat(1 << 16);
    case.append(&[event("before"), event(&large), event("behind")]).await.unwrap();
    let case = case.opened_again().await;
    let read = case.data(Range::after(0)).await;
    assert_eq!([read[0].as_str(), read[2].as_str()], ["before", "behind"]);
    assert!(read[1] == large, "1 MiB, changed on its way: {} bytes", read[1].len());
}

/// Fields that this version does not know come back.
pub async fn what_is_not_known_is_kept<H: Harness>() {
    let case = Case::<H>::new().await;
    let record = Record::from_fields([("data", "x"), ("trace", "7"), ("späte", "ü")]).unwrap();
    case.push(record.clone()).await;
    let case = case.opened_again().await;
    assert_eq!(case.read(Range::after(0)).await[0].record, record);
}

/// Any text, in any field.
pub async fn text_of_all_kinds<H: Harness>() {
    let case = Case::<H>::new().await;
    let texts = ["", " ", "\0", "a\nb\n\nc", "\u{feff}", "ünïcödé \u{1f980}", "\u{7f}\u{1}", "'\"\\$`{}*?[]"];
    let mut records: Vec<_> = texts.into_iter().map(event).collect();
    for text in &texts[5..] {
        let sample = Sample { data: "x", topic: text, event_type: text, key: text, ..Sample::default() };
        records.push(sample.record());
        records.push(with_id(text, "y"));
    }
    case.append(&records).await.unwrap();
    let case = case.opened_again().await;
    let read: Vec<_> = case.read(Range::after(0)).await.into_iter().map(|stored| stored.record).collect();
    assert_eq!(read, records);
    for text in &texts[5..] {
        assert!(case.find("", text).await.is_some(), "{text:?}");
        assert_eq!(case.newest(text).await, ["x"], "{text:?}");
    }
}
