#![allow(clippy::unwrap_used, reason = "these are tests")]

use std::collections::BTreeMap;

use fastrand::Rng;
use typed_sse_core::store::{Epoch, Range, Record, Token};

use super::*;

/// A stream, as the server keeps it: what is deleted is gone.
#[derive(Default)]
struct Stream {
    messages: BTreeMap<u64, (u64, Vec<Record>, Option<Token>)>,
    /// The newest checkpoint, as it was written.
    state: Option<(String, Head)>,
    last: u64,
}

fn limits(rng: &mut Rng) -> Limits {
    Limits {
        events: rng.u64(1..12),
        bytes: [40, u64::MAX][rng.usize(..2)],
        age_ms: [None, Some(30)][rng.usize(..2)],
        keys: rng.u64(1..4),
    }
}

fn record(rng: &mut Rng, n: usize) -> Record {
    let topic = ["", "a", "b", "c"][rng.usize(..4)];
    match rng.u8(..40) {
        0 => return Record::close(topic),
        1 => return Record::finish(topic),
        _ => {}
    }
    let mut fields = vec![("data", "x".repeat(rng.usize(..9))), ("topic", topic.to_owned())];
    if rng.bool() {
        fields.push(("id", (n - rng.usize(..n.min(6) + 1)).to_string()));
    }
    if rng.bool() {
        fields.push(("key", ["k", "l", "m", "n", "o"][rng.usize(..5)].to_owned()));
        if rng.u8(..5) == 0 {
            fields.push(("flags", "tombstone".to_owned()));
        }
    }
    Record::from_fields(fields).unwrap()
}

impl Stream {
    /// Applies what is there, as one does who begins anew.
    fn read(&self, epoch: Epoch, first: Limits) -> Index {
        let (mut index, trusted) = match &self.state {
            None => (Index::new(epoch), 0),
            Some((text, head)) => {
                let checkpoint = serde_json::from_str(text).unwrap();
                (Index::of_checkpoint(epoch, checkpoint, head.clone()), head.applied)
            }
        };
        if trusted == 0 {
            index.pass(1, 0);
            index.set_limits(1, first);
        }
        for (sequence, (at, records, token)) in &self.messages {
            if *sequence <= trusted {
                index.restore(*sequence, *at, records);
            } else {
                index.apply(*sequence, *at, records, token.as_ref());
            }
        }
        index.applied = index.applied.max(self.last);
        index
    }

    /// Does what one does who tidies up.
    fn tidy(&mut self, index: &mut Index) {
        let text = serde_json::to_string(&index.checkpoint()).unwrap();
        for gone in index.idle().into_iter().chain(index.dead()) {
            self.messages.remove(&gone);
        }
        self.last += 1;
        let head = Head { sequence: self.last, ..index.next_head() };
        self.messages = self.messages.split_off(&head.first);
        index.pass(self.last, 0);
        index.set_head(head.clone());
        self.state = Some((text, head));
    }
}

/// All that can be asked of an index.
fn shown(index: &Index) -> String {
    let mut shown = format!("{:?}", (index.bounds(None), index.places(&Range::after(0))));
    for topic in ["", "a", "b", "c"] {
        let range = Range::after(0).of(topic);
        let ids: Vec<_> = (0..800).filter_map(|id| index.find(topic, &id.to_string())).collect();
        shown +=
            &format!("\n{:?}", (index.bounds(Some(topic)), index.places(&range), index.newest(&range), ids));
    }
    for producer in ["p", "q"] {
        let judged: Vec<_> =
            (0..60).map(|n| index.judge(&[], Some(&Token::new(producer, n / 20, n % 20)))).collect();
        shown += &format!("\n{judged:?}");
    }
    shown
}

/// One who was there all the time, and one who begins anew at any moment, know the same and judge the same.
#[test]
fn who_begins_anew_knows_what_the_others_know() {
    for seed in std::env::var("TYPED_SSE_SEED").ok().map_or(0..40, |seed| {
        let seed: u64 = seed.parse().unwrap();
        seed..seed + 1
    }) {
        let mut rng = Rng::with_seed(seed);
        let (epoch, first) = (Epoch::random(), limits(&mut rng));
        let mut stream = Stream { last: 1, ..Stream::default() };
        let mut index = Index::new(epoch);
        index.pass(1, 0);
        index.set_limits(1, first);
        let mut numbers = [0_u64; 2];
        for n in 1..300 {
            stream.last += 1;
            let records: Vec<_> = (0..rng.usize(1..4)).map(|_| record(&mut rng, n)).collect();
            let token = (rng.u8(..4) == 0).then(|| {
                let producer = rng.usize(..2);
                numbers[producer] += 1;
                Token::new(["p", "q"][producer], numbers[producer] / 20, numbers[producer] % 20)
            });
            let at = n as u64 * 3;
            index.apply(stream.last, at, &records, token.as_ref());
            stream.messages.insert(stream.last, (at, records, token));
            if rng.u8(..10) == 0 {
                stream.tidy(&mut index);
            }
            if rng.u8(..10) == 0 {
                let again = stream.read(epoch, first);
                assert_eq!(shown(&again), shown(&index), "TYPED_SSE_SEED={seed}, {n}");
                if rng.bool() {
                    index = again;
                }
            }
        }
        assert!(index.lowest() <= index.first_wanted(), "TYPED_SSE_SEED={seed}");
    }
}

/// A message goes when the last of its records does, and what was refused goes as well.
#[test]
fn what_is_not_wanted_is_named() {
    let mut index = Index::new(Epoch::random());
    let record = |fields: &[(&str, &str)]| Record::from_fields(fields.iter().copied()).unwrap();
    index.pass(1, 0);
    index.set_limits(1, Limits { events: 1, ..Limits::DEFAULT });
    let [a, b] = ["a", "b"].map(|topic| record(&[("data", "1"), ("topic", topic)]));
    index.apply(2, 0, &[a.clone(), b], None);
    index.apply(3, 0, std::slice::from_ref(&a), None);
    assert_eq!((index.dead(), index.idle()), (vec![1], vec![]));
    index.apply(4, 0, &[record(&[("data", "2"), ("topic", "b"), ("id", "7"), ("key", "k")])], None);
    assert_eq!(index.dead(), [1, 2]);
    let refused = index.apply(5, 0, &[record(&[("data", "2"), ("topic", "b"), ("id", "7")])], None);
    assert!(
        matches!(refused, Verdict::Refused(Refusal::DuplicateId { position, .. }) if position == 4 << 16)
    );
    // It is kept for its key, until a tombstone comes.
    index.apply(6, 0, &[record(&[("data", "3"), ("topic", "b")])], None);
    assert_eq!((index.dead(), index.idle()), (vec![1, 2], vec![5]));
    index.apply(
        7,
        0,
        &[record(&[("data", "4"), ("topic", "b"), ("key", "k"), ("flags", "tombstone")])],
        None,
    );
    assert_eq!(index.dead(), [1, 2, 4, 6]);
    assert_eq!(index.lowest(), 1);
}

/// Whatever somebody deletes, and whatever was tidied up before: what a producer had stored and is left counts once.
#[test]
fn what_is_left_of_a_life_is_stored_in_the_next() {
    for seed in 0..200 {
        let mut rng = Rng::with_seed(seed);
        let mut index = Index::new(Epoch::random());
        let (mut left, mut stored) = (BTreeMap::new(), Vec::new());
        let mut next = [(0, 1); 3];
        for sequence in 1..200 {
            let producer = rng.usize(..3);
            let (epoch, number) = &mut next[producer];
            match rng.u8(..20) {
                0 => (*epoch, *number) = (*epoch + 1, 1),
                1 if *number > 1 => *number -= 1,
                // A gap, which is refused; then the one that was to come.
                2 if *number > 1 => *number += 1,
                _ => {}
            }
            let name = ["p", "q", "r"][producer];
            let token = Token::new(name, *epoch, *number);
            let record = Record::from_fields([("data", format!("{name} {epoch} {number}"))]).unwrap();
            match index.apply(sequence, 0, std::slice::from_ref(&record), Some(&token)) {
                Verdict::Refused(Refusal::Gap { expected }) => *number = expected,
                Verdict::Stored(_) => {
                    stored.push(sequence);
                    *number += 1;
                }
                _ => *number += 1,
            }
            left.insert(sequence, (record, token));
            if rng.u8(..40) == 0 {
                index.idle().iter().for_each(|idle| drop(left.remove(idle)));
            }
        }
        let first = rng.u64(..100);
        left.retain(|sequence, _| *sequence >= first && rng.u8(..10) > 0);
        let mut again = Index::new(Epoch::random());
        again.life = 200;
        let mut found = BTreeMap::new();
        for (sequence, (record, token)) in &left {
            if let Verdict::Stored(_) = again.apply(*sequence, 0, std::slice::from_ref(record), Some(token)) {
                assert!(found.insert(record.data().to_owned(), *sequence).is_none(), "{seed}: twice");
            }
        }
        for (record, _) in stored.iter().filter_map(|sequence| left.get(sequence)) {
            assert!(found.contains_key(record.data()), "{seed}: {record:?} is lost");
        }
        // From here on, all is as ever.
        again.pass(200, 0);
        assert!(matches!(
            again.judge(&[], Some(&Token::new("p", 99, 2))),
            Some(Verdict::Refused(Refusal::Gap { .. }))
        ));
    }
}
