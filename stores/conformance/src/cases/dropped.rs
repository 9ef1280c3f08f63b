//! Calls that are dropped at each of their awaits.

use std::sync::Arc;

use typed_sse_core::store::{Batch, Range, Record, Sink, StoreErrorKind, Stored, Token};

use super::support::{Case, Sample, at_each_await, data, dropped_after, event, of, with_id, with_key};
use crate::harness::Harness;
use crate::limits::Limits;

/// An append that is dropped is stored once or not at all, and once when it is repeated. Who follows gets each record once.
pub async fn append_is_dropped_at_each_await<H: Harness>() {
    let case = Case::<H>::new().await;
    let (store, log) = (Arc::clone(&case.store), case.log.clone());
    let along = tokio::spawn(async move {
        let (mut read, mut after) = (Vec::<Stored>::new(), 0);
        while read.last().is_none_or(|stored| stored.record.data() != "last") {
            let page = store.follow(&log, Range::after(after)).await.unwrap();
            after = page.records.last().map_or(after, |stored| stored.position);
            read.extend(page.records);
        }
        read
    });
    by_its_token(&case).await;
    by_its_own_id(&case).await;
    without_either(&case).await;
    case.push(event("last")).await;
    assert_eq!(along.await.unwrap(), case.read(Range::after(0)).await, "read along and read afterwards");
}

async fn by_its_token<H: Harness>(case: &Case<H>) {
    let (mut number, mut texts, mut positions) = (0, Vec::new(), Vec::new());
    at_each_await(async |polls| {
        number += 1;
        let batch: Vec<_> = (0..3).map(|part| format!("token {number}.{part}")).collect();
        let records = [with_id(&batch[0], &batch[0]), event(&batch[1]), with_key("k", &batch[2])];
        let token = Token::new("importer", 1, number);
        let batch_of_token = Batch::new(&records).with_token(&token);
        let first = dropped_after(polls, case.store.append(&case.log, batch_of_token)).await;
        let again = case.store.append(&case.log, batch_of_token).await.unwrap();
        assert_eq!(again.positions.len(), 3, "of the newest batch, where it lies is known");
        let is_done = first.is_some();
        if let Some(first) = first {
            assert!(again.is_duplicate);
            assert_eq!(again.positions, first.unwrap().positions);
        }
        texts.extend(batch);
        positions.extend(again.positions);
        is_done
    })
    .await;
    let read = case.read(Range::after(0)).await;
    assert_eq!(data(&read), texts);
    assert_eq!(read.iter().map(|stored| stored.position).collect::<Vec<_>>(), positions);
    assert_eq!(case.newest("").await, [texts[texts.len() - 1].as_str()]);
}

async fn by_its_own_id<H: Harness>(case: &Case<H>) {
    let (mut number, mut positions) = (0, Vec::new());
    at_each_await(async |polls| {
        number += 1;
        let (id, beside) = (format!("id {number}"), format!("beside {number}"));
        let records = [event(&beside), with_id(&id, &id)];
        let first = dropped_after(polls, case.append(&records)).await;
        let is_done = first.is_some();
        let at = match (case.append(&records).await, first) {
            (Ok(again), None) => again[1],
            (Err(error), first) => {
                let StoreErrorKind::DuplicateId { position } = error.kind() else { panic!("{error}") };
                assert!(first.is_none_or(|first| first.unwrap()[1] == position), "{error}");
                position
            }
            (Ok(_), Some(_)) => panic!("an event of the ID `{id}` is stored twice"),
        };
        assert_eq!(case.find("", &id).await, Some(at));
        positions.push((id, at));
        is_done
    })
    .await;
    let read = case.read(Range::after(0)).await;
    let stored = read.iter().filter(|stored| stored.record.data().starts_with("id "));
    let stored: Vec<_> = stored.map(|stored| (stored.record.data().to_owned(), stored.position)).collect();
    assert_eq!(stored, positions, "each once, in the order in which they were repeated");
    let beside = read.iter().filter(|stored| stored.record.data().starts_with("beside ")).count();
    assert_eq!(beside, positions.len(), "all or none");
}

async fn without_either<H: Harness>(case: &Case<H>) {
    let (mut number, mut acknowledged) = (0, Vec::new());
    at_each_await(async |polls| {
        number += 1;
        let records: Vec<_> = (0..3).map(|part| event(&format!("plain {number}.{part}"))).collect();
        let appended = dropped_after(polls, case.append(&records)).await;
        acknowledged.extend(appended.iter().map(|_| format!("plain {number}.0")));
        appended.is_some()
    })
    .await;
    // What is still on its way is there, or is nowhere, before the process that comes next.
    case.push(event("behind")).await;
    let read = case.data(Range::after(0)).await;
    let plain: Vec<_> = read.into_iter().filter(|data| data.starts_with("plain ")).collect();
    for batch in plain.chunks(3) {
        let name = batch[0].strip_suffix(".0").unwrap_or_else(|| panic!("half a batch: {plain:?}"));
        assert_eq!(batch, (0..3).map(|part| format!("{name}.{part}")).collect::<Vec<_>>());
        assert_eq!(plain.iter().filter(|data| **data == batch[0]).count(), 1, "{name} is stored twice");
    }
    let stored: Vec<_> = plain.into_iter().filter(|data| acknowledged.contains(data)).collect();
    assert_eq!(stored, acknowledged, "in the order in which they were acknowledged");
}

/// A topic that is finished, and one that is closed, is what it was or what it becomes; once it is repeated, it is what it becomes.
pub async fn an_end_is_dropped_at_each_await<H: Harness>() {
    let case = Case::<H>::new().await;
    let mut number = 0;
    let twice = async |polls: usize, number: u64, record: Record| {
        let (records, token) = ([record], Token::new("importer", 1, number));
        let batch = Batch::new(&records).with_token(&token);
        let first = dropped_after(polls, case.store.append(&case.log, batch)).await;
        let is_done = first.is_some();
        first.map(Result::unwrap);
        (is_done, case.store.append(&case.log, batch).await.unwrap().positions[0])
    };
    at_each_await(async |polls| {
        number += 2;
        let topic = format!("topic {number}");
        let keyed = Sample { data: "1", topic: &topic, key: "k", id: "7", ..Sample::default() };
        case.push(keyed.record()).await;
        let (is_finished, at) = twice(polls, number - 1, Record::finish(topic.as_str())).await;
        assert_eq!(case.bounds(Some(&topic)).await.finished, Some(at));
        let error = case.append(&[of(&topic, "2")]).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Finished);

        let (is_closed, at) = twice(polls, number, Record::close(topic.as_str())).await;
        let bounds = case.bounds(Some(&topic)).await;
        assert_eq!((bounds.finished, bounds.closed), (None, at));
        assert_eq!(case.newest(&topic).await, [""; 0]);
        case.push(Sample { data: "3", ..keyed }.record()).await;
        assert_eq!(case.data(Range::after(at).of(&topic)).await, ["3"]);
        is_finished && is_closed
    })
    .await;
    for number in (2..=number).step_by(2) {
        let topic = format!("topic {number}");
        assert_eq!(case.newest(&topic).await, ["3"], "nothing closes it later on");
        assert_eq!(case.bounds(Some(&topic)).await.finished, None);
    }
}

/// A question that is dropped changes nothing for whoever asks next.
pub async fn reading_is_dropped_at_each_await<H: Harness>() {
    let case = Case::<H>::with_limits(Limits::records(8)).await;
    for n in 0..30 {
        let (text, topic, key) = (n.to_string(), ["", "a"][n % 2], ["x", "y", "z"][n % 3]);
        case.push(Sample { data: &text, topic, key, id: &text, ..Sample::default() }.record()).await;
    }
    case.harness.trim().await;
    let (store, log) = (&case.store, &case.log);
    let (all, some) = (Range::after(0), Range::after(0).of("a").records(5).tail());
    for range in [all, some, all.of("").records(0)] {
        let (page, newest) = (store.read(log, range).await.unwrap(), range.of("a"));
        let newest_page = store.newest(log, newest).await.unwrap();
        at_each_await(async |polls| {
            let read = dropped_after(polls, store.read(log, range)).await;
            let into = dropped_after(polls, store.read_into(log, range, Sink::records())).await;
            let newest_of = dropped_after(polls, store.newest(log, newest)).await;
            let is_done = read.is_some() && into.is_some() && newest_of.is_some();
            let into = into.map(|sink| sink.unwrap().into_page());
            for read in [read.map(Result::unwrap), into].into_iter().flatten() {
                assert_eq!(read, page);
            }
            assert_eq!(store.read(log, range).await.unwrap(), page);
            assert_eq!(newest_of.map_or_else(|| newest_page.clone(), Result::unwrap), newest_page);
            assert_eq!(store.newest(log, newest).await.unwrap(), newest_page);
            is_done
        })
        .await;
    }
    for id in ["29", "28", "13", "nowhere"] {
        let at = case.find("a", id).await;
        at_each_await(async |polls| {
            let found = dropped_after(polls, store.find(log, "a", id)).await;
            assert_eq!(case.find("a", id).await, at);
            found.is_some_and(|found| {
                assert_eq!(found.unwrap(), at);
                true
            })
        })
        .await;
    }
    assert_eq!(case.read(Range::after(0)).await.len(), 16);
}

/// Who gives up waiting, wherever that is, loses nothing and gets nothing twice.
pub async fn follow_is_dropped_at_each_await<H: Harness>() {
    /// More than a store needs for one that waits, is woken and reads.
    const POLLS: usize = 12;
    let case = Case::<H>::new().await;
    let (mut read, mut after, mut number) = (Vec::new(), 0, 0);
    for polls in (0..5 * POLLS).map(|n| n % POLLS) {
        number += 1;
        let (store, log, record) = (Arc::clone(&case.store), case.log.clone(), event(&number.to_string()));
        let append = tokio::spawn(async move { store.append(&log, Batch::new(&[record])).await });
        let range = Range::after(after);
        let mut page = dropped_after(polls, case.store.follow(&case.log, range)).await;
        append.await.unwrap().unwrap();
        if number % 5 == 0 && page.is_none() {
            number += 1;
            let push = case.push(event(&number.to_string()));
            page = Some(tokio::join!(case.store.follow(&case.log, range), push).0);
        }
        let records = page.map(|page| page.unwrap().records).unwrap_or_default();
        after = records.last().map_or(after, |stored| stored.position);
        read.extend(data(&records));
    }
    read.extend(case.data(Range::after(after)).await);
    assert_eq!(read, (1..=number).map(|n| n.to_string()).collect::<Vec<_>>());
}

/// A log that is opened, and given up, is opened by the next as one log.
pub async fn open_is_dropped_at_each_await<H: Harness>() {
    let case = Case::<H>::new().await;
    let mut number = 0;
    at_each_await(async |polls| {
        number += 1;
        let name = format!("log-{number}");
        let first = dropped_after(polls, case.store.open(&name)).await.map(Result::unwrap);
        let log = case.store.open(&name).await.unwrap();
        assert!(first.as_ref().is_none_or(|first| *first == log), "{first:?} {log:?}");
        case.store.append(&log, Batch::new(&[event("a")])).await.unwrap();
        assert_eq!(case.store.open(&name).await.unwrap(), log);
        let page = case.store.read(&log, Range::after(0)).await.unwrap();
        assert_eq!(data(&page.records), ["a"]);
        first.is_some()
    })
    .await;
}
