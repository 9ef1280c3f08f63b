use typed_sse::SseEvent;

macro_rules! event {
    ($name:ident, $id:expr, $retry:expr) => {
        #[derive(SseEvent)]
        #[sse(retry = $retry)]
        struct $name(#[sse(id = $id)] u64);
    };
}

event!(Literal, 5, 1);
event!(Text, "seq", "1");
event!(Call, u64::max(1, 2), 1 + 1);

fn main() {}
