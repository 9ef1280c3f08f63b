//! The peers' decoders.

use std::convert::Infallible;
use std::future::ready as now;

use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt as _};

use crate::ready;

pub(crate) fn sse_core(chunks: &[Bytes], mut sink: impl FnMut(&str, &str, &str)) {
    use sse_core_peer::{SseDecoder, SseEvent};

    let mut decoder = SseDecoder::new();
    for chunk in chunks {
        let mut input = &chunk[..];
        while let Some(event) = decoder.next(&mut input) {
            if let SseEvent::Message(message) = event.unwrap() {
                sink(&message.event, &message.data, message.last_event_id.as_deref().unwrap_or_default());
            }
        }
    }
}

/// It gives blocks, not dispatched events: no default event type, no ID carried over.
pub(crate) fn sse_stream(chunks: &[Bytes], mut sink: impl FnMut(&str, &str, &str)) {
    drain(sse_stream::SseByteStream::new(input(chunks)), |event| {
        let sse = event.unwrap();
        if let Some(data) = &sse.data {
            sink(sse.event.as_deref().unwrap_or("message"), data, sse.id.as_deref().unwrap_or_default());
        }
    });
}

/// It shares the chunk's memory with the events that lie in it.
pub(crate) fn sseer(chunks: &[Bytes], mut sink: impl FnMut(&str, &str, &str)) {
    let chunks = stream::iter(chunks).map(|chunk| Ok::<_, Infallible>(chunk.clone()));
    drain(sseer::event_stream::EventStream::new(chunks), |event| {
        let event = event.unwrap();
        sink(&event.event, &event.data, &event.id);
    });
}

pub(crate) fn sse_parse(chunks: &[Bytes], mut sink: impl FnMut(&str, &str, &str)) {
    let mut parser = sse_parse::SseParser::new();
    for chunk in chunks {
        parser.feed(chunk);
        while let Some(event) = parser.next_event() {
            sink(&event.event, &event.data, &event.id);
        }
    }
}

pub(crate) fn eventsource_stream(chunks: &[Bytes], mut sink: impl FnMut(&str, &str, &str)) {
    drain(eventsource_stream::EventStream::new(input(chunks)), |event| {
        let event = event.unwrap();
        sink(&event.event, &event.data, &event.id);
    });
}

/// Its parser is private; a transport of ours hands it the chunks.
pub(crate) fn eventsource_client(chunks: &[Bytes], mut sink: impl FnMut(&str, &str, &str)) {
    use eventsource_client::{Client as _, ClientBuilder, ReconnectOptions, SSE};

    let builder = ClientBuilder::for_url("http://localhost/").unwrap();
    let client = builder
        .reconnect(ReconnectOptions::reconnect(false).build())
        .build_with_transport(Chunks(chunks.to_vec()));
    drain(client.stream(), |event| {
        // An error stands for the end of the stream.
        if let Ok(SSE::Event(event)) = event {
            sink(&event.event_type, &event.data, event.id.as_deref().unwrap_or_default());
        }
    });
}

#[derive(Clone)]
struct Chunks(Vec<Bytes>);

impl launchdarkly_sdk_transport::HttpTransport for Chunks {
    fn request(&self, _: axum::http::Request<Option<Bytes>>) -> launchdarkly_sdk_transport::ResponseFuture {
        let body: launchdarkly_sdk_transport::ByteStream = Box::pin(stream::iter(self.0.clone()).map(Ok));
        Box::pin(now(Ok(axum::http::Response::new(body))))
    }
}

fn input(chunks: &[Bytes]) -> impl Stream<Item = Result<&[u8], Infallible>> + Unpin {
    stream::iter(chunks).map(|chunk| Ok(&chunk[..]))
}

fn drain<T>(stream: impl Stream<Item = T>, mut each: impl FnMut(T)) {
    let mut stream = std::pin::pin!(stream);
    while let Some(item) = ready(|cx| stream.as_mut().poll_next(cx)) {
        each(item);
    }
}
