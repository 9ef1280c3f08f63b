//! What is published where nothing can be awaited.

use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::sleep;

use super::super::sight::Call;
use super::{Current, Source};
use crate::store::{Batch, Epoch, Record, StoreError, StoreErrorKind, StoredLog, Token};

/// Records on their way to the store, in order, each stored once however often it has to be sent.
pub(super) struct Outbox {
    records: mpsc::Sender<Vec<Record>>,
}

/// So many batches wait at the most.
const MOST: usize = 4096;

const PAUSE: Duration = Duration::from_millis(100);

impl Outbox {
    /// Has a task that sends what is put here, until the channel is gone and all is sent.
    pub(super) fn new(source: Source, log: Current) -> Self {
        let (records, waiting) = mpsc::channel(MOST);
        tokio::spawn(send(source, log, waiting));
        Self { records }
    }

    pub(super) fn put(&self, records: Vec<Record>) -> Result<(), StoreError> {
        self.records.try_send(records).map_err(|_| {
            let words = "too many events wait for the store: await `publish` instead";
            StoreError::new(StoreErrorKind::Unavailable, words)
        })
    }

    /// The same, however many wait already.
    pub(super) fn put_surely(&self, records: Vec<Record>, runtime: &Handle) {
        if let Err(TrySendError::Full(records)) = self.records.try_send(records) {
            let waiting = self.records.clone();
            // Once there is room. Without a channel there is nobody to be told.
            runtime.spawn(async move { waiting.send(records).await.ok() });
        }
    }
}

async fn send(source: Source, log: Current, mut waiting: mpsc::Receiver<Vec<Record>>) {
    let producer = format!("outbox-{}{}", Epoch::random(), Epoch::random());
    let (mut epoch, mut number) = (0, 1);
    while let Some(records) = waiting.recv().await {
        let error = loop {
            // It has the batch stored once, however often it is sent. In another life of the log, too, if that still has it.
            let token = Token::new(producer.clone(), epoch, number);
            let (log, batch) = (log.get(), Batch::new(&records).with_token(&token));
            match source.ask(Call::Append, source.store.append(&log, batch)).await {
                Ok(_) => {
                    number += 1;
                    break None;
                }
                // A log that has lost its end lacks the batches before this one, too: they are not sent again.
                Err(error) if matches!(error.kind(), StoreErrorKind::Gap { .. }) => {
                    (epoch, number) = (epoch + 1, 1);
                    continue;
                }
                Err(error) if !may_come_right(&error) || waiting.is_closed() => break Some((log, error)),
                Err(_) => {}
            }
            sleep(PAUSE).await;
        };
        if let Some((log, error)) = error {
            report(&log, &error);
        }
    }
}

fn may_come_right(error: &StoreError) -> bool {
    matches!(error.kind(), StoreErrorKind::Unavailable | StoreErrorKind::Epoch)
}

fn report(log: &StoredLog, error: &StoreError) {
    #[cfg(feature = "tracing")]
    tracing::error!(target: "typed_sse", log = log.name(), %error, "an event of `publish_now` was not stored");
    #[cfg(not(feature = "tracing"))]
    let _ = (log, error);
}
