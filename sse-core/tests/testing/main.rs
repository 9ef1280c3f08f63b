//! The test kit itself.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

mod places;
mod promise;
mod reading;
mod scene;
mod violations;
