//! One test per scenario.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use tokio::sync::{RwLock, oneshot};

use crate::app::{App, Ready, Server};

/// What a framework cannot do: the name of the scenario, why, with the issue upstream if there is one, and what the scenario
/// says when it fails for that reason.
pub type Cannot = (&'static str, &'static str, &'static str);

/// One `#[tokio::test]` per scenario, run against `$serve: async fn(App, Ready, Receiver<()>)`, which serves
///
/// - `/events`: the app's channel with its keep-alive, lifetime and reconnection time, from `Last-Event-ID` or the query
///   parameter `last`,
/// - `/idle`: the same of the app's idle channel,
/// - `/compressed`: the same as `/events`, behind what the framework has to compress responses,
/// - `/stop`: `204`,
/// - `/later`: the app's reconnection time and nothing else,
/// - `/over`: the stream [`Over::events`](crate::Over::events),
/// - `/broken`: the stream [`Broken::events`](crate::Broken::events) with the app's reconnection time,
/// - `/told`: the same, whose error is told by [`Broken::tell`](crate::Broken::tell),
///
/// over HTTP/1.1 and HTTP/2 at sockets tuned with the app's options, says so by [`Ready`](crate::Ready), and returns once it
/// is told to stop and all connections are done, or the app's grace is over.
///
/// `cannot: [("scenario", "why", "its words")]` names what the framework cannot do. Such a scenario is run too, and has to
/// fail by these words: what a framework has learned is noticed. One more test holds the column of `$adapter` in the
/// README's table to all this; `BLESS=1` writes it anew.
#[macro_export]
macro_rules! suite {
    ($adapter:literal, $serve:path) => {
        $crate::suite!($adapter, $serve, cannot: []);
    };
    ($adapter:literal, $serve:path, cannot: [$($cannot:expr),* $(,)?]) => {
        $crate::suite! { @each $adapter, $serve, [$($cannot),*]:
            head_and_reconnection_time_come_at_once new "the head and the first line come at once",
            header_fields_are_those_of_an_event_stream new "the header fields of an event stream",
            head_request_opens_no_stream new "`HEAD` opens no stream",
            a_new_client_is_told_its_place new "a new client is told its place",
            events_arrive_as_published new "events arrive byte for byte, in order",
            resumes_by_header new "resumes from `Last-Event-ID`",
            resumes_by_query new "resumes from a query parameter",
            a_client_without_an_event_has_a_place new "a client that has no event yet resumes too",
            cannot_resume_is_one_reset new "cannot resume: one reset",
            hostile_last_event_ids_are_none new "a malformed or huge ID is none",
            idle_stream_is_kept_alive new "an idle stream is kept alive",
            traffic_puts_off_the_keep_alive calm "no keep-alive between events",
            a_client_that_leaves_is_unsubscribed steady "a client that closes is noticed within two keep-alives",
            a_client_that_resets_is_unsubscribed steady "one whose connection is reset too",
            a_client_that_half_closes_and_leaves_is_unsubscribed steady "one that closes its own side first too",
            a_client_that_vanishes_is_unsubscribed scaled "one that vanishes without a word too",
            a_thousand_stalled_clients_are_disconnected crowded "a thousand that stop reading go by the write deadline",
            a_thousand_stalled_clients_cost_little_memory patient "until then they cost little memory",
            stop_is_no_content new "`204` stops a client",
            a_stream_that_is_over_is_no_content new "so does a stream that is over before it began",
            a_channel_that_is_finished_stops_its_clients new "a finished channel gives the rest, and then `204`",
            the_typed_client_misses_nothing prompt "the typed client is reset, cut 16 times, and misses nothing up to the end",
            later_is_a_reconnection_time_alone new "a client is told to come back later",
            an_idle_stream_ends_at_its_lifetime brief "an idle stream ends at its lifetime",
            a_busy_stream_ends_at_its_lifetime brief "a busy one too, between events, and its client misses nothing",
            an_error_ends_behind_whole_events new "an error ends a stream behind whole events",
            an_error_breaks_the_connection new "an error breaks the connection",
            an_error_that_is_told_ends_the_stream_properly new "an error that is told ends the stream properly",
            shutdown_with_a_hundred_open_streams new "stops with a hundred open streams",
            shutdown_with_idle_busy_and_stalled_streams stopping "stops with idle, busy and stalled streams",
            http_1_0_has_no_chunks new "HTTP/1.0: no chunks",
            http2_streams_share_a_connection new "HTTP/2: ten streams over one connection",
            http2_head_request_opens_no_stream new "HTTP/2: `HEAD` opens no stream",
            http2_error_ends_behind_whole_events new "HTTP/2: an error ends a stream behind whole events",
            http2_stream_that_is_not_read_holds_no_stop new "HTTP/2: a stream that is not read holds no stop",
            http2_stalled_clients_cost_little_memory patient "HTTP/2: a client that does not read costs little memory",
            compression_holds_no_event_back new "compression holds no event back",
        }
    };
    (@each $adapter:literal, $serve:path, $cannot:tt: $($scenario:ident $app:ident $title:literal,)+) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $scenario() {
                let app = $crate::App::$app();
                $crate::run(stringify!($scenario), &$cannot, app, $serve, $crate::$scenario).await;
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
pub async fn run<F, G>(
    name: &str,
    cannot: &[Cannot],
    app: App,
    serve: impl FnOnce(App, Ready, oneshot::Receiver<()>) -> F,
    scenario: impl FnOnce(Server) -> G,
) where
    F: Future<Output = ()> + Send + 'static,
    G: Future<Output = ()>,
{
    // What measures the memory of the process, or leaves others no time, runs alone.
    static ALONE: RwLock<()> = RwLock::const_new(());
    let (_alone, _others);
    if app.alone {
        _alone = ALONE.write().await;
    } else {
        _others = ALONE.read().await;
    }
    let scenario = async { scenario(Server::start(app, serve).await).await };
    let Some((_, reason, words)) = cannot.iter().find(|(scenario, ..)| *scenario == name) else {
        return scenario.await;
    };
    let Err(panic) = AssertUnwindSafe(scenario).catch_unwind().await else {
        panic!("`{name}` holds, though it is said that it cannot: {reason}");
    };
    let said = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref().map(String::as_str));
    assert!(said.is_some_and(|said| said.contains(words)), "`{name}` fails by {said:?}, not by {words:?}");
}
