//! A channel whose log is kept by a store: its own log is a window onto the end of that one.

mod end;
mod follow;
mod open;
mod publish;
mod publisher;
mod staged;

pub(super) use end::End;
pub(super) use follow::{Followed, Follower, Gap, Resumed};
pub use open::StoreBuilder;
pub use publisher::{Published, Publisher, TopicsPublisher};
pub use staged::Staged;
pub(super) use staged::not_stored;
