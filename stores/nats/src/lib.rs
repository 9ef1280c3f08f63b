//! The log of a **typed-sse** channel in NATS JetStream: several servers serve one stream, and it outlives them.
//!
//! ```no_run
//! use typed_sse::{Channel, Event};
//! use typed_sse_nats::Nats;
//!
//! # async fn serve() -> Result<(), Box<dyn std::error::Error>> {
//! let store = Nats::connect("nats://127.0.0.1:4222").await?;
//! let market = Channel::<Event>::builder().store(store, "market").open().await?;
//! // Clients of all servers that opened `market` have it, and resume at any of them.
//! market.publish(&Event::new("opened")).await?;
//! # Ok(()) }
//! ```
//!
//! # What is needed?
//!
//! A `nats-server` with JetStream (`nats-server --jetstream`), 2.9 or newer; it was tried with 2.9.10 alone, one server, no cluster. A log is
//! one stream: `market` is `sse_market`, with the subjects `sse.market.>`. It is made when the log is opened first. One that is there
//! already is taken over if it is fit: nothing in it may go by itself, so it has no `max_msgs`, `max_msgs_per_subject` or `max_age`;
//! with `max_bytes`, it refuses what is new (`discard: new`). The error names the setting that is wrong, and what it should be.
//!
//! The user needs these subjects. Without the right to make streams, have somebody make the stream before.
//!
//! | publish | for |
//! |---|---|
//! | `sse.market.>` | events |
//! | `$JS.API.STREAM.INFO.sse_market`, `$JS.API.STREAM.MSG.GET.sse_market`, `$JS.API.DIRECT.GET.sse_market` | reading |
//! | `$JS.API.CONSUMER.CREATE.sse_market`, `$JS.API.CONSUMER.DELETE.sse_market.*`, `$JS.FC.>` | following |
//! | `$JS.API.STREAM.MSG.DELETE.sse_market`, `$JS.API.STREAM.PURGE.sse_market` | trimming |
//! | `$JS.API.STREAM.CREATE.sse_market` | making the stream |
//!
//! and to subscribe to `_INBOX.>`.
//!
//! # In which order?
//!
//! In that of the stream, for all. A batch is one message, so it is stored whole or not at all, and all readers see it at once. A
//! [position](typed_sse_core::store) is the sequence of the message times 65,536, plus the number of the record in it. A batch that
//! is longer than the server's `max_payload` (1 MiB unless configured) is [`TooLong`](typed_sse_core::store::StoreErrorKind::TooLong).
//!
//! JetStream knows neither own IDs nor tokens nor finished topics. So each process applies the messages of the stream, in their order, by
//! the same rules, and all come to the same verdict: whether a batch is stored, a repetition, or refused. An append is answered when its
//! message has come back with that. A refused one stays in the stream, where nobody takes it for an event, until it is trimmed.
//!
//! # What does a process hold?
//!
//! An index of the log: the place, age and length of each record that is retained, its own ID, its key. It grows with the records,
//! and with their IDs and keys; data is held only of what came last, up to 16 MiB. It reads the whole stream once when a log is opened: the more is retained,
//! the longer that takes, also for a process that only publishes. For logs of very many records, choose Postgres.
//!
//! A process has one connection, and one consumer for each log: a push consumer, ordered, that is made anew behind the last message
//! whenever one is missing, the connection was lost, or two heartbeats (500 ms each) did not come. The task behind it waits for no client.
//! What is older than what it keeps is read by sequence.
//!
//! # Trimming
//!
//! Bounds by [count](Builder::events), [bytes](Builder::bytes) and [age](Builder::age) are those of the log, in a message of its own; whoever
//! opens it last sets them. What is beyond them is gone for readers at once, in the same way for all. In the stream it goes about a
//! thousand messages at a time: one of the processes writes down what is known of the rest (`sse.market.state`), and then
//! deletes. The stream's own limits are not used, since they take without a word what is kept for its key, or of another topic.
//!
//! # What can be lost?
//!
//! Nothing that was acknowledged, when a server or `nats-server` is killed, however hard: its files have been written. When the machine
//! loses power, `nats-server` may lose what it has acknowledged since it last had the files written to the disk: it does so every 2 minutes
//! by default (`sync_interval`, from 2.10 on also `always`; 2.9 cannot be told to). [`Builder::replicas`] puts the stream on several
//! machines of a cluster. A stream [in memory](Builder::in_memory) is gone with its server.
//!
//! What is lost is told: a log has the [epoch](typed_sse_core::store::Epoch) of its stream's creation. A stream that was deleted
//! and made anew is another. One from which somebody else has deleted something that was not trimmed (`nats stream purge`, `rmm`), or whose end
//! is not what a living process has seen, begins a new life: with the records that are left, under a new epoch, and all clients are told
//! with a reset. What is left stays, also where a [token](typed_sse_core::store::Token) before it is missing; delete no close of a topic
//! whose finish is there, which takes what came behind it with it. A purge is noticed by whoever reads next, not by who only follows. What no
//! living process had seen is missed without a word.
//!
//! # While the server is away
//!
//! Each call fails within [`Builder::time_limit`], 5 seconds by default, with
//! [`Unavailable`](typed_sse_core::store::StoreErrorKind::Unavailable); of an append, the error says whether it
//! [may have been stored](typed_sse_core::store::StoreError::may_have_been_stored). Within that time it is sent again over each new
//! connection, under one `Nats-Msg-Id`, so that the server stores it once. Followers go on when it is back.
//!
//! # What is logged
//!
//! No error and no `Debug` shows user, password or token, or what an event holds; addresses are handed to `async-nats` without them. What errors
//! and the spans of a channel name are logs, topics and the IDs of events.
//!
//! `async-nats` itself logs through `tracing`, and cannot be kept from it: at the level `trace`, its target `async_nats::connection` says each
//! message with all that it holds, and the name of the user. Keep that off where it is secret (`async_nats::connection=debug`). Elsewhere it names
//! subjects, in which the topics stand, at the level `debug`. No password and no token is in any of it.
//!
//! # Other programs
//!
//! A record that is alone in its message is its data, with its fields as headers:
//!
//! ```text
//! nats pub sse.market.events '{"price":1}' -H sse-event:price_changed -H sse-key:lamp
//! nats pub sse.market.events.user/7 '{"text":"hello"}'
//! nats stream view sse_market
//! ```
//!
//! | header | field |
//! |---|---|
//! | `sse-event`, `sse-id`, `sse-retry`, `sse-key`, `sse-flags`, `sse-v` | [those of a record](typed_sse_core::store#the-fields-of-a-record) |
//! | `sse-batch` | the payload is as under `sse.market.batch`; how many records it has |
//! | `sse-token` | epoch, number and producer of the [token](typed_sse_core::store::Token) |
//! | `sse-epoch` | the message is refused in another life than this |
//!
//! The topic is what follows `events.`, none for `""`. In it, bytes other than letters, digits and `-_/:@=+,#~` are `%` and two
//! hexadecimal digits; in headers, `%`, controls, letters beyond ASCII, and spaces at the ends. Other headers are passed over. Several
//! records, and fields that this version does not know, are JSON: an object of texts for each record, one a line, under the subject of their
//! topic with `sse-batch`, or of several topics under `sse.market.batch`. What is none of this, or may not be stored, is no event for anybody;
//! data that is not UTF-8 is read with U+FFFD where it is not. Publish nothing under `sse.market.state`: what is no checkpoint there stops the
//! log, until it is deleted as the error says.
mod api;
mod apply;
mod builder;
mod connection;
mod consumer;
mod error;
mod fetch;
mod follow;
mod gone;
mod index;
mod life;
mod limits;
mod message;
mod name;
mod publish;
mod store;
mod stream;
mod tail;
mod tidy;

pub use async_nats;
pub use builder::Builder;
pub use store::Nats;
