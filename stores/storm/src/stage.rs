//! What a server serves, on its store.

use std::time::Duration;

use tokio::time::sleep;
use typed_sse::store::{Store, StoreError};
use typed_sse::{Channel, EventId, PublishError, Slow, Start, Topics};
use typed_sse_axum::{LastEventId, Sse};
use typed_sse_nats::Nats;
use typed_sse_postgres::Postgres;
use typed_sse_redb::Redb;
use typed_sse_redis::Redis;

use crate::event::{Scene, Tick, topic_name};

#[derive(Clone)]
pub(crate) enum Stage {
    Channel(Scene, Channel<Tick>),
    Topics(Topics<Tick>),
}

/// The log's name.
pub(crate) const LOG: &str = "storm";
/// More than a run has, so that only the storm trims it.
pub(crate) const EVENTS: usize = 1_000_000;
/// About three seconds of a run.
pub(crate) const REDB_EVENTS: usize = 400;
/// So few events that most clients who come back need the store.
const WINDOW: usize = 48;
/// The same, of each topic.
const WINDOW_OF_TOPIC: usize = 6;
/// A topic without clients is soon forgotten.
const IDLE: Duration = Duration::from_millis(500);
const TIME_LIMIT: Duration = Duration::from_secs(1);

/// As whoever starts a server again that could not begin: until the store is there.
pub(crate) async fn open(scene: Scene, store: &str) -> Stage {
    loop {
        if let Ok(stage) = try_open(scene, store).await {
            return stage;
        }
        sleep(Duration::from_millis(20)).await;
    }
}

async fn try_open(scene: Scene, store: &str) -> Result<Stage, StoreError> {
    match store.split_once(':') {
        Some(("redb", path)) => open_on(scene, Redb::builder().events(REDB_EVENTS).open(path)?).await,
        Some(("redis", url)) => open_on(scene, redis(url, EVENTS).await?).await,
        Some(("nats", _)) => open_on(scene, nats(store, EVENTS, TIME_LIMIT).await?).await,
        _ => open_on(scene, postgres(store, EVENTS, TIME_LIMIT).await?).await,
    }
}

async fn open_on(scene: Scene, store: impl Store) -> Result<Stage, StoreError> {
    if scene == Scene::Topics {
        let channel = Channel::builder().events(WINDOW_OF_TOPIC);
        let topics = Topics::builder().channel(channel).idle(IDLE).store(store, LOG);
        return topics.time_limit(TIME_LIMIT).open().await.map(Stage::Topics);
    }
    let channel = Channel::builder().events(WINDOW).store(store, LOG).time_limit(TIME_LIMIT);
    Ok(Stage::Channel(scene, channel.open().await?))
}

/// The store in this Redis, which trims to so many events with each append.
pub(crate) async fn redis(url: &str, events: usize) -> Result<Redis, StoreError> {
    Redis::builder().events(events).time_limit(TIME_LIMIT).connect(url).await
}

/// The store in this Postgres, whose logs are trimmed to so many events from then on.
pub(crate) async fn postgres(url: &str, events: usize, limit: Duration) -> Result<Postgres, StoreError> {
    Postgres::builder().events(events).time_limit(limit).connect(url).await
}

/// The store in this NATS server, the same.
pub(crate) async fn nats(url: &str, events: usize, limit: Duration) -> Result<Nats, StoreError> {
    Nats::builder().events(events).time_limit(limit).connect(url).await
}

impl Stage {
    pub(crate) async fn publish(&self, event: &Tick) -> Result<EventId, PublishError> {
        match self.channel_of(event) {
            Some(channel) => channel.publish(event).await,
            None => Err(PublishError::Finished),
        }
    }

    pub(crate) fn publish_now(&self, event: &Tick) -> Result<(), PublishError> {
        match self.channel_of(event) {
            Some(channel) => channel.publish_now(event).map(drop),
            None => Err(PublishError::Finished),
        }
    }

    /// That of its topic.
    pub(crate) fn channel_of(&self, event: &Tick) -> Option<Channel<Tick>> {
        match self {
            Self::Channel(_, channel) => Some(channel.clone()),
            // There is room for all.
            Self::Topics(topics) => {
                topics.channel(topic_name(event.scene, event.scene.topic(event.name))).ok()
            }
        }
    }

    /// `topics=t1,t2&joining=t2` says of which topics, and which of them the client did not have before.
    pub(crate) fn subscribe(&self, query: &str, last: LastEventId) -> Sse {
        match self {
            Self::Channel(Scene::Board, board) => {
                Sse::new(board.subscribe(last).start(Start::LatestPerKey).slow(Slow::Coalesce))
            }
            Self::Channel(_, channel) => Sse::new(channel.subscribe(last)),
            Self::Topics(topics) => {
                let named = |name: &str| {
                    let found = query.split('&').find_map(|part| part.strip_prefix(name));
                    found.unwrap_or_default().split(',').filter(|name| !name.is_empty())
                };
                match topics.subscribe(named("topics="), last) {
                    Ok(events) => Sse::new(events.joining(named("joining=")).start(Start::Earliest)),
                    Err(_) => Sse::stop(),
                }
            }
        }
    }
}
