use serde::{Serialize, de::DeserializeOwned};
use typed_sse::{FromSseEvent, SseEvent};

#[derive(SseEvent, FromSseEvent)]
#[sse(bound(serialize = "T: Serialize", deserialize = "T: DeserializeOwned"))]
struct Words<T>(T);

#[derive(SseEvent, FromSseEvent)]
#[sse(bound(serialize = "T: Serialize"))]
struct Literal<T>(T);

#[derive(SseEvent, FromSseEvent)]
#[sse(bound(deserialize = "T: Clone + DeserializeOwned"))]
struct Bounds<T>(T);

#[derive(SseEvent, FromSseEvent)]
#[sse(bound = "T: Serialize + DeserializeOwned")]
struct Parameter<T>(T);

fn main() {}
