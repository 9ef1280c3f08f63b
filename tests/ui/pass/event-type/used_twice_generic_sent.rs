use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Board<T> {
    Halted,
    #[sse(transparent)]
    Trading(T),
}

#[derive(SseEvent)]
enum Trading {
    Resumed,
}

fn main() {
    let board = [Board::Halted, Board::Trading(Trading::Resumed)];
    let _ = board.each_ref().map(SseEvent::to_frame);
}
