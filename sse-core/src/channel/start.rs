//! Where a subscription begins, and what becomes of it when it lags.

use super::reset::Reset;

/// Where a client begins that has no last event ID, or that cannot resume from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Start {
    /// With what is published from now on. The default.
    #[default]
    Live,
    /// With the oldest event that is retained. A client that begins so and finds some gone already is told how many, by a
    /// [`Reset`] with the reason `trimmed`. One that [coalesces](Slow::Coalesce) gets what is kept for its key as well, and is told
    /// only if something is gone that no newer event of its key has superseded.
    Earliest,
    /// With the newest so many events, or as many of them as are there: those that are retained, and for one that
    /// [coalesces](Slow::Coalesce) those that are kept for their keys.
    Last(usize),
    /// With the newest event of each key, in the order in which they were published, then live: the state that a
    /// price board or a dashboard wants. Events without a key, and keys whose newest event is a tombstone, are left
    /// out; quiet keys are kept beyond the retention, up to the number of [`Builder::keys`](super::Builder::keys). A filter is asked about the
    /// newest event of a key alone.
    ///
    /// These events carry no ID; behind the last comes a block with the ID of the place where the state stands. A client that
    /// is cut before that gets the state again. If a key goes over the bound before the client has read it, the client has fallen
    /// behind, as [`Slow`] says; one that was cut is told when it comes back.
    LatestPerKey,
}

/// What becomes of a subscriber that falls behind the oldest event that is retained, or of which a key is no longer
/// [kept](super::Builder::keys) that was part of the state with which it [begins](Start::LatestPerKey), before it has read it.
///
/// None of them delays a publisher or another subscriber, and none holds events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Slow {
    /// Its stream ends with [`SubscriptionError::Lagged`](super::SubscriptionError::Lagged): the client comes back,
    /// and is told what it missed. The default.
    #[default]
    Disconnect,
    /// It gets a [`Reset`] with the reason `lagged` and goes on as its [`Start`] says. If it falls behind again before it got
    /// an event, what it missed is added up: the next event comes without an ID, and the next reset right behind it. Where it goes
    /// on with the newest event of each key, and there is any, the whole of that follows each reset, and what came
    /// since: that event comes a second time, unless it is ephemeral, and a page that empties itself at a reset lacks nothing.
    Skip,
    /// While it is behind, it skips events that a newer one of the same key has superseded, whatever its type and
    /// whether or not a filter lets it pass. What is no longer retained it reads from the newest events of their keys, as
    /// far as these are [kept](super::Builder::keys): then it has missed nothing, and is not told. If it has missed an event that none
    /// supersedes (one without a key, or of a key that was over the bound, also if it has come again since), it gets a [`Reset`] as for [`Skip`](Self::Skip) and goes on with
    /// the newest event of each key.
    Coalesce,
}

/// What became of a client's last event ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Resumption {
    /// It sent none.
    New,
    /// Every event after it follows, exactly once and in order. Behind the ID of one that was let begin with a state and got
    /// nothing of it, the state follows again, and every event after that.
    Complete,
    /// It cannot resume, or a new client asked for more than there is: a reset event comes first, then what its [`Start`]
    /// gives. Also of one that fell behind later and was told.
    Reset(Reset),
}
