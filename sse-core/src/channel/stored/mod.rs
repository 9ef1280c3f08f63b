//! A channel whose log is kept by a store: its own log is a window onto the end of that one.

mod end;
mod follow;
mod open;
mod publish;

pub use open::StoreBuilder;
