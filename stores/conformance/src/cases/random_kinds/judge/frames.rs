//! What each frame says, and whether it may come now.

use typed_sse_core::{Frame, Slow, Start};

use super::super::truth::{Mark, Truth};
use super::{Judge, Stand};

impl Judge {
    pub(in super::super) fn take(&mut self, truth: &Truth, frame: &Frame) -> Result<(), String> {
        let text = String::from_utf8_lossy(frame.as_ref()).into_owned();
        self.history.push(format!(
            "{text:?} {:?}, {} published, {} gone",
            self.stand,
            truth.len(),
            truth.trimmed
        ));
        self.passing.retain(|passing| truth.len() <= passing.until);
        let mark = match frame.id() {
            Some(id) => Some(truth.mark(id).ok_or_else(|| format!("{id} was made up"))?),
            None => None,
        };
        let data = text.lines().find_map(|line| line.strip_prefix("data: ")).unwrap_or_default();
        match frame.event_type() {
            _ if !frame.is_event() => {
                self.is_sent_away |= mark.is_none() && text.starts_with("retry");
                mark.map_or(Ok(()), |mark| self.told(truth, mark))?;
            }
            "reset" => self.reset(truth, mark, data.contains("lagged"))?,
            "state" => self.state(truth, data, mark)?,
            "passing" => self.passing(truth, data)?,
            _ => self.event(truth, data, mark)?,
        }
        if let Some(id) = frame.id() {
            id.clone_into(&mut self.last_event_id);
        }
        self.is_there = true;
        Ok(())
    }

    /// A place that came by itself: what lies in front of it has come, and all behind it follows.
    fn told(&mut self, truth: &Truth, mark: Mark) -> Result<(), String> {
        if self.owed.is_some() {
            return Err("a reset is owed".to_owned());
        }
        let told = self.stand_of(mark, truth);
        match (mark, self.stand) {
            (Mark::At(place), Stand::ByKey(_)) => self.end_of_keys(truth, place)?,
            (Mark::At(place), Stand::Between(least, most)) => {
                let missing = self.missing(truth, most.max(self.not_missed(truth)), place);
                if place < least || missing.is_some() {
                    return Err(format!("{place} is told at {:?}: {missing:?} never came", self.stand));
                }
            }
            (Mark::At(_), Stand::State) => return Err("a place comes before the state".to_owned()),
            (Mark::Begun(at, _) | Mark::ByKey(at), _) => {
                let is_beginning = !self.is_there || self.reset_at.is_some() || truth.trimmed > self.least();
                let knew = if self.terms.start == Start::Live { self.stand } else { Stand::Between(0, at) };
                if !is_beginning || !knew.may_be(at) && self.reset_at.is_none() {
                    return Err(format!("it begins at {at}, but stands {:?}", self.stand));
                }
            }
        }
        self.stand = told;
        self.begins = matches!(mark, Mark::Begun(..));
        Ok(())
    }

    /// All of a state by key has come, which stands at this place.
    pub(super) fn end_of_keys(&self, truth: &Truth, place: usize) -> Result<(), String> {
        if place < self.least() {
            return Err(format!("the state stands at {place}, though it began later"));
        }
        for (number, sent) in truth.newest(place) {
            let has = sent.row.key.and_then(|key| self.has.get(&key)).is_some_and(|has| *has >= number);
            if !has && !sent.row.is_tombstone && self.wants(sent) && sent.superseded_by.is_none() {
                return Err(format!("the state as of {place} came without {number}"));
            }
        }
        Ok(())
    }

    fn reset(&mut self, truth: &Truth, mark: Option<Mark>, lagged: bool) -> Result<(), String> {
        self.resets += 1;
        self.check_lost(truth)?;
        let mark = mark.ok_or("a reset without an ID")?;
        let stand = self.stand_of(mark, truth);
        // The event that came before it could be told is not missed.
        let has = self.owed.map_or(0, |(_, number)| number);
        let gone = truth.trimmed.max(has);
        let (least, most) = match (stand, self.terms.start) {
            (Stand::Between(_, most), Start::Earliest) => (most, gone),
            (Stand::Between(_, most), Start::Last(n)) => (most, truth.len().saturating_sub(n).max(gone)),
            _ => (0, 0),
        };
        // One that coalesces goes on with the newest of each key, which may be none.
        if least > most && !(lagged && self.terms.slow == Slow::Coalesce) {
            return Err(format!("it goes on at {least}, but all behind {most} is there"));
        }
        self.stand = if self.terms.by_state { Stand::State } else { stand };
        self.has.clear();
        self.passing.clear();
        // It was told some time since it came, and by now.
        (self.reset_at, self.owed, self.last_by_key) = (Some(truth.len()), None, 0);
        self.begins = matches!(mark, Mark::Begun(..));
        Ok(())
    }

    /// Whether something is gone that it has not got.
    pub(super) fn check_lost(&self, truth: &Truth) -> Result<(), String> {
        let stand = self.owed.map_or(self.stand, |(stand, _)| stand);
        let least = match stand {
            // How many of the newest are gone, a window cannot count.
            Stand::Between(..) if self.begins && matches!(self.terms.start, Start::Last(_)) => {
                self.begun_at.1
            }
            Stand::Between(least, _) | Stand::ByKey(least) => least,
            Stand::State => 0,
        };
        if truth.trimmed > least {
            return Ok(());
        }
        Err(format!("it lost nothing at {stand:?}: only {} are gone", truth.trimmed))
    }

    fn state(&mut self, truth: &Truth, data: &str, mark: Option<Mark>) -> Result<(), String> {
        let place: usize = data.rsplit(' ').next().and_then(|place| place.parse().ok()).ok_or("no place")?;
        if self.stand != Stand::State && truth.trimmed <= self.least() {
            return Err("a state that nothing had made necessary".to_owned());
        }
        self.reset_at = None;
        self.passing.clear();
        self.stand = Stand::State;
        if let Some(mark) = mark {
            if mark != Mark::At(place) {
                return Err(format!("the state stands at {place}, not {mark:?}"));
            }
            self.stand = Stand::Between(place, place);
        }
        Ok(())
    }

    fn passing(&mut self, truth: &Truth, data: &str) -> Result<(), String> {
        if !self.terms.filter.keeps("passing", None) {
            return Err("it is unwanted".to_owned());
        }
        let Some(index) = self.passing.iter().position(|due| due.data == data) else {
            // It may have been published before the first frame was read.
            return Ok(());
        };
        if index > 0 {
            return Err(format!("{:?} never came", self.passing[0]));
        }
        let (place, _) = self.passing.remove(0).between;
        if let Stand::Between(_, most) = self.stand
            && let Some(missing) = self.missing(truth, most, place)
        {
            return Err(format!("{missing}, which was published before, never came"));
        }
        Ok(())
    }

    fn event(&mut self, truth: &Truth, data: &str, mark: Option<Mark>) -> Result<(), String> {
        self.events += 1;
        let number = truth.number(data).ok_or("nobody published it")?;
        let sent = truth.get(number);
        if !self.wants(sent) {
            return Err("it is unwanted".to_owned());
        }
        let is_of_state = matches!(self.stand, Stand::ByKey(_)) && self.terms.silent;
        if mark.is_some_and(|mark| mark != Mark::At(number)) && !is_of_state {
            return Err(format!("{number} has the ID {mark:?}"));
        }
        if self.owed.is_some() {
            return Err("a reset is owed".to_owned());
        }
        if let Some(passing) = self.passing.first().filter(|passing| number > passing.between.1) {
            return Err(format!("{number} comes, but not {passing:?}"));
        }
        let is_reset = self.reset_at.is_some();
        match self.stand {
            Stand::State => return Err("an event comes before the state".to_owned()),
            Stand::ByKey(_) if mark.is_none() && is_reset && sent.row.key.is_none() => {
                self.owed = Some((self.stand, number));
                self.reset_at = None;
                return Ok(());
            }
            Stand::ByKey(at) => {
                let ends = mark.filter(|_| number > at || is_of_state);
                let is_live = number > at && (!is_of_state || mark == Some(Mark::At(number)));
                if is_live && mark.is_some() {
                    self.end_of_keys(truth, at)?;
                    self.follow(truth, number, (at, at))?;
                } else {
                    self.by_key(truth, number, at)?;
                    if let Some(Mark::At(place)) = ends {
                        self.has.insert(sent.row.key.unwrap_or_default(), number);
                        self.end_of_keys(truth, place)?;
                        self.stand = Stand::Between(place, place);
                        return Ok(());
                    }
                }
            }
            Stand::Between(least, _) if mark.is_none() && is_reset => {
                // One that coalesces goes on with the newest of each key.
                if number <= least && self.terms.slow != Slow::Coalesce {
                    return Err(format!("{number} comes behind {least}"));
                }
                // Whoever is cut here gets it again.
                self.owed = Some((self.stand, number));
                self.reset_at = None;
                return Ok(());
            }
            Stand::Between(..) if mark.is_none() => return Err(format!("{number} has no ID")),
            Stand::Between(least, most) => self.follow(truth, number, (least, most))?,
        }
        self.reset_at = None;
        if let Some(key) = sent.row.key {
            let had = self.has.insert(key, number);
            if had.is_some_and(|had| had >= number) {
                return Err(format!("{number} comes behind {had:?} of its key"));
            }
        }
        Ok(())
    }

    /// An event of a state by key as of this place.
    fn by_key(&mut self, truth: &Truth, number: usize, at: usize) -> Result<(), String> {
        let sent = truth.get(number);
        let is_old = sent.superseded_by.is_some_and(|newer| newer <= at);
        let may_tell = !sent.row.is_tombstone || self.terms.slow == Slow::Coalesce;
        if number <= self.last_by_key || is_old || sent.row.key.is_none() || !may_tell {
            return Err(format!("{number} is not of the state as of {at}"));
        }
        self.last_by_key = number;
        Ok(())
    }

    fn follow(&mut self, truth: &Truth, number: usize, (least, most): (usize, usize)) -> Result<(), String> {
        if number <= least {
            return Err(format!("{number} comes behind {least}"));
        }
        let most = most.max(self.not_missed(truth));
        if let Some(missing) = self.missing(truth, most, number - 1) {
            return Err(format!("{number} comes, but not {missing}, {:?}", truth.get(missing).row));
        }
        self.begins = false;
        self.stand = Stand::Between(number, number);
        Ok(())
    }
}
