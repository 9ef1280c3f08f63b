//! The reconnecting client.

mod items;
mod options;
#[cfg(feature = "reqwest")]
mod over_reqwest;
mod refusal;
mod request;
mod run;
mod target;
mod transport;

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use http::Method;
pub use items::Items;
use request::Template;
use run::Run;
use typed_sse_core::FromSseEvent;

use crate::error::{Error, ErrorKind};
use crate::item::End;
use crate::machine::Output;

/// Reads an event stream as the events of a type, over as many connections as it takes.
///
/// It is a builder and a `Stream` in one: set what you need, then ask for the next event. The first request is sent when the
/// stream is first polled; dropping the client closes the connection.
///
/// ```no_run
/// # use typed_sse_core::Event as Market; // `#[derive(FromSseEvent)] enum Market { .. }`
/// # async fn run() -> Result<(), typed_sse_client::Error> {
/// use typed_sse_client::Client;
///
/// let mut market = Client::<Market>::get("https://example.com/prices");
/// while let Some(event) = market.next().await {
///     let event: Market = event?;
///     println!("{event:?}");
/// }
/// # Ok(()) }
/// ```
///
/// Each item is an event or an [`Error`]. Most errors are about one event, and the next event follows; the `?` above leaves at any of
/// them, so a long-lived program asks [`Error::is_final`]. A lost connection is no error: the client comes back by itself, with
/// the last event ID. [`items`](Self::items) shows it.
///
/// # What it does as a browser does
///
/// It follows [WHATWG HTML, "Server-sent events"][sse]:
///
/// - It reconnects when the connection breaks or ends, after the reconnection time, with the last event ID of all connections.
/// - It follows redirects, up to 20 in one attempt, and comes back to where the last one led, whatever its status, once that place has
///   answered.
/// - Status `204` ends the stream. Any other status that is not 200, and any content type that is not `text/event-stream`, is an error
///   that ends it.
///
/// # What it does beyond
///
/// - It waits longer after each failure ([`Backoff`](crate::Backoff)), and as long as `Retry-After` says on `429` and `503`.
/// - It notices a connection on which nothing comes any more ([`idle_limit`](Self::idle_limit)).
/// - It ends behind an event that [ends the stream][terminal], without waiting for the server, and [`end`](Self::end) tells that end from
///   others.
/// - What it holds is bounded ([`limit`](Self::limit)).
/// - The application's headers, which may be secrets, are sent to the origin that it named, and to no other that a
///   redirect leads to, nor later when the client comes back there.
///
/// # Panics
///
/// When polled outside of a Tokio runtime with a clock.
///
/// [sse]: https://html.spec.whatwg.org/multipage/server-sent-events.html
/// [terminal]: typed_sse_core::FromSseEvent::is_terminal
#[must_use = "a client sends nothing until it is polled"]
pub struct Client<E> {
    run: Run<E>,
}

impl<E> Client<E> {
    /// Reads the stream at this URL, and comes back whenever the connection is lost.
    ///
    /// A malformed URL is an error of the first poll. A user name and password in it are sent as the header that they stand for.
    ///
    /// ```
    /// # use typed_sse_core::Event as Market;
    /// use typed_sse_client::Client;
    ///
    /// let market = Client::<Market>::get("https://example.com/prices").last_event_id("k3v9x2ab-1200");
    /// # let _ = market;
    /// ```
    pub fn get(url: impl AsRef<str>) -> Self {
        Self { run: Run::new(Template::new(Method::GET, url.as_ref())) }
    }

    /// Sends one `POST`, and reads the stream with which it is answered, such as the tokens of a language model.
    ///
    /// It is [never sent a second time](Self::once): doing so may cost money or do something twice.
    ///
    /// ```
    /// # use typed_sse_core::Event as Answer;
    /// use typed_sse_client::Client;
    ///
    /// let answer = Client::<Answer>::post("https://example.com/complete")
    ///     .header("authorization", "Bearer secret")
    ///     .json(&serde_json::json!({ "question": "why?", "stream": true }))
    ///     .require_terminal();
    /// # let _ = answer;
    /// ```
    pub fn post(url: impl AsRef<str>) -> Self {
        Self { run: Run::new(Template::new(Method::POST, url.as_ref())) }.once()
    }

    /// The ID of the last event that came, or what the client was [given](Self::last_event_id); empty for none.
    ///
    /// Right behind an event, it is that event's. A block that has only an ID moves it on, too.
    #[must_use]
    pub fn current_event_id(&self) -> &str {
        self.run.machine.last_event_id()
    }

    /// How the stream ended; `None` as long as it has not.
    ///
    /// ```no_run
    /// # use typed_sse_core::Event as Answer;
    /// use typed_sse_client::{Client, End};
    ///
    /// # async fn run(mut answer: Client<Answer>) {
    /// while let Some(token) = answer.next().await {
    ///     // ..
    /// }
    /// if answer.end() != Some(End::Terminal) {
    ///     println!("the answer is not whole");
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn end(&self) -> Option<End> {
        self.run.machine.end()
    }

    /// The same stream with what is beside the events: their IDs, resets, and what the connection does.
    ///
    /// ```no_run
    /// # use typed_sse_core::Event as Market;
    /// use typed_sse_client::{Client, Item, State};
    ///
    /// # async fn load() {}
    /// # async fn run() -> Result<(), typed_sse_client::Error> {
    /// let mut market = Client::<Market>::get("https://example.com/prices").items();
    /// while let Some(item) = market.next().await {
    ///     match item? {
    ///         Item::Event { event, id } => println!("{id}: {event:?}"),
    ///         Item::Reset(reset) => {
    ///             eprintln!("{reset}");
    ///             load().await; // Nothing is read meanwhile.
    ///         }
    ///         Item::State(State::Reconnecting { reason, delay }) => eprintln!("{reason}: back in {delay:?}"),
    ///         _ => {}
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    pub fn items(self) -> Items<E> {
        Items::new(self)
    }
}

impl<E: FromSseEvent> Client<E> {
    /// The next event; `None` at the end of the stream. Nothing is lost when the future is dropped.
    ///
    /// # Errors
    ///
    /// See [`ErrorKind`]: what concerns one event, and what [ends](Error::is_final) the stream.
    pub async fn next(&mut self) -> Option<Result<E, Error>> {
        poll_fn(|context| self.poll_event(context)).await
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<E, Error>>> {
        loop {
            let event = match ready!(self.run.poll_output(context)) {
                Some(Ok(Output::State(_))) => continue,
                Some(Ok(Output::Event(event))) => Some(Ok(event)),
                // A stream of events alone has no other place for it, and in silence it must not pass.
                Some(Ok(Output::Reset(reset))) => Some(Err(Error::new(ErrorKind::Reset(reset)))),
                Some(Err(error)) => Some(Err(error)),
                None => None,
            };
            return Poll::Ready(event);
        }
    }
}

impl<E: FromSseEvent> Stream for Client<E> {
    type Item = Result<E, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_event(context)
    }
}

impl<E> fmt::Debug for Client<E> {
    /// Without path, query, headers and body, which may carry secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("origin", &self.run.template.shown())
            .field("last_event_id", &self.current_event_id())
            .field("is_open", &self.run.machine.is_open())
            .field("end", &self.end())
            .finish_non_exhaustive()
    }
}
