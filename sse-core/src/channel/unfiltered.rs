//! What has no `filter`, and says who has one.

use super::handle::Channel;
use super::topics::Topics;

/// No type has it, so the compiler answers a `filter` with these words. Without that method, it finds the one of `Iterator`, and says
/// that the type is not an iterator.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `filter`",
    label = "filter what a client subscribes to",
    note = "each client has a filter of its own: `channel.subscribe(last_event_id).filter(|frame| ..)`",
    note = "of several topics: `topics.subscribe(names, last_event_id)?.filter(|frame| ..)`",
    note = "before it is a response: `Sse::new(subscription.filter(|frame| ..))`"
)]
pub trait HasFilter<Narrowed> {
    /// Never called.
    fn narrowed(&self) -> Narrowed;
}

/// Gives a type a `filter` that cannot be called. It asks nothing of the closure, and what it returns may be anything, so that nothing
/// else is an error.
#[doc(hidden)]
#[macro_export]
macro_rules! __unfiltered {
    ($type:ident $(<$event:ident>)?) => {
        impl $(<$event>)? $type $(<$event>)? {
            #[doc(hidden)]
            pub fn filter<Keep, Narrowed>(&self, _: Keep) -> Narrowed
            where
                Self: $crate::__private::HasFilter<Narrowed>,
            {
                $crate::__private::HasFilter::narrowed(self)
            }
        }
    };
}

__unfiltered!(Channel<E>);
__unfiltered!(Topics<E>);
