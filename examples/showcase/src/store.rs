//! Where the channel's events are kept.

use typed_sse::Channel;
use typed_sse_redb::Redb;
use typed_sse_redis::Redis;

use crate::args::Store;
use crate::events::Dashboard;
use crate::{RETAINED, RETAINED_FOR};

/// The channel, with what was kept by the process before.
pub(crate) async fn open(store: Store) -> Result<Channel<Dashboard>, String> {
    let channel = Channel::builder().events(RETAINED).age(RETAINED_FOR);
    let opened = match store {
        Store::Memory => return Ok(channel.build()),
        Store::Redb(path) => match Redb::builder().events(RETAINED).age(RETAINED_FOR).open(path) {
            Ok(store) => channel.store(store, "showcase").open().await,
            Err(error) => Err(error),
        },
        Store::Redis(url) => match Redis::builder().events(RETAINED).age(RETAINED_FOR).connect(url).await {
            Ok(store) => channel.store(store, "showcase").open().await,
            Err(error) => Err(error),
        },
    };
    opened.map_err(|error| error.to_string())
}
