//! The log of a **typed-sse** channel in Postgres: events are published in the transactions that they tell of, and several servers serve
//! one stream.
//!
//! ```no_run
//! use typed_sse::{Channel, Event};
//! use typed_sse_postgres::{Postgres, PublishIn as _, tokio_postgres};
//!
//! # async fn serve(client: &mut tokio_postgres::Client) -> Result<(), Box<dyn std::error::Error>> {
//! let store = Postgres::connect("postgres://shop@127.0.0.1/shop").await?;
//! let orders = Channel::<Event>::builder().store(store, "orders").open().await?;
//!
//! let mut order = client.transaction().await?;
//! order.execute("INSERT INTO orders (item) VALUES ('lamp')", &[]).await?;
//! orders.publish_in(&mut order, &Event::new("a lamp was ordered")).await?;
//! // From here on, all clients of all servers have the event. Without the commit, none ever has.
//! order.commit().await?;
//! # Ok(()) }
//! ```
//!
//! [`PublishIn`] has the same with `sqlx`, whose transactions are taken with the feature `sqlx`.
//!
//! # Before the first start
//!
//! Put [`Postgres::MIGRATION`] among your migrations: a schema `typed_sse` with tables and functions, for Postgres 13 or newer (it was
//! tried with 15 alone), in a database whose encoding is UTF8. A store that is opened looks whether it is there, of its version. It changes
//! nothing of it by itself. The user of the application needs no more than:
//!
//! ```text
//! GRANT USAGE ON SCHEMA typed_sse TO shop;
//! GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA typed_sse TO shop;
//! REVOKE INSERT, UPDATE, DELETE ON typed_sse.meta FROM shop;
//! ```
//!
//! and the right to execute functions, which all have by default.
//!
//! # In which order?
//!
//! In that of the commits, for all who read. An event that is [published in a transaction](PublishIn) waits in a table of its own until
//! the commit, whose first step gives it its position. One transaction at a time gives positions in a log: it holds the row of
//! the log until it has ended. So a position that is seen has none below it that is yet to come, and none was used for what was rolled back.
//!
//! - A transaction that stays open for an hour keeps nobody waiting. Its events come when it commits. As any such transaction of the
//!   database does, it keeps the vacuum from what is trimmed meanwhile.
//! - Commits that publish in one log follow each other: each waits until the one before is on the disk. That is the price, and the bound of
//!   what one log takes. What one process publishes without a transaction of yours goes together, up to 256 batches, or about 1 MiB, in a commit.
//! - `SET CONSTRAINTS ALL IMMEDIATE`, and `PREPARE TRANSACTION`, give the positions at once: then the log is held until
//!   the transaction ends, and others that publish wait, or give up ([`Builder::time_limit`]; `lock_timeout` for transactions of yours).
//! - The store's own transactions are `READ COMMITTED`, whatever `default_transaction_isolation` says.
//! - What others did between `publish_in` and the commit may make the commit fail: [`PublishIn::publish_in`] says when.
//!
//! # How soon?
//!
//! Within the process at once. Other processes are told by an empty `NOTIFY`, which is sent behind the commit, on the connection that
//! listens: within a transaction it would take a lock of the whole database. How a transaction of yours has ended is looked up from 1 ms after
//! `publish_in` on, ever less often, at least every 250 ms. Whoever waits looks by himself once a second, too ([`Builder::poll`]), so nothing
//! depends on being told.
//!
//! A process has one connection to read, one to write and one to listen, whatever the number of its clients and topics.
//!
//! # Behind `PgBouncer`
//!
//! In its mode `session`, nothing is different. In its mode `transaction`, a connection has a session of the server only while a transaction
//! is open, so a `LISTEN` is forgotten without a word. A store that is to listen there is refused when it connects. Choose:
//!
//! ```no_run
//! # async fn connect() -> Result<(), typed_sse_core::store::StoreError> {
//! use typed_sse_postgres::Postgres;
//!
//! // Reads and writes go through the pooler; one connection of each process listens past it.
//! let store = Postgres::builder().listen_at("postgres://shop@db:5432/shop").connect("postgres://shop@db:6432/shop").await?;
//! // Or nobody listens, and each looks once a second, or as often as `poll` says.
//! let store = Postgres::builder().listen(false).connect("postgres://shop@db:6432/shop").await?;
//! # drop(store);
//! # Ok(()) }
//! ```
//!
//! What else it keeps with a session, settings and prepared statements, it keeps only where it listens at the same URL. There, no statement is prepared, by `publish_in`
//! nowhere: each page that is read is planned anew, which is a third of the server's work for it. (Behind `PgBouncer` before 1.21, your own statements must
//! not be prepared either; and it takes connections of sqlx only with `ignore_startup_parameters = extra_float_digits`.) It was tried with 1.18. The mode
//! `statement` knows no transactions, so it does not do.
//!
//! # TLS
//!
//! With the feature `tls`, a URL that says `sslmode=require` or `verify-full` is spoken to over TLS, by rustls. Either way the certificate of the
//! server must be one that the system trusts, or one of the authorities in the PEM file that `sslrootcert` names, and it must be for the host of the
//! URL: `postgres://shop@db.example/shop?sslmode=verify-full&sslrootcert=/etc/ssl/shop-ca.pem`. Without `sslmode`, and with `prefer`, nothing is
//! encrypted. Certificates of clients need a connector of your own: [`Builder::connect_with`].
//!
//! # Publish from another program
//!
//! In SQL, in any transaction; the names of the parameters are [those of a record](typed_sse_core::store#the-fields-of-a-record):
//!
//! ```text
//! SELECT typed_sse.publish('orders', '{"item":"lamp"}', event => 'order_placed', topic => 'customer/7');
//! ```
//!
//! What they have no name for is in `others`, as `[["name", "value"]]`.
//!
//! It raises what cannot be a record (`SSE04`), a log that nobody has opened yet (`SSE03`), an ID that is retained (`SSE01`, by the
//! commit) and a finished topic (`SSE02`). `NOTIFY typed_sse` behind the commit tells the servers at once. Write to the tables in no
//! other way.
//!
//! # What can be lost?
//!
//! Nothing that was committed, when the server or the machine crashes: a commit with events waits for the disk even where
//! `synchronous_commit` is `off`, since clients would have seen what the crash takes. With `fsync = off`, behind the promotion of a replica that
//! had not got all, or from a backup, the end of a log may be missing. That is told: behind each new connection, a process looks whether the
//! newest record that it knows of is there. If it is not, the log begins a new [epoch](typed_sse_core::store::Epoch), and all clients are
//! told with a reset. What no living process had seen is missed without a word.
//!
//! # While the server is away
//!
//! Each call fails within [`Builder::time_limit`], 5 seconds by default, with
//! [`Unavailable`](typed_sse_core::store::StoreErrorKind::Unavailable); of an append, the error says whether it
//! [may have been stored](typed_sse_core::store::StoreError::may_have_been_stored). Followers go on when it is back.
//!
//! # What is logged
//!
//! An error tells the server's name, what failed, and the SQLSTATE: never what the server said, in which a row of yours may stand, nor
//! user or password. What errors and the spans of a channel name are logs, topics and the IDs of events.
//!
//! `tokio-postgres` and `sqlx` themselves log statements at the level `debug` (`sqlx` slow ones at `warn`), through the crates `log` and `tracing`: those of this store without
//! their values. Of your own, `tokio-postgres` logs the values of those that are prepared, too, as of `query` and `execute`: keep its target
//! `tokio_postgres::query` off where they are secret.
//!
//! # The tables
//!
//! This is version 1. `typed_sse.records` is public, for you to look at; the rest may change with a version.
//!
//! | table | what |
//! |---|---|
//! | `records` | the fields of each record, its position, when it was stored, the number of its topic |
//! | `topics` | how much each topic has, and where it stands |
//! | `logs` | epoch and bounds of each log, and what of it was trimmed |
//! | `producers` | the newest batch of each [producer](typed_sse_core::store::Token) |
//! | `pending` | what open transactions have published |
//!
//! A text has no U+0000 in Postgres: it is written as U+FFFF and `0`, and U+FFFF as U+FFFF and `1`. Bounds are those of the log, kept in
//! its row, so that all who publish trim alike: by whoever appends, a sixteenth at a time, in the same transaction; by age, once a second by
//! whoever reads. Each topic that ever was keeps its row. To remove a log, delete its row of `logs`.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod builder;
mod connection;
mod error;
mod limits;
mod outcome;
mod page;
mod publish_in;
mod read;
mod record;
mod schema;
mod session;
mod store;
mod tail;
mod text;
#[cfg(feature = "tls")]
mod tls;
mod transaction;
mod unshown;
mod url;
mod wake;
mod writer;

pub use builder::Builder;
pub use publish_in::PublishIn;
pub use store::Postgres;
pub use tokio_postgres;
pub use transaction::OpenTransaction;
