//! The scenarios that every adapter passes: over a real socket, read as bytes, and expecting the same of all.
//!
//! An adapter's tests bring a function that serves an [`App`] until it is told to stop, and [`suite!`] makes one test
//! of each scenario. What a framework cannot do is said there, with the reason, and shows in the table of the README.

mod app;
mod client;
mod scenarios;
mod suite;
mod table;

pub use app::{App, Broken, Over, Ready, Server};
pub use client::{Client, Response};
pub use scenarios::*;
pub use suite::{Cannot, run};
pub use table::check_table;
