//! Whatever sends a request, behind one type.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use http::{HeaderMap, Request, StatusCode};
use tower_service::Service;

use crate::error::BoxError;

pub(super) type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Sends requests. Dropping what it returns cancels.
pub(super) type Transport = Box<dyn FnMut(Request<Bytes>) -> BoxFuture<Result<Answer, BoxError>> + Send>;

/// A response whose body is still to come.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Pin<Box<dyn Body>>,
}

/// The body of a response.
pub(super) trait Body: Send {
    /// The next bytes; `None` at the end, when the body is whole.
    fn poll_bytes(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, BoxError>>>;
}

impl<B> Body for B
where
    B: http_body::Body + Send,
    B::Error: Into<BoxError>,
{
    fn poll_bytes(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, BoxError>>> {
        loop {
            let Poll::Ready(frame) = self.as_mut().poll_frame(context) else { return Poll::Pending };
            return Poll::Ready(match frame {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(mut data) => Some(Ok(data.copy_to_bytes(data.remaining()))),
                    // Trailers say nothing to a client of events.
                    Err(_) => continue,
                },
                Some(Err(error)) => Some(Err(error.into())),
                None => None,
            });
        }
    }
}

/// Any service of http 1 as a transport.
pub(super) fn over<S, B, R>(service: S) -> Transport
where
    S: Service<Request<B>, Response = http::Response<R>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: From<Bytes> + Send + 'static,
    R: http_body::Body + Send + 'static,
    R::Error: Into<BoxError>,
{
    Box::new(move |request| {
        let mut service = service.clone();
        Box::pin(async move {
            poll_fn(|context| service.poll_ready(context)).await.map_err(Into::into)?;
            let response = service.call(request.map(B::from)).await.map_err(Into::into)?;
            let (head, body) = response.into_parts();
            Ok(Answer { status: head.status, headers: head.headers, body: Box::pin(body) })
        })
    })
}
