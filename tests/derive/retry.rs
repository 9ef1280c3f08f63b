//! `retry`, on a variant and on a field.

use std::time::Duration;

use typed_sse::SseEvent;

use crate::wire;

#[derive(SseEvent)]
enum Retry {
    #[sse(retry = 3000)]
    Fixed,
    #[sse(retry = 0)]
    AtOnce(u8),
    #[sse(retry = 18_446_744_073_709_551_615)]
    Never,
    Field {
        #[sse(retry)]
        after: Duration,
        x: u8,
    },
    Tuple(u8, #[sse(retry)] Duration),
    Maybe(#[sse(retry)] Option<Duration>),
}

#[test]
fn reconnection_times() {
    for (event, expected) in [
        (Retry::Fixed, "event: fixed\nretry: 3000\ndata: null\n\n"),
        (Retry::AtOnce(1), "event: at_once\nretry: 0\ndata: 1\n\n"),
        (Retry::Never, "event: never\nretry: 18446744073709551615\ndata: null\n\n"),
        (
            Retry::Field { after: Duration::from_millis(1500), x: 1 },
            "event: field\nretry: 1500\ndata: {\"x\":1}\n\n",
        ),
        (Retry::Maybe(Some(Duration::from_secs(1))), "event: maybe\nretry: 1000\ndata: null\n\n"),
        (Retry::Maybe(None), "event: maybe\ndata: null\n\n"),
        (Retry::Tuple(2, Duration::from_micros(1999)), "event: tuple\nretry: 1\ndata: 2\n\n"),
    ] {
        assert_eq!(wire(&event), expected);
    }
}
