//! What is sent: the same for each attempt, but for the headers that the application makes anew.

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue, Method, Request};

use super::target::Target;
use super::transport::BoxFuture;
use crate::error::{BoxError, Error, ErrorKind};
use crate::machine::Redirect;

/// Makes the headers of one attempt.
pub(super) type FreshHeaders = Box<dyn FnMut() -> BoxFuture<Result<HeaderMap, BoxError>> + Send>;

/// The application's request.
pub(super) struct Template {
    target: Result<Target, Option<BoxError>>,
    given_method: Method,
    /// A redirect may have made a `GET` of it, for good: only a `POST` is changed, and that is sent once.
    method: Method,
    headers: HeaderMap,
    body: Bytes,
    pub(super) fresh: Option<FreshHeaders>,
    /// Of this attempt.
    pub(super) of_attempt: HeaderMap,
}

impl Template {
    pub(super) fn new(method: Method, url: &str) -> Self {
        Self {
            target: Target::new(url).map_err(Some),
            given_method: method.clone(),
            method,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            fresh: None,
            of_attempt: HeaderMap::new(),
        }
    }

    /// Remembers the first mistake, which is told when the request is to be sent.
    pub(super) fn refuse(&mut self, error: impl Into<BoxError>) {
        if self.target.is_ok() {
            self.target = Err(Some(error.into()));
        }
    }

    pub(super) fn set_header<N, V>(&mut self, name: N, value: V)
    where
        N: TryInto<HeaderName, Error: Into<BoxError>>,
        V: TryInto<HeaderValue, Error: Into<BoxError>>,
    {
        match (name.try_into(), value.try_into()) {
            (Ok(name), Ok(value)) => {
                self.headers.insert(name, value);
            }
            // What is wrong with a value is not worth to be seen with it.
            (Err(error), _) => self.refuse(error),
            (_, Err(error)) => self.refuse(error),
        }
    }

    pub(super) fn set_body(&mut self, body: Bytes, content_type: Option<&'static str>) {
        self.body = body;
        if let Some(content_type) = content_type {
            self.headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
    }

    /// Begins another attempt, or goes on with one that was redirected.
    pub(super) fn aim(&mut self, redirect: Option<&Redirect>) -> Result<(), Error> {
        let target = self.target.as_mut().map_err(|error| match error.take() {
            Some(error) => Error::with_source(ErrorKind::Request, error).into_final(),
            None => Error::new(ErrorKind::Request).into_final(),
        })?;
        let Some(redirect) = redirect else {
            target.start_over();
            return Ok(());
        };
        target.follow(redirect)?;
        // Fetch: on `301` and `302` a `POST`, on `303` whatever is not a `GET`, becomes a `GET` without a body.
        if !redirect.keeps_method {
            self.method = Method::GET;
        }
        Ok(())
    }

    /// There was an answer that is no redirect: later attempts begin where it came from.
    pub(super) fn stay(&mut self) {
        if let Ok(target) = &mut self.target {
            target.stay();
        }
    }

    /// The request ["to reestablish the connection"][reestablish].
    ///
    /// [reestablish]: https://html.spec.whatwg.org/multipage/server-sent-events.html#reestablish-the-connection
    pub(super) fn request(&self, last_event_id: &str) -> Result<Request<Bytes>, BoxError> {
        let Ok(target) = &self.target else { return Err("no URL".into()) };
        let has_body = self.method == self.given_method;
        let mut request = Request::new(if has_body { self.body.clone() } else { Bytes::new() });
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = target.url().parse()?;
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if target.is_trusted() {
            headers.extend(target.authorization().map(|value| (AUTHORIZATION, value.clone())));
            for (name, value) in self.headers.iter().chain(&self.of_attempt) {
                let mut value = value.clone();
                value.set_sensitive(true);
                headers.insert(name, value);
            }
        } else if let Some(value) = self.headers.get(CONTENT_TYPE) {
            headers.insert(CONTENT_TYPE, value.clone());
        }
        if !has_body {
            headers.remove(CONTENT_TYPE);
        }
        headers.remove(&LAST_EVENT_ID);
        // "If the EventSource object's last event ID string is not the empty string", as UTF-8.
        if !last_event_id.is_empty() {
            headers.insert(LAST_EVENT_ID, HeaderValue::from_bytes(last_event_id.as_bytes())?);
        }
        Ok(request)
    }

    pub(super) fn shown(&self) -> Option<String> {
        self.target.as_ref().ok().map(Target::shown)
    }
}

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
