//! The scenarios that every adapter passes: over a real socket, read as bytes, and expecting the same of all.
//!
//! An adapter's tests bring a function that serves an [`App`] until it is told to stop, and [`suite!`] makes one test
//! of each scenario.

mod app;
mod client;
mod scenarios;

pub use app::{App, Broken, Server};
pub use client::{Client, Response};
pub use scenarios::*;

/// One `#[tokio::test]` per scenario, run against `$serve: async fn(TcpListener, App, impl Future)`, which serves
///
/// - `/events`: the app's channel with its keep-alive and reconnection time, from `Last-Event-ID` or the query parameter `last`,
/// - `/stop`: `204`,
/// - `/broken`: the stream [`Broken::events`] with the app's reconnection time,
///
/// and returns once the future is ready and all connections are done.
#[macro_export]
macro_rules! suite {
    ($serve:path) => {
        $crate::suite! { @each $serve:
            head_and_reconnection_time_come_at_once,
            header_fields_are_those_of_an_event_stream,
            head_request_opens_no_stream,
            events_arrive_as_published,
            resumes_by_header,
            resumes_by_query,
            cannot_resume_is_one_reset,
            hostile_last_event_ids_are_none,
            idle_stream_is_kept_alive,
            a_client_that_leaves_is_unsubscribed,
            stop_is_no_content,
            an_error_ends_behind_whole_events,
            shutdown_with_a_hundred_open_streams,
        }
    };
    (@each $serve:path: $($scenario:ident,)+) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $scenario() {
            let server = $crate::Server::start(|listener, app, stop| $serve(listener, app, stop)).await;
            $crate::$scenario(server).await;
        }
    )+};
}
