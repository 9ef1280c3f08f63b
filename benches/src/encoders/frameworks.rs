//! Frameworks: what comes out of the response body for one event, polled by hand.
//!
//! Each body is built once, over a stream that makes the same event anew whenever it is polled.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use bytestring::ByteString;
use futures_util::stream::{self, Stream, StreamExt as _};
use http_body::Body;

use super::{Encoder, Sink};
use crate::events::Market;
use crate::ready;

pub(super) fn axum_to_string(event: Arc<Market>) -> Encoder {
    axum("axum 0.8 `.data(to_string)`", move || axum_event(&event).data(event.data()))
}

pub(super) fn axum_json_data(event: Arc<Market>) -> Encoder {
    axum("axum 0.8 `.json_data`", move || match &*event {
        Market::Note { text, .. } => axum_event(&event).data(text),
        Market::Price { .. } | Market::Trades(_) => axum_event(&event).json_data(&*event).unwrap(),
    })
}

fn axum_event(event: &Market) -> axum::response::sse::Event {
    axum::response::sse::Event::default().event(event.event_type()).id(event.id().to_string())
}

fn axum(name: &'static str, event: impl Fn() -> axum::response::sse::Event + Send + 'static) -> Encoder {
    use axum::response::IntoResponse as _;

    let sse = axum::response::Sse::new(stream::repeat_with(move || Ok::<_, Infallible>(event())));
    http_body(name, sse.into_response().into_body())
}

pub(super) fn warp(event: Arc<Market>) -> Encoder {
    use warp::Reply as _;

    let events = stream::repeat_with(move || {
        let warp = warp::sse::Event::default().event(event.event_type()).id(event.id().to_string());
        Ok::<_, Infallible>(warp.data(event.data()))
    });
    http_body("warp 0.4", warp::sse::reply(events).into_response().into_body())
}

pub(super) fn salvo(event: Arc<Market>) -> Encoder {
    let events = stream::repeat_with(move || {
        let salvo = salvo::sse::SseEvent::default().name(event.event_type()).id(event.id().to_string());
        Ok::<_, Infallible>(salvo.text(event.data()))
    });
    let mut response = salvo::Response::new();
    salvo::sse::stream(&mut response, events);
    http_body("salvo 1", response.take_body())
}

pub(super) fn poem(event: Arc<Market>) -> Encoder {
    use poem::IntoResponse as _;

    let events = stream::repeat_with(move || {
        let poem = poem::web::sse::Event::message(event.data());
        poem.event_type(event.event_type()).id(event.id().to_string())
    });
    bytes_stream("poem 3", poem::web::sse::SSE::new(events).into_response().into_body().into_bytes_stream())
}

pub(super) fn actix_web_lab(event: Arc<Market>) -> Encoder {
    use actix_web::body::{BoxBody, MessageBody as _};
    use actix_web_lab::sse::{Data, Event, Sse};

    let events = stream::repeat_with(move || {
        Event::Data(
            Data::new(event.data().into_owned())
                .event(ByteString::from_static(event.event_type()))
                .id(event.id().to_string()),
        )
    });
    let mut body = Box::pin(BoxBody::new(Sse::from_infallible_stream(events)));
    pieces("actix-web-lab 0.29", move || ready(|cx| body.as_mut().poll_next(cx)).unwrap().unwrap())
}

/// Without its heartbeat, which needs a clock; one chunk is 4 KiB at most, as its server reads them.
pub(super) fn rocket(event: Arc<Market>) -> Encoder {
    use rocket::response::Responder as _;
    use rocket::response::stream::{Event, EventStream};
    use rocket::tokio::io::{AsyncRead as _, ReadBuf};

    // It reads on into the next event while the stream has one: after each, the stream has none for one poll.
    let mut idle = true;
    let events = stream::poll_fn(move |_| {
        idle = !idle;
        if idle {
            return Poll::Pending;
        }
        let rocket = Event::data(event.data().into_owned()).event(event.event_type());
        Poll::Ready(Some(rocket.id(event.id().to_string())))
    });
    // A response needs a request, and a request a server: both live as long as the process.
    let config = rocket::Config { log_level: rocket::config::LogLevel::Off, ..rocket::Config::default() };
    let client = rocket::local::blocking::Client::untracked(rocket::custom(config)).unwrap();
    let request = Box::leak(Box::new(Box::leak(Box::new(client)).get("/")));
    let mut response = EventStream::from(events).heartbeat(None).respond_to(request.inner()).unwrap();
    let mut buffer = vec![0; 4096];
    pieces("rocket 0.5", move || {
        let mut read = ReadBuf::new(&mut buffer);
        let mut context = Context::from_waker(Waker::noop());
        while Pin::new(response.body_mut()).poll_read(&mut context, &mut read).is_pending() {}
        Bytes::copy_from_slice(read.filled())
    })
}

fn http_body<B>(name: &'static str, body: B) -> Encoder
where
    B: Body<Data = Bytes> + 'static,
    B::Error: std::fmt::Debug,
{
    let mut body = Box::pin(body);
    pieces(name, move || ready(|cx| body.as_mut().poll_frame(cx)).unwrap().unwrap().into_data().ok().unwrap())
}

fn bytes_stream(name: &'static str, stream: impl Stream<Item = std::io::Result<Bytes>> + 'static) -> Encoder {
    let mut stream = stream.boxed_local();
    pieces(name, move || ready(|cx| stream.poll_next_unpin(cx)).unwrap().unwrap())
}

/// Takes pieces of the body up to the blank line, which may be a piece of its own.
fn pieces(name: &'static str, mut next: impl FnMut() -> Bytes + 'static) -> Encoder {
    Encoder::new(name, move |sink: Sink<'_>| {
        let mut line_ended = false;
        loop {
            let piece = next();
            sink(&piece);
            if piece.ends_with(b"\n\n") || (line_ended && &piece[..] == b"\n") {
                break;
            }
            line_ended = piece.ends_with(b"\n");
        }
    })
}
