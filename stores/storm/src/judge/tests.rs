//! Each fault that a server could make is found, and nothing else is called one.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use super::journal::{Epochs, Journal, Mark, Place, Reset, Step};
use super::truth::{Loss, Truth};
use super::verdict::Verdict;
use crate::event::{Name, Scene};

const fn place(epoch: u16, position: u64) -> Place {
    Place { epoch, position }
}

fn name(position: u64) -> Name {
    Name { origin: 1, number: position as u32 }
}

/// A log with the events 10, 20, .. 100 in its first life.
fn truth() -> Truth {
    let mut truth = Truth::default();
    for position in (10..=100).step_by(10) {
        truth.acknowledged(place(0, position), name(position));
    }
    truth
}

fn loss(kept: HashSet<u64>, until: u64) -> Loss {
    let now = Instant::now();
    Loss { kept, first: 10, until, time: now - Duration::from_secs(2)..=now - Duration::from_secs(1) }
}

fn event(epoch: u16, position: u64) -> Step {
    Step::Event { at: Some(Mark::At(place(epoch, position))), name: name(position) }
}

/// The events up to the end.
fn events(from: u64) -> impl Iterator<Item = Step> {
    (from..=100).step_by(10).map(|position| event(0, position))
}

fn reset(reason: &str, missed: Option<u64>, to: Place) -> Step {
    let to = Some(Mark::At(to));
    Step::Reset(Box::new(Reset { reason: reason.to_owned(), missed, to, at: Instant::now() }))
}

/// What a client is told: lost, doubled, needless, wrong.
fn judge(truth: &Truth, steps: impl IntoIterator<Item = Step>) -> [u64; 4] {
    judge_as(Scene::Rows, truth, std::iter::once(moved(0, 10)).chain(steps))
}

pub(super) fn judge_as(scene: Scene, truth: &Truth, steps: impl IntoIterator<Item = Step>) -> [u64; 4] {
    let mut verdict = Verdict::default();
    let journal = Journal { steps: steps.into_iter().collect(), connections: 1 };
    verdict.judge_all(scene, &[journal], truth);
    [verdict.lost, verdict.doubled, verdict.needless, verdict.wrong]
}

fn moved(epoch: u16, position: u64) -> Step {
    Step::Moved(Mark::At(place(epoch, position)), Instant::now())
}

#[test]
fn who_gets_everything_once_and_in_order_has_no_complaint() {
    assert_eq!(judge(&truth(), events(20)), [0, 0, 0, 0]);
    let places = [moved(0, 15), event(0, 20), moved(0, 20)];
    assert_eq!(judge(&truth(), places.into_iter().chain(events(30))), [0, 0, 0, 0]);
}

#[test]
fn what_is_passed_over_is_lost() {
    assert_eq!(judge(&truth(), events(40)), [2, 0, 0, 0]);
    assert_eq!(judge(&truth(), events(20).take(8)), [1, 0, 0, 0], "the end never came");
    let skipped = [moved(0, 25)].into_iter().chain(events(30));
    assert_eq!(judge(&truth(), skipped), [1, 0, 0, 0], "an ID alone goes past an event");
}

#[test]
fn what_comes_again_is_doubled() {
    assert_eq!(judge(&truth(), [event(0, 20)].into_iter().chain(events(20))), [0, 1, 0, 0]);
    assert_eq!(judge(&truth(), events(20).chain(events(90))), [0, 2, 0, 0]);
}

#[test]
fn an_own_id_is_the_place_of_its_event() {
    let row = |position| Mark::Row(name(position));
    let of_row = |position| Step::Event { at: Some(row(position)), name: name(position) };
    let steps = [
        Step::Moved(row(10), Instant::now()),
        of_row(20),
        event(0, 30),
        Step::Moved(row(30), Instant::now()),
    ];
    assert_eq!(judge(&truth(), steps.into_iter().chain(events(40))), [0, 0, 0, 0]);
    let skipped = [of_row(30)].into_iter().chain(events(40));
    assert_eq!(judge(&truth(), skipped), [1, 0, 0, 0]);
    let unknown = [Step::Moved(row(15), Instant::now())].into_iter().chain(events(20));
    assert_eq!(judge(&truth(), unknown), [0, 0, 0, 1], "nobody knows it");
    let foreign = [Step::Event { at: Some(row(40)), name: name(20) }].into_iter().chain(events(20));
    assert_eq!(judge(&truth(), foreign), [0, 0, 0, 1], "another's ID");
}

#[test]
fn ids_are_read() {
    let epochs = Epochs::default();
    let place = |position| place(0, position);
    for (id, mark) in [
        ("k3v9x2ab-42", Some(Mark::At(place(42)))),
        ("k3v9x2ab~42", Some(Mark::Begun(place(42)))),
        ("k3v9x2ab*42.7", Some(Mark::Begun(place(42)))),
        ("k3v9x2ab-42_3-9_5*11.7", Some(Mark::Several(None))),
        ("row.3.9", Some(Mark::Row(Name { origin: 3, number: 9 }))),
        ("row", None),
        ("k3v9x2ab-", None),
    ] {
        assert_eq!(epochs.mark(id), mark, "{id}");
    }
}

#[test]
fn an_event_of_another_life_needs_a_reset() {
    let mut truth = truth();
    truth.saw(place(1, 110), name(110));
    assert_eq!(judge(&truth, events(20).chain([event(1, 110)])), [0, 0, 0, 1]);
    let told = events(20).chain([reset("epoch", None, place(1, 105)), event(1, 110)]);
    assert_eq!(judge(&truth, told), [0, 0, 0, 0]);
}

#[test]
fn a_reset_is_needed_where_something_is_gone_and_counts_it() {
    let told = |missed| [reset("trimmed", missed, place(0, 40))].into_iter().chain(events(50));
    assert_eq!(judge(&truth(), told(Some(3))), [0, 0, 1, 0]);
    let mut trimmed = truth();
    trimmed.trimmed(Instant::now(), 20);
    assert_eq!(judge(&trimmed, told(Some(3))), [0, 0, 0, 0]);
    assert_eq!(judge(&trimmed, told(None)), [0, 0, 0, 0]);
    assert_eq!(judge(&trimmed, told(Some(2))), [0, 0, 0, 1]);
    let mut here = truth();
    here.trimmed(Instant::now(), 10);
    assert_eq!(judge(&here, told(None)), [0, 0, 1, 0], "its own event is gone, nothing behind it");
    let mut later = truth();
    later.trimmed(Instant::now() + Duration::from_secs(60), 20);
    assert_eq!(judge(&later, told(None)), [0, 0, 1, 0]);
}

#[test]
fn what_the_log_lost_is_to_be_told() {
    let mut truth = truth();
    let kept = (10..=70).step_by(10).chain([90, 100]).collect();
    truth.lost(loss(kept, 90));
    let to_the_end = |steps: Vec<Step>| {
        let mut truth = self::truth();
        let kept = (10..=70).step_by(10).chain([90, 100]).collect();
        truth.lost(loss(kept, 90));
        truth.saw(place(1, 110), name(110));
        judge(&truth, events(20).take(6).chain(steps))
    };
    let hole = [event(0, 90), event(0, 100)];
    assert_eq!(judge(&truth, events(20).take(6).chain(hole.clone())), [1, 0, 0, 0], "it was never told");
    let told = hole.into_iter().chain([reset("epoch", None, place(1, 100)), event(1, 110)]);
    assert_eq!(to_the_end(told.collect()), [0, 0, 0, 0]);
    // One who had it is told as well, or goes on.
    let had = [event(0, 80), reset("unknown", None, place(0, 90)), event(0, 100)];
    assert_eq!(judge(&truth, events(20).take(6).chain(had)), [0, 0, 0, 0]);
}

fn wrong(truth: &Truth, logged: impl IntoIterator<Item = u64>) -> u64 {
    Verdict::of(truth, &logged.into_iter().map(name).collect::<HashSet<_>>()).wrong
}

#[test]
fn publishers_are_told_the_truth() {
    let all = || (10..=100).step_by(10);
    assert_eq!(wrong(&truth(), all()), 0);
    assert_eq!(wrong(&truth(), all().skip(1)), 1, "acknowledged, and lost");
    let mut refused = truth();
    refused.refused(name(30));
    assert_eq!(wrong(&refused, all()), 1, "refused, and stored");
    let mut put = truth();
    put.put(name(30));
    assert_eq!(wrong(&put, all()), 0);
    put.put(Name { origin: 2, number: 1 });
    assert_eq!(wrong(&put, all()), 1, "put, and never stored");
    put.killed(2);
    assert_eq!(wrong(&put, all()), 0);
    let mut twice = truth();
    twice.saw(place(0, 35), name(30));
    assert_eq!(wrong(&twice, all()), 1, "stored twice");
    let mut other = truth();
    other.saw(place(0, 30), name(7));
    assert_eq!(wrong(&other, all()), 1, "one ID, two events");
    let mut reborn = truth();
    reborn.saw(place(1, 110), name(110));
    assert_eq!(wrong(&reborn, all()), 1, "another life, and nothing lost");
    reborn.lost(loss((10..=90).step_by(10).collect(), 105));
    assert_eq!(wrong(&reborn, all()), 0);
}
