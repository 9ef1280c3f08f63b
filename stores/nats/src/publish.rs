//! Appending: a batch is published, and the message comes back with what became of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::time::{sleep, timeout};
use typed_sse_core::store::{Appended, Batch, StoreError, StoreErrorKind, StoredLog};

use crate::connection::{SOON, Server, Unanswered};
use crate::error;
use crate::index::Verdict;
use crate::life::stored;
use crate::message::{EPOCH, MESSAGE_ID, Outgoing};
use crate::tail::{Tail, Waiting};

pub(crate) async fn append(
    server: &Server,
    tail: &Arc<Tail>,
    log: &StoredLog,
    batch: Batch<'_>,
) -> Result<Appended, StoreError> {
    if batch.records.is_empty() {
        return Ok(Appended::stored(Vec::new()));
    }
    if tail.is_unfit() {
        // What became of it, nobody here could say.
        let unfit = async {
            tokio::select! {
                unfit = tail.until_unfit() => Some(unfit),
                () = tail.until_fit() => None,
            }
        };
        let unfit = timeout(server.time_limit, unfit).await;
        if let Some(unfit) = unfit.unwrap_or_else(|_| Some(error::late(&server.name))) {
            return Err(unfit);
        }
    }
    let mut message = Outgoing::of_batch(&tail.names, batch)?;
    let mut waiting = tail.wait_for_verdict();
    message.headers.insert(MESSAGE_ID, &*waiting.id);
    message.headers.insert(EPOCH, log.epoch().to_string());
    // Whether the server may have it.
    let is_sent = AtomicBool::new(false);
    let published = async {
        tokio::select! {
            biased;
            verdict = publish(server, tail, &message, &mut waiting, &is_sent) => verdict,
            unfit = tail.until_unfit() => Err(unfit),
        }
    };
    let published = timeout(server.time_limit, published).await;
    let is_sent = is_sent.load(Ordering::Relaxed);
    let verdict = published.unwrap_or_else(|_| {
        let is_up = server.line().borrow().is_up;
        Err(if is_sent || is_up { error::late(&server.name) } else { error::unreachable(&server.name) })
    });
    match verdict {
        Ok(Verdict::Stored(positions)) => Ok(Appended::stored(positions)),
        Ok(Verdict::Duplicate(positions)) => Ok(Appended::duplicate(positions)),
        Ok(Verdict::Refused(refusal)) => {
            Err(error::refused(log.name(), batch.token.map(|token| &*token.producer), refusal))
        }
        Err(error) if is_sent => Err(error.unsure()),
        Err(error) => Err(error),
    }
}

/// Until it is known what became of it. Again after each lost connection, under the same name, so that it is stored once.
async fn publish(
    server: &Server,
    tail: &Tail,
    message: &Outgoing,
    waiting: &mut Waiting,
    is_sent: &AtomicBool,
) -> Result<Verdict, StoreError> {
    let gone = || error::unavailable(&server.name, "was left");
    loop {
        let number = server.up().await;
        let Outgoing { subject, headers, payload } = message;
        let was_sent = is_sent.swap(true, Ordering::Relaxed);
        let answer = server.ask_once(number, subject.clone(), headers.clone(), payload.clone());
        let answer = tokio::select! {
            biased;
            verdict = &mut waiting.verdict => return verdict.map_err(|_| gone()),
            answer = answer => answer,
        };
        match answer.map(|answer| stored(&answer.payload)) {
            // It comes by the stream.
            Ok(Some(Ok(_))) => return (&mut waiting.verdict).await.map_err(|_| gone()),
            Ok(Some(Err(failure))) => {
                is_sent.store(was_sent, Ordering::Relaxed);
                return Err(error::said(
                    &server.name,
                    "stores nothing",
                    failure.err_code,
                    &failure.description,
                ));
            }
            Ok(None) => return Err(error::unexpected(&server.name)),
            Err(Unanswered::TooLong) => {
                is_sent.store(was_sent, Ordering::Relaxed);
                let words = format!(
                    "the batch is longer than the {} bytes that the NATS server {} takes at once: raise its `max_payload`, \
                     or append less at once",
                    server.max_payload(),
                    server.name
                );
                return Err(StoreError::new(StoreErrorKind::TooLong, words));
            }
            Err(Unanswered::Lost) => sleep(SOON).await,
            Err(Unanswered::Nobody) => {
                is_sent.store(was_sent, Ordering::Relaxed);
                // A server that has just started takes a moment; or the stream is gone.
                if server.stream(&tail.names.stream).await?.is_none() {
                    return Err(tail.distrust());
                }
                sleep(SOON).await;
            }
        }
    }
}
