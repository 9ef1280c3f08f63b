//! Deletes what is trimmed. What it did is written down before, since whoever begins anew does not see it.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tokio::task::AbortHandle;
use tokio::time::sleep;
use typed_sse_core::store::StoreError;

use crate::connection::Server;
use crate::error;
use crate::life::{Landmark, publish};
use crate::tail::Tail;

/// A part of a checkpoint has so many bytes at the most.
const PART: usize = 512 << 10;
/// So many messages are deleted at once.
const AT_ONCE: usize = 64;
/// All processes find it due at the same time. One does it.
const SPREAD: Duration = Duration::from_millis(200);

/// Begins, if it is worth while and nobody here is at it.
pub(crate) fn when_due(tail: &Arc<Tail>, server: &Arc<Server>) {
    let is_due = tail.state().index.as_ref().is_some_and(crate::index::Index::is_to_tidy);
    let mut task = tail.tidying.lock().unwrap_or_else(PoisonError::into_inner);
    if !is_due || !task.as_ref().is_none_or(AbortHandle::is_finished) {
        return;
    }
    let (tail, server) = (Arc::downgrade(tail), Arc::clone(server));
    let wait = SPREAD.mul_f64(fastrand::f64());
    let tidying = async move {
        sleep(wait).await;
        let Some(tail) = tail.upgrade() else { return };
        // What fails is done with the next one.
        let _failed = tidy(&tail, &server).await;
    };
    *task = Some(tokio::spawn(tidying).abort_handle());
}

/// What is read anew is not tidied by what was known.
pub(crate) fn stop(tail: &Tail) {
    let task = tail.tidying.lock().unwrap_or_else(PoisonError::into_inner).take();
    task.inspect(AbortHandle::abort);
}

async fn tidy(tail: &Tail, server: &Server) -> Result<(), StoreError> {
    let stream = &tail.names.stream;
    let (text, idle, dead, mut head, known, created) = {
        let state = tail.state();
        let Some(index) = state.index.as_ref().filter(|index| index.is_to_tidy()) else { return Ok(()) };
        let text = serde_json::to_vec(&index.checkpoint()).map_err(|_| error::unexpected(&server.name))?;
        let created = state.created.clone();
        (text, index.idle(), index.dead(), index.next_head(), index.landmark(), created)
    };
    let newest = server.newest(stream, &tail.names.of("state")).await?.map_or(0, |newest| newest.sequence);
    // Another has come, or somebody has deleted it: then others may go by an older one.
    if newest != known {
        return Ok(());
    }
    for part in text.chunks(PART.min(server.max_payload() / 2).max(1)) {
        head.parts.extend(publish(server, tail.names.of("state.part"), part.to_vec(), None).await?);
    }
    // A stream that was made anew meanwhile counts anew. What lies there is not what was to go.
    if head.parts.iter().any(|part| *part <= head.applied) || !is_still(server, stream, &created).await? {
        return Ok(());
    }
    // These have no place in a checkpoint, which takes what it finds for stored. So they must not come back.
    delete(server, stream, idle, true).await?;
    let (applied, first) = (head.applied, head.first);
    let payload = Landmark::Checkpoint(head).write(server)?;
    let stored = publish(server, tail.names.of("state"), payload, Some(newest)).await?;
    if stored.is_none_or(|sequence| sequence <= applied) || !is_still(server, stream, &created).await? {
        return Ok(());
    }
    server.purge(stream, first).await?;
    let dead = dead.into_iter().filter(|sequence| *sequence >= first).collect();
    // What of these comes back is known as trimmed.
    delete(server, stream, dead, false).await
}

/// Whether the stream is the one that was made then.
async fn is_still(server: &Server, stream: &str, created: &str) -> Result<bool, StoreError> {
    Ok(server.stream(stream).await?.is_some_and(|info| info.created == created))
}

async fn delete(server: &Server, stream: &str, sequences: Vec<u64>, erase: bool) -> Result<(), StoreError> {
    let deletes = sequences.into_iter().map(|sequence| server.delete(stream, sequence, erase));
    stream::iter(deletes).buffer_unordered(AT_ONCE).try_collect().await
}
