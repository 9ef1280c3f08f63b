//! One difference, and what it means to whom.

use std::fmt;

/// A difference between two catalogues.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// Where: an event type, and behind it the path into its payload, as in `price_changed.data.venue[].name`.
    pub place: String,
    /// What has changed.
    pub kind: ChangeKind,
}

/// What has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChangeKind {
    /// There is a new event.
    EventAdded,
    /// An event is gone.
    EventRemoved,
    /// An event has this event type now; its place names the old one.
    EventRenamed(String),
    /// The event type and the tag in the payload were one name, and are two now: the tag is this one.
    NameAndTagApart(String),
    /// The data was written in the first way, and is in the second: JSON, text, a fixed text, base64.
    Format(String, String),
    /// The event ends its stream now, or does not any more.
    Terminal(bool),
    /// The event is live only now, or is replayed from now on.
    Ephemeral(bool),
    /// The event takes its key out of "latest per key" now, or does not any more.
    Tombstone(bool),
    /// Events of types that are not listed can come now, or cannot any more.
    Open(bool),
    /// A field is gone that was always there, or, if `false`, sometimes.
    FieldRemoved(bool),
    /// There is a new field.
    FieldAdded {
        /// Whether it is always there.
        always: bool,
        /// Whether a Rust reader has a value for events without it: its `#[serde(default)]`.
        has_default: bool,
        /// Whether readers from before refuse fields that they do not know: `#[serde(deny_unknown_fields)]`.
        is_refused: bool,
    },
    /// A field that was always there can be missing now.
    FieldOptional,
    /// A field that could be missing is always there now.
    FieldRequired,
    /// More values are possible than before: these.
    Widened(String),
    /// Fewer values are possible than before; gone are these.
    Narrowed(String),
    /// Other values are possible: the first before, the second now.
    TypeChanged(String, String),
    /// A field that older events have would be refused: `#[serde(deny_unknown_fields)]` is new, or the field is gone from such a type.
    UnknownFieldsRefused,
    /// The schemas differ in a way that this comparison does not understand.
    NotCompared,
}

/// What a change means to one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Effect {
    /// Nothing.
    None,
    /// It reads on, and should know: something does not arrive, or is not there.
    Notice,
    /// It reads something wrong, or nothing, or waits for what never comes.
    Breaks,
}

impl Change {
    /// What it means to clients from before the change that read from a server of after it: browser tabs that stay open, apps that
    /// are not updated.
    #[must_use]
    pub fn for_old_readers(&self) -> Effect {
        self.effects()[0].0
    }

    /// What it means to clients of after the change that read events of before it: from a server that is not updated yet, or replayed
    /// from a log that outlives the update.
    #[must_use]
    pub fn for_new_readers(&self) -> Effect {
        self.effects()[1].0
    }

    /// The effect on both sides, and a sentence for each.
    pub(super) fn effects(&self) -> [(Effect, &'static str); 2] {
        use ChangeKind as K;
        use Effect::{Breaks, None, Notice};
        const SAME: &str = "nothing changes";
        match &self.kind {
            K::EventAdded => [
                (
                    Notice,
                    "a browser drops it; `FromSseEvent` without an `other` variant says that it does not know it",
                ),
                (None, "it does not come yet"),
            ],
            K::EventRemoved => [
                (Breaks, "wait for what never comes again"),
                (
                    Notice,
                    "a browser drops it; `FromSseEvent` without an `other` variant says that it does not know it",
                ),
            ],
            K::EventRenamed(_) => {
                [(Breaks, "wait for the old event type"), (Breaks, "do not know the old event type")]
            }
            K::NameAndTagApart(_) => [
                (Breaks, "who goes by the event type sees another event than who goes by the tag"),
                (Breaks, "who goes by the event type sees another event than who goes by the tag"),
            ],
            K::Format(..) => [
                (Breaks, "read the data in the old way"),
                (Breaks, "read the data of older events in the new way"),
            ],
            K::Terminal(true) => [
                (Notice, "do not close at it; they connect again, and are sent away with 204 by a channel"),
                (Breaks, "close at an older one, though more events follow it"),
            ],
            K::Terminal(false) => [
                (Breaks, "close at it, and miss what follows"),
                (
                    Notice,
                    "do not close at an older one; they connect again, and are sent away with 204 by a channel",
                ),
            ],
            K::Ephemeral(true) => [(Notice, "do not get it after a reconnect any more"), (None, SAME)],
            K::Ephemeral(false) => {
                [(None, "get it after a reconnect, too"), (Notice, "older ones are not replayed")]
            }
            K::Tombstone(true) => [
                (Notice, "a key that it ends is not in \"latest per key\" any more"),
                (Notice, "a key that an older one ends is not in \"latest per key\" any more"),
            ],
            K::Tombstone(false) => [
                (Notice, "it stays in \"latest per key\""),
                (Notice, "an older one stays in \"latest per key\""),
            ],
            K::Open(true) => [(Notice, "meet events that they do not know"), (None, SAME)],
            K::Open(false) => [(None, SAME), (Notice, "meet older events that they do not know")],
            K::FieldRemoved(true) => {
                [(Breaks, "read a field that is not there"), (None, "ignore it in older events")]
            }
            K::FieldRemoved(false) => [(Notice, "never get it"), (None, "ignore it in older events")],
            K::FieldAdded { always, has_default, is_refused } => [
                if *is_refused {
                    (Breaks, "refuse fields that they do not know")
                } else {
                    (None, "ignore it")
                },
                match (always, has_default) {
                    (false, _) => (None, "it may be missing anyway"),
                    (true, true) => (
                        Notice,
                        "is missing in older events: Rust takes the default, a browser sees `undefined`",
                    ),
                    (true, false) => (Breaks, "is missing in older events"),
                },
            ],
            K::FieldOptional => [(Breaks, "read a field that can be missing"), (None, SAME)],
            K::FieldRequired => [(None, SAME), (Breaks, "is missing in some older events")],
            K::Widened(_) => [(Breaks, "meet values that they do not know"), (None, SAME)],
            K::Narrowed(_) => [(None, SAME), (Breaks, "meet values in older events that they do not know")],
            K::TypeChanged(..) => {
                [(Breaks, "meet another type"), (Breaks, "meet another type in older events")]
            }
            K::UnknownFieldsRefused => [(None, SAME), (Breaks, "refuse older events that have it")],
            K::NotCompared => {
                [(Breaks, "cannot be told: compare by hand"), (Breaks, "cannot be told: compare by hand")]
            }
        }
    }
}

impl fmt::Display for ChangeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EventAdded => f.write_str("a new event"),
            Self::EventRemoved => f.write_str("the event is gone"),
            Self::EventRenamed(name) => write!(f, "the event is called `{name}` now"),
            Self::NameAndTagApart(tag) => write!(f, "the payload's tag is `{tag}`, no longer the event type"),
            Self::Format(was, is) => write!(f, "the data was {was}, and is {is} now"),
            Self::Terminal(true) => f.write_str("it ends the stream now"),
            Self::Terminal(false) => f.write_str("it does not end the stream any more"),
            Self::Ephemeral(true) => f.write_str("it is live only now"),
            Self::Ephemeral(false) => f.write_str("it is replayed now"),
            Self::Tombstone(true) => f.write_str("it ends its key now"),
            Self::Tombstone(false) => f.write_str("it does not end its key any more"),
            Self::Open(true) => f.write_str("events that are not listed can come now"),
            Self::Open(false) => f.write_str("only listed events come now"),
            Self::FieldRemoved(true) => f.write_str("a field is gone that was always there"),
            Self::FieldRemoved(false) => f.write_str("an optional field is gone"),
            Self::FieldAdded { always: true, .. } => f.write_str("a new field that is always there"),
            Self::FieldAdded { always: false, .. } => f.write_str("a new optional field"),
            Self::FieldOptional => f.write_str("the field can be missing now"),
            Self::FieldRequired => f.write_str("the field is always there now"),
            Self::Widened(values) => write!(f, "it can be {values} now"),
            Self::Narrowed(values) => write!(f, "it is never {values} any more"),
            Self::TypeChanged(was, is) => write!(f, "it was {was}, and is {is} now"),
            Self::UnknownFieldsRefused => {
                f.write_str("the field is gone, and unknown fields are refused now")
            }
            Self::NotCompared => f.write_str("it has changed in a way that is not understood"),
        }
    }
}
