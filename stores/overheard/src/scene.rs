//! What happens to a store while it is listened to.

use std::error::Error;
use std::fmt::Debug;
use std::time::Duration;

use futures_util::StreamExt as _;
use tokio::time::sleep;
use typed_sse_core::store::{Batch, Range, Record, Store, StoredLog};
use typed_sse_core::{
    Channel, EncodeError, Encoded, Encoder, EventId, PublishError, SseEvent, Start, Topics,
    TopicsSubscription,
};

use crate::shown;

/// What nobody may say: passwords (also wrong ones), users, data, keys, and rows of the application's own.
///
/// Longer than what a random token, of which the clients log many, has by chance.
pub const UNSAID: [&str; 6] = ["s3cret-word", "wr0ng-word", "us3r_name", "d4ta-of-", "k3y-of-", "r0w-of-"];

/// The names of topics, and the IDs of events, are said by errors and by spans of `typed_sse`, and by no one else. As long as those.
pub const NAMED: [&str; 2] = [TOPIC, "1d-of-"];

/// The topic of the [`Scene`].
pub const TOPIC: &str = "t0picname";

/// An event of which nothing may be said but its ID.
#[derive(Clone, Copy, Debug)]
pub struct Secret(pub u32);

impl SseEvent for Secret {
    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        let Self(n) = self;
        encoder.id(&format!("1d-of-{n}"))?.key(&format!("k3y-of-{n}"))?.text(&format!("d4ta-of-{n}"))
    }
}

/// What was shown of errors, and by `Debug`.
#[derive(Debug, Default)]
pub struct Shown(Vec<String>);

impl Shown {
    /// Takes note of what `Debug` shows of this.
    pub fn debug(&mut self, shown: &impl Debug) {
        self.0.push(format!("{shown:?} {shown:#?}"));
    }

    /// Takes note of what an error shows, and what it comes from.
    pub fn error(&mut self, error: &(dyn Error + 'static)) {
        self.0.push(shown(error));
    }

    /// None of it has what nobody may say.
    pub fn assert_silent(&self) {
        let says = |shown: &&String| UNSAID.iter().any(|word| shown.contains(word));
        assert_eq!(self.0.iter().find(says), None);
    }
}

/// Topics on a store, and a client that follows one.
#[derive(Debug)]
pub struct Scene<S> {
    store: S,
    log: StoredLog,
    topics: Topics<Secret>,
    /// The topic that it is about.
    pub events: Channel<Secret>,
    live: TopicsSubscription<Secret>,
}

impl<S: Store + Clone> Scene<S> {
    /// On this store, with a window of two events: what is older is read in pages.
    pub async fn open(store: S) -> Self {
        let topics = Topics::builder().channel(Channel::builder().events(2));
        let topics = topics.store(store.clone(), "market").open().await.unwrap();
        let log = store.open("market").await.unwrap();
        let events = topics.channel(TOPIC).unwrap();
        let live = topics.subscribe([TOPIC], None).unwrap();
        Self { store, log, topics, events, live }
    }

    /// Publishes alone and together. A follower, pages, the newest of each key and an ID that only the store knows bring them back.
    pub async fn publish_and_read(&mut self) {
        for n in 1..=20 {
            self.events.publish(&Secret(n)).await.unwrap();
        }
        self.events.publish_all(&[21, 22].map(Secret)).await.unwrap();
        self.events.publish_now(&Secret(23)).unwrap();
        read_up_to(&mut self.live, 23).await;
        for start in [Start::Earliest, Start::LatestPerKey, Start::Last(10)] {
            read_up_to(&mut self.topics.subscribe([TOPIC], None).unwrap().start(start), 23).await;
        }
        let id = EventId::new("1d-of-3").unwrap();
        read_up_to(&mut self.topics.subscribe([TOPIC], id).unwrap(), 23).await;
    }

    /// Publishes what is there, through a channel and past it.
    pub async fn publish_again(&self, shown: &mut Shown) {
        let refused = self.events.publish(&Secret(20)).await.unwrap_err();
        assert!(matches!(refused, PublishError::DuplicateId { .. }), "{refused}");
        shown.error(&refused);
        let record = Record::from_frame(TOPIC, &Secret(20).to_frame().unwrap()).unwrap();
        shown.error(&self.store.append(&self.log, Batch::new(&[record])).await.unwrap_err());
    }

    /// The server is gone: everything fails.
    pub async fn fail(&self, shown: &mut Shown) {
        shown.error(&self.events.publish(&Secret(300)).await.unwrap_err());
        shown.error(&self.store.read(&self.log, Range::after(0)).await.unwrap_err());
        shown.error(&self.store.find(&self.log, TOPIC, "1d-of-3").await.unwrap_err());
        shown.error(&self.store.open("market").await.unwrap_err());
    }

    /// It is there again, and so is the follower.
    pub async fn go_on(&mut self) {
        while self.events.publish(&Secret(301)).await.is_err_and(|error| {
            // What was taken for lost may be there.
            !matches!(error, PublishError::DuplicateId { .. })
        }) {
            sleep(Duration::from_millis(20)).await;
        }
        read_up_to(&mut self.live, 301).await;
    }

    /// What `Debug` shows of all that there is.
    pub fn show(&self, shown: &mut Shown) {
        shown.debug(&(&self.store, &self.log, &self.topics, &self.events, &self.live));
        shown.debug(&Channel::<Secret>::builder().store(self.store.clone(), "market"));
    }
}

/// Reads until this event has come.
async fn read_up_to(subscription: &mut TopicsSubscription<Secret>, n: u32) {
    let last = format!("d4ta-of-{n}\n");
    loop {
        let frame = subscription.next().await.unwrap().unwrap();
        if std::str::from_utf8(frame.as_ref()).unwrap().contains(&last) {
            return;
        }
    }
}
