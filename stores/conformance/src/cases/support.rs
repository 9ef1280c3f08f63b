//! What the cases share.

use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::task::Poll;

use typed_sse_core::store::{Batch, Bounds, Range, Record, Store, StoreError, Stored, StoredLog};
use typed_sse_core::{EncodeError, Encoded, Encoder, EventId, EventType, SseEvent};

use crate::harness::Harness;
use crate::limits::Limits;

/// A store and a log in it.
pub(super) struct Case<H> {
    pub(super) harness: H,
    pub(super) store: Arc<dyn Store>,
    pub(super) log: StoredLog,
}

impl<H: Harness> Case<H> {
    pub(super) async fn new() -> Self {
        Self::with_limits(Limits::NONE).await
    }

    pub(super) async fn with_limits(limits: Limits) -> Self {
        let harness = H::start(limits).await;
        let store = harness.store().await;
        let log = store.open("market").await.unwrap();
        Self { harness, store, log }
    }

    /// The same, as it is found by another process, or by the next.
    pub(super) async fn opened_again(self) -> Self {
        let Self { harness, store, log } = self;
        if !H::SHARED {
            drop(store);
        }
        let store = harness.store().await;
        let again = store.open("market").await.unwrap();
        assert_eq!(again, log, "an epoch lasts as long as the data does");
        Self { harness, store, log }
    }

    pub(super) async fn append(&self, records: &[Record]) -> Result<Vec<u64>, StoreError> {
        let appended = self.store.append(&self.log, Batch::new(records)).await?;
        assert!(!appended.is_duplicate, "without a token nothing is a duplicate");
        assert_eq!(appended.positions.len(), records.len());
        Ok(appended.positions)
    }

    /// Appends one record. Where it lies.
    pub(super) async fn push(&self, record: Record) -> u64 {
        self.append(&[record]).await.unwrap()[0]
    }

    /// All in this range, page by page.
    pub(super) async fn read(&self, range: Range<'_>) -> Vec<Stored> {
        let mut records: Vec<Stored> = Vec::new();
        loop {
            let after = records.last().map_or(range.after, |stored| stored.position);
            let mut next = range;
            next.after = after;
            let page = self.store.read(&self.log, next).await.unwrap();
            if page.records.is_empty() {
                return records;
            }
            records.extend(page.records);
        }
    }

    /// All the data in this range.
    pub(super) async fn data(&self, range: Range<'_>) -> Vec<String> {
        data(&self.read(range).await)
    }

    pub(super) async fn newest(&self, topic: &str) -> Vec<String> {
        data(&self.store.newest(&self.log, Range::after(0).of(topic)).await.unwrap().records)
    }

    pub(super) async fn find(&self, topic: &str, id: &str) -> Option<u64> {
        self.store.find(&self.log, topic, id).await.unwrap()
    }

    pub(super) async fn bounds(&self, topic: Option<&str>) -> Bounds {
        let mut range = Range::after(0).records(0);
        range.topic = topic;
        let page = self.store.read(&self.log, range).await.unwrap();
        assert_eq!(page.records, [], "none was asked for");
        page.bounds
    }
}

pub(super) fn data(records: &[Stored]) -> Vec<String> {
    records.iter().map(|stored| stored.record.data().to_owned()).collect()
}

/// An event as the cases write it: data, and what else it has.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sample<'a> {
    pub(super) data: &'a str,
    pub(super) topic: &'a str,
    pub(super) event_type: &'a str,
    pub(super) id: &'a str,
    pub(super) key: &'a str,
    pub(super) tombstone: bool,
    pub(super) ephemeral: bool,
}

impl Sample<'_> {
    pub(super) fn record(self) -> Record {
        Record::from_frame(self.topic, &self.to_frame().unwrap()).unwrap()
    }
}

impl SseEvent for Sample<'_> {
    fn encode<'a>(&self, mut encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        encoder = encoder.key(self.key)?;
        if self.ephemeral {
            encoder = encoder.ephemeral()?;
        }
        if self.tombstone {
            encoder = encoder.tombstone()?;
        }
        if !self.event_type.is_empty() {
            encoder = encoder.event_type(&EventType::new(self.event_type.to_owned())?)?;
        }
        if !self.id.is_empty() {
            encoder = encoder.id(&EventId::new(self.id)?)?;
        }
        encoder.text(self.data)
    }
}

/// An event of the topic `""` with this data.
pub(super) fn event(data: &str) -> Record {
    Sample { data, ..Sample::default() }.record()
}

/// An event of this topic.
pub(super) fn of(topic: &str, data: &str) -> Record {
    Sample { data, topic, ..Sample::default() }.record()
}

/// An event with an ID of its own.
pub(super) fn with_id(id: &str, data: &str) -> Record {
    Sample { data, id, ..Sample::default() }.record()
}

/// An event of this key.
pub(super) fn with_key(key: &str, data: &str) -> Record {
    Sample { data, key, ..Sample::default() }.record()
}

/// One that takes this key out.
pub(super) fn tombstone(key: &str) -> Record {
    Sample { data: "gone", key, tombstone: true, ..Sample::default() }.record()
}

/// Polls a future each time that it wakes, so many times at the most. Where it is not done by then, it is dropped.
pub(super) async fn dropped_after<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let (mut future, mut left) = (Box::pin(future), polls);
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// Lets a call take no poll, then one, and so on, until it says that it was done. Several times, since what goes on beside it takes
/// another time with each.
pub(super) async fn at_each_await(mut call: impl AsyncFnMut(usize) -> bool) {
    const TIMES: usize = 4;
    /// A call that awaits more often is dropped in the first of them.
    const MOST: usize = 60;
    for _ in 0..TIMES {
        for polls in 0..MOST {
            if call(polls).await {
                break;
            }
        }
    }
}
