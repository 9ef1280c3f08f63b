//! What JetStream is asked: its requests and answers are JSON.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use typed_sse_core::store::StoreError;

use crate::connection::Server;
use crate::error;

/// `stream not found`, `no message found`.
const NO_STREAM: u64 = 10059;
const NO_MESSAGE: u64 = 10037;
/// `wrong last sequence`: somebody else was faster.
pub(crate) const NOT_LAST: u64 = 10071;

#[derive(Debug, Deserialize)]
pub(crate) struct Failure {
    #[serde(default)]
    pub(crate) code: u64,
    #[serde(default)]
    pub(crate) err_code: u64,
    #[serde(default)]
    pub(crate) description: String,
}

#[derive(Debug, Deserialize)]
struct Answer<T> {
    error: Option<Failure>,
    #[serde(flatten)]
    answer: Option<T>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct StreamInfo {
    pub(crate) config: StreamConfig,
    pub(crate) created: String,
    pub(crate) state: StreamState,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct StreamState {
    pub(crate) first_seq: u64,
    pub(crate) last_seq: u64,
    /// How many between the two were deleted,
    #[serde(default)]
    pub(crate) num_deleted: u64,
    /// and which, where that was asked for.
    #[serde(default)]
    pub(crate) deleted: Vec<u64>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub(crate) struct StreamConfig {
    pub(crate) subjects: Vec<String>,
    pub(crate) retention: String,
    pub(crate) max_msgs: i64,
    pub(crate) max_bytes: i64,
    pub(crate) max_age: i64,
    pub(crate) max_msgs_per_subject: i64,
    pub(crate) discard: String,
    pub(crate) storage: String,
    pub(crate) no_ack: bool,
    pub(crate) duplicate_window: i64,
    pub(crate) allow_direct: bool,
    pub(crate) sealed: bool,
    pub(crate) deny_delete: bool,
    pub(crate) deny_purge: bool,
}

impl Default for StreamConfig {
    fn default() -> Self {
        Self {
            subjects: Vec::new(),
            retention: "limits".to_owned(),
            max_msgs: -1,
            max_bytes: -1,
            max_age: 0,
            max_msgs_per_subject: -1,
            discard: "old".to_owned(),
            storage: "file".to_owned(),
            no_ack: false,
            duplicate_window: 0,
            allow_direct: false,
            sealed: false,
            deny_delete: false,
            deny_purge: false,
        }
    }
}

/// A message, as it lies in the stream.
#[derive(Debug)]
pub(crate) struct RawMessage {
    pub(crate) sequence: u64,
    pub(crate) data: Vec<u8>,
}

#[derive(Debug, Deserialize)]
struct Got {
    message: GotMessage,
}

#[derive(Debug, Deserialize)]
struct GotMessage {
    seq: u64,
    #[serde(default)]
    data: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Consumer {
    pub(crate) name: String,
}

#[derive(Debug, Deserialize)]
struct Done {}

impl Server {
    /// What the server answers; a failure that it tells is the inner error.
    async fn api<T: DeserializeOwned>(
        &self,
        call: &str,
        request: &Value,
    ) -> Result<Result<T, Failure>, StoreError> {
        let payload = if request.is_null() { Bytes::new() } else { request.to_string().into() };
        let message = self.ask(&format!("$JS.API.{call}"), payload).await?;
        let answer: Answer<T> =
            serde_json::from_slice(&message.payload).map_err(|_| error::unexpected(&self.name))?;
        match (answer.error, answer.answer) {
            (Some(failure), _) => Ok(Err(failure)),
            (None, Some(answer)) => Ok(Ok(answer)),
            (None, None) => Err(error::unexpected(&self.name)),
        }
    }

    /// `None` if there is no such stream.
    pub(crate) async fn stream(&self, stream: &str) -> Result<Option<StreamInfo>, StoreError> {
        self.info(stream, &Value::Null).await
    }

    /// The same, with the numbers of what was deleted between its first message and the last.
    pub(crate) async fn stream_with_deleted(&self, stream: &str) -> Result<Option<StreamInfo>, StoreError> {
        self.info(stream, &json!({ "deleted_details": true })).await
    }

    async fn info(&self, stream: &str, request: &Value) -> Result<Option<StreamInfo>, StoreError> {
        match self.api(&format!("STREAM.INFO.{stream}"), request).await? {
            Ok(info) => Ok(Some(info)),
            Err(failure) if failure.err_code == NO_STREAM => Ok(None),
            Err(failure) => Err(self.said("does not tell of a stream", &failure)),
        }
    }

    pub(crate) async fn create_stream(&self, config: &Value) -> Result<(), StoreError> {
        let name = config["name"].as_str().unwrap_or_default();
        let created: Result<Done, _> = self.api(&format!("STREAM.CREATE.{name}"), config).await?;
        let what = format!("does not make the stream `{name}`");
        created.map(|_| ()).map_err(|failure| self.said(&what, &failure))
    }

    /// A push consumer that delivers all from this message on.
    pub(crate) async fn consume(&self, stream: &str, inbox: &str, from: u64) -> Result<Consumer, StoreError> {
        let request = json!({ "stream_name": stream, "config": {
            "deliver_subject": inbox,
            "deliver_policy": "by_start_sequence",
            "opt_start_seq": from.max(1),
            "ack_policy": "none",
            "replay_policy": "instant",
            "max_deliver": 1,
            "flow_control": true,
            "idle_heartbeat": crate::consumer::HEARTBEAT.as_nanos() as u64,
            "inactive_threshold": 10_000_000_000_u64,
            "mem_storage": true,
            "num_replicas": 1,
        }});
        let consumer = self.api(&format!("CONSUMER.CREATE.{stream}"), &request).await?;
        consumer.map_err(|failure| self.said("makes no consumer", &failure))
    }

    /// It would go by itself, a little later.
    pub(crate) async fn forget_consumer(&self, stream: &str, consumer: &str) {
        self.send(format!("$JS.API.CONSUMER.DELETE.{stream}.{consumer}")).await;
    }

    /// The message with this sequence, from the leader of the stream.
    pub(crate) async fn message(
        &self,
        stream: &str,
        sequence: u64,
    ) -> Result<Option<RawMessage>, StoreError> {
        self.get(stream, &json!({ "seq": sequence })).await
    }

    /// The newest under this subject.
    pub(crate) async fn newest(&self, stream: &str, subject: &str) -> Result<Option<RawMessage>, StoreError> {
        self.get(stream, &json!({ "last_by_subj": subject })).await
    }

    async fn get(&self, stream: &str, request: &Value) -> Result<Option<RawMessage>, StoreError> {
        let got: Result<Got, _> = self.api(&format!("STREAM.MSG.GET.{stream}"), request).await?;
        match got {
            Ok(Got { message }) => {
                let data = STANDARD.decode(&message.data).map_err(|_| error::unexpected(&self.name))?;
                Ok(Some(RawMessage { sequence: message.seq, data }))
            }
            Err(failure) if matches!(failure.err_code, NO_MESSAGE | NO_STREAM) => Ok(None),
            Err(failure) => Err(self.said("does not give a message", &failure)),
        }
    }

    /// One that is gone already is gone. Only one that is erased stays away: a server of version 2.9 that is killed has others again.
    pub(crate) async fn delete(&self, stream: &str, sequence: u64, erase: bool) -> Result<(), StoreError> {
        let request = json!({ "seq": sequence, "no_erase": !erase });
        let deleted: Result<Done, _> = self.api(&format!("STREAM.MSG.DELETE.{stream}"), &request).await?;
        match deleted {
            Err(failure) if failure.code != 404 && !failure.description.contains("no message found") => {
                Err(self.said("does not trim", &failure))
            }
            _ => Ok(()),
        }
    }

    /// Deletes all messages before this one.
    pub(crate) async fn purge(&self, stream: &str, before: u64) -> Result<(), StoreError> {
        let purged: Result<Done, _> =
            self.api(&format!("STREAM.PURGE.{stream}"), &json!({ "seq": before })).await?;
        purged.map(|_| ()).map_err(|failure| self.said("does not trim", &failure))
    }

    fn said(&self, what: &str, failure: &Failure) -> StoreError {
        error::said(&self.name, what, failure.err_code, &failure.description)
    }
}
