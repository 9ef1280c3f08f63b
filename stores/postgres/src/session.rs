//! Whether a connection is a session of the server's, as `LISTEN` needs it.

use tokio::time::timeout;
use typed_sse_core::store::StoreError;

use crate::connection::{Connection, Server};
use crate::error;

/// Finds a pooler that hands out sessions for the time of a transaction: there, two clients have one process of the server, or one
/// client has two.
pub(crate) async fn is_shared(server: &Server) -> Result<bool, StoreError> {
    let silent = || Box::new(|_| {});
    let (one, other) = (server.connect(silent()).await?, server.connect(silent()).await?);
    let looked = async {
        let first = process(server, &one).await?;
        let begun = other.client.batch_execute("BEGIN").await;
        begun.map_err(|error| server.failure(&error).error)?;
        // It is held for a transaction now, so who asks next gets another one.
        Ok(process(server, &other).await? == first || process(server, &one).await? != first)
    };
    let late = |_| error::unavailable(&server.name, "did not answer in time");
    timeout(server.time_limit, looked).await.map_err(late)?
}

async fn process(server: &Server, connection: &Connection) -> Result<i32, StoreError> {
    let row = connection.client.query_typed_one("SELECT pg_backend_pid()", &[]).await;
    let row = row.map_err(|error| server.failure(&error).error)?;
    row.try_get(0).map_err(|_| error::unexpected(&server.name))
}

/// The database, in whatever way it is reached.
pub(crate) async fn database(server: &Server) -> Result<String, StoreError> {
    const STATEMENT: &str =
        "SELECT current_database() || ' ' || extract(epoch FROM pg_postmaster_start_time())";
    let connection = server.connect(Box::new(|_| {})).await?;
    let asked = timeout(server.time_limit, connection.client.query_typed_one(STATEMENT, &[])).await;
    let row = asked.map_err(|_| error::unavailable(&server.name, "did not answer in time"))?;
    let row = row.map_err(|error| server.failure(&error).error)?;
    row.try_get(0).map_err(|_| error::unexpected(&server.name))
}
