//! Crates that encode an event without a framework.

use std::sync::Arc;

use super::Encoder;
use crate::events::Market;

pub(super) fn sse_stream(event: Arc<Market>) -> Encoder {
    Encoder::new("sse-stream 0.3", move |sink| {
        let sse = sse_stream::Sse::default()
            .event(event.event_type())
            .id(event.id().to_string())
            .data(event.data());
        sink(&sse.encode().unwrap());
    })
}

pub(super) fn russe(event: Arc<Market>) -> Encoder {
    Encoder::new("russe 0.3", move |sink| {
        let message = russe::Message {
            data: event.data().into_owned().into(),
            event: Some(bytestring::ByteString::from_static(event.event_type())),
            retry: None,
            id: Some(event.id().to_string().into()),
        };
        sink(russe::Event::Message(message).into_bytestring().unwrap().as_bytes());
    })
}
