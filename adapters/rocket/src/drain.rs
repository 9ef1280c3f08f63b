//! How the server stops.

use std::time::Duration;

use rocket::fairing::AdHoc;
use typed_sse_core::Drainable;

/// A fairing that ends the streams of a channel, or of topics, before Rocket stops. For several, attach one for each.
///
/// Rocket waits for open responses over its `shutdown.grace`, by default 2 s, and then cuts them. The streams end over the first three
/// quarters of it, spread out, each with a reconnection time of its own, so that clients come back one by one. What asks Rocket to stop
/// is Rocket's business: Ctrl-C and `SIGTERM`, unless its configuration says otherwise.
///
/// ```
/// use typed_sse::{Channel, Event};
/// use typed_sse_rocket::drain;
///
/// let channel = Channel::<Event>::new();
/// let app = rocket::build().attach(drain(&channel)).manage(channel);
/// # let _ = app;
/// ```
#[must_use = "attach it"]
pub fn drain(streams: &(impl Drainable + Clone + Send + Sync + 'static)) -> AdHoc {
    let streams = streams.clone();
    AdHoc::on_shutdown("event streams drained", move |rocket| {
        let grace = Duration::from_secs(rocket.config().shutdown.grace.into());
        Box::pin(async move { streams.drained(grace.mul_f64(0.75)).await })
    })
}
