//! How a server stops that has event streams open.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

use std::future::pending;
use std::io;
use std::time::Duration;

use futures_util::StreamExt as _;
#[cfg(target_os = "linux")]
use rustix::process::{Signal, getpid, kill_process};
use tokio::sync::oneshot;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep};
use typed_sse_core::{Channel, Event, Shutdown, Topics};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(start_paused = true)]
async fn streams_end_before_the_server_is_told() {
    let (channel, topics) = (Channel::<Event>::new(), Topics::<Event>::new());
    let (of_channel, of_topics) = (channel.subscribe(None), topics.channel("a").unwrap().subscribe(None));
    let begin = Instant::now();
    let shutdown = Shutdown::when(sleep(MINUTE)).drain(&channel).drain(&topics);
    let served = shutdown.serve(|stop| async move {
        let of_topics = tokio::spawn(of_topics.for_each(async |_| {}));
        let of_channel = tokio::spawn(of_channel.for_each(async |_| {}));
        stop.await;
        assert!(of_channel.is_finished() && of_topics.is_finished());
    });
    served.await.unwrap();
    let took = begin.elapsed();
    assert!((MINUTE..MINUTE + Duration::from_secs(5)).contains(&took), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn window_and_grace_bound_a_client_that_does_not_read() {
    let channel = Channel::<Event>::new();
    let _unread = channel.subscribe(None);
    let begin = Instant::now();
    let shutdown = Shutdown::when(async {}).drain(&channel);
    let served = shutdown.window(2 * MINUTE).grace(3 * MINUTE).serve(|stop| async {
        stop.await;
        assert_eq!(begin.elapsed(), 2 * MINUTE);
        pending::<()>().await;
    });
    served.await.unwrap();
    assert_eq!(begin.elapsed(), 5 * MINUTE);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_ends_of_itself_is_not_waited_for() {
    let channel = Channel::<Event>::new();
    let failing =
        Shutdown::when(pending()).drain(&channel).serve(|_| async { Err(io::Error::other("no socket")) });
    assert_eq!(failing.await.unwrap_err().to_string(), "no socket");
    // One that takes no heed of the stop, and one that drops it.
    Shutdown::when(pending()).serve(|_stop| async {}).await.unwrap();
    let dropped = Shutdown::when(async {}).grace(Duration::ZERO).serve(|stop| async {
        drop(stop);
        sleep(MINUTE).await;
    });
    let begin = Instant::now();
    dropped.await.unwrap();
    assert_eq!(begin.elapsed(), MINUTE);
}

// The only test here that sends signals: they reach the whole process.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn signals_ask_for_it_and_skip_what_is_waited_for() {
    let raise = |signal| kill_process(getpid(), signal).unwrap();
    let channel = Channel::<Event>::new();
    let _unread = channel.subscribe(None);
    let (tell, mut told) = oneshot::channel();
    let shutdown = Shutdown::on_signal().drain(&channel).window(60 * MINUTE).grace(60 * MINUTE);
    let served = tokio::spawn(shutdown.serve(|stop| async {
        stop.await;
        tell.send(()).unwrap();
        pending::<()>().await;
    }));
    // Until it looks for signals, one would end this process.
    while !looks_for(15) {
        yield_now().await;
    }
    raise(Signal::TERM);
    // Whoever comes now is sent away.
    while !channel.subscribe(None).next().await.unwrap().unwrap().as_ref().starts_with(b"retry:") {
        yield_now().await;
    }
    assert!(told.try_recv().is_err());
    raise(Signal::INT);
    told.await.unwrap();
    assert!(!served.is_finished());
    raise(Signal::INT);
    served.await.unwrap().unwrap();
}

/// Whether this process has a handler for the signal of this number.
#[cfg(target_os = "linux")]
fn looks_for(number: u32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
    u64::from_str_radix(caught.trim(), 16).unwrap() & 1 << (number - 1) != 0
}

/// Docker kills after 10 s, unless it is told otherwise.
#[tokio::test(start_paused = true)]
async fn by_default_a_client_that_does_not_read_holds_it_for_less_than_ten_seconds() {
    let channel = Channel::<Event>::new();
    let _unread = channel.subscribe(None);
    let begin = Instant::now();
    let shutdown = Shutdown::when(async {}).drain(&channel);
    let served = shutdown.serve(|stop| async {
        stop.await;
        pending::<()>().await;
    });
    served.await.unwrap();
    assert_eq!(begin.elapsed(), Duration::from_secs(9));
}
