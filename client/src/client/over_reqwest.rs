//! reqwest as a transport.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Request;
use http_body::Frame;

use super::transport::{Answer, Transport};
use crate::error::BoxError;

/// The transport of a client that was given none.
pub(super) fn by_default() -> Result<Transport, BoxError> {
    // Redirects are the client's own: it comes back to where they lead, and has to know to whom it may show its headers.
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build();
    Ok(over(client.map_err(reqwest::Error::without_url)?))
}

pub(super) fn over(client: reqwest::Client) -> Transport {
    Box::new(move |request: Request<Bytes>| {
        let client = client.clone();
        Box::pin(async move {
            let request = reqwest::Request::try_from(request).map_err(reqwest::Error::without_url)?;
            let response = client.execute(request).await.map_err(reqwest::Error::without_url)?;
            let (head, body) = http::Response::from(response).into_parts();
            Ok(Answer { status: head.status, headers: head.headers, body: Box::pin(Quiet(body)) })
        })
    })
}

/// A body whose errors do not name the URL.
struct Quiet(reqwest::Body);

impl http_body::Body for Quiet {
    type Data = Bytes;
    type Error = reqwest::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, reqwest::Error>>> {
        let frame = Pin::new(&mut self.0).poll_frame(context);
        frame.map(|frame| frame.map(|frame| frame.map_err(reqwest::Error::without_url)))
    }
}
