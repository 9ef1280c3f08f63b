//! How the suite gets at a store.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use typed_sse_core::store::Store;

use crate::limits::Limits;

/// Gives the suite a store with nothing in it, and what belongs to it.
pub trait Harness: Sized + Send + Sync {
    /// Whether [`store`](Self::store) can be called again while the one before is in use, as by another process.
    ///
    /// If not, the suite drops a store before it asks for the next.
    const SHARED: bool;

    /// Whether the store keeps what [`Limits::age`] says. Default: it does.
    ///
    /// If not, the case `trimmed_by_age` is passed over.
    const AGE: bool = true;

    /// Sets up a place for a store, empty and of its own: cases run side by side. Each topic keeps as much as `limits` say.
    fn start(limits: Limits) -> impl Future<Output = Self> + Send;

    /// Opens the store that lies there.
    fn store(&self) -> impl Future<Output = Arc<dyn Store>> + Send;

    /// Trims what is beyond the limits now, where a store does so only now and then. Default: nothing.
    fn trim(&self) -> impl Future<Output = ()> + Send {
        async {}
    }

    /// Takes the log of this name away with all that is in it, as somebody at the server may: where the store is
    /// [`SHARED`](Self::SHARED), while it is in use; else, while it is closed. Whether that was done.
    ///
    /// Default: it was not, and the case `a_log_that_is_lost` is passed over.
    fn lose(&self, log: &str) -> impl Future<Output = bool> + Send {
        let _ = log;
        async { false }
    }

    /// Puts the clock by which the store tells how old a record is forward by so many seconds, or back if they are negative. Whether
    /// that was done.
    ///
    /// Where the clock is that of a server and cannot be moved, what was stamped can perhaps be moved the other way. Default:
    /// neither can, and the case `the_clock_jumps` is passed over.
    fn move_clock(&self, seconds: i64) -> impl Future<Output = bool> + Send {
        let _ = seconds;
        async { false }
    }
}

/// No case takes so long, on however slow a machine, unless the store hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// Runs a case of the suite on a runtime of its own.
#[doc(hidden)]
#[expect(clippy::panic, reason = "a case that hangs is a case that failed")]
pub fn run(name: &str, case: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => panic!("no runtime for the case `{name}`: {error}"),
    };
    runtime.block_on(async {
        if tokio::time::timeout(PATIENCE, case).await.is_err() {
            panic!("the case `{name}` was not done after {} s: the store hangs", PATIENCE.as_secs());
        }
    });
}

/// Makes each case of the suite a test of this store's [`Harness`](crate::Harness).
#[macro_export]
macro_rules! suite {
    ($harness:ty) => {
        $crate::suite! { @ $harness:
            order_and_positions
            all_or_none
            resume_at_every_position
            pages_are_bounded
            the_newest_of_a_range
            read_into_a_sink
            topics_are_apart
            own_ids_are_found
            an_own_id_names_one_event
            newest_of_each_key
            tombstones
            trimmed_by_count
            trimmed_by_bytes
            trimmed_by_age
            trimmed_under_a_reader
            trimmed_under_a_follower
            trimmed_under_a_slow_client
            the_clock_jumps
            newest_of_trimmed_keys
            finish
            close_and_begin_anew
            tokens
            tokens_of_two_producers
            follow_wakes
            follow_one_topic
            follow_is_dropped
            append_is_dropped
            append_is_dropped_at_each_await
            an_end_is_dropped_at_each_await
            reading_is_dropped_at_each_await
            follow_is_dropped_at_each_await
            open_is_dropped_at_each_await
            publish_is_dropped_at_each_await
            concurrent_publishers
            what_lies_before_a_batch
            large_records
            what_is_not_known_is_kept
            text_of_all_kinds
            many_topics
            two_logs
            opened_again
            another_epoch
            a_log_that_is_lost
            a_channel_after_a_restart
            a_finished_channel_after_a_restart
            topics_after_a_restart
            random_channels_on_a_store_that_keeps_all
            random_channels_on_a_store_that_forgets
            random_topics_on_a_store_that_keeps_all
            random_topics_on_a_store_that_forgets
            random_kinds_on_a_store_that_keeps_all
            random_kinds_on_a_store_that_forgets
        }
    };
    (@ $harness:ty: $($case:ident)+) => {$(
        #[test]
        fn $case() {
            $crate::__private::run(stringify!($case), $crate::__private::$case::<$harness>());
        }
    )+};
}
