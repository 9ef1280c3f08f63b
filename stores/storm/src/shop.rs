//! A publisher that has a database, and publishes in its transactions.

use std::time::Duration;

use tokio::time::sleep;
use typed_sse::{Channel, EventId};
use typed_sse_postgres::PublishIn as _;
use typed_sse_postgres::tokio_postgres::{self, Client, Error, NoTls};

use crate::event::Tick;

/// What became of an event, as its publisher was told.
pub(crate) enum Outcome {
    Stored(Option<EventId>),
    Unsure,
    Refused,
    /// It is to be stored later on.
    Put,
}

/// One connection to the database, made anew when it is lost.
pub(crate) struct Shop {
    url: String,
    client: Option<Client>,
}

/// Of so many transactions, one is rolled back.
const ROLLED_BACK_EACH: u32 = 3;
/// Of so many, one stays open for a while.
const LONG_EACH: u32 = 2;
const LONG: Duration = Duration::from_millis(300);

impl Shop {
    pub(crate) fn new(url: &str) -> Self {
        Self { url: url.to_owned(), client: None }
    }

    /// Publishes an event in a transaction of its own.
    pub(crate) async fn sell(&mut self, channel: &Channel<Tick>, event: &Tick) -> Outcome {
        let sold = self.try_to_sell(channel, event).await;
        // Without a commit, nothing was published.
        sold.unwrap_or(Outcome::Refused)
    }

    async fn try_to_sell(&mut self, channel: &Channel<Tick>, event: &Tick) -> Result<Outcome, Error> {
        let client = match self.client.take().filter(|client| !client.is_closed()) {
            Some(client) => client,
            None => {
                let (client, connection) = tokio_postgres::connect(&self.url, NoTls).await?;
                tokio::spawn(connection);
                client
            }
        };
        let client = self.client.insert(client);
        let order = client.transaction().await?;
        if channel.publish_in(&order, event).await.is_err() {
            return Ok(Outcome::Refused);
        }
        if fastrand::u32(0..LONG_EACH) == 0 {
            sleep(LONG.mul_f64(fastrand::f64())).await;
        }
        if fastrand::u32(0..ROLLED_BACK_EACH) == 0 {
            order.rollback().await?;
            return Ok(Outcome::Refused);
        }
        Ok(match order.commit().await {
            Ok(()) => Outcome::Stored(None),
            Err(error) if is_refusal(&error) => Outcome::Refused,
            // A connection that is lost says nothing of the commit.
            Err(_) => Outcome::Unsure,
        })
    }
}

/// The commit was not done, whatever happened to the connection: the store refused it, or the transaction was rolled back.
fn is_refusal(error: &Error) -> bool {
    error.code().is_some_and(|code| code.code().starts_with("SSE") || code.code().starts_with("40"))
}
