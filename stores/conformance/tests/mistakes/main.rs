//! Each case finds the mistake that it is there for.

mod store;

use std::marker::PhantomData;
use std::sync::Arc;

use store::{Mistake, Wrong};
use typed_sse_core::store::Store;
use typed_sse_store_conformance::{__private as cases, Harness, Limits, Memory};

trait Makes: Send + Sync {
    const MISTAKE: Mistake;
}

struct With<M>(Memory, PhantomData<M>);

impl<M: Makes> Harness for With<M> {
    const SHARED: bool = true;

    async fn start(limits: Limits) -> Self {
        Self(Memory::with_limits(limits), PhantomData)
    }

    async fn store(&self) -> Arc<dyn Store> {
        Arc::new(Wrong::new(self.0.clone(), M::MISTAKE))
    }

    async fn lose(&self, log: &str) -> bool {
        self.0.lose(log);
        true
    }

    async fn move_clock(&self, seconds: i64) -> bool {
        self.0.move_clock(seconds);
        true
    }
}

/// Of each case, a mistake, and the words with which it fails.
macro_rules! finds {
    ($($name:ident: $case:ident $mistake:ident $words:literal;)+) => {$(
        #[test]
        #[should_panic(expected = $words)]
        fn $name() {
            struct Given;
            impl Makes for Given {
                const MISTAKE: Mistake = Mistake::$mistake;
            }
            // One at random may miss it.
            for _ in 0..12 {
                cases::run(stringify!($case), cases::$case::<With<Given>>());
            }
        }
    )+};
}

finds! {
    half_of_a_batch: append_is_dropped_at_each_await Halves "DuplicateId";
    a_token_is_kept_too_late: append_is_dropped_at_each_await LateToken "DuplicateId";
    a_dropped_append_comes_again: append_is_dropped_at_each_await Repeats "is stored twice";
    a_dropped_end_comes_again: an_end_is_dropped_at_each_await LateToken "left: Some(";
    a_dropped_question_keeps_the_lock: reading_is_dropped_at_each_await KeepsLock "in use";
    a_follower_forgets_what_it_was_not_given: follow_is_dropped_at_each_await Consumes "left: [";
    a_log_is_opened_twice: open_is_dropped_at_each_await LateOpen "in use";
    half_of_what_is_published: publish_is_dropped_at_each_await Halves "half a batch";
    a_dropped_publish_comes_again: publish_is_dropped_at_each_await Repeats "is stored once";
    age_is_not_told: trimmed_by_age Untold "is left";
    a_follower_is_not_told: trimmed_under_a_follower Untold "is gone, and the page of";
    a_slow_client_is_not_told: trimmed_under_a_slow_client Untold "it missed what came behind 3";
    a_new_log_has_the_old_epoch: a_log_that_is_lost SameEpoch "is told by another epoch";
    a_clock_hides_what_is_stamped_ahead: the_clock_jumps HidesAhead "left: [";
    a_clock_trims_in_the_middle: the_clock_jumps TrimsAnywhere "is no end of";
    what_is_trimmed_is_not_told: random_kinds_on_a_store_that_forgets Untold "Terms { start";
    an_own_id_is_not_found: random_kinds_on_a_store_that_keeps_all FindsNone "it lost nothing";
    a_key_is_left_out: random_kinds_on_a_store_that_keeps_all LeavesOutKey "came without";
}
