//! The database, with the shop's tables and those of its log.

use std::error::Error;

use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, PgPool};
use typed_sse::{Channel, Topics};
use typed_sse_postgres::Postgres;

use crate::events::Shop;

/// Connects, and makes what is not there yet.
pub(crate) async fn open(url: &str) -> Result<(PgPool, Topics<Shop>), Box<dyn Error>> {
    let pool = PgPoolOptions::new().max_connections(16).connect(url).await;
    // What sqlx says may hold the URL.
    let pool =
        pool.map_err(|_| "no database there: run `examples/outbox/postgres.sh`, or name another URL")?;
    migrate(&pool).await?;
    let store = Postgres::connect(url).await?;
    let topics =
        Topics::builder().channel(Channel::builder().events(1000)).store(store, "shop").open().await?;
    Ok((pool, topics))
}

/// A team has a tool for this, and puts `Postgres::MIGRATION` among its migrations.
async fn migrate(pool: &PgPool) -> Result<(), sqlx::Error> {
    let mut transaction = pool.begin().await?;
    // Two shops that are started at once take turns.
    sqlx::query("SELECT pg_advisory_xact_lock(736465)").execute(&mut *transaction).await?;
    let is_new = "SELECT to_regclass('orders') IS NULL";
    if sqlx::query_scalar(is_new).fetch_one(&mut *transaction).await? {
        sqlx::raw_sql(AssertSqlSafe(Postgres::MIGRATION)).execute(&mut *transaction).await?;
        sqlx::raw_sql(include_str!("schema.sql")).execute(&mut *transaction).await?;
    }
    transaction.commit().await
}
