//! What is published where nothing can be awaited.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::sleep;

use super::within;
use crate::store::{Batch, Epoch, Record, Store, StoreError, StoreErrorKind, StoredLog, Token};

/// Records on their way to the store, in order, each stored once however often it has to be sent.
pub(super) struct Outbox {
    records: mpsc::Sender<Vec<Record>>,
}

/// So many batches wait at the most.
const MOST: usize = 4096;

const PAUSE: Duration = Duration::from_millis(100);

impl Outbox {
    /// Has a task that sends what is put here, until the channel is gone and all is sent.
    pub(super) fn new(store: Arc<dyn Store>, log: StoredLog, time_limit: Duration) -> Self {
        let (records, waiting) = mpsc::channel(MOST);
        tokio::spawn(send(store, log, time_limit, waiting));
        Self { records }
    }

    pub(super) fn put(&self, records: Vec<Record>) -> Result<(), StoreError> {
        self.records.try_send(records).map_err(|_| {
            let words = "too many events wait for the store: await `publish` instead";
            StoreError::new(StoreErrorKind::Unavailable, words)
        })
    }
}

async fn send(
    store: Arc<dyn Store>,
    log: StoredLog,
    time_limit: Duration,
    mut waiting: mpsc::Receiver<Vec<Record>>,
) {
    let producer = format!("outbox-{}{}", Epoch::random(), Epoch::random());
    let mut number = 1;
    while let Some(records) = waiting.recv().await {
        let token = Token::new(producer.clone(), 0, number);
        loop {
            let batch = Batch::new(&records).with_token(&token);
            match within(time_limit, store.append(&log, batch)).await {
                Ok(_) => {
                    number += 1;
                    break;
                }
                Err(error) if error.kind() == StoreErrorKind::Unavailable => {
                    // The token has it stored once.
                    if waiting.is_closed() && waiting.is_empty() {
                        report(&log, &error);
                        return;
                    }
                    sleep(PAUSE).await;
                }
                Err(error) => {
                    report(&log, &error);
                    break;
                }
            }
        }
    }
}

fn report(log: &StoredLog, error: &StoreError) {
    #[cfg(feature = "tracing")]
    tracing::error!(target: "typed_sse", log = log.name(), %error, "an event of `publish_now` was not stored");
    #[cfg(not(feature = "tracing"))]
    let _ = (log, error);
}
