use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Board<T> {
    Halted,
    #[sse(transparent)]
    Trading(T),
}

#[derive(SseEvent)]
enum Trading {
    Halted,
}

fn main() {
    let board = [Board::Halted, Board::Trading(Trading::Halted)];
    let _ = board.each_ref().map(SseEvent::to_frame);
}
