//! The task that applies the messages of a stream, one per log and process. It waits for nobody who reads.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;
use typed_sse_core::store::{StoreError, StoreErrorKind};

use crate::api::StreamInfo;
use crate::apply::{Applied, apply};
use crate::connection::{Line, Server};
use crate::consumer::{Delivery, Ordered};
use crate::error;
use crate::index::{Checkpoint, Head, Index};
use crate::life::{self, Basis};
use crate::tail::{State, Tail};
use crate::tidy;

/// Why the messages of a consumer came to an end.
enum Ended {
    /// Nobody has the log any more.
    Left,
    /// Go on behind the last one.
    Broken,
    /// Read all of it again.
    Anew,
    Failed(StoreError),
}

impl From<StoreError> for Ended {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

/// After something failed, the next try comes so soon.
const PAUSE: Duration = Duration::from_millis(100);

struct Follower {
    server: Arc<Server>,
    tail: Weak<Tail>,
    line: watch::Receiver<Line>,
}

impl Tail {
    /// Begins to follow, if that was not begun.
    pub(crate) fn start(self: &Arc<Self>, server: &Arc<Server>) {
        let mut task = self.task.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if task.is_none() {
            let follower =
                Follower { server: Arc::clone(server), tail: Arc::downgrade(self), line: server.line() };
            *task = Some(tokio::spawn(follower.run()).abort_handle());
        }
    }
}

impl Follower {
    async fn run(mut self) {
        let mut is_anew = false;
        loop {
            let ended = self.session(is_anew).await;
            let Some(tail) = self.tail.upgrade() else { return };
            is_anew = matches!(ended, Err(Ended::Anew));
            let error = match ended {
                Ok(()) | Err(Ended::Left) => return,
                Err(Ended::Broken | Ended::Anew) => None,
                Err(Ended::Failed(error)) => Some(error),
            };
            tail.stand(|stands| {
                stands.is_up = false;
                let unfit = error.as_ref().filter(|error| error.kind() != StoreErrorKind::Unavailable);
                stands.unfit = unfit.map(|error| Arc::new((error.kind(), error.to_string())));
            });
            if error.is_some() {
                let look = Arc::clone(&tail.look);
                drop(tail);
                let _sooner = timeout(PAUSE, look.notified()).await;
            }
        }
    }

    fn tail(&self) -> Result<Arc<Tail>, Ended> {
        self.tail.upgrade().ok_or(Ended::Left)
    }

    async fn session(&mut self, is_anew: bool) -> Result<(), Ended> {
        self.line.borrow_and_update();
        let tail = self.tail()?;
        let Some(info) = self.server.stream(&tail.names.stream).await? else {
            tidy::stop(&tail);
            *tail.state() = State::default();
            tail.stand(|stands| (stands.is_gone, stands.is_up, stands.applied) = (true, false, 0));
            return Err(error::another_life(&tail.name).into());
        };
        let is_known = {
            let state = tail.state();
            state.index.is_some() && state.created == info.created && !is_anew
        };
        let consumer =
            if is_known { self.go_on(&tail, &info).await? } else { self.load(&tail, &info).await? };
        self.follow(tail, consumer).await
    }

    /// Whether what was there last is there still; then, what came behind it.
    async fn go_on(&mut self, tail: &Tail, info: &StreamInfo) -> Result<Ordered, Ended> {
        let (applied, anchor, landmark) = {
            let state = tail.state();
            let Some(index) = &state.index else { return Err(Ended::Anew) };
            (index.applied, state.anchor, index.landmark())
        };
        if self.is_trimmed(tail, applied).await? {
            return Err(Ended::Anew);
        }
        let mut is_lost = info.state.last_seq < applied;
        let from = if anchor.0 == 0 { applied + 1 } else { anchor.0 };
        let mut consumer = Ordered::start(&self.server, &tail.names.stream, from).await?;
        if anchor.0 > 0 && !is_lost {
            let first = consumer.next_up_to(info.state.last_seq).await.map_err(|_| Ended::Broken)?;
            is_lost = first.is_none_or(|first| (first.sequence, first.at) != anchor);
            // A checkpoint may have come between the first look and this one.
            if is_lost && self.is_trimmed(tail, anchor.0).await? {
                return Err(Ended::Anew);
            }
        }
        if is_lost {
            return Err(self.begin_life(tail, landmark).await?);
        }
        self.catch_up(tail, &mut consumer, info.state.last_seq).await?;
        // Now that it is known what the others have trimmed.
        let lacks = |index: &Index| (info.state.first_seq > index.lowest()).then(|| index.landmark());
        let lacking = tail.state().index.as_ref().and_then(lacks);
        if let Some(landmark) = lacking {
            return Err(self.begin_life(tail, landmark).await?);
        }
        Ok(consumer)
    }

    /// Something of the log is gone that nobody has trimmed, as far as this landmark says: it is another one from now on.
    async fn begin_life(&self, tail: &Tail, landmark: u64) -> Result<Ended, StoreError> {
        life::begin(&self.server, tail, landmark).await?;
        Ok(Ended::Anew)
    }

    /// Whether messages behind this one may be gone since a checkpoint knows what they did, or another life began.
    async fn is_trimmed(&self, tail: &Tail, applied: u64) -> Result<bool, StoreError> {
        let created = tail.state().created.clone();
        let basis = Basis::of(&self.server, tail, &created).await?;
        Ok(basis.sequence > applied && basis.head.is_none_or(|head| head.applied >= applied))
    }

    /// Messages that came while nobody looked, up to this one.
    async fn catch_up(&mut self, tail: &Tail, consumer: &mut Ordered, last: u64) -> Result<(), Ended> {
        while let Some(delivery) = consumer.next_up_to(last).await.map_err(|_| Ended::Broken)? {
            self.take(tail, &delivery).await?;
        }
        // The newest may have been deleted.
        if let Some(index) = &mut tail.state().index {
            index.applied = index.applied.max(last);
            let applied = index.applied;
            tail.stand(|stands| {
                (stands.applied, stands.is_up, stands.is_gone, stands.unfit) = (applied, true, false, None);
            });
        }
        Ok(())
    }

    /// Reads all of the log.
    async fn load(&mut self, tail: &Tail, info: &StreamInfo) -> Result<Ordered, Ended> {
        let (server, names) = (&self.server, &tail.names);
        tidy::stop(tail);
        let Basis { sequence: known, life, first, head } = Basis::of(server, tail, &info.created).await?;
        let epoch = life::epoch(life, &info.created);
        let (index, trusted, lowest) = match head {
            None => (Some(Index::new(epoch)), 0, first),
            Some(head) => {
                let (applied, lowest) = (head.applied, head.first.min(head.lowest()));
                let checkpoint = self.checkpoint(tail, &head).await?;
                (checkpoint.map(|checkpoint| Index::of_checkpoint(epoch, checkpoint, head)), applied, lowest)
            }
        };
        // The checkpoint may be newer than what was asked before: what it knows is read as such.
        let last = info.state.last_seq.max(known);
        let is_lacking = index.is_none() || last > 0 && info.state.first_seq > lowest;
        let mut index = index.unwrap_or_else(|| Index::new(epoch));
        index.life = life;
        let mut state = State::new(index, &info.created, life);
        let mut consumer = Ordered::start(server, &names.stream, info.state.first_seq.max(1)).await?;
        let mut read = 0_u64;
        while let Some(delivery) = consumer.read_up_to(last).await.map_err(|_| Ended::Anew)? {
            if let Applied::Life = apply(tail, &mut state, trusted, &delivery)? {
                return Err(Ended::Anew);
            }
            read += 1;
            if read.is_multiple_of(100) {
                tail.stand(|stands| stands.read += 100);
            }
        }
        // What another checkpoint has taken meanwhile is missing, and is no loss.
        let newest = state.index.as_ref().map_or(0, Index::landmark).max(known);
        if Basis::of(server, tail, &info.created).await?.sequence != newest || newest != known {
            return Err(Ended::Anew);
        }
        if is_lacking {
            return Err(self.begin_life(tail, known).await?);
        }
        *tail.state() = state;
        self.catch_up(tail, &mut consumer, last).await?;
        Ok(consumer)
    }

    /// `None` if a part of it is gone.
    async fn checkpoint(&self, tail: &Tail, head: &Head) -> Result<Option<Checkpoint>, StoreError> {
        let mut text = Vec::new();
        for part in &head.parts {
            let Some(message) = self.server.message(&tail.names.stream, *part).await? else {
                let is_gone = self.server.has_deleted(&tail.names.stream, &[*part..=*part]).await?;
                return if is_gone { Ok(None) } else { Err(error::denied(&self.server.name)) };
            };
            text.extend(message.data);
        }
        let checkpoint = serde_json::from_slice(&text);
        checkpoint.map(Some).map_err(|_| error::unreadable(&tail.names, head.sequence))
    }

    async fn take(&self, tail: &Tail, delivery: &Delivery) -> Result<(), Ended> {
        let applied = match &tail.state().index {
            Some(index) => index.applied,
            None => return Err(Ended::Anew),
        };
        if delivery.sequence <= applied {
            return Ok(());
        }
        if delivery.sequence > applied + 1 && self.is_trimmed(tail, applied).await? {
            return Err(Ended::Anew);
        }
        // What a checkpoint knew was applied when the log was read.
        match apply(tail, &mut tail.state(), 0, delivery)? {
            Applied::Done => Ok(()),
            Applied::Life => Err(Ended::Anew),
        }
    }

    async fn follow(&mut self, tail: Arc<Tail>, mut consumer: Ordered) -> Result<(), Ended> {
        let look = Arc::clone(&tail.look);
        drop(tail);
        loop {
            let delivery = tokio::select! {
                biased;
                _ = self.line.changed() => return Err(Ended::Broken),
                () = look.notified() => return Err(Ended::Broken),
                delivery = consumer.next() => delivery.map_err(|_| Ended::Broken)?,
            };
            let tail = self.tail()?;
            self.take(&tail, &delivery).await?;
            tail.stand(|stands| stands.applied = delivery.sequence.max(stands.applied));
            tidy::when_due(&tail, &self.server);
        }
    }
}
