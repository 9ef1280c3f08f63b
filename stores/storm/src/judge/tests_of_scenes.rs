//! The same of several topics, and of a board.

use std::time::{Duration, Instant};

use super::journal::{Epochs, Mark, Place, Reset, Step, number_of_log};
use super::tests::judge_as;
use super::truth::{Gone, Truth};
use crate::event::{Name, Scene, topic_name};

const fn at(position: u64) -> Place {
    Place { epoch: 0, position }
}

/// Events of two topics in turn, at 10, 20, .. 100, and their topics.
fn two_topics() -> (Truth, Vec<Name>, [u32; 2]) {
    let names = (0..1000).map(|number| Name { origin: 1, number });
    let topic = |name: &Name| Scene::Topics.topic(*name);
    let (a, b) = (3, 4);
    let of = |wanted: u32| names.clone().filter(move |name| topic(name) == wanted);
    let events: Vec<_> = of(a).zip(of(b)).flat_map(|(a, b)| [a, b]).take(10).collect();
    let mut truth = Truth::default();
    for (name, position) in events.iter().zip((10..).step_by(10)) {
        truth.acknowledged(at(position), *name);
    }
    (truth, events, [a, b])
}

fn event(events: &[Name], position: u64) -> Step {
    Step::Event { at: Some(Mark::At(at(position))), name: events[position as usize / 10 - 1] }
}

/// For one who is further in another topic.
fn old(events: &[Name], position: u64) -> Step {
    Step::Event { at: Some(Mark::Several(None)), name: events[position as usize / 10 - 1] }
}

/// Those that lie there.
fn at_places<'a>(
    events: &'a [Name],
    places: impl IntoIterator<Item = u64> + 'a,
) -> impl Iterator<Item = Step> + 'a {
    places.into_iter().map(|position| event(events, position))
}

fn connected(topics: &[u32]) -> Step {
    Step::Connected(topics.into())
}

fn moved(to: Mark) -> Step {
    Step::Moved(to, Instant::now())
}

fn reset(missed: Option<u64>) -> Step {
    let reason = "trimmed".to_owned();
    let reset = Reset { reason, missed, to: Some(Mark::Several(None)), at: Instant::now() };
    Step::Reset(Box::new(reset))
}

/// With the ID that a server gives it.
fn reset_at(id: &str) -> Step {
    let (reason, to) = ("trimmed".to_owned(), Epochs::default().mark(id));
    Step::Reset(Box::new(Reset { reason, missed: None, to, at: Instant::now() }))
}

#[test]
fn each_topic_is_to_be_whole() {
    let (truth, events, topics) = two_topics();
    let judge = |steps: Vec<Step>| judge_as(Scene::Topics, &truth, steps);
    let both = |places: Vec<u64>| {
        let steps = [connected(&topics)].into_iter().chain(at_places(&events, places));
        judge(steps.collect())
    };
    let all = || (10..=100).step_by(10).collect::<Vec<_>>();
    assert_eq!(both(all()), [0, 0, 0, 0]);
    assert_eq!(both(all().into_iter().filter(|place| *place != 30).collect()), [1, 0, 0, 0]);
    assert_eq!(both(all()[..9].to_vec()), [1, 0, 0, 0], "the end never came");
    assert_eq!(both([10, 10].into_iter().chain(all().into_iter().skip(1)).collect()), [0, 1, 0, 0]);
    let swapped = [connected(&topics), old(&events, 20), old(&events, 10)].into_iter();
    let swapped = swapped.chain(at_places(&events, (30..=100).step_by(10)));
    assert_eq!(judge(swapped.collect()), [0, 0, 0, 1], "not in the order of the log");
    // Of one topic, the other's events are none of its own.
    let odd = || (10..=90).step_by(20);
    let one = |topic| [connected(&[topic])].into_iter().chain(at_places(&events, odd())).collect();
    assert_eq!(judge(one(topics[0])), [0, 0, 0, 0]);
    assert_eq!(judge(one(topics[1]))[3], 5);
}

#[test]
fn who_joins_gets_all_and_who_leaves_nothing() {
    let (truth, events, topics) = two_topics();
    let judge = |steps: Vec<Step>| judge_as(Scene::Topics, &truth, steps);
    let joins = |joined: Vec<u64>| {
        let before = [connected(&topics[..1]), event(&events, 10), event(&events, 30), connected(&topics)];
        let steps = before.into_iter().chain(joined.into_iter().map(|position| old(&events, position)));
        judge(steps.chain(at_places(&events, (40..=100).step_by(10))).collect())
    };
    assert_eq!(joins(vec![20]), [0, 0, 0, 0]);
    assert_eq!(joins(vec![]), [1, 0, 0, 0], "it had a right to the event before");
    let leaves = [connected(&topics), event(&events, 10), connected(&topics[1..])];
    let rest = || at_places(&events, (20..=100).step_by(20));
    assert_eq!(judge(leaves.into_iter().chain(rest()).collect()), [0, 0, 0, 0]);
    let claimed = [connected(&topics), event(&events, 10), moved(Mark::At(at(35)))];
    let steps = claimed.into_iter().chain(at_places(&events, (40..=100).step_by(10)));
    assert_eq!(judge(steps.collect()), [2, 0, 0, 0], "an ID alone goes past two");
}

#[test]
fn a_reset_is_of_what_is_gone() {
    let (mut truth, events, topics) = two_topics();
    let steps = |reset: Step, from: u64| {
        let begins = [connected(&topics), event(&events, 10), event(&events, 20), reset];
        begins.into_iter().chain(at_places(&events, (from..=100).step_by(10))).collect::<Vec<_>>()
    };
    assert_eq!(judge_as(Scene::Topics, &truth, steps(reset(None), 30)), [0, 0, 1, 0], "nothing is gone");
    let long_ago = Instant::now() - Duration::from_secs(60);
    truth.gone([30], Gone { since: long_ago, by: long_ago });
    let judge = |steps: Vec<Step>| judge_as(Scene::Topics, &truth, steps);
    assert_eq!(judge(steps(reset(None), 40)), [0, 0, 0, 0]);
    assert_eq!(judge(steps(reset(Some(1)), 40)), [0, 0, 0, 0]);
    assert_eq!(judge(steps(reset(Some(2)), 40)), [0, 0, 0, 1], "a wrong count");
    assert_eq!(judge(steps(reset(None), 50)), [1, 0, 0, 0], "one that is there");
    let mut untold = steps(reset(None), 40);
    untold.remove(3);
    assert_eq!(judge(untold), [1, 0, 0, 0]);
    let mut twice = steps(reset(None), 40);
    twice.insert(4, reset(None));
    assert_eq!(judge(twice), [0, 0, 1, 0], "it was told already");
}

#[test]
fn another_server_tells_only_what_was_not_told() {
    let (mut truth, events, topics) = two_topics();
    let long_ago = Instant::now() - Duration::from_secs(60);
    truth.gone([30, 50], Gone { since: long_ago, by: long_ago });
    let a = number_of_log(&topic_name(Scene::Topics, topics[0]));
    let judge = |first: String, second: Option<String>| {
        let begins = [connected(&topics), event(&events, 10), event(&events, 20), reset_at(&first)];
        let second = second.map(|id| reset_at(&id));
        let rest = at_places(&events, [40, 60, 70, 80, 90, 100]);
        let steps = begins.into_iter().chain([connected(&topics)]).chain(second).chain(rest);
        judge_as(Scene::Topics, &truth, steps.collect::<Vec<_>>())
    };
    let at = |position| format!("e-20_{a}-{position}");
    assert_eq!(judge(at(30), Some(at(50))), [0, 0, 0, 0], "the first server still had the other");
    assert_eq!(judge(at(50), None), [0, 0, 0, 0], "both are told");
    assert_eq!(judge(at(50), Some(at(50))), [0, 0, 1, 0], "both were told");
    assert_eq!(judge(at(30), None), [1, 0, 0, 0], "the other was not");
    assert_eq!(judge("e-50".to_owned(), None)[0], 1, "one of the other topic is there");
    let alone = |places: &str| {
        let to = Epochs::default().mark(&format!("e-20_{a}-{places}")).unwrap();
        let steps =
            [connected(&topics), event(&events, 10), event(&events, 20), reset_at(&at(30)), moved(to)];
        let rest = at_places(&events, [40, 60, 70, 80, 90, 100]);
        judge_as(Scene::Topics, &truth, steps.into_iter().chain(rest))
    };
    assert_eq!(alone("50"), [0, 0, 0, 0], "it was told just before");
    assert_eq!(alone("70")[0], 1, "one that is there");
    // It was told in both, one after the other, so its ID says in the end that it has nothing, and begins with what is there.
    let told_in_both = || {
        let begun = Epochs::default().mark("e~100").unwrap();
        [connected(&topics), event(&events, 10), event(&events, 20), reset_at(&at(30)), moved(begun)]
    };
    let goes_on = |truth: &Truth, places: &[u64]| {
        let back = [connected(&topics)].into_iter().chain(at_places(&events, places.iter().copied()));
        judge_as(Scene::Topics, truth, told_in_both().into_iter().chain(back).collect::<Vec<_>>())
    };
    assert_eq!(goes_on(&truth, &[40, 60, 70, 80, 90, 100]), [0, 0, 0, 0]);
    assert_eq!(goes_on(&truth, &[40, 60, 80, 90, 100])[0], 1, "one that is there");
    let later = Instant::now() + Duration::from_secs(60);
    let (mut gone_since, ..) = two_topics();
    gone_since.gone([30, 50], Gone { since: long_ago, by: long_ago });
    gone_since.gone([70], Gone { since: later, by: later });
    assert_eq!(goes_on(&gone_since, &[40, 60, 80, 90, 100])[0], 1, "it went behind what it was told");
}

#[test]
fn an_own_id_is_forgotten_with_its_event() {
    let (mut truth, events, topics) = two_topics();
    let steps = || {
        let row = Step::Event { at: Some(Mark::Row(events[2])), name: events[2] };
        let to = Some(Mark::Several(None));
        let told = Reset { reason: "unknown".to_owned(), missed: None, to, at: Instant::now() };
        let begins = [connected(&topics), event(&events, 10), event(&events, 20), row];
        let reset = [connected(&topics), Step::Reset(Box::new(told))].into_iter();
        // It begins again with what is there.
        begins.into_iter().chain(reset).chain(at_places(&events, (40..=100).step_by(10)))
    };
    assert_eq!(judge_as(Scene::Topics, &truth, steps())[2], 1, "it is retained");
    let long_ago = Instant::now() - Duration::from_secs(60);
    truth.gone([10, 20, 30], Gone { since: long_ago, by: long_ago });
    assert_eq!(judge_as(Scene::Topics, &truth, steps()), [0, 0, 0, 0]);
    assert_eq!(judge_as(Scene::Topics, &truth, steps().filter(|step| !is_at(step, &events, 40)))[0], 1);
}

fn is_at(step: &Step, events: &[Name], position: u64) -> bool {
    matches!(step, Step::Event { name, .. } if *name == events[position as usize / 10 - 1])
}

/// Three events of each of two keys in turn, at 10, 20, .. 60; the last of the second takes it away.
fn board() -> (Truth, Vec<Name>) {
    let names = || (0..100_000).map(|number| Name { origin: 1, number });
    let of = |key, is_removal| {
        names().filter(move |name: &Name| name.key() == key && name.is_removal() == is_removal)
    };
    let mut events: Vec<_> = of(0, false).zip(of(1, false)).flat_map(|(a, b)| [a, b]).take(5).collect();
    events.extend(of(1, true).next());
    let mut truth = Truth::default();
    for (name, position) in events.iter().zip((10..).step_by(10)) {
        truth.acknowledged(at(position), *name);
    }
    (truth, events)
}

#[test]
fn a_board_ends_with_the_newest_of_each_key() {
    let (truth, events) = board();
    let judge = |steps: Vec<Step>| judge_as(Scene::Board, &truth, steps);
    let live = |places: Vec<u64>| {
        let begins = [connected(&[]), moved(Mark::At(at(5)))];
        judge(begins.into_iter().chain(at_places(&events, places)).collect())
    };
    assert_eq!(live(vec![10, 20, 30, 40, 50, 60]), [0, 0, 0, 0]);
    assert_eq!(live(vec![50, 60]), [0, 0, 0, 0], "what is superseded may be left out");
    assert_eq!(live(vec![40, 50]), [1, 0, 0, 0], "the second is gone, and it does not know");
    assert_eq!(live(vec![50]), [0, 0, 0, 0], "it never had the second");
    assert_eq!(live(vec![30, 60]), [1, 0, 0, 0]);
    assert!(live(vec![50, 30, 60])[1] > 0, "an older one behind a newer one");
    assert!(live(vec![50, 50, 60])[1] > 0);
}

#[test]
fn a_state_comes_again_to_who_was_cut_in_it() {
    let (mut truth, events) = board();
    let state = |position: u64| {
        let Step::Event { name, .. } = event(&events, position) else { unreachable!() };
        Step::Event { at: None, name }
    };
    let begins = || [connected(&[]), moved(Mark::Begun(at(40))), state(30)];
    let rest = || [state(30), state(40), moved(Mark::At(at(40))), event(&events, 50), event(&events, 60)];
    let judge = |truth: &Truth, steps: Vec<Step>| judge_as(Scene::Board, truth, steps);
    let again = begins().into_iter().chain([connected(&[])]).chain(rest());
    assert_eq!(judge(&truth, again.collect()), [0, 0, 0, 0]);
    assert!(judge(&truth, begins().into_iter().chain(rest()).collect())[1] > 0, "of one connection");
    let behind: Vec<_> =
        begins().into_iter().take(2).chain(rest()).chain([connected(&[]), state(60)]).collect();
    assert!(judge(&truth, behind)[3] > 0, "it has the state already");
    let reset: Vec<_> = begins().into_iter().chain([reset(None)]).chain(rest()).collect();
    assert_eq!(judge(&truth, reset.clone())[2], 1, "nothing was trimmed");
    truth.trimmed(Instant::now() - Duration::from_secs(1), 45);
    assert_eq!(judge(&truth, reset)[2], 0);
}
