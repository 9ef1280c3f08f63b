//! The one connection to the server, and requests over it.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_nats::{
    Client, ConnectOptions, Event, HeaderMap, Message, Request, RequestErrorKind, ServerAddr, Subscriber,
};
use bytes::Bytes;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use typed_sse_core::store::{StoreError, StoreErrorKind};

use crate::error;

/// A server, and the connection to it, which the client makes anew when it is lost.
pub(crate) struct Server {
    client: Client,
    /// What may be told of the URL.
    pub(crate) name: String,
    pub(crate) time_limit: Duration,
    line: watch::Receiver<Line>,
}

/// How the connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// Counts the connections from 1: what was asked on one is not answered on another.
    pub(crate) number: u64,
    pub(crate) is_up: bool,
}

/// Why a request has no answer.
#[derive(Debug)]
pub(crate) enum Unanswered {
    /// Nobody was there to take it.
    Nobody,
    /// It is longer than the server takes.
    TooLong,
    /// It may have been taken.
    Lost,
}

/// A lost connection is tried again so soon, and so late at the most.
pub(crate) const SOON: Duration = Duration::from_millis(10);
const LATE: Duration = Duration::from_millis(250);

/// A connection over which nothing comes is asked so often whether it is there.
const PING: Duration = Duration::from_secs(5);

impl Server {
    pub(crate) async fn connect(
        url: &str,
        options: ConnectOptions,
        time_limit: Duration,
    ) -> Result<Self, StoreError> {
        let (addresses, options) = without_user(url, options)?;
        let name = name_of(&addresses);
        let (told, line) = watch::channel(Line { number: 1, is_up: true });
        let options = options
            .connection_timeout(time_limit)
            .request_timeout(None)
            .ping_interval(PING)
            .subscription_capacity(1 << 18)
            .reconnect_delay_callback(|attempts| {
                LATE.min(SOON * u32::try_from(attempts).unwrap_or(u32::MAX).min(1000))
            })
            .event_callback(move |event| {
                tell(&told, &event);
                async {}
            });
        let connecting = timeout(time_limit, options.connect(addresses)).await;
        let client = connecting.map_err(|_| error::unreachable(&name))?;
        let client = client.map_err(|error| error::connecting(&name, error.kind()))?;
        Ok(Self { client, name, time_limit, line })
    }

    pub(crate) fn line(&self) -> watch::Receiver<Line> {
        self.line.clone()
    }

    pub(crate) fn max_payload(&self) -> usize {
        self.client.max_payload()
    }

    pub(crate) fn new_inbox(&self) -> String {
        self.client.new_inbox()
    }

    pub(crate) async fn subscribe(&self, subject: &str) -> Result<Subscriber, StoreError> {
        let subscribed = self.client.subscribe(subject.to_owned()).await;
        subscribed.map_err(|_| error::unavailable(&self.name, "was left"))
    }

    /// Says nothing but that it is there.
    pub(crate) async fn send(&self, subject: String) {
        // Whether it came, what follows shows.
        let _sent = self.client.publish(subject, Bytes::new()).await;
    }

    /// The number of the connection, once there is one.
    pub(crate) async fn up(&self) -> u64 {
        let mut line = self.line.clone();
        let up = line.wait_for(|line| line.is_up).await.map(|line| line.number);
        match up {
            Ok(number) => number,
            // The client is gone: it never comes.
            Err(_) => std::future::pending().await,
        }
    }

    /// Asks once, over this connection.
    pub(crate) async fn ask_once(
        &self,
        number: u64,
        subject: String,
        headers: HeaderMap,
        payload: Bytes,
    ) -> Result<Message, Unanswered> {
        let mut request = Request::new().payload(payload).timeout(None);
        if !headers.is_empty() {
            request = request.headers(headers);
        }
        let mut line = self.line.clone();
        let lost = async {
            let is_other = |line: &Line| !line.is_up || line.number != number;
            if line.wait_for(is_other).await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            biased;
            answer = self.client.send_request(subject, request) => answer.map_err(|error| match error.kind() {
                RequestErrorKind::NoResponders => Unanswered::Nobody,
                RequestErrorKind::MaxPayloadExceeded => Unanswered::TooLong,
                _ => Unanswered::Lost,
            }),
            () = lost => Err(Unanswered::Lost),
        }
    }

    /// Asks what may be done twice, until there is an answer.
    pub(crate) async fn ask(&self, subject: &str, payload: Bytes) -> Result<Message, StoreError> {
        let has_nobody = AtomicBool::new(false);
        let asked = async {
            loop {
                let number = self.up().await;
                match self.ask_once(number, subject.to_owned(), HeaderMap::new(), payload.clone()).await {
                    Ok(answer) => return Ok(answer),
                    Err(Unanswered::TooLong) => return Err(error::unexpected(&self.name)),
                    // A server that has just started takes a moment.
                    Err(unanswered) => {
                        has_nobody.store(matches!(unanswered, Unanswered::Nobody), Ordering::Relaxed);
                        sleep(SOON).await;
                    }
                }
            }
        };
        let asked = self.within(asked).await;
        if asked.is_err() && has_nobody.load(Ordering::Relaxed) {
            return Err(error::no_jetstream(&self.name));
        }
        asked
    }

    /// Gives up after the time limit.
    pub(crate) async fn within<T>(
        &self,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        match timeout(self.time_limit, call).await {
            Ok(called) => called,
            Err(_) if self.line.borrow().is_up => Err(error::late(&self.name)),
            Err(_) => Err(error::unreachable(&self.name)),
        }
    }
}

fn tell(told: &watch::Sender<Line>, event: &Event) {
    told.send_if_modified(|line| {
        let before = *line;
        match event {
            Event::Connected if !line.is_up => *line = Line { number: line.number + 1, is_up: true },
            Event::Disconnected | Event::Closed => line.is_up = false,
            _ => {}
        }
        *line != before
    });
}

/// The addresses without user and password, which the options get: the client writes addresses to its log.
fn without_user(
    url: &str,
    mut options: ConnectOptions,
) -> Result<(Vec<ServerAddr>, ConnectOptions), StoreError> {
    let illegal = || {
        let words = "the URL is no `nats://user:password@host:port`, nor several with commas between them";
        StoreError::new(StoreErrorKind::Other, words)
    };
    let mut addresses = Vec::new();
    for part in url.split(',') {
        let address: ServerAddr = part.trim().parse().map_err(|_| illegal())?;
        match (address.username(), address.password()) {
            (Some(user), Some(password)) => {
                options = options.user_and_password(user.to_owned(), password.to_owned());
            }
            (Some(token), None) => options = options.token(token.to_owned()),
            _ => {}
        }
        let mut url = address.into_inner();
        let is_bare = url.set_username("").is_ok() && url.set_password(None).is_ok();
        if !is_bare || url.host_str().is_none_or(str::is_empty) {
            return Err(illegal());
        }
        addresses.push(ServerAddr::from_url(url).map_err(|_| illegal())?);
    }
    Ok((addresses, options))
}

fn name_of(addresses: &[ServerAddr]) -> String {
    let names: Vec<_> =
        addresses.iter().map(|address| format!("{}:{}", address.host(), address.port())).collect();
    names.join(",")
}
