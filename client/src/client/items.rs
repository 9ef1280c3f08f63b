//! Events, and what is beside them.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use typed_sse_core::{FromSseEvent, LastEventId};

use super::Client;
use crate::error::Error;
use crate::item::{End, Item};
use crate::machine::Output;
use crate::reading::Resets;

/// A stream of [`Item`]s, made by [`Client::items`].
///
/// A channel's `reset` is always an [`Item::Reset`] here, also where the type has a variant for it.
#[derive(Debug)]
#[must_use = "a client sends nothing until it is polled"]
pub struct Items<E> {
    client: Client<E>,
}

impl<E> Items<E> {
    pub(super) fn new(mut client: Client<E>) -> Self {
        client.run.machine.settings.resets = Resets::Apart;
        Self { client }
    }

    /// As [`Client::current_event_id`].
    #[must_use]
    pub fn current_event_id(&self) -> &str {
        self.client.current_event_id()
    }

    /// As [`Client::end`].
    #[must_use]
    pub fn end(&self) -> Option<End> {
        self.client.end()
    }
}

impl<E: FromSseEvent> Items<E> {
    /// The next item; `None` at the end of the stream. Nothing is lost when the future is dropped.
    ///
    /// # Errors
    ///
    /// See [`ErrorKind`](crate::ErrorKind): what concerns one event, and what [ends](Error::is_final) the stream.
    pub async fn next(&mut self) -> Option<Result<Item<E>, Error>> {
        poll_fn(|context| self.poll_item(context)).await
    }

    fn poll_item(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Item<E>, Error>>> {
        let Some(output) = ready!(self.client.run.poll_output(context)) else { return Poll::Ready(None) };
        Poll::Ready(Some(output.map(|output| match output {
            Output::Event(event) => {
                Item::Event { event, id: LastEventId::from_bytes(self.current_event_id()) }
            }
            Output::Reset(reset) => Item::Reset(reset),
            Output::State(state) => Item::State(state),
        })))
    }
}

impl<E: FromSseEvent> Stream for Items<E> {
    type Item = Result<Item<E>, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_item(context)
    }
}
