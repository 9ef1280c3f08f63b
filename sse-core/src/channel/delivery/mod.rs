//! How events reach subscribers: who there is, who is let in, when they are woken, and how they end.

mod admission;
mod blocks;
mod drain;
mod limit;
mod linger;
mod pace;
mod slot;
mod subscribers;

pub(crate) use admission::{Admission, Turns};
pub use drain::DrainReport;
pub(crate) use drain::drain;
pub(crate) use limit::Seat;
pub use limit::SubscriberLimit;
pub(crate) use linger::Linger;
pub(crate) use pace::Pace;
pub(crate) use subscribers::{Membership, Subscribers, long_reconnection_time};
