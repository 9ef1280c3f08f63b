use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Hen {
    Cluck,
    #[sse(transparent)]
    Laid(Box<Egg>),
}

#[derive(SseEvent)]
enum Egg {
    Crack,
    #[sse(transparent)]
    Hatched(Box<Hen>),
}

fn main() {}
