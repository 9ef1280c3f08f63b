//! What can be said of a subscription before its snapshot, and as well behind it.

use super::super::start::Slow;
use super::super::subscription::Subscription;
use super::super::topics::TopicsSubscription;
use super::{Feed, Snapshot, Source, Stage};
use crate::encode::Frame;

macro_rules! terms {
    ($subscription:ident) => {
        impl<E, P: Source> Snapshot<$subscription<E>, P> {
            #[doc = concat!("As [`", stringify!($subscription), "::filter`]; the events of the snapshot pass in any case.")]
            pub fn filter(
                self,
                keep: impl Fn(&Frame) -> bool + Send + Sync + 'static, // an encoded event: ask its event_type(), key(), id(), topic()
            ) -> Self {
                self.with(|subscription| subscription.filter(keep))
            }

            #[doc = concat!("As [`", stringify!($subscription), "::until`].")]
            pub fn until(
                self,
                is_last: impl Fn(&Frame) -> bool + Send + Sync + 'static, // an encoded event: ask its event_type(), key(), id(), topic()
            ) -> Self {
                self.with(|subscription| subscription.until(is_last))
            }

            #[doc = concat!("As [`", stringify!($subscription), "::slow`].")]
            pub fn slow(self, slow: Slow) -> Self {
                self.with(|subscription| subscription.slow(slow))
            }

            #[doc = concat!("As [`", stringify!($subscription), "::checkpoint`].")]
            pub fn checkpoint(self, events: u64) -> Self {
                self.with(|subscription| subscription.checkpoint(events))
            }

            #[doc = concat!("As [`", stringify!($subscription), "::no_checkpoints`].")]
            pub fn no_checkpoints(self) -> Self {
                self.with($subscription::no_checkpoints)
            }
        }
    };
}

terms!(Subscription);
terms!(TopicsSubscription);

impl<S, P: Source> Snapshot<S, P> {
    fn with(self, say: impl FnOnce(S) -> S) -> Self
    where
        S: Feed,
    {
        let subscription = say(self.subscription);
        Self { stage: Stage::Locating, subscription, ..self }
    }
}
