//! Publishing in a transaction of the application's own.

use std::future::Future;

use tokio_postgres::Transaction;
use tokio_postgres::types::Type;
use typed_sse_core::store::{StoreError, StoreErrorKind};
use typed_sse_core::{Channel, PublishError, Publisher, SseEvent, Staged};

use crate::connection::Parameter;
use crate::error;
use crate::record::Columns;
use crate::store::Postgres;
use crate::writer::refusal;

/// Publishes in a transaction of the application's own: exactly if it commits.
///
/// A [`Channel`] and a [`Publisher`] on a [`Postgres`] have it.
///
/// ```no_run
/// use typed_sse::{Channel, Event};
/// use typed_sse_postgres::{PublishIn as _, tokio_postgres};
///
/// # type Error = Box<dyn std::error::Error>;
/// /// The customer hears of the order exactly if there is one.
/// async fn place(client: &mut tokio_postgres::Client, orders: &Channel<Event>) -> Result<(), Error> {
///     let order = client.transaction().await?;
///     order.execute("INSERT INTO orders (item) VALUES ('lamp')", &[]).await?;
///     orders.publish_in(&order, &Event::new("a lamp was ordered")).await?;
///     order.commit().await?;
///     Ok(())
/// }
/// ```
///
/// The event gets its position when the transaction commits, so all see the events in the order of the commits, and a transaction that
/// stays open keeps nobody waiting. Its ID is not known before that. A transaction (of a client, or a savepoint) must be one of the
/// database in which the log is.
pub trait PublishIn<E> {
    /// Publishes one event, if the transaction commits.
    ///
    /// # Errors
    ///
    /// As [`Channel::publish`]; nothing was published then. Of [`PublishError::DuplicateId`] and [`PublishError::Finished`], the
    /// transaction is as it was, and may go on. After [`PublishError::Store`] it can only be rolled back, as Postgres has it.
    ///
    /// What others do between this call and the commit is found by the commit, which then fails with one of these SQLSTATEs, and the
    /// transaction with it: `SSE01`, an event of this ID is there by now; `SSE02`, the topic is finished by now; and in
    /// an isolation level above `READ COMMITTED`, `40001`, others have published since it began: do it again.
    fn publish_in<'a>(
        &'a self,
        transaction: &'a Transaction<'_>,
        event: &'a E,
    ) -> impl Future<Output = Result<(), PublishError>> + Send + 'a
    where
        E: SseEvent + Sync,
    {
        self.publish_all_in(transaction, std::slice::from_ref(event))
    }

    /// Publishes several, next to each other, if the transaction commits.
    ///
    /// # Errors
    ///
    /// As [`publish_in`](Self::publish_in).
    fn publish_all_in<'a>(
        &'a self,
        transaction: &'a Transaction<'_>,
        events: &'a [E],
    ) -> impl Future<Output = Result<(), PublishError>> + Send + 'a
    where
        E: SseEvent + Sync;
}

impl<E: 'static> PublishIn<E> for Channel<E> {
    fn publish_all_in<'a>(
        &'a self,
        transaction: &'a Transaction<'_>,
        events: &'a [E],
    ) -> impl Future<Output = Result<(), PublishError>> + Send + 'a
    where
        E: SseEvent + Sync,
    {
        put(self.stage(events), transaction)
    }
}

impl<E: 'static> PublishIn<E> for Publisher<E> {
    fn publish_all_in<'a>(
        &'a self,
        transaction: &'a Transaction<'_>,
        events: &'a [E],
    ) -> impl Future<Output = Result<(), PublishError>> + Send + 'a
    where
        E: SseEvent + Sync,
    {
        put(self.stage(events), transaction)
    }
}

async fn put(
    staged: Result<Staged<'_, Postgres>, PublishError>,
    transaction: &Transaction<'_>,
) -> Result<(), PublishError> {
    let staged = staged?;
    let transaction = pend(&staged, transaction).await.map_err(|error| staged.refused(error))?;
    staged.store.opened(transaction);
    Ok(())
}

/// Puts them where the commit finds them. The name of the transaction.
async fn pend(staged: &Staged<'_, Postgres>, transaction: &Transaction<'_>) -> Result<String, StoreError> {
    let server = staged.store.server();
    let statement = format!(
        "SELECT outcome, number, transaction FROM {}.stage($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        server.schema
    );
    let (name, columns) = (staged.log.name(), Columns::of(&staged.records));
    let mut parameters: Vec<Parameter<'_>> = vec![(&name, Type::TEXT)];
    parameters.extend(columns.parameters());
    let row = transaction.query_typed(&statement, &parameters).await;
    // Whatever became of it, a transaction that has failed commits nothing.
    let rows = row.map_err(|error| server.failure(&error).error)?;
    let unexpected = || error::unexpected(&server.name);
    let row = rows.first().ok_or_else(unexpected)?;
    let outcome: &str = row.try_get(0).map_err(|_| unexpected())?;
    let number = || {
        let number: Option<&str> = row.try_get(1).map_err(|_| unexpected())?;
        number.and_then(|number| number.parse().ok()).ok_or_else(unexpected)
    };
    match outcome {
        "stored" => row.try_get(2).map_err(|_| unexpected()),
        "epoch" => {
            let words = format!(
                "the database of this transaction has no log `{name}`: begin it in that of the store"
            );
            Err(StoreError::new(StoreErrorKind::Other, words))
        }
        outcome => Err(refusal(outcome, name, None, number)),
    }
}
