//! What narrows a subscription, or ends it.

use typed_sse_core::{Frame, Topics};

use super::{Row, publish, see};

#[tokio::test]
async fn two_filters_narrow_both() {
    let topics = Topics::<Row>::new();
    let channel = topics.channel("a").unwrap();
    for swapped in [false, true] {
        let may_read = |frame: &Frame| frame.key().is_some();
        let wants = |frame: &Frame| !frame.as_ref().ends_with(b"2=2\n\n");
        let (one, both) = (channel.subscribe(None), topics.subscribe(["a", "b"], None).unwrap());
        let (mut one, mut both) = match swapped {
            false => (one.filter(may_read).filter(wants), both.filter(may_read).filter(wants)),
            true => (one.filter(wants).filter(may_read), both.filter(wants).filter(may_read)),
        };
        for row in [Row::Price(1, 1), Row::Price(2, 2), Row::Note(3)] {
            publish(&channel, &row);
        }
        assert_eq!(see(&mut one).data(), ["1=1"]);
        assert_eq!(see(&mut both).data(), ["1=1"]);
    }
}

#[tokio::test]
async fn either_of_two_last_events_ends() {
    for first in [1, 2] {
        let topics = Topics::<Row>::new();
        let channel = topics.channel("a").unwrap();
        let until = |n: u64| {
            let end = format!("note {n}\n\n");
            move |frame: &Frame| frame.as_ref().ends_with(end.as_bytes())
        };
        let one = |last: &str| channel.subscribe(last).until(until(1)).until(until(2));
        let both = |last: &str| topics.subscribe(["a", "b"], last).unwrap().until(until(1)).until(until(2));
        let (mut of_one, mut of_both) = (one(""), both(""));
        for n in [0, first, 3] {
            publish(&channel, &Row::Note(n));
        }
        let last = format!("note {first}");
        for seen in [see(&mut of_one), see(&mut of_both)] {
            assert_eq!((seen.data(), seen.ended), (vec!["note 0", &*last], true));
            assert!(see(&mut one(&seen.last)).ended && see(&mut both(&seen.last)).ended);
        }
    }
}
