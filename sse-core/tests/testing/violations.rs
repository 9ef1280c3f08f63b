//! Servers that break a promise, each in its own way: every one is caught, in words that say what happened.

use futures_util::StreamExt;
use typed_sse_core::testing::{Terms, ViolationKind};
use typed_sse_core::{Frame, Slow, Start};

use crate::scene::{Gone, Note, Price, Scene, Tamper, Tick, honest, reset, untyped};

#[test]
fn on_one_connection() {
    let cases: [(Tamper, ViolationKind, &str); 10] = [
        (
            |frames| if frames.len() == 2 { vec![] } else { honest(frames) },
            ViolationKind::Missing,
            r#"`message` `epoch-1` "tick 1" came, but not `message` `epoch-2` "2", which was published before it"#,
        ),
        (
            |frames| if frames.len() == 1 { vec![] } else { honest(frames) },
            ViolationKind::Missing,
            r#"`message` `epoch-2` "2" came, but not `message` `epoch-1` "1", which was published before it"#,
        ),
        (
            |frames| if frames.len() == 5 { vec![] } else { honest(frames) },
            ViolationKind::Missing,
            r#"`message` `epoch-4` "4" never came"#,
        ),
        (
            |frames| if frames.len() == 3 { vec![] } else { honest(frames) },
            ViolationKind::Missing,
            r#"`message` `epoch-3` "3" came, but not `message` "tick 1", which was published before it"#,
        ),
        (
            |frames| [honest(frames), honest(frames)].concat(),
            ViolationKind::Twice,
            r#"`message` `epoch-1` "1" came a second time"#,
        ),
        (
            |frames| if frames.len() == 5 { vec![frames[1].clone()] } else { honest(frames) },
            ViolationKind::Twice,
            r#"`message` `epoch-2` "2" came, but the client is past it: it came before, or was left out"#,
        ),
        (
            |frames| match frames.len() {
                1 => vec![],
                2 => vec![frames[1].clone(), frames[0].clone()],
                _ => honest(frames),
            },
            ViolationKind::OutOfOrder,
            r#"`message` `epoch-2` "2" came before `message` `epoch-1` "1", but was published behind it"#,
        ),
        (
            |frames| [honest(frames), vec![untyped("boo", Some("x"))]].concat(),
            ViolationKind::Invented,
            r#"`message` `x` "boo" came, but was never published"#,
        ),
        (
            |frames| vec![untyped("other", frames[0].id())],
            ViolationKind::Altered,
            r#"`message` `epoch-1` "other" came, but its ID is that of `message` `epoch-1` "1""#,
        ),
        (
            |frames| if frames.len() == 5 { vec![frames[2].clone()] } else { honest(frames) },
            ViolationKind::Replayed,
            r#"`message` `epoch-3` "tick 1" is ephemeral, but was replayed or came twice"#,
        ),
    ];
    for (tamper, kind, words) in cases {
        let scene = |tamper| {
            let mut scene = Scene::new(Terms::new());
            scene.open(Start::Live, Slow::Disconnect, tamper);
            scene.publish([Note(1), Note(2), Tick(1), Note(3), Note(4)]);
            scene.read();
            scene
        };
        scene(honest).is_kept();
        assert_eq!(scene(tamper).violation(), (kind, format!("connection 1 (new): {words}")));
    }
}

#[test]
fn an_ephemeral_event_that_is_replayed() {
    let mut scene = Scene::new(Terms::new());
    let tick: Tamper = |frames| [vec![untyped("tick 1", None)], honest(frames)].concat();
    scene.publish([Note(1), Tick(1), Note(2)]);
    scene.open(Start::Earliest, Slow::Disconnect, tick);
    scene.read();
    let words =
        r#"connection 1 (new): `message` `epoch-0` "tick 1" is ephemeral, but was replayed or came twice"#;
    assert_eq!(scene.violation(), (ViolationKind::Replayed, words.to_owned()));
}

#[test]
fn over_two_connections() {
    let cases: [(Tamper, ViolationKind, &str); 4] = [
        (
            |frames| if frames.len() == 1 { vec![] } else { honest(frames) },
            ViolationKind::Missing,
            r#"`message` `epoch-4` "4" came, but not `message` `epoch-3` "3", which was published before it"#,
        ),
        (
            |frames| {
                [if frames.len() == 1 { vec![untyped("2", frames[0].id())] } else { vec![] }, honest(frames)]
                    .concat()
            },
            ViolationKind::Altered,
            r#"`message` `epoch-3` "2" came, but its ID is that of `message` `epoch-3` "3""#,
        ),
        (|_| vec![], ViolationKind::Missing, r#"`message` `epoch-3` "3" never came"#),
        (
            |frames| [vec![reset("trimmed", "0", None)], honest(frames)].concat(),
            ViolationKind::NeedlessReset,
            r#"`reset` `epoch-2` "{\"reason\":\"trimmed\",\"missed\":0}" came, but all that the last event ID promises was retained"#,
        ),
    ];
    for (tamper, kind, words) in cases {
        let mut scene = Scene::new(Terms::new());
        scene.open(Start::Live, Slow::Disconnect, honest);
        scene.publish([Note(1), Note(2)]);
        assert_eq!(scene.read(), ["1", "2"]);
        scene.is_kept();
        scene.client.disconnect();
        assert_eq!(
            scene.ledger.check_caught_up(&mut scene.client).unwrap_err().kind(),
            ViolationKind::NotConnected
        );
        scene.publish([Tick(1), Note(3), Note(4)]);
        scene.open(Start::Live, Slow::Disconnect, tamper);
        scene.read();
        let words = format!("connection 2 (resumed from `epoch-2`): {words}");
        assert_eq!(scene.violation(), (kind, words));
    }
}

#[test]
fn resets_that_lie_or_are_forgotten() {
    // The client has seen 2, and comes back when 1 to 5 were trimmed; the log goes on at 6.
    let cases: [(Tamper, ViolationKind, &str); 9] = [
        (
            |frames| if frames.len() == 1 { vec![] } else { honest(frames) },
            ViolationKind::Missing,
            r#"`message` `epoch-6` "6" came, but not `message` `epoch-3` "3", which was published before it"#,
        ),
        (
            |frames| {
                if frames.len() == 1 { vec![reset("trimmed", "2", frames[0].id())] } else { honest(frames) }
            },
            ViolationKind::UntrueReset,
            r#"`reset` `epoch-5` "{\"reason\":\"trimmed\",\"missed\":2}" came, but its ID and `missed` name two places"#,
        ),
        (
            |frames| if frames.len() == 1 { vec![reset("trimmed", "2", None)] } else { honest(frames) },
            ViolationKind::Missing,
            r#"`message` `epoch-6` "6" came, but not `message` `epoch-5` "5", which was published before it"#,
        ),
        (
            |frames| if frames.len() == 1 { vec![reset("trimmed", "4", None)] } else { honest(frames) },
            ViolationKind::Twice,
            r#"`message` `epoch-6` "6" came, but the client is past it: it came before, or was left out"#,
        ),
        (
            |frames| if frames.len() == 1 { vec![reset("trimmed", "40", None)] } else { honest(frames) },
            ViolationKind::UntrueReset,
            r#"`reset` `epoch-2` "{\"reason\":\"trimmed\",\"missed\":40}" came, but only 8 were published behind what it had"#,
        ),
        (
            |frames| {
                if frames.len() == 1 {
                    vec![reset("unknown", "null", frames[0].id())]
                } else {
                    honest(frames)
                }
            },
            ViolationKind::UntrueReset,
            r#"`reset` `epoch-5` "{\"reason\":\"unknown\",\"missed\":null}" came, but the last event ID is a cursor of this log"#,
        ),
        (
            |frames| {
                if frames.len() == 1 { vec![reset("epoch", "null", frames[0].id())] } else { honest(frames) }
            },
            ViolationKind::UntrueReset,
            r#"`reset` `epoch-5` "{\"reason\":\"epoch\",\"missed\":null}" came, but the epoch is the same"#,
        ),
        (
            |frames| if frames.len() == 1 { vec![reset("epoch", "null", None)] } else { honest(frames) },
            ViolationKind::UntrueReset,
            r#"the reset said that the log of the last event ID is gone, but `message` `epoch-6` "6" of it came"#,
        ),
        (
            |frames| {
                if frames.len() == 1 { [honest(frames), honest(frames)].concat() } else { honest(frames) }
            },
            ViolationKind::NeedlessReset,
            r#"`reset` `epoch-5` "{\"reason\":\"trimmed\",\"missed\":3}" came, but the connection had begun"#,
        ),
    ];
    for (tamper, kind, words) in cases {
        let scene = |tamper| {
            let mut scene = Scene::new(Terms::new().start(Start::Earliest));
            scene.open(Start::Earliest, Slow::Disconnect, honest);
            scene.publish([Note(1), Note(2)]);
            scene.read();
            scene.client.disconnect();
            scene.publish((3..=10).map(Note));
            scene.open(Start::Earliest, Slow::Disconnect, tamper);
            scene.read();
            scene
        };
        scene(honest).is_kept();
        let words = format!("connection 2 (resumed from `epoch-2`): {words}");
        assert_eq!(scene(tamper).violation(), (kind, words));
    }
}

#[test]
fn a_client_that_cannot_resume_and_is_not_told() {
    let mut scene = Scene::new(Terms::new());
    // The ID of an event that the ledger does not know.
    scene.open(Start::Live, Slow::Disconnect, |_| vec![untyped("1", Some("foreign"))]);
    scene.client.set_terms(Terms::new());
    scene.publish([Note(1)]);
    scene.read();
    assert_eq!(scene.violation().0, ViolationKind::Invented);

    let mut scene = Scene::new(Terms::new().besides(|event| event.data() == "hello"));
    scene.open(Start::Live, Slow::Disconnect, |_| vec![untyped("hello", Some("foreign"))]);
    scene.publish([Note(1)]);
    scene.read();
    scene.ledger.check(&mut scene.client).unwrap();
    scene.open(
        Start::Earliest,
        Slow::Disconnect,
        |frames| if frames.len() == 1 { vec![] } else { honest(frames) },
    );
    scene.read();
    let words = r#"connection 2 (resumed from `foreign`): nobody can resume from this ID, but `message` `epoch-1` "1" came and no reset"#;
    assert_eq!(scene.violation(), (ViolationKind::NoReset, words.to_owned()));
    scene.open(Start::Earliest, Slow::Disconnect, |_| vec![]);
}

#[test]
fn resets_in_the_middle() {
    let cases: [(Tamper, ViolationKind, &str); 3] = [
        (
            |frames| {
                if frames.len() == 2 { vec![reset("lagged", "4", frames[1].id())] } else { honest(frames) }
            },
            ViolationKind::UntrueReset,
            r#"`reset` `epoch-6` "{\"reason\":\"lagged\",\"missed\":4}" came, but its ID and `missed` name two places"#,
        ),
        (
            |frames| if frames.len() == 2 { vec![] } else { honest(frames) },
            ViolationKind::Missing,
            r#"`message` `epoch-7` "7" came, but not `message` `epoch-2` "2", which was published before it"#,
        ),
        (
            |frames| if frames.len() == 4 { vec![reset("lagged", "0", None)] } else { honest(frames) },
            ViolationKind::NeedlessReset,
            r#"`reset` `epoch-7` "{\"reason\":\"lagged\",\"missed\":0}" came, but all that the client had not read was retained"#,
        ),
    ];
    for (tamper, kind, words) in cases {
        let scene = |tamper| {
            let mut scene = Scene::new(Terms::new().slow(Slow::Skip));
            scene.open(Start::Earliest, Slow::Skip, tamper);
            scene.publish([Note(1)]);
            scene.read();
            scene.publish((2..=11).map(Note));
            scene.read();
            scene
        };
        scene(honest).is_kept();
        assert_eq!(scene(tamper).violation(), (kind, format!("connection 1 (new): {words}")));
    }
    let mut scene = Scene::new(Terms::new().slow(Slow::Disconnect));
    scene.open(Start::Live, Slow::Skip, honest);
    scene.publish((1..=11).map(Note));
    scene.read();
    let words = r#"connection 1 (new): `reset` `epoch-11` "{\"reason\":\"lagged\",\"missed\":11}" came, but a client that lags is to be disconnected"#;
    assert_eq!(scene.violation(), (ViolationKind::NeedlessReset, words.to_owned()));
}

#[test]
fn the_newest_of_each_key() {
    let cases: [(Tamper, ViolationKind, &str); 4] = [
        (
            |frames| if frames.len() == 1 { vec![] } else { honest(frames) },
            ViolationKind::Missing,
            r#"`message` `epoch~5` "A=2" came, but not `message` `epoch-2` "B=1", which was published before it"#,
        ),
        (
            |frames| if frames.len() == 2 { vec![] } else { honest(frames) },
            ViolationKind::Missing,
            r#"the last event ID became `epoch-5`, but `message` `epoch-5` "A=2", which lies before it, never came"#,
        ),
        (
            |frames| match frames.len() {
                1 => vec![untyped("A=1", None), frames[0].clone()],
                _ => honest(frames),
            },
            ViolationKind::Stale,
            r#"`message` `epoch~5` "A=1" came, but is not the newest event of a key"#,
        ),
        (
            |frames| match frames.len() {
                1 => vec![frames[0].clone(), untyped("C gone", None)],
                _ => honest(frames),
            },
            ViolationKind::Stale,
            r#"`message` `epoch~5` "C gone" came, but is not the newest event of a key"#,
        ),
    ];
    for (tamper, kind, words) in cases {
        let scene = |tamper| {
            let mut scene = Scene::new(Terms::new().start(Start::LatestPerKey));
            scene.publish([Price("A", 1), Price("B", 1), Price("C", 1), Gone("C"), Price("A", 2)]);
            scene.open(Start::LatestPerKey, Slow::Disconnect, tamper);
            scene.client.ready_up_to(2);
            scene.ledger.check(&mut scene.client)?;
            scene.publish([Price("B", 2), Note(1)]);
            scene.read();
            scene.ledger.check(&mut scene.client).map(|()| scene)
        };
        let kept = scene(honest).unwrap();
        assert!(kept.client.events().iter().map(|event| event.data()).eq(["B=1", "A=2", "B=2", "1"]));
        let violation = scene(tamper).err().unwrap();
        let text = violation.to_string();
        let epoch = text.split_once(['-', '~']).unwrap().0.rsplit_once('`').unwrap().1;
        assert_eq!(
            (violation.kind(), text.replace(epoch, "epoch")),
            (kind, format!("connection 1 (new): {words}"))
        );
    }
}

#[test]
fn one_that_coalesces_may_miss_what_is_superseded_but_never_the_newest() {
    let newest: Tamper = |frames| if frames.len() == 3 { vec![] } else { honest(frames) };
    for (slow, tamper, missing) in [
        (Slow::Coalesce, honest as Tamper, None),
        (Slow::Coalesce, newest, Some("\"A=2\" never came")),
        (Slow::Disconnect, honest, Some("\"B=1\" came, but not `message` `epoch-1` \"A=1\"")),
    ] {
        let mut scene = Scene::new(Terms::new().slow(slow));
        scene.open(Start::Live, Slow::Coalesce, tamper);
        scene.publish([Price("A", 1), Price("B", 1), Note(1), Price("A", 2)]);
        scene.read();
        match missing {
            None => scene.is_kept(),
            Some(words) => {
                let (kind, text) = scene.violation();
                assert!(kind == ViolationKind::Missing && text.contains(words), "{text}");
            }
        }
    }
}

#[test]
fn one_that_is_told_more_than_it_asked_for_or_less_than_its_checkpoints_say() {
    let notes = |frame: &Frame| frame.key().is_none();
    let mut scene = Scene::new(Terms::new().filter(notes));
    scene.open(Start::Live, Slow::Disconnect, honest);
    scene.publish([Note(1), Price("A", 1)]);
    scene.read();
    let words = r#"connection 1 (new): `message` `epoch-2` "A=1" came, which the client did not ask for"#;
    assert_eq!(scene.violation(), (ViolationKind::Unwanted, words.to_owned()));

    for (lost, kept) in [(0, true), (3, false)] {
        let mut scene = Scene::new(Terms::new().filter(notes));
        let last = scene.client.last_event_id();
        let mut frames = 0;
        let subscription = scene.channel.subscribe(last).filter(notes).checkpoint(1);
        let lossy = StreamExt::filter(subscription, move |_| {
            frames += 1;
            std::future::ready(frames != lost)
        });
        scene.client.open(Box::pin(lossy));
        scene.publish([Note(1), Note(2), Price("A", 1)]);
        scene.read();
        scene.open(Start::Live, Slow::Disconnect, honest);
        let checked = scene.ledger.check(&mut scene.client);
        assert_eq!(checked.is_ok(), kept);
        if let Err(violation) = checked {
            let text = violation.to_string();
            assert!(text.ends_with("which lies before it, never came") && text.contains("\"2\""), "{text}");
        }
    }
}
