//! What a client of several topics may set.

use super::super::super::reader::Reader;
use super::super::super::start::{Slow, Start};
use super::TopicsSubscription;

impl<E> TopicsSubscription<E> {
    /// Sets where a topic begins for a client that has no last event ID, cannot resume it, or [joins](Self::joining) it.
    /// Default: [`Start::Live`].
    ///
    /// Call it before the first poll: it takes the subscription back to its beginning, as of now.
    pub fn start(mut self, start: Start) -> Self {
        self.visit.set_start(start);
        self.if_joined(move |anew| anew.start(start));
        self.begin();
        self
    }

    /// Names topics that the client did not have when it got its last event ID: they begin as [`start`](Self::start) says.
    /// Default: none; a topic that is not named here goes on behind that ID, as if the client had had it.
    ///
    /// An application that subscribes one of its clients to another topic knows which it is, and no event ID says so. Let
    /// it name the topic for as long as the client's ID is from before. The client gets one from both with the first event,
    /// or as soon as it has all that the topic begins with: one that is cut behind it goes on there, without being told
    /// anything twice. This may be the ID from before once more: what counts is that one came. An `EventSource` that is
    /// opened anew to add a topic has the ID from before in its URL: name the topic while the header `Last-Event-ID` is
    /// absent, since that has what came since.
    ///
    /// With a [snapshot](Self::snapshot), a client that joins a topic gets the whole of it, of all its topics, without a reset.
    ///
    /// Call it before the first poll: it takes the subscription back to its beginning, as of now.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use futures_util::StreamExt as _;
    /// use typed_sse_core::{Event, Start, Topics};
    ///
    /// let topics = Topics::<Event>::new();
    /// topics.channel("b")?.publish(&Event::new("before")).await?;
    /// let seen_of_a = topics.channel("a")?.publish(&Event::new("seen")).await?;
    ///
    /// let mut both = topics.subscribe(["a", "b"], seen_of_a)?.joining(["b"]).start(Start::Earliest);
    /// assert!(both.next().await.ok_or("ended")??.as_ref().ends_with(b"data: before\n\n"));
    /// # Ok(()) }
    /// ```
    pub fn joining<N: AsRef<str>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.joins = names.into_iter().map(|name| name.as_ref().into()).collect();
        if let Some(anew) = self.join_closed() {
            return anew;
        }
        self.begin();
        self
    }

    /// Sets what becomes of the subscription if it falls behind in a topic. Default: that of the channels.
    ///
    /// Behind the reset of one topic, the others go on where they are: with [`Start::LatestPerKey`], only the newest of that topic's keys
    /// follow. A page that empties itself at a reset asks for each topic with a stream of its own.
    ///
    /// Call it before the first poll: it takes the subscription back to its beginning, as of now.
    pub fn slow(mut self, slow: Slow) -> Self {
        self.readers.iter_mut().for_each(|reader| reader.set_slow(slow));
        self.if_joined(move |anew| anew.slow(slow));
        self.begin();
        self
    }

    /// As [`Subscription::checkpoint`](crate::Subscription::checkpoint), of the events that are left out in one topic.
    pub fn checkpoint(mut self, events: u64) -> Self {
        self.readers.iter_mut().for_each(|reader| reader.set_checkpoint(events));
        self.if_joined(move |anew| anew.checkpoint(events));
        self
    }

    /// As [`Subscription::no_checkpoints`](crate::Subscription::no_checkpoints).
    pub fn no_checkpoints(mut self) -> Self {
        self.readers.iter_mut().for_each(Reader::set_silent);
        self.if_joined(|anew| anew.no_checkpoints());
        self
    }
}
