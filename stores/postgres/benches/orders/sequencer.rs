//! Numbers what others have committed: one at a time, who holds the advisory lock.

use std::time::Duration;

use tokio::time::{sleep, timeout};
use typed_sse_postgres::tokio_postgres::{Client, Error};

use crate::way::{POLL, wire};

/// Who does not have the lock, or has lost its connection, tries again so soon. To wait for the lock in the server would hold a snapshot,
/// and keep the vacuum away.
pub(crate) const PAUSE: Duration = Duration::from_millis(200);

/// Its key.
const LOCK: i64 = 4711;

/// How many rows it takes at once.
const MOST: &str = "1000";

pub(crate) async fn run(url: String, hears: &'static str, tells: &'static str) {
    loop {
        let _lost = hold(&url, hears, tells).await;
        sleep(PAUSE).await;
    }
}

/// Until it does not have the lock, or its connection is gone; the lock goes with that.
async fn hold(url: &str, hears: &str, tells: &str) -> Result<(), Error> {
    let (client, heard) = wire(url).await;
    while !has_lock(&client).await? {
        sleep(PAUSE).await;
    }
    client.batch_execute(&format!("LISTEN {hears}")).await?;
    let take = client
        .prepare(&format!(
            "WITH taken AS (
               DELETE FROM outbox WHERE id = ANY (ARRAY(SELECT id FROM outbox ORDER BY id LIMIT {MOST})) RETURNING *
             )
             INSERT INTO sequenced SELECT $1 + row_number() OVER (ORDER BY id), at, data FROM taken"
        ))
        .await?;
    let notify = format!("NOTIFY {tells}");
    let last = client.query_one("SELECT coalesce(max(id), 0) FROM sequenced", &[]).await?;
    let mut last: i64 = last.get(0);
    loop {
        let taken = client.execute(&take, &[&last]).await?;
        last += i64::try_from(taken).unwrap();
        if taken == 0 {
            let _or_looks = timeout(POLL, heard.notified()).await;
        } else {
            client.batch_execute(&notify).await?;
        }
    }
}

async fn has_lock(client: &Client) -> Result<bool, Error> {
    Ok(client.query_one("SELECT pg_try_advisory_lock($1)", &[&LOCK]).await?.get(0))
}
