//! Where a client stands that has a state.

use super::super::log::{Cursor, Place, Stand};
use super::super::reader::Feed;
use super::source::Produced;
use crate::field::EventId;

/// The number behind which a client goes on that has a state at this cursor, as far as is known here.
pub(super) fn locate<S: Feed>(subscription: &S, cursor: &str) -> Option<u64> {
    let sequencer = subscription.sequencer();
    if let Place::At(stand) = sequencer.locate(cursor).place {
        return Some(stand.number());
    }
    let found = subscription.find_forgotten(cursor);
    found.or_else(|| sequencer.is_origin(cursor).then(|| locate_origin(subscription, cursor)).flatten())
}

/// The same where nobody knows the cursor, and nothing was published yet: whatever it names lies before all that will come.
pub(super) fn locate_origin<S: Feed>(subscription: &S, cursor: &str) -> Option<u64> {
    let sequencer = subscription.sequencer();
    let Some(origin) = subscription.origin() else { return sequencer.is_origin(cursor).then_some(0) };
    if origin == 0 {
        // A client of the one log that comes back with it has this state.
        sequencer.turn().ids().name_origin(cursor);
    }
    Some(origin)
}

/// What stands for the place of a client that has this state, and goes on behind this number.
pub(super) fn name_place<S: Feed>(subscription: &S, sequence: u64, produced: &Produced) -> EventId {
    let (sequencer, cursor) = (subscription.sequencer(), &produced.cursor);
    let ends = subscription.visit().ends_with(&produced.frames);
    let names_it = |id: &EventId| sequencer.locate(id.as_str()).place == Place::At(Stand::Behind(sequence));
    if sequence == 0 && !ends && names_it(cursor) {
        // Another server may know the row that it stands at.
        return cursor.clone();
    }
    let place = subscription.visit().name_behind_state((sequence, ends), sequencer, subscription.readers());
    // An own ID may name several.
    if names_it(&place) { place } else { Cursor::at(sequencer.epoch(), sequence).into() }
}
