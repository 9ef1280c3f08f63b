//! Reading without waiting.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// Polls until nothing more is there. A stream that gives others their turn, and wakes itself for it, is polled again.
pub(super) fn poll_while_ready(mut poll: impl FnMut(&mut Context<'_>) -> Poll<Option<()>>) {
    struct Woken(AtomicBool);
    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    /// One that does nothing but wake itself is not waited for.
    const MAX_IDLE_TURNS: u32 = 1024;

    let woken = Arc::new(Woken(AtomicBool::new(false)));
    let waker = Waker::from(Arc::clone(&woken));
    let mut context = Context::from_waker(&waker);
    let mut idle_turns = 0;
    loop {
        match poll(&mut context) {
            Poll::Ready(Some(())) => idle_turns = 0,
            Poll::Ready(None) => return,
            Poll::Pending if woken.0.swap(false, Ordering::Relaxed) && idle_turns < MAX_IDLE_TURNS => {
                idle_turns += 1;
            }
            Poll::Pending => return,
        }
    }
}
