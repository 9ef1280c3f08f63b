//! Publishing without reading.

use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};

use super::super::backing::Source;
use super::super::builder::Builder;
use super::super::error::PublishError;
use super::super::handle::Wire;
use super::super::log::{Cursor, Retention};
use super::super::sight::Call;
use super::staged::duplicate;
use super::staged::{self, Staged};
use crate::encode::{Ids, Unsequenced};
use crate::event::SseEvent;
use crate::field::EventId;
use crate::store::{
    Appended, Batch, Record, RecordKind, Store, StoreError, StoreErrorKind, StoredLog, Token,
};

/// Publishes into a stored log, and reads nothing of it: for a process that has no clients, such as a worker or a command.
///
/// It has no window, no task, and no subscriptions; made by [`StoreBuilder::publisher`](crate::StoreBuilder::publisher) and
/// [`TopicsPublisher::channel`]. Cheap to clone.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use futures_util::StreamExt as _;
/// use typed_sse_core::{Channel, Event};
/// use typed_sse_store_conformance::Memory;
///
/// let store = Memory::new();
/// let market = Channel::<Event>::builder().store(store.clone(), "market").open().await?;
/// let mut client = market.subscribe(None).no_checkpoints();
///
/// // In another process.
/// let worker = Channel::<Event>::builder().store(store, "market").publisher().await?;
/// worker.publish(&Event::new("done")).await?;
///
/// assert!(client.next().await.ok_or("ended")??.as_ref().ends_with(b"data: done\n\n"));
/// # Ok(()) }
/// ```
pub struct Publisher<E> {
    line: Arc<Line>,
    topic: Arc<str>,
    wire: Option<Arc<Wire<E>>>,
    event: PhantomData<fn(&E)>,
}

/// [`Publisher`]s by the name of their topic; made by
/// [`TopicsStoreBuilder::publisher`](crate::TopicsStoreBuilder::publisher). Cheap to clone.
pub struct TopicsPublisher<E> {
    line: Arc<Line>,
    wire: Option<Arc<Wire<E>>>,
}

/// What became of the events of a numbered batch.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Published {
    /// The IDs of the events, in their order. Empty for a batch that was stored before and is not the newest of its producer.
    pub ids: Vec<EventId>,
    /// It was stored before, by its [`Token`].
    pub is_duplicate: bool,
}

/// A store that is published to.
struct Line {
    source: Source,
    log: Mutex<StoredLog>,
    retention: Retention,
}

impl Line {
    fn log(&self) -> StoredLog {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Appends in the present life of the log, whichever that is.
    async fn append(&self, batch: Batch<'_>) -> Result<(StoredLog, Appended), StoreError> {
        let log = self.log();
        match self.source.ask(Call::Append, self.source.store.append(&log, batch)).await {
            Err(error) if error.kind() == StoreErrorKind::Epoch => {
                let log = self.source.ask(Call::Read, self.source.store.open(log.name())).await?;
                *self.log.lock().unwrap_or_else(PoisonError::into_inner) = log.clone();
                let appended = self.source.ask(Call::Append, self.source.store.append(&log, batch)).await?;
                Ok((log, appended))
            }
            appended => Ok((log, appended?)),
        }
    }
}

impl<E> Publisher<E> {
    pub(super) async fn open(source: Source, name: &str, channel: &Builder<E>) -> Result<Self, StoreError> {
        let TopicsPublisher { line, wire } = TopicsPublisher::open(source, name, channel, None).await?;
        Ok(Self { line, topic: Arc::default(), wire, event: PhantomData })
    }

    /// As [`Channel::publish`](crate::Channel::publish), but ready as soon as the store has the event.
    ///
    /// Cancel safe as a store is: the event was published, or not.
    ///
    /// # Errors
    ///
    /// As [`Channel::publish`](crate::Channel::publish), and [`PublishError::Ephemeral`].
    pub async fn publish(&self, event: &E) -> Result<EventId, PublishError>
    where
        E: SseEvent,
    {
        let mut ids = self.publish_all([event]).await?;
        ids.pop().ok_or(PublishError::Finished)
    }

    /// As [`Channel::publish_all`](crate::Channel::publish_all): all of them, or none.
    ///
    /// # Errors
    ///
    /// As [`publish`](Self::publish).
    pub async fn publish_all<'a>(
        &self,
        events: impl IntoIterator<Item = &'a E>,
    ) -> Result<Vec<EventId>, PublishError>
    where
        E: SseEvent + 'a,
    {
        Ok(self.store(events, None).await?.ids)
    }

    /// As [`publish_all`](Self::publish_all), but a batch that is sent again, since nobody knows whether it arrived, is stored
    /// once. The token says which batch of its producer it is.
    ///
    /// # Errors
    ///
    /// As [`publish`](Self::publish); besides [`PublishError::Store`] with [`StoreErrorKind::Gap`] if a batch before this one is
    /// missing, and with [`StoreErrorKind::Fenced`] if the producer has begun a newer epoch.
    pub async fn publish_once<'a>(
        &self,
        token: &Token,
        events: impl IntoIterator<Item = &'a E>,
    ) -> Result<Published, PublishError>
    where
        E: SseEvent + 'a,
    {
        self.store(events, Some(token)).await
    }

    /// As [`Channel::finish`](crate::Channel::finish).
    ///
    /// # Errors
    ///
    /// [`PublishError::Store`] if the store has not taken note of it, or may not have.
    pub async fn finish(&self) -> Result<(), PublishError> {
        let finish = [Record::finish(&*self.topic)];
        self.line.append(Batch::new(&finish)).await.map_err(PublishError::of_store)?;
        Ok(())
    }

    /// As [`Channel::stage`](crate::Channel::stage).
    ///
    /// # Errors
    ///
    /// As [`Channel::stage`](crate::Channel::stage).
    pub fn stage<'a, S: Store>(
        &self,
        events: impl IntoIterator<Item = &'a E>,
    ) -> Result<Staged<'_, S>, PublishError>
    where
        E: SseEvent + 'a,
    {
        let store = staged::store_of(&self.line.source)?;
        Ok(Staged { store, log: self.line.log(), records: self.records(events)? })
    }

    async fn store<'a>(
        &self,
        events: impl IntoIterator<Item = &'a E>,
        token: Option<&Token>,
    ) -> Result<Published, PublishError>
    where
        E: SseEvent + 'a,
    {
        let records = self.records(events)?;
        let mut batch = Batch::new(&records);
        batch.token = token;
        let (log, appended) = self.line.append(batch).await.map_err(|error| duplicate(error, &records))?;
        let placed = records.iter().zip(&appended.positions);
        let events = placed.filter(|(record, _)| record.kind() == RecordKind::Event);
        let ids = events.map(|(record, position)| {
            record.id().cloned().unwrap_or_else(|| Cursor::at(log.epoch(), *position).into())
        });
        Ok(Published { ids: ids.collect(), is_duplicate: appended.is_duplicate })
    }

    /// The events as a store keeps them, and the end if the last of them is terminal.
    fn records<'a>(&self, events: impl IntoIterator<Item = &'a E>) -> Result<Vec<Record>, PublishError>
    where
        E: SseEvent + 'a,
    {
        let epoch = self.line.log().epoch();
        let (mut records, mut has_ended) = (Vec::new(), false);
        for event in events {
            let event = self.encode(event)?;
            if std::mem::replace(&mut has_ended, event.is_terminal()) {
                return Err(PublishError::Finished);
            }
            if event.is_ephemeral() {
                return Err(PublishError::Ephemeral);
            }
            self.line.retention.check(&event, epoch)?;
            records.push(Record::from_frame(&*self.topic, &event.freeze()).map_err(PublishError::Encode)?);
        }
        if has_ended {
            records.push(Record::finish(&*self.topic));
        }
        Ok(records)
    }

    fn encode(&self, event: &E) -> Result<Unsequenced, PublishError>
    where
        E: SseEvent,
    {
        let encoded = crate::encode::write(&self.topic, Ids::Own, |encoder| match &self.wire {
            Some(wire) => wire(&self.topic, event, encoder),
            None => event.encode(encoder),
        });
        encoded.map_err(PublishError::Encode)
    }
}

impl<E> TopicsPublisher<E> {
    pub(in super::super) async fn open(
        source: Source,
        name: &str,
        channel: &Builder<E>,
        wire: Option<Arc<Wire<E>>>,
    ) -> Result<Self, StoreError> {
        let log = Mutex::new(source.ask(Call::Read, source.store.open(name)).await?);
        let line = Arc::new(Line { source, log, retention: channel.retention.clone() });
        Ok(Self { line, wire })
    }

    /// What publishes in the topic of this name.
    #[must_use]
    pub fn channel(&self, name: impl Into<Arc<str>>) -> Publisher<E> {
        let Self { line, wire } = self.clone();
        Publisher { line, topic: name.into(), wire, event: PhantomData }
    }

    /// As [`Topics::close`](crate::Topics::close), ready as soon as the store has taken note of it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it has not, or may not have.
    pub async fn close(&self, name: impl AsRef<str>) -> Result<(), StoreError> {
        self.line.append(Batch::new(&[Record::close(name.as_ref())])).await?;
        Ok(())
    }
}

impl<E> Clone for Publisher<E> {
    fn clone(&self) -> Self {
        let Self { line, topic, wire, .. } = self;
        Self { line: Arc::clone(line), topic: Arc::clone(topic), wire: wire.clone(), event: PhantomData }
    }
}

impl<E> Clone for TopicsPublisher<E> {
    fn clone(&self) -> Self {
        Self { line: Arc::clone(&self.line), wire: self.wire.clone() }
    }
}

impl<E> fmt::Debug for Publisher<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let log = self.line.log();
        f.debug_struct("Publisher").field("log", &log).field("topic", &self.topic).finish_non_exhaustive()
    }
}

impl<E> fmt::Debug for TopicsPublisher<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TopicsPublisher").field("log", &self.line.log()).finish_non_exhaustive()
    }
}
