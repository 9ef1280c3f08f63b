use super::*;

const fn event(event_type: &'static str) -> Entry {
    Entry::Event(EventSpec::new(event_type))
}

const fn fixed(event_type: &'static str, text: &'static str) -> Entry {
    Entry::Event(EventSpec::new(event_type).with_format(DataFormat::Fixed(text)))
}

#[test]
fn iterates_nested_events_in_place() {
    const INNER: Catalogue = Catalogue::new(&[event("b"), event("c")]);
    const MIDDLE: Catalogue = Catalogue::new(&[Entry::Nested(&INNER), event("d")]);
    const OUTER: Catalogue = Catalogue::new(&[event("a"), Entry::Nested(&MIDDLE), event("e")]);
    let types: Vec<_> = OUTER.iter().map(EventSpec::event_type).collect();
    assert_eq!(types, ["a", "b", "c", "d", "e"]);
    assert_eq!(OUTER.len(), 5);
}

#[test]
fn what_contains_an_open_type_is_open() {
    const CLOSED: Catalogue = Catalogue::new(&[event("a")]);
    const OPEN: Catalogue = Catalogue::new(&[event("b"), Entry::Open, event("c")]);
    const AROUND: Catalogue = Catalogue::untagged(&[Entry::Nested(&CLOSED), Entry::Nested(&OPEN)]);
    const UNTYPED: Catalogue = Catalogue::new(&[Entry::Nested(&Catalogue::UNTYPED), Entry::Nested(&CLOSED)]);
    const _: () = assert!(AROUND.is_open() && UNTYPED.is_open() && !CLOSED.is_open());
    assert!(Catalogue::UNTYPED.is_open() && Catalogue::UNTYPED.is_empty());
    assert!(!Catalogue::new(&[]).is_open() && Catalogue::new(&[]).is_empty());
    let types: Vec<_> = AROUND.iter().map(EventSpec::event_type).collect();
    assert_eq!((types, AROUND.len(), UNTYPED.len()), (vec!["a", "b", "c"], 3, 1));
}

#[test]
fn an_untagged_type_has_one_event_type_many_times() {
    const INNER: Catalogue = Catalogue::untagged(&[event("a"), event("a")]);
    const OUTER: Catalogue = Catalogue::untagged(&[event("a"), Entry::Nested(&INNER)]);
    // The type around it is none of that.
    const AROUND: Catalogue = Catalogue::new(&[Entry::Nested(&OUTER), event("b")]);
    assert_eq!((INNER.len(), OUTER.len(), AROUND.len()), (2, 3, 4));
}

#[test]
#[should_panic(expected = "event type `a` is used twice, once by a nested type")]
fn untagged_event_outside() {
    static INNER: Catalogue = Catalogue::untagged(&[event("a"), event("a")]);
    static ENTRIES: [Entry; 2] = [Entry::Nested(&INNER), event("a")];
    let _ = Catalogue::new(&ENTRIES);
}

#[test]
#[should_panic(
    expected = "event type `b` is used twice: give one of them another `event = \"...\"`, or make"
)]
fn two_side_by_side() {
    static ENTRIES: [Entry; 3] = [event("b"), event("a"), event("b")];
    let _ = Catalogue::new(&ENTRIES);
}

#[test]
fn what_was_compared_is_not_compared_again() {
    static ENTRIES: [Entry; 2] = [event("a"), event("a")];
    assert_eq!(Catalogue::compared(&ENTRIES).len(), 2);
}

#[test]
#[should_panic(expected = "event type `a` is used twice, once by a nested type")]
fn what_is_nested_is_always_compared() {
    static INNER: Catalogue = Catalogue::new(&[event("a")]);
    static ENTRIES: [Entry; 2] = [event("a"), Entry::Nested(&INNER)];
    let _ = Catalogue::compared(&ENTRIES);
}

/// More event types than anybody has, alike but for their end, within what the compiler takes for a long evaluation.
#[test]
fn many_events_are_compared_in_time() {
    const fn name(i: usize) -> [u8; 24] {
        let mut name = *b"a.common.prefix.of_00000";
        let (mut rest, mut at) = (i, name.len());
        while rest > 0 {
            at -= 1;
            name[at] += (rest % 10) as u8;
            rest /= 10;
        }
        name
    }
    const NAMES: [[u8; 24]; 300] = {
        let mut names = [[0; 24]; 300];
        let mut i = 0;
        while i < names.len() {
            names[i] = name(i);
            i += 1;
        }
        names
    };
    static ENTRIES: [Entry; 300] = {
        let mut entries = [Entry::Open; 300];
        let mut i = 0;
        while i < entries.len() {
            entries[i] = match std::str::from_utf8(&NAMES[i]) {
                Ok(name) => event(name),
                Err(_) => Entry::Open,
            };
            i += 1;
        }
        entries
    };
    const MANY: Catalogue = Catalogue::new(&ENTRIES);
    assert_eq!(MANY.len(), 300);
}

#[test]
fn fixed_texts_tell_events_apart() {
    const INNER: Catalogue = Catalogue::new(&[fixed("message", "[DONE]")]);
    const OUTER: Catalogue =
        Catalogue::new(&[event("message"), Entry::Nested(&INNER), fixed("message", "[STOP]")]);
    assert_eq!(OUTER.len(), 3);
}

#[test]
#[should_panic(expected = "event type `b` is used twice")]
fn nested_event_after_own() {
    static INNER: Catalogue = Catalogue::UNTYPED;
    static NESTED: Catalogue = Catalogue { entries: &[event("a"), event("b"), Entry::Nested(&INNER)] };
    static ENTRIES: [Entry; 2] = [event("b"), Entry::Nested(&NESTED)];
    let _ = Catalogue::new(&ENTRIES);
}

#[test]
#[should_panic(expected = "event type `b` is used twice")]
fn nested_event_in_two_nested() {
    static ONE: Catalogue = Catalogue { entries: &[event("a"), event("b")] };
    static TWO: Catalogue = Catalogue { entries: &[event("c"), event("b")] };
    static DEEP: Catalogue = Catalogue { entries: &[Entry::Nested(&TWO)] };
    static ENTRIES: [Entry; 2] = [Entry::Nested(&ONE), Entry::Nested(&DEEP)];
    let _ = Catalogue::new(&ENTRIES);
}
