use typed_sse::SseEvent;

macro_rules! events {
    ($($name:ident: $ty:ty => $event:literal),*) => {
        #[derive(SseEvent)]
        enum Event {
            $(#[sse(event = $event)] $name($ty)),*
        }
    };
}

events!(Price: f64 => "price", Error: String => "", Twice: u8 => "price", Number: u8 => 5);

fn main() {}
