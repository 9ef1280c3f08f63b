//! Measures many candidates in turns, so that a noisy neighbour meets all of them alike.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

const ROUNDS: usize = 21;
/// How long one candidate runs in one round.
const TURN: Duration = Duration::from_millis(7);

/// What one candidate took.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// The median over all rounds, in nanoseconds per call.
    pub ns: f64,
    /// How many times as long as the first candidate; the median over the ratios of each round.
    pub ratio: f64,
}

/// Runs all `candidates` round by round.
pub fn interleave(candidates: &mut [Box<dyn FnMut() + '_>]) -> Vec<Timing> {
    let calls: Vec<u32> = candidates.iter_mut().map(calibrate).collect();
    let rounds: Vec<Vec<f64>> = (0..ROUNDS)
        .map(|_| {
            candidates
                .iter_mut()
                .zip(&calls)
                .map(|(run, calls)| time(run, *calls) / f64::from(*calls))
                .collect()
        })
        .collect();
    (0..candidates.len())
        .map(|i| Timing {
            ns: median(rounds.iter().map(|round| round[i])),
            ratio: median(rounds.iter().map(|round| round[i] / round[0])),
        })
        .collect()
}

/// How many calls fill one turn. Warms up on the way.
fn calibrate(run: &mut Box<dyn FnMut() + '_>) -> u32 {
    let mut calls = 1;
    loop {
        let ns = time(run, calls);
        let turn = TURN.as_nanos() as f64;
        if ns > turn / 4.0 {
            return (f64::from(calls) * turn / ns).ceil() as u32;
        }
        calls *= 2;
    }
}

/// In nanoseconds of this thread: while a neighbour has the core, none pass. No candidate waits, or has another thread work for it.
fn time(run: &mut Box<dyn FnMut() + '_>, calls: u32) -> f64 {
    let start = now();
    for _ in 0..calls {
        run();
    }
    now() - start
}

fn now() -> f64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    now.tv_sec as f64 * 1e9 + now.tv_nsec as f64
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
