//! What an application chooses before the first poll.

use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use http::header::HeaderName;
use http::{HeaderMap, HeaderValue, Request};
use tower_service::Service;
use typed_sse_core::LastEventId;

use super::{Client, transport};
use crate::backoff::Backoff;
use crate::error::BoxError;
use crate::reading::Resets;
use crate::reset::Reset;

/// Options. Set them before the first poll.
impl<E> Client<E> {
    /// Begins behind this event, as a program that comes back after its own restart.
    ///
    /// Save the ID of each event when you are done with it: [`current_event_id`](Self::current_event_id), or the one of an
    /// [`Item::Event`](crate::Item::Event). What is no event ID is none.
    ///
    /// ```
    /// # use typed_sse_core::Event as Market;
    /// use typed_sse_client::Client;
    ///
    /// let saved = std::fs::read_to_string("market.id").unwrap_or_default();
    /// let market = Client::<Market>::get("https://example.com/prices").last_event_id(saved.as_str());
    /// assert_eq!(market.current_event_id(), saved);
    /// ```
    pub fn last_event_id(mut self, id: impl Into<LastEventId>) -> Self {
        self.run.machine.set_last_event_id(&id.into());
        self
    }

    /// Sends a header with each request. One that is malformed is an error of the first poll.
    ///
    /// `Accept` and `Cache-Control` may be replaced; `Last-Event-ID` is the client's own.
    ///
    /// ```
    /// # use typed_sse_core::Event as Market;
    /// use typed_sse_client::Client;
    ///
    /// let market = Client::<Market>::get("https://example.com/prices").header("authorization", "Bearer secret");
    /// # let _ = market;
    /// ```
    pub fn header<N, V>(mut self, name: N, value: V) -> Self
    where
        N: TryInto<HeaderName, Error: Into<BoxError>>,
        V: TryInto<HeaderValue, Error: Into<BoxError>>,
    {
        self.run.template.set_header(name, value);
        self
    }

    /// Makes headers anew for each attempt, such as a token that runs out.
    ///
    /// The time that the future takes is part of the [connect time-out](Self::connect_timeout). Its error is a failure like a connection
    /// that could not be made: the client tries again later.
    ///
    /// ```
    /// # use typed_sse_core::Event as Market;
    /// use http::HeaderMap;
    /// use http::header::AUTHORIZATION;
    /// use typed_sse_client::Client;
    ///
    /// # async fn fresh_token() -> Result<String, std::io::Error> { Ok("secret".into()) }
    /// let market = Client::<Market>::get("https://example.com/prices").headers_with(|| async {
    ///     let bearer = format!("Bearer {}", fresh_token().await?).parse()?;
    ///     Ok(HeaderMap::from_iter([(AUTHORIZATION, bearer)]))
    /// });
    /// # let _ = market;
    /// ```
    pub fn headers_with<F, R>(mut self, mut headers: F) -> Self
    where
        F: FnMut() -> R + Send + 'static,
        R: Future<Output = Result<HeaderMap, Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
    {
        self.run.template.fresh = Some(Box::new(move || Box::pin(headers())));
        self
    }

    /// The body of the request, as it is. Of a [`post`](Self::post).
    ///
    /// ```
    /// # use typed_sse_core::Event as Market;
    /// use typed_sse_client::Client;
    ///
    /// let market = Client::<Market>::post("https://example.com/ask")
    ///     .header("content-type", "text/plain")
    ///     .body("why?");
    /// # let _ = market;
    /// ```
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.run.template.set_body(body.into(), None);
        self
    }

    /// The body of the request, as JSON. A value that has no JSON is an error of the first poll.
    ///
    /// ```
    /// # use typed_sse_core::Event as Market;
    /// use typed_sse_client::Client;
    ///
    /// let market = Client::<Market>::post("https://example.com/ask").json(&["why?", "how?"]);
    /// # let _ = market;
    /// ```
    pub fn json<T: serde::Serialize + ?Sized>(mut self, body: &T) -> Self {
        match serde_json::to_vec(body) {
            Ok(body) => self.run.template.set_body(body.into(), Some("application/json")),
            Err(error) => self.run.template.refuse(error),
        }
        self
    }

    /// Reads one connection, and does not come back: its end is the end of the stream. Redirects are followed. Default for
    /// [`post`](Self::post).
    ///
    /// A server that says when to come back (`Retry-After`) is an error, with that [time](crate::Error::retry_after).
    ///
    /// ```
    /// # use typed_sse_core::Event as Market;
    /// use typed_sse_client::Client;
    ///
    /// let market = Client::<Market>::get("https://example.com/prices").once();
    /// # let _ = market;
    /// ```
    pub fn once(mut self) -> Self {
        self.run.machine.settings.is_once = true;
        self
    }

    /// Makes it an [error](crate::ErrorKind::Ended) if the one connection of a [`post`](Self::post) ends without a
    /// terminal event. Default: only [`end`](Self::end) tells.
    ///
    /// ```
    /// # use typed_sse_core::Event as Market;
    /// use typed_sse_client::Client;
    ///
    /// let market = Client::<Market>::post("https://example.com/ask").json("why?").require_terminal();
    /// # let _ = market;
    /// ```
    pub fn require_terminal(mut self) -> Self {
        self.run.machine.settings.requires_terminal = true;
        self
    }

    /// How long to wait between two connections.
    ///
    /// ```
    /// # use typed_sse_core::Event as Market;
    /// use std::time::Duration;
    ///
    /// use typed_sse_client::{Backoff, Client};
    ///
    /// let backoff = Backoff::new().with_initial(Duration::from_secs(1));
    /// let market = Client::<Market>::get("https://example.com/prices").backoff(backoff);
    /// # let _ = market;
    /// ```
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.run.machine.settings.backoff = backoff;
        self
    }

    /// Ends the stream with an error after so many failures in a row. Default: never, as in a browser.
    ///
    /// Each lost connection counts; the count starts over as that of the [back-off](Backoff) does.
    ///
    /// ```
    /// # use typed_sse_core::Event as Market;
    /// use typed_sse_client::Client;
    ///
    /// let market = Client::<Market>::get("https://example.com/prices").give_up_after(10);
    /// # let _ = market;
    /// ```
    pub fn give_up_after(mut self, failures: u32) -> Self {
        self.run.machine.settings.give_up_after = Some(failures);
        self
    }

    /// Statuses upon which the client comes back, such as 502 and 504 of a proxy whose server restarts. Default: none; the
    /// standard has a client give up.
    ///
    /// ```
    /// # use typed_sse_core::Event as Market;
    /// use typed_sse_client::Client;
    ///
    /// let market = Client::<Market>::get("https://example.com/prices").retry_on([502, 503, 504]);
    /// # let _ = market;
    /// ```
    pub fn retry_on(mut self, statuses: impl IntoIterator<Item = u16>) -> Self {
        self.run.machine.settings.retried_statuses = statuses.into_iter().collect();
        self
    }

    /// How long an attempt may take until the head of the response has come. `None`: as long as it likes. Default: one minute.
    ///
    /// ```
    /// # use typed_sse_core::Event as Market;
    /// use std::time::Duration;
    ///
    /// use typed_sse_client::Client;
    ///
    /// let market = Client::<Market>::get("https://example.com/prices")
    ///     .connect_timeout(Duration::from_secs(10));
    /// # let _ = market;
    /// ```
    pub fn connect_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.run.machine.settings.connect_timeout = timeout.into();
        self
    }

    /// How long an open connection may be silent before it counts as broken. Comments of a server that keeps the connection alive are
    /// no silence. `None`: as long as it likes. Default: five minutes.
    ///
    /// A connection whose other end vanished looks like one on which nothing happens. Twice the server's keep-alive
    /// (15 s for typed-sse) notices it soon; a server without keep-alive needs more than its longest pause.
    ///
    /// ```
    /// # use typed_sse_core::Event as Market;
    /// use std::time::Duration;
    ///
    /// use typed_sse_client::Client;
    ///
    /// let market = Client::<Market>::get("https://example.com/prices")
    ///     .idle_limit(Duration::from_secs(30));
    /// # let _ = market;
    /// ```
    pub fn idle_limit(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.run.machine.settings.idle_limit = limit.into();
        self
    }

    /// The longest event that is taken, in bytes. A longer one is skipped, with an [error](crate::ErrorKind::TooLong) that does not end
    /// the stream. Default: 16 MiB.
    ///
    /// ```
    /// # use typed_sse_core::Event as Market;
    /// use typed_sse_client::Client;
    ///
    /// let market = Client::<Market>::get("https://example.com/prices").limit(64 << 10);
    /// # let _ = market;
    /// ```
    pub fn limit(mut self, bytes: usize) -> Self {
        self.run.machine.set_limit(bytes);
        self
    }

    /// What to do when the server has lost events that this client should have had: load the state again. The stream goes on, from
    /// where the loss ended, when the future is done. The reset is then no item.
    ///
    /// ```
    /// # use typed_sse_core::Event as Market;
    /// use typed_sse_client::Client;
    ///
    /// # async fn load_prices() {}
    /// let market = Client::<Market>::get("https://example.com/prices").on_reset(|reset| async move {
    ///     eprintln!("{reset}");
    ///     load_prices().await;
    /// });
    /// # let _ = market;
    /// ```
    pub fn on_reset<F, R>(mut self, mut load: F) -> Self
    where
        F: FnMut(Reset) -> R + Send + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        self.run.machine.settings.resets = Resets::Apart;
        self.run.on_reset = Some(Box::new(move |reset| Box::pin(load(reset))));
        self
    }

    /// Sends requests through this service of http 1: hyper-util's client, or a `tower` stack.
    ///
    /// The client follows redirects itself, and needs bodies that are not compressed.
    ///
    /// ```
    /// # use typed_sse_core::Event as Market;
    /// use http_body_util::Full;
    /// use hyper_util::client::legacy::Client as Hyper;
    /// use hyper_util::rt::TokioExecutor;
    /// use typed_sse_client::Client;
    ///
    /// let hyper = Hyper::builder(TokioExecutor::new()).build_http::<Full<bytes::Bytes>>();
    /// let market = Client::<Market>::get("http://example.com/prices").over(hyper);
    /// # let _ = market;
    /// ```
    pub fn over<S, B, R>(mut self, service: S) -> Self
    where
        S: Service<Request<B>, Response = http::Response<R>> + Clone + Send + 'static,
        S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
        S::Future: Send,
        B: From<Bytes> + Send + 'static,
        R: http_body::Body + Send + 'static,
        R::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        self.run.transport = Some(transport::over(service));
        self
    }

    /// Sends requests through this `reqwest::Client`, with its proxies, certificates and connections.
    ///
    /// Build it with `redirect(Policy::none())`, so that redirects are followed here: a permanent one is remembered then, and your headers
    /// stay with the origin that they are for. Leave out `timeout` and `read_timeout`, which end a stream that is quiet.
    ///
    /// ```
    /// # use typed_sse_core::Event as Market;
    /// use typed_sse_client::Client;
    ///
    /// # fn main() -> Result<(), reqwest::Error> {
    /// let reqwest = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
    /// let market = Client::<Market>::get("https://example.com/prices").over_reqwest(reqwest);
    /// # let _ = market;
    /// # Ok(()) }
    /// ```
    #[cfg(feature = "reqwest")]
    #[cfg_attr(docsrs, doc(cfg(feature = "reqwest")))]
    pub fn over_reqwest(mut self, client: reqwest::Client) -> Self {
        self.run.transport = Some(super::over_reqwest::over(client));
        self
    }
}
