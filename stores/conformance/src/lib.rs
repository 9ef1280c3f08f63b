//! The suite that a store of **typed-sse** passes.
//!
//! A store keeps the log of a channel outside the process ([`typed_sse_core::store`] says what it promises). Whoever writes one
//! adds this crate as a dev-dependency, says how the tests get at an empty store ([`Harness`]), and writes one line:
//!
//! ```
//! use std::sync::Arc;
//!
//! use typed_sse_core::store::Store;
//! use typed_sse_store_conformance::{Harness, Limits, Memory};
//!
//! #[derive(Clone)]
//! struct InMemory(Memory);
//!
//! impl Harness for InMemory {
//!     const SHARED: bool = true;
//!
//!     async fn start(limits: Limits) -> Self {
//!         Self(Memory::with_limits(limits))
//!     }
//!
//!     async fn store(&self) -> Arc<dyn Store> {
//!         Arc::new(self.0.clone())
//!     }
//!
//!     async fn lose(&self, log: &str) -> bool {
//!         self.0.lose(log);
//!         true
//!     }
//!
//!     async fn move_clock(&self, seconds: i64) -> bool {
//!         self.0.move_clock(seconds);
//!         true
//!     }
//! }
//!
//! typed_sse_store_conformance::suite!(InMemory);
//! # fn main() {}
//! ```
//!
//! # What the cases try
//!
//! - one order, resuming at every position, pages and their bounds, the newest of each key, own IDs, tokens, topics that are finished, closed
//!   and begun anew, concurrent publishers, records of 1 MiB, 10,000 topics;
//! - trimming by count, bytes and age; under a reader, under one who follows, and under a client that stops reading;
//! - each method of the store, and publishing on it, dropped at each of its awaits: polled once, twice, and so on, each time that it wakes,
//!   then dropped, and repeated;
//! - a log that is lost while it is followed ([`Harness::lose`]): one reset, also for whoever comes back with an ID of it;
//! - clocks that go back, far ahead, and back again ([`Harness::move_clock`]).
//!
//! The last two need the harness: where it cannot do that, the case prints that it is passed over, and passes. So does the case of the
//! bound of age where [`Harness::AGE`] says that there is none. The clock of a server belongs to its machine; what a server asks of the C library
//! can be answered by the test all the same, as that of the store in Redis does. Of the stores of this project, the one in NATS passes that case over.
//!
//! Among the cases are channels on the store, at random: servers that are started anew, clients that move between them, a store that
//! fails and forgets; every kind of event (keys, tombstones, own IDs, ephemeral ones) and of client (filters, states, each start and policy),
//! up to the end of the log. A case that fails prints its seed; `TYPED_SSE_SEED=n` repeats it. Others start a server anew, and compare what each
//! start, event ID and state leads to with what it led to before.
//!
//! [`Memory`] is a whole store, in the memory of the process: it shows what the contract asks for, and serves tests of an
//! application that restarts its server.

mod cases;
mod faulty;
mod harness;
mod limits;
mod memory;

pub use faulty::{Fault, Faulty};
pub use harness::Harness;
pub use limits::Limits;
pub use memory::Memory;

#[doc(hidden)]
pub mod __private {
    pub use crate::cases::*;
    pub use crate::harness::run;
}
