//! What an event stream is made of.

use std::cell::Cell;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

/// A stream of events: any [`Stream`], and nothing else.
///
/// It is what an adapter's `Sse::new` takes, as `S: Events<Item: EventResult>`, in place of a [`Stream`], so that the compiler
/// says what to send when it is handed something that is none.
///
/// A subscription that is over before it began is answered by `204 No Content`, which tells the client to stop: an
/// `EventSource` does not reconnect. It says so when its [size hint](Stream::size_hint) is asked for, which combinators like `map` pass
/// on. A stream that is none and happens to be empty is answered by an empty event stream.
///
/// Streams of several types, or with an event in front, become one of frames, which every event can be turned into:
///
/// ```
/// use futures_util::stream::{self, BoxStream, StreamExt as _};
/// use typed_sse_core::{BoxError, Channel, Event, Frame, LastEventId, SseEvent as _};
///
/// fn events(
///     channel: &Channel<Event>,
///     last: LastEventId,
///     greeting: Option<Event>,
/// ) -> BoxStream<'static, Result<Frame, BoxError>> {
///     let events = channel.subscribe(last).map(|frame| frame.map_err(BoxError::from));
///     let Some(greeting) = greeting else { return events.boxed() };
///     let first = stream::once(async move { Ok(greeting.to_frame()?) });
///     first.chain(events).boxed()
/// }
/// # let _ = events(&Channel::new(), LastEventId::default(), None);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a stream of events",
    label = "not a stream",
    note = "of a channel, send what a client subscribes to: `channel.subscribe(last_event_id)`"
)]
pub trait Events: sealed::Sealed {
    /// What it yields; see [`EventResult`](crate::EventResult).
    type Item;

    /// As [`Stream::poll_next`].
    #[doc(hidden)]
    fn poll_event(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>>;

    /// Whether it is made of a subscription that is over, and so of nothing else.
    #[doc(hidden)]
    fn is_over(&self) -> bool;
}

// Not a supertrait: the compiler would name that one, and list whatever implements it.
#[diagnostic::do_not_recommend]
impl<S: Stream> Events for S {
    type Item = S::Item;

    fn poll_event(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Stream::poll_next(self, context)
    }

    fn is_over(&self) -> bool {
        OVER.set(false);
        self.size_hint().1 == Some(0) && OVER.get()
    }
}

thread_local! {
    /// A subscription that was asked for its size said that it is over. The size alone does not say it: an empty list has the
    /// same, and so has the `stream::pending` of `futures`.
    static OVER: Cell<bool> = const { Cell::new(false) };
}

/// The size hint of a subscription.
pub(crate) fn size_hint(is_over: bool) -> (usize, Option<usize>) {
    if is_over {
        OVER.set(true);
    }
    (0, is_over.then_some(0))
}

mod sealed {
    #[expect(unnameable_types, reason = "that is what seals a trait")]
    pub trait Sealed {}

    impl<S> Sealed for S {}
}
