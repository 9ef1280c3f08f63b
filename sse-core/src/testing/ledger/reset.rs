//! Whether a reset was called for, and tells the truth.

use super::super::received::Received;
use super::book::{Located, Stands};
use super::case::Case;
use super::cursor::Cursor;
use super::goal::{Goal, is_remembered};
use super::spans::{Spans, Standing, Untold};
use super::violation::{Violation, ViolationKind};
use crate::channel::{Reset, ResetReason, Slow, Start};

/// Checks a reset, and finds where the client may stand behind it.
pub(super) fn receive(
    standing: &mut Standing,
    case: &Case<'_>,
    received: &Received,
    reset: Reset,
) -> Result<(), Violation> {
    let untold = standing.untold.take();
    let lagged = reset.reason == ResetReason::Lagged;
    if lagged {
        check_lagged(standing, case, received, untold.as_ref())?;
    } else {
        standing.over = check_beginning(standing, case, received, reset)?;
    }
    let at = received.at_or_end(case.book.late);
    let until = if lagged { at } else { case.since_max };
    let goal = Goal { case, received, reset, until, floor: 0, is_sum: false, has_id: true };
    // It may be of a loss before the event that came without an ID, or of one behind that.
    let first = untold.as_ref().map(|untold| goal.ahead_of(untold));
    let second = match &untold {
        Some(untold) if untold.violation.is_some() => None,
        _ => Some(goal.behind(&standing.spans, None)),
    };
    // A state has that event, too.
    let goes_on = |untold: &&Untold| !goal.begins_anew(case.book.entries[untold.index].topic).0;
    standing.last = untold.as_ref().filter(|_| second.is_none()).filter(goes_on).map(|untold| untold.index);
    standing.spans = match (first, second) {
        (Some(Ok(first)), Some(Ok(second))) => first.or(second),
        (Some(Ok(spans)), _) | (_, Some(Ok(spans))) => spans,
        (_, Some(Err(violation))) | (Some(Err(violation)), None) => return Err(violation),
        (None, None) => Spans::default(),
    };
    (standing.live_from, standing.is_reset) = (until, true);
    standing.awaits_state = case.has_state();
    standing.state_until = match case.connection.terms.start {
        None | Some(Start::LatestPerKey) => at,
        _ if lagged && case.may_coalesce() => at,
        // Of a topic that goes on with it.
        _ if case.stands.as_ref().is_some_and(Stands::begin_by_key) => standing.state_until,
        _ => 0,
    };
    note_id(standing, case, received, lagged)
}

/// What the reset's own ID stands for.
fn note_id(
    standing: &mut Standing,
    case: &Case<'_>,
    received: &Received,
    lagged: bool,
) -> Result<(), Violation> {
    let Some(id) = received.id().filter(|_| received.has_new_id) else { return Ok(()) };
    let stands = case.book.stands(id.as_str());
    let place = stands.located.place();
    // What the client had of another life, it has no more.
    let mut between = case.book.between(place, standing.reached, &case.topics);
    let goes_back = place > 0 && between.any(|(_, entry)| !entry.is_ephemeral);
    if lagged && !stands.differ() && goes_back {
        let text = format!("{received} came, but its ID goes back to what the client has");
        return Err(case.violation(ViolationKind::UntrueReset, text));
    }
    standing.reached = place;
    standing.furthest = standing.furthest.max(place);
    Ok(())
}

/// A reset in the middle.
fn check_lagged(
    standing: &Standing,
    case: &Case<'_>,
    received: &Received,
    untold: Option<&Untold>,
) -> Result<(), Violation> {
    let needless = |why: &str| {
        let text = format!("{received} came, but {why}");
        Err(case.violation(ViolationKind::NeedlessReset, text))
    };
    if case.connection.terms.slow == Some(Slow::Disconnect) {
        return needless("a client that lags is to be disconnected");
    }
    if standing.is_reset && untold.is_none() {
        return needless("no event has come since the reset before it");
    }
    let spans = untold.map_or(&standing.spans, |untold| &untold.before);
    let at = received.at_or_end(case.book.late);
    if case.topics.iter().all(|topic| case.is_all_retained(spans.topic(*topic), at, *topic)) {
        return needless("all that the client had not read was retained");
    }
    Ok(())
}

/// A reset at the beginning of a connection. Returns the life that it says is over.
fn check_beginning(
    standing: &Standing,
    case: &Case<'_>,
    received: &Received,
    reset: Reset,
) -> Result<Option<usize>, Violation> {
    let (book, id) = (case.book, case.connection.last_event_id.as_str());
    let needless =
        |why: &str| Err(case.violation(ViolationKind::NeedlessReset, format!("{received} came, but {why}")));
    let untrue =
        |why: &str| Err(case.violation(ViolationKind::UntrueReset, format!("{received} came, but {why}")));
    if !standing.is_first {
        return needless("the connection had begun");
    }
    let is_kept = || {
        let mut had = case.topics.iter().filter(|topic| !case.joins(**topic));
        had.all(|topic| case.located_in(*topic).into_iter().all(|located| case.is_kept(*topic, located)))
    };
    let starts_whole = matches!(case.connection.terms.start, None | Some(Start::Earliest));
    // One that asked for all that a log had is told that it is not there any more.
    let is_whole = |topic: &usize| book.is_whole(*topic, case.since_max, case.coalesces());
    let mut joined = case.topics.iter().filter(|topic| case.joins(**topic));
    let joins_whole = !starts_whole || joined.all(is_whole);
    match (reset.reason, case.located) {
        (ResetReason::Trimmed, None) => {
            if !starts_whole {
                return needless("the client sent no last event ID");
            }
            if case.topics.iter().all(is_whole) {
                return needless("nothing was trimmed");
            }
            if reset.missed.is_none() {
                return untrue("it does not say how many were trimmed");
            }
        }
        (_, None) => return needless("the client sent no last event ID"),
        (ResetReason::Epoch, Some(located)) => {
            let Some(cursor) = Cursor::parse(id) else { return untrue("the last event ID has no epoch") };
            let goes_on = received.id().filter(|_| received.has_new_id);
            let same = goes_on.and_then(|id| Cursor::parse(id.as_str()));
            if same.is_some_and(|same| same.epoch == cursor.epoch) {
                return untrue("the epoch is the same");
            }
            return Ok(located.life());
        }
        (ResetReason::Trimmed, Some(Located::At { .. } | Located::Begun { .. }))
            if joins_whole && is_kept() =>
        {
            return needless("all that the last event ID promises was retained");
        }
        (ResetReason::Trimmed, Some(Located::At { .. } | Located::Begun { .. })) => {}
        (ResetReason::Trimmed, _) => return untrue("the log never had an event with the last event ID"),
        (ResetReason::Unknown, Some(Located::Begun { .. })) => {
            return untrue("the last event ID is a cursor of this log");
        }
        (ResetReason::Unknown, Some(Located::At { place, life })) => {
            if Cursor::parse(id).is_some_and(|cursor| book.is_life(life, cursor.epoch)) {
                return untrue("the last event ID is a cursor of this log");
            }
            // An event's own ID does not say of which life it is; the reset's does.
            let goes_on = received.id().filter(|_| received.has_new_id);
            let goes_on = goes_on.and_then(|id| book.locate(id.as_str()).life());
            let now =
                goes_on.or_else(|| (case.since_max < usize::MAX).then(|| book.life_at(case.since_max))?);
            if now == Some(life) && place > 0 && is_remembered(case, place - 1) {
                return needless("the event with the last event ID was retained or remembered");
            }
        }
        _ => {}
    }
    Ok(None)
}
