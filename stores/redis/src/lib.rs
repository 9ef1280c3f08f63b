//! The log of a **typed-sse** channel in Redis Streams: several servers serve one stream, a client that loses one goes on at another,
//! and programs in any language publish.
//!
//! ```no_run
//! use typed_sse::{Channel, Event};
//! use typed_sse_redis::Redis;
//!
//! # async fn serve() -> Result<(), Box<dyn std::error::Error>> {
//! // On each server:
//! let store = Redis::connect("redis://127.0.0.1:6379").await?;
//! let market = Channel::<Event>::builder().store(store, "market").open().await?;
//! market.publish(&Event::new("one")).await?;
//! # Ok(()) }
//! ```
//!
//! # Publish from another program
//!
//! Add an entry to the stream of the log, with an ID of the server's choice. In a shell:
//!
//! ```text
//! redis-cli XADD '{market}' '*' event price_changed data '{"symbol":"ACME"}'
//! ```
//!
//! In Python:
//!
//! ```text
//! redis.Redis().xadd("{market}", {"event": "price_changed", "data": '{"symbol":"ACME"}'})
//! ```
//!
//! The fields are [those of a record](typed_sse_core::store#the-fields-of-a-record): `event`, `data`, `id`, `retry`, `key`, `topic`,
//! `flags`. What holds for such an entry:
//!
//! - It has its place in the order of all, and wakes who waits.
//! - It is *taken in* by the next call that any server makes, before anybody is given it: its own ID and its key are indexed, its topic counts
//!   it, and what is beyond the bounds goes. While a channel is open, that is at once.
//! - All that is there is taken in at once, and the server does nothing else meanwhile: about a second for a hundred thousand entries. Where no
//!   channel is open for long while others publish, let them add with `MAXLEN`.
//! - What cannot be an event, an ID that its topic retains, and an event of a finished topic are refused then. They leave the stream, and
//!   lie in `{market}:refused` with the reason, the newest thousand.
//! - Its publisher is not told of that, and a retry is stored twice, unless it has an `id`.
//!
//! What another program trims from the beginning of the stream (`XTRIM`, `XADD` with `MAXLEN`) counts as trimmed: a client that lacks it is
//! told. What was trimmed before it was taken in counts so in every topic, since nobody knows of which it was. Redis 7 counts
//! what was added. An older one does not: there, all that lay in front of the first entry counts if everything that had been taken in was
//! trimmed, and what was trimmed from a log that was empty before is missing untold. What another program deletes from the middle (`XDEL`)
//! is gone, and nobody is told.
//!
//! # What can be lost?
//!
//! What the server loses. With `appendfsync always`, it keeps what it has answered. With `everysec`, its default with
//! `appendonly yes`, it loses up to a second when the machine crashes. Without an append-only file, it loses what came since the last
//! snapshot. A replica that is promoted lacks what had not been copied; `WAIT` and `min-replicas-to-write` make that less.
//!
//! What was lost is told. Positions are by the server's clock, so one that was lost does not come again. Behind each new connection, a
//! process looks whether the newest record that it knows of is there. If it is not, the log begins a new
//! [epoch](typed_sse_core::store::Epoch), and all clients of all servers are told with a reset. Records that no living process had seen
//! are missed by nobody but their publisher. An emptied server (`FLUSHALL`) begins a new epoch, too. Set
//! `maxmemory-policy noeviction`: a server that evicts keys tears logs.
//!
//! # While the server is away
//!
//! Each call fails within [`Builder::time_limit`], 5 seconds by default, with
//! [`Unavailable`](typed_sse_core::store::StoreErrorKind::Unavailable); of an append, the error says whether it
//! [may have been stored](typed_sse_core::store::StoreError::may_have_been_stored). Followers go on within a second of its return. A
//! full server (`maxmemory`) refuses appends, and serves those who read.
//!
//! A process has one connection for calls, and one for each log that waits for what comes, whatever the number of its clients.
//!
//! # What is logged
//!
//! No error and no `Debug` shows user or password, or what an event holds. What errors and the spans of a channel name are logs, topics and the
//! IDs of events. The client beneath, `redis`, logs nothing.
//!
//! # The keys
//!
//! This is version 1 of the format, and public. All keys of the log `market` begin with `{market}`, behind the
//! [prefix](Builder::prefix) if there is one. The braces put them into one slot of a cluster. The client itself speaks to one server: to one of
//! a cluster only about logs whose slot lies there, since it follows no redirection. A *position* is the ID of an entry of the stream, `milliseconds-number`, as one number of 64 bits: the milliseconds, then 20
//! bits for the number. In the keys beside the stream it is written as 16 hexadecimal digits.
//!
//! | key | type | what |
//! |---|---|---|
//! | `{market}` | stream | all records of all topics: the fields of each |
//! | `{market}:meta` | hash | `v` (`1`), `epoch`, `last`, `trimmed`, `keys_trimmed`, `topics` (how many), `longest`, `first`, `added`, `unseen` |
//! | `{market}:topic:T` | hash | where the topic `T` stands, how many `records`, `bytes` and `keys` it has |
//! | `{market}:index:T` | sorted set | the positions of its records; of neighbours that of the first, and behind it how many, in 5 digits |
//! | `{market}:ids:T` | hash | the position of each own ID that is retained |
//! | `{market}:keys:T` | hash | the position of the newest event of each key |
//! | `{market}:newest:T` | sorted set | the same positions |
//! | `{market}:kept:T` | stream | the newest events of keys that are no longer in the stream of the log |
//! | `{market}:producers` | hash | epoch, number, first position and count of each producer's newest batch |
//! | `{market}:refused` | stream | what other programs added, and could not stay |
//!
//! Read any of them; write only entries of `{market}`. To remove a log, delete all its keys. Each topic that ever was keeps its hash, about
//! 150 bytes, and each producer its field.
//!
//! Each call is one Lua script, so nobody sees half of a batch. It needs Redis 6.2 or newer, and was tried with 7.0.
//! A user of an ACL needs the keys, `~{market}*` or `~prefix*`, and
//! `+@scripting +@stream +@hash +@sortedset +@keyspace +@transaction +@connection +time`.
//!
//! # TLS
//!
//! With the feature `tls`, a URL that begins with `rediss://` is spoken to over TLS, by rustls. The certificate of the server must be one that the
//! system trusts.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod builder;
mod connection;
mod error;
mod limits;
mod position;
mod reply;
mod script;
mod store;
mod tail;

pub use builder::Builder;
pub use store::Redis;
