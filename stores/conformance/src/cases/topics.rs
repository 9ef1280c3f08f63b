//! Topics of one log, and several logs.

use typed_sse_core::store::{Range, Record, RecordKind, StoreErrorKind};

use super::support::{Case, Sample, of, with_id};
use crate::harness::Harness;

/// All share one sequence; each is read by itself.
pub async fn topics_are_apart<H: Harness>() {
    let case = Case::<H>::new().await;
    let mut last = 0;
    for n in 0..12 {
        let topic = ["a", "b", ""][n % 3];
        let position = case.push(of(topic, &n.to_string())).await;
        assert!(position > last, "one sequence for all topics");
        last = position;
    }
    let all: Vec<_> = (0..12).map(|n| n.to_string()).collect();
    assert_eq!(case.data(Range::after(0)).await, all);
    assert_eq!(case.data(Range::after(0).of("a")).await, ["0", "3", "6", "9"]);
    assert_eq!(case.data(Range::after(0).of("")).await, ["2", "5", "8", "11"]);
    assert_eq!(case.data(Range::after(0).of("nowhere")).await, [""; 0]);
    assert_eq!(case.bounds(Some("a")).await.last, last, "the last position is that of the log");
}

/// A finished topic takes nothing more, and says so to whoever asks.
pub async fn finish<H: Harness>() {
    let case = Case::<H>::new().await;
    case.append(&[of("a", "1"), of("b", "2")]).await.unwrap();
    assert_eq!(case.bounds(Some("a")).await.finished, None);
    let end = case.append(&[of("a", "3"), Record::finish("a")]).await.unwrap()[1];
    let error = case.append(&[of("b", "x"), of("a", "4")]).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Finished);
    case.push(of("b", "5")).await;
    let case = case.opened_again().await;
    assert_eq!(case.bounds(Some("a")).await.finished, Some(end));
    assert_eq!(case.bounds(Some("b")).await.finished, None);
    assert_eq!(case.append(&[of("a", "6")]).await.unwrap_err().kind(), StoreErrorKind::Finished);
    case.push(Record::finish("a")).await;
    assert_eq!(case.bounds(Some("a")).await.finished, Some(end), "the first one counts");
    let kinds: Vec<_> = case.read(Range::after(0)).await.iter().map(|stored| stored.record.kind()).collect();
    let (event, finish) = (RecordKind::Event, RecordKind::Finish);
    assert_eq!(kinds, [event, event, event, finish, event, finish]);
    let error = case.append(&[Record::finish("c"), of("c", "7")]).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Finished, "in one batch as well");
}

/// A closed topic is gone with all that was in it, and another life begins.
pub async fn close_and_begin_anew<H: Harness>() {
    let case = Case::<H>::new().await;
    let keyed = Sample { data: "1", topic: "a", key: "k", id: "7", ..Sample::default() };
    case.append(&[keyed.record(), of("b", "2")]).await.unwrap();
    let newest = case.append(&[of("a", "3"), Record::finish("a")]).await.unwrap()[1];
    let closed = case.push(Record::close("a")).await;
    let case = case.opened_again().await;
    let bounds = case.bounds(Some("a")).await;
    assert_eq!((bounds.finished, bounds.closed, bounds.trimmed), (None, closed, newest));
    assert_eq!(case.bounds(None).await.trimmed, newest);
    assert_eq!(case.bounds(Some("b")).await.closed, 0);
    assert_eq!(case.find("a", "7").await, None);
    assert_eq!(case.newest("a").await, [""; 0]);
    let read = case.read(Range::after(0)).await;
    let kinds: Vec<_> = read.iter().map(|stored| (stored.record.topic(), stored.record.kind())).collect();
    assert_eq!(kinds, [("b", RecordKind::Event), ("a", RecordKind::Close)]);
    let again = Sample { data: "4", ..keyed };
    case.push(again.record()).await;
    assert_eq!(case.data(Range::after(closed).of("a")).await, ["4"]);
    assert_eq!(case.newest("a").await, ["4"]);
}

/// Ten thousand topics: reading one gives its records and no others, reading the log gives all. How long either takes is not asked.
pub async fn many_topics<H: Harness>() {
    const TOPICS: usize = 10_000;
    let case = Case::<H>::new().await;
    let names: Vec<_> = (0..TOPICS).map(|n| format!("user/{n}")).collect();
    for round in ["first", "second"] {
        for part in names.chunks(500) {
            let records: Vec<_> = part.iter().map(|name| of(name, round)).collect();
            case.append(&records).await.unwrap();
        }
    }
    for name in names.iter().step_by(997) {
        assert_eq!(case.data(Range::after(0).of(name)).await, ["first", "second"], "{name}");
    }
    assert_eq!(case.read(Range::after(0)).await.len(), 2 * TOPICS);
}

/// Logs of one store have nothing in common.
pub async fn two_logs<H: Harness>() {
    let case = Case::<H>::new().await;
    case.push(with_id("7", "a")).await;
    let other = case.store.open("other").await.unwrap();
    assert_eq!(other.name(), "other");
    assert_ne!(other.epoch(), case.log.epoch());
    let empty = case.store.read(&other, Range::after(0)).await.unwrap();
    assert_eq!((empty.records.len(), empty.bounds.last), (0, 0));
    assert_eq!(case.store.find(&other, "", "7").await.unwrap(), None);
}
