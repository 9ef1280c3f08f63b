//! The body of one response.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use pin_project_lite::pin_project;
use tokio::runtime::Handle;
use tokio::time::{Instant, Sleep, sleep, sleep_until};

use super::chunk::Chunk;
use super::event_result::{BoxError, EventResult};
use super::events::Events;
use super::keep_alive::KeepAlive;
use super::options::{Keeping, Options, Retry};
use crate::encode::Frame;
use crate::event::SseEvent;

pin_project! {
    /// The bytes of one event stream: what every adapter hands to its framework as the response's body.
    ///
    /// It wraps a stream of `Result<impl SseEvent, _>` and yields, in this order:
    ///
    /// 1. at once, the reconnection time as a bare `retry:` line, so that headers and first byte leave together, unless it is
    ///    [not wanted](Self::no_retry);
    /// 2. the events as they come. Small ones that are ready together leave together, up to 1 KiB;
    /// 3. a comment whenever nothing was sent for the interval of [`KeepAlive`].
    ///
    /// It ends with the inner stream, at its greatest [lifetime](Self::lifetime), or with an error, always behind a whole
    /// event. An error that is not [told](Self::on_error) is passed on after 100 ms, since a server that is told of one drops what it has not written yet.
    ///
    /// # Panics
    ///
    /// When an idle stream with keep-alive or a lifetime is polled outside a Tokio runtime, or any that is idle or fails in
    /// one without time enabled.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// use std::convert::Infallible;
    /// use std::time::Duration;
    /// use futures_util::{StreamExt as _, stream};
    /// use typed_sse_core::{Event, EventStream};
    ///
    /// let events = stream::iter(["a", "b"].map(|data| Ok::<_, Infallible>(Event::new(data))));
    /// let body = EventStream::new(events).retry(Duration::from_secs(3));
    /// let chunks: Vec<_> = body.map(|chunk| chunk.unwrap()).collect().await;
    /// assert_eq!(chunks, ["retry: 3000\n", "data: a\n\ndata: b\n\n"]);
    /// # }
    /// ```
    #[must_use = "an event stream sends when it is polled"]
    pub struct EventStream<S> {
        #[pin]
        events: S,
        options: Options,
        stage: Stage,
        // An event that was ready but did not fit behind the others.
        carried: Option<Box<Bytes>>,
        // What was met behind events that had to leave first.
        end: Option<End>,
        // One for both deadlines, made when the stream is idle for the first time, and anew when it fails.
        alarm: Option<Pin<Box<Sleep>>>,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Head,
    Events,
    /// An error comes next.
    Failing,
    Ended,
}

enum End {
    Done,
    Failed(BoxError),
}

/// What was sent before an error has this long to leave. Over HTTP/2 another task writes than the one that reads the
/// stream, so that one turn is not enough.
const TIME_TO_WRITE: Duration = Duration::from_millis(100);

impl<S> EventStream<S> {
    /// An event stream of `events`, with a reconnection time of 2 to 4 seconds and the default [`KeepAlive`].
    pub const fn new(events: S) -> Self {
        Self { events, options: Options::new(), stage: Stage::Head, carried: None, end: None, alarm: None }
    }

    /// Sets the reconnection time that stands first in the stream, in whole milliseconds. Default: between 2 and 4
    /// seconds, drawn for each stream, so that clients which lose their server together do not come back together.
    pub fn retry(mut self, reconnection_time: Duration) -> Self {
        self.options.set_retry(Retry::Set(reconnection_time));
        self
    }

    /// Sends no reconnection time: the stream begins with its first event. For the answer to a single request, such as that of a
    /// language model to a `POST`, for which nobody comes back.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// use std::convert::Infallible;
    /// use futures_util::{StreamExt as _, stream};
    /// use typed_sse_core::{Event, EventStream};
    ///
    /// let answer = stream::iter(["Hel", "lo"].map(|token| Ok::<_, Infallible>(Event::new(token))));
    /// let mut body = EventStream::new(answer).no_retry();
    /// assert_eq!(body.next().await.unwrap().unwrap(), "data: Hel\n\ndata: lo\n\n");
    /// # }
    /// ```
    pub fn no_retry(mut self) -> Self {
        self.options.set_retry(Retry::None);
        self
    }

    /// Sets how an idle stream is kept open. Default: [`KeepAlive::new`].
    pub fn keep_alive(mut self, keep_alive: KeepAlive) -> Self {
        self.options.keep_alive = Keeping::By(keep_alive);
        self
    }

    /// Sets the greatest lifetime of the stream, counted from its first poll. Default: none.
    ///
    /// At that age the stream ends properly, behind a whole event, whether it is idle or busy. The client comes back after
    /// the reconnection time with its last event ID, so that your handler checks its rights anew, and your load balancer
    /// chooses a server for it anew.
    ///
    /// Each stream draws its own lifetime, evenly between 90 and 100 % of this one, so that streams which began together do
    /// not end together. Events that are ready at that moment still leave, whole, up to 1 KiB or a single event.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
    /// use std::time::Duration;
    /// use futures_util::StreamExt as _;
    /// use typed_sse_core::{Channel, Event, EventStream};
    ///
    /// let channel = Channel::<Event>::new();
    /// let body = EventStream::new(channel.subscribe(None)).lifetime(Duration::from_secs(60 * 60));
    /// // Nothing is published, and yet it ends, within an hour.
    /// let chunks: Vec<_> = body.map(|chunk| chunk.unwrap()).collect().await;
    /// assert_eq!(chunks.last().unwrap(), ":\n");
    /// # }
    /// ```
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.options.set_lifetime(lifetime);
        self
    }

    /// Tells the client of an error by an event of your making, behind which the stream ends properly. Default: an error breaks
    /// the connection, so that an `EventSource` comes back and resumes.
    ///
    /// It is for the answer to a single request, whose client would not come back: it learns what went wrong. `tell` gets the
    /// error of your stream, or the [`EncodeError`](crate::EncodeError) of an event, as a [`BoxError`] that you can downcast. Say in the event
    /// what the client may know, no more. It goes out without an event ID, whatever it brings, so that the client's last event ID is
    /// still that of an event of your stream. If it cannot be encoded itself, that error breaks the connection.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use futures_util::{StreamExt as _, stream};
    /// use typed_sse_core::{Event, EventStream, EventType};
    ///
    /// let error = EventType::new("error")?;
    /// let answer = stream::iter([Ok(Event::new("Hel")), Err("the model is overloaded")]);
    /// let body = EventStream::new(answer)
    ///     .no_retry()
    ///     .on_error(|why| Event::new(why.to_string()).with_event_type(error));
    /// let chunks: Vec<_> = body.map(|chunk| chunk.unwrap()).collect().await;
    /// assert_eq!(chunks.concat(), b"data: Hel\n\nevent: error\ndata: the model is overloaded\n\n");
    /// # Ok(()) }
    /// ```
    pub fn on_error<T: SseEvent>(mut self, tell: impl FnOnce(BoxError) -> T + Send + Sync + 'static) -> Self {
        self.options.tell(tell);
        self
    }
}

/// An [`EventStream`], of whatever events.
///
/// Sealed: it stands for nothing else.
pub trait AnyEventStream: Stream<Item = Result<Bytes, BoxError>> + fmt::Debug {
    /// What is said of it before it begins.
    #[doc(hidden)]
    fn options(self: Pin<&mut Self>) -> &mut Options;
}

impl<S> AnyEventStream for EventStream<S>
where
    S: Events<Item: EventResult>,
{
    fn options(self: Pin<&mut Self>) -> &mut Options {
        self.project().options
    }
}

impl<S> Stream for EventStream<S>
where
    S: Events<Item: EventResult>,
{
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.stage == Stage::Head {
            let this = self.as_mut().project();
            *this.stage = Stage::Events;
            if let Some(time) = this.options.begin(Instant::now()) {
                return Poll::Ready(Some(Ok(Frame::reconnection_time(time).into_bytes())));
            }
        }
        if let Poll::Ready(chunk) = self.as_mut().poll_chunk(context) {
            return Poll::Ready(chunk);
        }
        if self.stage != Stage::Events {
            return Poll::Pending;
        }
        self.poll_alarm(context).map(|sign| sign.map(Ok))
    }
}

impl<S> EventStream<S>
where
    S: Events<Item: EventResult>,
{
    /// All events that are ready, as one chunk, or how the stream ends.
    fn poll_chunk(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, BoxError>>> {
        let mut this = self.project();
        let mut chunk = Chunk::default();
        if let Some(bytes) = this.carried.take() {
            let _ = chunk.push(*bytes);
        }
        while *this.stage == Stage::Events && this.end.is_none() && this.carried.is_none() && !chunk.is_full()
        {
            match this.events.as_mut().poll_event(context) {
                Poll::Pending if chunk.is_empty() => return Poll::Pending,
                Poll::Pending => break,
                Poll::Ready(None) => *this.end = Some(End::Done),
                Poll::Ready(Some(item)) => match item.into_frame() {
                    Ok(frame) => *this.carried = chunk.push(frame.into_bytes()).map(Box::new),
                    Err(error) => {
                        *this.end = Some(match this.options.told(error) {
                            Ok(frame) => {
                                *this.carried = chunk.push(frame.into_bytes()).map(Box::new);
                                End::Done
                            }
                            Err(error) => End::Failed(error),
                        });
                    }
                },
            }
        }
        if !chunk.is_empty() {
            let now = Instant::now();
            if let Keeping::Since(timer) = &mut this.options.keep_alive {
                timer.sent(now.into_std());
            }
            // A stream that is never idle sees no alarm: this is where it ends.
            if this.options.lifetime().is_over(now) {
                this.end.get_or_insert(End::Done);
            }
            return Poll::Ready(Some(Ok(chunk.into_bytes())));
        }
        if let Some(End::Failed(_)) = this.end {
            // A server drops what it has not written yet when its body fails: give it time to write.
            if *this.stage != Stage::Failing {
                *this.stage = Stage::Failing;
                *this.alarm = Handle::try_current().is_ok().then(|| Box::pin(sleep(TIME_TO_WRITE)));
                if this.alarm.is_none() {
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
            }
            if let Some(alarm) = this.alarm {
                ready!(alarm.as_mut().poll(context));
            }
        }
        *this.stage = Stage::Ended;
        Poll::Ready(match this.end.take() {
            Some(End::Failed(error)) => Some(Err(error)),
            Some(End::Done) | None => None,
        })
    }

    /// A keep-alive, once the stream has been idle for long enough, or its end, once it is old enough.
    fn poll_alarm(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let this = self.project();
        let lifetime = this.options.lifetime();
        let Keeping::Since(timer) = &mut this.options.keep_alive else {
            return Poll::Pending;
        };
        let end = lifetime.end();
        loop {
            // The deadline moves with every event; the alarm is only set anew when it goes off too early.
            let Some(deadline) = earlier(timer.deadline().map(Instant::from_std), end) else {
                return Poll::Pending;
            };
            let alarm = this.alarm.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
            ready!(alarm.as_mut().poll(context));
            let now = Instant::now();
            if lifetime.is_over(now) {
                *this.stage = Stage::Ended;
                return Poll::Ready(None);
            }
            let sign = timer.expire(now.into_std());
            if let Some(deadline) = earlier(timer.deadline().map(Instant::from_std), end) {
                alarm.as_mut().reset(deadline);
            }
            if sign.is_some() {
                return Poll::Ready(sign);
            }
        }
    }
}

fn earlier(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    one.into_iter().chain(other).min()
}

impl<S> fmt::Debug for EventStream<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream")
            .field("options", &self.options)
            .field("stage", &self.stage)
            .finish_non_exhaustive()
    }
}
