//! The cases. Each gets a store of its own, and panics where it does not keep its promise.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc, clippy::print_stdout, reason = "these are tests")]

mod age;
mod client;
mod dropped;
mod dropped_publish;
mod ids;
mod keys;
mod life;
mod lost;
mod order;
mod random;
mod random_kinds;
mod random_topics;
mod restart;
mod slow;
mod support;
mod tokens;
mod topics;
mod trim;

pub use age::*;
pub use dropped::*;
pub use dropped_publish::*;
pub use ids::*;
pub use keys::*;
pub use life::*;
pub use lost::*;
pub use order::*;
pub use random::*;
pub use random_kinds::*;
pub use random_topics::*;
pub use restart::*;
pub use slow::*;
pub use tokens::*;
pub use topics::*;
pub use trim::*;
