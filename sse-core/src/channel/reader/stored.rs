//! What a reader of a stored log gets from the store, since it lies before the window.

use std::sync::{Arc, Weak};
use std::task::{Context, Poll, ready};

use super::super::backing::{Backing, Frames, Length, Reading};
use super::super::log::{Mark, Point};
use super::answer::Answer;
use super::read::MAX_LEFT_OUT;
use super::{Falls, Order, Output, Reader};
use crate::encode::{At, Chunk, Frame};

/// Events that lie before the window.
#[derive(Clone, Copy)]
struct Older {
    /// They lie behind this position,
    after: u64,
    /// and up to this.
    up_to: u64,
    /// Only the newest are wanted: up to which position, and how many.
    newest: Option<(u64, usize)>,
    /// No more at a time than its client is likely to take soon.
    is_slow: bool,
    length: Length,
}

/// What a page is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All that follows.
    Next,
    /// The newest: what lies before them is not missed.
    Newest(Missed),
}

/// What a client misses that wants the newest.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Missed {
    /// What the store has let go of behind this position.
    pub(super) behind: u64,
    /// And where there are fewer than it wants, what it has let go of behind this one.
    pub(super) if_fewer: u64,
}

/// A page on its way to the client.
pub(super) struct Paging {
    stage: Stage,
    /// From when it is asked for.
    _reading: Option<Reading>,
}

/// A page, the position behind which its events are wanted, and whether there are fewer than are wanted.
type Part = (Arc<Frames>, u64, bool);

enum Stage {
    /// Once it is asked for, so many events are wanted, the newest up to a position.
    Newest { most: usize, up_to: u64, missed: Missed },
    /// It is asked for.
    Reading(Answer<Part>, Wanted),
    /// It is here.
    Read(Part, Wanted),
    /// Its events are sent.
    Sending(Sending),
}

/// A page that is sent. Who does not read does not hold it: it is kept for all for a while, and then read again.
pub(super) struct Sending {
    page: Weak<Frames>,
    /// Held until something of it was sent, so that whoever reads a page gets on.
    held: Option<Arc<Frames>>,
    /// The chunk of which something was sent, and not all. Its bytes are held by what is on its way to the client anyway.
    chunk: Option<Arc<Chunk>>,
    /// What is sent next.
    next: At,
    /// Everything up to this position was sent, or is known not to be,
    has_up_to: u64,
    /// and up to this one, once the chunk was sent.
    has_with_chunk: u64,
}

/// What comes of a page next.
enum Step {
    /// It begins. With the event that the client had last, if the page has that.
    Begins(Option<Frame>),
    /// An event, and its position.
    Event(Frame, u64),
    /// Everything up to this position was read.
    Passed(u64),
    /// The topic was closed, and with it what follows.
    Closed,
    /// The page is not kept any more.
    Forgotten,
    /// The store has let go of what follows. It has nothing up to this position.
    Gone(u64),
    /// The store does not answer.
    Failed,
}

impl Paging {
    /// Once it is asked for, so many events are wanted, the newest up to a position.
    pub(super) const fn newest(most: usize, up_to: u64, missed: Missed) -> Self {
        Self { stage: Stage::Newest { most, up_to, missed }, _reading: None }
    }

    /// What comes next, for a client that has everything up to this position, in a topic that was closed at another before.
    fn poll(&mut self, after: u64, closed: u64, context: &mut Context<'_>) -> Poll<Step> {
        match &mut self.stage {
            Stage::Newest { .. } => Poll::Ready(Step::Passed(after)),
            Stage::Reading(answer, wanted) => match ready!(answer.poll(context)) {
                Ok(part) => {
                    self.stage = Stage::Read(part, *wanted);
                    self.poll(after, closed, context)
                }
                Err(_) => Poll::Ready(Step::Failed),
            },
            Stage::Read((page, behind, is_fewer), wanted) => {
                if page.closed > closed {
                    return Poll::Ready(Step::Closed);
                }
                let missed_behind = match *wanted {
                    Wanted::Next => after,
                    Wanted::Newest(missed) if *is_fewer => missed.behind.min(missed.if_fewer),
                    Wanted::Newest(missed) => missed.behind,
                };
                if page.trimmed > missed_behind.max(closed) {
                    return Poll::Ready(Step::Gone(page.trimmed));
                }
                let first = page.events.behind(after.max(*behind));
                // Who wants the newest had none of those before.
                let last = page.events.before(first).filter(|_| *wanted == Wanted::Next);
                let last = last.filter(|(position, _)| *position == after).map(|(_, frame)| frame);
                self.stage = Stage::Sending(Sending::new(page, first));
                Poll::Ready(Step::Begins(last))
            }
            Stage::Sending(sending) => Poll::Ready(sending.next()),
        }
    }

    const fn is_asked_for(&self) -> bool {
        !matches!(self.stage, Stage::Newest { .. })
    }

    /// Whether it waits for the store.
    pub(super) const fn is_waiting(&self) -> bool {
        matches!(self.stage, Stage::Reading(..))
    }

    /// Whether the newest are wanted, and it is not known yet where they begin.
    const fn awaits_newest(&self) -> bool {
        match &self.stage {
            Stage::Newest { .. } => true,
            Stage::Reading(_, wanted) | Stage::Read(_, wanted) => matches!(wanted, Wanted::Newest(_)),
            Stage::Sending(_) => false,
        }
    }

    /// Everything up to this position was sent, or is known not to be.
    fn has_up_to(&self) -> Option<u64> {
        match &self.stage {
            Stage::Newest { .. } | Stage::Reading(..) | Stage::Read(..) => None,
            Stage::Sending(sending) => Some(sending.has_up_to),
        }
    }

    fn sending(&mut self) -> Option<&mut Sending> {
        match &mut self.stage {
            Stage::Sending(sending) => Some(sending),
            Stage::Newest { .. } | Stage::Reading(..) | Stage::Read(..) => None,
        }
    }
}

impl Sending {
    fn new(page: &Arc<Frames>, next: At) -> Self {
        let has_up_to = page.up_to(next);
        let (held, page) = (Some(Arc::clone(page)), Arc::downgrade(page));
        Self { page, held, chunk: None, next, has_up_to, has_with_chunk: has_up_to }
    }

    fn next(&mut self) -> Step {
        if self.chunk.is_none() {
            let Some(page) = self.held.take().or_else(|| self.page.upgrade()) else { return Step::Forgotten };
            let Some(chunk) = page.events.chunk(self.next.chunk) else { return Step::Passed(page.last) };
            self.chunk = Some(Arc::clone(chunk));
            self.has_with_chunk = page.up_to(At { chunk: self.next.chunk + 1, index: 0 });
            self.held = page.is_too_long().then_some(page);
        }
        match self.position() {
            Some(position) => {
                self.send().map_or(Step::Passed(position), |frame| Step::Event(frame, position))
            }
            None => Step::Passed(self.has_with_chunk),
        }
    }

    /// The position of the next event, if it is of a chunk of which something was sent.
    #[inline]
    fn position(&self) -> Option<u64> {
        self.chunk.as_ref()?.position(self.next.index)
    }

    /// That event, which is sent with this.
    #[inline]
    fn send(&mut self) -> Option<Frame> {
        let chunk = self.chunk.take()?;
        let index = self.next.index;
        if let Some(next) = chunk.position(index + 1) {
            self.has_up_to = next - 1;
            self.next.index += 1;
            let frame = chunk.frame(index);
            self.chunk = Some(chunk);
            return frame;
        }
        self.has_up_to = self.has_with_chunk;
        self.next = At { chunk: self.next.chunk + 1, index: 0 };
        chunk.frame(index)
    }
}

impl Reader {
    /// Whether it stands before the window onto a stored log, and the store has what follows, or as much of it as is wanted.
    pub(super) fn is_before_window(&self) -> bool {
        let (log, mark) = (self.shared.read_log(), self.next.mark);
        // What goes before the newest are asked for, nobody misses.
        let is_to_ask = self.paging.as_ref().is_some_and(|paging| !paging.is_asked_for());
        log.is_stored_behind_mark(mark) || is_to_ask && !log.is_of_past_life(mark)
    }

    /// Whether it has not yet got all of the stored log that was there when it began.
    pub(super) fn is_replay_of_store(&self) -> bool {
        self.shared.backing.is_some() && self.next.place() < self.live_from
    }

    /// Whether it has asked for a page.
    pub(super) fn is_paging(&self) -> bool {
        self.paging.as_ref().is_some_and(|paging| paging.is_asked_for())
    }

    /// Whether the newest are wanted, and the store was not asked for them.
    pub(super) fn awaits_question(&self) -> bool {
        self.paging.as_ref().is_some_and(|paging| !paging.is_asked_for())
    }

    /// Whether only the store can say where that lies with which its client begins.
    pub(crate) fn awaits_newest(&self) -> bool {
        self.paging.as_ref().is_some_and(|paging| paging.awaits_newest())
    }

    /// Asks the store for what lies before the window.
    pub(super) fn ask_store(&mut self, falls: Falls) {
        // Perhaps with the event that its client had last, which may be the one with which it ends.
        let with_last = falls.may_end && self.delivered() == 0;
        let has_up_to = self.next.mark.sequence;
        let after = if with_last { has_up_to.saturating_sub(1) } else { has_up_to };
        let Some(backing) = &self.shared.backing else { return };
        // Its own is counted once.
        let newest = self.paging.take().map(|paging| paging.stage);
        let (reading, is_slow) = (backing.begin_reading(), self.is_slow);
        let length = backing.page_length(&reading, is_slow);
        let (newest, wanted) = match newest {
            Some(Stage::Newest { most, up_to, missed }) => (Some((up_to, most)), Wanted::Newest(missed)),
            _ => (None, Wanted::Next),
        };
        let up_to = self.shared.read_log().trimmed().sequence;
        let older = Older { after, up_to, newest, is_slow, length };
        let ahead = (!is_slow).then_some(length);
        let known =
            (wanted == Wanted::Next).then(|| backing.known_page(older.after, older.up_to, ahead)).flatten();
        let stage = match known {
            Some(page) => Stage::Read((page, older.after, false), wanted),
            None => Stage::Reading(self.read_older(backing, older), wanted),
        };
        self.paging = Some(Box::new(Paging { stage, _reading: Some(reading) }));
    }

    fn read_older(
        &self,
        backing: &Backing,
        Older { after, up_to, newest, is_slow, length }: Older,
    ) -> Answer<Part> {
        let shared = Arc::clone(&self.shared);
        Answer::spawn(backing.link().runtime(), async move {
            match (&shared.backing, newest) {
                (Some(backing), None) => {
                    Ok((backing.page(after, up_to, length, is_slow).await?, after, false))
                }
                (Some(backing), Some(newest)) => backing.newest(after, newest, up_to, length, is_slow).await,
                (None, _) => Ok((Arc::default(), after, false)),
            }
        })
    }

    /// What comes next from the store; nothing more, and the reader goes on. So many events were left out before.
    pub(super) fn read_store(&mut self, context: &mut Context<'_>, left_out: &mut u64) -> Option<Output> {
        while let Some(paging) = self.paging.as_mut().filter(|paging| paging.is_asked_for()) {
            if *left_out >= MAX_LEFT_OUT {
                return Some(Output::Yield);
            }
            let has_up_to = self.next.mark.sequence;
            let (closed, past_lives, is_of_past_life) = {
                let log = self.shared.read_log();
                (log.closed(), log.past_lives(), log.is_of_past_life(self.next.mark))
            };
            if is_of_past_life {
                // The window tells of it. Its positions are others.
                self.paging = None;
                return None;
            }
            let Poll::Ready(step) = paging.poll(has_up_to, closed, context) else {
                self.register(context);
                let ends = self.end().map(|frame| Output::End { frame, sequence: has_up_to });
                return Some(ends.unwrap_or(Output::Wait));
            };
            match step {
                Step::Begins(None) => {}
                Step::Begins(Some(frame)) if self.delivered() > 0 || !self.keeps(&frame) => {}
                Step::Begins(Some(frame)) => return Some(Output::Had { frame, sequence: has_up_to }),
                Step::Event(frame, position) => {
                    self.before = self.here();
                    self.next = Point { mark: Mark { sequence: position, ..self.next.mark }, ..self.next };
                    if let Some(frame) = self.pass(frame, true) {
                        return Some(Output::Event { frame, sequence: position, order: Order::Event });
                    }
                    *left_out += 1;
                }
                Step::Passed(position) => {
                    (self.paging, self.is_slow) = (None, false);
                    let shared = Arc::clone(&self.shared);
                    let log = shared.read_log();
                    if let Some(mark) = log.resume(position, self.coalesces()) {
                        // What was live only has passed meanwhile.
                        self.next = log.point(mark);
                    }
                }
                Step::Closed => {
                    // The window will come to it. What is gone with a topic is not missed.
                    self.paging = None;
                    self.ended = true;
                    return Some(Output::Finished);
                }
                // It goes on behind what it has.
                Step::Forgotten => (self.paging, self.is_slow) = (None, true),
                Step::Gone(trimmed) => {
                    self.paging = None;
                    self.shared.set_stored_from(past_lives, trimmed);
                    return Some(Output::Gone);
                }
                Step::Failed => {
                    self.paging = None;
                    return Some(Output::Failed);
                }
            }
        }
        None
    }

    /// Whether the client is sent a page, and wants everything: what the page has goes out as it is. Should another life of the log begin
    /// meanwhile, the rest of the chunk still comes, and the reset behind that.
    pub(crate) fn reads_page_along(&self) -> bool {
        self.narrow.is_none()
            && self.state.is_none()
            && self.paging.as_ref().is_some_and(|paging| matches!(paging.stage, Stage::Sending(_)))
    }

    /// The next event of such a client. `None` if there is something else.
    #[inline]
    pub(crate) fn read_page_along(&mut self) -> Option<Frame> {
        if self.turns.is_over() || self.turns.is_waiting() {
            return None;
        }
        let sending = self.paging.as_mut()?.sending()?;
        let position = sending.position()?;
        let frame = sending.send()?;
        self.before = self.here();
        self.next.mark.sequence = position;
        self.turns.spend(&self.shared.admission, frame.stored_len());
        if let Some(membership) = &self.membership {
            membership.slot.tally.delivered(true);
        }
        Some(frame)
    }

    /// Up to which number its client has everything, where that lies before the window.
    pub(super) fn has_stored_up_to(&self) -> Option<u64> {
        self.paging.as_ref().and_then(|paging| paging.has_up_to())
    }

    /// The store has let go of what it was to get.
    pub(crate) fn lag_behind_store(&mut self, falls: Falls) -> Output {
        let output = self.lag(falls);
        if matches!(output, Output::Lagged) {
            self.shared.counts.disconnected();
        }
        output
    }
}
