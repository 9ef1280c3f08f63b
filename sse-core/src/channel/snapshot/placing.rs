//! Going on behind a state that was produced.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::{Instant, sleep};

use super::super::error::SubscriptionError;
use super::super::reader::Feed;
use super::place::{locate, locate_origin, name_place};
use super::source::{Produced, Source};
use super::{Snapshot, Stage};

impl<S, P: Source> Snapshot<S, P> {
    /// Takes what was produced, or lets it be produced again.
    pub(super) fn take(mut self: Pin<&mut Self>, produced: Arc<Produced>) -> Result<(), SubscriptionError>
    where
        S: Feed,
    {
        let this = self.as_mut().project();
        let cursor = produced.cursor.as_str();
        let place = locate(&*this.subscription, cursor);
        if let Some(asked) = this.subscription.ask(cursor).filter(|_| place.is_none()) {
            *this.placing = Some(Box::new((asked, produced)));
            *this.stage = Stage::Placing;
            return Ok(());
        }
        let place = place.or_else(|| locate_origin(&*this.subscription, cursor));
        self.take_at(produced, place)
    }

    /// Waits until the store has said where the state stands.
    pub(super) fn poll_place(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), SubscriptionError>>
    where
        S: Feed,
    {
        let this = self.as_mut().project();
        let Some(placing) = this.placing else {
            *this.stage = Stage::Producing;
            return Poll::Ready(Ok(()));
        };
        let found = ready!(placing.0.poll(context));
        let produced = Arc::clone(&placing.1);
        let epoch = this.subscription.sequencer().epoch();
        let place = match found {
            Ok(Some(place)) => {
                Some(place).filter(|place| place.epoch == epoch).map(|place| place.stand.number())
            }
            Ok(None) => locate_origin(&*this.subscription, produced.cursor.as_str()),
            // A store that does not answer may have had events.
            Err(_) => None,
        };
        (*this.placing, *this.stage) = (None, Stage::Producing);
        Poll::Ready(self.take_at(produced, place))
    }

    /// Goes on behind what was produced, which stands at this place if it is known.
    fn take_at(
        self: Pin<&mut Self>,
        produced: Arc<Produced>,
        place: Option<u64>,
    ) -> Result<(), SubscriptionError>
    where
        S: Feed,
    {
        let this = self.project();
        if let Some(sequence) = place.filter(|place| this.subscription.resume_behind(*place)) {
            let place = name_place(&*this.subscription, sequence, &produced);
            *this.place = Some(place).filter(|place| *place != produced.cursor);
            (*this.stage, *this.sent) = (Stage::Sending, 0);
            *this.known = Some((Arc::clone(&produced.known), Instant::now() + PUBLISHED_WITHIN));
            *this.produced = Some(produced);
            return Ok(());
        }
        if *this.attempts < MAX_ATTEMPTS {
            let pause = PAUSE * 4_u32.pow(*this.attempts - 1);
            *this.pause = Handle::try_current().is_ok().then(|| Box::pin(sleep(pause)));
            return Ok(());
        }
        Err(SubscriptionError::SnapshotCursor(produced.cursor.clone()))
    }
}

/// So often a snapshot that cannot be gone on from is produced, the first time included.
const MAX_ATTEMPTS: u32 = 3;

/// The pause before the second attempt; before the third, it is four times as long.
const PAUSE: Duration = Duration::from_millis(100);

/// For so long a row that was stored before the state was read may be published behind it.
const PUBLISHED_WITHIN: Duration = Duration::from_secs(60);
