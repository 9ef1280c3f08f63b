//! The transactions that an event can be published in, whichever client has begun them.

use std::fmt;

use tokio_postgres::types::Type;
use typed_sse_core::store::StoreError;

use crate::connection::{Parameter, Server};
use crate::error;
use crate::record::Columns;

/// An open transaction, or a savepoint in one: what [`PublishIn::publish_in`](crate::PublishIn::publish_in) takes.
///
/// These become one:
///
/// - `&mut tokio_postgres::Transaction<'_>`; without `mut` as well.
/// - With the feature `sqlx`, `&mut sqlx::Transaction<'_, sqlx::Postgres>` and `&mut sqlx::PgConnection`. A connection must have begun a
///   transaction by `begin` of sqlx: outside of one, the call fails, and publishes nothing.
///
/// Of what a pool wraps, pass what lies in it: `&mut *transaction`.
pub struct OpenTransaction<'a>(Of<'a>);

/// Who has begun it.
enum Of<'a> {
    TokioPostgres(&'a tokio_postgres::Transaction<'a>),
    #[cfg(feature = "sqlx")]
    Sqlx(&'a mut sqlx::PgConnection),
}

impl<'a> From<&'a tokio_postgres::Transaction<'_>> for OpenTransaction<'a> {
    fn from(transaction: &'a tokio_postgres::Transaction<'_>) -> Self {
        Self(Of::TokioPostgres(transaction))
    }
}

impl<'a> From<&'a mut tokio_postgres::Transaction<'_>> for OpenTransaction<'a> {
    fn from(transaction: &'a mut tokio_postgres::Transaction<'_>) -> Self {
        Self(Of::TokioPostgres(transaction))
    }
}

#[cfg(feature = "sqlx")]
#[cfg_attr(docsrs, doc(cfg(feature = "sqlx")))]
impl<'a> From<&'a mut sqlx::Transaction<'_, sqlx::Postgres>> for OpenTransaction<'a> {
    fn from(transaction: &'a mut sqlx::Transaction<'_, sqlx::Postgres>) -> Self {
        Self(Of::Sqlx(transaction))
    }
}

#[cfg(feature = "sqlx")]
#[cfg_attr(docsrs, doc(cfg(feature = "sqlx")))]
impl<'a> From<&'a mut sqlx::PgConnection> for OpenTransaction<'a> {
    fn from(connection: &'a mut sqlx::PgConnection) -> Self {
        Self(Of::Sqlx(connection))
    }
}

/// What the function `stage` of the schema has answered.
pub(crate) struct Answer {
    pub(crate) outcome: String,
    pub(crate) number: Option<String>,
    /// The name of the transaction, if these are published in it.
    pub(crate) transaction: Option<String>,
}

impl OpenTransaction<'_> {
    /// Puts records where the commit finds them. Nothing is prepared, so that a pooler may stand between.
    pub(crate) async fn stage(
        self,
        server: &Server,
        log: &str,
        columns: &Columns,
    ) -> Result<Answer, StoreError> {
        let statement = format!(
            "SELECT outcome, number, transaction FROM {}.stage($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            server.schema
        );
        match self.0 {
            Of::TokioPostgres(transaction) => {
                let mut parameters: Vec<Parameter<'_>> = vec![(&log, Type::TEXT)];
                parameters.extend(columns.parameters());
                // Whatever became of it, a transaction that has failed commits nothing.
                let rows = transaction.query_typed(&statement, &parameters).await;
                let rows = rows.map_err(|error| server.failure(&error).error)?;
                let unexpected = |_| error::unexpected(&server.name);
                let row = rows.first().ok_or_else(|| error::unexpected(&server.name))?;
                Ok(Answer {
                    outcome: row.try_get(0).map_err(unexpected)?,
                    number: row.try_get(1).map_err(unexpected)?,
                    transaction: row.try_get(2).map_err(unexpected)?,
                })
            }
            #[cfg(feature = "sqlx")]
            Of::Sqlx(connection) => by_sqlx(connection, statement, server, log, columns).await,
        }
    }
}

#[cfg(feature = "sqlx")]
async fn by_sqlx(
    connection: &mut sqlx::PgConnection,
    statement: String,
    server: &Server,
    log: &str,
    columns: &Columns,
) -> Result<Answer, StoreError> {
    use sqlx::{AssertSqlSafe, Connection as _, Row as _};

    // Without one, the statement would be a transaction of its own, which has committed when it returns.
    if !connection.is_in_transaction() {
        return Err(error::no_transaction());
    }
    // What is put into the text is the name of the schema, which was checked.
    let statement = sqlx::query(AssertSqlSafe(statement)).persistent(false).bind(log);
    let row = columns.bind(statement).fetch_one(connection).await;
    let row = row.map_err(|error| error::calling_sqlx(&server.name, &server.schema_name, &error).error)?;
    let unexpected = |_| error::unexpected(&server.name);
    Ok(Answer {
        outcome: row.try_get(0).map_err(unexpected)?,
        number: row.try_get(1).map_err(unexpected)?,
        transaction: row.try_get(2).map_err(unexpected)?,
    })
}

impl fmt::Debug for OpenTransaction<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenTransaction").finish_non_exhaustive()
    }
}
