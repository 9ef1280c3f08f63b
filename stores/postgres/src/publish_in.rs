//! Publishing in a transaction of the application's own.

use std::future::Future;

use typed_sse_core::store::{StoreError, StoreErrorKind};
use typed_sse_core::{Channel, PublishError, Publisher, SseEvent, Staged};

use crate::error;
use crate::outcome::refusal;
use crate::record::Columns;
use crate::store::Postgres;
use crate::text::escape;
use crate::transaction::OpenTransaction;

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
///     let mut order = client.transaction().await?;
///     order.execute("INSERT INTO orders (item) VALUES ('lamp')", &[]).await?;
///     orders.publish_in(&mut order, &Event::new("a lamp was ordered")).await?;
///     order.commit().await?;
///     Ok(())
/// }
/// ```
///
/// With the feature `sqlx`, in one of `sqlx` as well:
///
#[cfg_attr(feature = "sqlx", doc = "```no_run")]
#[cfg_attr(not(feature = "sqlx"), doc = "```ignore")]
/// use typed_sse::{Channel, Event};
/// use typed_sse_postgres::PublishIn as _;
///
/// # type Error = Box<dyn std::error::Error>;
/// async fn place(pool: &sqlx::PgPool, orders: &Channel<Event>) -> Result<(), Error> {
///     let mut order = pool.begin().await?;
///     sqlx::query("INSERT INTO orders (item) VALUES ('lamp')").execute(&mut *order).await?;
///     orders.publish_in(&mut order, &Event::new("a lamp was ordered")).await?;
///     order.commit().await?;
///     Ok(())
/// }
/// ```
///
/// The event gets its position when the transaction commits, so all see the events in the order of the commits, and a transaction that
/// stays open keeps nobody waiting. Its ID is not known before that. The transaction must be one of the database in
/// which the log is.
pub trait PublishIn<E> {
    /// Publishes one event, if the transaction commits. [`OpenTransaction`] lists what is taken as one.
    ///
    /// # Errors
    ///
    /// As [`Channel::publish`]; nothing was published then. Of [`PublishError::DuplicateId`] and [`PublishError::Finished`], the
    /// transaction is as it was, and may go on; so it is where several events were to be published, and the
    /// [kind](StoreErrorKind::DuplicateId) of [`PublishError::Store`] says that the ID of one is taken, or stands twice among them. After any
    /// other [`PublishError::Store`], roll it back: where a statement has failed, Postgres takes nothing more in its transaction.
    ///
    /// What others do between this call and the commit is found by the commit, which then fails with one of these SQLSTATEs, and the
    /// transaction with it: `SSE01`, an event of this ID is there by now; `SSE02`, the topic is finished by now; and in
    /// an isolation level above `READ COMMITTED`, `40001`, others have published since it began: do it again.
    fn publish_in<'a, T>(
        &'a self,
        transaction: T,
        event: &'a E,
    ) -> impl Future<Output = Result<(), PublishError>> + Send + 'a
    where
        E: SseEvent + Sync,
        T: Into<OpenTransaction<'a>> + 'a,
    {
        self.publish_all_in(transaction, std::slice::from_ref(event))
    }

    /// Publishes several, next to each other, if the transaction commits.
    ///
    /// # Errors
    ///
    /// As [`publish_in`](Self::publish_in).
    fn publish_all_in<'a, T>(
        &'a self,
        transaction: T,
        events: &'a [E],
    ) -> impl Future<Output = Result<(), PublishError>> + Send + 'a
    where
        E: SseEvent + Sync,
        T: Into<OpenTransaction<'a>> + 'a;
}

impl<E: 'static> PublishIn<E> for Channel<E> {
    fn publish_all_in<'a, T>(
        &'a self,
        transaction: T,
        events: &'a [E],
    ) -> impl Future<Output = Result<(), PublishError>> + Send + 'a
    where
        E: SseEvent + Sync,
        T: Into<OpenTransaction<'a>> + 'a,
    {
        put(self.stage(events), transaction.into())
    }
}

impl<E: 'static> PublishIn<E> for Publisher<E> {
    fn publish_all_in<'a, T>(
        &'a self,
        transaction: T,
        events: &'a [E],
    ) -> impl Future<Output = Result<(), PublishError>> + Send + 'a
    where
        E: SseEvent + Sync,
        T: Into<OpenTransaction<'a>> + 'a,
    {
        put(self.stage(events), transaction.into())
    }
}

async fn put(
    staged: Result<Staged<'_, Postgres>, PublishError>,
    transaction: OpenTransaction<'_>,
) -> Result<(), PublishError> {
    let staged = staged?;
    let transaction = pend(&staged, transaction).await.map_err(|error| staged.refused(error))?;
    staged.store.opened(transaction);
    Ok(())
}

/// Puts them where the commit finds them. The name of the transaction.
async fn pend(staged: &Staged<'_, Postgres>, transaction: OpenTransaction<'_>) -> Result<String, StoreError> {
    let (server, name) = (staged.store.server(), staged.log.name());
    let answer = transaction.stage(server, &escape(name.into()), &Columns::of(&staged.records)).await?;
    let unexpected = || error::unexpected(&server.name);
    let number = || answer.number.as_ref().and_then(|number| number.parse().ok()).ok_or_else(unexpected);
    match &*answer.outcome {
        "stored" => answer.transaction.ok_or_else(unexpected),
        "epoch" => {
            let words = format!(
                "the database of this transaction has no log `{name}`: begin it in that of the store"
            );
            Err(StoreError::new(StoreErrorKind::Other, words))
        }
        outcome => Err(refusal(outcome, name, None, number)),
    }
}
