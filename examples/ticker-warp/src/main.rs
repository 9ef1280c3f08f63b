//! A ticker with warp: events of an enum, resumed by their last event ID, drained before the server stops.
//! Try it: `cargo run -p ticker-warp -- --port 3000`, then `curl -N http://127.0.0.1:3000/events`.

use std::time::{Duration, UNIX_EPOCH};
use std::{env, error::Error, io, io::Write as _, str::FromStr};

use tokio::{net::TcpListener, time::sleep};
use typed_sse::{Channel, PublishError, SseEvent};
use typed_sse_warp::{LastEventIdSource, Shutdown, SocketOptions, Sse, last_event_id_from};
use warp::Filter as _;

#[derive(SseEvent)]
enum Ticker {
    Tick { number: u64, at: u64 }, // `at` is in milliseconds since 1970.
    Tock { number: u64, at: u64 },
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let ticker = Channel::new();
    let channel = ticker.clone();
    let events = warp::path!("events")
        .and(warp::get().or(warp::head()).unify())
        .and(warp::method())
        .and(last_event_id_from(LastEventIdSource::new().or_query("last_event_id")))
        .map(move |method, last| Sse::new(channel.subscribe(last)).method(&method));
    let port = argument("--port", 3000)?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await;
    let listener =
        listener.map_err(|error| format!("cannot listen on port {port}: {error}; try `--port 3001`"))?;
    // What it accepts inherits this: a small event must not wait, nor the server for a client that stops reading.
    SocketOptions::new().tune(&listener);
    writeln!(io::stdout(), "http://{}", listener.local_addr()?)?;
    let serve = Shutdown::on_signal()
        .drain(&ticker)
        .serve(|stop| warp::serve(events).incoming(listener).graceful(stop).run());
    tokio::select! {
        served = serve => served?,
        failed = keep_ticking(&ticker, argument("--every", 100)?) => failed?,
    }
    Ok(())
}

async fn keep_ticking(ticker: &Channel<Ticker>, every: u64) -> Result<(), PublishError> {
    for number in 1.. {
        sleep(Duration::from_millis(every)).await;
        let at = UNIX_EPOCH.elapsed().unwrap_or_default().as_millis() as u64;
        let event = if number % 2 == 1 { Ticker::Tick { number, at } } else { Ticker::Tock { number, at } };
        ticker.publish(&event).await?;
    }
    Ok(())
}

/// What stands behind `name` on the command line.
fn argument<T: FromStr>(name: &str, default: T) -> Result<T, String> {
    let Some(value) = env::args().skip_while(|argument| argument != name).nth(1) else { return Ok(default) };
    value.parse().map_err(|_| format!("`{name} {value}` is no number that fits: try `{name} 3000`"))
}
