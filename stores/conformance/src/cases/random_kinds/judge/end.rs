//! Whether a stream may end, and what its client has by then.

use typed_sse_core::{Slow, Start, SubscriptionError};

use super::super::truth::Truth;
use super::{Judge, Stand};

impl Judge {
    /// The stream has ended. Whether its client is done with it.
    pub(in super::super) fn end(
        &mut self,
        truth: &Truth,
        end: Option<&SubscriptionError>,
        is_finished: bool,
    ) -> Result<bool, String> {
        self.history.push(format!("end {end:?}, {} gone", truth.trimmed));
        match end {
            None if self.is_sent_away => return Ok(false),
            None if !is_finished => return Err("it ends, though nothing is finished".to_owned()),
            None => {}
            // At a server that is behind the store, one that was just told may be overtaken by what was gone then. It is not told again.
            Some(SubscriptionError::Lagged) if self.terms.slow == Slow::Disconnect => {
                return if self.reset_at.is_some() {
                    Ok(false)
                } else {
                    self.check_lost(truth).map(|()| false)
                };
            }
            Some(SubscriptionError::SnapshotCursor(_)) if self.terms.by_state => return Ok(false),
            Some(error) => return Err(format!("{error}")),
        }
        if let Some(passing) = self.passing.iter().find(|passing| truth.len() <= passing.until) {
            return Err(format!("{passing:?} never came"));
        }
        self.check_all(truth)
    }

    /// Whether it has everything of what is finished.
    fn check_all(&self, truth: &Truth) -> Result<bool, String> {
        if self.owed.is_some() {
            return Err("a reset is owed".to_owned());
        }
        let missing = match self.stand {
            Stand::State => return Err("the state never came".to_owned()),
            Stand::ByKey(at) => {
                self.end_of_keys(truth, at)?;
                self.missing(truth, at, truth.len())
            }
            Stand::Between(_, most) => self.missing(truth, most, truth.len()),
        };
        if let Some(missing) = missing {
            // It has lost something since it was told, and got nothing behind which that could be told: it is when it comes back.
            let is_untold = self.reset_at.is_some() && truth.trimmed > self.least();
            return if is_untold { Ok(false) } else { Err(format!("{missing} never came")) };
        }
        if self.terms.start == Start::LatestPerKey && !self.terms.by_state {
            self.end_of_keys(truth, truth.len())?;
        }
        Ok(true)
    }
}
