//! The records of some places: those that came last are known, the others are asked for, many at once.

use std::collections::HashMap;
use std::sync::Arc;

use async_nats::{HeaderMap, Message};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use typed_sse_core::store::{Record, StoreError, Stored};

use crate::connection::Server;
use crate::error;
use crate::index::{Place, number_of, sequence_of};
use crate::message::Incoming;
use crate::name::Subject;
use crate::tail::{State, Tail};

const AT_ONCE: usize = 256;

type Known = HashMap<u64, Option<Arc<[Record]>>>;

/// The messages of these places, as far as they are known.
pub(crate) fn known(state: &State, places: &[Place]) -> Known {
    let sequences = places.iter().map(|place| sequence_of(place.position));
    sequences.map(|sequence| (sequence, state.kept(sequence))).collect()
}

/// If a message is not there, which one.
pub(crate) async fn fetch(
    server: &Server,
    tail: &Tail,
    places: &[Place],
    mut known: Known,
) -> Result<Result<Vec<Stored>, u64>, StoreError> {
    let wanted: Vec<_> =
        known.iter().filter(|(_, records)| records.is_none()).map(|(sequence, _)| *sequence).collect();
    if !wanted.is_empty() {
        let gets = wanted.into_iter().map(|sequence| async move {
            Ok::<_, StoreError>((sequence, get(server, tail, sequence).await?))
        });
        let got: Vec<_> = stream::iter(gets).buffer_unordered(AT_ONCE).try_collect().await?;
        known.extend(got);
    }
    let stored = places.iter().map(|place| {
        let sequence = sequence_of(place.position);
        let records = known.get(&sequence).and_then(Option::as_ref);
        let record = records.and_then(|records| records.get(number_of(place.position))).ok_or(sequence)?;
        Ok(Stored::new(place.position, Some(place.at()), record.clone()))
    });
    Ok(stored.collect())
}

async fn get(server: &Server, tail: &Tail, sequence: u64) -> Result<Option<Arc<[Record]>>, StoreError> {
    let subject = format!("$JS.API.DIRECT.GET.{}", tail.names.stream);
    let message = server.ask(&subject, format!("{{\"seq\":{sequence}}}").into()).await?;
    let Message { status, headers, payload, .. } = message;
    if status.is_some() {
        return Ok(None);
    }
    let subject = subject_of(headers.as_ref()).ok_or_else(|| error::unexpected(&server.name))?;
    let topic = match tail.names.read(&subject) {
        Subject::Events(topic) => Some(topic),
        _ => None,
    };
    let records = Incoming::read(topic, headers.as_ref(), &payload).records;
    records.map(Some).map_err(|error| {
        error::corrupt(&tail.names.stream, &format!("has another message {sequence} than before: {error}"))
    })
}

fn subject_of(headers: Option<&HeaderMap>) -> Option<String> {
    headers?.get("Nats-Subject").map(|subject| subject.as_str().to_owned())
}
