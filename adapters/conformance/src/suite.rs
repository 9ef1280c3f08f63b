//! One test per scenario.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;

/// What a framework cannot do: the name of the scenario, and why, with the issue upstream if there is one.
pub type Cannot = (&'static str, &'static str);

/// One `#[tokio::test]` per scenario, run against `$serve: async fn(App, Ready, Receiver<()>)`, which serves
///
/// - `/events`: the app's channel with its keep-alive and reconnection time, from `Last-Event-ID` or the query parameter `last`,
/// - `/stop`: `204`,
/// - `/broken`: the stream [`Broken::events`](crate::Broken::events) with the app's reconnection time,
///
/// says so by [`Ready`](crate::Ready), and returns once it is told to stop and all connections are done.
///
/// `cannot: [("scenario", "why")]` names what the framework cannot do. Such a scenario is run too, and has to fail: what a
/// framework has learned is noticed. One more test holds the column of `$adapter` in the README's table to all this;
/// `BLESS=1` writes it anew.
#[macro_export]
macro_rules! suite {
    ($adapter:literal, $serve:path) => {
        $crate::suite!($adapter, $serve, cannot: []);
    };
    ($adapter:literal, $serve:path, cannot: [$($cannot:expr),* $(,)?]) => {
        $crate::suite! { @each $adapter, $serve, [$($cannot),*]:
            head_and_reconnection_time_come_at_once "the head and the first line come at once",
            header_fields_are_those_of_an_event_stream "the header fields of an event stream",
            head_request_opens_no_stream "`HEAD` opens no stream",
            events_arrive_as_published "events arrive byte for byte, in order",
            resumes_by_header "resumes from `Last-Event-ID`",
            resumes_by_query "resumes from a query parameter",
            cannot_resume_is_one_reset "cannot resume: one reset",
            hostile_last_event_ids_are_none "a malformed or huge ID is none",
            idle_stream_is_kept_alive "an idle stream is kept alive",
            a_client_that_leaves_is_unsubscribed "a client that closes is noticed",
            stop_is_no_content "`204` stops a client",
            an_error_ends_behind_whole_events "an error ends a stream behind whole events",
            an_error_breaks_the_connection "an error breaks the connection",
            shutdown_with_a_hundred_open_streams "stops with a hundred open streams",
        }
    };
    (@each $adapter:literal, $serve:path, $cannot:tt: $($scenario:ident $title:literal,)+) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $scenario() {
                const CANNOT: &[$crate::Cannot] = &$cannot;
                let scenario = async {
                    let server = $crate::Server::start($crate::App::new(), $serve).await;
                    $crate::$scenario(server).await;
                };
                $crate::run(stringify!($scenario), CANNOT, scenario).await;
            }
        )+

        #[test]
        fn the_table_in_the_readme_is_current() {
            $crate::check_table($adapter, &[$((stringify!($scenario), $title)),+], &$cannot);
        }
    };
}

/// Runs a scenario, which has to hold, unless it is said that it cannot: then it has to fail.
///
/// # Panics
///
/// If that is not so.
pub async fn run(name: &str, cannot: &[Cannot], scenario: impl Future<Output = ()>) {
    let Some((_, reason)) = cannot.iter().find(|(scenario, _)| *scenario == name) else {
        return scenario.await;
    };
    let held = AssertUnwindSafe(scenario).catch_unwind().await.is_ok();
    assert!(!held, "`{name}` holds, though it is said that it cannot: {reason}");
}
