//! OpenAPI 3.2: streams as responses of `text/event-stream`.
//!
//! [`OpenApi`] is a whole document; [`Stream::insert_into`] puts a stream into one that another library made, and
//! [`Stream::fragment`] is the response alone, for a document that is written by hand. With the feature `utoipa`,
//! `Stream::insert_into_utoipa` puts it into utoipa's own type.
//!
//! # What is written
//!
//! An [`itemSchema`](https://spec.openapis.org/oas/v3.2.0.html#media-type-object) with one branch per event says exactly what is on
//! the wire:
//!
//! ```yaml
//! text/event-stream:
//!   itemSchema:
//!     oneOf:
//!       - title: PriceChanged
//!         type: object
//!         required: [event, data]
//!         properties:
//!           event: { type: string, const: price_changed }
//!           data:
//!             type: string
//!             contentMediaType: application/json
//!             contentSchema: { $ref: "#/components/schemas/MarketPriceChanged" }
//!           id: { type: string }
//!           retry: { type: integer, minimum: 0 }
//!   schema: { $ref: "#/components/schemas/MarketEvent" }
//! ```
//!
//! An event without a name does not require `event`; where it is there, it is `message`. An event that ends its stream has `x-sse-terminal:
//! true`; `x-sse-ephemeral`, `x-sse-tombstone` and `x-sse-reset` say what their names say. Where the event type does not tell all events
//! apart, the union is an `anyOf`.
//!
//! The `schema` beside it is for generators that do not know `itemSchema`, or that make a string of `data`: see [`Companion`] for what it
//! costs.
//!
//! The components are called after the catalogue's name: the payload of each event (`MarketPriceChanged`), each event with its payload
//! as a value (`MarketPriceChangedEvent`), any event (`MarketEvent`), and your own types by their names.

mod api;
mod components;
mod insert;
mod item;
mod names;
mod stream;
#[cfg(feature = "utoipa")]
mod utoipa;

pub use api::OpenApi;
pub use stream::{Companion, Fragment, Stream};

pub(crate) use components::{Components, Schemas};
pub(crate) use item::describe;
pub(crate) use names::Names;
pub(crate) use stream::path_parameters;
