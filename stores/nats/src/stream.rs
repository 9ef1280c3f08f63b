//! The stream of a log: made, or taken over if it is fit.

use serde_json::json;
use typed_sse_core::store::{StoreError, StoreErrorKind};

use crate::api::{StreamConfig, StreamInfo};
use crate::connection::Server;
use crate::error;
use crate::name::Names;

/// How a stream is made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) replicas: usize,
    pub(crate) is_in_memory: bool,
}

/// A repeated message is known for so long: longer than any call repeats one.
const DUPLICATES: u64 = 120_000_000_000;

/// Finds the stream, or makes it.
pub(crate) async fn ensure(server: &Server, names: &Names, shape: Shape) -> Result<StreamInfo, StoreError> {
    if let Some(info) = server.stream(&names.stream).await? {
        check(names, &info.config)?;
        return Ok(info);
    }
    let config = json!({
        "name": names.stream,
        "subjects": [names.of(">")],
        "retention": "limits",
        "discard": "new",
        "storage": if shape.is_in_memory { "memory" } else { "file" },
        "num_replicas": shape.replicas,
        "duplicate_window": DUPLICATES,
        "allow_direct": true,
        "max_consumers": -1,
        "max_msgs": -1,
        "max_bytes": -1,
        "max_age": 0,
        "max_msgs_per_subject": -1,
        "max_msg_size": -1,
    });
    // Another process may be faster: then there is one now.
    let made = server.create_stream(&config).await;
    match server.stream(&names.stream).await? {
        Some(info) => {
            check(names, &info.config)?;
            Ok(info)
        }
        None => Err(made.err().unwrap_or_else(|| error::unexpected(&server.name))),
    }
}

/// Whether a log can lie in it: nothing of it may go by itself.
fn check(names: &Names, config: &StreamConfig) -> Result<(), StoreError> {
    let all = names.of(">");
    let wrong = [
        (!config.subjects.contains(&all), format!("its subjects lack `{all}`: add it")),
        (config.retention != "limits", "its retention is not `limits`: make it anew".to_owned()),
        (config.max_msgs > 0, "`max_msgs` drops records that nobody is told of: set it to -1".to_owned()),
        (
            config.max_msgs_per_subject > 0,
            "`max_msgs_per_subject` drops records that nobody is told of: set it to -1".to_owned(),
        ),
        (config.max_age > 0, "`max_age` drops records that nobody is told of: set it to 0".to_owned()),
        (
            config.max_bytes > 0 && config.discard != "new",
            "`max_bytes` drops records that nobody is told of: set `discard` to `new`, or it to -1"
                .to_owned(),
        ),
        (config.no_ack, "`no_ack` leaves what is published without an answer: set it to false".to_owned()),
        (!config.allow_direct, "`allow_direct` is off: set it to true".to_owned()),
        (config.sealed, "it is sealed: make it anew".to_owned()),
        (config.deny_delete || config.deny_purge, "it denies to delete or to purge: make it anew".to_owned()),
        (
            config.duplicate_window < 10_000_000_000,
            "`duplicate_window` is shorter than a call may take: set it to 2 minutes".to_owned(),
        ),
        (
            !matches!(config.storage.as_str(), "file" | "memory"),
            "its storage is neither `file` nor `memory`: make it anew".to_owned(),
        ),
    ];
    match wrong.into_iter().find(|(is_wrong, _)| *is_wrong) {
        None => Ok(()),
        Some((_, what)) => Err(StoreError::new(
            StoreErrorKind::Other,
            format!("the stream `{}` is not fit for a log: {what}", names.stream),
        )),
    }
}
