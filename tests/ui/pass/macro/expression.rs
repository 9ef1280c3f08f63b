use typed_sse::SseEvent;

macro_rules! event {
    ($name:ident, $id:expr, $retry:literal) => {
        #[derive(SseEvent)]
        #[sse(retry = $retry)]
        struct $name(#[sse(id = $id)] u64);
    };
}

event!(Literal, |_| 5, 1);
event!(Text, |seq| seq, 1);
event!(Call, |seq| u64::max(*seq, 2), 2);

fn main() {}
