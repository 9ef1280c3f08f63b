//! Where a snapshot comes from.

use std::collections::HashSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::super::error::SubscriptionError;
use crate::encode::Frame;
use crate::event::{SseEvent, encode_with_id};
use crate::field::{EncodeError, EventId};
use crate::response::BoxError;

/// A state as it goes to clients.
#[derive(Debug)]
#[expect(unnameable_types, reason = "only `Snapshot` has it")]
pub struct Produced {
    /// The last one has the cursor as its ID, the others have none.
    pub(super) frames: Vec<Frame>,
    pub(super) cursor: EventId,
    /// The IDs that its events brought: what is published later with one of them is part of it.
    pub(super) known: Arc<HashSet<Box<str>>>,
}

/// What makes snapshots.
///
/// Sealed: it stands for a function that returns a future, and for a [`SharedSnapshot`](crate::SharedSnapshot).
#[expect(unnameable_types, reason = "that is what seals a trait")]
pub trait Source {
    /// The making of one.
    type Making: Future<Output = Result<Arc<Produced>, SubscriptionError>>;

    fn make(&mut self) -> Self::Making;

    /// Whether many clients share what is made, so that it is made once at a time.
    const SHARED: bool;
}

/// A client's own.
#[derive(Debug)]
#[expect(unnameable_types, reason = "only `Snapshot` has it")]
pub struct Own<F>(pub(super) F);

pin_project! {
    /// The making of a client's own.
    #[derive(Debug)]
    pub struct MakingOwn<Fut> {
        #[pin]
        pub(super) producing: Fut,
    }
}

impl<F, Fut, T, X> Source for Own<F>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<(Vec<T>, EventId), X>>,
    T: SseEvent,
    X: Into<BoxError>,
{
    type Making = MakingOwn<Fut>;

    const SHARED: bool = false;

    fn make(&mut self) -> Self::Making {
        MakingOwn { producing: (self.0)() }
    }
}

impl<Fut, T, X> Future for MakingOwn<Fut>
where
    Fut: Future<Output = Result<(Vec<T>, EventId), X>>,
    T: SseEvent,
    X: Into<BoxError>,
{
    type Output = Result<Arc<Produced>, SubscriptionError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let produced = ready!(self.project().producing.poll(context));
        let produced = produced
            .map_err(Into::into)
            .and_then(|(events, cursor)| Produced::new(&events, cursor).map_err(BoxError::from));
        Poll::Ready(produced.map(Arc::new).map_err(SubscriptionError::Snapshot))
    }
}

impl Produced {
    fn new<T: SseEvent>(events: &[T], cursor: EventId) -> Result<Self, EncodeError> {
        let last = events.len().saturating_sub(1);
        let mut known = HashSet::from([Box::from(cursor.as_str())]);
        let mut frames = Vec::with_capacity(events.len());
        for (i, event) in events.iter().enumerate() {
            if let Some(id) = event.to_frame()?.id() {
                known.insert(id.into());
            }
            frames.push(encode_with_id(event, (i == last).then(|| cursor.clone()))?);
        }
        Ok(Self { frames, cursor, known: Arc::new(known) })
    }
}
